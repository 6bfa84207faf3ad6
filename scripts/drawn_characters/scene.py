"""Backgrounds: colour, patterns, places, blurred photographs that never were."""

import math
import random

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from drawn_characters.brush import brush, fill_between, packed
from drawn_characters.colour import Colour, any_colour
from drawn_characters.outline import polygon, smooth, star
from drawn_characters.scenery import city, forest, landscape, night, room, sea

SCENES = (
    *("plain",) * 7,
    "gradient",
    "radial",
    "rays",
    "dots",
    "stripes",
    "room",
    "landscape",
    "city",
    "noise",
    "bokeh",
    "night",
    "shapes",
    "splash",
    "frame",
    "forest",
    "sea",
)


def draw_scene(canvas: skia.Canvas, size_px: int, rng: random.Random) -> None:
    """Fill the whole canvas with a scene drawn by chance."""
    kind = rng.choice(SCENES)
    canvas.save()
    canvas.scale(size_px / 100.0, size_px / 100.0)
    painter = _PAINTERS.get(kind)
    if painter is None:
        canvas.clear(packed(_plain(rng)))
    else:
        painter(canvas, rng)
    canvas.restore()


def _plain(rng: random.Random) -> Colour:
    kind = rng.random()
    if kind < 0.45:
        return Colour(0, 0, 1.0)
    if kind < 0.55:
        return Colour(0, 0, 0.0)
    if kind < 0.7:
        return Colour(0, 0, rng.uniform(0.1, 0.95))
    return any_colour(rng)


def _gradient(canvas: skia.Canvas, rng: random.Random) -> None:
    angle = rng.uniform(0, 2 * math.pi)
    x, y = math.cos(angle) * 60, math.sin(angle) * 60
    fill_between(canvas, any_colour(rng), any_colour(rng), (50 - x, 50 - y), (50 + x, 50 + y))


def _radial(canvas: skia.Canvas, rng: random.Random) -> None:
    paint = skia.Paint()
    colour = any_colour(rng)
    centre = skia.Point(rng.uniform(30, 70), rng.uniform(20, 70))
    paint.setShader(
        skia.GradientShader.MakeRadial(
            center=centre,
            radius=rng.uniform(50, 90),
            colors=[packed(colour.lighter(0.25)), packed(colour.lighter(-0.12))],
        )
    )
    canvas.drawPaint(paint)


def _rays(canvas: skia.Canvas, rng: random.Random) -> None:
    first = any_colour(rng)
    canvas.clear(packed(first))
    paint = brush(first.lighter(rng.choice((-0.1, 0.1, 0.2))))
    x, y, count = rng.uniform(30, 70), rng.uniform(30, 70), rng.randint(8, 20)
    for index in range(count):
        start, end = 2 * math.pi * index / count, 2 * math.pi * (index + 0.5) / count
        canvas.drawPath(
            polygon(
                [
                    (x, y),
                    (x + 150 * math.cos(start), y + 150 * math.sin(start)),
                    (x + 150 * math.cos(end), y + 150 * math.sin(end)),
                ]
            ),
            paint,
        )


def _dots(canvas: skia.Canvas, rng: random.Random) -> None:
    canvas.clear(packed(any_colour(rng)))
    paint, step = brush(any_colour(rng)), rng.uniform(8, 24)
    radius = step * rng.uniform(0.15, 0.4)
    stars = rng.random() < 0.3
    marks = skia.Path()
    for row in range(int(100 / step) + 1):
        for column in range(int(100 / step) + 2):
            x, y = (column + 0.5 * (row % 2)) * step, row * step
            marks.addPath(star(x, y, radius)) if stars else marks.addCircle(x, y, radius)
    canvas.drawPath(marks, paint)


def _stripes(canvas: skia.Canvas, rng: random.Random) -> None:
    canvas.clear(packed(any_colour(rng)))
    step = rng.uniform(6, 30)
    canvas.rotate(rng.choice((0, 90, 45, -45, rng.uniform(0, 180))), 50, 50)
    paint = brush(any_colour(rng))
    for index in range(int(160 / step)):
        canvas.drawRect(
            skia.Rect.MakeLTRB(-30 + index * step, -50, -30 + (index + 0.5) * step, 150), paint
        )


