"""Drawing styles: how parts become paint."""

import random
from dataclasses import dataclass
from typing import Literal

from drawn_characters.colour import Colour

Shading = Literal["none", "cel", "soft", "glossy", "wash", "hatch"]
LineKind = Literal["none", "ink", "coloured", "pencil", "bold"]
Finish = Literal["none", "pixel", "paint", "watercolour", "poster", "screentone", "grain", "grey"]

STYLES = (
    "flat",
    "ink",
    "cel",
    "painterly",
    "watercolour",
    "pixel",
    "sketch",
    "glossy",
    "chibi",
    "poster",
    "manga",
    "cutout",
    "retro",
    "soft-cel",
)
_WEIGHTS = (12, 12, 18, 12, 7, 8, 4, 7, 8, 5, 4, 4, 4, 10)


@dataclass(frozen=True, slots=True)
class Style:
    """One artist's technique. Lengths in hundredths of the picture's width."""

    name: str
    shading: Shading
    line: LineKind
    line_width: float
    uneven: float
    finish: Finish
    depth: float
    light: float
    hue_drift: float
    saturation: float
    contrast: float
    lift: float
    wander: float
    tint: Colour | None
    tint_share: float
    shines: bool
    chibi: bool
    colourless: bool
    sticker: bool
    grain: float
    line_seed: int

    @classmethod
    def drawn(cls, name: str, rng: random.Random) -> "Style":
        """A style of a name with an artist's own numbers."""
        shading, line, width, finish = _technique(name, rng)
        tinted = rng.random() < 0.25
        return cls(
            name=name,
            shading=shading,
            line=line,
            line_width=width,
            uneven=rng.uniform(0.0, 0.8),
            finish=finish,
            depth=rng.uniform(0.14, 0.34),
            light=rng.choice((-1.0, 1.0)) * rng.uniform(0.4, 1.0),
            hue_drift=rng.gauss(0.0, 6.0),
            saturation=rng.uniform(0.65, 1.2),
            contrast=rng.uniform(0.82, 1.1),
            lift=rng.gauss(0.0, 0.03),
            wander=rng.uniform(1.0, 5.0),
            tint=Colour(rng.uniform(0, 360), rng.uniform(0.3, 0.9), rng.uniform(0.25, 0.8))
            if tinted
            else None,
            tint_share=rng.uniform(0.06, 0.28),
            shines=name in ("glossy", "cel", "soft-cel", "painterly") or rng.random() < 0.5,
            chibi=name == "chibi" or rng.random() < 0.06,
            colourless=name in ("sketch", "manga") or rng.random() < 0.02,
            sticker=name == "cutout" or rng.random() < 0.04,
            grain=rng.uniform(0.012, 0.045) if rng.random() < 0.15 else 0.0,
            line_seed=rng.getrandbits(16),
        )


def drawn_style(rng: random.Random) -> str:
    """A style's name by chance."""
    return rng.choices(STYLES, _WEIGHTS)[0]


def _technique(name: str, rng: random.Random) -> tuple[Shading, LineKind, float, Finish]:
    if name == "flat":
        return "none", "none", 0.0, "none"
    if name == "ink":
        return "none", "ink", rng.uniform(0.8, 1.8), "none"
    if name == "cel":
        return "cel", rng.choice(("ink", "coloured")), rng.uniform(0.5, 1.3), "none"
    if name == "soft-cel":
        return "soft", "coloured", rng.uniform(0.4, 1.0), "none"
    if name == "painterly":
        return "soft", "none" if rng.random() < 0.7 else "coloured", 0.5, "paint"
    if name == "watercolour":
        return (
            "wash",
            "pencil" if rng.random() < 0.6 else "none",
            rng.uniform(0.4, 0.8),
            "watercolour",
        )
    if name == "pixel":
        return rng.choice(("none", "cel")), rng.choice(("none", "ink", "coloured")), 1.6, "pixel"
    if name == "sketch":
        return rng.choice(("none", "hatch")), "pencil", rng.uniform(0.5, 1.1), "none"
    if name == "glossy":
        return "glossy", "none" if rng.random() < 0.5 else "coloured", rng.uniform(0.6, 1.4), "none"
    if name == "chibi":
        return (
            rng.choice(("cel", "none", "soft")),
            rng.choice(("bold", "coloured")),
            rng.uniform(1.0, 2.0),
            "none",
        )
    if name == "poster":
        return "cel", "none" if rng.random() < 0.6 else "ink", 1.0, "poster"
    if name == "manga":
        return "cel", "ink", rng.uniform(0.6, 1.2), "screentone"
    if name == "cutout":
        return rng.choice(("none", "cel")), "none", 0.0, "none"
    return "cel", "bold", rng.uniform(1.2, 2.2), "grain"
