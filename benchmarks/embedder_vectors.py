"""Vectors of pictures, whole, edited or cropped; each is made once for each graph and kept."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from embedder_edits import copied
from embedder_scenes import in_scene
from embedder_scores import Rows, unit
from kept_rows import KeptRows
from numpy.typing import NDArray
from PIL import Image, ImageOps
from untouched_art import opened

from screening.embedders.lite import Lite
from screening.images.preprocess import Preprocessing, prepare

IDENTITY, COPY = "identity", "copy"

Embed = Callable[[NDArray[np.uint8]], Mapping[str, NDArray[np.floating]]]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture's sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture as it is embedded: put into a scene, ``box`` cut out, mirrored, edited.

    ``scene`` is the seed of its surroundings, None as drawn; ``edit`` is a family in
    `embedder_edits.FAMILIES`.
    """

    path: Path
    scene: int | None = None
    box: Box | None = None
    mirrored: bool = False
    edit: str = ""
    seed: int = 0

    @property
    def key(self) -> str:
        box = "" if self.box is None else " ".join(f"{side:.4f}" for side in self.box)
        edit = f"{self.edit} {self.seed}" if self.edit else ""
        scene = (
            "" if self.scene is None else f"{self.path.parent.name}/{self.path.name} {self.scene}"
        )
        return f"{digest_of(self.path)}|{scene}|{box}|{self.mirrored:d}|{edit}"

    def image(self) -> Image.Image:
        image = opened(self.path) if self.scene is None else in_scene(self.path, seed=self.scene)
        if self.box is not None:
            image = cut(image, self.box)
        if self.mirrored:
            image = ImageOps.mirror(image)
        if self.edit:
            image = copied(image, self.edit, seed=self.seed)
        return image


def cut(image: Image.Image, box: Box) -> Image.Image:
    left, top, right, bottom = (
        round(side * length) for side, length in zip(box, image.size * 2, strict=True)
    )
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


@lru_cache(maxsize=65536)
def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What makes vectors. ``embed`` takes (n, s, s, 3) uint8 RGB, s = ``size_px``, squashed.

    It returns `identity` (n, d) and `copy` (n, d). ``regions``, where there is one, takes one
    picture and returns its heads and figures, (2, h, w) in 0-1; then the first half of `identity`
    is of the whole picture and the second of its most telling region. ``digest`` names the weights,
    so that kept vectors are its own.
    """

    name: str
    digest: str
    size_px: int
    embed: Embed
    regions: Callable[[NDArray[np.uint8]], Rows] | None = None


def graph_maker(graph: Path) -> Maker:
    """The graph through `screening.embedders`, on one thread."""
    lite = Lite(threads=1, graph=graph)

    def embed(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
        vectors = lite.embed(pixels)
        return {name: vectors[f"lite.{name}"] for name in (IDENTITY, COPY)}

    return Maker(
        name=graph.stem,
        digest=digest_of(graph),
        size_px=lite.preprocessing.size_px,
        embed=embed,
        regions=lite.regions,
    )


Squares = Callable[[Sequence[Shot], int], NDArray[np.uint8]]
"""Shots and a side in px to (n, s, s, 3) uint8."""


class Vectors(KeptRows[Shot]):
    """Vectors of one maker, kept under ``cache`` between runs when there is one."""

    def __init__(
        self, maker: Maker, cache: Path | None = None, *, squares: Squares | None = None
    ) -> None:
        self.maker = maker
        self._squares = squares or squares_of
        super().__init__(
            (IDENTITY, COPY), None if cache is None else cache / f"{maker.digest[:16]}.npz"
        )

    def embed(self, pictures: Sequence[Shot]) -> Mapping[str, Rows]:
        found = self.maker.embed(self._squares(pictures, self.maker.size_px))
        return {name: unit(rows.astype(np.float32)) for name, rows in found.items()}

    def identity(self, shots: Sequence[Shot]) -> Rows:
        """(n, d) float32, unit rows."""
        return self.rows(IDENTITY, shots)

    def copy(self, shots: Sequence[Shot]) -> Rows:
        """(n, d) float32, unit rows."""
        return self.rows(COPY, shots)

    def whole(self, shots: Sequence[Shot]) -> Rows:
        """(n, d) float32, unit rows: `identity` of the whole pictures, without their regions."""
        rows = self.identity(shots)
        return rows if self.maker.regions is None else unit(rows[:, : rows.shape[1] // 2])

    def regions(self, shot: Shot) -> Rows | None:
        """(2, h, w) heads and figures in 0-1; None where the maker finds no regions."""
        if self.maker.regions is None:
            return None
        return self.maker.regions(self._squares([shot], self.maker.size_px)[0])


def squares_of(shots: Sequence[Shot], size_px: int) -> NDArray[np.uint8]:
    """(n, s, s, 3) uint8: the shots as an embedder gets them."""
    preprocessing = Preprocessing(size_px=size_px, fit="squash", resample="bicubic")
    return np.stack([prepare(shot.image(), preprocessing) for shot in shots])
