"""Each rule of the policy, at its threshold, and that more evidence never lowers a verdict."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from decision_samples import BUNNY, ROBOT, character, copies, evidences, name
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import SettingsError
from screening.evidence import Evidence
from screening.judging import Findings, decide
from screening.policy import (
    CharacterPolicy,
    CopyPolicy,
    NamePolicy,
    Policy,
    Reason,
    Standing,
    Verdict,
)

LICENCE = "The uploader holds a licence for it until 2027-12-31."


def judge(
    evidence: Evidence = Evidence(),  # noqa: B008
    *,
    policy: Policy = Policy(),  # noqa: B008
    pictures: int = 24,
    unscreened: int = 0,
    first_unscreened: Sequence[str] = (),
    characters_in_index: int = 41,
    standing: Callable[[str, str], tuple[Standing, str]] = lambda *_: (Standing.COUNTS, ""),
) -> tuple[Verdict, tuple[Reason, ...]]:
    return decide(
        Findings(
            evidence=evidence,
            pictures=pictures,
            unscreened=unscreened,
            first_unscreened=first_unscreened,
            characters_in_index=characters_in_index,
        ),
        policy,
        name_of=lambda _, character: character.title(),
        standing_of=standing,
    )


def stands(as_what: Standing, why: str = "") -> Callable[[str, str], tuple[Standing, str]]:
    return lambda *_: (as_what, why)


def copied(count: int, repeats: int = 1) -> Evidence:
    return Evidence(copies=(copies(*(f"{i}.jpg" for i in range(count)), repeats=repeats),))


@pytest.mark.parametrize(
    ("count", "verdict"),
    [(1, Verdict.FLAG), (2, Verdict.FLAG), (3, Verdict.BLOCK), (30, Verdict.BLOCK)],
)
def test_one_copy_flags_and_three_different_copies_block(count: int, verdict: Verdict) -> None:
    got, reasons = judge(copied(count))
    assert got is verdict
    assert (reasons[0].verdict, reasons[0].code) == (verdict, "copies")


def test_near_duplicates_count_once() -> None:
    twenty_alike = replace(copied(20).copies[0], different_pictures=2, certain_pictures=2)
    assert judge(Evidence(copies=(twenty_alike,)))[0] is Verdict.FLAG


def test_likely_copies_flag_and_never_block() -> None:
    likely = replace(copied(20).copies[0], certain_pictures=0)
    got, reasons = judge(Evidence(copies=(likely,)))
    assert got is Verdict.FLAG
    assert "a copy is likely" in reasons[0].text
    two_certain = replace(likely, certain_pictures=2)
    got, reasons = judge(Evidence(copies=(two_certain,)))
    assert got is Verdict.FLAG
    assert "and 18 more may be" in reasons[0].text


@pytest.mark.parametrize(
    ("others", "images", "sentence"),
    [
        (1, 1, "this reference image is also found in pictures of O0, so it proves nothing alone"),
        (2, 2, "2 of these reference images are also found in pictures of O0 and O1, so they"),
        (5, 2, "pictures of O0 and O1 and O2 and 2 others, so they prove nothing alone"),
    ],
)
def test_a_shared_reference_is_named_with_those_it_is_shared_with(
    others: int, images: int, sentence: str
) -> None:
    found = copied(5).copies[0]
    matches = tuple(
        replace(
            each,
            verified=False,
            reference=replace(each.reference, path=f"{number % images}.png", time_code=""),
            shared_with=replace(each.reference, character=f"o{number % others}"),
        )
        for number, each in enumerate(found.matches)
    )
    likely = replace(found, matches=matches, certain_pictures=0)
    _, reasons = judge(Evidence(copies=(likely,)))
    assert sentence in reasons[0].text
    _, reasons = judge(Evidence(copies=(replace(likely, matches=found.matches),)))
    assert "proves" not in reasons[0].text


def test_two_copies_each_of_two_characters_do_not_add_up() -> None:
    of_bunny, of_robot = copies("1.jpg", "2.jpg"), copies("3.jpg", "4.jpg", named=ROBOT)
    got, reasons = judge(Evidence(copies=(of_bunny, of_robot)))
    assert got is Verdict.FLAG
    assert [reason.code for reason in reasons] == ["copies", "copies"]


@pytest.mark.parametrize(
    ("count", "verdict"),
    [(1, Verdict.ALLOW), (2, Verdict.FLAG), (4, Verdict.FLAG), (5, Verdict.BLOCK)],
)
def test_policy_sets_the_numbers_of_copies(count: int, verdict: Verdict) -> None:
    policy = Policy(copies=CopyPolicy(flag_pictures=2, block_pictures=5))
    assert judge(copied(count), policy=policy)[0] is verdict


def test_copies_that_the_policy_lets_pass_are_still_told() -> None:
    policy = Policy(copies=CopyPolicy(flag_pictures=2))
    got, reasons = judge(copied(1), policy=policy)
    assert got is Verdict.ALLOW
    assert [reason.text for reason in reasons] == [
        "1 picture is a copy of a reference image of Bunny, fewer than the policy flags.",
        "None of the 24 pictures matches any other character under protection.",
    ]


def test_blocking_does_not_wait_for_flagging() -> None:
    policy = Policy(copies=CopyPolicy(flag_pictures=4, block_pictures=2))
    assert judge(copied(2), policy=policy)[0] is Verdict.BLOCK


@pytest.mark.parametrize("share", [0.25, 1.0])
@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("count", [2, 100])
def test_character_evidence_flags_and_never_blocks(share: float, few: bool, count: int) -> None:
    found = character(*(f"{i}.png" for i in range(count)), share=share, few=few)
    got, reasons = judge(Evidence(characters=(found, replace(found, score=99.0))))
    assert got is Verdict.FLAG
    assert {reason.code for reason in reasons} == {"character"}


def test_character_evidence_beside_one_copy_still_flags() -> None:
    evidence = replace(copied(1), characters=(character("2.png", "3.png", named=BUNNY),))
    assert judge(evidence)[0] is Verdict.FLAG


def test_distinctive_name_flags_and_never_blocks() -> None:
    names = tuple(name("big buck bunny", f"{i}.txt") for i in range(50))
    got, reasons = judge(Evidence(names=names))
    assert got is Verdict.FLAG
    assert {reason.code for reason in reasons} == {"name"}


def test_policy_can_leave_names_out() -> None:
    policy = Policy(names=NamePolicy(distinctive_flags=False))
    assert judge(Evidence(names=(name(),)), policy=policy)[0] is Verdict.ALLOW


def test_ambiguous_name_alone_is_nothing() -> None:
    alone = name("bunny", "1.txt", distinctive=False, counts=False)
    got, reasons = judge(Evidence(names=(alone,)))
    assert got is Verdict.ALLOW
    assert [reason.code for reason in reasons] == ["nothing-found"]


def test_licence_allows_and_says_so() -> None:
    evidence = replace(copied(20), names=(name(),))
    got, reasons = judge(evidence, standing=stands(Standing.LICENSED, LICENCE))
    assert got is Verdict.ALLOW
    assert [reason.code for reason in reasons] == [
        "copies-licensed",
        "name-licensed",
        "nothing-found",
    ]
    assert reasons[0].text.endswith(f"of Bunny. {LICENCE}")


def test_licence_for_one_character_does_not_cover_another() -> None:
    evidence = Evidence(
        copies=(copies("1.jpg", "2.jpg", "3.jpg"), copies("4.jpg", "5.jpg", "6.jpg", named=ROBOT))
    )
    got, reasons = judge(
        evidence,
        standing=lambda _, character: (
            (Standing.LICENSED, LICENCE) if character == "bunny" else (Standing.COUNTS, "")
        ),
    )
    assert got is Verdict.BLOCK
    assert [reason.code for reason in reasons] == ["copies", "copies-licensed"]


def test_licence_does_not_cover_what_was_not_screened() -> None:
    got, _ = judge(copied(5), unscreened=1, standing=stands(Standing.LICENSED, LICENCE))
    assert got is Verdict.FLAG


@pytest.mark.parametrize("count", [1, 3, 30])
def test_disputed_set_flags_at_most(count: int) -> None:
    got, reasons = judge(copied(count), standing=stands(Standing.DISPUTED, "It is disputed."))
    assert got is Verdict.FLAG
    assert reasons[0].text.endswith("It is disputed.")


def test_disputed_set_does_not_lift_what_would_pass() -> None:
    policy = Policy(copies=CopyPolicy(flag_pictures=2))
    assert judge(copied(1), policy=policy, standing=stands(Standing.DISPUTED))[0] is Verdict.ALLOW


def test_quarantined_set_does_not_count_and_is_told() -> None:
    got, reasons = judge(copied(30), standing=stands(Standing.QUARANTINED, "It does not count."))
    assert got is Verdict.ALLOW
    assert reasons[0].code == "copies-quarantined"


@pytest.mark.parametrize(
    ("count", "names", "text"),
    [
        (1, (), "1 member was not screened."),
        (1, ("a.npz",), '1 member was not screened: "a.npz".'),
        (2, ("a.npz", "b.zip"), '2 members were not screened: "a.npz" and "b.zip".'),
        (3, ("a", "b", "c"), '3 members were not screened: "a", "b" and "c".'),
        (9, ("a", "b", "c"), '9 members were not screened, among them "a", "b" and "c".'),
    ],
)
def test_unscreened_members_flag_by_name(count: int, names: tuple[str, ...], text: str) -> None:
    got, reasons = judge(unscreened=count, first_unscreened=names)
    assert got is Verdict.FLAG
    assert reasons == (Reason(verdict=Verdict.FLAG, code="unscreened", text=text),)


def test_unscreened_members_do_not_lower_a_block() -> None:
    got, reasons = judge(copied(3), unscreened=4)
    assert got is Verdict.BLOCK
    assert [reason.code for reason in reasons] == ["copies", "unscreened"]


def test_long_names_are_cut_in_the_sentence() -> None:
    _, reasons = judge(unscreened=1, first_unscreened=("x" * 4000,))
    assert len(reasons[0].text) < 150


def test_empty_pack_flags() -> None:
    got, reasons = judge(pictures=0)
    assert got is Verdict.FLAG
    assert [reason.code for reason in reasons] == ["no-pictures"]


def test_nothing_under_protection_is_never_allow() -> None:
    got, reasons = judge(characters_in_index=0)
    assert got is Verdict.FLAG
    assert [reason.code for reason in reasons] == ["no-references"]


@pytest.mark.parametrize(
    ("pictures", "characters", "text"),
    [
        (1, 1, "The picture does not match the one character under protection."),
        (2, 2, "None of the 2 pictures matches any of the 2 characters under protection."),
    ],
)
def test_nothing_found_allows_in_a_sentence(pictures: int, characters: int, text: str) -> None:
    got, reasons = judge(pictures=pictures, characters_in_index=characters)
    assert got is Verdict.ALLOW
    assert reasons == (Reason(verdict=Verdict.ALLOW, code="nothing-found", text=text),)


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (copied(1), "1 picture is a copy of a reference image of Bunny."),
        (copied(2), "2 different pictures are copies of reference images of Bunny."),
        (
            copied(2, repeats=10),
            "2 different pictures are copies of reference images of Bunny. "
            "With repeats, training would see copies 20 times.",
        ),
        (Evidence(characters=(character("a", few=True),)), "1 picture looks like Robot."),
        (Evidence(characters=(character("a", "b", few=True),)), "2 pictures look like Robot."),
        (
            Evidence(characters=(character("a", "b"),)),
            "The pictures of the pack, taken together, look like pictures of Robot.",
        ),
        (
            Evidence(characters=(character("a", "b", share=0.5),)),
            "2 pictures of the pack, taken together, look like pictures of Robot.",
        ),
        (
            Evidence(names=(name("Bunny", "a", source="trigger word"),)),
            'The name "Bunny" of Bunny stands in a trigger word.',
        ),
        (
            Evidence(names=(name("Bunny", "a", "b", source="file name"),)),
            'The name "Bunny" of Bunny stands in 2 file names.',
        ),
    ],
)
def test_reasons_are_sentences(evidence: Evidence, text: str) -> None:
    assert judge(evidence)[1][0].text == text


def with_more(evidence: Evidence, more: Evidence) -> Evidence:
    return Evidence(
        copies=evidence.copies + more.copies,
        characters=evidence.characters + more.characters,
        names=evidence.names + more.names,
    )


standings = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(Standing), max_size=3)
policies = st.builds(
    Policy,
    copies=st.builds(CopyPolicy, flag_pictures=st.integers(1, 4), block_pictures=st.integers(1, 6)),
    names=st.builds(NamePolicy, distinctive_flags=st.booleans()),
)


@given(
    evidence=evidences,
    more=evidences,
    policy=policies,
    standings=standings,
    unscreened=st.integers(0, 2),
    more_unscreened=st.integers(0, 2),
)
@settings(deadline=None)
def test_more_evidence_never_lowers_a_verdict(
    *,
    evidence: Evidence,
    more: Evidence,
    policy: Policy,
    standings: dict[str, Standing],
    unscreened: int,
    more_unscreened: int,
) -> None:
    def standing(_: str, character: str) -> tuple[Standing, str]:
        return standings.get(character[0], Standing.COUNTS), ""

    before, _ = judge(evidence, policy=policy, unscreened=unscreened, standing=standing)
    after, reasons = judge(
        with_more(evidence, more),
        policy=policy,
        unscreened=unscreened + more_unscreened,
        standing=standing,
    )
    assert after.severity >= before.severity
    assert [each.verdict.severity for each in reasons] == sorted(
        (each.verdict.severity for each in reasons), reverse=True
    )


@given(st.integers(0, 9), st.integers(0, 9), policies)
def test_more_copies_of_one_character_never_lower_a_verdict(
    fewer: int, more: int, policy: Policy
) -> None:
    few, many = sorted((fewer, more))
    before, after = (judge(copied(count), policy=policy)[0] for count in (few, many))
    assert after.severity >= before.severity


def test_policy_file_sets_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[copies]\nblock_pictures = 7\n", encoding="utf-8")
    assert Policy.load(path) == Policy(copies=CopyPolicy(block_pictures=7))
    assert Policy.load(None) == Policy()


def test_policy_file_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[copies]\nblock_picture = 7\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="block_picture"):
        Policy.load(path)


def test_policy_is_identified_by_its_values() -> None:
    assert Policy().sha256 == Policy(copies=CopyPolicy()).sha256
    assert Policy().sha256 != Policy(characters=CharacterPolicy(few_pictures=3)).sha256
