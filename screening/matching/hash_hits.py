"""Hash hits: references whose hash is near, and what keypoints say to those that are not very near.

A hash cannot tell a heavily recompressed copy from another picture drawn from the same template.
So while a picture's pixels are there, it is laid over the references that its hash is near, and
where it shows something else in too many places, the hash was wrong.

A negative has the opposite hash, which costs one more query: of 4,911 drawn pictures none lies
within 64 bits of the opposite of another's (95 %: at most .075 %).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from screening import hashes
from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints, Region, Sighting
from screening.index import Index
from screening.keypoints import Sight
from screening.matching.match import Match, ViewedPicture, match_of, packed_hashes
from screening.matching.overlap import LEAST_AGREEMENT, how_alike

SURE_BITS = 8
"""A hash this near needs no check: of 2,541 edited copies within 40 bits .80 are, of 2,400 pictures
that share a template with references 3."""

CHECKED_BITS = 64
"""Hashes further than this are not checked; no policy should call them near."""

LEAST_ALIKE = 0.75
"""Least share of the reference's keypoints that look the same in the picture, if the hash is to be
believed at all. .002 of copies within 40 bits fall below (some blurred by 2 px), and a third of the
pictures that share a template."""

LEAST_ALIKE_FAR = 0.85
"""The same for hashes that only make a copy likely. .08 of such copies fall below, most of which
lie within a border or are rotated, and three fifths of the pictures that share a template."""

_OF_A_CHARACTER = 3
_CHECKED = 20

_WHOLE = Region(left=0, top=0, right=1, bottom=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A match, and the number of the character that it is with."""

    character: int
    match: Match


@dataclass(frozen=True, slots=True)
class Checks:
    """What `check_hashes` saw in the views of pictures: agreement by row of the index."""

    _of_view: Mapping[int, Mapping[int, float]]

    @classmethod
    def none(cls) -> Self:
        return cls({})

    @classmethod
    def of(cls, pictures: Sequence[PictureFingerprints], index: Index) -> Self:
        """``pictures`` must outlive what is made of them here."""
        found: dict[int, dict[int, float]] = {}
        for picture in pictures:
            for each in picture.sightings:
                if each.by_hash and each.index == index.id:
                    view = picture.fingerprints[each.view]
                    found.setdefault(id(view), {})[each.row] = each.agreement
        return cls(found)

    @classmethod
    def of_view(cls, view: Fingerprint, sightings: Sequence[Sighting]) -> Self:
        return cls({id(view): {each.row: each.agreement for each in sightings}})

    def of_rows(self, view: Fingerprint) -> Mapping[int, float]:
        return self._of_view.get(id(view), {})


def check_hashes(
    number: int, view: Fingerprint, index: Index, sight: Callable[[int], Sight]
) -> list[Sighting]:
    """How the nearest references by hash agree with the view of this number, when laid over it.

    None are compared that are `SURE_BITS` near, nor others of their characters.
    """
    if not hashes.is_telling(view.hashes.phash):
        return []
    queries, rows, distances = _within([view.hashes.phash], index, CHECKED_BITS)
    left: dict[int, int] = {}
    found: list[Sighting] = []
    for hit in np.argsort(distances, kind="stable").tolist():
        row = int(rows[hit])
        character = int(index.entries.characters[row])
        if distances[hit] <= SURE_BITS:
            left[character] = 0
        if len(found) == _CHECKED or not left.setdefault(character, _OF_A_CHARACTER):
            continue
        left[character] -= 1
        shown = sight(number)
        if queries[hit]:
            shown = replace(shown, grey=np.bitwise_not(shown.grey))
        agreement = how_alike(shown, index.keypoints.of(row))
        if agreement is None:
            continue
        if agreement >= LEAST_AGREEMENT:
            left[character] = 0
        found.append(
            Sighting(
                index=index.id,
                row=row,
                view=number,
                places=0,
                agreement=agreement,
                region=_WHOLE,
                reference_region=_WHOLE,
                by_hash=True,
            )
        )
    return found


def hash_hits(
    views: Sequence[ViewedPicture],
    index: Index,
    distance_bits: int,
    certain_bits: int,
    checks: Checks,
) -> Iterator[Hit]:
    """The best hit of each view with each character within ``distance_bits`` (inclusive).

    Verified within ``certain_bits``, where ``checks`` do not say otherwise. Of a character that was
    checked only what was checked counts, or is very near.
    """
    telling = [each for each in views if hashes.is_telling(each[1].hashes.phash)]
    queries = [view.hashes.phash for _, view in telling]
    query, entry, distance = _within(queries, index, distance_bits)
    query %= max(1, len(telling))
    verified = distance <= certain_bits
    kept = np.ones(len(query), np.bool_)
    for number, (_, view) in enumerate(telling):
        if known := checks.of_rows(view):
            hits = np.flatnonzero((query == number) & (distance > SURE_BITS))
            kept[hits], certain = _believed(entry[hits], verified[hits], known, index)
            verified[hits] &= certain
    query, entry = query[kept], entry[kept]
    distance, verified = distance[kept], verified[kept]
    # Frames of one shot are near each other: of hundreds of hits, one a character is wanted.
    characters = index.entries.characters[entry]
    for hit in _first_of_each(query, characters, ~verified, distance).tolist():
        match = match_of(telling[query[hit]], index, int(entry[hit]), method=hashes.NAME)
        bits = int(distance[hit])
        match = replace(match, distance_bits=bits, verified=bool(verified[hit]))
        yield Hit(character=int(characters[hit]), match=match)


def _within(
    queries: Sequence[bytes], index: Index, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """As `HashTable.within`; after the ``queries`` come their negatives, as numbers from n on."""
    negatives = [hashes.inverted(each) for each in queries]
    return index.hashes.within(packed_hashes([*queries, *negatives]), bits)


def _believed(
    rows: NDArray[np.int64],
    near: NDArray[np.bool_],
    agreements: Mapping[int, float],
    index: Index,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which hits stand, and which of them as certain ones; (m,) each, as all arguments are."""
    characters = index.entries.characters
    checked = {int(characters[row]) for row in agreements}
    kept, certain = np.ones(len(rows), np.bool_), np.ones(len(rows), np.bool_)
    for hit, row in enumerate(rows.tolist()):
        if int(characters[row]) in checked:
            agreement = agreements.get(row, 0.0)
            kept[hit] = agreement >= (LEAST_ALIKE if near[hit] else LEAST_ALIKE_FAR)
            certain[hit] = agreement >= LEAST_AGREEMENT
    return kept, certain


def _first_of_each(
    query: NDArray[np.int64],
    character: NDArray[np.int64],
    doubtful: NDArray[np.bool_],
    distance: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Which of the hits ((m,) each) are best for their query and character."""
    order = np.lexsort((distance, doubtful, character, query))
    pairs = np.stack([query[order], character[order]], axis=1)
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any(pairs[1:] != pairs[:-1], axis=1)
    return order[new]
