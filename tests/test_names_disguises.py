"""Evasions: names in other scripts, disguised, romanised, misspelt, split over tags."""

import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening.gathering import name_evidence
from screening.names import NamedText, NameMatcher, NameMention, Reading, Source
from screening.references import Character, Name, ReferenceSet

MEDUSA = Character(id="medusa", names=(Name(text="Medusa", distinctive=False),))
HEAVENS = ReferenceSet(
    id="heavens",
    work="Battle Through the Heavens",
    rights_holder="Somebody",
    work_names=(
        Name(text="Battle Through the Heavens", language="en"),
        Name(text="斗破苍穹", language="zh"),
    ),
    characters=(MEDUSA, Character(id="queen", names=(Name(text="美杜莎女王", language="zh"),))),
    benign_phrases=("Medusa Beach",),
)
OTHERS = ReferenceSet(
    id="others",
    work="Æ",
    rights_holder="Somebody",
    characters=(
        Character(id="pikachu", names=(Name(text="Pikachu"),)),
        Character(id="bunny", names=(Name(text="Big Buck Bunny"),)),
        Character(id="snow", names=(Name(text="Snow White"),)),
        Character(id="pan", names=(Name(text="Peter Pan"),)),
        Character(id="alyona", names=(Name(text="Алёна"),)),
        Character(id="miku", names=(Name(text="ハツネ・ミク"), Name(text="さくら"))),
        Character(id="lubu", names=(Name(text="吕布"),)),
        Character(id="nora", names=(Name(text="Nora"), Name(text="Wanderer", distinctive=False))),
    ),
)
MATCHER = NameMatcher([HEAVENS, OTHERS])


def find(*texts: str, source: Source = Source.CAPTION) -> tuple[NameMention, ...]:
    return MATCHER.find(NamedText(text=text, source=source, path="a.txt") for text in texts)


def names_in(text: str, source: Source = Source.CAPTION) -> dict[str, tuple[Reading, ...]]:
    """Name -> how its first place was read."""
    return {each.name: each.excerpts[0].readings for each in find(text, source=source)}


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("m3dus4", Reading.LEETSPEAK),
        ("M3DU$A", Reading.LEETSPEAK),
        ("a m3du5a, solo", Reading.LEETSPEAK),
        ("m3dus4.", Reading.LEETSPEAK),
        ("m3dus402", Reading.LEETSPEAK),
        ("m3du5a!!", Reading.LEETSPEAK),
        ("ｍ３ｄｕｓ４", Reading.LEETSPEAK),
        (r"|\/|3|)|_|$4", Reading.LEETSPEAK),
        (r"tag, |\/|edusa, tag", Reading.LEETSPEAK),
        ("Мedusa", Reading.LOOKALIKE),
        ("МЕDUSА", Reading.LOOKALIKE),
        ("mеdus4", Reading.LEETSPEAK),
        ("m€dusa", Reading.LOOKALIKE),
        ("ᴍᴇᴅᴜsᴀ", Reading.LOOKALIKE),
        ("🅼🅴🅳🆄🆂🅰", Reading.LOOKALIKE),
        ("🇲🇪🇩🇺🇸🇦", Reading.LOOKALIKE),
        ("mεdυsα", Reading.LOOKALIKE),
        ("rnedusa", Reading.LOOKALIKE),
        ("m e d u s a", Reading.SPACED),
        ("m.e.d.u.s.a", Reading.SPACED),
        ("m-e-d-u-s-a", Reading.SPACED),
        ("a m e d u s a x", Reading.SPACED),
        ("m 3 d u 5 a", Reading.SPACED),
        ("ɐsnpǝɯ", Reading.LOOKALIKE),
        ("ɯǝpnsɐ", Reading.LOOKALIKE),
        ("ᎷᎬᎠUᏚᎪ", Reading.LOOKALIKE),
        ("mеԁսѕа", Reading.LOOKALIKE),
        ("🅜🅔🅓🅤🅢🅐", Reading.LOOKALIKE),
        ("m🐍e🐍d🐍u🐍s🐍a", Reading.SPACED),
        ("x y z " * 40 + "m e d u s a b c d", Reading.SPACED),
    ],
)
def test_a_name_in_disguise_is_read(text: str, reading: Reading) -> None:
    assert names_in(text) == {"Medusa": (reading,)}


