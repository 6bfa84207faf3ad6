"""Tails, wings and capes: what grows or hangs behind a body."""

import math

import skia

from drawn_characters.colour import Colour
from drawn_characters.outline import Point, bow, ellipse, limb, polygon, rounded, smooth
from drawn_characters.part import Figure
from drawn_characters.pose import Skeleton
from drawn_characters.traits import Palette


def draw_tail(
    figure: Figure, kind: str, palette: Palette, root: Point, out: float, *, size: float
) -> None:
    """A tail from the pelvis, to the side `out` (-1 left, 1 right); `size` in figure units."""
    x, y = root
    colour, tip = (
        palette.feature,
        palette.feature.lighter(0.25 if palette.feature.lightness < 0.6 else -0.3),
    )
    s, o = size, out * size
    if kind in ("cat", "ringed"):
        joints = [
            (x, y),
            (x + o * 0.7, y + s * 0.35),
            (x + o * 1.15, y - s * 0.2),
            (x + o * 1.0, y - s * 0.9),
        ]
        tail = figure.form(limb(joints, [0.16, 0.17, 0.17, 0.13]), colour)
        if kind == "ringed":
            marks = skia.Path()
            for step in (0.25, 0.5, 0.75):
                marks.addCircle(x + o * (0.3 + step), y + s * (0.3 - step * 1.1), 0.17)
            figure.flat(marks, tip, tail)
    elif kind in ("fox", "wolf"):
        fat = 0.55 if kind == "fox" else 0.4
        tail = figure.form(
            smooth(
                [
                    (x, y),
                    (x + o * 0.6, y + s * 0.4),
                    (x + o * 1.3, y + s * 0.1),
                    (x + o * 1.5, y - s * 0.8),
                    (x + o * 1.1, y - s * 0.35 - fat * 0.4),
                    (x + o * 0.55, y - fat * 0.4),
                ]
            ),
            colour,
        )
        figure.flat(ellipse(x + o * 1.45, y - s * 0.65, s * 0.34, s * 0.38), tip, tail)
    elif kind == "devil":
        end = (x + o * 1.3, y - s * 0.7)
        figure.form(
            limb(
                [(x, y), (x + o * 0.6, y + s * 0.5), (x + o * 1.1, y + s * 0.1), end],
                [0.09, 0.08, 0.07, 0.06],
            ),
            colour,
        )
        figure.form(
            polygon(
                [
                    (end[0] - 0.28, end[1] + 0.1),
                    (end[0], end[1] - 0.4),
                    (end[0] + 0.28, end[1] + 0.1),
                    (end[0], end[1]),
                ]
            ),
            colour,
        )
    elif kind == "dragon":
        figure.form(
            limb(
                [
                    (x, y),
                    (x + o * 0.7, y + s * 0.8),
                    (x + o * 1.5, y + s * 0.9),
                    (x + o * 2.0, y + s * 0.3),
                ],
                [0.38, 0.33, 0.22, 0.04],
            ),
            colour,
        )
    elif kind == "rabbit":
        figure.form(ellipse(x + o * 0.4, y, 0.34, 0.34), colour)
    elif kind == "horse":
        figure.form(
            smooth(
                [
                    (x, y - 0.1),
                    (x + o * 0.7, y + s * 0.1),
                    (x + o * 0.95, y + s * 1.0),
                    (x + o * 0.6, y + s * 1.7),
                    (x + o * 0.35, y + s * 0.7),
                ]
            ),
            colour,
        )


