"""What was found, arranged for readers: by character, strongest first, unread members by reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from screening.counts import counted
from screening.decision import CharacterName, Decision, PictureUse
from screening.evidence import CharacterEvidence, CopyEvidence, Statistic
from screening.fingerprints.fingerprint import Region
from screening.fingerprints.videos import file_of
from screening.matching import Match, Transform
from screening.packs.member import Ignored, Unscreened
from screening.policy import Verdict

HASH_BITS = 256

WHOLE_SHARE = 0.97
"""Of a picture; what is missing beyond is the border of a few pixels."""

MEANING = {
    Verdict.ALLOW: "May be trained.",
    Verdict.FLAG: "A person has to look before anything is trained.",
    Verdict.BLOCK: "Must not be trained.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A picture of the pack beside the reference image that it matches.

    ``alike_from`` is the score that flags pictures one by one, None where they are judged as a
    whole. ``use`` says what the picture is for, where it does not plainly train.
    """

    match: Match
    is_copy: bool
    alike_from: float | None = None
    use: str = ""

    @property
    def closeness(self) -> str:
        """Distance or score in words that need no legend."""
        if self.match.distance_bits is not None:
            return f"{self.match.distance_bits} of {HASH_BITS} bits differ"
        if self.match.inliers is not None:
            return f"{self.match.inliers} places agree"
        return f"score {self.match.score:.3f}"

    @property
    def scale(self) -> str:
        """What the score is to be read against; empty for what needs no scale."""
        if self.match.score is None:
            return ""
        if self.is_copy:
            return "1 is the same picture"
        if self.alike_from is not None:
            return f"characters alike from {self.alike_from:.3f} on"
        return "0 is a stranger's picture"

    @property
    def kind(self) -> str:
        """What the pair is called: an embedder's score alone makes a copy likely, not certain."""
        if not self.is_copy:
            return "alike"
        if not self.match.verified:
            return "likely copy"
        return "copy" if self.match.inliers is None else "same scene"

    @property
    def mirrored(self) -> bool:
        return self.match.transform is Transform.MIRRORED

    @property
    def overlap(self) -> str:
        """Which part of which picture was found, in words; empty where nobody measured it."""
        region, reference_region = self.match.region, self.match.reference_region
        if region is None or reference_region is None:
            return ""
        return f"{_part(reference_region)} of the reference in {_part(region)} of the picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterFindings:
    """Everything that the pictures say about one character; ``pairs`` strongest first."""

    named: CharacterName
    sentences: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """Members that share the reason why they were not read."""

    reason: str
    paths: tuple[str, ...]


def findings_by_character(decision: Decision) -> tuple[CharacterFindings, ...]:
    """Copy and character evidence of each character; copies come first, as in the evidence.

    A picture that is a copy looks alike too, of course, and is shown as a copy only.
    """
    sentences: dict[tuple[str, str], list[str]] = {}
    pairs: dict[tuple[str, str], list[Pair]] = {}
    uses = {each.path: _use(each) for each in decision.uses}
    members = {each.path for each in decision.manifest.entries}
    for copies in decision.evidence.copies:
        key = (copies.reference_set, copies.character)
        sentences.setdefault(key, []).append(_copies_sentence(copies))
        pairs.setdefault(key, []).extend(
            Pair(match=match, is_copy=True, use=uses.get(file_of(match.path, members), ""))
            for match in copies.matches
        )
    for found in decision.evidence.characters:
        key = (found.reference_set, found.character)
        one_by_one = found.statistic is Statistic.FEW_PICTURES
        how = "picture by picture" if one_by_one else "as a whole"
        sentences.setdefault(key, []).append(
            f"{counted(found.pictures, 'picture')} compared {how} with "
            f"{counted(found.references, 'reference image')} by {found.output}: "
            f"score {found.score:.3f} ({_scale(found)})."
            + (f" They match best in {found.look}." if found.look else "")
        )
        shown = pairs.setdefault(key, [])
        copied = {(pair.match.path, pair.match.view) for pair in shown if pair.is_copy}
        shown.extend(
            Pair(
                match=match,
                is_copy=False,
                alike_from=found.threshold if one_by_one else None,
                use=uses.get(file_of(match.path, members), ""),
            )
            for match in found.matches
            if (match.path, match.view) not in copied
        )
    return tuple(
        CharacterFindings(
            named=named(decision, *key), sentences=tuple(sentences[key]), pairs=tuple(pairs[key])
        )
        for key in sentences
    )


def uses_sentence(decision: Decision) -> str:
    """How many pictures the trainer takes as something else or leaves out; empty for none."""
    count_of: dict[str, int] = {}
    for each in decision.uses:
        trainer = decision.pack.trainer
        what = f"used as {each.role}" if each.loaded else f"not loaded by {trainer}"
        count_of[what] = count_of.get(what, 0) + 1
    if not count_of:
        return ""
    parts = [f"{count} {what}" for what, count in sorted(count_of.items())]
    return f"Of {counted(decision.pack.pictures, 'picture')} {', '.join(parts)}; all are screened."


def named(decision: Decision, reference_set: str, character: str) -> CharacterName:
    """How people call a character; its ids where the decision does not say."""
    for each in decision.named:
        if (each.reference_set, each.character) == (reference_set, character):
            return each
    return CharacterName(
        reference_set=reference_set,
        character=character,
        name=character or reference_set,
        work=reference_set,
        rights_holder="",
    )


def by_reason(members: Iterable[Unscreened | Ignored]) -> tuple[ReasonGroup, ...]:
    """Members grouped by reason, the largest group first, in the order of the decision else."""
    ordered: Sequence[Unscreened | Ignored] = sorted(members, key=lambda each: each.reason)
    groups = [
        ReasonGroup(reason=reason, paths=tuple(member.path for member in group))
        for reason, group in groupby(ordered, key=lambda each: each.reason)
    ]
    return tuple(sorted(groups, key=lambda group: -len(group.paths)))


def _use(use: PictureUse) -> str:
    """What a picture is for: ``control``, ``not loaded``."""
    return use.role if use.loaded else "not loaded"


def _copies_sentence(copies: CopyEvidence) -> str:
    count, different = len(copies.matches), copies.different_pictures
    are = "are" if copies.certain_pictures == different else "are, or may be,"
    if count == 1:
        is_ = "is" if copies.certain_pictures else "may be"
        return f"1 picture {is_} an edited copy of a reference image."
    among = f", {different} of them different" if different < count else ""
    return f"{counted(count, 'picture')} {are} edited copies of reference images{among}."


def _scale(found: CharacterEvidence) -> str:
    """What the score is read against: one character has a T of about 0, and up to .05 more."""
    alike = f"characters alike from {found.threshold:.3f} on"
    if found.statistic is Statistic.FEW_PICTURES:
        return alike
    return f"one and the same character about 0 or a little more, {alike}"


def _part(region: Region) -> str:
    area = (region.right - region.left) * (region.bottom - region.top)
    return "all" if area > WHOLE_SHARE else f"{max(1, round(100 * area))} %"
