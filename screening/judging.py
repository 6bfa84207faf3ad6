"""Judging: from evidence to a verdict, with a sentence for every step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from screening.calibration.calibration import packs_needed
from screening.counts import counted
from screening.evidence import (
    CharacterEvidence,
    CopyEvidence,
    Evidence,
    NameEvidence,
    Rank,
    Statistic,
)
from screening.packs.member import shortened
from screening.policy import CopyPolicy, NamePolicy, Policy, Reason, Rules, Standing, Verdict

TOLD_PACKS = packs_needed(0.01)
"""Benign packs of a size among which at most 1 % can be told from more."""

NAME_CHARACTERS = 80
"""Longest name of a member in a sentence; an upload's names may have 4,000."""

TOLD_NAMES = 3
"""Of others that show what a reference shows; a part of a template may be in pictures of many."""

HELD = (
    " It does not block, because reference images among them are held: packs of many uploaders "
    "match them and nothing else of the character."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What `decide` judges: the evidence, and how the rest of the pack was read."""

    evidence: Evidence
    pictures: int
    unscreened: int
    first_unscreened: Sequence[str] = ()
    characters_in_index: int


NameOf = Callable[[str, str], str]
StandingOf = Callable[[str, str], tuple[Standing, str]]
WorkOf = Callable[[str], str]
BlockingOf = Callable[[CopyEvidence], int]


def _no_work(_: str) -> str:
    return ""


def _all_certain(found: CopyEvidence) -> int:
    return found.certain_pictures


def decide(
    findings: Findings,
    policy: Policy,
    *,
    name_of: NameOf,
    standing_of: StandingOf,
    work_of: WorkOf = _no_work,
    blocking_of: BlockingOf = _all_certain,
) -> tuple[Verdict, tuple[Reason, ...]]:
    """The verdict and its reasons, most severe first. More evidence never lowers a verdict.

    ``name_of(reference_set, character)`` is how a sentence calls a character, and
    ``standing_of`` how evidence about it counts, with a sentence why if it does not count fully.
    ``work_of(reference_set)`` is the title that the policy may have rules for. ``blocking_of`` is
    how many of the certain pictures are copies of images that are not held.
    """

    def rules_of(found: CopyEvidence | CharacterEvidence) -> Rules:
        return policy.rules(found.reference_set, work_of(found.reference_set))

    reasons = [
        *_judged(
            findings.evidence, policy, name_of, standing_of, rules_of, blocking_of=blocking_of
        ),
        *_unread(findings),
    ]
    if not reasons or all(reason.verdict is Verdict.ALLOW for reason in reasons):
        reasons.append(_nothing_found(findings, others=bool(reasons)))
    reasons.sort(key=lambda reason: -reason.verdict.severity)
    return reasons[0].verdict, tuple(reasons)


def _judged(
    evidence: Evidence,
    policy: Policy,
    name_of: NameOf,
    standing_of: StandingOf,
    rules_of: Callable[[CopyEvidence | CharacterEvidence], Rules],
    *,
    blocking_of: BlockingOf,
) -> Iterable[Reason]:
    copies, names = policy.copies, policy.names
    found: list[tuple[CopyEvidence | CharacterEvidence | NameEvidence, Reason | None]] = [
        *(
            (each, _copy_reason(each, copies, rules_of(each), name_of, blocking_of(each)))
            for each in evidence.copies
        ),
        *((each, _character_reason(each, rules_of(each), name_of)) for each in evidence.characters),
        *((each, _name_reason(each, names, name_of)) for each in evidence.names),
    ]
    for item, judged in found:
        if judged is None:
            continue
        reason = replace(judged, reference_set=item.reference_set, character=item.character)
        standing, why = standing_of(item.reference_set, item.character)
        if standing is Standing.COUNTS:
            yield replace(reason, text=f"{reason.text} {why}") if why else reason
        elif standing is Standing.DISPUTED:
            lowered = min(reason.verdict, Verdict.FLAG, key=lambda verdict: verdict.severity)
            yield replace(reason, verdict=lowered, text=f"{reason.text} {why}")
        else:
            yield replace(
                reason,
                verdict=Verdict.ALLOW,
                code=f"{reason.code}-{standing.value}",
                text=f"{reason.text} {why}",
            )


def _copy_reason(
    found: CopyEvidence, policy: CopyPolicy, rules: Rules, name_of: NameOf, blocking: int
) -> Reason | None:
    """``blocking``: how many of its certain pictures may block."""
    count = found.different_pictures
    if count < 1:
        return None
    alpha = rules.alpha if policy.alpha is None else policy.alpha
    text = _copy_sentence(found, name_of)
    least = rules.least_pictures
    needed = max(policy.block_pictures, least)
    held = ""
    if rules.copies_may_block and found.certain_pictures >= needed:
        verdict = Verdict.BLOCK if blocking >= needed else Verdict.FLAG
        held = "" if blocking >= needed else HELD
    elif count < max(policy.flag_pictures, least):
        text = f"{text}, fewer than the policy flags"
        return Reason(verdict=Verdict.ALLOW, code="copies-few", text=f"{text}.")
    elif found.certain_pictures < policy.block_pictures and _is_common(found.rank, policy.alpha):
        text = f"{text}, which benign packs have too{_among(found.rank, alpha)}"
        return Reason(verdict=Verdict.ALLOW, code="copies-common", text=f"{text}.")
    else:
        verdict = Verdict.FLAG
    text = f"{text}{_among(found.rank, alpha)}.{held}"
    if found.weighted_pictures > len(found.matches):
        text += f" With repeats, training would see copies {found.weighted_pictures} times."
    return Reason(verdict=verdict, code="copies", text=text)


def _is_common(rank: Rank | None, alpha: float | None) -> bool:
    if rank is None or alpha is None or rank.provisional:
        return False
    return rank.p_value > alpha


def _among(rank: Rank | None, alpha: float) -> str:
    """How many benign packs are as strong, in brackets; empty without a calibration.

    Below `TOLD_PACKS` the count is not told, unless ``alpha`` asks for fewer packs: nothing at all
    is exceeded by 0 of 5.
    """
    if rank is None:
        return ""
    needed = min(TOLD_PACKS, packs_needed(alpha))
    if rank.benign_packs < needed:
        known = "is known" if rank.benign_packs == 1 else "are known"
        return (
            f" (not ranked: {counted(rank.benign_packs, 'benign pack')} of this size {known}, "
            f"and {needed} are needed)"
        )
    drawn = ", drawn not uploaded" if rank.provisional else ""
    return f" (exceeded by {rank.exceeded_by} of {rank.benign_packs} benign packs{drawn})"


def _copy_sentence(found: CopyEvidence, name_of: NameOf) -> str:
    name = name_of(found.reference_set, found.character)
    certain, likely = found.certain_pictures, found.different_pictures - found.certain_pictures
    if not certain:
        count = "1 picture is" if likely == 1 else f"{likely} different pictures are"
        text = f"{count} so close to reference images of {name} that a copy is likely"
        return text + _shared_sentence(found, name_of)
    if certain == 1:
        text = f"1 picture is a copy of a reference image of {name}"
    else:
        text = f"{certain} different pictures are copies of reference images of {name}"
    return f"{text}, and {likely} more may be" if likely else text


def _shared_sentence(found: CopyEvidence, name_of: NameOf) -> str:
    """Who else's references show what was found, if that is why no copy is certain."""
    others = [each.shared_with for each in found.matches if each.shared_with is not None]
    names = list(dict.fromkeys(name_of(each.reference_set, each.character) for each in others))
    if not names:
        return ""
    count = len({each.reference for each in found.matches if each.shared_with is not None})
    told = " and ".join(names[:TOLD_NAMES])
    if len(names) > TOLD_NAMES:
        told += f" and {counted(len(names) - TOLD_NAMES, 'other')}"
    if count == 1:
        return (
            f"; this reference image is also found in pictures of {told}, "
            "so it proves nothing alone"
        )
    return (
        f"; {count} of these reference images are also found in pictures of {told}, "
        "so they prove nothing alone"
    )


def _character_reason(found: CharacterEvidence, rules: Rules, name_of: NameOf) -> Reason:
    name = name_of(found.reference_set, found.character)
    count = len(found.matches)
    if count == 1:
        text = f"1 picture looks like {name}"
    elif found.statistic is Statistic.FEW_PICTURES:
        text = f"{count} pictures look like {name}"
    elif found.share == 1:
        text = f"The pictures of the pack, taken together, look like pictures of {name}"
    else:
        text = f"{count} pictures of the pack, taken together, look like pictures of {name}"
    if count < rules.least_pictures:
        text = f"{text}, fewer than the policy flags."
        return Reason(verdict=Verdict.ALLOW, code="character-few", text=text)
    verdict = Verdict.BLOCK if _may_block(found.rank, rules) else Verdict.FLAG
    return Reason(
        verdict=verdict, code="character", text=f"{text}{_among(found.rank, rules.alpha)}."
    )


def _may_block(rank: Rank | None, rules: Rules) -> bool:
    if rank is None or rank.provisional or not rules.characters_may_block:
        return False
    return rank.p_value <= rules.block_alpha


def _name_reason(found: NameEvidence, policy: NamePolicy, name_of: NameOf) -> Reason | None:
    if not found.counts or not policy.distinctive_flags:
        return None
    name = name_of(found.reference_set, found.character)
    count = max(found.members, len(found.paths))
    where = f"a {found.source}" if count <= 1 else f"{count} {found.source}s"
    text = f'The name "{found.name}" of {name} stands in {where}{_how_written(found)}.'
    return Reason(verdict=Verdict.FLAG, code="name", text=text)


def _how_written(found: NameEvidence) -> str:
    """What stands there, where a name was found only by reading something into it."""
    if not found.excerpts or not all(each.readings for each in found.excerpts):
        return ""
    first = found.excerpts[0]
    return f", written {_quoted(shortened(first.written, NAME_CHARACTERS))} ({first.readings[0]})"


def _unread(findings: Findings) -> Iterable[Reason]:
    if findings.unscreened:
        yield Reason(verdict=Verdict.FLAG, code="unscreened", text=_unscreened_text(findings))
    if findings.pictures == 0:
        yield Reason(
            verdict=Verdict.FLAG,
            code="no-pictures",
            text="The pack holds no picture that could be screened.",
        )
    if findings.characters_in_index == 0:
        yield Reason(
            verdict=Verdict.FLAG,
            code="no-references",
            text="No character is under protection here, so the pack was compared with nothing.",
        )


def _quoted(name: str) -> str:
    """A name from an upload, which must not read on as if it were our sentence."""
    return '"' + name.replace('"', "'") + '"'


def _unscreened_text(findings: Findings) -> str:
    count = findings.unscreened
    names = [_quoted(shortened(name, NAME_CHARACTERS)) for name in findings.first_unscreened]
    what = "1 member was" if count == 1 else f"{count} members were"
    if not names:
        return f"{what} not screened."
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{what} not screened{': ' if count <= len(names) else ', among them '}{listed}."


def _nothing_found(findings: Findings, *, others: bool) -> Reason:
    count = findings.characters_in_index
    if others:
        which = "any other character"
    else:
        which = "the one character" if count == 1 else f"any of the {count} characters"
    if findings.pictures == 1:
        text = f"The picture does not match {which} under protection."
    else:
        text = f"None of the {findings.pictures} pictures matches {which} under protection."
    return Reason(verdict=Verdict.ALLOW, code="nothing-found", text=text)
