"""Glasses, patches, masks: what is worn on the face."""

from drawn_characters.colour import BLACK, WHITE
from drawn_characters.outline import (
    ellipse,
    polygon,
    rounded,
    smooth,
)
from drawn_characters.worn import Worn


def _glasses(worn: Worn) -> None:
    rims = []
    for side in (-1, 1):
        x, y, depth = worn.view.at(side * 25, 0.26, 1.0)
        if depth < 0.1:
            continue
        wide, tall = 0.32 * max(0.35, depth), 0.26 * worn.gear.size
        rim = (
            ellipse(x, y, wide, tall)
            if worn.gear.kind == "round-glasses"
            else rounded(x - wide, y - tall * 0.75, x + wide, y + tall * 0.75, 0.1)
        )
        if worn.gear.kind == "shades":
            worn.figure.form(rim, BLACK)
        else:
            worn.figure.flat(rim, WHITE, alpha=0.22)
        worn.figure.line(rim, worn.colour, 0.06)
        rims.append(x)
        edge_x, edge_y, near = worn.view.at(side * 80, 0.2, 1.02)
        if near > -0.2:
            worn.figure.line(polygon([(x + side * wide, y), (edge_x, edge_y)]), worn.colour, 0.05)
    if len(rims) == 2:
        worn.figure.line(
            polygon([(rims[0] + 0.26, 0.24), (rims[1] - 0.26, 0.24)]), worn.colour, 0.05
        )


def _patch(worn: Worn) -> None:
    x, y, depth = worn.view.at(worn.gear.side * 26, 0.26, 1.0)
    if depth < 0.1:
        return
    thin = max(0.4, depth)
    top = worn.view.clamped(-worn.gear.side * 70, -0.55, 1.05)
    end = worn.view.clamped(worn.gear.side * 85, 0.1, 1.05)
    worn.figure.line(polygon([top, (x, y - 0.1), end]), worn.colour, 0.06)
    worn.figure.form(
        smooth(
            [
                (x - 0.27 * thin, y - 0.2),
                (x + 0.27 * thin, y - 0.2),
                (x + 0.24 * thin, y + 0.18),
                (x, y + 0.32),
                (x - 0.24 * thin, y + 0.18),
            ],
            tension=0.7,
        ),
        worn.colour,
    )


def _mask(worn: Worn) -> None:
    points = [
        worn.view.clamped(az, y, 0.98)
        for az, y in ((-70, 0.45), (0, 0.42), (70, 0.45), (60, 0.85), (0, 1.12), (-60, 0.85))
    ]
    worn.figure.form(smooth([(x * 0.92, y) for x, y in points], tension=0.7), worn.colour)


def _goggles(worn: Worn) -> None:
    left, right = worn.view.clamped(-85, -0.42, 1.12), worn.view.clamped(85, -0.42, 1.12)
    worn.figure.form(
        polygon(
            [
                (left[0], left[1] - 0.08),
                (right[0], right[1] - 0.08),
                (right[0], right[1] + 0.12),
                (left[0], left[1] + 0.12),
            ]
        ),
        BLACK,
    )
    for side in (-1, 1):
        x, y, depth = worn.view.at(side * 24, -0.42, 1.15)
        if depth > 0.1:
            worn.figure.form(ellipse(x, y, 0.3 * max(0.4, depth), 0.26), worn.colour)
            worn.figure.flat(ellipse(x, y, 0.2 * max(0.4, depth), 0.17), worn.colour.lighter(0.3))


def _earrings(worn: Worn) -> None:
    for side in (-1, 1):
        x, y, depth = worn.view.at(side * 86, 0.75, 0.98)
        if depth > -0.2:
            worn.figure.form(
                ellipse(x, y + 0.1 * worn.gear.size, 0.1, 0.17 * worn.gear.size), worn.colour
            )


EYEWEAR = {
    "glasses": _glasses,
    "round-glasses": _glasses,
    "shades": _glasses,
    "patch": _patch,
    "mask": _mask,
    "goggles": _goggles,
    "earrings": _earrings,
}
