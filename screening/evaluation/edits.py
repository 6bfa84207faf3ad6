"""Edits that make copies: what people do to a picture before they upload it, by family.

Every edit takes the picture, and where it needs them a source of chance and another picture, and
returns a new RGB picture. The same seed gives the same pixels.
"""

import io
import random
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

FixedEdit = Callable[[Image.Image], Image.Image]
RandomEdit = Callable[[Image.Image, random.Random], Image.Image]
Edit = Callable[[Image.Image, random.Random, Image.Image], Image.Image]

BLUR_RADIUS_PX = 2
NOISE_LEVELS = 16
BAND_SHARE = 0.18
SMALLEST_PX = 8

BLACK_ON_WHITE = (("white", "black"), ("black", "white"))
PLAIN = ("white", "black", (120, 140, 200))
WORDS = ("Gallery", "File", "Edit", "View", "Share", "Album", "Search", "Settings", "Help", "Like")
CAPTIONS = ("WHEN THE MODEL IS DONE", "NOBODY EXPECTS THIS", "MONDAY AGAIN", "ONE DOES NOT SIMPLY")


def recompress(quality: int) -> FixedEdit:
    def edit(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("RGB")

    return edit


def resize(scale: float) -> FixedEdit:
    def edit(image: Image.Image) -> Image.Image:
        width, height = (max(SMALLEST_PX, round(side * scale)) for side in image.size)
        return image.resize((width, height), Image.Resampling.BICUBIC)

    return edit


def saturate(image: Image.Image) -> Image.Image:
    return ImageEnhance.Color(image).enhance(2)


def darken(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(0.5)


def grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def mirror(image: Image.Image) -> Image.Image:
    return ImageOps.mirror(image)


def rotate(degrees: int) -> RandomEdit:
    """Corners that nothing covers are white or black; a right angle leaves none."""

    def edit(image: Image.Image, chance: random.Random) -> Image.Image:
        if degrees == 90:
            return image.transpose(
                chance.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270))
            )
        angle = degrees * chance.choice((-1, 1))
        corners = chance.choice(("white", "black"))
        return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=corners)

    return edit


def crop(cut: float) -> RandomEdit:
    """Cuts ``cut`` of the area away, the rest keeps the shape and lies anywhere."""

    def edit(image: Image.Image, chance: random.Random) -> Image.Image:
        side = (1 - cut) ** 0.5
        width, height = (max(min(SMALLEST_PX, each), int(each * side)) for each in image.size)
        left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
        return image.crop((left, top, left + width, top + height))

    return edit


def squeeze(image: Image.Image) -> Image.Image:
    """Into a square, as tools do that prepare pictures for training."""
    side = max(SMALLEST_PX, min(image.size))
    return image.resize((side, side), Image.Resampling.BICUBIC)


