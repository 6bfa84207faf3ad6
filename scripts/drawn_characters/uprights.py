"""Animals and dragons that stand on two legs, undressed: mascots, pocket monsters, dinosaurs."""

from drawn_characters.animal_head import ANIMALS, draw_animal_head
from drawn_characters.outline import Point, ellipse, limb, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.subject import Subject, draw_markings
from drawn_characters.wings import draw_tail, draw_wings

_TAILS = ("cat", "fox", "wolf", "rabbit", "dragon", "ringed", "devil", "cat")


def draw_upright_dragon(figure: Figure, subject: Subject) -> None:
    """A dragon or dinosaur on two legs with a belly, little arms and a tail."""
    _Upright(figure, subject, "dragon" if subject.dice(0) < 0.75 else "lizard").draw()


def draw_critter(figure: Figure, subject: Subject) -> None:
    """An animal on two legs, round and short or slender."""
    _Upright(figure, subject, subject.kind(0, ANIMALS)).draw()


class _Upright:
    """One upright animal in the middle of being drawn."""

    def __init__(self, figure: Figure, subject: Subject, animal: str) -> None:
        self.figure, self.subject, self.animal = figure, subject, animal
        self.palette, self.back = subject.palette, -subject.facing
        self.reptile = animal in ("dragon", "lizard")
        slender = subject.dice(16)
        self.big = (1.0 if self.reptile else 0.65) + 0.5 * subject.dice(1)
        tall = (1.4 if self.reptile else 0.8) + (0.6 + 0.9 * slender) * subject.dice(2)
        self.base = 0.9 + tall * 1.4
        self.limb = 0.16 + 0.3 * subject.dice(17)

    def draw(self) -> None:
        """Draw from the tail to the head."""
        self._draw_behind()
        for side in (-1, 1):
            self._draw_leg(side)
        self._draw_trunk()
        for side in (-1, 1):
            self._draw_arm(side)
        if self.subject.dice(18) < 0.2:
            collar = ellipse(0, 0.98, 0.6, 0.18)
            self.figure.form(collar, self.palette.accent)
        draw_animal_head(self.figure, self.subject, self.animal)

    def _draw_behind(self) -> None:
        subject, palette, back = self.subject, self.palette, self.back
        kind = "dragon" if self.reptile else subject.kind(6, _TAILS)
        root = (back * self.big * 0.5, self.base - 0.5)
        draw_tail(self.figure, kind, palette, root, float(back), size=0.9 + 0.8 * subject.dice(19))
        if subject.dice(3) < (0.7 if self.animal == "dragon" else 0.08):
            wings = subject.identity.wings or subject.kind(4, ("bat", "bat", "bird", "fairy"))
            size = 1.6 + 0.6 * subject.dice(9)
            draw_wings(
                self.figure, wings, palette.feature, palette.accent, (back * 0.2, 1.6), size=size
            )
        if subject.dice(20) < 0.2:
            for row in range(4):
                x, y = back * self.big * 0.95, 1.0 + (self.base - 1.2) * row / 4
                spine = polygon([(x, y - 0.25), (x + back * 0.5, y), (x, y + 0.25)])
                self.figure.form(spine, palette.accent)

    def _draw_leg(self, side: int) -> None:
        big, base, thick = self.big, self.base, self.limb
        step = self.subject.rng.uniform(-0.15, 0.15)
        lift = self.subject.rng.choice((0.0, 0.0, 0.3))
        foot: Point = (side * big * 0.75 + step, base + 0.25 + thick - lift)
        hip = (side * big * 0.55, base - 0.6)
        self.figure.form(limb([hip, foot], [thick + 0.2, thick]), self.palette.main.shaded(0.06))
        paw = self.palette.second if self.subject.dice(21) < 0.4 else self.palette.main
        sole = ellipse(
            foot[0] + 0.2 * self.subject.facing, foot[1] + 0.2, thick + 0.18, thick * 0.5 + 0.08
        )
        self.figure.form(sole, paw)

    def _draw_trunk(self) -> None:
        subject, big, base = self.subject, self.big, self.base
        right = [(big * 0.75, 1.1), (big * 1.08, base * 0.7), (big * 0.8, base)]
        left = [(-x, y) for x, y in reversed(right)]
        body = self.figure.form(
            smooth([(0, 0.4), *right, (0, base + 0.18), *left]), self.palette.main
        )
        shift = subject.facing * 0.15
        edge = [(big * 0.5, 1.4), (big * 0.68, base * 0.75)]
        mirrored = [(-x, y) for x, y in reversed(edge)]
        points = [(0, 0.9), *edge, (0, base), *mirrored]
        belly = smooth([(x + shift, y) for x, y in points])
        draw_markings(self.figure, subject, body)
        if self.reptile or subject.dice(22) < 0.6:
            self.figure.flat(belly, subject.belly, body)
        if self.reptile and subject.dice(7) < 0.6:
            draw_pattern(self.figure, belly, "stripes", subject.belly.shaded(0.15))

    def _draw_arm(self, side: int) -> None:
        big, thick = self.big, self.limb * 0.8 + 0.06
        reach = self.subject.rng.uniform(-0.9, 0.5)
        long = 0.4 + 0.5 * self.subject.dice(23)
        elbow = (side * (big * 0.8 + long * 0.7), 1.75 + reach * 0.3)
        hand = (side * (big * 0.8 + long * (1.0 if reach > 0 else 1.2)), 1.9 + reach)
        joints = [(side * big * 0.72, 1.4), elbow, hand]
        self.figure.form(limb(joints, [thick, thick * 0.9, thick * 0.8]), self.palette.main)
        if self.subject.dice(21) < 0.4:
            self.figure.form(ellipse(*hand, thick, thick), self.palette.second)
