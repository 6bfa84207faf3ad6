"""Copy evidence alone: how many edited copies hash, votes and verification find together.

    python benchmarks/copy_detection.py --art DIR [--split test] [--references 10000]
                [--originals 100] [--negatives 4000] [--json FILE]

``--art`` holds labelled art as `scripts/fetch_art.py` lays it out. Characters of one split are
halved by name: of the one half all pictures stand in the index, among pictures of other splits, and
edited copies of some of them are the queries; the other half are the negatives, as they are and
edited once, with drawn panels of text, memes, program windows and flat pictures. A negative is a
false positive where any reference is found: other avatars of its generator and other sprites on
its body stand in the index. There is no embedder, so nothing hangs on which one is used.

"Certain" leaves out copies that are only likely. "At 1e-3" raises the agreement that a sighting
needs, and lowers the distance of the hash as much, until so few of the negatives are found;
"templates aside" leaves avatars drawn by generators out of them, which differ from each other by a
part or two. Runs in one process on one core: about 10 minutes with the numbers above.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from detection_table import clopper_pearson
from edits import EDITS, Edit, crop, edited, mirror, recompress
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from untouched_art import drawn_negatives, opened

from screening import keypoints
from screening.fingerprints import Fingerprint, PictureFingerprints
from screening.hashes import hash_picture
from screening.images.decoder import View, decode
from screening.images.preprocess import prepare
from screening.index import Index, build_index
from screening.keypoints import MOST_LARGE, Sight, keypoints_of, look_at
from screening.matching import CopySearch, Match, find_copies
from screening.matching.overlap import LEAST_AGREEMENT
from screening.policy import CopyPolicy
from screening.references.stored import ReferencePicture
from screening.settings import Limits

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import split_of

SEED = 2
SMALLEST_PX = 48
MOST_OF_CHARACTER = 6
MOST_OF_SOURCE = 0.08
"""Share of the references; a source with thousands of pictures must not be all of them."""

RATES = (1e-3, 1e-4)
TEMPLATES = "dicebear"
_NOTHING = 1e-9
RESAMPLES = 1000
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Art:
    path: Path
    source: str
    character: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one query: how surely anything was, and the right character, by `sureness`
    (0 not at all); and the milliseconds that it took."""

    family: str
    source: str
    character: str
    any_: float
    own: float
    milliseconds: float


