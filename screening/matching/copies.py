"""Copies: pictures of a pack that are edited reference images, found picture by picture.

A hash finds edits of colour and size and decides by itself. Edits of geometry move every bit of a
hash: there an embedder proposes reference images and keypoints decide. A high score of an
embedder alone is a likely copy; pictures made from one template reach it too.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from screening import hashes, keypoints
from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints
from screening.index import Index
from screening.matching.match import Match, ViewedPicture, match_of, packed_hashes, strength

NEAREST = 10
"""How many references of a picture are looked at for copies; more only where all are copies."""

PROPOSING_SCORE = 0.45
"""From this cosine on a reference image is worth comparing by keypoints. With `lite`, 9-15 % of
benign pictures reach it against 400 references of other sources, 34-47 % against 10^4; at .5, 5-9
and 23-33 %, and a tenth of quarter-screen screenshots and two-picture collages is lost
(`benchmarks/thresholds.py`, tune and calibrate characters)."""

VERIFIED = 4
"""How many of the proposed rows are compared by keypoints, 3 ms each; a row is a reference image
or its mirror image. Against 10^4 pictures the true one is among four for .94-1.00 of crops of 60 %,
rotations by 8 degrees, pads and bands, .57-.66 of screenshots at a quarter, .63-.78 of two-picture
collages, .07-.22 of four-picture ones."""


def find_copies(
    pictures: Sequence[PictureFingerprints],
    index: Index,
    *,
    distance_bits: int,
    certain_bits: int = hashes.BITS,
    threads: int = 1,
) -> list[Match]:
    """The best match of every picture with every character it has a copy of.

    By hash where a view is within ``distance_bits`` (inclusive) and its hash is telling, verified
    where it is within ``certain_bits`` too, by
    keypoints where a view has them, by score where an output has a ``copy_score``. Keypoints are
    compared in ``threads`` threads.
    """
    views = [(picture, view) for picture in pictures for view in picture.fingerprints]
    best: dict[tuple[str, int], Match] = {}
    for hit in chain(
        _hash_hits(views, index, distance_bits, certain_bits),
        _keypoint_hits(views, index, threads),
        _score_hits(views, index),
    ):
        key = (hit.match.path, hit.character)
        best[key] = min(best.get(key, hit.match), hit.match, key=strength)
    return list(best.values())


def wants_keypoints(picture: PictureFingerprints, index: Index, *, distance_bits: int) -> bool:
    """Whether keypoints could find a copy: an embedder proposes a character that no hash found.

    Asked of each view and character by itself: what is found in one view, or of a character that
    the uploader has a licence for, must not hide what is in another.
    """
    for view in picture.fingerprints:
        proposed = set(index.entries.characters[_proposed(view, index)].tolist())
        if proposed:
            hits = _hash_hits([(picture, view)], index, distance_bits, distance_bits)
            if proposed - {hit.character for hit in hits}:
                return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    character: int
    match: Match


def _hit(index: Index, entry: int, match: Match) -> _Hit:
    return _Hit(character=int(index.entries.characters[entry]), match=match)


def _hash_hits(
    views: Sequence[ViewedPicture], index: Index, distance_bits: int, certain_bits: int
) -> Iterator[_Hit]:
    telling = [each for each in views if hashes.is_telling(each[1].hashes.phash)]
    queries = packed_hashes([view.hashes.phash for _, view in telling])
    query, entry, distance = index.hashes.within(queries, distance_bits)
    # Frames of one shot are near each other: of hundreds of hits, one a character is wanted.
    for hit in _first_of_each(query, index.entries.characters[entry], distance).tolist():
        match = match_of(telling[query[hit]], index, int(entry[hit]), method=hashes.NAME)
        bits = int(distance[hit])
        match = replace(match, distance_bits=bits, verified=bits <= certain_bits)
        yield _hit(index, int(entry[hit]), match)


def _first_of_each(
    query: NDArray[np.int64], character: NDArray[np.int64], distance: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Which of the hits ((m,) each) are nearest for their query and character."""
    order = np.lexsort((distance, character, query))
    pairs = np.stack([query[order], character[order]], axis=1)
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any(pairs[1:] != pairs[:-1], axis=1)
    return order[new]


def _keypoint_hits(views: Sequence[ViewedPicture], index: Index, threads: int) -> Iterator[_Hit]:
    with ThreadPoolExecutor(threads) as executor:
        for hits in executor.map(lambda view: _verified(view, index), views):
            yield from hits


def _verified(view: ViewedPicture, index: Index) -> list[_Hit]:
    """Proposed references of one view that its keypoints agree with, one of each character."""
    own = view[1].keypoints
    if own is None:
        return []
    hits: dict[int, _Hit] = {}
    for entry in _proposed(view[1], index)[:VERIFIED].tolist():
        if index.entries.characters[entry] in hits:
            continue  # a nearer reference of this character is found already
        inliers = keypoints.count_inliers(own, index.keypoints.of(entry))
        if inliers >= keypoints.MIN_INLIERS:
            match = match_of(view, index, entry, method=keypoints.NAME)
            hit = _hit(index, entry, replace(match, inliers=inliers, verified=True))
            hits[hit.character] = hit
    return list(hits.values())


def _proposed(view: Fingerprint, index: Index) -> NDArray[np.int64]:
    """Rows of the index that an output for copies proposes, best first, each once."""
    rows: dict[int, float] = {}
    for output in index.outputs:
        if "copies" in output.finds:
            found = index.vectors[output.name].nearest(view.vectors[output.name][None], NEAREST)
            for score, row in zip(*(part[0].tolist() for part in found), strict=True):
                if score >= PROPOSING_SCORE:
                    rows[row] = max(score, rows.get(row, score))
    return np.array(sorted(rows, key=lambda row: (-rows[row], row)), np.int64)


def _score_hits(views: Sequence[ViewedPicture], index: Index) -> Iterator[_Hit]:
    for output in index.outputs:
        if output.copy_score is None or "copies" not in output.finds or not views:
            continue
        vectors = np.stack([view.vectors[output.name] for _, view in views])
        table = index.vectors[output.name]
        scores, entries = table.nearest(vectors, NEAREST)
        for query, view in enumerate(views):
            found = scores[query], entries[query]
            if found[0][-1] >= output.copy_score:
                # Copies of one character must not crowd those of another out.
                found = table.within(vectors[query], output.copy_score)
            for score, entry in zip(*(part.tolist() for part in found), strict=True):
                if score >= np.float32(output.copy_score):
                    match = match_of(view, index, entry, method=output.name)
                    yield _hit(index, entry, replace(match, score=round(score, 4)))
