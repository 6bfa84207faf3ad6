"""Backgrounds: nothing, colour, patterns, rooms, landscapes, blurred photographs that never were."""

import math
import random

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from drawn_characters.colour import Colour, any_colour
from drawn_characters.outline import Point, ellipse, polygon, smooth, star

SCENES = (
    "plain",
    "plain",
    "plain",
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


def draw_scene(
    canvas: skia.Canvas, size_px: int, rng: random.Random, *, smooth_edges: bool = True
) -> None:
    """Fill the whole canvas with a scene drawn by chance."""
    kind = rng.choice(SCENES)
    canvas.save()
    canvas.scale(size_px / 100.0, size_px / 100.0)
    painter = _PAINTERS.get(kind)
    if painter is None:
        canvas.clear(_packed(_plain(rng)))
    else:
        painter(canvas, rng, smooth_edges)
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


def _packed(colour: Colour) -> int:
    red, green, blue = colour.rgb()
    return int(skia.Color(round(red * 255), round(green * 255), round(blue * 255)))


def _paint(colour: Colour, alpha: float = 1.0, *, smooth_edges: bool = True) -> skia.Paint:
    red, green, blue = colour.rgb()
    return skia.Paint(AntiAlias=smooth_edges, Color4f=skia.Color4f(red, green, blue, alpha))


def _sheet(
    canvas: skia.Canvas, first: Colour, last: Colour, start: Point = (0, 0), end: Point = (0, 100)
) -> None:
    paint = skia.Paint()
    paint.setShader(
        skia.GradientShader.MakeLinear(
            points=[skia.Point(*start), skia.Point(*end)], colors=[_packed(first), _packed(last)]
        )
    )
    canvas.drawPaint(paint)


def _gradient(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    angle = rng.uniform(0, 2 * math.pi)
    x, y = math.cos(angle) * 60, math.sin(angle) * 60
    _sheet(canvas, any_colour(rng), any_colour(rng), (50 - x, 50 - y), (50 + x, 50 + y))


def _radial(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    paint = skia.Paint()
    colour = any_colour(rng)
    centre = skia.Point(rng.uniform(30, 70), rng.uniform(20, 70))
    paint.setShader(
        skia.GradientShader.MakeRadial(
            center=centre,
            radius=rng.uniform(50, 90),
            colors=[_packed(colour.lighter(0.25)), _packed(colour.lighter(-0.12))],
        )
    )
    canvas.drawPaint(paint)


def _rays(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    first = any_colour(rng)
    canvas.clear(_packed(first))
    paint = _paint(first.lighter(rng.choice((-0.1, 0.1, 0.2))), smooth_edges=edges)
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


def _dots(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    canvas.clear(_packed(any_colour(rng)))
    paint, step = _paint(any_colour(rng), smooth_edges=edges), rng.uniform(8, 24)
    radius = step * rng.uniform(0.15, 0.4)
    stars = rng.random() < 0.3
    marks = skia.Path()
    for row in range(int(100 / step) + 1):
        for column in range(int(100 / step) + 2):
            x, y = (column + 0.5 * (row % 2)) * step, row * step
            marks.addPath(star(x, y, radius)) if stars else marks.addCircle(x, y, radius)
    canvas.drawPath(marks, paint)


def _stripes(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    canvas.clear(_packed(any_colour(rng)))
    step = rng.uniform(6, 30)
    canvas.rotate(rng.choice((0, 90, 45, -45, rng.uniform(0, 180))), 50, 50)
    paint = _paint(any_colour(rng), smooth_edges=edges)
    for index in range(int(160 / step)):
        canvas.drawRect(
            skia.Rect.MakeLTRB(-30 + index * step, -50, -30 + (index + 0.5) * step, 150), paint
        )


def _room(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    wall, floor = (
        any_colour(rng),
        Colour(rng.uniform(10, 50), rng.uniform(0.1, 0.5), rng.uniform(0.25, 0.65)),
    )
    horizon = rng.uniform(55, 82)
    _sheet(canvas, wall.lighter(0.06), wall.lighter(-0.06))
    canvas.drawRect(skia.Rect.MakeLTRB(0, horizon, 100, 100), _paint(floor))
    x = rng.uniform(5, 60)
    sky = Colour(205, 0.6, rng.uniform(0.5, 0.85))
    canvas.drawRect(skia.Rect.MakeLTRB(x - 2, 8, x + 32, 46), _paint(wall.lighter(0.25)))
    canvas.drawRect(skia.Rect.MakeLTRB(x, 10, x + 14, 44), _paint(sky))
    canvas.drawRect(skia.Rect.MakeLTRB(x + 16, 10, x + 30, 44), _paint(sky))
    for _ in range(rng.randint(1, 3)):
        left, top = rng.uniform(-10, 85), rng.uniform(25, horizon)
        canvas.drawRect(
            skia.Rect.MakeLTRB(left, top, left + rng.uniform(12, 35), horizon + rng.uniform(2, 14)),
            _paint(any_colour(rng)),
        )


def _hills(
    canvas: skia.Canvas, rng: random.Random, colour: Colour, base: float, rough: float
) -> None:
    points: list[Point] = [(-5, 105)]
    points += [(-5 + 110 * index / 6, base + rng.uniform(-rough, rough)) for index in range(7)]
    canvas.drawPath(smooth([*points, (105, 105)], tension=0.8), _paint(colour))


def _landscape(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    sky = Colour(
        rng.choice((205, 210, 25, 330, 260)), rng.uniform(0.4, 0.9), rng.uniform(0.55, 0.8)
    )
    _sheet(canvas, sky, sky.lighter(0.2))
    for _ in range(rng.randint(0, 4)):
        x, y = rng.uniform(0, 100), rng.uniform(5, 40)
        for _ in range(4):
            canvas.drawPath(
                ellipse(
                    x + rng.uniform(-10, 10),
                    y + rng.uniform(-2, 2),
                    rng.uniform(5, 10),
                    rng.uniform(3, 5),
                ),
                _paint(Colour(0, 0, 1), 0.8),
            )
    ground = Colour(
        rng.choice((95, 120, 40, 30, 200)), rng.uniform(0.25, 0.6), rng.uniform(0.35, 0.65)
    )
    base = rng.uniform(50, 75)
    _hills(canvas, rng, ground.turned(25).lighter(0.12), base - 10, 12)
    _hills(canvas, rng, ground, base + 5, 5)


def _forest(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    green = Colour(rng.uniform(80, 160), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.5))
    _sheet(canvas, green.lighter(0.3), green)
    for layer in range(2):
        for _ in range(6):
            x, wide = rng.uniform(-5, 105), rng.uniform(5, 12)
            colour = green.lighter(0.12 - 0.14 * layer + rng.uniform(-0.03, 0.03))
            canvas.drawRect(
                skia.Rect.MakeLTRB(x - wide * 0.15, 30, x + wide * 0.15, 90),
                _paint(Colour(25, 0.3, 0.25)),
            )
            canvas.drawPath(
                polygon([(x, rng.uniform(0, 30)), (x + wide, 75), (x - wide, 75)]), _paint(colour)
            )
    canvas.drawRect(skia.Rect.MakeLTRB(0, 84, 100, 100), _paint(green.lighter(-0.08)))


def _sea(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    water = Colour(rng.uniform(180, 225), rng.uniform(0.4, 0.9), rng.uniform(0.3, 0.6))
    _sheet(canvas, water.lighter(0.3), water.lighter(-0.15))
    for _ in range(14):
        canvas.drawPath(
            ellipse(
                rng.uniform(0, 100),
                rng.uniform(0, 100),
                rng.uniform(0.6, 2.4),
                rng.uniform(0.6, 2.4),
            ),
            _paint(Colour(0, 0, 1), 0.3),
        )
    _hills(canvas, rng, Colour(42, 0.5, 0.6), 92, 3)


def _city(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    sky = any_colour(rng)
    _sheet(canvas, sky, sky.lighter(0.2))
    for layer in range(2):
        x = -5.0
        colour = sky.turned(rng.uniform(-30, 30)).lighter(-0.12 - 0.12 * layer)
        while x < 100:
            wide, top = rng.uniform(8, 20), rng.uniform(20 + 20 * layer, 65)
            canvas.drawRect(
                skia.Rect.MakeLTRB(x, top, x + wide, 100), _paint(colour, smooth_edges=edges)
            )
            if layer:
                light = _paint(Colour(48, 0.8, 0.7), 0.7)
                for row in range(3):
                    canvas.drawRect(
                        skia.Rect.MakeXYWH(x + 2 + 3 * (row % 2), top + 4 + row * 8, 2, 3), light
                    )
            x += wide + rng.uniform(0, 3)


def _night(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    sky = Colour(rng.uniform(210, 290), rng.uniform(0.3, 0.8), rng.uniform(0.06, 0.22))
    _sheet(canvas, sky, sky.lighter(0.15))
    for _ in range(22):
        canvas.drawCircle(
            rng.uniform(0, 100),
            rng.uniform(0, 100),
            rng.uniform(0.2, 0.8),
            _paint(Colour(50, 0.4, 0.9)),
        )
    if rng.random() < 0.5:
        canvas.drawCircle(
            rng.uniform(10, 90),
            rng.uniform(10, 40),
            rng.uniform(6, 16),
            _paint(Colour(50, 0.5, 0.88)),
        )


def _shapes(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    canvas.clear(_packed(any_colour(rng)))
    for _ in range(rng.randint(3, 12)):
        x, y, radius = rng.uniform(0, 100), rng.uniform(0, 100), rng.uniform(4, 35)
        kind, paint = (
            rng.randrange(4),
            _paint(any_colour(rng), rng.choice((0.5, 1.0)), smooth_edges=edges),
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


def _splash(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    canvas.clear(_packed(Colour(0, 0, rng.choice((1.0, 0.95, 0.1)))))
    points = []
    for index in range(18):
        reach, angle = rng.uniform(28, 52), 2 * math.pi * index / 18
        points.append((50 + math.cos(angle) * reach, 50 + math.sin(angle) * reach))
    canvas.drawPath(smooth(points), _paint(any_colour(rng), rng.uniform(0.4, 1.0)))


def _frame(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    canvas.clear(_packed(any_colour(rng)))
    inset = rng.uniform(4, 12)
    rect = skia.Rect.MakeLTRB(inset, inset, 100 - inset, 100 - inset)
    if rng.random() < 0.5:
        canvas.drawOval(rect, _paint(any_colour(rng)))
    else:
        canvas.drawRect(rect, _paint(any_colour(rng)))


def _noise(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    """Soft clouds of three colours, as a photograph far out of focus."""
    _picture(canvas, _cloud(rng, cells=rng.choice((3, 5, 9))))


def _bokeh(canvas: skia.Canvas, rng: random.Random, edges: bool) -> None:
    _picture(canvas, _cloud(rng, cells=3))
    for _ in range(rng.randint(6, 16)):
        canvas.drawCircle(
            rng.uniform(0, 100),
            rng.uniform(0, 100),
            rng.uniform(2, 9),
            _paint(any_colour(rng).lighter(0.2), rng.uniform(0.15, 0.5)),
        )


def _cloud(rng: random.Random, *, cells: int) -> NDArray[np.uint8]:
    dice = np.random.default_rng(rng.getrandbits(32))
    base = np.array([any_colour(rng).rgb() for _ in range(3)], np.float32)
    weights = dice.random((cells, cells, 3), np.float32) ** 2 + 0.02
    weights /= weights.sum(axis=2, keepdims=True)
    small = weights @ base
    large = cv2.resize(small, (64, 64), interpolation=cv2.INTER_CUBIC)
    if cells > 3:
        large = large + dice.normal(0, 0.02, large.shape).astype(np.float32)
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
    "room": _room,
    "landscape": _landscape,
    "city": _city,
    "noise": _noise,
    "bokeh": _bokeh,
    "night": _night,
    "shapes": _shapes,
    "splash": _splash,
    "frame": _frame,
    "forest": _forest,
    "sea": _sea,
}
