"""Panels: whether a picture looks put together from several, or as a part of something larger.

A fragment of a collage, of a grid or of a screen leaves few keypoints at 480 px, too few to be
proposed. What betrays such pictures costs a fifth of a millisecond: a strip of one colour right
across them, or an edge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.keypoints import Sight

_BLANK_LEVELS = 12
_BLANK_PX = 2
_EDGE_LEVELS = 16
_EDGE_PX = 4
_EDGE_SHARE = 0.75
"""Where three quarters of neighbouring places differ, it is an edge. On the tune split that, or a
strip, is seen in .83-.89 of grids and collages of four and nine, in every screenshot, caption band
and collage of two, in an eighth of 112 other drawings (a quarter at .7, where one grid more is
seen), and in no frame of a film."""

_MARGIN = 0.08
"""Share of a side next to the edges where nothing counts: borders are no panels."""


def shows_several(sight: Sight) -> bool:
    """Whether a strip or an edge crosses the picture (within its borders) from side to side."""
    left, top, right, bottom = sight.inner_px
    inner = sight.grey[top:bottom, left:right]
    return _is_crossed(inner[::2]) or _is_crossed(inner[:, ::2].T)


def _is_crossed(grey: NDArray[np.uint8]) -> bool:
    """Whether columns of (h, w) are blank, others not, or an edge runs along one."""
    width = grey.shape[1]
    margin = max(_EDGE_PX, int(_MARGIN * width))
    if width < 2 * margin + 2 * _EDGE_PX or not len(grey):
        return False
    middle = np.ascontiguousarray(grey[:, margin:-margin])
    blank = middle.max(axis=0) - middle.min(axis=0) <= _BLANK_LEVELS
    if _BLANK_PX <= int(blank.sum()) < len(blank):
        return True
    edges = cv2.absdiff(middle[:, _EDGE_PX:], middle[:, :-_EDGE_PX]) > _EDGE_LEVELS
    return bool(edges.mean(axis=0).max() >= _EDGE_SHARE)
