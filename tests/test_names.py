import json
import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening.errors import ReferenceSetError
from screening.evidence import NameEvidence
from screening.gathering import name_evidence
from screening.names import NamedText, NameMatcher, NameMention, Source, normalise, unescaped
from screening.references import Character, Name, ReferenceSet, Status


def reference_set(
    *names: str | Name, work: tuple[str | Name, ...] = (), status: Status = Status.ACTIVE
) -> ReferenceSet:
    """A set "saga" with one character, "hero"."""
    return ReferenceSet(
        id="saga",
        work="A Tale",
        rights_holder="Somebody",
        status=status,
        work_names=tuple(map(as_name, work)),
        characters=(Character(id="hero", names=tuple(map(as_name, names))),),
    )


def as_name(name: str | Name) -> Name:
    return name if isinstance(name, Name) else Name(text=name)


def ambiguous(text: str) -> Name:
    return Name(text=text, distinctive=False)


def is_found(name: str, text: str, source: Source = Source.CAPTION) -> bool:
    named = NamedText(text=text, source=source, path="a.txt")
    return bool(NameMatcher([reference_set(name)]).find([named]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Medusa", "medusa"),
        ("Medusa", "a picture of MEDUSA, standing"),
        ("Medusa", "Medusa's snakes"),
        ("Medusa", "Medusa’s snakes"),
        ("Medusa", "(medusa:1.2)"),
        ("Medusa", r"medusa_\(sea_saga\)"),
        ("Medusa", "ｍｅｄｕｓａ"),
        ("Medusa", "𝓶𝓮𝓭𝓾𝓼𝓪"),
        ("Medusa", "me\u200bdu\u00adsa"),
        ("Medusa", "\u202emedusa\u202c"),
        ("Medusa", "m\u0336e\u0336d\u0336u\u0336s\u0336a\u0336"),
        ("Medusa", "medusa™"),
        ("Méduse", "meduse"),
        ("Meduse", "me\u0301duse"),
        ("Bjørn", "bjorn"),
        ("Medusa Queen", "medusa_queen"),
        ("Medusa Queen", "Medusa-Queen"),
        ("Medusa-Queen", "medusa   queen"),
        ("Medusa Queen", "medusaqueen"),
        ("Medusa Queen", "MedusaQueen01"),
        ("Ana Lee", "analee"),
        ("Medusa (Sea Saga)", r"medusa \(sea saga\)"),
        ("Medusa (Sea Saga)", "medusa_(sea_saga)"),
        ("Medusa (Sea Saga)", "1girl, medusa, sea saga, solo"),
        ("Dr. Strange", "dr. strange"),
        ("Dr. Strange", "dr strange"),
        ("Dr Strange", "Dr. Strange"),
        ("T'Challa", "t_challa"),
        ("Yu-Gi-Oh!", "yu gi oh, card"),
        ("Yu-Gi-Oh! Duel", "yu-gi-oh! duel"),
        ("Medusa", "snakes.\nMedusa.\nstone"),
        ("美杜莎", "一位美杜莎女王"),
        ("美杜莎", "美杜莎medusa"),
        ("メデューサ", "美しいメデューサの絵"),
        ("メデューサ", "ﾒﾃﾞｭｰｻ"),
        ("メデューサ", "メテ\u3099ューサ"),
        ("ハリー・ポッター", "ハリーポッター"),
        ("메두사", "메두사가 웃는다"),
        ("메두사", "\u1106\u1166\u1103\u116e\u1109\u1161"),
        ("เมดูซ่า", "ภาพของเมดูซ่าสวย"),
        ("女王Medusa", "女王medusaの絵"),
        ("ΜΈΔΟΥΣΑΣ", "Μεδουσας"),
        ("Алёна", "АЛЕНА"),
        ("مدوسا", "مَدوسا"),
        ("मेडुसा", "यह मेडुसा है"),
    ],
)
def test_spellings_of_a_name_are_found(name: str, text: str) -> None:
    assert is_found(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Art", "a party"),
        ("Art", "ar_t"),
        ("Medusa", "medusas"),
        ("Al Lee", "allee"),
        ("Medusa", "xmedusa"),
        ("Medusa", ""),
        ("Snow White", "snow, white hair"),
        ("Snow White", "snow\nwhite"),
        ("Snow White", "Deep snow. White hair."),
        ("Snow White", "雪、snow。white"),
        ("Snow White", "snow and white"),
        ("Alena", "Алена"),
        ("か", "が"),
        ("美杜莎", "美杜"),
        ("मेडुस", "मेडुसा"),
        ("Ada", "3ada9f00c4e2b7"),
    ],
)
def test_other_words_are_not_found(name: str, text: str) -> None:
    assert not is_found(name, text)


