"""From scores to shares, their intervals, and the tables of the README."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from detection_scores import HASH, VECTOR, Scores
from edits import EDITS
from numpy.typing import NDArray
from peer_hashes import PEERS
from scipy.stats import beta

FALSE_POSITIVE_RATE = 1e-3
RESAMPLES = 1000
CERTAIN, LIKELY = "hash or keypoints", "certain or likely"
ALL = "all families"


def recalls(scores: Scores) -> dict[str, Any]:
    """``recall``: column -> family -> share found; ``false_positives``: column -> kind -> share."""
    thresholds = {name: thresholds_at_rate(scores, name) for name in scores.thresholds}
    columns = _columns(scores, thresholds)
    positive, negative = scores.protected, ~scores.protected
    kinds = {"all": negative} | {
        str(kind): negative & (scores.families == kind)
        for kind in np.unique(scores.families[negative])
    }
    return {
        "thresholds_at_1e-3": thresholds,
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


def thresholds_at_rate(scores: Scores, name: str) -> float:
    """The widest threshold (inclusive) with at most 1e-3 of the negatives within it."""
    nearest = np.sort(scores.nearest[name][~scores.protected])
    allowed = int(FALSE_POSITIVE_RATE * len(nearest))
    return float(np.nextafter(nearest[allowed], -np.inf))


def _columns(
    scores: Scores, at_rate: Mapping[str, float]
) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Column -> whether each query's own subject was found, and whether any was."""

    def within(name: str, limit: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return scores.own[name] <= limit, scores.nearest[name] <= limit

    columns = {
        CERTAIN: (scores.certain[:, 0], scores.certain[:, 1]),
        LIKELY: (scores.likely[:, 0], scores.likely[:, 1]),
    }
    for name in (HASH, VECTOR, *PEERS):
        fixed = scores.thresholds[name]
        shown = f">= {-fixed:g}" if name == VECTOR else f"<= {fixed:g}"
        columns[f"{name} {shown}"] = within(name, fixed)
        columns[f"{name} at 1e-3"] = within(name, at_rate[name])
    return columns


def intervals(scores: Scores, *, seed: int) -> dict[str, dict[str, tuple[float, float]]]:
    """95 % bootstrap intervals of the recalls, resampling subjects: column -> family -> bounds."""
    random = np.random.default_rng(seed)
    at_rate = {name: thresholds_at_rate(scores, name) for name in scores.thresholds}
    columns = _columns(scores, at_rate)
    subjects, number = np.unique(scores.subjects[scores.protected], return_inverse=True)
    drawn = random.integers(0, len(subjects), (RESAMPLES, len(subjects)))
    weights = np.array([np.bincount(each, minlength=len(subjects)) for each in drawn])
    families = scores.families[scores.protected]
    bounds: dict[str, dict[str, tuple[float, float]]] = {}
    for column, (own, _) in columns.items():
        found = own[scores.protected]
        bounds[column] = {
            family: _bounds(found[mask], number[mask], weights)
            for family, mask in (
                (ALL, np.ones(len(found), bool)),
                *((family, families == family) for family in EDITS),
            )
        }
    return bounds


def _bounds(
    found: NDArray[np.bool_], subjects: NDArray[np.int64], weights: NDArray[np.int64]
) -> tuple[float, float]:
    size = weights.shape[1]
    hits = weights @ np.bincount(subjects[found], minlength=size)
    counts = weights @ np.bincount(subjects, minlength=size)
    low, high = np.quantile(hits / np.maximum(counts, 1), (0.025, 0.975))
    return float(low), float(high)


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
        low, high = bounds[CERTAIN][family]
        cells[0] += f" ({low:.2f}-{high:.2f})"
        lines.append(f"| {family} | {' | '.join(cells)} |")
    rates = " | ".join(f"{false[column]['all']:.4f}" for column in columns)
    lines.append(f"| **false positives**, of {negatives} benign pictures | {rates} |")
    return "\n".join(lines) + "\n" + _pack_table(results.get("packs", {}))


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


def clopper_pearson(hits: int, count: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact bounds of a share."""
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, count - hits)) if hits < count else 1.0
    return low, high
