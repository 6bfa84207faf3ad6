"""Shares with 95 % intervals that take characters, not pictures, as what was drawn by lot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screening.calibration.bounds import clopper_pearson

RESAMPLES = 1000
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """``found`` of ``asked`` about so many ``characters``; ``low`` to ``high`` is the interval."""

    found: int
    asked: int
    characters: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.found / self.asked


def share_by_character(found: Sequence[bool], characters: Sequence[str]) -> Share:
    """Interval by resampling characters; entry i of both is about one question.

    Where all were found, or none, resampling says that it is sure: the interval is then that of
    Clopper and Pearson with one trial for each character. Raises ValueError for no question.
    """
    if not found:
        raise ValueError("a share of nothing")
    hits = np.array(found, np.bool_)
    names, number = np.unique(np.array(characters), return_inverse=True)
    if hits.all() or not hits.any():
        low, high = clopper_pearson(len(names) if hits.all() else 0, len(names))
    else:
        low, high = bootstrap_bounds(hits, number, bootstrap_weights(len(names), seed=SEED))
    return Share(found=int(hits.sum()), asked=len(hits), characters=len(names), low=low, high=high)


def exact_share(found: int, asked: int, *, characters: int) -> Share:
    """Interval by Clopper and Pearson, for questions of which no two are about one character."""
    low, high = clopper_pearson(found, asked)
    return Share(found=found, asked=asked, characters=characters, low=low, high=high)


def bootstrap_weights(subjects: int, *, seed: int) -> NDArray[np.int64]:
    """(RESAMPLES, subjects): how often each subject is drawn, with replacement."""
    drawn = np.random.default_rng(seed).integers(0, subjects, (RESAMPLES, subjects))
    return np.array([np.bincount(each, minlength=subjects) for each in drawn])


def bootstrap_bounds(
    found: NDArray[np.bool_], subjects: NDArray[np.int64], weights: NDArray[np.int64]
) -> tuple[float, float]:
    """2.5 % and 97.5 % quantile of the share; ``subjects`` (n,) numbers columns of ``weights``."""
    size = weights.shape[1]
    hits = weights @ np.bincount(subjects[found], minlength=size)
    counts = weights @ np.bincount(subjects, minlength=size)
    low, high = np.quantile(hits / np.maximum(counts, 1), (0.025, 0.975))
    return float(low), float(high)
