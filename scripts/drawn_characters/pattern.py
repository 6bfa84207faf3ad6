"""Patterns on cloth, clipped to the form that wears them."""

from dataclasses import dataclass

import skia

from drawn_characters.colour import Colour
from drawn_characters.outline import ellipse, heart, line, polygon, star
from drawn_characters.part import Figure


@dataclass(frozen=True, slots=True)
class _Cloth:
    """The box of a form, to be filled with marks."""

    left: float
    top: float
    right: float
    bottom: float
    emblem: int

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def tall(self) -> float:
        return self.bottom - self.top


def draw_pattern(
    figure: Figure, cloth: skia.Path, name: str, colour: Colour, emblem: int = 0
) -> None:
    """Mark a form with a pattern in a second colour; unknown names leave it plain."""
    filler = _PATTERNS.get(name)
    if filler is None:
        return
    box = cloth.getBounds()
    marks = skia.Path()
    filler(marks, _Cloth(box.fLeft, box.fTop, box.fRight, box.fBottom, emblem))
    if not marks.isEmpty():
        figure.flat(marks, colour, cloth)


def _stripes(marks: skia.Path, on: _Cloth) -> None:
    step = max(0.22, on.tall / 9)
    for row in range(min(14, int(on.tall / step))):
        top = on.top + row * step
        marks.addRect(skia.Rect.MakeLTRB(on.left, top, on.right, top + 0.45 * step))


def _bars(marks: skia.Path, on: _Cloth) -> None:
    step = max(0.24, on.wide / 8)
    for column in range(min(14, int(on.wide / step) + 1)):
        left = on.left + column * step
        marks.addRect(skia.Rect.MakeLTRB(left, on.top, left + 0.4 * step, on.bottom))


def _dots(marks: skia.Path, on: _Cloth) -> None:
    step = max(0.3, on.wide / 6)
    for row in range(min(9, int(on.tall / step) + 1)):
        for column in range(min(9, int(on.wide / step) + 2)):
            x = on.left + (column + 0.5 * (row % 2)) * step
            marks.addCircle(x, on.top + (row + 0.5) * step, step * 0.24)


def _check(marks: skia.Path, on: _Cloth) -> None:
    step = max(0.3, on.wide / 6)
    for row in range(min(10, int(on.tall / step) + 1)):
        for column in range(row % 2, min(10, int(on.wide / step) + 1), 2):
            x, y = on.left + column * step, on.top + row * step
            marks.addRect(skia.Rect.MakeLTRB(x, y, x + step, y + step))


def _emblem(marks: skia.Path, on: _Cloth) -> None:
    radius = min(on.wide, on.tall) * 0.22
    middle = (on.left + on.right) / 2
    marks.addPath(emblem_path(on.emblem, middle, on.top + on.tall * 0.38, radius))


def _split(marks: skia.Path, on: _Cloth) -> None:
    marks.addRect(skia.Rect.MakeLTRB((on.left + on.right) / 2, on.top, on.right, on.bottom))


def _hem(marks: skia.Path, on: _Cloth) -> None:
    marks.addRect(skia.Rect.MakeLTRB(on.left, on.bottom - on.tall * 0.2, on.right, on.bottom))


def _stars(marks: skia.Path, on: _Cloth) -> None:
    for row in range(3):
        for column in range(3):
            x = on.left + on.wide * (column + 0.3 + 0.4 * (row % 2)) / 3
            marks.addPath(star(x, on.top + on.tall * (row + 0.5) / 3, on.wide * 0.09))


def _zigzag(marks: skia.Path, on: _Cloth) -> None:
    points = [
        (on.left + on.wide * index / 8, on.bottom - on.tall * (0.22 if index % 2 else 0.36))
        for index in range(9)
    ]
    marks.addPath(polygon([*points, (on.right, on.bottom), (on.left, on.bottom)]))


_PATTERNS = {
    "stripes": _stripes,
    "bars": _bars,
    "dots": _dots,
    "check": _check,
    "emblem": _emblem,
    "split": _split,
    "hem": _hem,
    "stars": _stars,
    "zigzag": _zigzag,
}


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
    figure: Figure, x: float, top: float, bottom: float, width: float, *, colour: Colour
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
