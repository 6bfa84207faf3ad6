"""Heads of animals, from cat to dragon, in any view."""

import skia

from drawn_characters.animal_face import draw_behind, draw_crest, draw_mask, draw_nose
from drawn_characters.ears import draw_ears
from drawn_characters.eyes import draw_eyes
from drawn_characters.headgear import draw_gear
from drawn_characters.kinds import EARS
from drawn_characters.outline import limb, smooth
from drawn_characters.part import Figure
from drawn_characters.subject import Subject, draw_mouth, draw_whiskers

ANIMALS = (
    "cat",
    "dog",
    "fox",
    "bear",
    "rabbit",
    "mouse",
    "horse",
    "lion",
    "frog",
    "pig",
    "deer",
    "lizard",
    "monkey",
    "panda",
    "hedgehog",
    "koala",
    "cow",
    "elephant",
    "shark",
    "raccoon",
)
_MUZZLES = {
    # length, half-width, half-height, of the muzzle, and half-width of the skull
    "cat": (0.16, 0.34, 0.26, 1.08),
    "dog": (0.5, 0.36, 0.32, 0.95),
    "fox": (0.62, 0.26, 0.24, 1.05),
    "bear": (0.34, 0.4, 0.33, 1.1),
    "rabbit": (0.15, 0.3, 0.27, 0.9),
    "mouse": (0.42, 0.22, 0.2, 0.95),
    "horse": (0.85, 0.42, 0.38, 0.8),
    "lion": (0.35, 0.45, 0.36, 1.0),
    "frog": (0.1, 0.8, 0.35, 1.25),
    "pig": (0.32, 0.36, 0.28, 1.05),
    "deer": (0.66, 0.3, 0.28, 0.82),
    "lizard": (0.7, 0.5, 0.32, 0.9),
    "monkey": (0.2, 0.52, 0.42, 1.0),
    "panda": (0.26, 0.36, 0.3, 1.15),
    "hedgehog": (0.5, 0.25, 0.22, 0.95),
    "koala": (0.2, 0.3, 0.26, 1.12),
    "cow": (0.55, 0.5, 0.36, 0.9),
    "elephant": (0.2, 0.3, 0.3, 1.05),
    "shark": (0.8, 0.5, 0.34, 0.85),
    "raccoon": (0.45, 0.28, 0.24, 1.12),
    "dragon": (0.75, 0.42, 0.34, 0.92),
}
_EARS = {
    "cat": "cat",
    "dog": "dog",
    "fox": "fox",
    "bear": "bear",
    "rabbit": "rabbit",
    "mouse": "mouse",
    "horse": "cat",
    "lion": "bear",
    "pig": "cat",
    "deer": "antlers",
    "monkey": "bear",
    "panda": "bear",
    "hedgehog": "bear",
    "koala": "mouse",
    "cow": "devil-horns",
    "raccoon": "cat",
    "dragon": "dragon-horns",
}


def draw_animal_head(figure: Figure, subject: Subject, animal: str) -> None:
    """The head, its middle at 0, 0; sets the figure's head outline."""
    long, half_wide, half_tall, skull = _MUZZLES[animal]
    palette, view = subject.palette, subject.view
    main = palette.main
    own = Figure()
    cheeks = skull * (1.0 + 0.2 * subject.dice(4))
    drop = 0.75 + 0.25 * subject.dice(5)
    draw_behind(own, subject, animal)
    head = own.form(
        smooth(
            [
                (0, -1.0),
                (skull * 0.72, -0.75),
                (skull * 0.98, -0.1),
                (cheeks, 0.42),
                (skull * 0.6, 0.92 * drop + 0.1),
                (0, 1.02 * drop + 0.08),
                (-skull * 0.6, 0.92 * drop + 0.1),
                (-cheeks, 0.42),
                (-skull * 0.98, -0.1),
                (-skull * 0.72, -0.75),
            ]
        ),
        main,
    )
    draw_mask(own, subject, animal, head)
    x, y, depth = view.at(0, 0.5, 0.62 + long)
    front = depth / (0.62 + long)
    wide = half_wide * (0.55 + 0.45 * front)
    pale = (
        subject.belly
        if animal not in ("elephant", "frog", "shark", "lizard", "dragon") or subject.dice(6) < 0.4
        else main
    )
    muzzle = smooth(
        [
            (x - wide, y),
            (x - wide * 0.7, y - half_tall * 0.8),
            (x + wide * 0.7, y - half_tall * 0.8),
            (x + wide, y),
            (x + wide * 0.7, y + half_tall * 0.9),
            (x - wide * 0.7, y + half_tall * 0.9),
        ]
    )
    if front < 0.8 or long > 0.4:
        near_x, near_y, _ = view.at(0, 0.42, 0.35)
        muzzle = limb([(near_x, near_y), (x, y)], [half_tall * 1.25, (half_tall + wide) * 0.5])
    own.form(muzzle, pale)
    draw_nose(own, subject, animal, x, y - half_tall * 0.45, front=front)
    if animal not in ("elephant",):
        draw_mouth(
            own,
            subject,
            0.62 if animal != "frog" else 0.5,
            reach=0.66 + long,
            size=0.8 if animal != "frog" else 1.8,
        )
    if animal in ("cat", "mouse", "rabbit", "lion") and subject.dice(7) < 0.6:
        draw_whiskers(own, x, y, main.shaded(0.5))
    draw_eyes(
        own,
        subject.identity.face,
        palette,
        view,
        subject.expression,
        manner=subject.manner,
        brows=subject.dice(14) < 0.3,
        lift=-0.12 if long > 0.3 else -0.05,
    )
    ears = _EARS.get(animal, "") if subject.dice(3) < 0.65 else subject.kind(2, EARS)
    draw_ears(own, ears, palette, view)
    draw_crest(own, subject, animal)
    for gear in subject.identity.gear:
        if subject.rng.random() > 0.1:
            draw_gear(own, subject.identity, gear, view)
    outline = skia.Path(head)
    outline.addPath(muzzle)
    matrix = skia.Matrix.Scale(subject.manner.head_width, 1.0)
    figure.extend(own, matrix)
    outline.transform(matrix)
    figure.head = outline
