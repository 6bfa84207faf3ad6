"""Words of distinctive names with one letter wrong: ``doupo canqiong``, ``pikahcu``.

Deletion neighbourhoods (as in Wolf Garbe's SymSpell): two words are one edit apart only if they
become equal by deleting at most one letter from each. Asking takes as long as the word is, and
does not depend on how many words are known. What shares a deletion is compared by rapidfuzz.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

FEWEST_LETTERS = 5
"""Of a word that may be misspelt, and of how it is: one edit joins too many words of four."""

MOST_LETTERS = 40

_BASE = 0x9E3779B97F4A7C15
"""An odd number with bits everywhere: 2⁶⁴ over the golden ratio (Knuth, TAOCP 3, 6.4)."""


_SIEVE = 1 << 23
"""Places of a table that lets through one of ten hashes that nobody has, for 100,000 words."""


class Misspellings:
    """Known words, to be found from misspelt ones. Immutable."""

    def __init__(self, words: Iterable[str]) -> None:
        known = {word for word in words if word.isalpha()}
        self._words = sorted(each for each in known if FEWEST_LETTERS <= len(each) <= MOST_LETTERS)
        keys, of_key = _keys(self._words)
        order = np.argsort(keys, kind="stable")
        self._keys, self._of_key = keys[order], of_key[order]
        self._may_be = np.zeros(_SIEVE, np.bool_)
        self._may_be[_sieved(keys)] = True

    def correct(self, words: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each of ``words`` that is one edit from known words, with the first of those.

        The first letter of a word must be right.
        """
        asked = [word for word in words if FEWEST_LETTERS <= len(word) <= MOST_LETTERS + 1]
        keys, of_key = _keys(asked)
        likely = self._may_be[_sieved(keys)]
        keys, of_key = keys[likely], of_key[likely]
        first = np.searchsorted(self._keys, keys, "left")
        last = np.searchsorted(self._keys, keys, "right")
        found: dict[int, set[int]] = {}
        for at in np.flatnonzero(first < last).tolist():
            known = self._of_key[first[at] : last[at]].tolist()
            found.setdefault(int(of_key[at]), set()).update(known)
        for at, candidates in sorted(found.items()):
            word = asked[at]
            for known in map(self._words.__getitem__, sorted(candidates)):
                if known[0] == word[0] and OSA.distance(known, word, score_cutoff=1) == 1:
                    yield word, known
                    break


def _sieved(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The place of each hash in a table: its upper bits, which depend on every letter."""
    return (keys >> np.uint64(64 - (_SIEVE.bit_length() - 1))).astype(np.int64)


def _keys(words: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of every word and of it without each of its letters, and which word each is of.

    The hash of letters c₀, c₁, … is Σ cᵢ·Bⁱ modulo 2⁶⁴; equal ones are compared by whoever asks.
    """
    of_length: dict[int, list[int]] = {}
    for at, word in enumerate(words):
        of_length.setdefault(len(word), []).append(at)
    keys, of_key = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for length, places in of_length.items():
        text = "".join(words[at] for at in places).encode("utf-32-le", "surrogatepass")
        letters = np.frombuffer(text, np.uint32).reshape(-1, length).astype(np.uint64)
        powers = np.array([pow(_BASE, power, 1 << 64) for power in range(length)], np.uint64)
        terms = letters * powers
        upto = np.cumsum(terms, axis=1, dtype=np.uint64)
        whole = upto[:, -1:]
        without = upto - terms + (whole - upto) * np.uint64(pow(_BASE, -1, 1 << 64))
        keys.append(np.concatenate((whole, without), axis=1).ravel())
        of_key.append(np.repeat(np.array(places, np.int64), length + 1))
    return np.concatenate(keys), np.concatenate(of_key)
