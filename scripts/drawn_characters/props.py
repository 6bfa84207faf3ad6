"""Things held in a hand."""

import math

import skia

from drawn_characters.colour import WHITE, Colour
from drawn_characters.outline import Point, ellipse, line, petals, polygon, rounded, smooth, star
from drawn_characters.part import Figure
from drawn_characters.traits import Palette

STEEL = Colour(215, 0.12, 0.72)
WOOD = Colour(26, 0.45, 0.36)
_LONG = ("sword", "staff", "axe", "spear", "wand", "hammer", "broom", "flag", "umbrella")


def draw_prop(
    figure: Figure, kind: str, palette: Palette, hand: Point, elbow: Point, *, side: int
) -> None:
    """A prop in a hand; long ones stand across the forearm."""
    own = Figure()
    _DRAWERS[kind](own, palette)
    away = math.degrees(math.atan2(hand[0] - elbow[0], -(hand[1] - elbow[1])))
    degrees = max(-75.0, min(75.0, away)) * 0.5 + 18 * side if kind in _LONG else 8.0 * side
    matrix = skia.Matrix.RotateDeg(degrees)
    matrix.postTranslate(*hand)
    figure.extend(own, matrix)


def _sword(figure: Figure, palette: Palette) -> None:
    figure.form(
        polygon([(-0.17, -0.4), (-0.15, -3.3), (0, -3.8), (0.15, -3.3), (0.17, -0.4)]), STEEL
    )
    figure.line(line([(0, -0.5), (0, -3.3)]), STEEL.lighter(-0.25), 0.05)
    figure.form(rounded(-0.55, -0.5, 0.55, -0.3, 0.08), palette.accent)
    figure.form(rounded(-0.1, -0.3, 0.1, 0.45, 0.06), palette.trim)


def _staff(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.1, -3.0, 0.1, 3.0, 0.08), WOOD)
    figure.form(ellipse(0, -3.35, 0.42, 0.42), palette.accent)
    figure.shine(ellipse(-0.12, -3.5, 0.12, 0.12), WHITE)


def _wand(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.07, -1.6, 0.07, 0.4, 0.05), palette.trim)
    figure.form(star(0, -1.9, 0.55), palette.accent)


def _spear(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.08, -3.2, 0.08, 3.4, 0.05), WOOD)
    figure.form(polygon([(-0.3, -3.1), (0, -4.3), (0.3, -3.1), (0, -2.9)]), STEEL)
    figure.form(ellipse(0, -2.9, 0.2, 0.14), palette.accent)


def _axe(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.1, -2.8, 0.1, 1.2, 0.05), WOOD)
    figure.form(
        smooth([(0, -2.7), (1.0, -3.1), (1.15, -2.3), (1.0, -1.5), (0, -2.0)], tension=0.7), STEEL
    )
    figure.form(rounded(-0.2, -2.55, 0.2, -1.95, 0.05), palette.accent)


def _hammer(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.11, -2.6, 0.11, 1.0, 0.05), WOOD)
    figure.form(rounded(-0.95, -3.2, 0.95, -2.2, 0.15), palette.accent)


def _broom(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.08, -2.2, 0.08, 2.2, 0.05), WOOD)
    figure.form(
        polygon([(-0.15, -2.0), (0.15, -2.0), (0.55, -3.5), (-0.55, -3.5)]), Colour(45, 0.6, 0.58)
    )
    figure.form(rounded(-0.2, -2.25, 0.2, -2.0, 0.05), palette.accent)


def _flag(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.06, -3.6, 0.06, 2.0, 0.05), WOOD)
    figure.form(
        smooth(
            [(0.05, -3.5), (1.0, -3.3), (2.0, -3.5), (2.0, -2.3), (1.0, -2.1), (0.05, -2.3)],
            tension=0.6,
        ),
        palette.accent,
    )


def _umbrella(figure: Figure, palette: Palette) -> None:
    figure.line(line([(0, 0.5), (0, -2.6)]), WOOD, 0.12)
    figure.form(
        smooth(
            [
                (-1.7, -2.0),
                (-1.2, -2.9),
                (0, -3.4),
                (1.2, -2.9),
                (1.7, -2.0),
                (0.85, -2.2),
                (0, -2.0),
                (-0.85, -2.2),
            ],
            tension=0.8,
        ),
        palette.accent,
    )


def _book(figure: Figure, palette: Palette) -> None:
    figure.form(
        polygon([(-0.85, -0.6), (0, -0.45), (0.85, -0.6), (0.85, 0.45), (0, 0.6), (-0.85, 0.45)]),
        palette.accent,
    )
    figure.flat(
        polygon([(-0.7, -0.5), (0, -0.38), (0.7, -0.5), (0.7, 0.36), (0, 0.48), (-0.7, 0.36)]),
        WHITE,
    )


