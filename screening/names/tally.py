"""What was found of each name, bounded: names times members must not fill memory or a decision."""

from bisect import insort
from dataclasses import dataclass, field

from screening.names.known_names import KnownName
from screening.names.mention import Excerpt, NamedText, NameMention, Reading, Source
from screening.packs.member import shortened

MOST_PATHS = 20
"""Paths of members that a mention lists; ``members`` counts all."""

MOST_EXCERPTS = 3
AROUND_CHARACTERS = 40
WRITTEN_CHARACTERS = 120

MOST_REMEMBERED = 200_000
"""Members that are remembered over all names, so as not to be counted twice. After that, only
texts of one member that come one after another are known to be of one member."""


@dataclass(slots=True)
class _Found:
    members: int = 0
    last: str | None = None
    seen: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    excerpts: list[Excerpt] = field(default_factory=list)
    is_strong: bool = False


class Tally:
    """Counts names by source."""

    def __init__(self, names: list[KnownName]) -> None:
        self._names = names
        self._found: dict[tuple[int, Source], _Found] = {}
        self._remembered = 0

    def count(self, name: int, text: NamedText, *, strong: bool) -> bool:
        """Count a name in a text; whether an `excerpt` of the place is wanted."""
        key = name, text.source
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _Found()
        found.is_strong |= strong
        if text.path == found.last or text.path in found.seen:
            return len(found.excerpts) < MOST_EXCERPTS and not any(
                each.path == text.path and each.key == text.key for each in found.excerpts
            )
        found.last = text.path
        found.members += 1
        if self._remembered < MOST_REMEMBERED:
            found.seen.add(text.path)
            self._remembered += 1
        if len(found.paths) < MOST_PATHS or text.path < found.paths[-1]:
            insort(found.paths, text.path)
            del found.paths[MOST_PATHS:]
        return len(found.excerpts) < MOST_EXCERPTS

    def excerpt(
        self, name: int, text: NamedText, span: tuple[int, int], readings: tuple[Reading, ...]
    ) -> None:
        """Keep the place of a name for people to see."""
        start, end = span
        self._found[name, text.source].excerpts.append(
            Excerpt(
                path=text.path,
                key=text.key,
                start=start,
                written=shortened(text.text[start:end], WRITTEN_CHARACTERS),
                before=text.text[max(0, start - AROUND_CHARACTERS) : start],
                after=text.text[end : end + AROUND_CHARACTERS],
                readings=readings,
            )
        )

    def mentions(self) -> tuple[NameMention, ...]:
        """Everything that was counted, by set, character, name and source."""
        mentions = (
            NameMention(
                reference_set=name.reference_set,
                character=name.character,
                name=name.spelling,
                normal=name.normal,
                distinctive=name.distinctive and found.is_strong,
                source=source,
                paths=tuple(found.paths),
                members=found.members,
                excerpts=tuple(
                    sorted(found.excerpts, key=lambda each: (each.path, each.key, each.start))
                ),
            )
            for (place, source), found in self._found.items()
            for name in (self._names[place],)
        )
        return tuple(
            sorted(mentions, key=lambda m: (m.reference_set, m.character, m.name, m.source))
        )