@pytest.mark.parametrize(
    "text",
    [
        "m̶e̶d̶u̶s̶a̶",
        "me\u200bdu\u2060sa",
        "me\ufe0fdu\ufe0fsa",
        "\u202emedusa\u202c",
        "\u2066medusa\u2069",
        "ⓜⓔⓓⓤⓢⓐ",
        "𝕸𝖊𝖉𝖚𝖘𝖆",
        "m\u0300\u0301\u0302\u0303e\u0489d\u20ddusa",
        "me\u093cdusa".replace("\u093c", "\u034f"),
        "medusa\U000e0041\U000e0042",
        "MEDUSA|snake",
        "@medusa #medusa",
        "medusa'S",
        "&medusa;",
        "<lora:medusa_v2:0.8>",
        "<lora:MedusaV2-000010:1>",
        "[snake:medusa:0.5]",
        "{medusa|snake}",
        "m\u3164edusa",
        "ᵐᵉᵈᵘˢᵃ",
        "\0medusa\0",
    ],
)
def test_what_does_not_change_the_letters_needs_no_reading(text: str) -> None:
    assert names_in(text) == {"Medusa": ()}


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("斗破蒼穹", ()),
        ("鬥破蒼穹", ()),
        ("《斗破 苍穹》同人", ()),
        ("Doupo Cangqiong", (Reading.ROMANISED,)),
        ("DoupoCangqiong", (Reading.ROMANISED,)),
        ("dou po cang qiong", (Reading.ROMANISED,)),
        ("Dòupò Cāngqióng", (Reading.ROMANISED,)),
        ("dou_po_cang_qiong", (Reading.ROMANISED,)),
        ("dou4 po4 cang1 qiong2", (Reading.ROMANISED,)),
        ("dou4po4cang1qiong2", (Reading.ROMANISED,)),
        ("doupo canqiong", (Reading.MISSPELT, Reading.ROMANISED)),
    ],
)
def test_a_chinese_title_in_every_spelling(text: str, reading: tuple[Reading, ...]) -> None:
    assert names_in(text) == {"斗破苍穹": reading}


def test_romanised_kana() -> None:
    for text in ("hatsune miku", "Hatsune_Miku", "hatsunemiku"):
        assert names_in(text) == {"ハツネ・ミク": (Reading.ROMANISED,)}
    for text in ("はつねみく", "ﾊﾂﾈﾐｸ", "ハツネ ミク"):
        assert names_in(text) == {"ハツネ・ミク": ()}


def test_a_short_romanisation_is_no_distinctive_name() -> None:
    for text, name in (
        ("a sakura", "さくら"),
        ("lubu", "吕布"),
        ("lü bu", "吕布"),
        ("lv bu", "吕布"),
    ):
        (found,) = find(text)
        assert (found.name, found.distinctive) == (name, False)
    (found,) = find("吕布, lubu")
    assert found.distinctive


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pikahcu", "Pikachu"),
        ("pikachuu", "Pikachu"),
        ("pikacu.", "Pikachu"),
        ("PIKACHO", "Pikachu"),
        ("big buck bunnny", "Big Buck Bunny"),
    ],
)
def test_a_distinctive_name_may_have_one_letter_wrong(text: str, name: str) -> None:
    assert names_in(text) == {name: (Reading.MISSPELT,)}


@pytest.mark.parametrize(
    "text",
    ["pikahuc", "nikachu", "picachoo", "wandeerer", "norra", "big duck bunny", "medusaa", "bunnyy"],
)
def test_more_than_that_is_another_word(text: str) -> None:
    assert names_in(text) == {}


