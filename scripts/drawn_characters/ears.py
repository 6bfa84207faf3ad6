"""Animal ears and horns."""

from drawn_characters.colour import Colour
from drawn_characters.outline import (
    Point,
    ellipse,
    limb,
    polygon,
    smooth,
)
from drawn_characters.part import Figure
from drawn_characters.traits import Palette
from drawn_characters.view import View

_EAR_TIPS = {
    "cat": (0.75, 0.62),
    "fox": (1.05, 0.55),
    "dog": (0.7, 0.75),
    "mouse": (0.7, 0.95),
    "bear": (0.45, 0.6),
}


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
