"""How many edited copies are found, by family of edits, at a fixed rate of false alarms.

    python benchmarks/detection.py [--art DIR] [--laid-out DIR] [--originals 120]
                [--distractors 3000] [--packs 200] [--json FILE] [--markdown FILE] [--readme]

Art that no threshold was chosen on (`scripts/fetch_art.py`, UNTOUCHED_PACKAGES) is parted by series
into protected and benign pictures. Protected pictures stand in an index, among distractors; edited
copies of some of them (`screening.evaluation.edits`) are the queries, and so are the benign
pictures, one edited copy of each, and drawn panels of text, memes, program windows and flat
pictures. Beside us, in the same run on the same pixels and with mirrored references: imagehash's
64-bit pHash, PDQ and imagededup's PHash, each at its usual threshold and at the widest with at most
1e-3 of false positives on these very negatives. Ours three times: as shipped; at the widest hash
distance that holds 1e-3 on negatives of other sources (`tune_art.py`), which is one that a platform
could have chosen; and, for a comparison on equal terms, at the one chosen as the peers' are.
Keypoints stay as they are.

Then whole packs through `Screener` with the default policy (`pack_detection.py`). `--readme` writes
the figures into the README, between its markers.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import numpy as np
from detection_queries import Query, make_queries, make_tune_queries
from detection_readme import write_readme
from detection_scores import LEAST_BITS, Known, Scores, score
from detection_table import intervals, markdown, measured
from machine import machine
from numpy.typing import NDArray
from operating_point import Negatives
from pack_detection import pack_results
from PIL import ImageOps
from tune_art import tune_parts
from untouched_art import Art, Parts, opened, parts_of

from screening.embedders import open_embedders
from screening.evaluation.peer_hashes import peer_hashes
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.matching import CopySearch
from screening.policy import CopyPolicy
from screening.references.stored import ReferencePicture
from screening.settings import Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import UNTOUCHED_PACKAGES, fetch, split_of

README = Path(__file__).parent.parent / "README.md"
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
    if arguments.readme:
        write_readme(README, results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, help="folder with the packages, instead of fetching")
    parser.add_argument("--laid-out", type=Path, help="keep the unpacked art here, for other runs")
    parser.add_argument("--originals", type=int, default=120, help="pictures that are copied")
    parser.add_argument("--distractors", type=int, default=3000)
    parser.add_argument("--packs", type=int, default=200, help="benign packs; 0 leaves packs out")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    parser.add_argument("--readme", action="store_true", help="write the figures into the README")
    return parser.parse_args()


def measure(scratch: Path, arguments: argparse.Namespace, processes: Executor) -> dict[str, object]:
    art = arguments.laid_out or scratch / "art"
    fetched = fetch(art, PACKAGES, art=arguments.art)
    parts = parts_of(art, processes, distractors=arguments.distractors)
    results: dict[str, object] = {
        "machine": machine(LIBRARIES, cores=CORES),
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
    tuned = tune_negatives(art, scratch, processes)
    results |= measured(scores, tuned) | {"intervals": intervals(scores, tuned, seed=SEED)}
    print(markdown(results), flush=True)
    if arguments.packs:
        results["packs"] = pack_results(parts, scratch, arguments.packs, workers=CORES)
        print(markdown(results))
    return results


def tune_negatives(art: Path, scratch: Path, processes: Executor) -> Negatives:
    """The negatives that our operating point is chosen on, against references of their own."""
    halves = []
    for number, parts in enumerate(tune_parts(art, split_of)):
        settings = Settings(index=scratch / f"tune-{number}", workers=CORES)
        known = make_index(parts, settings)
        halves.append(score_all(make_tune_queries(parts, processes), known, settings).negatives)
        print(f"tune half {number}: {len(parts.protected)} references")
    return Negatives(
        nearest=np.concatenate([each.nearest for each in halves]),
        otherwise=np.concatenate([each.otherwise for each in halves]),
    )


def make_index(parts: Parts, settings: Settings, processes: Executor | None = None) -> Known:
    """Our index; and with ``processes`` two rows of the peers' hashes a picture, one mirrored."""
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
    pairs = processes.map(_peer_rows, art, chunksize=32) if processes else ()
    return Known(
        index=Index.open(settings.index, embedders),
        whose=np.array([each.character for each in pictures for _ in each.picture.fingerprints]),
        peers=[row for pair in pairs for row in pair],
        peers_whose=np.array([each.subject for each in art for _ in range(2)]),
    )


def _peer_rows(art: Art) -> tuple[dict[str, NDArray[np.uint8] | None], ...]:
    image = opened(art.path)
    return peer_hashes(image), peer_hashes(ImageOps.mirror(image))


def score_all(queries: Iterable[Query], known: Known, settings: Settings) -> Scores:
    """Fingerprint every query as a screener would, and compare it with everything.

    Only that keypoints are looked for however near a hash is, so that any distance can be judged.
    """
    asked: list[Query] = []

    def files() -> Iterator[Picture]:
        for number, query in enumerate(queries):
            asked.append(query)
            yield Picture.of(str(number), query.data)

    look = CopySearch(index=known.index, certain_bits=LEAST_BITS)
    with Fingerprinter(open_embedders(settings), limits=settings.limits, workers=CORES) as maker:
        pictures = list(maker.fingerprint(files(), look=look))
    return score(asked, pictures, known, distance_bits=CopyPolicy().distance_bits)


if __name__ == "__main__":
    main()
