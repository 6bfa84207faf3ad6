"""A calibration: the statistics of benign packs, and the p-values of a pack among them.

p = (1 + #{benign statistic >= ours}) / (m + 1), over the m benign packs of about the same size
(conformal; Vovk, Gammerman and Shafer 2005): where the pack is benign and exchangeable with them,
p <= alpha with at most probability alpha, whatever the statistics look like. It cannot go below
1 / (m + 1). The statistic is one number a pack and kind of evidence, with the maximum over
characters, references, embedder outputs, shares and folders of the pack inside.

The file is JSON: data, with a version and a checksum of its own.
"""

import hashlib
import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

from screening.calibration.binding import Binding, Kind
from screening.errors import CalibrationUnusable, ScreeningError
from screening.evidence import Rank
from screening.whole_file import whole_file

SCHEMA = "screening/calibration/3"
"""Raised when a field, or what a statistic is, changes its meaning."""

LEAST_PICTURES = (1, 4, 8, 16, 35, 71)
"""Where buckets of pack sizes begin, in different pictures: few pictures, which are judged one by
one; then about the middles, as ratios, between packs of 6, 10, 24, 50 and 100."""

LITE = "lite"
SHIPPED = Path(__file__).parent / "lite.json"
"""The calibration that ships with the package for the embedder of that name, where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Benign packs of one size: statistics in ascending order, of each kind that was measured.

    Packs that could not be compared with any character have no statistic and are not among them.
    """

    least_pictures: int
    statistics: Mapping[Kind, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How many held-out benign packs had a p-value of at most ``alpha``."""

    kind: Kind
    alpha: float
    packs: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A character that matches more benign packs by itself than alpha allows for all together."""

    kind: Kind
    reference_set: str
    character: str
    packs: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """The benign packs of one size, against the index as it is now.

    ``growth``: times what was calibrated with.
    """

    benign: Mapping[Kind, tuple[float, ...]]
    growth: Mapping[Kind, float]
    provisional: bool

    def rank(self, kind: Kind, statistic: float) -> Rank | None:
        """None where no benign pack of this size was measured."""
        benign = self.benign.get(kind, ())
        if not benign:
            return None
        exceeded_by = len(benign) - bisect_left(benign, statistic)
        return Rank(
            exceeded_by=exceeded_by,
            benign_packs=len(benign),
            p_value=self._p_value(kind, exceeded_by),
            provisional=self.provisional,
        )

    def limit(self, kind: Kind, alpha: float) -> float | None:
        """The largest statistic that is not yet significant: above it p <= ``alpha``.

        None where there are too few benign packs for ``alpha``.
        """
        benign = self.benign.get(kind, ())
        counts = range(len(benign))
        exceeded_by = bisect_right(counts, alpha, key=lambda n: self._p_value(kind, n)) - 1
        return None if exceeded_by < 0 else benign[len(benign) - 1 - exceeded_by]

    def _p_value(self, kind: Kind, exceeded_by: int) -> float:
        return min(1.0, self.growth[kind] * (1 + exceeded_by) / (len(self.benign[kind]) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Benign packs by size, what they were measured with, and what a check of them found.

    ``provisional`` says why the packs are none that people uploaded; empty if they are. ``source``
    says where they come from.
    """

    source: str
    provisional: str
    binding: Binding
    buckets: tuple[Bucket, ...]
    checks: tuple[Check, ...] = ()
    suspects: tuple[Suspect, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where a calibration that is bound to no characters may block."""
        if not (self.binding.known or self.provisional):
            raise ValueError("only a provisional calibration may be bound to no characters")

    def yardstick(self, different_pictures: int, growth: Mapping[Kind, float]) -> Yardstick:
        """For a pack with so many different pictures; ``growth`` is `Binding.growth`."""
        bucket = self.buckets[bucket_of(different_pictures)]
        return Yardstick(
            benign=bucket.statistics, growth=growth, provisional=bool(self.provisional)
        )

    @property
    def sha256(self) -> str:
        """Identifies the calibration by what it says."""
        return _digest(self._content())

    def save(self, path: Path) -> None:
        """Write the file in one step. Raises ScreeningError."""
        document = {"schema": SCHEMA, "sha256": self.sha256, **self._content()}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as unfinished:
                unfinished.write_text(json.dumps(document, indent=1) + "\n", encoding="ascii")
        except OSError as error:
            raise ScreeningError(f"{path}: cannot be written: {error}") from error

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that `save` wrote; the name ``lite`` is the one that ships, where it does.

        Raises CalibrationUnusable where it is missing, changed, or of another version.
        """
        file = SHIPPED if path.name == LITE and not path.exists() else path
        try:
            document = json.loads(file.read_bytes(), parse_constant=_refuse_constant)
        except FileNotFoundError:
            raise CalibrationUnusable(
                f"{path}: there is no such calibration; make one with: screening calibrate"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise CalibrationUnusable(f"{path}: not readable: {error}") from None
        if not isinstance(document, dict) or document.pop("schema", None) != SCHEMA:
            raise CalibrationUnusable(f"{path}: of another version of screening; calibrate again")
        if document.pop("sha256", None) != _digest(document):
            raise CalibrationUnusable(f"{path}: changed after it was made; calibrate again")
        try:
            return cls(**_read(document))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CalibrationUnusable(f"{path}: not a calibration: {error!r}") from None

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = asdict(replace(self, buckets=()))
        content["buckets"] = [
            {
                "least_pictures": each.least_pictures,
                "statistics": {kind.value: list(of) for kind, of in each.statistics.items()},
            }
            for each in self.buckets
        ]
        return content


def packs_needed(alpha: float) -> int:
    """The fewest benign packs among which a p-value can be as low as ``alpha``: 99 for 1 %."""
    return math.ceil(1 / Fraction(str(alpha))) - 1


def packs_wanted(alpha: float) -> int:
    """Benign packs with which the true rate is most likely half to twice ``alpha``: 899 for 1 %.

    In 90 % of calibrations (`screening.calibration.bounds.realised_rate`): the ninth largest of
    them is the limit then, the eighth would fall below half too often.
    """
    return math.ceil(9 / Fraction(str(alpha))) - 1


def bucket_of(different_pictures: int) -> int:
    """The number of the bucket for packs with so many different pictures."""
    return max(0, bisect_right(LEAST_PICTURES, different_pictures) - 1)


def sizes_of(bucket: int) -> str:
    """The sizes of packs in a bucket, in words."""
    least = LEAST_PICTURES[bucket]
    if bucket + 1 == len(LEAST_PICTURES):
        return f"{least} pictures and more"
    return f"{least}-{LEAST_PICTURES[bucket + 1] - 1} pictures"


def buckets_of(packs: Sequence[tuple[int, Mapping[Kind, float]]]) -> tuple[Bucket, ...]:
    """All buckets, of (different pictures, kind -> statistic) of each benign pack."""
    found: list[dict[Kind, list[float]]] = [{} for _ in LEAST_PICTURES]
    for pictures, statistics in packs:
        for kind, statistic in statistics.items():
            found[bucket_of(pictures)].setdefault(kind, []).append(statistic)
    return tuple(
        Bucket(
            least_pictures=least,
            statistics={kind: tuple(sorted(of)) for kind, of in sorted(each.items())},
        )
        for least, each in zip(LEAST_PICTURES, found, strict=True)
    )


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _read(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a calibration, from JSON of which the checksum is right."""
    buckets = tuple(_bucket(each) for each in document["buckets"])
    if tuple(each.least_pictures for each in buckets) != LEAST_PICTURES:
        raise ValueError("other sizes of packs")
    return {
        **document,
        "binding": Binding(**document["binding"]),
        "buckets": buckets,
        "checks": tuple(_of_kind(Check, each) for each in document["checks"]),
        "suspects": tuple(_of_kind(Suspect, each) for each in document["suspects"]),
    }


def _bucket(document: Mapping[str, Any]) -> Bucket:
    statistics = {Kind(kind): tuple(of) for kind, of in document["statistics"].items()}
    for of in statistics.values():
        if not all(math.isfinite(each) for each in of) or list(of) != sorted(of):
            raise ValueError("statistics that are not ascending numbers")
    return Bucket(least_pictures=document["least_pictures"], statistics=statistics)


def _of_kind(what: Any, document: Mapping[str, Any]) -> Any:
    return what(**{**document, "kind": Kind(document["kind"])})
