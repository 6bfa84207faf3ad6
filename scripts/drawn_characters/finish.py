"""Finishes: what happens to the painted picture as a whole."""

import random

import cv2
import numpy as np
from numpy.typing import NDArray

from drawn_characters.style import Style

Pixels = NDArray[np.uint8]


def finished(pixels: Pixels, style: Style, rng: random.Random) -> Pixels:
    """The picture (size, size, 3) after the style's finish, tint and grain."""
    dice = np.random.default_rng(rng.getrandbits(32))
    if style.finish == "paint":
        pixels = _painted(pixels, dice)
    elif style.finish == "watercolour":
        pixels = _washed(pixels, dice)
    elif style.finish == "poster":
        levels = rng.choice((3, 4, 5))
        step = 255.0 / (levels - 1)
        pixels = np.asarray(np.round(pixels / step) * step, np.uint8)
    elif style.finish == "screentone":
        pixels = _screened(pixels, rng)
    elif style.finish == "grain":
        pixels = _mottled(pixels, dice, 0.06)
    if style.tint is not None:
        tint = np.array(style.tint.rgb(), np.float32) * 255
        pixels = np.asarray(pixels * (1 - style.tint_share) + tint * style.tint_share, np.uint8)
    if style.grain:
        noise = dice.standard_normal(pixels.shape[:2], np.float32)[..., None] * (style.grain * 255)
        pixels = np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)
    return pixels


def _field(dice: np.random.Generator, size: int, cells: int) -> NDArray[np.float32]:
    """Smooth noise about 0, (size, size)."""
    small = dice.standard_normal((cells, cells), np.float32)
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _painted(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    size = pixels.shape[0]
    shift = _field(dice, size, size // 6) * (size * 0.0045)
    rows, columns = np.indices((size, size), np.float32)
    bent = cv2.remap(
        pixels, columns + shift, rows + shift[::-1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    strokes = cv2.GaussianBlur(
        dice.standard_normal((size, size), np.float32), (0, 0), sigmaX=size / 60, sigmaY=size / 200
    )
    strokes *= 6.0 / max(1e-6, float(strokes.std()))
    return np.asarray(np.clip(cv2.medianBlur(bent, 3) + strokes[..., None], 0, 255), np.uint8)


def _washed(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    size = pixels.shape[0]
    paper = 1 + _field(dice, size, size // 3) * 0.03 + _field(dice, size, 7) * 0.07
    washed = 255.0 - (255.0 - pixels) * paper[..., None] * 0.9
    return np.asarray(np.clip(washed, 0, 255), np.uint8)


def _mottled(pixels: Pixels, dice: np.random.Generator, amount: float) -> Pixels:
    size = pixels.shape[0]
    field = 1 + _field(dice, size, size // 4) * amount
    return np.asarray(np.clip(pixels * field[..., None], 0, 255), np.uint8)


def _screened(pixels: Pixels, rng: random.Random) -> Pixels:
    """Black, white, and dots for the greys between."""
    size = pixels.shape[0]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    pitch = size / rng.choice((60, 72, 90))
    rows, columns = np.indices((size, size), np.float32)
    wave = np.sin((rows + columns) * (np.pi / pitch)) * np.sin((rows - columns) * (np.pi / pitch))
    dotted = np.clip((grey - 110 + wave * 80) * 4 + 128, 50, 255)
    toned = np.where(grey > 165, 255, np.where(grey < 70, 20, 0.65 * dotted + 0.35 * grey))
    return np.repeat(np.asarray(toned, np.uint8)[..., None], 3, axis=2)
