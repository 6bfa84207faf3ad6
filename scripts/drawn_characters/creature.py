"""Creatures: every body plan that is not a person's."""

import random

from drawn_characters.eyes import draw_eyes
from drawn_characters.identity import Identity
from drawn_characters.manner import Expression, Manner
from drawn_characters.outline import ellipse, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.person import drawn_view
from drawn_characters.view import View


def creature(identity: Identity, rng: random.Random, manner: Manner, framing: str) -> Figure:
    """A picture's figure of a creature, in units of its head's radius, the head's middle at 0, 0."""
    view = drawn_view(rng, face=True)
    view = View(view.yaw * 0.6, view.pitch)
    expression = Expression.drawn(rng)
    figure = Figure()
    s = identity.shape
    squash = rng.uniform(0.9, 1.1)
    wide, tall = (0.95 + 0.5 * s[0]) / squash, (0.8 + 0.5 * s[1]) * squash
    body = figure.form(
        smooth(
            [
                (0, -tall - 0.5 * s[2]),
                (wide * 0.75, -tall * 0.55),
                (wide * (1 + 0.3 * s[3]), tall * 0.5),
                (wide * 0.8, tall),
                (-wide * 0.8, tall),
                (-wide * (1 + 0.3 * s[3]), tall * 0.5),
                (-wide * 0.75, -tall * 0.55),
            ]
        ),
        identity.palette.main,
    )
    draw_pattern(
        figure, body, identity.outfit.pattern, identity.palette.trim, identity.outfit.emblem
    )
    draw_eyes(figure, identity.face, identity.palette, view, expression, manner)
    figure.head = ellipse(0, 0, 1.1, 1.0)
    return figure
