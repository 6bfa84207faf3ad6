"""Embedders: from pictures to vectors, behind one protocol (`screening.embedders.embedder`).

Importing this package loads neither torch nor onnxruntime; opening an embedder loads what it
needs: ``lite`` and ``onnx`` models ONNX Runtime alone, ``clip`` from its cached export as well.
"""

from collections.abc import Callable
from pathlib import Path

from screening.embedders.embedder import Embedder
from screening.errors import SettingsError
from screening.settings import Settings


def open_embedders(settings: Settings) -> tuple[Embedder, ...]:
    """The embedders that ``settings.embedders`` names, in that order, ready to embed.

    Raises SettingsError for a name that is none, or for two embedders of one name; ModelMissing
    when weights are not on this machine; EmbedderError when a model cannot be loaded.
    """
    opened = tuple(_opener(name)(settings) for name in settings.embedders)
    names = [embedder.name for embedder in opened]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"embedders: two of them are called {name!r}; each needs its own")
    return opened


def _opener(name: str) -> Callable[[Settings], Embedder]:
    if name == "lite":
        return _open_lite
    if name == "clip":
        return _open_clip
    if name.endswith(".toml"):
        return lambda settings: _open_onnx(Path(name), settings)
    raise SettingsError(
        f"embedders: {name!r} is none; choose lite, clip, or the path of an onnx model's .toml file"
    )


def _open_lite(settings: Settings) -> Embedder:
    from screening.embedders.lite import Lite  # noqa: PLC0415 - loads ONNX Runtime

    return Lite(threads=settings.workers)


def _open_clip(settings: Settings) -> Embedder:
    from screening.embedders.clip import open_clip_model  # noqa: PLC0415 - loads ONNX Runtime

    return open_clip_model(settings.clip, threads=settings.workers)


def _open_onnx(description: Path, settings: Settings) -> Embedder:
    from screening.embedders.onnx import OnnxModel  # noqa: PLC0415 - loads ONNX Runtime

    return OnnxModel.open(description, threads=settings.workers)
