"""Files and folders that appear whole or not at all.

They are written beside their place, under a name that no reader looks for, and renamed: who reads
sees what was there before or all that is there now, whatever ends the writer.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write the file, which becomes ``path`` when the block ends without an error.

    The folder of ``path`` must be there. What stood under that name is replaced; of several writers
    the last to finish wins. The bytes are on the disk before the name is: a power cut leaves no
    empty file. Raises OSError.
    """
    unfinished = _beside(path)
    try:
        yield unfinished
        _sync(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync(path.parent)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """An empty folder, which becomes ``path`` when the block ends without an error.

    ``path`` must be missing or an empty folder; its parents are made. The disk may still be writing
    what is in it, which for thousands of files is not waited for. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _beside(path)
    unfinished.mkdir()
    try:
        yield unfinished
        unfinished.rename(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _beside(path: Path) -> Path:
    """A name in the same folder, as only there a rename is one step; short where ``path`` is long,
    and another for each writer."""
    return path.parent / f".{token_hex(8)}.unfinished"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
