"""``onnx``: a platform's own image model, described by a small TOML file.

The file's keys are in `screening.embedders.onnx_description`.
"""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Output, unit_rows
from screening.embedders.onnx_description import Description
from screening.embedders.onnx_runtime import Graph, checked_pixels, sha256_of
from screening.errors import EmbedderError


class OnnxModel:
    """A platform's own model. Open it with `open`."""

    batch_size = 32

    def __init__(self, description: Description, *, threads: int) -> None:
        self._description = description
        self.name = description.name
        self.preprocessing = description.preprocessing
        self._graph = Graph(description.model, threads=threads, input_name=description.input)
        self._check_input()
        mean, std = np.array(description.mean), np.array(description.std)
        self._scale = (1 / (255 * std)).astype(np.float32)
        self._shift = (-mean / std).astype(np.float32)
        side = self.preprocessing.size_px
        grey = self._normalised(np.full((1, side, side, 3), 128, dtype=np.uint8))
        self._dimensions = {
            output.name: self._graph.dimension(output.name, probe=grey)
            for output in description.outputs
        }
        self.outputs = tuple(
            Output(
                name=f"{self.name}.{output.name}",
                dimension=self._dimensions[output.name],
                finds=output.finds,
                copy_score=output.copy_score,
            )
            for output in description.outputs
        )
        self.version = _version(description)

    @classmethod
    def open(cls, path: Path, *, threads: int) -> Self:
        """The model that the TOML file ``path`` describes; ``threads`` pictures run at once.

        Raises SettingsError for the file, ModelMissing or EmbedderError for the graph.
        """
        return cls(Description.read(path), threads=threads)

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8 RGB): output name -> (n, d) float32, unit rows.

        Raises EmbedderError.
        """
        checked_pixels(pixels, self.preprocessing, maker=self.name)
        vectors = self._graph.run(pixels, self._dimensions, prepare=self._normalised)
        return {
            f"{self.name}.{output}": unit_rows(rows, maker=self.name)
            for output, rows in vectors.items()
        }

    def _normalised(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._description.color == "bgr":
            picture = picture[..., ::-1]
        normalised: NDArray[np.float32] = picture * self._scale + self._shift
        if self._description.layout == "nchw":
            normalised = normalised.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(normalised)

    def _check_input(self) -> None:
        description, graph = self._description, self._graph
        side = description.preprocessing.size_px
        wanted = (side, side, 3) if description.layout == "nhwc" else (3, side, side)
        shape = graph.input_shape
        fixed = zip(shape[1:], wanted, strict=False)
        if len(shape) != 4 or any(isinstance(has, int) and has != want for has, want in fixed):
            raise EmbedderError(
                f"{description.model}: its input is {list(shape)}, but {description.where} says "
                f"{description.layout} of {side} px: (n, {', '.join(map(str, wanted))})"
            )
        if graph.input_type != "tensor(float)":
            raise EmbedderError(f"{description.model}: its input is {graph.input_type}, not float")


def _version(description: Description) -> str:
    facts = dataclasses.asdict(description)
    for key in ("where", "model", "outputs"):
        del facts[key]
    facts["outputs"] = [output.name for output in description.outputs]
    facts["sha256"] = sha256_of(description.model)
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return f"{description.name} {facts['sha256'][:16]} {digest[:16]}"
