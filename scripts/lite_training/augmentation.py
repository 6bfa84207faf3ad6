"""Random views of a picture: of its character, and as a copy.

A *view* changes what artists, frames and uploads change while the character stays. A *copy view*
makes the edits of `matching_facts`: crop, mirror, rotation, padding, band, grey, recolour,
recompression, collage. Pixels are (s, s, 4) uint8 RGBA in, (side, side, 3) uint8 RGB out.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lite_training.pictures import SIDE_PX, Pictures

MAP_STRIDE_PX = 16


@dataclass(frozen=True, slots=True)
class View:
    """A random view: (side, side, 3) uint8, and its maps (2, side/16, side/16), NaN: unknown."""

    pixels: NDArray[np.uint8]
    maps: NDArray[np.float32]


def character_view(pictures: Pictures, row: int, side_px: int, rng: Generator) -> View:
    """Another look at the character: framing, background, colours, texture, damage."""
    cropped = rng.random() < 0.6
    share = rng.uniform(0.55, 1.0) if cropped else rng.uniform(1.0, 1.7)
    angle = rng.normal(0, 6) if rng.random() < 0.5 else 0.0
    matrix = _placement(
        rng,
        side_px,
        share=share,
        stretch=rng.normal(0, 0.12),
        angle=angle,
        mirrored=rng.random() < 0.5,
        cropped=cropped,
    )
    rgb = _composed(pictures, row, matrix, side_px, rng)
    rgb = _recoloured(rgb, rng, hue=6.0 if rng.random() < 0.6 else 0.0, strength=0.5)
    if rng.random() < 0.04:
        rgb = _grey(rgb)
    if rng.random() < 0.08:
        rgb = _band(rgb, rng)
    if rng.random() < 0.1:
        rgb = _erased(rgb, rng)
    rgb = _degraded(rgb, rng, worst_quality=25)
    return View(rgb, _maps(pictures, row, matrix, side_px))


def copy_view(
    pictures: Pictures, row: int, base: float, side_px: int, rng: Generator
) -> NDArray[np.uint8]:
    """An edited copy of the picture over the flat grey level `base` (0-255)."""
    angle, share = 0.0, 1.0
    kind = rng.choice(7, p=[0.36, 0.14, 0.13, 0.05, 0.14, 0.1, 0.08])
    if kind == 0:
        share = math.sqrt(rng.uniform(0.3, 0.95))
    elif kind == 1:
        angle = float(rng.uniform(-15, 15))
    elif kind == 2:
        share = rng.uniform(1.1, 1.9)
    elif kind == 3:
        angle = 90.0 * int(rng.integers(1, 4))
    mirrored = rng.random() < 0.35
    matrix = _placement(
        rng,
        side_px,
        share=share,
        stretch=rng.normal(0, 0.06),
        angle=angle,
        mirrored=mirrored,
        cropped=share <= 1.0,
    )
    pixels = np.asarray(pictures.pixels[row])
    filling = [int(v) for v in rng.integers(0, 256, 3)] if rng.random() < 0.5 else [255] * 3
    flat = _flatten(pixels, np.full((1, 1, 3), base, np.float32))
    rgb = cv2.warpAffine(
        flat, matrix, (side_px, side_px), flags=cv2.INTER_AREA, borderValue=filling
    )
    if kind == 4:
        rgb = _band(rgb, rng)
    elif kind == 5:
        rgb = _overlaid(rgb, rng)
    elif kind == 6:
        rgb = _collage(pictures, rgb, rng)
    if rng.random() < 0.25:
        rgb = _grey(rgb)
    else:
        wild = rng.random() < 0.15
        rgb = _recoloured(rgb, rng, hue=90.0 if wild else 4.0, strength=0.8)
    return _degraded(rgb, rng, worst_quality=8)


def plain_view(
    pictures: Pictures, row: int, base: float, side_px: int, *, mirrored: bool = False
) -> NDArray[np.uint8]:
    """The picture as it is, over the flat grey level `base` where it is transparent."""
    pixels = np.asarray(pictures.pixels[row])
    rgb = _flatten(pixels, np.full((1, 1, 3), base, np.float32))
    if mirrored:
        rgb = rgb[:, ::-1]
    return cv2.resize(rgb, (side_px, side_px), interpolation=cv2.INTER_AREA)


def _placement(
    rng: Generator,
    side_px: int,
    *,
    share: float,
    stretch: float,
    angle: float,
    mirrored: bool,
    cropped: bool,
) -> NDArray[np.float64]:
    """Affine map from the kept square to the view: `share` of its side is seen, or more."""
    kept = float(SIDE_PX)
    wide, tall = share * math.exp(stretch / 2), share * math.exp(-stretch / 2)
    if cropped:
        wide, tall = min(wide, 1.0), min(tall, 1.0)
    free = (abs(1.0 - wide) / 2 * 0.95, abs(1.0 - tall) / 2 * 0.95)
    centre = (0.5 + rng.uniform(-free[0], free[0]), 0.5 + rng.uniform(-free[1], free[1]))
    turn = math.radians(angle)
    sign = -1.0 if mirrored else 1.0
    scale = np.diag([side_px / (kept * wide), side_px / (kept * tall)])
    rotation = np.array(
        [[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]
    ) @ np.diag([sign, 1.0])
    linear = scale @ rotation
    middle = np.array([centre[0] * kept, centre[1] * kept])
    offset = np.array([side_px / 2, side_px / 2]) - linear @ middle
    return np.hstack([linear, offset[:, None]])


def _composed(
    pictures: Pictures, row: int, matrix: NDArray[np.float64], side_px: int, rng: Generator
) -> NDArray[np.uint8]:
    pixels = np.asarray(pictures.pixels[row])
    shrinks = abs(np.linalg.det(matrix[:, :2])) < 0.8
    method = (
        cv2.INTER_AREA
        if shrinks
        else (cv2.INTER_LINEAR, cv2.INTER_NEAREST)[int(rng.random() < 0.2)]
    )
    border = cv2.BORDER_CONSTANT
    opaque = bool(pixels[0, 0, 3] == 255 and pixels[-1, -1, 3] == 255)
    if opaque and rng.random() < 0.5:
        border = cv2.BORDER_REPLICATE
    warped = cv2.warpAffine(pixels, matrix, (side_px, side_px), flags=method, borderMode=border)
    if bool((warped[..., 3] == 255).all()):
        return np.ascontiguousarray(warped[..., :3])
    return _flatten(warped, _background(pictures, side_px, rng))


def _flatten(rgba: NDArray[np.uint8], behind: NDArray[np.float32]) -> NDArray[np.uint8]:
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    flat: NDArray[np.uint8] = (rgba[..., :3] * alpha + behind * (1.0 - alpha)).astype(np.uint8)
    return flat


def _background(pictures: Pictures, side_px: int, rng: Generator) -> NDArray[np.float32]:
    kind = rng.random()
    if kind < 0.22:
        return np.full((1, 1, 3), 255.0, np.float32)
    if kind < 0.3:
        return np.full((1, 1, 3), rng.choice([0.0, 128.0]), np.float32)
    if kind < 0.5:
        return rng.uniform(0, 255, (1, 1, 3)).astype(np.float32)
    if kind < 0.65:
        corners = rng.uniform(0, 255, (2, 2, 3)).astype(np.float32)
        return cv2.resize(corners, (side_px, side_px), interpolation=cv2.INTER_LINEAR)
    if kind < 0.75:
        cells = int(rng.integers(3, 12))
        noise = rng.uniform(0, 255, (cells, cells, 3)).astype(np.float32)
        method = (cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(rng.random() < 0.4)]
        return np.clip(cv2.resize(noise, (side_px, side_px), interpolation=method), 0, 255)
    other = np.asarray(pictures.pixels[int(rng.integers(len(pictures.sources)))])
    size = int(rng.integers(60, 190))
    left, top = rng.integers(0, SIDE_PX - size, 2)
    part = other[top : top + size, left : left + size]
    flat = _flatten(part, rng.uniform(0, 255, (1, 1, 3)).astype(np.float32))
    grown = cv2.resize(flat, (side_px, side_px), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.6:
        grown = cv2.GaussianBlur(grown, (0, 0), float(rng.uniform(1, 6)))
    return grown.astype(np.float32)


def _recoloured(
    rgb: NDArray[np.uint8], rng: Generator, *, hue: float, strength: float
) -> NDArray[np.uint8]:
    if hue:
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
        shift = round(float(rng.uniform(-hue, hue) if hue > 45 else rng.normal(0, hue)) / 2)
        hsv[..., 0] = (hsv[..., 0].astype(np.int16) + shift) % 180
        rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    out = rgb.astype(np.float32)
    if rng.random() < 0.7:
        grey = out @ np.array([0.299, 0.587, 0.114], np.float32)
        out = grey[..., None] + (out - grey[..., None]) * math.exp(rng.normal(0, 0.5 * strength))
    if rng.random() < 0.7:
        middle = float(out.mean())
        out = (out - middle) * math.exp(rng.normal(0, 0.35 * strength)) + middle
        out = out + rng.normal(0, 36 * strength)
    if rng.random() < 0.25:
        out = 255.0 * (np.clip(out, 0, 255) / 255.0) ** math.exp(rng.normal(0, 0.6 * strength))
    if rng.random() < 0.25:
        tint, amount = rng.uniform(0, 255, 3), rng.uniform(0.03, 0.3) * strength
        out = out * (1 - amount) + tint * amount
    return np.clip(out, 0, 255).astype(np.uint8)


def _grey(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)


def _band(rgb: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """A caption band, beside the picture or over it, with something like text."""
    side = rgb.shape[0]
    height = int(side * rng.uniform(0.1, 0.28))
    light = rng.random() < 0.5
    band = np.full((height, side, 3), 255 if light else 0, np.uint8)
    words = "".join(chr(int(c)) for c in rng.integers(65, 123, 14))
    place = (int(rng.integers(0, side // 4)), int(height * 0.75))
    ink = (0, 0, 0) if light else (255, 255, 255)
    cv2.putText(band, words, place, cv2.FONT_HERSHEY_SIMPLEX, height / 45, ink, 1)
    if rng.random() < 0.6:
        rest = cv2.resize(rgb, (side, side - height), interpolation=cv2.INTER_AREA)
    else:
        rest = rgb[height:] if rng.random() < 0.5 else rgb[:-height]
    return np.vstack([rest, band] if rng.random() < 0.7 else [band, rest])


def _erased(rgb: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    side = rgb.shape[0]
    height, width = (int(side * rng.uniform(0.12, 0.4)) for _ in range(2))
    top, left = int(rng.integers(0, side - height)), int(rng.integers(0, side - width))
    out = rgb.copy()
    out[top : top + height, left : left + width] = rng.integers(0, 256, 3)
    return out


def _overlaid(rgb: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """A watermark: large half-transparent letters, or a logo's box."""
    side = rgb.shape[0]
    over = rgb.copy()
    ink = tuple(int(c) for c in rng.integers(0, 256, 3))
    for _ in range(int(rng.integers(1, 4))):
        words = "".join(chr(int(c)) for c in rng.integers(65, 91, int(rng.integers(2, 8))))
        place = (int(rng.integers(-10, side // 2)), int(rng.integers(20, side)))
        size, thickness = float(rng.uniform(0.5, 1.8)), int(rng.integers(1, 5))
        cv2.putText(over, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, ink, thickness)
    return cv2.addWeighted(over, float(rng.uniform(0.35, 1.0)), rgb, 0.4, 0)


def _collage(pictures: Pictures, rgb: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """Beside another picture, both squashed as a square of the whole would squash them."""
    side = rgb.shape[0]
    other = plain_view(pictures, int(rng.integers(len(pictures.sources))), 255.0, side)
    pair = [rgb, other] if rng.random() < 0.5 else [other, rgb]
    axis = int(rng.integers(2))
    return cv2.resize(np.concatenate(pair, axis), (side, side), interpolation=cv2.INTER_AREA)


def _degraded(rgb: NDArray[np.uint8], rng: Generator, *, worst_quality: int) -> NDArray[np.uint8]:
    side = rgb.shape[0]
    if rng.random() < 0.2:
        rgb = cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.4, 1.6)))
    if rng.random() < 0.25:
        small = int(side * rng.uniform(0.3, 0.8))
        shrunk = cv2.resize(rgb, (small, small), interpolation=cv2.INTER_AREA)
        method = (cv2.INTER_LINEAR, cv2.INTER_NEAREST)[int(rng.random() < 0.3)]
        rgb = cv2.resize(shrunk, (side, side), interpolation=method)
    if rng.random() < 0.12:
        noisy = rgb + rng.normal(0, rng.uniform(2, 14), rgb.shape)
        rgb = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(worst_quality, 95))
        _, encoded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
        rgb = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(rgb)


def _maps(
    pictures: Pictures, row: int, matrix: NDArray[np.float64], side_px: int
) -> NDArray[np.float32]:
    """Share of every cell of the region map that lies in the box of head and figure."""
    cells = side_px // MAP_STRIDE_PX
    maps = np.full((2, cells, cells), np.nan, np.float32)
    for number, box in enumerate((pictures.heads[row], pictures.figures[row])):
        if np.isnan(box[0]):
            continue
        if box[0] == box[2]:
            maps[number] = 0.0
            continue
        left, top, right, bottom = (float(side) * SIDE_PX for side in box)
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        placed = corners @ matrix[:, :2].T + matrix[:, 2]
        filled = np.zeros((side_px, side_px), np.uint8)
        cv2.fillPoly(filled, [placed.round().astype(np.int32)], 255)
        maps[number] = cv2.resize(filled, (cells, cells), interpolation=cv2.INTER_AREA) / 255.0
    return maps
