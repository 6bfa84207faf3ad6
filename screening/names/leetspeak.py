"""Digits and signs in place of letters: ``m3dus4``, ``m€du$a``, ``|\\/|3|)|_|$4``."""

import re
from collections.abc import Iterator
from itertools import islice, product

LETTERS_OF = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "bg", "7": "t", "8": "b",
    "9": "gq", "@": "a", "$": "s", "!": "i", "|": "il",
}  # fmt: skip

MOST_CHARACTERS = 40
"""Longest token that is read: no name is one word of more."""

MOST_DRAWN = 4 * MOST_CHARACTERS
"""Characters of a word before, and after, a drawn letter."""

MOST_READINGS = 32
"""Of one token: every sign that stands for two letters doubles them."""

FEWEST_LETTERS = 4
"""Shortest word that is read alone: ``3d``, ``4k`` and ``2nd`` mean what they say."""

FEWEST_IN_COMPANY = 3
"""And with other words of a name: ``thr0ugh th3``."""

MOST_NUMBERED = 4
"""Digits at the end of a token that may be a number: ``m3dus402``."""

_DRAWN = (
    ("|\\/|", "m"), ("|v|", "m"), ("/\\/", "n"), ("|\\|", "n"), ("|-|", "h"), ("|_|", "u"),
    ("(_)", "u"), ("\\/\\/", "w"), ("|<", "k"), ("|3", "b"), ("|)", "d"), ("|>", "p"),
    ("|_", "l"), ("[)", "d"), ("()", "o"), ("/-\\", "a"), ("/\\", "a"), ("\\/", "v"),
)  # fmt: skip
_DRAWN_LETTER = re.compile("|".join(re.escape(drawn) for drawn, _ in _DRAWN))
_LETTER_OF_DRAWN = dict(_DRAWN)
_ROUND = re.compile(r"\(_?\)")
_EDGE = re.compile(r"[\s,]")
_EDGES = "!|.,;:\"'`"


def letters(token: str) -> Iterator[str]:
    """Words that ``token`` (of ASCII, in lower case) may stand for, a bounded number.

    Only what mixes letters with digits or signs; the last digits may also be a number.
    """
    if len(token) > MOST_CHARACTERS:
        return
    yield from _replaced(token.strip(_EDGES))
    yield from _replaced(token)
    stripped = token.strip(_EDGES)
    for _ in range(MOST_NUMBERED):
        if not stripped[-1:].isdecimal():
            return
        stripped = stripped[:-1]
        yield from _replaced(stripped)


def _replaced(token: str) -> Iterator[str]:
    real = sum(map(str.isalpha, token))
    if len(token) < FEWEST_IN_COMPANY or real in (0, len(token)) or 3 * real < len(token):
        return
    choices = [
        character if character.isalpha() else LETTERS_OF.get(character, "") for character in token
    ]
    yield from map("".join, islice(product(*choices), MOST_READINGS))


def may_be_drawn(text: str) -> bool:
    """Whether `drawn` has anything to look for."""
    # one sign is looked for ten times as fast as two
    return (
        "|" in text
        or ("\\" in text and any(sign in text for sign in ("/\\", "\\/", "/-\\")))
        or ("[" in text and "[)" in text)
        or _ROUND.search(text) is not None
    )


def drawn(text: str) -> Iterator[tuple[int, int, str]]:
    """Words of ``text`` with letters drawn of several signs: start, end, and what they say."""
    done = 0
    for sign in _DRAWN_LETTER.finditer(text):
        if sign.start() < done:
            continue
        first = max(done, sign.start() - MOST_DRAWN)
        start = max(
            (edge.end() for edge in _EDGE.finditer(text, first, sign.start())), default=first
        )
        edge = _EDGE.search(text, sign.end(), sign.end() + MOST_DRAWN)
        done = edge.start() if edge else min(len(text), sign.end() + MOST_DRAWN)
        word = text[start:done].lower()
        yield start, done, _DRAWN_LETTER.sub(lambda sign: _LETTER_OF_DRAWN[sign[0]], word)
