"""The TOML file that describes a platform's own image model.

::

    name = "sscd"                # names the vectors: sscd.<output>
    model = "sscd.onnx"          # relative to this file
    input_size_px = 288
    mean = [0.485, 0.456, 0.406] # of channels scaled to 0-1
    std = [0.229, 0.224, 0.225]
    fit = "squash"               # or crop, pad
    resample = "bilinear"        # or bicubic, lanczos, box, hamming
    layout = "nchw"              # default; or nhwc
    color = "rgb"                # default; or bgr
    input = "pixels"             # needed only where the graph has several inputs

    [[outputs]]
    name = "embedding"           # the graph's output
    finds = ["copies"]           # and/or characters
    copy_score = 0.75            # optional: at and above this cosine, a likely copy

``output = "embedding"`` stands for one output that finds characters.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from screening.errors import SettingsError
from screening.images.preprocess import Fit, Preprocessing, Resample
from screening.settings import read_toml

Finds = Literal["copies", "characters"]

RESERVED_NAMES = ("lite", "clip")
# 4,096 px square is 200 MB a picture as float32: beyond any embedder, and a typing slip.
LARGEST_INPUT_PX = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A model's TOML file, checked. ``where`` is its path, for messages."""

    where: str
    name: str
    model: Path
    preprocessing: Preprocessing
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    layout: str
    color: str
    input: str | None
    outputs: tuple["OutputDescription", ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The description in ``path``; raises SettingsError for what it gets wrong."""
        table = _Table(read_toml(path), where=str(path))
        outputs = _outputs(table, str(path))
        description = cls(
            where=str(path),
            name=table.text("name"),
            model=path.parent / Path(table.text("model")).expanduser(),
            preprocessing=Preprocessing(
                size_px=table.size("input_size_px"),
                fit=table.choice("fit", get_args(Fit)),
                resample=table.choice("resample", get_args(Resample)),
            ),
            mean=table.triple("mean"),
            std=table.triple("std"),
            layout=table.choice("layout", ("nchw", "nhwc"), default="nchw"),
            color=table.choice("color", ("rgb", "bgr"), default="rgb"),
            input=table.text("input") if table.has("input") else None,
            outputs=outputs,
        )
        table.refuse_unread()
        if not re.fullmatch(r"[A-Za-z0-9_-]+", description.name):
            raise SettingsError(f"{path}: name must be letters, digits, `-` and `_`")
        if description.name in RESERVED_NAMES:
            raise SettingsError(f"{path}: the name {description.name!r} is taken; choose another")
        if min(description.std) <= 0:
            raise SettingsError(f"{path}: every std must be above 0")
        return description


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDescription:
    """One of the graph's outputs and what its vectors are good for."""

    name: str
    finds: frozenset[Finds]
    copy_score: float | None = None


class _Table:
    """A TOML table whose every key must be read once; knows where it is, for messages."""

    def __init__(self, values: Any, *, where: str) -> None:
        if not isinstance(values, dict):
            raise SettingsError(f"{where}: must be a table")
        self.values: dict[str, Any] = values
        self._where = where
        self._read: set[str] = set()

    def has(self, key: str) -> bool:
        return key in self.values

    def take(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        if key in self.values:
            return self.values[key]
        if default is None:
            raise SettingsError(f"{self._where}: {key} is missing")
        return default

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "a text")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> Any:
        value = self.take(key, default)
        if value not in choices:
            raise self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def size(self, key: str) -> int:
        value = self.take(key)
        if type(value) is not int or not 0 < value <= LARGEST_INPUT_PX:
            raise self.wrong(key, f"a whole number from 1 to {LARGEST_INPUT_PX}")
        return value

    def number(self, key: str) -> float:
        value = self.take(key)
        if not _is_number(value):
            raise self.wrong(key, "a number")
        return float(value)

    def triple(self, key: str) -> tuple[float, float, float]:
        value = self.take(key)
        if not isinstance(value, list) or len(value) != 3 or not all(map(_is_number, value)):
            raise self.wrong(key, "three numbers")
        red, green, blue = map(float, value)
        return red, green, blue

    def choices(self, key: str, choices: tuple[str, ...]) -> frozenset[Any]:
        value = self.take(key)
        if not isinstance(value, list) or not value or any(item not in choices for item in value):
            raise self.wrong(key, f"a list of {', '.join(choices)}")
        return frozenset(value)

    def wrong(self, key: str, wanted: str) -> SettingsError:
        return SettingsError(f"{self._where}: {key} must be {wanted}, not {self.values[key]!r}")

    def refuse_unread(self) -> None:
        """Raises SettingsError naming a key that nothing has asked for."""
        for key in self.values:
            if key not in self._read:
                raise SettingsError(f"{self._where}: unknown key {key!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _outputs(table: _Table, where: str) -> tuple[OutputDescription, ...]:
    if table.has("output"):
        if table.has("outputs"):
            raise SettingsError(f"{where}: give output or [[outputs]], not both")
        only = OutputDescription(name=table.text("output"), finds=frozenset({"characters"}))
        return (only,)
    rows = table.take("outputs")
    if not isinstance(rows, list) or not rows:
        raise SettingsError(f"{where}: give output = NAME, or at least one [[outputs]]")
    outputs = tuple(_output(row, where=f"{where}: outputs") for row in rows)
    names = [output.name for output in outputs]
    if len(set(names)) < len(names):
        raise SettingsError(f"{where}: two [[outputs]] have the same name")
    return outputs


def _output(row: Any, *, where: str) -> OutputDescription:
    table = _Table(row, where=where)
    output = OutputDescription(
        name=table.text("name"),
        finds=table.choices("finds", get_args(Finds)),
        copy_score=table.number("copy_score") if table.has("copy_score") else None,
    )
    table.refuse_unread()
    if output.copy_score is not None and "copies" not in output.finds:
        raise SettingsError(f"{where}: {output.name} has a copy_score but does not find copies")
    return output
