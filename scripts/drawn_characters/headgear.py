"""Animal ears, horns, hats, glasses and what else sits on a head."""

import skia

from drawn_characters.colour import BLACK, WHITE, Colour
from drawn_characters.identity import Identity
from drawn_characters.outline import (
    Point,
    bow,
    ellipse,
    limb,
    petals,
    polygon,
    rounded,
    smooth,
    star,
)
from drawn_characters.part import Figure
from drawn_characters.traits import Gear, Palette
from drawn_characters.view import View

_EAR_TIPS = {
    "cat": (0.75, 0.62),
    "fox": (1.05, 0.55),
    "dog": (0.7, 0.75),
    "mouse": (0.7, 0.95),
    "bear": (0.45, 0.6),
}
BACKWARD = ("rabbit", "goat-horns", "dragon-horns", "antlers")


def draw_ears(figure: Figure, ears: str, palette: Palette, view: View) -> None:
    """Animal ears and horns: those of the far side too, for they stand above the skull."""
    for side in (-1, 1):
        if ears == "elf":
            _draw_pointed(figure, palette, view, side)
        elif ears == "unicorn":
            if side > 0:
                x, y, _ = view.at(0, -0.85, 1.05)
                figure.form(
                    polygon(
                        [
                            (x - 0.15, y + 0.1),
                            (x + 0.15, y + 0.1),
                            (x + 0.1 + view.yaw * 0.004, y - 1.15),
                        ]
                    ),
                    palette.trim,
                )
        elif ears:
            _draw_upper(figure, ears, palette, view, side)


def _draw_pointed(figure: Figure, palette: Palette, view: View, side: int) -> None:
    x, y, depth = view.at(side * 88, 0.2, 0.96)
    if depth < -0.4 and not view.behind:
        return
    out = side if abs(view.yaw) < 55 else (-1 if view.yaw > 0 else 1) * 0.8
    if view.behind:
        out = -side
    figure.form(
        polygon([(x, y - 0.12), (x + out * 0.85, y - 0.38), (x + out * 0.1, y + 0.3)]), palette.skin
    )


def _draw_upper(figure: Figure, ears: str, palette: Palette, view: View, side: int) -> None:
    x, y, depth = view.at(side * 78, -0.78, 1.05)
    out = side * (1 if not view.behind else -1)
    colour, inner = (
        palette.feature,
        palette.feature.lighter(0.22) if palette.feature.lightness < 0.6 else palette.accent,
    )
    if ears in ("goat-horns", "devil-horns", "dragon-horns", "antlers"):
        _draw_horn(figure, ears, palette.trim, (x, y), out)
    elif ears == "rabbit":
        ear = figure.form(
            smooth(
                [
                    (x - 0.22, y + 0.1),
                    (x - 0.3 + out * 0.15, y - 0.9),
                    (x + out * 0.3, y - 1.6),
                    (x + 0.3 + out * 0.15, y - 0.9),
                    (x + 0.22, y + 0.1),
                ]
            ),
            colour,
        )
        if not view.behind:
            figure.flat(
                smooth(
                    [
                        (x - 0.1, y),
                        (x - 0.12 + out * 0.15, y - 0.8),
                        (x + out * 0.26, y - 1.35),
                        (x + 0.14 + out * 0.15, y - 0.8),
                    ]
                ),
                inner,
                ear,
            )
    elif ears in ("bear", "mouse"):
        size = 0.38 if ears == "bear" else 0.6
        figure.form(ellipse(x + out * 0.1, y - size * 0.35, size, size), colour)
        if not view.behind:
            figure.flat(ellipse(x + out * 0.1, y - size * 0.3, size * 0.6, size * 0.6), inner)
    elif ears == "dog":
        figure.form(
            smooth(
                [
                    (x - out * 0.3, y - 0.1),
                    (x + out * 0.25, y - 0.15),
                    (x + out * 0.62, y + 0.5),
                    (x + out * 0.45, y + 1.0),
                    (x + out * 0.18, y + 0.5),
                ]
            ),
            colour,
        )
    else:
        tall, wide = _EAR_TIPS[ears]
        narrow = 0.65 + 0.35 * abs(depth) if abs(view.yaw) < 30 else 0.85
        ear = figure.form(
            smooth(
                [
                    (x - out * wide * 0.7 * narrow, y - 0.05),
                    (x + out * 0.12, y - tall),
                    (x + out * wide * 0.45, y + 0.45),
                ],
                tension=0.25,
            ),
            colour,
        )
        if not view.behind:
            figure.flat(
                polygon(
                    [
                        (x - out * wide * 0.35, y),
                        (x + out * 0.12, y - tall * 0.72),
                        (x + out * wide * 0.28, y + 0.35),
                    ]
                ),
                inner,
                ear,
            )


