"""The head seen from somewhere: points on its round surface to points on paper."""

import math
from dataclasses import dataclass

import skia

from drawn_characters.outline import Point, smooth
from drawn_characters.traits import Face

_FRONT = ((0.0, -1.0), (0.6, -0.82), (0.94, -0.35), (0.96, 0.08), (0.95, 0.32), (0.88, 0.55))
_QUARTER = (
    (0.0, -1.0),
    (0.6, -0.82),
    (0.93, -0.35),
    (0.91, 0.06),
    (0.85, 0.3),
    (0.87, 0.55),
    (0.76, 0.9),
)
_PROFILE = (
    (0.0, -1.0),
    (0.6, -0.82),
    (0.95, -0.35),
    (0.88, 0.05),
    (0.95, 0.4),
    (0.87, 0.62),
    (0.84, 0.88),
)


@dataclass(frozen=True, slots=True)
class View:
    """Yaw in degrees (0 front, 90 looks to the right, 180 from behind); pitch in -1..1 (up)."""

    yaw: float
    pitch: float

    @property
    def behind(self) -> bool:
        """True when the face cannot be seen."""
        return abs(self.yaw) > 105

    def at(self, azimuth: float, height: float, radius: float = 1.0) -> tuple[float, float, float]:
        """x, y and depth (above 0: towards us) of a point of the head, azimuth in degrees."""
        girth = math.sqrt(max(0.04, 1.0 - height * height)) if height < 0 else 1.0 - 0.08 * height
        angle = math.radians(azimuth + self.yaw)
        depth = math.cos(angle) * girth * radius
        return math.sin(angle) * girth * radius, height + depth * self.pitch * 0.22, depth

    def clamped(self, azimuth: float, height: float, radius: float = 1.0) -> Point:
        """As `at`, but what is out of sight moves to the edge."""
        angle = max(-90.0, min(90.0, azimuth + self.yaw))
        x, y, _ = View(0.0, self.pitch).at(angle, height, radius)
        return x, y


def face_outline(face: Face, view: View) -> skia.Path:
    """The outline of skull and face, blended between front, three-quarter and profile."""
    turn = abs(view.yaw) if not view.behind else 0.0
    jaw, chin, wide = face.jaw, face.chin + view.pitch * 0.08, face.chin_width
    front = [*_FRONT, (jaw, 0.86), (wide * 0.6, chin)]
    front += [(-x, y) for x, y in reversed(front[1:])]
    quarter = [
        *_QUARTER,
        (0.4 + wide * 0.5, chin),
        (0.38 - wide * 0.6, chin),
        (0.3 - jaw, 0.84),
        (-0.72, 0.55),
        (-0.93, 0.3),
        (-0.97, 0.05),
        (-0.95, -0.35),
        (-0.6, -0.82),
    ]
    nose = face.nose * 1.4
    profile = [
        *_PROFILE,
        (0.76, chin * 0.98),
        (0.5 - wide * 0.2, chin),
        (-0.02, 0.86),
        (-0.55, 0.7),
        (-0.85, 0.45),
        (-0.97, 0.1),
        (-0.97, -0.35),
        (-0.6, -0.82),
    ]
    profile[4] = (0.93 + nose, 0.42)
    if turn <= 40:
        share, first, last = turn / 40.0, front, quarter
    else:
        share, first, last = min(1.0, (turn - 40) / 45.0), quarter, profile
    sign = 1.0 if view.yaw >= 0 else -1.0
    points = [
        (sign * (a[0] + (b[0] - a[0]) * share), a[1] + (b[1] - a[1]) * share)
        for a, b in zip(first, last, strict=True)
    ]
    return smooth(points)
