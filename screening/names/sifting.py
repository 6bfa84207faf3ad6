"""Where in a text a name can begin, found for all its tokens at once.

Whatever is not plain letters or digits, and what may be misspelt, is looked at one by one the
first time it comes. The matcher looks at each place that is found here, with as many tokens after
it as a name that begins so has words.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from screening.names.misspellings import FEWEST_LETTERS
from screening.names.separators import Kind
from screening.names.sieve import ALONE, WHOLE, Sieve
from screening.names.tokens import Tokens
from screening.names.vocabulary import LONGEST_DISGUISED, LONGEST_KEPT, MOST_KEPT, TokenCodes
from screening.names.word_tables import NO_WORD, SeenWords

IS_BREAK, BREAK_BEFORE, BREAK_AFTER, IS_EMPTY, IS_WANTED, IS_LONG = 1, 2, 4, 8, 16, 32
"""What is known of a token: it is a break; it has one at its begin, at its end; it says nothing at
all; there may be a name in it whatever stands around it; it says several words."""

_UNKNOWN, _NOT_ONE = -3, -2
"""Of a character that is a word: not looked at yet, and not one word."""

_FEWEST_APART = 4
"""Letters set apart that may be a name; see `vocabulary.LETTER_RUN`."""


@dataclass(slots=True)
class Rows:
    """``(n,)`` arrays: where tokens stand in the text, the numbers of the first and last word that
    each says (`NO_WORD`: one of no name), how many single letters there are in it, and flags."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    letters: NDArray[np.uint8]
    flags: NDArray[np.uint8]

    @classmethod
    def of_break(cls, at: int) -> "Rows":
        """One row, of a break of no length."""
        place, number = np.array([at], np.int64), np.array([NO_WORD], np.int32)
        return cls(place, place, number, number, np.zeros(1, np.uint8), np.ones(1, np.uint8))

    def moved(self, characters: int) -> "Rows":
        return replace(self, starts=self.starts + characters, ends=self.ends + characters)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, which: slice | NDArray[np.bool_] | NDArray[np.int64]) -> "Rows":
        return Rows(*(getattr(self, each.name)[which] for each in fields(self)))

    def __add__(self, other: "Rows") -> "Rows":
        pairs = ((getattr(self, e.name), getattr(other, e.name)) for e in fields(self))
        return Rows(*map(np.concatenate, pairs))


