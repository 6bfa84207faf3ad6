"""Labelled pictures to train on, kept as one array on disk."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

SIDE_PX = 192
"""Side of a kept picture: what augmentation crops from."""

UNKNOWN = (np.nan,) * 4
LIMIT_PIXELS = 40_000_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture to train on.

    `pixels`: (192, 192, 4) uint8 RGBA. `head`, `figure`: left, top, right, bottom in shares of
    the picture; all NaN where nobody knows, all zero where there is none.
    """

    pixels: NDArray[np.uint8]
    source: str
    character: str
    head: tuple[float, float, float, float] = UNKNOWN
    figure: tuple[float, float, float, float] = UNKNOWN


class Pictures:
    """What `write` wrote, opened by memory map: rows of pixels beside their labels.

    `characters[i]` numbers the character of row i, `sources[i]` its source; `heads`, `figures`
    are (n, 4) float32 in shares, NaN where unknown.
    """

    def __init__(self, folder: Path) -> None:
        labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        self.source_names: list[str] = labels["sources"]
        self.character_names: list[str] = labels["characters"]
        arrays = np.load(folder / "labels.npz")
        self.sources: NDArray[np.int32] = arrays["sources"]
        self.characters: NDArray[np.int32] = arrays["characters"]
        self.heads: NDArray[np.float32] = arrays["heads"]
        self.figures: NDArray[np.float32] = arrays["figures"]
        shape = (len(self.sources), SIDE_PX, SIDE_PX, 4)
        self.pixels = np.memmap(folder / "pixels.u8", np.uint8, "r", shape=shape)


def write(folder: Path, pictures: Iterable[Labelled]) -> int:
    """Write pictures for `Pictures` to open; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    sources: dict[str, int] = {}
    characters: dict[str, int] = {}
    rows: list[tuple[int, int]] = []
    boxes: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    with (folder / "pixels.u8").open("wb") as file:
        for picture in pictures:
            file.write(np.ascontiguousarray(picture.pixels).tobytes())
            source = sources.setdefault(picture.source, len(sources))
            rows.append((source, characters.setdefault(picture.character, len(characters))))
            boxes.append((picture.head, picture.figure))
    numbers = np.array(rows, np.int32).reshape(-1, 2)
    both = np.array(boxes, np.float32).reshape(-1, 2, 4)
    np.savez(
        folder / "labels.npz",
        sources=numbers[:, 0],
        characters=numbers[:, 1],
        heads=both[:, 0],
        figures=both[:, 1],
    )
    names = {"sources": list(sources), "characters": list(characters)}
    (folder / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    return len(rows)


def read_art(art: Path, source: str, characters: Iterable[str]) -> Iterator[Labelled]:
    """Yield the pictures of `art/source/character` for every one of `characters`.

    One name is one character in every source, so that other hands' drawings of it join. An
    unreadable picture is an error: this is our own art.
    """
    for character in characters:
        for file in sorted((art / source / character).iterdir()):
            if file.suffix.lower() not in {".png", ".jpg", ".jpeg", ".webp", ".gif"}:
                continue
            with Image.open(file) as opened:
                if opened.width * opened.height > LIMIT_PIXELS:
                    raise ValueError(f"{file}: {opened.size} is more than {LIMIT_PIXELS} pixels")
                rgba = np.asarray(ImageOps.exif_transpose(opened).convert("RGBA"))
            pixels, figure = _fit(rgba)
            if figure is not None:
                yield Labelled(pixels, source, character, figure=figure)


def _fit(
    rgba: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], tuple[float, float, float, float] | None]:
    """Fit a picture into the kept square; box what is not transparent (None: nothing is)."""
    opaque = bool((rgba[..., 3] > 250).all())
    if not opaque:
        rows = np.flatnonzero((rgba[..., 3] > 8).any(1))
        columns = np.flatnonzero((rgba[..., 3] > 8).any(0))
        if len(rows) < 4 or len(columns) < 4:
            return rgba, None
        rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = rgba.shape[:2]
    if opaque and max(height, width) <= 2 * min(height, width):
        return _resize(rgba, SIDE_PX, SIDE_PX), UNKNOWN
    scale = SIDE_PX / max(height, width)
    fitted = _resize(rgba, max(1, round(width * scale)), max(1, round(height * scale)))
    square = np.zeros((SIDE_PX, SIDE_PX, 4), np.uint8)
    top, left = (SIDE_PX - fitted.shape[0]) // 2, (SIDE_PX - fitted.shape[1]) // 2
    square[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    right, bottom = left + fitted.shape[1], top + fitted.shape[0]
    return square, (left / SIDE_PX, top / SIDE_PX, right / SIDE_PX, bottom / SIDE_PX)


def _resize(rgba: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    # Colours under full transparency must not bleed into edges: weigh them by alpha.
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    weighted = np.concatenate([rgba[..., :3] * alpha, alpha * 255.0], 2)
    shrinks = width * height < rgba.shape[0] * rgba.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    if not shrinks and max(rgba.shape[:2]) <= SIDE_PX // 2:
        method = cv2.INTER_NEAREST
    resized = cv2.resize(weighted, (width, height), interpolation=method)
    colours = resized[..., :3] / np.maximum(resized[..., 3:] / 255.0, 1e-3)
    return np.clip(np.concatenate([colours, resized[..., 3:]], 2), 0, 255).astype(np.uint8)
