"""Places: rooms, hills, woods, water, towns, night."""

import random

import skia

from drawn_characters.brush import brush, fill_between
from drawn_characters.colour import Colour, any_colour
from drawn_characters.outline import Point, ellipse, polygon, smooth


def room(canvas: skia.Canvas, rng: random.Random) -> None:
    """A wall with a window, a floor, furniture."""
    wall, floor = (
        any_colour(rng),
        Colour(rng.uniform(10, 50), rng.uniform(0.1, 0.5), rng.uniform(0.25, 0.65)),
    )
    horizon = rng.uniform(55, 82)
    fill_between(canvas, wall.lighter(0.06), wall.lighter(-0.06))
    canvas.drawRect(skia.Rect.MakeLTRB(0, horizon, 100, 100), brush(floor))
    x = rng.uniform(5, 60)
    sky = Colour(205, 0.6, rng.uniform(0.5, 0.85))
    canvas.drawRect(skia.Rect.MakeLTRB(x - 2, 8, x + 32, 46), brush(wall.lighter(0.25)))
    canvas.drawRect(skia.Rect.MakeLTRB(x, 10, x + 14, 44), brush(sky))
    canvas.drawRect(skia.Rect.MakeLTRB(x + 16, 10, x + 30, 44), brush(sky))
    for _ in range(rng.randint(1, 3)):
        left, top = rng.uniform(-10, 85), rng.uniform(25, horizon)
        canvas.drawRect(
            skia.Rect.MakeLTRB(left, top, left + rng.uniform(12, 35), horizon + rng.uniform(2, 14)),
            brush(any_colour(rng)),
        )


def _hills(
    canvas: skia.Canvas, rng: random.Random, colour: Colour, base: float, rough: float
) -> None:
    points: list[Point] = [(-5, 105)]
    points += [(-5 + 110 * index / 6, base + rng.uniform(-rough, rough)) for index in range(7)]
    canvas.drawPath(smooth([*points, (105, 105)], tension=0.8), brush(colour))


def landscape(canvas: skia.Canvas, rng: random.Random) -> None:
    """Hills under a sky."""
    sky = Colour(
        rng.choice((205, 210, 25, 330, 260)), rng.uniform(0.4, 0.9), rng.uniform(0.55, 0.8)
    )
    fill_between(canvas, sky, sky.lighter(0.2))
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
                brush(Colour(0, 0, 1), 0.8),
            )
    ground = Colour(
        rng.choice((95, 120, 40, 30, 200)), rng.uniform(0.25, 0.6), rng.uniform(0.35, 0.65)
    )
    base = rng.uniform(50, 75)
    _hills(canvas, rng, ground.turned(25).lighter(0.12), base - 10, 12)
    _hills(canvas, rng, ground, base + 5, 5)


def forest(canvas: skia.Canvas, rng: random.Random) -> None:
    """Firs."""
    green = Colour(rng.uniform(80, 160), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.5))
    fill_between(canvas, green.lighter(0.3), green)
    for layer in range(2):
        for _ in range(6):
            x, wide = rng.uniform(-5, 105), rng.uniform(5, 12)
            colour = green.lighter(0.12 - 0.14 * layer + rng.uniform(-0.03, 0.03))
            canvas.drawRect(
                skia.Rect.MakeLTRB(x - wide * 0.15, 30, x + wide * 0.15, 90),
                brush(Colour(25, 0.3, 0.25)),
            )
            canvas.drawPath(
                polygon([(x, rng.uniform(0, 30)), (x + wide, 75), (x - wide, 75)]), brush(colour)
            )
    canvas.drawRect(skia.Rect.MakeLTRB(0, 84, 100, 100), brush(green.lighter(-0.08)))


def sea(canvas: skia.Canvas, rng: random.Random) -> None:
    """Under water, or deep air with bubbles."""
    water = Colour(rng.uniform(180, 225), rng.uniform(0.4, 0.9), rng.uniform(0.3, 0.6))
    fill_between(canvas, water.lighter(0.3), water.lighter(-0.15))
    for _ in range(14):
        canvas.drawPath(
            ellipse(
                rng.uniform(0, 100),
                rng.uniform(0, 100),
                rng.uniform(0.6, 2.4),
                rng.uniform(0.6, 2.4),
            ),
            brush(Colour(0, 0, 1), 0.3),
        )
    _hills(canvas, rng, Colour(42, 0.5, 0.6), 92, 3)


def city(canvas: skia.Canvas, rng: random.Random) -> None:
    """Houses in two rows."""
    sky = any_colour(rng)
    fill_between(canvas, sky, sky.lighter(0.2))
    for layer in range(2):
        x = -5.0
        colour = sky.turned(rng.uniform(-30, 30)).lighter(-0.12 - 0.12 * layer)
        while x < 100:
            wide, top = rng.uniform(8, 20), rng.uniform(20 + 20 * layer, 65)
            canvas.drawRect(skia.Rect.MakeLTRB(x, top, x + wide, 100), brush(colour))
            if layer:
                light = brush(Colour(48, 0.8, 0.7), 0.7)
                for row in range(3):
                    canvas.drawRect(
                        skia.Rect.MakeXYWH(x + 2 + 3 * (row % 2), top + 4 + row * 8, 2, 3), light
                    )
            x += wide + rng.uniform(0, 3)


def night(canvas: skia.Canvas, rng: random.Random) -> None:
    """Stars and perhaps a moon."""
    sky = Colour(rng.uniform(210, 290), rng.uniform(0.3, 0.8), rng.uniform(0.06, 0.22))
    fill_between(canvas, sky, sky.lighter(0.15))
    for _ in range(22):
        canvas.drawCircle(
            rng.uniform(0, 100),
            rng.uniform(0, 100),
            rng.uniform(0.2, 0.8),
            brush(Colour(50, 0.4, 0.9)),
        )
    if rng.random() < 0.5:
        canvas.drawCircle(
            rng.uniform(10, 90),
            rng.uniform(10, 40),
            rng.uniform(6, 16),
            brush(Colour(50, 0.5, 0.88)),
        )
