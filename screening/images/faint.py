"""Faint pictures: nearly all contrast taken away, dark, bright or grey, and easily given back.

A trainer sees what is there, and so may whoever stretches what a model learned of it; corners that
differ by a few levels are no keypoints. A picture is faint where the levels beside its differences
lie within few. Those alone are counted, and no steps: a border or a ground of one colour does not
hide what stands in it. Frames of a film with an eighth of their contrast are found as they are,
with a tenth or less only so (`scripts/demo.py`). Of 4,000 drawn pictures 14 count as faint.
"""

import cv2
import numpy as np
from PIL import Image

FAINT_LEVELS = 40
LEAST_LEVELS = 4
"""Less is rounding, not a picture."""

SMALLEST_PX = 64
"""In smaller pictures a few places decide, and keypoints find next to nothing."""

_LEFT_OUT = 0.03
"""Share of the levels that may lie outside at each end."""

_LEAST_SHARE = 0.003
"""Of neighbours that differ by less than what is faint; a flat picture shows nothing."""

_EVERY_ROW = 4


def stretched_of(image: Image.Image) -> Image.Image | None:
    """``image`` (RGB) with the contrast that a picture has; None where it has some."""
    if min(image.size) < SMALLEST_PX:
        return None
    rows = image.resize((image.width, image.height // _EVERY_ROW), Image.Resampling.NEAREST)
    grey = np.asarray(rows.convert("L"))
    differences = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    slight = cv2.inRange(differences, np.array(1), np.array(FAINT_LEVELS - 1))
    count = cv2.countNonZero(slight)
    # Steps are where borders begin; a picture with many is not faint.
    steps = cv2.countNonZero(differences) - count
    if count < max(_LEAST_SHARE * float(slight.size), 2.0 * steps):
        return None
    counts = cv2.calcHist([grey[:, 1:]], [0], slight, [256], [0, 256]).ravel()
    low, high = np.searchsorted(counts.cumsum() / count, (_LEFT_OUT, 1 - _LEFT_OUT)).tolist()
    if not LEAST_LEVELS <= high - low < FAINT_LEVELS:
        return None
    table = np.rint((np.arange(256) - low) * (255 / (high - low))).clip(0, 255).astype(int).tolist()
    return image.point(table * 3)
