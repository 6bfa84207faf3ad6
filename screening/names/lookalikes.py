"""Letters of other scripts that look like Latin ones: ``Меdusa`` with Cyrillic М and е.

From Unicode's confusables (UTS #39), as the package confusable-homoglyphs has them, and from
the names of signs and small capitals that are drawn as letters: ``🅼``, ``🇲``, ``ᴍ``.
"""

import re
import string
import unicodedata
from functools import cache, lru_cache

from confusable_homoglyphs import confusables

_DRAWN_AS_LETTER = re.compile(
    r"(?:NEGATIVE (?:SQUARED|CIRCLED) LATIN CAPITAL LETTER"
    r"|REGIONAL INDICATOR SYMBOL LETTER|LATIN LETTER SMALL CAPITAL"
    r"|LATIN (?:SMALL|CAPITAL) LETTER (?:SCRIPT|OPEN|REVERSED|TURNED|DOTLESS|BARRED))"
    r" ([A-Z])"
)
_ALSO = {
    **{"€": "e", "£": "l", "¢": "c", "¥": "y", "ß": "b"},
    **{"в": "b", "з": "e", "и": "u", "к": "k", "м": "m", "н": "h", "п": "n", "т": "t", "я": "r"},
    **{"β": "b", "ε": "e", "η": "n", "κ": "k", "μ": "u", "τ": "t", "ω": "w"},
}
"""What people write for Latin letters and the confusables do not list: they keep to shapes that
are mistaken in print."""

_TURNED = dict(zip("ɐɔǝəɟƃɥᴉɾʞꞁɯɹʇʌʍʎ", "aceefghijklmrtvwy", strict=True))
_TURNED_TOO = dict(zip("bdnpqulosxz", "qpudbnlosxz", strict=True))
"""What upside-down letters stand for: those that only those are, and those that are others too."""

PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""Two letters of ASCII that look like one."""


@lru_cache(maxsize=1 << 15)
def looks_like(character: str) -> str:
    """The Latin letter, in lower case, that ``character`` looks like; itself if there is none."""
    if character.isascii():
        return character
    for each in (character, unicodedata.normalize("NFD", character)[0], character.lower()):
        if each.isascii() and each.isalpha():
            return each.lower()
        if letter := _ALSO.get(each) or _confusable().get(each):
            return letter
    drawn = _DRAWN_AS_LETTER.fullmatch(unicodedata.name(character, ""))
    return drawn[1].lower() if drawn else character


def as_latin(text: str) -> str:
    """``text`` with every letter of another script replaced by the Latin one it looks like."""
    return "".join(map(looks_like, text))


def upright(text: str) -> tuple[str, ...]:
    """``text`` turned, if it has letters that stand upside down: read from its end, and its begin.

    Who turns text leaves its letters in order or turns the whole line.
    """
    if _TURNED.keys().isdisjoint(text):
        return ()
    turned = "".join(_TURNED.get(each) or _TURNED_TOO.get(each, each) for each in text)
    return turned[::-1], turned


@cache
def _confusable() -> dict[str, str]:
    """Character -> Latin letter. Where several letters claim a character, the first one has it."""
    letters: dict[str, str] = {}
    for letter in string.ascii_letters:
        for each in confusables.confusables_data.get(letter, ()):
            character = each["c"]
            if len(character) == 1 and not character.isascii():
                letters.setdefault(character, letter.lower())
    return letters
