"""Exported CLIP image towers in the user's cache: found, checked and published without torch.

An export is a folder, named after what it was made from, that appears whole by one rename::

    <user cache>/screening/models/<model>-<weights>-<precision>-<digest>/
        model.onnx  (model.onnx.data)   the graph: uint8 (1, s, s, 3) in, (1, d) out
        export.json                     what it is, and the sha256 of each file
"""

import dataclasses
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import platformdirs

from screening.embedders.onnx_runtime import sha256_of
from screening.errors import EmbedderError, ModelMissing
from screening.images.preprocess import Preprocessing
from screening.settings import ClipSettings

GRAPH = "model.onnx"
DESCRIPTION = "export.json"
# Raised when the exported graph changes in a way that changes vectors; part of every version.
EXPORT_FORMAT = 1

PRECISIONS = ("fp32", "int8")

HUB_PREFIX = "hf-hub:"
FOLDER_PREFIX = "local-dir:"
MODEL_CONFIG = "open_clip_config.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDescription:
    """What an opened CLIP image tower is; ``version`` as in the embedder protocol."""

    version: str
    preprocessing: Preprocessing
    dimension: int
    weights_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A cached export. ``files`` maps each file's name to its sha256."""

    folder: Path
    description: ClipDescription
    files: dict[str, str]

    @property
    def graph(self) -> Path:
        return self.folder / GRAPH

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The export in ``folder``, as it describes itself; raises EmbedderError if damaged."""
        try:
            found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            described = dict(found["description"])
            described["preprocessing"] = Preprocessing(**described["preprocessing"])
            description = ClipDescription(**described)
            return cls(folder=folder, description=description, files=dict(found["files"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(folder, f"{DESCRIPTION} is unreadable: {error!r}") from error

    def verify(self) -> None:
        """Raises EmbedderError unless every file has the sha256 it was published with."""
        for name, wanted in self.files.items():
            try:
                found = sha256_of(self.folder / name)
            except ModelMissing as error:
                raise _damaged(self.folder, str(error)) from error
            if found != wanted:
                raise _damaged(self.folder, f"{name} has changed")


def cache_folder() -> Path:
    """Where exports are kept on this machine, by the platform's convention."""
    return Path(platformdirs.user_cache_dir("screening")) / "models"


def export_folder(settings: ClipSettings, precision: str) -> Path:
    """The folder of the export that ``settings`` asks for, whether it is there or not.

    A tag names its weights for good; local weights are told apart by their sha256, so a changed
    file is another export. Raises ModelMissing when local weights are not there.
    """
    name = f"{settings.model}-{settings.pretrained}"
    facts: list[Any] = [EXPORT_FORMAT, settings.model, settings.pretrained, precision]
    if settings.checkpoint is not None:
        name = f"{settings.model}-{settings.checkpoint.stem}"
        if not settings.checkpoint.is_file():
            raise weights_missing(settings)
        facts.append(sha256_of(settings.checkpoint))
    elif settings.model.startswith(FOLDER_PREFIX):
        folder = Path(settings.model.removeprefix(FOLDER_PREFIX))
        if not (folder / MODEL_CONFIG).is_file():
            raise weights_missing(settings)
        name = f"{FOLDER_PREFIX}{folder.name}"
        facts.append(sha256_of_folder(folder))
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{name}-{precision}")[-120:]
    return cache_folder() / f"{readable}-{digest(facts)}"


def digest(facts: Any) -> str:
    """16 hexadecimal digits that change with anything in ``facts`` (JSON values)."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def sha256_of_folder(folder: Path) -> str:
    """One sha256 over an OpenCLIP model folder's config and weights."""
    names = sorted(
        path.name
        for path in folder.iterdir()
        if path.name == MODEL_CONFIG or path.suffix in {".safetensors", ".bin", ".pth"}
    )
    if not names:
        raise ModelMissing(
            f"{folder}: no OpenCLIP model folder (open_clip_config.json and weights)"
        )
    parts = [f"{name} {sha256_of(folder / name)}" for name in names]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def export_folders() -> list[Path]:
    """The folder of every export on this machine, damaged ones too, by name."""
    folders = cache_folder().iterdir() if cache_folder().is_dir() else ()
    return sorted(folder for folder in folders if not folder.name.startswith("."))


@contextmanager
def making(target: Path) -> Iterator[Path]:
    """A private folder to make an export in, removed afterwards; `publish` moves it out."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(
    folder: Path, target: Path, description: ClipDescription, *, replace: bool = False
) -> Export:
    """Describe the files of ``folder`` and rename it to ``target``.

    An export that is there already stays and is returned, as another process may be reading it,
    unless it is to ``replace``.
    """
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    contents = {"description": dataclasses.asdict(description), "files": files}
    (folder / DESCRIPTION).write_text(json.dumps(contents, indent=1), encoding="utf-8")
    with making(target) as old:
        while True:
            try:
                folder.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
                if not replace:
                    return Export.read(target)
                # Another process may take it away first, or put a new one there: try again.
                _move_away(target, old / os.urandom(8).hex())
            else:
                return Export.read(target)


def drop_stale(settings: ClipSettings, *, weights: Path) -> list[Export]:
    """Delete the configured model's exports that were made from other weights than ``weights``."""
    if weights.is_dir():
        return []
    folders = [export_folder(settings, precision) for precision in PRECISIONS]
    exports = [Export.read(folder) for folder in folders if folder.exists()]
    sha256 = sha256_of(weights)
    stale = [export for export in exports if export.description.weights_sha256 != sha256]
    for export in stale:
        with making(export.folder) as old:
            _move_away(export.folder, old / "export")
    return stale


def shown(settings: ClipSettings) -> str:
    """The configured model and weights, for messages."""
    if settings.checkpoint is not None:
        return f"{settings.model} ({settings.checkpoint})"
    if settings.model.startswith((HUB_PREFIX, FOLDER_PREFIX)):
        return settings.model
    return f"{settings.model} / {settings.pretrained}"


def weights_missing(settings: ClipSettings) -> ModelMissing:
    """The error for weights that are not on this machine, with the ways out."""
    return ModelMissing(
        f"clip: the weights of {shown(settings)} are not on this machine. Fetch them with "
        "`screening models pull`, name a local file in clip.checkpoint, or use the embedder "
        "`lite`, which needs no download"
    )


def _move_away(folder: Path, destination: Path) -> None:
    try:
        folder.rename(destination)
    except FileNotFoundError:
        return


def _damaged(folder: Path, what: str) -> EmbedderError:
    return EmbedderError(
        f"the exported model in {folder} is damaged: {what}; "
        "make it again with `screening models export`"
    )