@pytest.mark.parametrize(
    "text",
    [
        "medusa01.png",
        "0001_medusa-final.png",
        "0001medusa02.png",
        "10_medusa/0001.png",
        "pack.zip!/set/Medusa (3).jpg",
        "medusa, queen.webp",
        "ＭＥＤＵＳＡ.png",
        "caf\udce9_medusa.png",
    ],
)
def test_file_names(text: str) -> None:
    assert is_found("Medusa", text, Source.FILE_NAME)


def test_random_file_names_are_no_names() -> None:
    uuid = "0f3c1b2a-3ada-4bb8-9ada-0123456789ab"
    assert not is_found("Ada", f"{uuid}.png", Source.FILE_NAME)
    assert is_found("Ada", f"ada_{uuid}.png", Source.FILE_NAME)


def test_a_name_does_not_reach_over_folders() -> None:
    assert not is_found("Snow White", "snow/white.png", Source.FILE_NAME)
    assert is_found("Snow White", "snow, white.png", Source.FILE_NAME)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("2B", "1girl, 2b, nier", True),
        ("2B", "2b_01.png", True),
        ("2B", "2 b", False),
        ("2B", "e2b4d", False),
        ("A2", "a2", True),
        ("BB8", "bb8", True),
        ("BB8", "bb 8", False),
        ("BB8X", "bb 8 x", True),
        ("Medusa", "1a2medusa", True),
        ("Medusa", "a1b2medusa", False),
        ("a1b2medusa", "a1b2medusa", True),
        ("A2", "a 2 year old cat", False),
        ("C-3PO", "c-3po", True),
        ("C-3PO", "c3po", True),
        ("C-3PO", "c3po01.png", True),
        ("C3PO", "c3po", True),
        ("R2-D2", "r2d2", True),
        ("R2-D2", "R2-D2", True),
        ("X-23", "x_23", True),
        ("X-23", "x23", True),
        ("X-23", "x 230", False),
        ("Agent 47", "agent47", True),
        ("Agent 47", "agent 470", False),
        ("Agent ٤٧", "agent 47", True),
    ],
)
@pytest.mark.parametrize("source", [Source.CAPTION, Source.FILE_NAME])
def test_names_with_digits(name: str, text: str, found: bool, source: Source) -> None:
    assert is_found(name, text, source) is found


@pytest.mark.parametrize("name", ["L", "Ed", "47", "9-1-1", "光", "ハ", "Ян"])
def test_the_shortest_names_are_found_only_as_a_whole_tag_caption_or_trigger(name: str) -> None:
    assert is_found(name, name)
    assert is_found(name, f"1girl, {name}, solo")
    assert is_found(name, name, Source.TRIGGER_WORD)
    assert not is_found(name, f"a {name} b")
    assert not is_found(name, f"{name}.png", Source.FILE_NAME)
    assert not is_found(name, f"a/{name}/b.png", Source.FILE_NAME)


def test_three_letters_two_characters_and_two_words_are_found_inside_a_caption() -> None:
    assert is_found("Edo", "a edo b")
    assert is_found("悟空", "一个悟空啊")
    assert is_found("L L", "a l l b")


@pytest.mark.parametrize("name", ["!!!", "★", "\u200b", "()", "\udc80"])
def test_a_name_of_which_nothing_is_left_is_refused(name: str) -> None:
    with pytest.raises(ReferenceSetError, match="saga: the name"):
        NameMatcher([reference_set("Medusa", name)])


