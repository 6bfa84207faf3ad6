"""Plants and insects with faces."""

import skia

from drawn_characters.colour import WHITE, Colour
from drawn_characters.headgear import draw_gear
from drawn_characters.mascot_parts import draw_limbs
from drawn_characters.outline import (
    bend,
    ellipse,
    limb,
    polygon,
    rounded,
    smooth,
    star,
)
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.subject import Subject, draw_antenna, draw_markings, draw_simple_face
from drawn_characters.wings import draw_wings


def draw_plant(figure: Figure, subject: Subject) -> None:
    """A mushroom, flower, cactus or sprout with a face."""
    palette = subject.palette
    kind = subject.kind(0, ("mushroom", "flower", "cactus", "sprout", "tree", "carrot"))
    green = Colour(
        palette.main.hue if subject.dice(1) < 0.3 else 80 + 70 * subject.dice(1), 0.45, 0.42
    )
    if kind == "mushroom":
        figure.form(
            smooth([(-0.65, -0.4), (0.65, -0.4), (0.85, 1.1), (0, 1.3), (-0.85, 1.1)], tension=0.8),
            WHITE.lighter(-0.06),
        )
        cap = figure.form(
            smooth(
                [
                    (-1.7, -0.25),
                    (-1.2, -1.2),
                    (0, -1.75 - 0.6 * subject.dice(2)),
                    (1.2, -1.2),
                    (1.7, -0.25),
                    (0, -0.1),
                ]
            ),
            palette.main,
        )
        draw_pattern(figure, cap, "dots" if subject.dice(3) < 0.7 else "stripes", palette.second)
    elif kind == "flower":
        figure.form(
            limb([(0, 0.6), (subject.sway * 0.4, 2.2), (0, 3.6)], [0.12, 0.12, 0.14]), green
        )
        for side in (-1, 1):
            figure.form(
                smooth([(0, 3.1), (side * 0.9, 2.2), (side * 1.3, 2.5), (side * 0.6, 3.1)]), green
            )
        count = 6 + int(subject.dice(2) * 6)
        for index in range(count):
            spot = skia.Matrix.RotateDeg(360 * index / count).mapXY(0, -1.3)
            figure.form(
                ellipse(spot.x(), spot.y(), 0.5, 0.5),
                palette.main if index % 2 else palette.main.lighter(0.05),
            )
        figure.form(ellipse(0, 0, 1.0, 1.0), palette.second)
    elif kind == "cactus":
        body = figure.form(rounded(-0.85, -1.2, 0.85, 2.0, 0.8), green)
        draw_pattern(figure, body, "bars", green.shaded(0.2))
        for side, y in ((-1, 0.7), (1, 0.3)):
            figure.form(
                limb(
                    [(side * 0.8, y), (side * 1.35, y), (side * 1.4, y - 0.9)], [0.25, 0.28, 0.22]
                ),
                green,
            )
        figure.form(polygon([(-1.0, 1.7), (1.0, 1.7), (0.75, 3.0), (-0.75, 3.0)]), palette.main)
        figure.form(star(0.2, -1.2, 0.4, tips=6), palette.accent)
    else:
        shape = [
            (0, -1.0),
            (0.9, -0.6),
            (1.0, 0.3),
            (0.6, 1.3),
            (0, 2.2 if kind == "carrot" else 1.4),
            (-0.6, 1.3),
            (-1.0, 0.3),
            (-0.9, -0.6),
        ]
        body = figure.form(smooth(shape), palette.main)
        if kind == "carrot":
            draw_pattern(figure, body, "stripes", palette.main.shaded(0.12))
        leaves = 2 if kind == "sprout" else 5
        for index in range(leaves):
            lean = (index - (leaves - 1) / 2) * (1.0 if leaves == 2 else 0.45)
            figure.form(
                smooth([(0, -0.9), (lean - 0.25, -1.5), (lean * 1.6, -2.1), (lean + 0.25, -1.4)]),
                green,
            )
        draw_limbs(figure, subject, 0.9, 1.3)
    draw_simple_face(figure, subject, size=0.8)
    for gear in subject.identity.gear:
        draw_gear(figure, subject.identity, gear, subject.view)
    figure.head = ellipse(0, 0, 1.0, 1.0)


def draw_insect(figure: Figure, subject: Subject) -> None:
    """A bee, beetle, butterfly or spider."""
    palette, back = subject.palette, -subject.facing
    kind = subject.kind(0, ("bee", "beetle", "butterfly", "spider", "caterpillar"))
    size = 0.9 + 0.8 * subject.dice(1)
    turned = kind in ("bee", "caterpillar", "beetle")
    centre = (back * (0.9 + size * 0.6), 0.7) if turned else (0.0, 0.9 + size)
    if kind == "butterfly":
        draw_wings(
            figure, "fairy", palette.main, palette.second, (0, 0.9), size=2.0 + subject.dice(2)
        )
    if kind == "spider":
        _draw_spider_legs(figure, palette.main.shaded(0.3), centre[1])
    if kind == "bee":
        draw_wings(
            figure,
            "fairy",
            Colour(200, 0.4, 0.8),
            Colour(200, 0.3, 0.85),
            (centre[0], 0.0),
            size=1.1,
        )
    if kind == "caterpillar":
        for index in range(4, 0, -1):
            figure.form(
                ellipse(back * index * 0.95, 0.45 + 0.25 * (index % 2), 0.8, 0.8),
                palette.main if index % 2 else palette.second,
            )
    else:
        body = figure.form(
            ellipse(
                *centre,
                size * (0.5 if kind == "butterfly" else 1.0),
                size * (1.2 if kind == "butterfly" else 0.85),
            ),
            palette.main,
        )
        if kind == "bee":
            draw_pattern(figure, body, "bars", palette.second)
        else:
            draw_markings(figure, subject, body)
            figure.line(
                bend(
                    (centre[0], centre[1] - size),
                    (centre[0] + 0.1, centre[1]),
                    (centre[0], centre[1] + size),
                ),
                palette.main.shaded(0.4),
                0.05,
                body,
            )
    if kind in ("bee", "beetle"):
        _draw_short_legs(figure, palette.main.shaded(0.5), centre[0], centre[1] + size * 0.7)
    for side in (-1, 1):
        draw_antenna(
            figure,
            side * 0.35,
            -0.75,
            side * (0.8 + 0.6 * subject.dice(4)),
            0.6 + 0.6 * subject.dice(5),
            colour=palette.main.shaded(0.5),
            knob=palette.accent,
        )
    figure.form(
        ellipse(0, 0, 1.0, 0.92), palette.feature if subject.dice(6) < 0.5 else palette.main
    )
    draw_simple_face(figure, subject, size=0.92)
    for gear in subject.identity.gear:
        draw_gear(figure, subject.identity, gear, subject.view)
    figure.head = ellipse(0, 0, 1.0, 0.92)


def _draw_spider_legs(figure: Figure, colour: Colour, middle: float) -> None:
    for side in (-1, 1):
        for row in range(4):
            y = middle - 0.6 + row * 0.35
            knee = (side * (1.5 + 0.3 * row), y - 1.2 + 0.3 * row)
            figure.line(bend((side * 0.4, y), knee, (side * 2.1, y + 0.9)), colour, 0.14)


def _draw_short_legs(figure: Figure, colour: Colour, x: float, y: float) -> None:
    for step in (-0.5, 0.0, 0.5):
        figure.line(polygon([(x + step, y), (x + step + 0.15, y + 0.5)]), colour, 0.11)
