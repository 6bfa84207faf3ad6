"""Poses: where the joints of a two-legged body are."""

import math
import random
from dataclasses import dataclass

from drawn_characters.outline import Point

POSES: dict[str, tuple[float, ...]] = {
    # lean, arm left, elbow left, arm right, elbow right, leg left, knee left, leg right, knee right
    "stand": (0, 10, 8, 10, 8, 4, 0, 4, 0),
    "relaxed": (2, 18, 25, 8, 5, 8, 0, 3, 8),
    "walk": (4, -24, 12, 30, 20, 22, 4, -16, 26),
    "run": (14, -40, 85, 52, 80, 52, 42, -28, 70),
    "jump": (-3, 125, 25, 118, 30, 34, 62, 12, 84),
    "sit": (-4, 20, 40, 20, 40, 62, 78, 54, 74),
    "arms-up": (0, 158, 12, 152, 18, 8, 0, 8, 0),
    "wave": (2, 8, 10, 128, 42, 5, 0, 5, 0),
    "hips": (0, 42, -88, 42, -88, 10, 0, 10, 0),
    "one-hip": (3, 12, 8, 44, -92, 4, 0, 12, 6),
    "fight": (8, 48, 96, 66, 62, 28, 34, 30, 18),
    "point": (2, 14, 20, 88, 3, 10, 0, 14, 4),
    "spread": (0, 80, 5, 80, 5, 24, 0, 24, 0),
    "think": (3, 20, -70, 30, 138, 5, 0, 5, 4),
    "kneel": (3, 14, 30, 12, 20, 40, 100, -12, 92),
    "fly": (18, 70, 20, 110, 15, -8, 22, 8, 40),
    "crouch": (10, 30, 40, 40, 60, 64, 100, 58, 100),
}
"Degrees: arms and legs out from hanging down, elbows and knees bent from straight."


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Joints in radii of the head, whose middle is the origin; y goes down."""

    neck: Point
    shoulders: tuple[Point, Point]
    elbows: tuple[Point, Point]
    hands: tuple[Point, Point]
    waist: Point
    pelvis: Point
    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    feet: tuple[Point, Point]
    shoulder_width: float
    hip_width: float
    thickness: float
    toes: tuple[float, float]
    "Where each foot points: -1 left, 1 right."


def drawn_pose(rng: random.Random) -> tuple[str, tuple[float, ...]]:
    """A pose with some play in every joint; half of them stand."""
    name = (
        rng.choice(("stand", "relaxed", "one-hip", "hips", "wave"))
        if rng.random() < 0.5
        else rng.choice(list(POSES))
    )
    return name, tuple(angle + rng.uniform(-7, 7) for angle in POSES[name])


def skeleton(
    pose: tuple[float, ...],
    *,
    heads: float,
    shoulders: float,
    hips: float,
    limbs: float,
    yaw: float,
    chin: float,
) -> Skeleton:
    """The joints of a body of so many heads in a pose, turned by `yaw` degrees."""
    lean, *angles = pose
    body = heads * 2.15 - 2.2
    turned = abs(math.sin(math.radians(yaw)))
    facing = 1.0 if yaw >= 0 else -1.0
    squeeze = 1.0 - 0.45 * turned
    torso, arm, leg = body * 0.36, body * 0.44, body * 0.56
    size = 0.55 + 0.115 * heads
    wide = shoulders * size * 1.0 * squeeze
    hip = hips * size * 0.62 * squeeze
    slope = math.sin(math.radians(lean)) * facing
    neck = (-0.05 * facing * turned, chin + 0.16)
    pelvis = (neck[0] - slope * torso, neck[1] + torso)
    waist = (neck[0] - slope * torso * 0.6, neck[1] + torso * 0.62)
    sides = (-1, 1)
    shoulder = tuple((neck[0] + side * wide, neck[1] + 0.18 * size) for side in sides)
    hipped = tuple((pelvis[0] + side * hip * 0.62, pelvis[1]) for side in sides)
    elbows, hands, knees, feet = [], [], [], []
    for index, side in enumerate(sides):
        elbow = _reach(shoulder[index], side, angles[index * 2], arm * 0.5, turned, facing=facing)
        hand = _reach(
            elbow,
            side,
            angles[index * 2] + angles[index * 2 + 1],
            arm * 0.45,
            turned,
            facing=facing,
        )
        knee = _reach(hipped[index], side, angles[4 + index * 2], leg * 0.5, turned, facing=facing)
        bend = angles[4 + index * 2] - angles[5 + index * 2]
        foot = _reach(knee, side, bend, leg * 0.5, turned, facing=facing)
        elbows.append(elbow)
        hands.append(hand)
        knees.append(knee)
        feet.append(foot)
    toes = (
        (facing, facing)
        if turned > 0.5
        else (-0.5 if turned < 0.25 else facing * 0.7, 0.5 if turned < 0.25 else facing * 0.7)
    )
    return Skeleton(
        neck,
        (shoulder[0], shoulder[1]),
        (elbows[0], elbows[1]),
        (hands[0], hands[1]),
        waist,
        pelvis,
        (hipped[0], hipped[1]),
        (knees[0], knees[1]),
        (feet[0], feet[1]),
        wide,
        hip,
        (0.16 + 0.035 * heads) * limbs,
        toes,
    )


def _reach(
    start: Point, side: int, degrees: float, length: float, turned: float, *, facing: float
) -> Point:
    """The end of a limb: seen from the front it opens sideways, from the side it swings along."""
    angle = math.radians(degrees)
    outward = side * (1.0 - turned) + facing * turned
    return start[0] + math.sin(angle) * length * outward, start[1] + math.cos(angle) * length
