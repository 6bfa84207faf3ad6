"""The form in which names and texts are compared."""

import re
import unicodedata
from collections.abc import Iterator

from screening.names.han import simplified
from screening.names.kana import hiragana
from screening.names.separators import BREAK_TOKEN, Separated, is_invisible, is_unspaced

BREAK = "\n"
"""What stands between tags, lines and sentences, as a word of its own."""

_BREAKS = frozenset("\n\r\v\f\t\x1c\x1d\x1e\x85\u2028\u2029,;|!?、。،؛؟")
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
_LETTERS |= {"ё": "е"}
_TRADEMARKS = frozenset("™℠")
_HANGUL_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_ACCENTED = ("LATIN", "GREEK")
_OPTIONAL_MARKS = ("COMBINING", "HEBREW", "ARABIC", "VARIATION", "MONGOLIAN FREE")

_MARK_FLOOD = re.compile(r"([^\w\x00-\x7f]{30})[^\w\x00-\x7f]+")
_SENTENCE_END = re.compile(r"[^\W\d_]{4}\.\Z")
"""After three letters it may be an abbreviation: "Dr. Strange"."""
_CHUNK = re.compile(r"\n|[^ \n]+")


def normalise(text: str) -> str:
    """``text`` as it is compared: words with one blank between, ``\\n`` between tags. Idempotent.

    NFKC, case, escapes, underscores, hyphens and other punctuation, accents of Latin and Greek,
    vowel points of Hebrew and Arabic, invisible and bidirectional characters, traditional and
    Japanese forms of Chinese characters and katakana are evened out. Every character of a script
    without blanks is a word.
    """
    return " ".join(chunks(text)).strip(" \n").replace(" \n ", "\n")


def chunks(text: str) -> Iterator[str]:
    """Words of ``text`` and single breaks between them, without blanks."""
    at_break = False
    for token in Separated(text).tokens():
        for chunk in chunks_of_token(token):
            if chunk != BREAK or not at_break:
                yield chunk
            at_break = chunk == BREAK


def chunks_of_token(token: str) -> Iterator[str]:
    """Words and breaks of one token of `Separated`."""
    if token == BREAK_TOKEN:
        yield BREAK
        return
    if token.isascii() and token.isalnum():
        yield token.lower()
        return
    for found in _CHUNK.finditer(_folded(token)):
        yield found[0]
    if token[-1] == "." and _SENTENCE_END.search(token):
        yield BREAK


def _folded(token: str) -> str:
    if not token.isascii():
        # NFKC sorts a run of n combining marks in n² steps: 30 marks are the limit that Unicode's
        # Stream-Safe Text Format sets (UAX #15, section 13).
        token = _MARK_FLOOD.sub(r"\1", token.translate(_VISIBLE))
        token = unicodedata.normalize("NFKC", token)
    return token.casefold().translate(_FOLDED)


class _Visible(dict[int, str]):
    """Per code point: itself; nothing for invisible characters. Filled as texts need it.

    It runs before NFKC, which would not join a letter and its mark over an invisible character.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        shown = character
        if is_invisible(character) or character in _HANGUL_FILLERS:
            shown = ""
        elif character in _TRADEMARKS:
            shown = " "
        return _kept(self, code, shown)


class _Folded(dict[int, str]):
    """Per code point after NFKC and case folding: what is compared. Filled as texts need it."""

    def __missing__(self, code: int) -> str:
        return _kept(self, code, _folded_character(chr(code)))


def _kept(table: dict[int, str], code: int, text: str) -> str:
    # Above U+FFFF nothing is kept, or a hostile text could grow the table to a million entries.
    if code <= 0xFFFF:
        table[code] = text
    return text


def _folded_character(character: str) -> str:
    category = unicodedata.category(character)
    script = unicodedata.name(character, "")
    folded = " "
    if character in _BREAKS:
        folded = BREAK
    elif category == "Nd":
        folded = str(unicodedata.decimal(character))
    elif is_invisible(character) or (
        category in ("Mn", "Me") and script.startswith(_OPTIONAL_MARKS)
    ):
        folded = ""
    elif category[0] in "LMN" and is_unspaced(character):
        folded = f" {simplified(hiragana(character))} "
    elif category[0] in "LMN" and not script.startswith("MODIFIER LETTER"):
        folded = _LETTERS.get(character, character)
        if script.startswith(_ACCENTED):
            parts = unicodedata.normalize("NFKD", character)
            folded = "".join(_LETTERS.get(c, c) for c in parts if not unicodedata.combining(c))
    return folded


_VISIBLE = _Visible()
_FOLDED = _Folded()
