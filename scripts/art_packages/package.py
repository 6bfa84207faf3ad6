"""What is known of a package with art, and which split its characters belong to."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class ArtError(Exception):
    """Art could not be fetched or is not what it should be.

    ArtError
    ├── ChecksumMismatchError    a package differs from the one that was pinned
    ├── PackageUnavailableError  no client for it here, or its registry does not answer
    └── NotForTrainingError      training asked for art that is not given to it
    """


class ChecksumMismatchError(ArtError):
    """A package file differs from the one whose checksum is pinned."""


class PackageUnavailableError(ArtError):
    """A package cannot be had here: its client is missing, or the client failed."""


class NotForTrainingError(ArtError):
    """Training asked for art that only evaluation may see."""


class Use(Enum):
    """What the art of a package may be used for; the value stands in the `LICENCE` beside it."""

    TRAINING = "training and evaluation"
    HELD_OUT = "held out (openly licensed, kept out of training to be evaluated on)"
    EVALUATION_ONLY = "evaluation only (others own this art: never trained on, never shipped)"


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of an unpacked package, and where it belongs.

    `name` is the file's name where it is laid out; the file's own name where it is empty.
    """

    file: Path
    source: str
    character: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of a registry: how to fetch it, how to check it, what its licence is."""

    name: str
    version: str
    client: str
    filename: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Package(Archive):
    """An archive with art and how to label it.

    `label` gets the folder in which the archive was unpacked. `needs` names the tools that draw or
    name the art: each is unpacked at `needs/<name>` below that folder. No two packages fill one
    source.
    """

    label: Callable[[Path], Iterator[Picture]]
    use: Use = Use.TRAINING
    needs: tuple[str, ...] = ()


SHARES = (("train", 0.4), ("tune", 0.6), ("calibrate", 0.8))


def identity_of(character: str) -> str:
    """Name whom a character's folder shows: what stands before the first `+`.

    `elves-archer+female` is a variant of `elves-archer`. One identity may have folders in several
    sources: sprites in one, portraits in another, the same emoji by every vendor.
    """
    return character.split("+", maxsplit=1)[0]


def split_of(character: str) -> str:
    """Name the split that a character belongs to: train, tune, calibrate or test (40/20/20/20).

    The split hangs on the hash of the identity's name alone, so it is the same everywhere and for
    ever, in whichever source and package the character is found.
    """
    digest = hashlib.sha256(identity_of(character).encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    return next((name for name, end in SHARES if position < end), "test")
