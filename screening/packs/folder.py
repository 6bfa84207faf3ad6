"""Files of a folder, in the order of their paths. Links are listed and not followed."""

import os
import stat
from collections.abc import Generator
from pathlib import Path

from screening.packs.budget import Budget
from screening.packs.entry import Contents, Entry
from screening.packs.member import Unscreened

MAX_FOLDER_DEPTH = 64
"""Folders are opened below their parents, one descriptor a level; packs nest two or three."""

_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC

LINK = "a symbolic link; links are not followed"
SPECIAL = "a device, pipe or socket; only plain files are read"
VANISHED = "it vanished while the pack was read"


def read_folder(folder: Path, budget: Budget) -> Contents:
    """Every file under ``folder``, dot-files and dot-folders included. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    left = yield from _Walk(budget).folder(descriptor, "", depth=0)
    if left:
        return (
            f"at least {left:,} more files and folders are not read: {budget.members_reason()}",
        )
    return ()


class _Walk:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._folders_left = budget.limits.max_members

    def folder(
        self, descriptor: int, prefix: str, *, depth: int
    ) -> Generator[Entry | Unscreened, None, int]:
        """Reads and closes an open folder; returns how many names in it were left out."""
        try:
            with os.scandir(descriptor) as scanned:
                names = sorted(scanned, key=_path_order)
            left = 0
            for number, found in enumerate(names):
                if self._budget.members_left <= 0 or self._folders_left <= 0:
                    return left + len(names) - number
                left += yield from self._found(found, descriptor, prefix, depth)
            return left
        finally:
            os.close(descriptor)

    def _found(
        self, found: os.DirEntry[str], parent: int, prefix: str, depth: int
    ) -> Generator[Entry | Unscreened, None, int]:
        path = prefix + found.name
        left = 0
        try:
            mode = found.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                left = yield from self._subfolder(found.name, parent, path, depth)
            elif stat.S_ISREG(mode):
                yield from _file(found.name, parent, path)
            else:
                yield Unscreened(path=path, reason=LINK if stat.S_ISLNK(mode) else SPECIAL)
        except OSError as error:
            yield Unscreened(path=path, reason=why_unreadable(error))
        return left

    def _subfolder(
        self, name: str, parent: int, path: str, depth: int
    ) -> Generator[Entry | Unscreened, None, int]:
        if depth == MAX_FOLDER_DEPTH:
            reason = f"folders are nested more than {MAX_FOLDER_DEPTH} deep; it is not opened"
            yield Unscreened(path=path, reason=reason)
            return 0
        self._folders_left -= 1
        descriptor = os.open(name, _OPEN_FOLDER, dir_fd=parent)
        return (yield from self.folder(descriptor, path + "/", depth=depth + 1))


def _file(name: str, parent: int, path: str) -> Generator[Entry | Unscreened, None, None]:
    # Between the look at its name and now, a file may have been swapped for a pipe or a link.
    descriptor = os.open(name, _OPEN_FILE, dir_fd=parent)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - no path can hold a race
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            yield Entry(name=path, stream=file, file=file)
        else:
            yield Unscreened(path=path, reason=SPECIAL)


def _path_order(found: os.DirEntry[str]) -> str:
    """Sorts as the paths below would: the folder ``a`` after the file ``a.png``."""
    return f"{found.name}/" if found.is_dir(follow_symlinks=False) else found.name


def why_unreadable(error: OSError) -> str:
    """The sentence for a file that the disk or the system does not give."""
    if isinstance(error, FileNotFoundError):
        return VANISHED
    if isinstance(error, PermissionError):
        return "it may not be read (no permission)"
    return f"it cannot be read ({error.strerror or error})"
