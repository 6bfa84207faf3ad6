"""Shared parts: what a reference image has in common with references of other characters.

Avatars of one generator, sprites on one body, emoji with one face are put together from the same
drawn parts, and who uses those parts again copies no protected picture. Keypoints of the references
alone tell which parts these are: where a reference of another character has the same places,
turned, scaled and shifted by one similarity, neither of both owns them. A copy shows what its
reference alone has, too. The more references there are, the more shared parts are known.

Frames of films show one scene under many names, and one drawing may stand under several names, in
a set or, where two rights holders ask for it, in two: neither is a shared part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from screening.index import Index
from screening.keypoints import LEVELS, SCALE_FACTOR, TURNS, Keypoints
from screening.matching.alignment import carried_places, similarity_between
from screening.matching.overlap import Overlap
from screening.matching.votes import most_alike

LEAST_OWN = 40
"""Of so many keypoints that no other character's reference has, a picture must be compared with a
reference that shares parts, to be its copy for certain. Of 680 avatars of unlisted characters 75
seemed to be copies and 10 do now, of 9 because nothing of the index shares the part; of 122 edited
copies of avatars that keypoints find, 100 stay certain, of 40 copies of other drawings 40 (tune and
calibrate characters). With 20 instead, some more of either."""

LEAST_OWN_AGREEMENT = 0.98
"""Least share of these that look the same, and of all, where parts are shared. 307 of 314 copies
found by keypoints agree in .99 and more, of 75 avatars that seemed to be copies 16."""

_NEAREST = 12
"""References of the same character are among them."""

_ASKED = 2
"""Every second keypoint is asked for: that takes most of the time."""

_NEAR_BITS = 64
_LEAST_VOTES = 3
_LEAST_SHARED = 8
_COMPARED = 8
_OF_A_CHARACTER = 2
_SAME_BITS = 64
_SAME_OCTAVES = 2
_SAME_DEGREES = 30.0
_NEAR_PX = 6.0
"""At the finest octave."""

_AROUND_PX = 16.0
"""Around a shared place all is shared: not every corner is found in both drawings."""

_SAME_DRAWING = 0.9
_SAVED_AGAIN_BITS = 16
_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedParts:
    """Which keypoints of a reference ((n,) bool) are ``shared``, and the ``row`` of the other
    character that has most of them; None where nothing is shared."""

    shared: NDArray[np.bool_]
    row: int | None


def shared_parts(index: Index) -> Callable[[int], SharedParts]:
    """What tells the shared parts of a row, each made once; thread-safe."""

    @lru_cache(_KEPT)
    def of(row: int) -> SharedParts:
        return _shared(index, row)

    return of


def is_refuted(overlap: Overlap, parts: SharedParts) -> bool:
    """Whether a picture that agrees with a reference shows only what others show as well."""
    if parts.row is None:
        return False
    count, agreement = _own(overlap, parts)
    return overlap.agreement < LEAST_OWN_AGREEMENT or (
        count >= LEAST_OWN and agreement < LEAST_OWN_AGREEMENT
    )


def proves(overlap: Overlap, parts: SharedParts) -> bool:
    """Whether the picture shows enough of what this reference alone has."""
    return parts.row is None or _own(overlap, parts)[0] >= LEAST_OWN


def _own(overlap: Overlap, parts: SharedParts) -> tuple[int, float]:
    """How many keypoints of the reference's own were compared, and which share agrees."""
    own = ~parts.shared[overlap.rows]
    count = int(own.sum())
    return count, float(overlap.same[own].mean()) if count else 0.0


def _shared(index: Index, row: int) -> SharedParts:
    mine = index.keypoints.of(row)
    shared = np.zeros(len(mine), np.bool_)
    most, with_most = 0, None
    for other in _others(index, row, mine):
        places = _common(mine, index.keypoints.of(other))
        count = int(places.sum())
        if count >= _LEAST_SHARED:
            shared |= places
            if count > most:
                most, with_most = count, other
    if with_most is None:
        return SharedParts(shared=shared, row=None)
    known = mine.places_px[shared]
    apart = _apart(mine.places_px, known).min(axis=1)
    return SharedParts(shared=apart <= _AROUND_PX**2, row=with_most)