def _draw_horn(figure: Figure, kind: str, colour: Colour, root: Point, out: float) -> None:
    x, y = root
    if kind == "devil-horns":
        figure.form(
            smooth(
                [
                    (x - out * 0.2, y),
                    (x + out * 0.05, y - 0.35),
                    (x - out * 0.05, y - 0.75),
                    (x + out * 0.35, y - 0.4),
                    (x + out * 0.2, y + 0.05),
                ],
                tension=0.8,
            ),
            colour,
        )
    elif kind == "goat-horns":
        figure.form(
            limb(
                [
                    (x, y),
                    (x + out * 0.5, y - 0.45),
                    (x + out * 0.95, y - 0.1),
                    (x + out * 0.8, y + 0.4),
                ],
                [0.24, 0.22, 0.16, 0.05],
            ),
            colour,
        )
    elif kind == "dragon-horns":
        figure.form(
            limb([(x, y), (x + out * 0.45, y - 0.5), (x + out * 0.5, y - 1.15)], [0.2, 0.15, 0.03]),
            colour,
        )
    else:
        figure.form(
            limb([(x, y), (x + out * 0.45, y - 0.6), (x + out * 0.6, y - 1.3)], [0.09, 0.08, 0.05]),
            colour,
        )
        figure.form(
            limb([(x + out * 0.35, y - 0.5), (x + out * 0.95, y - 0.85)], [0.07, 0.04]), colour
        )
        figure.form(
            limb([(x + out * 0.52, y - 0.95), (x + out * 0.15, y - 1.35)], [0.06, 0.03]), colour
        )


def draw_gear(figure: Figure, identity: Identity, gear: Gear, view: View) -> None:
    """One thing worn on head or face."""
    palette = identity.palette
    colour = palette.accent if gear.second else palette.trim
    other = palette.trim if gear.second else palette.accent
    if gear.kind in _ON_FACE:
        if not view.behind:
            _ON_FACE[gear.kind](figure, colour, view, gear)
    elif gear.kind in _ON_TOP:
        _ON_TOP[gear.kind](figure, colour, other, view, gear)


def _glasses(figure: Figure, colour: Colour, view: View, gear: Gear) -> None:
    rims = []
    for side in (-1, 1):
        x, y, depth = view.at(side * 25, 0.26, 1.0)
        if depth < 0.1:
            continue
        wide, tall = 0.32 * max(0.35, depth), 0.26 * gear.size
        rim = (
            ellipse(x, y, wide, tall)
            if gear.kind == "round-glasses"
            else rounded(x - wide, y - tall * 0.75, x + wide, y + tall * 0.75, 0.1)
        )
        if gear.kind == "shades":
            figure.form(rim, BLACK)
        else:
            figure.flat(rim, WHITE, alpha=0.22)
        figure.line(rim, colour, 0.06)
        rims.append(x)
        edge_x, edge_y, near = view.at(side * 80, 0.2, 1.02)
        if near > -0.2:
            figure.line(polygon([(x + side * wide, y), (edge_x, edge_y)]), colour, 0.05)
    if len(rims) == 2:
        figure.line(polygon([(rims[0] + 0.26, 0.24), (rims[1] - 0.26, 0.24)]), colour, 0.05)


