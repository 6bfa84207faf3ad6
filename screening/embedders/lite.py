"""``lite``: the embedder that ships with the package and needs no download.

Two vectors a picture, from one graph, ``lite.onnx`` beside this file:

- ``lite.identity``, 448 numbers, finds characters: it stays near when another picture shows the
  same one, by its shapes (256) and its colours (192).
- ``lite.copy``, 256 numbers, finds copies: it stays near when the picture is edited.

What is inside the graph is the graph's own business: uint8 pixels (n, s, s, 3) in, unit vectors
out, with the graph's version in its metadata. It also answers ``regions``, where heads and figures
are, which weigh its own features; the model card, ``lite.md``, says what a second look there would
add. ``scripts/train_lite.py`` makes the graph.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Output, unit_rows
from screening.embedders.onnx_runtime import Graph, checked_pixels, sha256_of
from screening.errors import EmbedderError
from screening.images.preprocess import Preprocessing

GRAPH = Path(__file__).with_name("lite.onnx")

COPY_SCORE = 0.95
"""Against 10^4 drawn references .4-.8 % of other characters of one source pass and at most .05 %
of other sources' (3,964 pictures of tune and calibrate characters, `benchmarks/thresholds.py`);
most come from avatars drawn from one template. So a score alone is a likely copy, which flags and
never blocks."""


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