def cut_and_stretch(image: Image.Image, chance: random.Random) -> Image.Image:
    """A fifth of the area cut away, and what is left made narrower or lower by a fifth."""
    part = crop(0.2)(image, chance)
    width, height = part.size
    narrower = chance.random() < 0.5
    sides = (width * 4 // 5, height) if narrower else (width, height * 4 // 5)
    return part.resize(
        (max(SMALLEST_PX, sides[0]), max(SMALLEST_PX, sides[1])), Image.Resampling.BICUBIC
    )


def pad(share: float) -> RandomEdit:
    """Adds ``share`` of each side in one plain colour, half of it on either side."""

    def edit(image: Image.Image, chance: random.Random) -> Image.Image:
        across, down = (round(side * share / 2) for side in image.size)
        return ImageOps.expand(image, (across, down), fill=chance.choice(PLAIN))

    return edit


def frame(image: Image.Image, chance: random.Random) -> Image.Image:
    """A border of two colours, 8 % of the shorter side."""
    width = max(2, min(image.size) // 25)
    inner = ImageOps.expand(image, width, fill=(212, 175, 55))
    return ImageOps.expand(inner, width, fill=chance.choice(("black", "white")))


def caption_band(image: Image.Image, chance: random.Random) -> Image.Image:
    height = max(SMALLEST_PX, round(image.height * BAND_SHARE))
    ground, ink = chance.choice(BLACK_ON_WHITE)
    top = chance.random() < 0.5
    result = Image.new("RGB", (image.width, image.height + height), ground)
    result.paste(image, (0, height if top else 0))
    place = (4, (0 if top else image.height) + height // 4)
    font = ImageFont.load_default(max(SMALLEST_PX, height // 2))
    ImageDraw.Draw(result).text(place, chance.choice(CAPTIONS), fill=ink, font=font)
    return result


def overlay(image: Image.Image, chance: random.Random) -> Image.Image:
    """Three half-transparent water marks."""
    layer = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(max(SMALLEST_PX, image.height // 8))
    for _ in range(3):
        place = chance.randint(0, image.width // 3), chance.randint(0, image.height - 1)
        pen.text(place, "@my_art_2024", fill=(255, 255, 255, 150), font=font, stroke_width=1,
                 stroke_fill=(0, 0, 0, 120))  # fmt: skip
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def screenshot(share: float) -> RandomEdit:
    """The picture fills ``share`` of a program's window, among a menu, text and buttons."""

    def edit(image: Image.Image, chance: random.Random) -> Image.Image:
        scale = share**-0.5
        width, height = (round(side * scale) for side in image.size)
        result = window((width, height), chance)
        left = chance.randint(0, width - image.width)
        top = chance.randint(min(height // 8, height - image.height), height - image.height)
        result.paste(image, (left, top))
        return result

    return edit


def window(size: tuple[int, int], chance: random.Random) -> Image.Image:
    """An empty program window: a menu bar, and rows of labels and buttons."""
    width, height = size
    ground, bar, ink = chance.choice(
        (((245, 245, 247), (60, 64, 70), "black"), ((32, 33, 36), (53, 54, 58), (230, 230, 230)))
    )
    result = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(result)
    step = max(SMALLEST_PX, height // 16)
    font = ImageFont.load_default(max(SMALLEST_PX, step // 2))
    pen.rectangle((0, 0, width, step), fill=bar)
    pen.text((step // 4, step // 4), "   ".join(chance.sample(WORDS, 4)), fill="white", font=font)
    for row in range(2, 16):
        left = chance.randrange(0, max(1, width // 2))
        if chance.random() < 0.5:
            words = " ".join(chance.choices(WORDS, k=5))
            pen.text((left, row * step), words, fill=ink, font=font)
        else:
            box = (
                left,
                row * step,
                left + chance.randrange(step, 4 * step),
                row * step + step // 2,
            )
            pen.rounded_rectangle(box, step // 6, fill=(90, 130, 220))
    return result


def collage(count: int) -> Edit:
    """``count`` pictures side by side (2) or in two rows (4); the others are ``other``."""

    def edit(image: Image.Image, chance: random.Random, other: Image.Image) -> Image.Image:
        columns, rows = 2, count // 2
        result = Image.new("RGB", (image.width * columns, image.height * rows))
        place = chance.randrange(count)
        for number in range(count):
            filler = other.rotate(90 * number, expand=True).resize(image.size)
            corner = number % columns * image.width, number // columns * image.height
            result.paste(image if number == place else filler, corner)
        return result

    return edit


def blur(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(BLUR_RADIUS_PX))


def noise(image: Image.Image, chance: random.Random) -> Image.Image:
    random_levels = np.random.default_rng(chance.getrandbits(32))
    pixels = np.asarray(image, np.float64)
    pixels = pixels + random_levels.normal(0, NOISE_LEVELS, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def crop_mirror_recompress(image: Image.Image, chance: random.Random) -> Image.Image:
    return recompress(40)(mirror(crop(0.4)(image, chance)))


def _fixed(edit: FixedEdit) -> Edit:
    return lambda image, *_: edit(image)


def _random(edit: RandomEdit) -> Edit:
    return lambda image, chance, _: edit(image, chance)


EDITS: Final[Mapping[str, Edit]] = {
    "JPEG quality 40": _fixed(recompress(40)),
    "JPEG quality 20": _fixed(recompress(20)),
    "JPEG quality 10": _fixed(recompress(10)),
    "half the size": _fixed(resize(0.5)),
    "saturated": _fixed(saturate),
    "darker": _fixed(darken),
    "grey": _fixed(grey),
    "mirrored": _fixed(mirror),
    "rotated 4°": _random(rotate(4)),
    "rotated 8°": _random(rotate(8)),
    "rotated 90°": _random(rotate(90)),
    "10 % cut away": _random(crop(0.1)),
    "20 % cut away": _random(crop(0.2)),
    "40 % cut away": _random(crop(0.4)),
    "60 % cut away": _random(crop(0.6)),
    "squeezed into a square": _fixed(squeeze),
    "20 % cut away, stretched": _random(cut_and_stretch),
    "padded 10 %": _random(pad(0.1)),
    "padded 25 %": _random(pad(0.25)),
    "padded 50 %": _random(pad(0.5)),
    "border": _random(frame),
    "caption band": _random(caption_band),
    "overlaid text": _random(overlay),
    "screenshot, half": _random(screenshot(0.5)),
    "screenshot, quarter": _random(screenshot(0.25)),
    "collage of 2": collage(2),
    "collage of 4": collage(4),
    "blurred 2 px": _fixed(blur),
    "noise": _random(noise),
    "cut 40 %, mirrored, JPEG 40": _random(crop_mirror_recompress),
}
"""Name of the family and severity -> the edit."""


def edited(
    image: Image.Image, name: str, *, seed: int, other: Image.Image
) -> tuple[Image.Image, bytes]:
    """The edited picture as it is uploaded, a JPEG file of quality 90: its pixels and its bytes.

    An empty ``name`` leaves the picture as it is.

    ``image`` and ``other`` are RGB; the result hangs on ``seed``, ``name`` and them alone.
    """
    result = EDITS[name](image, random.Random(f"{seed} {name}"), other) if name else image
    file = io.BytesIO()
    result.save(file, "JPEG", quality=90)
    return Image.open(file).convert("RGB"), file.getvalue()
