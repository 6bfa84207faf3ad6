"""Decoding processes as tests see them: their pids, what they were sent, what is left of them."""

import fcntl
import os
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pictures import corners, file_of

from screening.fingerprints.decoders import DecoderPool
from screening.images.preprocess import Preprocessing
from screening.settings import Limits

SQUARE = Preprocessing(size_px=24, fit="squash")
PICTURE = file_of(corners())


def open_pool(limits: Limits | None = None, *, processes: int = 1, **changes) -> DecoderPool:
    options = {
        "limits": limits or Limits(),
        "preprocessings": [SQUARE],
        "short_side_px": 256,
        "mirrored": False,
        "processes": processes,
    }
    return DecoderPool(**(options | changes))


def children() -> set[int]:
    """The processes that this one started and has not waited for, zombies too."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == os.getpid():
                found.add(int(folder.name))
    return found


def new_children(before: set[int], count: int) -> list[int]:
    deadline = time.monotonic() + 30
    while len(found := children() - before) != count:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return sorted(found)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stop(process: int) -> None:
    """Stop ``process`` and wait until it is: before, it may still read what it is sent."""
    os.kill(process, signal.SIGSTOP)

    def is_stopped() -> bool:
        status = Path(f"/proc/{process}/stat").read_text()
        return status.rpartition(")")[2].split()[0] == "T"

    wait_until(is_stopped)


def wait_until_sent_to(process: int) -> None:
    """Until the stopped ``process`` has something to read."""

    def bytes_waiting() -> int:
        with Path(f"/proc/{process}/fd/0").open("rb", buffering=0) as pipe:
            count = fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))
        return int.from_bytes(count, sys.byteorder)

    wait_until(lambda: bytes_waiting() > 0)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def nothing_left_behind() -> Iterator[set[int]]:
    """The children before; afterwards there are no more of them, and no more open files."""
    before, files = children(), open_files()
    yield before
    assert children() == before
    assert open_files() == files


def has_ended(process: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
