"""Doubted hashes: near by hash, and yet only what references of others show as well."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import built, fingerprint, flipped, picture, random_hash, reference

from screening.fingerprints.fingerprint import Region, Sighting
from screening.index import Index
from screening.matching import find_copies
from screening.matching.doubted_hashes import doubt
from screening.matching.overlap import LEAST_AGREEMENT
from screening.matching.shared_parts import LEAST_OWN_AGREEMENT, SharedParts

CHANCE = np.random.default_rng(4)
E = np.eye(8, dtype=np.float32)
HASH, OTHER_HASH = random_hash(CHANCE), random_hash(CHANCE)
WHOLE = Region(left=0, top=0, right=1, bottom=1)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    one = reference("one.png", "one", E[0], phash=HASH)
    other = reference("other.png", "other", E[1], phash=OTHER_HASH)
    return built(tmp_path, {"set": [one, other]})


def check_of(index: Index, agreement: float, *, shared_with: int | None = None) -> Sighting:
    return Sighting(
        index=index.id,
        row=row_of(index, "one"),
        view=0,
        places=0,
        agreement=agreement,
        region=WHOLE,
        reference_region=WHOLE,
        by_hash=True,
        shared_with=shared_with,
    )


def row_of(index: Index, character: str) -> int:
    rows = range(len(index.entries))
    return next(
        row
        for row in rows
        if index.entries.character[row] == character and not index.entries.mirrored[row]
    )


@pytest.mark.parametrize(
    ("agreement", "doubted"),
    [
        (float(np.nextafter(LEAST_AGREEMENT, 0)), False),
        (LEAST_AGREEMENT, True),
        (float(np.nextafter(LEAST_OWN_AGREEMENT, 0)), True),
        (LEAST_OWN_AGREEMENT, False),
    ],
)
def test_what_would_be_certain_must_agree_more_where_parts_are_shared(
    index: Index, agreement: float, doubted: bool
) -> None:
    shared = SharedParts(shared=np.ones(3, np.bool_), row=5)
    check = check_of(index, agreement)
    assert doubt(check, lambda _: shared).shared_with == (5 if doubted else None)
    assert doubt(check, lambda _: replace(shared, row=None)) == check


@pytest.mark.parametrize("bits", [20, 40])
def test_a_doubted_hash_is_a_likely_copy_that_says_who_has_it_too(index: Index, bits: int) -> None:
    other = row_of(index, "other")
    shown = picture("a", fingerprint(flipped(HASH, bits), E[3]))
    for check, verified in (
        (check_of(index, 0.95), True),
        (check_of(index, 0.95, shared_with=other), False),
        (replace(check_of(index, 0.95, shared_with=other), index="another version"), True),
    ):
        seen = replace(shown, sightings=(check,))
        (match,) = find_copies([seen], index, distance_bits=56, certain_bits=40)
        assert match.reference.character == "one"
        assert match.distance_bits == bits
        assert match.verified is verified
        named = match.shared_with.character if match.shared_with else None
        assert named == (None if verified else "other")


def test_a_doubt_is_about_one_picture_and_one_reference(index: Index) -> None:
    doubted = check_of(index, 0.95, shared_with=row_of(index, "other"))
    one = replace(picture("a", fingerprint(flipped(HASH, 20), E[3])), sightings=(doubted,))
    again = picture("b", fingerprint(flipped(HASH, 20), E[3]))
    other = picture("c", fingerprint(flipped(OTHER_HASH, 20), E[3]))
    matches = find_copies([one, again, other], index, distance_bits=56, certain_bits=40)
    assert {each.path: each.verified for each in matches} == {"a": False, "b": True, "c": True}
