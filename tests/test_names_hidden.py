"""Names that nothing shows: in tag characters, behind overrides of direction; and what is shown."""

import io
import json
from pathlib import Path

import pytest
from conftest import FREE
from drawn import draw_character, write_poses
from rich.console import Console
from test_names_limits import caption, matcher_of

from screening.names import NamedText, Reading, Source, unescaped
from screening.policy import Verdict
from screening.report.html import NoPictures, render_html
from screening.report.terminal import print_decision
from screening.screener import Screener
from screening.visible_text import escape

RLO, LRO, PDF, LRI, PDI = "\u202e", "\u202d", "\u202c", "\u2066", "\u2069"


def tagged(text: str) -> str:
    return "".join(chr(0xE0000 + ord(each)) for each in text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (tagged("medusa"), " medusa "),
        (f"a cat{tagged('snow white')}, b", "a cat snow white , b"),
        (f"\U000e0001{tagged('a')}\U000e007f", "\U000e0001 a \U000e007f"),
        (tagged("%6dedusa"), " medusa "),
        ("\U000e0100\U000e001f", "\U000e0100\U000e001f"),
        (f"{RLO}asudem{PDF} x", f"medusa{PDF} x"),
        (f"{RLO}as{RLO}udem", "medusa"),
        (f"{RLO}as{LRI}u{PDI}dem{PDF}", f"medusa{PDF}"),
        (f"{LRI}{RLO}udem{PDI}sa", f"{LRI}medu{PDI}sa"),
        (f"{RLO}cba\nsa", "abc\nsa"),
        (f"{LRO}medusa{PDF}", f"{LRO}medusa{PDF}"),
    ],
)
def test_what_nothing_shows_is_read(written: str, meant: str) -> None:
    assert unescaped(written) == meant


INVISIBLE = "\0\x01\x08\x0e\x7f\x80\x9f\ufffd\ue000\uffff\u0378\ud800\U000f0000\u200d\u034f"


@pytest.mark.parametrize("sign", INVISIBLE)
@pytest.mark.parametrize(
    ("before", "after"), [("me", "dusa"), ("美杜", "莎女王"), ("sn", "ow white")]
)
def test_what_tokenisers_leave_out_is_left_out(sign: str, before: str, after: str) -> None:
    """Alone, and among many texts that are read together."""
    matcher = matcher_of("Medusa", "美杜莎女王", "Snow White")
    texts = [caption(f"a cat, {before}{sign}{after} here"), caption("dog")]
    for some in (texts[:1], texts):
        (found,) = matcher.find(some)
        assert found.excerpts[0].written == f"{before}{sign}{after}"
        assert found.excerpts[0].readings == ()


def test_breaks_are_no_invisible_signs() -> None:
    for each in "\n\t\x0b\x0c\x1c\x1f\x85":
        assert matcher_of("Medusa", "Snow White").find([caption(f"snow{each}white")]) == ()


def test_a_line_end_in_a_path_of_other_letters_is_no_invisible_sign() -> None:
    for end in "\n\x0b\x1c":
        named = NamedText(text=f"1girl:aaü{end}solo", source=Source.FILE_NAME, path="a")
        assert len(matcher_of("AAÜ").find([named])) == 1


def test_hangul_in_letters_that_stand_alone_is_joined_as_trainers_join_it() -> None:
    for text in ("ㅍㅣㅋㅏㅊㅠ", "피카츄ㅠㅠ"):
        assert len(matcher_of("피카츄").find([caption(text)])) == 1
    assert len(matcher_of("Medusa").find([caption("medusaㅠㅠ")])) == 1