def test_no_sets_no_texts_and_disabled_sets() -> None:
    text = NamedText(text="medusa", source=Source.CAPTION, path="a.txt")
    assert NameMatcher([]).find([text]) == ()
    assert NameMatcher([reference_set("Medusa")]).find([]) == ()
    assert NameMatcher([reference_set("Medusa", status=Status.DISABLED)]).find([text]) == ()
    assert len(NameMatcher([reference_set("Medusa", status=Status.DISPUTED)]).find([text])) == 1


def test_mentions_have_every_path_once_by_source_in_order() -> None:
    matcher = NameMatcher([reference_set("Medusa", "Médusa", work=("Sea Saga",))])
    texts = [
        NamedText(text="medusa sea_saga", source=Source.CAPTION, path=path)
        for path in ("b.txt", "a.txt", "b.txt")
    ]
    texts.append(NamedText(text="medusa.png", source=Source.FILE_NAME, path="medusa.png"))
    found = matcher.find(iter(texts))
    assert [replace(each, excerpts=()) for each in found] == [
        mention("Sea Saga", character="", paths=("a.txt", "b.txt"), members=2),
        mention("Medusa", paths=("a.txt", "b.txt"), members=2),
        mention("Medusa", source=Source.FILE_NAME, paths=("medusa.png",), members=1),
    ]
    assert matcher.find(reversed(texts)) == matcher.find(texts)


def test_one_name_may_belong_to_several_characters() -> None:
    one, other = reference_set("Medusa"), reference_set("Medusa")
    sets = [one, ReferenceSet(id="myth", work="", rights_holder="", characters=other.characters)]
    found = NameMatcher(sets).find([NamedText(text="medusa", source=Source.TEXT, path="a")])
    assert [each.reference_set for each in found] == ["myth", "saga"]


def test_a_name_listed_as_distinctive_and_as_ambiguous_is_ambiguous() -> None:
    text = [NamedText(text="medusa", source=Source.CAPTION, path="a.txt")]
    for names in [("Medusa", ambiguous("MEDUSA")), (ambiguous("Medusa"), "MEDUSA")]:
        (found,) = NameMatcher([reference_set(*names)]).find(text)
        assert (found.name, found.distinctive) == ("Medusa", False)


