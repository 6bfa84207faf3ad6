"""Texts cut into tokens: what is cheap, once for every character.

A token is whatever stands between blanks, as it is written; ``,`` is the break between tags,
lines and sentences. What a token means is found out once for each different token
(`normal_form`), which is what makes matching fast: captions repeat their words.
"""

import re
import unicodedata
from enum import IntEnum
from typing import Any

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

_EXTENDING = re.compile(
    "[\u1160-\u11ff\ud7b0-\ud7ff\u314f-\u3163\uffc2-\uffdc\uff9e\uff9f\u115f\u3164\uffa0]"
)
"""Vowels and finals of Hangul in parts, half-width voicing marks, fillers."""

_UNSPACED = (
    *("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "HALFWIDTH"),
    *("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"),
)


class Kind(IntEnum):
    """What a character is. From `LETTER` on it is part of a token, or one of its own."""

    UNKNOWN = 0
    BLANK = 1
    BREAK = 2
    FOLDER = 3
    END = 4
    LETTER = 5
    DIGIT = 6
    OTHER = 7
    MARK = 8
    WORD = 9
    """Of a script that sets no blanks: a word by itself, with the marks that follow."""


def is_invisible(character: str) -> bool:
    """Whether tokenisers of text encoders leave ``character`` out, and join what is around it.

    ``BasicTokenizer`` of huggingface/transformers does so, which ``CLIPTokenizer`` uses, with all
    of Unicode's categories C and with U+FFFD; SentencePiece's ``nmt_nfkc`` with control characters.
    What ends a line is none.
    """
    is_left_out = unicodedata.category(character)[0] == "C" or character == "\ufffd"
    return is_left_out and character not in _BREAKS


def _ascii_separator(code: int) -> str:
    character = chr(code)
    if character.isalnum() or character in _KEPT:
        return character
    if character in _BREAKS:
        return BREAK_TOKEN
    return character if is_invisible(character) else " "


_ASCII = {code: _ascii_separator(code) for code in range(128)}
_IN_NAMES = {**_ASCII, **{ord(each): " " for each in "!,.|;?"}, ord(FOLDER_TOKEN): FOLDER_TOKEN}


class Separated:
    """A text whose separators are blanks and breaks. ``text`` may be longer than the original."""

    def __init__(self, text: str) -> None:
        self.text = text.translate(_ASCII) if text.isascii() else _separated(text)

    def tokens(self) -> list[str]:
        return self.text.replace(BREAK_TOKEN, f" {BREAK_TOKEN} ").split()


def is_unspaced(character: str) -> bool:
    """Whether the script sets no blanks between words: each character is a word then."""
    return unicodedata.name(character, "").startswith(_UNSPACED)


def kinds_of(text: str, *, is_path: bool = False) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Code points and `Kind` of every character; bytes where all of them are ASCII.

    Of a path the folders are set apart, by ``/``, and nothing else: pictures are numbered and
    lettered there, which makes no sentence.
    """
    if text.isascii():
        raw = text.encode("ascii")
        kinds = raw.translate(_ASCII_KINDS_IN_NAMES if is_path else _ASCII_KINDS)
        return np.frombuffer(raw, np.uint8), np.frombuffer(kinds, np.uint8)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found = _kinds(codes)
    if is_path:
        found[found == Kind.BREAK] = Kind.BLANK
        below = codes < 128
        found[below] = np.frombuffer(_ASCII_KINDS_IN_NAMES, np.uint8)[codes[below]]
    return codes, found


def words_around(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which characters are words by themselves, and which end such a word with its marks."""
    words, marks = kinds == Kind.WORD, kinds == Kind.MARK
    carriers = np.maximum.accumulate(np.where(marks, 0, np.arange(len(kinds))))
    after = words[carriers]
    after[:-1] &= ~marks[1:]
    return words, after


def _separated(text: str) -> str:
    codes, kinds = kinds_of(text)
    separated = codes.copy()
    separated[kinds == Kind.BLANK] = ord(" ")
    separated[kinds == Kind.BREAK] = ord(BREAK_TOKEN)
    words, after = words_around(kinds)
    counts = np.ones(len(codes), np.int64) + words + after
    last = np.cumsum(counts) - 1
    apart = np.full(int(last[-1]) + 1, ord(" "), np.uint32)
    apart[last - after] = separated
    return apart.tobytes().decode("utf-32-le", "surrogatepass")


def _ascii_kind(code: int, separators: dict[int, str]) -> Kind:
    character = separators[code]
    if is_invisible(chr(code)) and chr(code) != END_TOKEN:
        return Kind.MARK
    kind = {" ": Kind.BLANK, FOLDER_TOKEN: Kind.FOLDER, END_TOKEN: Kind.END}.get(character)
    if kind is None and character == BREAK_TOKEN and separators is _ASCII:
        kind = Kind.BREAK
    if kind is None and character.isalnum():
        kind = Kind.LETTER if character.isalpha() else Kind.DIGIT
    return Kind.OTHER if kind is None else kind


_ASCII_KINDS, _ASCII_KINDS_IN_NAMES = (
    bytes(_ascii_kind(code, separators) for code in range(128)) + bytes(128)
    for separators in (_ASCII, _IN_NAMES)
)
_KIND_OF = np.zeros(0x11_0000, np.uint8)
"""Filled as texts need it; what several threads write at once is the same."""
_KIND_OF[:128] = np.frombuffer(_ASCII_KINDS[:128], np.uint8)


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    kinds = _KIND_OF[codes]
    if not kinds.all():
        for code in np.unique(codes[kinds == Kind.UNKNOWN]).tolist():
            _KIND_OF[code] = _kind(chr(code))
        kinds = _KIND_OF[codes]
    return kinds


def _kind(character: str) -> Kind:
    category = unicodedata.category(character)
    if character in _BREAKS:
        return Kind.BREAK
    if category[0] == "M" or is_invisible(character) or _EXTENDING.match(character):
        return Kind.MARK
    compatible = unicodedata.normalize("NFKC", character).strip()
    if any(each in _BREAKS for each in compatible):
        return Kind.BREAK
    if not any(unicodedata.category(each)[0] in "LN" for each in compatible):
        return Kind.OTHER if looks_like(character) != character else Kind.BLANK
    return Kind.WORD if is_unspaced(compatible[0]) else Kind.OTHER
