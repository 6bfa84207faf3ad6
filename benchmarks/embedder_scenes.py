"""A drawn figure in other surroundings: another ground, light, place, lean and framing.

Sources draw a character on nothing, in one light, from one template; pictures of a pack differ in
all of that, and rows on the pictures as drawn are full marks for a colour histogram. The ranges
are a judgement, made before any embedder was measured on them, and the same for all.
"""

import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SHORTER_PX, LONGER_PX = 224, 300
LEAN_DEGREES = 10.0
CLOSE_UPS = 0.4
"""Of all pictures; the others show everything that is drawn."""

CLOSE_SIDES = (0.6, 0.85)
FILLED, FILLED_CLOSE = (0.55, 0.95), (1.0, 1.25)
"""Of the canvas that the drawing fills; a close-up's cut edges lie at the canvas's or beyond."""

BRIGHTNESS, CONTRAST, TINT = (0.75, 1.2), (0.8, 1.2), (0.9, 1.1)
SHAPES = (0, 8)


def in_scene(path: Path, *, seed: int) -> Image.Image:
    """RGB; hangs on the character's name, the file's name and ``seed`` alone."""
    chance = random.Random(f"{seed} {path.parent.name} {path.name}")
    with Image.open(path) as opened:
        figure = _trimmed(opened.convert("RGBA"))
    if chance.random() < 0.5:
        figure = figure.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    close = chance.random() < CLOSE_UPS
    if close:
        figure = _close_up(figure, chance)
    canvas = _ground(chance)
    scale = chance.uniform(*(FILLED_CLOSE if close else FILLED)) * min(
        canvas.width / figure.width, canvas.height / figure.height
    )
    size = max(1, round(figure.width * scale)), max(1, round(figure.height * scale))
    # Bicubic overshoots into colours under full transparency; premultiplied it cannot.
    figure = figure.convert("RGBa").resize(size, Image.Resampling.BICUBIC).convert("RGBA")
    lean = chance.uniform(-LEAN_DEGREES, LEAN_DEGREES)
    figure = figure.rotate(lean, Image.Resampling.BICUBIC, expand=True)
    corner = tuple(
        round(chance.uniform(0, 1) * (whole - part))
        for whole, part in zip(canvas.size, figure.size, strict=True)
    )
    canvas.paste(figure, (corner[0], corner[1]), figure)
    return _lit(canvas, chance)


def _trimmed(image: Image.Image) -> Image.Image:
    box = image.getchannel("A").getbbox()
    return image if box is None else image.crop(box)


def _close_up(figure: Image.Image, chance: random.Random) -> Image.Image:
    """A window, more often of the upper part: where the face is."""
    width, height = (max(1, round(chance.uniform(*CLOSE_SIDES) * side)) for side in figure.size)
    left = round(chance.uniform(0, figure.width - width))
    top = round(chance.uniform(0, figure.height - height) * chance.random())
    return figure.crop((left, top, left + width, top + height))


def _ground(chance: random.Random) -> Image.Image:
    sides = SHORTER_PX, chance.randint(SHORTER_PX, LONGER_PX)
    width, height = sides if chance.random() < 0.5 else sides[::-1]
    upper, lower = _colour(chance), _colour(chance)
    if chance.random() < 0.4:
        lower = upper
    shares = np.linspace(0, 1, height)[:, None, None]
    pixels = np.broadcast_to(
        (1 - shares) * np.array(upper) + shares * np.array(lower), (height, width, 3)
    )
    ground = Image.fromarray(pixels.astype(np.uint8))
    pen = ImageDraw.Draw(ground)
    for _ in range(chance.randint(*SHAPES)):
        left, top = chance.randrange(width), chance.randrange(height)
        box = (left, top, left + chance.randint(8, width), top + chance.randint(8, height // 2))
        chance.choice((pen.ellipse, pen.rectangle))(box, fill=_colour(chance))
    return ground


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def _lit(image: Image.Image, chance: random.Random) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    pixels = (pixels - 128) * chance.uniform(*CONTRAST) + 128
    brightness = chance.uniform(*BRIGHTNESS)
    gains = np.array([brightness * chance.uniform(*TINT) for _ in range(3)], np.float32)
    return Image.fromarray(np.clip(pixels * gains, 0, 255).astype(np.uint8))
