"""Evidence: what a moderator, a rights holder and a court are shown, and nothing else.

Scores are cosines after normalisation by the background
set (higher is closer), distances are Hamming bits (lower is closer).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from screening.matching import CharacterComparison, Match
from screening.matching.match import strength
from screening.names import Excerpt, NameMention


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

    ``score`` is the statistic, ``threshold`` where the policy flags. ``matches`` pairs each
    picture that counted with its closest reference, strongest first. ``pictures`` is how many
    different pictures were compared, ``share`` the part of the pack that matched best. ``rank`` is
    that of the largest margin of any share, None without a calibration. ``look`` is what of the
    pictures matched best (``whole pictures``, ``heads or figures``), empty where nobody knows.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterThresholds:
    """From where on a comparison is evidence.

    ``two_sample`` is the lowest statistic, for shares of at least ``two_sample_pictures`` pictures
    against at least ``two_sample_references``. Else at least ``few_pictures`` pictures must each
    score ``few_pictures_score``.
    """

    two_sample: float
    two_sample_pictures: int
    two_sample_references: int
    few_pictures: int
    few_pictures_score: float


RankOf = Callable[[float], Rank | None]


def _no_rank(_: float) -> None:
    return None


def _the_score(_: str) -> float:
    return 0.0


def gather_copies(
    matches: Iterable[Match],
    *,
    first_alike: Mapping[str, str],
    repeats: Mapping[str, int],
    rank_of: RankOf = _no_rank,
) -> tuple[CopyEvidence, ...]:
    """Copies by character, most different pictures first.

    ``first_alike``: path -> path of the first picture of the pack that it is a near-duplicate of,
    ``repeats``: path -> how often the trainer takes it in an epoch. ``rank_of`` ranks a
    `CopyEvidence.strength`.
    """
    of_character: dict[tuple[str, str], list[Match]] = {}
    for match in matches:
        key = (match.reference.reference_set, match.reference.character)
        of_character.setdefault(key, []).append(match)
    found = [
        CopyEvidence(
            reference_set=reference_set,
            character=character,
            matches=tuple(sorted(each, key=strength)),
            different_pictures=len({first_alike[match.path] for match in each}),
            certain_pictures=len({first_alike[match.path] for match in each if match.verified}),
            weighted_pictures=sum(repeats.get(match.path, 1) for match in each),
        )
        for (reference_set, character), each in of_character.items()
    ]
    found = [replace(each, rank=rank_of(each.strength)) for each in found]
    found.sort(
        key=lambda each: (
            -each.certain_pictures,
            -each.different_pictures,
            each.reference_set,
            each.character,
        )
    )
    return tuple(found)


def gather_characters(
    comparisons: Iterable[CharacterComparison],
    thresholds: CharacterThresholds,
    *,
    least_margin: Callable[[str], float] = _the_score,
    rank_of: RankOf = _no_rank,
) -> tuple[CharacterEvidence, ...]:
    """The clearest comparison of each character that reaches its threshold, clearest first.

    ``least_margin``: reference set -> the `margin` from which on a comparison counts, in place of
    0. ``rank_of`` ranks a margin.
    """
    best: dict[tuple[str, str], CharacterEvidence] = {}
    margins: dict[tuple[str, str], float] = {}
    for comparison in comparisons:
        by, least = margin(comparison, thresholds), least_margin(comparison.reference_set)
        if by is not None and by >= least:
            found = _evidence(comparison, thresholds, least)
            key = (found.reference_set, found.character)
            best[key] = min(best.get(key, found), found, key=_clearness)
            margins[key] = max(margins.get(key, by), by)
    ranked = (replace(found, rank=rank_of(margins[key])) for key, found in best.items())
    return tuple(sorted(ranked, key=_clearness))


def margin(comparison: CharacterComparison, thresholds: CharacterThresholds) -> float | None:
    """By how much the comparison exceeds the score from which on it counts; below 0: it does not.

    One number for packs and references of all sizes. None where there are too few pictures to
    judge a pack by.
    """
    if _is_whole(comparison, thresholds):
        return comparison.two_sample - thresholds.two_sample
    count = max(1, thresholds.few_pictures)
    if comparison.share < 1 or comparison.pictures < count:
        return None
    scores = sorted(comparison.closest().top_scores, reverse=True)
    return scores[count - 1] - thresholds.few_pictures_score


def _is_whole(comparison: CharacterComparison, thresholds: CharacterThresholds) -> bool:
    return (
        comparison.pictures >= thresholds.two_sample_pictures
        and comparison.references >= thresholds.two_sample_references
    )


def _clearness(found: CharacterEvidence) -> tuple[object, ...]:
    """Sorts the largest part of the pack first, then the clearest, then in a fixed order."""
    return (
        -found.share,
        found.threshold - found.score,
        found.reference_set,
        found.character,
        found.output,
        found.statistic,
        -found.pictures,
        *map(strength, found.matches),
    )


def _evidence(
    comparison: CharacterComparison, thresholds: CharacterThresholds, least: float
) -> CharacterEvidence:
    """Of a comparison whose margin is at least ``least``."""
    closest = comparison.closest()
    if _is_whole(comparison, thresholds):
        statistic, threshold = Statistic.TWO_SAMPLE, thresholds.two_sample
        score, matches, look = comparison.two_sample, closest.matches, comparison.look
    else:
        statistic, threshold = Statistic.FEW_PICTURES, thresholds.few_pictures_score
        scores = zip(closest.top_scores, closest.matches, strict=True)
        reached = [(top, match) for top, match in scores if top - threshold >= least]
        score, matches = max(top for top, _ in reached), tuple(match for _, match in reached)
        look = ""  # of each picture another
    return CharacterEvidence(
        reference_set=comparison.reference_set,
        character=comparison.character,
        output=comparison.output,
        statistic=statistic,
        score=round(score, 4),
        threshold=threshold + least,
        share=comparison.share * comparison.of_pack,
        pictures=comparison.pictures,
        references=comparison.references,
        matches=tuple(sorted(matches, key=strength)),
        look=look,
    )


MOST_NAMES = 200
"""Names that evidence lists, those that count first; a caption may hold every name there is."""


def name_evidence(
    mentions: Collection[NameMention], visual: Collection[tuple[str, str]]
) -> tuple[NameEvidence, ...]:
    """What the names in a pack say, those that count first, then distinctive ones first.

    At most `MOST_NAMES`.

    ``visual`` holds (reference_set, character) of what copy or character evidence was found for.
    A distinctive name counts, of a work too (its ``character`` is empty). An ambiguous name of a
    character counts with visual evidence of it or with a name of its work anywhere in the pack,
    an ambiguous name of a work with visual evidence of, or a name of, any of its characters. Two
    ambiguous names do not support each other if one contains the other: both may be one word.
    """
    shown = {reference_set for reference_set, _ in visual}
    works: dict[str, dict[str, bool]] = {}
    characters: dict[str, dict[str, bool]] = {}
    for each in mentions:
        names = (characters if each.character else works).setdefault(each.reference_set, {})
        names[each.normal] = names.get(each.normal, False) or each.distinctive

    def counts(mention: NameMention) -> bool:
        if mention.distinctive:
            return True
        if mention.character:
            seen = (mention.reference_set, mention.character) in visual
        else:
            seen = mention.reference_set in shown
        others = (works if mention.character else characters).get(mention.reference_set, {})
        return seen or any(
            distinctive or not _one_contains_the_other(mention.normal, normal)
            for normal, distinctive in others.items()
        )

    evidence = (
        NameEvidence(
            reference_set=each.reference_set,
            character=each.character,
            name=each.name,
            distinctive=each.distinctive,
            source=each.source.value,
            paths=each.paths,
            counts=counts(each),
            members=each.members,
            excerpts=each.excerpts,
        )
        for each in mentions
    )
    return tuple(
        sorted(
            evidence,
            key=lambda e: (
                not e.counts,
                not e.distinctive,
                e.reference_set,
                e.character,
                e.name,
                e.source,
            ),
        )[:MOST_NAMES]
    )


def _one_contains_the_other(one: str, other: str) -> bool:
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "
