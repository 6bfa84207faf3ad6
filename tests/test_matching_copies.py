"""Copies: exact thresholds, mirror images, the best match a picture and character."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import (
    VECTOR,
    Direct,
    built,
    fingerprint,
    flipped,
    picture,
    random_hash,
    reference,
    references,
    units,
)
from numpy.typing import NDArray

from screening import hashes
from screening.fingerprints import PictureFingerprints
from screening.fingerprints.fingerprint import Region, Sighting
from screening.hashes import NAME, distance_bits
from screening.images.view import Variant, View
from screening.index import Index
from screening.keypoints import NAME as KEYPOINTS
from screening.matching import Match, Transform, find_copies
from screening.matching.match import strength

CHANCE = np.random.default_rng(3)
HASH, MIRROR_HASH, OTHER_HASH, FAR_HASH = (random_hash(CHANCE) for _ in range(4))
E1, E2, E3 = np.eye(8, dtype=np.float32)[:3]
BITS = 56


def between(one: NDArray, other: NDArray, score: float) -> NDArray:
    """The unit vector whose cosine with ``one`` is ``score``, towards ``other``."""
    return (score * one + np.sqrt(1 - score**2) * other).astype(np.float32)


def index_of(path: Path, *images: object, copy_score: float | None = None) -> Index:
    return built(path, {"set": images}, Direct(copy_score=copy_score))  # type: ignore[dict-item]


def by_hash(pictures: Sequence[PictureFingerprints], index: Index) -> list[Match]:
    return find_copies(pictures, index, distance_bits=BITS)


@pytest.fixture
def one(tmp_path: Path) -> Index:
    image = reference(
        "r.png", "hero", E1, phash=HASH, mirror_phash=MIRROR_HASH, time_code="00:00:01.000"
    )
    return index_of(tmp_path, image)


def test_a_distance_equal_to_the_limit_is_a_copy(one: Index) -> None:
    (match,) = by_hash([picture("a", fingerprint(flipped(HASH, BITS), E2))], one)
    assert (match.method, match.distance_bits, match.score) == (NAME, BITS, None)
    assert (match.path, match.view, match.transform) == ("a", "", Transform.NONE)
    assert match.verified
    found = match.reference
    assert (found.reference_set, found.character) == ("set", "hero")
    assert (found.path, found.time_code) == ("r.png", "00:00:01.000")


def test_one_bit_more_is_none(one: Index) -> None:
    assert by_hash([picture("a", fingerprint(flipped(HASH, BITS + 1), E2))], one) == []


def test_a_mirrored_copy_is_found_and_called_so(one: Index) -> None:
    (match,) = by_hash([picture("a", fingerprint(flipped(MIRROR_HASH, 4), E2))], one)
    assert (match.transform, match.distance_bits) == (Transform.MIRRORED, 4)
    assert match.reference.path == "r.png"


def with_set_bits(count: int) -> bytes:
    bits = np.zeros(256, np.uint8)
    bits[:count] = 1
    return np.packbits(bits).tobytes()


@pytest.mark.parametrize(
    ("set_bits", "found"), [(99, 0), (100, 1), (128, 1), (156, 1), (157, 0), (0, 0), (256, 0)]
)
def test_a_flat_picture_matches_nothing_by_hash(tmp_path: Path, set_bits: int, found: int) -> None:
    flat = with_set_bits(set_bits)
    assert hashes.is_telling(flat) == bool(found)
    index = index_of(tmp_path, reference("r", "hero", E1, phash=flat))
    assert len(by_hash([picture("a", fingerprint(flat, E2))], index)) == found


def test_the_nearest_reference_of_each_character_is_named(tmp_path: Path) -> None:
    index = index_of(
        tmp_path,
        reference("far.png", "hero", E1, phash=flipped(HASH, 12)),
        reference("near.png", "hero", E1, phash=flipped(HASH, 2)),
        reference("same.png", "villain", E1, phash=HASH),
        reference("other.png", "monster", E1, phash=FAR_HASH),
    )
    found = by_hash([picture("a", fingerprint(HASH, E2))], index)
    assert {
        (each.reference.character, each.reference.path, each.distance_bits) for each in found
    } == {
        ("hero", "near.png", 2),
        ("villain", "same.png", 0),
    }


def test_of_two_equal_references_the_first_is_named(tmp_path: Path) -> None:
    index = index_of(
        tmp_path, *(reference(name, "hero", E1, phash=HASH) for name in ("a.png", "b.png"))
    )
    (match,) = by_hash([picture("x", fingerprint(HASH, E2))], index)
    assert match.reference.path == "a.png"


def test_every_view_of_a_file_is_looked_at(one: Index) -> None:
    hidden = View(frame=2, variant=Variant.OPAQUE)
    views = [
        fingerprint(FAR_HASH, E2),
        fingerprint(flipped(HASH, 20), E2, view=View(frame=1)),
        fingerprint(flipped(HASH, 8), E2, view=hidden),
    ]
    (match,) = by_hash([picture("a", *views)], one)
    assert match.view == str(hidden) == "frame 3, transparency dropped"
    assert match.distance_bits == 8


def test_scores(tmp_path: Path) -> None:
    image = reference("r.png", "hero", E1, phash=HASH, mirror_vector=E2)
    index = index_of(tmp_path, image, copy_score=0.75)
    cases = {"equal": between(E1, E3, 0.75), "mirrored": between(E2, E3, 0.9)}
    found = by_hash(
        [picture(name, fingerprint(FAR_HASH, vector)) for name, vector in cases.items()], index
    )
    assert [(each.path, each.score, each.transform) for each in found] == [
        ("equal", 0.75, Transform.NONE),
        ("mirrored", 0.9, Transform.MIRRORED),
    ]
    assert {(each.method, each.distance_bits, each.verified) for each in found} == {
        (VECTOR, None, False)
    }


def test_a_score_just_below_is_no_copy(tmp_path: Path) -> None:
    image = reference("r.png", "hero", E1, phash=HASH)
    vector = between(E1, E3, 0.75)
    query = [picture("a", fingerprint(FAR_HASH, vector))]
    score = float(vector @ E1)
    above = float(np.nextafter(np.float32(score), np.float32(2)))
    assert len(by_hash(query, index_of(tmp_path / "a", image, copy_score=score))) == 1
    assert by_hash(query, index_of(tmp_path / "b", image, copy_score=above)) == []


def test_without_a_copy_score_a_score_is_no_copy(one: Index) -> None:
    assert by_hash([picture("a", fingerprint(FAR_HASH, E1))], one) == []


def test_many_copies_of_one_character_do_not_crowd_out_another(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    images = [reference(f"{n}", "hero", E1, phash=random_hash(chance)) for n in range(30)]
    images.append(reference("late", "villain", between(E1, E2, 0.9), phash=random_hash(chance)))
    index = index_of(tmp_path, *images, copy_score=0.8)
    found = by_hash([picture("a", fingerprint(FAR_HASH, E1))], index)
    assert {(each.reference.character, each.score) for each in found} == {
        ("hero", 1.0),
        ("villain", 0.9),
    }


def test_a_hash_says_more_than_a_score(tmp_path: Path) -> None:
    index = index_of(
        tmp_path,
        reference("scored.png", "hero", E1, phash=FAR_HASH),
        reference("hashed.png", "hero", E2, phash=HASH),
        copy_score=0.8,
    )
    (match,) = by_hash([picture("a", fingerprint(flipped(HASH, 50), E1))], index)
    assert (match.reference.path, match.method, match.verified) == ("hashed.png", NAME, True)


def sighting(known: Index, **changes: object) -> Sighting:
    values = {
        "index": known.id,
        "row": 0,
        "view": 0,
        "places": 20,
        "agreement": 0.95,
        "region": Region(left=0.1, top=0.2, right=0.5, bottom=0.6),
        "reference_region": Region(left=0, top=0, right=0.4, bottom=1),
    }
    return Sighting(**(values | changes))  # type: ignore[arg-type]


def test_what_was_sighted_is_a_verified_copy(one: Index) -> None:
    seen = picture("a", fingerprint(FAR_HASH, E2))
    (match,) = by_hash([replace(seen, sightings=(sighting(one),))], one)
    assert (match.method, match.verified, match.distance_bits) == (KEYPOINTS, True, None)
    assert (match.inliers, match.agreement, match.transform) == (20, 0.95, Transform.NONE)
    assert match.region == Region(left=0.1, top=0.2, right=0.5, bottom=0.6)
    assert match.reference_region == Region(left=0, top=0, right=0.4, bottom=1)
    assert match.reference.path == "r.png"


@pytest.mark.parametrize(("agreement", "verified"), [(0.97, True), (0.969, False)])
def test_drawings_must_agree_more_than_frames_of_films(
    tmp_path: Path, agreement: float, verified: bool
) -> None:
    index = index_of(tmp_path, reference("r.png", "hero", E1, phash=HASH))
    seen = picture("a", fingerprint(FAR_HASH, E2))
    sighted = replace(seen, sightings=(sighting(index, agreement=agreement),))
    (match,) = by_hash([sighted], index)
    assert match.verified is verified


@pytest.mark.parametrize(("agreement", "verified"), [(0.941, True), (0.939, False)])
def test_in_a_large_index_a_copy_must_agree_more(
    one: Index, agreement: float, verified: bool
) -> None:
    one.manifest = {**one.manifest, "reference_images": 10_000}
    seen = picture("a", fingerprint(FAR_HASH, E2))
    (match,) = by_hash([replace(seen, sightings=(sighting(one, agreement=agreement),))], one)
    assert match.verified is verified


@pytest.mark.parametrize(("agreement", "verified"), [(0.9, True), (0.899, False)])
def test_keypoints_make_a_copy_certain_only_where_nearly_all_agree(
    one: Index, agreement: float, verified: bool
) -> None:
    seen = replace(
        picture("a", fingerprint(FAR_HASH, E2)), sightings=(sighting(one, agreement=agreement),)
    )
    (match,) = by_hash([seen], one)
    assert (match.verified, match.agreement) == (verified, agreement)


def test_the_region_of_a_mirrored_reference_is_that_of_the_reference(one: Index) -> None:
    """Row 1 is the mirror image: its left is the reference's right."""
    seen = picture("a", fingerprint(FAR_HASH, E2))
    (match,) = by_hash([replace(seen, sightings=(sighting(one, row=1),))], one)
    assert match.transform is Transform.MIRRORED
    assert match.region == Region(left=0.1, top=0.2, right=0.5, bottom=0.6)
    assert match.reference_region == Region(left=0.6, top=0, right=1, bottom=1)


