"""Policy: from evidence to a verdict, with a sentence for every step.

A policy is a TOML file; what it leaves out has the default documented here. The defaults follow
three rules of the design: a single weak hit never blocks, a name alone never blocks, and
character evidence flags at most while there is no calibration.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from screening.evidence import (
    CharacterEvidence,
    CharacterThresholds,
    CopyEvidence,
    Evidence,
    NameEvidence,
    Statistic,
)
from screening.packs.member import shortened
from screening.settings import read_table

NAME_CHARACTERS = 80
"""Longest name of a member in a sentence; an upload's names may have 4,000."""


class Verdict(StrEnum):
    """What the platform does: train, let a person look, or refuse. Ordered by severity."""

    ALLOW = "allow"
    FLAG = "flag"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        return list(Verdict).index(self)


class Standing(StrEnum):
    """How evidence about one character counts for this uploader, at this time."""

    COUNTS = "counts"
    LICENSED = "licensed"
    DISPUTED = "disputed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One step of the decision: what it leads to, a stable code, and the sentence.

    ``reference_set`` and ``character`` say which evidence it is about; empty for what is about the
    pack as a whole, ``character`` also for a name of the work.
    """

    verdict: Verdict
    code: str
    text: str
    reference_set: str = ""
    character: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPolicy:
    """When pictures are copies, and how many different ones lead to what.

    ``distance_bits``: a picture whose pHash-256 is at most this far from a reference's is a copy,
    from ``certain_distance_bits`` on only a likely one, unless keypoints agree: other characters
    drawn on the same body lie at 52-56 bits, .94-1.00 of copies edited in colour and size within 40
    (false-positive rate 1e-4 a picture against 9,881 drawn references of other sources; on sources
    it was not chosen on 3 of 1,830 benign pictures, flat or simple ones, against 4,047; on those
    it was, parted by series, 4 of 4,139, 95 %: 2.6e-4 to 2.5e-3, the same from 44 to 59 bits, two
    makers' emoji of one comb, so that 1e-3 asks for no other distance; `benchmarks/tune_art.py`).
    ``block_pictures`` counts only copies that a hash or keypoints found: pictures drawn from one
    template reach the scores of copies.
    """

    distance_bits: int = 56
    certain_distance_bits: int = 40
    flag_pictures: int = 1
    block_pictures: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterPolicy:
    """When a pack shows a character.

    ``two_sample_score``: the lowest two-sample statistic that flags, for shares of the pack of at
    least ``two_sample_pictures`` different pictures against at least ``two_sample_references``. At
    -0.02, 1.7 % of benign packs of one other character of the same source were flagged on tune
    characters (6.5 % on the worst quarter of 15 sources) and .1 % on calibrate characters; found
    were .86-.87 of packs of a protected character, .83-.84 and .81-.82 where half and a quarter of
    the pack show it (4-24 pictures in changing scenes, 8-30 references). Where references show
    faces and packs busts, only .14-.23 are found: references should be framed as packs are.
    Else at least ``few_pictures`` pictures must each reach ``few_pictures_score``; one in 1,000
    pictures of another character of the same source does (all with ``lite``,
    `benchmarks/thresholds.py`).
    """

    two_sample_pictures: int = 4
    two_sample_references: int = 8
    two_sample_score: float = -0.02
    few_pictures: int = 2
    few_pictures_score: float = 0.42

    @property
    def thresholds(self) -> CharacterThresholds:
        return CharacterThresholds(
            two_sample=self.two_sample_score,
            two_sample_pictures=self.two_sample_pictures,
            two_sample_references=self.two_sample_references,
            few_pictures=self.few_pictures,
            few_pictures_score=self.few_pictures_score,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePolicy:
    """Whether a distinctive name flags by itself."""

    distinctive_flags: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every threshold of a decision, with its default."""

    copies: CopyPolicy = field(default_factory=CopyPolicy)
    characters: CharacterPolicy = field(default_factory=CharacterPolicy)
    names: NamePolicy = field(default_factory=NamePolicy)

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read a TOML file; None is the default policy. Raises SettingsError."""
        return cls() if path is None else read_table(cls, path)

    @property
    def sha256(self) -> str:
        """Identifies the policy by its values, whatever file they came from."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


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


def decide(
    findings: Findings, policy: Policy, *, name_of: NameOf, standing_of: StandingOf
) -> tuple[Verdict, tuple[Reason, ...]]:
    """The verdict and its reasons, most severe first. More evidence never lowers a verdict.

    ``name_of(reference_set, character)`` is how a sentence calls a character, and
    ``standing_of`` how evidence about it counts, with a sentence why if it does not count fully.
    """
    reasons = [
        *_judged(findings.evidence, policy, name_of, standing_of),
        *_unread(findings),
    ]
    if not reasons or all(reason.verdict is Verdict.ALLOW for reason in reasons):
        reasons.append(_nothing_found(findings, others=bool(reasons)))
    reasons.sort(key=lambda reason: -reason.verdict.severity)
    return reasons[0].verdict, tuple(reasons)


def _judged(
    evidence: Evidence, policy: Policy, name_of: NameOf, standing_of: StandingOf
) -> Iterable[Reason]:
    found: list[tuple[CopyEvidence | CharacterEvidence | NameEvidence, Reason | None]] = [
        *((each, _copy_reason(each, policy.copies, name_of)) for each in evidence.copies),
        *((each, _character_reason(each, name_of)) for each in evidence.characters),
        *((each, _name_reason(each, policy.names, name_of)) for each in evidence.names),
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


def _copy_reason(found: CopyEvidence, policy: CopyPolicy, name_of: NameOf) -> Reason | None:
    count = found.different_pictures
    if count < 1:
        return None
    text = _copy_sentence(found, name_of(found.reference_set, found.character))
    if found.certain_pictures >= policy.block_pictures:
        verdict = Verdict.BLOCK
    elif count >= policy.flag_pictures:
        verdict = Verdict.FLAG
    else:
        text = f"{text}, fewer than the policy flags"
        return Reason(verdict=Verdict.ALLOW, code="copies-few", text=f"{text}.")
    text = f"{text}."
    if found.weighted_pictures > len(found.matches):
        text += f" With repeats, training would see copies {found.weighted_pictures} times."
    return Reason(verdict=verdict, code="copies", text=text)


def _copy_sentence(found: CopyEvidence, name: str) -> str:
    certain, likely = found.certain_pictures, found.different_pictures - found.certain_pictures
    if not certain:
        count = "1 picture is" if likely == 1 else f"{likely} different pictures are"
        return f"{count} so close to reference images of {name} that a copy is likely"
    if certain == 1:
        text = f"1 picture is a copy of a reference image of {name}"
    else:
        text = f"{certain} different pictures are copies of reference images of {name}"
    return f"{text}, and {likely} more may be" if likely else text


def _character_reason(found: CharacterEvidence, name_of: NameOf) -> Reason:
    name = name_of(found.reference_set, found.character)
    count = len(found.matches)
    if count == 1:
        text = f"1 picture looks like {name}."
    elif found.statistic is Statistic.FEW_PICTURES:
        text = f"{count} pictures look like {name}."
    elif found.share == 1:
        text = f"The pictures of the pack, taken together, look like pictures of {name}."
    else:
        text = f"{count} pictures of the pack, taken together, look like pictures of {name}."
    return Reason(verdict=Verdict.FLAG, code="character", text=text)


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