def test_a_misspelt_name_of_one_word_needs_company() -> None:
    assert [each.distinctive for each in find("pikahcu")] == [False]
    assert [each.distinctive for each in find("pikahcu, pikachu")] == [True]
    assert [each.distinctive for each in find("big buck bunnny")] == [True]


def test_two_disguised_words_of_a_name() -> None:
    assert names_in("sn0w wh1te") == {"Snow White": (Reading.LEETSPEAK,)}
    assert names_in("Ѕnow wh1te") == {"Snow White": (Reading.LOOKALIKE, Reading.LEETSPEAK)}
    assert names_in("sn0w, wh1te") == {}


def test_short_words_in_leetspeak_are_read_in_company() -> None:
    assert names_in("b4ttl3 thr0ugh th3 h34v3ns") == {
        "Battle Through the Heavens": (Reading.LEETSPEAK,)
    }
    ada = ReferenceSet(
        id="s",
        work="Æ",
        rights_holder="r",
        characters=(Character(id="a", names=(Name(text="Ada"), Name(text="Ada Rei"))),),
    )
    for text, names in (("4da", []), ("a 4da!", []), ("4da rei", ["Ada Rei"]), ("ada", ["Ada"])):
        found = NameMatcher([ada]).find([NamedText(text=text, source=Source.CAPTION, path="a")])
        assert [each.name for each in found] == names


def test_a_name_in_another_script_with_latin_letters_in_it() -> None:
    assert names_in("Aлeнa") == {"Алёна": (Reading.LOOKALIKE,)}
    assert names_in("АЛЁНА") == {"Алёна": ()}


@pytest.mark.parametrize(
    "text",
    [
        "1girl, 2girls",
        "3d, 4k, 8k",
        "medusaver2",
        "edusav2",
        "5414",
        "h0",
        "v1.5",
        "$100",
        "100%",
        "a@b.com",
        "!!!",
    ],
)
def test_numbers_and_signs_are_no_names(text: str) -> None:
    assert names_in(text) == {}


def test_disguised_file_names() -> None:
    assert names_in("10_m3dus4/m3dus4.png", Source.FILE_NAME) == {"Medusa": (Reading.LEETSPEAK,)}
    assert names_in("斗破蒼穹/0001.png", Source.FILE_NAME) == {"斗破苍穹": ()}


def counting(texts: Iterable[str], visual: set[tuple[str, str]] = frozenset()) -> set[str]:  # type: ignore[assignment]
    return {each.name for each in name_evidence(find(*texts), visual) if each.counts}


def test_medusa_alone_is_nobodys_name() -> None:
    assert [each.name for each in find("medusa")] == ["Medusa"]
    assert counting(["medusa"]) == set()
    assert counting(["m3dus4, snakes"]) == set()


@pytest.mark.parametrize(
    "title", ["Battle Through the Heavens", "斗破苍穹", "斗破蒼穹", "Doupo Cangqiong"]
)
def test_medusa_with_the_title_of_her_work_is(title: str) -> None:
    for texts in ([f"medusa, {title}"], ["medusa", title], [f"medusa_({title.replace(' ', '_')})"]):
        assert "Medusa" in counting(texts)


def test_medusa_with_pictures_of_her_is() -> None:
    assert counting(["medusa"], {("heavens", "medusa")}) == {"Medusa"}
    assert counting(["medusa"], {("heavens", "queen")}) == set()


def test_a_name_in_a_benign_phrase_is_not_reported_there() -> None:
    for text in ("a peter pan collar", "peter_pan_collar", "Peter Pan collars"):
        assert ("Peter Pan" in names_in(text)) is text.endswith("collars")
    assert names_in("peter pan collar, peter pan") == {"Peter Pan": ()}
    assert names_in("medusa beach") == {}
    assert names_in("medusa jellyfish, head of medusa") == {}


