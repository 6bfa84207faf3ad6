"""Colours as an illustrator thinks of them: hue, saturation, lightness."""

import colorsys
import random
from typing import NamedTuple


class Colour(NamedTuple):
    """Hue in degrees, saturation and lightness in 0-1."""

    hue: float
    saturation: float
    lightness: float

    def lighter(self, by: float) -> "Colour":
        """The same hue, lighter by a share of the scale; negative: darker."""
        return Colour(self.hue, self.saturation, min(0.985, max(0.02, self.lightness + by)))

    def shaded(self, depth: float) -> "Colour":
        """The colour in shadow: darker, and drawn towards blue as illustrators do."""
        turn = ((250.0 - self.hue + 180.0) % 360.0) - 180.0
        hue = self.hue + max(-14.0, min(14.0, turn)) * min(1.0, depth * 3.0)
        lightness = max(0.02, self.lightness * (1.0 - depth))
        chroma = (1.0 - abs(2.0 * self.lightness - 1.0)) * self.saturation
        most = chroma * 1.25 / max(0.02, 1.0 - abs(2.0 * lightness - 1.0))
        return Colour(hue, min(1.0, self.saturation * 1.06, most), lightness)

    def turned(self, degrees: float) -> "Colour":
        """The colour further round the wheel."""
        return Colour((self.hue + degrees) % 360.0, self.saturation, self.lightness)

    def rgb(self) -> tuple[float, float, float]:
        """Red, green, blue in 0-1."""
        return colorsys.hls_to_rgb(
            (self.hue % 360.0) / 360.0,
            min(1.0, max(0.0, self.lightness)),
            min(1.0, max(0.0, self.saturation)),
        )


WHITE = Colour(0.0, 0.0, 0.98)
BLACK = Colour(250.0, 0.15, 0.08)
BLUSH = Colour(355.0, 0.85, 0.68)
TONGUE = Colour(355.0, 0.65, 0.62)
MOUTH = Colour(350.0, 0.5, 0.27)


def hair_colour(rng: random.Random) -> Colour:
    """Natural half of the time, any hue else, as in comics."""
    kind = rng.random()
    if kind < 0.12:
        return Colour(rng.uniform(38, 52), rng.uniform(0.45, 0.85), rng.uniform(0.6, 0.8))
    if kind < 0.28:
        return Colour(rng.uniform(12, 35), rng.uniform(0.25, 0.6), rng.uniform(0.18, 0.42))
    if kind < 0.40:
        return Colour(rng.uniform(200, 300), rng.uniform(0.03, 0.3), rng.uniform(0.08, 0.2))
    if kind < 0.51:
        return Colour(rng.uniform(0, 360), rng.uniform(0.0, 0.25), rng.uniform(0.75, 0.94))
    if kind < 0.58:
        return Colour(rng.uniform(0, 25), rng.uniform(0.6, 0.9), rng.uniform(0.35, 0.55))
    return Colour(rng.uniform(0, 360), rng.uniform(0.3, 0.95), rng.uniform(0.28, 0.82))


def skin_colour(rng: random.Random) -> Colour:
    """Human skin from pale to dark; one in twelve fantastic."""
    kind = rng.random()
    if kind < 0.6:
        return Colour(rng.uniform(14, 32), rng.uniform(0.5, 1.0), rng.uniform(0.82, 0.94))
    if kind < 0.92:
        return Colour(rng.uniform(14, 30), rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.76))
    return Colour(rng.uniform(60, 330), rng.uniform(0.15, 0.6), rng.uniform(0.45, 0.85))


def any_colour(rng: random.Random) -> Colour:
    """A colour of cloth or paint; a quarter are black, white and greys."""
    if rng.random() < 0.27:
        return Colour(
            rng.uniform(0, 360),
            rng.uniform(0, 0.14),
            rng.choice((0.08, 0.16, 0.3, 0.55, 0.88, 0.95)),
        )
    return Colour(rng.uniform(0, 360), rng.uniform(0.25, 1.0), rng.uniform(0.25, 0.8))


def eye_colour(rng: random.Random) -> Colour:
    """An iris: saturated and of middle lightness, as drawn eyes are."""
    if rng.random() < 0.12:
        return Colour(rng.uniform(0, 360), rng.uniform(0.0, 0.15), rng.uniform(0.08, 0.5))
    return Colour(rng.uniform(0, 360), rng.uniform(0.4, 1.0), rng.uniform(0.28, 0.6))
