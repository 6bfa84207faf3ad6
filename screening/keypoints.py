"""Keypoints: what finds a copy again when its geometry was edited.

A crop, a pad, a band or a rotation moves every pixel, and with them the hash; the places where a
picture is distinctive move together. ORB (Rublee et al. 2011) describes such places by 256 bits.
`matching.votes` finds pictures that share places, `matching.overlap` whether one lies in the other.

Constants without another source were chosen on pictures of the "tune" split
(`scripts/fetch_art.py`: sprites, portraits, emoji, avatars of 13 generators) and 4,488 edited
copies of 136 of them.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.images.preprocess import Preprocessing, without_padding

NAME = "orb-500"
VERSION = "3"

SIDE_PX = 480
LARGE_SIDE_PX = 960
PREPROCESSING = Preprocessing(size_px=SIDE_PX, fit="pad", resample="bicubic", grey=True)
"""What pixels keypoints are made of; the white of the padding is cut off again."""

LARGE_PREPROCESSING = Preprocessing(size_px=LARGE_SIDE_PX, fit="pad", resample="bicubic", grey=True)
"""For small fragments: of nine pictures in a grid .87 are found at 960 px, .38 at 480 px."""

MOST = 500
MOST_LARGE = 2000
DESCRIPTOR_BYTES = 32

LEVELS = 10
SCALE_FACTOR = 1.2
TURNS = 256
"""Angles are kept in this many steps of a full turn."""

PLACE_UNITS = 64
"""Steps of a pixel in which places are kept."""

_FOUND_OF_EACH = 3
_FOUND_OF_EACH_PLAIN = 2
_SPREAD_PX = 40.0
_FAINT_LEVELS = 10
_PLAIN_LEVELS = 20
"""By how many grey levels a corner differs. References are asked for faint ones, and so are
pictures of packs that are not busy: in busy ones plain ones are as many as are looked for (1,285 to
1,421 of 1,500 in frames of a film, 1,447 to 1,477 with the faint ones), in half of the time."""

_BUSY_SHARE = 0.1
"""Share of neighbours that differ by more than `_FAINT_LEVELS`: .12-.30 in frames of a film, up to
.08 in most drawings."""

_BORDER_LEVELS = 12
_EDGE_PX = 20
"""ORB looks for nothing nearer to an edge. Its own 31 px would leave a third of the area of the
coarse octaves, by which small fragments of a collage are found; descriptors reach 18 px."""

_SQUARES = 1000
"""More than there are squares across."""

_SMALLEST_PX = 2 * _EDGE_PX + 1
"""Pictures of a few pixels make ORB fail."""

cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypoints:
    """``points`` (n, 2) uint16, in 1/64 px from the upper left corner of the picture, scaled to
    ``width_px`` and ``height_px``; ``octaves`` (n,) uint8, each 1.2 times as coarse as the one
    before; ``turns`` (n,) uint8, 1/256 of a full turn; ``descriptors`` (n, 32) uint8. n is 0 for a
    flat picture.
    """

    points: NDArray[np.uint16]
    octaves: NDArray[np.uint8]
    turns: NDArray[np.uint8]
    descriptors: NDArray[np.uint8]
    width_px: int
    height_px: int

    def __len__(self) -> int:
        return len(self.points)

    @property
    def places_px(self) -> NDArray[np.float32]:
        """(n, 2)."""
        return np.asarray(self.points, np.float32) / np.float32(PLACE_UNITS)

    @property
    def degrees(self) -> NDArray[np.float64]:
        return np.asarray(self.turns, np.float64) * (360 / TURNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A picture of a pack as it is searched: its ``grey`` levels ((h, w) uint8), without padding,
    the part within plain borders (``left``, ``top``, ``right``, ``bottom``, px), its keypoints.
    """

    grey: NDArray[np.uint8]
    inner_px: tuple[int, int, int, int]
    keypoints: Keypoints


def keypoints_of(pixels: NDArray[np.uint8], width_px: int, height_px: int) -> Keypoints:
    """Keypoints of a reference; the arguments are those of `look_at`."""
    return _seen(pixels, width_px, height_px, MOST, thorough=True).keypoints


def look_at(pixels: NDArray[np.uint8], width_px: int, height_px: int, *, most: int = MOST) -> Sight:
    """Keypoints of ``pixels`` ((s, s) uint8, as `PREPROCESSING` or `LARGE_PREPROCESSING` makes
    them of a picture of this size, or turned by a right angle), at most ``most``.

    None are looked for in uniform borders: those that an editor added.
    """
    return _seen(pixels, width_px, height_px, most, thorough=False)


