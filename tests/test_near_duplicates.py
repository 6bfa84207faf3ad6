"""Near-duplicates: which picture each repeats, in any number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import fingerprint, flipped, picture, random_hash

from screening.fingerprints import PictureFingerprints
from screening.hashes import NEAR_DUPLICATE_BITS, distance_bits
from screening.images.view import Variant, View
from screening.matching import group_near_duplicates

CHANCE = np.random.default_rng(0)
A, B, A_MIRRORED = (random_hash(CHANCE) for _ in range(3))
NOTHING = np.zeros(8, np.float32)
HIDDEN = View(variant=Variant.OPAQUE)


def of(
    phash: bytes, mirrored: bytes | None = None, hidden: bytes | None = None
) -> PictureFingerprints:
    views = [fingerprint(phash, NOTHING, phash_mirrored=mirrored)]
    if hidden is not None:
        views.append(fingerprint(hidden, NOTHING, view=HIDDEN))
    return picture("x", *views)


def groups(*pictures: PictureFingerprints) -> list[int]:
    return group_near_duplicates(pictures).tolist()


def test_none_one_and_two() -> None:
    assert groups() == []
    assert groups(of(A)) == [0]
    assert groups(of(A), of(A)) == [0, 0]
    assert groups(of(A), of(B)) == [0, 1]


def test_the_limit_is_within() -> None:
    assert groups(of(A), of(flipped(A, NEAR_DUPLICATE_BITS))) == [0, 0]
    assert groups(of(A), of(flipped(A, NEAR_DUPLICATE_BITS + 1))) == [0, 1]


def test_a_mirror_image_is_the_same_picture() -> None:
    assert groups(of(A, A_MIRRORED), of(A_MIRRORED, A)) == [0, 0]
    assert groups(of(A_MIRRORED, A), of(B), of(A, A_MIRRORED)) == [0, 1, 0]


def test_a_chain_does_not_run_away() -> None:
    """b repeats a; c is near b but not near a, so it is a picture of its own."""
    b, c = flipped(A, 12), flipped(A, 24)
    assert distance_bits(b, c) <= NEAR_DUPLICATE_BITS < distance_bits(A, c)
    assert groups(of(A), of(b), of(c)) == [0, 0, 2]
    assert groups(of(b), of(A), of(c)) == [0, 0, 0]


def test_of_two_leaders_the_first_is_named() -> None:
    left, middle, right = A, flipped(A, 12), flipped(A, 24)
    assert groups(of(left), of(right), of(middle)) == [0, 1, 0]
    assert groups(of(right), of(left), of(middle)) == [0, 1, 0]


def test_what_is_hidden_makes_another_picture() -> None:
    assert groups(of(A, hidden=A), of(A, hidden=B)) == [0, 1]
    assert groups(of(A, hidden=B), of(A, hidden=flipped(B, 16))) == [0, 0]


def test_a_copy_that_shows_less_is_the_same_picture() -> None:
    """A JPEG of a PNG with transparency, in any order; but not of what lies under it."""
    assert groups(of(A, hidden=B), of(A)) == [0, 0]
    assert groups(of(A), of(A, hidden=B)) == [1, 1]
    assert groups(of(A), of(B), of(A, hidden=B), of(A, hidden=A)) == [2, 1, 2, 3]
    assert groups(of(A, hidden=B), of(flipped(A, NEAR_DUPLICATE_BITS + 1))) == [0, 1]


def test_pictures_that_are_frames_of_an_animation_too_stay_as_many() -> None:
    """Only the frame that a person sees first stands for a picture of its own."""
    views = [
        fingerprint(each, NOTHING, view=View(frame=number)) for number, each in enumerate((A, B))
    ]
    assert groups(of(A), of(B), picture("x", *views)) == [2, 1, 2]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1000), st.integers(0, 25))
def test_leaders_against_brute_force(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    base = [random_hash(chance) for _ in range(3)]
    mirrors = [random_hash(chance) for _ in range(3)]
    pictures = []
    for _ in range(count):
        number, bits = int(chance.integers(3)), int(chance.integers(0, 40))
        pair = flipped(base[number], bits), flipped(mirrors[number], bits)
        pictures.append(of(*(pair if chance.random() < 0.7 else pair[::-1])))
    expected: list[int] = []
    for number, each in enumerate(pictures):
        hashes = each.shown.hashes
        leader = number
        for earlier in sorted(set(expected)):
            known = pictures[earlier].shown.hashes.phash
            near = min(
                distance_bits(hashes.phash, known), distance_bits(hashes.phash_mirrored, known)
            )
            if near <= NEAR_DUPLICATE_BITS:
                leader = earlier
                break
        expected.append(leader)
    assert groups(*pictures) == expected


@pytest.mark.parametrize("different", [1, 100])
def test_ten_thousand_pictures(different: int) -> None:
    base = [random_hash(CHANCE) for _ in range(different)]
    pictures = [of(base[number % different]) for number in range(10_000)]
    assert groups(*pictures) == [number % different for number in range(10_000)]
