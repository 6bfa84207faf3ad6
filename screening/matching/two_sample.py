"""The two-sample statistic, of a pack and of the parts of it that may show a character."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VERSION = 3
"""Raised when the same pack would have another statistic: calibrations hang on it."""

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
    """`groups_of` the g pictures of a pack at ``places`` (g,): ``members`` (k, g) 0 or 1, with
    their sizes (k,) and mean scores within, (k,)."""

    places: NDArray[np.int64]
    members: NDArray[np.float64]
    sizes: NDArray[np.float64]
    within: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], grouped: NDArray[np.int64] | None = None) -> "Groups":
        """Of the pictures at the places ``grouped``, ascending; of all if that is None."""
        places = np.arange(len(vectors)) if grouped is None else grouped
        chosen = vectors[places]
        members = groups_of(chosen).astype(np.float64)
        sizes = members.sum(axis=1)
        totals = members @ chosen.astype(np.float64)
        return cls(places=places, members=members, sizes=sizes, within=_within(totals, sizes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A pack by one look: (n, d) unit rows, their groups, the background's spread by this look, and
    what the statistic is lowered by."""

    vectors: NDArray[np.float32]
    groups: Groups
    spread: float
    cost: float

    @classmethod
    def of(
        cls,
        vectors: NDArray[np.float32],
        *,
        spread: float,
        cost: float = 0.0,
        grouped: NDArray[np.int64] | None = None,
    ) -> "Sight":
        groups = Groups.of(vectors, grouped)
        return cls(vectors=vectors, groups=groups, spread=spread, cost=cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The references of k characters by one look: their mean vectors, as seen and mirrored, (k, d)
    each, and the mean scores within them, (k,)."""

    straight: NDArray[np.float64]
    mirrored: NDArray[np.float64]
    within: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        straight: NDArray[np.float32],
        mirrored: NDArray[np.float32],
        counts: Sequence[int] | None = None,
    ) -> "Known":
        """Of (m, d) unit rows, ``counts`` of them of each character, one after another; of one
        character if that is None."""
        sizes = np.array([len(straight)] if counts is None else counts)
        ends = np.cumsum(sizes)[:-1]
        totals, flipped = (
            np.stack([rows.sum(axis=0, dtype=np.float64) for rows in np.split(each, ends)])
            for each in (straight, mirrored)
        )
        return cls(
            straight=totals / sizes[:, None],
            mirrored=flipped / sizes[:, None],
            within=_within(totals, sizes),
        )

    @classmethod
    def joined(cls, known: Sequence["Known"]) -> "Known":
        """All characters of several, in their order."""
        return cls(
            straight=np.concatenate([each.straight for each in known]),
            mirrored=np.concatenate([each.mirrored for each in known]),
            within=np.concatenate([each.within for each in known]),
        )

    def closeness(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, k): each picture's mean score with the references, or with their mirror images if
        that is higher.

        A picture faces one way. The higher of each single pair would raise C above W and R, which
        have no such choice, and call look-alikes alike.
        """
        wide = vectors.astype(np.float64)
        closeness: NDArray[np.float64] = np.maximum(wide @ self.straight.T, wide @ self.mirrored.T)
        return closeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Pictures of a pack, closest to the references first, by the look that says most of them."""

    places: NDArray[np.int64]
    statistic: float
    look: int


def parts_of(sights: Sequence[Sight], known: Sequence[Known]) -> Iterator[list[Part]]:
    """For each character the pack, groups and best-matching shares of it that may show it.

    ``sights`` and ``known`` are by the same looks. Every part is judged by the look with the
    highest statistic, groups by the look that made them. Groups are those that no larger part
    surpasses, larger ones first.
    """
    judged = [
        _Judged.of(sight, references) for sight, references in zip(sights, known, strict=True)
    ]
    sizes = np.concatenate([sight.groups.sizes for sight in sights])
    larger_first = np.argsort(-sizes, kind="stable")
    look_of = np.repeat(np.arange(len(sights)), [len(sight.groups.sizes) for sight in sights])
    number_of = np.concatenate([np.arange(len(sight.groups.sizes)) for sight in sights])
    whole = np.stack([each.whole for each in judged])
    groups = np.concatenate([each.groups for each in judged])[larger_first]
    surpassed = np.maximum.accumulate(np.concatenate([whole.max(axis=0)[None], groups]))[:-1]
    rises = groups > surpassed
    for character in range(whole.shape[1]):
        look = int(whole[:, character].argmax())
        best_first = judged[look].best_first[:, character]
        parts = [Part(places=best_first, statistic=float(whole[look, character]), look=look)]
        for row in np.flatnonzero(rises[:, character]).tolist():
            look, number = int(look_of[larger_first[row]]), int(number_of[larger_first[row]])
            places = _best_first(judged[look].best_first[:, character], sights[look].groups, number)
            statistic = float(groups[row, character])
            parts.append(Part(places=places, statistic=statistic, look=look))
        for share, count in enumerate(shares_of(len(best_first))):
            found = [float(each.shares[share, character]) for each in judged]
            look = int(np.argmax(found))
            places = judged[look].best_first[:count, character]
            parts.append(Part(places=places, statistic=found[look], look=look))
        yield parts


def shares_of(count: int) -> list[int]:
    """How many pictures the best-matching shares of ``count`` hold, two at least."""
    sizes = [math.ceil(share * count) for share in BEST_SHARES]
    return [size for size in sizes if size >= 2]


def _best_first(places: NDArray[np.int64], groups: Groups, number: int) -> NDArray[np.int64]:
    """Those of the pack's ``places`` that are in the group with this number, in their order."""
    inside = np.zeros(len(places), np.bool_)
    inside[groups.places[groups.members[number] > 0]] = True
    return places[inside[places]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """By one look, against k characters: the pictures closest first (n, k), and the statistics of
    the pack (k,), of its groups (g, k) and of its best-matching shares (s, k)."""

    best_first: NDArray[np.int64]
    whole: NDArray[np.float64]
    groups: NDArray[np.float64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, sight: Sight, known: Known) -> "_Judged":
        closeness = known.closeness(sight.vectors)
        best_first = np.argsort(-closeness, axis=0, kind="stable")
        wide = sight.vectors.astype(np.float64)
        count = len(wide)
        groups, spread = sight.groups, sight.spread
        means = groups.members @ closeness[groups.places] / groups.sizes[:, None]
        inside = (groups.within[:, None] + known.within) / 2
        shares = np.empty((0, closeness.shape[1]))
        for size in shares_of(count):
            chosen = np.zeros_like(closeness)
            np.put_along_axis(chosen, best_first[:size], 1.0, axis=0)
            within = (_within(chosen.T @ wide, size) + known.within) / 2
            across = (chosen * closeness).sum(axis=0) / size
            share = weighed(across, within, spread) - BEST_COST
            shares = np.concatenate([shares, share[None]])
        all_in = (within_of(sight.vectors) + known.within) / 2
        return cls(
            best_first=best_first,
            whole=weighed(closeness.mean(axis=0), all_in, spread) - sight.cost,
            groups=weighed(means, inside, spread) - sight.cost,
            shares=shares - sight.cost,
        )


def weighed(
    across: NDArray[np.float64], within: NDArray[np.float64], spread: float
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
    total = vectors.sum(axis=0, dtype=np.float64)
    return float(_within(total[None], len(vectors))[0])


def _within(
    totals: NDArray[np.float64], sizes: NDArray[np.int64] | NDArray[np.float64] | int
) -> NDArray[np.float64]:
    """As `within_of`, (k,), of the sums (k, d) of so many unit rows each."""
    counts = np.broadcast_to(np.asarray(sizes, np.float64), len(totals))
    pairs = counts * (counts - 1)
    within = np.ones(len(totals))
    np.divide((totals**2).sum(axis=1) - counts, pairs, out=within, where=pairs > 0)
    return within
