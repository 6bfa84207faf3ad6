"""Settings: what runs, where things are, and how much of a hostile upload is read.

Settings come from one TOML file (``--settings FILE``, else ``screening.toml`` in the current
folder, else the defaults below). An unknown key is an error: a misspelt limit must not be silent.
"""

import dataclasses
import os
import tomllib
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from screening.errors import SettingsError

SETTINGS_FILE = "screening.toml"

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of an upload is read before the rest is listed as unscreened.

    The defaults admit every pack that a person trains a LoRA on (10-1,000 pictures, camera
    originals included) with a wide margin and stop decompression bombs at the header.

    A video is looked at ``video_frames_per_second`` and where its scene changes, as far as
    ``max_video_seconds`` of it, ``max_video_frames`` looked at and ``max_video_pixels`` decoded
    go: two minutes in 720p, six or more in 480p, which FFmpeg decodes in 5-10 s on one core.

    The texts of a pack are searched for names for ``max_names_seconds``: 256 MiB of captions take
    20 s, texts written to be slow some thirty times as long.
    """

    max_members: int = 20_000
    max_member_bytes: int = 256 * MEBIBYTE
    max_unpacked_bytes: int = 32 * 1024 * MEBIBYTE
    max_compression_ratio: int = 200
    max_archive_depth: int = 3
    max_text_bytes: int = 4 * MEBIBYTE
    max_total_text_bytes: int = 256 * MEBIBYTE
    max_image_pixels: int = 120_000_000
    max_image_side_px: int = 32_000
    max_frames: int = 32
    max_video_seconds: float = 600.0
    max_video_frames: int = 256
    max_video_pixels: int = 4_000_000_000
    video_frames_per_second: float = 2.0
    decode_timeout_seconds: float = 20.0
    max_pack_seconds: float = 1800.0
    max_names_seconds: float = 300.0
    decoder_memory_bytes: int = 4 * 1024 * MEBIBYTE

    def __post_init__(self) -> None:
        """Raises SettingsError for a limit that is not above 0."""
        for each in dataclasses.fields(self):
            if not getattr(self, each.name) > 0:
                raise SettingsError(f"limits: {each.name} must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSettings:
    """Which OpenCLIP model the ``clip`` embedder runs, and how.

    ``model`` is an OpenCLIP architecture. The weights are ``checkpoint`` (a local file) if that
    is given, else the ``pretrained`` tag from the local hub cache. ``backend`` is ``onnx``
    (exported once, then ONNX Runtime), ``torch`` or ``auto``: torch on CUDA, else onnx.
    ``precision`` is ``fp32`` or ``int8`` with onnx, ``fp32``, ``bf16`` or ``fp16`` with torch.
    ``copy_score`` is the cosine at and above which a picture is a likely copy; None: never.
    """

    model: str = "ViT-B-32-256"
    pretrained: str = "datacomp_s34b_b86k"
    checkpoint: Path | None = None
    device: str = "auto"
    backend: str = "auto"
    precision: str = "auto"
    copy_score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a front end needs to open a screener.

    ``embedders`` are names: ``lite``, ``clip``, or the path of an ``onnx`` model's TOML file.
    What is named is what runs; a named embedder that cannot be loaded is an error.
    ``calibration`` is a file of `screening calibrate`, or the name of one that ships.
    """

    index: Path = Path("index")
    references: Path = Path("reference_sets")
    policy: Path | None = None
    calibration: Path | None = None
    embedders: tuple[str, ...] = ("lite",)
    workers: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    limits: Limits = field(default_factory=Limits)
    clip: ClipSettings = field(default_factory=ClipSettings)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read ``path``, or ``screening.toml`` of the current folder if there is one.

        Relative paths in the file are relative to the file. Raises SettingsError.
        """
        if path is None:
            path = Path(SETTINGS_FILE)
            if not path.is_file():
                return cls()
        return read_table(cls, path)

    def with_paths(
        self, *, index: Path | str | None = None, references: Path | str | None = None
    ) -> Self:
        """These settings with another index or other reference sets where they are given."""
        given = {"index": index, "references": references}
        paths = {key: Path(value) for key, value in given.items() if value is not None}
        return dataclasses.replace(self, **paths)  # type: ignore[arg-type]


def read_toml(path: Path) -> dict[str, Any]:
    """The table in a TOML file; raises SettingsError naming the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: not readable as TOML: {error}") from error


T = TypeVar("T")


def read_table(kind: type[T], path: Path) -> T:
    """The dataclass ``kind`` filled from a TOML file; raises SettingsError for what is not in it.

    Nested dataclasses are tables, Path values are relative to the file.
    """
    return _from_table(kind, read_toml(path), where=str(path), folder=path.parent)


def _from_table(kind: type[T], table: dict[str, Any], *, where: str, folder: Path) -> T:
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            allowed = ", ".join(sorted(known))
            raise SettingsError(f"{where}: unknown key {key!r}; known keys: {allowed}")
        values[key] = _converted(known[key].type, value, where=f"{where}: {key}", folder=folder)
    return kind(**values)


def _converted(kind: Any, value: Any, *, where: str, folder: Path) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise SettingsError(f"{where} must be a table")
        return _from_table(kind, value, where=where, folder=folder)
    if typing.get_origin(kind) is dict and isinstance(value, dict):
        of = typing.get_args(kind)[1]
        return {
            key: _converted(of, item, where=f"{where}.{key!r}", folder=folder)
            for key, item in value.items()
        }
    if kind in (Path, Path | None) and isinstance(value, str):
        return folder / Path(value).expanduser()
    if kind == tuple[str, ...] and isinstance(value, list):
        if not value or not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{where} must be a non-empty list of strings")
        return tuple(value)
    if kind in (float, float | None) and isinstance(value, int | float):
        return float(value)
    if kind in (bool, bool | None) and isinstance(value, bool):
        return value
    if kind in (int, int | None) and isinstance(value, int) and not isinstance(value, bool):
        return _positive(value, where)
    if kind is str and isinstance(value, str):
        return value
    raise SettingsError(f"{where}: {value!r} is not a {getattr(kind, '__name__', kind)}")


def _positive(value: int, where: str) -> int:
    if value <= 0:
        raise SettingsError(f"{where} must be above 0, not {value}")
    return value
