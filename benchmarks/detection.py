"""How many edited copies are found, by family of edits, at a fixed rate of false alarms.

    python benchmarks/detection.py [--art DIR] [--laid-out DIR] [--originals 120]
                [--distractors 3000] [--packs 200] [--json FILE] [--markdown FILE]

Art that no threshold was chosen on (`scripts/fetch_art.py`, UNTOUCHED_PACKAGES) is parted by series
into protected and benign pictures. Protected pictures stand in an index, among distractors; edited
copies of some of them (`edits.py`) are the queries, and so are the benign pictures, one edited copy
of each, and drawn panels of text, memes, program windows and flat pictures. Beside us, in the same
run on the same pixels and with mirrored references: imagehash's 64-bit pHash, PDQ and imagededup's
PHash, each at its usual threshold and at the one that gives our rate of false positives.

Then whole packs through `Screener` with the default policy (`pack_detection.py`).
"""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from detection_scores import Known, Scores, score
from detection_table import intervals, markdown, recalls
from edits import EDITS, edited
from numpy.typing import NDArray
from pack_detection import pack_results
from peer_hashes import peer_hashes
from PIL import Image, ImageOps
from untouched_art import Art, Parts, drawn_negatives, opened, parts_of

from screening.embedders import open_embedders
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.images.decoder import decode
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.matching import wants_keypoints
from screening.policy import CopyPolicy
from screening.references.stored import ReferencePicture
from screening.settings import Limits, Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import UNTOUCHED_PACKAGES, fetch

