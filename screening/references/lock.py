"""One writer at a time in a folder; readers need no lock, files appear by renames."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other thread or process holds ``folder``, and hold it for the block.

    The lock goes with the process, so one that dies leaves none behind.
    """
    with (folder / LOCK_FILE).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
