"""Pseudo-packs are of whole subjects, each once a size; and intervals are exact."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import picture

from screening.calibration.bounds import clopper_pearson, realised_rate
from screening.calibration.calibration import LEAST_PICTURES, bucket_of, packs_wanted
from screening.calibration.pseudo_packs import SIZES, draw_packs
from screening.fingerprints import PictureFingerprints


def subject(name: str, count: int) -> list[PictureFingerprints]:
    return [picture(f"{name}/{number}") for number in range(count)]


def test_there_is_one_size_for_each_bucket() -> None:
    assert [bucket_of(size) for size in SIZES] == list(range(len(LEAST_PICTURES)))


def test_no_subjects_and_small_ones_give_no_packs() -> None:
    assert list(draw_packs({})) == []
    assert list(draw_packs({"a": []})) == []
    assert list(draw_packs({"a": subject("a", 2)})) == []


def test_a_subject_with_pictures_enough_is_a_pack_alone() -> None:
    packs = list(draw_packs({"a": subject("a", 10), "b": subject("b", 6)}))
    sizes = sorted((each.origin, len(each.pictures)) for each in packs)
    # b's 6 are too few for 10, and there is no third subject to join them
    assert sizes == [("a", 3), ("a", 6), ("a", 10), ("b", 3), ("b", 6)]
    for pack in packs:
        assert {each.path[0] for each in pack.pictures} == {pack.origin}


def test_small_subjects_are_joined_whole_and_cut_only_at_the_end() -> None:
    subjects = {name: subject(name, 4) for name in "abc"}
    (ten,) = (each for each in draw_packs(subjects) if len(each.pictures) == 10)
    counts = [[each.path[0] for each in ten.pictures].count(name) for name in "abc"]
    assert sorted(counts) == [2, 4, 4]
    assert counts["abc".index(ten.origin)] == 4


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 40), max_size=8))
def test_no_subject_is_in_two_packs_of_one_size(counts: dict[str, int]) -> None:
    subjects = {name: subject(name, count) for name, count in counts.items()}
    drawn = list(draw_packs(subjects))
    for size in SIZES:
        packs = [each for each in drawn if len(each.pictures) == size]
        shown = [name for each in packs for name in {p.path.split("/")[0] for p in each.pictures}]
        assert len(shown) == len(set(shown))
        assert all(len({p.path for p in each.pictures}) == size for each in packs)
    assert list(draw_packs(dict(reversed(subjects.items())))) == drawn


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 1, 0.0, 0.975),
        (1, 1, 0.025, 1.0),
        # Clopper and Pearson's interval of 1 in 10 (R, binom.test(1, 10))
        (1, 10, 0.002528579, 0.4450161),
        (0, 100, 0.0, 0.03621669),
        (5, 100, 0.01643183, 0.1128349),
    ],
)
def test_intervals_are_exact(events: int, trials: int, low: float, high: float) -> None:
    assert clopper_pearson(events, trials) == pytest.approx((low, high), abs=1e-6)


def test_zero_of_2995_packs_certify_a_thousandth() -> None:
    """The upper end of a one-sided 95 % interval (matching_facts) is the two-sided one at 90 %."""
    assert clopper_pearson(0, 2995, confidence=0.9)[1] < 0.001
    assert clopper_pearson(0, 2994, confidence=0.9)[1] > 0.001


@pytest.mark.parametrize(("events", "trials"), [(-1, 1), (2, 1)])
def test_events_that_cannot_be_are_refused(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match="events"):
        clopper_pearson(events, trials)


@pytest.mark.parametrize("packs", [1, 2, 99])
def test_the_rate_above_the_largest_of_some_packs(packs: int) -> None:
    # the largest of n uniform numbers exceeds 1 - x with probability 1 - (1 - x) ** n
    low, high = realised_rate(1, packs)
    assert low == pytest.approx(1 - 0.95 ** (1 / packs))
    assert high == pytest.approx(1 - 0.05 ** (1 / packs))
    assert realised_rate(packs, packs) == pytest.approx((1 - high, 1 - low))


def test_the_rate_of_a_calibration_is_what_is_drawn() -> None:
    chance = np.random.default_rng(7)
    drawn = np.sort(chance.random((20_000, 999)), axis=1)
    for limit in (1, 9):
        rates = 1 - drawn[:, -limit]
        low, high = realised_rate(limit, 999)
        assert np.mean((low <= rates) & (rates <= high)) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.001])
def test_as_many_packs_as_are_wanted_keep_the_rate_between_half_and_twice(alpha: float) -> None:
    def times(packs: int) -> tuple[float, float]:
        low, high = realised_rate(int((packs + 1) * Fraction(str(alpha))), packs)
        return low / alpha, high / alpha

    wanted = packs_wanted(alpha)
    assert 0.5 <= times(wanted)[0] <= times(wanted)[1] <= 2
    assert times(wanted - 1)[0] < 0.5


@pytest.mark.parametrize(("limit", "packs"), [(0, 5), (6, 5), (1, 0)])
def test_a_limit_that_is_none_of_the_packs_is_refused(limit: int, packs: int) -> None:
    with pytest.raises(ValueError, match="largest of"):
        realised_rate(limit, packs)
