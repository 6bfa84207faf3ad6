"""What a policy makes of ranked evidence, and of what it says about single sets and works."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from decision_samples import BUNNY, character, copies, evidences
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import SettingsError
from screening.evidence import Evidence, Rank
from screening.judging import Findings, decide
from screening.policy import CharacterPolicy, CopyPolicy, Policy, Scope, Standing, Verdict

WORK = "Big Buck Bunny"
MAY_BLOCK = Policy(characters=CharacterPolicy(may_block=True))


def rank(p_value: float, *, provisional: bool = False, packs: int = 999) -> Rank:
    return Rank(
        exceeded_by=round(p_value * (packs + 1)) - 1,
        benign_packs=packs,
        p_value=p_value,
        provisional=provisional,
    )


def judged(evidence: Evidence, policy: Policy) -> tuple[Verdict, list[str], str]:
    verdict, reasons = decide(
        Findings(evidence=evidence, pictures=24, unscreened=0, characters_in_index=5),
        policy,
        name_of=lambda _, character: character.title(),
        standing_of=lambda *_: (Standing.COUNTS, ""),
        work_of=lambda _: WORK,
    )
    return verdict, [each.code for each in reasons], reasons[0].text


def alike(ranked: Rank | None, count: int = 24) -> Evidence:
    found = character(*(f"{number}.png" for number in range(count)), named=BUNNY)
    return Evidence(characters=(replace(found, rank=ranked),))


def copied(count: int, ranked: Rank | None = None) -> Evidence:
    return Evidence(copies=(replace(copies(*map(str, range(count))), rank=ranked),))


@pytest.mark.parametrize(
    ("policy", "ranked", "verdict"),
    [
        (Policy(), rank(0.001), Verdict.FLAG),
        (MAY_BLOCK, None, Verdict.FLAG),
        (MAY_BLOCK, rank(0.001), Verdict.BLOCK),
        (MAY_BLOCK, rank(0.002), Verdict.FLAG),
        (MAY_BLOCK, rank(0.001, provisional=True), Verdict.FLAG),
        (Policy(reference_sets={"big-buck-bunny": Scope(characters_may_block=True)}),
         rank(0.001), Verdict.BLOCK),
        (Policy(works={WORK: Scope(characters_may_block=True)}), rank(0.001), Verdict.BLOCK),
        (Policy(works={WORK: Scope(characters_may_block=True, block_alpha=0.002)}),
         rank(0.002), Verdict.BLOCK),
        (Policy(works={"Other": Scope(characters_may_block=True)}), rank(0.001), Verdict.FLAG),
        (replace(MAY_BLOCK, works={WORK: Scope(characters_may_block=False)}),
         rank(0.001), Verdict.FLAG),
        (replace(MAY_BLOCK, works={WORK: Scope(characters_may_block=False)},
                 reference_sets={"big-buck-bunny": Scope(characters_may_block=True)}),
         rank(0.001), Verdict.BLOCK),
    ],
)  # fmt: skip
def test_character_evidence_blocks_only_where_the_policy_and_packs_allow(
    policy: Policy, ranked: Rank | None, verdict: Verdict
) -> None:
    assert judged(alike(ranked), policy)[0] is verdict


def test_a_reason_says_how_many_benign_packs_are_as_strong() -> None:
    text = judged(alike(rank(0.004)), Policy())[2]
    assert text == (
        "The pictures of the pack, taken together, look like pictures of Bunny "
        "(exceeded by 3 of 999 benign packs)."
    )
    drawn = judged(alike(rank(0.004, provisional=True)), Policy())[2]
    assert drawn.endswith("(exceeded by 3 of 999 benign packs, drawn not uploaded).")
    assert "exceeded" not in judged(alike(None), Policy())[2]
    assert "(exceeded by 3 of 999 benign packs)" in judged(copied(1, rank(0.004)), Policy())[2]


def test_few_benign_packs_are_no_rank() -> None:
    few = judged(alike(rank(0.01, packs=99)), Policy())[2]
    assert few.endswith("(exceeded by 0 of 99 benign packs).")
    for ranked, count in ((rank(1 / 99, packs=98), "98 benign packs"), (rank(0.5, packs=1), "1 ")):
        for text in (judged(alike(ranked), Policy())[2], judged(copied(1, ranked), Policy())[2]):
            assert "exceeded" not in text
            assert f"(not ranked: {count}" in text
            assert text.endswith("of this size are known, and 99 are needed).") is (count != "1 ")
    wide = Policy(characters=CharacterPolicy(alpha=0.2))
    assert "exceeded by 0 of 4 benign" in judged(alike(rank(0.2, packs=4)), wide)[2]
    assert "3 benign packs of this size" in judged(alike(rank(0.25, packs=3)), wide)[2]
    strict = Policy(characters=CharacterPolicy(alpha=0.001))
    assert "exceeded by 3 of 499 benign" in judged(alike(rank(0.008, packs=499)), strict)[2]


@pytest.mark.parametrize(
    ("count", "ranked", "verdict", "code"),
    [
        (1, rank(0.011), Verdict.ALLOW, "copies-common"),
        (1, rank(0.01), Verdict.FLAG, "copies"),
        (1, None, Verdict.FLAG, "copies"),
        (1, rank(0.011, provisional=True), Verdict.FLAG, "copies"),
        (3, rank(0.011), Verdict.BLOCK, "copies"),
    ],
)
def test_copies_flag_by_rank_where_the_policy_limits_them(
    count: int, ranked: Rank | None, verdict: Verdict, code: str
) -> None:
    policy = Policy(copies=CopyPolicy(alpha=0.01))
    got, codes, _ = judged(copied(count, ranked), policy)
    assert (got, codes[0]) == (verdict, code)
    assert judged(copied(count, ranked), Policy())[1][0] == "copies"


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (Policy(copies=CopyPolicy(may_block=False)), Verdict.FLAG),
        (Policy(works={WORK: Scope(copies_may_block=False)}), Verdict.FLAG),
        (Policy(copies=CopyPolicy(may_block=False),
                reference_sets={"big-buck-bunny": Scope(copies_may_block=True)}), Verdict.BLOCK),
    ],
)  # fmt: skip
def test_copies_block_unless_the_policy_says_otherwise(policy: Policy, verdict: Verdict) -> None:
    assert judged(copied(3), policy)[0] is verdict


@pytest.mark.parametrize(
    ("least", "verdict"), [(1, Verdict.BLOCK), (3, Verdict.BLOCK), (4, Verdict.ALLOW)]
)
def test_fewer_pictures_than_a_scope_asks_for_are_told_only(least: int, verdict: Verdict) -> None:
    policy = replace(MAY_BLOCK, works={WORK: Scope(least_pictures=least)})
    assert judged(alike(rank(0.001), count=3), policy)[0] is verdict
    got, codes, text = judged(copied(3), policy)
    assert got is verdict
    if verdict is Verdict.ALLOW:
        assert codes[0] == "copies-few"
        assert text.endswith("fewer than the policy flags.")
        assert judged(alike(rank(0.001), count=3), policy)[1][0] == "character-few"


@settings(deadline=None, max_examples=60)
@given(evidences, evidences, st.sampled_from([Policy(), MAY_BLOCK]))
def test_more_evidence_never_lowers_the_verdict(
    one: Evidence, more: Evidence, policy: Policy
) -> None:
    both = Evidence(
        copies=one.copies + more.copies,
        characters=one.characters + more.characters,
        names=one.names + more.names,
    )
    assert judged(both, policy)[0].severity >= judged(one, policy)[0].severity


EXAMPLE = """
[characters]
alpha = 0.005
may_block = true
[copies]
alpha = 0.002
[reference_sets.sea-saga]
alpha = 0.05
least_pictures = 8
[works."Big Buck Bunny"]
characters_may_block = false
copies_may_block = false
"""


def test_a_file_says_what_differs_for_sets_and_works(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(EXAMPLE)
    policy = Policy.load(file)
    rules = policy.rules("sea-saga", "Big Buck Bunny")
    assert (rules.alpha, rules.block_alpha, rules.least_pictures) == (0.05, 0.001, 8)
    assert not rules.characters_may_block
    assert not rules.copies_may_block
    others = policy.rules("toons", "Toons")
    assert (others.alpha, others.least_pictures) == (0.005, 1)
    assert others.characters_may_block
    assert others.copies_may_block
    assert policy.sha256 != Policy().sha256
    policy.check_scopes(["sea-saga", "toons"], ["Big Buck Bunny"])
    with pytest.raises(SettingsError, match=r"reference_sets.'sea-saga'"):
        policy.check_scopes(["toons"], ["Big Buck Bunny"])
    with pytest.raises(SettingsError, match=r"works.'Big Buck Bunny'"):
        policy.check_scopes(["sea-saga"], ["Sea Saga"])


@pytest.mark.parametrize(
    "text",
    [
        "[characters]\nalpha = 0",
        "[characters]\nalpha = 1",
        "[characters]\nalpha = -0.1",
        "[characters]\nalpha = nan",
        "[characters]\nblock_alpha = 1.5",
        "[copies]\nalpha = 0.0",
        "[reference_sets.x]\nalpha = 2",
        "[works.x]\nblock_alpha = 0",
        "[works.x]\nleast_pictures = 0",
        "[works.x]\nmay_block = true",
        "[works]\nx = 1",
        "works = 1",
        "[characters]\nmay_block = 1",
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(SettingsError):
        Policy.load(file)


def test_a_calibration_hangs_on_what_statistics_are_made_with_alone() -> None:
    changes: Mapping[str, Any] = {"alpha": 0.5, "block_alpha": 0.5, "may_block": True}
    assert Policy(characters=CharacterPolicy(**changes)).statistics == Policy().statistics
    other = Policy(characters=CharacterPolicy(two_sample_score=-0.5))
    assert other.statistics != Policy().statistics
    assert Policy(copies=CopyPolicy(distance_bits=55)).statistics != Policy().statistics
