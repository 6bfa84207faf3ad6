"""``lite``: the embedder that ships with the package and needs no download.

Three vectors a picture, from one graph, ``lite.onnx`` beside this file:

- ``lite.identity``, 448 numbers, finds characters: it stays near when another picture shows the
  same one, by its shapes (256) and its colours (192).
- ``lite.region``, 448 numbers, is the same of the picture's most telling part alone, the head or a
  small figure, where the graph's region map finds one; elsewhere it is ``lite.identity``. So whole
  figures, busts and faces of one character meet.
- ``lite.copy``, 256 numbers, finds copies: it stays near when the picture is edited.

What is inside the graph is the graph's own business: uint8 pixels (n, s, s, 3) in, unit vectors
and region maps (n, 2, s/16, s/16) out, with the graph's version in its metadata. Pictures come at
twice the graph's side, so that a part can be looked at more closely. ``scripts/train_lite.py``
makes it; ``lite.md`` beside it is its model card.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Output, unit_rows
from screening.embedders.onnx_runtime import Graph, checked_pixels, sha256_of
from screening.embedders.regions import Box, most_telling
from screening.errors import EmbedderError
from screening.images.preprocess import Preprocessing

GRAPH = Path(__file__).with_name("lite.onnx")

CLOSER = 2
"""Pictures come this many times larger than the graph sees them."""

COPY_SCORE = 0.92


class Lite:
    """The shipped embedder; ``threads`` pictures run at once. Raises EmbedderError."""

    name = "lite"
    batch_size = 32

    def __init__(self, *, threads: int, graph: Path = GRAPH) -> None:
        self._graph = Graph(graph, threads=threads)
        shape = self._graph.input_shape
        if len(shape) != 4 or not isinstance(shape[1], int) or shape[1:] != (shape[1], shape[1], 3):
            raise EmbedderError(f"{graph}: its input is {list(shape)}, not (n, s, s, 3)")
        self._side_px = shape[1]
        self.preprocessing = Preprocessing(
            size_px=CLOSER * self._side_px, fit="squash", resample="bicubic"
        )
        identity, copy = self._graph.dimension("identity"), self._graph.dimension("copy")
        self._identity: dict[str, int | tuple[int, ...]] = {"identity": identity}
        self._all = {**self._identity, "copy": copy, "regions": self._graph.shape("regions")}
        characters, copies = frozenset({"characters"}), frozenset({"copies"})
        self.outputs = (
            Output(name="lite.identity", dimension=identity, finds=characters),
            Output(name="lite.region", dimension=identity, finds=characters),
            Output(name="lite.copy", dimension=copy, finds=copies, copy_score=COPY_SCORE),
        )
        weights = self._graph.metadata.get("version") or sha256_of(graph)
        fitted = f"{self.preprocessing.fit} {self.preprocessing.resample}"
        self.version = f"lite {weights} {self._side_px}px {fitted}"

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8 RGB): output name -> (n, d) float32, unit rows.

        Raises EmbedderError.
        """
        checked_pixels(pixels, self.preprocessing, maker=self.name)
        found = self._graph.run(self._scaled(list(pixels)), self._all)
        identity = unit_rows(found["identity"], maker=self.name)
        region = identity.copy()
        boxes = [most_telling(maps) for maps in found["regions"]]
        rows = [row for row, box in enumerate(boxes) if box is not None]
        if rows:
            parts = [_cut(pixels[row], box) for row, box in enumerate(boxes) if box is not None]
            closer = self._graph.run(self._scaled(parts), self._identity)["identity"]
            region[rows] = unit_rows(closer, maker=self.name)
        copy = unit_rows(found["copy"], maker=self.name)
        return {"lite.identity": identity, "lite.region": region, "lite.copy": copy}

    def _scaled(self, pictures: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """Pictures of any size, squashed to the graph's side: (n, s, s, 3)."""
        side = self._side_px
        scaled = np.empty((len(pictures), side, side, 3), np.uint8)
        for row, picture in enumerate(pictures):
            grows = min(picture.shape[:2]) < side
            method = cv2.INTER_CUBIC if grows else cv2.INTER_AREA
            scaled[row] = cv2.resize(picture, (side, side), interpolation=method)
        return scaled


def _cut(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The part of a picture (s, s, 3) in ``box``, at least one pixel."""
    side = len(picture)
    left, top = int(box.left * side), int(box.top * side)
    right, bottom = max(left + 1, round(box.right * side)), max(top + 1, round(box.bottom * side))
    return picture[top:bottom, left:right]
