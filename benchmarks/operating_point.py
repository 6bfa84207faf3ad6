"""The widest distance that holds a rate of false positives, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

FALSE_POSITIVE_RATE = 1e-3
ROUNDING = 1e-9
"""A rate times a count that should be whole may fall below by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Negatives:
    """Benign queries. ``nearest`` (n,) bits to the nearest reference, infinite where there is no
    hash to compare; ``otherwise`` (n,) bool, what is called a copy whatever the distance."""

    nearest: NDArray[np.float64]
    otherwise: NDArray[np.bool_]

    def false_positives(self, distance: float) -> int:
        """How many are called copies at ``distance`` (inclusive)."""
        return int((self.otherwise | (self.nearest <= distance)).sum())


def widest_distance(negatives: Negatives, rate: float = FALSE_POSITIVE_RATE) -> int | None:
    """The widest whole distance (inclusive) that calls at most ``rate`` of the negatives copies.

    None where no distance does: what is found otherwise is too much already, or too many lie at 0.
    Raises ValueError without negatives, or where no distance at all would call too many copies.
    """
    count = len(negatives.nearest)
    allowed = int(rate * count + ROUNDING) - int(negatives.otherwise.sum())
    others = np.sort(negatives.nearest[~negatives.otherwise & np.isfinite(negatives.nearest)])
    if count and allowed < 0:
        return None
    if allowed >= len(others):
        raise ValueError(f"{count} negatives do not bound the distance at a rate of {rate:g}")
    widest = int(np.ceil(others[allowed])) - 1
    return widest if widest >= 0 else None


def held(negatives: Negatives, distance: float) -> Mapping[str, Any]:
    """False positives at ``distance`` (inclusive), of how many, as a rate with 95 % bounds."""
    hits, count = negatives.false_positives(distance), len(negatives.nearest)
    return {
        "false_positives": hits,
        "negatives": count,
        "rate": hits / count,
        "interval": clopper_pearson(hits, count),
    }


def clopper_pearson(hits: int, count: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact bounds of a share."""
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, count - hits)) if hits < count else 1.0
    return low, high