def _patch(figure: Figure, colour: Colour, view: View, gear: Gear) -> None:
    x, y, depth = view.at(gear.side * 26, 0.26, 1.0)
    if depth < 0.1:
        return
    thin = max(0.4, depth)
    top = view.clamped(-gear.side * 70, -0.55, 1.05)
    end = view.clamped(gear.side * 85, 0.1, 1.05)
    figure.line(polygon([top, (x, y - 0.1), end]), colour, 0.06)
    figure.form(
        smooth(
            [
                (x - 0.27 * thin, y - 0.2),
                (x + 0.27 * thin, y - 0.2),
                (x + 0.24 * thin, y + 0.18),
                (x, y + 0.32),
                (x - 0.24 * thin, y + 0.18),
            ],
            tension=0.7,
        ),
        colour,
    )


def _mask(figure: Figure, colour: Colour, view: View, gear: Gear) -> None:
    points = [
        view.clamped(az, y, 0.98)
        for az, y in ((-70, 0.45), (0, 0.42), (70, 0.45), (60, 0.85), (0, 1.12), (-60, 0.85))
    ]
    figure.form(smooth([(x * 0.92, y) for x, y in points], tension=0.7), colour)


def _goggles(figure: Figure, colour: Colour, view: View, gear: Gear) -> None:
    left, right = view.clamped(-85, -0.42, 1.12), view.clamped(85, -0.42, 1.12)
    figure.form(
        polygon(
            [
                (left[0], left[1] - 0.08),
                (right[0], right[1] - 0.08),
                (right[0], right[1] + 0.12),
                (left[0], left[1] + 0.12),
            ]
        ),
        BLACK,
    )
    for side in (-1, 1):
        x, y, depth = view.at(side * 24, -0.42, 1.15)
        if depth > 0.1:
            figure.form(ellipse(x, y, 0.3 * max(0.4, depth), 0.26), colour)
            figure.flat(ellipse(x, y, 0.2 * max(0.4, depth), 0.17), colour.lighter(0.3))


def _earrings(figure: Figure, colour: Colour, view: View, gear: Gear) -> None:
    for side in (-1, 1):
        x, y, depth = view.at(side * 86, 0.75, 0.98)
        if depth > -0.2:
            figure.form(ellipse(x, y + 0.1 * gear.size, 0.1, 0.17 * gear.size), colour)


def _side_place(
    view: View, gear: Gear, azimuth: float = 48, height: float = -0.5
) -> tuple[float, float, bool]:
    x, y, depth = view.at(gear.side * azimuth, height, 1.14)
    return x, y, depth > -0.15


