"""``lite``: the embedder that ships with the package and needs no download.

Two vectors a picture, from one graph, ``lite.onnx`` beside this file:

- ``lite.identity``, 512 numbers, finds characters: it stays near when another picture shows the
  same one. Its first half is of the whole picture, its second of the most telling part alone, a
  head or a small figure, where the graph's region map finds one; elsewhere both halves are alike.
  So whole figures, busts and faces of one character meet.
- ``lite.copy``, 256 numbers, finds copies: it stays near when the picture is edited.

What is inside the graph is the graph's own business: uint8 pixels (n, s, s, 3) in, vectors and
region maps (n, 2, h, w) out, with the graph's version in its metadata. ``scripts/train_lite.py``
makes it; ``lite.md`` beside it is its model card.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Look, Output, unit_rows
from screening.embedders.onnx_runtime import Graph, checked_pixels, sha256_of
from screening.embedders.regions import Box, most_telling
from screening.errors import EmbedderError
from screening.images.preprocess import Preprocessing

GRAPH = Path(__file__).with_name("lite.onnx")

SIDE_PX = 192
"""Side of the square that the whole picture is squashed to."""

CLOSER_SIDE_PX = 160
"""Of the part that is looked at closer. 128, 160 and 192 px find the same within their intervals on
*tune* characters, and cost half as much, .7 times as much and as much as the first look."""

GIVEN_SIDE_PX = 256
"""Of the square that comes in: parts are cut out of it, so that they show more than the whole. At
384 px *tune* characters are told apart as well (mean AUC .929 and .928, packs of one character
.865 and .872), and a 1080p picture, which hash and keypoints want at 256 px too, costs 4 core-ms
more."""

WHOLE_COST, PART_COST = 0.03, 0.01
"""What the whole picture alone, and its most telling part alone, must show more of than both looks
together: chosen on *tune* characters, at the false alarms that both together had alone
(`benchmarks/second_look.md`). Where pictures are dressed up alike the part still tells who is
shown, and where heads are covered the whole does."""

COPY_SCORE = 0.95
"""Against 10^4 drawn references .2-1.1 % of other characters of one source pass (3,979 pictures of
tune and calibrate characters, `benchmarks/thresholds.py`), most of them emoji of one design and
avatars of one template; of other sources' at most .3 %, .3 % at .98 too: pictures that two packages
share. So a score alone is a likely copy, which flags and never blocks."""


class Lite:
    """The shipped embedder; ``threads`` pictures run at once. Raises EmbedderError."""

    name = "lite"
    batch_size = 32

    def __init__(self, *, threads: int, graph: Path = GRAPH) -> None:
        self._graph = Graph(graph, threads=threads)
        shape = self._graph.input_shape
        if len(shape) != 4 or any(isinstance(side, int) for side in shape[1:3]) or shape[3] != 3:
            raise EmbedderError(f"{graph}: its input is {list(shape)}, not (n, s, s, 3)")
        if len(self._graph.output_shapes.get("regions", ())) != 4:
            raise EmbedderError(f"{graph}: no output 'regions' of shape (n, 2, h, w)")
        self.preprocessing = Preprocessing(size_px=GIVEN_SIDE_PX, fit="squash", resample="bicubic")
        half = self._graph.dimension("identity")
        self.outputs = (
            Output(
                name="lite.identity",
                dimension=2 * half,
                finds=frozenset({"characters"}),
                looks=_looks(half),
            ),
            Output(
                name="lite.copy",
                dimension=self._graph.dimension("copy"),
                finds=frozenset({"copies"}),
                copy_score=COPY_SCORE,
            ),
        )
        weights = self._graph.metadata.get("version") or sha256_of(graph)
        self.version = f"lite {weights} {GIVEN_SIDE_PX}px {SIDE_PX}px {CLOSER_SIDE_PX}px"

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8 RGB): output name -> (n, d) float32, unit rows.

        Raises EmbedderError.
        """
        checked_pixels(pixels, self.preprocessing, maker=self.name)
        vectors = self._graph.each(self._vectors, list(pixels))
        return {
            output.name: np.array([each[place] for each in vectors], np.float32).reshape(
                len(pixels), output.dimension
            )
            for place, output in enumerate(self.outputs)
        }

    def regions(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Where a picture (s, s, 3) shows heads and figures: (2, h, w) in 0-1."""
        [maps] = self._graph.answer(_squashed(picture, SIDE_PX), ["regions"])
        return maps.reshape(maps.shape[1:])

    def _vectors(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Identity and copy of one picture (s, s, 3), unit."""
        names = ("identity", "copy", "regions")
        whole, copy, maps = self._graph.answer(_squashed(picture, SIDE_PX), names)
        whole = unit_rows(whole, maker=self.name)
        box, closer = most_telling(maps[0]), whole
        if box is not None:
            part = _squashed(_cut(picture, box), CLOSER_SIDE_PX)
            closer = unit_rows(self._graph.answer(part, names[:1])[0], maker=self.name)
        identity = unit_rows(np.concatenate([whole, closer], axis=1), maker=self.name)
        return identity[0], unit_rows(copy, maker=self.name)[0]


def _looks(half: int) -> tuple[Look, ...]:
    """Both together, the whole picture, and its most telling part: ``half`` numbers each of two."""
    together = "whole pictures and heads or figures together"
    return (
        Look(name=together, start=0, stop=2 * half),
        Look(name="whole pictures", start=0, stop=half, cost=WHOLE_COST, single=False),
        Look(name="heads or figures", start=half, stop=2 * half, cost=PART_COST),
    )


def _squashed(picture: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """A picture of any size as the graph takes it: (1, s, s, 3)."""
    grows = min(picture.shape[:2]) < side_px
    method = cv2.INTER_CUBIC if grows else cv2.INTER_AREA
    square = cv2.resize(picture, (side_px, side_px), interpolation=method)
    return np.asarray(square, dtype=np.uint8)[None]


def _cut(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The part of a picture (s, s, 3) in ``box``, at least one pixel."""
    side = len(picture)
    left, top = int(box.left * side), int(box.top * side)
    right, bottom = max(left + 1, round(box.right * side)), max(top + 1, round(box.bottom * side))
    return picture[top:bottom, left:right]
