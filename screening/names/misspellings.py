"""Words of distinctive names with one letter wrong: ``doupo canqiong``, ``pikahcu``.

Deletion neighbourhoods (as in Wolf Garbe's SymSpell): two words are one edit apart only if they
become equal by deleting at most one letter from each. Asking takes as long as the word is, and
does not depend on how many words are known. What shares a deletion is compared by rapidfuzz.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from screening.names.tokens import BASE

FEWEST_LETTERS = 5
"""Of a word that may be misspelt, and of how it is: one edit joins too many words of four."""

MOST_LETTERS = 40

_FIRST_LETTER = 0xD1B54A32D192ED03
"""Odd, for the first letter of a word in the hashes of what it is with a letter left out."""

WHOLE = -1
"""In place of the letter that is left out of a word, where none is."""

_SIEVE_BITS = 26
"""2²⁶ bits: a table that lets through one of 25 hashes that nobody has, for 100,000 names."""


class Misspellings:
    """Known words, to be found from misspelt ones. Immutable."""

    def __init__(self, words: Iterable[str]) -> None:
        known = {word for word in words if word.isalpha()}
        self._words = sorted(each for each in known if FEWEST_LETTERS <= len(each) <= MOST_LETTERS)
        keys, of_key, without = _keys(self._words)
        order = np.argsort(keys, kind="stable")
        self._keys, self._of_key, self._without = keys[order], of_key[order], without[order]
        self._may_be = np.zeros(1 << _SIEVE_BITS - 3, np.uint8)
        places, bits = _sieved(keys)
        np.bitwise_or.at(self._may_be, places, bits)
        # where the keys begin that have the same upper bits: one or two of them
        self._bits = max(1, len(keys).bit_length())
        counts = np.bincount(_upper(self._keys, self._bits), minlength=1 << self._bits)
        self._begins = np.zeros((1 << self._bits) + 1, np.int32)
        np.cumsum(counts, out=self._begins[1:])

    def correct(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Each of ``words`` that is one edit from known words, with the first of those.

        The first letter of a word must be right.
        """
        asked = [word for word in words if FEWEST_LETTERS <= len(word) <= MOST_LETTERS + 1]
        keys, of_key, without = _keys(asked)
        in_sieve, bits = _sieved(keys)
        likely = np.flatnonzero(self._may_be[in_sieve] & bits)
        places, which = self._equal(keys[likely])
        likely = likely[which]
        known, words_asked = self._of_key[places], of_key[likely]
        # a wrong letter is missing at the same place in both, swapped ones at places side by side
        here, there = without[likely], self._without[places]
        near = (here == WHOLE) | (there == WHOLE) | (np.abs(here - there) <= 1)
        pairs = np.unique(words_asked[near] * len(self._words) + known[near])
        if not len(pairs):
            return []
        at_words, at_known = (each.tolist() for each in np.divmod(pairs, len(self._words)))
        found = list(map(asked.__getitem__, at_words))
        others = list(map(self._words.__getitem__, at_known))
        distances = cpdist(others, found, scorer=OSA.distance, score_cutoff=1, dtype=np.uint8)
        apart = np.flatnonzero(distances == 1)
        _, first = np.unique(np.array(at_words)[apart], return_index=True)
        return [(found[at], others[at]) for at in apart[first].tolist()]

    def _equal(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every pair of a known key and one of ``keys`` that are equal, by their places."""
        at = _upper(keys, self._bits)
        begins, ends = self._begins[at], self._begins[at + 1]
        left = np.flatnonzero(begins < ends)
        found, which = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        while len(left):
            places = begins[left]
            same = self._keys[places] == keys[left]
            found.append(places[same].astype(np.int64))
            which.append(left[same])
            begins[left] += 1
            left = left[begins[left] < ends[left]]
        return np.concatenate(found), np.concatenate(which)


def _sieved(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The byte of each hash in a table, and its bit there: upper bits depend on every letter."""
    at = _upper(keys, _SIEVE_BITS)
    return at >> 3, np.left_shift(1, at & 7, dtype=np.uint8, casting="unsafe")


def _upper(keys: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    return (keys >> np.uint64(64 - bits)).view(np.int64)


def _keys(words: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int8]]:
    """Hashes of every word and of it without each of its letters, which word each is of, and the
    place of the letter that is left out (`WHOLE`: none).

    The hash of letters c₀, c₁, … is Σ cᵢ·Bⁱ modulo 2⁶⁴, and c₀ of the whole word besides, which
    must be right; equal ones are compared by whoever asks.
    """
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    order = np.argsort(lengths, kind="stable")
    sorted_words = "".join(map(words.__getitem__, order.tolist()))
    text = np.frombuffer(sorted_words.encode("utf-32-le", "surrogatepass"), np.uint32)
    keys, of_key = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    without_place = [np.empty(0, np.int8)]
    first = begin = 0
    for length, count in enumerate(np.bincount(lengths).tolist()):
        places, first = order[first : first + count], first + count
        letters, begin = text[begin : begin + count * length], begin + count * length
        if not count:
            continue
        letters = letters.reshape(count, length).astype(np.uint64)
        powers = np.array([pow(BASE, power, 1 << 64) for power in range(length)], np.uint64)
        terms = letters * powers
        upto = np.cumsum(terms, axis=1, dtype=np.uint64)
        whole = upto[:, -1:]
        without = upto - terms + (whole - upto) * np.uint64(pow(BASE, -1, 1 << 64))
        of_first = letters[:, :1] * np.uint64(_FIRST_LETTER)
        keys.append((np.concatenate((whole, without), axis=1) + of_first).ravel())
        of_key.append(np.repeat(places, length + 1))
        without_place.append(np.tile(np.arange(WHOLE, length, dtype=np.int8), count))
    return np.concatenate(keys), np.concatenate(of_key), np.concatenate(without_place)
