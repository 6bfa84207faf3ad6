"""Animals on four legs."""

import skia

from drawn_characters.animal_head import ANIMALS, draw_animal_head
from drawn_characters.colour import Colour
from drawn_characters.kinds import WINGS
from drawn_characters.outline import Point, ellipse, limb, polygon
from drawn_characters.part import Figure
from drawn_characters.subject import Subject, draw_markings
from drawn_characters.wings import draw_tail, draw_wings


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
        subject.kind(6, TAIL_KINDS) if not dragon else "dragon",
        subject.palette,
        (rear[0] + back * fat * 0.6, rear[1] - 0.1),
        float(back),
        size=1.1,
    )
    if dragon or subject.identity.wings:
        kind = subject.identity.wings or WINGS[1]
        draw_wings(
            figure,
            kind,
            subject.palette.feature,
            subject.palette.accent,
            (front[0] + back * 0.5, front[1] - 0.3),
            size=1.7,
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


TAIL_KINDS = ("cat", "fox", "wolf", "rabbit", "horse", "dragon", "ringed", "devil")


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
