"""The one place that runs an ONNX graph.

Every picture is its own run of batch 1 on one thread, and a call spreads its pictures over the
session's threads. So a vector never depends on its neighbours, a graph may have a fixed batch of
1, and n cores do n independent pieces of work: where other processes want the same cores, a run
that is spread over all of them waits for its slowest part. Measured on 2 cores, ms a picture:

- ViT-B-32-256 beside two busy processes: 130-148 so, 145-192 with each run on both cores;
- ``lite`` on one thread: 6-9 so, 23-24 in batches of 8 or 32, which leave the cache.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening.errors import EmbedderError, ModelMissing
from screening.images.preprocess import Preprocessing

# onnxruntime: 0 verbose, 1 info, 2 warning, 3 error, 4 fatal.
LOG_ERRORS_ONLY = 3

Item = TypeVar("Item")
Done = TypeVar("Done")
Prepare = Callable[[NDArray[np.uint8]], NDArray[Any]]


def _as_is(picture: NDArray[np.uint8]) -> NDArray[Any]:
    return picture


class Graph:
    """A loaded ONNX graph with one picture input; thread-safe.

    ``input_name`` chooses the input where the graph has several. Raises ModelMissing when there
    is no file, EmbedderError when ONNX Runtime refuses it or it has no such input.
    """

    def __init__(self, path: Path, *, threads: int, input_name: str | None = None) -> None:
        if not path.is_file():
            raise ModelMissing(f"{path}: no such model file")
        self.path = path
        self._session = _session(path)
        inputs = {i.name: i for i in self._session.get_inputs()}
        if input_name is None and len(inputs) == 1:
            input_name = next(iter(inputs))
        if input_name is None or input_name not in inputs:
            raise EmbedderError(
                f"{path}: choose the picture input with `input`: one of {', '.join(inputs)}"
            )
        self.input_name = input_name
        self.input_shape: tuple[int | str | None, ...] = tuple(inputs[input_name].shape)
        self.input_type: str = inputs[input_name].type
        self.output_shapes: dict[str, tuple[int | str | None, ...]] = {
            o.name: tuple(o.shape) for o in self._session.get_outputs()
        }
        batch = self.input_shape[0] if self.input_shape else None
        if isinstance(batch, int) and batch != 1:
            raise EmbedderError(f"{path}: its batch is fixed to {batch}; it must be 1 or free")
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"onnx-{path.stem}")

    @property
    def metadata(self) -> Mapping[str, str]:
        """The strings that the exporter left in the graph."""
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    def dimension(self, output: str, *, probe: NDArray[Any] | None = None) -> int:
        """The length of ``output``'s vectors; raises EmbedderError unless it is (n, d).

        Where the graph leaves d open, one run on ``probe``, an input of batch 1, tells.
        """
        if output not in self.output_shapes:
            known = ", ".join(self.output_shapes)
            raise EmbedderError(f"{self.path}: no output {output!r}; outputs: {known}")
        shape = self.output_shapes[output]
        if probe is not None and (len(shape) < 2 or not isinstance(shape[-1], int)):
            shape = self.answer(probe, [output])[0].shape
        if len(shape) != 2 or not isinstance(shape[1], int):
            raise EmbedderError(f"{self.path}: output {output!r} is {list(shape)}, not (n, d)")
        return shape[1]

    def run(
        self, pixels: NDArray[np.uint8], outputs: Mapping[str, int], *, prepare: Prepare = _as_is
    ) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8): output -> (n, d) float32, not yet unit.

        ``outputs`` maps the outputs to compute to their dimensions. ``prepare`` makes the graph's
        input of one picture (1, s, s, 3). Raises EmbedderError when the run fails or a vector is
        not of its length.
        """
        names = list(outputs)

        def one(picture: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
            return self.answer(prepare(picture), names)

        vectors = self.each(one, [pixels[i : i + 1] for i in range(len(pixels))])
        found: dict[str, NDArray[np.float32]] = {}
        for column, (name, dimension) in enumerate(outputs.items()):
            rows = [picture[column] for picture in vectors]
            for row in rows:
                if row.shape != (1, dimension):
                    raise EmbedderError(
                        f"{self.path}: output {name!r} is {row.shape}, not (1, {dimension})"
                    )
            empty = np.empty((0, dimension), dtype=np.float32)
            found[name] = np.concatenate(rows).astype(np.float32, copy=False) if rows else empty
        return found

    def each(self, work: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
        """``work`` done on every item, spread over the threads; results in the order of items."""
        # A single picture stays in the caller's thread: no hop, and callers' threads add up.
        spread = len(items) > 1 and self._threads > 1
        return list(self._pool.map(work, items) if spread else map(work, items))

    def answer(self, picture: NDArray[Any], names: Sequence[str]) -> list[NDArray[np.float32]]:
        """The outputs of these names for one input, as they are. Raises EmbedderError."""
        try:
            found: list[NDArray[np.float32]] = self._session.run(
                list(names), {self.input_name: picture}
            )
        except Exception as error:  # ONNX Runtime's errors share no public base but Exception
            raise EmbedderError(f"{self.path}: the graph failed: {error}") from error
        return found


def checked_pixels(
    pixels: NDArray[np.uint8], preprocessing: Preprocessing, *, maker: str
) -> NDArray[np.uint8]:
    """``pixels`` if they are (n, s, s, 3) uint8 of the size in ``preprocessing``.

    Raises EmbedderError otherwise: floats in 0-1 or another size would embed, but to nonsense.
    """
    side = preprocessing.size_px
    shape = getattr(pixels, "shape", None)
    if shape is None or len(shape) != 4 or shape[1:] != (side, side, 3):
        raise EmbedderError(f"{maker} wants pixels of shape (n, {side}, {side}, 3), not {shape}")
    if pixels.dtype != np.uint8:
        raise EmbedderError(f"{maker} wants uint8 pixels, not {pixels.dtype}")
    return pixels


def sha256_of(path: Path) -> str:
    """The file's sha256 in hexadecimal; raises ModelMissing when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(f"{path}: cannot be read: {error.strerror}") from error


def _session(path: Path) -> Any:
    import onnxruntime  # noqa: PLC0415 - loaded only where a graph runs

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = LOG_ERRORS_ONLY
    for pool in ("intra_op", "inter_op"):
        options.add_session_config_entry(f"session.{pool}.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # as above
        raise EmbedderError(f"{path}: ONNX Runtime cannot load it: {error}") from error
