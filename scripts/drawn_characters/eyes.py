"""Eyes: twelve shapes, open, half open, shut."""

import math

import skia

from drawn_characters.colour import BLACK, WHITE, Colour
from drawn_characters.manner import Expression, Manner
from drawn_characters.outline import Point, bend, ellipse, line, smooth
from drawn_characters.part import Figure
from drawn_characters.traits import Face, Palette
from drawn_characters.view import View

_SIZES = {
    "tall": (0.25, 0.34),
    "wide": (0.31, 0.3),
    "round": (0.27, 0.28),
    "narrow": (0.26, 0.14),
    "dot": (0.1, 0.13),
    "bean": (0.11, 0.23),
    "droopy": (0.27, 0.22),
    "upturned": (0.28, 0.2),
    "ring": (0.24, 0.25),
    "cat": (0.28, 0.26),
    "half": (0.26, 0.2),
}
"Half-widths and half-heights in radii of the head."


def draw_eyes(
    figure: Figure,
    face: Face,
    palette: Palette,
    view: View,
    expression: Expression,
    *,
    manner: Manner,
    brows: bool = True,
    lift: float = 0.0,
) -> None:
    """Both eyes and brows, where the view shows them; `lift` moves them down, in radii."""
    for side in (-1, 1):
        azimuth = side * 25.0 * face.eye_gap
        x, y, depth = view.at(azimuth, 0.24 + lift, 0.93)
        if depth < 0.12:
            continue
        squeeze = max(0.34, min(1.0, depth * 1.15))
        iris = palette.eye if side < 0 else palette.eye_other
        state = expression.eyes
        if state == "wink":
            state = "happy" if side == face.mark_side else "open"
        size = face.eye_size * manner.eyes
        wide, high = _SIZES[face.eyes]
        place = _Place(x, y, wide * size * squeeze, high * size, side=side, squeeze=squeeze)
        if brows:
            _draw_brow(figure, face, palette, place, expression)
        if state in ("closed", "happy"):
            _draw_shut(figure, palette, place, happy=state == "happy")
        else:
            _draw_open(figure, face, iris, place, expression, state=state)


class _Place:
    """Where one eye lies, and how large it is."""

    __slots__ = ("high", "side", "squeeze", "wide", "x", "y")

    def __init__(
        self, x: float, y: float, wide: float, high: float, *, side: int, squeeze: float
    ) -> None:
        self.x, self.y, self.wide, self.high = x, y, wide, high
        self.side, self.squeeze = side, squeeze


def _dark(colour: Colour) -> Colour:
    return Colour(colour.hue, min(0.6, colour.saturation), min(0.2, colour.lightness * 0.4))


def _draw_brow(
    figure: Figure, face: Face, palette: Palette, eye: _Place, expression: Expression
) -> None:
    lift = eye.y - max(eye.high, 0.16) - 0.14 - 0.05 * abs(expression.brows)
    slope = expression.brows * 0.09 * eye.side + math.radians(face.eye_tilt) * 0.1 * eye.side
    half = max(eye.wide, 0.17 * eye.squeeze) * 1.05
    path = bend(
        (eye.x - half, lift + slope + 0.02),
        (eye.x, lift - 0.06),
        (eye.x + half, lift - slope + 0.02),
    )
    colour = palette.hair if palette.hair.lightness < 0.75 else palette.hair.lighter(-0.3)
    figure.line(path, colour.shaded(0.35), face.brow)


def _draw_shut(figure: Figure, palette: Palette, eye: _Place, *, happy: bool) -> None:
    half = max(eye.wide, 0.16 * eye.squeeze)
    bow = -0.16 if happy else 0.12
    path = bend((eye.x - half, eye.y), (eye.x, eye.y + bow), (eye.x + half, eye.y))
    figure.line(path, _dark(palette.hair), 0.05)


