"""``clip``: any OpenCLIP image tower, by name and tag or from a local checkpoint.

One vector a picture, ``clip.image``. It finds characters; it finds copies as well where
``clip.copy_score`` is set, the score at and above which a picture is a copy. There is no default,
because it depends on the model.

On the CPU it runs in ONNX Runtime, from an export that is made at first use and kept: opening it
again loads no torch. On CUDA, or with ``backend = "torch"``, it runs in torch.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.embedders.clip_cache import PRECISIONS as EXPORT_PRECISIONS
from screening.embedders.clip_cache import (
    ClipDescription,
    Export,
    export_folder,
    shown,
    weights_missing,
)
from screening.embedders.embedder import Output, unit_rows
from screening.embedders.onnx_runtime import Graph, checked_pixels
from screening.errors import EmbedderError, SettingsError
from screening.settings import ClipSettings

LOGGER = logging.getLogger(__name__)

OUTPUT = "clip.image"

PRECISIONS = {
    ("onnx", "cpu"): EXPORT_PRECISIONS,
    ("torch", "cpu"): ("fp32", "bf16"),
    ("torch", "cuda"): ("fp16", "bf16", "fp32"),
}
ONNX_BATCH = 32
# Measured on 2 cores with bf16 weights, ms a picture: batch 1 36, 8 19, 16 18.
TORCH_CPU_BATCH = 8
TORCH_CUDA_BATCH = 64
# What an NVIDIA driver makes, natively or under WSL; importing torch to ask takes seconds.
DRIVER_DEVICES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))

Runner = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a CLIP model runs: ``device`` is ``cpu``, ``cuda`` or ``cuda:N``."""

    backend: str
    device: str
    precision: str


class Clip:
    """An image tower, however it is run. Open it with `open_clip_model`."""

    name = "clip"

    def __init__(
        self,
        description: ClipDescription,
        run: Runner,
        *,
        batch_size: int,
        copy_score: float | None,
    ) -> None:
        self.version = description.version
        self.preprocessing = description.preprocessing
        self.batch_size = batch_size
        self.outputs = (
            Output(
                name=OUTPUT,
                dimension=description.dimension,
                finds=frozenset({"characters"} if copy_score is None else {"characters", "copies"}),
                copy_score=copy_score,
            ),
        )
        self._run = run

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8 RGB): output name -> (n, d) float32, unit rows.

        In ONNX Runtime a vector never depends on its neighbours. In torch every batch has one
        size, so it does not depend on their number; where the pictures lie in the batch may
        change the last bits (fp32: below 1e-5 of cosine, fp16 and bf16: below 1e-3).
        Raises EmbedderError.
        """
        checked_pixels(pixels, self.preprocessing, maker=self.name)
        dimension = self.outputs[0].dimension
        vectors = self._run(pixels) if len(pixels) else np.empty((0, dimension), np.float32)
        if vectors.shape != (len(pixels), dimension):
            raise EmbedderError(
                f"clip made vectors of shape {vectors.shape}, not ({len(pixels)}, {dimension})"
            )
        return {OUTPUT: unit_rows(vectors, maker=self.name)}


def open_clip_model(settings: ClipSettings, *, threads: int) -> Clip:
    """The CLIP model that ``settings`` describes.

    In ONNX Runtime ``threads`` pictures run at once; torch has its own setting for the process.
    Exports the model at first use. Raises SettingsError for an impossible setting, ModelMissing
    without weights, EmbedderError when the model or its export cannot be loaded.
    """
    plan = resolve(settings)
    if plan.backend == "onnx":
        return _open_export(settings, plan.precision, threads=threads)
    return _open_torch(settings, plan)


def resolve(settings: ClipSettings) -> Plan:
    """What ``auto`` stands for on this machine; raises SettingsError for what cannot be.

    Device: CUDA where there is one, unless the backend is onnx. Backend: torch on CUDA, onnx on
    the CPU. Precision: fp16 on CUDA, else fp32.
    """
    device = settings.device
    if device == "auto":
        device = "cuda" if settings.backend != "onnx" and _cuda_available() else "cpu"
    kind = device.partition(":")[0]
    backend = settings.backend
    if backend == "auto":
        backend = "torch" if kind == "cuda" else "onnx"
    if (backend, kind) not in PRECISIONS:
        choices = "; ".join(f"{b} on {d}" for b, d in PRECISIONS)
        raise SettingsError(f"clip: no backend {backend!r} on {device!r}; there are: {choices}")
    precisions = PRECISIONS[backend, kind]
    precision = precisions[0] if settings.precision == "auto" else settings.precision
    if precision not in precisions:
        raise SettingsError(
            f"clip.precision: {backend} on {kind} runs {', '.join(precisions)}, not {precision!r}"
        )
    if kind == "cuda" and not _cuda_available():
        raise EmbedderError(f'clip: no CUDA device for device = "{device}"; use "cpu" or "auto"')
    return Plan(backend=backend, device=device, precision=precision)


def cached_export(settings: ClipSettings, precision: str) -> Export | None:
    """The verified export that ``settings`` asks for; None where it was not made yet.

    Raises EmbedderError when it is damaged, ModelMissing without the configured local weights.
    """
    folder = export_folder(settings, precision)
    if not folder.exists():
        return None
    found = Export.read(folder)
    found.verify()
    return found


def _open_export(settings: ClipSettings, precision: str, *, threads: int) -> Clip:
    found = cached_export(settings, precision)
    if found is None:
        from screening.embedders.clip_export import export  # noqa: PLC0415 - loads torch
        from screening.embedders.clip_weights import local_path  # noqa: PLC0415 - loads torch

        if local_path(settings) is None:
            raise weights_missing(settings)
        # A warning, because it is the only sign of life for half a minute.
        LOGGER.warning("clip: exporting %s for ONNX Runtime, once", shown(settings))
        found = export(settings, precision)
    graph = Graph(found.graph, threads=threads)
    return Clip(
        found.description,
        partial(_run_graph, graph, found.description.dimension),
        batch_size=ONNX_BATCH,
        copy_score=settings.copy_score,
    )


def _run_graph(graph: Graph, dimension: int, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return graph.run(pixels, {"image": dimension})["image"]


def _open_torch(settings: ClipSettings, plan: Plan) -> Clip:
    from screening.embedders.clip_tower import load_tower, runner  # noqa: PLC0415 - loads torch

    loaded = load_tower(settings)
    loaded.tower.convert(plan.precision)
    kind = plan.device.partition(":")[0]
    batch_size = TORCH_CUDA_BATCH if kind == "cuda" else TORCH_CPU_BATCH
    return Clip(
        loaded.describe(backend=f"torch-{kind}", precision=plan.precision),
        runner(loaded.tower, device=plan.device, batch_size=batch_size),
        batch_size=batch_size,
        copy_score=settings.copy_score,
    )


def _cuda_available() -> bool:
    if not any(device.exists() for device in DRIVER_DEVICES):
        return False
    import torch  # noqa: PLC0415 - slow

    return torch.cuda.is_available()
