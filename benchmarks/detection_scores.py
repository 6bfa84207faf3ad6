"""Every query against every reference, by every method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from operating_point import Negatives

from screening.embedders.embedder import Output
from screening.evaluation.peer_hashes import FURTHEST, PEERS, distances, packed
from screening.fingerprints import PictureFingerprints
from screening.index import Index
from screening.matching import find_copies
from screening.matching.doubted_hashes import believed_hashes
from screening.policy import CopyPolicy

HASH, VECTOR = "pHash-256", "copy vector"
LEAST_BITS = 0
"""What a hash finds is asked for at every distance; `find_copies` is asked for the rest."""

WIDEST_BITS = 96
"""Two of 256 bits' strangers in 30,000 lie so near; no operating point comes close to it."""


@dataclass(frozen=True, slots=True)
class Scores:
    """One entry a query. ``own`` and ``nearest``: method -> (n,) distance to the nearest picture
    of the query's subject, and to the nearest of all; cosines are negated, so that less is always
    closer. ``thresholds`` are the fixed ones. ``keypoints`` and ``likely``: (n, 2) bool,
    whether keypoints alone name the right subject, and any; and whether a high score may too.
    """

    families: NDArray[np.str_]
    subjects: NDArray[np.str_]
    protected: NDArray[np.bool_]
    own: dict[str, NDArray[np.float64]]
    nearest: dict[str, NDArray[np.float64]]
    thresholds: dict[str, float]
    keypoints: NDArray[np.bool_]
    likely: NDArray[np.bool_]

    @property
    def negatives(self) -> Negatives:
        """The benign queries, for our own distance: keypoints are what finds copies otherwise."""
        nearest = self.nearest[HASH][~self.protected]
        return Negatives(
            nearest=np.where(nearest < FURTHEST, nearest, np.inf),
            otherwise=self.keypoints[~self.protected, 1],
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared with. ``whose`` goes with the index's rows, ``peers`` (empty: not compared)
    and ``peers_whose`` with the peers'."""

    index: Index
    whose: NDArray[np.str_]
    peers: Sequence[Mapping[str, NDArray[np.uint8] | None]]
    peers_whose: NDArray[np.str_]


def score(
    queries: Sequence[Any], pictures: Sequence[Any], known: Known, *, distance_bits: int
) -> Scores:
    """``queries`` are `detection.Query`, ``pictures`` their fingerprints, with keypoints wherever
    an embedder proposes a reference: what they find must not hang on ``distance_bits``."""
    index = known.index
    peers = PEERS if known.peers else ()
    tables = {name: packed([row[name] for row in known.peers]) for name in peers}
    output = _copy_output(index)
    vectors = index.vectors[output.name].rows(np.arange(len(known.whose)))
    rows_of = {VECTOR: _rows_by_subject(known.whose)}
    rows_of |= dict.fromkeys(peers, _rows_by_subject(known.peers_whose))
    nobody = np.empty(0, np.int64)
    own: dict[str, list[float]] = {name: [] for name in (HASH, VECTOR, *peers)}
    nearest: dict[str, list[float]] = {name: [] for name in own}
    by_keypoints: list[tuple[bool, bool]] = []
    likely: list[tuple[bool, bool]] = []
    for query, picture in zip(queries, pictures, strict=True):
        if not isinstance(picture, PictureFingerprints):
            raise SystemExit(f"{query.family} of {query.subject}: {picture.reason}")
        shown = picture.shown
        by_subject, doubted = _hash_distances(picture, index, distance_bits)
        own[HASH].append(by_subject.get(query.subject, FURTHEST))
        nearest[HASH].append(min(by_subject.values(), default=FURTHEST))
        for name, scored in (
            (VECTOR, -(vectors @ shown.vectors[output.name])),
            *((name, distances(*_one(query.peers[name]), *tables[name])) for name in peers),
        ):
            mine = scored[rows_of[name].get(query.subject, nobody)]
            own[name].append(float(mine.min(initial=FURTHEST)))
            nearest[name].append(float(scored.min()))
        matches = find_copies([picture], index, distance_bits=LEAST_BITS)
        verified = {each.reference.character for each in matches if each.verified}
        by_keypoints.append((query.subject in verified, bool(verified)))
        all_likely = doubted | {each.reference.character for each in matches}
        likely.append((query.subject in all_likely, bool(all_likely)))
    return Scores(
        families=np.array([each.family for each in queries]),
        subjects=np.array([each.subject for each in queries]),
        protected=np.array([each.protected for each in queries]),
        own={name: np.array(values) for name, values in own.items()},
        nearest={name: np.array(values) for name, values in nearest.items()},
        thresholds={HASH: distance_bits, VECTOR: -(output.copy_score or np.inf)}
        | {name: PEERS[name] for name in peers},
        keypoints=np.array(by_keypoints),
        likely=np.array(likely),
    )


def _copy_output(index: Index) -> Output:
    """The first vector that finds copies."""
    return next(each for each in index.outputs if "copies" in each.finds)


def _rows_by_subject(whose: NDArray[np.str_]) -> dict[str, NDArray[np.int64]]:
    subjects, number = np.unique(whose, return_inverse=True)
    return {str(each): np.flatnonzero(number == place) for place, each in enumerate(subjects)}


def _hash_distances(
    picture: PictureFingerprints, index: Index, distance_bits: int
) -> tuple[dict[str, float], set[str]]:
    """Subject -> bits to the nearest of its references that no keypoints contradict or doubt; and
    the subjects of those within ``distance_bits`` that they doubt, which are likely copies."""
    hits = believed_hashes(
        [picture],
        [(picture, picture.shown)],
        index,
        distance_bits=WIDEST_BITS,
        certain_bits=CopyPolicy().certain_distance_bits,
    )
    believed: dict[str, float] = {}
    doubted: set[str] = set()
    for match in (hit.match for hit in hits):
        bits, subject = float(match.distance_bits or 0), match.reference.character
        if match.shared_with is None:
            believed[subject] = bits
        elif bits <= distance_bits:
            doubted.add(subject)
    return believed, doubted


def _one(peer: NDArray[np.uint8] | None) -> tuple[NDArray[np.uint64], bool]:
    return (np.zeros(1, np.uint64), False) if peer is None else (peer.view(np.uint64), True)
