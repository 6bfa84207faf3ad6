"""The detection benchmark's columns and its section of the README, from scores made by hand."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from detection_readme import END, START, readme_section, write_readme
from detection_scores import HASH, VECTOR, Scores
from detection_table import AT_RATE, LIKELY, SHIPPED, TUNED, intervals, markdown, measured
from operating_point import Negatives

from screening.evaluation.edits import EDITS
from screening.evaluation.peer_hashes import PEERS

BENIGN = 1000
SHIPPED_BITS = 56
FAMILIES = [*EDITS, *["benign"] * BENIGN]


def scores() -> Scores:
    """Every edit once: the first at 30 bits, the second at 50, the third by keypoints, the fourth
    by score alone. Two benign pictures: at 40 bits and at 48."""
    count = len(FAMILIES)
    own = {name: np.full(count, 200.0) for name in (HASH, VECTOR, *PEERS)}
    nearest = {name: np.full(count, 90.0) for name in own}
    own[HASH][:2] = 30, 50
    nearest[HASH][-2:] = 40, 48
    keypoints, likely = np.zeros((count, 2), np.bool_), np.zeros((count, 2), np.bool_)
    keypoints[2], likely[2], likely[3] = True, True, True
    return Scores(
        families=np.array(FAMILIES),
        subjects=np.array(["hero" if family in EDITS else "nobody" for family in FAMILIES]),
        protected=np.array([family in EDITS for family in FAMILIES]),
        own=own,
        nearest=nearest,
        thresholds={HASH: SHIPPED_BITS, VECTOR: -0.9, **PEERS},
        keypoints=keypoints,
        likely=likely,
    )


def tuned(*nearest: float) -> Negatives:
    """2,000 negatives, of which two may be called copies; these are the nearest."""
    rest = [100.0] * (2000 - len(nearest))
    return Negatives(nearest=np.array([*nearest, *rest]), otherwise=np.zeros(2000, np.bool_))


def results(negatives: Negatives) -> dict[str, Any]:
    made = scores()
    found: dict[str, Any] = measured(made, negatives) | {
        "intervals": intervals(made, negatives, seed=1),
        "pictures": {"protected": 30, "distractors": 3000},
    }
    return json.loads(json.dumps(found))  # as it is written and read back


def test_a_column_finds_by_its_distance_or_by_keypoints() -> None:
    made = results(tuned(20, 30, 52))
    edits = list(EDITS)
    found = {
        column: [family for family in edits if made["recall"][column][family]]
        for column in (SHIPPED, TUNED, AT_RATE, LIKELY)
    }
    assert (
        found
        == {
            SHIPPED: edits[:3],
            TUNED: edits[:3],  # 51 bits
            AT_RATE: [edits[0], edits[2]],  # 47 bits
            LIKELY: edits[:4],
        }
    )
    assert made["false_positives"][SHIPPED]["all"] == 2 / BENIGN
    assert made["false_positives"][AT_RATE] == {"all": 1 / BENIGN, "benign": 1 / BENIGN}


def test_operating_points_say_what_they_were_chosen_on_and_what_they_hold() -> None:
    points = results(tuned(20, 30, 52))["operating_points"]
    assert {column: each["distance_bits"] for column, each in points.items()} == {
        SHIPPED: 56,
        TUNED: 51,
        AT_RATE: 47,
    }
    assert points[TUNED]["chosen_on"] == "tune negatives"
    assert points[TUNED]["tune"]["false_positives"] == 2
    assert points[TUNED]["tune"]["negatives"] == 2000
    assert points[TUNED]["test"]["false_positives"] == 2
    assert points[AT_RATE]["test"]["rate"] == 1 / BENIGN
    assert points[AT_RATE]["chosen_on"].startswith("test negatives")
    low, high = points[SHIPPED]["test"]["interval"]
    assert low < 2 / BENIGN < high


def test_a_rate_that_no_distance_holds_has_no_column() -> None:
    made = results(tuned(0, 0, 0))
    assert TUNED not in made["operating_points"]
    assert TUNED not in made["recall"]
    assert "10⁻³ on tune: no distance holds it" in readme_section(made)
    assert TUNED not in markdown(made)


def test_the_readme_gets_every_figure_between_its_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{START}\nbygone\n{END}\nafter\n")
    made = results(tuned(20, 30, 52))
    made["packs"] = {
        kind: {"packs": count, "flagged": 1, "blocked": 0}
        for kind, count in {
            "benign, one other subject": 19,
            "benign, many subjects of one style": 181,
            "1 edited copy of one subject": 40,
            "3 edited copies of one subject": 40,
            "24 edited copies of one subject": 40,
        }.items()
    }
    write_readme(readme, made)
    text = readme.read_text()
    assert text.startswith(f"before\n{START}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "bygone" not in text
    assert f"| {next(iter(EDITS))} | 1.00 (1.00-1.00) | 1.00 | 1.00 |" in text
    assert "| **false positives**, of 1000 benign pictures | 0.0020 | 0.0020 | 0.0010 |" in text
    assert "<= 51 bits, chosen on tune negatives: 2 of 2000 tune negatives" in text
    assert "of 200 benign ones 0 blocked (95 %: at most 1.8%)" in " ".join(text.split())
    write_readme(readme, made)
    assert readme.read_text() == text


@pytest.mark.parametrize("text", ["", f"{START}\n", f"{START}\n{END}\n{START}\n{END}\n"])
def test_a_readme_without_its_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(text)
    with pytest.raises(ValueError, match="must stand in it once"):
        write_readme(readme, results(tuned(20, 30, 52)))
    assert readme.read_text() == text
