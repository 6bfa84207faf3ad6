"""How `benchmarks/promise.py` counts, on statistics of which the rates are known."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_calibration import BINDING, known

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from promise import calibrated_by, found_of, lots_of, rates_of, refusal_of
from promise_pictures import make_once

PACKS = 3_000
DRAWN = np.random.default_rng(5).normal(size=(PACKS, 20))


def test_an_exchangeable_domain_keeps_the_promise_in_the_mean() -> None:
    own = {share: 10 * np.eye(20) for share in (1.0, 0.5, 0.25)}
    for row in lots_of(DRAWN, own):
        low, high = row["5-95 % of lots"]
        assert 0.8 < row["realised / nominal"] < 1.2
        assert low < row["realised / nominal"] < high
        assert row["found, 1"] == 1.0
    # the ratio of .1 % hangs on the largest of 1,000 packs, that of 1 % on the tenth largest
    assert high > 2 > lots_of(DRAWN, own)[0]["5-95 % of lots"][1]


def test_a_closer_domain_and_a_grown_index_break_it() -> None:
    made = calibrated_by(DRAWN[:1000, :2], 24, BINDING)
    usual, rare = rates_of(made, DRAWN[1000:, :2] + 9, 24)[::-1]
    assert {usual["alpha"]: usual["realised / nominal"], rare["alpha"]: rare["flagged"]} == {
        0.001: 1000.0,
        0.01: 2000,
    }
    (grown, *_) = (each for each in rates_of(made, DRAWN[1000:], 24) if each["alpha"] == 0.01)
    assert grown["realised / nominal"] > 5
    assert not [e for e in rates_of(made, DRAWN[1000:], 24, growth=10.0) if e["alpha"] == 0.001]


def test_found_are_flagged_packs_and_those_by_name_are_told_apart() -> None:
    made = calibrated_by(np.linspace(0, 1, 1000)[:, None], 24, BINDING)
    own = np.array([[2.0, 0.0], [2.0, 0.0]])
    row = found_of(made, own, 24, 1.0)
    assert (row["at 0.001"], row["at 0.001, by name"]) == (1.0, 0.5)


def test_what_is_not_refused_is_an_error() -> None:
    now = replace(BINDING, known=known(100), characters=100)
    assert "90 were added" in refusal_of(BINDING, now)
    with pytest.raises(RuntimeError, match="is not refused"):
        refusal_of(BINDING, BINDING)


def test_what_is_there_or_claimed_is_not_made_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"rows": np.arange(3)}

    (tmp_path / "a.claimed").touch()
    make_once(tmp_path / "a.npz", make)
    assert not made
    (tmp_path / "a.claimed").unlink()
    make_once(tmp_path / "a.npz", make)
    make_once(tmp_path / "a.npz", make)
    assert len(made) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["a.npz"]
