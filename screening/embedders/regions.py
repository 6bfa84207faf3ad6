"""From a map of heads and figures to the one part of a picture that says most about whom it shows.

A second look at it lifts the share of small figures in changing scenes that find each other from
.51 to .63, and of faces that find whole figures from .72 to .82 (*tune* characters; `lite.md`).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

HEADS, FIGURES = 0, 1

SURE = 0.5
"""A region whose map stays below this everywhere was not found."""

SMALL_SHARE = 0.3
"""A head that fills more of the picture than this needs no second look: the whole shows it."""

SMALL_FIGURE_SHARE = 0.4
"""The same for a figure, where no head is found."""

MARGIN = 0.15
"""Part of a region's side that is taken on each side more: hair and ears reach out of boxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of a picture, in shares of its sides from the left and the top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def share(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


def most_telling(maps: NDArray[np.float32]) -> Box | None:
    """The region of a picture worth a look of its own; None where the whole shows it well.

    ``maps``: (2, h, w) in 0-1, heads then figures.
    """
    for number, small in ((HEADS, SMALL_SHARE), (FIGURES, SMALL_FIGURE_SHARE)):
        box = strongest(maps[number])
        if box is not None:
            return _widened(box) if box.share < small else None
    return None


def strongest(cells: NDArray[np.float32]) -> Box | None:
    """The box of the strongest connected part of one map (h, w); None where nothing is sure."""
    if not float(cells.max()) >= SURE:
        return None
    count, labels = cv2.connectedComponents((cells >= SURE / 2).astype(np.uint8), connectivity=4)
    weights = [float(cells[labels == label].sum()) for label in range(1, count)]
    part = np.where(labels == 1 + int(np.argmax(weights)), cells, 0.0)
    height, width = cells.shape
    left, right = _extent(part.max(axis=0))
    top, bottom = _extent(part.max(axis=1))
    return Box(left=left / width, top=top / height, right=right / width, bottom=bottom / height)


def _extent(profile: NDArray[np.floating]) -> tuple[float, float]:
    """Start and end of a profile: its length is its sum, since cells at its ends are half in."""
    length = float(profile.sum())
    middle = float(profile @ (np.arange(len(profile)) + 0.5)) / length
    return max(0.0, middle - length / 2), min(float(len(profile)), middle + length / 2)


def _widened(box: Box) -> Box:
    wide, tall = MARGIN * (box.right - box.left), MARGIN * (box.bottom - box.top)
    return Box(
        left=max(0.0, box.left - wide),
        top=max(0.0, box.top - tall),
        right=min(1.0, box.right + wide),
        bottom=min(1.0, box.bottom + tall),
    )
