"""Alignment: what carries the places of one picture onto those of another.

A similarity (shift, rotation, scale) does, where many places that look alike agree on it; or a
similarity of the picture made wider or higher, as pictures are that were squeezed into a square.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.index.tables import mutual_nearest
from screening.keypoints import Keypoints

LEAST_PLACES = 8
"""Of true pairs .81 have as many, .75 have 14; what 8 places alone would admit falsely, the
agreement refuses."""

LEAST_PLACES_OF_PLAIN = 5
PLAIN_KEYPOINTS = 250
"""Plain drawings, and small parts of them, have fewer keypoints than that: of them fewer places."""

_ALIKE_BITS = 64
_TURN_DEGREES = 30.0
_SCALE_OCTAVES = 2
"""Pairs that turn or scale otherwise than most by more are left out before RANSAC: a descriptor's
angle is off by 10 degrees at times, its octave by one."""

LEAST_STRETCH = 1.03
MOST_STRETCH = 2.0
_MORE_PLACES_OF_STRETCHED = 2
_MOST_SHEAR = 0.1
"""How much wider or higher a picture may have been made for its places to be carried by a stretch,
which has two more numbers to fit than a similarity and so needs two places more. Shear is that of
the fit's own error: the cosine between what were upright sides."""

_REPROJECTION_PX = 5.0
_ITERATIONS = 2000
_CELL_PX = 12.0
_CELLS = 1000
"""More than there are cells across."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Places that look alike (px, (n, 2) each), and how many different ones must agree."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    least: int

    def resized(self, by: tuple[float, float]) -> "Pairs":
        """With ``start`` in the picture that is so much wider and higher."""
        start = np.asarray((self.start + 0.5) * np.array(by) - 0.5, np.float32)
        return replace(self, start=start)

    def agreeing(self, inliers: NDArray[np.uint8]) -> int:
        agree = inliers[:, 0].astype(np.bool_)
        return min(_places(self.start[agree]), _places(self.end[agree]))


def pairs_of(one: Keypoints, other: Keypoints) -> Pairs | None:
    """Places of ``one`` and ``other`` that look alike; None where too few do."""
    least = LEAST_PLACES_OF_PLAIN if is_plain(one, other) else LEAST_PLACES
    if min(len(one), len(other)) < least:
        return None
    ones, others = mutual_nearest(one.descriptors, other.descriptors, _ALIKE_BITS)
    if len(ones) < least:
        return None
    alike = _turning_alike(
        other.degrees[others] - one.degrees[ones],
        other.octaves[others].astype(np.int64) - one.octaves[ones],
    )
    if alike.sum() < least:
        return None
    start, end = one.places_px[ones[alike]], other.places_px[others[alike]]
    if min(_places(start), _places(end)) < least:
        return None
    return Pairs(start=start, end=end, least=least)


def similarity_of(pairs: Pairs) -> tuple[NDArray[np.float64], int] | None:
    """What carries places of the one (px) onto the other, (2, 3), and how many different ones."""
    similarity, inliers = cv2.estimateAffinePartial2D(
        pairs.start,
        pairs.end,
        method=cv2.RANSAC,
        ransacReprojThreshold=_REPROJECTION_PX,
        maxIters=_ITERATIONS,
    )
    if similarity is None:
        return None
    places = pairs.agreeing(np.asarray(inliers, np.uint8))
    return (np.asarray(similarity, np.float64), places) if places >= pairs.least else None


def stretch_of(pairs: Pairs) -> tuple[float, float] | None:
    """How much wider and higher the picture must be made to be a similarity of the reference; one
    of the two is 1. None where it is one already, or where too few places say."""
    affine, inliers = cv2.estimateAffine2D(
        pairs.start,
        pairs.end,
        method=cv2.RANSAC,
        ransacReprojThreshold=_REPROJECTION_PX,
        maxIters=_ITERATIONS,
    )
    if affine is None:
        return None
    if pairs.agreeing(np.asarray(inliers, np.uint8)) < pairs.least + _MORE_PLACES_OF_STRETCHED:
        return None
    across, down = np.asarray(affine, np.float64)[:, :2].T
    wide, high = float(np.hypot(*across)), float(np.hypot(*down))
    if min(wide, high) <= 0 or abs(float(across @ down)) > _MOST_SHEAR * wide * high:
        return None
    if not LEAST_STRETCH <= max(wide, high) / min(wide, high) <= MOST_STRETCH:
        return None
    return max(1.0, wide / high), max(1.0, high / wide)


def is_plain(one: Keypoints, other: Keypoints) -> bool:
    """Whether one of them has so few keypoints that fewer places are asked for."""
    return min(len(one), len(other)) < PLAIN_KEYPOINTS


def similarity_between(one: Keypoints, other: Keypoints) -> NDArray[np.float64] | None:
    """What carries places of ``one`` (px) onto ``other``, (2, 3); None where too few agree."""
    pairs = pairs_of(one, other)
    found = None if pairs is None else similarity_of(pairs)
    return None if found is None else found[0]


def carried_places(keypoints: Keypoints, by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places (px) of ``keypoints``, carried by a `similarity_between`: (n, 2)."""
    return carried(keypoints.places_px, by)


def carried(
    points: NDArray[np.float32] | NDArray[np.float64], similarity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """``points`` (n, 2) where ``similarity`` (2, 3) puts them."""
    there: NDArray[np.float64] = points @ similarity[:, :2].T + similarity[:, 2]
    return there


def _turning_alike(degrees: NDArray[np.float64], octaves: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the pairs (n,) turn and scale like the one that most others agree with."""
    apart = np.abs((degrees[:, None] - degrees + 180) % 360 - 180)
    near = (apart <= _TURN_DEGREES) & (np.abs(octaves[:, None] - octaves) <= _SCALE_OCTAVES)
    alike: NDArray[np.bool_] = near[int(near.sum(axis=1).argmax())]
    return alike


def _places(points: NDArray[np.float32]) -> int:
    """Places closer than 12 px count once, so that one busy spot is not many."""
    across, down = (points // _CELL_PX).astype(np.int64).T
    return len(np.unique(across * _CELLS + down))
