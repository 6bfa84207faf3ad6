"""About how many pictures a pack holds, told from names alone before anything is read of it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from screening.packs.pack import Pack
from screening.packs.plain_file import PICTURE_SUFFIXES
from screening.packs.zip_directory import read_directory
from screening.settings import Limits


def pictures_named(pack: Pack, limits: Limits) -> int | None:
    """How many files of ``pack`` have names of pictures; at most ``limits.max_members``.

    None where no listing says so: a tar, a config file, a folder or zip without such names. Members
    are found by content, so that a pack may hold more pictures, or fewer.
    """
    if pack.training.config_path is not None:
        return None
    try:
        if pack.source.is_dir():
            names: Iterable[str] = _files_below(pack.source, limits.max_members)
        else:
            with pack.source.open("rb") as file:
                directory = read_directory(file, max_records=limits.max_members)
            names = [each.name for each in directory.records] if directory else []
    except OSError:
        return None  # what cannot be read is told when the pack is
    return sum(name.lower().endswith(PICTURE_SUFFIXES) for name in names) or None


def _files_below(folder: Path, most: int) -> Iterator[str]:
    """Names of at most ``most`` files; links are not followed."""
    for _, _, files in os.walk(folder):
        for name in files[:most]:
            most -= 1
            yield name
        if most <= 0:
            return
