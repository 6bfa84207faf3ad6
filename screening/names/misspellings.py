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
"""Of a word that may be misspelt. One edit joins too many words of four letters."""

MOST_LETTERS = 40


class Misspellings:
    """Known words, to be found from misspelt ones. Immutable."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted({word for word in words if _may_be_misspelt(word)})
        shortened = [(key, at) for at, word in enumerate(self._words) for key in _keys(word)]
        keys = np.fromiter((key for key, _ in shortened), np.int64, len(shortened))
        order = np.argsort(keys, kind="stable")
        self._keys: NDArray[np.int64] = keys[order]
        of_word = np.fromiter((at for _, at in shortened), np.int32, len(shortened))
        self._of_key: NDArray[np.int32] = of_word[order]

    def correct(self, words: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each of ``words`` that is one edit from known words, with the first of those."""
        asked = [
            (key, word)
            for word in words
            if FEWEST_LETTERS - 1 <= len(word) <= MOST_LETTERS + 1
            for key in _keys(word)
        ]
        if not asked or not len(self._keys):
            return
        keys = np.fromiter((key for key, _ in asked), np.int64, len(asked))
        first = np.searchsorted(self._keys, keys, "left")
        last = np.searchsorted(self._keys, keys, "right")
        found: dict[str, set[int]] = {}
        for at in np.flatnonzero(first < last).tolist():
            found.setdefault(asked[at][1], set()).update(
                self._of_key[first[at] : last[at]].tolist()
            )
        for word, candidates in found.items():
            for known in map(self._words.__getitem__, sorted(candidates)):
                if known[0] == word[0] and OSA.distance(known, word, score_cutoff=1) == 1:
                    yield word, known
                    break


def _may_be_misspelt(word: str) -> bool:
    return FEWEST_LETTERS <= len(word) <= MOST_LETTERS and word.isalpha()


def _keys(word: str) -> set[int]:
    """Hashes of ``word`` and of it without each of its letters."""
    keys = {hash(word[:at] + word[at + 1 :]) for at in range(len(word))}
    keys.add(hash(word))
    return keys
