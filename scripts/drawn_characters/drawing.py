"""A drawing: one picture of one identity, with the boxes of head and figure."""

import random
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from drawn_characters.artist import Artist
from drawn_characters.box import Box
from drawn_characters.creature import creature
from drawn_characters.finish import finished
from drawn_characters.identity import Identity
from drawn_characters.manner import Manner
from drawn_characters.overlay import draw_overlay
from drawn_characters.part import Figure
from drawn_characters.person import person
from drawn_characters.scene import draw_scene
from drawn_characters.style import STYLES, Style, drawn_style

Framing = Literal["face", "bust", "figure"]
FRAMINGS: tuple[Framing, ...] = ("face", "bust", "figure")
_UPSCALING = (cv2.INTER_NEAREST, cv2.INTER_NEAREST, cv2.INTER_NEAREST, cv2.INTER_CUBIC)
"Pixel art is mostly enlarged as squares, sometimes blurred by who showed it."
SMALLEST_PX = 16
COMPANION_SHARE = 0.05
"Share of pictures with somebody else in the background."


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pixels (size_px, size_px, 3) uint8 RGB, and where head and figure are seen."""

    pixels: NDArray[np.uint8]
    head: Box | None
    figure: Box
    style: str


def draw(
    identity: Identity,
    seed: int,
    framing: Framing = "bust",
    size_px: int = 192,
    style: str | None = None,
) -> Drawing:
    """Draw an identity; the same arguments give the same pixels.

    A style of None is drawn from the seed. View, pose, expression, costume, place and scale in the
    picture, background, light and the artist's proportions are all drawn from the seed.

    Raises ValueError for a framing or style that is not known and for a picture under 16 px.
    """
    if framing not in FRAMINGS or (style is not None and style not in STYLES):
        raise ValueError(f"no such framing or style: {framing}, {style}")
    if size_px < SMALLEST_PX:
        raise ValueError(f"a drawing is {SMALLEST_PX} px wide at least, not {size_px}")
    rng = random.Random(f"{identity.seed}/{seed}/{framing}")
    name = style or drawn_style(rng)
    technique = Style.drawn(name, rng)
    canvas_px = size_px if technique.finish != "pixel" else _pixel_art_px(rng, framing, size_px)
    pixels = np.zeros((canvas_px, canvas_px, 4), np.uint8)
    layer = np.zeros_like(pixels)
    ground = skia.Surface(
        pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType
    )
    draw_scene(ground.getCanvas(), canvas_px, rng)
    if rng.random() < COMPANION_SHARE:
        _draw_companion(ground.getCanvas(), rng, canvas_px)
    ground.flushAndSubmit()
    figure = _figure(identity, rng, technique, framing)
    matrix = _placed(figure, framing, rng)
    matrix.postScale(canvas_px, canvas_px)
    front = skia.Surface(
        layer, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType
    )
    _paint(front.getCanvas(), figure, technique, matrix, canvas_px)
    front.flushAndSubmit()
    seen = _figure_box(layer)
    draw_overlay(_whole(front.getCanvas()), canvas_px, rng)
    front.flushAndSubmit()
    alpha = layer[..., 3:].astype(np.uint16)
    mixed = layer[..., :3] + (pixels[..., :3] * (255 - alpha) // 255)
    picture = np.asarray(np.minimum(mixed, 255), np.uint8)
    if technique.colourless and rng.random() < 0.85:
        picture = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    picture = finished(picture, technique, rng)
    if canvas_px != size_px:
        picture = np.asarray(
            cv2.resize(picture, (size_px, size_px), interpolation=rng.choice(_UPSCALING)), np.uint8
        )
    return Drawing(
        np.ascontiguousarray(picture),
        _head_box(figure, matrix, canvas_px),
        seen,
        name,
    )


def _whole(canvas: skia.Canvas) -> skia.Canvas:
    """The canvas with its matrix back at pixels."""
    canvas.resetMatrix()
    return canvas


def _pixel_art_px(rng: random.Random, framing: Framing, size_px: int) -> int:
    smallest = {"face": 28, "bust": 36, "figure": 48}[framing]
    return min(size_px, rng.randint(smallest, 96))


def _figure(identity: Identity, rng: random.Random, style: Style, framing: Framing) -> Figure:
    manner = Manner.drawn(rng, chibi=style.chibi)
    if identity.human:
        return person(identity, rng, manner, framing)
    return creature(identity, rng, manner, framing)


def _paint(
    canvas: skia.Canvas, figure: Figure, style: Style, matrix: skia.Matrix, size_px: int
) -> None:
    canvas.concat(matrix)
    unit = (abs(matrix.getScaleX()) ** 2 + abs(matrix.getSkewX()) ** 2) ** 0.5
    Artist(canvas, style, unit, size_px).paint(figure)


def _placed(figure: Figure, framing: Framing, rng: random.Random) -> skia.Matrix:
    """From figure units to shares of the picture: what is in the frame, how large, how turned."""
    head, whole = figure.head.getBounds(), figure.bounds()
    x, y = head.centerX(), head.centerY()
    tall = max(head.height(), head.width())
    if framing == "face":
        scale = rng.uniform(0.5, 0.95) if rng.random() < 0.88 else rng.uniform(0.95, 1.35)
        scale /= tall
        target = (0.5 + rng.gauss(0, 0.06), 0.52 + rng.gauss(0, 0.06))
    elif framing == "bust":
        scale = rng.uniform(0.3, 0.5) / tall
        target = (0.5 + rng.gauss(0, 0.08), 0.38 + rng.gauss(0, 0.06))
    else:
        reach = rng.uniform(0.62, 1.0) if rng.random() < 0.85 else rng.uniform(1.0, 1.3)
        scale = reach / max(whole.height(), whole.width())
        x, y = whole.centerX(), whole.centerY()
        room = max(0.02, (1 - reach) / 2)
        target = (0.5 + rng.uniform(-room, room), 0.5 + rng.uniform(-room, room))
    matrix = skia.Matrix.Translate(-x, -y)
    matrix.postRotate(rng.gauss(0, 5) if framing == "figure" else rng.gauss(0, 8))
    matrix.postScale(scale, scale)
    matrix.postTranslate(*target)
    return matrix


def _draw_companion(canvas: skia.Canvas, rng: random.Random, size_px: int) -> None:
    """Somebody else, smaller and behind."""
    other = Identity.from_seed(rng.getrandbits(30))
    technique = Style.drawn(drawn_style(rng), rng)
    figure = _figure(other, rng, technique, "figure")
    whole = figure.bounds()
    scale = rng.uniform(0.28, 0.55) / max(whole.height(), whole.width(), 1.0)
    matrix = skia.Matrix.Translate(-whole.centerX(), -whole.centerY())
    matrix.postScale(scale, scale)
    matrix.postTranslate(rng.choice((0.15, 0.85)), 0.6)
    matrix.postScale(size_px, size_px)
    canvas.save()
    _paint(canvas, figure, technique, matrix, size_px)
    canvas.restore()


def _head_box(figure: Figure, matrix: skia.Matrix, size_px: int) -> Box | None:
    if figure.head.isEmpty():
        return None
    outline = skia.Path()
    figure.head.transform(matrix, outline)
    bounds = outline.computeTightBounds()
    return Box(
        bounds.fLeft / size_px,
        bounds.fTop / size_px,
        bounds.fRight / size_px,
        bounds.fBottom / size_px,
    ).clipped()


def _figure_box(layer: NDArray[np.uint8]) -> Box:
    """The box of all that the figure's layer (size, size, 4) holds."""
    size = layer.shape[0]
    seen = layer[..., 3] > 24
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return Box(0.0, 0.0, 1.0, 1.0)
    return Box(columns[0] / size, rows[0] / size, (columns[-1] + 1) / size, (rows[-1] + 1) / size)
