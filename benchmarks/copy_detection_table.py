"""From what was found to shares, their intervals, and the table of the benchmark of copies."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from detection_table import clopper_pearson
from numpy.typing import NDArray

from screening.evaluation.peer_hashes import FURTHEST, PEERS
from screening.matching.overlap import LEAST_AGREEMENT

SEED = 2
RATES = (1e-3, 1e-4)
TEMPLATES = "dicebear"
PLAIN_KEYPOINTS = 60
"""Drawings with fewer are plain: a drop, a spoon. Keypoints cannot tell them."""
RESAMPLES = 1000
COMPARED_PEERS = ("pHash-64", "PDQ")
MOST_CLUSTERS = 20
ALL = "all edits"
_NOTHING = 1e-9
_FACTS = (
    "references", "queries", "drawn_over", "agreement_needed", "untrue", "milliseconds_a_negative",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one query: how surely anything was (``any_``), and the right character
    (``own``), 0 not at all; the milliseconds that it took; whom it was taken for, if for anybody;
    and how many bits the nearest hash of each peer was off, of the right character and of any.

    ``over`` is a negative drawn over a reference; ``untrue`` how surely something was found whose
    lines are not there; ``detail`` how many keypoints the original of a copy has."""

    family: str
    source: str
    character: str
    any_: float
    own: float
    milliseconds: float
    taken_for: str = ""
    peers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    over: bool = False
    untrue: float = 0.0
    detail: int = PLAIN_KEYPOINTS


@dataclass(frozen=True, slots=True)
class _Column:
    """Which queries are hits: copies by ``own``, negatives by ``any_``."""

    own: Callable[[Found], bool]
    any_: Callable[[Found], bool]


def _column_of_sureness(least: float) -> _Column:
    return _Column(own=lambda each: each.own >= least, any_=lambda each: each.any_ >= least)


def _column_of_peer(name: str) -> _Column:
    def nearest(each: Found, place: int) -> bool:
        return each.peers.get(name, (FURTHEST, FURTHEST))[place] <= PEERS[name]

    return _Column(own=lambda each: nearest(each, 0), any_=lambda each: nearest(each, 1))


def summed_up(
    copies: Sequence[Found], negatives: Sequence[Found], families: Sequence[str]
) -> dict[str, Any]:
    fresh = [each for each in negatives if not each.over]
    needed = {"as shipped": _NOTHING, "certain": LEAST_AGREEMENT}
    needed |= {f"at {rate:g}": _needed([each.any_ for each in fresh], rate) for rate in RATES}
    needed |= {
        f"at {rate:g}, parts aside": _needed([each.untrue for each in fresh], rate)
        for rate in RATES
    }
    kinds = {
        "all": list(negatives),
        "fresh": fresh,
        "fresh, templates aside": [each for each in fresh if not each.source.startswith(TEMPLATES)],
        "drawn over a reference": [each for each in negatives if each.over],
    }
    for each in fresh:
        kinds.setdefault(each.source, []).append(each)
    kinds = {name: some for name, some in kinds.items() if some}
    telling = [each for each in copies if each.detail >= PLAIN_KEYPOINTS]
    columns = {name: _column_of_sureness(least) for name, least in needed.items()}
    asked = {name for each in copies for name in each.peers}
    columns |= {
        f"{name} <= {PEERS[name]}": _column_of_peer(name)
        for name in COMPARED_PEERS
        if name in asked
    }
    milliseconds = np.array([each.milliseconds for each in negatives])
    return {
        "queries": {"copies": len(copies), "negatives": len(negatives)},
        "agreement_needed": needed,
        "recall": {
            name: {family: _recall(copies, family, column) for family in (*families, ALL)}
            for name, column in columns.items()
        },
        "recall_of_telling": {
            name: {family: _recall(telling, family, column) for family in (*families, ALL)}
            for name, column in columns.items()
        },
        "untrue": {
            name: _rate_of([each.untrue >= least for each in fresh])
            for name, least in needed.items()
        },
        "false_positives": {
            name: {kind: _rate(some, column) for kind, some in kinds.items()}
            for name, column in columns.items()
        },
        "taken_for": clusters(negatives),
        "milliseconds_a_negative": {
            "median": float(np.median(milliseconds)),
            "p95": float(np.quantile(milliseconds, 0.95)),
            "mean": float(milliseconds.mean()),
        },
    }


def _needed(sureness: Sequence[float], rate: float) -> float:
    """How sure a finding must be so that at most ``rate`` of negatives, of which each has one of
    this ``sureness``, count."""
    surest = np.sort(sureness)[::-1]
    return max(_NOTHING, float(np.nextafter(surest[int(rate * len(surest))], 2)))


def _recall(copies: Sequence[Found], family: str, column: _Column) -> tuple[float, float, float]:
    """The share found, and the bounds of 95 % of bootstrap samples of characters."""
    mine = [each for each in copies if family in (each.family, ALL)]
    hits = np.array([column.own(each) for each in mine], np.float64)
    _, whose = np.unique([each.character for each in mine], return_inverse=True)
    count = int(whose.max()) + 1
    drawn = np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
    weights: NDArray[np.float64] = np.array([np.bincount(each, minlength=count) for each in drawn])
    shares = weights @ np.bincount(whose, hits, count) / (weights @ np.bincount(whose))
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(hits.mean()), float(low), float(high)


def _rate(some: Sequence[Found], column: _Column) -> tuple[float, float, float]:
    return _rate_of([column.any_(each) for each in some])


def _rate_of(hits: Sequence[bool]) -> tuple[float, float, float]:
    return (sum(hits) / len(hits), *clopper_pearson(sum(hits), len(hits)))


def clusters(negatives: Sequence[Found]) -> dict[str, int]:
    """ "Who was taken for whom", and how often: where few pairs are all, names may be wrong, or
    drawings the same."""
    pairs = Counter(
        f"{each.source}/{each.character} for {each.taken_for}" for each in negatives if each.any_
    )
    return dict(pairs.most_common(MOST_CLUSTERS))


def table(results: Mapping[str, Any]) -> str:
    names = list(results["recall"])
    lines = [f"| edit | {' | '.join(names)} |", "|---|" + "---|" * len(names)]

    def line(title: str, cells: Callable[[str], tuple[float, float, float]], digits: int) -> None:
        shown = (
            f"{share:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"
            for share, low, high in map(cells, names)
        )
        lines.append(f"| {title} | {' | '.join(shown)} |")

    for family in results["recall"][names[0]]:
        line(family, lambda name, f=family: results["recall"][name][f], 2)
    for kind in results["false_positives"][names[0]]:
        title = f"false positives, {kind}"
        line(title, lambda name, k=kind: results["false_positives"][name][k], 4)
    for family in results["recall_of_telling"][names[0]]:
        title = f"{family}, plain aside"
        line(title, lambda name, f=family: results["recall_of_telling"][name][f], 2)
    lines.append("")
    lines.extend(f"{name}: {results[name]}" for name in _FACTS if name in results)
    lines.extend(f"{count} x {pair}" for pair, count in results["taken_for"].items())
    return "\n".join(lines)
