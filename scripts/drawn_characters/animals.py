"""Whole animals: on four legs, dragons, birds, fish, serpents."""

import skia

from drawn_characters.animal_head import ANIMALS, draw_animal_head
from drawn_characters.colour import Colour
from drawn_characters.headgear import draw_gear
from drawn_characters.kinds import WINGS
from drawn_characters.outline import Point, ellipse, limb, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.subject import Subject, draw_markings, draw_simple_face
from drawn_characters.wings import draw_tail, draw_wings

_TAILS = ("cat", "fox", "wolf", "rabbit", "horse", "dragon", "ringed", "devil")


def draw_quadruped(figure: Figure, subject: Subject) -> None:
    """An animal on four legs, seen from the side or half from the front; a dragon when winged."""
    dragon = subject.identity.plan == "dragon"
    animal = "dragon" if dragon else subject.kind(0, ANIMALS)
    back = -subject.facing
    long, leg = 1.6 + 1.6 * subject.dice(1), 0.7 + 1.5 * subject.dice(2)
    fat, neck = (
        0.75 + 0.5 * subject.dice(3),
        0.25 + 1.0 * subject.dice(8) * (1.3 if animal in ("horse", "deer", "dragon") else 0.6),
    )
    long *= 0.75 if abs(subject.view.yaw) < 20 else 1.0
    pose = subject.rng.choice(("stand", "walk", "run", "sit", "stand"))
    front = (back * 0.55, 0.9 + neck)
    rear = (
        back * (0.55 + long),
        front[1] + (leg * 0.55 if pose == "sit" else subject.rng.uniform(-0.12, 0.12)),
    )
    ground = front[1] + fat * 0.6 + leg
    main = subject.palette.main
    draw_tail(
        figure,
        subject.kind(6, _TAILS) if not dragon else "dragon",
        subject.palette,
        (rear[0] + back * fat * 0.6, rear[1] - 0.1),
        float(back),
        1.1,
    )
    if dragon or subject.identity.wings:
        kind = subject.identity.wings or WINGS[1]
        draw_wings(
            figure,
            kind,
            subject.palette.feature,
            subject.palette.accent,
            (front[0] + back * 0.5, front[1] - 0.3),
            1.7,
            near=0.8,
            far=0.9,
        )
    for far, (x, y) in ((True, rear), (True, front)):
        _draw_leg(
            figure, subject, (x + back * 0.12, y), ground - 0.12, pose, far=far, hind=(x, y) == rear
        )
    body = figure.form(_trunk(front, rear, fat), main)
    figure.flat(
        ellipse(
            (front[0] + rear[0]) / 2, max(front[1], rear[1]) + fat * 0.7, long * 0.55, fat * 0.4
        ),
        subject.belly,
        body,
    )
    draw_markings(figure, subject, body)
    figure.form(limb([(front[0], front[1] - 0.05), (0, 0.35)], [fat * 0.78, 0.55]), main)
    for x, y in (rear, front):
        _draw_leg(figure, subject, (x, y), ground, pose, far=False, hind=(x, y) == rear)
    if dragon:
        _draw_spines(figure, front, rear, fat, subject.palette.accent)
    elif subject.dice(9) < 0.25:
        figure.form(
            ellipse(front[0] * 0.6, front[1] - neck * 0.35, 0.62, 0.2, back * 20),
            subject.palette.accent,
        )
    draw_animal_head(figure, subject, animal)


def _trunk(front: Point, rear: Point, fat: float) -> skia.Path:
    middle = ((front[0] + rear[0]) / 2, (front[1] + rear[1]) / 2)
    return limb([front, middle, rear], [fat, fat * 0.92, fat * 0.95])


