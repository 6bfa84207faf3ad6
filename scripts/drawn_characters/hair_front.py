"""Hair over the face: cap with fringe, side locks, ahoge; and its second tone."""

import math
import random

import skia

from drawn_characters.colour import Colour
from drawn_characters.fringe import Bottom, fringe_bottom
from drawn_characters.manner import Manner
from drawn_characters.outline import Point, ellipse, line, polygon, smooth
from drawn_characters.part import Figure, Part
from drawn_characters.traits import Hair, Palette
from drawn_characters.view import View

CAP_RADIUS = 1.09


def hair_fades(hair: Hair, palette: Palette) -> tuple[Colour | None, float]:
    """The colour at the ends and where it starts, for tones that run along the hair."""
    if hair.tone == "tips":
        return palette.hair_second, 0.5
    if hair.tone == "roots":
        return palette.hair_second, 0.15
    return None, 0.4


def draw_front(figure: Figure, hair: Hair, palette: Palette, view: View, manner: Manner) -> None:
    """Cap, fringe, side locks and ahoge."""
    rng = random.Random(hair.seed)
    colour = palette.hair
    if hair.back == "bald":
        return
    if hair.back in ("buzz", "mohawk"):
        _draw_cap(
            figure,
            hair,
            palette,
            view,
            [(az, -0.45, "curve") for az in (-60, -25, 25, 60)],
            radius=1.015,
        )
        return
    radius = CAP_RADIUS * manner.hair * (0.5 + 0.5 * hair.width)
    bottom = fringe_bottom(hair, rng)
    if hair.back == "topknot":
        bottom = [(az, -0.5, "curve") for az in (-60, -25, 25, 60)]
    if hair.side != "none" and not view.behind:
        _draw_sides(figure, hair, palette, view, radius)
    cap = _draw_cap(figure, hair, palette, view, bottom, radius=radius)
    _cast_shadow(figure, palette, cap)
    if hair.fringe == "pompadour" and not view.behind:
        x, y, _ = view.at(8 * hair.parting, -0.75, 1.05)
        figure.form(
            smooth(
                [
                    (x - 0.7, y + 0.25),
                    (x - 0.75, y - 0.3),
                    (x, y - 0.62),
                    (x + 0.75, y - 0.3),
                    (x + 0.7, y + 0.25),
                    (x, y + 0.05),
                ]
            ),
            colour,
        )
    if hair.ahoge:
        _draw_ahoge(figure, hair, colour, view, radius)
    _draw_shine(figure, colour, view, radius, cap)


def _cast_shadow(figure: Figure, palette: Palette, cap: skia.Path) -> None:
    """The shadow of the hair on the skin: under the eyes, which are drawn on it."""
    skin = figure.parts[0]
    shadow = skia.Path(cap)
    shadow.offset(0.03, 0.13)
    figure.parts.insert(
        1, Part(shadow, palette.skin.shaded(0.2), "shade", clip=skin.path, alpha=0.8)
    )


def _draw_cap(
    figure: Figure, hair: Hair, palette: Palette, view: View, bottom: Bottom, *, radius: float
) -> skia.Path:
    path = skia.Path()
    sign = 1 if view.yaw >= 0 else -1
    turn = 0.0 if view.behind else abs(view.yaw)
    seen = [(*view.clamped(az, y, 1.04), kind) for az, y, kind in bottom] if not view.behind else []
    nape = 0.72
    if view.behind:
        path.addOval(skia.Rect.MakeLTRB(-radius, -radius, radius, nape + 0.15))
    else:
        left = min(0.25, 0.1 + turn * 0.02) if sign < 0 else (nape if turn > 14 else 0.25)
        right = min(0.25, 0.1 + turn * 0.02) if sign > 0 else (nape if turn > 14 else 0.25)
        _arc(path, left, right, radius)
        if sign < 0 and turn > 14:
            _sideburn(path, view, 80, first=True)
        previous = path.getPoint(path.countPoints() - 1)
        at = (previous.x(), previous.y())
        for x, y, kind in reversed(seen):
            _edge(path, at, (x, y), kind)
            at = (x, y)
        if sign > 0 and turn > 14:
            _sideburn(path, view, -80, first=False)
        path.close()
    fade, start = hair_fades(hair, palette)
    cap = figure.form(path, palette.hair, fade if hair.tone == "roots" else None, start)
    if hair.tone == "roots":
        return cap
    if hair.tone == "split":
        middle, _, _ = view.at(0, -0.5, 1.0)
        sheet = skia.Path()
        sheet.addRect(skia.Rect.MakeLTRB(middle, -3, 3, 3))
        if view.behind:
            sheet.offset(-3 - middle, 0)
        figure.flat(sheet, palette.hair_second, cap)
    if hair.tone == "streak" and not view.behind:
        x, _, depth = view.at(hair.parting * 50 + 12, -0.5, 1.0)
        if depth > 0.1:
            figure.flat(
                polygon([(x - 0.1, -1.1), (x + 0.06, -1.1), (x + 0.22, 0.5), (x + 0.02, 0.5)]),
                palette.hair_second,
                cap,
            )
    return cap