CORES = 2
SEED = 1
PACKAGES = (
    *UNTOUCHED_PACKAGES,
    "wesnoth-1.16-data",
    "supertux-data",
    "arcade",
    "scikit-image",
    "emoji-datasource-google",
    "emoji-datasource-twitter",
)
LIBRARIES = (
    "pillow", "imagehash", "numpy", "onnxruntime", "faiss-cpu", "opencv-python-headless",
    "imagededup", "pdqhash",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How to make one query. No ``edit``: the picture itself; ``data``: a drawn one."""

    subject: str
    family: str
    path: Path | None = None
    other: Path | None = None
    edit: str = ""
    seed: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Query:
    """One file that is uploaded. ``family`` is the edit's, or that of the negative."""

    subject: str
    family: str
    protected: bool
    data: bytes
    peers: dict[str, NDArray[np.uint8] | None]


def main() -> None:
    arguments = _arguments()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch, ProcessPoolExecutor(CORES) as processes:
        results = measure(Path(scratch), arguments, processes)
    results["seconds"] = round(time.perf_counter() - started)
    print(f"\n{results['seconds']} seconds")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if arguments.markdown:
        arguments.markdown.write_text(markdown(results), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, help="folder with the packages, instead of fetching")
    parser.add_argument("--laid-out", type=Path, help="keep the unpacked art here, for other runs")
    parser.add_argument("--originals", type=int, default=120, help="pictures that are copied")
    parser.add_argument("--distractors", type=int, default=3000)
    parser.add_argument("--packs", type=int, default=200, help="benign packs; 0 leaves packs out")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    return parser.parse_args()


def measure(scratch: Path, arguments: argparse.Namespace, processes: Executor) -> dict[str, object]:
    art = arguments.laid_out or scratch / "art"
    fetched = fetch(art, PACKAGES, art=arguments.art)
    parts = parts_of(art, processes, distractors=arguments.distractors)
    results: dict[str, object] = {
        "machine": machine(),
        "left_out": fetched.left_out,
        "data_sha256": parts.digest,
        "pictures": {
            "protected": len(parts.protected),
            "distractors": len(parts.distractors),
            "benign": len(parts.benign),
            "left out as derived": parts.derived,
        },
    }
    print(json.dumps(results, indent=2))
    settings = Settings(index=scratch / "index", workers=CORES)
    known = make_index(parts, settings, processes)
    queries = make_queries(parts, arguments.originals, processes)
    scores = score_all(queries, known, settings)
    results |= recalls(scores) | {"intervals": intervals(scores, seed=SEED)}
    if arguments.packs:
        results["packs"] = pack_results(parts, scratch, arguments.packs, workers=CORES)
    print(markdown(results))
    return results


def make_index(parts: Parts, settings: Settings, processes: Executor) -> Known:
    """Our index; and for the peers two rows of hashes a picture, the second mirrored."""
    art = [*parts.protected, *parts.distractors]
    names = {f"{number:05}": each for number, each in enumerate(art)}
    embedders = open_embedders(settings)
    with Fingerprinter(embedders, limits=settings.limits, workers=CORES, mirrored=True) as maker:
        files = (Picture.of(name, each.path.read_bytes()) for name, each in names.items())
        pictures = [
            ReferencePicture(character=names[made.path].subject, time_code="", picture=made)
            for made in maker.fingerprint(files)
            if isinstance(made, PictureFingerprints)
        ]
        background = embed_background(BACKGROUND_PICTURES, maker, settings.limits)
    build_index(
        settings.index,
        {"art": pictures},
        digests={"art": parts.digest},
        embedders=embedders,
        background=background,
    )
    rows = [(each.character, row) for each in pictures for row in each.picture.fingerprints]
    peers = [row for pair in processes.map(_peer_rows, art, chunksize=32) for row in pair]
    return Known(
        index=Index.open(settings.index, embedders),
        phashes=np.array([np.frombuffer(row.hashes.phash, np.uint8) for _, row in rows]),
        whose=np.array([whose for whose, _ in rows]),
        peers=peers,
        peers_whose=np.array([each.subject for each in art for _ in range(2)]),
    )


def _peer_rows(art: Art) -> tuple[dict[str, NDArray[np.uint8] | None], ...]:
    image = opened(art.path)
    return peer_hashes(image), peer_hashes(ImageOps.mirror(image))


def make_queries(parts: Parts, originals: int, processes: Executor) -> Iterator[Query]:
    return processes.map(_query, list(_specs(parts, originals)), chunksize=16)


def _specs(parts: Parts, originals: int) -> Iterable[Spec]:
    chance = random.Random(SEED)
    benign = [each.path for each in parts.benign]
    copied = chance.sample(parts.protected, min(originals, len(parts.protected)))
    for number, art in enumerate(copied):
        for name in EDITS:
            yield Spec(subject=art.subject, family=name, path=art.path, edit=name, seed=number,
                       other=chance.choice(benign))  # fmt: skip
    for number, art in enumerate(parts.benign):
        edit = chance.choice(list(EDITS))
        other = chance.choice(benign)
        yield Spec(subject=art.subject, family=art.style, path=art.path)
        yield Spec(subject=art.subject, family=f"{art.style}, edited", path=art.path, edit=edit,
                   seed=number, other=other)  # fmt: skip
    for kind, data in drawn_negatives(len(parts.benign) // 2, benign):
        yield Spec(subject=f"drawn {kind}", family=kind, data=data)


def _query(spec: Spec) -> Query:
    data = spec.data
    if spec.path is not None:
        image = opened(spec.path)
        other = image if spec.other is None else opened(spec.other)
        data = edited(image, spec.edit, seed=spec.seed, other=other)[1]
    pixels: Image.Image = decode(data, Limits()).views[0][1]
    return Query(spec.subject, spec.family, spec.edit == spec.family, data, peer_hashes(pixels))


def score_all(queries: Iterable[Query], known: Known, settings: Settings) -> Scores:
    """Fingerprint every query as a screener would, and compare it with everything."""
    bits = CopyPolicy().distance_bits
    asked: list[Query] = []

    def files() -> Iterator[Picture]:
        for number, query in enumerate(queries):
            asked.append(query)
            yield Picture.of(str(number), query.data)

    def wanted(picture: PictureFingerprints) -> bool:
        return wants_keypoints(picture, known.index, distance_bits=bits)

    with Fingerprinter(
        open_embedders(settings), limits=settings.limits, workers=CORES, wants_keypoints=wanted
    ) as maker:
        pictures = list(maker.fingerprint(files()))
    return score(asked, pictures, known, distance_bits=bits)


def machine() -> dict[str, str]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    versions = {each: version(each) for each in LIBRARIES}
    return {"cpu": model, "cores used": str(CORES), "python": platform.python_version(), **versions}


if __name__ == "__main__":
    main()
