"""A calibration in words: what it promises by size, what a check found, how packs are spread."""

from dataclasses import replace

import pytest
from test_calibration import BINDING, calibration, known

from screening.calibration import Calibration, Check, Kind, Suspect
from screening.calibration.calibration import buckets_of
from screening.errors import CalibrationUnusable
from screening.report.calibration import PLOT_COLUMNS, asked_for, compared_with, explain


def lines_of(made: Calibration) -> list[str]:
    return list(explain(made))


def table_row(made: Calibration, size: str) -> list[str]:
    row = next(each for each in lines_of(made) if each.startswith(f"  {size}") and "|" not in each)
    return row.removeprefix(f"  {size}").split(maxsplit=2)


def plots(made: Calibration) -> list[str]:
    return [each.split("|")[1] for each in lines_of(made) if each.count("|") == 2]


def test_limits_are_given_where_there_are_packs_enough() -> None:
    made = calibration(*(number / 100 for number in range(99)))
    packs, least, limits = table_row(made, "16-34 pictures")
    assert (packs, least) == ("99", "0.0100")
    assert limits.split() == ["+0.940", "+0.980", "too", "few", "packs"]
    assert not any(each.startswith("  8-15") for each in lines_of(made))


def test_every_pack_is_seen_in_the_plot() -> None:
    (plot,) = plots(calibration(*[0.0] * 1000, 1.0))
    assert len(plot) == PLOT_COLUMNS
    assert (plot[0], plot[-1], plot[1:-1].strip()) == ("█", "▁", "")
    assert plots(calibration(0.5)) == ["█" + " " * (PLOT_COLUMNS - 1)]
    assert plots(calibration()) == []


def test_sizes_share_one_scale() -> None:
    packs = [(24, {Kind.COPIES: 0.0}), (100, {Kind.COPIES: 2.0})]
    made = replace(calibration(), buckets=buckets_of(packs))
    few, many = plots(made)
    assert (few.strip(), many.strip()) == ("█", "█")
    assert (few.index("█"), many.index("█")) == (0, PLOT_COLUMNS - 1)
    assert "Nothing was measured about characters." in lines_of(made)


def test_provisional_is_said_first() -> None:
    made = calibration(0.0, provisional="drawn from subjects")
    assert lines_of(made)[1] == "PROVISIONAL: drawn from subjects. It can flag, and never block."
    assert not any("PROVISIONAL" in each for each in lines_of(calibration(0.0)))


def test_what_it_is_bound_to_is_told_with_its_end() -> None:
    against, holds = lines_of(calibration(0.0))[2:4]
    assert against == f"against 10 characters with 100 reference images (index {BINDING.index})."
    assert "adds 1/10 to what p-values are multiplied by" in holds
    assert "refused when more than 10 are new, none is left, or there are more than 200" in holds


def test_a_calibration_for_any_index_is_told_first() -> None:
    suspect = Suspect(kind=Kind.CHARACTERS, reference_set="theirs", character="hero", packs=9, of=9)
    made = replace(
        calibration(0.0, provisional="drawn"), binding=BINDING.for_any_index, suspects=(suspect,)
    )
    lines = lines_of(made)
    assert lines[4].startswith("NOT MADE AGAINST YOUR INDEX: it serves any index of up to 20 char")
    assert not any("theirs/hero" in each for each in lines)


def test_what_became_of_the_characters_is_told() -> None:
    now = replace(BINDING, known=known(11, first=1, replaced=2))
    (line,) = compared_with(calibration(0.0), now)
    assert line == (
        "In the index of now 2 of 11 characters are new, 2 have other reference images, and 1 are "
        "gone: p-values are multiplied by 1.40 (by characters) and 1.40 (by copies)."
    )
    anywhere = replace(calibration(0.0, provisional="drawn"), binding=BINDING.for_any_index)
    (line,) = compared_with(anywhere, replace(now, characters=11))
    assert line.endswith("multiplied by 1.10 (by characters) and 1.00 (by copies).")
    with pytest.raises(CalibrationUnusable, match="another index"):
        list(compared_with(calibration(0.0), replace(BINDING, known=known(1, first=50))))


