"""From scores to shares, their intervals, and the tables of the README."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from detection_scores import HASH, VECTOR, Scores
from numpy.typing import NDArray
from operating_point import (
    FALSE_POSITIVE_RATE,
    ROUNDING,
    Negatives,
    clopper_pearson,
    held,
    widest_distance,
)

from screening.evaluation.bootstrap import bootstrap_bounds, bootstrap_weights
from screening.evaluation.edits import EDITS

SHIPPED = "hash or keypoints"
TUNED = "hash or keypoints, 1e-3 on tune"
AT_RATE = "hash or keypoints at 1e-3"
LIKELY = "hash, keypoints or score"
ALL = "all families"


def measured(scores: Scores, tuned: Negatives) -> dict[str, Any]:
    """``recall``: column -> family -> share found; ``false_positives``: column -> kind -> share;
    ``operating_points``: how our distances were chosen, and what they hold.
    """
    columns = _columns(scores, tuned)
    positive, negative = scores.protected, ~scores.protected
    kinds = {"all": negative} | {
        str(kind): negative & (scores.families == kind)
        for kind in np.unique(scores.families[negative])
    }
    return {
        "operating_points": operating_points(scores, tuned),
        "thresholds_at_1e-3": {name: threshold_at_rate(scores, name) for name in scores.own},
        "queries": {
            "copies": int(positive.sum()),
            "negatives": {kind: int(mask.sum()) for kind, mask in kinds.items()},
        },
        "recall": {
            column: {ALL: float(own[positive].mean())}
            | {family: float(own[scores.families == family].mean()) for family in EDITS}
            for column, (own, _) in columns.items()
        },
        "false_positives": {
            column: {kind: float(any_[mask].mean()) for kind, mask in kinds.items()}
            for column, (_, any_) in columns.items()
        },
    }


def operating_points(scores: Scores, tuned: Negatives) -> dict[str, Any]:
    """Column -> the hash's distance in bits, and what it holds on the negatives of tune and test.

    A column is there only where a distance holds the rate.
    """
    return {
        column: {
            "distance_bits": distance,
            "chosen_on": chosen_on,
            "tune": held(tuned, distance),
            "test": held(scores.negatives, distance),
        }
        for column, distance, chosen_on in _distances(scores, tuned)
    }


def _distances(scores: Scores, tuned: Negatives) -> Iterator[tuple[str, int, str]]:
    yield SHIPPED, int(scores.thresholds[HASH]), "tune sources, before this benchmark was written"
    for column, negatives, chosen_on in (
        (TUNED, tuned, "tune negatives"),
        (AT_RATE, scores.negatives, "test negatives, as those of the peers"),
    ):
        distance = widest_distance(negatives)
        if distance is not None:
            yield column, distance, chosen_on


def threshold_at_rate(scores: Scores, name: str) -> float:
    """The widest threshold (inclusive) with at most 1e-3 of the negatives within it."""
    nearest = np.sort(scores.nearest[name][~scores.protected])
    allowed = int(FALSE_POSITIVE_RATE * len(nearest) + ROUNDING)
    return float(np.nextafter(nearest[allowed], -np.inf))


def _columns(
    scores: Scores, tuned: Negatives
) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Column -> whether each query's own subject was found, and whether any was."""

    def within(name: str, limit: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return scores.own[name] <= limit, scores.nearest[name] <= limit

    def with_hash(
        others: NDArray[np.bool_], distance: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        own, any_ = within(HASH, distance)
        return own | others[:, 0], any_ | others[:, 1]

    columns = {
        column: with_hash(scores.keypoints, distance)
        for column, distance, _ in _distances(scores, tuned)
    }
    columns[LIKELY] = with_hash(scores.likely, scores.thresholds[HASH])
    for name in scores.own:
        fixed = scores.thresholds[name]
        shown = f">= {-fixed:g}" if name == VECTOR else f"<= {fixed:g}"
        columns[f"{name} {shown}"] = within(name, fixed)
        columns[f"{name} at 1e-3"] = within(name, threshold_at_rate(scores, name))
    return columns


def intervals(
    scores: Scores, tuned: Negatives, *, seed: int
) -> dict[str, dict[str, tuple[float, float]]]:
    """95 % bootstrap intervals of the recalls, resampling subjects: column -> family -> bounds."""
    columns = _columns(scores, tuned)
    subjects, number = np.unique(scores.subjects[scores.protected], return_inverse=True)
    weights = bootstrap_weights(len(subjects), seed=seed)
    families = scores.families[scores.protected]
    bounds: dict[str, dict[str, tuple[float, float]]] = {}
    for column, (own, _) in columns.items():
        found = own[scores.protected]
        bounds[column] = {
            family: bootstrap_bounds(found[mask], number[mask], weights)
            for family, mask in (
                (ALL, np.ones(len(found), bool)),
                *((family, families == family) for family in EDITS),
            )
        }
    return bounds


def markdown(results: Mapping[str, Any]) -> str:
    """The tables, ready for the README."""
    recall, false, bounds = results["recall"], results["false_positives"], results["intervals"]
    columns = [each for each in recall if not each.startswith(f"{HASH} at")]
    negatives = results["queries"]["negatives"]["all"]
    lines = [
        f"| edit | {' | '.join(columns)} |",
        f"|---|{'---|' * len(columns)}",
    ]
    for family in (*EDITS, ALL):
        cells = [f"{recall[column][family]:.2f}" for column in columns]
        low, high = bounds[SHIPPED][family]
        cells[0] += f" ({low:.2f}-{high:.2f})"
        lines.append(f"| {family} | {' | '.join(cells)} |")
    rates = " | ".join(f"{false[column]['all']:.4f}" for column in columns)
    lines.append(f"| **false positives**, of {negatives} benign pictures | {rates} |")
    for column, point in results["operating_points"].items():
        lines.append(f"\n{column}: {told(point)}")
    return "\n".join(lines) + "\n" + _pack_table(results.get("packs", {}))


def told(point: Mapping[str, Any]) -> str:
    """An operating point in a sentence: how it was chosen, and what it held."""
    shown = ", ".join(
        f"{each['false_positives']} of {each['negatives']} {name} negatives"
        f" (95 %: {each['interval'][0]:.2g} to {each['interval'][1]:.2g})"
        for name, each in (("tune", point["tune"]), ("test", point["test"]))
    )
    return f"<= {point['distance_bits']} bits, chosen on {point['chosen_on']}: {shown}"


def _pack_table(packs: Mapping[str, Any]) -> str:
    if not packs:
        return ""
    shown = ("flagged", "with copy evidence", "with character evidence", "blocked")
    lines = [
        "",
        f"| packs of 24 pictures | packs | {' | '.join(shown)} |",
        "|---|---|" + "---|" * 4,
    ]
    for kind, row in packs.items():
        cells = []
        for share in shown:
            low, high = clopper_pearson(row[share], row["packs"])
            cells.append(f"{row[share] / row['packs']:.3f} ({low:.3f}-{high:.3f})")
        lines.append(f"| {kind} | {row['packs']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
