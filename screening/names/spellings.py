"""How a name may be written: every sequence of words that stands for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from screening.names.han import pinyin
from screening.names.kana import hepburn
from screening.names.mention import Reading
from screening.names.normal_form import BREAK, chunks

_SHORT_MIX = 3
_MOST_RUNS = 4
_SHORTEST_JOINED = 6
_RUN = re.compile(r"[0-9]+|[^0-9]+")

_BRACKETS = re.compile("[()（）]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003134f]{2,}")
_KANA = re.compile("[\u3041-\u309f\u30fc]{3,}")

_INITIALS = ("", *"bpmfdtnlgkhjqxrzcsyw", "zh", "ch", "sh")
_FINALS = (
    *("a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er", "ong"),
    *("i", "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong"),
    *("u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "v", "ve"),
)
SYLLABLES = frozenset(
    initial + final for initial in _INITIALS for final in _FINALS if len(initial + final) > 1
)
"""Of pinyin, without tones, and some that nobody says."""

_LONGEST_SYLLABLE = 6

FEWESTSYLLABLES = 3
"""Two syllables of pinyin or kana make words of every language: 2 x 400 of them."""

FEWEST_LETTERS = 7
"""Shorter romanisations are words: さくら is a cherry tree and a name, ``sakura``."""

_GROUPED = {3: ((1, 2), (2, 1)), 4: ((2, 2), (1, 3), (3, 1), (1, 2, 1)), 5: ((2, 3), (3, 2))}
"""How syllables of pinyin are also written in words, besides one by one and all together."""

MOST_READINGS = 4
"""Of characters that are read in several ways, in one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """``words`` of a name, `BREAK` among them where a break must stand.

    ``weak``: common words may be written like this; it is no distinctive name then.
    """

    words: tuple[str, ...]
    readings: tuple[Reading, ...] = ()
    weak: bool = False


def spellings(name: str, language: str = "") -> tuple[Spelling, ...]:
    """All spellings of ``name``, its own first; none if it has no letters and digits."""
    said = list(chunks(name))
    words = [word for word in said if word != BREAK]
    if not words:
        return ()
    found = {own: Spelling(words=own) for own in _own_spellings(name, said, words)}
    for spelled, weak in _romanised(name, words, language):
        found.setdefault(spelled, Spelling(words=spelled, readings=(Reading.ROMANISED,), weak=weak))
    return tuple(found.values())


def parts(word: str) -> list[str]:
    """``word`` split where digits meet letters, unless it is short or looks like a checksum."""
    if len(word) <= _SHORT_MIX or word.isalpha():
        return [word]
    runs = _RUN.findall(word)
    return runs if len(runs) <= _MOST_RUNS else [word]


def _own_spellings(name: str, said: list[str], words: list[str]) -> Iterator[tuple[str, ...]]:
    """``said`` are the words of ``name`` with its breaks, ``words`` without."""
    found = [words]
    if len(said) > len(words):
        found.append(_trimmed(said))
    if (bracketed := _BRACKETS.sub(BREAK, name)) != name:
        found.append(_trimmed(list(chunks(bracketed))))
    joined = "".join(words)
    if joined.isdecimal() or (len(words) == 1 and _is_short(joined)):
        found = [[BREAK, *each, BREAK] for each in found]
    elif joined.isascii() and (len(joined) >= _SHORTEST_JOINED or not joined.isalpha()):
        found.append([joined])
    for each in found:
        yield tuple(part for word in each for part in parts(word))


def _trimmed(words: list[str]) -> list[str]:
    """``words`` without a break before or after."""
    return words[words[0] == BREAK : len(words) - (words[-1] == BREAK)]


def _is_short(word: str) -> bool:
    return len(word) == 1 or (len(word) == 2 and _RUN.fullmatch(word) is not None)


def _romanised(
    name: str, words: list[str], language: str
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Words in Latin letters, and whether they are weak."""
    joined = "".join(words)
    if joined.isascii():
        syllables = tuple(part for word in words for part in _segmented(word))
        if "" not in syllables and len(syllables) >= FEWESTSYLLABLES and syllables != tuple(words):
            yield syllables, False
    elif _HAN.fullmatch(joined) and not language.startswith(("ja", "ko")):
        for syllables in islice(product(*map(pinyin, joined)), MOST_READINGS):
            for grouped in _grouped(syllables):
                yield grouped, len(syllables) < FEWESTSYLLABLES
    elif _KANA.fullmatch(joined):
        for spelled in product(*map(hepburn, _kana_words(name))):
            weak = sum(map(len, spelled)) < FEWEST_LETTERS
            yield tuple(spelled), weak
            yield ("".join(spelled),), weak


def _grouped(syllables: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield syllables
    yield ("".join(syllables),)
    for sizes in _GROUPED.get(len(syllables), ()):
        left = iter(syllables)
        yield tuple("".join(islice(left, size)) for size in sizes)


def _kana_words(name: str) -> list[str]:
    """Words of a name in kana as blanks and dots divide it: ``chunks`` divides every kana."""
    divided = re.split(r"[\s・=＝]+", name.strip())
    return ["".join(chunks(each)) for each in divided]


def _segmented(word: str) -> tuple[str, ...]:
    """``word`` as syllables of pinyin, the longest first where there is a choice; else ("",)."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            before = best[start]
            if before is not None and word[start:end] in SYLLABLES:
                longer = best[end]
                if longer is None or len(before) + 1 < len(longer):
                    best[end] = (*before, word[start:end])
    return best[-1] or ("",)
