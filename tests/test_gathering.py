"""Gathering: what counts, in which order, whatever the order it comes in."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.evidence import Evidence, Statistic
from screening.gathering import CharacterThresholds, gather_characters, gather_copies
from screening.matching import CharacterComparison, Match, ReferenceImage, Transform
from screening.matching.characters import Closest

THRESHOLDS = CharacterThresholds(
    two_sample=-0.03,
    two_sample_pictures=4,
    two_sample_references=4,
    few_pictures=2,
    few_pictures_score=0.4,
)


def match(
    path: str,
    character: str = "hero",
    *,
    bits: int | None = None,
    score: float | None = None,
    reference_set: str = "set",
    image: str = "r.png",
) -> Match:
    return Match(
        path=path,
        view="",
        reference=ReferenceImage(reference_set=reference_set, character=character, path=image),
        method="phash-256" if bits is not None else "lite.copy",
        transform=Transform.NONE,
        distance_bits=bits,
        score=score,
        verified=bits is not None,
    )


def comparison(
    *,
    character: str = "hero",
    two_sample: float = 0.0,
    top_scores: tuple[float, ...] = (0.5,) * 8,
    share: float = 1.0,
    references: int = 10,
    output: str = "lite.identity",
    reference_set: str = "set",
) -> CharacterComparison:
    matches = tuple(
        match(f"{number}", character, score=score, reference_set=reference_set)
        for number, score in enumerate(top_scores)
    )
    return CharacterComparison(
        reference_set=reference_set,
        character=character,
        output=output,
        share=share,
        two_sample=two_sample,
        pictures=len(top_scores),
        references=references,
        closest=lambda: Closest(matches=matches, top_scores=top_scores),
    )


def copies(*matches: Match, first_alike: dict[str, str] | None = None, **repeats: int):
    alike = {each.path: each.path for each in matches} | (first_alike or {})
    return gather_copies(matches, first_alike=alike, repeats=repeats)


def test_no_match_is_no_evidence() -> None:
    assert copies() == ()
    assert gather_characters([], THRESHOLDS) == ()
    assert Evidence().all == ()


def test_near_duplicates_count_once_and_repeats_as_often_as_they_train() -> None:
    (found,) = copies(
        match("a", bits=4),
        match("b", bits=2),
        match("c", score=0.9),
        first_alike={"b": "a"},
        a=10,
        c=3,
    )
    assert found.different_pictures == 2
    assert found.certain_pictures == 1
    assert found.weighted_pictures == 10 + 1 + 3
    assert [each.path for each in found.matches] == ["b", "a", "c"]


def test_a_picture_is_certain_if_any_that_it_repeats_is() -> None:
    (found,) = copies(match("a", score=0.9), match("b", bits=3), first_alike={"b": "a"})
    assert (found.different_pictures, found.certain_pictures) == (1, 1)


def test_characters_are_told_apart_by_set_and_ordered() -> None:
    found = copies(
        match("a", "hero", score=0.9),
        match("b", "hero", score=0.9),
        match("a", "witch", bits=3),
        match("a", "hero", bits=3, reference_set="other"),
    )
    assert [(each.reference_set, each.character) for each in found] == [
        ("other", "hero"),
        ("set", "witch"),
        ("set", "hero"),
    ]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1000), st.integers(0, 12))
def test_the_order_of_matches_changes_nothing(seed: int, count: int) -> None:
    chance = random.Random(seed)
    matches = {
        (path, character): match(path, character, bits=chance.choice([None, 3, 3, 9]), score=0.5)
        for path, character in (
            (chance.choice("abcdef"), chance.choice(["hero", "witch"])) for _ in range(count)
        )
    }
    ordered = list(matches.values())
    found = copies(*ordered, first_alike={"b": "a"})
    chance.shuffle(ordered)
    assert copies(*ordered, first_alike={"b": "a"}) == found


def below(value: float) -> float:
    return value - 1e-9


def test_the_two_sample_threshold_is_reached_when_equal() -> None:
    (found,) = gather_characters([comparison(two_sample=-0.03)], THRESHOLDS)
    assert (found.statistic, found.score, found.threshold) == (Statistic.TWO_SAMPLE, -0.03, -0.03)
    assert (found.pictures, found.references, len(found.matches)) == (8, 10, 8)
    assert gather_characters([comparison(two_sample=below(-0.03))], THRESHOLDS) == ()


@pytest.mark.parametrize(
    ("pictures", "references", "statistic"),
    [
        (4, 4, Statistic.TWO_SAMPLE),
        (3, 4, Statistic.FEW_PICTURES),
        (4, 3, Statistic.FEW_PICTURES),
        (100, 1, Statistic.FEW_PICTURES),
    ],
)
def test_too_few_pictures_or_references_are_judged_one_by_one(
    pictures: int, references: int, statistic: Statistic
) -> None:
    made = comparison(top_scores=(0.5,) * pictures, references=references)
    (found,) = gather_characters([made], THRESHOLDS)
    assert found.statistic is statistic


def test_few_pictures_count_each_at_the_threshold() -> None:
    scores = (0.4, 0.6, below(0.4))
    (found,) = gather_characters([comparison(top_scores=scores, two_sample=-9)], THRESHOLDS)
    assert found.statistic is Statistic.FEW_PICTURES
    assert found.score == 0.6
    assert [each.path for each in found.matches] == ["1", "0"]
    assert found.pictures == 3


def test_one_picture_alone_is_too_few() -> None:
    one_reached = comparison(top_scores=(0.9, below(0.4), 0.1))
    assert gather_characters([one_reached], THRESHOLDS) == ()
    allowed = replace(THRESHOLDS, few_pictures=1)
    assert len(gather_characters([one_reached], allowed)) == 1


def test_without_a_picture_that_counts_there_is_no_evidence() -> None:
    none_reached = comparison(top_scores=(0.1, 0.2))
    assert gather_characters([none_reached], replace(THRESHOLDS, few_pictures=0)) == ()


def test_shares_of_few_pictures_say_nothing() -> None:
    assert gather_characters([comparison(top_scores=(0.9,) * 3, share=0.5)], THRESHOLDS) == ()


def test_the_largest_share_of_a_character_stands_for_it() -> None:
    made = [comparison(two_sample=0.5, share=0.25), comparison(two_sample=-0.01, share=1.0)]
    (found,) = gather_characters(made, THRESHOLDS)
    assert (found.share, found.score) == (1.0, -0.01)
    made[1] = comparison(two_sample=-0.2, share=1.0)
    (found,) = gather_characters(made, THRESHOLDS)
    assert (found.share, found.score) == (0.25, 0.5)


def test_evidence_says_what_of_the_pictures_matched() -> None:
    whole = replace(comparison(two_sample=0.1), look="heads or figures")
    assert [each.look for each in gather_characters([whole], THRESHOLDS)] == ["heads or figures"]
    few = replace(comparison(top_scores=(0.9,) * 2), look="heads or figures")
    assert [each.look for each in gather_characters([few], THRESHOLDS)] == [""]


def test_single_pictures_are_worked_out_only_where_they_count() -> None:
    def never() -> Closest:
        raise AssertionError("worked out for nothing")

    low = replace(comparison(two_sample=-1), closest=never)
    share = replace(comparison(top_scores=(0.9,) * 2, share=0.5), closest=never)
    assert gather_characters([low, share], THRESHOLDS) == ()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1000), st.integers(0, 10))
def test_the_order_of_comparisons_changes_nothing(seed: int, count: int) -> None:
    chance = random.Random(seed)
    made = [
        comparison(
            character=chance.choice(["hero", "witch"]),
            reference_set=chance.choice(["set", "other"]),
            output=chance.choice(["lite.identity", "clip.image"]),
            share=chance.choice([1.0, 0.5]),
            two_sample=chance.choice([0.0, 0.1, -0.5]),
            top_scores=(chance.choice([0.4, 0.5]),) * chance.choice([3, 8]),
        )
        for _ in range(count)
    ]
    found = gather_characters(made, THRESHOLDS)
    chance.shuffle(made)
    assert gather_characters(made, THRESHOLDS) == found
    keys = [(-each.share, each.threshold - each.score) for each in found]
    assert keys == sorted(keys)
