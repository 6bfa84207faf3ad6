"""Mascots: slimes, ghosts, plants, octopuses, insects, things with faces."""

import math

from drawn_characters.colour import WHITE
from drawn_characters.mascot_parts import draw_extras, draw_extras_behind, draw_limbs
from drawn_characters.outline import (
    Point,
    ellipse,
    limb,
    smooth,
)
from drawn_characters.part import Figure
from drawn_characters.subject import Subject, draw_markings, draw_simple_face


def draw_blob(figure: Figure, subject: Subject) -> None:
    """A slime, ball or fluff."""
    palette = subject.palette
    squash = subject.rng.uniform(0.92, 1.08)
    wide, tall = (0.95 + 0.5 * subject.dice(0)) / squash, (0.8 + 0.5 * subject.dice(1)) * squash
    kind = subject.kind(2, ("slime", "ball", "drop", "fluff", "bean", "spiky", "jelly"))
    if kind in ("fluff", "spiky"):
        points = _spiked(
            wide * 1.15,
            tall * 1.15,
            14 + int(subject.dice(3) * 12),
            0.82 if kind == "fluff" else 0.7,
        )
        path = smooth(points, tension=0.9 if kind == "fluff" else 0.0)
    elif kind == "ball":
        path = ellipse(0, 0, wide, wide)
    elif kind == "drop":
        path = smooth(
            [
                (subject.sway * 0.3, -tall - 1.0),
                (wide * 0.55, -tall * 0.45),
                (wide, tall * 0.45),
                (0, tall),
                (-wide, tall * 0.45),
                (-wide * 0.55, -tall * 0.45),
            ]
        )
    elif kind == "bean":
        path = ellipse(0, 0.4, wide * 0.8, tall * 1.35)
    else:
        foot = 1.25 if kind == "slime" else 1.0
        path = smooth(
            [
                (0, -tall),
                (wide * 0.8, -tall * 0.6),
                (wide * foot, tall * 0.7),
                (wide * 0.7, tall),
                (0, tall * (1.0 if kind == "slime" else 0.85)),
                (-wide * 0.7, tall),
                (-wide * foot, tall * 0.7),
                (-wide * 0.8, -tall * 0.6),
            ]
        )
    draw_extras_behind(figure, subject, wide, tall)
    body = figure.form(path, palette.main, palette.second if subject.dice(4) < 0.3 else None)
    draw_markings(figure, subject, body)
    figure.shine(ellipse(-wide * 0.4, -tall * 0.5, wide * 0.18, tall * 0.14, -25), WHITE, body)
    draw_limbs(figure, subject, wide, tall)
    draw_simple_face(figure, subject, size=0.75 + 0.35 * subject.dice(5), y=0.15 * subject.dice(6))
    draw_extras(figure, subject, tall)
    figure.head = ellipse(0, 0, wide, tall)


def _spiked(wide: float, tall: float, count: int, inner: float) -> list[Point]:
    points = []
    for index in range(count * 2):
        reach = 1.0 if index % 2 == 0 else inner
        angle = math.pi * index / count
        points.append((math.sin(angle) * wide * reach, -math.cos(angle) * tall * reach))
    return points


def draw_ghost(figure: Figure, subject: Subject) -> None:
    """A ghost: a dome over a waving hem."""
    palette = subject.palette
    wide, low = 1.0 + 0.3 * subject.dice(0), 1.2 + 1.6 * subject.dice(1)
    lean = subject.sway * 0.6
    waves = 3 + int(subject.dice(2) * 3)
    points: list[Point] = [
        (-wide, 0.3),
        (-wide * 0.8, -0.7),
        (0, -1.05),
        (wide * 0.8, -0.7),
        (wide, 0.3),
    ]
    if subject.dice(3) < 0.4:
        points += [
            (wide * 0.8, low * 0.6),
            (lean + 0.3, low),
            (lean * 1.8 + 0.9 * subject.facing, low + 0.4),
            (lean, low * 0.7),
            (-wide * 0.8, low * 0.6),
        ]
    else:
        for index in range(waves * 2 + 1):
            points.append(
                (
                    wide * 1.15 - 2.3 * wide * index / (waves * 2) + lean,
                    low + (0.22 if index % 2 == 0 else -0.12),
                )
            )
    body = figure.form(smooth(points, tension=0.9), palette.main.lighter(0.15), palette.second)
    draw_markings(figure, subject, body)
    for side in (-1, 1):
        lift = subject.rng.uniform(-0.5, 0.5)
        figure.form(
            smooth(
                [
                    (side * wide * 0.85, 0.4),
                    (side * (wide + 0.55), 0.5 + lift),
                    (side * (wide + 0.45), 0.85 + lift),
                    (side * wide * 0.85, 0.9),
                ]
            ),
            palette.main.lighter(0.15),
        )
    draw_simple_face(figure, subject, size=0.9)
    draw_extras(figure, subject, 1.0)
    figure.head = ellipse(0, 0, wide, 1.0)


def draw_octopus(figure: Figure, subject: Subject) -> None:
    """An octopus or jellyfish."""
    palette = subject.palette
    jelly = subject.dice(0) < 0.4
    count = 4 + int(subject.dice(1) * 4)
    long = 1.2 + 1.6 * subject.dice(2)
    for index in range(count):
        share = (index + 0.5) / count * 2 - 1
        x = share * 0.85
        curl = (0.5 if index % 2 else -0.4) + subject.sway * 0.5
        end = (x * (1.2 if jelly else 1.9) + curl * 0.5, 0.6 + long)
        width = 0.12 if jelly else 0.28
        figure.form(
            limb(
                [(x, 0.5), (x * (1.1 if jelly else 1.7) - curl * 0.3, 0.6 + long * 0.55), end],
                [width, width * 0.9, width * 0.4],
            ),
            palette.second if jelly else palette.main,
        )
    wide, tall = 1.0 + 0.35 * subject.dice(3), 1.0 + 0.4 * subject.dice(4)
    body = figure.form(
        smooth(
            [
                (0, -tall),
                (wide * 0.85, -tall * 0.6),
                (wide, 0.4),
                (wide * 0.7, 0.85),
                (0, 0.95),
                (-wide * 0.7, 0.85),
                (-wide, 0.4),
                (-wide * 0.85, -tall * 0.6),
            ]
        ),
        palette.main,
    )
    draw_markings(figure, subject, body)
    draw_simple_face(figure, subject, size=0.85, y=0.05)
    draw_extras(figure, subject, tall)
    figure.head = ellipse(0, 0, wide, tall)
