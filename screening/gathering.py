"""Gathering evidence: which matches, comparisons and mentions count, and in what order."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from screening.evidence import CharacterEvidence, CopyEvidence, NameEvidence, Rank, Statistic
from screening.matching import CharacterComparison, Match
from screening.matching.match import strength
from screening.names import NameMention

MOST_NAMES = 200
"""Names that evidence lists, those that count first; a caption may hold every name there is."""


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
