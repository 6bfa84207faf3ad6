"""The notice: what an uploader reads about a decision, and what they can do.

It names the characters, the works, who holds the rights, and the pictures. It holds no score, no
threshold, no distance and no count: whoever probes for the limit learns nothing from it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from screening.errors import SettingsError
from screening.evidence import CharacterEvidence, CopyEvidence, Evidence, NameEvidence
from screening.notice_wording import WORDINGS, Wording
from screening.policy import Reason, Verdict
from screening.visible_text import visible

PATHS_NAMED = 50
"""Pictures that are named a finding."""

NAME_CHARACTERS = 200

REFERENCE_DIGITS = 12
"""Of the sha256 of the pack: what an objection quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is protected, as people say it; ``name`` is the work's where the work is meant."""

    name: str
    work: str
    rights_holder: str


Found = TypeVar("Found", CopyEvidence, CharacterEvidence, NameEvidence)

SubjectOf = Callable[[str, str], Subject]
"""The subject of (reference_set, character)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What a notice is about. ``unread`` are the paths of members that nobody has looked at."""

    verdict: Verdict
    pack: str
    pack_sha256: str
    reasons: Sequence[Reason]
    evidence: Evidence
    unread: Sequence[str]
    subject_of: SubjectOf


def write_notice(notified: Notified, language: str, *, contact: str = "") -> str:
    """Plain text in ``language`` (``en`` or ``zh``), a newline at the end.

    ``contact`` is where objections go; without one the uploader is asked to answer. Whatever an
    upload may name has its control characters escaped; to put the text into a page, escape it as
    any text. Raises SettingsError for a language that there is none of.
    """
    if language not in WORDINGS:
        known = ", ".join(WORDINGS)
        raise SettingsError(f"there is no notice in the language {language!r}; there is: {known}")
    return _Writer(notified, WORDINGS[language], contact).text()


class _Writer:
    def __init__(self, notified: Notified, wording: Wording, contact: str) -> None:
        self._notified = notified
        self._wording = wording
        self._contact = contact
        self._concerned = {
            (each.code, each.reference_set, each.character)
            for each in notified.reasons
            if each.verdict is not Verdict.ALLOW
        }

    def text(self) -> str:
        said, wording = self._notified, self._wording
        lines = [wording.headlines[said.verdict.value].format(pack=self._quoted(said.pack))]
        if said.verdict is not Verdict.ALLOW:
            lines += ["", wording.found, *self._found()]
            lines += ["", wording.do, *(f"- {each}" for each in self._remedies())]
            lines += ["", wording.object_title, self._objection()]
        return "\n".join(lines) + "\n"

    def _found(self) -> Iterator[str]:
        wording, evidence = self._wording, self._notified.evidence
        findings = [
            *(self._copies(each) for each in self._counting("copies", evidence.copies)),
            *self._alike(),
            *(self._names(each) for each in self._names_that_count()),
        ]
        if self._has("unscreened"):
            findings.append((wording.unread, self._notified.unread))
        if self._has("no-pictures"):
            findings.append((wording.no_picture, ()))
        for sentence, paths in findings or [(wording.nothing_read, ())]:
            yield f"- {sentence}"
            yield from (f"    {visible(path, NAME_CHARACTERS)}" for path in paths[:PATHS_NAMED])
            if len(paths) > PATHS_NAMED:
                yield f"    {wording.more}"

    def _copies(self, found: CopyEvidence) -> tuple[str, Sequence[str]]:
        wording = self._wording
        sentence = wording.copies if found.certain_pictures else wording.likely_copies
        return sentence.format(subject=self._subject(found)), _paths(found)

    def _alike(self) -> Iterator[tuple[str, Sequence[str]]]:
        """What looks alike and is not named as a copy already."""
        copies: dict[tuple[str, str], set[str]] = {}
        for copied in self._counting("copies", self._notified.evidence.copies):
            key = (copied.reference_set, copied.character)
            copies.setdefault(key, set()).update(_paths(copied))
        for found in self._counting("character", self._notified.evidence.characters):
            named = copies.get((found.reference_set, found.character), set())
            if paths := [path for path in _paths(found) if path not in named]:
                yield self._wording.alike.format(subject=self._subject(found)), paths

    def _names(self, found: NameEvidence) -> tuple[str, Sequence[str]]:
        wording = self._wording
        sentence = wording.names.format(
            name=self._quoted(found.name),
            subject=self._subject(found),
            source=wording.sources.get(found.source, wording.any_source),
        )
        return sentence, [path for path in found.paths if path]

    def _remedies(self) -> Iterator[str]:
        wording = self._wording
        subjects = list(dict.fromkeys(self._subjects()))
        if subjects:
            yield wording.remove
            holders = dict.fromkeys(each.rights_holder or wording.some_holder for each in subjects)
            characters = dict.fromkeys(
                wording.quoted.format(text=visible(each.name, NAME_CHARACTERS)) for each in subjects
            )
            yield wording.licence.format(
                characters=wording.and_.join(characters),
                holders=wording.and_.join(visible(each, NAME_CHARACTERS) for each in holders),
            )
        if self._has("unscreened") or self._has("no-pictures"):
            yield wording.replace

    def _objection(self) -> str:
        wording = self._wording
        contact = visible(self._contact, NAME_CHARACTERS)
        return wording.object_.format(
            how=wording.write_to.format(contact=contact) if contact else wording.answer,
            reference=self._notified.pack_sha256[:REFERENCE_DIGITS],
        )

    def _subjects(self) -> Iterator[Subject]:
        evidence = self._notified.evidence
        counting: list[CopyEvidence | CharacterEvidence | NameEvidence] = [
            *self._counting("copies", evidence.copies),
            *self._counting("character", evidence.characters),
            *self._names_that_count(),
        ]
        for found in counting:
            yield self._notified.subject_of(found.reference_set, found.character)

    def _names_that_count(self) -> Iterator[NameEvidence]:
        return (
            each for each in self._counting("name", self._notified.evidence.names) if each.counts
        )

    def _counting(self, code: str, evidence: Iterable[Found]) -> Iterator[Found]:
        """What led to the verdict: not what is licensed, or too little for the policy."""
        return (
            each
            for each in evidence
            if (code, each.reference_set, each.character) in self._concerned
        )

    def _has(self, code: str) -> bool:
        return (code, "", "") in self._concerned

    def _subject(self, found: CopyEvidence | CharacterEvidence | NameEvidence) -> str:
        wording = self._wording
        subject = self._notified.subject_of(found.reference_set, found.character)
        holder = visible(subject.rights_holder, NAME_CHARACTERS)
        template = wording.work if subject.name == subject.work else wording.subject
        return template.format(
            name=self._quoted(subject.name),
            work=visible(subject.work, NAME_CHARACTERS),
            holder=wording.holder.format(holder=holder) if holder else "",
        )

    def _quoted(self, text: str) -> str:
        return self._wording.quoted.format(text=visible(text, NAME_CHARACTERS))


def _paths(found: CopyEvidence | CharacterEvidence) -> list[str]:
    return sorted({match.path for match in found.matches})
