"""What a calibration holds for, and how much an index may grow until it does not.

A calibration is refused with other embedders, another background, or a policy that counts another
way: the same pack would have other statistics. It is bound to the characters of the index that the
packs were compared with, each by its name and its reference images, because what a platform flags
by is the largest statistic over just these characters: the promise is about them.

New reference sets must neither invalidate it every day nor water its promise down unseen. Over k
times as many characters the largest statistic exceeds any value at most k times as often as over a
random choice of as many as were calibrated with, because the character that exceeds it is in the
choice with probability 1 / k. So p-values are multiplied by k = 1 + new / calibrated, where a
character is new too if its reference images are others now. That costs power and keeps the promise
as long as what is added is like what is there. Where more is new than `MOST_GROWTH` allows, or
nothing is left of what was calibrated with, the calibration is refused. Characters that are gone
can only lower the statistic.

A provisional calibration may be bound to no characters (``known`` is empty): then it serves any
index of up to that size, and promises nothing for it that was measured there.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from weakref import WeakKeyDictionary

from screening import hashes, keypoints
from screening.errors import CalibrationUnusable
from screening.index import Index
from screening.index.version import SCHEMA as INDEX_SCHEMA

MOST_GROWTH = 2.0
"""Twice the characters are twice the p-values; what is added by then is no longer a little more of
what was there (a judgement)."""

BACKGROUND_TOLERANCE = 0.002
"""Of a background's mean cosine, by which statistics are scaled: processors differ by less than
1e-4, another choice of pictures by more."""

DIGEST_DIGITS = 16
"""Of a character's name or references: 64 bits; among 10^6 characters two names share them with a
probability of 3e-8."""

AGAIN = (
    "calibrate again, from the fingerprints that `screening calibrate` kept beside it: "
    "screening calibrate calibration.parquet"
)


class Kind(StrEnum):
    """The kinds of evidence that packs are ranked by, each for itself."""

    CHARACTERS = "characters"
    COPIES = "copies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What of an index's characters is other than in the calibration: how many of each."""

    added: int
    replaced: int
    gone: int

    @property
    def new(self) -> int:
        """What counts as new: also characters whose references are others now."""
        return self.added + self.replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a pack's statistics hang on.

    ``makers`` of fingerprints, ``background``: embedder output -> mean cosine of its background,
    ``statistics``: the policy's numbers that statistics are made with. ``index`` is told, not
    compared. ``known``: digest of each character's name -> digest of its reference images, of those
    in force; empty where the calibration is bound to none. ``characters`` in force and
    ``reference_images`` are counts.
    """

    index: str
    index_schema: str
    makers: Mapping[str, str]
    background: Mapping[str, float]
    statistics: Mapping[str, float]
    characters: int
    reference_images: int
    known: Mapping[str, str]

    @classmethod
    def of(
        cls,
        index: Index,
        *,
        statistics: Mapping[str, float],
        in_force: Collection[str] | None = None,
    ) -> Self:
        """``in_force``: the reference sets that packs are compared with; None, all of the index."""
        outputs = [each.name for each in index.outputs]
        made_by = {
            name: str(version)
            for name, version in index.manifest["makers"].items()
            if name in (hashes.NAME, keypoints.NAME)
            or any(output.startswith(f"{name}.") for output in outputs)
        }
        sets = index.reference_sets if in_force is None else in_force
        known = {
            name: references
            for each, names in _characters_of(index).items()
            if each in sets
            for name, references in names.items()
        }
        return cls(
            index=index.id,
            index_schema=INDEX_SCHEMA,
            makers=made_by,
            background={name: index.backgrounds[name].mean_score for name in outputs},
            statistics=dict(statistics),
            characters=len(known),
            reference_images=int(index.manifest["reference_images"]),
            known=known,
        )

    @property
    def for_any_index(self) -> "Binding":
        """The same, bound to no characters. Only a provisional calibration may be."""
        return replace(self, known={})

    def changes(self, now: "Binding") -> Changes:
        """How the characters of ``now`` differ from those that this is bound to."""
        common = self.known.keys() & now.known.keys()
        return Changes(
            added=len(now.known) - len(common),
            replaced=sum(self.known[name] != now.known[name] for name in common),
            gone=len(self.known) - len(common),
        )

    def growth(self, now: "Binding") -> dict[Kind, float]:
        """How many times what was calibrated with is there now, at least 1.

        Raises CalibrationUnusable where ``now`` differs in what must not differ, or is too large.
        """
        self._check_makers(now)
        if self.known:
            characters = self._times_known(now)
        else:
            characters = _times(self.characters, now.characters, "characters")
        images = _times(self.reference_images, now.reference_images, "reference images")
        copies = max(images, characters) if self.known else images
        return {Kind.CHARACTERS: characters, Kind.COPIES: copies}

    def _check_makers(self, now: "Binding") -> None:
        same: tuple[tuple[str, object, object], ...] = (
            ("another format of the index", self.index_schema, now.index_schema),
            ("other embedders", self.makers, now.makers),
            ("other outputs of embedders", sorted(self.background), sorted(now.background)),
            ("a policy that counts another way", self.statistics, now.statistics),
        )
        for what, made_with, there_is in same:
            if made_with != there_is:
                raise CalibrationUnusable(
                    f"the calibration was made with {what}: {_difference(made_with, there_is)}; "
                    "calibrate again with: screening calibrate"
                )
        for name, mean in self.background.items():
            if abs(mean - now.background[name]) > BACKGROUND_TOLERANCE:
                raise CalibrationUnusable(
                    f"the calibration was made with another background of {name}: mean cosine "
                    f"{mean:.4f}, not {now.background[name]:.4f}; calibrate again"
                )

    def _times_known(self, now: "Binding") -> float:
        """1 + new / calibrated. Raises CalibrationUnusable."""
        changes = self.changes(now)
        then = len(self.known)
        if changes.gone == then and now.known:
            raise CalibrationUnusable(
                f"the calibration was made against another index: none of its {then} characters "
                f"is under protection here; {AGAIN}"
            )
        if changes.new > (MOST_GROWTH - 1) * then:
            raise CalibrationUnusable(
                f"the calibration was made against {then} characters; since then {changes.added} "
                f"were added and {changes.replaced} have other reference images, and it holds "
                f"until {int((MOST_GROWTH - 1) * then)} are new: {AGAIN}"
            )
        return 1 + changes.new / then


def _times(then: int, since: int, what: str) -> float:
    """Raises CalibrationUnusable."""
    if since > MOST_GROWTH * then:
        raise CalibrationUnusable(
            f"the calibration was made against {then} {what}, and there are {since} now; it holds "
            f"up to {int(MOST_GROWTH * then)}: {AGAIN}"
        )
    return max(1.0, since / max(1, then))


_known_characters: WeakKeyDictionary[Index, dict[str, dict[str, str]]] = WeakKeyDictionary()


def _characters_of(index: Index) -> dict[str, dict[str, str]]:
    """Reference set -> digest of each character's name -> digest of its reference images."""
    if index not in _known_characters:
        entries = index.entries
        phashes = index.hashes.rows(entries.primary.nonzero()[0])
        place = entries.primary.cumsum() - 1
        found: dict[str, dict[str, str]] = {each: {} for each in index.reference_sets}
        for number in range(index.character_count):
            rows = index.rows_of(number)
            shown = rows[entries.primary[rows]]
            references = b"".join(sorted(map(bytes, phashes[place[shown]])))
            identifier = entries.reference_set[rows[0]]
            name = _digest(f"{identifier}\0{entries.character[rows[0]]}".encode())
            found[identifier][name] = _digest(references)
        _known_characters[index] = found
    return _known_characters[index]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGEST_DIGITS]


def _difference(then: object, now: object) -> str:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        keys = sorted(key for key in {*then, *now} if then.get(key) != now.get(key))
        return "; ".join(f"{key} {then.get(key)}, now {now.get(key)}" for key in keys)
    return f"{then}, now {now}"