def grid(count: int) -> Edit:
    """``count`` different pictures in rows of as many, half of the time with gutters."""

    def edit(image: Image.Image, chance: random.Random, other: Image.Image) -> Image.Image:
        side, gap = round(count**0.5), chance.choice((0, max(2, min(image.size) // 30)))
        width, height = image.width + gap, image.height + gap
        result = Image.new("RGB", (width * side - gap, height * side - gap), "white")
        place = chance.randrange(count)
        for number in range(count):
            turned = other.rotate(90 * (number % 4), expand=True)
            filler = ImageOps.mirror(turned) if number > 4 else turned
            shown = image if number == place else filler.resize(image.size)
            result.paste(shown, (number % side * width, number // side * height))
        return result

    return edit


MORE: Mapping[str, Edit] = {
    "brighter": lambda image, *_: ImageEnhance.Brightness(image).enhance(1.5),
    "cut 60 %, mirrored, JPEG 40": lambda image, chance, _: recompress(40)(
        mirror(crop(0.6)(image, chance))
    ),
    "grid of 4": grid(4),
    "grid of 9": grid(9),
}
FAMILIES: Mapping[str, Edit] = {**EDITS, **MORE}


def file_of(image: Image.Image, family: str, seed: int, other: Image.Image) -> bytes:
    if family in MORE:
        image = MORE[family](image, random.Random(f"{seed} {family}"), other)
        family = ""
    return edited(image, family, seed=seed, other=other)[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="labelled art, laid out")
    parser.add_argument("--split", default="test", help="tune to choose by, test to report")
    parser.add_argument("--references", type=int, default=10_000)
    parser.add_argument("--originals", type=int, default=100, help="pictures that are copied")
    parser.add_argument("--negatives", type=int, default=4000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    started = time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        results = measure(arguments, Path(scratch))
    results["core_seconds"] = round(time.process_time() - started)
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def measure(arguments: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    protected, distractors, benign = parts(arguments.art, arguments.split)
    chance = random.Random(SEED)
    originals = balanced(protected, arguments.originals, chance)
    references = [*protected, *distractors]
    kept = set(originals) | set(balanced(references, arguments.references, chance, MOST_OF_SOURCE))
    references = [each for each in references if each in kept][: arguments.references]
    index = make_index(references, scratch / "index")
    look = CopySearch(index=index, certain_bits=CopyPolicy().certain_distance_bits)
    negatives = balanced(benign, arguments.negatives // 2, chance)
    found = [
        query(each, family, "copies", number, chance.choice(benign), look)
        for number, each in enumerate(originals)
        for family in FAMILIES
    ]
    copies = len(found)
    for number, each in enumerate(negatives):
        other, family = chance.choice(benign), chance.choice(list(FAMILIES))
        found.append(query(each, "", each.source, number, other, look))
        found.append(query(each, family, each.source, number, other, look))
    some = [each.path for each in negatives]
    for kind, data in drawn_negatives(arguments.negatives // 10, some):
        found.append(seen(data, f"drawn {kind}", "", kind, look))
    summary = summed_up(found[:copies], found[copies:])
    digest = hashlib.sha256("".join(str(each.path) for each in references).encode()).hexdigest()
    return {"split": arguments.split, "references": len(references), "digest": digest, **summary}


def parts(art: Path, split: str) -> tuple[list[Art], list[Art], list[Art]]:
    """Protected, distractors (of the other splits), benign."""
    protected: list[Art] = []
    distractors: list[Art] = []
    benign: list[Art] = []
    by_character: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(art.glob("*/*/*")):
        if path.suffix in {".png", ".jpg", ".webp"}:
            by_character.setdefault((path.parts[-3], path.parts[-2]), []).append(path)
    for (source, folder), paths in by_character.items():
        character = folder.partition("+")[0]
        where = distractors
        if split_of(character) == split:
            where = protected if hashlib.sha256(character.encode()).digest()[-1] % 2 else benign
        places = np.linspace(0, len(paths) - 1, min(len(paths), MOST_OF_CHARACTER)).astype(int)
        where.extend(Art(paths[place], source, character) for place in places.tolist())
    return protected, distractors, benign


def balanced(
    pictures: Sequence[Art], count: int, chance: random.Random, most: float = 1.0
) -> list[Art]:
    """About ``count`` pictures large enough, one of each source in turn."""
    by_source: dict[str, list[Art]] = {}
    for each in pictures:
        by_source.setdefault(each.source, []).append(each)
    for each in by_source.values():
        chance.shuffle(each)
    chosen: list[Art] = []
    limit = max(1, int(count * most))
    for turn in range(limit):
        for each in by_source.values():
            if turn < len(each) and len(chosen) < count and _is_large(each[turn].path):
                chosen.append(each[turn])
    return chosen


def _is_large(path: Path) -> bool:
    with Image.open(path) as image:
        return min(image.size) >= SMALLEST_PX


def make_index(references: Sequence[Art], path: Path) -> Index:
    class Made(list[ReferencePicture]):
        def __iter__(self) -> Iterator[ReferencePicture]:
            return (reference(number, each) for number, each in enumerate(references))

    build_index(path, {"art": Made()}, digests={"art": "0" * 64}, embedders=[], background={})
    return Index.open(path, [])


def reference(number: int, art: Art) -> ReferencePicture:
    image = opened(art.path)
    views = []
    for mirrored in (False, True):
        turned = ImageOps.mirror(image) if mirrored else image
        pixels = prepare(turned, keypoints.PREPROCESSING)
        views.append(fingerprint(turned, mirrored, keypoints_of(pixels, *turned.size)))
    made = picture(f"{number:06}", image, *views)
    return ReferencePicture(character=art.character, time_code="", picture=made)


def fingerprint(
    image: Image.Image, mirrored: bool, points: keypoints.Keypoints | None = None
) -> Fingerprint:
    return Fingerprint(
        view=View(), mirrored=mirrored, hashes=hash_picture(image), vectors={}, keypoints=points
    )


def picture(path: str, image: Image.Image, *views: Fingerprint) -> PictureFingerprints:
    width, height = image.size
    return PictureFingerprints(
        path=path, sha256="", width_px=width, height_px=height, fingerprints=views
    )


def query(  # noqa: PLR0917
    art: Art, family: str, source: str, seed: int, other: Art, look: CopySearch
) -> Found:
    data = file_of(opened(art.path), family, seed, opened(other.path))
    return seen(data, family, art.character, source, look)


def seen(data: bytes, family: str, character: str, source: str, look: CopySearch) -> Found:
    image = decode(data, LIMITS).views[0][1]
    shown = picture(family, image, fingerprint(image, mirrored=False))
    before = time.process_time()

    def sight(_: int) -> Sight:
        return look_at(prepare(image, keypoints.PREPROCESSING), *image.size)

    def large(_: int) -> Sight:
        closer = decode(data, LIMITS, short_side_px=keypoints.SIDE_PX).views[0][1]
        pixels = prepare(closer, keypoints.LARGE_PREPROCESSING)
        return look_at(pixels, *closer.size, most=MOST_LARGE)

    shown = replace(shown, sightings=look(shown, sight, large))
    milliseconds = (time.process_time() - before) * 1000
    policy = CopyPolicy()
    matches = find_copies(
        [shown],
        look.index,
        distance_bits=policy.distance_bits,
        certain_bits=policy.certain_distance_bits,
    )
    found = [(sureness(each), each.reference.character) for each in matches]
    return Found(
        family=family,
        source=source,
        character=character,
        any_=max((sure for sure, _ in found), default=0.0),
        own=max((sure for sure, name in found if name == character), default=0.0),
        milliseconds=milliseconds,
    )


def sureness(match: Match) -> float:
    """The agreement of keypoints; by hash 1 where it is the same, `LEAST_AGREEMENT` at the furthest
    that is certain; always less than that where the copy is only likely."""
    if match.distance_bits is None:
        sure = match.agreement or 0.0
    else:
        furthest = CopyPolicy().certain_distance_bits
        sure = 1 - (1 - LEAST_AGREEMENT) * match.distance_bits / furthest
    return sure if match.verified else min(sure, LEAST_AGREEMENT - 0.001)


def summed_up(copies: Sequence[Found], negatives: Sequence[Found]) -> dict[str, Any]:
    aside = [each for each in negatives if not each.source.startswith(TEMPLATES)]
    needed = {"as shipped": _NOTHING, "certain": LEAST_AGREEMENT}
    needed |= {f"at {rate:g}": _needed(negatives, rate) for rate in RATES}
    needed |= {f"at {rate:g}, templates aside": _needed(aside, rate) for rate in RATES}
    kinds = {"all": list(negatives), "templates aside": aside}
    for each in negatives:
        kinds.setdefault(each.source, []).append(each)
    milliseconds = np.array([each.milliseconds for each in negatives])
    return {
        "queries": {"copies": len(copies), "negatives": len(negatives)},
        "agreement_needed": needed,
        "recall": {
            name: {family: _recall(copies, family, least) for family in FAMILIES}
            for name, least in needed.items()
        },
        "false_positives": {
            name: {kind: _rate(some, least) for kind, some in kinds.items()}
            for name, least in needed.items()
        },
        "milliseconds_a_negative": {
            "median": float(np.median(milliseconds)),
            "p95": float(np.quantile(milliseconds, 0.95)),
            "mean": float(milliseconds.mean()),
        },
    }


def _needed(negatives: Sequence[Found], rate: float) -> float:
    """How sure a finding must be so that at most ``rate`` of ``negatives`` have one."""
    surest = np.sort([each.any_ for each in negatives])[::-1]
    return max(_NOTHING, float(np.nextafter(surest[int(rate * len(surest))], 2)))


def _recall(copies: Sequence[Found], family: str, least: float) -> tuple[float, float, float]:
    """The share found, and the bounds of 95 % of bootstrap samples of characters."""
    mine = [each for each in copies if each.family == family]
    hits = np.array([each.own >= least for each in mine], np.float64)
    _, whose = np.unique([each.character for each in mine], return_inverse=True)
    count = int(whose.max()) + 1
    drawn = np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
    weights: NDArray[np.float64] = np.array([np.bincount(each, minlength=count) for each in drawn])
    shares = weights @ np.bincount(whose, hits, count) / (weights @ np.bincount(whose))
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(hits.mean()), float(low), float(high)


def _rate(some: Sequence[Found], least: float) -> tuple[float, float, float]:
    hits = sum(each.any_ >= least for each in some)
    return (hits / len(some), *clopper_pearson(hits, len(some)))


def table(results: Mapping[str, Any]) -> str:
    names = list(results["recall"])
    lines = [f"| edit | {' | '.join(names)} |", "|---|" + "---|" * len(names)]

    def line(title: str, cells: Callable[[str], tuple[float, float, float]], digits: int) -> None:
        shown = (
            f"{share:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"
            for share, low, high in map(cells, names)
        )
        lines.append(f"| {title} | {' | '.join(shown)} |")

    for family in FAMILIES:
        line(family, lambda name, f=family: results["recall"][name][f], 2)
    for kind in results["false_positives"][names[0]]:
        title = f"false positives, {kind}"
        line(title, lambda name, k=kind: results["false_positives"][name][k], 4)
    lines.append("")
    lines.extend(
        f"{name}: {results[name]}"
        for name in ("references", "queries", "agreement_needed", "milliseconds_a_negative")
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
