"""Finishes: what happens to the painted picture as a whole."""

import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from drawn_characters.style import Style

Pixels = NDArray[np.uint8]


def finished(pixels: Pixels, style: Style, rng: random.Random) -> Pixels:
    """The picture (size, size, 3) after the style's finish, tint and grain."""
    dice = np.random.default_rng(rng.getrandbits(32))
    finish = _FINISHES.get(style.finish)
    if finish is not None:
        pixels = finish(pixels, dice)
    if style.tint is not None:
        tint = np.array(style.tint.rgb(), np.float32) * 255
        pixels = np.asarray(pixels * (1 - style.tint_share) + tint * style.tint_share, np.uint8)
    if style.lamp is not None:
        pixels = _lit(pixels, style)
    if style.grain:
        noise = dice.standard_normal(pixels.shape[:2], np.float32)[..., None] * (style.grain * 255)
        pixels = np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)
    return pixels


def _lit(pixels: Pixels, style: Style) -> Pixels:
    """A coloured light from the side and dusk on the other."""
    size = pixels.shape[0]
    lamp = np.array(style.lamp.rgb() if style.lamp else (1, 1, 1), np.float32)
    across = np.linspace(0, 1, size, dtype=np.float32)
    if style.light < 0:
        across = across[::-1]
    share = across[None, :, None] * 0.7 + across[:, None, None] * 0.3
    dusk = 0.45 + 0.35 * lamp
    factor = dusk + (1.1 - dusk) * share + 0.25 * lamp * share**3
    return np.asarray(np.clip(pixels * factor, 0, 255), np.uint8)


def _field(dice: np.random.Generator, size: int, cells: int) -> NDArray[np.float32]:
    """Smooth noise about 0, (size, size)."""
    small = dice.standard_normal((cells, cells), np.float32)
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _painted(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    size = pixels.shape[0]
    shift = _field(dice, size, size // 6) * (size * 0.003)
    rows, columns = np.indices((size, size), np.float32)
    bent = cv2.remap(
        pixels, columns + shift, rows + shift[::-1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    strokes = cv2.GaussianBlur(
        dice.standard_normal((size, size), np.float32), (0, 0), sigmaX=size / 60, sigmaY=size / 200
    )
    weight = 4.5 / max(1e-6, float(np.std(strokes)))
    painted = cv2.medianBlur(bent, 3) + np.asarray(strokes * weight)[..., None]
    return np.asarray(np.clip(painted, 0, 255), np.uint8)


def _washed(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    size = pixels.shape[0]
    paper = 1 + _field(dice, size, size // 3) * 0.03 + _field(dice, size, 7) * 0.07
    washed = 255.0 - (255.0 - pixels) * paper[..., None] * 0.9
    return np.asarray(np.clip(washed, 0, 255), np.uint8)


def _mottled(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    size = pixels.shape[0]
    field = 1 + _field(dice, size, max(2, size // 4)) * 0.06
    return np.asarray(np.clip(pixels * field[..., None], 0, 255), np.uint8)


def _crayoned(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    """Paper that shows through slanting strokes."""
    size = pixels.shape[0]
    grain = dice.standard_normal((size, size), np.float32)
    strokes = cv2.GaussianBlur(grain, (0, 0), sigmaX=4, sigmaY=0.6)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(dice.uniform(20, 70)), 1.5)
    strokes = cv2.warpAffine(strokes, turn, (size, size))
    share = np.clip(0.22 + strokes / max(1e-6, float(strokes.std())) * 0.16, 0, 0.6)[..., None]
    return np.asarray(pixels * (1 - share) + 250 * share, np.uint8)


def _softened(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    return np.asarray(
        cv2.GaussianBlur(pixels, (0, 0), pixels.shape[0] * float(dice.uniform(0.002, 0.005))),
        np.uint8,
    )


def _posterised(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    step = 255.0 / (int(dice.integers(4, 7)) - 1)
    return np.asarray(np.round(pixels / step) * step, np.uint8)


def _wave(size: int, pitch: float) -> NDArray[np.float32]:
    """A raster of dots, -1 to 1, turned by 45 degrees."""
    rows, columns = np.indices((size, size), np.float32)
    turn = np.pi / pitch
    return np.asarray(np.sin((rows + columns) * turn) * np.sin((rows - columns) * turn), np.float32)


def _dotted(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    """Comic print: a raster of dots in the colours' shadows."""
    size = pixels.shape[0]
    wave = _wave(size, size / float(dice.uniform(50, 80)))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    dark = np.clip((wave - grey / 255 + 0.35) * 3, 0, 1)[..., None] * 0.35
    light = np.clip((wave + grey / 255 - 1.1) * 3, 0, 1)[..., None] * 0.3
    return np.asarray(np.clip(pixels * (1 - dark) + (255 - pixels) * light, 0, 255), np.uint8)


def _screened(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    """Black, white, and dots for the greys between."""
    size = pixels.shape[0]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    wave = _wave(size, size / float(dice.uniform(60, 90)))
    dotted = np.clip((grey - 110 + wave * 80) * 4 + 128, 50, 255)
    toned = np.where(grey > 165, 255, np.where(grey < 70, 20, 0.65 * dotted + 0.35 * grey))
    return np.repeat(np.asarray(toned, np.uint8)[..., None], 3, axis=2)


_FINISHES: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "paint": _painted,
    "watercolour": _washed,
    "poster": _posterised,
    "screentone": _screened,
    "grain": _mottled,
    "crayon": _crayoned,
    "blur": _softened,
    "dots": _dotted,
}