def _seen(
    pixels: NDArray[np.uint8], width_px: int, height_px: int, most: int, *, thorough: bool
) -> Sight:
    grey = np.ascontiguousarray(without_padding(pixels, width_px, height_px))
    left, top, right, bottom = inner = _within_borders(grey)
    found: Keypoints | None = None
    if min(right - left, bottom - top) >= _SMALLEST_PX:
        found = _found(grey, inner, most, thorough=thorough)
    return Sight(grey=grey, inner_px=inner, keypoints=found or _none(grey))


def _found(
    grey: NDArray[np.uint8], inner: tuple[int, int, int, int], most: int, *, thorough: bool
) -> Keypoints | None:
    left, top, right, bottom = inner
    part = np.ascontiguousarray(grey[top:bottom, left:right])
    plain = not thorough and _is_busy(part)
    detector = cv2.ORB.create(
        nfeatures=(_FOUND_OF_EACH_PLAIN if plain else _FOUND_OF_EACH) * most,
        edgeThreshold=_EDGE_PX,
        scaleFactor=SCALE_FACTOR,
        nlevels=LEVELS,
        fastThreshold=_PLAIN_LEVELS if plain else _FAINT_LEVELS,
    )
    every = detector.detect(part, None)
    if plain and len(every) < most:
        detector.setFastThreshold(_FAINT_LEVELS)
        detector.setMaxFeatures(_FOUND_OF_EACH * most)
        every = detector.detect(part, None)
    if not every:
        return None
    points = np.asarray(cv2.KeyPoint.convert(every), np.float64)
    octaves = np.array([each.octave for each in every], np.int64)
    kept = _spread(points, octaves, np.array([each.response for each in every]), most)
    # Only what is kept is described; it is in the order of octaves that ORB asks for.
    found, descriptors = detector.compute(part, [every[each] for each in kept.tolist()])
    if not found:
        return None
    places = np.asarray(cv2.KeyPoint.convert(found), np.float64) + np.array([left, top])
    turns = np.round(np.array([each.angle for each in found]) * (TURNS / 360))
    return Keypoints(
        points=np.round(places * PLACE_UNITS).astype(np.uint16),
        octaves=np.array([each.octave for each in found], np.uint8),
        turns=(turns.astype(np.int64) % TURNS).astype(np.uint8),
        descriptors=np.ascontiguousarray(descriptors, np.uint8),
        width_px=grey.shape[1],
        height_px=grey.shape[0],
    )


def _is_busy(part: NDArray[np.uint8]) -> bool:
    rows = part[::4]
    differs = cv2.absdiff(rows[:, 1:], rows[:, :-1]) > _FAINT_LEVELS
    return bool(np.mean(differs) > _BUSY_SHARE)


def _none(grey: NDArray[np.uint8]) -> Keypoints:
    return Keypoints(
        points=np.empty((0, 2), np.uint16),
        octaves=np.empty(0, np.uint8),
        turns=np.empty(0, np.uint8),
        descriptors=np.empty((0, DESCRIPTOR_BYTES), np.uint8),
        width_px=grey.shape[1],
        height_px=grey.shape[0],
    )


def _spread(
    points: NDArray[np.float64],
    octaves: NDArray[np.int64],
    responses: NDArray[np.float64],
    most: int,
) -> NDArray[np.int64]:
    """Which (m,) of (n,) points to keep: of every octave its part, from everywhere in the picture.

    The strongest of each square of 40 px come first, then the second strongest, and so on, so that
    text beside a picture leaves it some points: with as many of the strongest alone, a third fewer
    of the screenshots and collages are found. The parts shrink with the octave's area, as ORB's do.
    """
    columns, rows = (points // _SPREAD_PX).astype(np.int64).T
    squares = (octaves * _SQUARES + rows) * _SQUARES + columns
    order = np.lexsort((-responses, squares))
    first = np.flatnonzero(np.diff(squares[order], prepend=-1))
    ranks = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    order = order[np.lexsort((-responses[order], ranks, octaves[order]))]
    begins = np.searchsorted(octaves[order], np.arange(LEVELS))
    share = most * (1 - 1 / SCALE_FACTOR) / (1 - SCALE_FACTOR**-LEVELS)
    parts = np.round(share * SCALE_FACTOR ** -np.arange(LEVELS, dtype=np.float64))
    mine = octaves[order]
    kept: NDArray[np.int64] = order[np.arange(len(order)) - begins[mine] < parts[mine]]
    return kept[:most]


def _within_borders(grey: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what no border of one colour surrounds."""
    left, top, bottom, right = 0, 0, *grey.shape
    for _ in range(2):  # a border of two colours
        part = grey[top:bottom, left:right]
        level = int(part[0, 0])
        lowest, highest = max(0, level - _BORDER_LEVELS), min(255, level + _BORDER_LEVELS)
        differs = (part < lowest) | (part > highest)
        rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
        if not len(rows):
            break
        bottom, right = top + int(rows[-1]) + 1, left + int(columns[-1]) + 1
        top, left = top + int(rows[0]), left + int(columns[0])
    return left, top, right, bottom
