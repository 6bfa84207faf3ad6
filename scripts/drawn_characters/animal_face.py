"""What is on an animal's head: mask, nose, crest, mane."""

import skia

from drawn_characters.colour import BLACK, Colour
from drawn_characters.outline import ellipse, limb, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.subject import Subject


def draw_behind(figure: Figure, subject: Subject, animal: str) -> None:
    """A mane, spines or great ears behind the skull."""
    palette = subject.palette
    if animal == "lion":
        points = []
        for index in range(20):
            reach = 1.75 if index % 2 == 0 else 1.4
            spot = skia.Matrix.RotateDeg(index * 18).mapXY(0, -reach)
            points.append((spot.x(), spot.y() + 0.1))
        figure.form(
            smooth(points, tension=0.8),
            palette.feature if palette.feature != palette.main else palette.hair,
        )
    elif animal == "hedgehog":
        points = []
        for index in range(26):
            reach = 1.6 if index % 2 == 0 else 1.2
            spot = skia.Matrix.RotateDeg(index * 13.85).mapXY(0, -reach)
            points.append((spot.x() - 0.2 * subject.facing, spot.y()))
        figure.form(polygon(points), palette.feature.shaded(0.2))
    elif animal == "elephant":
        for side in (-1, 1):
            figure.form(
                smooth(
                    [
                        (side * 0.6, -0.7),
                        (side * 1.6, -0.95),
                        (side * 2.0, 0.0),
                        (side * 1.5, 0.9),
                        (side * 0.7, 0.5),
                    ]
                ),
                palette.main.lighter(-0.04),
            )


def draw_mask(figure: Figure, subject: Subject, animal: str, head: skia.Path) -> None:
    """Colours of the face: patches round the eyes, a blaze, stripes, cheeks."""
    view, palette = subject.view, subject.palette
    kind = {"panda": "eyes", "raccoon": "band", "fox": "cheeks", "monkey": "heart"}.get(
        animal,
        subject.kind(9, ("none", "none", "blaze", "cheeks", "stripes", "one-eye", "cap", "eyes")),
    )
    dark = palette.accent if subject.dice(10) < 0.5 else palette.main.shaded(0.5)
    if kind in ("eyes", "one-eye"):
        for side in (-1, 1) if kind == "eyes" else (1,):
            x, y, depth = view.at(side * 26, 0.2, 0.95)
            if depth > 0.05:
                figure.flat(ellipse(x, y, 0.4 * max(0.4, depth), 0.42, side * 18), dark, head)
    elif kind == "band":
        figure.flat(polygon([(-2, -0.05), (2, -0.05), (2, 0.45), (-2, 0.45)]), dark, head)
    elif kind == "blaze":
        x, y, _ = view.at(0, -0.4, 0.95)
        figure.flat(
            smooth([(x - 0.16, -1.1), (x + 0.16, -1.1), (x + 0.28, 0.6), (x - 0.28, 0.6)]),
            subject.belly,
            head,
        )
    elif kind in ("cheeks", "heart"):
        for side in (-1, 1):
            x, y, depth = view.at(side * 40, 0.55 if kind == "cheeks" else 0.15, 0.95)
            if depth > -0.1:
                figure.flat(
                    ellipse(x, y, 0.55, 0.42 if kind == "cheeks" else 0.55), subject.belly, head
                )
    elif kind == "stripes":
        for shift in (-0.4, 0.0, 0.4):
            x, _, _ = view.at(shift * 55, -0.6, 1.0)
            figure.flat(polygon([(x - 0.1, -1.1), (x + 0.1, -1.1), (x, -0.35)]), dark, head)
    elif kind == "cap":
        figure.flat(smooth([(-2, -1.5), (2, -1.5), (2, -0.45), (0, -0.1), (-2, -0.45)]), dark, head)


def draw_nose(
    figure: Figure, subject: Subject, animal: str, x: float, y: float, *, front: float
) -> None:
    colour = BLACK if subject.dice(8) < 0.6 else subject.palette.accent
    if animal == "pig":
        figure.form(
            ellipse(x, y + 0.08, 0.34 * (0.5 + 0.5 * front), 0.25),
            subject.palette.main.lighter(-0.08),
        )
        for side in (-1, 1):
            figure.flat(
                ellipse(x + side * 0.12 * front, y + 0.08, 0.06, 0.1),
                subject.palette.main.shaded(0.5),
            )
    elif animal == "elephant":
        curl = subject.facing * 0.5
        figure.form(
            limb(
                [(x, 0.3), (x + curl * 0.3, 1.1), (x + curl, 1.75), (x + curl * 2.0, 1.7)],
                [0.36, 0.3, 0.24, 0.18],
            ),
            subject.palette.main,
        )
    elif animal in ("frog", "lizard", "horse", "cow", "dragon", "shark"):
        for side in (-1, 1):
            figure.flat(
                ellipse(x + side * 0.13 * front, y + 0.05, 0.05, 0.07),
                subject.palette.main.shaded(0.6),
            )
    else:
        size = 0.3 if animal == "koala" else 0.17
        figure.flat(
            smooth(
                [
                    (x - size, y - size * 0.5),
                    (x + size, y - size * 0.5),
                    (x + size * 0.5, y + size * 0.5),
                    (x, y + size * 0.8),
                    (x - size * 0.5, y + size * 0.5),
                ]
            ),
            colour,
        )


def draw_crest(figure: Figure, subject: Subject, animal: str) -> None:
    """A tuft, mane or fin on the crown."""
    kind = subject.kind(11, ("none", "none", "tuft", "mohawk", "fin", "fringe", "curl"))
    if animal == "shark":
        kind = "fin"
    colour: Colour = subject.palette.hair
    if kind == "tuft":
        figure.form(
            smooth(
                [
                    (-0.25, -0.85),
                    (-0.3, -1.3),
                    (-0.05, -1.15),
                    (0.1, -1.5),
                    (0.2, -1.1),
                    (0.4, -1.25),
                    (0.3, -0.85),
                ],
                tension=0.6,
            ),
            colour,
        )
    elif kind == "mohawk":
        figure.form(
            polygon(
                [
                    (-0.3, -0.7),
                    (-0.35, -1.5),
                    (-0.1, -1.2),
                    (0.05, -1.65),
                    (0.15, -1.2),
                    (0.4, -1.4),
                    (0.3, -0.7),
                ]
            ),
            colour,
        )
    elif kind == "fin":
        back = -subject.facing
        figure.form(smooth([(-0.3, -0.85), (back * 0.5, -1.7), (0.35, -0.85)], tension=0.5), colour)
    elif kind == "fringe":
        figure.form(
            smooth(
                [
                    (-0.7, -0.75),
                    (0, -1.2),
                    (0.7, -0.75),
                    (0.45, -0.25),
                    (0.2, -0.55),
                    (0, -0.2),
                    (-0.25, -0.5),
                    (-0.5, -0.2),
                ],
                tension=0.5,
            ),
            colour,
        )
    elif kind == "curl":
        figure.form(ellipse(0, -1.1, 0.32, 0.3), colour)
        figure.form(ellipse(0.3, -0.95, 0.24, 0.22), colour)
