"""Decoded picture to embedder input: one square of uint8 RGB, as an embedder asks for it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["squash", "crop", "pad"]
Resample = Literal["bilinear", "bicubic", "lanczos", "box", "hamming"]

WHITE = (255, 255, 255)

LONGEST_STRIP = 8
"""Pictures longer than this many times their shorter side are cropped while they are scaled, which
may round a level otherwise but does not first make a strip of thousands of times the square."""


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
    """``image`` (mode RGB, any size) as (size_px, size_px, 3) uint8."""
    size, resample = preprocessing.size_px, Image.Resampling[preprocessing.resample.upper()]
    match preprocessing.fit:
        case "squash":
            return np.asarray(image.resize((size, size), resample))
        case "crop":
            return np.asarray(_cropped(image, size, resample))
        case "pad":
            return np.asarray(_padded(image, size, resample))


def _cropped(image: Image.Image, size: int, resample: Image.Resampling) -> Image.Image:
    """As torchvision's Resize and CenterCrop, so that open_clip sees what it expects."""
    width, height = image.size
    short = min(width, height)
    scaled = (int(size * width / short), int(size * height / short))
    left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
    if max(width, height) <= LONGEST_STRIP * short:
        return image.resize(scaled, resample).crop((left, top, left + size, top + size))
    across, down = width / scaled[0], height / scaled[1]
    right, bottom = min(width, (left + size) * across), min(height, (top + size) * down)
    box = (left * across, top * down, right, bottom)
    return image.resize((size, size), resample, box=box)


def _padded(image: Image.Image, size: int, resample: Image.Resampling) -> Image.Image:
    scale = size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    canvas = Image.new("RGB", (size, size), WHITE)
    canvas.paste(
        image.resize((width, height), resample), ((size - width) // 2, (size - height) // 2)
    )
    return canvas
