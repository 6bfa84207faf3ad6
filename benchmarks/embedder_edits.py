"""The seven families of edited copies that issue 3 names, made of `edits`' parts."""

import io
import random
from collections.abc import Mapping
from typing import Final

from PIL import Image

from screening.evaluation.edits import (
    RandomEdit,
    caption_band,
    crop,
    grey,
    mirror,
    pad,
    recompress,
    rotate,
)

FAMILIES: Final[Mapping[str, RandomEdit]] = {
    "crop 70 %": crop(0.3),
    "mirror": lambda image, _: mirror(image),
    "rotate 8°": rotate(8),
    "grey": lambda image, _: grey(image),
    "jpeg 10": lambda image, _: recompress(10)(image),
    "pad 25 %": pad(0.25),
    "caption band": caption_band,
}
"""Name -> edit. A crop of 70 % keeps 70 % of the area, anywhere in the picture."""


def copied(image: Image.Image, family: str, *, seed: int) -> Image.Image:
    """``image`` (RGB) edited and uploaded as JPEG of quality 90; hangs on nothing but these."""
    file = io.BytesIO()
    FAMILIES[family](image, random.Random(f"{seed} {family}")).save(file, "JPEG", quality=90)
    return Image.open(file).convert("RGB")
