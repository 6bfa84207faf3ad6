"""Counts in sentences."""

import pytest

from screening.counts import counted


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 pictures"), (1, "1 picture"), (2, "2 pictures")]
)
def test_one_is_singular(count: int, expected: str) -> None:
    assert counted(count, "picture") == expected


def test_a_plural_of_its_own() -> None:
    assert [counted(n, "entry", "entries") for n in (0, 1, 2)] == [
        "0 entries",
        "1 entry",
        "2 entries",
    ]
