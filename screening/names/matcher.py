"""Names of characters and works in a pack's words: captions, trigger words, file names, metadata.

Spelling variants of one name are equal. What has to be read (leetspeak, lookalike letters, letters
set apart, romanisation, one wrong letter) is found too and says so. Scripts that set blanks between
words match whole words ("art" is not in "party"); Chinese, Japanese, Korean, Thai and their like
match anywhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screening.names import leetspeak
from screening.names.known_names import EVERYWHERE, KnownNames
from screening.names.mention import NamedText, NameMention, Reading
from screening.names.pieces import Piece, Token, batches, joined, parts_of
from screening.names.tally import Tally
from screening.names.vocabulary import BREAK_CODE, LETTER_RUN, LETTERS, OTHER, TokenCodes
from screening.references.reference_set import ReferenceSet

_LOOK_BACK = 8
"""Words of a name before the first of them that is not written as it is known."""

_LONGEST_APART = 24
"""Letters of a name that is found with every letter set apart."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A pattern in the codes of a piece; ``start`` and ``end`` count characters of the codes."""

    start: int
    end: int
    pattern: int
    readings: tuple[Reading, ...] = ()


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
    - Only distinctive names are found with a wrong letter, and only one for each word.
    """

    def __init__(self, reference_sets: Iterable[ReferenceSet]) -> None:
        """Disabled sets are left out.

        A name that is listed twice for a character keeps its first spelling, and is distinctive
        only if both are. Raises ReferenceSetError for a name without letters and digits.
        """
        self._known = KnownNames(reference_sets)

    def find(self, texts: Iterable[NamedText]) -> tuple[NameMention, ...]:
        """Every name in ``texts``, by set, character, name and source.

        Texts are read one at a time; what is kept is bounded (`screening.names.tally`).
        """
        tally = Tally(self._known.names)
        codes = TokenCodes(self._known.vocabulary)
        for batch in batches(texts):
            if len(batch) == 1:
                self._read_long(batch[0], codes, tally)
            else:
                piece = joined(batch)
                self._read(piece, codes, tally)
                self._read_drawn(piece, tally)
        return tally.mentions()

    def _read_long(self, text: NamedText, token_codes: TokenCodes, tally: Tally) -> None:
        carried: list[Token] = []
        for written, parts in parts_of(text):
            piece = Piece(written, parts, carried)
            codes = self._read(piece, token_codes, tally)
            carried = piece.last_tokens(self._known.most_words, codes)
            self._read_drawn(piece, tally)

    def _read(self, piece: Piece, token_codes: TokenCodes, tally: Tally) -> Sequence[str]:
        """Count the names in ``piece``; the codes of its tokens."""
        codes = token_codes.encode(piece.tokens)
        self._search(piece, codes, tally)
        disguised = token_codes.disguised
        if disguised.keys().isdisjoint(piece.tokens):
            return codes
        read = list(map(disguised.get, piece.tokens))
        last = 0
        for at in [at for at, reading in enumerate(read) if reading is not None]:
            if at >= last and self._may_name(at, codes, read):
                first, last = self._around(at, codes, read)
                there = read[first:last]
                other = [
                    each[0] if each else code
                    for each, code in zip(there, codes[first:last], strict=True)
                ]
                readings = [each[1] if each else None for each in there]
                self._search(piece, other, tally, first, readings)
        return codes

    def _may_name(
        self, at: int, codes: Sequence[str], read: Sequence[tuple[str, Reading] | None]
    ) -> bool:
        """Whether token ``at``, read otherwise, makes a name with those before and the next."""
        said = (read[at] or ("",))[0]
        if OTHER in said or BREAK_CODE in said:
            return True
        following = list[str]()
        after = codes[at + 1] if at + 1 < len(codes) else OTHER
        if after == OTHER and (not at or codes[at - 1] == OTHER) and not any(read[at + 1 : at + 2]):
            return self._known.is_pattern(said)
        if at + 1 < len(codes):
            following = [_first_words(codes[at + 1])]
            following += [_first_words(each) for each in (read[at + 1] or ())[:1]]
        for before in range(_LOOK_BACK):
            if self._known.goes_on(said, following):
                return True
            if before == at or OTHER in (code := codes[at - before - 1]):
                return False
            said = code + said
        return False

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
        first_token: int = 0,
        readings: Sequence[Reading | None] = (),
    ) -> None:
        """Count the names in ``codes``, which are those of the tokens from ``first_token`` on.

        Where ``readings`` are given, only names in which one of them is at work.
        """
        written = "".join(codes)
        kept: NDArray[np.int64] | None = None
        if BREAK_CODE * 2 in written:
            written, kept = _without_repeated_breaks(written)
        hits = [
            _Hit(end - self._known.patterns[pattern].length + 1, end + 1, pattern)
            for end, pattern in self._known.search(written)
        ]
        if not readings:
            hits += self._set_apart(written)
        if not hits:
            return
        ends = np.cumsum(np.fromiter(map(len, codes), np.int64, len(codes)))
        for hit, names in self._resolved(hits):
            places = (hit.start, hit.end - 1)
            if kept is not None:
                places = (int(kept[places[0]]), int(kept[places[1]]))
            first, last = np.searchsorted(ends, places, "right").tolist()
            how = hit.readings
            if readings:
                how = tuple(dict.fromkeys(each for each in readings[first : last + 1] if each))
                if not how:
                    continue
            if last + first_token >= piece.carried:
                counted = self._may_be_misspelt(hit, names) if Reading.MISSPELT in how else names
                self._count(counted, how, piece, (first + first_token, last + first_token), tally)

    def _may_be_misspelt(
        self, hit: _Hit, names: list[tuple[int, tuple[Reading, ...], bool]]
    ) -> list[tuple[int, tuple[Reading, ...], bool]]:
        if not self._known.patterns[hit.pattern].may_be_misspelt():
            return []
        return [each for each in names if self._known.names[each[0]].distinctive and not each[2]]

    def _count(
        self,
        names: Sequence[tuple[int, tuple[Reading, ...], bool]],
        readings: tuple[Reading, ...],
        piece: Piece,
        tokens: tuple[int, int],
        tally: Tally,
    ) -> None:
        if not names:
            return
        text, start, end = piece.place(*tokens)
        for name, spelt, weak in names:
            if tally.count(name, text, strong=not weak):
                tally.excerpt(name, text, (start, end), (*readings, *spelt))

    def _resolved(
        self, hits: list[_Hit]
    ) -> Iterator[tuple[_Hit, list[tuple[int, tuple[Reading, ...], bool]]]]:
        """Hits with the names that no longer name or phrase around them takes in."""
        if len(hits) > 1:
            hits.sort(key=lambda hit: (hit.start, -hit.end))
        around: list[_Hit] = []
        for hit in hits:
            around = [each for each in around if each.end > hit.start]
            longer = [
                each
                for each in around
                if each.end >= hit.end and each.end - each.start > hit.end - hit.start
            ]
            names = self._known.patterns[hit.pattern].names
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
            for start, end, word in _apart(letters):
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


def _first_words(codes: str) -> str:
    """``codes`` of a token up to where a name ends; all of them where that is at once."""
    return codes.partition(BREAK_CODE)[0].partition(OTHER)[0] or codes


def _apart(letters: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and word of everything in ``letters`` that may be a name."""
    fewest = leetspeak.FEWEST_LETTERS
    for start in range(len(letters) - fewest + 1):
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
