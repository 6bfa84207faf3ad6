"""``lite``: the embedder that ships with the package and needs no download.

Two vectors a picture, from one graph, ``lite.onnx`` beside this file:

- ``lite.identity``, 501 numbers, finds characters: it stays near when another picture shows the
  same one.
- ``lite.copy``, 256 numbers, finds copies: it stays near when the picture is edited.

What is inside the graph is the graph's own business: uint8 pixels (n, s, s, 3) in, unit vectors
out, with the graph's version in its metadata.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Output, unit_rows
from screening.embedders.onnx_runtime import Graph, checked_pixels, sha256_of
from screening.errors import EmbedderError
from screening.images.preprocess import Preprocessing

GRAPH = Path(__file__).with_name("lite.onnx")

COPY_SCORE = 0.92
"""At .90, 0.1-3 % of other characters of one style (Wesnoth, SuperTux) pass against 10^4
references and 7-17 % of avatars drawn from one template; of another style none does from .78 on.
On sources it was not chosen on, 3 of 1,830 benign pictures pass, all of them flat drawings. So a
score alone is a likely copy, which flags and never blocks."""


class Lite:
    """The shipped embedder; ``threads`` pictures run at once. Raises EmbedderError."""

    name = "lite"
    batch_size = 32

    def __init__(self, *, threads: int, graph: Path = GRAPH) -> None:
        self._graph = Graph(graph, threads=threads)
        shape = self._graph.input_shape
        if len(shape) != 4 or not isinstance(shape[1], int) or shape[1:] != (shape[1], shape[1], 3):
            raise EmbedderError(f"{graph}: its input is {list(shape)}, not (n, s, s, 3)")
        self.preprocessing = Preprocessing(size_px=shape[1], fit="squash", resample="bicubic")
        self._dimensions = {name: self._graph.dimension(name) for name in ("identity", "copy")}
        self.outputs = (
            Output(
                name="lite.identity",
                dimension=self._dimensions["identity"],
                finds=frozenset({"characters"}),
            ),
            Output(
                name="lite.copy",
                dimension=self._dimensions["copy"],
                finds=frozenset({"copies"}),
                copy_score=COPY_SCORE,
            ),
        )
        weights = self._graph.metadata.get("version") or sha256_of(graph)
        fitted = f"{self.preprocessing.fit} {self.preprocessing.resample}"
        self.version = f"lite {weights} {shape[1]}px {fitted}"

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8 RGB): output name -> (n, d) float32, unit rows.

        Raises EmbedderError.
        """
        checked_pixels(pixels, self.preprocessing, maker=self.name)
        vectors = self._graph.run(pixels, self._dimensions)
        return {f"lite.{name}": unit_rows(rows, maker=self.name) for name, rows in vectors.items()}