def _bow(figure: Figure, palette: Palette) -> None:
    path = skia.Path()
    path.moveTo(-0.5, -2.0)
    path.quadTo(1.0, 0, -0.5, 2.0)
    figure.line(path, palette.accent, 0.18)
    figure.line(line([(-0.5, -2.0), (-0.5, 2.0)]), WHITE, 0.04)


def _shield(figure: Figure, palette: Palette) -> None:
    shield = figure.form(
        smooth(
            [(-0.95, -1.1), (0, -1.3), (0.95, -1.1), (0.85, 0.4), (0, 1.4), (-0.85, 0.4)],
            tension=0.6,
        ),
        palette.trim,
    )
    figure.flat(polygon([(0, -1.3), (1, -1.3), (1, 1.4), (0, 1.4)]), palette.accent, shield)
    figure.flat(star(0, 0, 0.4), STEEL)


def _guitar(figure: Figure, palette: Palette) -> None:
    figure.form(polygon([(0.1, -0.1), (1.9, -1.6), (2.05, -1.4), (0.25, 0.1)]), WOOD)
    figure.form(
        smooth(
            [
                (-0.9, 0.1),
                (-0.3, -0.3),
                (0.1, -0.35),
                (0.4, 0.1),
                (0.1, 0.55),
                (-0.2, 0.95),
                (-0.9, 0.9),
            ]
        ),
        palette.accent,
    )
    figure.flat(ellipse(-0.2, 0.3, 0.2, 0.2), WOOD.lighter(-0.2))


def _flower(figure: Figure, palette: Palette) -> None:
    figure.line(line([(0, 0.9), (0, -0.7)]), Colour(120, 0.5, 0.35), 0.1)
    figure.form(petals(0, -0.9, 0.55), palette.accent)
    figure.flat(ellipse(0, -0.9, 0.18, 0.18), Colour(48, 0.9, 0.6))


def _ball(figure: Figure, palette: Palette) -> None:
    ball = figure.form(ellipse(0, 0.2, 0.65, 0.65), palette.accent)
    figure.flat(polygon([(-1, 0.1), (1, 0.1), (1, 0.35), (-1, 0.35)]), palette.trim, ball)


def _fan(figure: Figure, palette: Palette) -> None:
    figure.form(
        smooth(
            [(0, 0.2), (-1.1, -0.7), (-0.6, -1.25), (0, -1.4), (0.6, -1.25), (1.1, -0.7)],
            tension=0.6,
        ),
        palette.accent,
    )


def _lantern(figure: Figure, palette: Palette) -> None:
    figure.line(line([(0, 0), (0, 0.5)]), WOOD, 0.08)
    figure.form(rounded(-0.4, 0.45, 0.4, 1.4, 0.15), palette.accent)
    figure.flat(ellipse(0, 0.95, 0.25, 0.33), Colour(48, 0.95, 0.75))


def _blaster(figure: Figure, palette: Palette) -> None:
    figure.form(rounded(-0.3, -0.5, 1.5, 0.05, 0.12), palette.trim)
    figure.form(polygon([(-0.2, 0), (0.25, 0), (0.15, 0.65), (-0.3, 0.65)]), palette.accent)


def _balloon(figure: Figure, palette: Palette) -> None:
    figure.line(line([(0, 0.3), (0.2, -2.0)]), WHITE, 0.05)
    figure.form(ellipse(0.2, -2.8, 0.75, 0.9), palette.accent)
    figure.shine(ellipse(-0.05, -3.1, 0.2, 0.25), WHITE)


def _cup(figure: Figure, palette: Palette) -> None:
    figure.form(polygon([(-0.32, -0.5), (0.32, -0.5), (0.25, 0.4), (-0.25, 0.4)]), palette.accent)
    figure.flat(polygon([(-0.3, -0.2), (0.3, -0.2), (0.28, 0.1), (-0.28, 0.1)]), WHITE)


_DRAWERS = {
    "sword": _sword,
    "staff": _staff,
    "wand": _wand,
    "spear": _spear,
    "axe": _axe,
    "hammer": _hammer,
    "broom": _broom,
    "flag": _flag,
    "umbrella": _umbrella,
    "book": _book,
    "bow": _bow,
    "shield": _shield,
    "guitar": _guitar,
    "flower": _flower,
    "ball": _ball,
    "fan": _fan,
    "lantern": _lantern,
    "blaster": _blaster,
    "balloon": _balloon,
    "cup": _cup,
}
