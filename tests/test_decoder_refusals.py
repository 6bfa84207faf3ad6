"""What the decoder refuses, and at which scale it decodes what it does not."""

import io
import os
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import (
    animation,
    corners,
    drawing,
    file_of,
    ico_holding,
    noise,
    png_chunk,
    png_claiming,
    png_with,
)
from PIL import Image, ImageFile

from screening.errors import ImageRefused
from screening.images import formats
from screening.images.decoder import decode
from screening.images.view import View
from screening.settings import Limits

LIMITS = Limits()
FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "AVIF"]


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ImageRefused) as caught:
        decode(data, limits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty: the file has no bytes"),
        (b"a caption renamed to .png", "not a picture that can be read here"),
        (b"\x89PNG\r\n\x1a\n", "not a picture that can be read here"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF: a document, not a picture"),
        (bytes(1000), "not a picture that can be read here"),
    ],
)
def test_what_is_no_picture(data: bytes, reason: str) -> None:
    assert refusal(data) == reason


@pytest.mark.parametrize("picture_format", FORMATS)
@pytest.mark.parametrize("kept", [0.99, 0.5, 0.1])
def test_truncated(picture_format: str, kept: float) -> None:
    whole = file_of(noise((200, 100)), picture_format)
    refusal(whole[: int(len(whole) * kept)])


def test_corrupt_pixels() -> None:
    whole = file_of(noise((200, 100)))
    middle = len(whole) // 2
    assert refusal(whole[:middle] + bytes(64) + whole[middle + 64 :]).startswith("cannot be")


