"""Words by their hashes, all that are asked at once: numbers of them, and which follow each other.

Hashes are those of `screening.names.tokens`. Their upper bits say where a word stands.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.names.tokens import BASE

NO_WORD = -1
"""In place of the number of a word: it is in no name."""

_ROOM = 4
"""Places of a hash table for each thing in it."""

SEEN_BITS = 17
"""2¹⁷ words are remembered while texts are read, in each of two tables."""


class WordTable:
    """Hashes and the number of each; linear probing."""

    def __init__(self, hashes: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        self._bits = max(10, (_ROOM * len(hashes)).bit_length())
        self._hashes = np.zeros(1 << self._bits, np.uint64)
        self._numbers = np.full(1 << self._bits, NO_WORD, np.int32)
        places = upper_bits(hashes, self._bits)
        left = np.arange(len(hashes))
        while len(left):
            free = left[self._hashes[places[left]] == 0]
            self._numbers[places[free]] = numbers[free]
            self._hashes[places[free]] = hashes[free]
            left = left[self._hashes[places[left]] != hashes[left]]
            places[left] = (places[left] + 1) % len(self._hashes)

    @classmethod
    def of_sequences(cls, sequences: Mapping[tuple[int, ...], int]) -> "WordTable":
        """Of numbers of words, as many in each, by `hash_of`."""
        if not sequences:
            return cls(np.empty(0, np.uint64), np.empty(0, np.int32))
        hashes = hash_of(*np.array(list(sequences), np.int64).T)
        return cls(hashes, np.fromiter(sequences.values(), np.int32, len(sequences)))

    def look_up(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of each, or `NO_WORD`."""
        places = upper_bits(hashes, self._bits)
        there = self._hashes[places]
        found = np.full(len(hashes), NO_WORD, np.int32)
        at = np.flatnonzero(there == hashes)
        found[at] = self._numbers[places[at]]
        left = np.flatnonzero((there != hashes) & (there != 0))
        while len(left):
            places[left] = (places[left] + 1) % len(self._hashes)
            there = self._hashes[places[left]]
            same = there == hashes[left]
            found[left[same]] = self._numbers[places[left[same]]]
            left = left[~same & (there != 0)]
        return found


class SeenWords:
    """The numbers of words that came before: a word has one place in each of two tables.

    Whoever comes first keeps the first place, as frequent words come early; rare ones take the
    second from each other. Nothing is remembered wrong, only forgotten.
    """

    def __init__(self) -> None:
        self._bits = SEEN_BITS
        self._hashes = np.zeros((2, 1 << self._bits), np.uint64)
        self._numbers = np.full((2, 1 << self._bits), NO_WORD, np.int32)

    def look_up(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The number of each, and which of them are not remembered."""
        places = upper_bits(hashes, self._bits)
        numbers = self._numbers[0][places]
        left = np.flatnonzero(self._hashes[0][places] != hashes)
        if len(left):
            places = self._second(hashes[left])
            numbers[left] = self._numbers[1][places]
            left = left[self._hashes[1][places] != hashes[left]]
        return numbers, left

    def keep(self, hashes: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        """Remember words, each of which is given once."""
        places = upper_bits(hashes, self._bits)
        free = self._hashes[0][places] == 0
        self._numbers[0][places[free]] = numbers[free]
        self._hashes[0][places[free]] = hashes[free]
        late = np.flatnonzero(self._hashes[0][places] != hashes)
        places = self._second(hashes[late])
        self._numbers[1][places] = numbers[late]
        self._hashes[1][places] = hashes[late]

    def _second(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        return upper_bits(hashes << np.uint64(self._bits), self._bits)


class PairSieve:
    """Pairs of words, of which each is looked up by itself: most pairs that are none stay out."""

    def __init__(self, pairs: Collection[tuple[int, ...]], count: int) -> None:
        """``pairs`` are of numbers below ``count``."""
        bits = max(10, (_ROOM * len(pairs)).bit_length())
        # words that begin nothing, or end nothing, lead into quarters of the table that are empty
        self._begins = np.full(count, 1 << bits, np.int32)
        self._ends = np.full(count, 2 << bits, np.int32)
        self._may_be = np.zeros(4 << bits, np.bool_)
        if pairs:
            first, second = np.array(sorted(pairs), np.int64).T
            numbers = np.arange(count)
            for words, places, salt in ((first, self._begins, 1), (second, self._ends, 2)):
                places[words] = upper_bits(hash_of(numbers, numbers * 0 + salt), bits)[words]
            self._may_be[self._begins[first] ^ self._ends[second]] = True

    def following(self, first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.int64]:
        """Which of ``first`` may make a pair with the ``second`` at the same place."""
        return np.flatnonzero(self._may_be[self._begins[first] ^ self._ends[second]])

    def may_be(self, first: int, second: int) -> bool:
        """The same for one pair."""
        return bool(self._may_be[self._begins[first] ^ self._ends[second]])


def upper_bits(hashes: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    return (hashes >> np.uint64(64 - bits)).view(np.int64)


def hash_of(*columns: NDArray[Any]) -> NDArray[np.uint64]:
    """Of sequences whose numbers stand in ``columns``; the first may be hashes of what is before.

    Steps of Fowler, Noll and Vo's hash, then a mix, as the upper bits are used.
    """
    hashes = columns[0].astype(np.uint64)
    for column in columns[1:]:
        hashes = (hashes * np.uint64(BASE)) ^ column.astype(np.uint64)
        hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(BASE)
    return hashes
