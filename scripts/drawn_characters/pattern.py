"""Patterns on cloth, clipped to the form that wears them."""

import math

import skia

from drawn_characters.colour import Colour
from drawn_characters.outline import ellipse, heart, line, polygon, star
from drawn_characters.part import Figure


def draw_pattern(
    figure: Figure, cloth: skia.Path, name: str, colour: Colour, emblem: int = 0
) -> None:
    """Mark a form with a pattern in a second colour."""
    box = cloth.getBounds()
    left, top, right, bottom = box.fLeft, box.fTop, box.fRight, box.fBottom
    middle, wide, tall = (left + right) / 2, right - left, bottom - top
    marks = skia.Path()
    if name == "stripes":
        step = max(0.22, tall / 9)
        for row in range(min(14, int(tall / step))):
            marks.addRect(
                skia.Rect.MakeLTRB(left, top + row * step, right, top + (row + 0.45) * step)
            )
    elif name == "bars":
        step = max(0.24, wide / 8)
        for column in range(min(14, int(wide / step) + 1)):
            marks.addRect(
                skia.Rect.MakeLTRB(left + column * step, top, left + (column + 0.4) * step, bottom)
            )
    elif name == "dots":
        step = max(0.3, wide / 6)
        for row in range(min(9, int(tall / step) + 1)):
            for column in range(min(9, int(wide / step) + 2)):
                marks.addCircle(
                    left + (column + 0.5 * (row % 2)) * step, top + (row + 0.5) * step, step * 0.24
                )
    elif name == "check":
        step = max(0.3, wide / 6)
        for row in range(min(10, int(tall / step) + 1)):
            for column in range(row % 2, min(10, int(wide / step) + 1), 2):
                x, y = left + column * step, top + row * step
                marks.addRect(skia.Rect.MakeLTRB(x, y, x + step, y + step))
    elif name == "emblem":
        marks.addPath(emblem_path(emblem, middle, top + tall * 0.38, min(wide, tall) * 0.22))
    elif name == "split":
        marks.addRect(skia.Rect.MakeLTRB(middle, top, right, bottom))
    elif name == "hem":
        marks.addRect(skia.Rect.MakeLTRB(left, bottom - tall * 0.2, right, bottom))
    elif name == "stars":
        for row in range(3):
            for column in range(3):
                marks.addPath(
                    star(
                        left + wide * (column + 0.3 + 0.4 * (row % 2)) / 3,
                        top + tall * (row + 0.5) / 3,
                        wide * 0.09,
                    )
                )
    elif name == "zigzag":
        points = [
            (left + wide * index / 8, bottom - tall * (0.22 if index % 2 else 0.36))
            for index in range(9)
        ]
        marks.addPath(polygon([*points, (right, bottom), (left, bottom)]))
    if not marks.isEmpty():
        figure.flat(marks, colour, cloth)


def emblem_path(kind: int, x: float, y: float, radius: float) -> skia.Path:
    """One of six emblems."""
    if kind == 0:
        return star(x, y, radius)
    if kind == 1:
        return heart(x, y, radius * 0.8)
    if kind == 2:
        return ellipse(x, y, radius * 0.9, radius * 0.9)
    if kind == 3:
        return polygon(
            [(x, y - radius), (x + radius * 0.8, y), (x, y + radius), (x - radius * 0.8, y)]
        )
    if kind == 4:
        return polygon(
            [
                (x - radius * 0.3, y - radius),
                (x + radius * 0.6, y - radius * 0.1),
                (x, y - radius * 0.1),
                (x + radius * 0.3, y + radius),
                (x - radius * 0.6, y + radius * 0.1),
                (x, y + radius * 0.1),
            ]
        )
    ring = ellipse(x, y, radius, radius)
    ring.addPath(ellipse(x, y, radius * 0.55, radius * 0.55))
    ring.setFillType(skia.PathFillType.kEvenOdd)
    return ring


def laces(
    figure: Figure, x: float, top: float, bottom: float, width: float, colour: Colour
) -> None:
    """Criss-cross laces between two heights."""
    rows = 3
    for row in range(rows):
        y = top + (bottom - top) * row / rows
        low = y + (bottom - top) / rows
        figure.line(line([(x - width, y), (x + width, low)]), colour, 0.04)
        figure.line(line([(x + width, y), (x - width, low)]), colour, 0.04)


def buttons(figure: Figure, x: float, top: float, bottom: float, colour: Colour) -> None:
    """A row of buttons."""
    for row in range(3):
        figure.flat(ellipse(x, top + (bottom - top) * (row + 0.5) / 3, 0.06, 0.06), colour)


def wave_hem(
    left: float, right: float, y: float, depth: float, count: int
) -> list[tuple[float, float]]:
    """Points of a waving hem from right to left."""
    return [
        (right + (left - right) * index / count, y + depth * math.sin(index * math.pi / 1.5))
        for index in range(count + 1)
    ]
