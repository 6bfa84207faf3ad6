"""Nothing is missed for the sake of speed: what is found is what reading every token finds."""

import random
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening.names import (
    NamedText,
    NameMatcher,
    NameMention,
    Source,
    pieces,
    sifting,
    vocabulary,
    word_tables,
)
from screening.names.sieve import Sieve
from screening.names.sifting import Rows, Sifting
from screening.names.tokens import BASE, Tokens
from screening.names.vocabulary import BREAK_CODE, OTHER, TokenCodes, Vocabulary
from screening.names.word_tables import NO_WORD, PairSieve, SeenWords, WordTable, hash_of
from screening.references import Character, Name, ReferenceSet

NAMES = (
    *("Medusa", "Medusa Queen of Snakes", "Queen of Snakes", "Snow White", "Pikachu", "Corner"),
    *("Saber (Fate)", "R2-D2", "C-3PO", "2B", "BB8X", "A2", "9-1-1", "L", "Ed", "47", "光", "Ян"),
    *(
        "斗破苍穹",
        "美杜莎",
        "美杜莎女王",
        "吕布",
        "ハツネ・ミク",
        "Алёна",
        "Dr. Strange",
        "Yu-Gi-Oh!",
    ),
    *("Alpha Beta Gamma Delta", "Alpha Beta", "Beta Gamma", "Big Buck Bunny", "मेडुसा", "H 2 O 2"),
)
MATCHER = NameMatcher(
    [
        ReferenceSet(
            id="set",
            work="Beta Tale",
            rights_holder="r",
            characters=tuple(
                Character(id=f"c{at}", names=(Name(text=name, distinctive=at % 3 > 0),))
                for at, name in enumerate(NAMES)
            ),
            benign_phrases=("Snow White Queen", "head of Alpha Beta Gamma"),
        )
    ]
)


