"""One slice of fuzzing: an engine runs one target, and what was counted is kept in a folder.

Started by `fuzz` as ``python fuzz_worker.py JSON``, so that a crash costs a slice. The folder of a
target has ``state.json`` (counts, and each defect once), ``corpus`` (what atheris found to be worth
changing further), ``defects`` (their inputs), ``slowest.bin``, and ``current``: the input that a
process died on.
"""

import json
import mmap
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

MOST_CASE_SECONDS = 10.0
"""Of processor time, with the engine's instrumentation and on a busy machine."""

MOST_MEMORY_BYTES = 1024**3
"""Peak of the fuzzing process, libraries, corpus and the dictionaries of LZMA included."""

MOST_DEFECTS = 50
SAVED_EVERY_SECONDS = 5.0
CURRENT_BYTES = 1 << 20
_LENGTH_BYTES = 4


class Hang(BaseException):
    """A case took too much processor time. No Exception: nothing under test may catch it."""


class Tally:
    """What was counted of one target, slice after slice."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "state.json"
        self._defects = folder / "defects"
        self._defects.mkdir(parents=True, exist_ok=True)
        self._saved = time.monotonic()
        self.slowest = folder / "slowest.bin"
        self.state: dict[str, Any] = {
            "cases": {}, "seconds": 0.0, "cpu_seconds": 0.0, "refused": 0, "slices": 0,
            "slowest_cpu_seconds": 0.0, "peak_mib": 0, "defects": {},
        }  # fmt: skip
        if self._file.exists():
            self.state |= json.loads(self._file.read_text(encoding="utf-8"))

    def defect(self, key: str, data: bytes, text: str) -> None:
        known = self.state["defects"]
        if key not in known and len(known) < MOST_DEFECTS:
            name = f"{len(known):02}.bin"
            (self._defects / name).write_bytes(data)
            known[key] = {"count": 0, "input": name, "text": text[-2000:]}
        if key in known:
            known[key]["count"] += 1

    def save(self, *, now: bool = False) -> None:
        if now or time.monotonic() - self._saved > SAVED_EVERY_SECONDS:
            self._saved = time.monotonic()
            temporary = self._file.with_suffix(".new")
            temporary.write_text(json.dumps(self.state, indent=1), encoding="utf-8")
            temporary.replace(self._file)


class Runner:
    """Runs one case after the other under limits, and ends when enough have run."""

    def __init__(self, target: str, engine: str, folder: Path, cases: int, seconds: float) -> None:
        import fuzz_targets  # noqa: PLC0415 - atheris instruments what is imported after it

        self.target = fuzz_targets.TARGETS[target]
        self._refusals = fuzz_targets.ALLOWED_ERRORS
        self._engine = engine
        self.tally = Tally(folder)
        self.left = cases
        self._ends = time.monotonic() + seconds
        self._scratch = Path(tempfile.mkdtemp(prefix="fuzz-"))
        current = folder / "current"
        current.write_bytes(bytes(CURRENT_BYTES))
        with current.open("r+b") as file:
            self._current = mmap.mmap(file.fileno(), CURRENT_BYTES)
        signal.signal(signal.SIGVTALRM, _hang)

    @property
    def is_done(self) -> bool:
        return self.left <= 0 or time.monotonic() > self._ends

    def __call__(self, data: bytes) -> None:
        data = data[: self.target.most_bytes]
        self._current[: _LENGTH_BYTES + len(data)] = len(data).to_bytes(4, "little") + data
        state = self.tally.state
        begun, begun_cpu = time.monotonic(), time.thread_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_CASE_SECONDS)
        try:
            self.target.run(data, self._scratch)
        except self._refusals:
            state["refused"] += 1
        except (Exception, Hang) as error:  # whatever it is, it is a finding
            self.tally.defect(_key(error), data, traceback.format_exc())
            for left in self._scratch.iterdir():
                left.unlink()
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self.left -= 1
        spent = time.thread_time() - begun_cpu
        state["cases"][self._engine] = state["cases"].get(self._engine, 0) + 1
        state["seconds"] += time.monotonic() - begun
        state["cpu_seconds"] += spent
        if spent > state["slowest_cpu_seconds"]:
            state["slowest_cpu_seconds"] = spent
            self.tally.slowest.write_bytes(data)
        self._watch_memory(data)
        self.tally.save()

    def _watch_memory(self, data: bytes) -> None:
        peak_bytes = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        before = self.tally.state["peak_mib"]
        self.tally.state["peak_mib"] = max(before, peak_bytes >> 20)
        if peak_bytes > MOST_MEMORY_BYTES >= before << 20:
            self.tally.defect("memory", data, f"the process grew to {peak_bytes:,} bytes")


def _key(error: BaseException) -> str:
    """One for all cases of a defect: the kind of error, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(each.filename).name}:{each.lineno}" for each in frames[-3:]]
    said = str(error)[:40] if type(error).__name__ == "Lost" else ""
    return " ".join([type(error).__name__, said, *places])


