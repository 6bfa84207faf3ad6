"""Training data: the folders and files on this machine that a trainer's config names.

The config comes from the operator, on the command line that also starts the trainer, so it is
followed wherever it leads here; what lies on other machines is not fetched.
"""

import json
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from screening.packs.budget import Budget
from screening.packs.entry import Contents, Entry
from screening.packs.folder import SPECIAL, read_folder, why_unreadable
from screening.packs.layouts import Config, ConfigUnclear, Training, plans
from screening.packs.layouts.config import parse
from screening.packs.layouts.places import DiskPlaces
from screening.packs.member import Unscreened
from screening.packs.text import decode_text
from screening.settings import Limits

ARGUMENTS_NAME = "arguments.json"
"""The member that stands for what a trainer was told on its command line."""


def training_of_config(
    source: Path,
    *,
    trainer: str,
    working_folder: Path,
    limits: Limits,
    beside: Collection[str] = (),
) -> Training:
    """What the config file ``source`` makes its trainer read, and the real paths ``beside``. A
    config that cannot be understood has no data, and is found to be unclear when the pack is read.
    Raises OSError."""
    real_path = os.path.realpath(source)
    with source.open("rb") as file:
        text = decode_text(file.read(limits.max_text_bytes + 1)[: limits.max_text_bytes])
    bases = (working_folder, source.absolute().parent)
    places = DiskPlaces(bases, max_text_bytes=limits.max_text_bytes)
    roots = _roots(source.name, text, places, limits)
    return _training(real_path, {real_path, *roots, *beside}, trainer=trainer, places=places)


def training_of_arguments(
    arguments: Mapping[str, Any],
    *,
    trainer: str,
    working_folder: Path,
    limits: Limits,
    beside: Collection[str] = (),
) -> Training:
    """What a trainer reads that was started with ``arguments`` (names without dashes, values), and
    the real paths ``beside``."""
    places = DiskPlaces((working_folder,), max_text_bytes=limits.max_text_bytes)
    text = arguments_bytes(arguments).decode()
    roots = _roots(ARGUMENTS_NAME, text, places, limits)
    return _training(None, {*roots, *beside}, trainer=trainer, places=places)


def arguments_bytes(arguments: Mapping[str, Any]) -> bytes:
    """The member that stands for ``arguments``; the same for the same arguments."""
    return json.dumps(arguments, indent=1, sort_keys=True, default=str).encode()


def read_training_data(training: Training, budget: Budget, first: Entry | None = None) -> Contents:
    """Every file that lies in the roots of ``training``, by path; ``first`` goes before them."""
    troubles: list[str] = []
    left = 0
    if first is not None:
        yield first
    for real_path, path in sorted(training.roots.items(), key=lambda each: each[1]):
        if budget.members_left <= 0:
            left += 1
            continue
        try:
            troubles += yield from _root(real_path, path, budget)
        except OSError as error:
            yield Unscreened(path=path, reason=why_unreadable(error))
    if left:
        reason = budget.members_reason()
        troubles.append(f"at least {left:,} more folders and files are not read: {reason}")
    return tuple(troubles)


def _root(real_path: str, path: str, budget: Budget) -> Contents:
    if Path(real_path or "/").is_dir():
        return (yield from _folder(real_path, path, budget))
    # Between the look at it and now, a file may have been swapped for a pipe.
    descriptor = os.open(real_path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - no path can hold a race
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            yield Entry(name=path, stream=file, file=file)
        else:
            yield Unscreened(path=path, reason=SPECIAL)
    return ()


def _folder(real_path: str, path: str, budget: Budget) -> Contents:
    prefix = f"{path}/" if path else ""
    contents = read_folder(Path(real_path or "/"), budget)
    while True:
        try:
            found = next(contents)
        except StopIteration as end:
            return cast(tuple[str, ...], end.value)
        if isinstance(found, Unscreened):
            yield Unscreened(path=prefix + found.path, reason=found.reason)
        else:
            yield Entry(name=prefix + found.name, stream=found.stream, file=found.file)


def _roots(name: str, text: str, places: DiskPlaces, limits: Limits) -> Iterator[str]:
    """Real paths of what the config names, those within another one left out."""
    try:
        document = parse(name, text)
    except ConfigUnclear:
        return
    config = Config(path=name, document=document, files=places, trusted=True)
    found = set[str]()
    for _, plan in plans(config):
        for source in plan.sources:
            found.update(places.found(source.place))
            if len(found) > limits.max_members:
                break
    yield from found


def _training(
    config: str | None, real_paths: set[str], *, trainer: str, places: DiskPlaces
) -> Training:
    """Paths within the pack are those below the deepest folder that all of it lies in."""
    base = os.path.commonpath([os.path.dirname(path) for path in real_paths] or ["/"])  # noqa: PTH120
    base = base.rstrip("/")
    folders = {path.rstrip("/") for path in real_paths if Path(path).is_dir()}
    roots = {
        path.rstrip("/"): path.rstrip("/")[len(base) + 1 :]
        for path in real_paths
        if folders.isdisjoint(_above(path))
    }
    return Training(
        trainer=trainer,
        config_path=ARGUMENTS_NAME if config is None else config[len(base) + 1 :],
        places=places,
        roots=roots,
    )


def _above(path: str) -> Iterator[str]:
    """The folders that ``path`` lies in; the topmost is ""."""
    path = path.rstrip("/")
    while path:
        path = path.rpartition("/")[0]
        yield path
