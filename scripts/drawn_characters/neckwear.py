"""What is worn round a neck: scarf, tie, necklace."""

import skia

from drawn_characters.colour import WHITE
from drawn_characters.outline import bow, ellipse, polygon, rounded, smooth
from drawn_characters.part import Figure
from drawn_characters.pattern import emblem_path
from drawn_characters.pose import Skeleton
from drawn_characters.traits import Outfit, Palette


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
