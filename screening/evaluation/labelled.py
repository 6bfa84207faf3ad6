"""A labelled folder: pictures of known characters, and packs of which the truth is known.

::

    LABELLED_FOLDER/
        characters/<work>/<character>/*.png     any pictures, at any depth
        packs/benign/<pack>                     optional: folders or archives
        packs/protected/<pack>

``fetch_art`` and a reference set's ``images`` lay characters out the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from screening.errors import ScreeningError

CHARACTERS = "characters"
BENIGN, PROTECTED = "packs/benign", "packs/protected"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCharacter:
    """A folder of pictures that show one character; ``name`` is ``work/character``."""

    work: str
    character: str
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        return f"{self.work}/{self.character}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFolder:
    """What a labelled folder holds. ``misplaced`` are files that lie in no character's folder."""

    path: Path
    characters: tuple[LabelledCharacter, ...]
    benign: tuple[Path, ...]
    protected: tuple[Path, ...]
    misplaced: tuple[Path, ...]


def read_labelled(folder: Path) -> LabelledFolder:
    """List ``folder``. Raises ScreeningError where it holds neither characters nor packs."""
    works = _shown(folder / CHARACTERS)
    characters = [
        LabelledCharacter(
            work=work.name,
            character=character.name,
            files=tuple(sorted(each for each in character.rglob("*") if _is_shown_file(each))),
        )
        for work in works
        for character in _shown(work)
        if character.is_dir()
    ]
    benign, protected = _shown(folder / BENIGN), _shown(folder / PROTECTED)
    if not characters and not benign and not protected:
        raise ScreeningError(
            f"{folder}: holds neither {CHARACTERS}/<work>/<character>/ with pictures nor packs "
            f"under {BENIGN}/ and {PROTECTED}/"
        )
    return LabelledFolder(
        path=folder,
        characters=tuple(characters),
        benign=tuple(benign),
        protected=tuple(protected),
        misplaced=tuple(_misplaced(works)),
    )


def _misplaced(works: list[Path]) -> Iterator[Path]:
    for work in works:
        if work.is_file():
            yield work
        yield from (each for each in _shown(work) if each.is_file())


def _shown(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if not each.name.startswith("."))


def _is_shown_file(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")