def _arc(path: skia.Path, left: float, right: float, radius: float) -> None:
    """From the left end over the top to the right end; ends given by height."""
    start = 180 - math.degrees(math.asin(max(-1.0, min(1.0, left / radius))))
    end = math.degrees(math.asin(max(-1.0, min(1.0, right / radius)))) + 360
    path.arcTo(skia.Rect.MakeLTRB(-radius, -radius, radius, radius), start, end - start, True)


def _sideburn(path: skia.Path, view: View, azimuth: float, *, first: bool) -> None:
    """The edge of the hair before the ear, down to the nape or up from it."""
    x, y = view.clamped(azimuth, 0.52, 1.03)
    behind, _ = view.clamped(azimuth * 1.5, 0.5, 1.03)
    if first:
        path.quadTo(behind, 0.8, x, y)
    else:
        path.lineTo(x, y)
        last = path.getPoint(0)
        path.quadTo(behind, 0.8, last.x(), last.y())


def _edge(path: skia.Path, start: Point, end: Point, kind: str) -> None:
    middle_x, middle_y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if kind == "bump":
        path.quadTo(middle_x, max(start[1], end[1]) + 0.22, *end)
    elif kind == "curve":
        path.quadTo(middle_x, middle_y - 0.02, *end)
    else:
        path.quadTo(middle_x + (end[0] - start[0]) * 0.18, middle_y - 0.06, *end)


def _draw_sides(figure: Figure, hair: Hair, palette: Palette, view: View, radius: float) -> None:
    fade, start = hair_fades(hair, palette)
    long = hair.side_length * (0.5 if hair.side == "short" else 1.0)
    for side in (-1, 1):
        x, y, depth = view.at(side * 68, -0.1, radius)
        if depth < -0.05:
            continue
        colour = palette.hair_second if hair.tone == "split" and side > 0 else palette.hair
        wide = 0.16 + 0.1 * hair.width
        end = y + long
        out = side * 0.12
        if hair.side == "square":
            figure.form(
                polygon(
                    [
                        (x - wide, y - 0.5),
                        (x + wide, y - 0.5),
                        (x + wide, y + 1.0),
                        (x - wide, y + 1.0),
                    ]
                ),
                colour,
                fade,
                start,
            )
        elif hair.side == "curl":
            for step in range(4):
                figure.form(
                    ellipse(
                        x + out * 0.6,
                        y + 0.3 + step * long * 0.2,
                        wide * (1.15 - 0.12 * step),
                        long * 0.14,
                        14 * side,
                    ),
                    colour,
                    fade,
                    start,
                )
        elif hair.side == "braid":
            for step in range(5):
                shift = 0.05 if step % 2 else -0.05
                figure.form(
                    ellipse(
                        x + shift + out * 0.3,
                        y + 0.25 + step * long * 0.18,
                        wide * 0.95,
                        long * 0.12,
                    ),
                    colour,
                    fade,
                    start,
                )
        else:
            curve = 0.35 * side if hair.side == "curved" else 0.02 * side
            wave = hair.wave * 0.08
            figure.form(
                smooth(
                    [
                        (x - wide, y - 0.55),
                        (x + wide * 0.8, y - 0.55),
                        (x + wide * 0.9 + curve * 0.4 + wave, y + long * 0.4),
                        (x + wide * 0.3 + curve, end),
                        (x - wide * 0.6 + curve * 0.4 - wave, y + long * 0.45),
                    ],
                    tension=0.8,
                ),
                colour,
                fade,
                start,
            )


def _draw_ahoge(figure: Figure, hair: Hair, colour: Colour, view: View, radius: float) -> None:
    x, y, _ = view.at(0, -0.97, radius)
    y = -radius + 0.04
    bend = hair.ahoge if not view.behind else -hair.ahoge
    figure.form(
        smooth(
            [
                (x - 0.07, y + 0.1),
                (x + bend * 0.15, y - 0.38),
                (x + bend * 0.65, y - 0.42 + abs(bend) * 0.2),
                (x + bend * 0.3, y - 0.2),
                (x + 0.08, y + 0.1),
            ]
        ),
        colour,
    )


def _draw_shine(figure: Figure, colour: Colour, view: View, radius: float, cap: skia.Path) -> None:
    tilt = view.pitch * 0.1
    band = smooth(
        [
            (-radius * 0.8, -0.42 + tilt),
            (-radius * 0.3, -0.62 + tilt),
            (radius * 0.35, -0.63 + tilt),
            (radius * 0.8, -0.42 + tilt),
            (radius * 0.35, -0.5 + tilt),
            (-radius * 0.3, -0.49 + tilt),
        ],
        tension=0.9,
    )
    figure.shine(band, colour.lighter(0.2), cap, 0.65)
    for step in (-0.55, -0.2, 0.25, 0.6):
        figure.line(
            line([(step * 0.6, -radius), (step * 1.1, -0.45)]), colour.shaded(0.3), 0.02, cap
        )
