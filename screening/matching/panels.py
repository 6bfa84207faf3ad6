"""Panels: whether a picture looks put together from several, or as a part of something larger.

A fragment of a collage, of a grid or of a screen leaves few keypoints at 480 px, too few to be
proposed. What betrays such pictures costs half a millisecond: a strip of one colour right across
them, or an edge.
"""

import numpy as np
from numpy.typing import NDArray

from screening.keypoints import Sight

_BLANK_LEVELS = 12
_BLANK_PX = 2
_EDGE_LEVELS = 16
_EDGE_PX = 4
_EDGE_SHARE = 0.75
"""Where three quarters of neighbouring places differ, it is an edge. On the tune split that, or a
strip, is seen in .97 of grids and collages, in every screenshot and caption band, and in a fifth of
75 other drawings (share .7: .29 of them, .8: .13 and .92 of grids)."""

_MARGIN = 0.08
"""Share of a side next to the edges where nothing counts: borders are no panels."""


def shows_several(sight: Sight) -> bool:
    """Whether a strip or an edge crosses the picture (within its borders) from side to side."""
    left, top, right, bottom = sight.inner_px
    inner = sight.grey[top:bottom, left:right]
    return _is_crossed(inner) or _is_crossed(inner.T)


def _is_crossed(grey: NDArray[np.uint8]) -> bool:
    """Whether columns of (h, w) are blank, others not, or an edge runs along one."""
    width = grey.shape[1]
    margin = max(_EDGE_PX, int(_MARGIN * width))
    if width < 2 * margin + 2 * _EDGE_PX or not len(grey):
        return False
    middle = grey[:, margin:-margin].astype(np.int16)
    blank = middle.max(axis=0) - middle.min(axis=0) <= _BLANK_LEVELS
    if _BLANK_PX <= int(blank.sum()) < len(blank):
        return True
    edges = np.abs(middle[:, _EDGE_PX:] - middle[:, :-_EDGE_PX]) > _EDGE_LEVELS
    return bool(edges.mean(axis=0).max() >= _EDGE_SHARE)
