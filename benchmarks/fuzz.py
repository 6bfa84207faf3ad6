"""Fuzz whatever of an upload is parsed: nothing may crash, hang, or get lost in silence.

    python benchmarks/fuzz.py --corpus DIR [--cases 1000000] [--seconds S] [--engine ENGINE]
                              [--target TARGET] [--json FILE]

`fuzz_targets` says what is run and what must hold: `open_pack` on archives, with what other readers
find in them; the readers of trainers' configs and metadata files; texts in pictures; the header of
`screening lora`; Parquet files, of which each starts a process and which are counted apart.

Engines: ``atheris`` (steered by coverage; ``pip install 'screening[fuzz]'``), ``hypothesis`` and
``mutate`` (both blind). Without ``--engine`` a target's cases are shared out 8:1:1. Each slice runs
in a process of its own, one at a time. ``--corpus`` keeps inputs and counts: stopped or killed, the
same command goes on, until ``--cases`` have run on all targets together, or ``--seconds`` have gone
by. Ends with 1 if there is any defect; their inputs are in ``DIR/TARGET/defects``.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fuzz_targets import TARGETS
from fuzz_worker import CURRENT_BYTES, ENGINES, Tally

SHARES = {"atheris": 0.8, "hypothesis": 0.1, "mutate": 0.1}
SLICE_CASES = 200_000
SLICE_SECONDS = 900.0
PARQUET_CASES = 300
"""On top of ``--cases``; half a second each."""

_COVERED = re.compile(rb"cov: (\d+)")


def main() -> None:
    arguments = _arguments()
    ends = time.monotonic() + arguments.seconds
    targets = [arguments.target] if arguments.target else list(TARGETS)
    while time.monotonic() < ends and (todo := _next(targets, arguments)):
        target, engine, cases = todo
        seconds = min(SLICE_SECONDS, ends - time.monotonic())
        run_slice(arguments.corpus / target, target, engine, cases, seconds)
    results = gathered(arguments.corpus)
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if any(each["defects"] for each in results["targets"].values()) else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


def _next(targets: list[str], arguments: argparse.Namespace) -> tuple[str, str, int] | None:
    """Of all that is to be run, the slice that is furthest behind; Parquet comes last."""
    shares = {arguments.engine: 1.0} if arguments.engine else SHARES
    all_shares = sum(TARGETS[each].share for each in targets) or 1.0
    behind = []
    for target in targets:
        cases = arguments.cases * TARGETS[target].share / all_shares
        if target == "parquet":
            cases = arguments.cases if arguments.target else PARQUET_CASES
        run = Tally(arguments.corpus / target).state["cases"]
        for engine, share in shares.items():
            if target == "parquet" and engine == "atheris" and not arguments.engine:
                continue
            left = round(cases * share) - run.get(engine, 0)
            if left > 0:
                done = run.get(engine, 0) / (cases * share)
                behind.append((target == "parquet", done, target, engine, left))
    if not behind:
        return None
    *_, target, engine, left = min(behind)
    return target, engine, min(left, SLICE_CASES)


def run_slice(folder: Path, target: str, engine: str, cases: int, seconds: float) -> None:
    """One process; where it dies, the input that it died on is a defect."""
    job = json.dumps([target, engine, str(folder.resolve()), cases, seconds])
    worker = Path(__file__).resolve().with_name("fuzz_worker.py")
    with (folder / "log").open("wb") as log:
        process = subprocess.run(
            [sys.executable, str(worker), job],
            stdout=log,
            stderr=log,
            check=False,
        )
    said = (folder / "log").read_bytes()
    tally = Tally(folder)
    covered = [int(each) for each in _COVERED.findall(said)]
    tally.state["edges"] = max([tally.state.get("edges", 0), *covered])
    if process.returncode:
        current = (folder / "current").read_bytes()[:CURRENT_BYTES]
        data = current[4 : 4 + int.from_bytes(current[:4], "little")]
        tally.defect(f"died {engine} {process.returncode}", data, said.decode("utf-8", "replace"))
    tally.save(now=True)


def gathered(corpus: Path) -> dict[str, Any]:
    """Versions, and the counts of each target, defects without their inputs."""
    targets = {each: Tally(corpus / each).state for each in TARGETS}
    versions = {"python": platform.python_version()}
    for name in ("atheris", "hypothesis", "pillow", "pyyaml", "zstandard", "pyarrow"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {"versions": versions, "cores": len(os.sched_getaffinity(0)), "targets": targets}


def table(results: Mapping[str, Any]) -> str:
    """A Markdown table with a row for each target."""
    head = (
        "| target | cases | atheris | hypothesis | mutate | cases/s of a core | edges | "
        "refused | slowest, CPU s | peak, MiB | defects |"
    )
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    for name, state in results["targets"].items():
        cases = sum(state["cases"].values())
        rate = cases / state["cpu_seconds"] if state["cpu_seconds"] else 0
        by_engine = (f"{state['cases'].get(engine, 0):,}" for engine in SHARES)
        figures = (
            *(f"{cases:,}", *by_engine, f"{rate:,.0f}", state.get("edges", 0), state["refused"]),
            *(f"{state['slowest_cpu_seconds']:.2f}", state["peak_mib"], len(state["defects"])),
        )
        lines.append(f"| {name} | {' | '.join(map(str, figures))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
