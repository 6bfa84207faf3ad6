"""Whole animals: on four legs, dragons, birds, fish, serpents."""

from drawn_characters.animal_head import draw_animal_head
from drawn_characters.headgear import draw_gear
from drawn_characters.outline import Point, ellipse, limb, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.subject import Subject, draw_markings, draw_simple_face


def draw_bird(figure: Figure, subject: Subject) -> None:
    """A bird: round and headless-necked, or with body apart."""
    palette, view = subject.palette, subject.view
    back = -subject.facing
    round_one = subject.dice(0) < 0.45
    wide, tall = 0.95 + 0.5 * subject.dice(1), 1.0 + 0.7 * subject.dice(2)
    gap = 0.0 if round_one else 0.5 + 1.1 * subject.dice(3)
    centre = (
        back * (0.0 if round_one else 0.7 + 0.6 * subject.dice(4)),
        0.35 + gap + (0.0 if round_one else 0.9),
    )
    legs = 0.25 + 0.9 * subject.dice(5)
    for side in (-1, 1):
        x, low = centre[0] + side * 0.35, centre[1] + tall
        figure.line(polygon([(x, low - 0.2), (x + 0.02, low + legs)]), palette.trim, 0.13)
        figure.form(
            polygon(
                [(x - 0.3, low + legs + 0.1), (x, low + legs - 0.12), (x + 0.35, low + legs + 0.1)]
            ),
            palette.trim,
        )
    for row in range(3):
        figure.form(
            limb(
                [
                    (centre[0] + back * wide * 0.7, centre[1] + 0.2),
                    (centre[0] + back * (wide + 0.9), centre[1] + 0.1 + row * 0.25),
                ],
                [0.26, 0.14],
            ),
            palette.feature,
        )
    body = figure.form(
        ellipse(*centre, wide * (1.0 if round_one else 1.25), tall if round_one else tall * 0.85),
        palette.main,
    )
    figure.flat(
        ellipse(
            centre[0] + subject.facing * 0.2, centre[1] + tall * 0.45, wide * 0.75, tall * 0.65
        ),
        subject.belly,
        body,
    )
    draw_markings(figure, subject, body)
    if not round_one:
        figure.form(
            limb([(centre[0] - back * 0.5, centre[1] - 0.1), (0, 0.2)], [0.6, 0.45]), palette.main
        )
        head = figure.form(ellipse(0, 0, 0.95, 0.9), palette.main)
        if subject.dice(9) < 0.5:
            figure.flat(polygon([(-2, -2), (2, -2), (2, -0.15), (-2, 0.1)]), palette.second, head)
    flap = subject.rng.choice((0.15, 0.15, -0.5, -1.1))
    for side in (-1, 1) if abs(view.yaw) < 30 else (subject.facing,):
        x, y = (
            centre[0] + (side * wide * 0.85 if abs(view.yaw) < 30 else 0.1 * back),
            centre[1] - 0.25,
        )
        out = side if abs(view.yaw) < 30 else back
        figure.form(
            smooth(
                [
                    (x, y - 0.2),
                    (x + out * 0.55, y + flap * 0.6),
                    (x + out * 0.85, y + 0.75 + flap),
                    (x + out * 0.3, y + 0.9 + flap * 0.4),
                    (x - out * 0.15, y + 0.45),
                ]
            ),
            palette.feature,
        )
    _draw_crest(figure, subject)
    draw_simple_face(figure, subject, size=0.95, y=-0.05, mouth=False)
    _draw_beak(figure, subject)
    figure.head = ellipse(0, 0, wide if round_one else 0.95, 0.95)
    for gear in subject.identity.gear:
        draw_gear(figure, subject.identity, gear, view)


def _draw_crest(figure: Figure, subject: Subject) -> None:
    kind, colour = (
        subject.kind(10, ("none", "three", "comb", "owl", "none", "plume")),
        subject.palette.accent,
    )
    if kind == "three":
        for lean in (-0.35, 0.0, 0.35):
            figure.form(limb([(0, -0.85), (lean, -1.4)], [0.1, 0.06]), colour)
    elif kind == "comb":
        figure.form(
            smooth(
                [
                    (-0.4, -0.75),
                    (-0.4, -1.15),
                    (-0.15, -1.0),
                    (0, -1.3),
                    (0.15, -1.0),
                    (0.4, -1.15),
                    (0.4, -0.75),
                ],
                tension=0.8,
            ),
            colour,
        )
    elif kind == "owl":
        for side in (-1, 1):
            figure.form(
                polygon([(side * 0.3, -0.8), (side * 0.85, -1.3), (side * 0.75, -0.5)]),
                subject.palette.main,
            )
    elif kind == "plume":
        figure.form(
            smooth(
                [
                    (0, -0.8),
                    (-subject.facing * 0.3, -1.6),
                    (-subject.facing * 1.0, -1.7),
                    (-subject.facing * 0.4, -1.1),
                ]
            ),
            colour,
        )


