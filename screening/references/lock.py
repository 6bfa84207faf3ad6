"""One writer at a time in a folder; readers need no lock, files appear by renames."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other thread or process holds ``folder``, and hold it for the block.

    The lock goes with the process, so one that dies leaves none behind. It is on the folder
    itself: nothing is written, so a folder that may only be read can be held too.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
