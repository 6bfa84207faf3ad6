"""How `benchmarks/calibration.py` counts, on statistics of which the rates are known."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from calibration import BENIGN, PROTECTED, grown, in_another_style, in_domain

COUNT = PROTECTED + BENIGN + 60
INDEPENDENT = np.random.default_rng(7).normal(size=(COUNT, COUNT))


def test_independent_statistics_keep_their_promise() -> None:
    found_all = INDEPENDENT + 10 * np.eye(COUNT)
    own = {0.5: np.full(COUNT, 10.0), 0.25: np.full(COUNT, -10.0)}
    for row in in_domain(found_all, own):
        assert 0.6 < row["realised / nominal"] < 1.4
        assert (row["found, all"], row["found, half"], row["found, quarter"]) == (1.0, 1.0, 0.0)


def test_a_style_that_is_closer_to_all_breaks_it() -> None:
    sources = np.array(["near" if number % 4 == 0 else "far" for number in range(COUNT)])
    scores = INDEPENDENT + 10 * (sources == "near")[:, None]
    for row in in_another_style(scores, sources):
        assert row["by style"] == {"near": round(1 / row["alpha"], 2), "far": 0.0}


def test_a_grown_index_breaks_it_unless_p_values_grow() -> None:
    row = grown(INDEPENDENT, 2)
    assert 1.5 < row["realised / nominal, p-values as they are"] < 2.5
    assert row["realised / nominal, p-values multiplied"] < 1.3
