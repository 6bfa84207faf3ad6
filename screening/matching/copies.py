"""Copies: pictures of a pack that are edited reference images, found picture by picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from screening import hashes
from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints
from screening.index import Index
from screening.matching.match import Match, ViewedPicture, match_of, packed_hashes, strength

NEAREST = 10
"""How many references of a picture are looked at for copies; further ones of the same character
add nothing, and a copy of a reference is the first."""


def find_copies(
    pictures: Sequence[PictureFingerprints],
    index: Index,
    *,
    distance_bits: int,
    min_contrast: float,
) -> list[Match]:
    """The best match of every picture with every character it has a copy of.

    By hash where a view is within ``distance_bits`` (inclusive) and not flat, by an embedder
    output where its score less the background's reaches the output's ``copy_score``.
    """
    views = [(picture, view) for picture in pictures for view in picture.fingerprints]
    best: dict[tuple[str, int], list[Match]] = {}
    for hit in (*_hash_hits(views, index, distance_bits, min_contrast), *_score_hits(views, index)):
        best.setdefault((hit.match.path, hit.character), []).append(hit.match)
    return [_strongest(matches) for matches in best.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    character: int
    match: Match


def _hash_hits(
    views: Sequence[ViewedPicture], index: Index, distance_bits: int, min_contrast: float
) -> Iterator[_Hit]:
    telling = [each for each in views if each[1].hashes.contrast >= min_contrast]
    queries = packed_hashes([view.hashes.phash for _, view in telling])
    for query, entry, distance in zip(
        *(part.tolist() for part in index.hashes.within(queries, distance_bits)), strict=True
    ):
        match = match_of(telling[query], index, entry, method=hashes.NAME)
        yield _Hit(
            character=int(index.entries.characters[entry]),
            match=replace(match, distance_bits=distance),
        )


def _score_hits(views: Sequence[ViewedPicture], index: Index) -> Iterator[_Hit]:
    for output in index.outputs:
        if output.copy_score is None or "copies" not in output.finds or not views:
            continue
        vectors = np.stack([view.vectors[output.name] for _, view in views])
        scores, entries = index.vectors[output.name].nearest(vectors, NEAREST)
        scores = scores - index.backgrounds[output.name].nearest(vectors)[:, None]
        for query, rank in np.argwhere(scores >= output.copy_score).tolist():
            entry = int(entries[query, rank])
            match = match_of(views[query], index, entry, method=output.name)
            yield _Hit(
                character=int(index.entries.characters[entry]),
                match=replace(match, score=round(float(scores[query, rank]), 4)),
            )


def _strongest(matches: Sequence[Match]) -> Match:
    first = min(matches, key=strength)
    others = {each.method for each in matches if each.reference == first.reference} - {first.method}
    return replace(first, verified=bool(others))
