"""The decision: verdict, reasons, evidence, and the versions of everything that led to it.

`Decision.to_json` writes the same bytes for the same pack, uploader, index, records of the
reference sets, calibration, policy and settings on one day (licences end), where the time for names
suffices; only ``times`` differs between two runs. The JSON is described by ``decision.schema.json``
beside this file; `SCHEMA` is raised when a field changes its meaning.
"""

import builtins
import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Self

from screening.errors import DecisionUnreadable, EmbedderError
from screening.evidence import Evidence, NameEvidence
from screening.matching import Match
from screening.notice import Notified, Subject, write_notice
from screening.packs.manifest import Manifest
from screening.packs.member import (
    Ignored,
    Unscreened,
    path_as_text,
    path_from_text,
    printable,
)
from screening.policy import Reason, Verdict

SCHEMA = "screening/decision/1"

DECIMALS = 6
"""Floats are rounded to this many: the last bits of a cosine differ between processors."""


class Status(StrEnum):
    SCREENED = "screened"
    UNSCREENED = "unscreened"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSummary:
    """The pack that was screened. ``members == screened + unscreened + ignored``, always.

    ``pictures`` counts picture files and frames of videos, ``different_pictures`` near-duplicates
    once. ``sha256`` is the manifest's. ``trainer`` is the layout that was recognised.
    """

    name: str
    sha256: str
    trainer: str
    members: int
    screened: int
    unscreened: int
    ignored: int
    pictures: int
    different_pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureUse:
    """What ``pack.trainer`` does with a picture that it does not plainly train on.

    ``role`` is ``train``, ``regularisation``, ``control``, ``mask``, ``validation`` or ``video``;
    ``loaded`` is False for what that trainer leaves out. It is screened like any other: another
    trainer, or the next version of this one, may read it.
    """

    path: str
    role: str
    loaded: bool


PATHS = frozenset(
    {
        *((Match, "path"), (Unscreened, "path"), (Ignored, "path"), (NameEvidence, "paths")),
        (PictureUse, "path"),
    }
)
"""Fields that hold paths of members. They come back as they were; other text as it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterName:
    """How people call what the evidence names by id, for the report."""

    reference_set: str
    character: str
    name: str
    work: str
    rights_holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What led to the decision: package, index, policy and calibration (sha256; empty without
    one), makers of fingerprints."""

    screening: str
    index: str
    policy: str
    calibration: str = ""
    reference_sets: dict[str, str]
    makers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    started: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What `Screener.screen` returns. ``remarks`` are sentences that did not move the verdict.

    ``uses`` are the pictures that do not plainly train, by path.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    pack: PackSummary
    evidence: Evidence
    named: tuple[CharacterName, ...]
    unscreened: tuple[Unscreened, ...]
    ignored: tuple[Ignored, ...]
    manifest: Manifest
    versions: Versions
    times: Times
    uploader: str = ""
    remarks: tuple[str, ...] = field(default=())
    uses: tuple[PictureUse, ...] = field(default=())

    def to_json(self) -> bytes:
        """The decision as canonical JSON: fixed order of fields, ASCII, a newline at the end.

        Text is made `printable`; of paths, the backslash is escaped too, so that no two are alike.
        Raises EmbedderError where a score is not a finite number.
        """
        document = {"schema": SCHEMA, **_written(self, where="decision")}
        document["manifest"] = {"members": self._manifest_members()}
        document["times"] = document.pop("times")  # last: what stands above is the same every run
        return json.dumps(document, indent=2, ensure_ascii=True).encode("ascii") + b"\n"

    def notice(self, language: str, *, contact: str = "") -> str:
        """What the uploader is told, in ``language`` (``en`` or ``zh``), as plain text.

        Names the characters, works, rights holders and pictures, what to do and how to object
        (``contact`` is where), and no score, threshold or count. Raises SettingsError for another
        language.
        """
        notified = Notified(
            verdict=self.verdict,
            pack=self.pack.name,
            pack_sha256=self.pack.sha256,
            reasons=self.reasons,
            evidence=self.evidence,
            unread=[each.path for each in self.unscreened],
            subject_of=self._subject,
        )
        return write_notice(notified, language, contact=contact)

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The decision that `to_json` wrote, with text as written there and paths as they were.

        Raises DecisionUnreadable where ``data`` is not JSON or does not fit the schema.
        """
        try:
            document = json.loads(data, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise DecisionUnreadable(f"the decision is not JSON: {error}") from error
        check_schema(document)
        members = document["manifest"]["members"]
        manifest = Manifest.of((path_from_text(each["path"]), each["sha256"]) for each in members)
        return typing.cast(Self, _read(cls, {**document, "manifest": manifest}))

    def _subject(self, reference_set: str, character: str) -> Subject:
        """How people call a character; its ids where the decision does not say."""
        for each in self.named:
            if (each.reference_set, each.character) == (reference_set, character):
                return Subject(name=each.name, work=each.work, rights_holder=each.rights_holder)
        return Subject(name=character or reference_set, work=reference_set, rights_holder="")

    def _manifest_members(self) -> list[dict[str, Any]]:
        status = {each.path: Status.UNSCREENED for each in self.unscreened}
        status |= {each.path: Status.IGNORED for each in self.ignored}
        members: list[dict[str, Any]] = [
            {
                "path": path_as_text(path),
                "sha256": sha256,
                "status": status.get(path, Status.SCREENED).value,
            }
            for path, sha256 in self.manifest.digests
        ]
        return sorted(members, key=lambda each: (each["path"], each["sha256"] or ""))


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a decision; treat it as read-only."""
    text = files("screening").joinpath("decision.schema.json").read_text(encoding="utf-8")
    return typing.cast(dict[str, Any], json.loads(text))


