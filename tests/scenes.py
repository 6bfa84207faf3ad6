"""Drawn scenes that have keypoints, and keypoints made of numbers."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from screening import keypoints
from screening.images.preprocess import Preprocessing, prepare
from screening.keypoints import (
    DESCRIPTOR_BYTES,
    PLACE_UNITS,
    SIDE_PX,
    Keypoints,
    Sight,
    keypoints_of,
    look_at,
)


def scene(seed: int) -> Image.Image:
    """Forty shapes with outlines, and something written: RGB, 400 x 300 px."""
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", (400, 300), tuple(chance.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(image)
    for number in range(40):
        corners = chance.integers(0, (400, 300), (3, 2))
        colour, ink = (tuple(each) for each in chance.integers(0, 256, (2, 3)).tolist())
        if number % 2:
            pen.polygon([tuple(each) for each in corners.tolist()], fill=colour, outline=ink)
        else:
            left, top = corners[0].tolist()
            width, height = chance.integers(6, 70, 2).tolist()
            pen.ellipse((left, top, left + width, top + height), fill=colour, outline=ink)
    pen.text((30, 120), f"scene {seed}", fill="black", font=ImageFont.load_default(32))
    return image


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    both = Image.new("RGB", (one.width + other.width, one.height))
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    return both


def seen(image: Image.Image, *, large: bool = False) -> Sight:
    """``image`` as the fingerprinter looks at it, at 480 or at 960 px."""
    made: Preprocessing = keypoints.LARGE_PREPROCESSING if large else keypoints.PREPROCESSING
    most = keypoints.MOST_LARGE if large else keypoints.MOST
    return look_at(prepare(image.convert("RGB"), made), *image.size, most=most)


def made(image: Image.Image) -> Keypoints:
    """As they are kept of a reference."""
    image = image.convert("RGB")
    return keypoints_of(prepare(image, keypoints.PREPROCESSING), *image.size)


def placed(points: NDArray[np.int64], seed: int = 0) -> Keypoints:
    """Keypoints at these places (px), each with a descriptor of its own."""
    chance = np.random.default_rng(seed)
    return Keypoints(
        points=(points * PLACE_UNITS).astype(np.uint16),
        octaves=np.zeros(len(points), np.uint8),
        turns=np.zeros(len(points), np.uint8),
        descriptors=chance.integers(0, 256, (len(points), DESCRIPTOR_BYTES), dtype=np.uint8),
        width_px=SIDE_PX,
        height_px=SIDE_PX,
    )
