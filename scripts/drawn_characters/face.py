"""The face: skin, nose, mouth, marks, beard, the eyes by `eyes`."""

from drawn_characters.colour import BLUSH, MOUTH, TONGUE, WHITE
from drawn_characters.eyes import draw_eyes
from drawn_characters.manner import Expression, Manner
from drawn_characters.outline import bend, ellipse, line, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.traits import Face, Palette
from drawn_characters.view import View, face_outline


def draw_face(
    figure: Figure, face: Face, palette: Palette, view: View, expression: Expression, manner: Manner
) -> None:
    """Skin and features, as far as the view shows them."""
    skin = figure.form(face_outline(face, view), palette.skin)
    if view.behind:
        return
    if expression.blush or "blush" in face.marks:
        _draw_blush(figure, view)
    _draw_marks(figure, face, palette, view, under=True)
    _draw_nose(figure, face, palette, view)
    _draw_mouth(figure, face, view, expression)
    if face.beard:
        _draw_beard(figure, face, palette, view)
    draw_eyes(figure, face, palette, view, expression, manner)
    _draw_marks(figure, face, palette, view, under=False)
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


def _draw_beard(figure: Figure, face: Face, palette: Palette, view: View) -> None:
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


def _draw_marks(figure: Figure, face: Face, palette: Palette, view: View, *, under: bool) -> None:
    side = face.mark_side
    for mark in face.marks:
        x, y, depth = view.at(side * 34, 0.6, 0.93)
        if depth < 0.12 or (mark in ("scar", "mole")) == under:
            continue
        thin = max(0.4, depth)
        if mark == "mole":
            figure.flat(ellipse(x * 0.92, y, 0.045, 0.045), palette.skin.shaded(0.75))
        elif mark == "scar":
            figure.line(
                line([(x - 0.12 * thin, -0.12), (x + 0.05 * thin, 0.66)]),
                palette.skin.shaded(0.45),
                0.05,
            )
        elif mark == "stripes":
            for each in (-1, 1):
                for row in (0.0, 0.14):
                    ax, ay, near = view.at(each * 48, 0.5 + row, 0.93)
                    if near > 0.1:
                        figure.line(
                            line([(ax - 0.16 * near, ay), (ax + 0.16 * near, ay + 0.02)]),
                            palette.accent,
                            0.055,
                        )
        elif mark == "freckles":
            for each in (-46, -36, -28, 28, 36, 46):
                ax, ay, near = view.at(each, 0.5 + 0.06 * (each % 3), 0.93)
                if near > 0.1:
                    figure.flat(ellipse(ax, ay, 0.028, 0.028), palette.skin.shaded(0.4))
        elif mark == "tattoo":
            figure.flat(
                polygon(
                    [(x - 0.15 * thin, y - 0.1), (x + 0.16 * thin, y + 0.02), (x - 0.04, y + 0.18)]
                ),
                palette.accent,
            )
        elif mark == "tear":
            figure.flat(ellipse(x * 0.86, y - 0.04, 0.05, 0.09), palette.accent)
        elif mark == "forehead-gem":
            ax, ay, _ = view.at(0, -0.3, 1.0)
            figure.flat(
                polygon([(ax, ay - 0.14), (ax + 0.09, ay), (ax, ay + 0.14), (ax - 0.09, ay)]),
                palette.accent,
            )
        elif mark == "whisker":
            for each in (-1, 1):
                for row in (-0.08, 0.05, 0.18):
                    ax, ay, near = view.at(each * 50, 0.6, 0.93)
                    if near > 0.1:
                        figure.line(
                            line(
                                [
                                    (ax - 0.14, ay + row * 0.8),
                                    (ax + 0.14, ay + row * 0.8 + 0.03 * each),
                                ]
                            ),
                            palette.skin.shaded(0.55),
                            0.03,
                        )