def _draw_leg(
    figure: Figure,
    subject: Subject,
    root: Point,
    ground: float,
    pose: str,
    *,
    far: bool,
    hind: bool,
) -> None:
    colour = subject.palette.main.shaded(0.2) if far else subject.palette.main
    thick = 0.22 + 0.2 * subject.dice(5)
    swing = {"stand": 0.04, "walk": 0.35, "run": 0.9, "sit": 0.06}[pose] * (
        -1 if far == hind else 1
    )
    x, y = root
    length = ground - y
    lift = 0.25 * length if pose == "run" else 0.0
    foot = (x + swing * length * 0.6, ground - lift * abs(swing))
    knee = ((x + foot[0]) / 2 + (0.16 * subject.facing * (-1 if hind else 1)), (y + foot[1]) / 2)
    figure.form(
        limb(
            [(x, y + 0.1), knee, foot],
            [thick * 1.5 if hind else thick * 1.2, thick * 1.05, thick * 0.85],
        ),
        colour,
    )
    paw = subject.palette.second if subject.dice(7) < 0.5 else colour
    figure.form(
        ellipse(foot[0] + subject.facing * thick * 0.35, foot[1], thick * 1.2, thick * 0.75), paw
    )


def _draw_spines(figure: Figure, front: Point, rear: Point, fat: float, colour: Colour) -> None:
    for step in range(5):
        share = step / 4
        x, y = (
            front[0] + (rear[0] - front[0]) * share,
            front[1] + (rear[1] - front[1]) * share - fat * 0.88,
        )
        figure.form(polygon([(x - 0.22, y + 0.12), (x, y - 0.38), (x + 0.22, y + 0.12)]), colour)


def draw_upright_dragon(figure: Figure, subject: Subject) -> None:
    """A dragon or dinosaur on two legs with a belly, little arms and a tail."""
    palette = subject.palette
    back = -subject.facing
    big, tall = 1.0 + 0.5 * subject.dice(1), 1.4 + 1.2 * subject.dice(2)
    base = 0.9 + tall * 1.4
    draw_tail(figure, "dragon", palette, (back * big * 0.5, base - 0.5), float(back), 1.4)
    if subject.dice(3) < 0.7:
        kind = subject.identity.wings or subject.kind(4, ("bat", "bat", "bird", "fairy"))
        draw_wings(
            figure,
            kind,
            palette.feature,
            palette.accent,
            (back * 0.2, 1.6),
            1.6 + 0.6 * subject.dice(9),
        )
    for side in (-1, 1):
        step = subject.rng.uniform(-0.15, 0.15)
        figure.form(
            limb(
                [(side * big * 0.55, base - 0.6), (side * big * 0.75 + step, base + 0.25)],
                [0.5, 0.36],
            ),
            palette.main.shaded(0.06),
        )
        figure.form(
            ellipse(side * big * 0.8 + step + 0.2 * subject.facing, base + 0.5, 0.5, 0.26),
            palette.main,
        )
    body = figure.form(
        smooth(
            [
                (0, 0.4),
                (big * 0.75, 1.1),
                (big * 1.08, base * 0.7),
                (big * 0.8, base),
                (0, base + 0.18),
                (-big * 0.8, base),
                (-big * 1.08, base * 0.7),
                (-big * 0.75, 1.1),
            ]
        ),
        palette.main,
    )
    belly = smooth(
        [
            (x + subject.facing * 0.15, y)
            for x, y in (
                (0, 0.9),
                (big * 0.5, 1.4),
                (big * 0.68, base * 0.75),
                (0, base),
                (-big * 0.68, base * 0.75),
                (-big * 0.5, 1.4),
            )
        ]
    )
    figure.flat(belly, subject.belly, body)
    if subject.dice(7) < 0.6:
        draw_pattern(figure, belly, "stripes", subject.belly.shaded(0.15))
    for side in (-1, 1):
        reach = subject.rng.uniform(-0.5, 0.5)
        figure.form(
            limb(
                [
                    (side * big * 0.8, 1.4),
                    (side * big * 1.25, 1.9 + reach * 0.3),
                    (side * big * 1.2, 2.1 + reach),
                ],
                [0.26, 0.22, 0.18],
            ),
            palette.main,
        )
    draw_animal_head(figure, subject, "dragon" if subject.dice(0) < 0.75 else "lizard")


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
