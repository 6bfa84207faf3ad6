"""Trainers' own loaders against what is screened, on the same packs.

    python benchmarks/loaders.py --python PYTHON [--sd-scripts DIR] [--ai-toolkit DIR]
        [--diffusers DIR] [--musubi-tuner DIR] [--packs 100] [--write]

``DIR`` is a checkout of the trainer, ``PYTHON`` an interpreter with its packages, no GPU needed.
`loaders_packs` lays packs out; ``loaders_TRAINER.py`` has the trainer's own classes read them, in a
process without `screening`. Compared for each picture that the trainer would train on: that it is
screened, or listed as unscreened; that it is marked as loaded; that each word of each caption that
the trainer would feed is in what names are looked for in; how often an epoch repeats it. Ends with
1 if there is a difference. ``--write`` puts the table into ``loaders.md`` and ``loaders.json``.
"""

import argparse
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders_packs import Job, conformance_jobs, random_jobs
from PIL import Image

from screening.packs import (
    Kind,
    Layout,
    Member,
    TrainingImage,
    Unscreened,
    decode_text,
    recognise,
)
from screening.packs.paths import given_path

TRAINERS = ("sd-scripts", "ai-toolkit", "diffusers", "musubi-tuner")
HERE = Path(__file__).parent
_WORDS = re.compile(r"\w+")


@dataclass(slots=True)
class Compared:
    """Counts of one trainer, and a sentence for each difference."""

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def differs(self, job: Job, kind: str, sentence: str) -> None:
        self.counts[kind] += 1
        if kind == "not marked":  # for people alone: it is screened like what is
            return
        self.differences.append(f"{job.trainer}, {job.name}: {sentence}")


def main() -> None:
    arguments = _arguments()
    results: dict[str, Any] = {}
    differences: list[str] = []
    for trainer in TRAINERS:
        checkout = getattr(arguments, trainer.replace("-", "_"))
        if checkout is None:
            continue
        compared = compare(trainer, checkout, arguments.python, arguments.packs)
        results[trainer] = {"commit": _commit(checkout), **compared.counts}
        differences += compared.differences
    print(table(results))
    print("\n".join(differences[:200]), file=sys.stderr)
    if arguments.write:
        (HERE / "loaders.json").write_text(json.dumps(results, indent=1) + "\n")
        text = (HERE / "loaders.md").read_text()
        head = text.partition("| trainer")[0]
        (HERE / "loaders.md").write_text(head + table(results) + "\n")
    sys.exit(1 if differences else 0)


def compare(trainer: str, checkout: Path, python: str, packs: int) -> Compared:
    """Lays the packs out in a folder of their own, has both read them, and compares."""
    compared = Compared()
    with tempfile.TemporaryDirectory(prefix="loaders") as held:
        root = Path(os.path.realpath(held))
        jobs = [*conformance_jobs(root / "suite", trainer), *random_jobs(root, trainer, packs)]
        ours = [screened_of(job) for job in jobs]  # first: ai-toolkit leaves a file of sizes behind
        theirs = _loaded(trainer, checkout, python, jobs, root)
        for job, screened, told in zip(jobs, ours, theirs, strict=True):
            compared.counts["packs"] += 1
            if "refused" in told:
                compared.counts["refused"] += 1
                print(f"{trainer}, {job.name}: refused: {told['refused']}", file=sys.stderr)
                continue
            compare_job(job, screened, told["pictures"], compared)
    return compared


def _loaded(
    trainer: str, checkout: Path, python: str, jobs: list[Job], root: Path
) -> list[dict[str, Any]]:
    script = HERE / f"loaders_{trainer.replace('-', '_')}.py"
    asked, answer = root / "jobs.json", root / "results.json"
    told = [{"folder": str(each.folder), "arguments": each.arguments} for each in jobs]
    asked.write_text(json.dumps(told))
    command = [python, script, checkout.resolve(), asked, answer]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    if ran.returncode or not answer.is_file():
        raise SystemExit(f"{script.name} ended with {ran.returncode}:\n{ran.stderr[-3000:]}")
    results: list[dict[str, Any]] = json.loads(answer.read_text())
    return results


@dataclass(frozen=True, kw_only=True)
class Screened:
    """What `screening` makes of a pack, by the path on disk; by pixels where there is none."""

    images: Mapping[str, TrainingImage]
    listed: frozenset[str]
    words: frozenset[str]


