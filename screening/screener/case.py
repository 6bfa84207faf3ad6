"""One pack being judged: what was read of it, against the index and the records of that moment."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version

from screening.calibration import Calibration, Kind, Yardstick
from screening.decision import CharacterName, Decision, PackSummary, PictureUse, Times, Versions
from screening.evidence import CopyEvidence, Evidence, Rank
from screening.fingerprints import PictureFingerprints
from screening.gathering import MOST_NAMES, gather_characters, gather_copies, name_evidence
from screening.index import Index
from screening.judging import Findings, decide
from screening.names import Deadline, NamedText, NameMatcher, Source, unescaped
from screening.packs import Layout, Pack, Role, recognise
from screening.packs.member import printable
from screening.policy import Policy, Rules, Standing
from screening.references import ReferenceSet, Status
from screening.screener.comparing import COMPARED_PARTS, Compared, characters_in_force
from screening.screener.reading import PackReading

NAMED_UNSCREENED = 3
"""How many unscreened members a reason names; the decision lists all."""

NAMED_UNREAD = 3
"""How many pictures with more text than was read a remark names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that a decision follows from; the same case gives the same decision.

    ``growth`` is that of the index since the ``calibration``; ``names`` are searched for in
    ``names_seconds``, and members whose words were not all searched then are unscreened.
    """

    pack: Pack
    pictures: Sequence[PictureFingerprints]
    reading: PackReading
    index: Index
    policy: Policy
    calibration: Calibration | None = None
    growth: Mapping[Kind, float] | None = None
    records: Mapping[str, ReferenceSet]
    names: NameMatcher
    names_seconds: float = math.inf
    uploader: str
    today: date

    def decide(self) -> Decision:
        """The decision, without its times."""
        reading = self.reading
        layout = recognise(
            list(dict.fromkeys(each.file for each in self.pictures)),
            reading.texts,
            videos=reading.videos,
            training=self.pack.training,
        )
        for remark in layout.unscreened:
            reading.leave_unscreened(remark.path, remark.reason)
        compared = Compared.of(self.pictures, self.index)
        evidence = self._evidence(layout, compared)
        unscreened = sorted(reading.unscreened.values(), key=lambda each: each.path)
        verdict, reasons = decide(
            Findings(
                evidence=evidence,
                pictures=len(self.pictures),
                unscreened=len(unscreened),
                first_unscreened=[printable(each.path) for each in unscreened[:NAMED_UNSCREENED]],
                characters_in_index=characters_in_force(self.index, self.records),
            ),
            self.policy,
            name_of=self._name_of,
            standing_of=self._standing_of,
            work_of=lambda reference_set: self.records[reference_set].work,
            blocking_of=lambda found: self._blocking(found, compared),
        )
        members = len(reading.digests)
        return Decision(
            verdict=verdict,
            reasons=reasons,
            pack=PackSummary(
                name=self.pack.name,
                sha256=reading.manifest.sha256,
                trainer=layout.trainer,
                members=members,
                screened=members - len(unscreened) - len(reading.ignored),
                unscreened=len(unscreened),
                ignored=len(reading.ignored),
                pictures=len(self.pictures),
                different_pictures=len(compared.different),
            ),
            evidence=evidence,
            named=tuple(self._named(evidence)),
            unscreened=tuple(unscreened),
            ignored=tuple(sorted(reading.ignored.values(), key=lambda each: each.path)),
            manifest=reading.manifest,
            uses=tuple(
                PictureUse(path=each.path, role=each.role.value, loaded=each.loaded)
                for each in sorted(layout.images, key=lambda each: each.path)
                if each.role is not Role.TRAIN or not each.loaded
            ),
            versions=Versions(
                screening=version("screening"),
                index=self.index.id,
                policy=self.policy.sha256,
                calibration=self.calibration.sha256 if self.calibration else "",
                reference_sets=dict(self.index.reference_sets),
                makers=dict(self.index.manifest["makers"]),
            ),
            times=Times(started=datetime.fromtimestamp(0, UTC), seconds=0.0),
            uploader=self.uploader,
            remarks=tuple(self._remarks(evidence, compared)),
        )

    def _remarks(self, evidence: Evidence, compared: Compared) -> Iterator[str]:
        """What a reader must know that did not move the verdict."""
        disabled = sorted(key for key in self.index.reference_sets if not self._in_force(key))
        if disabled:
            yield f"Not compared, because they are disabled: {', '.join(disabled)}."
        if self.calibration and not self.calibration.binding.known:
            yield (
                "The calibration was made against other characters than those under protection "
                "here: how many benign packs it flags has not been measured for them."
            )
        yardstick = self._yardstick(compared)
        alpha = self.policy.characters.alpha
        if yardstick and compared.different and yardstick.limit(Kind.CHARACTERS, alpha) is None:
            yield (
                "The calibration holds too few benign packs of about this size for alpha "
                f"{alpha:g}: character evidence was judged by its score, without a promise."
            )
        if compared.parts_left:
            yield (
                f"The largest {COMPARED_PARTS} folders and videos were also compared each by "
                f"itself; {compared.parts_left:,} others only as part of the pack."
            )
        if left := sorted(self.reading.metadata_left):
            more = f" and {len(left) - NAMED_UNREAD:,} more" if len(left) > NAMED_UNREAD else ""
            yield (
                "Not all of the text that pictures carry beside their pixels was searched for "
                "names, because there is more than the limits allow or it is damaged: "
                f"{', '.join(map(printable, left[:NAMED_UNREAD]))}{more}. No trainer reads it."
            )
        if len(evidence.names) == MOST_NAMES:
            yield f"Names are listed up to the first {MOST_NAMES}, those that count before others."

    def _evidence(self, layout: Layout, compared: Compared) -> Evidence:
        yardstick = self._yardstick(compared)
        repeats = {each.path: each.repeats for each in layout.images}
        copies = gather_copies(
            (
                each
                for each in compared.copies(self.policy.copies)
                if self._in_force(each.reference.reference_set)
            ),
            first_alike=compared.first_alike,
            repeats={each.path: repeats[each.file] for each in self.pictures},
            rank_of=lambda strength: self._copy_rank(yardstick, strength),
        )
        characters = gather_characters(
            (each for each in compared.characters() if self._in_force(each.reference_set)),
            self.policy.characters.thresholds,
            least_margin=cache(lambda each: self._least_margin(yardstick, each)),
            rank_of=lambda margin: yardstick.rank(Kind.CHARACTERS, margin) if yardstick else None,
        )
        seen = Evidence(copies=copies, characters=characters)
        visual = {(each.reference_set, each.character) for each in seen.visual}
        deadline = Deadline(self.names_seconds)
        mentions = self.names.find(self._texts(layout, deadline), deadline=deadline)
        self._leave_unsearched(deadline)
        return Evidence(copies=copies, characters=characters, names=name_evidence(mentions, visual))

    def _yardstick(self, compared: Compared) -> Yardstick | None:
        if self.calibration is None or self.growth is None:
            return None
        return self.calibration.yardstick(len(compared.different), self.growth)

    def _copy_rank(self, yardstick: Yardstick | None, strength: float) -> Rank | None:
        """None also where there are too few benign packs for the policy's alpha: counts decide."""
        alpha = self.policy.copies.alpha
        if yardstick is None or (alpha and yardstick.limit(Kind.COPIES, alpha) is None):
            return None
        return yardstick.rank(Kind.COPIES, strength)

    def _least_margin(self, yardstick: Yardstick | None, reference_set: str) -> float:
        """The lowest margin that flags: by p-value, or by score where that cannot be had."""
        alpha = self._rules_of(reference_set).alpha
        limit = None if yardstick is None else yardstick.limit(Kind.CHARACTERS, alpha)
        return 0.0 if limit is None else math.nextafter(limit, math.inf)

    def _leave_unsearched(self, deadline: Deadline) -> None:
        """List the members with words that there was no time for; the first for those of none."""
        digests = self.reading.digests
        somewhere = min(digests, default=self.pack.name)
        sources: dict[str, set[Source]] = {}
        for source, path in deadline.left:
            sources.setdefault(path if path in digests else somewhere, set()).add(source)
        for path, found in sorted(sources.items()):
            self.reading.ignored.pop(path, None)
            texts = " and its ".join(sorted(found))
            self.reading.leave_unscreened(
                path,
                f"its {texts} was not searched for names to the end: the texts of the pack took "
                f"longer than {self.names_seconds:g} s",
            )

    def _texts(self, layout: Layout, deadline: Deadline) -> Iterator[NamedText]:
        """Every word of the pack: whole files, captions as trainers assemble them, metadata.

        What is short and few comes first, so that there is time for it.
        """
        for word in (*layout.trigger_words, *layout.class_tokens):
            yield NamedText(text=word, source=Source.TRIGGER_WORD, path="")
        yield NamedText(text=self.pack.name, source=Source.FILE_NAME, path=self.pack.name)
        for path in self.reading.digests:
            yield from _readings(NamedText(text=path, source=Source.FILE_NAME, path=path), deadline)
        other = set(layout.other_texts)
        whole = set[str]()
        for path, text in sorted(self.reading.texts.items()):
            source = Source.TEXT if path in other else Source.CAPTION
            yield from _readings(NamedText(text=text, source=source, path=path), deadline)
            whole.add(text.strip())
        for image in layout.images:
            for caption in image.captions:
                if caption not in whole:
                    yield from _readings(
                        NamedText(text=caption, source=Source.CAPTION, path=image.path), deadline
                    )
        for path, texts in sorted(self.reading.metadata.items()):
            for each in texts:
                yield from _readings(
                    NamedText(text=each.text, source=Source.METADATA, path=path, key=each.key),
                    deadline,
                )

    def _in_force(self, reference_set: str) -> bool:
        return self.records[reference_set].status is not Status.DISABLED

    def _rules_of(self, reference_set: str) -> Rules:
        return self.policy.rules(reference_set, self.records[reference_set].work)

    def _name_of(self, reference_set: str, character: str) -> str:
        record = self.records[reference_set]
        found = record.character(character)
        work = f"{record.work} ({record.rights_holder})"
        return f"{found.name}, {work}" if found and found.name != record.work else work

    def _standing_of(self, reference_set: str, character: str) -> tuple[Standing, str]:
        record = self.records[reference_set]
        ended = ""
        for licence in record.licences:
            if licence.covers(self.uploader, character, self.today):
                until = f" until {licence.until}" if licence.until else ""
                return Standing.LICENSED, f"The uploader holds a licence for it{until}."
            if licence.until is not None and licence.covers(
                self.uploader, character, licence.until
            ):
                ended = f"The uploader's licence for it ended on {licence.until}."
        if record.status is Status.DISPUTED:
            return Standing.DISPUTED, "The reference set is disputed: it flags at most."
        if record.status is Status.QUARANTINED:
            return Standing.QUARANTINED, "The reference set is quarantined: it does not count."
        return Standing.COUNTS, ended

    def _blocking(self, found: CopyEvidence, compared: Compared) -> int:
        """Different certain pictures that are copies of images that are not held."""
        held = self.records[found.reference_set].held_images
        return len({
            compared.first_alike[match.path]
            for match in found.matches
            if match.verified and match.reference.path not in held
        })  # fmt: skip

    def _named(self, evidence: Evidence) -> Iterator[CharacterName]:
        for reference_set, character in sorted(
            {(each.reference_set, each.character) for each in evidence.all}
        ):
            record = self.records[reference_set]
            known = record.character(character)
            yield CharacterName(
                reference_set=reference_set,
                character=character,
                name=known.name if known else record.work,
                work=record.work,
                rights_holder=record.rights_holder,
            )


def _readings(text: NamedText, deadline: Deadline) -> Iterator[NamedText]:
    """``text``, and what its escapes stand for where it has some."""
    yield text
    if not deadline.is_over and (meant := unescaped(text.text)) != text.text:
        yield replace(text, text=meant)
