"""Things with faces, arms and legs."""

import math

import skia

from drawn_characters.colour import Colour
from drawn_characters.mascot_parts import draw_extras, draw_limbs
from drawn_characters.outline import (
    Point,
    ellipse,
    heart,
    limb,
    polygon,
    rounded,
    smooth,
    star,
)
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.subject import Subject, draw_markings, draw_simple_face

_OBJECTS = (
    "star",
    "heart",
    "cube",
    "drop",
    "flame",
    "cloud",
    "moon",
    "cup",
    "rice-ball",
    "pumpkin",
    "skull",
    "book",
    "bread",
    "gem",
    "egg",
    "sun",
    "bomb",
    "candle",
    "bell",
    "cookie",
)


def draw_object(figure: Figure, subject: Subject) -> None:
    """A thing with a face, arms and legs."""
    palette = subject.palette
    kind = subject.kind(0, _OBJECTS)
    draw_limbs(figure, subject, 1.0, 1.05)
    body = figure.form(
        _object_outline(kind, subject),
        palette.main,
        palette.second if kind in ("flame", "drop", "gem") else None,
    )
    if kind in ("cube", "cup", "egg", "bread", "bell", "rice-ball", "book"):
        draw_pattern(
            figure,
            body,
            subject.identity.outfit.pattern,
            palette.second,
            subject.identity.outfit.emblem,
        )
    elif kind in ("cookie", "pumpkin", "bomb"):
        draw_markings(figure, subject, body)
    if kind == "rice-ball":
        figure.flat(
            polygon([(-0.5, 0.5), (0.5, 0.5), (0.5, 2), (-0.5, 2)]), Colour(130, 0.3, 0.12), body
        )
    elif kind in ("pumpkin", "bomb", "candle"):
        figure.form(limb([(0, -0.95), (0.15, -1.45)], [0.16, 0.1]), palette.trim)
        if kind != "pumpkin":
            figure.form(star(0.2, -1.6, 0.35, tips=6), Colour(40, 0.95, 0.6))
    elif kind == "cup":
        figure.line(ellipse(1.1, 0, 0.4, 0.5), palette.main.shaded(0.2), 0.16)
    draw_simple_face(figure, subject, size=0.8 + 0.2 * subject.dice(5))
    draw_extras(figure, subject, 1.0) if subject.dice(6) < 0.4 else None
    figure.head = ellipse(0, 0, 1.1, 1.1)


_POINTS: dict[str, tuple[float, list[Point]]] = {
    "moon": (
        1.0,
        [
            (0.5, -1.3),
            (-0.6, -1.1),
            (-1.2, 0),
            (-0.6, 1.1),
            (0.5, 1.3),
            (0.55, 0.9),
            (0.65, 0),
            (0.55, -0.9),
        ],
    ),
    "rice-ball": (0.7, [(0, -1.25), (1.2, 0.8), (0.8, 1.1), (-0.8, 1.1), (-1.2, 0.8)]),
    "gem": (0.0, [(-0.75, -1.05), (0.75, -1.05), (1.25, -0.3), (0, 1.35), (-1.25, -0.3)]),
    "skull": (
        0.8,
        [
            (0, -1.1),
            (1.0, -0.6),
            (1.0, 0.3),
            (0.6, 0.6),
            (0.55, 1.1),
            (-0.55, 1.1),
            (-0.6, 0.6),
            (-1.0, 0.3),
            (-1.0, -0.6),
        ],
    ),
    "cup": (0.2, [(-1.0, -1.0), (1.0, -1.0), (0.75, 1.0), (-0.75, 1.0)]),
    "bell": (0.2, [(-0.55, -1.0), (0.55, -1.0), (1.2, 1.0), (-1.2, 1.0)]),
}
"How round the corners are, and the corners."
_PUFFS = ((-0.95, 0.3, 0.65), (0.95, 0.3, 0.65), (-0.45, -0.45, 0.7), (0.5, -0.4, 0.65))
_BOX_WIDTHS = {"cube": 1.05, "book": 0.95, "bread": 1.25, "candle": 0.7}


def _object_outline(kind: str, subject: Subject) -> skia.Path:
    if kind in _POINTS:
        tension, points = _POINTS[kind]
        return smooth(points, tension=tension)
    if kind in _BOX_WIDTHS:
        wide = _BOX_WIDTHS[kind]
        return rounded(-wide, -1.05, wide, 1.1, 0.1 + 0.5 * subject.dice(2))
    if kind == "star":
        return smooth(_star_points(5, 1.55, 0.72), tension=0.35)
    if kind == "sun":
        return smooth(_star_points(9 + int(subject.dice(1) * 5), 1.5, 1.1), tension=0.2)
    if kind == "heart":
        return heart(0, 0.05, 1.25)
    if kind in ("drop", "flame"):
        tip = (0.3 * subject.sway, -1.8)
        right = [(0.6, -0.6), (1.05, 0.35), (0.6, 1.0), (0.0, 1.12), (-0.6, 1.0), (-1.05, 0.35)]
        return smooth([tip, *right, (-0.45 if kind == "flame" else -0.6, -0.6)], tension=0.9)
    if kind == "cloud":
        return _cloud()
    return ellipse(0, 0, 1.0 + 0.25 * subject.dice(3), 1.05 + 0.2 * subject.dice(4))


def _cloud() -> skia.Path:
    path = ellipse(0, 0.15, 1.2, 0.85)
    for x, y, radius in _PUFFS:
        path.addCircle(x, y, radius)
    return path


def _star_points(tips: int, outer: float, inner: float) -> list[Point]:
    points = []
    for index in range(tips * 2):
        angle = math.pi * index / tips
        reach = outer if index % 2 == 0 else inner
        points.append((math.sin(angle) * reach, -math.cos(angle) * reach))
    return points
