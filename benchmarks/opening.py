"""What opening a pack and hashing its manifest costs, against reading and hashing the same bytes.

    python benchmarks/opening.py [--members 10000] [--runs 5] [--json FILE]

Zips of 10,000 members of 60 and of 300 KB, stored, and of 60 KB, deflated by a third: seeded bytes
that begin as JPEG does, each member another. In turns, in one process:

- ours: `open_pack`, every member read, recognised, hashed and looked through for archives behind
  it, and the `Manifest` with its sha256;
- zipfile: each member read (with its checksum) and hashed;
- file: sha256 of the zip file itself, as it lies on disk.

Processor seconds of the process and seconds of the clock: median and range. A zip of 300 KB members
takes 3 GB of disk for a while.
"""

import argparse
import hashlib
import json
import os
import platform
import random
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median

from screening.packs import Manifest, open_pack

PACKS = ((60_000, "stored"), (60_000, "deflated"), (300_000, "stored"))
START = b"\xff\xd8\xff\xe0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    results: dict[str, object] = {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "members": arguments.members,
    }
    print(json.dumps(results, indent=1))
    for member_bytes, method in PACKS:
        with tempfile.TemporaryDirectory() as folder:
            pack = make_zip(Path(folder), arguments.members, member_bytes, method)
            figures = measured(pack, arguments.runs)
        name = f"{member_bytes:,} bytes, {method}"
        results[name] = figures
        print(f"{name}: {shown(figures)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def make_zip(folder: Path, members: int, member_bytes: int, method: str) -> Path:
    path = folder / "pack.zip"
    body = random.Random(1).randbytes(member_bytes)
    if method == "deflated":  # a third of it packs well
        body = body[: 2 * member_bytes // 3] + bytes(member_bytes - 2 * member_bytes // 3)
    kind = zipfile.ZIP_DEFLATED if method == "deflated" else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for number in range(members):
            data = START + number.to_bytes(4, "big") + body[number % 1000 :]
            archive.writestr(f"{number:05}.jpg", data)
    return path


def measured(pack: Path, runs: int) -> dict[str, dict[str, list[float]]]:
    """What is measured -> ``cpu`` and ``clock`` -> seconds of each run."""
    stages: dict[str, Callable[[Path], object]] = {
        "file": hash_file,
        "zipfile": hash_members,
        "ours": hash_manifest,
    }
    times = {name: {"cpu": list[float](), "clock": list[float]()} for name in stages}
    for run in range(runs + 1):
        for name, stage in stages.items():
            begun, begun_cpu = time.perf_counter(), time.process_time()
            stage(pack)
            if run:  # the first is to warm up
                times[name]["cpu"].append(time.process_time() - begun_cpu)
                times[name]["clock"].append(time.perf_counter() - begun)
    return times


def hash_manifest(pack: Path) -> str:
    results = open_pack(pack).read()
    return Manifest.of((each.path, each.sha256) for each in results).sha256


def hash_members(pack: Path) -> list[str]:
    with zipfile.ZipFile(pack) as archive:
        return [hashlib.sha256(archive.read(each)).hexdigest() for each in archive.infolist()]


def hash_file(pack: Path) -> str:
    with pack.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shown(figures: dict[str, dict[str, list[float]]]) -> str:
    lines = []
    for name, times in figures.items():
        parts = []
        for clock in ("cpu", "clock"):
            each = times[clock]
            ratio = median(figures["ours"][clock]) / median(each)
            parts.append(
                f"{clock} {median(each):.2f} s ({min(each):.2f}-{max(each):.2f}), "
                f"ours / this {ratio:.2f}"
            )
        lines.append(f"\n  {name:8} {'; '.join(parts)}")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
