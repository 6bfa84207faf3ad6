"""OpenCLIP weights: which there are, which are on this machine, and fetching them.

Screening never downloads: it looks into the local hub cache. Only `pull` uses the network.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.embedders.clip_cache import (
    FOLDER_PREFIX,
    HUB_PREFIX,
    MODEL_CONFIG,
    sha256_of_folder,
    shown,
    weights_missing,
)
from screening.embedders.onnx_runtime import sha256_of
from screening.errors import ModelMissing, SettingsError
from screening.settings import ClipSettings

PREPROCESSING_KEYS = ("mean", "std", "interpolation", "resize_mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights on this machine. ``path`` is a file, or a folder for a ``local-dir:`` model.

    ``preprocessing`` overrides what open_clip would assume (it assumes OpenAI's for any file).
    """

    path: Path
    sha256: str
    preprocessing: dict[str, Any]


def locate(settings: ClipSettings) -> Weights:
    """The weights that ``settings`` names, from this machine alone.

    Raises SettingsError for a model or tag that OpenCLIP does not know, ModelMissing where the
    weights are not here.
    """
    path = local_path(settings)
    if path is None:
        raise weights_missing(settings)
    if path.is_dir():
        return Weights(path=path, sha256=sha256_of_folder(path), preprocessing={})
    return Weights(path=path, sha256=sha256_of(path), preprocessing=_preprocessing(settings))


def local_path(settings: ClipSettings) -> Path | None:
    """Where the weights are on this machine; None where they are not. Raises SettingsError."""
    _check_names(settings)
    if settings.checkpoint is not None:
        return settings.checkpoint if settings.checkpoint.is_file() else None
    if settings.model.startswith(FOLDER_PREFIX):
        folder = Path(settings.model.removeprefix(FOLDER_PREFIX))
        return folder if (folder / MODEL_CONFIG).is_file() else None
    return _in_hub_cache(*_hub_file(settings))


def pull(settings: ClipSettings) -> Path:
    """Download the weights that ``settings`` names into the hub cache; their path.

    Raises SettingsError for names that OpenCLIP does not know, ModelMissing when the download
    fails or the settings name local weights that are not there.
    """
    import open_clip.pretrained  # noqa: PLC0415 - loads torch

    _check_names(settings)
    if settings.checkpoint is not None or settings.model.startswith(FOLDER_PREFIX):
        return locate(settings).path
    repository, filename = _hub_file(settings)
    try:
        if settings.model.startswith(HUB_PREFIX):
            open_clip.pretrained.download_pretrained_from_hf(repository, filename=MODEL_CONFIG)
        return Path(open_clip.pretrained.download_pretrained_from_hf(repository, filename=filename))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelMissing(
            f"clip: the weights of {shown(settings)} could not be downloaded: "
            f"{str(error).rstrip('.')}. Check the network, or copy the file here and name it in "
            "clip.checkpoint"
        ) from error


def known() -> list[tuple[str, str, bool]]:
    """Every (model, pretrained tag) that the installed OpenCLIP knows, and whether it is here."""
    import open_clip  # noqa: PLC0415 - loads torch

    return [
        (model, tag, local_path(ClipSettings(model=model, pretrained=tag)) is not None)
        for model, tag in open_clip.list_pretrained()
    ]


@contextmanager
def offline() -> Iterator[None]:
    """No hub library reaches for the network inside, whatever a model's config asks for."""
    import huggingface_hub.constants as hub  # noqa: PLC0415 - slow to load

    flag, variable = hub.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")
    hub.HF_HUB_OFFLINE, os.environ["HF_HUB_OFFLINE"] = True, "1"
    try:
        yield
    finally:
        hub.HF_HUB_OFFLINE = flag
        if variable is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = variable


def _check_names(settings: ClipSettings) -> None:
    import open_clip  # noqa: PLC0415 - loads torch

    if settings.model.startswith((HUB_PREFIX, FOLDER_PREFIX)):
        if settings.checkpoint is not None:
            raise SettingsError(f"clip.checkpoint: {settings.model} brings its own weights")
        return
    if open_clip.get_model_config(settings.model) is None:
        raise SettingsError(
            f"clip.model: OpenCLIP knows no {settings.model!r}; see `screening models list --all`"
        )
    tags = open_clip.list_pretrained_tags_by_model(settings.model)
    if settings.checkpoint is None and not _tag(settings):
        raise SettingsError(
            f"clip.pretrained: {settings.model} has no {settings.pretrained!r}; it has: "
            f"{', '.join(tags) or 'none: give clip.checkpoint'}"
        )


def _tag(settings: ClipSettings) -> dict[str, Any]:
    """OpenCLIP's table row for the model's pretrained tag; empty for a tag it does not know."""
    import open_clip  # noqa: PLC0415 - loads torch

    row: dict[str, Any] = open_clip.get_pretrained_cfg(settings.model, settings.pretrained)
    return row


def _preprocessing(settings: ClipSettings) -> dict[str, Any]:
    """The preprocessing of the tag; for a checkpoint of another name, of the model's tags.

    Where these differ or there are none, it is empty and open_clip's default (OpenAI's) holds.
    """
    import open_clip  # noqa: PLC0415 - loads torch

    if settings.model.startswith(HUB_PREFIX):
        return {}
    rows = [_tag(settings)]
    if not rows[0]:
        tags = open_clip.list_pretrained_tags_by_model(settings.model)
        rows = [open_clip.get_pretrained_cfg(settings.model, tag) for tag in tags]
    found = [{key: row[key] for key in PREPROCESSING_KEYS if key in row} for row in rows]
    return found[0] if found and all(item == found[0] for item in found) else {}


def _hub_file(settings: ClipSettings) -> tuple[str, str]:
    """Repository and file name on the hub."""
    from open_clip.constants import HF_WEIGHTS_NAME  # noqa: PLC0415 - loads torch

    if settings.model.startswith(HUB_PREFIX):
        return settings.model.removeprefix(HUB_PREFIX), HF_WEIGHTS_NAME
    # OpenCLIP writes `owner/name/file`, and `owner/name/` for the default file.
    repository, _, filename = _tag(settings)["hf_hub"].rpartition("/")
    return repository, filename or HF_WEIGHTS_NAME


def _in_hub_cache(repository: str, filename: str) -> Path | None:
    """The cached file, in the order in which open_clip would take it: safetensors first."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - slow to load
    from open_clip.constants import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME  # noqa: PLC0415

    names = [filename]
    if filename == HF_WEIGHTS_NAME:
        names.insert(0, HF_SAFE_WEIGHTS_NAME)
    elif filename.endswith((".bin", ".pth")):
        names.insert(0, f"{filename[:-4]}.safetensors")
    for name in names:
        found = try_to_load_from_cache(repository, name)
        if isinstance(found, str):
            return Path(found)
    return None
