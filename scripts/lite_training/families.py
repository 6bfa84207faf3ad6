"""Which art is trained on, in families: batches take their negatives from one family.

`UNUSED` names open sources that are kept wholly out of training, so that something is left to
judge on. Art that others own is out by its package's record, which `training_sources` reads.
"""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from fetch_art import training_sources

UNUSED = (
    "arcade",
    "comicgen*",
    "renpy*",
    "dicebear-adventurer",
    "dicebear-lorelei",
    "dicebear-personas",
)
"""Held out: whole figures (Kenney, Comicgen, Ren'Py) and faces (three styles of avatars)."""


@dataclass(frozen=True, slots=True)
class Family:
    """Sources of one style, or of one subject by several hands; `weight`: how often it comes."""

    sources: tuple[str, ...]
    weight: float


FAMILIES = {
    "emoji": Family(("emoji-*",), 4.0),
    "wesnoth": Family(("wesnoth*", "*-units", "*-portraits"), 3.0),
    "supertux": Family(("supertux",), 0.5),
    "dicebear": Family(("dicebear-*",), 1.5),
}


def sources_of(family: Family, art: Path) -> list[str]:
    """Name the folders of `art` that belong to `family`, sorted, without what is held out.

    Only folders whose `LICENCE` lets training see them count. Raises ValueError where a folder does
    not say what it may be used for.
    """
    return [
        folder.name
        for folder in training_sources(art)
        if any(fnmatch(folder.name, pattern) for pattern in family.sources)
        and not any(fnmatch(folder.name, pattern) for pattern in UNUSED)
    ]
