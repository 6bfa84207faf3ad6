"""Texts cut into tokens as arrays: what `separators.Separated` does, for whole packs at once.

Everything here costs the same few operations of numpy for every character, whatever is written,
and no token becomes an object of Python. Captions of 10 MB have 1.5 million tokens, of which
nearly all say nothing: `screening.names.sieve` finds the others.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from screening.names.separators import Kind, kinds_of, words_around

BASE = 0x9E3779B97F4A7C15
"""An odd number with bits everywhere: 2⁶⁴ over the golden ratio (Knuth, TAOCP 3, 6.4)."""

_SENTENCE_LETTERS = 4
"""Fewest letters before a dot that ends a sentence; see `normal_form`."""

_POWER_BITS = 20
"""2²⁰ characters of a text, then the powers in its hashes begin again."""

_AT_ONCE = 1 << 14
"""Characters that are multiplied at once: their products stay in the processor's cache."""

_LOWER = bytes(range(128)).lower() + bytes(128)


@dataclass(slots=True)
class Tokens:
    """``(n,)`` arrays. ``starts`` and ``ends`` count characters of the text.

    ``kinds`` (`Kind`): `BREAK`, `FOLDER`, `END`; `LETTER` and `DIGIT` for tokens of nothing else,
    of ASCII; `WORD` for one character of a script without blanks; `OTHER` for what must be looked
    at one by one. ``hashes`` (uint64) are equal for tokens of letters or digits that are equal but
    for case: Σ cᵢ·`BASE`ⁱ modulo 2⁶⁴. A `LETTER` that ``ends_sentence`` has a dot besides, which
    is not in its hash. ``codes`` are the code points of the text.
    """

    codes: NDArray[np.uint8] | NDArray[np.uint32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    hashes: NDArray[np.uint64]
    ends_sentence: NDArray[np.bool_]

    @classmethod
    def of(cls, text: str, *, is_path: bool = False) -> "Tokens":
        codes, characters = kinds_of(text, is_path=is_path)
        starts, ends = _bounds(characters)
        kinds = characters[starts]
        strange = np.flatnonzero((characters > Kind.LETTER) & (characters != Kind.WORD))
        ends_sentence = np.zeros(len(starts), np.bool_)
        if len(strange):
            of_token = np.searchsorted(starts, strange, "right") - 1
            # the tokens they stand in, and how many of them and of digits there are in each
            first = np.flatnonzero(np.append(True, of_token[1:] != of_token[:-1]))
            at, others = of_token[first], np.diff(np.append(first, len(strange)))
            digits = np.add.reduceat(characters[strange] == Kind.DIGIT, first, dtype=np.int64)
            lengths = ends[at] - starts[at]
            ends_in_dot = (codes[ends[at] - 1] == ord(".")) & (kinds[at] == Kind.LETTER)
            ends_in_dot &= (others == 1) & (lengths > _SENTENCE_LETTERS)
            ends_sentence[at[ends_in_dot]] = True
            kinds[at[(digits < lengths) & ~ends_in_dot]] = Kind.OTHER
        hashes, broken = _hashes(codes, starts, ends - ends_sentence)
        kinds[broken] = Kind.OTHER
        return cls(codes, starts, ends, kinds, hashes, ends_sentence)


def _bounds(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    inside = kinds >= Kind.LETTER
    apart = ~inside & (kinds != Kind.BLANK)
    begins, ends = apart | inside, apart | inside
    begins[1:] &= ~inside[:-1] | apart[1:]
    ends[:-1] &= ~inside[1:] | apart[:-1]
    if (kinds == Kind.WORD).any():
        words, after = words_around(kinds)
        begins |= words
        ends |= after
        begins[1:] |= after[:-1] & inside[1:]
        ends[:-1] |= words[1:] & inside[:-1]
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of `BASE`, and of its inverse from `BASE` on, modulo 2⁶⁴."""
    powers = np.ones((2, 1 << _POWER_BITS), np.uint64)
    powers[1, 0] = BASE
    for each, base in zip(powers, (BASE, pow(BASE, -1, 1 << 64)), strict=True):
        each[1:] = base
        np.cumprod(each, out=each)
    return powers[0], powers[1]


def _hashes(
    codes: NDArray[np.uint8] | NDArray[np.uint32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Of every token, and the tokens for which this was not possible."""
    powers, inverse = _powers()
    plain = codes if codes.dtype == np.uint8 else np.minimum(codes, 128).astype(np.uint8)
    values = np.frombuffer(plain.tobytes().translate(_LOWER), np.uint8)
    upto = np.zeros(len(codes) + 1, np.uint64)
    for begin in range(0, len(codes), _AT_ONCE):
        part = values[begin : begin + _AT_ONCE]
        first = begin & (1 << _POWER_BITS) - 1
        np.multiply(part, powers[first : first + len(part)], out=upto[begin + 1 :][: len(part)])
    np.cumsum(upto, out=upto)
    hashes = (upto[ends] - upto[starts]) * inverse[starts & (1 << _POWER_BITS) - 1]
    if len(codes) <= 1 << _POWER_BITS:
        return hashes, np.empty(0, np.int64)
    return hashes, np.flatnonzero(starts >> _POWER_BITS != np.maximum(ends - 1, 0) >> _POWER_BITS)
