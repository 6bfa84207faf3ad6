"""Shared parts: what references of several characters show proves nothing about one of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import built, fingerprint, picture, random_hash, reference
from PIL import Image, ImageDraw, ImageOps
from scenes import beside, made, scene, seen

from screening.fingerprints.fingerprint import Region, Sighting
from screening.index import Index
from screening.index import builder as builder_module
from screening.keypoints import Sight
from screening.matching import CopySearch, Match, find_copies
from screening.matching.overlap import LEAST_CERTAIN, Overlap, find_overlap
from screening.matching.shared_parts import (
    LEAST_OWN,
    LEAST_OWN_AGREEMENT,
    SharedParts,
    is_refuted,
    proves,
    shared_parts,
)
from screening.references.stored import ReferencePicture

CHANCE = np.random.default_rng(8)
E = np.eye(8, dtype=np.float32)
FAR_HASH = random_hash(CHANCE)
ONE, OTHER = beside(scene(1), scene(2)), beside(scene(1), ImageOps.flip(scene(3)))
"""Upside down, or both would have the word that is written into every scene."""
WHOLE = Region(left=0, top=0, right=1, bottom=1)


def kept(image: Image.Image, character: str, *, time_code: str = "") -> ReferencePicture:
    made_up = reference(
        f"{character}.png", character, E[0], phash=random_hash(CHANCE), time_code=time_code
    )
    straight, mirror = made_up.picture.fingerprints
    views = (
        replace(straight, keypoints=made(image)),
        replace(mirror, keypoints=made(ImageOps.mirror(image))),
    )
    return replace(made_up, picture=replace(made_up.picture, fingerprints=views))


Built = Callable[..., Index]


@pytest.fixture
def index_of(tmp_path: Path) -> Built:
    def make(**sets: list[ReferencePicture]) -> Index:
        return built(tmp_path, sets)

    return make


def row_of(index: Index, character: str) -> int:
    rows = range(len(index.entries))
    return next(row for row in rows if index.entries.character[row] == character)


def found(index: Index, image: Image.Image) -> list[Match]:
    def large(_: int) -> Sight | None:
        return None

    shown = picture("a", fingerprint(FAR_HASH, E[3]))
    sightings = CopySearch(index=index, certain_bits=40)(shown, lambda _: seen(image), large)
    return find_copies([replace(shown, sightings=sightings)], index, distance_bits=56)


def by_character(matches: list[Match]) -> dict[str, bool]:
    return {each.reference.character: each.verified for each in matches}


def test_the_part_that_two_characters_share_is_shared_and_no_other(index_of: Built) -> None:
    index = index_of(set=[kept(ONE, "one"), kept(OTHER, "other"), kept(scene(9), "alone")])
    parts_of = shared_parts(index)
    row = row_of(index, "one")
    keypoints, parts = index.keypoints.of(row), parts_of(row)
    assert parts.row is not None
    assert index.entries.character[parts.row] == "other"
    left = keypoints.places_px[:, 0] < keypoints.width_px / 2 - 20
    right = keypoints.places_px[:, 0] > keypoints.width_px / 2 + 20
    assert parts.shared[left].mean() > 0.9
    assert parts.shared[right].mean() < 0.2  # around a place or two that agree by chance
    nothing = parts_of(row_of(index, "alone"))
    assert nothing.row is None
    assert not nothing.shared.any()


def test_a_shared_part_alone_is_a_likely_copy_that_says_who_has_it_too(index_of: Built) -> None:
    index = index_of(works=[kept(ONE, "one")], others=[kept(OTHER, "other")])
    matches = found(index, scene(1))
    assert by_character(matches) == {"one": False, "other": False}
    for each in matches:
        assert each.shared_with is not None
        assert {each.reference.character, each.shared_with.character} == {"one", "other"}


def test_what_one_character_alone_has_proves_a_copy(index_of: Built) -> None:
    index = index_of(works=[kept(ONE, "one")], others=[kept(OTHER, "other")])
    for image in (ONE, scene(2), ImageOps.mirror(ONE)):
        matches = found(index, image)
        assert by_character(matches) == {"one": True}
        assert matches[0].shared_with is None


def test_a_third_drawing_with_the_shared_part_is_no_copy(index_of: Built) -> None:
    """Alone in an index, a reference cannot be told from what differs from it in one place."""
    changed = ONE.copy()
    ImageDraw.Draw(changed).rectangle((520, 90, 580, 160), fill="white", outline="black")
    alone = index_of(works=[kept(ONE, "one")])
    before = find_overlap(seen(changed), alone.keypoints.of(row_of(alone, "one")))
    assert before is not None
    assert 0.9 <= before.agreement < LEAST_OWN_AGREEMENT
    assert by_character(found(alone, changed)) == {"one": before.agreement >= LEAST_CERTAIN}
    both = index_of(works=[kept(ONE, "one")], others=[kept(OTHER, "other")])
    assert found(both, changed) == []


def test_frames_of_films_share_no_parts_in_one_set_or_in_two(index_of: Built) -> None:
    first = kept(ONE, "one", time_code="00:00:01.000")
    later = kept(OTHER, "other", time_code="00:00:02.000")
    index = index_of(film=[first, later])
    assert by_character(found(index, scene(1))) == {"one": True, "other": True}
    index = index_of(film=[first], another=[later])
    assert by_character(found(index, scene(1))) == {"one": True, "other": True}


def test_one_drawing_under_two_names_of_a_set_or_of_two_is_not_shared(index_of: Built) -> None:
    index = index_of(set=[kept(ONE, "one"), kept(ONE, "two")])
    assert True in by_character(found(index, ONE)).values()
    index = index_of(set=[kept(ONE, "one")], other=[kept(ONE, "two")])
    assert set(by_character(found(index, ONE)).values()) == {True}


def test_a_character_in_two_sets_is_one(index_of: Built) -> None:
    index = index_of(official=[kept(ONE, "one")], fans=[kept(OTHER, "one")])
    assert shared_parts(index)(row_of(index, "one")).row is None


def test_without_a_table_of_descriptors_nothing_is_known_to_be_shared(
    index_of: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder_module, "MOST_VOTING", 1)
    index = index_of(set=[kept(ONE, "one"), kept(OTHER, "other")])
    assert index.descriptors is None
    assert shared_parts(index)(row_of(index, "one")).row is None


def overlap(
    own: int, shared: int, *, own_same: int, shared_same: int
) -> tuple[Overlap, SharedParts]:
    same = np.zeros(own + shared, np.bool_)
    same[:own_same] = True
    same[own : own + shared_same] = True
    seen_rows = np.arange(own + shared)
    return Overlap(
        places=40,
        compared=own + shared,
        agreement=float(same.mean()),
        covered=1,
        region=WHOLE,
        reference_region=WHOLE,
        rows=seen_rows,
        same=same,
    ), SharedParts(shared=seen_rows >= own, row=7)


@pytest.mark.parametrize(
    ("own", "certain"), [(LEAST_OWN - 1, False), (LEAST_OWN, True), (0, False)]
)
def test_so_many_keypoints_of_its_own_prove_a_copy(own: int, certain: bool) -> None:
    just, parts = overlap(own, 100, own_same=own, shared_same=100)
    assert not is_refuted(just, parts)
    assert proves(just, parts) is certain


@pytest.mark.parametrize(
    ("own_same", "shared_same", "refuted"), [(49, 950, False), (48, 950, True), (50, 928, True)]
)
def test_shared_references_ask_for_more_agreement(
    own_same: int, shared_same: int, refuted: bool
) -> None:
    compared, parts = overlap(50, 950, own_same=own_same, shared_same=shared_same)
    assert is_refuted(compared, parts) is refuted
    assert not is_refuted(compared, replace(parts, row=None))


def test_a_sighting_of_a_shared_part_is_never_verified(index_of: Built) -> None:
    index = index_of(set=[kept(scene(1), "one"), kept(scene(2), "other")])
    sighting = Sighting(
        index=index.id,
        row=row_of(index, "one"),
        view=0,
        places=30,
        agreement=1.0,
        region=WHOLE,
        reference_region=WHOLE,
    )
    other = row_of(index, "other")
    for shared_with, verified in ((None, True), (other, False)):
        each = replace(sighting, shared_with=shared_with)
        shown = replace(picture("a", fingerprint(FAR_HASH, E[3])), sightings=(each,))
        (match,) = find_copies([shown], index, distance_bits=56)
        assert match.verified is verified
        named = match.shared_with.character if match.shared_with else None
        assert named == (None if verified else "other")
