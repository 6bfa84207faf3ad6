"""The bytes between a decoding process and whoever asked: nothing in them is believed."""

import json

import numpy as np
import pytest
from pictures import animation, drawing
from processes import PICTURE, SQUARE

from screening.fingerprints.answer import LENGTH, Answer, most_bytes
from screening.fingerprints.decoding_process import Task, answer
from screening.images.preprocess import Preprocessing
from screening.images.view import Variant, View
from screening.settings import Limits

PADDED = Preprocessing(size_px=7, fit="pad", resample="lanczos")


def task(**changes) -> Task:
    return Task(**({"preprocessings": (SQUARE,)} | changes))


def test_round_trip() -> None:
    both = (SQUARE, PADDED)
    said = answer(
        animation([drawing(1), drawing(2)]), task(preprocessings=both, mirrored=True), Limits()
    )
    back = Answer.from_bytes(said.to_bytes(), both)
    assert back.hashed_views == said.hashed_views
    assert back.views == (View(), View(), View(frame=1), View(frame=1))
    assert (back.width_px, back.height_px, back.refused) == (320, 240, "")
    for row, expected in zip(back.pixels, said.pixels, strict=True):
        for pixels, other in zip(row, expected, strict=True):
            assert np.array_equal(pixels, other)


def test_refusal_and_frames_left_round_trip() -> None:
    refusal = Answer(refused="cannot be decoded: \x1b[31m\ud800")
    assert Answer.from_bytes(refusal.to_bytes(), [SQUARE]) == refusal
    said = answer(animation([drawing(1), drawing(2)]), task(), Limits(max_frames=1))
    assert Answer.from_bytes(said.to_bytes(), [SQUARE]).frames_left == said.frames_left != ""


def test_task_round_trip() -> None:
    given = task(preprocessings=(SQUARE, PADDED), short_side_px=9, mirrored=True)
    assert Task.from_bytes(given.to_bytes()) == given


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0",
        LENGTH.pack(2) + b"{}",
        LENGTH.pack(1 << 60) + b"{}",
        LENGTH.pack(2) + b"[]",
        LENGTH.pack(9) + b"not JSON!",
        LENGTH.pack(4) + b"\xff\xfe{}",
        Answer().to_bytes(),
        Answer(refused="no").to_bytes() + b"more",
    ],
)
def test_answer_that_is_none(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Answer.from_bytes(said, [SQUARE])


def tampered(**changes: object) -> bytes:
    whole = answer(PICTURE, task(), Limits()).to_bytes()
    size = LENGTH.unpack_from(whole)[0]
    facts = json.loads(whole[LENGTH.size : LENGTH.size + size])
    facts["views"][0] |= changes
    text = json.dumps(facts).encode()
    return LENGTH.pack(len(text)) + text + whole[LENGTH.size + size :]


@pytest.mark.parametrize(
    "changes",
    [{"phash": "00"}, {"phash": "zz"}, {"variant": "hacked"}, {"frame": "x"}, {"contrast": None}],
)
def test_facts_that_are_none(changes: dict[str, object]) -> None:
    Answer.from_bytes(tampered(), [SQUARE])
    with pytest.raises(ValueError, match=r"."):
        Answer.from_bytes(tampered(**changes), [SQUARE])


def test_longest_answer_fits() -> None:
    limits = Limits(max_frames=3)
    frames = [hidden(seed) for seed in range(4)]
    found = answer(animation(frames, "PNG"), task(mirrored=True), limits)
    assert len(found.views) == 3 * 2 * 2
    assert {view.variant for view in found.views} == {Variant.SHOWN, Variant.OPAQUE}
    assert len(found.to_bytes()) < most_bytes(limits, [SQUARE], mirrored=True)
    one_frame = most_bytes(Limits(max_frames=1), [SQUARE], mirrored=True)
    assert len(answer(PICTURE, task(mirrored=True), Limits()).to_bytes()) < one_frame


def hidden(seed: int):
    image = drawing(seed, (40, 30))
    image.putalpha(100)
    return image