def test_a_caption_of_five_megabytes_and_ten_thousand_names() -> None:
    names = [f"{first}or {second}an" for first in syllables(100) for second in syllables(100)]
    matcher = NameMatcher([reference_set(*names)])
    filler = "standing in the bador tree, holding a sword "
    caption = filler * (5 * 1024 * 1024 // len(filler)) + names[0] + ", " + names[-1]
    found = matcher.find([NamedText(text=caption, source=Source.CAPTION, path="a.txt")])
    assert [each.name for each in found] == sorted([names[0], names[-1]])


def syllables(count: int) -> list[str]:
    return [a + b for a in string.ascii_lowercase for b in string.ascii_lowercase][:count]


WORDS = st.lists(st.sampled_from(["fox", "owl", "eel"]), min_size=1, max_size=4)


@settings(deadline=None)
@given(
    st.lists(WORDS, max_size=8, unique_by=tuple),
    st.lists(st.sampled_from(["fox", "owl", "eel", "cat"]), max_size=30),
)
def test_the_matcher_finds_what_a_plain_search_finds(
    names: list[list[str]], words: list[str]
) -> None:
    sets = [
        replace(reference_set(" ".join(name)), id=f"set-{number}")
        for number, name in enumerate(names)
    ]
    text = NamedText(text=" ".join(words), source=Source.CAPTION, path="a")
    found = {each.reference_set for each in NameMatcher(sets).find([text])}
    assert found == {
        f"set-{number}"
        for number, name in enumerate(names)
        if any(words[start : start + len(name)] == name for start in range(len(words)))
    }


def test_a_flood_of_marks_is_cut_before_it_is_sorted() -> None:
    nukta_and_virama = "\u093c\u094d"
    assert len(normalise("क" + nukta_and_virama * 300_000)) == 1 + 30


ANY_TEXT = st.text(st.characters(), max_size=60)


@given(ANY_TEXT)
@example("\udc80\ud800")
@example("ﷺ…½™ ﬃ ǆ İ ß ς ΐ ᾳ")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_every_character_is_normalised_to_what_stays() -> None:
    for start in range(0, 0x11_0000, 0x1000):
        once = normalise(" ".join(f"a{chr(code)}b" for code in range(start, start + 0x1000)))
        assert normalise(once) == once, hex(start)


@settings(deadline=None)
@given(ANY_TEXT, st.sampled_from(Source))
def test_no_text_raises(text: str, source: Source) -> None:
    matcher = NameMatcher([reference_set("Medusa", "2B", "美杜莎", "L")])
    matcher.find([NamedText(text=text, source=source, path="a")])


@settings(deadline=None)
@example("0\r0", ":")
@example("0?0)0", ":")
@given(ANY_TEXT, st.text(st.sampled_from(" ,.;:()!?-_/\\\"'\n\t|*~"), min_size=1, max_size=3))
def test_a_name_of_any_letters_is_found_in_its_own_spelling(name: str, around: str) -> None:
    if normalise(name):
        assert is_found(name, name)
        assert is_found(name, f",{around}{name}{around},")


LATIN_NAME = st.lists(
    st.text(string.ascii_letters + "éÜøñ", min_size=3, max_size=8), min_size=1, max_size=3
)
AROUND = st.text(st.sampled_from(" ,.;:()!?-_/\\\"'\n\t|*~…「」"), min_size=1, max_size=4)
BLANK = st.sampled_from([" ", "_", "-", "  ", "\u3000", "\u00a0"])
CASE = st.sampled_from([str, str.upper, str.lower, str.title, str.swapcase])


def widened(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@settings(deadline=None)
@given(LATIN_NAME, BLANK, CASE, st.sampled_from([str, widened]), st.tuples(AROUND, AROUND))
def test_a_name_between_punctuation_is_found_in_any_form(
    words: list[str],
    blank: str,
    case: Callable[[str], str],
    width: Callable[[str], str],
    around: tuple[str, str],
) -> None:
    written = width(case(blank.join(words)))
    text = f"1girl{around[0]}{written}{around[1]}solo"
    assert all(is_found(" ".join(words), text, source) for source in Source)


@settings(deadline=None)
@given(
    st.lists(st.text("abcdefgxyz", min_size=3, max_size=6), min_size=1, max_size=3),
    st.text("qQßø", max_size=3),
    st.text("qQßø", max_size=3),
    st.sampled_from(Source),
)
def test_letters_around_a_latin_name_make_another_word(
    words: list[str], before: str, after: str, source: Source
) -> None:
    name = " ".join(words)
    named = NamedText(text=f"a_{before}{name}{after}_b", source=source, path="a.txt")
    found = NameMatcher([reference_set(name)]).find([named])
    exact = [each for each in found if not any(one.readings for one in each.excerpts)]
    assert bool(exact) is (not before and not after)


def mention(
    name: str,
    *,
    character: str = "hero",
    distinctive: bool = True,
    source: Source = Source.CAPTION,
    paths: tuple[str, ...] = ("a.txt",),
    reference_set: str = "saga",
    members: int = 0,
) -> NameMention:
    return NameMention(
        reference_set=reference_set,
        character=character,
        name=name,
        normal=normalise(name).replace("\n", " "),
        distinctive=distinctive,
        source=source,
        paths=paths,
        members=members,
    )


def counting(*mentions: NameMention, visual: set[tuple[str, str]] = frozenset()) -> set[str]:  # type: ignore[assignment]
    return {each.name for each in name_evidence(mentions, visual) if each.counts}


MEDUSA = mention("Medusa", distinctive=False)
WORK = mention("Sea Saga", character="", paths=("b.txt",))
VAGUE_WORK = mention("Tides", character="", distinctive=False)


def test_a_distinctive_name_counts_alone_and_an_ambiguous_one_does_not() -> None:
    assert counting() == set()
    assert counting(mention("Medusa Queen")) == {"Medusa Queen"}
    assert counting(MEDUSA) == set()
    assert counting(WORK) == {"Sea Saga"}
    assert counting(VAGUE_WORK) == set()


def test_an_ambiguous_name_counts_with_its_work_anywhere_in_the_pack() -> None:
    assert counting(MEDUSA, WORK) == {"Medusa", "Sea Saga"}
    assert counting(MEDUSA, VAGUE_WORK) == {"Medusa", "Tides"}
    other = mention("Sea Saga", character="", reference_set="other")
    assert counting(MEDUSA, other) == {"Sea Saga"}
    assert counting(MEDUSA, mention("Perseus", character="perseus")) == {"Perseus"}


def test_an_ambiguous_name_counts_with_visual_evidence_of_its_character() -> None:
    assert counting(MEDUSA, visual={("saga", "hero")}) == {"Medusa"}
    assert counting(MEDUSA, visual={("saga", "perseus")}) == set()
    assert counting(MEDUSA, visual={("other", "hero")}) == set()
    assert counting(VAGUE_WORK, visual={("saga", "perseus")}) == {"Tides"}


@pytest.mark.parametrize("work", ["Medusa", "Medusa Rising", "The Medusa"])
def test_one_ambiguous_word_does_not_support_itself(work: str) -> None:
    assert counting(MEDUSA, mention(work, character="", distinctive=False)) == set()
    assert counting(MEDUSA, mention(work, character="")) == {"Medusa", work}


def test_one_word_that_is_part_of_another_is_another_word() -> None:
    work = mention("Med", character="", distinctive=False)
    assert counting(MEDUSA, work) == {"Medusa", "Med"}


def test_name_evidence_has_the_references_spelling_and_an_order() -> None:
    file_name = mention("Zoë", source=Source.FILE_NAME, paths=("z.png", "zoe.png"))
    lonely = mention("Anna", distinctive=False, reference_set="a")
    mentions = [lonely, MEDUSA, file_name, WORK]
    evidence = name_evidence(mentions, visual=set())
    assert evidence == name_evidence(mentions[::-1], visual=set())
    assert [each.name for each in evidence] == ["Sea Saga", "Zoë", "Medusa", "Anna"]
    assert evidence[1] == NameEvidence(
        reference_set="saga",
        character="hero",
        name="Zoë",
        distinctive=True,
        source="file name",
        paths=("z.png", "zoe.png"),
        counts=True,
    )
    assert type(evidence[1].source) is str


def test_the_title_of_the_work_supports_but_does_not_count() -> None:
    medusa = Character(id="medusa", names=(Name(text="Medusa", distinctive=False),))
    record = ReferenceSet(id="s", work="Sea Saga", rights_holder="r", characters=(medusa,))
    matcher = NameMatcher([record])

    def counted(text: str) -> dict[str, bool]:
        mentions = matcher.find([NamedText(text=text, source=Source.CAPTION, path="a.txt")])
        return {each.name: each.counts for each in name_evidence(mentions, set())}

    assert counted("a sea saga") == {"Sea Saga": False}
    assert counted("medusa") == {"Medusa": False}
    assert counted("medusa, sea saga")["Medusa"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (json.dumps("美杜莎 😀"), '"美杜莎 😀"'),
        (r"class_tokens = '\u0042ig \x42uck'", "class_tokens = 'Big Buck'"),
        (r"x\nBig", "x\nBig"),
        (r"\U0001F600 \(tag\) \u12 \xg \Uffffffff \\", r"😀 \(tag\) \u12 \xg \Uffffffff \\"),
        ("no escape", "no escape"),
        ("%E6%96%97%E7%A0%B4 100% 5%2 %zz", "斗破 100% 5%2 %zz"),
        ("med%75sa%2C &#109;&#x45;dusa&amp;&nbsp;x & y", "medusa, mEdusa&\u00a0x & y"),
        ("a \u202easudem\u202c b", "a medusa\u202c b"),
        ("\u202easudem", "medusa"),
    ],
)
def test_escapes_of_structured_text_are_read(written: str, meant: str) -> None:
    assert unescaped(written) == meant


@given(st.text(st.characters(), max_size=40))
def test_reading_escapes_never_raises(text: str) -> None:
    plain = "".join(each for each in text if each not in "\\%&\u202e")
    assert unescaped(plain) == plain
    unescaped(text)
    unescaped(json.dumps(text))
