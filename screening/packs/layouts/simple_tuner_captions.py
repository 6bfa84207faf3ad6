"""Captions as bghira/SimpleTuner finds them, by the strategy of each backend.

Where this is read is said in `screening.packs.layouts.simple_tuner`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screening.packs.layouts.below import lines_of
from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings
from screening.packs.layouts.listing import Listing
from screening.packs.paths import given_path
from screening.packs.text import text_lines

MAX_TABLE_LINES = 1_000_000
"""Rows of one table of captions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of captions: where it is, and its columns."""

    place: str
    filename_column: str
    caption_columns: tuple[str, ...]
    has_extensions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """Where the captions of one backend come from.

    ``prompts`` are those that all pictures share; ``prefix`` stands before every other caption.
    """

    strategy: str
    prompts: tuple[str, ...]
    prefix: str
    whole_files: bool
    config: Config
    table: Table | None = None


def captions_in_table(
    captions: Captions, listing: Listing, findings: Findings
) -> dict[str, list[str]]:
    """Captions by what the table calls the pictures; a remark where nothing of it is there."""
    table = captions.table
    if table is None:
        return {}
    found: dict[str, list[str]] = {}
    paths = list(_table_paths(captions.config, table.place, listing))
    for path in paths:
        findings.used_texts.add(path)
        for row in _rows(listing.texts[path]):
            listing.given += 1
            name = row.get(table.filename_column)
            texts = (row.get(column) for column in table.caption_columns)
            said = next((each for each in texts if each), None)
            each_text = said if isinstance(said, list) else [said]
            if name is not None:
                found.setdefault(str(name), []).extend(
                    each for each in each_text if isinstance(each, str)
                )
    if not paths:
        reason = f"refers to {table.place!r}, the table of its captions, which is not in the pack"
        findings.remark(captions.config.path, reason)
    return found


def _table_paths(config: Config, place: str, listing: Listing) -> Iterator[str]:
    inside = f"{place}!"
    located = dict.fromkeys(
        (*listing.locate(config, place).paths, *listing.locate(config, inside).paths)
    )
    for path in located:
        folder = path if path.endswith("!") else f"{path}!"
        for each in dict.fromkeys((path, f"{folder}/rows.jsonl", f"{folder}/metadata.jsonl")):
            yield from listing.texts_at(each)


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text_lines(text)):
        if number == MAX_TABLE_LINES:
            return
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue  # the table is in the pack's texts; what is no row captions nothing
        if isinstance(row, dict):
            yield row


def assembled(
    image_path: str,
    relative: str,
    captions: Captions,
    table: Mapping[str, list[str]],
    listing: Listing,
) -> Iterator[str]:
    """The captions of one picture, which is ``relative`` below the folder of its backend."""
    if captions.strategy == "instanceprompt":
        yield from captions.prompts
    elif captions.table is not None:
        name = relative if captions.table.has_extensions else relative.rpartition(".")[0]
        yield from (captions.prefix + text for text in table.get(name, ()))
    if captions.strategy in ("filename", ""):
        name = given_path(image_path).rpartition("/")[2].rpartition(".")[0]
        yield captions.prefix + name.replace("_", " ")
    if captions.strategy in ("textfile", ""):
        for text_path in listing.captions_beside(image_path, {".txt"}):
            whole = [listing.texts[text_path].strip()]
            texts = whole if captions.whole_files else lines_of(listing, text_path)
            yield from (captions.prefix + text for text in texts)
