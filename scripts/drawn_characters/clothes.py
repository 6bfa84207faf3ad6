"""Tops, skirts, neckwear, belts over the torso."""

import skia

from drawn_characters.body import torso_outline
from drawn_characters.colour import WHITE, Colour
from drawn_characters.outline import bow, ellipse, line, polygon, rounded, smooth, star
from drawn_characters.part import Figure
from drawn_characters.pattern import buttons, draw_pattern, emblem_path, laces
from drawn_characters.pose import Skeleton
from drawn_characters.traits import Outfit, Palette


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
        _decorate(figure, bones, outfit, palette, cloth)
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


def _decorate(
    figure: Figure, bones: Skeleton, outfit: Outfit, palette: Palette, cloth: skia.Path
) -> None:
    (nx, ny), (wx, wy) = bones.neck, bones.waist
    top, second, trim = outfit.top, palette.second, palette.trim
    deep = wy - ny
    if top in ("shirt", "suit", "uniform", "jacket", "coat", "vest"):
        opening = 0.9 if top in ("suit", "jacket", "coat") else 0.35
        inner = second if top != "suit" else WHITE
        figure.flat(
            polygon([(nx - 0.3, ny - 0.08), (nx + 0.3, ny - 0.08), (nx, ny + deep * opening)]),
            inner if top != "shirt" else palette.skin,
            cloth,
        )
        for side in (-1, 1):
            figure.form(
                polygon(
                    [
                        (nx + side * 0.2, ny - 0.14),
                        (nx + side * 0.48, ny + 0.05),
                        (nx + side * 0.1, ny + deep * min(0.6, opening)),
                    ]
                ),
                trim if top in ("suit", "uniform") else palette.main,
            )
        figure.line(
            line([(nx, ny + deep * opening), (wx, wy + 1.6)]), palette.main.shaded(0.4), 0.04, cloth
        )
        buttons(figure, (nx + wx) / 2 + 0.12, ny + deep * 0.5, wy + 0.4, trim)
    elif top == "sailor":
        figure.form(
            polygon(
                [
                    (nx - 0.35, ny - 0.1),
                    (nx, ny + 0.75),
                    (nx + 0.35, ny - 0.1),
                    (nx + 0.75, ny + 0.3),
                    (nx, ny + 1.05),
                    (nx - 0.75, ny + 0.3),
                ]
            ),
            second,
        )
        figure.form(bow(nx, ny + 0.95, 0.42), palette.accent)
    elif top == "hoodie":
        figure.form(
            smooth(
                [
                    (nx - 0.62, ny + 0.1),
                    (nx, ny - 0.2),
                    (nx + 0.62, ny + 0.1),
                    (nx + 0.3, ny + 0.42),
                    (nx, ny + 0.5),
                    (nx - 0.3, ny + 0.42),
                ]
            ),
            palette.main.lighter(-0.06),
        )
        for side in (-1, 1):
            figure.line(
                line([(nx + side * 0.15, ny + 0.4), (nx + side * 0.18, ny + 1.0)]), trim, 0.07
            )
        figure.flat(
            rounded(wx - 0.5, wy - 0.1, wx + 0.5, wy + 0.4, 0.15), palette.main.shaded(0.18), cloth
        )
    elif top == "armour":
        figure.flat(
            polygon(
                [
                    (nx - 0.6, ny + 0.3),
                    (nx, ny + 0.15),
                    (nx + 0.6, ny + 0.3),
                    (nx, ny + deep * 0.85),
                ]
            ),
            second,
            cloth,
        )
        for side in (0, 1):
            x, y = bones.shoulders[side]
            figure.form(ellipse(x, y, bones.thickness * 2.1, bones.thickness * 1.7), second)
        figure.line(
            line([(wx - 1.2, wy - 0.25), (wx, wy - 0.05), (wx + 1.2, wy - 0.25)]),
            palette.main.shaded(0.4),
            0.05,
            cloth,
        )
    elif top == "kimono":
        figure.form(
            polygon(
                [
                    (nx - 0.42, ny - 0.12),
                    (nx - 0.2, ny - 0.14),
                    (nx + 0.32, wy + 0.1),
                    (nx + 0.05, wy + 0.1),
                ]
            ),
            trim,
        )
        figure.form(
            polygon(
                [
                    (nx + 0.42, ny - 0.12),
                    (nx + 0.2, ny - 0.14),
                    (nx - 0.42, wy + 0.1),
                    (nx - 0.12, wy + 0.1),
                ]
            ),
            trim,
        )
        half = bones.shoulder_width * 0.45 + bones.hip_width * 0.42
        figure.form(rounded(wx - half, wy - 0.15, wx + half, wy + 0.4, 0.08), second)
    elif top == "overalls":
        figure.form(
            polygon(
                [
                    (nx - 0.5, ny + deep * 0.45),
                    (nx + 0.5, ny + deep * 0.45),
                    (wx + 0.62, wy + 0.4),
                    (wx - 0.62, wy + 0.4),
                ]
            ),
            second,
        )
        for side in (-1, 1):
            figure.form(
                polygon(
                    [
                        (nx + side * 0.5, ny),
                        (nx + side * 0.66, ny),
                        (nx + side * 0.5, ny + deep * 0.6),
                        (nx + side * 0.34, ny + deep * 0.6),
                    ]
                ),
                second,
            )
            figure.flat(ellipse(nx + side * 0.42, ny + deep * 0.55, 0.08, 0.08), palette.accent)
    elif top == "sweater":
        figure.form(
            rounded(nx - 0.36, ny - 0.25, nx + 0.36, ny + 0.2, 0.14), palette.main.lighter(0.05)
        )
    elif top == "corset":
        laces(figure, wx, ny + 0.8, wy + 0.1, 0.16, trim)
    elif top == "cloak":
        figure.form(
            smooth(
                [
                    (nx - 0.55, ny - 0.05),
                    (nx + 0.55, ny - 0.05),
                    (nx + 0.7, ny + 0.3),
                    (nx, ny + 0.5),
                    (nx - 0.7, ny + 0.3),
                ]
            ),
            trim,
        )
        figure.flat(star(nx, ny + 0.3, 0.17), palette.accent)
    else:
        figure.flat(ellipse(nx, ny - 0.02, 0.34, 0.22), palette.skin, cloth)


