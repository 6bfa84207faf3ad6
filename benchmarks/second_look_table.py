"""What `second_look.py` found, as rows and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from screening.calibration.bounds import clopper_pearson
from screening.policy import Verdict

WAYS = ("before", "now", "whole", "part")
"""What judges: both looks together, the highest of three, the whole picture and its part alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One pack by one way of looking: the highest T of any part of it, against its own character
    (any character if benign), and whether that flags."""

    statistic: float
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    trick: str
    source: str
    benign: bool
    verdict: Verdict
    seen: Mapping[str, Seen]


def markdown(rows: Sequence[Screened], *, split: str, pack: int, protected: int) -> str:
    """Packs found by trick and way of looking, with 95 % intervals; benign ones flagged."""
    count = sum(each.trick == "nothing" and not each.benign for each in rows)
    lines = [
        "| trick | T, before | T, now | found, before | found, now | by the whole alone "
        "| by the part alone | not allowed |",
        "|---|" + "---|" * 7,
    ]
    for trick in dict.fromkeys(each.trick for each in rows):
        own = [each for each in rows if each.trick == trick and not each.benign]
        cells = [trick]
        for way in WAYS[:2]:
            cells += [f"{np.median([each.seen[way].statistic for each in own]):.3f}"]
        cells += [_share(sum(each.seen[way].found for each in own), len(own)) for way in WAYS]
        cells.append(_share(sum(each.verdict is not Verdict.ALLOW for each in own), len(own)))
        lines.append("| " + " | ".join(cells) + " |")
    benign = [each for each in rows if each.benign]
    alarms = ", ".join(f"{way} {sum(each.seen[way].found for each in benign)}" for way in WAYS)
    head = (
        f"`python benchmarks/second_look.py --art DIR --scratch DIR --split {split}`: {count} "
        f"packs of {pack} pictures against {protected} protected characters. Flagged of "
        f"{len(benign)} benign packs as they are: {alarms}.\n"
    )
    return head + "\n" + "\n".join(lines) + "\n"


def _share(found: int, count: int) -> str:
    low, high = clopper_pearson(found, count)
    return f"{found / count:.2f} ({low:.2f}-{high:.2f})"


def plain(row: Screened) -> dict[str, Any]:
    """A row for JSON: by way of looking, T and whether it flags."""
    return {
        "trick": row.trick,
        "source": row.source,
        "benign": row.benign,
        "verdict": row.verdict,
        **{way: [seen.statistic, seen.found] for way, seen in row.seen.items()},
    }
