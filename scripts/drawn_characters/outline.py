"""Outlines: the closed and open paths that figures are built of, in the figure's own units."""

import math
from collections.abc import Sequence
from itertools import pairwise

import skia

Point = tuple[float, float]


def polygon(points: Sequence[Point]) -> skia.Path:
    """A closed outline with straight edges."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return path


def smooth(points: Sequence[Point], *, tension: float = 1.0, closed: bool = True) -> skia.Path:
    """A curve through every point (Catmull-Rom); `tension` 0 gives straight edges."""
    path = skia.Path()
    count = len(points)
    path.moveTo(*points[0])
    share = tension / 6.0
    for index in range(count if closed else count - 1):
        if closed:
            before, start = points[index - 1], points[index]
            end, after = points[(index + 1) % count], points[(index + 2) % count]
        else:
            before, start = points[max(0, index - 1)], points[index]
            end, after = points[index + 1], points[min(count - 1, index + 2)]
        path.cubicTo(
            start[0] + (end[0] - before[0]) * share,
            start[1] + (end[1] - before[1]) * share,
            end[0] - (after[0] - start[0]) * share,
            end[1] - (after[1] - start[1]) * share,
            end[0],
            end[1],
        )
    if closed:
        path.close()
    return path


def ellipse(x: float, y: float, across: float, down: float, degrees: float = 0.0) -> skia.Path:
    """An ellipse of two radii round a centre."""
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - across, y - down, x + across, y + down))
    if degrees:
        path.transform(skia.Matrix.RotateDeg(degrees, skia.Point(x, y)))
    return path


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> skia.Path:
    """A rectangle with round corners."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)
    return path


def line(points: Sequence[Point]) -> skia.Path:
    """An open polyline."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    return path


def bend(start: Point, control: Point, end: Point) -> skia.Path:
    """An open arc."""
    path = skia.Path()
    path.moveTo(*start)
    path.quadTo(*control, *end)
    return path


def limb(joints: Sequence[Point], widths: Sequence[float]) -> skia.Path:
    """A tapered tube along joints, with half-widths at each, round at both ends."""
    left: list[Point] = []
    right: list[Point] = []
    last = len(joints) - 1
    for index, ((x, y), width) in enumerate(zip(joints, widths, strict=True)):
        before, after = joints[max(0, index - 1)], joints[min(last, index + 1)]
        across, down = after[0] - before[0], after[1] - before[1]
        length = math.hypot(across, down) or 1.0
        across, down = across / length, down / length
        if index == 0:
            left.append((x - across * width * 0.8, y - down * width * 0.8))
        left.append((x + down * width, y - across * width))
        right.append((x - down * width, y + across * width))
        if index == last:
            left.append((x + across * width * 0.8, y + down * width * 0.8))
    return smooth([*left, *reversed(right)])


def tube(
    joints: Sequence[Point], widths: Sequence[float], *, round_start: bool = False
) -> skia.Path:
    """A tapered tube with flat ends: a sleeve, a trouser leg; the start may be round."""
    left: list[Point] = []
    right: list[Point] = []
    last = len(joints) - 1
    for index, ((x, y), width) in enumerate(zip(joints, widths, strict=True)):
        before, after = joints[max(0, index - 1)], joints[min(last, index + 1)]
        across, down = after[0] - before[0], after[1] - before[1]
        length = math.hypot(across, down) or 1.0
        if index == 0 and round_start:
            left.append((x - across / length * width, y - down / length * width))
        left.append((x + down / length * width, y - across / length * width))
        right.append((x - down / length * width, y + across / length * width))
    return smooth([*left, *reversed(right)], tension=0.75)


def along(joints: Sequence[Point], share: float) -> list[Point]:
    """The first `share` of a polyline, its last point interpolated."""
    lengths = [math.dist(a, b) for a, b in pairwise(joints)]
    left = sum(lengths) * share
    points = [joints[0]]
    for start, end, length in zip(joints[:-1], joints[1:], lengths, strict=True):
        if left <= length:
            part = left / length if length else 0.0
            points.append(
                (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
            )
            return points
        points.append(end)
        left -= length
    return points


def star(x: float, y: float, radius: float, *, tips: int = 5, inner: float = 0.45) -> skia.Path:
    """A star with its first tip up."""
    points = []
    for index in range(tips * 2):
        reach = radius if index % 2 == 0 else radius * inner
        angle = math.pi * index / tips - math.pi / 2
        points.append((x + math.cos(angle) * reach, y + math.sin(angle) * reach))
    return polygon(points)


def petals(x: float, y: float, radius: float, *, count: int = 5) -> skia.Path:
    """A flower of round petals."""
    path = skia.Path()
    for index in range(count):
        angle = 2 * math.pi * index / count - math.pi / 2
        path.addCircle(
            x + math.cos(angle) * radius * 0.58, y + math.sin(angle) * radius * 0.58, radius * 0.48
        )
    return path


def heart(x: float, y: float, radius: float) -> skia.Path:
    """A heart."""
    path = skia.Path()
    path.moveTo(x, y + radius)
    path.cubicTo(
        x - radius * 1.8, y - radius * 0.2, x - radius * 0.8, y - radius * 1.3, x, y - radius * 0.4
    )
    path.cubicTo(
        x + radius * 0.8, y - radius * 1.3, x + radius * 1.8, y - radius * 0.2, x, y + radius
    )
    path.close()
    return path


def bow(x: float, y: float, size: float, degrees: float = 0.0) -> skia.Path:
    """A ribbon tied to a bow."""
    path = smooth(
        [
            (x, y - size * 0.12),
            (x - size, y - size * 0.6),
            (x - size * 0.95, y + size * 0.55),
            (x, y + size * 0.12),
            (x + size * 0.95, y + size * 0.55),
            (x + size, y - size * 0.6),
        ],
        tension=0.55,
    )
    if degrees:
        path.transform(skia.Matrix.RotateDeg(degrees, skia.Point(x, y)))
    return path
