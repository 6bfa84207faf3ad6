"""The pool of decoding processes: what dies or hangs in one costs one file."""

import contextlib
import fcntl
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from queue import LifoQueue
from typing import IO, Self

from screening.errors import DecoderCrashed, ScreeningError
from screening.fingerprints.answer import LENGTH, Answer, most_bytes
from screening.fingerprints.decoding_process import READY, Task
from screening.images.preprocess import Preprocessing
from screening.settings import Limits

__all__ = ["Answer", "DecoderPool", "DecodingProcess"]

CHUNK_BYTES = 1 << 20

START_TIMEOUT_SECONDS = 120.0
"""Imports take half a second; a machine that is busy or reads its packages over a network may
need a hundred times that."""

KEPT_VARIABLES = frozenset(
    {"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR"}
    | {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPYCACHEPREFIX"}
)
"""What a decoding process is given of the environment: what Python and shared libraries need to
be found, and no tokens, keys or addresses."""


class DecodingProcess:
    """One process; not thread-safe but for `kill`. It is started when first asked, and again
    after a crash."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._timeout_seconds = limits.decode_timeout_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def start(self) -> subprocess.Popen[bytes]:
        """The running process; started, without waiting for it, where there is none."""
        if self._process is not None and self._process.poll() is not None:
            self.stop()  # it died while nothing was asked of it
        if self._process is None:
            self._process = _started(self._limits)
            self._ready = False
        return self._process

    def ask(self, data: bytes, task: Task) -> bytes:
        """The raw answer for one file.

        Raises DecoderCrashed where the process dies or takes too long on the file; the next call
        starts another. Raises ScreeningError where no process can be started.
        """
        process = self.start()
        requests, answers = _number(process.stdin), _number(process.stdout)
        if not self._ready:
            self._await_ready(process)
        most = most_bytes(self._limits, task.preprocessings, mirrored=task.mirrored)
        text = task.to_bytes()
        deadline = time.monotonic() + self._timeout_seconds
        try:
            _write(requests, LENGTH.pack(len(text)) + text + LENGTH.pack(len(data)), deadline)
            _write(requests, data, deadline)
            size = LENGTH.unpack(_read(answers, LENGTH.size, deadline))[0]
            if size > most:
                raise EOFError  # no answer of ours is that long: the process was taken over
            return _read(answers, size, deadline)
        except TimeoutError:
            self.stop()
            raise DecoderCrashed(f"decoding took longer than {self._timeout_seconds:g} s") from None
        except (EOFError, BrokenPipeError):
            self.stop()
            raise DecoderCrashed("the decoder crashed on this file") from None
        except BaseException:
            self.stop()  # a file that was sent in part must not be the beginning of the next one
            raise

    def kill(self) -> None:
        """End the process from any thread; a picture under way is lost to it."""
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the process and leave nothing of it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        try:
            said = _read(_number(process.stdout), len(READY), deadline)
        except TimeoutError:
            self.stop()
            raise ScreeningError(
                f"a decoding process was not ready within {START_TIMEOUT_SECONDS:g} s"
            ) from None
        except EOFError:
            said = b""
        if said != READY:
            process.kill()
            reason = process.stderr.read().decode(errors="replace") if process.stderr else ""
            self.stop()
            last_line = reason.strip().rpartition("\n")[2]
            raise ScreeningError(
                f"{sys.executable} cannot run a decoding process: {last_line or 'no reason given'}"
            )
        self._ready = True


class DecoderPool:
    """``processes`` decoding processes behind one thread-safe call.

    They make what the options here say (``task``) of every file that no other task is given for.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        preprocessings: Sequence[Preprocessing],
        short_side_px: int,
        mirrored: bool,
        processes: int,
    ) -> None:
        self.task = Task(
            preprocessings=tuple(preprocessings), short_side_px=short_side_px, mirrored=mirrored
        )
        self._all = [DecodingProcess(limits) for _ in range(processes)]
        self._idle: LifoQueue[DecodingProcess] = LifoQueue()
        for process in reversed(self._all):
            self._idle.put(process)
        self._opened_in = os.getpid()
        self._closed = False

    def warm_up(self) -> None:
        """Start all processes now; they import while the caller does something else."""
        self.check_usable()
        for process in self._all:
            process.start()

    def check_usable(self) -> None:
        """Raise ScreeningError after `close`, and in a fork of the process that opened this."""
        if self._closed:
            raise ScreeningError("the decoding processes are closed already")
        if self._opened_in != os.getpid():
            raise ScreeningError(
                "opened before this process was forked: open a screener in each process"
            )

    def decode(self, data: bytes, task: Task | None = None) -> Answer:
        """Decode one file; blocks until a process is free.

        Raises DecoderCrashed where the file cost a process, ScreeningError where none can run.
        """
        self.check_usable()
        task = task or self.task
        process = self._idle.get()
        try:
            self.check_usable()
            raw = process.ask(data, task)
            try:
                return Answer.from_bytes(raw, task.preprocessings)
            except ValueError as error:
                process.stop()
                raise DecoderCrashed("the decoder gave no sensible answer on this file") from error
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """Stop all processes now; a picture that is under way in another thread is lost."""
        if self._opened_in != os.getpid():
            return  # the processes are not this fork's to stop
        self._closed = True
        for process in self._all:
            process.kill()
        for _ in self._all:
            self._idle.get()
        for process in self._all:
            process.stop()
            self._idle.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _started(limits: Limits) -> subprocess.Popen[bytes]:
    # Started by name and not by fork or multiprocessing: this works in threads, in daemonic
    # workers, and in programs whose __main__ cannot be imported again.
    # -P: the current folder may be an upload, and hold a json.py.
    command = [sys.executable, "-P", "-m", "screening.fingerprints.decoding_process"]
    kept = {name: value for name, value in os.environ.items() if name in KEPT_VARIABLES}
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    path = os.pathsep.join(entry for entry in sys.path if isinstance(entry, str) and entry)
    try:
        process = subprocess.Popen(
            [*command, json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, **one_thread, "PYTHONPATH": path},
            bufsize=0,
        )
    except OSError as error:
        raise ScreeningError(f"cannot start a decoding process: {error}") from error
    os.set_blocking(_number(process.stdin), False)
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # the user's share of pipe memory is used up
            fcntl.fcntl(_number(pipe), fcntl.F_SETPIPE_SZ, CHUNK_BYTES)
    return process


def _number(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise ScreeningError("the decoding process has no pipes")
    return pipe.fileno()


def _write(descriptor: int, data: bytes, deadline: float) -> None:
    """Write all of ``data`` to a pipe that does not block."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    view = memoryview(data)
    while view:
        _await(poll, deadline)
        view = view[os.write(descriptor, view[:CHUNK_BYTES]) :]


def _read(descriptor: int, count: int, deadline: float) -> bytes:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    parts: list[bytes] = []
    while count:
        _await(poll, deadline)
        part = os.read(descriptor, min(count, CHUNK_BYTES))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _await(poll: select.poll, deadline: float) -> None:
    left_ms = (deadline - time.monotonic()) * 1000
    if left_ms <= 0 or not poll.poll(left_ms):
        raise TimeoutError
