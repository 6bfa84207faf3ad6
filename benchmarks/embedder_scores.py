"""Figures of an embedder with intervals that resample characters, not pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 500
LEVEL = 0.95

Rows = NDArray[np.float32]
Labels = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure; ``draws`` (resamples,) are its values on resampled characters."""

    value: float
    draws: NDArray[np.float64]
    characters: int
    pictures: int

    @property
    def low(self) -> float:
        return float(np.nanquantile(self.draws, (1 - LEVEL) / 2))

    @property
    def high(self) -> float:
        return float(np.nanquantile(self.draws, (1 + LEVEL) / 2))


def mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """The mean over sources that share no character, each counting the same."""
    return Estimate(
        value=float(np.mean([each.value for each in estimates])),
        draws=np.mean([each.draws for each in estimates], axis=0),
        characters=sum(each.characters for each in estimates),
        pictures=sum(each.pictures for each in estimates),
    )


def ratio_of(upper: Estimate, lower: Estimate) -> Estimate:
    """``upper`` / ``lower`` of the same characters under the same seed; NaN where lower is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = upper.draws / np.where(lower.draws > 0, lower.draws, np.nan)
    value = upper.value / lower.value if lower.value else float("nan")
    return Estimate(value=value, draws=draws, characters=upper.characters, pictures=upper.pictures)


def resampled(count: int, seed: int, resamples: int = RESAMPLES) -> NDArray[np.int64]:
    """(resamples, count): how often each of ``count`` characters is drawn, with replacement."""
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, count, (resamples, count))
    return np.stack([np.bincount(each, minlength=count) for each in drawn])


def share(hits: NDArray[np.bool_], characters: Labels, *, seed: int) -> Estimate:
    """The share of ``hits`` (n,), whose characters are resampled together."""
    names, number = np.unique(characters, return_inverse=True)
    weights = resampled(len(names), seed)
    found = weights @ np.bincount(number[hits], minlength=len(names))
    asked = weights @ np.bincount(number, minlength=len(names))
    return Estimate(
        value=float(hits.mean()),
        draws=found / np.maximum(asked, 1),
        characters=len(names),
        pictures=len(hits),
    )


def unit(rows: Rows) -> Rows:
    """``rows`` (n, d) at length 1, float32; a row of zeros stays zeros and finds nothing."""
    wide = rows.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    scaled: Rows = (wide / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


def leave_one_out(rows: Rows, characters: Labels) -> NDArray[np.bool_]:
    """Whether the nearest other row is of the same character; (n,). A tie with a wrong one fails.

    Characters with a single row are asked for in vain: leave them out before.
    """
    scores = rows @ rows.T
    np.fill_diagonal(scores, -np.inf)
    return _own_is_nearest(scores, characters[:, None] == characters[None, :])


def nearest_is_own(queries: Rows, gallery: Rows, asked: Labels, known: Labels) -> NDArray[np.bool_]:
    """Whether the nearest of ``gallery`` (m, d) is the one of ``asked`` (n,); (n,).

    A tie with a wrong one fails: a blank picture is not found.
    """
    return own_is_nearest(queries @ gallery.T, asked, known)


def own_is_nearest(scores: NDArray[np.float32], asked: Labels, known: Labels) -> NDArray[np.bool_]:
    """As `nearest_is_own` from ``scores`` (n, m)."""
    return _own_is_nearest(scores, asked[:, None] == known[None, :])


def _own_is_nearest(scores: NDArray[np.float32], same: NDArray[np.bool_]) -> NDArray[np.bool_]:
    own = np.where(same, scores, -np.inf).max(axis=1)
    other = np.where(same, -np.inf, scores).max(axis=1)
    nearest: NDArray[np.bool_] = own > other
    return nearest


def same_or_different(
    rows: Rows, characters: Labels, *, seed: int, different: int = 50_000
) -> Estimate:
    """AUC of the score between two rows: that of one character above that of two.

    Every pair of one character counts, and ``different`` drawn pairs of two. Raises ValueError
    without two characters, one of them with two rows.
    """
    names, number = np.unique(characters, return_inverse=True)
    one, other = np.triu_indices(len(rows), 1)
    same = number[one] == number[other]
    if not same.any() or same.all():
        raise ValueError("an AUC needs pairs of one character and pairs of two")
    unlike = np.flatnonzero(~same)
    if len(unlike) > different:
        chance = np.random.default_rng(seed)
        unlike = np.sort(chance.choice(unlike, different, replace=False))
    alike = np.flatnonzero(same)
    positive = np.einsum("nd,nd->n", rows[one[alike]], rows[other[alike]])
    negative = np.einsum("nd,nd->n", rows[one[unlike]], rows[other[unlike]])
    order = np.argsort(negative, kind="stable")
    pairs = number[one[unlike]][order], number[other[unlike]][order]
    below = np.searchsorted(negative[order], positive, side="left")
    up_to = np.searchsorted(negative[order], positive, side="right")
    whose = number[one[alike]]

    def auc(weights: NDArray[np.int64]) -> float:
        total = np.concatenate([[0], np.cumsum(weights[pairs[0]] * weights[pairs[1]])])
        won = weights[whose] * (total[below] + total[up_to]) / 2
        count = weights[whose].sum() * total[-1]
        return float(won.sum() / count) if count else float("nan")

    return Estimate(
        value=auc(np.ones(len(names), np.int64)),
        draws=np.array([auc(each) for each in resampled(len(names), seed)]),
        characters=len(names),
        pictures=len(rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """The two-sample statistic of every pack against every character's references.

    ``pure`` (packs, characters): of packs of one character, whose is ``pure_of`` (packs,).
    ``mixed`` (mixtures,): of packs of the characters ``mixed_of`` and, for the rest,
    ``mixed_with`` against the references of the first. ``pure_of``, ``mixed_of`` and
    ``mixed_with`` are numbers of columns.
    """

    pure: NDArray[np.float64]
    pure_of: NDArray[np.int64]
    mixed: NDArray[np.float64]
    mixed_of: NDArray[np.int64]
    mixed_with: NDArray[np.int64]


PROTECTED = 10
SPLITS = 24
FALSE_ALARMS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    """Packs over all splits: (n,) statistics, and (n, 2) characters that each hangs on."""

    benign: NDArray[np.float64]
    benign_of: NDArray[np.int64]
    found: NDArray[np.float64]
    found_of: NDArray[np.int64]


def pack_recall(packs: Packs, *, mixed: bool, seed: int) -> Estimate:
    """Share of packs found where 1 % of benign packs of the same source are flagged.

    Over SPLITS random splits, up to PROTECTED characters are protected, at most half of them; the
    others' pure packs are benign, and each one's statistic is its maximum over the protected ones.
    A pack is found by the references of its own character. A pack weighs in a resample what the
    characters that it hangs on weigh together: its own, and the look-alike whose references it
    came nearest to, or the one that it is mixed with. Leaving undrawn characters out of the splits
    would leave fewer look-alikes, and every resample would be better than the whole.
    """
    count = packs.pure.shape[1]
    events = _events(packs, np.random.default_rng(seed), mixed=mixed)
    return Estimate(
        value=_recall(events, np.ones(count, np.int64)),
        draws=np.array([_recall(events, weights) for weights in resampled(count, seed)]),
        characters=count,
        pictures=len(packs.mixed) if mixed else len(packs.pure),
    )


def _events(packs: Packs, chance: np.random.Generator, *, mixed: bool) -> _Events:
    count = packs.pure.shape[1]
    own = packs.pure[np.arange(len(packs.pure)), packs.pure_of]
    benign, benign_of, found, found_of = [], [], [], []
    for _ in range(SPLITS):
        protected = np.sort(chance.permutation(count)[: min(PROTECTED, count // 2)])
        free = ~np.isin(np.arange(count), protected)
        rows = np.flatnonzero(free[packs.pure_of])
        against = packs.pure[np.ix_(rows, protected)]
        benign.append(against.max(axis=1))
        nearest = protected[against.argmax(axis=1)]
        benign_of.append(np.stack([packs.pure_of[rows], nearest], axis=1))
        if mixed:
            rows = np.flatnonzero(~free[packs.mixed_of] & free[packs.mixed_with])
            found.append(packs.mixed[rows])
            found_of.append(np.stack([packs.mixed_of[rows], packs.mixed_with[rows]], axis=1))
        else:
            rows = np.flatnonzero(~free[packs.pure_of])
            found.append(own[rows])
            found_of.append(np.stack([packs.pure_of[rows]] * 2, axis=1))
    return _Events(
        benign=np.concatenate(benign),
        benign_of=np.concatenate(benign_of),
        found=np.concatenate(found),
        found_of=np.concatenate(found_of),
    )


def _recall(events: _Events, weights: NDArray[np.int64]) -> float:
    """NaN where a resample has no benign pack or none to be found."""
    benign = weights[events.benign_of].prod(axis=1)
    # One character alone weighs once, not its square.
    one = events.found_of[:, 0] == events.found_of[:, 1]
    found = np.where(one, weights[events.found_of[:, 0]], weights[events.found_of].prod(axis=1))
    if not benign.sum() or not found.sum():
        return float("nan")
    threshold = highest_allowed(events.benign, benign, rate=FALSE_ALARMS)
    return float(found[events.found > threshold].sum() / found.sum())


def highest_allowed(
    scores: NDArray[np.float64], weights: NDArray[np.int64], *, rate: float
) -> float:
    """The lowest of ``scores`` with at most ``rate`` of all weight strictly above it."""
    order = np.argsort(scores)
    above = weights.sum() - np.cumsum(weights[order])
    return float(scores[order][np.flatnonzero(above <= rate * weights.sum())[0]])
