"""With which words names begin, so that all tokens of a text can be asked at once.

A name of one word begins where that word stands; any other where its first two or three words
follow each other. Both are looked up by hash: nothing is missed, and now and then a place is taken
for nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from screening.names.normal_form import BREAK
from screening.names.tokens import Tokens
from screening.names.vocabulary import LETTERS, Vocabulary
from screening.names.word_tables import NO_WORD, PairSieve, WordTable, hash_of

ALONE, WHOLE = 1, 2
"""Of a word that is a name by itself: wherever it stands, or where there is nothing else."""

_START, _PAIR = 0, 1
"""Of two words: a name begins with them, or is just them."""


class Sieve:
    """What begins the names of all reference sets, by numbers of words. Immutable.

    ``named`` holds `ALONE` and `WHOLE` for every word, ``longest`` how many words the longest name
    has that it begins.
    """

    def __init__(self, vocabulary: Vocabulary, patterns: Iterable[Sequence[str]]) -> None:
        self.vocabulary = vocabulary
        number = vocabulary.numbers
        plain = [word for word in number if word.isascii() and (word.isalpha() or word.isdigit())]
        tokens = Tokens.of(" ".join(plain))
        self.words = WordTable(tokens.hashes, np.array([number[word] for word in plain], np.int32))
        self.first_letter = min(number[letter] for letter in LETTERS)
        count = len(number) + 1  # the last place is that of NO_WORD
        self.named, self.longest = np.zeros((2, count), np.uint8)
        pairs = set[tuple[int, ...]]()
        starts = set[tuple[int, ...]]()
        for pattern in patterns:
            words = tuple(number[word] for word in pattern if word != BREAK)
            self.longest[words[0]] = max(self.longest[words[0]], min(len(words), 255))
            if len(words) == 1:
                self.named[words[0]] |= WHOLE if pattern[0] == BREAK else ALONE
            elif len(words) == 2:
                pairs.add(words)
            else:
                starts.add(words[:3])
        begun = dict.fromkeys((start[:2] for start in starts), _START) | dict.fromkeys(pairs, _PAIR)
        self._near = PairSieve(begun, count)
        self._begun = WordTable.of_sequences(begun)
        self._starts = WordTable.of_sequences(dict.fromkeys(starts, _START))

    def beginnings(
        self, first: NDArray[np.int32], last: NDArray[np.int32], is_long: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """The tokens with which a name of several words may begin.

        ``first`` and ``last`` are the words of each token, ``is_long`` says where there are more.
        """
        at = self._near.following(last[:-1], first[1:])
        pairs = hash_of(last[at], first[at + 1])
        known = self._begun.look_up(pairs)
        begun = known != NO_WORD
        at, pairs, known = at[begun], pairs[begun], known[begun]
        third = np.append(first, NO_WORD)[at + 2]
        goes_on = (third != NO_WORD) & (self._starts.look_up(hash_of(pairs, third)) != NO_WORD)
        found: NDArray[np.int64] = at[(known == _PAIR) | is_long[at + 1] | goes_on]
        return found

    def within(self, words: Sequence[int]) -> bool:
        """Whether there may be a name in several ``words`` of one token."""
        return len(words) > 1 and (
            any(self.named[word] for word in words)
            or any(self._near.may_be(first, second) for first, second in pairwise(words))
        )
