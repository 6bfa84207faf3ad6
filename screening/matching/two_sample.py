"""The two-sample statistic, of a pack and of the parts of it that may show a character."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEST_SHARES = (0.5, 0.25)
"""Shares of a pack that are tested on their own, best-matching pictures first: the protected ones
may be few among many (matching_facts: recall .53-.75 at 25 % against 0 for the mean)."""

BEST_COST = 0.03
"""What the statistic of a best-matching share is lowered by: its pictures were chosen by what they
are tested for. Groups, which were not, are not (`benchmarks/character_evidence.md`)."""

CLOSENESS_WEIGHT = 0.05
"""How much of the closeness itself is added to T: of two equal T, that of closer sets is rarer."""

LEAST_CLOSENESS = 0.2
"""What is less close than this to the references is lowered by what lacks: 0 is the background, 1
the same picture. References that have little in common (a theme, one hand's clip-art) are as close
to a benign pack of that hand as to one another; 99.5 % of tune characters' packs lie above."""


def groups_of(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(k, n): which of the n pictures are in each group, larger groups first, the pack left out.

    ``vectors`` is (n, d), unit rows. Pictures are joined by the mean cosine of their pairs (average
    linkage; Sokal and Michener 1958), and every join but the last one is a group: n - 2 of them.
    They are found by chains of nearest neighbours (Murtagh 1983), each in n steps of n numbers; to
    import SciPy's takes as long as a tenth of a check from a cold start.
    """
    count = len(vectors)
    if count < 3:
        return np.zeros((0, count), np.bool_)
    wide = vectors.astype(np.float64)
    distances = 1 - wide @ wide.T
    np.fill_diagonal(distances, np.inf)
    members = np.eye(count, dtype=np.bool_)
    groups: list[NDArray[np.bool_]] = []
    chain: list[int] = []
    while len(groups) < count - 2:
        if not chain:
            chain = [int(np.isfinite(distances).any(axis=1).argmax())]
        last = chain[-1]
        nearest = int(distances[last].argmin())
        if len(chain) > 1 and distances[last, chain[-2]] <= distances[last, nearest]:
            nearest = chain[-2]
            del chain[-2:]
            _join(distances, members, last, nearest)
            groups.append(members[nearest].copy())
        else:
            chain.append(nearest)
    found = np.array(groups)
    return found[np.argsort(-found.sum(axis=1), kind="stable")]


def _join(distances: NDArray[np.float64], members: NDArray[np.bool_], gone: int, kept: int) -> None:
    """Make one group of two, at the place ``kept``; nothing is near the place ``gone`` any more."""
    one, other = int(members[gone].sum()), int(members[kept].sum())
    mean = (one * distances[gone] + other * distances[kept]) / (one + other)
    mean[[gone, kept]] = np.inf
    distances[kept] = distances[:, kept] = mean
    distances[gone] = distances[:, gone] = np.inf
    members[kept] |= members[gone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """`groups_of` a pack, (k, n) 0 or 1, with the sizes (k,) and mean scores within, (k,)."""

    members: NDArray[np.float64]
    sizes: NDArray[np.float64]
    within: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], grouped: NDArray[np.int64] | None = None) -> "Groups":
        """Of the pictures at the places ``grouped``, of all if that is None."""
        places = np.arange(len(vectors)) if grouped is None else grouped
        members = np.zeros((max(0, len(places) - 2), len(vectors)))
        members[:, places] = groups_of(vectors[places])
        sizes = members.sum(axis=1)
        totals = ((members @ vectors.astype(np.float64)) ** 2).sum(axis=1)
        return cls(members=members, sizes=sizes, within=(totals - sizes) / (sizes * (sizes - 1)))


def parts_of(
    vectors: NDArray[np.float32],
    closeness: NDArray[np.float64],
    references: NDArray[np.float32],
    groups: Groups,
    spread: float,
) -> Iterator[tuple[NDArray[np.int64], float]]:
    """The pack, groups and best-matching shares: places of the pictures, and the statistic."""
    within = within_of(references)

    def statistic(part: NDArray[np.int64]) -> float:
        inside = (within_of(vectors[part]) + within) / 2
        return float(weighed(closeness[part].mean(), inside, spread))

    count = len(vectors)
    whole = statistic(np.arange(count))
    yield np.arange(count), whole
    means = groups.members @ closeness / groups.sizes
    found = weighed(means, (groups.within + within) / 2, spread)
    surpassed = np.maximum.accumulate(np.append(whole, found))[:-1]
    for number in np.flatnonzero(found > surpassed).tolist():
        yield np.flatnonzero(groups.members[number]), float(found[number])
    order = np.argsort(-closeness, kind="stable")
    for share in BEST_SHARES:
        part = order[: math.ceil(share * count)]
        if len(part) >= 2:
            yield part, statistic(part) - BEST_COST


def weighed(
    across: NDArray[np.float64], within: NDArray[np.float64] | float, spread: float
) -> NDArray[np.float64]:
    """The statistic of mean scores across and within two sets of pictures, one or many."""
    closeness = 1 - (1 - across) / spread
    lacking = np.maximum(0, LEAST_CLOSENESS - closeness)
    statistic: NDArray[np.float64] = (
        (across - within) / spread + CLOSENESS_WEIGHT * closeness - lacking
    )
    return statistic


def within_of(vectors: NDArray[np.float32]) -> float:
    """Mean score of two different rows. One alone counts as 1: that makes T lower, not higher."""
    count = len(vectors)
    if count < 2:
        return 1.0
    total = vectors.sum(axis=0, dtype=np.float64)
    return float((total @ total - count) / (count * (count - 1)))
