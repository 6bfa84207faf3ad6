"""Vectors that are made of several looks: which one judges, and that nothing stored hangs on it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import (
    DIMENSION,
    LOOKS,
    VECTOR,
    Direct,
    build,
    built,
    fingerprint,
    picture,
    random_hash,
    reference,
    units,
)
from numpy.typing import NDArray
from test_matching_characters import naive

from screening.embedders.embedder import Look
from screening.embedders.lite import PART_COST, WHOLE_COST, Lite
from screening.index import Index
from screening.matching import CharacterComparison, compare_characters
from screening.matching.looks import looks_of, seen, seen_background
from screening.references.stored import ReferencePicture

HALF = DIMENSION // 2
E = np.eye(HALF, dtype=np.float32)


def two(first: NDArray, second: NDArray) -> NDArray[np.float32]:
    """(n, d) of two unit halves, as `lite.identity` joins them."""
    rows = np.concatenate([unit(first), unit(second)], axis=1)
    return (rows / np.sqrt(2)).astype(np.float32)


def unit(rows: NDArray) -> NDArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def about(chance: np.random.Generator, centre: NDArray, count: int, spread: float = 0.3) -> NDArray:
    return centre + spread * chance.normal(size=(count, HALF))


def character(name: str, vectors: NDArray) -> list[ReferencePicture]:
    chance = np.random.default_rng(list(name.encode()))
    return [
        reference(f"{name}/{n:03}", name, vector, mirror_vector=vector, phash=random_hash(chance))
        for n, vector in enumerate(vectors)
    ]


def compared(index: Index, vectors: NDArray) -> list[CharacterComparison]:
    chance = np.random.default_rng(1)
    pictures = [
        picture(f"{n:04}", fingerprint(random_hash(chance), vector))
        for n, vector in enumerate(vectors)
    ]
    return list(compare_characters(pictures, index))


def index_of(path: Path, vectors: NDArray, looks: Sequence[Look] = LOOKS) -> Index:
    return built(path, {"set": character("hero", vectors)}, Direct(looks=tuple(looks)))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 7))
def test_the_highest_of_the_looks_less_its_cost_is_the_statistic(
    tmp_path_factory: pytest.TempPathFactory, seed: int, pack_size: int, reference_count: int
) -> None:
    chance = np.random.default_rng(seed)
    pack, known = units(chance, pack_size), units(chance, reference_count)
    index = index_of(tmp_path_factory.mktemp("index"), known)
    by_look = {}
    for look in LOOKS:
        part = slice(look.start, look.stop)
        own = unit(index.backgrounds[VECTOR].vectors[:, part].astype(float))
        gram = own @ own.T
        spread = 1 - (gram.sum() - np.trace(gram)) / (len(own) * (len(own) - 1))
        references = unit(known[:, part])
        by_look[look.name] = naive(unit(pack[:, part]), references, references, spread) - look.cost
    found = next(each for each in compared(index, pack) if each.share == 1)
    assert found.two_sample == pytest.approx(max(by_look.values()), abs=1e-5)
    assert by_look[found.look] == pytest.approx(max(by_look.values()), abs=1e-5)


def test_what_all_pictures_have_in_common_hides_nobody_from_the_other_look(tmp_path: Path) -> None:
    """A border of faces around every picture: the whole is the border's, the part the hero's."""
    chance = np.random.default_rng(2)
    known = two(about(chance, E[0], 15), about(chance, E[1], 15))
    framed = two(about(chance, -E[2], 12, 0.02), about(chance, E[1], 12))
    (whole,) = (each for each in compared(index_of(tmp_path, known), framed) if each.share == 1)
    assert whole.look == "second"
    assert whole.two_sample > -0.1
    joined = compared(index_of(tmp_path / "joined", known, ()), framed)
    assert max(each.two_sample for each in joined) < -0.4


def test_each_look_has_groups_of_its_own(tmp_path: Path) -> None:
    """By the first half the pictures of the hero are not parted from the others."""
    chance = np.random.default_rng(3)
    known = two(about(chance, E[0], 15), about(chance, E[1], 15, 0.1))
    places = np.arange(20) % 2 == 0
    first = about(chance, -E[2], 20, 0.5)
    second = np.where(places[:, None], about(chance, E[1], 20, 0.1), about(chance, -E[3], 20, 0.1))
    pack = two(first, second)
    best, joined = (
        max(compared(index_of(tmp_path / name, known, looks), pack), key=lambda e: e.two_sample)
        for name, looks in (("looks", LOOKS), ("joined", ()))
    )
    assert best.look == "second"
    assert best.pictures >= 4
    matched = {int(match.path) for match in best.closest().matches}
    assert matched <= set(np.flatnonzero(places).tolist())
    assert best.two_sample > 0 > joined.two_sample


def test_what_two_looks_saw_alike_is_named_after_the_first_of_them(tmp_path: Path) -> None:
    """Where no part was found, `lite` holds the whole picture twice."""
    chance = np.random.default_rng(4)
    known, faces = about(chance, E[0], 15), about(chance, E[0], 12)
    together = Look(name="both", start=0, stop=DIMENSION)
    looks = (LOOKS[1], Look(name="second", start=HALF, stop=DIMENSION))
    index = index_of(tmp_path / "two", two(known, known), looks)
    three = index_of(tmp_path / "three", two(known, known), (together, *looks))
    parted = two(faces, about(chance, E[0], 12))
    mostly = np.where(np.arange(12)[:, None] < 7, two(faces, faces), parted)
    for pack, name in ((two(faces, faces), "first"), (mostly, "first"), (parted, "second")):
        whole = next(each for each in compared(index, pack) if each.share == 1)
        assert whole.look == name
    for pack, name in ((two(faces, faces), "first"), (parted, "both")):
        whole = next(each for each in compared(three, pack) if each.share == 1)
        assert whole.look == name


def test_pictures_are_judged_one_by_one_by_looks_for_single_ones(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    known = two(about(chance, E[0], 6), about(chance, E[1], 6))
    pack = two(about(chance, E[0], 3), about(chance, -E[1], 3))
    pack = np.concatenate([pack, two(about(chance, -E[0], 3), about(chance, E[1], 3))])
    index = index_of(tmp_path, known)
    wanted = np.full(len(pack), -np.inf)
    for look in (LOOKS[0], LOOKS[2]):
        shown, references = seen(look, pack), seen(look, known)
        nearest = seen_background(look, index.backgrounds[VECTOR]).nearest(shown)
        scores = np.sort(shown @ references.T, axis=1)[:, -3:].mean(axis=1) - nearest
        wanted = np.maximum(wanted, scores)
    whole = next(each for each in compared(index, pack) if each.share == 1)
    closest = whole.closest()
    places = [int(match.path) for match in closest.matches]
    assert sorted(places) == list(range(6))
    assert closest.top_scores == pytest.approx(wanted[places].tolist(), abs=1e-5)


def test_an_output_without_looks_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    chance = np.random.default_rng(6)
    vectors = units(chance, 30)
    (look,) = looks_of(Direct().outputs[0])
    assert seen(look, vectors) is vectors
    plain, declared = (
        compared(index_of(tmp_path / name, vectors[:15], looks), vectors[15:])
        for name, looks in (("plain", ()), ("declared", LOOKS[:1]))
    )
    assert {each.look for each in plain} == {""}
    assert [each.two_sample - LOOKS[0].cost for each in plain] == pytest.approx(
        [each.two_sample for each in declared]
    )


def test_a_look_at_nothing_is_as_far_from_everything() -> None:
    vectors = np.zeros((2, DIMENSION), np.float32)
    vectors[:, 0] = 1
    assert not seen(LOOKS[2], vectors).any()
    assert np.array_equal(seen(LOOKS[1], vectors), vectors[:, :HALF])


def test_no_index_hangs_on_looks(tmp_path: Path) -> None:
    vectors = units(np.random.default_rng(7), 5)
    build(tmp_path, {"set": character("hero", vectors)}, Direct())
    index = Index.open(tmp_path, [Direct(looks=LOOKS)])
    assert [each.looks for each in index.outputs] == [LOOKS]


def test_lite_is_made_of_two_looks_and_is_what_it_was() -> None:
    lite = Lite(threads=1)
    identity, copy = lite.outputs
    together, whole, part = identity.looks
    assert copy.looks == ()
    assert (together.start, together.stop, together.cost) == (0, identity.dimension, 0)
    assert (whole.start, whole.stop, whole.cost) == (0, identity.dimension // 2, WHOLE_COST)
    assert (part.start, part.stop, part.cost) == (whole.stop, identity.dimension, PART_COST)
    assert [each.single for each in identity.looks] == [True, False, True]
    assert lite.version == "lite 3 256px 192px 160px"
