"""What lies before a figure: petals, snow, a caption, a speech bubble, a card's frame."""

import random

import skia

from drawn_characters.brush import brush
from drawn_characters.colour import BLACK, WHITE, Colour, any_colour
from drawn_characters.outline import ellipse, polygon, rounded, star

OVERLAY_SHARE = 0.13


def draw_overlay(canvas: skia.Canvas, size_px: int, rng: random.Random) -> None:
    """Draw an overlay in some share of pictures; it hides little of the figure."""
    if rng.random() >= OVERLAY_SHARE:
        return
    canvas.save()
    canvas.scale(size_px / 100.0, size_px / 100.0)
    rng.choice((_specks, _specks, _caption, _bubble, _frame, _bars))(canvas, rng)
    canvas.restore()


def _specks(canvas: skia.Canvas, rng: random.Random) -> None:
    """Petals, snow or sparks."""
    paint = brush(
        rng.choice((WHITE, any_colour(rng), Colour(340, 0.8, 0.8))), rng.uniform(0.6, 1.0)
    )
    kind = rng.randrange(3)
    for _ in range(rng.randint(5, 18)):
        x, y, radius = rng.uniform(0, 100), rng.uniform(0, 100), rng.uniform(0.6, 2.6)
        if kind == 0:
            canvas.drawCircle(x, y, radius, paint)
        elif kind == 1:
            canvas.drawPath(ellipse(x, y, radius * 1.5, radius * 0.7, rng.uniform(0, 180)), paint)
        else:
            canvas.drawPath(star(x, y, radius * 1.4, tips=4, inner=0.3), paint)


def _scribble(
    canvas: skia.Canvas, rng: random.Random, colour: Colour, *, left: float, right: float, y: float
) -> None:
    """Something like a line of letters."""
    paint = brush(colour, stroke=rng.uniform(0.8, 1.6))
    x = left
    while x < right:
        step = rng.uniform(1.2, 3.0)
        canvas.drawLine(x, y + rng.uniform(-2, 2), x + step * 0.7, y + rng.uniform(-2, 2), paint)
        x += step + (1.5 if rng.random() < 0.2 else 0.0)


def _caption(canvas: skia.Canvas, rng: random.Random) -> None:
    top = rng.choice((0.0, 84.0, 88.0))
    ground = any_colour(rng)
    canvas.drawRect(skia.Rect.MakeLTRB(0, top, 100, top + 12), brush(ground, rng.uniform(0.6, 1.0)))
    ink = WHITE if ground.lightness < 0.55 else BLACK
    _scribble(canvas, rng, ink, left=12, right=rng.uniform(50, 88), y=top + 6)


def _bubble(canvas: skia.Canvas, rng: random.Random) -> None:
    side = rng.choice((0.0, 62.0))
    canvas.drawPath(polygon([(side + 15, 18), (side + 22, 18), (50, 32)]), brush(WHITE))
    bubble = rounded(side + 2, 3, side + 36, 22, 8)
    canvas.drawPath(bubble, brush(WHITE))
    canvas.drawPath(bubble, brush(BLACK, stroke=0.8))
    for row in range(2):
        _scribble(canvas, rng, BLACK, left=side + 7, right=side + 31, y=9 + row * 6)


def _frame(canvas: skia.Canvas, rng: random.Random) -> None:
    wide = rng.uniform(2, 7)
    rect = skia.Rect.MakeLTRB(wide / 2, wide / 2, 100 - wide / 2, 100 - wide / 2)
    canvas.drawRect(rect, brush(any_colour(rng), stroke=wide))


def _bars(canvas: skia.Canvas, rng: random.Random) -> None:
    """Film bars above and below, or at the sides."""
    wide, paint = rng.uniform(4, 11), brush(BLACK if rng.random() < 0.7 else WHITE)
    if rng.random() < 0.5:
        canvas.drawRect(skia.Rect.MakeLTRB(0, 0, 100, wide), paint)
        canvas.drawRect(skia.Rect.MakeLTRB(0, 100 - wide, 100, 100), paint)
    else:
        canvas.drawRect(skia.Rect.MakeLTRB(0, 0, wide, 100), paint)
        canvas.drawRect(skia.Rect.MakeLTRB(100 - wide, 0, 100, 100), paint)
