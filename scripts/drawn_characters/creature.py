"""Creatures: every body plan that is not a person's."""

import random
from collections.abc import Callable
from dataclasses import replace

from drawn_characters.animal_head import ANIMALS, draw_animal_head
from drawn_characters.animals import draw_bird, draw_fish, draw_serpent
from drawn_characters.identity import Identity
from drawn_characters.manner import Expression, Manner
from drawn_characters.mascots import draw_blob, draw_ghost, draw_octopus
from drawn_characters.part import Figure
from drawn_characters.person import person
from drawn_characters.plants import draw_insect, draw_plant
from drawn_characters.quadrupeds import draw_quadruped
from drawn_characters.robots import draw_robot
from drawn_characters.subject import Subject
from drawn_characters.things import draw_object
from drawn_characters.uprights import draw_critter, draw_upright_dragon
from drawn_characters.view import View

_TURNED = ("quadruped", "dragon", "fish", "bird", "serpent", "insect")
"Plans that are mostly seen from the side."


def creature(identity: Identity, rng: random.Random, manner: Manner, framing: str) -> Figure:
    """A figure of a creature, in units of its head's radius, the head's middle at 0, 0."""
    if identity.plan == "beast":
        return _beast(identity, rng, manner, framing)
    wide = 70 if identity.plan in _TURNED else 40
    yaw = rng.choice((-1, 1)) * rng.uniform(0, wide) * (1.0 if rng.random() < 0.8 else 0.2)
    view = View(yaw, rng.gauss(0, 0.3))
    subject = Subject(identity, view, Expression.drawn(rng), manner, rng, rng.gauss(0, 0.5))
    figure = Figure()
    drawer = _PLANS[identity.plan]
    if identity.plan == "dragon" and identity.shape[12] < 0.6:
        drawer = draw_upright_dragon
    drawer(figure, subject)
    return figure


def _beast(identity: Identity, rng: random.Random, manner: Manner, framing: str) -> Figure:
    """An animal that stands and dresses as people do."""
    animal = ANIMALS[min(len(ANIMALS) - 1, int(identity.shape[0] * len(ANIMALS)))]
    palette = identity.palette
    fur = palette.feature if palette.feature != palette.hair else palette.hair
    furred = replace(identity, palette=replace(palette, main=fur, second=palette.skin))
    dressed = replace(identity, palette=replace(palette, skin=fur))

    def head(view: View, expression: Expression) -> Figure:
        figure = Figure()
        draw_animal_head(figure, Subject(furred, view, expression, manner, rng, 0.0), animal)
        return figure

    return person(dressed, rng, manner, framing, head=head)


_PLANS: dict[str, Callable[[Figure, Subject], None]] = {
    "blob": draw_blob,
    "ghost": draw_ghost,
    "quadruped": draw_quadruped,
    "dragon": draw_quadruped,
    "bird": draw_bird,
    "fish": draw_fish,
    "robot": draw_robot,
    "insect": draw_insect,
    "octopus": draw_octopus,
    "plant": draw_plant,
    "object": draw_object,
    "serpent": draw_serpent,
    "critter": draw_critter,
}