class Sifting:
    """Texts being read. Not for several threads: it remembers tokens that came before."""

    def __init__(self, sieve: Sieve, codes: TokenCodes, most_words: int) -> None:
        self._sieve = sieve
        self._codes = codes
        self._around = most_words
        self._seen = SeenWords()
        self._said: dict[str, tuple[int, int, int, int]] = {}
        self._characters: NDArray[np.int32] | None = None

    def rows(self, text: str, *, is_path: bool = False) -> Rows:
        """What is known of the tokens of ``text``; those that say nothing are left out."""
        tokens = Tokens.of(text, is_path=is_path)
        kinds = tokens.kinds
        first = self._read_plain(text, tokens)
        flags = np.zeros(len(kinds), np.uint8)
        flags[(kinds == Kind.BREAK) | (kinds == Kind.END)] = IS_BREAK
        flags[tokens.ends_sentence] = BREAK_AFTER
        letters = (first >= self._sieve.first_letter).astype(np.uint8)
        rows = Rows(tokens.starts, tokens.ends, first, first.copy(), letters, flags)
        self._read_others(text, self._read_words(tokens, rows), rows)
        self._read_others(text, np.flatnonzero(kinds == Kind.OTHER), rows)
        is_empty = flags == IS_EMPTY
        return rows[~is_empty] if is_empty.any() else rows

    def places(self, rows: Rows) -> list[tuple[int, int]]:
        """First row, and the row after the last, of everything that has to be looked at."""
        sieve = self._sieve
        spoken = np.flatnonzero((rows.flags & IS_BREAK) == 0)
        first, last = rows.first[spoken], rows.last[spoken]
        flags = rows.flags[spoken]
        wanted = np.flatnonzero(flags & IS_WANTED)
        named = sieve.named[first]
        several = np.flatnonzero(last != first)
        named[several] |= sieve.named[last[several]]
        single = np.flatnonzero(named & ALONE)
        whole = np.flatnonzero(named & WHOLE)
        whole = whole[_between_breaks(rows.flags, spoken[whole])]
        begun = sieve.beginnings(first, last, flags & IS_LONG > 0)
        apart = np.searchsorted(spoken, _set_apart(rows.letters))
        # how many tokens from each on belong to what is found there; where it is not just the token
        # itself, one more on both sides may hold the break that has to be there
        until = np.zeros(len(spoken) + 1, np.int64)
        for at, tokens in ((single, 1), (apart, 1), (whole, 2), (wanted, self._around + 1)):
            until[at] = np.maximum(until[at], tokens)
        until[begun] = np.maximum(until[begun], sieve.longest[last[begun]] + np.int64(1))
        at = np.flatnonzero(until)
        if not len(at):
            return []
        before = np.ones(len(spoken) + 1, np.int64)
        before[wanted] = self._around
        edges = np.concatenate(([-1], spoken, [len(rows)]))
        begin = edges[np.maximum(at - before[at], 0)] + 1
        end = edges[np.minimum(at + until[at], len(spoken)) + 1]
        itself = until[at] == 1
        begin[itself] = spoken[at[itself]]
        end[itself] = begin[itself] + 1
        end = np.maximum.accumulate(end)
        begin = np.minimum.accumulate(begin[::-1])[::-1]
        apart = np.flatnonzero(begin[1:] > end[:-1])
        begins, ends = begin[np.append(0, apart + 1)], end[np.append(apart, len(at) - 1)]
        return list(zip(begins.tolist(), ends.tolist(), strict=True))

    def tail(self, rows: Rows) -> Rows:
        """The last rows, which may begin a name that goes on in the text that follows."""
        spoken = np.flatnonzero((rows.flags & IS_BREAK) == 0)
        return rows[int(spoken[-self._around - 1]) :] if len(spoken) > self._around else rows

    def _read_plain(self, text: str, tokens: Tokens) -> NDArray[np.int32]:
        """The word of each token of letters or digits; `NO_WORD` of all others."""
        first = np.full(len(tokens.kinds), NO_WORD, np.int32)
        plain = np.flatnonzero((tokens.kinds == Kind.LETTER) | (tokens.kinds == Kind.DIGIT))
        hashes = tokens.hashes[plain]
        numbers, new = self._seen.look_up(hashes)
        if len(new):
            different, one_of_each, which = np.unique(
                hashes[new], return_index=True, return_inverse=True
            )
            found = self._sieve.words.look_up(different)
            self._read_unknown(text, tokens, plain[new[one_of_each]], found)
            self._seen.keep(different, found)
            numbers[new] = found[which]
        first[plain] = numbers
        return first

    def _read_unknown(
        self, text: str, tokens: Tokens, at: NDArray[np.int64], numbers: NDArray[np.int32]
    ) -> None:
        """Give the tokens ``at`` that are words of no name the ``numbers`` that they are read as,
        where they are misspelt or look alike."""
        begins = tokens.starts[at]
        lengths = tokens.ends[at] - begins - tokens.ends_sentence[at]
        unknown = (numbers == NO_WORD) & (tokens.kinds[at] == Kind.LETTER)
        unknown &= (lengths >= FEWEST_LETTERS) & (lengths <= LONGEST_DISGUISED)
        begins, lengths = begins[unknown], lengths[unknown]
        places = zip(begins.tolist(), (begins + lengths).tolist(), strict=True)
        words = [text[begin:end] for begin, end in places]
        numbers[unknown] = self._numbers("\n".join(words).lower().split("\n") if words else words)

    def _numbers(self, words: list[str]) -> NDArray[np.int32]:
        """What words of no name, in lower case, are read as."""
        vocabulary = self._sieve.vocabulary
        number = vocabulary.numbers
        read = {word: number[known] for word, known in self._codes.corrected(words)}
        alike = [word for word in words if "rn" in word or "vv" in word or "cl" in word]
        alike = list(filter(vocabulary.is_seen_in, alike))
        for word, code in zip(alike, self._codes.encode(alike), strict=True):
            read[word] = vocabulary.number_of_code.get(code, NO_WORD)
        return np.array([read.get(word, NO_WORD) for word in words], np.int32)

    def _read_words(self, tokens: Tokens, rows: Rows) -> NDArray[np.int64]:
        """Characters that are words; where those stand that say something else than one word."""
        at = np.flatnonzero(tokens.kinds == Kind.WORD)
        if not len(at):
            return at
        if self._characters is None:
            self._characters = np.full(0x11_0000, _UNKNOWN, np.int32)
        codes = tokens.codes[tokens.starts[at]]
        numbers = self._characters[codes]
        new = np.unique(codes[numbers == _UNKNOWN])
        if len(new):
            characters = list(map(chr, new.tolist()))
            said = map(self._meaning, characters, self._codes.encode(characters))
            self._characters[new] = [
                first if first == last and not flags and letters == 0 else _NOT_ONE
                for first, last, letters, flags in said
            ]
            numbers = self._characters[codes]
        rows.first[at] = rows.last[at] = np.maximum(numbers, NO_WORD)
        several: NDArray[np.int64] = at[numbers == _NOT_ONE]
        return several

    def _read_others(self, text: str, at: NDArray[np.int64], rows: Rows) -> None:
        """Tokens that have to be read one by one, each of them once."""
        if not len(at):
            return
        begins, ends = rows.starts[at].tolist(), rows.ends[at].tolist()
        tokens = [text[a:b] for a, b in zip(begins, ends, strict=True)]
        said = self._said
        if len(said) > MOST_KEPT:
            said.clear()
        different = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
        new = [token for token in different if token not in said]
        said.update(zip(new, map(self._meaning, new, self._codes.encode(new)), strict=True))
        meanings = np.array(list(map(said.__getitem__, different)), np.int32)
        which = np.fromiter(map(different.__getitem__, tokens), np.int64, len(tokens))
        rows.first[at], rows.last[at], rows.letters[at], rows.flags[at] = meanings[which].T
        for token in new:
            if len(token) > LONGEST_KEPT:
                del said[token]

    def _meaning(self, token: str, code: str) -> tuple[int, int, int, int]:
        """First and last word, number of letters, and flags of a token."""
        said = self._sieve.vocabulary.numbers_of(code)
        words = [number for number in said if number is not None]
        if token in self._codes.doubtful:
            flags = IS_WANTED
        elif not words:
            return NO_WORD, NO_WORD, 0, IS_BREAK if said else IS_EMPTY
        else:
            flags = IS_WANTED if self._sieve.within(words) else 0
            flags |= IS_LONG if len(words) > 1 else 0
        if not words:
            words = [NO_WORD]
        if said and said[0] is None:
            flags |= BREAK_BEFORE
        if said and said[-1] is None:
            flags |= BREAK_AFTER
        letters = sum(number >= self._sieve.first_letter for number in words)
        return words[0], words[-1], min(letters, _FEWEST_APART), flags


def _between_breaks(flags: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the tokens ``at`` have breaks on both sides; there are some around all tokens."""
    closed = np.concatenate(([IS_BREAK], flags, [IS_BREAK]))
    before = (closed[at] & (IS_BREAK | BREAK_AFTER)) | (flags[at] & BREAK_BEFORE)
    after = (closed[at + 2] & (IS_BREAK | BREAK_BEFORE)) | (flags[at] & BREAK_AFTER)
    return (before > 0) & (after > 0)


def _set_apart(letters: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The tokens in runs with as many letters set apart as make a name."""
    at = np.flatnonzero(letters)
    if len(at) < 1:
        return at
    begins = np.flatnonzero(np.append(True, np.diff(at) > 1))
    sums = np.add.reduceat(letters[at].astype(np.int64), begins)
    return at[np.repeat(sums >= _FEWEST_APART, np.diff(np.append(begins, len(at))))]
