"""What an identity is made of: palette, face, hair, outfit, build."""

import random
from dataclasses import dataclass

from drawn_characters.colour import Colour, any_colour, eye_colour, hair_colour, skin_colour
from drawn_characters.kinds import (
    BACK_ITEMS,
    BACKS,
    BOTTOMS,
    EYES,
    FRINGES,
    MARKS,
    NECKS,
    PATTERNS,
    PROPS,
    SHOES,
    SIDES,
    SLEEVES,
    TOPS,
)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that a character is known by."""

    hair: Colour
    hair_second: Colour
    eye: Colour
    eye_other: Colour
    skin: Colour
    main: Colour
    second: Colour
    trim: Colour
    accent: Colour
    feature: Colour

    @classmethod
    def drawn(cls, rng: random.Random) -> "Palette":
        """Colours drawn by chance; a third of outfits take up hair or eye colour."""
        hair, eye = hair_colour(rng), eye_colour(rng)
        main, second = any_colour(rng), any_colour(rng)
        if rng.random() < 0.2:
            main = Colour(hair.hue + rng.choice((0, 180, 30)), main.saturation, main.lightness)
        if rng.random() < 0.3:
            second = main.lighter(rng.choice((-0.25, 0.25)))
        turn = Colour(
            hair.hue + rng.uniform(-60, 60),
            hair.saturation,
            min(0.92, hair.lightness * rng.uniform(0.6, 1.6)),
        )
        return cls(
            hair=hair,
            hair_second=hair_colour(rng) if rng.random() < 0.5 else turn,
            eye=eye,
            eye_other=eye_colour(rng) if rng.random() < 0.07 else eye,
            skin=skin_colour(rng),
            main=main,
            second=second,
            trim=any_colour(rng),
            accent=Colour(eye.hue, eye.saturation, 0.5) if rng.random() < 0.25 else any_colour(rng),
            feature=hair if rng.random() < 0.5 else any_colour(rng),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """Shapes of face and eyes; sizes are factors round 1."""

    jaw: float
    chin: float
    chin_width: float
    eyes: str
    eye_size: float
    eye_tilt: float
    eye_gap: float
    lashes: bool
    brow: float
    nose: float
    fang: bool
    marks: tuple[str, ...]
    mark_side: int
    beard: str

    @classmethod
    def drawn(cls, rng: random.Random) -> "Face":
        """A face drawn by chance."""
        marks = tuple(rng.sample(MARKS, rng.choice((0, 0, 0, 1, 1, 2))))
        return cls(
            jaw=rng.uniform(0.58, 0.86),
            chin=rng.uniform(1.05, 1.36),
            chin_width=rng.uniform(0.1, 0.42),
            eyes=rng.choice(EYES),
            eye_size=rng.uniform(0.45, 0.7) if rng.random() < 0.16 else rng.uniform(0.8, 1.25),
            eye_tilt=rng.uniform(-14, 14),
            eye_gap=rng.uniform(0.9, 1.12),
            lashes=rng.random() < 0.5,
            brow=rng.uniform(0.03, 0.1),
            nose=rng.uniform(0.02, 0.2),
            fang=rng.random() < 0.12,
            marks=marks,
            mark_side=rng.choice((-1, 1)),
            beard=rng.choice(("full", "moustache", "goatee", "stubble", "long"))
            if rng.random() < 0.11
            else "",
        )


@dataclass(frozen=True, slots=True)
class Hair:
    """Front, sides, back and what is peculiar about them."""

    fringe: str
    back: str
    side: str
    tone: str
    ahoge: float
    locks: int
    parting: float
    fringe_length: float
    width: float
    wave: float
    side_length: float
    back_length: float
    seed: int

    @classmethod
    def drawn(cls, rng: random.Random) -> "Hair":
        """Hair drawn by chance."""
        return cls(
            fringe=rng.choice(FRINGES),
            back=rng.choice(BACKS),
            side=rng.choice(SIDES),
            tone=rng.choice(
                ("plain", "plain", "plain", "tips", "streak", "split", "inner", "roots")
            ),
            ahoge=rng.uniform(-1, 1) if rng.random() < 0.25 else 0.0,
            locks=rng.randint(3, 8),
            parting=rng.uniform(-0.7, 0.7),
            fringe_length=rng.uniform(0.0, 1.0),
            width=rng.uniform(0.92, 1.25),
            wave=rng.uniform(0.0, 1.0),
            side_length=rng.uniform(0.7, 2.6),
            back_length=rng.uniform(0.8, 1.25),
            seed=rng.getrandbits(30),
        )


@dataclass(frozen=True, slots=True)
class Outfit:
    """Cuts, patterns and things worn or carried."""

    top: str
    bottom: str
    sleeve: str
    pattern: str
    bottom_pattern: str
    shoe: str
    neck: str
    belt: bool
    gloves: bool
    legwear: str
    skirt_length: float
    back_item: str
    prop: str
    emblem: int

    @classmethod
    def drawn(cls, rng: random.Random) -> "Outfit":
        """An outfit drawn by chance."""
        return cls(
            top=rng.choice(TOPS),
            bottom=rng.choice(BOTTOMS),
            sleeve=rng.choice(SLEEVES),
            pattern=rng.choice(PATTERNS),
            bottom_pattern=rng.choice(PATTERNS),
            shoe=rng.choice(SHOES),
            neck=rng.choice(NECKS),
            belt=rng.random() < 0.35,
            gloves=rng.random() < 0.2,
            legwear=rng.choice(("bare", "bare", "stockings", "socks", "striped")),
            skirt_length=rng.uniform(0.25, 0.7),
            back_item=rng.choice(BACK_ITEMS) if rng.random() < 0.25 else "",
            prop=rng.choice(PROPS) if rng.random() < 0.45 else "",
            emblem=rng.randrange(6),
        )


@dataclass(frozen=True, slots=True)
class Build:
    """Size of the body: `heads` is the height in heads, the rest are factors round 1."""

    heads: float
    shoulders: float
    hips: float
    limbs: float

    @classmethod
    def drawn(cls, rng: random.Random) -> "Build":
        """A build drawn by chance, from child to giant."""
        heads = rng.choice((2.6, 3.4, 4.4, 5.2, 5.6, 6.0, 6.6)) + rng.uniform(-0.3, 0.3)
        return cls(heads, rng.uniform(0.82, 1.3), rng.uniform(0.85, 1.15), rng.uniform(0.75, 1.35))


@dataclass(frozen=True, slots=True)
class Gear:
    """One thing worn on the head."""

    kind: str
    side: int
    size: float
    second: bool
    "True: in the accent colour, else in the trim's."
