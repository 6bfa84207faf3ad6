"""Hair behind the head: masses, tails, buns, braids, curls, crests."""

import math
import random
from itertools import pairwise

import skia

from drawn_characters.colour import Colour
from drawn_characters.hair_front import CAP_RADIUS, hair_fades
from drawn_characters.manner import Manner
from drawn_characters.outline import Point, ellipse, polygon, smooth
from drawn_characters.part import Figure
from drawn_characters.traits import Hair, Palette
from drawn_characters.view import View

_LENGTHS = {
    "bob": 0.95,
    "medium": 1.7,
    "long": 3.2,
    "wavy": 3.0,
    "floor": 6.0,
    "flip": 1.3,
    "mullet": 1.6,
    "wolf": 1.5,
    "crop": 0.55,
    "dreads": 2.0,
    "two-buns": 0.5,
    "bun-tails": 0.6,
}
"How far masses hang below the middle of the head, in its radii."


def draw_back(
    figure: Figure, hair: Hair, palette: Palette, view: View, manner: Manner, *, sway: float
) -> None:
    """Everything that hangs or stands behind the face; `sway` in -1..1 is the wind."""
    painter = _Back(figure, hair, palette, view, manner=manner, sway=sway)
    painter.draw()


class _Back:
    """One head of hair from behind, in the middle of being drawn."""

    def __init__(
        self,
        figure: Figure,
        hair: Hair,
        palette: Palette,
        view: View,
        *,
        manner: Manner,
        sway: float,
    ) -> None:
        self.figure, self.hair, self.view, self.sway = figure, hair, view, sway
        self.colour: Colour = palette.hair_second if hair.tone == "inner" else palette.hair
        self.own = palette.hair
        self.fade, self.start = hair_fades(hair, palette)
        self.tie = palette.accent
        self.radius = CAP_RADIUS * manner.hair * (0.5 + 0.5 * hair.width)
        self.rng = random.Random(hair.seed + 1)
        turn = math.sin(math.radians(view.yaw))
        self.shift = -0.3 * turn
        self.narrow = 1.0 - 0.22 * abs(turn)

    def draw(self) -> None:
        """Draw by the kind of back."""
        kind = self.hair.back
        if kind in _LENGTHS:
            self._mass(_LENGTHS[kind])
        elif kind in ("high-tails", "low-tails", "drills", "two-braids"):
            self._mass(0.45)
            self._pair(kind)
        elif kind in ("pony", "high-pony", "side-pony"):
            self._mass(0.4)
            self._pony(kind)
        elif kind == "braid":
            self._mass(0.5)
            self._braid(*self.view.at(180, 0.5, self.radius)[:2], 3.2)
        elif kind in ("bun", "topknot"):
            if kind == "bun":
                self._mass(0.4)
            x, _, _ = self.view.at(180, -0.75, self.radius)
            self._form(ellipse(x, -self.radius - (0.12 if kind == "bun" else 0.2), 0.42, 0.36))
        elif kind in ("spiky", "afro", "curls"):
            self._cloud(kind)
        elif kind == "mohawk":
            self._mohawk()
        if kind in ("two-buns", "bun-tails"):
            self._buns(tails=kind == "bun-tails")

    def _form(self, path: skia.Path) -> skia.Path:
        return self.figure.form(path, self.own, self.fade, self.start)

    def _mass(self, length: float) -> None:
        """A curtain from the crown down; its end by the kind of hair."""
        hair, rng = self.hair, self.rng
        wide = self.radius * (0.96 + 0.1 * hair.width) * self.narrow
        length *= hair.back_length
        spread = 0.05 + 0.1 * (length > 2) + (0.25 if hair.back == "flip" else 0.0)
        amount = hair.wave if hair.back not in ("wavy", "dreads") else 1.2
        steps = max(2, min(6, int(length * 2)))
        left: list[Point] = []
        right: list[Point] = []
        for index in range(steps + 1):
            down = index / steps
            wave = (
                math.sin(down * math.pi * (1.2 + length * 0.7)) * 0.14 * amount * min(1.0, length)
            )
            lean = self.sway * 0.45 * down * down * min(length, 3.0)
            grow = wide * (1 + spread * down * length * 0.4)
            left.append((self.shift - grow + wave + lean, 0.1 + down * length))
            right.append(
                (self.shift + grow + wave * (0.6 if amount < 1 else -1) + lean, 0.1 + down * length)
            )
        if hair.back in ("mullet", "wolf"):
            left = [
                (x + (0.35 if index else 0) * (1 if index == 1 else 0.6), y)
                for index, (x, y) in enumerate(left)
            ]
            right = [
                (x - (0.35 if index else 0) * (1 if index == 1 else 0.6), y)
                for index, (x, y) in enumerate(right)
            ]
        path = skia.Path()
        top = -self.radius * 0.98
        path.moveTo(*left[0])
        path.cubicTo(self.shift - wide, top * 1.32, self.shift + wide, top * 1.32, *right[0])
        _curve(path, right)
        self._ends(path, right[-1], left[-1], rng)
        _curve(path, left[::-1])
        path.close()
        self.figure.form(path, self.colour, self.fade, self.start)

    def _ends(self, path: skia.Path, right: Point, left: Point, rng: random.Random) -> None:
        hair = self.hair
        count = 3 + hair.locks // 2
        soft = hair.back in ("bob", "two-buns", "crop") and hair.wave < 0.5
        if soft or hair.fringe == "blunt":
            path.quadTo((right[0] + left[0]) / 2, right[1] + 0.12, *left)
            return
        width = (right[0] - left[0]) / count
        for index in range(count):
            x = right[0] - width * (index + 1)
            deep = rng.uniform(0.15, 0.42)
            path.quadTo(x + width * 0.8, right[1] + deep * 0.5, x + width * 0.45, right[1] + deep)
            path.quadTo(
                x + width * 0.3,
                right[1] + deep * 0.1,
                x,
                left[1] - (0.12 if index < count - 1 else 0.0),
            )

    def _pair(self, kind: str) -> None:
        high = -0.6 if kind in ("high-tails", "drills") else 0.5
        for side in (-1, 1):
            x, y, depth = self.view.at(side * 105, high, self.radius * 1.02)
            if abs(self.view.yaw) > 60 and depth < -0.55 and not self.view.behind:
                continue
            length = 2.4 * self.hair.back_length
            out = side * 0.75 * max(0.3, 1 - abs(depth))
            if kind == "two-braids":
                self._braid(x, y, 2.2)
            elif kind == "drills":
                for step in range(5):
                    self._form(
                        ellipse(
                            x + out * (0.4 + 0.05 * step),
                            y + 0.2 + step * 0.36,
                            0.4 - 0.055 * step,
                            0.27,
                            12 * side,
                        )
                    )
            else:
                self._tail(x, y, out * (1.0 if kind == "high-tails" else 0.3), length)
            self.figure.flat(ellipse(x, y, 0.17, 0.17), self.tie)

    def _tail(self, x: float, y: float, out: float, length: float) -> None:
        wave = self.hair.wave * 0.2
        lean = self.sway * 0.6
        wide = 0.3 + 0.12 * self.hair.width
        self._form(
            smooth(
                [
                    (x, y - 0.2),
                    (x + out * 0.75 + wide * 0.5, y - 0.1),
                    (x + out + wide + wave, y + length * 0.35),
                    (x + out + wide * 0.7 + lean * 0.6 - wave, y + length * 0.7),
                    (x + out * 0.9 + lean, y + length),
                    (x + out * 0.7 - wide * 0.6 + lean * 0.5, y + length * 0.65),
                    (x + out * 0.6 - wide * 0.5 + wave, y + length * 0.3),
                    (x - 0.12, y + 0.12),
                ],
                tension=0.9,
            )
        )

    def _pony(self, kind: str) -> None:
        azimuth = 180 if kind != "side-pony" else (110 if self.hair.parting > 0 else -110)
        x, y, _ = self.view.at(
            azimuth, {"pony": -0.1, "high-pony": -0.8, "side-pony": 0.2}[kind], self.radius * 1.05
        )
        if kind == "high-pony":
            y = min(y, -self.radius * 0.85)
        direction = x if abs(x) > 0.25 else 0.7 * (1 if self.hair.parting > 0 else -1)
        self._tail(x, y, math.copysign(0.55, direction), 2.5 * self.hair.back_length)
        self.figure.flat(ellipse(x, y, 0.18, 0.18), self.tie)

    def _braid(self, x: float, y: float, length: float) -> None:
        steps = max(4, int(length * 2.2))
        for index in range(steps):
            down = (index + 0.5) / steps
            side = 0.07 if index % 2 else -0.07
            self._form(
                ellipse(
                    x + side + self.sway * 0.5 * down * down,
                    y + down * length,
                    0.26 - 0.08 * down,
                    length / steps * 0.75,
                    20 if index % 2 else -20,
                )
            )
        end_x, end_y = x + self.sway * 0.5, y + length
        self.figure.form(
            polygon(
                [
                    (end_x - 0.1, end_y),
                    (end_x + 0.1, end_y),
                    (end_x + 0.16, end_y + 0.4),
                    (end_x - 0.16, end_y + 0.4),
                ]
            ),
            self.own,
        )
        self.figure.flat(ellipse(end_x, end_y, 0.14, 0.1), self.tie)

    def _buns(self, *, tails: bool) -> None:
        for side in (-1, 1):
            x, y, depth = self.view.at(side * 75, -0.72, self.radius * 1.12)
            if abs(self.view.yaw) > 60 and depth < -0.5:
                continue
            if tails:
                self._tail(x, y, side * 0.35, 2.6 * self.hair.back_length)
            self._form(ellipse(x, y - 0.12, 0.38, 0.36))

    def _cloud(self, kind: str) -> None:
        """Spikes, an afro or curls round the whole skull."""
        hair, rng = self.hair, self.rng
        big = {"spiky": 1.3, "afro": 1.55, "curls": 1.25}[kind] * (0.75 + 0.25 * hair.width)
        count = 9 + hair.locks if kind != "afro" else 18
        path = skia.Path()
        start, end = math.pi * 0.9, math.pi * 2.1
        low = 0.75 if kind != "spiky" else 0.35
        path.moveTo(self.shift + math.cos(start) * self.radius, low)
        for index in range(count + 1):
            angle = start + (end - start) * index / count
            step = (end - start) / count
            rough = rng.uniform(0.88, 1.1)
            tip = (self.shift + math.cos(angle) * big * rough, math.sin(angle) * big * rough + 0.05)
            valley = (
                self.shift + math.cos(angle + step / 2) * big * 0.83,
                math.sin(angle + step / 2) * big * 0.83,
            )
            if kind == "spiky":
                path.lineTo(*tip)
                path.lineTo(*valley)
            else:
                outer = big * (1.2 if kind == "curls" else 1.08)
                path.quadTo(self.shift + math.cos(angle) * outer, math.sin(angle) * outer, *valley)
        path.lineTo(self.shift + math.cos(end) * self.radius, low)
        path.quadTo(self.shift, low + 0.25, self.shift + math.cos(start) * self.radius, low)
        path.close()
        self._form(path)

    def _mohawk(self) -> None:
        turn = abs(math.sin(math.radians(self.view.yaw)))
        wide = 0.2 + 0.75 * turn
        tall = 0.55 + 0.4 * self.hair.width
        points: list[Point] = [(-wide + self.shift, -0.75)]
        for index in range(5):
            x = -wide + 2 * wide * (index + 0.5) / 5
            points.append((x + self.shift, -1.0 - tall * (1 - 0.3 * abs(index - 2))))
            points.append((x + wide / 5 + self.shift, -1.0 - tall * 0.35))
        points.append((wide + self.shift, -0.75))
        self._form(polygon(points))


def _curve(path: skia.Path, points: list[Point]) -> None:
    """Follow points on smooth quads."""
    for start, end in pairwise(points):
        path.quadTo(start[0] * 0.35 + end[0] * 0.65, (start[1] + end[1]) / 2, *end)
