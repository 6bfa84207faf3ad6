"""What a folder or file holds that training could be done on, whatever an argument calls it.

``--lora_dir`` may name a folder of pictures as well as ``--train_data_dir`` does. Published models
come with pictures too (what their cards show), and folders of results and logs have samples, so
pictures, films and their captions are told, to be screened with the rest; any other data stops.
"""

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from screening.packs.archives import open_archive
from screening.packs.budget import Budget
from screening.packs.plain_file import PICTURE_SUFFIXES, VIDEO_SUFFIXES
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import HEAD_BYTES, archive_format, picture_or_video
from screening.settings import Limits

MAX_FILES = 20_000
"""Files that are looked at of one place: a cache of models has some thousands."""

MAX_PICTURES = 1000
"""Pictures and films behind such arguments that are screened with a pack."""

_DATA = (
    *(".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".arrow", ".npz", ".npy", ".tar", ".zip"),
    *VIDEO_SUFFIXES,
)
_CAPTIONS = (".txt", ".caption")
_LATENTS = re.compile(rb'"(?:latents?|varlen|image_latents?)(?:_[^"]{0,100})?"\s*:\s*\{')
"""Keys in the header of a cache of kohya-ss/musubi-tuner or ostris/ai-toolkit."""


@dataclass(slots=True)
class HeldData:
    """``pictures`` and ``captions`` are real paths (films count as pictures), ``data`` is a file of
    other data, or the reason why it is not known that there is none."""

    pictures: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    data: str = ""

    @property
    def media(self) -> list[str]:
        """The pictures, and the captions that are named as one of them."""
        stems = {os.path.splitext(path)[0] for path in self.pictures}  # noqa: PTH122
        named = [path for path in self.captions if os.path.splitext(path)[0] in stems]  # noqa: PTH122
        return self.pictures + named


def held_data(place: str, screened: Collection[str]) -> HeldData:
    """What the folder or file at ``place`` holds, but for what lies in ``screened`` (real paths).

    Links are followed, as trainers do. What cannot be read is taken for data.
    """
    held = HeldData()
    for number, path in enumerate(_files(os.path.realpath(place), screened)):
        if number == MAX_FILES or len(held.pictures) > MAX_PICTURES:
            held.data = "more files than are looked at"
        if held.data:
            break
        _look_at(path, held)
    return held


def _files(place: str, screened: Collection[str]) -> Iterator[str]:
    """Real paths of the files at ``place`` or below it, each once."""
    left, seen = [place], {*screened}
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        if not Path(path).is_dir():
            yield path
            continue
        try:
            names = sorted(os.listdir(path))  # noqa: PTH208 - names alone
        except OSError:
            yield path  # to be told as what cannot be read
            continue
        left += [os.path.realpath(f"{path.rstrip('/')}/{name}") for name in reversed(names)]


def _look_at(path: str, held: HeldData) -> None:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            return
        with Path(path).open("rb") as file:
            _sort(path, file, held)
    except FileNotFoundError:  # a link to nothing
        return
    except (OSError, MemberRefused):
        held.data = path


def _sort(path: str, file: BinaryIO, held: HeldData) -> None:
    name = path.lower()
    head = file.read(HEAD_BYTES)
    if picture_or_video(head) or name.endswith(PICTURE_SUFFIXES):
        held.pictures.append(path)
    elif name.endswith(_DATA) or _is_table_or_cache(head):
        held.data = path
    elif archive := archive_format(head):
        # What `torch.save` writes is a zip, and none that is opened.
        if open_archive(archive, file, Budget(Limits()), name=path) is not None:
            held.data = path
    elif name.endswith(_CAPTIONS):
        held.captions.append(path)


def _is_table_or_cache(head: bytes) -> bool:
    return head.startswith(b"ARROW1") or _LATENTS.search(head) is not None
