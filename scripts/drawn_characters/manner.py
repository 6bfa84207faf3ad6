"""The manner of an artist: how proportions are bent, whatever the technique."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """Factors round 1; `heads` is None where the character's own height is kept."""

    eyes: float
    head_width: float
    hair: float
    limbs: float
    heads: float | None
    detail: bool

    @classmethod
    def drawn(cls, rng: random.Random, *, chibi: bool) -> "Manner":
        """A manner drawn by chance; chibi has a big head and big eyes."""
        return cls(
            eyes=rng.uniform(0.85, 1.2) * (1.2 if chibi else 1.0),
            head_width=rng.uniform(0.94, 1.08) * (1.06 if chibi else 1.0),
            hair=rng.uniform(0.94, 1.1),
            limbs=rng.uniform(0.88, 1.15),
            heads=rng.uniform(1.9, 2.9) if chibi else None,
            detail=rng.random() < 0.8,
        )


@dataclass(frozen=True, slots=True)
class Expression:
    """Of a moment: eyes and mouth by name, brows and gaze by number."""

    eyes: str
    mouth: str
    brows: float
    gaze: float
    blush: bool

    @classmethod
    def drawn(cls, rng: random.Random) -> "Expression":
        """An expression drawn by chance, most often with open eyes."""
        return cls(
            eyes=rng.choice(("open",) * 7 + ("half", "closed", "happy", "wink", "wide")),
            mouth=rng.choice(
                (
                    "smile",
                    "smile",
                    "open",
                    "open",
                    "flat",
                    "round",
                    "cat",
                    "frown",
                    "teeth",
                    "smirk",
                    "none",
                )
            ),
            brows=rng.uniform(-1, 1),
            gaze=rng.uniform(-1, 1),
            blush=rng.random() < 0.3,
        )