def test_what_was_sighted_with_another_version_of_the_index_does_not_count(one: Index) -> None:
    seen = picture("a", fingerprint(FAR_HASH, E2))
    assert by_hash([replace(seen, sightings=(sighting(one, index="other"),))], one) == []


def test_a_sighting_names_its_view(one: Index) -> None:
    frame = fingerprint(FAR_HASH, E2, view=View(frame=1))
    seen = picture("a", fingerprint(FAR_HASH, E2), frame)
    (match,) = by_hash([replace(seen, sightings=(sighting(one, view=1),))], one)
    assert match.view == "frame 2"


def test_no_pictures_have_no_copies(one: Index) -> None:
    assert by_hash([], one) == []


def brute_force(pictures: Sequence[PictureFingerprints], index: Index) -> set[tuple[object, ...]]:
    """(path, character) and the lowest distance, one pair of hashes after another."""
    best: dict[tuple[str, str], int] = {}
    for each in pictures:
        for view in each.fingerprints:
            for row in range(len(index.entries)):
                known = bytes(index.hashes._index.reconstruct(row))
                bits = distance_bits(view.hashes.phash, known)
                key = (each.path, index.entries.character[row])
                if bits <= BITS and bits < best.get(key, 257):
                    best[key] = bits
    return {(*key, bits) for key, bits in best.items()}


