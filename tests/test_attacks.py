"""Holes that a hostile reviewer found, each built again in small."""

import io
import json
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints
from screening.hashes import Hashes
from screening.images import decoder
from screening.images.view import Variant, View
from screening.matching import near_duplicates
from screening.matching.near_duplicates import CANDIDATES, group_near_duplicates
from screening.packs.layouts import recognise
from screening.packs.layouts.layout import MAX_CAPTION_CHARACTERS, Findings
from screening.packs.layouts.stems import MAX_CAPTIONS
from screening.settings import Limits


def deceiving_jpeg(side_px: int) -> bytes:
    """Grey at a reduced scale; at full scale the right half is clipped to something darker.

    One pixel in each block of the right half is a little brighter; the quantisation table in the
    file is then multiplied for all frequencies but the lowest, so that these pixels lie far above
    white and, clipped there, no longer balance the darker rest of their block.
    """
    levels = np.full((side_px, side_px), 128, np.uint8)
    levels[::8, side_px // 2 :: 8] = 188
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", qtables=[[2] * 64])
    data = bytearray(file.getvalue())
    table = data.index(b"\xff\xdb") + 5
    data[table + 1 : table + 64] = bytes([60] * 63)
    return bytes(data)


@pytest.mark.parametrize(("side_px", "scale"), [(1024, 4), (2304, 8)])
def test_a_jpeg_is_decoded_as_it_looks_at_full_scale(side_px: int, scale: int) -> None:
    data = deceiving_jpeg(side_px)
    with Image.open(io.BytesIO(data)) as drafted:
        drafted.draft("L", (side_px // scale, side_px // scale))
        reduced = np.asarray(drafted, dtype=np.float64)
    with Image.open(io.BytesIO(data)) as image:
        full = np.asarray(image.reduce(scale), dtype=np.float64)
    assert np.abs(reduced - full).mean() > 10  # the file does deceive
    (_, found) = decoder.decode(data, Limits()).views[0]
    assert found.size == (side_px // scale, side_px // scale)
    assert np.abs(np.asarray(found.convert("L"), dtype=np.float64) - full).max() <= 1


@pytest.mark.parametrize(("side_px", "deceived"), [(1024, False), (2048, False), (2304, True)])
def test_only_a_large_jpeg_depends_on_the_comparison_of_its_scales(
    side_px: int, deceived: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "_is_true_to_full_scale", lambda *_: True)
    data = deceiving_jpeg(side_px)
    (_, found) = decoder.decode(data, Limits()).views[0]
    with Image.open(io.BytesIO(data)) as image:
        full = image.convert("RGB").reduce(side_px // found.width)
    assert (found.tobytes() != full.tobytes()) == deceived


def test_one_text_is_kept_once_however_many_pictures_it_captions() -> None:
    findings = Findings()
    text = " " + "x" * (10 * MAX_CAPTION_CHARACTERS)
    for number in range(50):
        findings.caption(f"{number}.png", text)
    captions = [caption for each in findings.captions.values() for caption in each]
    assert len(captions) == 50
    assert len({id(caption) for caption in captions}) == 1
    assert len(captions[0]) < MAX_CAPTION_CHARACTERS


def test_a_row_of_many_names_and_texts_is_read_in_steps_that_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0
    original = Findings.caption

    def counted(self: Findings, image_path: str, text: str) -> None:
        nonlocal calls
        calls += 1
        original(self, image_path, text)

    monkeypatch.setattr(Findings, "caption", counted)
    row = {"file_names": ["a.png"] * 3000, "text": [f"b{number}" for number in range(3000)]}
    layout = recognise(["a.png"], {"metadata.jsonl": json.dumps(row)})
    assert calls <= 2 * MAX_CAPTIONS
    assert len(layout.images[0].captions) == MAX_CAPTIONS


def hiding(count: int) -> Iterator[PictureFingerprints]:
    """Files that all show one picture, each over another one."""
    random = np.random.default_rng(1)
    shown = Hashes(phash=bytes(32), phash_mirrored=bytes(32), contrast=9.0)
    for number in range(count):
        secret = random.bytes(32)
        hidden = Hashes(phash=secret, phash_mirrored=secret, contrast=9.0)
        yield PictureFingerprints(
            path=str(number),
            sha256="",
            width_px=1,
            height_px=1,
            fingerprints=(
                Fingerprint(view=View(), mirrored=False, hashes=shown, vectors={}),
                Fingerprint(
                    view=View(variant=Variant.OPAQUE), mirrored=False, hashes=hidden, vectors={}
                ),
            ),
        )


def test_files_that_hide_pictures_under_one_cost_a_bounded_number_of_comparisons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0
    original = near_duplicates._shows_all_of

    def counted(one: PictureFingerprints, other: PictureFingerprints) -> bool:
        nonlocal compared
        compared += 1
        return original(one, other)

    monkeypatch.setattr(near_duplicates, "_shows_all_of", counted)
    count = 200
    assert group_near_duplicates(list(hiding(count))).tolist() == list(range(count))
    assert compared <= count * CANDIDATES
