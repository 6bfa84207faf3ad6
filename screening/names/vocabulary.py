"""Words of names as short codes, so that a text can be searched token by token.

A token of a text is looked at once, however often it comes; what it means is a string of codes,
and the codes of a text are a string in which `ahocorasick` finds names.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from screening.names import leetspeak
from screening.names.lookalikes import PAIRS, as_latin, upright
from screening.names.mention import Reading
from screening.names.misspellings import FEWEST_LETTERS, Misspellings
from screening.names.normal_form import BREAK, chunks_of_token
from screening.names.separators import BREAK_TOKEN, END_TOKEN, FOLDER_TOKEN
from screening.names.spellings import SYLLABLES, parts

BREAK_CODE, FOLDER_CODE, OTHER = "\x01", "\x02", "\x03"
"""Between tags; between folders and texts; a word of no name."""

GAP_TOKEN = " "
"""In place of tokens that say nothing (`screening.names.sieve`); no token is a blank."""

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_LETTER_CODES = {letter: chr(5 + at) for at, letter in enumerate(LETTERS)}
LETTER_RUN = re.compile(f"[{chr(5)}-{chr(4 + len(LETTERS))}]{{4,}}")
"""Letters set apart: each single letter or digit has one code, whether names hold it or not."""

_FIRST, _LAST = 0x40, 0xFF
"""Codes of words use these characters; in Latin-1, texts of codes take a byte a character."""

_WORD_CODE = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")

LONGEST_KEPT = 256
MOST_KEPT = 1 << 17
"""Tokens that are remembered, and how long they may be."""

LONGEST_DISGUISED = 64
_SIGNS = frozenset("!$@|")

_LETTERS_OF_PAIRS = 6
"""Shorter words with ``rn``, ``vv`` or ``cl`` are words: clove is no dove."""

_TONED = re.compile("(?:[a-z]{1,6}[1-5])+")
_TONES = re.compile("[1-5]")
"""Pinyin with its tones as numbers: ``dou4``, ``dou4po4``."""

_VERSIONED = re.compile("[a-z]{4,}v[0-9]+")
"""As trained networks are named: ``medusav2``."""

_REPEATS = re.compile(r"(\w)\1\1+")

_SENTENCE_LETTERS = 4
"""A longer token with a dot ends a sentence, if it is letters; see `normal_form`."""


class Vocabulary:
    """The words of all names. Immutable."""

    def __init__(self, words: Iterable[str], misspelt: Iterable[str]) -> None:
        """``misspelt`` are the words that are found with one letter wrong."""
        ordinary = sorted(set(words) - set(LETTERS) - {BREAK})
        self.codes = dict(zip(ordinary, _codes(len(ordinary)), strict=True))
        self.codes |= _LETTER_CODES
        self.codes[BREAK] = BREAK_CODE
        self.misspellings = Misspellings(misspelt)
        self.seen_as = {
            seen: word
            for word in ordinary
            if len(word) >= leetspeak.FEWEST_LETTERS and not word.isascii()
            for seen in {"".join(chunks_of_token(as_latin(form))) for form in (word, word.upper())}
            if seen not in self.codes
        }
        """What words in other scripts look like in part in Latin letters: аленa -> алена."""

        self.numbers = {word: at for at, word in enumerate((*ordinary, *LETTERS))}
        """Of every word; single letters and digits come last."""
        self.number_of_code = {self.codes[word]: number for word, number in self.numbers.items()}
        self._code_length = len(self.codes[ordinary[0]]) if ordinary else 1

    def code(self, words: Iterable[str]) -> str:
        return "".join(map(self.codes.__getitem__, words))

    def unrepeated(self, words: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Each of ``words`` in which letters come three times or more, and the word of a name that
        it is with those once or twice: ``pikachuuu``."""
        for long in _with_letters_thrice(list(words)):
            for times in (r"\1", r"\1\1"):
                word = _REPEATS.sub(times, long)
                if len(word) >= FEWEST_LETTERS and word in self.codes:
                    yield long, word
                    break

    def is_seen_in(self, word: str) -> bool:
        """Whether ``word`` is one of a name where two of its letters are taken for one."""
        return any(word.replace(pair, letter) in self.codes for pair, letter in PAIRS)

    def numbers_of(self, code: str) -> list[int | None]:
        """The numbers of words in ``code``: None for a break, -1 for what is no word of a name."""
        numbers: list[int | None] = []
        at = 0
        while at < len(code):
            length = self._code_length if ord(code[at]) >= _FIRST else 1
            word = code[at : at + length]
            numbers.append(None if word == BREAK_CODE else self.number_of_code.get(word, -1))
            at += length
        return numbers


def _with_letters_thrice(words: Sequence[str]) -> list[str]:
    """Those of ``words`` in which anything comes three times side by side."""
    text = np.frombuffer("\n".join(words).encode("utf-32-le", "surrogatepass"), np.uint32)
    thrice = np.flatnonzero((text[2:] == text[1:-1]) & (text[1:-1] == text[:-2]))
    if not len(thrice):
        return []
    ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)) + 1)
    return [words[at] for at in np.unique(np.searchsorted(ends, thrice, "right")).tolist()]


def _codes(count: int) -> Iterator[str]:
    """Codes of one length, as short as can be. Each place has characters of its own, so that no
    code begins inside another."""
    length = 1
    while (_LAST - _FIRST + 1) // length > 1 and ((_LAST - _FIRST + 1) // length) ** length < count:
        length += 1
    size = (_LAST - _FIRST + 1) // length
    for number in range(count):
        code = ""
        for place in range(length):
            code += chr(_FIRST + place * size + number % size)
            number //= size  # noqa: PLW2901
        yield code


