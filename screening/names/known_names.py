"""All names of many reference sets, as patterns of codes in one automaton."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import ahocorasick

from screening.errors import ReferenceSetError
from screening.names.benign import benign_phrases
from screening.names.leetspeak import FEWEST_LETTERS
from screening.names.mention import Reading
from screening.names.normal_form import BREAK, chunks, normalise
from screening.names.sieve import Sieve
from screening.names.spellings import Spelling, spellings
from screening.names.vocabulary import Vocabulary
from screening.references.reference_set import Name, ReferenceSet, Status

MISSPELT_LETTERS = 7
"""Fewest letters of a name of one word that is found misspelt.

Of a name of several words, `MISSPELT_TOGETHER`."""

MISSPELT_TOGETHER = 10

EVERYWHERE = ""
"""The reference set of a benign phrase that counts for all of them."""


@dataclass(slots=True)
class KnownName:
    """A name of a reference set; ``character`` is empty for one of the work."""

    reference_set: str
    character: str
    normal: str
    spelling: str
    distinctive: bool


@dataclass(slots=True)
class Pattern:
    """What one sequence of words stands for: names by their place, with how they are read and
    whether that is weak, those of them that are found misspelt, and the reference sets for which it
    is a benign phrase."""

    words: tuple[str, ...]
    length: int = 0
    names: list[tuple[int, tuple[Reading, ...], bool]] = field(default_factory=list)
    misspelt: Sequence[tuple[int, tuple[Reading, ...], bool]] = ()
    benign_for: frozenset[str] = frozenset()

    def may_be_misspelt(self) -> bool:
        """Whether it is long enough not to be another word with a wrong letter."""
        fewest = MISSPELT_LETTERS if len(self.words) == 1 else MISSPELT_TOGETHER
        return sum(map(len, self.words)) >= fewest


class KnownNames:
    """Immutable. ``names`` in the order of the sets, ``patterns`` by what the automaton gives."""

    def __init__(self, reference_sets: Iterable[ReferenceSet]) -> None:
        """Raises ReferenceSetError for a name without letters and digits."""
        self.names: list[KnownName] = []
        self.patterns: list[Pattern] = []
        self._at: dict[tuple[str, ...], int] = {}
        places: dict[tuple[str, str, str], int] = {}
        for record in reference_sets:
            if record.status is not Status.DISABLED:
                self._take(record, places)
        for phrase in benign_phrases():
            self._pattern(_phrase(phrase)).benign_for |= {EVERYWHERE}
        for pattern in filter(Pattern.may_be_misspelt, self.patterns):
            names = (name for name in pattern.names if self.names[name[0]].distinctive)
            pattern.misspelt = tuple(name for name in names if not name[2])
        misspelt = (word for pattern in self.patterns if pattern.misspelt for word in pattern.words)
        self.vocabulary = Vocabulary((word for words in self._at for word in words), misspelt)
        self.most_words = max(map(len, self._at), default=0)
        self.sieve = Sieve(self.vocabulary, self._at)
        self.beginnings = {words[0][:FEWEST_LETTERS] for words in self._at if len(words) == 1}
        """The first letters of names of one word."""
        self._automaton: Any = ahocorasick.Automaton()
        for words, at in self._at.items():
            code = self.vocabulary.code(words)
            self.patterns[at].length = len(code)
            self._automaton.add_word(code, at)
        self._automaton.make_automaton()

    def search(self, codes: str) -> Iterable[tuple[int, int]]:
        """The last character and the pattern of every pattern in ``codes``."""
        return self._automaton.iter(codes) if self.patterns else ()

    def of_word(self, word: str) -> int | None:
        """The pattern that is just this word."""
        return self._at.get((word,))

    def _take(self, record: ReferenceSet, places: dict[tuple[str, str, str], int]) -> None:
        for character, name in _names_of(record):
            found = spellings(name.text, name.language)
            if not found:
                raise ReferenceSetError(
                    f"{record.id}: the name {name.text!r} has no letters or digits to match"
                )
            key = (
                record.id,
                character,
                " ".join(each for each in chunks(name.text) if each != BREAK),
            )
            place = places.setdefault(key, len(self.names))
            if place == len(self.names):
                self.names.append(KnownName(*key, name.text, name.distinctive))
                for each in found:
                    self._spell(each, place)
            self.names[place].distinctive &= name.distinctive
        for phrase in record.benign_phrases:
            self._pattern(_phrase(phrase)).benign_for |= {record.id}

    def _spell(self, spelling: Spelling, name: int) -> None:
        pattern = self._pattern(spelling.words)
        pattern.names.append((name, spelling.readings, spelling.weak))

    def _pattern(self, words: tuple[str, ...]) -> Pattern:
        at = self._at.setdefault(words, len(self.patterns))
        if at == len(self.patterns):
            self.patterns.append(Pattern(words))
        return self.patterns[at]


@lru_cache(maxsize=1024)
def _phrase(text: str) -> tuple[str, ...]:
    found = spellings(text)
    if not found:
        raise ReferenceSetError(f"the benign phrase {text!r} has no letters or digits to match")
    return found[0].words


def _names_of(record: ReferenceSet) -> Iterator[tuple[str, Name]]:
    """Every name with the id of its character; the title of the work, if not listed, last.

    A title that nobody listed as a name is ambiguous: it supports other names, no more.
    """
    listed = [("", name) for name in record.work_names]
    for character in record.characters:
        listed.extend((character.id, name) for name in character.names)
    yield from listed
    title = normalise(record.work)
    if re.search(r"\w", title) and title not in {normalise(name.text) for _, name in listed}:
        yield "", Name(text=record.work, distinctive=False)