def screened_of(job: Job) -> Screened:
    """Reads the pack as `Screener` does, up to the fingerprints."""
    images: list[str] = []
    texts: dict[str, str] = {}
    listed, pixels = set[str](), dict[str, str]()
    for each in job.pack.read():
        if isinstance(each, Unscreened):
            listed.add(each.path)
        elif isinstance(each, Member) and each.kind in (Kind.IMAGE, Kind.OTHER):
            try:
                pixels[each.path] = _pixels(each.data)
                images.append(each.path)
            except OSError:  # no picture: the screener lists it
                listed.add(each.path)
        elif isinstance(each, Member):
            texts[each.path] = decode_text(each.data)
    layout: Layout = recognise(images, texts, training=job.pack.training)
    roots = {path: real for real, path in job.pack.training.roots.items()}
    by_path = {_on_disk(each.path, roots): each for each in layout.images}
    by_pixels = {pixels[each.path]: each for each in layout.images}
    return Screened(
        images=by_pixels | by_path,
        listed=frozenset(_on_disk(each, roots) for each in listed),
        words=frozenset(_words(*layout.class_tokens, *layout.trigger_words)),
    )


def _on_disk(path: str, roots: Mapping[str, str]) -> str:
    """The path on disk of a path within the pack."""
    folder, below = given_path(path), ""
    while folder not in roots and folder:
        folder, _, name = folder.rpartition("/")
        below = f"/{name}{below}"
    return roots.get(folder, "") + below


def _pixels(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as opened:
        rgb = opened.convert("RGB")
    return "pixels:" + hashlib.sha256(repr(rgb.size).encode() + rgb.tobytes()).hexdigest()


def compare_job(
    job: Job, screened: Screened, pictures: list[dict[str, Any]], compared: Compared
) -> None:
    roles: dict[str, set[str]] = {}
    repeats: Counter[str] = Counter()
    for each in pictures:
        name = each["path"] if "path" in each else f"pixels:{each['pixels']}"
        if any(_is_within(name, listed) for listed in screened.listed):
            compared.counts["listed"] += 1
            continue
        compared.counts["pictures"] += 1
        image = screened.images.get(name)
        if image is None:
            compared.differs(job, "not screened", f"{name} is not screened")
            continue
        if not image.loaded:
            compared.differs(job, "not marked", f"{name} is not marked as loaded")
        roles.setdefault(name, set()).add(each["role"].replace("validation", "train"))
        repeats[name] += each.get("repeats") or 0
        known = _words(*image.captions) | screened.words
        for caption in each.get("captions", ()):
            compared.counts["captions"] += 1
            if not _words(caption) <= known:
                sentence = f"{name} is trained with {caption!r}, not in {image.captions!r}"
                compared.differs(job, "other captions", sentence)
    is_whole = set(repeats) == {each.get("path") for each in pictures if "role" in each}
    for name, seen in roles.items():
        image = screened.images[name]
        # What trains in one place trains, whatever it is in another.
        if image.role not in seen or (image.role != "train" and "train" in seen):
            compared.differs(job, "other roles", f"{name} is {image.role}, not {seen}")
        # sd-scripts fills a data set up with regularisation pictures in the order in which the
        # folder happens to give them. We take several data sets together, and count what two
        # subsets of one name as often as both say; of those it takes the last. How many train
        # is not known where some are listed as unscreened.
        spare = 1 if seen == {"regularisation"} else 0
        # A control picture comes as often as the picture that it belongs to.
        if len(seen) > 1 or not repeats[name]:
            continue
        compared.counts["counted more"] += image.repeats > repeats[name]
        if image.repeats + spare < repeats[name] and (is_whole or not spare):
            sentence = f"{name} comes {repeats[name]} times, not {image.repeats}"
            compared.differs(job, "too few repeats", sentence)
    # What is marked as loaded and is not: regularisation pictures that are not needed any more, and
    # suffixes that plug-ins read.
    more = {name for name, each in screened.images.items() if each.loaded and "pixels:" not in name}
    compared.counts["marked too"] += len(more - {each.get("path") for each in pictures})


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in _WORDS.findall(text)}


COLUMNS = ("packs", "refused", "pictures", "captions", "listed", "not screened", "not marked",
           "other roles", "other captions", "too few repeats", "counted more",
           "marked too")  # fmt: skip


def table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """A row a trainer, in Markdown."""
    lines = [
        f"| trainer | commit | {' | '.join(COLUMNS)} |",
        "|---|---" + "|---" * len(COLUMNS) + "|",
    ]
    for trainer, counts in results.items():
        cells = " | ".join(f"{counts.get(column, 0):,}" for column in COLUMNS)
        lines.append(f"| {trainer} | {counts['commit']} | {cells} |")
    return "\n".join(lines)


def _commit(checkout: Path) -> str:
    """The checkout's commit, from git or, where it was unpacked without, a file ``.commit``."""
    noted = checkout / ".commit"
    if noted.is_file():
        return noted.read_text().strip()[:7]
    command = ["git", "-C", str(checkout), "rev-parse", "--short=7", "HEAD"]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    return ran.stdout.strip() or "unknown"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="with the trainers' packages")
    for trainer in TRAINERS:
        parser.add_argument(f"--{trainer}", type=Path, metavar="DIR")
    parser.add_argument("--packs", type=int, default=100, help="random ones, of each trainer")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
