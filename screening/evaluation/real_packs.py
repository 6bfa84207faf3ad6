"""Packs of which the truth is known, through the screener: allowed, flagged, blocked by truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.errors import PackError
from screening.evaluation.bootstrap import Share, exact_share
from screening.policy import Verdict
from screening.screener import Screener

TRUTHS = ("benign", "protected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A benign pack that was not allowed, or a protected one that was; ``why``: the reasons."""

    pack: str
    truth: str
    verdict: Verdict
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealPacks:
    """``verdicts``: truth -> verdict -> packs. ``false_alarms`` are benign packs not allowed,
    ``found`` protected ones not allowed; None where there is no pack of that truth. ``left_out``:
    pack -> why it could not be opened."""

    verdicts: Mapping[str, Mapping[Verdict, int]]
    false_alarms: Share | None
    found: Share | None
    wrong: tuple[Wrong, ...]
    left_out: Mapping[str, str]


def screen_real(
    packs: Mapping[str, Sequence[Path]], screener: Screener, *, progress: Callable[[], None]
) -> RealPacks:
    """``packs``: truth, one of `TRUTHS` -> folders and archives."""
    verdicts = {truth: dict.fromkeys(Verdict, 0) for truth in TRUTHS}
    wrong: list[Wrong] = []
    left_out: dict[str, str] = {}
    for truth in TRUTHS:
        for pack in packs[truth]:
            try:
                decision = screener.screen(pack)
            except PackError as error:
                left_out[str(pack)] = str(error)
                continue
            finally:
                progress()
            verdicts[truth][decision.verdict] += 1
            if (decision.verdict is Verdict.ALLOW) == (truth == "protected"):
                wrong.append(
                    Wrong(
                        pack=str(pack),
                        truth=truth,
                        verdict=decision.verdict,
                        why=tuple(each.text for each in decision.reasons),
                    )
                )
    return RealPacks(
        verdicts=verdicts,
        false_alarms=_not_allowed(verdicts["benign"]),
        found=_not_allowed(verdicts["protected"]),
        wrong=tuple(wrong),
        left_out=left_out,
    )


def _not_allowed(verdicts: Mapping[Verdict, int]) -> Share | None:
    packs = sum(verdicts.values())
    if not packs:
        return None
    # characters of real packs are not told apart: each pack is its own
    return exact_share(packs - verdicts[Verdict.ALLOW], packs, characters=packs)
