"""Rates at a threshold with intervals by character, and their worst quarter of sources."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from embedder_scores import Estimate, resampled
from numpy.typing import NDArray

RESAMPLES = 300


def alarms(reached: NDArray[np.bool_], owners: NDArray[np.int64], *, seed: int) -> Estimate:
    """Share of packs that reach a threshold with anybody: ``reached`` (packs, characters).

    Only the packs' ``owners`` (packs,) are resampled: who is protected stays, since fewer
    different ones would be reached less often.
    """
    return found(reached.any(axis=1), owners, reached.shape[1], seed=seed)


def found(
    reached: NDArray[np.bool_], owners: NDArray[np.int64], count: int, *, seed: int
) -> Estimate:
    """Share of ``reached`` (n,) whose ``owners`` (n,) are resampled, ``count`` of them."""
    weights = resampled(count, seed, RESAMPLES)
    asked = weights[:, owners]
    return Estimate(
        value=float(reached.mean()),
        draws=_shares((asked * reached).sum(axis=1), asked.sum(axis=1)),
        characters=count,
        pictures=len(reached),
    )


def paired(reached: NDArray[np.bool_], owners: NDArray[np.int64], *, seed: int) -> Estimate:
    """Share of pairs of a picture with another character's references; ``reached`` (n, k)."""
    count = reached.shape[1]
    weights = resampled(count, seed, RESAMPLES)
    strange = owners[:, None] != np.arange(count)
    draws = []
    for each in weights:
        pairs = each[owners][:, None] * each[None] * strange
        draws.append((pairs * reached).sum() / max(1, pairs.sum()))
    return Estimate(
        value=float(reached[strange].mean()) if strange.any() else float("nan"),
        draws=np.array(draws),
        characters=count,
        pictures=len(owners),
    )


def _shares(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    return parts / np.maximum(wholes, 1)


def worst_quarter(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of the highest quarter of the sources', in every resample those highest in it."""
    kept = math.ceil(len(estimates) / 4)
    values = np.sort([each.value for each in estimates])[-kept:]
    draws = np.sort([each.draws for each in estimates], axis=0)[-kept:]
    return Estimate(
        value=float(values.mean()),
        draws=draws.mean(axis=0),
        characters=sum(each.characters for each in estimates),
        pictures=sum(each.pictures for each in estimates),
    )


def lowest_threshold(
    rate_at: Callable[[float], float], candidates: Sequence[float], rate: float
) -> float:
    """The lowest of ``candidates``, ascending, from which on the rate never exceeds ``rate``.

    Infinite where the last one still does.
    """
    lowest = float("inf")
    for candidate in reversed(candidates):
        if rate_at(candidate) > rate:
            break
        lowest = candidate
    return lowest


def shown(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"
