"""What goes into name matching and what comes out: texts of a pack, and names in them."""

from dataclasses import dataclass, field
from enum import StrEnum


class Source(StrEnum):
    """Where a name stands."""

    CAPTION = "caption"
    TRIGGER_WORD = "trigger word"
    FILE_NAME = "file name"
    TEXT = "text"
    METADATA = "metadata text"


class Reading(StrEnum):
    """How a text has to be read to find a name in it; spelling variants need no reading."""

    LEETSPEAK = "leetspeak"
    LOOKALIKE = "lookalike letters"
    SPACED = "letters set apart"
    MISSPELT = "misspelt"
    ROMANISED = "romanised"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedText:
    """Words of the pack. ``path`` is the member they stand in; a file name may hold folders.

    ``key`` says where in the member, for texts that a picture carries: ``parameters``, ``XMP``.
    """

    text: str
    source: Source
    path: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One place of a name: ``written`` is what stands there, cut in the middle if it is long.

    ``start`` counts characters from the beginning of the text, ``before`` and ``after`` are what
    stands around it.
    """

    path: str
    key: str
    start: int
    written: str
    before: str
    after: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    """One name in one kind of source.

    ``character`` is empty for a name of the work, ``name`` is the reference's spelling, ``normal``
    its words after normalisation. ``members`` is in how many members it stands, ``paths`` are the
    first of those, sorted and unique, ``excerpts`` a few of the places. ``distinctive`` is False
    too where the name was found only in a reading that common words have as well.
    """

    reference_set: str
    character: str
    name: str
    normal: str
    distinctive: bool
    source: Source
    paths: tuple[str, ...]
    members: int = 0
    excerpts: tuple[Excerpt, ...] = field(default=())
