"""Calibrations: exact p-values, validity, what they are bound to, and files that are refused."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.calibration import Binding, Calibration, Check, Kind, Suspect, Yardstick
from screening.calibration.benign import BenignPack, calibrated, checks_of
from screening.calibration.calibration import (
    LEAST_PICTURES,
    SCHEMA,
    bucket_of,
    buckets_of,
    sizes_of,
)
from screening.errors import CalibrationUnusable

BINDING = Binding(
    index="0" * 16,
    index_schema="screening/index/2",
    makers={"phash-256": "1", "lite": "2"},
    background={"lite.identity": 0.125},
    statistics={"characters.two_sample_score": -0.02},
    characters=10,
    reference_images=100,
    known={f"name {number}": "references" for number in range(10)},
)
CHARACTERS, COPIES = Kind.CHARACTERS, Kind.COPIES
UNGROWN = dict.fromkeys(Kind, 1.0)


def calibration(*statistics: float, pictures: int = 24, provisional: str = "") -> Calibration:
    return Calibration(
        source="tests",
        provisional=provisional,
        binding=BINDING,
        buckets=buckets_of([(pictures, {CHARACTERS: each}) for each in statistics]),
    )


def yardstick(*statistics: float, growth: float = 1.0) -> Yardstick:
    return Yardstick(
        benign={CHARACTERS: tuple(sorted(statistics))},
        growth={CHARACTERS: growth},
        provisional=False,
    )


def p_value(rule: Yardstick, statistic: float) -> float:
    rank = rule.rank(CHARACTERS, statistic)
    assert rank is not None
    return rank.p_value


def test_without_benign_packs_there_is_no_p_value() -> None:
    assert yardstick().rank(CHARACTERS, 1.0) is None
    assert yardstick().limit(CHARACTERS, 0.5) is None
    assert yardstick(1.0).rank(COPIES, 1.0) is None
    assert yardstick(1.0).limit(COPIES, 0.5) is None


@pytest.mark.parametrize(
    ("benign", "ours", "exceeded_by", "p"),
    [
        ((0.0,), 0.1, 0, Fraction(1, 2)),
        ((0.0,), 0.0, 1, Fraction(1)),
        ((0.0,), -0.1, 1, Fraction(1)),
        ((0.0, 1.0), 2.0, 0, Fraction(1, 3)),
        ((0.0, 1.0), 0.5, 1, Fraction(2, 3)),
        ((0.0, 1.0), 1.0, 1, Fraction(2, 3)),
        ((0.0, 1.0), -1.0, 2, Fraction(1)),
        ((0.0, 0.0, 0.0, 1.0), 0.0, 4, Fraction(1)),
        ((0.0, 0.0, 0.0, 1.0), 0.5, 1, Fraction(2, 5)),
    ],
)
def test_p_values_are_exact_and_ties_count_against_us(
    benign: tuple[float, ...], ours: float, exceeded_by: int, p: Fraction
) -> None:
    rank = yardstick(*benign).rank(CHARACTERS, ours)
    assert rank is not None
    assert (rank.exceeded_by, rank.benign_packs) == (exceeded_by, len(benign))
    assert rank.p_value == float(p)


def test_growth_multiplies_p_values_up_to_one() -> None:
    assert p_value(yardstick(0.0, 1.0, 2.0, growth=1.5), 3.0) == 1.5 / 4
    assert p_value(yardstick(0.0, growth=2.0), 0.0) == 1.0


@pytest.mark.parametrize("count", [99, 98])
def test_the_least_p_value_is_reached_with_alpha_and_not_before(count: int) -> None:
    rule = yardstick(*np.linspace(-1, 0, count).tolist())
    limit = rule.limit(CHARACTERS, 0.01)
    if count == 98:  # 1 / 99 > .01
        assert limit is None
    else:
        assert limit == 0.0
        assert p_value(rule, 0.0) > 0.01
        assert p_value(rule, np.nextafter(0.0, 1.0)) == 0.01


def test_growth_takes_the_least_p_value_away() -> None:
    benign = np.linspace(-1, 0, 199).tolist()
    assert yardstick(*benign, growth=2.0).limit(CHARACTERS, 0.01) == 0.0
    assert yardstick(*benign, growth=2.01).limit(CHARACTERS, 0.01) is None


numbers = st.integers(-20, 20).map(lambda tenths: tenths / 10)
alphas = st.integers(1, 999).map(lambda thousandths: thousandths / 1000)


@settings(deadline=None, max_examples=200)
@given(st.lists(numbers, max_size=30), numbers, alphas, st.sampled_from([1.0, 1.3, 2.0]))
def test_above_the_limit_and_only_there_evidence_is_significant(
    benign: list[float], ours: float, alpha: float, growth: float
) -> None:
    rule = yardstick(*benign, growth=growth)
    limit, rank = rule.limit(CHARACTERS, alpha), rule.rank(CHARACTERS, ours)
    significant = rank is not None and rank.p_value <= alpha
    assert significant == (limit is not None and ours > limit)


@settings(deadline=None, max_examples=100)
@given(st.lists(numbers, min_size=1, max_size=25), alphas)
def test_p_values_of_exchangeable_packs_are_super_uniform(
    statistics: list[float], alpha: float
) -> None:
    """Each of n exchangeable packs is as likely to be ours: P(p <= alpha) is the share of them."""
    rejected = 0
    for place, ours in enumerate(statistics):
        others = statistics[:place] + statistics[place + 1 :]
        rank = yardstick(*others).rank(CHARACTERS, ours)
        rejected += (1.0 if rank is None else rank.p_value) <= alpha
    assert Fraction(rejected, len(statistics)) <= Fraction(alpha)


@settings(deadline=None, max_examples=100)
@given(
    st.integers(1, 12).flatmap(
        lambda k: st.lists(st.lists(numbers, min_size=k, max_size=k), min_size=2, max_size=12)
    ),
    st.integers(1, 12),
    alphas,
)
def test_twice_the_characters_keep_the_promise(
    packs: list[list[float]], chosen: int, alpha: float
) -> None:
    """Over every choice of characters to calibrate with and every pack to be ours, averaged."""
    characters = len(packs[0])
    chosen = min(chosen, characters)
    growth = characters / chosen
    rejected = Fraction(0)
    turns = [[(first + n) % characters for n in range(chosen)] for first in range(characters)]
    for turn in turns:
        for place, ours in enumerate(packs):
            others = [max(each[c] for c in turn) for n, each in enumerate(packs) if n != place]
            rejected += p_value(yardstick(*others, growth=growth), max(ours)) <= alpha
    # Exceeding k times as often, times p-values k times as large; 1e-9 for the quotient.
    assert rejected / (len(turns) * len(packs)) <= Fraction(alpha) + Fraction(1, 10**9)


def test_sizes_of_packs_fall_into_buckets() -> None:
    sizes = [0, 1, 3, 4, 7, 8, 15, 16, 34, 35, 70, 71, 10_000]
    assert [bucket_of(size) for size in sizes] == [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [sizes_of(n) for n in (0, 5)] == ["1-3 pictures", "71 pictures and more"]


def test_packs_are_ranked_among_their_size_only() -> None:
    made = calibration(0.0, 1.0, pictures=24)
    rank = made.yardstick(16, UNGROWN).rank(CHARACTERS, 2.0)
    assert rank is not None
    assert rank.benign_packs == 2
    assert made.yardstick(15, UNGROWN).rank(CHARACTERS, 2.0) is None
    assert calibration(0.0, provisional="drawn").yardstick(24, UNGROWN).provisional


def test_a_calibration_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    made = replace(
        calibration(0.1, -0.2, 1 / 3),
        checks=(Check(kind=COPIES, alpha=0.01, packs=10, flagged=1),),
        suspects=(Suspect(kind=CHARACTERS, reference_set="set", character="hero", packs=3, of=9),),
    )
    file = tmp_path / "folder" / "calibration.json"
    made.save(file)
    assert Calibration.load(file) == made
    first = file.read_bytes()
    made.save(file)
    assert file.read_bytes() == first
    assert json.loads(first)["sha256"] == made.sha256
    assert [each.name for each in file.parent.iterdir()] == ["calibration.json"]


def saved(path: Path, **changes: Any) -> Path:
    """A calibration of which fields were changed afterwards, its checksum as it was."""
    calibration(0.0, 1.0).save(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


def known(count: int, *, first: int = 0, replaced: int = 0) -> dict[str, str]:
    """Characters by number, of which the first ``replaced`` have other reference images."""
    return {
        f"name {number}": "references" if number >= first + replaced else "others"
        for number in range(first, first + count)
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": "screening/calibration/1"}, "another version"),
        ({"sha256": "0" * 64}, "changed after"),
        ({"provisional": "no"}, "changed after"),
        ({"source": "elsewhere"}, "changed after"),
        ({"extra": 1}, "changed after"),
    ],
)
def test_a_changed_file_is_refused(
    tmp_path: Path, changes: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(CalibrationUnusable, match=message) as caught:
        Calibration.load(saved(tmp_path / "c.json", **changes))
    assert caught.value.exit_code == 3


def test_a_changed_statistic_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    calibration(0.25, 1.0).save(file)
    file.write_text(file.read_text().replace("0.25", "0.26"))
    with pytest.raises(CalibrationUnusable, match="changed after"):
        Calibration.load(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": NaN}', "\xff", "[" * 100_000])
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(CalibrationUnusable):
        Calibration.load(file)


def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CalibrationUnusable, match="screening calibrate"):
        Calibration.load(tmp_path / "none.json")


def test_a_well_sealed_file_of_other_content_is_refused(tmp_path: Path) -> None:
    made = calibration(0.0)
    wrong = replace(made, buckets=made.buckets[:-1])
    wrong.save(tmp_path / "c.json")
    with pytest.raises(CalibrationUnusable, match="other sizes"):
        Calibration.load(tmp_path / "c.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"makers": {"phash-256": "1", "lite": "3"}}, "other embedders: lite 2, now 3"),
        ({"makers": {"phash-256": "1"}}, "other embedders"),
        ({"index_schema": "screening/index/3"}, "another format"),
        ({"background": {"clip.image": 0.125}}, "other outputs"),
        ({"background": {"lite.identity": 0.1275}}, "another background of lite.identity"),
        ({"statistics": {"characters.two_sample_score": -0.03}}, "counts another way"),
        ({"reference_images": 201}, "against 100 reference images"),
        ({"known": known(21)}, "11 were added and 0 have other .* it holds until 10 are new"),
        ({"known": known(19, replaced=2)}, "9 were added and 2 have other reference images"),
        ({"known": known(10, first=10)}, "another index: none of its 10 characters is under"),
        ({"known": known(1, first=10)}, "another index"),
    ],
)
def test_another_combination_is_refused(changes: Mapping[str, Any], message: str) -> None:
    with pytest.raises(CalibrationUnusable, match=message):
        BINDING.growth(replace(BINDING, **changes))


@pytest.mark.parametrize(
    ("changes", "characters", "copies"),
    [
        ({}, 1.0, 1.0),
        ({"index": "1" * 16}, 1.0, 1.0),
        ({"background": {"lite.identity": 0.1265}}, 1.0, 1.0),
        ({"known": known(5), "reference_images": 1}, 1.0, 1.0),
        ({"known": {}, "reference_images": 0}, 1.0, 1.0),
        ({"known": known(11)}, 1.1, 1.1),
        ({"known": known(10, replaced=1)}, 1.1, 1.1),
        ({"known": known(10, first=1)}, 1.1, 1.1),
        ({"known": known(10, first=9)}, 1.9, 1.9),
        ({"known": known(10, replaced=10)}, 2.0, 2.0),
        ({"reference_images": 150}, 1.0, 1.5),
        ({"known": known(20), "reference_images": 200}, 2.0, 2.0),
    ],
)
def test_what_is_new_in_the_index_costs_power_until_it_is_as_much_again(
    changes: Mapping[str, Any], characters: float, copies: float
) -> None:
    growth = BINDING.growth(replace(BINDING, **changes))
    assert growth == pytest.approx({CHARACTERS: characters, COPIES: copies})


@given(st.sets(st.integers(0, 40), min_size=1), st.sets(st.integers(0, 40)))
def test_characters_that_are_gone_never_cost_and_new_ones_always_do(
    then: set[int], since: set[int]
) -> None:
    bound = replace(BINDING, known={str(each): "references" for each in then})
    now = replace(BINDING, known={str(each): "references" for each in since})
    new = len(since - then)
    if new > len(then) or (since and not since & then):
        with pytest.raises(CalibrationUnusable):
            bound.growth(now)
    else:
        assert bound.growth(now)[CHARACTERS] == 1 + new / len(then)


ANYWHERE = replace(BINDING, known={})


@pytest.mark.parametrize(("count", "growth"), [(5, 1.0), (10, 1.0), (11, 1.1), (20, 2.0)])
def test_a_calibration_for_any_index_goes_by_its_size(count: int, growth: float) -> None:
    now = replace(BINDING, characters=count, known=known(count, first=100))
    assert ANYWHERE.growth(now)[CHARACTERS] == growth


def test_a_calibration_for_any_index_has_an_end() -> None:
    now = replace(BINDING, characters=21, known=known(21))
    with pytest.raises(CalibrationUnusable, match="10 characters, and there are 21 now; it holds"):
        ANYWHERE.growth(now)


def test_only_a_provisional_calibration_is_for_any_index(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only a provisional"):
        replace(calibration(0.0), binding=ANYWHERE)
    drawn = replace(calibration(0.0, provisional="drawn"), binding=ANYWHERE)
    drawn.save(tmp_path / "c.json")
    assert Calibration.load(tmp_path / "c.json").binding.known == {}
    sealed = json.loads((tmp_path / "c.json").read_text())
    content = {**sealed, "provisional": ""}
    for key in ("schema", "sha256"):
        del content[key]
    text = json.dumps(content, sort_keys=True)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    (tmp_path / "c.json").write_text(json.dumps({**content, "schema": SCHEMA, "sha256": sha256}))
    with pytest.raises(CalibrationUnusable, match="only a provisional"):
        Calibration.load(tmp_path / "c.json")


HERO, WITCH = ("set", "hero"), ("set", "witch")


def pack(
    number: int, hero: float = -1.0, witch: float = -1.0, *, copies: float | None = 0.0
) -> BenignPack:
    strengths: dict[Kind, dict[tuple[str, str], float]] = {CHARACTERS: {HERO: hero, WITCH: witch}}
    if copies is not None:
        strengths[COPIES] = {HERO: copies} if copies else {}
    return BenignPack(origin=f"u{number}", different_pictures=24, strengths=strengths)


def made_of(packs: list[BenignPack], held_out: list[BenignPack] | None = None) -> Calibration:
    return calibrated(
        packs,
        held_out or [],
        binding=BINDING,
        source="",
        provisional="",
        alphas={CHARACTERS: 0.01, COPIES: 0.02},
    )


def test_the_statistic_of_a_pack_is_its_largest() -> None:
    made = made_of([pack(1, -0.5, -0.25), pack(2, -0.75, -0.8, copies=1.0)])
    assert made.buckets[bucket_of(24)].statistics == {
        CHARACTERS: (-0.75, -0.25),
        COPIES: (0.0, 1.0),
    }
    assert len(made.buckets) == len(LEAST_PICTURES)


def test_packs_compared_with_nobody_have_no_statistic() -> None:
    nobody = BenignPack(origin="u", different_pictures=24, strengths={CHARACTERS: {}})
    assert made_of([nobody, pack(1)]).buckets[3].statistics[CHARACTERS] == (-1.0,)
    assert COPIES not in made_of([nobody]).buckets[3].statistics


def test_held_out_packs_are_counted_where_alpha_can_be_held() -> None:
    packs = [pack(n, hero=-1 + n / 100) for n in range(99)]
    held_out = [pack(100, hero=0.5), pack(101, hero=-0.5), pack(102, hero=-0.985)]
    checks = {(each.kind, each.alpha): each for each in checks_of(made_of(packs), held_out, {})}
    assert checks[CHARACTERS, 0.01] == Check(kind=CHARACTERS, alpha=0.01, packs=3, flagged=1)
    assert checks[CHARACTERS, 0.05].flagged == 1
    assert checks[COPIES, 0.01].flagged == 0
    assert (CHARACTERS, 0.001) not in checks
    assert made_of(packs).checks == ()
    with_policy = made_of(packs, held_out).checks
    assert (COPIES, 0.02) in {(each.kind, each.alpha) for each in with_policy}


def test_packs_of_one_origin_are_checked_with_once() -> None:
    packs = [pack(n, hero=-1 + n / 100) for n in range(99)]
    held_out = [replace(pack(n, hero=0.5), origin=f"u{n % 3}") for n in range(30)]
    checks = checks_of(made_of(packs), held_out, {})
    assert {(each.packs, each.flagged) for each in checks if each.kind is CHARACTERS} == {(3, 3)}


def test_a_character_that_matches_many_unrelated_packs_is_named() -> None:
    packs = [pack(n, hero=0.0 if n < 3 else -0.1) for n in range(200)]
    assert made_of(packs).suspects == (
        Suspect(kind=CHARACTERS, reference_set="set", character="hero", packs=3, of=200),
    )
    assert made_of(packs[1:]).suspects == ()  # two packs may be a coincidence
    many = [*packs, *(pack(n) for n in range(200, 300))]
    assert made_of(many).suspects == ()  # 3 of 300 are what alpha allows for
    same = [replace(each, origin="one") for each in packs[:3]]
    assert made_of([*same, *packs[3:]]).suspects == ()  # one uploader's packs count once
    copied = [pack(n, copies=1.0 if n < 5 else 0.0) for n in range(100)]
    assert [(each.kind, each.packs) for each in made_of(copied).suspects] == [(COPIES, 5)]
