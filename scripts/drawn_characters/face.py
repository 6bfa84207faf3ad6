"""The face: skin, nose, mouth, marks, beard, the eyes by `eyes`."""

from drawn_characters.colour import BLUSH, MOUTH, TONGUE, WHITE
from drawn_characters.eyes import draw_eyes
from drawn_characters.manner import Expression, Manner
from drawn_characters.marks import draw_beard, draw_marks
from drawn_characters.outline import bend, ellipse, line, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.traits import Face, Palette
from drawn_characters.view import View, face_outline


def draw_face(
    figure: Figure,
    face: Face,
    palette: Palette,
    view: View,
    expression: Expression,
    *,
    manner: Manner,
) -> None:
    """Skin and features, as far as the view shows them."""
    skin = figure.form(face_outline(face, view), palette.skin)
    if view.behind:
        return
    if expression.blush or "blush" in face.marks:
        _draw_blush(figure, view)
    draw_marks(figure, face, palette, view, under=True)
    _draw_nose(figure, face, palette, view)
    _draw_mouth(figure, face, view, expression)
    if face.beard:
        draw_beard(figure, face, palette, view)
    draw_eyes(figure, face, palette, view, expression, manner=manner)
    draw_marks(figure, face, palette, view, under=False)
    if not skin.isEmpty():
        figure.head.addPath(skin)


def _draw_blush(figure: Figure, view: View) -> None:
    for side in (-1, 1):
        x, y, depth = view.at(side * 38, 0.58, 0.9)
        if depth > 0.15:
            figure.flat(ellipse(x, y, 0.17 * depth, 0.09), BLUSH, alpha=0.45)


def _draw_nose(figure: Figure, face: Face, palette: Palette, view: View) -> None:
    if abs(view.yaw) > 65:
        return
    x, y, _ = view.at(0, 0.48, 1.0)
    turn = view.yaw / 40.0
    colour = palette.skin.shaded(0.3)
    if face.nose > 0.12:
        figure.line(
            bend((x, y - 0.16), (x + 0.08 * turn + 0.05, y + 0.02), (x - 0.03, y + 0.04)),
            colour,
            0.035,
        )
    else:
        figure.line(line([(x, y), (x + 0.03 + 0.03 * turn, y + 0.035)]), colour, 0.035)


def _draw_mouth(figure: Figure, face: Face, view: View, expression: Expression) -> None:
    x, y, depth = view.at(0, 0.74, 0.92)
    if abs(view.yaw) > 60:
        x -= 0.1 if view.yaw > 0 else -0.1
        depth = 0.5
    half = 0.19 * max(0.45, depth)
    kind, ink = expression.mouth, MOUTH
    if kind == "smile":
        figure.line(bend((x - half, y - 0.03), (x, y + 0.13), (x + half, y - 0.03)), ink, 0.035)
    elif kind == "flat":
        figure.line(line([(x - half * 0.7, y), (x + half * 0.7, y)]), ink, 0.035)
    elif kind == "frown":
        figure.line(bend((x - half, y + 0.06), (x, y - 0.08), (x + half, y + 0.06)), ink, 0.035)
    elif kind == "cat":
        path = bend((x - half, y), (x - half * 0.5, y + 0.1), (x, y))
        path.quadTo(x + half * 0.5, y + 0.1, x + half, y)
        figure.line(path, ink, 0.035)
    elif kind == "smirk":
        figure.line(
            bend((x - half, y + 0.03), (x + half * 0.4, y + 0.06), (x + half, y - 0.06)), ink, 0.035
        )
    elif kind == "round":
        figure.flat(ellipse(x, y + 0.04, half * 0.45, 0.09), ink)
    elif kind in ("open", "teeth"):
        deep = 0.3 if kind == "open" else 0.18
        mouth = smooth(
            [
                (x - half * 1.1, y - 0.03),
                (x, y + 0.01),
                (x + half * 1.1, y - 0.03),
                (x + half * 0.55, y + deep * 0.8),
                (x - half * 0.55, y + deep * 0.8),
            ],
            tension=0.8,
        )
        figure.flat(mouth, ink if kind == "open" else WHITE)
        if kind == "open":
            figure.flat(ellipse(x, y + deep, half * 0.7, deep * 0.45), TONGUE, mouth)
        figure.line(mouth, ink, 0.025)
    if face.fang and kind in ("open", "smile", "cat"):
        fang = x + half * 0.5 * face.mark_side
        figure.flat(polygon([(fang - 0.04, y), (fang + 0.04, y), (fang, y + 0.11)]), WHITE)