def _hang(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise Hang(f"more than {MOST_CASE_SECONDS:g} s of processor time")


def run_atheris(new_runner: Callable[[], Runner], folder: Path, slice_number: int) -> None:
    """Coverage of the packs' code and of the parsers in Python below it steers what is tried."""
    import atheris  # noqa: PLC0415 - an extra

    with atheris.instrument_imports(
        include=[
            "screening.packs",
            "screening.images",
            "screening.lora",
            "tarfile",
            "tomllib",
            "yaml",
        ]
    ):
        runner = new_runner()
    corpus = folder / "corpus"
    if not corpus.exists():
        corpus.mkdir()
        for number, seed in enumerate(runner.target.seeds()):
            (corpus / f"seed{number:02}").write_bytes(seed)

    def one_input(data: bytes) -> None:
        if runner.is_done:
            runner.tally.save(now=True)
            sys.stdout.flush()
            os._exit(0)  # libFuzzer has no other end that counts what it ran
        runner(data)

    options = [f"-max_len={runner.target.most_bytes}", f"-seed={slice_number + 1}", "-timeout=600",
               "-rss_limit_mb=0", f"-artifact_prefix={folder}/"]  # fmt: skip
    atheris.Setup(["fuzz", str(corpus), *options], one_input)
    atheris.Fuzz()


def run_mutate(new_runner: Callable[[], Runner], folder: Path, slice_number: int) -> None:  # noqa: ARG001
    """Sound files with bytes changed, cut, repeated and joined; nothing steers it."""
    runner = new_runner()
    choose = random.Random(slice_number)
    seeds = runner.target.seeds()
    while not runner.is_done:
        data = bytearray(choose.choice(seeds))
        for _ in range(choose.choice((1, 1, 2, 4, 8))):
            _mutate(data, choose, seeds)
        runner(bytes(data))
    runner.tally.save(now=True)


def _mutate(data: bytearray, choose: random.Random, seeds: list[bytes]) -> None:
    place = choose.randrange(len(data) + 1)
    kind = choose.randrange(7)
    if kind < 2:
        data[place : place + 1] = bytes([choose.randrange(256)])
    elif kind == 2:  # a number at a limit, of 2, 4 or 8 bytes
        size = choose.choice((2, 4, 8))
        number = choose.choice((0, 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), len(data), place))
        data[place : place + size] = (number % 2 ** (8 * size)).to_bytes(size, "little")
    elif kind == 3:
        del data[place : place + choose.choice((1, 2, 8, 64, 512))]
    elif kind == 4:
        end = place + choose.choice((1, 4, 64, 512))
        data[place:place] = data[place:end]
    elif kind == 5:
        other = choose.choice(seeds)
        start = choose.randrange(len(other) + 1)
        data[place:] = other[start:]
    else:
        data[place:place] = choose.randbytes(choose.choice((1, 4, 32)))


def run_hypothesis(new_runner: Callable[[], Runner], folder: Path, slice_number: int) -> None:  # noqa: ARG001
    """Bytes of any kind, and edits of sound files, as Hypothesis draws them."""
    import hypothesis  # noqa: PLC0415 - of the development extra
    from hypothesis import strategies as st  # noqa: PLC0415

    runner = new_runner()
    edits = st.lists(st.tuples(st.integers(0, runner.target.most_bytes), st.binary(max_size=8)))
    cases = st.one_of(
        st.binary(max_size=min(2000, runner.target.most_bytes)),
        st.tuples(st.sampled_from(runner.target.seeds()), edits).map(lambda case: _edited(*case)),
    )

    @hypothesis.settings(
        max_examples=1000,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(cases)
    def one_round(data: bytes) -> None:
        if not runner.is_done:
            runner(data)

    rounds = random.Random(slice_number)
    while not runner.is_done:
        hypothesis.seed(rounds.random())(one_round)()
    runner.tally.save(now=True)


def _edited(seed: bytes, edits: list[tuple[int, bytes]]) -> bytes:
    data = bytearray(seed)
    for number, replacement in edits:
        place = number % (len(data) + 1)
        data[place : place + len(replacement)] = replacement
    return bytes(data)


ENGINES = {"atheris": run_atheris, "hypothesis": run_hypothesis, "mutate": run_mutate}


def main() -> None:
    target, engine, folder, cases, seconds = json.loads(sys.argv[1])
    folder = Path(folder)
    tally = Tally(folder)
    tally.state["slices"] += 1
    tally.save(now=True)
    ENGINES[engine](
        lambda: Runner(target, engine, folder, cases, seconds), folder, tally.state["slices"]
    )


if __name__ == "__main__":
    main()
