"""Robots: boxes, domes, screens and lamps on legs, wheels or air."""

import skia

from drawn_characters.colour import BLACK, WHITE, Colour
from drawn_characters.headgear import draw_gear
from drawn_characters.outline import Point, bend, ellipse, limb, line, polygon, rounded, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.subject import Subject, draw_simple_face
from drawn_characters.wings import draw_wings


def draw_robot(figure: Figure, subject: Subject) -> None:
    """A robot from the front, its face turned with the view."""
    palette = subject.palette
    wide, tall = 0.8 + 0.7 * subject.dice(1), 1.2 + 1.2 * subject.dice(2)
    top = 1.25 + 0.2 * subject.dice(3)
    base = top + tall
    if subject.identity.wings or subject.dice(4) < 0.15:
        draw_wings(figure, "machine", palette.second, palette.accent, (0, top + 0.4), size=1.6)
    _draw_legs(figure, subject, wide, base)
    figure.form(rounded(-0.3, 0.8, 0.3, top + 0.2, 0.08), palette.second.shaded(0.25))
    kind = subject.kind(5, ("box", "barrel", "egg", "wedge"))
    if kind == "box":
        path = rounded(-wide, top, wide, base, 0.08 + 0.3 * subject.dice(6))
    elif kind == "egg":
        path = ellipse(0, (top + base) / 2, wide, tall / 2 + 0.1)
    else:
        low = wide * (0.65 if kind == "wedge" else 1.0)
        path = smooth(
            [
                (-wide, top),
                (wide, top),
                (wide * (1.25 if kind == "barrel" else 0.9), (top + base) / 2),
                (low, base),
                (-low, base),
                (-wide * (1.25 if kind == "barrel" else 0.9), (top + base) / 2),
            ],
            tension=0.6,
        )
    body = figure.form(path, palette.main)
    _draw_panel(figure, subject, wide, top, tall)
    draw_pattern(
        figure,
        body,
        subject.identity.outfit.pattern if subject.dice(7) < 0.4 else "plain",
        palette.second,
    )
    _draw_arms(figure, subject, wide, top, tall)
    _draw_head(figure, subject)


def _draw_panel(figure: Figure, subject: Subject, wide: float, top: float, tall: float) -> None:
    kind, accent = (
        subject.kind(8, ("light", "screen", "gauge", "vents", "none")),
        subject.palette.accent,
    )
    middle = top + tall * 0.42
    if kind == "light":
        figure.form(ellipse(0, middle, wide * 0.35, wide * 0.35), accent)
        figure.shine(ellipse(-wide * 0.1, middle - wide * 0.1, wide * 0.1, wide * 0.1), WHITE)
    elif kind == "screen":
        figure.form(
            rounded(-wide * 0.6, middle - 0.35, wide * 0.6, middle + 0.35, 0.06), BLACK.lighter(0.1)
        )
        figure.line(
            line(
                [
                    (-wide * 0.5, middle),
                    (-0.1, middle),
                    (0.05, middle - 0.25),
                    (0.2, middle + 0.2),
                    (wide * 0.5, middle),
                ]
            ),
            accent,
            0.06,
        )
    elif kind == "gauge":
        for index in range(3):
            figure.flat(
                ellipse(-0.4 + index * 0.4, middle, 0.14, 0.14),
                (accent, subject.palette.trim, subject.palette.second)[index],
            )
    elif kind == "vents":
        for index in range(3):
            figure.flat(
                rounded(
                    -wide * 0.5,
                    middle - 0.3 + index * 0.25,
                    wide * 0.5,
                    middle - 0.18 + index * 0.25,
                    0.05,
                ),
                subject.palette.main.shaded(0.55),
            )


