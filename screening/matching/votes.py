"""Votes: which references a picture shares places with, found among all of them at once.

Every descriptor of the picture votes for the references that hold those nearest to it. In a copy
all places are turned by one angle and scaled by one factor, in pictures that have nothing to do
with each other by any: so a vote counts with those that turn and scale alike (weak geometric
consistency, Jégou, Douze and Schmid 2008).
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import log10, sqrt

import numpy as np
from numpy.typing import NDArray

from screening.index import Index
from screening.keypoints import LEVELS, TURNS, Keypoints

PROPOSED = 5
"""How many references with most votes are verified. Of 136 pictures of the tune split among 6,000
rows the true one is among the five for .95-.97 of crops, rotations, pads, screenshots and collages
of two, .91 of four, .71 of nine."""

NEAREST = 3
"""For how many references a descriptor votes: of a film's frames many show the same place."""

_LEAST = 4
_ENOUGH = 12
"""So many votes are always worth a look."""

_CLEAR = 2
"""So many votes more; costs .06 of the pictures found in grids of nine."""

_OF_A_CHARACTER = 2
_NEAR_BITS = 48
_TURN_BIN = TURNS // 12
_OCTAVE_BIN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A row of the index, and how many descriptors voted for it.

    ``is_clear`` where that is worth decoding the picture again, which costs ten times as much as
    verifying the row.
    """

    row: int
    votes: int
    is_clear: bool


def least_votes(references: int, usual: int) -> int:
    """With fewer votes a row is not worth verifying.

    In an index of so many ``references``, where half of all rows have at most the ``usual`` number
    of votes: in a small index every row has some, in a large one chance brings more for a few.
    """
    by_size = _LEAST + round(max(0.0, log10(max(1, references)) - 3))
    return max(by_size, min(_ENOUGH, usual + round(3 * sqrt(usual))))


def propose(keypoints: Keypoints, index: Index, *, known: Collection[int] = ()) -> list[Proposal]:
    """Rows with most votes first, at most `PROPOSED`, none with fewer than `least_votes`.

    At most `_OF_A_CHARACTER` of a character and none of those that are ``known`` already, so that
    the frames of one film do not crowd the others out.
    """
    if index.descriptors is None or not len(keypoints):
        return []
    mine, theirs, _ = index.descriptors.nearest(keypoints.descriptors, NEAREST, _NEAR_BITS)
    if not len(mine):
        return []
    rows = index.keypoints.rows_of(theirs)
    # One descriptor has one vote for a row.
    _, first = np.unique(mine * len(index.keypoints) + rows, return_index=True)
    mine, theirs, rows = mine[first], theirs[first], rows[first]
    several = np.bincount(rows)[rows] >= _LEAST
    mine, theirs, rows = mine[several], theirs[several], rows[several]
    if not len(rows):
        return []
    turns = index.keypoints.turns[theirs].astype(np.int64) - keypoints.turns[mine]
    octaves = index.keypoints.octaves[theirs].astype(np.int64) - keypoints.octaves[mine]
    found, votes = most_alike(rows, turns % TURNS, octaves + LEVELS)
    least = least_votes(index.manifest["reference_images"], _usual(votes, len(index.keypoints)))
    enough = votes >= least
    order = np.lexsort((found[enough], -votes[enough]))
    proposals: list[Proposal] = []
    left: dict[int, int] = dict.fromkeys(known, 0)
    for row, count in zip(
        found[enough][order].tolist(), votes[enough][order].tolist(), strict=True
    ):
        character = int(index.entries.characters[row])
        left.setdefault(character, _OF_A_CHARACTER)
        if left[character] and len(proposals) < PROPOSED:
            left[character] -= 1
            proposals.append(Proposal(row=row, votes=count, is_clear=count >= least + _CLEAR))
    return proposals


def _usual(votes: NDArray[np.int64], rows: int) -> int:
    """What half of ``rows`` do not exceed; a copy raises no more, mirror images have rows too."""
    place = (rows - 1) // 2 - (rows - len(votes))
    return int(np.sort(votes)[place]) if place >= 0 else 0


def most_alike(
    rows: NDArray[np.int64], turns: NDArray[np.int64], octaves: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every row once, and the most votes for it ((m,) each) that turn and scale alike.

    Bins overlap by half, so that none are parted by a bin's edge.
    """
    turn_bins, octave_bins = TURNS // _TURN_BIN + 1, 2 * LEVELS // _OCTAVE_BIN + 1
    keys: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.int64]] = []
    for turn_shift in (0, _TURN_BIN // 2):
        for octave_shift in range(_OCTAVE_BIN):
            turn_bin = (turns + turn_shift) % TURNS // _TURN_BIN
            octave_bin = (octaves + octave_shift) // _OCTAVE_BIN
            key, count = np.unique(
                (rows * turn_bins + turn_bin) * octave_bins + octave_bin, return_counts=True
            )
            keys.append(key // (turn_bins * octave_bins))
            counts.append(count)
    every, votes = np.concatenate(keys), np.concatenate(counts)
    order = np.lexsort((-votes, every))
    every, votes = every[order], votes[order]
    found, first = np.unique(every, return_index=True)
    return found, votes[first]