def check_schema(document: object) -> None:
    """Raise DecisionUnreadable, naming the place, unless ``document`` fits the schema."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import, seldom needed
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    error = best_match(Draft202012Validator(schema()).iter_errors(document))
    if error is not None:
        raise DecisionUnreadable(f"{error.json_path}: {error.message[:500]}")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _written(value: Any, *, where: str) -> Any:
    """``value`` as JSON types; ``where`` names it in an error."""
    match value:
        case Mapping():
            items = sorted((printable(key), item) for key, item in value.items())
        case tuple():
            return [_written(item, where=f"{where}[{i}]") for i, item in enumerate(value)]
        case _ if dataclasses.is_dataclass(value):
            items = [(each.name, _field(value, each.name)) for each in dataclasses.fields(value)]
        case _:
            return _scalar(value, where=where)
    return {name: _written(item, where=f"{where}.{name}") for name, item in items}


def _field(value: Any, name: str) -> Any:
    """A field of a dataclass, paths as text."""
    held = getattr(value, name)
    return _each_path(held, path_as_text) if (type(value), name) in PATHS else held


def _each_path(held: str | tuple[str, ...], change: Callable[[str], str]) -> str | tuple[str, ...]:
    return tuple(map(change, held)) if isinstance(held, tuple) else change(held)


def _scalar(value: Any, *, where: str) -> Any:
    match value:
        case StrEnum():
            return value.value
        case str():
            return printable(value)
        case float():
            if not math.isfinite(value):
                raise EmbedderError(f"{where} is {value}, not a finite number")
            return round(value, DECIMALS) + 0.0  # adding 0.0 turns -0.0 into 0.0
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value


def _read(kind: Any, value: Any) -> Any:
    """``value``, which fits the schema, as the annotated type ``kind``."""
    arguments = typing.get_args(kind)
    match typing.get_origin(kind):
        case types.UnionType:
            return None if value is None else _read(arguments[0], value)
        case builtins.tuple:
            return tuple(_read(arguments[0], item) for item in value)
        case builtins.dict:
            return dict(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is Manifest:
        return value
    return _read_fields(kind, value) if dataclasses.is_dataclass(kind) else kind(value)


def _read_fields(kind: Any, value: dict[str, Any]) -> Any:
    fields = {name: _read(hint, value[name]) for name, hint in _hints(kind).items()}
    paths = {
        name: _each_path(held, path_from_text)
        for name, held in fields.items()
        if (kind, name) in PATHS
    }
    return kind(**fields | paths)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
