"""Text of strangers, made safe to read: nothing in it acts, hides or breaks a line.

Names of members are chosen by the uploader. Control characters, bidirectional overrides,
invisible characters and bytes that are not UTF-8 are replaced by their escapes (``\\x1b``,
``\\u202e``), and long names are cut in the middle, where they say least.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from screening.packs.member import printable, shortened

NAME_CHARACTERS = 64
"""Longest name that is shown whole: one line beside a picture in a report."""

SENTENCE_CHARACTERS = 600

TITLE_CHARACTERS = 600
"""Longest text under the pointer; a name may have 4,000 characters."""

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode general categories without a shape of their own, line breaks included."""

MARKS_IN_A_ROW = 2
"""More combining marks on one letter than any spelling needs are escaped: they pile up over the
lines around."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text: as it was given, or the escapes that stand for what cannot be shown."""

    text: str
    escaped: bool


def pieces(text: str, limit: int) -> tuple[Piece, ...]:
    """``text`` cut to at most ``limit`` characters, in stretches that are escaped or not."""
    shown = _shown(shortened(text, limit))
    return tuple(
        Piece(text="".join(part for _, part in group), escaped=escaped)
        for escaped, group in groupby(shown, key=lambda each: each[0])
    )


def visible(text: str, limit: int = NAME_CHARACTERS) -> str:
    """``text`` on one line, cut to at most ``limit`` characters, then escaped."""
    return "".join(piece.text for piece in pieces(text, limit))


def _shown(text: str) -> Iterator[tuple[bool, str]]:
    """Each character: whether it had to be escaped, and what is shown for it."""
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in HIDDEN_CATEGORIES or marks > MARKS_IN_A_ROW:
            yield True, escape(character)
        else:
            yield False, character


def escape(character: str) -> str:
    """``\\xNN``, ``\\uNNNN`` or ``\\UNNNNNNNN``, as Python and JSON write it."""
    if (surrogate := printable(character)) != character:
        return surrogate
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