def _lid(face: Face, eye: _Place, high: float) -> tuple[list[Point], list[Point]]:
    """Upper and lower edge of an open eye, from left to right."""
    tilt = math.radians(
        face.eye_tilt + {"droopy": 12, "upturned": -12, "cat": -9}.get(face.eyes, 0)
    )
    corner = tilt * eye.wide * eye.side * 1.4
    left, right = (eye.x - eye.wide, eye.y - corner), (eye.x + eye.wide, eye.y + corner)
    flat = 0.45 if face.eyes == "half" else 0.92
    inner = eye.x - eye.side * eye.wide * 0.5, eye.y - high * flat
    outer = eye.x + eye.side * eye.wide * 0.45, eye.y - high * flat * 1.05
    middle = (eye.x, eye.y - high * (flat + 0.08))
    upper = [left, *sorted((inner, middle, outer)), right]
    lower = [
        right,
        (eye.x + eye.wide * 0.5, eye.y + high * 0.9),
        (eye.x - eye.wide * 0.5, eye.y + high * 0.9),
        left,
    ]
    return upper, lower


def _draw_open(
    figure: Figure, face: Face, iris: Colour, eye: _Place, expression: Expression, *, state: str
) -> None:
    dark = _dark(iris)
    if face.eyes in ("dot", "bean"):
        figure.flat(ellipse(eye.x, eye.y, eye.wide, eye.high), dark)
        figure.shine(
            ellipse(
                eye.x - eye.wide * 0.3, eye.y - eye.high * 0.35, eye.wide * 0.3, eye.high * 0.25
            ),
            WHITE,
        )
        return
    high = eye.high * {"half": 0.6, "wide": 1.15}.get(state, 1.0)
    upper, lower = _lid(face, eye, high)
    white = smooth([*upper, *lower[1:-1]], tension=0.9)
    figure.flat(white, WHITE)
    shift = expression.gaze * eye.wide * 0.22
    if face.eyes == "ring":
        figure.flat(ellipse(eye.x + shift, eye.y, eye.wide * 0.42, high * 0.45), iris, white)
        figure.flat(ellipse(eye.x + shift, eye.y, eye.wide * 0.2, high * 0.22), dark, white)
        figure.line(white, BLACK, 0.03)
        return
    across = min(eye.wide * 0.74, eye.high * 0.95 * eye.squeeze)
    if face.eyes in ("narrow", "upturned", "droopy", "half"):
        across = min(eye.wide * 0.6, 0.16 * eye.squeeze)
    down = max(high * 0.92, across * 0.9)
    x, y = eye.x + shift, eye.y + high * 0.02
    _draw_iris(figure, face, iris, white, (x, y), size=(across, down))
    _draw_lashes(figure, face, eye, upper, dark)
    figure.line(line([lower[2], lower[1]]), dark.lighter(0.12), 0.022)


def _draw_iris(
    figure: Figure, face: Face, iris: Colour, white: skia.Path, centre: Point, *, size: Point
) -> None:
    (x, y), (across, down) = centre, size
    dark = _dark(iris)
    figure.flat(ellipse(x, y, across, down), iris.lighter(-0.13), white)
    figure.flat(ellipse(x, y + down * 0.2, across * 0.86, down * 0.75), iris, white)
    figure.shine(
        ellipse(x, y + down * 0.5, across * 0.6, down * 0.36), iris.lighter(0.22), white, 0.9
    )
    slit = 0.16 if face.eyes == "cat" else 0.42
    figure.flat(ellipse(x, y - down * 0.05, across * slit, down * 0.48), dark, white)
    figure.flat(
        ellipse(x - across * 0.35, y - down * 0.38, across * 0.3, down * 0.24), WHITE, white
    )
    figure.shine(
        ellipse(x + across * 0.35, y + down * 0.4, across * 0.16, down * 0.13), WHITE, white
    )


def _draw_lashes(figure: Figure, face: Face, eye: _Place, upper: list[Point], dark: Colour) -> None:
    lash = smooth(upper, closed=False)
    figure.line(lash, dark.lighter(-0.05), 0.075 if face.lashes else 0.045)
    if face.lashes:
        outer = upper[-1] if eye.side > 0 else upper[0]
        tip = (outer[0] + eye.side * 0.08 * eye.squeeze, outer[1] - 0.07)
        figure.line(line([outer, tip]), dark, 0.045)