TINY = [drawing(1, (24, 16)), drawing(2, (24, 16))]
SMALL_FILES = [animation(TINY, each) for each in ("PNG", "WEBP", "TIFF", "GIF", "AVIF", "MPO")]
SMALL_FILES += [file_of(TINY[0], each) for each in ("JPEG", "BMP", "TGA", "PCX", "ICO")]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_is_refused_or_decoded_and_never_more(data: st.DataObject) -> None:
    file = bytearray(data.draw(st.sampled_from(SMALL_FILES)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    limits = Limits(max_image_pixels=100_000, max_image_side_px=2000, max_frames=4)
    try:
        decoded = decode(bytes(file), limits)
    except ImageRefused as refused:
        assert str(refused)
    else:
        assert decoded.views[0][0] == View()
        assert {picture.mode for _, picture in decoded.views} == {"RGB"}


def test_header_is_enough_to_refuse_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: object) -> None:
        pytest.fail("pixels were made")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    assert refusal(png_claiming(50_000, 50_000)) == "over 120000000 pixels"
    assert refusal(png_claiming(12_001, 10_000)) == "over 120000000 pixels"
    assert refusal(png_claiming(32_001, 10)) == "32001x10 px: a side over 32000 px"


@pytest.mark.parametrize("size", [(60, 40), (40, 60)])
def test_limits_are_exact(size: tuple[int, int]) -> None:
    data = file_of(drawing(0, size))
    decode(data, Limits(max_image_side_px=60, max_image_pixels=2400))
    over = "px: a side over 59 px"
    assert refusal(data, Limits(max_image_side_px=59)) == f"{size[0]}x{size[1]} {over}"
    assert refusal(data, Limits(max_image_pixels=2399)) == "over 2399 pixels"


def test_picture_larger_than_its_icon_says() -> None:
    inside = file_of(drawing(0, (60, 40)))
    icon = ico_holding(inside)
    assert decode(icon, Limits(max_image_side_px=60)).views[0][1].size == (60, 40)
    assert refusal(icon, Limits(max_image_side_px=59)) == "60x40 px: a side over 59 px"
    assert refusal(icon, Limits(max_image_pixels=2399)) == "over 2399 pixels"
    assert refusal(ico_holding(png_claiming(20_000, 20_000))) == "over 120000000 pixels"


def test_frames_before_a_broken_one_are_kept() -> None:
    whole = animation([noise((40, 30), seed) for seed in range(4)], "GIF")
    decoded = decode(whole[: len(whole) * 6 // 10], LIMITS)
    assert [view.frame for view, _ in decoded.views] == [0, 1]
    assert decoded.frames_left.startswith(
        "frame 3 and later ones are not screened: cannot be decoded: image file is truncated"
    )


def test_frames_before_one_over_a_limit_are_kept() -> None:
    pages = animation([drawing(0, (40, 30)), drawing(1, (50, 30)), drawing(2, (40, 30))], "TIFF")
    decoded = decode(pages, Limits(max_image_side_px=49))
    assert [view.frame for view, _ in decoded.views] == [0]
    expected = "frame 2 and later ones are not screened: 50x30 px: a side over 49 px"
    assert decoded.frames_left == expected


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_compressed_text_bomb(name: bytes) -> None:
    bomb = zlib.compress(bytes(100_000_000), 9)
    body = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[name]
    assert "too large" in refusal(png_with(png_chunk(name, body + bomb)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (file_of(corners(), "EPS"), "EPS or PostScript: not decoded"),
        (b"\xc5\xd0\xd3\xc6" + bytes(60), "EPS or PostScript: not decoded"),
        (b"\xd7\xcd\xc6\x9a" + bytes(60), "WMF or EMF: not decoded"),
        (b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(60), "WMF or EMF: not decoded"),
    ],
)
def test_no_program_is_started(
    data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    started = tmp_path / "started"
    ghostscript = tmp_path / "gs"
    ghostscript.write_text(f"#!/bin/sh\ntouch {started}\necho 10.0\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert refusal(data).startswith(reason)
    assert not started.exists()
    assert refusal(_in_iptc(data)) == "not a picture that can be read here"
    assert not started.exists()


def _in_iptc(data: bytes) -> bytes:
    """An IPTC record with a picture file inside, which Pillow would open whatever its format."""

    def field(record: int, number: int, body: bytes) -> bytes:
        return bytes([0x1C, record, number]) + len(body).to_bytes(2) + body

    facts = [(60, b"\1\0"), (20, b"\0\x30"), (30, b"\0\x20"), (120, b"\5")]
    return b"".join(field(3, number, body) for number, body in facts) + field(8, 10, data[:32_000])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(99), "HEIC"),
        (b"\xff\x0a" + bytes(99), "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99), "JPEG XL"),
    ],
)
@pytest.mark.parametrize("installed", [True, False])
def test_formats_of_plug_ins(
    data: bytes, name: str, installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda _: installed or None)
    reason = refusal(data)
    if installed:
        assert reason.startswith(f"{name}, but damaged or of a kind that ")
    else:
        assert reason == f"{name}: not read here, because screening[formats] is not installed"


def test_formats_are_tried_in_the_order_of_pillow() -> None:
    readable = formats.readable_formats()
    assert [each for each in Image.ID if each in readable] == readable
    assert {"EPS", "WMF", "IPTC"} & set(Image.ID) == {"EPS", "WMF", "IPTC"}
    assert not {"EPS", "WMF", "IPTC"} & set(readable)


def test_what_pillow_warns_of_is_no_error() -> None:
    """Palette with transparency in bytes: Pillow warns when it is converted to RGB."""
    data = file_of(corners().quantize(4), transparency=bytes(4))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="Transparency"):
            Image.open(io.BytesIO(data)).convert("RGB")
        assert len(decode(data, LIMITS).views) == 2


def test_pillow_is_left_as_it_was() -> None:
    before = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    decode(file_of(corners()), LIMITS)
    refusal(b"")
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before


@pytest.mark.parametrize(
    ("size", "decoded"),
    [
        ((1, 1), (1, 1)),
        ((20_000, 10), (20_000, 10)),
        ((10, 20_000), (10, 20_000)),
        ((256, 256), (256, 256)),
        ((511, 511), (511, 511)),
        ((512, 512), (256, 256)),
        ((513, 1025), (257, 513)),
        ((1920, 1080), (480, 270)),
        ((1080, 1920), (270, 480)),
        ((2047, 2047), (512, 512)),
        ((2048, 2100), (256, 263)),
        ((4095, 4097), (512, 513)),
        ((4100, 4100), (257, 257)),
    ],
)
@pytest.mark.parametrize("picture_format", ["JPEG", "BMP"])
def test_scale(size: tuple[int, int], decoded: tuple[int, int], picture_format: str) -> None:
    found = decode(file_of(Image.new("RGB", size, "teal"), picture_format), LIMITS)
    assert (found.width_px, found.height_px) == size
    assert found.views[0][1].size == decoded


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(1, 300))
def test_shorter_side_is_never_too_short_nor_twice_too_long(
    width: int, height: int, wanted: int
) -> None:
    data = file_of(Image.new("L", (width, height)), "JPEG")
    picture = decode(data, LIMITS, short_side_px=wanted).views[0][1]
    assert min(picture.size) >= min(wanted, width, height)
    assert min(picture.size) <= max(2 * wanted, min(width, height) // 64 + 1)


def test_reduced_jpeg_looks_like_the_whole_one() -> None:
    image = drawing(3, (1024, 768))
    ((_, picture),) = decode(file_of(image, "JPEG", quality=95), LIMITS).views
    small = image.resize(picture.size, Image.Resampling.BOX)
    assert picture.size == (512, 384)
    difference = np.abs(np.asarray(picture, np.int16) - np.asarray(small, np.int16))
    assert difference.mean() < 2
