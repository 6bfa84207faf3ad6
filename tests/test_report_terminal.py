"""The report on a terminal: the verdict first, one line a match, nothing that a name can do."""

import io
import re
from dataclasses import replace

import pytest
from decision_samples import (
    BUNNY,
    ROBOT,
    character,
    copies,
    decision,
    decisions,
    full_decision,
    hostile_decision,
    name,
    part,
    unscreened,
)
from hypothesis import given, settings
from rich.cells import cell_len
from rich.console import Console

from screening.decision import Decision
from screening.evidence import Evidence
from screening.fingerprints.fingerprint import Region
from screening.report.terminal import _drawn, print_decision
from screening.visible_text import MARKS_IN_A_ROW, pieces, visible


def printed(each: Decision, *, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    system = "truecolor" if colour else None
    print_decision(each, Console(file=out, width=width, force_terminal=colour, color_system=system))
    return out.getvalue()


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_verdict_and_meaning_come_first_then_the_reasons() -> None:
    each = full_decision()
    lines = printed(each).splitlines()
    assert lines[0] == ' BLOCK  Must not be trained. Pack "my pack"'
    text = one_line("\n".join(lines))
    places = [text.index(f"{reason.verdict}: {reason.text}") for reason in each.reasons]
    assert places == sorted(places)
    assert one_line(lines[1]).startswith("block: 14 different pictures")


def test_everything_needed_is_printed() -> None:
    text = one_line(printed(full_decision()))
    for expected in (
        "Bunny, Big Buck Bunny (Blender Foundation)",
        "picture reference how closeness",
        "shot0.jpg 00:00:00.040 copy 12 of 256 bits",
        "shot1.jpg 00:00:01.040 mirrored copy 12 of 256 bits",
        "and 9 more pictures",
        "Robot, Toons picture",
        "r1.png images/robot/9.png alike score 0.900",
        '"big buck bunny" of Bunny in caption: shot1.txt',
        '"bunny" of Bunny in file name: bunny.png; ambiguous, does not count alone',
        "latents.npz: cached latents",
        "inner.zip: the archive is encrypted",
        "27 members = 24 screened + 2 not screened + 1 ignored; 24 pictures, 24 different",
        "screening 0.1.0, index ",
    ):
        assert expected in text, expected


def test_overlaps_are_drawn_and_said() -> None:
    """The left half of the reference, in the upper right quarter of the picture."""
    found = replace(copies("a.jpg"), matches=(part("a.jpg"),))
    text = one_line(printed(decision(Evidence(copies=(found,)))))
    assert "same scene 31 places agree" in text
    assert "a.jpg: [⣿⠀] in [⠀⠛] 50 % of the reference in 25 % of the picture" in text


@pytest.mark.parametrize(
    ("sides", "drawn"),
    [
        ((0, 0, 1, 1), "⣿⣿"),
        ((0, 0, 0.5, 0.5), "⠛⠀"),
        ((0.5, 0.5, 1, 1), "⠀⣤"),
        ((0.25, 0.25, 0.75, 0.75), "⠰⠆"),
        ((0.13, 0, 0.87, 1), "⢸⡇"),
        ((0, 0, 0.1, 0.1), "⠀⠀"),
    ],
)
def test_regions_are_drawn_in_dots(sides: tuple[float, ...], drawn: str) -> None:
    left, top, right, bottom = sides
    assert _drawn(Region(left=left, top=top, right=right, bottom=bottom)) == drawn


def test_short_decision_is_short() -> None:
    lines = printed(decision()).splitlines()
    assert len(lines) == 6
    assert one_line(" ".join(lines[1:3])) == (
        "allow: The picture does not match any of the 41 characters under protection."
    )


@pytest.mark.parametrize(
    ("trainer", "said"), [("folder", "a plain folder, in "), ("musubi", "laid out for musubi, in ")]
)
def test_says_what_the_pack_is_laid_out_for(trainer: str, said: str) -> None:
    found = decision()
    laid_out = replace(found, pack=replace(found.pack, trainer=trainer))
    assert said in one_line(printed(laid_out))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_matches_take_one_line_each_and_fit(width: int) -> None:
    paths = [
        f"10_a folder with a long name/and another one/picture {i} 日本語.png" for i in range(5)
    ]
    text = printed(decision(Evidence(copies=(copies(*paths),))), width=width)
    rows = [line for line in text.splitlines() if "of 256 bits" in line]
    assert len(rows) == 5
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert all(row.rstrip().endswith("12 of 256 bits") for row in rows)


@pytest.mark.parametrize("width", [1, 20])
def test_narrow_terminals_do_not_break_it(width: int) -> None:
    assert "BLOCK" in printed(full_decision(), width=max(width, 7))
    assert printed(full_decision(), width=width)


@pytest.mark.parametrize("colour", [False, True])
def test_names_cannot_colour_move_or_hide(colour: bool) -> None:
    text = printed(hostile_decision(), colour=colour)
    text.encode("utf-8")
    ours = re.compile(r"\x1b\[[0-9;]*m")
    assert bool(ours.search(text)) is colour
    left = ours.sub("", text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e]", left)
    # red is what the name asks for; the styles of this report are others
    assert "\x1b[31m" not in text
    for escaped in (r"\x1b[31mred", r"\u202egnp.exe", r"one\x0d\x0atwo", r"caf\xe9"):
        assert escaped in left
    assert "[bold red]" in left


def test_piped_output_holds_no_escape_sequence() -> None:
    assert "\x1b" not in printed(full_decision())


def test_long_lists_are_counted_not_printed() -> None:
    many = tuple(unscreened(f"{i}.npz", f"reason {i % 9}") for i in range(9000))
    evidence = Evidence(
        names=tuple(name(f"bunny {i}", "a", "b", "c", "d", "e") for i in range(50)),
        copies=tuple(copies("1.png") for _ in range(9)),
    )
    text = one_line(printed(decision(evidence, unscreened=many)))
    assert "0.npz, 9.npz, 18.npz and 997 more: reason 0" in text
    assert "and 4 more causes" in text
    assert "and 45 more names" in text
    assert "a, b, c and 2 more" in text
    assert "and 55 more reasons" in text
    assert text.count("flag: ") == 5
    assert len(printed(hostile_decision())) < 12_000


def test_trigger_word_stands_in_no_member() -> None:
    evidence = Evidence(names=(name("bunny", "", source="trigger word"),))
    assert '"bunny" of Bunny in trigger word\n' in printed(decision(evidence))


def test_work_of_the_same_name_is_not_said_twice() -> None:
    each = decision(Evidence(copies=(copies("a.png"),)))
    each = replace(each, named=(replace(BUNNY, work="Bunny"),))
    assert "Bunny (Blender Foundation)\n" in printed(each)


def test_characters_are_kept_apart() -> None:
    evidence = Evidence(
        copies=(copies("a.png", named=BUNNY), copies("b.png", named=ROBOT)),
        characters=(character("c.png", named=BUNNY),),
    )
    text = one_line(printed(decision(evidence)))
    assert re.search(r"Bunny, .* a\.png .* c\.png .* Robot, .* b\.png", text)


@given(decisions)
@settings(deadline=None, max_examples=40)
def test_any_decision_prints(each: Decision) -> None:
    text = printed(each)
    text.encode("utf-8")
    assert text.startswith(f" {each.verdict.upper()} ")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


@pytest.mark.parametrize(
    ("given_text", "limit", "shown"),
    [
        ("", 5, ""),
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "ab…ef"),
        ("abcdef", 4, "ab…f"),
        ("abcdef", 1, "…"),
        ("a\x1bb", 5, r"a\x1bb"),
        ("a\x9bb", 5, r"a\x9bb"),
        ("\u2066a\ufeff", 5, r"\u2066a\ufeff"),
        ("\U000e0041", 5, r"\U000e0041"),
        ("\udce9\ud800", 5, r"\xe9\ud800"),
        ("日本 é", 5, "日本 é"),
        ("e" + "\u0301" * (MARKS_IN_A_ROW + 1), 9, "e" + "\u0301" * MARKS_IN_A_ROW + r"\u0301"),
    ],
)
def test_visible(given_text: str, limit: int, shown: str) -> None:
    assert visible(given_text, limit) == shown


def test_pieces_tell_what_was_escaped() -> None:
    found = [(piece.text, piece.escaped) for piece in pieces("a\x00\x01b", 9)]
    assert found == [("a", False), (r"\x00\x01", True), ("b", False)]