def _others(index: Index, row: int, mine: Keypoints) -> list[int]:
    """Rows of other characters that share most places, at most `_OF_A_CHARACTER` of each."""
    if index.descriptors is None or not len(mine):
        return []
    entries = index.entries
    some = mine.descriptors[::_ASKED]
    from_, theirs, _ = index.descriptors.nearest(some, _NEAREST, _NEAR_BITS)
    rows = index.keypoints.rows_of(theirs)
    other = entries.characters[rows] != entries.characters[row]
    from_, theirs, rows = from_[other], theirs[other], rows[other]
    _, first = np.unique(from_ * len(index.keypoints) + rows, return_index=True)
    from_, theirs, rows = from_[first], theirs[first], rows[first]
    if not len(rows):
        return []
    turns = index.keypoints.turns[theirs].astype(np.int64) - mine.turns[::_ASKED][from_]
    octaves = index.keypoints.octaves[theirs].astype(np.int64) - mine.octaves[::_ASKED][from_]
    found, votes = most_alike(rows, turns % TURNS, octaves + LEVELS)
    order = np.lexsort((found, -votes))
    order = order[votes[order] >= _LEAST_VOTES]
    left: dict[int, int] = {}
    chosen: list[int] = []
    for each in found[order].tolist():
        character = int(entries.characters[each])
        if not left.setdefault(character, _OF_A_CHARACTER) or _is_same(index, row, each):
            continue
        left[character] -= 1
        chosen.append(each)
        if len(chosen) == _COMPARED:
            break
    return chosen


def _is_same(index: Index, row: int, other: int) -> bool:
    """One character in two sets; or two frames of films."""
    entries = index.entries
    in_two_sets = entries.reference_set[row] != entries.reference_set[other]
    of_one_name = entries.character[row] == entries.character[other]
    of_films = entries.time_code[row] and entries.time_code[other]
    return bool((in_two_sets and of_one_name) or of_films)


def _apart(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances of (n, 2) and (m, 2) places, px²: (n, m)."""
    squares = np.square(ones).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    apart: NDArray[np.float32] = squares - 2 * (ones @ others.T)
    return apart


def _common(mine: Keypoints, theirs: Keypoints) -> NDArray[np.bool_]:
    """Which places of the one the other has as well, (n,); none where both are one drawing."""
    common = np.zeros(len(mine), np.bool_)
    found = similarity_between(theirs, mine)
    if found is None:
        return common
    places = carried_places(theirs, found)
    finer = np.log(np.hypot(found[0, 0], found[1, 0])) / np.log(SCALE_FACTOR)
    apart = _apart(mine.places_px, places.astype(np.float32))
    reach = _NEAR_PX * SCALE_FACTOR ** (mine.octaves / 2)
    ones, others = np.nonzero(apart <= np.square(reach)[:, None])
    octaves = np.abs(theirs.octaves[others] + finer - mine.octaves[ones])
    differing = mine.descriptors[ones] ^ theirs.descriptors[others]
    bits = np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
    turn = np.degrees(np.arctan2(found[1, 0], found[0, 0]))
    degrees = theirs.degrees[others] + turn - mine.degrees[ones]
    turned = np.abs((degrees + 180) % 360 - 180) <= _SAME_DEGREES
    alike = (bits <= _SAME_BITS) & (octaves <= _SAME_OCTAVES) & turned
    common[ones[alike]] = True
    again = len(np.unique(ones[bits <= _SAVED_AGAIN_BITS]))
    if again >= _SAME_DRAWING * max(len(mine), len(theirs)):
        common[:] = False
    return common