def _draw_legs(figure: Figure, subject: Subject, wide: float, base: float) -> None:
    palette = subject.palette
    kind = subject.kind(9, ("legs", "legs", "wheel", "tracks", "hover", "stilts"))
    if kind in ("legs", "stilts"):
        long = 0.8 + 1.2 * subject.dice(10)
        for side in (-1, 1):
            step = subject.rng.uniform(-0.25, 0.25)
            x = side * wide * 0.55
            width = 0.26 if kind == "legs" else 0.11
            figure.form(
                limb(
                    [(x, base - 0.1), (x + step, base + long * 0.5), (x + step * 0.5, base + long)],
                    [width, width, width],
                ),
                palette.second,
            )
            figure.form(
                rounded(
                    x + step * 0.5 - 0.42,
                    base + long - 0.05,
                    x + step * 0.5 + 0.42,
                    base + long + 0.35,
                    0.12,
                ),
                palette.trim,
            )
    elif kind == "wheel":
        figure.form(ellipse(0, base + 0.6, 0.75, 0.75), BLACK.lighter(0.12))
        figure.form(ellipse(0, base + 0.6, 0.35, 0.35), palette.accent)
    elif kind == "tracks":
        for side in (-1, 1):
            figure.form(
                rounded(
                    side * wide * 0.75 - 0.45,
                    base - 0.1,
                    side * wide * 0.75 + 0.45,
                    base + 0.7,
                    0.3,
                ),
                palette.trim.shaded(0.3),
            )
    else:
        figure.form(
            polygon(
                [
                    (-wide * 0.5, base - 0.1),
                    (wide * 0.5, base - 0.1),
                    (wide * 0.3, base + 0.4),
                    (-wide * 0.3, base + 0.4),
                ]
            ),
            palette.second,
        )
        figure.flat(
            smooth([(-wide * 0.28, base + 0.4), (wide * 0.28, base + 0.4), (0, base + 1.3)]),
            Colour(subject.palette.accent.hue, 0.9, 0.7),
            alpha=0.8,
        )


def _draw_arms(figure: Figure, subject: Subject, wide: float, top: float, tall: float) -> None:
    palette, kind = subject.palette, subject.kind(11, ("claw", "ball", "hose", "drill"))
    for side in (-1, 1):
        lift = subject.rng.uniform(-1.0, 1.0)
        shoulder: Point = (side * (wide + 0.15), top + 0.35)
        elbow = (side * (wide + 0.6), top + 0.8 + 0.3 * lift)
        hand = (side * (wide + 0.75 + 0.2 * subject.rng.random()), top + 1.1 + lift * tall * 0.5)
        if kind == "hose":
            figure.line(bend(shoulder, elbow, hand), palette.second.shaded(0.2), 0.22)
        else:
            figure.form(limb([shoulder, elbow, hand], [0.22, 0.2, 0.22]), palette.second)
        figure.form(ellipse(*shoulder, 0.34, 0.34), palette.main)
        if kind == "claw":
            for turn in (-1, 1):
                figure.form(
                    polygon(
                        [
                            (hand[0] - 0.1, hand[1]),
                            (hand[0] + turn * 0.35, hand[1] + 0.2),
                            (hand[0] + turn * 0.18, hand[1] + 0.55),
                        ]
                    ),
                    palette.accent,
                )
        elif kind == "drill":
            figure.form(
                polygon(
                    [(hand[0] - 0.3, hand[1]), (hand[0] + 0.3, hand[1]), (hand[0], hand[1] + 0.8)]
                ),
                palette.accent,
            )
        else:
            figure.form(ellipse(*hand, 0.3, 0.3), palette.accent)


