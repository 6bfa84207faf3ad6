"""Policy: which evidence leads to what, as a platform chooses it.

A policy is a TOML file; what it leaves out has the default documented here. The defaults follow
three rules of the design: a single weak hit never blocks, a name alone never blocks, and
character evidence flags at most while there is no calibration.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from screening.calibration import Kind
from screening.errors import SettingsError
from screening.gathering import CharacterThresholds
from screening.matching import two_sample
from screening.settings import read_table

LEAST_UPLOADERS = 2
"""One uploader alone must not change how a reference counts."""


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
    template reach the scores of copies. ``alpha``: where a calibration holds enough uploaded benign
    packs, copies flag only where at most this share of them has as strong ones; None, they flag by
    their number alone. What blocks by number blocks all the same, where ``may_block``.
    """

    distance_bits: int = 56
    certain_distance_bits: int = 40
    flag_pictures: int = 1
    block_pictures: int = 3
    may_block: bool = True
    alpha: float | None = None

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        _check_alphas("copies", {"alpha": self.alpha})


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterPolicy:
    """When a pack shows a character.

    ``two_sample_score``: the lowest two-sample statistic that flags, for parts of the pack of at
    least ``two_sample_pictures`` different pictures against at least ``two_sample_references``. At
    -0.011, 1.6 % of benign packs of one other character of the same source were flagged on tune
    characters (5.3 % on the worst quarter of 15 sources) and .2 % on calibrate characters; found
    were .91-.93 of packs of a protected character, .89-.91 and .87-.88 where half and a quarter of
    the pack show it (4-24 pictures in changing scenes, 8-30 references), and .82-.91 where
    references and packs are framed otherwise (faces, busts, figures).
    Else at least ``few_pictures`` pictures must each reach ``few_pictures_score``; one in 1,000
    pictures of another character of the same source does (all with ``lite``,
    `benchmarks/thresholds.py`).

    A calibration with benign packs enough takes the place of both scores: evidence flags where its
    p-value among them is at most ``alpha``, the share of benign packs that a platform accepts to
    be flagged. Where ``may_block``, it blocks from ``block_alpha`` on, unless the calibration is
    provisional; without one it never does.
    """

    two_sample_pictures: int = 4
    two_sample_references: int = 8
    two_sample_score: float = -0.011
    few_pictures: int = 2
    few_pictures_score: float = 0.425
    alpha: float = 0.01
    block_alpha: float = 0.001
    may_block: bool = False

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        _check_alphas("characters", {"alpha": self.alpha, "block_alpha": self.block_alpha})
        for name in ("two_sample_score", "few_pictures_score"):
            if not math.isfinite(getattr(self, name)):  # no score reaches nan: it would never flag
                raise SettingsError(f"policy: characters: {name} must be a finite number")

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
    """Whether names that count flag: distinctive ones, and ambiguous ones that something supports.

    If not, they are evidence still, and support each other, but lead to nothing.
    """

    distinctive_flags: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePolicy:
    """When a reference image is held: it flags, and blocks nobody, until a person has looked.

    It is where packs of at least so many ``uploaders`` match it and nothing else of its character,
    and more of them do than match others too (`screening.suspects`; a judgement).
    """

    uploaders: int = 10

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        _check_uploaders("quarantine", "uploaders", self.uploaders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What differs for one reference set, or for one work; None is as for all.

    ``alpha`` and ``block_alpha`` are of character evidence. Evidence of fewer different pictures
    than ``least_pictures`` is told, and neither flags nor blocks. ``quarantine_uploaders`` is as in
    `QuarantinePolicy`.
    """

    alpha: float | None = None
    block_alpha: float | None = None
    characters_may_block: bool | None = None
    copies_may_block: bool | None = None
    least_pictures: int | None = None
    quarantine_uploaders: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What counts for evidence about one reference set, all told; fields as in `Scope`."""

    alpha: float
    block_alpha: float
    characters_may_block: bool
    copies_may_block: bool
    least_pictures: int
    quarantine_uploaders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every threshold of a decision, with its default.

    ``reference_sets`` by id and ``works`` by title hold what differs for them; what is said for a
    reference set goes before what is said for its work.
    """

    copies: CopyPolicy = field(default_factory=CopyPolicy)
    characters: CharacterPolicy = field(default_factory=CharacterPolicy)
    names: NamePolicy = field(default_factory=NamePolicy)
    quarantine: QuarantinePolicy = field(default_factory=QuarantinePolicy)
    reference_sets: dict[str, Scope] = field(default_factory=dict)
    works: dict[str, Scope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises SettingsError."""
        for name, scope in (*self.works.items(), *self.reference_sets.items()):
            _check_alphas(name, {"alpha": scope.alpha, "block_alpha": scope.block_alpha})
            _check_uploaders(name, "quarantine_uploaders", scope.quarantine_uploaders)

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read a TOML file; None is the default policy. Raises SettingsError."""
        return cls() if path is None else read_table(cls, path)

    def rules(self, reference_set: str, work: str) -> Rules:
        """For evidence about a reference set of a work."""
        values = {
            "alpha": self.characters.alpha,
            "block_alpha": self.characters.block_alpha,
            "characters_may_block": self.characters.may_block,
            "copies_may_block": self.copies.may_block,
            "least_pictures": 1,
            "quarantine_uploaders": self.quarantine.uploaders,
        }
        for scope in (self.works.get(work), self.reference_sets.get(reference_set)):
            said = {} if scope is None else asdict(scope)
            values |= {key: value for key, value in said.items() if value is not None}
        return Rules(**values)  # type: ignore[arg-type]

    def check_scopes(self, reference_sets: Iterable[str], works: Iterable[str]) -> None:
        """Raise SettingsError where the policy names a reference set or a work that there is not:
        a misspelt one must not be judged like all others in silence."""
        for table, named, known in (
            ("reference_sets", self.reference_sets, reference_sets),
            ("works", self.works, works),
        ):
            if unknown := sorted(set(named) - set(known)):
                raise SettingsError(f"policy: [{table}.{unknown[0]!r}]: there is no such one")

    @property
    def statistics(self) -> dict[str, float]:
        """What the statistics of a pack are made with: a calibration hangs on it."""
        return {
            "copies.distance_bits": self.copies.distance_bits,
            "copies.certain_distance_bits": self.copies.certain_distance_bits,
            "characters.two_sample_version": two_sample.VERSION,
            **{f"characters.{name}": x for name, x in asdict(self.characters.thresholds).items()},
        }

    @property
    def alphas(self) -> dict[Kind, float]:
        """The share of benign packs that each kind of evidence may flag, where it is limited.

        Both together flag at most their sum.
        """
        copies = {} if self.copies.alpha is None else {Kind.COPIES: self.copies.alpha}
        return copies | {Kind.CHARACTERS: self.characters.alpha}

    @property
    def sha256(self) -> str:
        """Identifies the policy by its values, whatever file they came from."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def _check_alphas(where: str, alphas: Mapping[str, float | None]) -> None:
    for name, alpha in alphas.items():
        if alpha is not None and not 0 < alpha < 1:
            raise SettingsError(f"policy: {where}: {name} must be above 0 and below 1, not {alpha}")


def _check_uploaders(where: str, name: str, uploaders: int | None) -> None:
    if uploaders is not None and uploaders < LEAST_UPLOADERS:
        raise SettingsError(
            f"policy: {where}: {name} must be at least {LEAST_UPLOADERS}, not {uploaders}"
        )