def draw_wings(
    figure: Figure,
    kind: str,
    colour: Colour,
    other: Colour,
    root: Point,
    *,
    size: float,
    near: float = 1.0,
    far: float = 1.0,
) -> None:
    """A pair of wings from the shoulders; `near` and `far` narrow them when seen from the side."""
    for side, narrow in ((-1, far), (1, near)):
        x, y = root
        w, h = side * size * narrow, size
        if kind == "bat":
            path = polygon([(x, y), (x + w * 0.7, y - h * 0.9), (x + w * 1.7, y - h * 0.7)])
            path.quadTo(x + w * 1.35, y - h * 0.1, x + w * 1.55, y + h * 0.4)
            path.quadTo(x + w * 1.05, y + h * 0.05, x + w * 0.95, y + h * 0.65)
            path.quadTo(x + w * 0.6, y + h * 0.2, x, y + h * 0.4)
            outline = skia.Path()
            outline.moveTo(x, y)
            outline.lineTo(x + w * 0.7, y - h * 0.9)
            outline.lineTo(x + w * 1.7, y - h * 0.7)
            outline.quadTo(x + w * 1.35, y - h * 0.1, x + w * 1.55, y + h * 0.4)
            outline.quadTo(x + w * 1.05, y + h * 0.05, x + w * 0.95, y + h * 0.65)
            outline.quadTo(x + w * 0.6, y + h * 0.2, x, y + h * 0.4)
            outline.close()
            wing = figure.form(outline, colour)
            figure.line(
                polygon([(x + w * 0.7, y - h * 0.9), (x + w * 1.5, y + h * 0.35)]),
                other,
                0.06,
                wing,
            )
            figure.line(
                polygon([(x + w * 0.7, y - h * 0.9), (x + w * 0.93, y + h * 0.6)]),
                other,
                0.06,
                wing,
            )
        elif kind == "fairy":
            figure.form(
                smooth(
                    [
                        (x, y),
                        (x + w * 0.8, y - h * 1.1),
                        (x + w * 1.5, y - h * 0.8),
                        (x + w * 0.9, y + h * 0.1),
                    ]
                ),
                colour.lighter(0.15),
            )
            figure.form(
                smooth(
                    [
                        (x, y + 0.1),
                        (x + w * 0.9, y + h * 0.2),
                        (x + w * 1.0, y + h * 0.9),
                        (x + w * 0.4, y + h * 0.6),
                    ]
                ),
                other.lighter(0.15),
            )
        elif kind == "machine":
            for row in range(3):
                figure.form(
                    polygon(
                        [
                            (x, y + row * 0.15),
                            (x + w * 1.6, y - h * (0.8 - row * 0.55)),
                            (x + w * 1.35, y - h * (0.45 - row * 0.55)),
                            (x, y + 0.3 + row * 0.15),
                        ]
                    ),
                    colour if row != 1 else other,
                )
        else:
            for row in range(4):
                angle = math.radians(-58 + row * 32)
                reach = size * (1.75 - row * 0.24)
                tip = (x + side * narrow * math.cos(angle) * reach, y + math.sin(angle) * reach)
                middle = ((x + tip[0]) / 2, (y + tip[1]) / 2 - 0.1)
                figure.form(
                    limb(
                        [(x, y + row * 0.1), middle, tip], [size * 0.14, size * 0.26, size * 0.12]
                    ),
                    colour if row < 2 else colour.lighter(-0.06),
                )


def draw_back_item(
    figure: Figure, kind: str, bones: Skeleton, palette: Palette, sway: float, *, behind: bool
) -> None:
    """A cape, backpack or weapon on the back."""
    (nx, ny), (wx, wy) = bones.neck, bones.waist
    wide = bones.shoulder_width
    if kind in ("cape", "half-cape"):
        ground = max(foot[1] for foot in bones.feet)
        end = wy + 0.6 if kind == "half-cape" else ny + (ground - ny) * 0.86
        lean = sway * (end - ny) * 0.3
        low = wide * 1.15 + 0.14 * (end - ny)
        figure.form(
            smooth(
                [
                    (nx - wide, ny + 0.15),
                    (nx, ny - 0.1),
                    (nx + wide, ny + 0.15),
                    (nx + low + lean, end),
                    (nx + low * 0.35 + lean, end - 0.18),
                    (nx - low * 0.3 + lean, end + 0.1),
                    (nx - low + lean, end - 0.05),
                ],
                tension=0.6,
            ),
            palette.accent if not behind else palette.accent.lighter(-0.04),
        )
    elif kind == "backpack":
        figure.form(
            rounded(nx - wide * 1.05, ny + 0.1, nx + wide * 1.05, wy + 0.3, 0.3), palette.accent
        )
    elif kind == "sword":
        figure.form(
            polygon(
                [
                    (nx - wide * 1.2, ny - 1.1),
                    (nx - wide * 1.0, ny - 1.25),
                    (wx + wide * 1.3, wy + 1.2),
                    (wx + wide * 1.15, wy + 1.35),
                ]
            ),
            palette.trim,
        )
        figure.form(
            polygon(
                [
                    (nx - wide * 1.1, ny - 0.7),
                    (nx - wide * 0.65, ny - 1.05),
                    (nx - wide * 0.58, ny - 0.9),
                    (nx - wide * 1.0, ny - 0.55),
                ]
            ),
            palette.accent,
        )
    elif kind == "quiver":
        figure.form(
            polygon(
                [
                    (nx + wide * 0.7, ny - 0.6),
                    (nx + wide * 1.15, ny - 0.45),
                    (wx + 0.1, wy + 0.2),
                    (wx - 0.3, wy),
                ]
            ),
            palette.accent,
        )
        for shift in (0.0, 0.18, 0.36):
            figure.form(
                polygon(
                    [
                        (nx + wide * 0.75 + shift, ny - 0.6),
                        (nx + wide * 0.85 + shift, ny - 1.1),
                        (nx + wide * 1.0 + shift, ny - 0.6),
                    ]
                ),
                palette.trim,
            )
    else:
        figure.form(bow(wx, wy + 0.2, 1.2), palette.accent)
