"""Decoded picture to embedder input: one square of uint8, as an embedder asks for it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Fit = Literal["squash", "crop", "pad"]
Resample = Literal["bilinear", "bicubic", "lanczos", "box", "hamming"]

WHITE = "white"

LONGEST_STRIP = 8
"""Pictures longer than this many times their shorter side are cropped while they are scaled, which
may round a level otherwise but does not first make a strip of thousands of times the square."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How a decoded picture becomes an embedder's input: a square of ``size_px``, uint8.

    ``squash`` ignores the aspect ratio, ``crop`` scales the shorter side and takes the centre,
    ``pad`` scales the longer side and fills with white. Resampling is Pillow's, named as there.
    RGB, or levels of ``grey`` alone.
    """

    size_px: int
    fit: Fit
    resample: Resample = "bicubic"
    grey: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Of what `prepare` gives."""
        square = (self.size_px, self.size_px)
        return square if self.grey else (*square, 3)


def prepare(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """``image`` (mode RGB, any size) as uint8 of the ``shape`` that ``preprocessing`` has."""
    size, resample = preprocessing.size_px, Image.Resampling[preprocessing.resample.upper()]
    if preprocessing.grey:
        image = image.convert("L")
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
    box = _place(size, *image.size)
    canvas = Image.new(image.mode, (size, size), WHITE)
    canvas.paste(image.resize((box[2] - box[0], box[3] - box[1]), resample), box[:2])
    return canvas


def _place(size: int, width: int, height: int) -> tuple[int, int, int, int]:
    scale = size / max(width, height)
    across, down = (max(1, round(side * scale)) for side in (width, height))
    left, top = (size - across) // 2, (size - down) // 2
    return left, top, left + across, top + down


def without_padding(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The part of a padded square that a picture of this size, upright or turned, takes up."""
    size = len(pixels)
    for across, down in ((width, height), (height, width)):
        left, top, right, bottom = _place(size, across, down)
        # A header's size and that of a reduced picture round differently.
        above, before = max(0, top - 2), max(0, left - 2)
        strips = (
            pixels[:above],
            pixels[bottom + 2 :],
            pixels[:, :before],
            pixels[:, right + 2 :],
        )
        if all((strip == 255).all() for strip in strips):
            return pixels[top:bottom, left:right]
    return pixels
