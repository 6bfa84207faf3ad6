"""Verification: whether a pack is, byte by byte, the one that a decision was made on.

What a trainer does at its start: between the screening and the training lie minutes, a queue and
an object store, and what is swapped there would train unseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from screening.decision import Decision
from screening.errors import DecisionUnreadable
from screening.packs import Manifest, Pack, open_pack
from screening.policy import Verdict
from screening.settings import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What became of the members since the decision; paths are sorted, as `Pack.read` gives them.

    ``unread`` are members whose bytes were read neither then nor now, or not both times (a link,
    a file over the limits): nobody can say that they are the same.
    """

    verdict: Verdict
    members: int
    added: tuple[str, ...] = field(default=())
    removed: tuple[str, ...] = field(default=())
    changed: tuple[str, ...] = field(default=())
    unread: tuple[str, ...] = field(default=())

    @property
    def same(self) -> bool:
        """Whether every member is there, has the sha256 that was screened, and no other is."""
        return not (self.added or self.removed or self.changed or self.unread)

    def may_train(self, *, accept: Verdict = Verdict.ALLOW) -> bool:
        """Whether the pack is the same, and its verdict no more severe than ``accept``."""
        return self.same and self.verdict.severity <= accept.severity

    @property
    def differences(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(what happened, paths of members) of everything that is not the same."""
        kinds = {"changed": self.changed, "added": self.added, "removed": self.removed}
        yield from ((what, paths) for what, paths in kinds.items() if paths)
        if self.unread:
            yield "cannot be compared", self.unread


def verify_pack(
    pack: Pack | Path | str,
    decision: Decision,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Verification:
    """Read ``pack`` once and compare it with what ``decision`` was made on.

    An archive, and the folder that it was unpacked to, are the same pack. ``limits`` should be
    those of the screening: what is over them has no sha256. Raises PackError where the pack
    cannot be opened, DecisionUnreadable where the decision does not fit its own manifest.
    """
    if decision.pack.sha256 != decision.manifest.sha256:
        raise DecisionUnreadable(
            "the decision was changed: the sha256 of its pack is not that of its members"
        )
    opened = pack if isinstance(pack, Pack) else open_pack(pack, limits=limits)
    found = Manifest.of((each.path, each.sha256) for each in opened.read())
    return _compared(decision, dict(decision.manifest.digests), dict(found.digests))


def _compared(
    decision: Decision, screened: dict[str, str | None], found: dict[str, str | None]
) -> Verification:
    both = sorted(screened.keys() & found.keys())
    read = [path for path in both if screened[path] is not None and found[path] is not None]
    return Verification(
        verdict=decision.verdict,
        members=len(screened),
        added=tuple(sorted(found.keys() - screened.keys())),
        removed=tuple(sorted(screened.keys() - found.keys())),
        changed=tuple(path for path in read if screened[path] != found[path]),
        unread=tuple(sorted(set(both) - set(read))),
    )
