"""Marks and beards."""

from dataclasses import dataclass

from drawn_characters.colour import MOUTH
from drawn_characters.outline import bend, ellipse, line, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.traits import Face, Palette
from drawn_characters.view import View


def draw_beard(figure: Figure, face: Face, palette: Palette, view: View) -> None:
    colour = palette.hair
    x, y, depth = view.at(0, 0.66, 0.97)
    wide = max(0.5, depth)
    chin_x, _, _ = view.at(0, 0.9, 0.55)
    if face.beard in ("full", "long"):
        end = face.chin + (1.0 if face.beard == "long" else 0.22)
        left, right = view.clamped(-72, 0.35, 0.98), view.clamped(72, 0.35, 0.98)
        figure.form(
            smooth(
                [
                    left,
                    (left[0] * 0.98 + 0.06, 0.75),
                    (x - 0.3 * wide, y),
                    (x, y - 0.06),
                    (x + 0.3 * wide, y),
                    (right[0] * 0.98 - 0.06, 0.75),
                    right,
                    (right[0] * 0.9, 0.95),
                    (chin_x + 0.25, end * 0.93),
                    (chin_x, end),
                    (chin_x - 0.25, end * 0.93),
                    (left[0] * 0.9, 0.95),
                ],
                tension=0.8,
            ),
            colour,
        )
        figure.line(
            bend((x - 0.13 * wide, y + 0.16), (x, y + 0.2), (x + 0.13 * wide, y + 0.16)),
            MOUTH,
            0.04,
        )
    if face.beard in ("moustache", "full"):
        figure.form(
            smooth(
                [
                    (x - 0.34 * wide, y + 0.1),
                    (x - 0.1, y - 0.05),
                    (x + 0.1, y - 0.05),
                    (x + 0.34 * wide, y + 0.1),
                    (x, y + 0.05),
                ],
                tension=0.8,
            ),
            colour.lighter(-0.04),
        )
    if face.beard == "goatee":
        figure.form(
            smooth(
                [
                    (chin_x - 0.2, 0.98),
                    (chin_x + 0.2, 0.98),
                    (chin_x + 0.08, face.chin + 0.25),
                    (chin_x - 0.08, face.chin + 0.25),
                ]
            ),
            colour,
        )
    if face.beard == "stubble":
        figure.flat(ellipse(chin_x, 0.95, 0.5 * wide, 0.28), colour, figure.parts[-1].clip, 0.22)


@dataclass(frozen=True, slots=True)
class _Marked:
    """A face to be marked: `x`, `y` a place on the cheek of the mark's side, `thin` its squeeze."""

    figure: Figure
    palette: Palette
    view: View
    x: float
    y: float
    thin: float


def draw_marks(figure: Figure, face: Face, palette: Palette, view: View, *, under: bool) -> None:
    """Marks that lie under the eyes and mouth, or those that lie over them."""
    for mark in face.marks:
        x, y, depth = view.at(face.mark_side * 34, 0.6, 0.93)
        if mark in _MARKS and depth >= 0.12 and (mark in ("scar", "mole")) != under:
            _MARKS[mark](_Marked(figure, palette, view, x, y, max(0.4, depth)))


def _draw_mole(on: _Marked) -> None:
    on.figure.flat(ellipse(on.x * 0.92, on.y, 0.045, 0.045), on.palette.skin.shaded(0.75))


def _draw_scar(on: _Marked) -> None:
    path = line([(on.x - 0.12 * on.thin, -0.12), (on.x + 0.05 * on.thin, 0.66)])
    on.figure.line(path, on.palette.skin.shaded(0.45), 0.05)


def _draw_stripes(on: _Marked) -> None:
    for side in (-1, 1):
        for row in (0.0, 0.14):
            x, y, near = on.view.at(side * 48, 0.5 + row, 0.93)
            if near > 0.1:
                path = line([(x - 0.16 * near, y), (x + 0.16 * near, y + 0.02)])
                on.figure.line(path, on.palette.accent, 0.055)


def _draw_freckles(on: _Marked) -> None:
    for azimuth in (-46, -36, -28, 28, 36, 46):
        x, y, near = on.view.at(azimuth, 0.5 + 0.06 * (azimuth % 3), 0.93)
        if near > 0.1:
            on.figure.flat(ellipse(x, y, 0.028, 0.028), on.palette.skin.shaded(0.4))


def _draw_tattoo(on: _Marked) -> None:
    x, y, thin = on.x, on.y, on.thin
    points = [(x - 0.15 * thin, y - 0.1), (x + 0.16 * thin, y + 0.02), (x - 0.04, y + 0.18)]
    on.figure.flat(polygon(points), on.palette.accent)


def _draw_tear(on: _Marked) -> None:
    on.figure.flat(ellipse(on.x * 0.86, on.y - 0.04, 0.05, 0.09), on.palette.accent)


def _draw_gem(on: _Marked) -> None:
    x, y, _ = on.view.at(0, -0.3, 1.0)
    gem = polygon([(x, y - 0.14), (x + 0.09, y), (x, y + 0.14), (x - 0.09, y)])
    on.figure.flat(gem, on.palette.accent)


def _draw_whiskers(on: _Marked) -> None:
    for side in (-1, 1):
        x, y, near = on.view.at(side * 50, 0.6, 0.93)
        if near <= 0.1:
            continue
        for row in (-0.08, 0.05, 0.18):
            path = line([(x - 0.14, y + row * 0.8), (x + 0.14, y + row * 0.8 + 0.03 * side)])
            on.figure.line(path, on.palette.skin.shaded(0.55), 0.03)


_MARKS = {
    "mole": _draw_mole,
    "scar": _draw_scar,
    "stripes": _draw_stripes,
    "freckles": _draw_freckles,
    "tattoo": _draw_tattoo,
    "tear": _draw_tear,
    "forehead-gem": _draw_gem,
    "whisker": _draw_whiskers,
}