class TokenCodes(dict[str, str]):
    """Token -> codes, filled as texts need it. For one thread.

    A token that is no word of a name has the codes of what it can be read as; ``readings`` says
    how. ``doubtful`` holds the same for tokens that have a meaning of their own as well.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._unknown: list[tuple[str, str, str]] = []
        self.readings: dict[str, Reading] = {}
        self.doubtful: dict[str, tuple[str, Reading]] = {}
        self._meant: dict[str, str] = {}
        self._begin()

    def _begin(self) -> None:
        self.clear()
        self.readings.clear()
        self.doubtful.clear()
        self[BREAK_TOKEN] = BREAK_CODE
        self[FOLDER_TOKEN] = FOLDER_CODE
        self[GAP_TOKEN] = OTHER
        self[END_TOKEN] = BREAK_CODE + FOLDER_CODE + BREAK_CODE

    def encode(self, tokens: Sequence[str]) -> list[str]:
        """The codes of every token."""
        if len(self) > MOST_KEPT:
            self._begin()
        codes = list(map(self.__getitem__, tokens))
        if self._unknown and self._correct():
            codes = list(map(self.__getitem__, tokens))
        return codes

    def corrected(self, words: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each of the misspelt ``words`` with the word of a name that is meant."""
        if len(self._meant) > MOST_KEPT:
            self._meant.clear()
        new = [word for word in words if word not in self._meant]
        self._meant |= self._words.misspellings.correct(new)
        self._meant |= self._words.unrepeated(new)
        for word in filter(self._meant.__contains__, words):
            yield word, self._meant[word]

    def __missing__(self, token: str) -> str:
        code = self._code(token)
        if len(token) <= LONGEST_KEPT:
            self[token] = code
        return code

    def _code(self, token: str) -> str:
        word = token.lower()
        end = ""
        if word[-1] == "." and len(word) > _SENTENCE_LETTERS:
            word, end = word[:-1], BREAK_CODE
        if word.isascii() and word.isalpha():
            code = self._words.codes.get(word)
            if code is not None:
                return code + end
            self._unknown.append((word, token, end))
            if "rn" not in word and "vv" not in word and "cl" not in word:
                return OTHER + end
        code, any_unknown = self._plain(token)
        may_be_read = any_unknown or not _SIGNS.isdisjoint(token) or _TONED.fullmatch(word)
        # no word that is read has one character: thousands of Chinese ones need not be tried
        if len(token) == 1 and len(unicodedata.normalize("NFKC", token)) == 1:
            return code
        if may_be_read and len(token) <= LONGEST_DISGUISED:
            read = self._disguised(token)
            if read is not None and read[0] != code:
                if _WORD_CODE.search(code):
                    self.doubtful[token] = read
                else:
                    code, self.readings[token] = read
        return code

    def _plain(self, token: str) -> tuple[str, bool]:
        """The codes of ``token`` as it stands, and whether it holds anything else than words of
        names."""
        codes = []
        for chunk in chunks_of_token(token):
            words = parts(chunk) if chunk != BREAK else [chunk]
            codes += [self._words.codes.get(word, OTHER) for word in words]
            if len(words) == 2 and codes[-2] == OTHER and _VERSIONED.fullmatch(chunk):
                codes[-2] = self._words.codes.get(words[0][:-1], OTHER) + OTHER
        return "".join(codes), OTHER in codes or not codes

    def _disguised(self, token: str) -> tuple[str, Reading] | None:
        """The first reading of ``token`` that is made of words of names."""
        if "." in token.strip("."):
            return self._disguised_part(token)
        latin = token if token.isascii() else as_latin(unicodedata.normalize("NFKC", token))
        if latin != token:
            seen = "".join(chunks_of_token(latin))
            seen = self._words.seen_as.get(seen, seen)
            if len(seen) >= leetspeak.FEWEST_LETTERS and seen in self._words.codes:
                return self._words.codes[seen], Reading.LOOKALIKE
            for word in upright(unicodedata.normalize("NFKC", token.lower())):
                if len(word) >= leetspeak.FEWEST_LETTERS and word in self._words.codes:
                    return self._words.codes[word], Reading.LOOKALIKE
        lowered = "".join(each for each in latin.lower() if each.isascii())
        if _TONED.fullmatch(lowered):
            syllables = _TONES.split(lowered)[:-1]
            word = "".join(syllables)
            if word in self._words.codes and SYLLABLES.issuperset(syllables):
                return self._words.codes[word], Reading.ROMANISED
        for word in leetspeak.letters(lowered):
            if word in self._words.codes:
                return self._words.codes[word], Reading.LEETSPEAK
        for pair, letter in PAIRS:
            word = lowered.strip(".!").replace(pair, letter)
            if len(word) >= _LETTERS_OF_PAIRS and pair in lowered and word in self._words.codes:
                return self._words.codes[word], Reading.LOOKALIKE
        return None

    def _disguised_part(self, token: str) -> tuple[str, Reading] | None:
        """The same for ``m3dus4.png``, whose other parts stay as they are."""
        codes, how = "", None
        for part in token.split("."):
            read = self._disguised(part) if part else None
            if read is not None:
                how = read[1]
            codes += read[0] if read is not None else self._plain(part)[0] if part else ""
        return None if how is None else (codes, how)

    def _correct(self) -> bool:
        """Read misspelt words among the tokens that were not known; whether there are any."""
        spelt: dict[str, list[tuple[str, str]]] = {}
        for word, token, end in self._unknown:
            spelt.setdefault(word, []).append((token, end))
        self._unknown.clear()
        before = len(self.readings)
        for word, known in self.corrected(list(spelt)):
            for token, end in spelt[word]:
                if token not in self.readings:
                    self[token] = self._words.codes[known] + end
                    self.readings[token] = Reading.MISSPELT
        return len(self.readings) > before
