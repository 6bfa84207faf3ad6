"""Mascots: slimes, ghosts, plants, octopuses, insects, things with faces."""

import math

import skia

from drawn_characters.colour import WHITE, Colour
from drawn_characters.headgear import draw_ears, draw_gear
from drawn_characters.kinds import EARS
from drawn_characters.outline import (
    Point,
    bend,
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
from drawn_characters.subject import Subject, draw_antenna, draw_markings, draw_simple_face
from drawn_characters.wings import draw_tail, draw_wings

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


def draw_blob(figure: Figure, subject: Subject) -> None:
    """A slime, ball or fluff."""
    palette = subject.palette
    squash = subject.rng.uniform(0.92, 1.08)
    wide, tall = (0.95 + 0.5 * subject.dice(0)) / squash, (0.8 + 0.5 * subject.dice(1)) * squash
    kind = subject.kind(2, ("slime", "ball", "drop", "fluff", "bean", "spiky", "jelly"))
    if kind == "fluff" or kind == "spiky":
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
    _draw_extras_behind(figure, subject, wide, tall)
    body = figure.form(path, palette.main, palette.second if subject.dice(4) < 0.3 else None)
    draw_markings(figure, subject, body)
    figure.shine(ellipse(-wide * 0.4, -tall * 0.5, wide * 0.18, tall * 0.14, -25), WHITE, body)
    _draw_limbs(figure, subject, wide, tall)
    draw_simple_face(figure, subject, size=0.75 + 0.35 * subject.dice(5), y=0.15 * subject.dice(6))
    _draw_extras(figure, subject, tall)
    figure.head = ellipse(0, 0, wide, tall)


def _spiked(wide: float, tall: float, count: int, inner: float) -> list[Point]:
    points = []
    for index in range(count * 2):
        reach = 1.0 if index % 2 == 0 else inner
        angle = math.pi * index / count
        points.append((math.sin(angle) * wide * reach, -math.cos(angle) * tall * reach))
    return points


def _draw_extras_behind(figure: Figure, subject: Subject, wide: float, tall: float) -> None:
    if subject.identity.wings or subject.dice(7) < 0.15:
        draw_wings(
            figure,
            subject.identity.wings or "bat",
            subject.palette.feature,
            subject.palette.accent,
            (0, 0),
            1.3,
        )
    if subject.dice(8) < 0.25:
        draw_tail(
            figure,
            subject.kind(9, ("cat", "fox", "devil", "dragon", "ringed")),
            subject.palette,
            (-subject.facing * wide * 0.7, tall * 0.6),
            float(-subject.facing),
            1.0,
        )


def _draw_extras(figure: Figure, subject: Subject, tall: float) -> None:
    """Ears, horns, feelers or a leaf on top, then headgear."""
    own = Figure()
    kind = subject.kind(10, ("none", "ears", "ears", "antenna", "leaf", "horn", "none"))
    if kind == "ears":
        draw_ears(own, subject.kind(11, EARS), subject.palette, subject.view)
    elif kind == "antenna":
        for side in (-1, 1):
            draw_antenna(
                own,
                side * 0.3,
                -0.9,
                side,
                0.8,
                subject.palette.main.shaded(0.4),
                subject.palette.accent,
            )
    elif kind == "leaf":
        own.form(
            smooth([(0, -0.95), (0.2, -1.5), (0.8, -1.6), (0.5, -1.1)]), Colour(110, 0.5, 0.45)
        )
    elif kind == "horn":
        own.form(polygon([(-0.2, -0.85), (0.2, -0.85), (0.05, -1.6)]), subject.palette.trim)
    for gear in subject.identity.gear:
        if subject.rng.random() > 0.1:
            draw_gear(own, subject.identity, gear, subject.view)
    matrix = skia.Matrix.Scale(0.95, 0.95)
    matrix.postTranslate(0, 1 - tall)
    figure.extend(own, matrix)


def _draw_limbs(figure: Figure, subject: Subject, wide: float, tall: float) -> None:
    """Stubby or thin arms and legs, on half of the mascots."""
    if subject.dice(12) < 0.45:
        return
    colour = subject.palette.second if subject.dice(13) < 0.5 else subject.palette.main
    thin = subject.dice(14) < 0.4
    width = 0.08 if thin else 0.24
    long = 0.9 if thin else 0.35 + 0.3 * subject.dice(3)
    for side in (-1, 1):
        lift = subject.rng.uniform(-1.0, 0.8)
        hand = (side * (wide + long), 0.2 + lift * long)
        figure.form(
            limb(
                [(side * wide * 0.85, 0.25), (side * (wide + long * 0.5), 0.35 + lift * 0.3), hand],
                [width, width, width],
            ),
            colour,
        )
        figure.form(
            ellipse(*hand, width * 1.5 + 0.06, width * 1.4 + 0.06), WHITE if thin else colour
        )
        foot = (side * wide * 0.45 + subject.rng.uniform(-0.15, 0.15), tall + long * 0.8)
        figure.form(limb([(side * wide * 0.4, tall * 0.85), foot], [width, width]), colour)
        figure.form(
            ellipse(foot[0] + side * 0.1, foot[1] + 0.05, width + 0.2, width * 0.6 + 0.1),
            subject.palette.accent,
        )


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
    _draw_extras(figure, subject, 1.0)
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
    _draw_extras(figure, subject, tall)
    figure.head = ellipse(0, 0, wide, tall)


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
        _draw_limbs(figure, subject, 0.9, 1.3)
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
        draw_wings(figure, "fairy", palette.main, palette.second, (0, 0.9), 2.0 + subject.dice(2))
    if kind == "spider":
        for side in (-1, 1):
            for row in range(4):
                y = centre[1] - 0.6 + row * 0.35
                figure.line(
                    bend(
                        (side * 0.4, y),
                        (side * (1.5 + 0.3 * row), y - 1.2 + 0.3 * row),
                        (side * 2.1, y + 0.9),
                    ),
                    palette.main.shaded(0.3),
                    0.14,
                )
    if kind == "bee":
        draw_wings(
            figure, "fairy", Colour(200, 0.4, 0.8), Colour(200, 0.3, 0.85), (centre[0], 0.0), 1.1
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
        for index in range(3):
            x = centre[0] - 0.5 + index * 0.5
            figure.line(
                polygon([(x, centre[1] + size * 0.7), (x + 0.15, centre[1] + size * 0.7 + 0.5)]),
                palette.main.shaded(0.5),
                0.11,
            )
    for side in (-1, 1):
        draw_antenna(
            figure,
            side * 0.35,
            -0.75,
            side * (0.8 + 0.6 * subject.dice(4)),
            0.6 + 0.6 * subject.dice(5),
            palette.main.shaded(0.5),
            palette.accent,
        )
    figure.form(
        ellipse(0, 0, 1.0, 0.92), palette.feature if subject.dice(6) < 0.5 else palette.main
    )
    draw_simple_face(figure, subject, size=0.92)
    for gear in subject.identity.gear:
        draw_gear(figure, subject.identity, gear, subject.view)
    figure.head = ellipse(0, 0, 1.0, 0.92)


def draw_object(figure: Figure, subject: Subject) -> None:
    """A thing with a face, arms and legs."""
    palette = subject.palette
    kind = subject.kind(0, _OBJECTS)
    _draw_limbs(figure, subject, 1.0, 1.05)
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
    _draw_extras(figure, subject, 1.0) if subject.dice(6) < 0.4 else None
    figure.head = ellipse(0, 0, 1.1, 1.1)


def _object_outline(kind: str, subject: Subject) -> skia.Path:
    if kind == "star":
        return smooth(_star_points(5, 1.55, 0.72), tension=0.35)
    if kind == "sun":
        return smooth(_star_points(9 + int(subject.dice(1) * 5), 1.5, 1.1), tension=0.2)
    if kind == "heart":
        return heart(0, 0.05, 1.25)
    if kind in ("cube", "book", "bread", "candle"):
        wide = {"cube": 1.05, "book": 0.95, "bread": 1.25, "candle": 0.7}[kind]
        return rounded(-wide, -1.05, wide, 1.1, 0.1 + 0.5 * subject.dice(2))
    if kind in ("drop", "flame"):
        lean = 0.3 * subject.sway
        return smooth(
            [
                (lean, -1.8),
                (0.6, -0.6),
                (1.05, 0.35),
                (0.6, 1.0),
                (0, 1.12),
                (-0.6, 1.0),
                (-1.05, 0.35),
                (-0.45 if kind == "flame" else -0.6, -0.6),
            ],
            tension=0.9,
        )
    if kind == "cloud":
        path = ellipse(0, 0.15, 1.2, 0.85)
        for x, y, radius in (
            (-0.95, 0.3, 0.65),
            (0.95, 0.3, 0.65),
            (-0.45, -0.45, 0.7),
            (0.5, -0.4, 0.65),
        ):
            path.addCircle(x, y, radius)
        return path
    if kind == "moon":
        return smooth(
            [
                (0.5, -1.3),
                (-0.6, -1.1),
                (-1.2, 0),
                (-0.6, 1.1),
                (0.5, 1.3),
                (0.55, 0.9),
                (0.65, 0),
                (0.55, -0.9),
            ]
        )
    if kind == "rice-ball":
        return smooth([(0, -1.25), (1.2, 0.8), (0.8, 1.1), (-0.8, 1.1), (-1.2, 0.8)], tension=0.7)
    if kind == "gem":
        return polygon([(-0.75, -1.05), (0.75, -1.05), (1.25, -0.3), (0, 1.35), (-1.25, -0.3)])
    if kind == "skull":
        return smooth(
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
            tension=0.8,
        )
    if kind in ("cup", "bell"):
        top, low = (1.0, 0.75) if kind == "cup" else (0.55, 1.2)
        return smooth([(-top, -1.0), (top, -1.0), (low, 1.0), (-low, 1.0)], tension=0.2)
    return ellipse(0, 0, 1.0 + 0.25 * subject.dice(3), 1.05 + 0.2 * subject.dice(4))


def _star_points(tips: int, outer: float, inner: float) -> list[Point]:
    points = []
    for index in range(tips * 2):
        angle = math.pi * index / tips
        reach = outer if index % 2 == 0 else inner
        points.append((math.sin(angle) * reach, -math.cos(angle) * reach))
    return points
