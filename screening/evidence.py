"""Evidence: what a moderator, a rights holder and a court are shown, and nothing else.

Values only; `screener` gathers them. Scores are cosines after normalisation by the background
set (higher is closer), distances are Hamming bits (lower is closer).
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Transform(StrEnum):
    """What was done to the reference image to make the pack's picture, as far as is known."""

    NONE = "none"
    MIRRORED = "mirrored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceImage:
    """Where a reference image stands: its set, character, path in the set, time code of a film.

    ``character`` is the character's id in the set.
    """

    reference_set: str
    character: str
    path: str
    time_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One picture of the pack against one reference image.

    ``method`` is ``phash-256`` (then ``distance_bits`` is set) or the name of an embedder output
    (then ``score`` is set). ``verified`` says that a second method found the same pair.
    ``view`` is empty for the picture as a person sees it, else says which view of the file.
    """

    path: str
    view: str
    reference: ReferenceImage
    method: str
    transform: Transform
    distance_bits: int | None = None
    score: float | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEvidence:
    """Pictures of the pack that are edited copies of reference images of one character.

    ``matches`` holds the best match of each picture, strongest first. ``different_pictures``
    counts near-duplicates within the pack once; ``weighted_pictures`` counts each picture as
    often as the trainer repeats it.
    """

    reference_set: str
    character: str
    matches: tuple[Match, ...]
    different_pictures: int
    weighted_pictures: int


class Statistic(StrEnum):
    """How character evidence was found."""

    TWO_SAMPLE = "two-sample"
    FEW_PICTURES = "few pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterEvidence:
    """Pictures of the pack that show one character, without being copies of references.

    ``score`` is the statistic, ``threshold`` where the policy flags. ``matches`` pairs each
    picture that counted with its closest reference, strongest first. ``pictures`` is how many
    different pictures were compared, ``share`` the part of the pack that matched best.
    """

    reference_set: str
    character: str
    output: str
    statistic: Statistic
    score: float
    threshold: float
    share: float
    pictures: int
    references: int
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameEvidence:
    """A name of a character or work in the pack's words.

    ``source`` is ``caption``, ``trigger word``, ``file name`` or ``text``; ``paths`` the members
    it stands in. ``counts`` is False for an ambiguous name that nothing else supports.
    """

    reference_set: str
    character: str
    name: str
    distinctive: bool
    source: str
    paths: tuple[str, ...]
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was found in one pack, each kind strongest first."""

    copies: tuple[CopyEvidence, ...] = field(default=())
    characters: tuple[CharacterEvidence, ...] = field(default=())
    names: tuple[NameEvidence, ...] = field(default=())
