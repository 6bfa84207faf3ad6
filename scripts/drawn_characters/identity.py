"""Identities: who is drawn. A pure function of a seed."""

import random
from dataclasses import dataclass, replace

from drawn_characters.archetypes import ARCHETYPE_SHARE, dressed
from drawn_characters.kinds import EARS, EYEWEAR, HATS, PINS, TAILS, WINGS
from drawn_characters.traits import Build, Face, Gear, Hair, Outfit, Palette

PLANS = (
    "blob",
    "ghost",
    "quadruped",
    "quadruped",
    "dragon",
    "bird",
    "fish",
    "robot",
    "beast",
    "beast",
    "beast",
    "insect",
    "octopus",
    "plant",
    "object",
    "serpent",
    "critter",
    "critter",
    "critter",
)
CREATURE_SHARE = 0.33
ALTERNATE_SHARE = 0.15
"Share of drawings in the alternate costume; the drawing decides."


@dataclass(frozen=True, slots=True)
class Identity:
    """One character: everything that stays the same from picture to picture.

    `plan` is "human" or the body plan of a creature. `shape` is the creature's own dice: numbers
    in 0-1 that its plan reads as proportions and kinds.
    """

    seed: int
    plan: str
    palette: Palette
    face: Face
    hair: Hair
    outfit: Outfit
    alternate: Outfit
    build: Build
    gear: tuple[Gear, ...]
    ears: str
    tail: str
    wings: str
    shape: tuple[float, ...]

    @classmethod
    def from_seed(cls, seed: int) -> "Identity":
        """The identity of a seed."""
        rng = random.Random(seed * 2654435761 + 97)
        plan = rng.choice(PLANS) if rng.random() < CREATURE_SHARE else "human"
        eared = plan == "human" and rng.random() < 0.28
        outfit, gear = Outfit.drawn(rng), _gear(rng, plan)
        if plan in ("human", "beast") and rng.random() < ARCHETYPE_SHARE:
            outfit, hat = dressed(outfit, rng)
            gear = tuple(each for each in gear if each.kind not in HATS)
            gear += (_worn(hat, rng),) if hat else ()
        return cls(
            seed=seed,
            plan=plan,
            palette=Palette.drawn(rng),
            face=Face.drawn(rng),
            hair=Hair.drawn(rng),
            outfit=outfit,
            alternate=replace(Outfit.drawn(rng), back_item=outfit.back_item),
            build=Build.drawn(rng),
            gear=gear,
            ears=rng.choice(EARS) if eared else "",
            tail=rng.choice(TAILS) if (eared and rng.random() < 0.7) or rng.random() < 0.03 else "",
            wings=rng.choice(WINGS) if rng.random() < 0.09 else "",
            shape=tuple(rng.random() for _ in range(24)),
        )

    @property
    def human(self) -> bool:
        """True for people, also with animal ears."""
        return self.plan == "human"


def _gear(rng: random.Random, plan: str) -> tuple[Gear, ...]:
    """Up to three things, no two of which would sit in the same place."""
    chances = (0.34, 0.3, 0.24) if plan == "human" else (0.15, 0.07, 0.1)
    groups = (HATS, PINS, EYEWEAR)
    kinds = [
        rng.choice(group)
        for group, chance in zip(groups, chances, strict=True)
        if rng.random() < chance
    ]
    return tuple(_worn(kind, rng) for kind in kinds)


def _worn(kind: str, rng: random.Random) -> Gear:
    return Gear(kind, rng.choice((-1, 1)), rng.uniform(0.75, 1.3), rng.random() < 0.5)


def look_alike(identity: Identity, seed: int) -> Identity:
    """Somebody else in the same colours: a hard negative.

    Plan of body and palette are kept, outfit and build half of the time; hair, face, ears,
    headgear and a creature's shape are another's.
    """
    rng = random.Random(seed * 40503 + 11)
    other = Identity.from_seed(seed + 7919)
    while other.hair.back == identity.hair.back or other.hair.fringe == identity.hair.fringe:
        other = replace(other, hair=Hair.drawn(rng))
    while other.face.eyes == identity.face.eyes:
        other = replace(other, face=Face.drawn(rng))
    gear = other.gear if other.gear != identity.gear else ()
    human = identity.human
    return replace(
        other,
        plan=identity.plan,
        palette=identity.palette,
        outfit=identity.outfit if rng.random() < 0.5 else other.outfit,
        build=identity.build if rng.random() < 0.5 else other.build,
        gear=gear if human == other.human else _gear(rng, identity.plan),
        ears=(rng.choice([ear for ear in EARS if ear != identity.ears]) if identity.ears else ""),
        tail=(
            rng.choice([tail for tail in TAILS if tail != identity.tail]) if identity.tail else ""
        ),
        wings=identity.wings if rng.random() < 0.5 else other.wings,
    )