def test_a_phrase_of_one_reference_set_is_of_no_other() -> None:
    other = ReferenceSet(id="myth", work="Æ", rights_holder="r", characters=(MEDUSA,))
    text = NamedText(text="medusa beach", source=Source.CAPTION, path="a")
    assert [each.reference_set for each in NameMatcher([HEAVENS, other]).find([text])] == ["myth"]


def test_a_shorter_name_in_a_longer_one_is_reported_once() -> None:
    queen = Character(id="queen", names=(Name(text="Medusa Queen"), Name(text="Medusa")))
    record = ReferenceSet(
        id="s",
        work="Æ",
        rights_holder="r",
        work_names=MEDUSA.names,
        characters=(queen, MEDUSA),
    )

    def found(text: str) -> set[tuple[str, str]]:
        mentions = NameMatcher([record]).find(
            [NamedText(text=text, source=Source.CAPTION, path="a")]
        )
        return {(each.character, each.name) for each in mentions}

    whole = {("queen", "Medusa Queen"), ("medusa", "Medusa")}
    assert found("medusa queen") == whole
    assert found("medusa") == {("queen", "Medusa"), ("medusa", "Medusa"), ("", "Medusa")}
    assert found("medusa queen, medusa") == whole | found("medusa")


def test_an_ambiguous_longer_name_hides_no_distinctive_one() -> None:
    names = (Name(text="Medusa"), Name(text="Medusa Head", distinctive=False))
    record = ReferenceSet(
        id="s", work="Æ", rights_holder="r", characters=(Character(id="m", names=names),)
    )
    text = NamedText(text="medusa head", source=Source.CAPTION, path="a")
    assert {each.name for each in NameMatcher([record]).find([text])} == {"Medusa", "Medusa Head"}


def test_excerpts_say_what_is_written_where_and_how_it_was_read() -> None:
    text = NamedText(
        text="1girl, (M3dus4:1.2), snakes", source=Source.METADATA, path="a.png", key="parameters"
    )
    (found,) = MATCHER.find([text])
    (excerpt,) = found.excerpts
    assert (excerpt.path, excerpt.key, excerpt.start) == ("a.png", "parameters", 8)
    assert (excerpt.before, excerpt.written, excerpt.after) == (
        "1girl, (",
        "M3dus4",
        ":1.2), snakes",
    )
    assert excerpt.readings == (Reading.LEETSPEAK,)


WRITTEN = (
    *("medusa", "m3dus4", "斗破蒼穹", "me\u200bdusa", "pikahcu", "メテ\u3099", "ﬃ", "½", "𝓶edusa"),
    *(",", " ", ". ", "\n", "_", "snow white", "é", "e\u0301", "斗", "🅼edusa", "\0", "|3"),
)
PIECES = st.lists(st.sampled_from(WRITTEN), max_size=12).map("".join)


@settings(deadline=None)
@given(PIECES | st.text(st.characters(), max_size=60), st.sampled_from(Source))
@example("a e\u0301, 斗破蒼穹 ﬃ medusa", Source.CAPTION)
def test_what_is_written_stands_in_the_text(text: str, source: Source) -> None:
    for mention in find(text, source=source):
        for each in mention.excerpts:
            assert each.written == text[each.start : each.start + len(each.written)]
            assert text[: each.start].endswith(each.before)
            assert text[each.start + len(each.written) :].startswith(each.after)
            assert each.written.strip() == each.written


@settings(deadline=None)
@given(PIECES, PIECES)
def test_more_text_removes_no_name(text: str, more: str) -> None:
    alone = {(each.reference_set, each.name) for each in find(text)}
    together = {(each.reference_set, each.name) for each in find(text, more)}
    assert alone <= together
    assert {each.reference_set for each in find(f"{text}\n{more}")} >= {
        each.reference_set for each in find(text)
    }


@settings(deadline=None)
@given(PIECES)
@example("メデ🅼edusa")
def test_the_order_of_unicode_forms_does_not_matter(text: str) -> None:
    found = {each.name for each in find(text)}
    for form in ("NFC", "NFD"):
        assert {each.name for each in find(unicodedata.normalize(form, text))} == found
