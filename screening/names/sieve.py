"""With which words names begin, so that all tokens of a text can be asked at once.

A name of one word begins where that word stands; any other where its first two or three words
follow each other. Both are looked up by hash: nothing is missed, and now and then a place is taken
for nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.names.normal_form import BREAK
from screening.names.tokens import BASE, Tokens
from screening.names.vocabulary import LETTERS, Vocabulary

NO_WORD = -1
"""In place of the number of a word: it is in no name."""

_ROOM = 4
"""Places of a hash table for each thing in it."""


class WordTable:
    """Hashes and the number of each; linear probing, for all that are asked at once."""

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

    def look_up(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of each, or `NO_WORD`."""
        places = upper_bits(hashes, self._bits)
        there = self._hashes[places]
        found = self._numbers[places]
        other = there != hashes
        found[other] = NO_WORD
        left = np.flatnonzero(other & (there != 0))
        while len(left):
            places[left] = (places[left] + 1) % len(self._hashes)
            there = self._hashes[places[left]]
            same = there == hashes[left]
            found[left[same]] = self._numbers[places[left[same]]]
            left = left[~same & (there != 0)]
        return found


def upper_bits(hashes: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    return (hashes >> np.uint64(64 - bits)).astype(np.int64)


class Sieve:
    """What begins the names of all reference sets, by numbers of words. Immutable."""

    def __init__(self, vocabulary: Vocabulary, patterns: Iterable[Sequence[str]]) -> None:
        self.vocabulary = vocabulary
        number = vocabulary.numbers
        plain = [word for word in number if word.isascii() and (word.isalpha() or word.isdigit())]
        tokens = Tokens.of(" ".join(plain))
        self.words = WordTable(tokens.hashes, np.array([number[word] for word in plain], np.int32))
        self.first_letter = min(number[letter] for letter in LETTERS)
        count = len(number) + 1  # the last place is that of NO_WORD
        self.alone, self.whole, self.begins, self.follows = np.zeros((4, count), np.bool_)
        self.longest = np.zeros(count, np.uint8)
        pairs = set[tuple[int, ...]]()
        starts = set[tuple[int, ...]]()
        for pattern in patterns:
            words = tuple(number[word] for word in pattern if word != BREAK)
            self.longest[words[0]] = max(self.longest[words[0]], min(len(words), 255))
            if len(words) == 1:
                (self.whole if pattern[0] == BREAK else self.alone)[words[0]] = True
            elif len(words) == 2:
                pairs.add(words)
            else:
                starts.add(words[:3])
        begun = pairs | {start[:2] for start in starts}
        self.begins[[first for first, _ in begun]] = True
        self.follows[[second for _, second in begun]] = True
        self._begun, self._pairs, self._starts = map(WordSet, (begun, pairs, starts))

    def beginnings(
        self, first: NDArray[np.int32], last: NDArray[np.int32], is_long: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """The tokens with which a name of several words may begin.

        ``first`` and ``last`` are the words of each token, ``is_long`` says where there are more.
        """
        at = np.flatnonzero(self.begins[last[:-1]] & self.follows[first[1:]])
        pairs = hash_of(last[at], first[at + 1])
        begun = self._begun.has(pairs)
        at, pairs = at[begun], pairs[begun]
        third = np.append(first, NO_WORD)[at + 2]
        found = self._pairs.has(pairs) | is_long[at + 1]
        found |= (third != NO_WORD) & self._starts.has(hash_of(pairs, third))
        return at[found]


class WordSet:
    """Sequences of numbers of words, by their hashes."""

    def __init__(self, sequences: Collection[tuple[int, ...]]) -> None:
        self._hashes = np.empty(0, np.uint64)
        if sequences:
            self._hashes = np.unique(hash_of(*np.array(sorted(sequences), np.int64).T))
        self._bits = max(10, (_ROOM * len(self._hashes)).bit_length())
        self._may_be = np.zeros(1 << self._bits, np.bool_)
        self._may_be[upper_bits(self._hashes, self._bits)] = True

    def has(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        found = self._may_be[upper_bits(hashes, self._bits)]
        at = np.flatnonzero(found)
        if len(at):
            places = np.searchsorted(self._hashes, hashes[at]) % len(self._hashes)
            found[at] = self._hashes[places] == hashes[at]
        return found


def hash_of(*columns: NDArray[Any]) -> NDArray[np.uint64]:
    """Of sequences whose numbers stand in ``columns``; the first may be hashes of what is before.

    Steps of Fowler, Noll and Vo's hash, then a mix, as the upper bits are used.
    """
    hashes = columns[0].astype(np.uint64)
    for column in columns[1:]:
        hashes = (hashes * np.uint64(BASE)) ^ column.astype(np.uint64)
        hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(BASE)
    return hashes
