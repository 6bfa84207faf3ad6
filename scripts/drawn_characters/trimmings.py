"""What decorates a garment: collars, buttons, laces, neckwear."""

from dataclasses import dataclass

import skia

from drawn_characters.colour import WHITE
from drawn_characters.outline import bow, ellipse, line, polygon, rounded, smooth, star
from drawn_characters.part import Figure
from drawn_characters.pattern import buttons, laces
from drawn_characters.pose import Skeleton
from drawn_characters.traits import Palette


@dataclass(frozen=True, slots=True)
class Dressed:
    """A garment of the trunk on a body, to be decorated."""

    figure: Figure
    bones: Skeleton
    palette: Palette
    cloth: skia.Path
    top: str


def _trim_shirt(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    cloth = dressed.cloth
    top = dressed.top
    nx, ny = bones.neck
    wx, wy = bones.waist
    second = palette.second
    trim = palette.trim
    deep = wy - ny
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


def _trim_sailor(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    nx, ny = bones.neck
    second = palette.second
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


def _trim_hoodie(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    cloth = dressed.cloth
    nx, ny = bones.neck
    wx, wy = bones.waist
    trim = palette.trim
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
        figure.line(line([(nx + side * 0.15, ny + 0.4), (nx + side * 0.18, ny + 1.0)]), trim, 0.07)
    figure.flat(
        rounded(wx - 0.5, wy - 0.1, wx + 0.5, wy + 0.4, 0.15), palette.main.shaded(0.18), cloth
    )


def _trim_armour(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    cloth = dressed.cloth
    nx, ny = bones.neck
    wx, wy = bones.waist
    second = palette.second
    deep = wy - ny
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


def _trim_kimono(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    nx, ny = bones.neck
    wx, wy = bones.waist
    second = palette.second
    trim = palette.trim
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


def _trim_overalls(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    nx, ny = bones.neck
    wx, wy = bones.waist
    second = palette.second
    deep = wy - ny
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


def _trim_sweater(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    nx, ny = bones.neck
    figure.form(
        rounded(nx - 0.36, ny - 0.25, nx + 0.36, ny + 0.2, 0.14), palette.main.lighter(0.05)
    )


def _trim_corset(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    ny = bones.neck[1]
    wx, wy = bones.waist
    trim = palette.trim
    laces(figure, wx, ny + 0.8, wy + 0.1, 0.16, colour=trim)


def _trim_cloak(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    nx, ny = bones.neck
    trim = palette.trim
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


def _trim_neck(dressed: Dressed) -> None:
    figure = dressed.figure
    bones = dressed.bones
    palette = dressed.palette
    cloth = dressed.cloth
    nx, ny = bones.neck
    figure.flat(ellipse(nx, ny - 0.02, 0.34, 0.22), palette.skin, cloth)


_TRIMMINGS = {
    "shirt": _trim_shirt,
    "suit": _trim_shirt,
    "uniform": _trim_shirt,
    "jacket": _trim_shirt,
    "coat": _trim_shirt,
    "vest": _trim_shirt,
    "sailor": _trim_sailor,
    "hoodie": _trim_hoodie,
    "armour": _trim_armour,
    "kimono": _trim_kimono,
    "overalls": _trim_overalls,
    "sweater": _trim_sweater,
    "corset": _trim_corset,
    "cloak": _trim_cloak,
}


def decorate(dressed: Dressed) -> None:
    """Add what belongs to the cut of the top: collars, lapels, laces, plates."""
    _TRIMMINGS.get(dressed.top, _trim_neck)(dressed)
