"""Fringes: the lower edge of the hair over the forehead."""

import math
import random

from drawn_characters.traits import Hair

Bottom = list[tuple[float, float, str]]
"The lower edge of the fringe from left to right: azimuth, height, and tip or valley or curve."


_SHAPES: dict[str, Bottom] = {
    "swept": [
        (60, -0.4, "curve"),
        (25, -0.2, "curve"),
        (-10, 0.02, "curve"),
        (-45, 0.22, "curve"),
        (-62, 0.42, "tip"),
    ],
    "peekaboo": [
        (60, -0.2, "curve"),
        (14, -0.5, "valley"),
        (4, 0.35, "curve"),
        (-28, 0.72, "tip"),
        (-62, 0.5, "tip"),
    ],
    "curtain": [
        (64, 0.5, "tip"),
        (40, 0.02, "curve"),
        (8, -0.62, "valley"),
        (-40, 0.02, "curve"),
        (-64, 0.5, "tip"),
    ],
    "slick": [
        (60, -0.28, "curve"),
        (30, -0.56, "curve"),
        (0, -0.62, "curve"),
        (-30, -0.56, "curve"),
        (-60, -0.28, "curve"),
    ],
    "pompadour": [
        (60, -0.2, "curve"),
        (25, -0.48, "curve"),
        (0, -0.52, "curve"),
        (-25, -0.48, "curve"),
        (-60, -0.2, "curve"),
    ],
}
"For a parting on the right, from right to left; mirrored for one on the left."


def fringe_bottom(hair: Hair, rng: random.Random) -> Bottom:
    """The lower edge of a fringe of each kind."""
    low = -0.12 + 0.3 * hair.fringe_length
    part = hair.parting * 60
    shape = _SHAPES.get(hair.fringe)
    if shape is not None:
        sign = 1 if part > 0 else -1
        lift = low if hair.fringe == "swept" else 0.0
        return [(sign * az, y + lift, kind) for az, y, kind in shape][::-sign]
    if hair.fringe in ("blunt", "long-blunt"):
        low += 0.12 if hair.fringe == "long-blunt" else 0.0
        return [(az, low + 0.03 * math.cos(az * 0.2), "curve") for az in (-62, -30, 0, 30, 62)]
    if hair.fringe == "m-shape":
        tip = -0.05 + 0.2 * hair.fringe_length
        sides = ((-62, 0.0, "tip"), (-34, -0.55, "curve"))
        return [*sides, (0, tip, "tip"), (34, -0.55, "curve"), (62, 0.0, "tip")]
    if hair.fringe == "side-part":
        return [
            (-62, low + 0.1, "tip"),
            (part - 26, low - 0.05, "curve"),
            (part, -0.66, "valley"),
            (part + 26, low - 0.05, "curve"),
            (62, low + 0.2, "tip"),
        ]
    if hair.fringe == "forelock":
        part *= 0.5
        lock = [(part - 16, -0.5, "valley"), (part, 0.28, "tip"), (part + 16, -0.5, "valley")]
        return [(-60, -0.2, "curve"), *lock, (60, -0.2, "curve")]
    return _strands(hair, rng, low, part)


def _strands(hair: Hair, rng: random.Random, low: float, part: float) -> Bottom:
    """As many strands as the hair has locks, shorter about the parting."""
    bottom: Bottom = []
    steps = {"wisps": 3, "bumps": max(4, hair.locks)}.get(hair.fringe, hair.locks)
    rough = {"messy": 0.22, "zigzag": 0.05}.get(hair.fringe, 0.02)
    kind = "bump" if hair.fringe == "bumps" else "tip"
    for index in range(steps + 1):
        azimuth = -64 + 128 * index / steps
        near = max(0.0, 1 - abs(azimuth - part) / 55)
        drop = 0.18 if abs(azimuth) > 50 else 0.0
        lean = (azimuth - part) * 0.1 + rng.uniform(-9, 9) * rough * 3
        bottom.append((azimuth + lean, low + drop - near * 0.22 + rng.uniform(-rough, rough), kind))
        if index < steps:
            bottom.append((azimuth + 64 / steps, min(low, low - near * 0.3) - 0.24, "valley"))
    return bottom
