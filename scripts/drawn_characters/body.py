"""Bare body under the clothes: limbs, torso, hands, legs with what they wear."""

import random

import skia

from drawn_characters.colour import Colour
from drawn_characters.outline import Point, along, ellipse, limb, polygon, smooth, tube
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.pose import Skeleton
from drawn_characters.traits import Outfit, Palette

LONG_LEGGED = ("trousers", "tights", "hakama")


def torso_outline(bones: Skeleton, *, grow: float = 1.0, low: float = 0.0) -> skia.Path:
    """The trunk from neck to pelvis; `low` lengthens it as a coat or tunic."""
    (nx, ny), (wx, wy), (px, py) = bones.neck, bones.waist, bones.pelvis
    left, right = bones.shoulders
    waist = (bones.shoulder_width * 0.42 + bones.hip_width * 0.4) * grow
    hip = bones.hip_width * 1.12 * grow
    thick = bones.thickness
    return smooth(
        [
            (nx - 0.24, ny - 0.06),
            (nx + 0.24, ny - 0.06),
            (right[0] + thick * 0.4, right[1] - thick * 0.5),
            (right[0] + thick * 0.1, right[1] + thick * 1.6),
            (wx + waist, wy),
            (px + hip, py + 0.12),
            (px + hip * (1.0 + low * 0.15), py + 0.2 + low),
            (px - hip * (1.0 + low * 0.15), py + 0.2 + low),
            (px - hip, py + 0.12),
            (wx - waist, wy),
            (left[0] - thick * 0.1, left[1] + thick * 1.6),
            (left[0] - thick * 0.4, left[1] - thick * 0.5),
        ],
        tension=0.7,
    )


def draw_leg(figure: Figure, bones: Skeleton, side: int, outfit: Outfit, palette: Palette) -> None:
    """One leg with stocking, trouser leg and shoe."""
    joints: list[Point] = [bones.hips[side], bones.knees[side], bones.feet[side]]
    thick = bones.thickness
    skin = palette.skin
    figure.form(limb(joints, [thick * 1.35, thick, thick * 0.72]), skin)
    if outfit.legwear != "bare" and outfit.bottom not in LONG_LEGGED:
        share = 0.72 if outfit.legwear in ("stockings", "striped") else 0.35
        sock = along(joints[::-1], share)
        widths = [
            thick * (0.8 + 0.55 * share * index / (len(sock) - 1)) for index in range(len(sock))
        ]
        stocking = figure.form(limb(sock, widths), palette.trim)
        if outfit.legwear == "striped":
            draw_pattern(figure, stocking, "stripes", palette.second)
    if outfit.bottom == "tights":
        figure.form(limb(joints, [thick * 1.42, thick * 1.06, thick * 0.8]), palette.second)
    elif outfit.bottom == "trousers":
        leg = figure.form(tube(joints, [thick * 1.55, thick * 1.25, thick * 1.15]), palette.second)
        if outfit.bottom_pattern in ("stripes", "check", "dots", "hem"):
            draw_pattern(figure, leg, outfit.bottom_pattern, palette.trim)
    elif outfit.bottom == "shorts":
        figure.form(
            tube(
                along(joints, 0.42), [thick * 1.6, *[thick * 1.5] * (len(along(joints, 0.42)) - 1)]
            ),
            palette.second,
        )
    _draw_shoe(figure, bones, side, outfit, palette)