def _shapes(canvas: skia.Canvas, rng: random.Random) -> None:
    canvas.clear(packed(any_colour(rng)))
    for _ in range(rng.randint(3, 12)):
        x, y, radius = rng.uniform(0, 100), rng.uniform(0, 100), rng.uniform(4, 35)
        kind, paint = (
            rng.randrange(4),
            brush(any_colour(rng), rng.choice((0.5, 1.0))),
        )
        if kind == 0:
            canvas.drawCircle(x, y, radius, paint)
        elif kind == 1:
            canvas.drawRect(skia.Rect.MakeXYWH(x, y, radius * 1.5, radius), paint)
        elif kind == 2:
            canvas.drawPath(star(x, y, radius), paint)
        else:
            canvas.drawPath(
                polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)]),
                paint,
            )


def _splash(canvas: skia.Canvas, rng: random.Random) -> None:
    canvas.clear(packed(Colour(0, 0, rng.choice((1.0, 0.95, 0.1)))))
    points = []
    for index in range(18):
        reach, angle = rng.uniform(28, 52), 2 * math.pi * index / 18
        points.append((50 + math.cos(angle) * reach, 50 + math.sin(angle) * reach))
    canvas.drawPath(smooth(points), brush(any_colour(rng), rng.uniform(0.4, 1.0)))


def _frame(canvas: skia.Canvas, rng: random.Random) -> None:
    canvas.clear(packed(any_colour(rng)))
    inset = rng.uniform(4, 12)
    rect = skia.Rect.MakeLTRB(inset, inset, 100 - inset, 100 - inset)
    if rng.random() < 0.5:
        canvas.drawOval(rect, brush(any_colour(rng)))
    else:
        canvas.drawRect(rect, brush(any_colour(rng)))


def _noise(canvas: skia.Canvas, rng: random.Random) -> None:
    """Soft clouds of three colours, as a photograph far out of focus."""
    _picture(canvas, _cloud(rng, cells=rng.choice((3, 5, 9))))


def _bokeh(canvas: skia.Canvas, rng: random.Random) -> None:
    _picture(canvas, _cloud(rng, cells=3))
    for _ in range(rng.randint(6, 16)):
        canvas.drawCircle(
            rng.uniform(0, 100),
            rng.uniform(0, 100),
            rng.uniform(2, 9),
            brush(any_colour(rng).lighter(0.2), rng.uniform(0.15, 0.5)),
        )


def _cloud(rng: random.Random, *, cells: int) -> NDArray[np.uint8]:
    dice = np.random.default_rng(rng.getrandbits(32))
    base = np.array([any_colour(rng).rgb() for _ in range(3)], np.float32)
    weights = dice.random((cells, cells, 3), np.float32) ** 2 + 0.02
    weights /= weights.sum(axis=2, keepdims=True)
    small = weights @ base
    large = cv2.resize(small, (64, 64), interpolation=cv2.INTER_CUBIC)
    if cells > 3:
        large = large + dice.standard_normal((64, 64, 3), np.float32) * 0.02
    return np.asarray(np.clip(large * 255, 0, 255), np.uint8)


def _picture(canvas: skia.Canvas, pixels: NDArray[np.uint8]) -> None:
    rgba = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    image = skia.Image.fromarray(np.ascontiguousarray(rgba), colorType=skia.kRGBA_8888_ColorType)
    canvas.drawImageRect(
        image, skia.Rect.MakeWH(100, 100), skia.SamplingOptions(skia.FilterMode.kLinear)
    )


_PAINTERS = {
    "gradient": _gradient,
    "radial": _radial,
    "rays": _rays,
    "dots": _dots,
    "stripes": _stripes,
    "room": room,
    "landscape": landscape,
    "city": city,
    "noise": _noise,
    "bokeh": _bokeh,
    "night": night,
    "shapes": _shapes,
    "splash": _splash,
    "frame": _frame,
    "forest": forest,
    "sea": sea,
}
