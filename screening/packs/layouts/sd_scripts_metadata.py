"""Metadata files of kohya-ss/sd-scripts: captions, and the pictures themselves, by path.

From ``library/train_util.py`` at 48d368f: ``FineTuningDataset`` (``metadata_file``, ``--in_json``:
a JSON object from path to ``caption`` and ``tags``, or JSON lines with ``image_path``; relative
paths lie in ``image_dir``, absolute ones anywhere; a picture that is not there trains from its
``.npz`` alone) and ``DreamBoothDataset`` (``cache_info``: ``metadata_cache.json`` in the folder
replaces looking into it).
"""

import json
import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screening.packs.layouts.config import Config, ConfigUnclear, parse, plain
from screening.packs.layouts.plan import DataSource, Plan, Section, is_table
from screening.packs.layouts.role import Role
from screening.packs.layouts.sd_scripts_captions import CaptionRule
from screening.packs.layouts.stems import suffix
from screening.packs.text import text_lines

CACHE_FILE = "metadata_cache.json"

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".avif", ".jxl"})

MAX_ENTRIES = 100_000
"""Pictures that one metadata file may name; packs have 10-10,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioned:
    """One picture that a metadata file names, with its captions as they are trained."""

    captions: tuple[str, ...]


def plan_metadata(
    config: Config, subset: Section, plan: Plan, *, rule: CaptionRule, repeats: int
) -> None:
    """The pictures that ``metadata_file`` names, and the file and folder themselves."""
    metadata_file = subset.text("metadata_file") or ""
    image_dir = subset.text("image_dir")
    key = subset.key("metadata_file")
    plan.add(DataSource(place=metadata_file, key=key, role=None))
    if image_dir is not None:
        # Its pictures train as far as the metadata names them; its caches train unnamed.
        plan.add(DataSource(place=image_dir, key=subset.key("image_dir"), role=None))
    text = config.text(metadata_file)
    if text is None:
        plan.trouble(f"has {key}, a file that cannot be read")
        return
    try:
        for number, (path, entry) in enumerate(_entries(metadata_file, text)):
            if number == MAX_ENTRIES:
                raise ConfigUnclear(f"has more than {MAX_ENTRIES:,} entries")
            if not path:
                raise ConfigUnclear("has an entry that names no picture")
            place = os.path.join(image_dir or "", path)  # noqa: PTH118 - as sd-scripts does it
            captions = rule.of_metadata(_text(entry, "caption"), _text(entry, "tags"))
            details = Captioned(captions=captions)
            plan.add(DataSource(place=place, key=key, repeats=repeats, details=details))
    except ConfigUnclear as unclear:
        plan.trouble(f"has {key}, of which not all can be read: it {unclear}")


def plan_cache_info(config: Config, folder: DataSource, rule: CaptionRule, plan: Plan) -> bool:
    """The pictures that ``metadata_cache.json`` in ``folder`` names instead of the folder.

    Returns whether there is such a file: without it, the pictures of the folder train.
    """
    place = os.path.join(folder.place, CACHE_FILE)  # noqa: PTH118 - as sd-scripts does it
    text = config.text(place)
    if text is None:
        return False
    key = f"{folder.key}/{CACHE_FILE}"
    plan.add(DataSource(place=place, key=key, role=None))
    try:
        document = parse(CACHE_FILE, text)
    except ConfigUnclear as unclear:
        plan.trouble(f"has {key}, which cannot be read: it {unclear}")
        return False
    plan_paths(document, plan, key=key, rule=rule, role=folder.role, repeats=folder.repeats)
    return True


def plan_paths(
    document: Any,
    plan: Plan,
    *,
    key: str,
    rule: CaptionRule,
    role: Role | None = Role.TRAIN,
    repeats: int = 1,
) -> None:
    """The pictures of a JSON object from path to caption; relative ones as they stand."""
    if not is_table(document):
        plan.trouble(f"has {key}, which is no table of pictures")
        return
    for number, (path, entry) in enumerate(document.items()):
        if number == MAX_ENTRIES:
            plan.trouble(f"has {key}, with more than {MAX_ENTRIES:,} entries")
            return
        captions = rule.of_metadata(_text(entry, "caption"), _text(entry, "tags"))
        plan.add(
            DataSource(
                place=path,
                key=key,
                role=role,
                repeats=repeats,
                details=Captioned(captions=captions),
            )
        )


def is_path_keyed(path: str, document: Any) -> bool:
    """Whether a JSON document in a pack maps pictures to captions as sd-scripts has it."""
    if not is_table(document) or not document:
        return False
    if posixpath.basename(path) == CACHE_FILE:
        return True
    return all(
        suffix(key) in PICTURE_SUFFIXES
        and is_table(entry)
        and not entry.keys().isdisjoint({"caption", "tags", "train_resolution", "resolution"})
        for key, entry in document.items()
    )


def _entries(name: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, entry) of a metadata file. Raises ConfigUnclear."""
    if not name.endswith(".jsonl"):
        document = parse("metadata.json", text)
        if not is_table(document):
            raise ConfigUnclear("is no table of pictures")
        for path, entry in document.items():
            yield path, entry if is_table(entry) else {}
        return
    for number, line in enumerate(text_lines(text), start=1):
        if not line.strip():
            continue
        try:
            entry = plain(json.loads(line))
        except (ValueError, RecursionError):
            raise ConfigUnclear(f"is no JSON in line {number:,}") from None
        path = entry.get("image_path") if is_table(entry) else None
        if not isinstance(path, str):
            raise ConfigUnclear(f"names no picture in line {number:,}")
        yield path, entry


def _text(entry: Any, key: str) -> str:
    value = entry.get(key) if is_table(entry) else None
    return value if isinstance(value, str) else ""
