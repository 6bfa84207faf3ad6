"""Hats, caps, helmets, hoods."""

from drawn_characters.colour import WHITE, Colour
from drawn_characters.outline import (
    ellipse,
    limb,
    polygon,
    rounded,
    smooth,
)
from drawn_characters.part import Figure
from drawn_characters.worn import Worn


def _brim(figure: Figure, colour: Colour, wide: float, y: float, tall: float) -> None:
    figure.form(ellipse(0, y, wide, tall), colour)


def _wizard_hat(worn: Worn) -> None:
    tilt = worn.view.yaw * 0.004
    worn.figure.form(
        smooth(
            [(-0.95, -0.6), (-0.45, -1.7), (0.25 + tilt, -2.6), (0.5, -1.7), (0.95, -0.6)],
            tension=0.6,
        ),
        worn.colour,
    )
    worn.figure.form(
        polygon([(-0.93, -0.78), (0.93, -0.78), (0.88, -0.98), (-0.88, -0.98)]), worn.other
    )
    _brim(worn.figure, worn.colour, 1.75 * worn.gear.size**0.3, -0.62, 0.24)


def _top_hat(worn: Worn) -> None:
    worn.figure.form(rounded(-0.78, -2.0, 0.78, -0.6, 0.1), worn.colour)
    worn.figure.flat(
        polygon([(-0.78, -0.75), (0.78, -0.75), (0.78, -1.02), (-0.78, -1.02)]), worn.other
    )
    _brim(worn.figure, worn.colour, 1.3, -0.62, 0.18)


def _straw_hat(worn: Worn) -> None:
    straw = Colour(46, 0.6, 0.65)
    worn.figure.form(
        smooth([(-0.9, -0.55), (-0.8, -1.25), (0, -1.5), (0.8, -1.25), (0.9, -0.55)]), straw
    )
    worn.figure.flat(
        polygon([(-0.95, -0.6), (0.95, -0.6), (0.92, -0.85), (-0.92, -0.85)]), worn.colour
    )
    _brim(worn.figure, straw, 1.8, -0.58, 0.26)


def _santa(worn: Worn) -> None:
    worn.figure.form(
        smooth([(-1.0, -0.5), (-0.7, -1.4), (0.4, -1.7), (1.4, -0.7), (1.0, -0.5)], tension=0.7),
        worn.colour,
    )
    worn.figure.form(rounded(-1.12, -0.75, 1.12, -0.38, 0.18), WHITE)
    worn.figure.form(ellipse(1.4, -0.65, 0.24, 0.24), WHITE)


def _beret(worn: Worn) -> None:
    worn.figure.form(
        smooth(
            [
                (-1.15, -0.55),
                (-1.25, -1.1),
                (0.2 * worn.gear.side, -1.42),
                (1.3, -1.05),
                (1.1, -0.55),
                (0, -0.78),
            ]
        ),
        worn.colour,
    )


def _cap(worn: Worn) -> None:
    worn.figure.form(
        smooth([(-1.12, -0.4), (-1.0, -1.05), (0, -1.35), (1.0, -1.05), (1.12, -0.4), (0, -0.55)]),
        worn.colour,
    )
    if not worn.view.behind:
        x = max(-1.0, min(1.0, worn.view.yaw / 55))
        worn.figure.form(
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
            worn.other,
        )


def _bandana(worn: Worn) -> None:
    worn.figure.form(
        smooth([(-1.12, -0.3), (-1.0, -1.05), (0, -1.2), (1.0, -1.05), (1.12, -0.3), (0, -0.52)]),
        worn.colour,
    )
    for x in (-0.6, 0.0, 0.6):
        worn.figure.flat(ellipse(x, -0.82, 0.09, 0.09), worn.other)


def _helmet(worn: Worn) -> None:
    worn.figure.form(
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
        worn.colour,
    )
    worn.figure.form(
        limb([(0, -1.25), (-0.5, -1.75), (-1.2, -1.6)], [0.16, 0.22, 0.05]), worn.other
    )


def _hood(worn: Worn) -> None:
    worn.figure.form(
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
        worn.colour,
    )


HATS = {
    "wizard-hat": _wizard_hat,
    "top-hat": _top_hat,
    "straw-hat": _straw_hat,
    "santa": _santa,
    "beret": _beret,
    "cap": _cap,
    "bandana": _bandana,
    "helmet": _helmet,
    "hood": _hood,
}
