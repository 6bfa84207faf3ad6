"""Work that grows with the text and no faster, and what is kept of it."""

import random
import string
import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest
from rapidfuzz.distance import OSA

from screening.gathering import MOST_NAMES, name_evidence
from screening.names import Deadline, NamedText, NameMatcher, Source, pieces
from screening.names.misspellings import FEWEST_LETTERS, Misspellings
from screening.names.separators import Kind, Separated
from screening.names.tally import MOST_EXCERPTS, MOST_PATHS, WRITTEN_CHARACTERS
from screening.names.tokens import Tokens
from screening.names.vocabulary import TokenCodes, Vocabulary
from screening.references import Character, Name, ReferenceSet

RANDOM = random.Random(7)


def matcher_of(*names: str, one_set: bool = True) -> NameMatcher:
    characters = tuple(
        Character(id=f"c{at}", names=(Name(text=name),)) for at, name in enumerate(names)
    )
    record = ReferenceSet(id="set", work="Æ", rights_holder="r", characters=characters)
    if one_set:
        return NameMatcher([record])
    return NameMatcher(
        replace(record, id=f"set-{at}", characters=(each,)) for at, each in enumerate(characters)
    )


def caption(text: str, path: str = "a.txt") -> NamedText:
    return NamedText(text=text, source=Source.CAPTION, path=path)


def calls_of(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, ``work`` calls."""
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def random_words(count: int, letters: str = string.ascii_lowercase) -> str:
    return " ".join("".join(RANDOM.choices(letters, k=7)) for _ in range(count))


HOSTILE: dict[str, Callable[[int], str]] = {
    "different words": random_words,
    "leetspeak": lambda n: random_words(n, "m3dus4120"),
    "one name": lambda n: "medusa queen " * n,
    "nested names": lambda n: "a a a a a a b " * n,
    "letters set apart": lambda n: "m e d u s a x " * n,
    "drawn letters": lambda n: r"|\/|3|)|_|$4 " * n,
    "signs alone": lambda n: r"|\/|" * n,
    "zero-width": lambda n: "m\u200be\u200bd\u200busa " * n,
    "marks": lambda n: "m" + "\u0336" * 20 * n,
    "one token": lambda n: "a1" * 10 * n,
    "one token of Chinese": lambda n: "斗" * 10 * n,
    "breaks": lambda n: ",\n.!" * n,
    "misspelt": lambda n: "medusaa qeen medusa quen " * n,
    "blanks": lambda n: "medusa" + " " * 10 * n + "queen",
    "right to left": lambda n: "\u202easudem\u202c " * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_the_text_is_twice_the_work(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_CHARACTERS", 400)
    nested = [" ".join(["a"] * count) for count in range(2, 7)]
    matcher = matcher_of("medusa queen", "medusa", "queens", *nested)
    work = []
    matcher.find([caption(HOSTILE[kind](1))])  # tables that are made once
    for count in (120, 240, 480):  # of whole pieces, which cost something each
        text = caption(HOSTILE[kind](count))
        work.append(calls_of(lambda text=text: matcher.find([text])))  # type: ignore[misc]
    assert work[2] - work[1] <= 2.5 * (work[1] - work[0]) + 300


def test_a_text_of_many_pieces_is_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = matcher_of("medusa queen of snakes", "斗破苍穹", "pikachu")
    text = "snow medusa queen of snakes, x 斗破蒼穹斗 pikahcu m3dusa queen of\u3000snakes. "
    whole = matcher.find([caption(text * 5)])
    for size in (1, 2, 3, 5, 8, 13, 21, 34):
        monkeypatch.setattr(pieces, "PIECE_CHARACTERS", size)
        found = matcher.find([caption(text * 5)])
        assert [(each.name, each.members) for each in found] == [
            (each.name, each.members) for each in whole
        ]
        for each in found:
            start, written = each.excerpts[0].start, each.excerpts[0].written
            assert (text * 5)[start : start + len(written)] == written


def test_texts_read_together_are_found_as_if_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = matcher_of("snow white", "medusa", "光", "L")
    texts = [caption("a snow", "1"), caption("white medusa", "2"), caption("光", "3")]
    texts += [caption("\0medusa\0", "4"), caption("", "5"), caption("L", "6")]
    texts += [
        NamedText(text=name, source=Source.FILE_NAME, path=name) for name in ("L/a", "medusa")
    ]
    expected = matcher.find(texts)
    assert [(each.name, each.source, each.paths) for each in expected] == [
        ("medusa", Source.CAPTION, ("2", "4")),
        ("medusa", Source.FILE_NAME, ("medusa",)),
        ("光", Source.CAPTION, ("3",)),
        ("L", Source.CAPTION, ("6",)),
    ]
    monkeypatch.setattr(pieces, "MOST_TOGETHER", 1)
    assert matcher.find(texts) == expected


class Pieces:
    """A clock that goes on by one each time that it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.names.deadline.monotonic", Pieces())


def test_texts_that_there_is_no_time_for_are_listed() -> None:
    matcher = matcher_of("medusa")
    texts = [caption("medusa", "1"), NamedText(text="b", source=Source.FILE_NAME, path="2")]
    texts += [caption("é medusa", "3"), caption("medusa" * 600_000, "4"), caption("x", "1")]
    over = Deadline(-1)
    assert matcher.find(texts, deadline=over) == ()
    captions = {(Source.CAPTION, each) for each in "134"}
    assert over.left == {*captions, (Source.FILE_NAME, "2")}
    enough = Deadline(600)
    assert matcher.find(texts, deadline=enough) == matcher.find(texts)
    assert enough.left == set()


@pytest.mark.usefixtures("ticking")
def test_texts_are_searched_together_as_far_as_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "MOST_TOGETHER", 2)
    texts = [caption(f"medusa {at}", str(at)) for at in range(12)]
    for seconds, searched in ((0.5, 0), (1, 4), (2, 8), (3, 12)):
        deadline = Deadline(seconds)
        found = matcher_of("medusa").find(texts, deadline=deadline)
        assert [each.members for each in found] == [searched] * bool(searched)
        assert deadline.left == {(Source.CAPTION, str(at)) for at in range(searched, 12)}


