"""Brushes and colours as the canvas wants them."""

import skia

from drawn_characters.colour import Colour
from drawn_characters.outline import Point


def packed(colour: Colour) -> int:
    """The colour as 32 bits, opaque."""
    red, green, blue = colour.rgb()
    return int(skia.Color(round(red * 255), round(green * 255), round(blue * 255)))


def brush(colour: Colour, alpha: float = 1.0, *, stroke: float = 0.0) -> skia.Paint:
    """Paint that fills, or strokes with a width."""
    red, green, blue = colour.rgb()
    paint = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(red, green, blue, alpha))
    if stroke:
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(stroke)
    return paint


def fill_between(
    canvas: skia.Canvas, first: Colour, last: Colour, start: Point = (0, 0), end: Point = (0, 100)
) -> None:
    """Fill the canvas with a gradient from one point to another."""
    paint = skia.Paint()
    paint.setShader(
        skia.GradientShader.MakeLinear(
            points=[skia.Point(*start), skia.Point(*end)], colors=[packed(first), packed(last)]
        )
    )
    canvas.drawPaint(paint)