@pytest.mark.parametrize("between", ["\n", "\r\n", ", ", ",", "、", "\n "])
@pytest.mark.parametrize("name", ["Medusa", "斗破苍穹", "ピカチュウ"])
def test_a_name_of_which_each_letter_is_a_line_or_a_tag_is_found(name: str, between: str) -> None:
    for text in (between.join(name), f"1girl{between}{between.join(name)}{between}a cat"):
        assert matcher_of(name).find([caption(text)]) == ()
        (found,) = matcher_of(name).find([caption(unescaped(text))])
        assert found.name == name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("m\ne", "m\ne"),
        ("m\ne\nd", " m e d "),
        ("a cat, b, c, d, e", "a cat,  b c d e "),
        ("ab, c, d, ef", "ab, c, d, ef"),
        ("x,m,e,dd", " x m e ,dd"),
        ("x,m,ee,d,d", "x,m,ee,d,d"),
        ("1girl, c, \n, d, e", "1girl, c, \n, d, e"),
        (",,,", ",,,"),
    ],
)
def test_only_letters_one_by_one_are_joined(written: str, meant: str) -> None:
    assert unescaped(written) == meant


def test_letters_one_by_one_take_as_long_as_the_text() -> None:
    for part in ("a,", "a,bb,", "\n", "a\n\n", " ,", "a, b"):
        letters = "".join(filter(str.isalpha, part))
        assert "".join(filter(str.isalpha, unescaped(part * 200_000))) == letters * 200_000


def test_overrides_without_end_take_as_long_as_the_text() -> None:
    for part in (RLO, f"{RLO}{LRI}", f"{RLO}a{LRI}b", f"{RLO}{PDI}"):
        assert "\n" not in unescaped(part * 200_000)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pikachuuu", "Pikachu"),
        ("PIIIIKACHU", "Pikachu"),
        ("pikaaaachuuuu", "Pikachu"),
        ("sailoooor moon", "Sailor Moon"),
        ("billllbo baggins", "Billbo Baggins"),
    ],
)
def test_letters_that_are_repeated_are_misspellings(text: str, name: str) -> None:
    (found,) = matcher_of(name).find([caption(f"a {text} here")])
    assert found.excerpts[0].readings == (Reading.MISSPELT,)
    assert found.distinctive == (" " in name)


def test_two_of_a_letter_are_no_repetition_and_short_names_are_not_read_so() -> None:
    matcher = matcher_of("Medusa", "Sailor Moon")
    for text in ("meeedusaaa", "saiilloor mooonn", "www iii aaa", "x" * 64, "sailor mooooo"):
        assert matcher.find([caption(text)]) == ()


def test_a_repeated_letter_is_found_beside_a_word_that_looks_alike() -> None:
    (found,) = matcher_of("corner shop").find([caption("cooorner shop, comer")])
    assert found.excerpts[0].written == "cooorner shop"


HIDDEN = {
    "override": f"{RLO}nay oaix{PDF}",
    "override of an override": f"{RLO}nay{RLO} oaix",
    "isolate": f"{LRI}{RLO}nay oaix{PDI}",
    "other override": f"{LRO}xiao yan{PDF}",
    "tag characters": f"boat{tagged('xiao yan')}",
    "invisible": "xi\u200bao\u2060 y\u00adan\ufeff",
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_hidden_name_is_found_and_shown_with_what_hides_it(
    screener: Screener, tmp_path: Path, kind: str
) -> None:
    """In a caption and a file name; no output holds a character that acts or cannot be seen."""
    pack = write_poses(tmp_path / "pack", FREE, range(3))
    name = HIDDEN[kind]
    (pack / "2-00.txt").write_text(name, encoding="utf-8")
    draw_character(FREE, 92).save(pack / f"{name}.png")
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    found = {each.source: each.name for each in decision.evidence.names}
    assert found == {"caption": "Xiao Yan", "file name": "Xiao Yan"}
    printed = io.StringIO()
    print_decision(decision, Console(file=printed, width=120))
    json_text = decision.to_json().decode()
    shown = {
        "terminal": printed.getvalue(),
        "html": render_html(decision, NoPictures()),
        "json": json_text,
        "notice": decision.notice("en"),
    }
    acting = {each for each in name if not each.isascii()}
    assert [where for where, text in shown.items() if not acting.isdisjoint(text)] == []
    # JSON gives the very name back to a program; people see its escapes
    assert f"{name}.png" in {each["path"] for each in json.loads(json_text)["manifest"]["members"]}
    for where in ("terminal", "html"):
        assert all(escape(each) in shown[where] for each in acting), where
