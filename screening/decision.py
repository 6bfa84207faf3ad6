"""The decision: verdict, reasons, evidence, and the versions of everything that led to it.

`Decision.to_json` writes the same bytes for the same pack, index, settings and policy; only
``times`` differs between two runs. The JSON is described by ``decision.schema.json`` beside this
file; `SCHEMA` is raised when a field changes its meaning.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from screening.evidence import Evidence
from screening.packs import Ignored, Manifest, Unscreened
from screening.policy import Reason, Verdict

SCHEMA = "screening/decision/1"


class Status(StrEnum):
    SCREENED = "screened"
    UNSCREENED = "unscreened"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSummary:
    """The pack that was screened. ``members == screened + unscreened + ignored``, always.

    ``pictures`` counts picture files, ``different_pictures`` near-duplicates once. ``sha256`` is
    the manifest's. ``trainer`` is the layout that was recognised.
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
class CharacterName:
    """How people call what the evidence names by id, for the report."""

    reference_set: str
    character: str
    name: str
    work: str
    rights_holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What led to the decision: package, index, policy (sha256), makers of fingerprints."""

    screening: str
    index: str
    policy: str
    reference_sets: dict[str, str]
    makers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    started: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What `Screener.screen` returns. ``remarks`` are sentences that did not move the verdict."""

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