def _draw_shoe(
    figure: Figure, bones: Skeleton, side: int, outfit: Outfit, palette: Palette
) -> None:
    x, y = bones.feet[side]
    toe, size = bones.toes[side], bones.thickness * 1.35
    colour = (
        palette.skin
        if outfit.shoe == "bare"
        else palette.accent
        if outfit.shoe in ("sneaker", "boot")
        else palette.trim
    )
    if outfit.shoe in ("boot", "long-boot"):
        share = 0.36 if outfit.shoe == "boot" else 0.62
        shaft = along([bones.feet[side], bones.knees[side], bones.hips[side]], share)
        figure.form(tube(shaft[::-1], [size * 0.95] * len(shaft)), colour)
    reach = size * (0.6 + 0.9 * abs(toe))
    sign = 1 if toe >= 0 else -1
    figure.form(
        smooth(
            [
                (x - sign * size * 0.7, y - size * 0.5),
                (x + sign * size * 0.5, y - size * 0.5),
                (x + sign * reach, y + size * 0.1),
                (x + sign * reach, y + size * 0.6),
                (x - sign * size * 0.75, y + size * 0.6),
            ],
            tension=0.6,
        ),
        colour,
    )
    if outfit.shoe == "sneaker":
        figure.flat(
            polygon(
                [
                    (x - sign * size * 0.7, y + size * 0.35),
                    (x + sign * reach, y + size * 0.35),
                    (x + sign * reach, y + size * 0.6),
                    (x - sign * size * 0.75, y + size * 0.6),
                ]
            ),
            palette.trim,
        )
    if outfit.shoe == "heel":
        figure.form(
            polygon(
                [
                    (x - sign * size * 0.75, y + size * 0.4),
                    (x - sign * size * 0.3, y + size * 0.4),
                    (x - sign * size * 0.6, y + size * 1.0),
                ]
            ),
            colour,
        )


def draw_arm(
    figure: Figure,
    bones: Skeleton,
    side: int,
    outfit: Outfit,
    palette: Palette,
    *,
    rng: random.Random,
) -> None:
    """One arm with sleeve, glove and hand."""
    joints: list[Point] = [bones.shoulders[side], bones.elbows[side], bones.hands[side]]
    thick = bones.thickness * 0.86
    cloth = sleeve_colour(outfit, palette)
    hand = palette.trim if outfit.gloves else palette.skin
    x, y = joints[2]
    figure.form(ellipse(x, y, thick * 1.05, thick * 1.15), hand)
    if rng.random() < 0.5:
        figure.form(
            ellipse(
                x + thick * (0.8 if side == 0 else -0.8),
                y - thick * 0.3,
                thick * 0.35,
                thick * 0.6,
                25 if side == 0 else -25,
            ),
            hand,
        )
    figure.form(limb(joints, [thick, thick * 0.85, thick * 0.7]), palette.skin)
    if outfit.gloves:
        figure.form(
            tube(along(joints[::-1], 0.4), [thick * 0.95] * len(along(joints[::-1], 0.4))),
            palette.trim,
        )
    sleeve = outfit.sleeve
    if sleeve == "none" or outfit.top in ("tank", "corset", "vest"):
        return
    _draw_sleeve(figure, joints, thick, sleeve, cloth, outfit=outfit, palette=palette)


def _draw_sleeve(
    figure: Figure,
    joints: list[Point],
    thick: float,
    sleeve: str,
    cloth: Colour,
    *,
    outfit: Outfit,
    palette: Palette,
) -> None:
    if sleeve == "puff":
        x, y = joints[0]
        middle = ((x * 2 + joints[1][0]) / 3, (y * 2 + joints[1][1]) / 3)
        figure.form(ellipse(*middle, thick * 2.0, thick * 1.8), cloth)
        return
    if sleeve == "detached":
        lower = [*along(joints[::-1], 0.68)][::-1]
        figure.form(tube(lower, [thick * 1.1, *[thick * 1.7] * (len(lower) - 1)]), palette.second)
        return
    share = {"short": 0.36, "rolled": 0.6}.get(sleeve, 0.95)
    part = along(joints, share)
    end = {"wide": 3.0, "flared": 2.1, "short": 1.6}.get(sleeve, 1.2)
    widths = [
        thick * 1.3,
        *[thick * (1.2 + (end - 1.2) * (index + 1) / len(part)) for index in range(len(part) - 1)],
    ]
    widths[-1] = thick * end
    form = figure.form(tube(part, widths, round_start=True), cloth)
    if outfit.pattern in ("stripes", "dots", "check", "hem"):
        draw_pattern(figure, form, outfit.pattern, palette.trim)
    elif sleeve in ("wide", "rolled", "flared"):
        draw_pattern(figure, form, "hem", palette.trim)


def sleeve_colour(outfit: Outfit, palette: Palette) -> Colour:
    """Sleeves of a top worn over another are the other's colour."""
    return palette.trim if outfit.top == "overalls" else palette.main
