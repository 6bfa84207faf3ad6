"""Decoded picture to embedder input: one square of uint8 RGB, as an embedder asks for it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["squash", "crop", "pad"]
Resample = Literal["bilinear", "bicubic", "lanczos", "box", "hamming"]

WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How a decoded picture becomes an embedder's input: a square of ``size_px``, RGB, uint8.

    ``squash`` ignores the aspect ratio, ``crop`` scales the shorter side and takes the centre,
    ``pad`` scales the longer side and fills with white. Resampling is Pillow's, named as there.
    """

    size_px: int
    fit: Fit
    resample: Resample = "bicubic"


def prepare(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """``image`` (mode RGB, any size) as (size_px, size_px, 3) uint8.

    ``crop`` follows torchvision's Resize + CenterCrop, so that open_clip sees what it expects.
    """
    size = preprocessing.size_px
    resample = Image.Resampling[preprocessing.resample.upper()]
    width, height = image.size
    if preprocessing.fit == "squash":
        return np.asarray(image.resize((size, size), resample))
    if preprocessing.fit == "crop":
        short = min(width, height)
        scaled = (max(size, int(size * width / short)), max(size, int(size * height / short)))
        resized = image.resize(scaled, resample)
        left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
        return np.asarray(resized.crop((left, top, left + size, top + size)))
    scale = size / max(width, height)
    scaled = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = Image.new("RGB", (size, size), WHITE)
    canvas.paste(image.resize(scaled, resample), ((size - scaled[0]) // 2, (size - scaled[1]) // 2))
    return np.asarray(canvas)
