"""Drawing styles: how parts become paint."""

import random
from dataclasses import dataclass
from typing import Literal

from drawn_characters.colour import Colour

Shading = Literal["none", "cel", "soft", "glossy", "wash", "hatch"]
LineKind = Literal["none", "ink", "coloured", "pencil", "bold"]
Finish = Literal[
    "none",
    "pixel",
    "paint",
    "watercolour",
    "poster",
    "screentone",
    "grain",
    "crayon",
    "blur",
    "dots",
]


@dataclass(frozen=True, slots=True)
class Technique:
    """What artists of one style do; where there are several, each picks one."""

    shadings: tuple[Shading, ...]
    lines: tuple[LineKind, ...]
    thinnest: float
    thickest: float
    finish: Finish
    share: int
    "How often the style is drawn, among all."


_TECHNIQUES = {
    "flat": Technique(("none",), ("none",), 0, 0, "none", 11),
    "ink": Technique(("none",), ("ink",), 0.8, 1.8, "none", 11),
    "cel": Technique(("cel",), ("ink", "coloured"), 0.5, 1.3, "none", 18),
    "soft-cel": Technique(("soft",), ("coloured",), 0.4, 1.0, "none", 10),
    "painterly": Technique(("soft",), ("none", "none", "coloured"), 0.4, 0.6, "paint", 11),
    "gouache": Technique(("none", "cel"), ("none",), 0, 0, "paint", 4),
    "watercolour": Technique(("wash",), ("pencil", "none"), 0.4, 0.8, "watercolour", 6),
    "crayon": Technique(("none", "soft"), ("pencil",), 0.8, 1.6, "crayon", 4),
    "pixel": Technique(("none", "cel"), ("none", "ink", "coloured"), 1.6, 1.6, "pixel", 8),
    "sketch": Technique(("none", "hatch"), ("pencil",), 0.5, 1.1, "none", 3),
    "lineart": Technique(("none",), ("ink", "coloured"), 0.5, 1.2, "none", 2),
    "glossy": Technique(("glossy",), ("none", "coloured"), 0.6, 1.4, "none", 6),
    "clay": Technique(("glossy", "soft"), ("none",), 0, 0, "blur", 4),
    "chibi": Technique(("cel", "none", "soft"), ("bold", "coloured"), 1.0, 2.0, "none", 8),
    "poster": Technique(("cel",), ("none", "ink"), 1.0, 1.0, "poster", 4),
    "comic": Technique(("cel",), ("ink",), 0.9, 1.9, "dots", 5),
    "manga": Technique(("cel",), ("ink",), 0.6, 1.2, "screentone", 4),
    "cutout": Technique(("none", "cel"), ("none",), 0, 0, "none", 4),
    "retro": Technique(("cel",), ("bold",), 1.2, 2.2, "grain", 4),
}
STYLES: tuple[str, ...] = tuple(_TECHNIQUES)
PAPER_STYLES = ("sketch", "lineart")
"Styles that leave forms as white as the paper."


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
    lamp: Colour | None
    "A coloured light from one side, over the whole picture."
    shines: bool
    chibi: bool
    colourless: bool
    sticker: bool
    grain: float
    line_seed: int

    @classmethod
    def drawn(cls, name: str, rng: random.Random) -> "Style":
        """A style of a name with an artist's own numbers."""
        technique = _TECHNIQUES[name]
        tinted = rng.random() < 0.25
        return cls(
            name=name,
            shading=rng.choice(technique.shadings),
            line=rng.choice(technique.lines),
            line_width=rng.uniform(technique.thinnest, technique.thickest),
            uneven=rng.uniform(0.0, 0.8),
            finish=technique.finish,
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
            tint_share=rng.uniform(0.05, 0.22),
            shines=name in ("glossy", "cel", "soft-cel", "painterly") or rng.random() < 0.5,
            chibi=name == "chibi" or rng.random() < 0.06,
            lamp=_lamp(rng) if rng.random() < 0.16 else None,
            colourless=name in ("sketch", "manga")
            or (name == "lineart" and rng.random() < 0.7)
            or rng.random() < 0.02,
            sticker=name == "cutout" or rng.random() < 0.04,
            grain=rng.uniform(0.012, 0.045) if rng.random() < 0.15 else 0.0,
            line_seed=rng.getrandbits(16),
        )


def _lamp(rng: random.Random) -> Colour:
    return Colour(rng.uniform(0, 360), rng.uniform(0.4, 1.0), rng.uniform(0.55, 0.85))


def drawn_style(rng: random.Random) -> str:
    """A style's name by chance."""
    shares = [technique.share for technique in _TECHNIQUES.values()]
    return rng.choices(STYLES, shares)[0]
