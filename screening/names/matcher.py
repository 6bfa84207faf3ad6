"""Names of characters and works in a pack's words: captions, trigger words, file names, metadata.

Spelling variants of one name are equal. What has to be read (leetspeak, lookalike letters, letters
set apart, romanisation, one wrong letter) is found too and says so. Scripts that set blanks between
words match whole words ("art" is not in "party"); Chinese, Japanese, Korean, Thai and their like
match anywhere.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screening.names import leetspeak
from screening.names.deadline import Deadline
from screening.names.known_names import EVERYWHERE, KnownNames
from screening.names.mention import NamedText, NameMention, Reading
from screening.names.pieces import Piece, pieces
from screening.names.sifting import Sifting
from screening.names.tally import Tally
from screening.names.vocabulary import BREAK_CODE, LETTER_RUN, LETTERS, OTHER, TokenCodes
from screening.references.reference_set import ReferenceSet

_LONGEST_APART = 24
"""Letters of a name that is found with every letter set apart."""


@dataclass(slots=True)
class _Hit:
    """A pattern in the codes of a piece; ``start`` and ``end`` count characters of the codes.

    ``tokens`` are the first and the last of the piece's tokens that it stands in.
    """

    start: int
    end: int
    pattern: int
    readings: tuple[Reading, ...] = ()
    tokens: tuple[int, int] = (0, 0)


class NameMatcher:
    """Finds all names of many reference sets in one pass over a text. Immutable, thread-safe.

    Time is linear in the text and does not depend on how many names there are. What is matched how:

    - Words are split where digits meet letters (``0001medusa02``), except in words of up to three
      characters (``2B`` and ``A2`` stay whole) and in codes of more than four parts (checksums).
    - A comma, line end or sentence end stands between tags: "Snow White" is not in ``snow, white``.
      Where the name itself has one or a bracket it may be there or not: "Medusa (Sea Saga)" is in
      ``medusa_\\(sea_saga\\)`` and in ``medusa, sea saga``.
    - Names of several words are also found written as one, if that has a digit or six letters.
    - Names of one letter, of two letters, of one Chinese character or syllable, and numbers are
      found only as a whole tag, caption or trigger word, and never in file names.
    - A name within a longer name of the same character, or of its work within a name of the
      character, is reported as the longer one; within a benign phrase it is not reported.
    - Only distinctive names are found with a wrong letter, and only one for each word; a name of
      one word is not distinctive then.
    """

    def __init__(self, reference_sets: Iterable[ReferenceSet]) -> None:
        """Disabled sets are left out.

        A name that is listed twice for a character keeps its first spelling, and is distinctive
        only if both are. Raises ReferenceSetError for a name without letters and digits.
        """
        self._known = KnownNames(reference_sets)

    def find(
        self, texts: Iterable[NamedText], *, deadline: Deadline | None = None
    ) -> tuple[NameMention, ...]:
        """Every name in ``texts``, by set, character, name and source.

        Texts are read one at a time; what is kept is bounded (`screening.names.tally`). Once the
        ``deadline`` is over, the rest of the texts is listed there and not searched.
        """
        deadline = deadline or Deadline()
        tally = Tally(self._known.names)
        codes = TokenCodes(self._known.vocabulary)
        sifting = Sifting(self._known.sieve, codes, self._known.most_words)
        for piece in pieces(texts, sifting, deadline):
            if piece.tokens:
                self._read(piece, codes, tally)
            self._read_drawn(piece, tally)
        return tally.mentions()

    def _read(self, piece: Piece, token_codes: TokenCodes, tally: Tally) -> None:
        """Count the names in ``piece``."""
        codes = token_codes.encode(piece.tokens)
        self._search(piece, codes, tally, token_codes.readings)
        doubtful = token_codes.doubtful
        if not doubtful or doubtful.keys().isdisjoint(piece.tokens):
            return
        read = list(map(doubtful.get, piece.tokens))
        last = 0
        for at in [at for at, reading in enumerate(read) if reading is not None]:
            if at >= last:
                first, last = self._around(at, codes, read)
                there = list(codes[first:last])
                readings = {
                    token: token_codes.readings[token]
                    for token in piece.tokens[first:last]
                    if token in token_codes.readings
                }
                for place, other in enumerate(read[first:last]):
                    if other is not None:
                        there[place], readings[piece.tokens[first + place]] = other
                self._search(piece, there, tally, readings, first)

    def _around(
        self, at: int, codes: Sequence[str], read: Sequence[tuple[str, Reading] | None]
    ) -> tuple[int, int]:
        """First and last (not included) of the tokens around ``at`` that are all of names."""
        first, last = at, at + 1
        while first and (read[first - 1] or OTHER not in codes[first - 1]):
            first -= 1
        while last < len(codes) and (read[last] or OTHER not in codes[last]):
            last += 1
        return first, last

    def _search(
        self,
        piece: Piece,
        codes: Sequence[str],
        tally: Tally,
        readings: Mapping[str, Reading],
        first_token: int = 0,
    ) -> None:
        """Count the names in ``codes``, which are those of the tokens from ``first_token`` on.

        ``readings`` says which tokens are read otherwise than they are written.
        """
        written = "".join(codes)
        kept: NDArray[np.int64] | None = None
        if BREAK_CODE * 2 in written:
            written, kept = _without_repeated_breaks(written)
        patterns = self._known.patterns
        hits = [
            _Hit(end - patterns[pattern].length + 1, end + 1, pattern)
            for end, pattern in self._known.search(written)
        ]
        hits += self._set_apart(written)
        if not hits:
            return
        ends = np.cumsum(np.fromiter(map(len, codes), np.int64, len(codes)))
        places = np.array([[hit.start for hit in hits], [hit.end - 1 for hit in hits]])
        if kept is not None:
            places = kept[places]
        tokens = (np.searchsorted(ends, places, "right") + first_token).tolist()
        as_written, read = list[_Hit](), list[_Hit]()
        for hit, first, last in zip(hits, *tokens, strict=True):
            if last >= piece.carried:
                hit.tokens = (first, last)
                there = list(filter(None, map(readings.get, piece.tokens[first : last + 1])))
                if there:
                    hit.readings += tuple(dict.fromkeys(there))
                if not hit.readings:
                    as_written.append(hit)
                elif self._may_be_read(hit):
                    read.append(hit)
        for hit, names in (*self._resolved(as_written), *self._resolved(read)):
            self._count(names, hit, piece, tally)

    def _may_be_read(self, hit: _Hit) -> bool:
        """Whether any name of a pattern is found in the readings of ``hit``."""
        pattern = self._known.patterns[hit.pattern]
        if Reading.LEETSPEAK in hit.readings and len(pattern.words) == 1:
            return len(pattern.words[0]) >= leetspeak.FEWEST_LETTERS and bool(pattern.names)
        return bool(pattern.misspelt if Reading.MISSPELT in hit.readings else pattern.names)

    def _count(
        self,
        names: Sequence[tuple[int, tuple[Reading, ...], bool]],
        hit: _Hit,
        piece: Piece,
        tally: Tally,
    ) -> None:
        # one wrong letter makes a word of a name: "serving" and Servine
        one_word = len(self._known.patterns[hit.pattern].words) == 1
        doubtful = one_word and Reading.MISSPELT in hit.readings
        text = piece.text_of(*hit.tokens)
        for name, spelt, weak in names:
            if tally.count(name, text, strong=not weak and not doubtful):
                readings = tuple(dict.fromkeys((*hit.readings, *spelt)))
                tally.excerpt(name, text, piece.place(*hit.tokens), readings)

    def _resolved(
        self, hits: list[_Hit]
    ) -> Iterator[tuple[_Hit, Sequence[tuple[int, tuple[Reading, ...], bool]]]]:
        """Hits with the names that no longer name or phrase around them takes in."""
        if len(hits) > 1:
            hits.sort(key=lambda hit: (hit.start, -hit.end))
        around, longer = list[_Hit](), list[_Hit]()
        for hit in hits:
            if around:
                around = [each for each in around if each.end > hit.start]
                longer = [
                    each
                    for each in around
                    if each.end >= hit.end and each.end - each.start > hit.end - hit.start
                ]
            pattern = self._known.patterns[hit.pattern]
            names = pattern.misspelt if Reading.MISSPELT in hit.readings else pattern.names
            if longer:
                names = [each for each in names if not self._is_taken_in(each[0], longer)]
            around.append(hit)
            if names:
                yield hit, names

    def _is_taken_in(self, name: int, longer: Iterable[_Hit]) -> bool:
        own = self._known.names[name]
        for hit in longer:
            pattern = self._known.patterns[hit.pattern]
            if EVERYWHERE in pattern.benign_for or own.reference_set in pattern.benign_for:
                return True
            for place, _, weak in pattern.names:
                other = self._known.names[place]
                if (
                    other.reference_set == own.reference_set
                    and own.character in ("", other.character)
                    and (other.distinctive and not weak) >= own.distinctive
                ):
                    return True
        return False

    def _set_apart(self, codes: str) -> Iterator[_Hit]:
        """Names of which every letter stands alone: ``m e d u s a``, ``m.3.d.u.s.4``."""
        for run in LETTER_RUN.finditer(codes):
            letters = "".join(LETTERS[ord(code) - 5] for code in run[0])
            for start, end, word in _apart(letters, self._known.beginnings):
                pattern = self._known.of_word(word)
                if pattern is not None:
                    yield _Hit(run.start() + start, run.start() + end, pattern, (Reading.SPACED,))

    def _read_drawn(self, piece: Piece, tally: Tally) -> None:
        """Names in letters that are drawn of several signs: ``|\\/|3|)|_|$4``."""
        if not leetspeak.may_be_drawn(piece.text):
            return
        for start, end, said in leetspeak.drawn(piece.text):
            for word in (said, *leetspeak.letters(said)):
                pattern = self._known.of_word(word)
                if pattern is not None and len(word) >= leetspeak.FEWEST_LETTERS:
                    text, begin = piece.text_at(start)
                    for name, spelt, weak in self._known.patterns[pattern].names:
                        if tally.count(name, text, strong=not weak):
                            span = (begin, begin + end - start)
                            tally.excerpt(name, text, span, (Reading.LEETSPEAK, *spelt))


def _apart(letters: str, beginnings: Container[str]) -> Iterator[tuple[int, int, str]]:
    """Start, end and word of everything in ``letters`` that may be a name."""
    fewest = leetspeak.FEWEST_LETTERS
    for start in range(len(letters) - fewest + 1):
        if letters[start : start + fewest] not in beginnings:
            continue
        for end in range(start + fewest, min(start + _LONGEST_APART, len(letters)) + 1):
            yield start, end, letters[start:end]
    if len(letters) <= _LONGEST_APART:
        for read in leetspeak.letters(letters):
            yield 0, len(letters), read


def _without_repeated_breaks(codes: str) -> tuple[str, NDArray[np.int64]]:
    """``codes`` without breaks that follow a break, and where each character stood."""
    characters = np.frombuffer(codes.encode("latin-1"), np.uint8)
    is_break = characters == ord(BREAK_CODE)
    repeated = is_break.copy()
    repeated[1:] &= is_break[:-1]
    repeated[0] = False
    kept = np.flatnonzero(~repeated)
    return characters[kept].tobytes().decode("latin-1"), kept
