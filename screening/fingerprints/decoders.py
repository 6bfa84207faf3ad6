"""The pool of decoding processes: what dies or hangs in one costs one picture."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from queue import LifoQueue
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from screening.errors import DecoderCrashed
from screening.fingerprints.decoding_process import LENGTH, task_of
from screening.images.decoder import Variant, View
from screening.images.preprocess import Preprocessing
from screening.settings import Limits

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a decoding process says of one file.

    ``facts`` as in `decoding_process.answer`; ``pixels``: for each view, one (s, s, 3) uint8
    array for each preprocessing, in their order.
    """

    facts: dict[str, Any]
    pixels: tuple[tuple[NDArray[np.uint8], ...], ...]

    @property
    def views(self) -> tuple[View, ...]:
        """Which view each row of ``pixels`` is."""
        return tuple(
            View(frame=each["frame"], variant=Variant(each["variant"]))
            for each in self.facts.get("views", ())
        )


class DecodingProcess:
    """One process; not thread-safe. It is started at the first picture and after a crash."""

    def __init__(self, task: str, limits: Limits) -> None:
        self._task = task
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            # Started by name and not by fork or multiprocessing: this works in threads, in
            # daemonic workers, and in programs whose __main__ cannot be imported again.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "screening.fingerprints.decoding_process", self._task],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                bufsize=0,
            )
        return self._process

    def ask(self, data: bytes) -> bytes:
        """The raw answer for one file. Raises DecoderCrashed; the next call starts afresh."""
        process = self.start()
        if process.stdin is None or process.stdout is None:
            raise DecoderCrashed("the decoding process has no pipes")
        deadline = time.monotonic() + self._limits.decode_timeout_seconds
        try:
            process.stdin.write(LENGTH.pack(len(data)))
            _write_all(process.stdin.fileno(), data)
            size = LENGTH.unpack(_read(process.stdout.fileno(), LENGTH.size, deadline))[0]
            return _read(process.stdout.fileno(), size, deadline)
        except TimeoutError:
            seconds = self._limits.decode_timeout_seconds
            self.stop()
            raise DecoderCrashed(f"decoding took longer than {seconds:g} s") from None
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self.stop()
            raise DecoderCrashed("the decoder crashed on this file") from None

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


class DecoderPool:
    """``processes`` decoding processes behind one thread-safe call."""

    def __init__(
        self,
        *,
        limits: Limits,
        preprocessings: list[Preprocessing],
        short_side_px: int,
        mirrored: bool,
        processes: int,
    ) -> None:
        self._preprocessings = preprocessings
        task = task_of(limits, preprocessings, short_side_px=short_side_px, mirrored=mirrored)
        self._all = [DecodingProcess(task, limits) for _ in range(processes)]
        self._idle: LifoQueue[DecodingProcess] = LifoQueue()
        for process in reversed(self._all):
            self._idle.put(process)
        self._closed = Lock()

    def warm_up(self) -> None:
        """Start all processes now; they import while the caller does something else."""
        for process in self._all:
            process.start()

    def decode(self, data: bytes) -> Answer:
        """Decode one file; blocks until a process is free. Raises DecoderCrashed."""
        process = self._idle.get()
        try:
            raw = process.ask(data)
        finally:
            self._idle.put(process)
        return _parsed(raw, self._preprocessings)

    def close(self) -> None:
        """Stop all processes, after the pictures that are under way."""
        with self._closed:
            for _ in self._all:
                self._idle.get()
            for process in self._all:
                process.stop()
                self._idle.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _parsed(raw: bytes, preprocessings: list[Preprocessing]) -> Answer:
    text_end = LENGTH.size + LENGTH.unpack_from(raw)[0]
    facts = json.loads(raw[LENGTH.size : text_end])
    arrays = _arrays(raw, text_end, preprocessings)
    views = facts.get("views", ())
    return Answer(
        facts=facts, pixels=tuple(tuple(next(arrays) for _ in preprocessings) for _ in views)
    )


def _arrays(
    raw: bytes, offset: int, preprocessings: list[Preprocessing]
) -> Iterator[NDArray[np.uint8]]:
    while True:
        for each in preprocessings:
            side = each.size_px
            count = side * side * 3
            yield np.frombuffer(raw, np.uint8, count, offset).reshape(side, side, 3)
            offset += count


def _environment() -> dict[str, str]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view[:CHUNK_BYTES]) :]


def _read(descriptor: int, count: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    while count:
        left_ms = (deadline - time.monotonic()) * 1000
        if left_ms <= 0 or not poll.poll(left_ms):
            raise TimeoutError
        part = os.read(descriptor, min(count, CHUNK_BYTES))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
