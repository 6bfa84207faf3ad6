"""Evidence: what a moderator, a rights holder and a court are shown, and nothing else.

Scores are cosines after normalisation by the background set (higher is closer), distances are
Hamming bits (lower is closer). `screening.gathering` makes it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from screening.matching import Match
from screening.names import Excerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """How a pack stands among benign packs of about its size, by its evidence about a character.

    ``exceeded_by`` of the ``benign_packs`` have as strong evidence or stronger about whichever
    character they come closest to. ``p_value`` is (1 + exceeded_by) / (benign_packs + 1), times the
    growth of the index since, at most 1. ``provisional``: drawn from labelled subjects, not
    uploaded, so that it must not block.
    """

    exceeded_by: int
    benign_packs: int
    p_value: float
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEvidence:
    """Pictures of the pack that are edited copies of reference images of one character.

    ``matches`` holds the best match of each picture, strongest first. ``different_pictures``
    counts near-duplicates within the pack once, ``certain_pictures`` only those of them that a
    hash or keypoints found; ``weighted_pictures`` counts each picture as often as the trainer
    repeats it. ``rank`` is that of its `strength`, None without a calibration.
    """

    reference_set: str
    character: str
    matches: tuple[Match, ...]
    different_pictures: int
    certain_pictures: int
    weighted_pictures: int
    rank: Rank | None = None

    @property
    def strength(self) -> float:
        """Certain pictures, and less than one more for all likely ones: however many, pictures
        drawn from one template do not weigh as much as a copy that a hash or keypoints found."""
        likely = self.different_pictures - self.certain_pictures
        return self.certain_pictures + likely / (1 + likely)


class Statistic(StrEnum):
    """How character evidence was found."""

    TWO_SAMPLE = "two-sample"
    FEW_PICTURES = "few pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterEvidence:
    """Pictures of the pack that show one character, without being copies of references.

    ``score`` is the statistic, or of few pictures the highest of theirs; ``threshold`` is where it
    begins to flag, by the calibration where that can say. ``matches`` pairs each picture that
    counted with its closest reference, strongest first. ``pictures`` is how many different pictures
    were compared, ``share`` the part of the pack that matched best. ``rank`` is that of the largest
    margin of any share, None without a calibration. ``look`` is what of the pictures matched best
    (``whole pictures``, ``heads or figures``), empty where nobody knows.
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
    rank: Rank | None = None
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameEvidence:
    """A name of a character or work in the pack's words.

    ``source`` is ``caption``, ``trigger word``, ``file name``, ``text`` or ``metadata text``;
    ``members`` counts what it stands in, ``paths`` are the first of those, ``excerpts`` some of the
    places. ``counts`` is False for an ambiguous name that nothing else supports.
    """

    reference_set: str
    character: str
    name: str
    distinctive: bool
    source: str
    paths: tuple[str, ...]
    counts: bool
    members: int = 0
    excerpts: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was found in one pack, each kind strongest first."""

    copies: tuple[CopyEvidence, ...] = field(default=())
    characters: tuple[CharacterEvidence, ...] = field(default=())
    names: tuple[NameEvidence, ...] = field(default=())

    @property
    def visual(self) -> tuple[CopyEvidence | CharacterEvidence, ...]:
        return (*self.copies, *self.characters)

    @property
    def all(self) -> tuple[CopyEvidence | CharacterEvidence | NameEvidence, ...]:
        return (*self.copies, *self.characters, *self.names)
