"""Copy evidence alone: how many edited copies hash, votes and verification find together.

    python benchmarks/copy_detection.py --art DIR [--split test] [--references 10000]
                [--originals 100] [--negatives 4000] [--no-peers] [--work DIR] [--json FILE]

``--art`` holds labelled art as `scripts/fetch_art.py` lays it out. Characters of one split are
halved by name: of the one half all pictures stand in the index, among pictures of other splits, and
edited copies of some of them are the queries; the other half are the negatives, as they are and
edited once, with drawn panels of text, memes, program windows and flat pictures. A negative is a
false positive where any reference is found: other avatars of its generator and other sprites on
its body stand in the index. Pictures that two packages share are no negatives (`shared_with`).
There is no embedder, so nothing hangs on which one is used; what needs one is not found here.

Generators and artists draw one character over another. Negatives drawn over a reference
(`copy_detection_lines`) are counted apart, the others are "fresh"; "plain aside" leaves originals
with next to no keypoints out. "Certain" leaves out copies that are only likely. "At 1e-3" raises
the agreement that a sighting needs, and last the nearness of the hash, until so few of the fresh
negatives are found; "parts aside" counts only findings of which a comparison of lines
confirms nothing. pHash-64 and PDQ, with the distances that their users call a copy, see the same
queries and references, mirrored too. What remains of false positives is listed by who was taken for
whom; `copy_detection.md` says what was tried. Runs in one process on one core: 171 core-seconds for
the queries of 4,000 references, 40 originals and 1,500 negatives, where the index is there already.
With ``--work`` it goes on where it was interrupted.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from copy_detection_art import (
    Art,
    balanced,
    fingerprint,
    make_index,
    parts,
    picture,
    shared_with,
)
from copy_detection_edits import FAMILIES, file_of
from copy_detection_lines import drawn_over, is_there
from copy_detection_table import COMPARED_PEERS, SEED, Found, summed_up, table
from untouched_art import drawn_negatives, opened

from screening import keypoints
from screening.evaluation.peer_hashes import FURTHEST, distances, packed, peer_hashes
from screening.images.decoder import decode
from screening.images.preprocess import prepare
from screening.keypoints import MOST_LARGE, Sight, look_at
from screening.matching import CopySearch, Match, find_copies
from screening.matching.overlap import LEAST_AGREEMENT
from screening.policy import CopyPolicy
from screening.settings import Limits

MOST_OF_SOURCE = 0.08
"""Share of the references; a source with thousands of pictures must not be all of them."""

SURE_OF_HASH = 0.98
"""A threshold that lowered the distance of certain hashes as much as it raised the agreement of
keypoints lost .04 of the copies, and took next to no false positive away."""

LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A picture that is asked for; a copy where ``source`` is empty. ``seed`` tells the edits of
    different pictures apart, ``other`` is what a collage shows beside it. ``over`` where a negative
    is drawn over a reference."""

    art: Art
    family: str
    source: str
    seed: int
    other: Art
    over: bool = False

    @property
    def data(self) -> bytes:
        return file_of(opened(self.art.path), self.family, self.seed, opened(self.other.path))


class Searched:
    """The references, as we and as the peers search them."""

    def __init__(self, references: Sequence[Art], folder: Path, *, peers: bool = True) -> None:
        self.references = references
        self.look = CopySearch(
            index=make_index(references, folder / "index"),
            certain_bits=CopyPolicy().certain_distance_bits,
        )
        self._peers = _peers(references, folder / "peers.npz") if peers else {}
        self._characters = np.array([each.character for each in references] * 2)

    def keypoints_of(self, art: Art) -> int:
        """How many a reference has."""
        row = self.look.index.entries.path.index(f"{self.references.index(art):06}")
        return len(self.look.index.keypoints.of(row))

    def ask(
        self, data: bytes, family: str, character: str, source: str, *, over: bool = False
    ) -> Found:
        """What is found in the file ``data``."""
        image = decode(data, LIMITS).views[0][1]
        shown = picture(family, image, fingerprint(image, mirrored=False))
        before = time.process_time()

        def sight(_: int) -> Sight:
            return look_at(prepare(image, keypoints.PREPROCESSING), *image.size)

        def large(_: int) -> Sight:
            closer = decode(data, LIMITS, short_side_px=keypoints.SIDE_PX).views[0][1]
            pixels = prepare(closer, keypoints.LARGE_PREPROCESSING)
            return look_at(pixels, *closer.size, most=MOST_LARGE)

        shown = replace(shown, sightings=self.look(shown, sight, large))
        milliseconds = (time.process_time() - before) * 1000
        policy = CopyPolicy()
        matches = find_copies(
            [shown],
            self.look.index,
            distance_bits=policy.distance_bits,
            certain_bits=policy.certain_distance_bits,
        )
        found = sorted(((sureness(each), each) for each in matches), key=lambda pair: -pair[0])
        own = [sure for sure, each in found if each.reference.character == character]
        untrue = [sure for sure, each in found if source and not self._is_there(image, each)]
        return Found(
            family=family,
            source=source,
            character=character,
            any_=found[0][0] if found else 0.0,
            own=max(own, default=0.0),
            milliseconds=milliseconds,
            taken_for=self._name_of(found[0][1]) if found else "",
            peers=self._nearest(image, character),
            over=over,
            untrue=max(untrue, default=0.0),
        )

    def _is_there(self, image: Image.Image, match: Match) -> bool:
        return is_there(image, match, opened(self.references[int(match.reference.path)].path))

    def _name_of(self, match: Match) -> str:
        art = self.references[int(match.reference.path)]
        return f"{art.source}/{art.character}"

    def _nearest(self, image: Image.Image, character: str) -> dict[str, tuple[int, int]]:
        nearest = {}
        own = self._characters == character
        for name, bits in peer_hashes(image).items() if self._peers else ():
            if name in self._peers:
                words = np.zeros(1, np.uint64) if bits is None else bits.view(np.uint64)
                rows, known = self._peers[name]
                far = distances(words, bits is not None, rows, known)
                nearest[name] = int(far[own].min(initial=FURTHEST)), int(far.min())
        return nearest


