"""Names of characters and works in a pack's words: captions, trigger words, file names.

Matching is plain and normalised: spelling variants of one name are equal, misspellings are not.
Scripts that set blanks between words match whole words ("art" is not in "party"); Chinese,
Japanese, Korean, Thai and their like match anywhere.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from screening.errors import ReferenceSetError
from screening.names.automaton import Automaton
from screening.names.normal_form import BREAK, chunks, normalise
from screening.references.reference_set import Name, ReferenceSet, Status

_FOLDER = "/"

_SHORT_MIX = 3
_MOST_RUNS = 4
_SHORTEST_JOINED = 6
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""Its short groups spell names: "Ada" was found in 27 of 20,000 random ones."""
_RUN = re.compile(r"[0-9]+|[^0-9]+")


class Source(StrEnum):
    """Where a name stands."""

    CAPTION = "caption"
    TRIGGER_WORD = "trigger word"
    FILE_NAME = "file name"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedText:
    """Words of the pack. ``path`` is the member they stand in; a file name may hold folders."""

    text: str
    source: Source
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    """One name in one kind of source, with every member it stands in.

    ``character`` is empty for a name of the work, ``name`` is the reference's spelling, ``normal``
    its words after normalisation, ``paths`` are sorted and unique.
    """

    reference_set: str
    character: str
    name: str
    normal: str
    distinctive: bool
    source: Source
    paths: tuple[str, ...]


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
    """

    def __init__(self, reference_sets: Iterable[ReferenceSet]) -> None:
        """Disabled sets are left out.

        A name that is listed twice for a character keeps its first spelling, and is distinctive
        only if both are. Raises ReferenceSetError for a name without letters and digits.
        """
        self._names: list[_KnownName] = []
        self._automaton = Automaton()
        known: dict[tuple[str, str, str], int] = {}
        for record in reference_sets:
            if record.status is Status.DISABLED:
                continue
            for character, name in _names_of(record):
                patterns = _patterns(name.text)
                if not patterns:
                    raise ReferenceSetError(
                        f"{record.id}: the name {name.text!r} has no letters or digits to match"
                    )
                key = (record.id, character, normalise(name.text).replace(BREAK, " "))
                position = known.setdefault(key, len(self._names))
                if position == len(self._names):
                    self._names.append(_KnownName(*key, name.text, name.distinctive))
                    for pattern in patterns:
                        self._automaton.add(pattern, position)
                self._names[position].distinctive &= name.distinctive
        self._automaton.link()

    def find(self, texts: Iterable[NamedText]) -> tuple[NameMention, ...]:
        """Every name in ``texts``, by set, character, name and source.

        Texts are read one at a time; what is kept is the paths of what was found.
        """
        paths: dict[tuple[int, Source], set[str]] = {}
        for each in texts:
            for position in self._automaton.search(_stream(each)):
                paths.setdefault((position, each.source), set()).add(each.path)
        mentions = (
            NameMention(
                reference_set=name.reference_set,
                character=name.character,
                name=name.spelling,
                normal=name.normal,
                distinctive=name.distinctive,
                source=source,
                paths=tuple(sorted(found)),
            )
            for (position, source), found in paths.items()
            for name in (self._names[position],)
        )
        return tuple(
            sorted(mentions, key=lambda m: (m.reference_set, m.character, m.name, m.source))
        )


@dataclass(slots=True)
class _KnownName:
    reference_set: str
    character: str
    normal: str
    spelling: str
    distinctive: bool


def _names_of(record: ReferenceSet) -> Iterator[tuple[str, Name]]:
    """Every name with the id of its character; the title of the work, if not listed, last.

    A title that nobody listed as a name is ambiguous: it supports other names, no more.
    """
    listed = [("", name) for name in record.work_names]
    for character in record.characters:
        listed.extend((character.id, name) for name in character.names)
    yield from listed
    title = normalise(record.work)
    if _patterns(record.work) and title not in {normalise(name.text) for _, name in listed}:
        yield "", Name(text=record.work, distinctive=False)


def _patterns(name: str) -> set[tuple[str, ...]]:
    """The token sequences that spell ``name``; none if nothing is left of it."""
    words = [word for word in chunks(name) if word != BREAK]
    if not words:
        return set()
    bracketed = re.sub(r"[()（）]", BREAK, name)
    spellings = [words, *(_trimmed(list(chunks(each))) for each in (name, bracketed))]
    joined = "".join(words)
    if joined.isdecimal() or (len(words) == 1 and _is_short(joined)):
        spellings = [[BREAK, *each, BREAK] for each in spellings]
    elif joined.isascii() and (len(joined) >= _SHORTEST_JOINED or not joined.isalpha()):
        spellings.append([joined])
    return {tuple(token for word in each for token in _tokens(word)) for each in spellings}


def _trimmed(words: list[str]) -> list[str]:
    """``words`` without a break before or after."""
    return words[words[0] == BREAK : len(words) - (words[-1] == BREAK)]


def _is_short(word: str) -> bool:
    return len(word) == 1 or (len(word) == 2 and _RUN.fullmatch(word) is not None)


def _stream(named: NamedText) -> Iterator[str]:
    """Tokens of a text, its tags between breaks; of a file name without: pictures are numbered
    and lettered there, which names nobody.
    """
    if named.source is Source.FILE_NAME:
        for part in _UUID.sub(" ", named.text).split("/"):
            yield _FOLDER
            yield from (token for word in chunks(part) if word != BREAK for token in _tokens(word))
    else:
        yield BREAK
        yield from (token for word in chunks(named.text) for token in _tokens(word))
        yield BREAK


def _tokens(word: str) -> list[str]:
    if len(word) <= _SHORT_MIX or word.isalpha():
        return [word]
    runs = _RUN.findall(word)
    return runs if len(runs) <= _MOST_RUNS else [word]