def _draw_beak(figure: Figure, subject: Subject) -> None:
    x, y, depth = subject.view.at(0, 0.42, 0.85)
    long = 0.3 + 0.7 * subject.dice(11)
    tip_x, tip_y, _ = subject.view.at(0, 0.52, 0.85 + long)
    colour = subject.palette.trim
    half = 0.28 * max(0.5, depth)
    if subject.expression.mouth in ("open", "round"):
        figure.form(
            polygon(
                [
                    (x - half * 0.8, y + 0.15),
                    (x + half * 0.8, y + 0.15),
                    (tip_x * 0.9, tip_y + 0.32),
                ]
            ),
            colour.shaded(0.25),
        )
    figure.form(
        smooth(
            [(x - half, y + 0.05), (x, y - 0.2), (x + half, y + 0.05), (tip_x, tip_y + 0.12)],
            tension=0.5,
        ),
        colour,
    )


def draw_fish(figure: Figure, subject: Subject) -> None:
    """A fish or whale from the side."""
    palette, face = subject.palette, subject.facing
    back = -face
    long, tall = 1.4 + 1.6 * subject.dice(1), 0.85 + 0.7 * subject.dice(2)
    end = (back * (long + 0.2), 0.1 + subject.sway * 0.3)
    tail = 0.7 + 0.7 * subject.dice(3)
    figure.form(
        smooth(
            [
                end,
                (end[0] + back * tail, end[1] - tail),
                (end[0] + back * tail * 0.6, end[1]),
                (end[0] + back * tail, end[1] + tail),
            ],
            tension=0.5,
        ),
        palette.feature,
    )
    fin = subject.kind(4, ("round", "shark", "spiky", "long"))
    if fin == "shark":
        figure.form(
            polygon(
                [(back * 0.2, -tall * 0.8), (back * 0.9, -tall - 0.9), (back * 1.1, -tall * 0.6)]
            ),
            palette.feature,
        )
    elif fin == "spiky":
        figure.form(
            polygon(
                [
                    (back * x, -tall * 0.75 - (0.7 if index % 2 else 0.1))
                    for index, x in enumerate((-0.2, 0.1, 0.4, 0.7, 1.0, 1.3, 1.5))
                ]
                + [(back * 0.6, 0)]
            ),
            palette.feature,
        )
    else:
        figure.form(
            smooth(
                [
                    (0, -tall * 0.7),
                    (back * 0.5, -tall - (0.5 if fin == "round" else 1.0)),
                    (back * 1.4, -tall - 0.1),
                    (back * 1.2, -tall * 0.4),
                ]
            ),
            palette.feature,
        )
    body = figure.form(
        smooth(
            [
                (face * 1.0, 0.1),
                (face * 0.55, -tall * 0.75),
                (back * 0.5, -tall),
                (back * long, -0.25),
                (end[0], end[1]),
                (back * long, 0.35),
                (back * 0.4, tall),
                (face * 0.6, tall * 0.75),
            ]
        ),
        palette.main,
    )
    figure.flat(
        smooth(
            [
                (face * 2, tall * 0.25),
                (back * long * 1.2, tall * 0.3),
                (back * long, tall * 2),
                (face * 2, tall * 2),
            ]
        ),
        subject.belly,
        body,
    )
    draw_markings(figure, subject, body)
    figure.form(
        smooth(
            [
                (back * 0.25, 0.3),
                (back * 1.0, 0.35 + subject.rng.uniform(-0.3, 0.5)),
                (back * 0.9, 0.95),
                (back * 0.35, 0.65),
            ]
        ),
        palette.feature,
    )
    draw_simple_face(figure, subject, size=0.85)
    figure.head = ellipse(face * 0.05, 0, 1.0, tall * 0.9)


def draw_serpent(figure: Figure, subject: Subject) -> None:
    """A snake, worm or sea serpent in coils."""
    palette, back = subject.palette, -subject.facing
    fat = 0.4 + 0.35 * subject.dice(1)
    bends = 2 + int(subject.dice(2) * 2)
    points: list[Point] = [(0.0, 0.2)]
    for index in range(1, bends * 2 + 2):
        side = 1 if index % 2 else -1
        points.append(
            (back * 0.75 * side + subject.sway * 0.3 * index * 0.3, 0.4 + index * (fat + 0.28))
        )
    points.append((points[-1][0] + back * 1.6, points[-1][1] + 0.1))
    widths = [fat * (1 - 0.75 * (index / (len(points) - 1)) ** 2) for index in range(len(points))]
    body = figure.form(limb(points, widths), palette.main)
    draw_markings(figure, subject, body)
    draw_animal_head(figure, subject, "lizard" if subject.dice(0) < 0.6 else "dragon")
