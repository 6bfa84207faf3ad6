"""Pictures within a picture: what a trainer sees that reduces by reading single pixels.

A reduction by nearest neighbour reads one pixel of each cell and passes over all others, one by
cv2's bilinear or bicubic filter four or sixteen; which they are is known. Another picture may be
painted onto just these (Xiao et al., "Seeing is not believing", USENIX Security 2019): people and
every reduction that averages see the one, such a trainer the other.

The pixels that are read stand out from their neighbours, in columns and rows at even distances: the
differences between neighbours, summed up along the picture, have a period, which is the number of
pixels that the trainer makes (a spectrum of the whole picture shows it, too: Kim et al.,
"Decamouflage", DSN 2021; of two sums it takes a tenth of the time). Enlarged pictures have a period
as well, so what is read is compared with the average. Sizes and thresholds were chosen on the film
of `scripts/demo.py` under photographs, reduced to 1/3-1/8, and on 3,051 enlarged pictures of all
splits of `scripts/fetch_art.py`, of which one has such a view.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEAST_SIDE_PX = 512
"""Of what is reduced so far that pixels can be passed over: trainers make 256 px and more."""

LEAST_READ_PX = 192
"""Of a side; fewer of few pixels a cell say little of its average."""

MOST_REDUCED = 32

LEAST_PEAK = 32.0
"""Of the spectrum, in medians of it. Painted pictures: 270-1,460, the same in a JPEG file of
quality 92: 160-1,020; photographs that were enlarged 26-54, and what these show is compared."""

_LEAST_HARMONIC = 0.2
"""Share of the peak. Two neighbouring pixels of each cell may differ most at their two edges: then
the peak lies at two to four times the number that is read."""

_STRIPS = 4
_STRIP_PX = 8

_TREND_PX = 33

_CELLS = 32
_READ_A_CELL = 8
_LEVELS = 16.0
_LEAST_SHARE = 0.02
"""What is read shows another picture where more than so many of 32x32 cells differ by more than so
many levels from the average."""

_AS_MUCH = 0.9
"""Grids that differ about as much from the average: every second pixel of the right one does."""

_ALIKE = 0.01


@dataclass(frozen=True, slots=True)
class _Grid:
    """Of one axis: ``count`` pixels are read, at the places (number + ``phase``) * period."""

    count: int
    phase: float

    def box(self, side_px: int) -> tuple[float, float, int]:
        """From where to where whole cells around what is read reach, and how many those are."""
        period = side_px / self.count
        begin = (self.phase % 1 - 0.5) * period
        first, last = 0, self.count
        if begin < 0:
            first = 1
        elif begin > 0:
            last -= 1
        return begin + first * period, begin + last * period, last - first


_Pair = tuple[_Grid, _Grid | None]
"""How pixels are read across, and down, if all are not."""

_ALL: list[_Grid | None] = [None]


def sampled_of(image: Image.Image) -> Image.Image | None:
    """What stands in single pixels of ``image`` (RGB or L, of full size); None where they show what
    all of it shows."""
    if min(image.size) < LEAST_SIDE_PX:
        return None
    across = _grids(_profile(image, turned=False))
    if not across:  # trainers reduce both sides alike, and columns take five times as long to read
        return None
    down = _grids(_profile(image, turned=True))
    average = image.reduce(max(1, min(image.size) // (_CELLS * _READ_A_CELL)))
    pairs = list(_pairs(across, down, image.size))
    if all(_differing(image, average, *pair, sparse=True)[0] <= _LEAST_SHARE for pair in pairs):
        return None
    # Read in full: every second or third pixel of a wrong grid may be one of the right one.
    found = [(_differing(image, average, *pair, sparse=False), pair) for pair in pairs]
    most = max(levels for (_, levels), _ in found)
    best = [pair for (_, levels), pair in found if levels >= _AS_MUCH * most]
    return _read(image, *max(best, key=_count))[0]


def _pairs(across: list[_Grid], down: list[_Grid], size: tuple[int, int]) -> Iterator[_Pair]:
    """Grids of both axes that reduce alike, as trainers do; all of them where none do."""
    pairs: list[_Pair] = list(product(across, down or _ALL))
    alike = [
        (one, other)
        for one, other in pairs
        if other and abs(one.count * size[1] / (other.count * size[0]) - 1) <= _ALIKE
    ]
    yield from alike or pairs


def _count(pair: _Pair) -> int:
    return sum(each.count for each in pair if each)


def _profile(image: Image.Image, *, turned: bool) -> NDArray[np.float64]:
    """How much each pixel differs from the next one across (``turned``: down), in some strips of
    the picture; (side - 1,)."""
    length = image.width if turned else image.height
    strips = []
    for strip in range(_STRIPS):
        begin = min(int((strip + 0.5) / _STRIPS * length), length - _STRIP_PX)
        end = begin + _STRIP_PX
        box = (begin, 0, end, image.height) if turned else (0, begin, image.width, end)
        part = image.crop(box)
        strips.append(np.asarray(part.transpose(Image.Transpose.TRANSPOSE) if turned else part))
    pixels = np.concatenate(strips)
    differences = cv2.absdiff(pixels[:, 1:], pixels[:, :-1])
    summed = cv2.reduce(differences, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return np.asarray(summed.reshape(pixels.shape[1] - 1, -1).sum(axis=1), np.float64)


def _grids(profile: NDArray[np.float64]) -> list[_Grid]:
    """The grids that may have left a period in the ``profile``, none where it has none."""
    side_px = len(profile) + 1
    level = profile - cv2.blur(profile[None], (_TREND_PX, 1))[0]
    spectrum = np.fft.rfft(level, side_px)
    least = max(LEAST_READ_PX, side_px // MOST_REDUCED)
    heights = np.abs(spectrum)
    peak = least + int(heights[least:].argmax())
    # Fewer than half below so much: the median is above it. Cheaper than the median.
    below = np.count_nonzero(heights[least:] * LEAST_PEAK <= heights[peak])
    if heights[peak] <= LEAST_PEAK * 1e-9 or 2 * below < len(heights) - least:
        return []
    return list(_grids_of(spectrum, peak, least))


def _grids_of(spectrum: NDArray[np.complex128], peak: int, least: int) -> Iterator[_Grid]:
    def phase(count: int) -> float:
        # A difference stands between two pixels: half a pixel behind its number, one before both.
        turn = -float(np.angle(spectrum[count])) / (2 * np.pi)
        return turn + count / (2 * (len(spectrum) - 1)) % 1

    heights = np.abs(spectrum)
    for part in (1, 2, 3, 4):
        count = round(peak / part)
        if count < least:
            return
        if heights[count] >= _LEAST_HARMONIC * heights[peak]:
            yield _Grid(count, phase(count))
            yield _Grid(count, phase(count) + 0.5)
        else:  # even edges, and what is read in the middle of two
            between = (phase(peak) + 0.5) / part
            yield from (_Grid(count, between + step / part) for step in range(part))


def _differing(
    image: Image.Image,
    average: Image.Image,
    across: _Grid,
    down: _Grid | None,
    *,
    sparse: bool,
) -> tuple[float, float]:
    """In which share of the cells what is read differs from the ``average``, and by how many levels
    in their mean; ``sparse`` reads no more than that takes."""
    most_px = _CELLS * _READ_A_CELL if sparse else None
    read, box = _read(image, across, down, most_px=most_px)
    cells = _cells(read.width), _cells(read.height)
    across_scale, down_scale = image.width / average.width, image.height / average.height
    left, top, right, bottom = box
    there = (
        left / across_scale,
        top / down_scale,
        min(right / across_scale, average.width),
        min(bottom / down_scale, average.height),
    )
    grids = [
        np.asarray(each.resize(cells, Image.Resampling.BOX, box=part), np.float32)
        for each, part in ((read, None), (average, there))
    ]
    levels = np.abs(grids[0] - grids[1]).reshape(*grids[0].shape[:2], -1).max(axis=2)
    return float((levels > _LEVELS).mean()), float(levels.mean())


def _cells(side_px: int) -> int:
    return min(_CELLS, max(1, side_px // _READ_A_CELL))


def _read(
    image: Image.Image, across: _Grid, down: _Grid | None, *, most_px: int | None = None
) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """What is read, at most so many pixels a side, and the part of the picture that it is from.

    Without a grid for the way down all is averaged there.
    """
    left, right, width = _part(across, image.width, most_px)
    top, bottom, height = _part(down, image.height, most_px)
    box = (left, top, right, bottom)
    if down is not None:
        return image.resize((width, height), Image.Resampling.NEAREST, box=box), box
    lines = image.resize((width, image.height), Image.Resampling.NEAREST, box=box)
    height = most_px or max(1, round(image.height * width / (right - left)))
    return lines.resize((width, min(height, image.height)), Image.Resampling.BOX), box


def _part(grid: _Grid | None, side_px: int, most_px: int | None) -> tuple[float, float, int]:
    if grid is None:
        return 0.0, float(side_px), min(side_px, most_px or side_px)
    begin, end, count = grid.box(side_px)
    # Every so many, an odd number, is read: the middle of so many cells is that of one.
    step = 1 if most_px is None else count // most_px | 1
    return begin, min(side_px, begin + count // step * step * (end - begin) / count), count // step