def _pinned(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    x, y, seen = _side_place(view, gear)
    if not seen:
        return
    size = 0.36 * gear.size
    if gear.kind == "bow":
        figure.form(bow(x, y, size * 1.4, gear.side * 18), colour)
        figure.form(ellipse(x, y, size * 0.25, size * 0.25), colour.lighter(-0.08))
    elif gear.kind == "flower":
        figure.form(petals(x, y, size * 1.1), colour)
        figure.flat(ellipse(x, y, size * 0.35, size * 0.35), other)
    elif gear.kind == "star":
        figure.form(star(x, y, size), colour)
    elif gear.kind == "leaf":
        figure.form(
            smooth(
                [
                    (x - size, y + size * 0.4),
                    (x, y - size * 0.5),
                    (x + size, y - size * 0.4),
                    (x, y + size * 0.5),
                ]
            ),
            colour,
        )
    else:
        for row in (0.0, 0.16):
            figure.form(
                polygon(
                    [
                        (x - size, y + row + 0.1),
                        (x + size, y + row - 0.02),
                        (x + size, y + row + 0.08),
                        (x - size, y + row + 0.2),
                    ]
                ),
                colour,
            )


def _ribbon(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    x, _, _ = view.at(0 if not view.behind else 180, -0.9, 1.1)
    figure.form(bow(x, -1.18, 0.7 * gear.size), colour)
    figure.form(ellipse(x, -1.18, 0.16, 0.16), colour.lighter(-0.06))


def _band(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    path = skia.Path()
    radius = 1.16
    path.arcTo(skia.Rect.MakeLTRB(-radius, -radius, radius, radius + 0.6), 186, 168, True)
    figure.line(path, colour, 0.15 * gear.size)
    if gear.kind == "headphones":
        for side in (-1, 1):
            x, y, depth = view.at(side * 90, 0.2, 1.1)
            if depth > -0.5:
                figure.form(ellipse(x, y, 0.3 - 0.1 * abs(x), 0.36), colour)
                figure.flat(ellipse(x, y, 0.16 - 0.06 * abs(x), 0.2), other)


def _brim(figure: Figure, colour: Colour, wide: float, y: float, tall: float) -> None:
    figure.form(ellipse(0, y, wide, tall), colour)


def _hat(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    tilt = view.yaw * 0.004
    if gear.kind == "wizard-hat":
        figure.form(
            smooth(
                [(-0.95, -0.6), (-0.45, -1.7), (0.25 + tilt, -2.6), (0.5, -1.7), (0.95, -0.6)],
                tension=0.6,
            ),
            colour,
        )
        figure.form(polygon([(-0.93, -0.78), (0.93, -0.78), (0.88, -0.98), (-0.88, -0.98)]), other)
        _brim(figure, colour, 1.75 * gear.size**0.3, -0.62, 0.24)
    elif gear.kind == "top-hat":
        figure.form(rounded(-0.78, -2.0, 0.78, -0.6, 0.1), colour)
        figure.flat(polygon([(-0.78, -0.75), (0.78, -0.75), (0.78, -1.02), (-0.78, -1.02)]), other)
        _brim(figure, colour, 1.3, -0.62, 0.18)
    elif gear.kind == "straw-hat":
        straw = Colour(46, 0.6, 0.65)
        figure.form(
            smooth([(-0.9, -0.55), (-0.8, -1.25), (0, -1.5), (0.8, -1.25), (0.9, -0.55)]), straw
        )
        figure.flat(polygon([(-0.95, -0.6), (0.95, -0.6), (0.92, -0.85), (-0.92, -0.85)]), colour)
        _brim(figure, straw, 1.8, -0.58, 0.26)
    elif gear.kind == "santa":
        figure.form(
            smooth(
                [(-1.0, -0.5), (-0.7, -1.4), (0.4, -1.7), (1.4, -0.7), (1.0, -0.5)], tension=0.7
            ),
            colour,
        )
        figure.form(rounded(-1.12, -0.75, 1.12, -0.38, 0.18), WHITE)
        figure.form(ellipse(1.4, -0.65, 0.24, 0.24), WHITE)
    elif gear.kind == "beret":
        figure.form(
            smooth(
                [
                    (-1.15, -0.55),
                    (-1.25, -1.1),
                    (0.2 * gear.side, -1.42),
                    (1.3, -1.05),
                    (1.1, -0.55),
                    (0, -0.78),
                ]
            ),
            colour,
        )
    elif gear.kind == "cap":
        figure.form(
            smooth(
                [(-1.12, -0.4), (-1.0, -1.05), (0, -1.35), (1.0, -1.05), (1.12, -0.4), (0, -0.55)]
            ),
            colour,
        )
        if not view.behind:
            x = max(-1.0, min(1.0, view.yaw / 55))
            figure.form(
                smooth(
                    [
                        (x * 0.9 - 0.8, -0.5),
                        (x * 0.5, -0.62),
                        (x * 0.9 + 0.8, -0.5),
                        (x * 1.2 + 0.5, -0.22),
                        (x * 1.2 - 0.5, -0.22),
                    ],
                    tension=0.8,
                ),
                other,
            )
    elif gear.kind == "bandana":
        figure.form(
            smooth(
                [(-1.12, -0.3), (-1.0, -1.05), (0, -1.2), (1.0, -1.05), (1.12, -0.3), (0, -0.52)]
            ),
            colour,
        )
        for x in (-0.6, 0.0, 0.6):
            figure.flat(ellipse(x, -0.82, 0.09, 0.09), other)
    elif gear.kind == "helmet":
        figure.form(
            smooth(
                [
                    (-1.2, 0.15),
                    (-1.15, -0.8),
                    (0, -1.38),
                    (1.15, -0.8),
                    (1.2, 0.15),
                    (0.85, -0.3),
                    (0, -0.45),
                    (-0.85, -0.3),
                ],
                tension=0.9,
            ),
            colour,
        )
        figure.form(limb([(0, -1.25), (-0.5, -1.75), (-1.2, -1.6)], [0.16, 0.22, 0.05]), other)
    elif gear.kind == "hood":
        figure.form(
            smooth(
                [
                    (-1.3, 0.9),
                    (-1.3, -0.5),
                    (0, -1.5),
                    (1.3, -0.5),
                    (1.3, 0.9),
                    (0.98, 0.6),
                    (0.92, -0.3),
                    (0, -0.72),
                    (-0.92, -0.3),
                    (-0.98, 0.6),
                ]
            ),
            colour,
        )


def _crown(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    tall = 0.65 if gear.kind == "crown" else 0.35
    wide, base = 0.68 * gear.size, -0.88
    points: list[Point] = [(-wide, base)]
    for index in range(5):
        x = -wide * 1.1 + 2.2 * wide * index / 4
        points.append((x, base - tall * (1.0 if index % 2 == 0 else 0.75)))
        if index < 4:
            points.append((x + 0.275 * wide, base - tall * 0.4))
    figure.form(polygon([*points, (wide, base)]), colour)
    figure.flat(ellipse(0, base - 0.18, 0.11, 0.11), other)


def _maid(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    path = skia.Path()
    for index in range(7):
        path.addCircle(-0.9 + 0.3 * index, -0.82 - 0.32 * (1 - abs(index - 3) / 3.6), 0.22)
    figure.form(path, WHITE)
    figure.line(polygon([(-0.95, -0.68), (0, -1.0), (0.95, -0.68), (0, -1.0)]), colour, 0.1)


def _antenna(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    for side in (-1, 1):
        figure.line(polygon([(side * 0.3, -1.0), (side * 0.55, -1.75)]), colour, 0.07)
        figure.form(ellipse(side * 0.55, -1.8, 0.17, 0.17), other)


def _visor(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    if view.behind:
        return
    points = [
        view.clamped(az, y, 1.06)
        for az, y in ((-85, 0.02), (0, 0.05), (85, 0.02), (85, 0.42), (0, 0.5), (-85, 0.42))
    ]
    figure.form(smooth(points, tension=0.6), colour)


def _halo(figure: Figure, colour: Colour, other: Colour, view: View, gear: Gear) -> None:
    figure.line(ellipse(0, -1.65, 0.75, 0.2), colour, 0.12)


_ON_FACE = {
    "glasses": _glasses,
    "round-glasses": _glasses,
    "shades": _glasses,
    "patch": _patch,
    "mask": _mask,
    "goggles": _goggles,
    "earrings": _earrings,
}
_ON_TOP = {
    **dict.fromkeys(("bow", "flower", "star", "leaf", "pin"), _pinned),
    **dict.fromkeys(
        (
            "beret",
            "wizard-hat",
            "cap",
            "helmet",
            "hood",
            "top-hat",
            "bandana",
            "straw-hat",
            "santa",
        ),
        _hat,
    ),
    **dict.fromkeys(("band", "headphones"), _band),
    **dict.fromkeys(("crown", "tiara"), _crown),
    "ribbon": _ribbon,
    "maid": _maid,
    "antenna": _antenna,
    "visor": _visor,
    "halo": _halo,
}
