"""The gate in one call, for a training queue or a trainer written in Python.

from screening import PackBlocked, PackFlagged, screen_or_raise

try:
    decision = screen_or_raise("upload.zip", screener=screener, uploader="user:17")
except PackFlagged as flagged:
    ...  # a person looks at flagged.decision
except PackBlocked as blocked:
    ...  # the uploader reads blocked.decision.notice("en")
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from screening.decision import Decision
from screening.errors import ScreeningError
from screening.packs import Pack
from screening.policy import Verdict
from screening.screener import Screener
from screening.settings import Limits, Settings
from screening.verification import Verification, verify_pack

OnFlag = Literal["stop", "allow"]


class PackRefused(ScreeningError):  # noqa: N818 - named after what happened to the pack
    """The pack must not be trained, or not yet. ``decision`` says why; pickles whole.

    The text names reasons, never scores or thresholds.
    """

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision)
        self.decision = decision

    def __str__(self) -> str:
        reasons = " ".join(
            each.text for each in self.decision.reasons if each.verdict is self.decision.verdict
        )
        return f"{self.decision.pack.name}: {self.decision.verdict}: {reasons}"


class PackFlagged(PackRefused):
    """A person has to look before anything is trained."""

    exit_code = 10


class PackBlocked(PackRefused):
    """Must not be trained."""

    exit_code = 20


class PackChanged(ScreeningError):  # noqa: N818
    """The pack is not the one that was screened; ``verification`` names the members."""

    exit_code = 20

    def __init__(self, verification: Verification) -> None:
        super().__init__(verification)
        self.verification = verification

    def __str__(self) -> str:
        differences = (
            f"{what}: {paths[0]!r}" + (f" and {len(paths) - 1} more" if paths[1:] else "")
            for what, paths in self.verification.differences
        )
        return f"the pack is not the one that was screened; {'; '.join(differences)}"


def screen_or_raise(
    pack: Pack | Path | str,
    *,
    screener: Screener | None = None,
    index: Path | str | None = None,
    references: Path | str | None = None,
    settings: Settings | None = None,
    uploader: str = "",
    on_flag: OnFlag = "stop",
) -> Decision:
    """The decision on ``pack`` if it may be trained; raises PackFlagged or PackBlocked else.

    ``screener`` is one that stays open; without it one is opened for this pack, as
    `Screener.open` does it with ``index``, ``references`` and ``settings``. With ``on_flag``
    ``"allow"``, a flag is returned as an allow is, and whoever asked looks afterwards. Raises
    whatever `Screener.open` and `Screener.screen` raise: no error is an allow.
    """
    with ExitStack() as opened:
        if screener is None:
            screener = opened.enter_context(
                Screener.open(index, references=references, settings=settings)
            )
        decision = screener.screen(pack, uploader=uploader)
    return accepted(decision, on_flag=on_flag)


def accepted(decision: Decision, *, on_flag: OnFlag = "stop") -> Decision:
    """``decision`` if it lets the pack be trained; raises PackFlagged or PackBlocked else."""
    if decision.verdict is Verdict.ALLOW:
        return decision
    if decision.verdict is Verdict.FLAG:
        if on_flag == "allow":
            return decision
        raise PackFlagged(decision)
    raise PackBlocked(decision)


def verify_or_raise(
    pack: Pack | Path | str,
    decision: Decision,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> None:
    """Raise PackChanged unless ``pack`` is, byte by byte, the one that ``decision`` was made on.

    For the machine that trains, right before it opens the pack. Raises PackError where the pack
    cannot be opened. It does not look at the verdict.
    """
    found = verify_pack(pack, decision, limits=limits)
    if not found.same:
        raise PackChanged(found)
