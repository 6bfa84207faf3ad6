"""The 12 pictures that are laid out for each trainer, and what is expected of a layout."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import HEROINE
from drawn import draw_character, jpeg

from screening.packs import Pack, Role

PICTURES = {number: jpeg(draw_character(HEROINE, number)) for number in range(12)}
NUMBERS = {hashlib.sha256(data).hexdigest(): number for number, data in PICTURES.items()}

TRAIN = range(8)
CONTROL = range(8, 12)
"""The last four are what a layout uses beside what it trains on: regularisation, control, masks."""


def caption(number: int) -> str:
    return f"a drawing, number {number}"


def write(folder: Path, numbers: range = range(12), *, extension: str = ".txt") -> Path:
    """Pictures ``00.jpg`` … with a caption file each; without one for an empty ``extension``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number:02}.jpg").write_bytes(PICTURES[number])
        if extension:
            (folder / f"{number:02}{extension}").write_text(caption(number) + "\nsecond line\n")
    return folder


def write_json(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


@dataclass(frozen=True, kw_only=True)
class Case:
    """One layout of the 12 pictures, and what is to be read out of it.

    ``lay_out`` gets an empty folder and returns what to open. ``captions`` maps a picture's number
    to its first caption, for the trained ones; ``roles`` and ``repeats`` are those that are not
    `Role.TRAIN` and 1, ``not_loaded`` what the trainer leaves out.
    """

    name: str
    trainer: str
    lay_out: Callable[[Path], Path | Pack]
    captions: Mapping[int, str] = field(
        default_factory=lambda: {number: caption(number) for number in TRAIN}
    )
    roles: Mapping[int, Role] = field(default_factory=dict)
    repeats: Mapping[int, int] = field(default_factory=dict)
    not_loaded: frozenset[int] = frozenset()
    asked: str = ""
