"""The subject of one picture: who, seen how, in what mood."""

import random
from dataclasses import dataclass, replace

import skia

from drawn_characters.colour import MOUTH, TONGUE, WHITE, Colour
from drawn_characters.eyes import draw_eyes
from drawn_characters.identity import Identity
from drawn_characters.manner import Expression, Manner
from drawn_characters.outline import bend, ellipse, line, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.traits import Palette
from drawn_characters.view import View


@dataclass(frozen=True, slots=True)
class Subject:
    """One identity in one picture, and the dice of that picture."""

    identity: Identity
    view: View
    expression: Expression
    manner: Manner
    rng: random.Random
    sway: float

    @property
    def palette(self) -> Palette:
        """The identity's colours."""
        return self.identity.palette

    @property
    def facing(self) -> int:
        """1 when it looks to the right, -1 to the left."""
        return 1 if self.view.yaw >= 0 else -1

    def dice(self, index: int) -> float:
        """The identity's own number in 0-1 at an index."""
        return self.identity.shape[index]

    def kind(self, index: int, kinds: tuple[str, ...]) -> str:
        """One of some kinds, the identity's own."""
        return kinds[min(len(kinds) - 1, int(self.identity.shape[index] * len(kinds)))]

    @property
    def belly(self) -> Colour:
        """A paler or second colour for undersides."""
        main = self.palette.main
        return (
            self.palette.second
            if self.dice(15) < 0.5
            else main.lighter(0.25 if main.lightness < 0.65 else -0.2)
        )


def draw_simple_face(
    figure: Figure, subject: Subject, *, size: float = 1.0, y: float = 0.0, mouth: bool = True
) -> None:
    """Eyes and mouth straight on a body, as mascots have them."""
    own = Figure()
    palette = replace(subject.palette, hair=subject.palette.main.shaded(0.5))
    draw_eyes(
        own,
        subject.identity.face,
        palette,
        subject.view,
        subject.expression,
        manner=subject.manner,
        brows=subject.dice(14) < 0.35,
    )
    if mouth:
        draw_mouth(own, subject, 0.62)
    if subject.dice(13) < 0.3:
        for side in (-1, 1):
            cheek_x, cheek_y, depth = subject.view.at(side * 42, 0.5, 0.95)
            if depth > 0.15:
                own.flat(
                    ellipse(cheek_x, cheek_y, 0.15 * depth, 0.1), subject.palette.accent, alpha=0.7
                )
    matrix = skia.Matrix.Scale(size, size)
    matrix.postTranslate(0, y)
    figure.extend(own, matrix)


def draw_mouth(
    figure: Figure, subject: Subject, height: float, *, reach: float = 0.95, size: float = 1.0
) -> None:
    """A mouth in the mood of the moment, at a height of the head."""
    x, y, depth = subject.view.at(0, height, reach)
    half = 0.22 * size * max(0.45, depth / max(0.3, reach))
    kind = subject.expression.mouth
    if kind in ("open", "teeth", "round"):
        mouth = smooth(
            [
                (x - half, y - 0.03),
                (x, y + 0.02),
                (x + half, y - 0.03),
                (x + half * 0.6, y + 0.24 * size),
                (x - half * 0.6, y + 0.24 * size),
            ],
            tension=0.9,
        )
        figure.flat(mouth, MOUTH if kind != "teeth" else WHITE)
        if kind == "open":
            figure.flat(ellipse(x, y + 0.25 * size, half * 0.6, 0.1 * size), TONGUE, mouth)
        figure.line(mouth, MOUTH, 0.03)
    elif kind == "cat":
        path = bend((x - half, y), (x - half * 0.5, y + 0.13 * size), (x, y))
        path.quadTo(x + half * 0.5, y + 0.13 * size, x + half, y)
        figure.line(path, MOUTH, 0.045)
    elif kind in ("frown", "flat"):
        figure.line(
            bend(
                (x - half, y + 0.04),
                (x, y - (0.07 if kind == "frown" else -0.04)),
                (x + half, y + 0.04),
            ),
            MOUTH,
            0.045,
        )
    elif kind != "none":
        figure.line(
            bend((x - half, y - 0.03), (x, y + 0.14 * size), (x + half, y - 0.03)), MOUTH, 0.045
        )
    if subject.identity.face.fang and kind != "none":
        for side in (-1, 1):
            figure.flat(
                polygon(
                    [
                        (x + side * half * 0.5 - 0.05, y + 0.02),
                        (x + side * half * 0.5 + 0.05, y + 0.02),
                        (x + side * half * 0.5, y + 0.15),
                    ]
                ),
                WHITE,
            )


def draw_markings(figure: Figure, subject: Subject, body: skia.Path, index: int = 12) -> None:
    """Markings on a hide: spots, stripes, a saddle, a mask, or none."""
    kind = subject.kind(
        index, ("none", "none", "spots", "stripes", "patch", "rings", "emblem", "speckles", "back")
    )
    colour = (
        subject.palette.accent
        if subject.dice(index - 1) < 0.5
        else subject.palette.main.shaded(0.45)
    )
    box = body.getBounds()
    wide, tall = box.width(), box.height()
    spots = random.Random(subject.identity.seed)
    if kind in ("spots", "speckles"):
        marks = skia.Path()
        radius = min(wide, tall) * (0.11 if kind == "spots" else 0.04)
        for _ in range(7 if kind == "spots" else 16):
            marks.addCircle(
                box.fLeft + wide * spots.random(),
                box.fTop + tall * spots.random() * 0.85,
                radius * spots.uniform(0.6, 1.3),
            )
        figure.flat(marks, colour, body)
    elif kind == "stripes":
        for step in range(5):
            x = box.fLeft + wide * (0.15 + 0.18 * step)
            figure.flat(
                polygon(
                    [
                        (x - wide * 0.035, box.fTop),
                        (x + wide * 0.035, box.fTop),
                        (x + wide * 0.02, box.fTop + tall * spots.uniform(0.3, 0.6)),
                    ]
                ),
                colour,
                body,
            )
    elif kind == "patch":
        figure.flat(
            ellipse(
                box.fLeft + wide * spots.random(), box.fTop + tall * 0.3, wide * 0.3, tall * 0.35
            ),
            colour,
            body,
        )
    elif kind == "rings":
        draw_pattern(figure, body, "stripes", colour)
    elif kind == "emblem":
        draw_pattern(figure, body, "emblem", colour, subject.identity.outfit.emblem)
    elif kind == "back":
        figure.flat(
            smooth(
                [
                    (box.fLeft, box.fTop),
                    (box.fRight, box.fTop),
                    (box.fRight, box.fTop + tall * 0.25),
                    (box.centerX(), box.fTop + tall * 0.42),
                    (box.fLeft, box.fTop + tall * 0.25),
                ]
            ),
            colour,
            body,
        )


def draw_antenna(
    figure: Figure, x: float, y: float, out: float, length: float, *, colour: Colour, knob: Colour
) -> None:
    """A feeler with a knob."""
    figure.line(
        bend((x, y), (x + out * 0.1, y - length * 0.7), (x + out * 0.5, y - length)), colour, 0.07
    )
    figure.form(ellipse(x + out * 0.5, y - length, 0.13, 0.13), knob)


def draw_whiskers(figure: Figure, x: float, y: float, colour: Colour) -> None:
    """Three hairs to either side."""
    for side in (-1, 1):
        for row in (-0.08, 0.03, 0.14):
            figure.line(
                line([(x + side * 0.2, y + row * 0.6), (x + side * 0.85, y + row * 1.8)]),
                colour,
                0.025,
            )