@pytest.mark.usefixtures("ticking")
def test_a_long_text_is_searched_as_far_as_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_CHARACTERS", 20)
    text = "medusa " * 7 + "pikachu " * 20
    for seconds, names in ((1, ["medusa"]), (2, ["medusa"]), (8, ["medusa", "pikachu"])):
        deadline = Deadline(seconds)
        found = matcher_of("medusa", "pikachu").find([caption(text)], deadline=deadline)
        assert [each.name for each in found] == names
        assert deadline.left == {(Source.CAPTION, "a.txt")}
    deadline = Deadline(99)
    matcher_of("medusa").find([caption(text)], deadline=deadline)
    assert deadline.left == set()


def test_what_is_kept_of_a_name_is_bounded() -> None:
    texts = [caption(f"a medusa {at}", f"{at:04}.txt") for at in range(3 * MOST_PATHS)]
    (found,) = matcher_of("medusa").find(texts[::-1])
    assert found.members == 3 * MOST_PATHS
    assert found.paths == tuple(f"{at:04}.txt" for at in range(MOST_PATHS))
    assert len(found.excerpts) == MOST_EXCERPTS


def test_a_name_stretched_over_a_megabyte_is_quoted_short() -> None:
    (found,) = matcher_of("snow white").find([caption("snow" + " " * 600_000 + "white")])
    assert len(found.excerpts[0].written) == WRITTEN_CHARACTERS


