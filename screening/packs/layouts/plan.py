"""Plans: what one config makes its trainer read, place by place, before any of it is opened."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.packs.layouts.role import Role

REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
"""What a place begins with that no path does: ``https://``, ``s3://``, ``hf://``."""

MAX_TROUBLES = 20
"""Remarks that one config gets; the rest is counted. What makes no sense seldom comes alone."""

_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """One folder or file that a config makes its trainer read.

    ``place`` is as the config writes it, ``key`` where it stands there
    (``datasets[0].subsets[1].image_dir``). ``role`` is None for what holds no pictures of its own:
    captions, metadata, prompts. ``details`` are the layout's own, for when it takes the source.
    ``optional`` sources are read where they are there, and not missed where they are not.
    """

    place: str
    key: str
    role: Role | None = Role.TRAIN
    repeats: int = 1
    details: Any = None
    optional: bool = False


@dataclass(slots=True, kw_only=True)
class Plan:
    """What one config makes its trainer read; ``troubles`` are what nobody could read of it.

    Each trouble leaves the config unscreened, with what it says as the reason: "has no …".
    """

    sources: list[DataSource] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    class_tokens: list[str] = field(default_factory=list)
    trigger_words: list[str] = field(default_factory=list)

    def add(self, source: DataSource) -> None:
        """Adds a source, unless it is remote: then it is a trouble, and never fetched."""
        if REMOTE.match(source.place):
            self.remote(source.place, source.key)
        else:
            self.sources.append(source)

    def remote(self, place: str, key: str) -> None:
        """Notes data that lies on another machine."""
        self.trouble(f"{key} refers to {shown(place)}, which is not fetched")

    def trouble(self, sentence: str) -> None:
        self.troubles.append(sentence)

    def merge(self, other: "Plan") -> None:
        self.sources += other.sources
        self.troubles += other.troubles
        self.class_tokens += other.class_tokens
        self.trigger_words += other.trigger_words


class Section:
    """One table of a config, read by type: what has another type is a trouble, and left out.

    ``where`` is its place in the config, for the sentences; "" for the whole document.
    ``above`` are the tables that a missing key is looked up in, as trainers inherit settings.
    """

    def __init__(
        self, table: Mapping[str, Any], where: str, plan: Plan, *, above: "Section | None" = None
    ) -> None:
        self.table = table
        self._where = where
        self._plan = plan
        self._above = above

    def __contains__(self, key: str) -> bool:
        return self.value(key) is not None

    def key(self, name: str) -> str:
        """The full name of ``name``, for sentences and `DataSource.key`."""
        return f"{self._where}.{name}" if self._where else name

    def text(self, name: str) -> str | None:
        """A string that is not empty, else None."""
        value = self.value(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value
        self._odd(name, "no text")
        return None

    def texts(self, name: str) -> list[str]:
        """A string, or the strings of a list."""
        value = self.value(name)
        if value is None or value == "":
            return []
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            self._odd(name, "no text and no list of texts")
        return [each for each in values if isinstance(each, str) and each]

    def number(self, name: str) -> int | float | None:
        """A finite number or the text of one; None where there is none."""
        value = self.value(name)
        if value is None or value == "":
            return None
        try:
            number = float(value) if isinstance(value, str) else value
        except ValueError:
            self._odd(name, "no number")
            return None
        if isinstance(number, bool) or not isinstance(number, int | float):
            self._odd(name, "no number")
            return None
        if not math.isfinite(number):
            self._odd(name, "no finite number")
            return None
        return number

    def flag(self, name: str) -> bool:
        """Whether it is on; texts ("true") count as Python's ``bool`` takes them: on."""
        return bool(self.value(name))

    def table_of(self, name: str, *, above: "Section | None" = None) -> "Section | None":
        """The table under ``name``."""
        value = self.table.get(name)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Section(value, self.key(name), self._plan, above=above)
        self._odd(name, "no table")
        return None

    def tables(self, name: str, *, above: "Section | None" = None) -> "list[Section]":
        """The tables of the list under ``name``."""
        value = self.table.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._odd(name, "no list of tables")
            return []
        return sections(value, self.key(name), self._plan, above=above)

    def unknown(self, known: Iterable[str]) -> None:
        """A trouble for each key that is not among ``known`` and could name a file.

        For configs whose trainer refuses keys that it does not know: a later version of it may
        read there what this one leaves out.
        """
        known = frozenset(known)
        for key, value in self.table.items():
            if key not in known and isinstance(value, str | list | Mapping) and value:
                self._plan.trouble(f"has {shown(self.key(key))}, a key that is not known")

    def value(self, name: str) -> Any:
        """What stands there, of whatever type; None where it is missing here and above."""
        value = self.table.get(name)
        if value is None and self._above is not None:
            return self._above.value(name)
        return value

    def _odd(self, name: str, what: str) -> None:
        self._plan.trouble(f"has {what} as {self.key(name)}")


def sections(
    values: Iterable[Any], where: str, plan: Plan, *, above: Section | None = None
) -> list[Section]:
    """The tables in a list of a config; a trouble for what is none."""
    found: list[Section] = []
    for number, value in enumerate(values):
        if isinstance(value, Mapping):
            found.append(Section(value, f"{where}[{number}]", plan, above=above))
        else:
            plan.trouble(f"has no table as {where}[{number}]")
    return found


def is_table(document: Any) -> bool:
    """Whether a document is a table (JSON object, YAML mapping)."""
    return isinstance(document, Mapping)


def first_of(sentences: list[str]) -> Iterator[str]:
    """The first `MAX_TROUBLES` sentences, and how many more there are."""
    different = list(dict.fromkeys(sentences))
    yield from different[:MAX_TROUBLES]
    if len(different) > MAX_TROUBLES:
        yield f"has {len(different) - MAX_TROUBLES:,} more places like these"


def shown(name: str) -> str:
    """What a config says, quoted for a sentence and cut where it is long."""
    return repr(name if len(name) <= _SHOWN_CHARACTERS else name[:_SHOWN_CHARACTERS] + "…")
