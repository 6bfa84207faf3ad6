"""What mascots share: limbs, ears, feelers, wings."""

import skia

from drawn_characters.colour import WHITE, Colour
from drawn_characters.ears import draw_ears
from drawn_characters.headgear import draw_gear
from drawn_characters.kinds import EARS
from drawn_characters.outline import (
    ellipse,
    limb,
    polygon,
    smooth,
)
from drawn_characters.part import Figure
from drawn_characters.subject import Subject, draw_antenna
from drawn_characters.wings import draw_tail, draw_wings


def draw_extras_behind(figure: Figure, subject: Subject, wide: float, tall: float) -> None:
    if subject.identity.wings or subject.dice(7) < 0.15:
        draw_wings(
            figure,
            subject.identity.wings or "bat",
            subject.palette.feature,
            subject.palette.accent,
            (0, 0),
            size=1.3,
        )
    if subject.dice(8) < 0.25:
        draw_tail(
            figure,
            subject.kind(9, ("cat", "fox", "devil", "dragon", "ringed")),
            subject.palette,
            (-subject.facing * wide * 0.7, tall * 0.6),
            float(-subject.facing),
            size=1.0,
        )


def draw_extras(figure: Figure, subject: Subject, tall: float) -> None:
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
                colour=subject.palette.main.shaded(0.4),
                knob=subject.palette.accent,
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


def draw_limbs(figure: Figure, subject: Subject, wide: float, tall: float) -> None:
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
