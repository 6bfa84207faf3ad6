"""Chinese characters: one form for the simplified, traditional and Japanese ones, and pinyin.

The tables are OpenCC's (Apache-2.0) and pypinyin's (MIT). They are asked for one character at a
time: which phrase it stands in does not matter to a comparison, only that both sides become the
same.
"""

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain

from opencc import OpenCC

_STEPS = ("jp2t", "t2s")
_RANGES = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x2_0000, 0x3_2000))
"""The blocks of unified and compatible ideographs."""

_MOST_ROUNDS = 8
"""No chain of variants in the tables is longer than 3."""


_TONES = re.compile("[\u0300\u0301\u0304\u030c]")
_UMLAUT = "u\u0308"


def simplified(character: str) -> str:
    """The simplified form of one character; of any other, itself. Idempotent."""
    return _table().get(character, character)


@cache
def _table() -> dict[str, str]:
    """What `simplified` changes, some 5,000 characters."""
    characters = [chr(code) for code in chain(*_RANGES)]
    steps = "\n".join(characters)
    for step in _STEPS:
        steps = OpenCC(step).convert(steps)
    changed = {
        before: after
        for before, after in zip(characters, steps.split("\n"), strict=True)
        if before != after and len(after) == 1
    }
    return {character: _end(character, changed) for character in changed}


def _end(character: str, changed: dict[str, str]) -> str:
    """Where the chain of changes ends; the first in order of those that change into each other."""
    seen = [character]
    for _ in range(_MOST_ROUNDS):
        following = changed.get(seen[-1], seen[-1])
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


@lru_cache(maxsize=1 << 14)
def pinyin(character: str) -> tuple[str, ...]:
    """How a Chinese character is read, without tones, the most frequent reading first.

    ü is written ``v``, ``u`` and ``yu``, as people type it. Empty for what has no reading.
    """
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - for Chinese names only

    marked = unicodedata.normalize("NFD", pinyin_dict.get(ord(character), ""))
    readings: dict[str, None] = {}
    for each in _TONES.sub("", marked).split(","):
        for umlaut in ("v", "u", "yu") if _UMLAUT in each else ("",):
            readings[each.replace(_UMLAUT, umlaut)] = None
    return tuple(each for each in readings if each.isascii() and each)
