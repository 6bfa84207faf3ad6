"""Names of characters and works in a pack's words: captions, trigger words, file names, metadata.

Spelling variants of one name are equal. What has to be read (leetspeak, lookalike letters, letters
set apart, romanisation, one wrong letter) is found too and says so. Scripts that set blanks between
words match whole words ("art" is not in "party"); Chinese, Japanese, Korean, Thai and their like
match anywhere.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from screening.names import leetspeak
from screening.names.known_names import EVERYWHERE, KnownNames
from screening.names.mention import NamedText, NameMention, Reading, Source
from screening.names.pieces import Piece, Token, ends
from screening.names.separators import BREAK_TOKEN, FOLDER_TOKEN
from screening.names.tally import Tally
from screening.names.vocabulary import BREAK_CODE, LETTER_RUN, LETTERS, TokenCodes
from screening.references.reference_set import ReferenceSet

_EDGES = 2
"""Letters that may stand before and after letters set apart: "a m e d u s a"."""

_LONGEST_APART = 64


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
        for each in texts:
            self._read(each, codes, tally)
        return tally.mentions()

    def _read(self, text: NamedText, token_codes: TokenCodes, tally: Tally) -> None:
        start = 0
        carried: list[Token] = []
        for end in ends(text.text):
            piece = Piece(text, start, end, carried)
            codes = token_codes.encode(piece.tokens)
            self._search(piece, codes, tally)
            disguised = token_codes.encode_disguised(piece.tokens)
            if disguised is not None:
                self._search(piece, disguised, tally, token_codes)
            carried = piece.last_tokens(self._known.most_words, codes)
            start = end
        self._read_drawn(text, tally)

    def _search(
        self, piece: Piece, codes: Sequence[str], tally: Tally, disguised: TokenCodes | None = None
    ) -> None:
        """Count the names in ``codes``; where ``disguised`` is given, only those that it reads."""
        joined = "".join(codes)
        kept: Sequence[int] = range(len(joined))
        if BREAK_CODE * 2 in joined:
            kept = _without_repeated_breaks(joined)
            joined = "".join(map(joined.__getitem__, kept))
        hits = [
            _Hit(kept[end - self._known.patterns[pattern].length + 1], kept[end] + 1, pattern)
            for end, pattern in self._known.search(joined)
        ]
        if disguised is None:
            hits += (
                _Hit(kept[hit.start], kept[hit.end - 1] + 1, hit.pattern, hit.readings)
                for hit in self._set_apart(joined)
            )
        if hits:
            places = _Places(codes)
            for hit, names in self._resolved(hits):
                first, last = places.tokens(hit)
                if last < piece.carried:
                    continue
                readings = hit.readings
                if disguised is not None:
                    read = [
                        disguised.disguised.get(each) for each in piece.tokens[first : last + 1]
                    ]
                    readings = tuple(dict.fromkeys(each[1] for each in read if each is not None))
                    if not readings:
                        continue
                self._count(names, readings, piece, (first, last), tally)

    def _count(
        self,
        names: Iterable[tuple[int, tuple[Reading, ...], bool]],
        readings: tuple[Reading, ...],
        piece: Piece,
        tokens: tuple[int, int],
        tally: Tally,
    ) -> None:
        for name, spelt, weak in names:
            if Reading.MISSPELT in readings and not self._known.names[name].may_be_misspelt():
                continue
            if tally.count(name, piece.named, strong=not weak):
                first, last = tokens
                while first < last and piece.tokens[first] in (BREAK_TOKEN, FOLDER_TOKEN):
                    first += 1
                while first < last and piece.tokens[last] in (BREAK_TOKEN, FOLDER_TOKEN):
                    last -= 1
                span = (piece.span(first)[0], piece.span(last)[1])
                tally.excerpt(name, piece.named, span, (*readings, *spelt))

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
        """Names of which every letter stands alone: ``m e d u s a``, ``m.e.d.u.s.a``."""
        for run in LETTER_RUN.finditer(codes):
            letters = "".join(LETTERS[ord(code) - 5] for code in run[0][:_LONGEST_APART])
            for before in range(_EDGES + 1):
                for after in range(_EDGES + 1):
                    word = letters[before : len(letters) - after]
                    for read in (word, *leetspeak.letters(word)):
                        pattern = self._known.of_word(read)
                        if pattern is not None and len(word) >= leetspeak.FEWEST_LETTERS:
                            start = run.start() + before
                            yield _Hit(start, start + len(word), pattern, (Reading.SPACED,))

    def _read_drawn(self, text: NamedText, tally: Tally) -> None:
        """Names in letters that are drawn of several signs: ``|\\/|3|)|_|$4``."""
        if text.source is Source.FILE_NAME:
            return
        for start, end, said in leetspeak.drawn(text.text):
            for word in (said, *leetspeak.letters(said)):
                pattern = self._known.of_word(word)
                if pattern is not None and len(word) >= leetspeak.FEWEST_LETTERS:
                    for name, spelt, weak in self._known.patterns[pattern].names:
                        if tally.count(name, text, strong=not weak):
                            readings = (Reading.LEETSPEAK, *spelt)
                            tally.excerpt(name, text, (start, end), readings)


class _Places:
    """Which tokens the characters of their codes come from."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._ends = list(accumulate(map(len, codes)))

    def tokens(self, hit: _Hit) -> tuple[int, int]:
        """The first and the last token of ``hit``."""
        return bisect_right(self._ends, hit.start), bisect_right(self._ends, hit.end - 1)


def _without_repeated_breaks(codes: str) -> Sequence[int]:
    """Places of all characters of ``codes`` but breaks that follow a break."""
    return [
        at
        for at, code in enumerate(codes)
        if code != BREAK_CODE or not at or codes[at - 1] != BREAK_CODE
    ]
