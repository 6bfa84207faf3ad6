"""How far a rate that was counted may be from the true one."""

from scipy.special import betaincinv

CONFIDENCE = 0.95


def clopper_pearson(
    events: int, trials: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Lowest and highest rate that ``events`` of ``trials`` are compatible with, two-sided.

    The exact interval (Clopper and Pearson 1934) by quantiles of the beta distribution. Without a
    trial it is all of 0 to 1. Raises ValueError where events are not 0 to ``trials``.
    """
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events of {trials} trials")
    tail = (1 - confidence) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, tail))
    high = 1.0 if events == trials else float(betaincinv(events + 1, trials - events, 1 - tail))
    return low, high


def realised_rate(limit: int, packs: int, *, confidence: float = 0.9) -> tuple[float, float]:
    """Between which rates benign packs are truly flagged by the ``limit``-th largest of ``packs``.

    What a calibration promises, it promises in the mean over calibrations: of a single one, the
    share of benign packs above its limit has the distribution Beta(limit, packs + 1 - limit),
    whatever the statistics look like (the order statistics of a uniform sample), and lies between
    the two with probability ``confidence``. Raises ValueError where ``limit`` is not 1 to
    ``packs``.
    """
    if not 1 <= limit <= packs:
        raise ValueError(f"the {limit}. largest of {packs}")
    tail = (1 - confidence) / 2
    low, high = (betaincinv(limit, packs + 1 - limit, q) for q in (tail, 1 - tail))
    return float(low), float(high)