@pytest.mark.parametrize(("numbers", "place"), [((-1.0, 1.0), 24), ((-1.0, 0.001), 47)])
def test_the_plot_says_where_the_score_is(numbers: tuple[float, ...], place: int) -> None:
    (line,) = (
        each for each in lines_of(calibration(*numbers)) if each.endswith("0") and "|" in each
    )
    assert line.split("|")[1].index("0") == place


def test_a_plot_without_the_score_in_it_does_not_name_it() -> None:
    assert not any(each.strip() == "|0" for each in lines_of(calibration(0.0, 1.0)))


def test_a_check_gives_its_interval_and_what_was_asked() -> None:
    made = replace(
        calibration(0.0),
        checks=(Check(kind=Kind.CHARACTERS, alpha=0.01, packs=100, flagged=5),),
    )
    assert (
        "  characters, alpha 0.01: 5 of 100 flagged, 5.00% (1.64% to 11.28%), "
        "5.00 times alpha (1.64 to 11.28)"
    ) in lines_of(made)
    assert any("Not checked" in each for each in lines_of(calibration(0.0)))


@pytest.mark.parametrize(("packs", "few"), [(98, True), (99, False)])
def test_a_check_of_few_packs_is_no_rate(packs: int, few: bool) -> None:
    check = Check(kind=Kind.CHARACTERS, alpha=0.01, packs=packs, flagged=0)
    (line,) = (
        each
        for each in lines_of(replace(calibration(0.0), checks=(check,)))
        if "flagged" in each and "alpha 0.01: 0 of" in each
    )
    told = f"0 of {packs} flagged; fewer than 99 packs say nothing about this alpha"
    assert (told in line) is few
    assert ("times alpha" in line) is not few


def test_a_policy_is_told_what_its_alphas_come_to_and_where_packs_lack() -> None:
    made = calibration(*(number / 100 for number in range(99)))
    (promise, none, warning, steadiness) = asked_for(made, {Kind.CHARACTERS: 0.01})
    assert promise == "The policy accepts that of benign packs 1 % are flagged by characters."
    assert none == "By copies the policy sets no alpha: they flag without such a promise."
    assert warning.startswith(
        "WARNING: 1 % needs 99 benign packs of a size, and there are 0 of 1-3 pictures, "
        "0 of 4-7 pictures, 0 of 8-15 pictures, 0 of 35-70 pictures, 0 of 71 pictures and more: "
    )
    assert steadiness == (
        "With 99 benign packs of a size, 1 % by characters is truly 0.052 % to 3 % in 90 % of "
        "calibrations; with 899, half to twice of it."
    )
    many = calibration(*(number / 1000 for number in range(899)))
    *_, steady = asked_for(many, {Kind.CHARACTERS: 0.01})
    assert steady == (
        "With 899 benign packs of a size, 1 % by characters is truly 0.52 % to 1.6 % in 90 % of "
        "calibrations."
    )
    lines = list(asked_for(made, {Kind.COPIES: 0.5, Kind.CHARACTERS: 0.009}))
    assert lines[0].endswith(
        "50 % are flagged by copies and 0.9 % are flagged by characters, 51 % together."
    )
    assert "99 of 16-34 pictures" in lines[2]
    assert "50 % needs 1 benign packs" in lines[1]


def test_suspects_are_named_safely() -> None:
    suspect = Suspect(
        kind=Kind.COPIES, reference_set="set", character="he\x1b[31mro", packs=4, of=90
    )
    last = lines_of(replace(calibration(0.0), suspects=(suspect,)))[-1]
    assert last.startswith("set/he\\x1b[31mro matches 4 of 90 unrelated benign packs by copies")
    assert "quarantined_images" in last