def _peers(references: Sequence[Art], kept: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Hashes of the references and of their mirror images, and which are known, by peer."""
    if not kept.exists():
        _write_peers(references, kept)
    with np.load(kept) as file:
        return {name: (file[f"{name} rows"], file[f"{name} known"]) for name in COMPARED_PEERS}


def _write_peers(references: Sequence[Art], path: Path) -> None:
    straight = [peer_hashes(opened(each.path)) for each in references]
    mirrored = [peer_hashes(ImageOps.mirror(opened(each.path))) for each in references]
    arrays: dict[str, np.ndarray] = {}
    for name in COMPARED_PEERS:
        rows, known = packed([each[name] for each in (*straight, *mirrored)])
        arrays |= {f"{name} rows": rows, f"{name} known": known}
    np.savez(path, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="labelled art, laid out")
    parser.add_argument("--split", default="test", help="tune to choose by, test to report")
    parser.add_argument("--references", type=int, default=10_000)
    parser.add_argument("--originals", type=int, default=100, help="pictures that are copied")
    parser.add_argument("--negatives", type=int, default=4000)
    parser.add_argument("--no-peers", action="store_true", help="leave out pHash-64 and PDQ")
    parser.add_argument("--work", type=Path, help="folder to go on in where it was interrupted")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    started = time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        results = measure(arguments, arguments.work or Path(scratch))
    results["core_seconds"] = round(time.process_time() - started)
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def measure(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """``work`` keeps the index and what was found so far, for these art, split and numbers."""
    protected, distractors, benign = parts(arguments.art, arguments.split)
    chance = random.Random(SEED)
    originals = balanced(protected, arguments.originals, chance)
    references = [*protected, *distractors]
    kept = set(originals) | set(balanced(references, arguments.references, chance, MOST_OF_SOURCE))
    references = [each for each in references if each in kept][: arguments.references]
    digest = hashlib.sha256("".join(str(each.path) for each in references).encode()).hexdigest()
    folder = work / digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    negatives = balanced(benign, arguments.negatives // 2, chance)
    shared = shared_with(negatives, references)
    negatives = [each for each, is_shared in zip(negatives, shared, strict=True) if not is_shared]
    over = drawn_over([each.path for each in negatives], [each.path for each in references])
    others = [each for each, is_over in zip(negatives, over, strict=True) if not is_over]
    queries = list(asked(originals, negatives, others, chance))
    searched = Searched(references, folder, peers=not arguments.no_peers)
    found = list(answered(queries, searched, folder / "found.jsonl"))
    some = [each.path for each in others]
    for kind, data in drawn_negatives(arguments.negatives // 10, some):
        found.append(searched.ask(data, f"drawn {kind}", "", kind))
    copies = len(originals) * len(FAMILIES)
    return {
        "split": arguments.split,
        "references": len(references),
        "digest": digest,
        "shared_left_out": sum(shared),
        "drawn_over": int(over.sum()),
        **summed_up(found[:copies], found[copies:], list(FAMILIES)),
    }


def asked(
    originals: Sequence[Art], negatives: Sequence[Art], others: Sequence[Art], chance: random.Random
) -> Iterator[Query]:
    """Copies first. Negatives that are not among ``others`` are drawn over a reference; a collage
    shows ``others``."""
    for number, each in enumerate(originals):
        for family in FAMILIES:
            other = chance.choice(others)
            yield Query(art=each, family=family, source="", seed=number, other=other)
    fresh = set(others)
    for number, each in enumerate(negatives):
        other, family = chance.choice(others), chance.choice(list(FAMILIES))
        query = Query(
            art=each,
            family="",
            source=each.source,
            seed=number,
            other=other,
            over=each not in fresh,
        )
        yield query
        yield replace(query, family=family)


def answered(queries: Sequence[Query], searched: Searched, kept: Path) -> Iterator[Found]:
    """One answer for each query, from the lines of ``kept`` where they are there."""
    done: dict[str, Found] = {}
    if kept.exists():
        for line in kept.read_text(encoding="utf-8").splitlines():
            stored = json.loads(line)
            done[stored.pop("key")] = Found(**stored)
    with kept.open("a", encoding="utf-8") as file:
        for each in queries:
            key = f"{each.art.path} {each.family} {each.seed} {each.other.path}"
            if key not in done:
                whose = each.art.character
                found = searched.ask(each.data, each.family, whose, each.source, over=each.over)
                if not each.source:
                    found = replace(found, detail=searched.keypoints_of(each.art))
                file.write(json.dumps({"key": key, **asdict(found)}) + "\n")
                file.flush()
                done[key] = found
            yield done[key]


def sureness(match: Match) -> float:
    """The agreement of keypoints; by hash 1 where it is the same, `SURE_OF_HASH` at the furthest
    that is certain; always less than `LEAST_AGREEMENT` where the copy is only likely."""
    if match.distance_bits is None:
        sure = match.agreement or 0.0
    else:
        furthest = CopyPolicy().certain_distance_bits
        sure = 1 - (1 - SURE_OF_HASH) * match.distance_bits / furthest
    return sure if match.verified else min(sure, LEAST_AGREEMENT - 0.001)


if __name__ == "__main__":
    main()
