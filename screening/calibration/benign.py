"""From benign packs to a calibration."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from screening.calibration.binding import Binding, Kind
from screening.calibration.calibration import (
    Calibration,
    Check,
    Suspect,
    buckets_of,
)

CHECKED_ALPHAS = (0.05, 0.01, 0.001)

SUSPICIOUS_PACKS = 3
"""A character that matches fewer unrelated packs may be a coincidence, whatever alpha is."""

Named = tuple[str, str]
"""Reference set, character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenignPack:
    """A benign pack as it was compared with the index.

    ``origin`` is whose pack it is: packs of one origin count once where unrelated packs are
    counted. ``strengths``: kind -> character -> margin or strength of copies, of each character
    that it was compared with, or has copies of. Copies are missing where they were not looked for.
    """

    origin: str
    different_pictures: int
    strengths: Mapping[Kind, Mapping[Named, float]]

    @property
    def statistics(self) -> dict[Kind, float]:
        """The one number of each kind: the largest. Without any copy it is 0."""
        found = {kind: max(of.values()) for kind, of in self.strengths.items() if of}
        if Kind.COPIES in self.strengths:
            found.setdefault(Kind.COPIES, 0.0)
        return found


def calibrated(
    packs: Sequence[BenignPack],
    held_out: Sequence[BenignPack],
    *,
    binding: Binding,
    source: str,
    provisional: str,
    alphas: Mapping[Kind, float],
) -> Calibration:
    """A calibration by ``packs``, checked with ``held_out``, which it does not hang on.

    ``alphas`` are those of the policy.
    """
    made = Calibration(
        source=source,
        provisional=provisional,
        binding=binding,
        buckets=buckets_of([(each.different_pictures, each.statistics) for each in packs]),
    )
    return replace(
        made, checks=checks_of(made, held_out, alphas), suspects=_suspects(packs, alphas)
    )


def checks_of(
    calibration: Calibration,
    packs: Sequence[BenignPack],
    alphas: Mapping[Kind, float],
    *,
    growth: float = 1.0,
) -> tuple[Check, ...]:
    """How many of ``packs`` have a p-value of at most alpha, for several alphas.

    One pack of each origin, chosen by lot: packs of one subject are flagged together, and the
    interval of a rate takes those that it counts as unrelated. Packs of a size that there are too
    few benign packs of for an alpha are not judged by it. ``growth``: times what was calibrated
    with.
    """
    counted: Counter[tuple[Kind, float, bool]] = Counter()
    for pack in _one_of_each_origin(packs):
        yardstick = calibration.yardstick(pack.different_pictures, dict.fromkeys(Kind, growth))
        for kind, statistic in pack.statistics.items():
            for alpha in {*CHECKED_ALPHAS, *(alphas[kind] for _ in (0,) if kind in alphas)}:
                limit = yardstick.limit(kind, alpha)
                if limit is not None:
                    counted[kind, alpha, statistic > limit] += 1
    tried = sorted({(kind, -alpha) for kind, alpha, _ in counted})
    return tuple(
        Check(
            kind=kind,
            alpha=-alpha,
            packs=counted[kind, -alpha, True] + counted[kind, -alpha, False],
            flagged=counted[kind, -alpha, True],
        )
        for kind, alpha in tried
    )


def _one_of_each_origin(packs: Sequence[BenignPack]) -> Iterator[BenignPack]:
    by_origin: dict[str, list[BenignPack]] = {}
    for pack in packs:
        by_origin.setdefault(pack.origin, []).append(pack)
    for origin, of in by_origin.items():
        yield of[int.from_bytes(hashlib.sha256(origin.encode()).digest()[:8]) % len(of)]


def _suspects(packs: Sequence[BenignPack], alphas: Mapping[Kind, float]) -> tuple[Suspect, ...]:
    """Characters that match packs of more origins than alpha allows for all characters together."""
    origins = {each.origin for each in packs}
    matched: dict[tuple[Kind, Named], set[str]] = {}
    for pack in packs:
        for kind, strengths in pack.strengths.items():
            for named, strength in strengths.items():
                if strength >= 0:
                    matched.setdefault((kind, named), set()).add(pack.origin)
    return tuple(
        Suspect(
            kind=kind, reference_set=named[0], character=named[1], packs=len(of), of=len(origins)
        )
        for (kind, named), of in sorted(matched.items(), key=lambda each: (-len(each[1]), each[0]))
        if len(of) >= SUSPICIOUS_PACKS and len(of) > alphas.get(kind, 0.0) * len(origins)
    )
