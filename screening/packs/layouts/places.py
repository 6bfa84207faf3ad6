"""Places: what a path in a config leads to, in the pack or on the operator's own machine."""

import os
import posixpath
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.packs.layouts.config import MAX_NAMED_CHARACTERS
from screening.packs.layouts.plan import REMOTE
from screening.packs.text import decode_text

_DRIVE = re.compile(r"[A-Za-z]:")

MAX_LEVELS = 32
"""The deepest that a config may lie for its places to be looked for above its own folder; a hostile
path has 2,000 folders, and a config 100,000 places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where in the pack a place is: ``paths`` of folders and files ("" is the pack itself).

    ``reason`` says why there are none, as the end of "it refers to …, which".
    """

    paths: tuple[str, ...] = ()
    reason: str = ""


def within_pack(folder: str, place: str) -> list[str] | str:
    """Paths that ``place`` may stand for in a pack whose config lies in ``folder``, or why none.

    Trainers resolve what is relative against the folder that they are started in, which nobody
    knows: it may be the config's own or any above it.
    """
    path = place.replace("\\", "/")
    if REMOTE.match(path):
        return "is not fetched"
    if path.startswith(("/", "~")) or _DRIVE.match(path):
        return "is outside the pack"
    found: list[str] = []
    for _ in range(MAX_LEVELS if folder.count("/") < MAX_LEVELS else 1):
        joined = posixpath.normpath(posixpath.join(folder, path))
        if joined.split("/")[0] != "..":
            found.append("" if joined == "." else joined)
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    return found or "is outside the pack"


class DiskPlaces:
    """Places of the config that the operator gave: on this machine, as its trainer finds them.

    What is relative is looked for in the folder that the trainer is started in, and in that of
    the config; where both have it, both count.
    """

    def __init__(self, bases: Sequence[Path], *, max_text_bytes: int) -> None:
        self._bases = [os.path.abspath(base) for base in bases]  # noqa: PTH100 - links stay
        self._max_text_bytes = max_text_bytes
        self._characters_left = MAX_NAMED_CHARACTERS

    def found(self, place: str) -> list[str]:
        """Real paths of the files and folders that ``place`` stands for."""
        paths: list[str] = []
        for base in self._bases if place else ():
            try:
                path = os.path.realpath(os.path.join(base, place))  # noqa: PTH118
                mode = os.stat(path).st_mode  # noqa: PTH116 - paths as trainers write them
            except (OSError, ValueError):
                continue
            if (stat.S_ISDIR(mode) or stat.S_ISREG(mode)) and path not in paths:
                paths.append(path)
        return paths

    def text(self, config_path: str, place: str) -> str | None:  # noqa: ARG002
        """As `Files` has it."""
        for path in self.found(place):
            try:
                with Path(path).open("rb") as file:
                    data = file.read(self._max_text_bytes + 1)
            except OSError:
                continue
            self._characters_left -= len(data)
            if len(data) > self._max_text_bytes or self._characters_left < 0:
                return None  # its trainer reads this one, and not the next that has its name
            return decode_text(data)
        return None
