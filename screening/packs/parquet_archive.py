"""Rows of a Parquet file as members: its pictures as files, its texts as ``metadata.jsonl``.

``datasets`` (huggingface/datasets at b7cb10b, ``src/datasets/packaged_modules/parquet/parquet.py``
and ``features/image.py``) trains on bytes in a column, in a struct of ``bytes`` and ``path``, or on
what a path names; which column is the caption is told to the trainer. So every cell of bytes is a
member ``file.parquet!/ROW.png`` (``ROW.COLUMN.png`` where several columns hold bytes), and
``file.parquet!/metadata.jsonl`` has the rows' texts and paths as imagefolder has them; a file
without any picture has ``rows.jsonl`` instead. A text that is a picture in base64 is a
member as well. Numbers are left out.

Arrow is written in C++: the file is read in a process of its own (`parquet_process`), under limits
of memory and of time, and its rows are streamed, never held.
"""

import io
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from screening.packs.budget import Budget, Meter
from screening.packs.entry import CHUNK_BYTES, Contents, Entry
from screening.packs.paths import member_path
from screening.packs.refusal import MemberRefused
from screening.packs.tar_archive import ZIP_AS_WELL
from screening.packs.zip_directory import holds_zip_end, read_directory

PARQUET_MARKS = (b"PAR1", b"PARE")
"""Readers look for these at the end alone (Arrow); what stands at the start is not asked."""

LEAST_PARQUET_BYTES = 12

START_TIMEOUT_SECONDS = 120.0
"""As long as a decoding process gets: imports on a busy machine."""

RECORD = struct.Struct(">cHQ")
"""Begins a record of the reading process: its kind, the bytes of its name and of its content."""

READY, MEMBER, TROUBLE, LAST = b"R", b"M", b"T", b"E"
MAX_TROUBLE_BYTES = 64 * 1024
_KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONHOME")


def ends_as_parquet(file: BinaryIO) -> bool:
    """Whether a Parquet reader would open ``file``, whatever stands before."""
    size_bytes = file.seek(0, os.SEEK_END)
    if size_bytes < LEAST_PARQUET_BYTES:
        return False
    file.seek(size_bytes - 4)
    return file.read(4) in PARQUET_MARKS


def read_parquet(file: BinaryIO, budget: Budget) -> Contents:
    """The cells of ``file`` that hold bytes, and its texts. Raises MemberRefused."""
    troubles = [ZIP_AS_WELL] if _holds_zip(file) else []
    meter = Meter(budget)
    meter.took(file.seek(0, os.SEEK_END))
    # From here on the place in ``file`` is the process's, which shares it.
    with _started(file, budget) as process:
        while True:
            kind, name, size_bytes = process.record()
            if kind == LAST:
                return tuple(troubles)
            if kind == TROUBLE:
                said = process.exactly(min(size_bytes, MAX_TROUBLE_BYTES))
                troubles.append(said.decode("utf-8", "replace"))
                continue
            reason = budget.spent()
            if reason is not None:
                return (*troubles, f"the rest of it is not read: {reason}")
            cell = _Cell(process, size_bytes, meter)
            yield Entry(name=name, stream=cell)
            if cell.refused is not None:
                return (*troubles, f"the rest of it is not read: {cell.refused}")
            cell.finish()


class _Cell:
    """The bytes of one cell, as they come from the process."""

    def __init__(self, process: "_Process", size_bytes: int, meter: Meter) -> None:
        self._process = process
        self._left_bytes = size_bytes
        self._meter = meter
        self.refused: str | None = None

    def read(self, size: int, /) -> bytes:
        data = self._process.some(min(size, self._left_bytes))
        self._left_bytes -= len(data)
        try:
            self._meter.made(len(data))
        except MemberRefused as refusal:
            self.refused = str(refusal)
            raise
        return data

    def finish(self) -> None:
        while self._left_bytes:
            self._left_bytes -= len(self._process.some(self._left_bytes))


class _Process:
    """What the reading process says. Raises MemberRefused where it dies or takes too long."""

    def __init__(self, answers: int, budget: Budget) -> None:
        self._answers = answers
        self._budget = budget
        self._timeout_seconds = budget.limits.decode_timeout_seconds
        self._poll = select.poll()
        self._poll.register(answers, select.POLLIN)

    def await_ready(self) -> None:
        timeout_seconds, self._timeout_seconds = self._timeout_seconds, START_TIMEOUT_SECONDS
        if RECORD.unpack(self.exactly(RECORD.size))[0] != READY:
            raise MemberRefused("the process that reads Parquet does not start")
        self._timeout_seconds = timeout_seconds

    def record(self) -> tuple[bytes, str, int]:
        kind, name_bytes, size_bytes = RECORD.unpack(self.exactly(RECORD.size))
        name = self.exactly(name_bytes).decode("utf-8", "replace")
        if kind not in (MEMBER, TROUBLE, LAST):
            raise MemberRefused("the process that reads Parquet makes no sense on it")
        return kind, member_path(name) if kind == MEMBER else name, size_bytes

    def exactly(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count:
            parts.append(self.some(count))
            count -= len(parts[-1])
        return b"".join(parts)

    def some(self, most: int) -> bytes:
        """At least one byte, unless none is asked for."""
        if most <= 0:
            return b""
        begun = time.monotonic()
        patience_seconds = min(self._timeout_seconds, self._budget.waiting_seconds_left)
        answers = self._poll.poll(max(0, 1000 * patience_seconds))
        self._budget.waiting_seconds_left -= time.monotonic() - begun
        if not answers:
            raise MemberRefused(f"reading its rows took longer than {patience_seconds:.3g} s")
        data = os.read(self._answers, min(most, CHUNK_BYTES))
        if not data:
            raise MemberRefused("the process that reads Parquet died on it")
        return data


@contextmanager
def _started(file: BinaryIO, budget: Budget) -> Iterator[_Process]:
    """The reading process on ``file``; nothing of it is left afterwards."""
    if budget.waiting_seconds_left <= 0:
        limit = budget.limits.max_pack_seconds
        raise MemberRefused(f"reading the Parquet files of the pack took longer than {limit:g} s")
    path = os.pathsep.join(entry for entry in sys.path if isinstance(entry, str) and entry)
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    one_thread = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    with _plain_file(file) as source:
        # -P: the current folder may be an upload, and hold a json.py.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "screening.packs.parquet_process",
             str(budget.limits.decoder_memory_bytes)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, **one_thread, "PYTHONPATH": path},
            bufsize=0,
        )  # fmt: skip
        try:
            if process.stdout is None:
                raise MemberRefused("the process that reads Parquet has no pipe")
            reading = _Process(process.stdout.fileno(), budget)
            reading.await_ready()
            yield reading
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def _plain_file(file: BinaryIO) -> Iterator[int]:
    """A descriptor of a file with the bytes of ``file``, which may be in memory."""
    file.seek(0)
    try:
        yield file.fileno()
        return
    except io.UnsupportedOperation:
        pass
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy, CHUNK_BYTES)
        copy.flush()
        yield copy.fileno()


def _holds_zip(file: BinaryIO) -> bool:
    """Whether the same bytes are a zip for readers that look for one."""
    return holds_zip_end(file) and read_directory(file, max_records=1) is not None
