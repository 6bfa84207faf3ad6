"""How a name may be written: every sequence of words that stands for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from screening.names.kana import hepburn
from screening.names.mention import Reading
from screening.names.normal_form import BREAK, chunks

_SHORT_MIX = 3
_MOST_RUNS = 4
_SHORTEST_JOINED = 6
_RUN = re.compile(r"[0-9]+|[^0-9]+")

_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003134f]{2,}")
_KANA = re.compile("[\u3041-\u309f\u30fc]{3,}")

_SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?"
    "(?:[aeo]|[ae]i|[ao]u|ao|[aeiu]n|[aei]ng|er|i?ong|i|i[ae]|iao|iu|i?ang?|u|u[ao]|u?ai|ui"
    "|u?ang?|ve?)"
)
"""Of pinyin, without tones, and some that nobody says."""

FEWEST_SYLLABLES = 3
"""Two syllables of pinyin or kana make words of every language: 2 x 400 of them."""

FEWEST_LETTERS = 6
"""Shorter romanisations are words: そら is sky and a name, ``sora``."""

MOST_GROUPED = 6
"""Syllables of which every grouping into words is a spelling; of more only the plain ones."""


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
    found = {words: Spelling(words=words) for words in _own_spellings(name)}
    if found:
        for words, weak in _romanised(name, language):
            romanised = Spelling(words=words, readings=(Reading.ROMANISED,), weak=weak)
            found.setdefault(words, romanised)
    return tuple(found.values())


def parts(word: str) -> list[str]:
    """``word`` split where digits meet letters, unless it is short or looks like a checksum."""
    if len(word) <= _SHORT_MIX or word.isalpha():
        return [word]
    runs = _RUN.findall(word)
    return runs if len(runs) <= _MOST_RUNS else [word]


def _own_spellings(name: str) -> list[tuple[str, ...]]:
    words = [word for word in chunks(name) if word != BREAK]
    if not words:
        return []
    bracketed = re.sub(r"[()（）]", BREAK, name)
    found = [words, *(_trimmed(list(chunks(each))) for each in (name, bracketed))]
    joined = "".join(words)
    if joined.isdecimal() or (len(words) == 1 and _is_short(joined)):
        found = [[BREAK, *each, BREAK] for each in found]
    elif joined.isascii() and (len(joined) >= _SHORTEST_JOINED or not joined.isalpha()):
        found.append([joined])
    return [tuple(part for word in each for part in parts(word)) for each in found]


def _trimmed(words: list[str]) -> list[str]:
    """``words`` without a break before or after."""
    return words[words[0] == BREAK : len(words) - (words[-1] == BREAK)]


def _is_short(word: str) -> bool:
    return len(word) == 1 or (len(word) == 2 and _RUN.fullmatch(word) is not None)


def _romanised(name: str, language: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Words in Latin letters, and whether they are weak."""
    words = [word for word in chunks(name) if word != BREAK]
    joined = "".join(words)
    if _HAN.fullmatch(joined) and not language.startswith(("ja", "ko")):
        for syllables in _pinyin(joined):
            yield from _grouped(syllables)
    elif _KANA.fullmatch(joined):
        for spelled in product(*map(hepburn, _kana_words(name))):
            weak = sum(map(len, spelled)) < FEWEST_LETTERS
            yield tuple(spelled), weak
            yield ("".join(spelled),), weak
    elif joined.isascii() and joined.isalpha():
        syllables = tuple(part for word in words for part in _segmented(word))
        if "" not in syllables and len(syllables) >= FEWEST_SYLLABLES and syllables != tuple(words):
            yield syllables, False


def _grouped(syllables: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    weak = len(syllables) < FEWEST_SYLLABLES
    if len(syllables) > MOST_GROUPED:
        yield syllables, weak
        yield ("".join(syllables),), weak
        return
    for cuts in product(("", " "), repeat=len(syllables) - 1):
        written = syllables[0] + "".join(map("".join, zip(cuts, syllables[1:], strict=True)))
        yield tuple(written.split(" ")), weak


def _kana_words(name: str) -> list[str]:
    """Words of a name in kana as blanks and dots divide it: ``chunks`` divides every kana."""
    divided = re.split(r"[\s・=＝]+", name.strip())
    return ["".join(chunks(each)) for each in divided]


def _pinyin(han: str) -> Iterator[tuple[str, ...]]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 4 MB of tables, for Chinese names only

    syllables = tuple(lazy_pinyin(han, errors="ignore"))
    if len(syllables) != len(han):
        return
    yield syllables
    if any("v" in each for each in syllables):  # ü
        yield tuple(each.replace("v", "u") for each in syllables)
        yield tuple(each.replace("v", "yu") for each in syllables)


def _segmented(word: str) -> tuple[str, ...]:
    """``word`` as syllables of pinyin, the longest first where there is a choice; else ("",)."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is not None and _is_syllable(word[start:end]):
                longer = best[end]
                if longer is None or len(before) + 1 < len(longer):
                    best[end] = (*before, word[start:end])
    return best[-1] or ("",)


def _is_syllable(text: str) -> bool:
    return len(text) > 1 and _SYLLABLE.fullmatch(text) is not None
