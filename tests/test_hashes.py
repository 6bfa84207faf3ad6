"""Perceptual hashes, held still by golden values."""

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pictures import corners, drawing, noise
from PIL import Image, ImageOps

from screening import hashes
from screening.hashes import BITS, BYTES, distance_bits, hash_picture, inverted

GOLDEN = {
    "drawing(1)": (
        drawing(1),
        "d6a7e850ad5bf0a152b7cf2a70c9225f8f62680466c946c8d8b7adb2ad515997",
        "83f2bd05f80ea5f407e29a77259c770ada373d51339c139d8de2f867f8040cc2",
    ),
    "drawing(2, (1600, 900))": (
        drawing(2, (1600, 900)),
        "b9255642caaa257d83be55d4fa837440ad35539ae415ceca3475a3b244df8bb8",
        "ec7003179fff7020d6eb0081afd62115fc7006cfb1509b9f6120f6e7118adeed",
    ),
    "drawing(3, (31, 57))": (
        drawing(3, (31, 57)),
        "bc7cad1445a7963d55d661c269524d6b11699d2dce1cd25a58d2629e99a659e3",
        "e929f86330f2c3e800c734973c07183e46bccc7c9b49870f0d8737cfccf30db6",
    ),
    "corners()": (
        corners(),
        "b3334cccb333b3334ccc4cccb333b3334ccc4cccb333b3334ccc4cccb3339991",
        "e6661999e666e66619991999e666e66619991999e666e66619991999e666ccc4",
    ),
    "noise((64, 64))": (
        noise((64, 64)),
        "d79a493b48662ec93d8283ed68230bb0d60267459ba55ed3003bfbd95f06ebb8",
        "82cf3e6e0d333b9c68d7d6b839724ee583573210cee00b8651aeae8c0a53bead",
    ),
    "blank": (
        Image.new("L", (9, 9), 200),
        "8000000000000000000000000000000000000000000000000000000000000000",
        "8000000000000000000000000000000000000000000000000000000000000000",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_hash_is_constant(name: str) -> None:
    """Where this fails, kept fingerprints no longer match: raise `hashes.VERSION` with it."""
    image, phash, mirrored = GOLDEN[name]
    found = hash_picture(image)
    assert (hashes.NAME, hashes.VERSION) == ("phash-256", "1")
    assert (found.phash.hex(), found.phash_mirrored.hex()) == (phash, mirrored)


pictures = arrays(
    np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=90).map(lambda s: (*s, 3))
).map(Image.fromarray)


@settings(deadline=None)
@given(pictures)
def test_hash_is_that_of_imagehash(image: Image.Image) -> None:
    expected = np.packbits(imagehash.phash(image, hash_size=16).hash).tobytes()
    assert hash_picture(image).phash == expected
    assert len(expected) == BYTES == BITS // 8 == 32


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "RGBA", "F", "I;16"])
def test_any_mode(mode: str) -> None:
    image = drawing().convert("L").convert(mode) if mode == "I;16" else drawing().convert(mode)
    expected = np.packbits(imagehash.phash(image, hash_size=16).hash).tobytes()
    assert hash_picture(image).phash == expected


@settings(deadline=None)
@given(pictures)
def test_mirrored_hash_is_that_of_the_mirror_image(image: Image.Image) -> None:
    once, turned = hash_picture(image), hash_picture(ImageOps.mirror(image))
    # Lanczos rounds a level otherwise from the other side, which may turn a bit or two
    assert distance_bits(once.phash_mirrored, turned.phash) <= 4
    assert distance_bits(once.phash, turned.phash_mirrored) <= 4


def test_mirror_image_of_a_drawing_is_far_from_it() -> None:
    found = hash_picture(drawing())
    turned = hash_picture(ImageOps.mirror(drawing()))
    assert distance_bits(found.phash, found.phash_mirrored) > 60
    assert distance_bits(found.phash_mirrored, turned.phash) <= 2


def test_edited_copy_is_near_and_another_picture_far() -> None:
    found = hash_picture(drawing(1)).phash
    edited = drawing(1).resize((200, 150)).convert("L")
    assert distance_bits(found, hash_picture(edited).phash) <= 16
    assert distance_bits(found, hash_picture(drawing(2)).phash) > 60


hash_bytes = st.binary(min_size=BYTES, max_size=BYTES)


@given(hash_bytes, hash_bytes)
def test_distance_is_the_number_of_different_bits(one: bytes, other: bytes) -> None:
    bits = [np.unpackbits(np.frombuffer(each, np.uint8)) for each in (one, other)]
    assert distance_bits(one, other) == int(np.count_nonzero(bits[0] != bits[1]))
    assert distance_bits(one, other) == distance_bits(other, one)
    assert distance_bits(one, one) == 0


def test_distance_from_0_to_256() -> None:
    assert distance_bits(bytes(32), bytes(32)) == 0
    assert distance_bits(bytes(32), b"\0" * 31 + b"\1") == 1
    assert distance_bits(bytes(32), b"\xff" * 32) == 256


@pytest.mark.parametrize("level", [0, 127, 255])
def test_blank_picture_has_no_contrast(level: int) -> None:
    assert hash_picture(Image.new("RGB", (50, 40), (level,) * 3)).contrast == 0


def test_contrast_is_in_grey_levels() -> None:
    halves = Image.new("L", (64, 64))
    halves.paste(255, (32, 0, 64, 64))
    assert hash_picture(halves).contrast == pytest.approx(127.5, abs=0.5)
    assert 0 < hash_picture(noise((64, 64))).contrast < 80
    assert hash_picture(corners()).contrast > 60


@pytest.mark.parametrize(
    ("set_bits", "telling"), [(0, False), (99, False), (100, True), (156, True), (157, False)]
)
def test_hash_of_a_flat_picture_tells_nothing(set_bits: int, telling: bool) -> None:
    phash = ((1 << set_bits) - 1).to_bytes(32)
    assert hashes.is_telling(phash) is telling


def test_drawings_tell_and_blank_pictures_do_not() -> None:
    assert hashes.is_telling(hash_picture(drawing()).phash)
    assert not hashes.is_telling(hash_picture(Image.new("RGB", (50, 40), "teal")).phash)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [(320, 240), (31, 57), (1600, 900)])
def test_a_negative_has_the_opposite_hash(seed: int, size: tuple[int, int]) -> None:
    image = drawing(seed, size)
    negative = hash_picture(ImageOps.invert(image))
    shown = hash_picture(image)
    assert distance_bits(inverted(shown.phash), negative.phash) <= 4
    assert distance_bits(inverted(shown.phash_mirrored), negative.phash_mirrored) <= 4
    assert distance_bits(shown.phash, negative.phash) > BITS - 8


@given(st.binary(min_size=BYTES, max_size=BYTES))
def test_a_negative_of_a_negative_is_the_picture(phash: bytes) -> None:
    assert len(inverted(phash)) == BYTES
    assert inverted(inverted(phash)) == phash
    assert distance_bits(phash, inverted(phash)) == BITS - 1