def test_evidence_lists_a_bounded_number_of_names() -> None:
    names = [
        f"{first}or{second}us" for first in "bcdfghjklmnpqrst" for second in "bcdfghjklmnpqrst"
    ]
    mentions = matcher_of(*names).find([caption(", ".join(names))])
    assert len(mentions) == len(names) > MOST_NAMES
    assert len(name_evidence(mentions, set())) == MOST_NAMES


def test_tokens_are_the_same_one_by_one_and_as_arrays() -> None:
    for text in (
        "a, b_c",
        " ,, ",
        "",
        "x",
        "斗破e\u0301 デ。a",
        "\u3099a デ\u3099\u3099ー \u0301斗\u0301x",
        "a.b!c|d",
        "½ 🅼\u200b",
        "\udc80 a",
    ):
        tokens = Tokens.of(text)
        bounds = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
        kinds = tokens.kinds.tolist()
        written = [
            "," if kind == Kind.BREAK else text[start:end]
            for (start, end), kind in zip(bounds, kinds, strict=True)
        ]
        assert written == Separated(text).tokens()


def test_hashes_of_tokens_know_letters_and_no_place() -> None:
    hashes = Tokens.of("abc bca ABC abc. abcd. abcd a b é abc").hashes.tolist()
    assert hashes[0] == hashes[2] == hashes[-1]
    assert hashes[4] == hashes[5]
    assert len({hashes[0], *hashes[1:2], *hashes[3:5], *hashes[6:8]}) == 6
    far = Tokens.of("x" * ((1 << 20) - 2) + " abcd abc")
    assert far.kinds.tolist() == [Kind.LETTER, Kind.OTHER, Kind.LETTER]
    assert far.hashes[-1] == hashes[0]


def test_codes_are_apart_whatever_their_number() -> None:
    for count in (0, 1, 191, 192, 193, 9216, 9217):
        words = [f"w{at}x" for at in range(count)]
        vocabulary = Vocabulary(words, ())
        codes = [vocabulary.code([word]) for word in words]
        assert len(set(codes)) == count
        assert len({len(code) for code in codes}) <= 1
        assert all(ord(each) <= 0xFF for code in codes for each in code)
    firsts = {code[0] for code in codes}
    assert not firsts & {each for code in codes for each in code[1:]}


def test_remembered_tokens_are_forgotten_when_they_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screening.names.vocabulary.MOST_KEPT", 10)
    codes = TokenCodes(Vocabulary(["medusa"], ["medusa"]))
    for at in range(30):
        assert codes.encode([f"w{at}x", "medusa"])[1] == codes.encode(["medusa"])[0]
        assert len(codes) <= 15


@pytest.mark.parametrize(("letters", "count"), [("ab", 40), ("abcd", 60), ("abcdefgh", 60)])
def test_misspelt_words_are_those_that_a_plain_search_finds(letters: str, count: int) -> None:
    known = sorted({"".join(RANDOM.choices(letters, k=RANDOM.randint(4, 8))) for _ in range(count)})
    asked = {"".join(RANDOM.choices(letters, k=RANDOM.randint(4, 9))) for _ in range(count)}
    for word in known:
        at = RANDOM.randrange(len(word))
        asked |= {word, word[:at] + word[at + 1 :], word[:at] + "b" + word[at:]}
        asked |= {word[:at] + "a" + word[at + 1 :], word[:at] + word[at:][1::-1] + word[at + 2 :]}
    expected = dict[str, str]()
    for word in asked:
        for other in known:
            is_long = min(len(word), len(other)) >= FEWEST_LETTERS
            if is_long and word[0] == other[0] and OSA.distance(word, other) == 1:
                expected.setdefault(word, other)
    assert dict(Misspellings(known).correct(sorted(asked))) == expected


def test_no_words_are_misspelt_and_none_are_known() -> None:
    assert list(Misspellings([]).correct(["abcdef"])) == []
    assert list(Misspellings(["abcdef"]).correct([])) == []


def test_a_megabyte_without_a_blank_is_read() -> None:
    assert matcher_of("medusa").find([caption("x" * 1_000_000)]) == ()
