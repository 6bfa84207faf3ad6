"""Tops, skirts, neckwear, belts over the torso."""

import skia

from drawn_characters.body import torso_outline
from drawn_characters.colour import Colour
from drawn_characters.outline import line, polygon, rounded, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import draw_pattern
from drawn_characters.pose import Skeleton
from drawn_characters.traits import Outfit, Palette
from drawn_characters.trimmings import Dressed, decorate


def draw_skirt(
    figure: Figure, bones: Skeleton, outfit: Outfit, palette: Palette, sway: float
) -> None:
    """A skirt, gown or the seat of trousers."""
    (wx, wy), (px, py) = bones.waist, bones.pelvis
    leg = max(foot[1] for foot in bones.feet) - py
    hip = bones.hip_width * 1.2
    waist = bones.shoulder_width * 0.4 + bones.hip_width * 0.4
    if outfit.bottom in ("trousers", "shorts", "tights"):
        figure.form(
            smooth(
                [
                    (wx - waist * 0.95, wy + 0.1),
                    (wx + waist * 0.95, wy + 0.1),
                    (px + hip * 1.05, py + 0.15),
                    (px + hip * 0.5, py + bones.thickness * 1.6),
                    (px, py + bones.thickness),
                    (px - hip * 0.5, py + bones.thickness * 1.6),
                    (px - hip * 1.05, py + 0.15),
                ],
                tension=0.7,
            ),
            palette.second,
        )
        return
    share = {"long-skirt": 0.85, "gown": 0.97, "hakama": 0.9}.get(
        outfit.bottom, outfit.skirt_length
    )
    spread = {"pleated": 1.9, "gown": 2.2, "dress": 1.7, "hakama": 1.5, "long-skirt": 1.5}.get(
        outfit.bottom, 1.5
    )
    end, lean = py + leg * share, sway * 0.5 * share
    knees = max(abs(x - px) for x, _ in bones.knees) if share > 0.35 else 0.0
    low = max(hip * (1.0 + (spread - 1.0) * (0.5 + share)), knees + 0.25)
    count = 8 if outfit.bottom == "pleated" else 4
    hem = [
        (px + low + lean - 2 * low * index / count, end + (0.12 if index % 2 else -0.02))
        for index in range(count + 1)
    ]
    colour = palette.main if outfit.bottom in ("dress", "gown") else palette.second
    skirt = figure.form(
        smooth(
            [(wx - waist, wy), (wx + waist, wy), (px + hip, py), *hem, (px - hip, py)], tension=0.5
        ),
        colour,
    )
    if outfit.bottom in ("pleated", "hakama"):
        for index in range(1, count):
            figure.line(
                line([(wx - waist + 2 * waist * index / count, wy), hem[count - index]]),
                colour.shaded(0.3),
                0.05,
                skirt,
            )
    draw_pattern(figure, skirt, outfit.bottom_pattern, palette.trim, outfit.emblem)


def draw_top(
    figure: Figure, bones: Skeleton, outfit: Outfit, palette: Palette, *, behind: bool
) -> None:
    """The garment of the trunk, its opening and decoration."""
    top, main = outfit.top, palette.main
    low = {
        "coat": 2.2,
        "kimono": 0.5,
        "hoodie": 0.25,
        "cloak": 1.4,
        "jacket": 0.15,
        "sweater": 0.2,
        "armour": 0.3,
    }.get(top, 0.0)
    grow = {
        "hoodie": 1.2,
        "sweater": 1.12,
        "armour": 1.15,
        "cloak": 1.3,
        "coat": 1.12,
        "corset": 0.92,
    }.get(top, 1.0)
    if top in ("tank", "corset", "overalls", "vest"):
        figure.form(
            torso_outline(bones, grow=0.96),
            palette.skin if top in ("tank", "corset") else palette.trim,
        )
    cloth = figure.form(
        torso_outline(bones, grow=grow, low=low)
        if top not in ("tank", "corset")
        else _low_top(bones, top),
        main,
    )
    draw_pattern(figure, cloth, outfit.pattern, palette.trim, outfit.emblem)
    if not behind:
        decorate(Dressed(figure, bones, palette, cloth, top))
    elif top in ("sailor", "hoodie"):
        nx, ny = bones.neck
        figure.form(
            smooth(
                [(nx - 0.6, ny), (nx + 0.6, ny), (nx + 0.65, ny + 0.8), (nx - 0.65, ny + 0.8)],
                tension=0.4,
            ),
            palette.second if top == "sailor" else main,
        )
    if outfit.belt:
        wx, wy = bones.waist
        half = bones.shoulder_width * 0.45 + bones.hip_width * 0.4
        belt = polygon(
            [
                (wx - half, wy + 0.02),
                (wx + half, wy + 0.02),
                (wx + half, wy + 0.24),
                (wx - half, wy + 0.24),
            ]
        )
        figure.form(belt, palette.accent)
        if not behind:
            figure.flat(rounded(wx - 0.14, wy, wx + 0.14, wy + 0.26, 0.05), palette.trim)


def _low_top(bones: Skeleton, top: str) -> skia.Path:
    (nx, ny), (wx, wy), (px, py) = bones.neck, bones.waist, bones.pelvis
    wide, hip = bones.shoulder_width * 0.78, bones.hip_width * 1.1
    start = ny + (0.55 if top == "corset" else 0.3)
    return smooth(
        [
            (nx - wide, start),
            (nx - wide * 0.4, start + 0.12),
            (nx + wide * 0.4, start + 0.12),
            (nx + wide, start),
            (wx + wide * 0.72, wy),
            (px + hip, py + 0.2),
            (px - hip, py + 0.2),
            (wx - wide * 0.72, wy),
        ],
        tension=0.7,
    )


def draw_neck(figure: Figure, bones: Skeleton, skin: Colour, chin: float) -> None:
    """The neck, from under the chin into the collar."""
    nx, ny = bones.neck
    half = 0.2 + 0.25 * bones.thickness
    figure.form(
        polygon(
            [
                (nx * 0.5 - half, chin * 0.6),
                (nx * 0.5 + half, chin * 0.6),
                (nx + half * 1.1, ny + 0.2),
                (nx, ny + 0.42),
                (nx - half * 1.1, ny + 0.2),
            ]
        ),
        skin.shaded(0.12),
    )
