"""The two-sample statistic against a double loop, shares, views, and who is tested at all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import (
    DIMENSION,
    VECTOR,
    Direct,
    built,
    fingerprint,
    flipped,
    picture,
    random_hash,
    reference,
    units,
)
from numpy.typing import NDArray

from screening.fingerprints import PictureFingerprints
from screening.images.view import Variant, View
from screening.index import Index
from screening.matching import CharacterComparison, Transform, characters, compare_characters
from screening.matching.characters import TESTED_CHARACTERS
from screening.matching.two_sample import BEST_COST, CLOSENESS_WEIGHT, LEAST_CLOSENESS, groups_of
from screening.references.stored import ReferencePicture

CHANCE = np.random.default_rng(0)
E = np.eye(DIMENSION, dtype=np.float32)


def cluster(
    chance: np.random.Generator, centre: NDArray, count: int, spread: float = 0.5
) -> NDArray:
    """(count, d) unit vectors around ``centre``."""
    vectors = centre + spread * chance.normal(size=(count, len(centre)))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def pictures_of(vectors: NDArray, first: int = 0) -> list[PictureFingerprints]:
    return [
        picture(f"{number:04}", fingerprint(random_hash(CHANCE), vector))
        for number, vector in enumerate(vectors, start=first)
    ]


def character(
    name: str, vectors: NDArray, mirrors: NDArray | None = None
) -> list[ReferencePicture]:
    mirrors = vectors if mirrors is None else mirrors
    return [
        reference(f"{name}/{n:03}", name, vector, mirror_vector=mirror, phash=random_hash(CHANCE))
        for n, (vector, mirror) in enumerate(zip(vectors, mirrors, strict=True))
    ]


def index_of(path: Path, *characters: Sequence[ReferencePicture]) -> Index:
    return built(path, {"set": [each for images in characters for each in images]})


def compared(index: Index, vectors: NDArray) -> dict[str, CharacterComparison]:
    found = compare_characters(pictures_of(vectors), index)
    return {each.character: each for each in found if each.share == 1}


def naive(pack: NDArray, straight: NDArray, mirrored: NDArray, spread: float) -> float:
    """T = C - (W + R) / 2, one pair after another, in spreads, and what closeness adds."""

    def within(vectors: NDArray) -> float:
        count = len(vectors)
        pairs = [
            sum(float(a) * float(b) for a, b in zip(vectors[i], vectors[j], strict=True))
            for i in range(count)
            for j in range(count)
            if i != j
        ]
        return sum(pairs) / len(pairs) if pairs else 1.0

    across = 0.0
    for one in pack:
        ways = [
            sum(float(one.astype(float) @ other.astype(float)) for other in way) / len(way)
            for way in (straight, mirrored)
        ]
        across += max(ways) / len(pack)
    closeness = (across - (1 - spread)) / spread
    bonus = CLOSENESS_WEIGHT * closeness - max(0, LEAST_CLOSENESS - closeness)
    return (across - (within(pack) + within(straight)) / 2) / spread + bonus


def naive_bonus(index: Index, pack: NDArray, references: NDArray) -> float:
    """What closeness adds, references being their own mirror images."""
    spread = 1 - index.backgrounds[VECTOR].mean_score
    closeness = 1 - (1 - float((pack @ references.T).mean())) / spread
    return CLOSENESS_WEIGHT * closeness - max(0.0, LEAST_CLOSENESS - closeness)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 7))
def test_the_statistic_is_that_of_a_double_loop(
    tmp_path_factory: pytest.TempPathFactory, seed: int, pack_size: int, reference_count: int
) -> None:
    chance = np.random.default_rng(seed)
    pack, straight, mirrored = (
        units(chance, count) for count in (pack_size, reference_count, reference_count)
    )
    path = tmp_path_factory.mktemp("index")
    index = index_of(path, character("hero", straight, mirrored))
    found = compared(index, pack)["hero"]
    spread = 1 - index.backgrounds[VECTOR].mean_score
    assert found.two_sample == pytest.approx(naive(pack, straight, mirrored, spread), abs=1e-5)
    assert (found.pictures, found.references) == (pack_size, reference_count)


def test_two_halves_of_one_character_give_nought_on_average(tmp_path: Path) -> None:
    """Unbiased: no share of T may come from a choice that the other terms do not have."""
    chance = np.random.default_rng(4)
    halves = []
    for number in range(60):
        vectors = cluster(chance, units(chance, 1)[0], 30)
        index = index_of(tmp_path / f"{number}", character("hero", vectors[:15]))
        halves.append(compared(index, vectors[15:])["hero"].two_sample)
        halves[-1] -= naive_bonus(index, vectors[15:], vectors[:15])
    error = np.std(halves) / np.sqrt(len(halves))
    assert abs(np.mean(halves)) < 3 * error
    assert error < 0.02


def test_a_mirror_image_that_is_another_vector_adds_hardly_anything(tmp_path: Path) -> None:
    """The higher of every single pair would give +0.1 here."""
    chance = np.random.default_rng(5)
    means = []
    for number in range(60):
        vectors = cluster(chance, units(chance, 1)[0], 30)
        jitter = vectors + 0.15 * chance.normal(size=vectors.shape)
        mirrors = (jitter / np.linalg.norm(jitter, axis=1, keepdims=True)).astype(np.float32)
        index = index_of(tmp_path / f"{number}", character("hero", vectors[:15], mirrors[:15]))
        means.append(compared(index, vectors[15:])["hero"].two_sample)
    assert np.mean(means) < 0.03


def test_a_look_alike_stays_below_the_character(tmp_path: Path) -> None:
    chance = np.random.default_rng(6)
    hero, double = E[0], (E[0] + 0.6 * E[1]) / np.sqrt(1.36)
    index = index_of(
        tmp_path,
        character("hero", cluster(chance, hero, 15, 0.2)),
        character("double", cluster(chance, double, 15, 0.2)),
    )
    found = compared(index, cluster(chance, hero, 24, 0.2))
    assert found["hero"].two_sample > -0.02
    assert found["double"].two_sample < found["hero"].two_sample - 0.1


def test_a_mirrored_pack_is_as_near_as_the_pack(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    straight, mirrored = cluster(chance, E[0], 15, 0.2), cluster(chance, E[4], 15, 0.2)
    index = index_of(tmp_path, character("hero", straight, mirrored))
    (hero,) = compared(index, cluster(chance, E[4], 20, 0.2)).values()
    assert hero.two_sample > -0.05
    assert {each.transform for each in hero.closest().matches} == {Transform.MIRRORED}


def test_a_part_of_the_pack_is_found_among_others(tmp_path: Path) -> None:
    chance = np.random.default_rng(8)
    index = index_of(tmp_path, character("hero", cluster(chance, E[0], 15, 0.2)))
    protected, others = cluster(chance, E[0], 5, 0.2), cluster(chance, -E[0], 15, 0.2)
    pack = np.concatenate([others[:7], protected, others[7:]])
    whole, *parts = compare_characters(pictures_of(pack), index)
    *groups, half, quarter = parts
    group = next(each for each in groups if each.pictures == 5)
    assert [each.pictures for each in (whole, group, half, quarter)] == [20, 5, 10, 5]
    assert [each.share for each in (whole, group, half, quarter)] == [1.0, 0.25, 0.5, 0.25]
    ours = {f"{number:04}" for number in range(7, 12)}
    for each in (group, quarter):
        scores = [match.score for match in each.closest().matches]
        assert {match.path for match in each.closest().matches} == ours
        assert len(scores) == 5
    assert group.two_sample == pytest.approx(quarter.two_sample + BEST_COST)
    assert quarter.two_sample > -0.05 > whole.two_sample


def test_groups_rise_where_larger_ones_do_not_surpass_them(tmp_path: Path) -> None:
    chance = np.random.default_rng(12)
    index = index_of(tmp_path, character("hero", cluster(chance, E[0], 15, 0.3)))
    pack = np.concatenate([cluster(chance, E[n % 3], 1, 0.3) for n in range(24)])
    whole, *groups = list(compare_characters(pictures_of(pack), index))[:-2]
    assert groups
    for larger, smaller in zip([whole, *groups], groups, strict=False):
        assert larger.pictures >= smaller.pictures
        assert larger.two_sample < smaller.two_sample


def test_groups_hang_on_the_pack_alone() -> None:
    chance = np.random.default_rng(13)
    ones, others = cluster(chance, E[0], 6, 0.1), cluster(chance, E[1], 4, 0.1)
    groups = groups_of(np.concatenate([ones, others]))
    assert groups.shape == (8, 10)
    assert groups.sum(axis=1).tolist() == sorted(groups.sum(axis=1).tolist(), reverse=True)
    assert groups[0].tolist() == [True] * 6 + [False] * 4
    assert [True] * 4 in [each[6:].tolist() for each in groups if not each[:6].any()]
    for count in range(3):
        assert groups_of(units(chance, count) if count else ones[:0]).shape == (0, count)
    assert groups_of(ones[:3]).sum(axis=1).tolist() == [2]


def test_loose_references_are_nobody(tmp_path: Path) -> None:
    """A theme: any picture of that hand is as near to its pictures as they are to one another."""
    chance = np.random.default_rng(14)
    theme, tight = cluster(chance, E[0], 40, 2.0), cluster(chance, E[1], 40, 0.3)
    index = index_of(tmp_path, character("theme", theme[:15]), character("hero", tight[:15]))
    assert compared(index, tight[15:])["hero"].two_sample > 0
    loose = compared(index, theme[15:])["theme"].two_sample
    plain = loose - naive_bonus(index, theme[15:], theme[:15])
    assert plain > -0.05 > -0.1 > loose


def test_of_a_large_pack_those_close_to_references_are_grouped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(characters, "MOST_GROUPED", 8)
    chance = np.random.default_rng(15)
    index = index_of(tmp_path, character("hero", cluster(chance, E[0], 15, 0.2)))
    pack = np.concatenate([cluster(chance, -E[0], 30, 0.2), cluster(chance, E[0], 5, 0.2)])
    found = list(compare_characters(pictures_of(pack), index))
    assert max(each.two_sample for each in found[1:-2]) > 0
    ours = next(each for each in found[1:-2] if each.pictures == 5)
    assert {match.path for match in ours.closest().matches} == {f"{n:04}" for n in range(30, 35)}


@pytest.mark.parametrize(("size", "best"), [(1, []), (2, []), (3, [2]), (4, [2]), (5, [3, 2])])
def test_a_share_of_one_picture_is_no_share(tmp_path: Path, size: int, best: list[int]) -> None:
    index = index_of(tmp_path, character("hero", units(CHANCE, 3)))
    whole, *parts = compare_characters(pictures_of(units(CHANCE, size)), index)
    assert whole.pictures == size
    assert [each.pictures for each in parts[len(parts) - len(best) :]] == best
    assert len(parts) - len(best) <= max(0, size - 2)


def test_no_pictures_are_compared_with_nobody(tmp_path: Path) -> None:
    index = index_of(tmp_path, character("hero", units(CHANCE, 3)))
    assert list(compare_characters([], index)) == []


def test_one_picture_against_one_reference(tmp_path: Path) -> None:
    index = index_of(tmp_path, character("hero", E[:1]))
    (found,) = compared(index, E[:1]).values()
    assert found.two_sample == pytest.approx(CLOSENESS_WEIGHT, abs=1e-6)
    background = float(index.backgrounds[VECTOR].nearest(E[:1])[0])
    closest = found.closest()
    (match,) = closest.matches
    assert match.score == pytest.approx(1 - background, abs=1e-4)
    assert closest.top_scores == pytest.approx((1 - background,), abs=1e-4)
    assert (match.reference.path, match.method, match.transform) == (
        "hero/000",
        VECTOR,
        Transform.NONE,
    )


def test_top_scores_are_the_mean_of_three_references_less_the_background(tmp_path: Path) -> None:
    straight, mirrored, pack = (units(CHANCE, count) for count in (6, 6, 4))
    index = index_of(tmp_path, character("hero", straight, mirrored))
    closest = compared(index, pack)["hero"].closest()
    background = index.backgrounds[VECTOR].nearest(pack)
    wanted = {}
    for number, one in enumerate(pack):
        scores = sorted(max(one @ a, one @ b) for a, b in zip(straight, mirrored, strict=True))
        wanted[f"{number:04}"] = np.mean(scores[-3:]) - background[number]
    found = {
        match.path: score for match, score in zip(closest.matches, closest.top_scores, strict=True)
    }
    assert found == pytest.approx(wanted, abs=1e-5)


def test_beyond_so_many_characters_the_nearest_references_propose(tmp_path: Path) -> None:
    chance = np.random.default_rng(9)
    count = TESTED_CHARACTERS + 40
    dimension = 64
    centres = units(chance, count, dimension)
    images = [
        reference(f"{n:03}/{k}", f"c{n:03}", vector, phash=random_hash(chance))
        for n, centre in enumerate(centres)
        for k, vector in enumerate(cluster(chance, centre, 3, 0.02))
    ]
    index = built(tmp_path, {"set": images}, Direct(dimension=dimension))
    assert index.character_count == count
    pack = cluster(chance, centres[-1], 12, 0.02)
    tested = [each.character for each in compare_characters(pictures_of(pack), index)]
    assert f"c{count - 1:03}" in tested
    assert len(set(tested)) < TESTED_CHARACTERS
    many = np.concatenate([cluster(chance, np.zeros(dimension), 2000, 1.0), np.repeat(pack, 9, 0)])
    tested = [each.character for each in compare_characters(pictures_of(many), index)]
    assert len(set(tested)) == TESTED_CHARACTERS
    assert f"c{count - 1:03}" in tested  # it has the most votes


def test_up_to_so_many_every_character_is_tested(tmp_path: Path) -> None:
    index = index_of(tmp_path, *(character(f"c{n:03}", units(CHANCE, 1)) for n in range(40)))
    assert len(compared(index, E[:1])) == 40


def test_hidden_views_are_compared_in_place_of_those_seen(tmp_path: Path) -> None:
    chance = np.random.default_rng(10)
    index = index_of(tmp_path, character("hero", cluster(chance, E[0], 15, 0.2)))
    hidden, seen = cluster(chance, E[0], 12, 0.2), cluster(chance, -E[0], 12, 0.2)
    pictures = [
        picture(
            f"{number}",
            fingerprint(random_hash(chance), seen[number]),
            fingerprint(random_hash(chance), hidden[number], view=View(variant=Variant.OPAQUE)),
        )
        for number in range(12)
    ]
    found = [each for each in compare_characters(pictures, index) if each.share == 1]
    assert sorted(each.two_sample > -0.05 for each in found) == [False, True]
    best = max(found, key=lambda each: each.two_sample)
    assert {each.view for each in best.closest().matches} == {"transparency dropped"}


def test_frames_are_pictures_and_still_frames_are_one(tmp_path: Path) -> None:
    chance = np.random.default_rng(11)
    index = index_of(tmp_path, character("hero", cluster(chance, E[0], 15, 0.2)))
    shown, still = random_hash(chance), random_hash(chance)
    film = picture(
        "film.gif",
        fingerprint(shown, -E[0]),
        fingerprint(still, E[0], view=View(frame=1)),
        fingerprint(flipped(still, 16), E[0], view=View(frame=2)),
        fingerprint(flipped(still, 17), E[0], view=View(frame=3)),
    )
    found = [each for each in compare_characters([film], index) if each.share == 1]
    assert [each.pictures for each in found] == [1, 3]
    views = {each.view for each in found[1].closest().matches}
    assert views == {"", "frame 2", "frame 4"}


def test_the_order_of_pictures_changes_nothing(tmp_path: Path) -> None:
    index = index_of(tmp_path, character("hero", units(CHANCE, 5)))
    pictures = pictures_of(units(CHANCE, 16))
    found = list(compare_characters(pictures, index))
    again = list(compare_characters(pictures[::-1], index))
    for one, other in zip(found, again, strict=True):
        assert one.two_sample == pytest.approx(other.two_sample, abs=1e-12)
        assert {*one.closest().matches} == {*other.closest().matches}
