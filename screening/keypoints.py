"""Keypoints: what finds a copy again when its geometry was edited.

A crop, a pad, a band or a rotation moves every pixel, and with them the hash; the places where a
picture is distinctive move together. ORB (Rublee et al. 2011) describes such places by 256 bits;
two pictures show the same thing where one similarity (shift, rotation, scale) carries many places
of the one onto places of the other. Pictures made from one template share places too; there, most
of what else looks alike in both lies elsewhere in the other.

Constants without another source were chosen on 2,104 pictures (drawn characters and figures of the
"tune" split, photographs, film frames, text, memes, user interfaces) and 5,180 edited copies.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.images.preprocess import Preprocessing

NAME = "orb-500"
VERSION = "2"

SIDE_PX = 480
PREPROCESSING = Preprocessing(size_px=SIDE_PX, fit="pad", resample="bicubic")
"""What pixels keypoints are made of; the white of the padding is cut off again."""

MOST = 500
DESCRIPTOR_BYTES = 32

MIN_INLIERS = 14
"""Of 10,596 pairs of unrelated pictures, each with those nearest to it by copy vector, 23 had 6
places, 2 had 7 and none more; different pictures with one logo have up to 12."""

AGREEING_SHARE = 0.6
"""Least share of the pairs in what both pictures show that agree. Pairs of true copies: 90 % above
.64, median .88; of different avatars of one template, median .55. Costs 4 points of recall, and a
third of the avatars, half of the recoloured sprites and 9 of 10 pictures that share only a caption
no longer pass."""

_FOUND = 1500
_SPREAD_PX = 40.0
_FAST_THRESHOLD = 10
_LEVELS = 8
_SCALE_FACTOR = 1.2
_SAME_PLACE_BITS = 64
_REPROJECTION_PX = 5.0
_ITERATIONS = 2000
_CELL_PX = 12.0
_BORDER_LEVELS = 12
_EDGE_PX = 31
_SMALLEST_PX = 2 * _EDGE_PX + 1
"""ORB finds nothing within 31 px of an edge; pictures of a few pixels make it fail."""

_FEWEST = 8

cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypoints:
    """``points`` (n, 2) uint16, in 1/64 px of a picture of at most 480 px; ``descriptors``
    (n, 32) uint8. n is at most `MOST`, and 0 for a flat picture."""

    points: NDArray[np.uint16]
    descriptors: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.points)


def keypoints_of(pixels: NDArray[np.uint8]) -> Keypoints:
    """Keypoints of ``pixels`` ((480, 480, 3) uint8 RGB, as `PREPROCESSING` makes them).

    Uniform borders are cut off first: the padding, and those that an editor added.
    """
    grey = _without_border(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))
    if min(grey.shape) < _SMALLEST_PX:
        return _none()
    detector = cv2.ORB.create(
        nfeatures=_FOUND,
        edgeThreshold=_EDGE_PX,
        scaleFactor=_SCALE_FACTOR,
        nlevels=_LEVELS,
        fastThreshold=_FAST_THRESHOLD,
    )
    found, descriptors = detector.detectAndCompute(grey, None)
    if descriptors is None:
        return _none()
    points = np.array([each.pt for each in found], np.float64)
    kept = _spread(
        points,
        np.array([each.octave for each in found]),
        np.array([each.response for each in found]),
    )
    return Keypoints(
        points=np.round(points[kept] * 64).astype(np.uint16),
        descriptors=np.ascontiguousarray(descriptors[kept], np.uint8),
    )


def _none() -> Keypoints:
    return Keypoints(
        points=np.empty((0, 2), np.uint16),
        descriptors=np.empty((0, DESCRIPTOR_BYTES), np.uint8),
    )


def _spread(
    points: NDArray[np.float64], octaves: NDArray[np.int64], responses: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Which (m,) of (n,) points to keep: of every octave its part, from everywhere in the picture.

    The strongest of each square of 40 px come first, then the second strongest, and so on, so that
    text beside a picture leaves it some points: with as many of the strongest alone, a third fewer
    of the screenshots and collages are found. The parts shrink with the octave's area, as ORB's do.
    """
    columns, rows = (points // _SPREAD_PX).astype(np.int64).T
    order = np.lexsort((-responses, columns, rows, octaves))
    squares = np.stack([octaves, rows, columns])[:, order]
    first = np.flatnonzero(np.any(np.diff(squares, axis=1, prepend=-1), axis=0))
    sizes = np.diff(np.append(first, len(order)))
    ranks = np.arange(len(order)) - np.repeat(first, sizes)
    kept = []
    share = MOST * (1 - 1 / _SCALE_FACTOR) / (1 - _SCALE_FACTOR**-_LEVELS)
    for octave in range(_LEVELS):
        mine = np.flatnonzero(squares[0] == octave)
        best = mine[np.lexsort((-responses[order[mine]], ranks[mine]))]
        kept.append(order[best[: round(share * _SCALE_FACTOR**-octave)]])
    return np.concatenate(kept)[:MOST]


def count_inliers(one: Keypoints, other: Keypoints) -> int:
    """How many different places of ``one`` one similarity carries onto the same of ``other``.

    Places closer than 12 px count once, in either picture, so that one busy spot is not many. 0
    where less than `AGREEING_SHARE` of what looks alike in both agrees.
    """
    if min(len(one), len(other)) < _FEWEST:
        return 0
    pairs = [
        pair
        for pair in cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(
            one.descriptors, other.descriptors
        )
        if pair.distance <= _SAME_PLACE_BITS
    ]
    if len(pairs) < _FEWEST:
        return 0
    ones, others = _pixels(one.points), _pixels(other.points)
    start = ones[[pair.queryIdx for pair in pairs]]
    end = others[[pair.trainIdx for pair in pairs]]
    similarity, inliers = cv2.estimateAffinePartial2D(
        start,
        end,
        method=cv2.RANSAC,
        ransacReprojThreshold=_REPROJECTION_PX,
        maxIters=_ITERATIONS,
    )
    if similarity is None:
        return 0
    agree = inliers[:, 0].astype(bool)
    forth = np.asarray(similarity, np.float64)
    back = np.asarray(cv2.invertAffineTransform(similarity), np.float64)
    in_both = agree | (_lands(start, forth, others) & _lands(end, back, ones))
    if agree.sum() < AGREEING_SHARE * in_both.sum():
        return 0
    return min(_places(start[agree]), _places(end[agree]))


def _pixels(points: NDArray[np.uint16]) -> NDArray[np.float32]:
    return np.asarray(points, np.float32) / np.float32(64)


def _lands(
    points: NDArray[np.float32], similarity: NDArray[np.float64], among: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Which points ``similarity`` carries to where the other picture has any, edges included."""
    carried = points @ similarity[:, :2].T + similarity[:, 2]
    inside = (carried >= among.min(axis=0)) & (carried <= among.max(axis=0))
    return np.asarray(inside.all(axis=1), np.bool_)


def _places(points: NDArray[np.float32]) -> int:
    return len(np.unique((points // _CELL_PX).astype(np.int64), axis=0))


def _without_border(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    for _ in range(2):  # the padding, and inside it a border of another colour
        distance = np.abs(grey.astype(np.int16) - int(grey[0, 0])) > _BORDER_LEVELS
        rows, columns = np.flatnonzero(distance.any(axis=1)), np.flatnonzero(distance.any(axis=0))
        if not len(rows):
            return grey
        grey = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(grey)