def draw_neckwear(figure: Figure, bones: Skeleton, outfit: Outfit, palette: Palette) -> None:
    """Scarf, tie, necklace: what lies over top and neck."""
    (nx, ny), (wx, wy) = bones.neck, bones.waist
    kind, colour = outfit.neck, palette.accent
    if kind == "scarf":
        figure.form(
            polygon(
                [
                    (nx + 0.2, ny + 0.1),
                    (nx + 0.55, ny + 0.1),
                    (nx + 0.75, ny + 1.3),
                    (nx + 0.35, ny + 1.35),
                ]
            ),
            colour,
        )
        figure.form(
            smooth(
                [
                    (nx - 0.6, ny - 0.15),
                    (nx, ny - 0.05),
                    (nx + 0.6, ny - 0.15),
                    (nx + 0.55, ny + 0.25),
                    (nx, ny + 0.36),
                    (nx - 0.55, ny + 0.25),
                ]
            ),
            colour,
        )
    elif kind == "tie":
        figure.form(
            polygon(
                [
                    (nx - 0.1, ny),
                    (nx + 0.1, ny),
                    (nx + 0.18, wy - 0.3),
                    (nx, wy - 0.05),
                    (nx - 0.18, wy - 0.3),
                ]
            ),
            colour,
        )
    elif kind == "bow":
        figure.form(bow(nx, ny + 0.15, 0.42), colour)
    elif kind == "necklace":
        path = skia.Path()
        path.moveTo(nx - 0.35, ny - 0.02)
        path.quadTo(nx, ny + 0.75, nx + 0.35, ny - 0.02)
        figure.line(path, colour, 0.06)
        figure.flat(emblem_path(outfit.emblem, nx, ny + 0.45, 0.17), colour)
    elif kind == "collar":
        figure.form(rounded(nx - 0.3, ny - 0.22, nx + 0.3, ny - 0.02, 0.08), colour)
        figure.flat(ellipse(nx, ny + 0.03, 0.11, 0.11), palette.trim)
    elif kind == "jabot":
        for row in range(3):
            figure.form(ellipse(nx, ny + 0.15 + row * 0.22, 0.3 - 0.03 * row, 0.15), WHITE)
    elif kind == "cross-strap":
        figure.form(
            polygon(
                [
                    (bones.shoulders[0][0] * 0.7, ny + 0.05),
                    (bones.shoulders[0][0] * 0.7 + 0.25, ny),
                    (wx + 0.75, wy - 0.1),
                    (wx + 0.6, wy + 0.12),
                ]
            ),
            colour,
        )
    elif kind == "medal":
        figure.flat(
            polygon([(nx + 0.3, ny + 0.6), (nx + 0.55, ny + 0.6), (nx + 0.45, ny + 0.9)]),
            palette.trim,
        )
        figure.flat(ellipse(nx + 0.43, ny + 0.95, 0.13, 0.13), colour)


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