def test_all_pairs_against_brute_force(tmp_path: Path) -> None:
    chance = np.random.default_rng(8)
    images = [
        each
        for character in ("a", "b", "c")
        for each in references(8, character=character, seed=ord(character))
    ]
    shown = [view.hashes.phash for each in images for view in each.picture.fingerprints]
    index = index_of(tmp_path, *images)
    pictures = [
        picture(
            f"{number}",
            *(
                fingerprint(flipped(random.Random(number + k).choice(shown), 52 + 3 * k), vector)
                for k, vector in enumerate(units(chance, 3))
            ),
        )
        for number in range(60)
    ]
    found = {
        (each.path, each.reference.character, each.distance_bits)
        for each in by_hash(pictures, index)
    }
    assert found == brute_force(pictures, index)
    assert len(found) > 60


def test_the_order_of_pictures_changes_no_match(tmp_path: Path) -> None:
    images = references(10)
    index = index_of(tmp_path, *images, copy_score=0.2)
    pictures = [
        picture(f"{number}", fingerprint(each.picture.shown.hashes.phash, units(CHANCE, 1)[0]))
        for number, each in enumerate(images)
    ]
    found = sorted(by_hash(pictures, index), key=strength)
    for seed in range(5):
        random.Random(seed).shuffle(pictures)
        assert sorted(by_hash(pictures, index), key=strength) == found
