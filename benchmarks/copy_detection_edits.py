"""The edits of the benchmark of copies: those of `edits`, and more of several pictures."""

import random
from collections.abc import Mapping

from PIL import Image, ImageEnhance, ImageOps

from screening.evaluation.edits import EDITS, Edit, crop, edited, mirror, recompress


def grid(count: int) -> Edit:
    """``count`` different pictures in rows of as many, half of the time with gutters."""

    def edit(image: Image.Image, chance: random.Random, other: Image.Image) -> Image.Image:
        side, gap = round(count**0.5), chance.choice((0, max(2, min(image.size) // 30)))
        width, height = image.width + gap, image.height + gap
        result = Image.new("RGB", (width * side - gap, height * side - gap), "white")
        place = chance.randrange(count)
        for number in range(count):
            turned = other.rotate(90 * (number % 4), expand=True)
            filler = ImageOps.mirror(turned) if number > 4 else turned
            shown = image if number == place else filler.resize(image.size)
            result.paste(shown, (number % side * width, number // side * height))
        return result

    return edit


MORE: Mapping[str, Edit] = {
    "brighter": lambda image, *_: ImageEnhance.Brightness(image).enhance(1.5),
    "cut 60 %, mirrored, JPEG 40": lambda image, chance, _: recompress(40)(
        mirror(crop(0.6)(image, chance))
    ),
    "grid of 4": grid(4),
    "grid of 9": grid(9),
}
FAMILIES: Mapping[str, Edit] = {**EDITS, **MORE}


def file_of(image: Image.Image, family: str, seed: int, other: Image.Image) -> bytes:
    if family in MORE:
        image = MORE[family](image, random.Random(f"{seed} {family}"), other)
        family = ""
    return edited(image, family, seed=seed, other=other)[1]