def read(
    texts: Sequence[str], source: Source, *, sifted: bool, piece: int
) -> tuple[NameMention, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE_CHARACTERS", piece)
        if not sifted:
            patch.setattr(Sifting, "places", lambda _, rows: [(0, len(rows))])
        return MATCHER.find(
            NamedText(text=text, source=source, path=f"{at}.txt") for at, text in enumerate(texts)
        )


WORDS = (
    *(word for name in NAMES for word in (name, name.upper(), *name.split())),
    *("m3dusa", "mеdusa", "rnedusa", "comer", "pikahcu", "meduza", "m e d u s a", "m.3.d.u.s.4"),
    *("1girl", "1.2", "12", "r2", "d2", "a1b2", "head of", "斗破蒼穹", "doupo cangqiong", "lü bu"),
    *("me\u200bdusa", "e\u0301", "...", "!", "$", "@", "|", "a|L|b", r"|\/|3|)|_|$4", "🅼edusa"),
    *("pikachuuu", "queeeeen of snaakes", "medusssaa", "\U000e006d", "\u202eetihw wons", "ﬁ"),
    *("snow_white", "snow, white", "SnowWhite", "alpha,beta", "gamma.", "queenn", "cat", "of"),
)
BETWEEN = (" ", " ", "", ",", ", ", ". ", "\n", "_", "/", "(", ":", "\0", ",,,,", "  ", "ー")
TEXT = st.lists(
    st.one_of(st.sampled_from(WORDS), st.sampled_from(BETWEEN), st.characters()), max_size=14
).map("".join)


@settings(deadline=None, max_examples=150)
@given(st.lists(TEXT, max_size=4), st.sampled_from(Source), st.sampled_from([1 << 19, 23, 5]))
@example(["2B"], Source.FILE_NAME, 1 << 19)
@example(["H 2,O 2 alpha beta\tgamma delta"], Source.CAPTION, 1 << 19)
@example(["aaaa. Ed.\nL", "bbbb.9-1-1", "dddd.光"], Source.CAPTION, 1 << 19)
@example(["a head of alpha beta gamma delta"], Source.CAPTION, 23)
def test_the_same_names_are_found_as_without_it(
    texts: list[str], source: Source, piece: int
) -> None:
    found = read(texts, source, sifted=True, piece=piece)
    assert found == read(texts, source, sifted=False, piece=piece)


@pytest.mark.parametrize("remembered", [1 << 17, 4, 1])
def test_the_same_names_are_found_in_long_random_texts(
    remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is remembered of the words that came before."""
    chance = random.Random(11)
    bits = remembered.bit_length() - 1
    monkeypatch.setattr(word_tables, "SEEN_BITS", max(1, bits))
    monkeypatch.setattr(vocabulary, "MOST_KEPT", remembered)
    monkeypatch.setattr(sifting, "MOST_KEPT", remembered)
    for source in Source:
        for _ in range(3):
            words = [chance.choice(WORDS) + chance.choice(BETWEEN) for _ in range(1500)]
            texts = ["".join(words[at : at + 30]) for at in range(0, 1500, 30)]
            expected = read(texts, source, sifted=False, piece=1 << 19)
            assert expected
            assert read(texts, source, sifted=True, piece=1 << 19) == expected
            whole = read(["".join(words)], source, sifted=False, piece=700)
            assert read(["".join(words)], source, sifted=True, piece=700) == whole


def test_what_cannot_begin_a_name_is_left_out() -> None:
    codes = TokenCodes(MATCHER._known.vocabulary)
    sifting = Sifting(MATCHER._known.sieve, codes, MATCHER._known.most_words)
    for text, expected in (
        ("a cat sits in snow, and a white queen of hearts is there. 1.2", []),
        ("a cat, alpha beta and gamma", [(1, 7)]),
        ("a cat medusa queen in hearts", [(2, 3)]),
        ("a cat medusa queen of snakes queen cat", [(1, 7)]),
        ("l, a l b", [(0, 3)]),
        ("", []),
    ):
        assert sifting.places(sifting.rows(text)) == expected


@pytest.mark.parametrize("count", [0, 1, 2, 700])
def test_tables_hold_what_was_put_in_even_where_places_collide(count: int) -> None:
    chance = np.random.default_rng(3)
    hashes = np.unique(chance.integers(1, 1 << 62, count, np.uint64) | np.uint64(0xFFE << 52))
    table = WordTable(hashes, np.arange(len(hashes), dtype=np.int32))
    assert table.look_up(hashes).tolist() == list(range(len(hashes)))
    assert set(table.look_up(hashes + np.uint64(1)).tolist()) <= {NO_WORD}
    sequences: dict[tuple[int, ...], int] = {(at, at + 1, 7): at for at in range(count)}
    words = WordTable.of_sequences(sequences)
    column = np.arange(count)
    known = hash_of(column, column + 1, column * 0 + 7)
    assert words.look_up(known).tolist() == list(sequences.values())
    for others in ((column, column + 1, column * 0 + 8), (column + 1, column, column * 0 + 7)):
        assert set(words.look_up(hash_of(*others)).tolist()) <= {NO_WORD}


@pytest.mark.parametrize("count", [0, 1, 2, 700])
def test_words_that_came_before_are_known_or_forgotten_and_never_another(count: int) -> None:
    chance = np.random.default_rng(4)
    # most of them meet in a few places of both tables
    hashes = np.unique(
        chance.integers(1, 1 << 62, count, np.uint64) & np.uint64(0x3_FFFC_0000_FFFF)
    )
    numbers = np.arange(len(hashes), dtype=np.int32)
    seen = SeenWords()
    assert seen.look_up(hashes)[1].tolist() == numbers.tolist()
    for part in np.array_split(numbers, 7):
        seen.keep(hashes[part], part)
        found, new = seen.look_up(hashes)
        known = np.delete(numbers, new)
        assert found[known].tolist() == known.tolist()
        assert not len(part) or np.isin(part, known).any()
    spread = chance.permutation(hashes * np.uint64(BASE))
    again = SeenWords()
    again.keep(spread, numbers)
    assert len(again.look_up(spread)[1]) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 700])
def test_no_pair_of_words_is_left_out(count: int) -> None:
    chance = np.random.default_rng(5)
    pairs = {(int(a), int(b)) for a, b in chance.integers(0, 1000, (count, 2))}
    sieve = PairSieve(pairs, 1001)
    first, second = np.array(sorted(pairs), np.int32).reshape(-1, 2).T
    assert sieve.following(first, second).tolist() == list(range(len(pairs)))
    assert all(sieve.may_be(*pair) for pair in pairs)
    others = [each for each in product(range(1001), range(0, 1001, 50)) if each not in pairs]
    taken = sum(sieve.may_be(*pair) for pair in others[:: max(1, len(others) // 2000)])
    assert taken < 200
    assert not any(sieve.may_be(NO_WORD, second) for second in range(1001))


def test_a_sieve_of_no_names_lets_nothing_through() -> None:
    vocabulary = Vocabulary((), ())
    sifting = Sifting(Sieve(vocabulary, ()), TokenCodes(vocabulary), 0)
    assert sifting.places(sifting.rows("a cat, 斗 1 m3dusa")) == []


def test_numbers_of_codes() -> None:
    words = [f"w{at}x" for at in range(300)]
    vocabulary = Vocabulary(words, ())
    code = vocabulary.code(["w1x", "a", "w299x"])
    numbers = [vocabulary.numbers[word] for word in ("w1x", "a", "w299x")]
    assert vocabulary.numbers_of(code) == numbers
    assert vocabulary.numbers_of(f"{BREAK_CODE}{OTHER}{code}") == [None, NO_WORD, *numbers]


def test_rows_are_added_and_moved() -> None:
    rows = Rows.of_break(3) + Rows.of_break(4).moved(5)
    assert rows.starts.tolist() == rows.ends.tolist() == [3, 9]
    assert len(rows[:0]) == 0
    assert Tokens.of("").kinds.tolist() == []