def _draw_head(figure: Figure, subject: Subject) -> None:
    palette, view = subject.palette, subject.view
    kind = subject.kind(0, ("box", "dome", "round", "screen", "bucket", "wide"))
    wide = {"box": 0.95, "dome": 1.0, "round": 1.0, "screen": 1.25, "bucket": 0.85, "wide": 1.45}[
        kind
    ]
    tall = 0.75 if kind == "wide" else 0.95
    for side in (-1, 1):
        if subject.dice(12) < 0.5:
            figure.form(
                rounded(side * wide - 0.2, -0.25, side * wide + 0.2, 0.35, 0.1), palette.second
            )
    _draw_aerial(figure, subject, tall)
    if kind == "dome":
        path = smooth(
            [
                (-wide, 0.85),
                (-wide, 0),
                (-wide * 0.7, -0.75),
                (0, -1.0),
                (wide * 0.7, -0.75),
                (wide, 0),
                (wide, 0.85),
            ],
            tension=0.8,
        )
    elif kind == "round":
        path = ellipse(0, 0, wide, wide)
    elif kind == "bucket":
        path = smooth(
            [(-wide, -0.95), (wide, -0.95), (wide * 1.2, 0.9), (-wide * 1.2, 0.9)], tension=0.15
        )
    else:
        path = rounded(-wide, -tall, wide, tall, 0.12 + 0.4 * subject.dice(14))
    head = figure.form(path, palette.main)
    _draw_robot_eyes(figure, subject, head, wide=wide, tall=tall)
    for gear in subject.identity.gear:
        draw_gear(figure, subject.identity, gear, view)
    figure.head = path


def _draw_aerial(figure: Figure, subject: Subject, tall: float) -> None:
    palette = subject.palette
    aerial = subject.kind(13, ("one", "two", "none", "fin"))
    if aerial == "one":
        figure.line(line([(0, -tall), (0, -tall - 0.65)]), palette.second.shaded(0.3), 0.09)
        figure.form(ellipse(0, -tall - 0.7, 0.18, 0.18), palette.accent)
    elif aerial == "two":
        for side in (-1, 1):
            figure.line(
                line([(side * 0.4, -tall), (side * 0.7, -tall - 0.7)]),
                palette.second.shaded(0.3),
                0.08,
            )
    elif aerial == "fin":
        figure.form(
            polygon([(-0.15, -tall + 0.1), (0, -tall - 0.7), (0.15, -tall + 0.1)]), palette.accent
        )


def _draw_robot_eyes(
    figure: Figure, subject: Subject, head: skia.Path, *, wide: float, tall: float
) -> None:
    palette = subject.palette
    shift, _, _ = subject.view.at(0, 0.1, 0.55)
    eyes = subject.kind(15, ("face", "visor", "lamps", "screen", "cyclops"))
    shut = subject.expression.eyes in ("closed", "happy")
    glow = palette.eye.lighter(0.15)
    if eyes == "visor":
        figure.form(rounded(shift - 0.75, -0.15, shift + 0.75, 0.3, 0.2), BLACK.lighter(0.08))
        figure.flat(rounded(shift - 0.55, 0.02, shift + 0.55, 0.12 if shut else 0.18, 0.06), glow)
    elif eyes == "screen":
        screen = figure.form(
            rounded(
                shift * 0.5 - wide * 0.8, -tall * 0.7, shift * 0.5 + wide * 0.8, tall * 0.75, 0.15
            ),
            BLACK.lighter(0.1),
        )
        for side in (-1, 1):
            figure.flat(
                rounded(
                    shift + side * 0.38 - 0.13,
                    -0.05 if shut else -0.2,
                    shift + side * 0.38 + 0.13,
                    0.05 if shut else 0.25,
                    0.08,
                ),
                glow,
                screen,
            )
        figure.line(bend((shift - 0.25, 0.4), (shift, 0.55), (shift + 0.25, 0.4)), glow, 0.07)
    elif eyes in ("lamps", "cyclops"):
        for side in (-1, 1) if eyes == "lamps" else (0,):
            size = 0.26 if eyes == "lamps" else 0.45
            figure.form(ellipse(shift + side * 0.4, 0.05, size, size), palette.second.shaded(0.3))
            figure.flat(
                ellipse(shift + side * 0.4, 0.05, size * 0.72, size * (0.12 if shut else 0.72)),
                glow,
            )
            figure.shine(ellipse(shift + side * 0.4 - 0.08, -0.05, 0.07, 0.07), WHITE)
        for index in range(3):
            figure.flat(
                rounded(shift - 0.3 + index * 0.22, 0.5, shift - 0.16 + index * 0.22, 0.68, 0.02),
                palette.main.shaded(0.55),
                head,
            )
    else:
        draw_simple_face(figure, subject, size=0.85)
