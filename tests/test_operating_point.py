"""The distance that holds a rate of false positives, and the rate that it holds."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from operating_point import Negatives, clopper_pearson, held, widest_distance

NEVER = float("inf")


def negatives(nearest: list[float], otherwise: list[int] | None = None) -> Negatives:
    """Benign queries at these distances; ``otherwise``: the places of those found anyhow."""
    found = np.zeros(len(nearest), np.bool_)
    found[otherwise or []] = True
    return Negatives(nearest=np.array(nearest, np.float64), otherwise=found)


def test_the_widest_distance_lies_one_bit_below_the_first_that_would_be_too_many() -> None:
    # 1,000 negatives at 1e-3: one may be called a copy.
    thousand = negatives([30, 48, *[90] * 998])
    assert widest_distance(thousand) == 47
    assert thousand.false_positives(47) == 1
    assert thousand.false_positives(48) == 2
    # 999 negatives: none may.
    assert widest_distance(negatives([30, 48, *[90] * 997])) == 29


def test_ties_are_called_copies_together_or_not_at_all() -> None:
    assert widest_distance(negatives([30, 48, 48, 48, *[90] * 996])) == 47
    assert widest_distance(negatives([48, 48, *[90] * 998])) == 47
    assert widest_distance(negatives([48, 48, 60, *[90] * 1997])) == 59


def test_what_is_found_otherwise_counts_at_every_distance() -> None:
    assert widest_distance(negatives([30, 48, *[90] * 998], [999])) == 29
    assert widest_distance(negatives([30, 48, *[90] * 998], [0])) == 47  # one query, found twice
    assert widest_distance(negatives([30, 48, *[90] * 998], [998, 999])) is None


@pytest.mark.parametrize(
    ("nearest", "otherwise", "expected"),
    [
        ([5], [], 4),
        ([1], [], 0),
        ([0], [], None),
        ([5], [0], None),
        ([5, 9], [], 4),
        ([9, 9], [], 8),
        ([9, 5], [0], None),
        ([NEVER, 5], [], 4),
    ],
)
def test_one_or_two_negatives(
    nearest: list[float], otherwise: list[int], expected: int | None
) -> None:
    assert widest_distance(negatives(nearest, otherwise)) == expected


@pytest.mark.parametrize("nearest", [[], [NEVER], [NEVER, NEVER], [7, *[NEVER] * 999]])
def test_negatives_that_no_distance_reaches_bound_nothing(nearest: list[float]) -> None:
    with pytest.raises(ValueError, match=f"{len(nearest)} negatives do not bound"):
        widest_distance(negatives(nearest))


@pytest.mark.parametrize("thousands", range(1, 60))
def test_a_whole_number_is_not_lost_in_rounding(thousands: int) -> None:
    near = [float(10 + place) for place in range(thousands + 1)]
    all_of_them = negatives([*near, *[200.0] * (1000 * thousands - len(near))])
    assert widest_distance(all_of_them) == 10 + thousands - 1


@given(
    nearest=st.lists(st.integers(0, 256), min_size=1, max_size=60),
    found=st.sets(st.integers(0, 59), max_size=4),
    rate=st.sampled_from([0.001, 0.02, 0.05, 0.1, 0.25]),
)
@settings(deadline=None)
def test_no_wider_distance_holds_the_rate(nearest: list[int], found: set[int], rate: float) -> None:
    some = negatives([float(each) for each in nearest], [at for at in found if at < len(nearest)])
    holding = [
        bits for bits in range(257) if some.false_positives(bits) <= rate * len(nearest) + 1e-9
    ]
    if 256 in holding:
        with pytest.raises(ValueError, match="do not bound"):
            widest_distance(some, rate)
    else:
        assert widest_distance(some, rate) == max(holding, default=None)


def test_what_a_distance_holds_comes_with_its_interval() -> None:
    told = held(negatives([30, 48, *[90] * 1828]), 48)
    assert (told["false_positives"], told["negatives"]) == (2, 1830)
    assert told["rate"] == 2 / 1830
    low, high = told["interval"]
    assert low < 2 / 1830 < high
    # The rule of three, exactly: 1 - 0.025 ** (1 / n).
    assert clopper_pearson(0, 1830) == (0.0, pytest.approx(1 - 0.025 ** (1 / 1830)))
    assert clopper_pearson(1, 1) == (pytest.approx(0.025), 1.0)
