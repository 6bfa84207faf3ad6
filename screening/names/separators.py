"""Texts cut into tokens: what is cheap, once for every character.

A token is whatever stands between blanks, as it is written; ``,`` is the break between tags,
lines and sentences. What a token means is found out once for each different token
(`normal_form`), which is what makes matching fast: captions repeat their words.
"""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from screening.names.lookalikes import looks_like

BREAK_TOKEN = ","
FOLDER_TOKEN = "/"
END_TOKEN = "\0"
"""Between texts that are read together (`screening.names.pieces`)."""

_KEPT = frozenset("!$.@|")
"""Stand for letters in leetspeak, or end sentences; every other sign of ASCII separates."""

_BREAKS = frozenset("\n\r\v\f\t\x1c\x1d\x1e\x1f\x85\u2028\u2029,;|!?、。،؛؟")

_EXTENDING = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\u115f\u3164\uffa0]")
"""Vowels and finals of Hangul in parts, half-width voicing marks, fillers."""

_UNSPACED = (
    *("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "HALFWIDTH"),
    *("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"),
)

_UNKNOWN, _PART, _BLANK, _BREAK, _WORD, _MARK = range(6)
"""What a character is: part of a word, a separator, a word of its own, or a mark on another."""


def _ascii_separator(code: int) -> str:
    character = chr(code)
    if character.isalnum() or character in _KEPT or character == END_TOKEN:
        return character
    return BREAK_TOKEN if character in _BREAKS else " "


_ASCII = {code: _ascii_separator(code) for code in range(128)}
_IN_NAMES = {**_ASCII, **{ord(each): " " for each in "!,.|;?"}, ord(FOLDER_TOKEN): FOLDER_TOKEN}


class Separated:
    """A text whose separators are blanks and breaks. ``text`` may be longer than the original.

    Of a path the folders are set apart, by ``/``, and nothing else: pictures are numbered and
    lettered there, which makes no sentence.
    """

    def __init__(self, text: str, *, is_path: bool = False) -> None:
        self._break = FOLDER_TOKEN if is_path else BREAK_TOKEN
        self._origins: NDArray[np.int64] | None = None
        if text.isascii():
            self.text = text.translate(_IN_NAMES if is_path else _ASCII)
        else:
            self.text, self._origins = _separated(text, is_path)

    def tokens(self) -> list[str]:
        return self.text.replace(self._break, f" {self._break} ").split()

    def spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each of `tokens` begins and ends in the original text."""
        codes = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), np.uint32)
        breaks = codes == ord(self._break)
        apart = np.concatenate(([True], breaks | (codes == ord(" ")), [True]))
        inside = ~apart[1:-1]
        starts = np.flatnonzero((inside & apart[:-2]) | breaks)
        ends = np.flatnonzero((inside & apart[2:]) | breaks)
        if self._origins is not None:
            starts, ends = self._origins[starts], self._origins[ends]
        return starts, ends + 1


def is_unspaced(character: str) -> bool:
    """Whether the script sets no blanks between words: each character is a word then."""
    return unicodedata.name(character, "").startswith(_UNSPACED)


def _separated(text: str, is_path: bool) -> tuple[str, NDArray[np.int64] | None]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds(codes)
    separated = codes.copy()
    separated[kinds == _BLANK] = ord(" ")
    separated[kinds == _BREAK] = ord(" " if is_path else BREAK_TOKEN)
    if is_path:
        below = codes < 128
        separated[below] = _CODES_IN_NAMES[codes[below]]
    words = kinds == _WORD
    origins = None
    if words.any():
        separated, origins = _set_apart(separated, words, marks=kinds == _MARK)
    return separated.tobytes().decode("utf-32-le", "surrogatepass"), origins


def _set_apart(
    codes: NDArray[np.uint32], words: NDArray[np.bool_], *, marks: NDArray[np.bool_]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """A blank before every one of ``words``, and one after it and the marks on it."""
    carriers = np.maximum.accumulate(np.where(marks, 0, np.arange(len(codes))))
    after = words[carriers]
    after[:-1] &= ~marks[1:]
    counts = np.ones(len(codes), np.int64) + words + after
    last = np.cumsum(counts) - 1
    apart = np.full(int(last[-1]) + 1, ord(" "), np.uint32)
    apart[last - after] = codes
    return apart, np.repeat(np.arange(len(codes)), counts)


_CODES_IN_NAMES = np.array([ord(_IN_NAMES[code]) for code in range(128)], np.uint32)
_KIND_OF = np.full(0x11_0000, _UNKNOWN, np.uint8)
"""Filled as texts need it; what several threads write at once is the same."""
_KIND_OF[:128] = [
    {" ": _BLANK, BREAK_TOKEN: _BREAK}.get(_ASCII[code], _PART) for code in range(128)
]


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    kinds = _KIND_OF[codes]
    if not kinds.all():
        for code in np.unique(codes[kinds == _UNKNOWN]).tolist():
            _KIND_OF[code] = _kind(chr(code))
        kinds = _KIND_OF[codes]
    return kinds


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf" or _EXTENDING.match(character):
        return _MARK
    compatible = unicodedata.normalize("NFKC", character).strip()
    if any(each in _BREAKS for each in compatible) or character in _BREAKS:
        return _BREAK
    if not any(unicodedata.category(each)[0] in "LN" for each in compatible):
        return _PART if looks_like(character) != character else _BLANK
    return _WORD if is_unspaced(compatible[0]) else _PART
