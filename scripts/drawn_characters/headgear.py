"""Things worn on a head: pins, bows, crowns, and hats and glasses of their own modules."""

import skia

from drawn_characters.colour import WHITE
from drawn_characters.eyewear import EYEWEAR
from drawn_characters.hats import HATS
from drawn_characters.identity import Identity
from drawn_characters.outline import (
    Point,
    bow,
    ellipse,
    petals,
    polygon,
    smooth,
    star,
)
from drawn_characters.part import Figure
from drawn_characters.traits import Gear
from drawn_characters.view import View
from drawn_characters.worn import Worn


def draw_gear(figure: Figure, identity: Identity, gear: Gear, view: View) -> None:
    """One thing worn on head or face."""
    palette = identity.palette
    colour = palette.accent if gear.second else palette.trim
    other = palette.trim if gear.second else palette.accent
    worn = Worn(figure, colour, other, view, gear)
    if gear.kind in _ON_TOP:
        _ON_TOP[gear.kind](worn)
    elif not view.behind:
        EYEWEAR[gear.kind](worn)


def _side_place(
    view: View, gear: Gear, azimuth: float = 48, height: float = -0.5
) -> tuple[float, float, bool]:
    x, y, depth = view.at(gear.side * azimuth, height, 1.14)
    return x, y, depth > -0.15


def _pinned(worn: Worn) -> None:
    x, y, seen = _side_place(worn.view, worn.gear)
    if not seen:
        return
    size = 0.36 * worn.gear.size
    if worn.gear.kind == "bow":
        worn.figure.form(bow(x, y, size * 1.4, worn.gear.side * 18), worn.colour)
        worn.figure.form(ellipse(x, y, size * 0.25, size * 0.25), worn.colour.lighter(-0.08))
    elif worn.gear.kind == "flower":
        worn.figure.form(petals(x, y, size * 1.1), worn.colour)
        worn.figure.flat(ellipse(x, y, size * 0.35, size * 0.35), worn.other)
    elif worn.gear.kind == "star":
        worn.figure.form(star(x, y, size), worn.colour)
    elif worn.gear.kind == "leaf":
        worn.figure.form(
            smooth(
                [
                    (x - size, y + size * 0.4),
                    (x, y - size * 0.5),
                    (x + size, y - size * 0.4),
                    (x, y + size * 0.5),
                ]
            ),
            worn.colour,
        )
    else:
        for row in (0.0, 0.16):
            worn.figure.form(
                polygon(
                    [
                        (x - size, y + row + 0.1),
                        (x + size, y + row - 0.02),
                        (x + size, y + row + 0.08),
                        (x - size, y + row + 0.2),
                    ]
                ),
                worn.colour,
            )


def _ribbon(worn: Worn) -> None:
    x, _, _ = worn.view.at(0 if not worn.view.behind else 180, -0.9, 1.1)
    worn.figure.form(bow(x, -1.18, 0.7 * worn.gear.size), worn.colour)
    worn.figure.form(ellipse(x, -1.18, 0.16, 0.16), worn.colour.lighter(-0.06))


def _band(worn: Worn) -> None:
    path = skia.Path()
    radius = 1.16
    path.arcTo(skia.Rect.MakeLTRB(-radius, -radius, radius, radius + 0.6), 186, 168, True)
    worn.figure.line(path, worn.colour, 0.15 * worn.gear.size)
    if worn.gear.kind == "headphones":
        for side in (-1, 1):
            x, y, depth = worn.view.at(side * 90, 0.2, 1.1)
            if depth > -0.5:
                worn.figure.form(ellipse(x, y, 0.3 - 0.1 * abs(x), 0.36), worn.colour)
                worn.figure.flat(ellipse(x, y, 0.16 - 0.06 * abs(x), 0.2), worn.other)


def _crown(worn: Worn) -> None:
    tall = 0.65 if worn.gear.kind == "crown" else 0.35
    wide, base = 0.68 * worn.gear.size, -0.88
    points: list[Point] = [(-wide, base)]
    for index in range(5):
        x = -wide * 1.1 + 2.2 * wide * index / 4
        points.append((x, base - tall * (1.0 if index % 2 == 0 else 0.75)))
        if index < 4:
            points.append((x + 0.275 * wide, base - tall * 0.4))
    worn.figure.form(polygon([*points, (wide, base)]), worn.colour)
    worn.figure.flat(ellipse(0, base - 0.18, 0.11, 0.11), worn.other)


def _maid(worn: Worn) -> None:
    path = skia.Path()
    for index in range(7):
        path.addCircle(-0.9 + 0.3 * index, -0.82 - 0.32 * (1 - abs(index - 3) / 3.6), 0.22)
    worn.figure.form(path, WHITE)
    worn.figure.line(
        polygon([(-0.95, -0.68), (0, -1.0), (0.95, -0.68), (0, -1.0)]), worn.colour, 0.1
    )


def _antenna(worn: Worn) -> None:
    for side in (-1, 1):
        worn.figure.line(polygon([(side * 0.3, -1.0), (side * 0.55, -1.75)]), worn.colour, 0.07)
        worn.figure.form(ellipse(side * 0.55, -1.8, 0.17, 0.17), worn.other)


def _visor(worn: Worn) -> None:
    if worn.view.behind:
        return
    points = [
        worn.view.clamped(az, y, 1.06)
        for az, y in ((-85, 0.02), (0, 0.05), (85, 0.02), (85, 0.42), (0, 0.5), (-85, 0.42))
    ]
    worn.figure.form(smooth(points, tension=0.6), worn.colour)


def _halo(worn: Worn) -> None:
    worn.figure.line(ellipse(0, -1.65, 0.75, 0.2), worn.colour, 0.12)


_ON_TOP = {
    **dict.fromkeys(("bow", "flower", "star", "leaf", "pin"), _pinned),
    **HATS,
    **dict.fromkeys(("band", "headphones"), _band),
    **dict.fromkeys(("crown", "tiara"), _crown),
    "ribbon": _ribbon,
    "maid": _maid,
    "antenna": _antenna,
    "visor": _visor,
    "halo": _halo,
}
