"""Data set cards of huggingface/datasets: what the header of a ``README.md`` makes it load.

From commit 029a620, ``src/datasets/load.py`` (``LocalDatasetModuleFactory``: the card of a local
folder, and ``.huggingface.yaml`` beside it) and ``src/datasets/utils/metadata.py``
(``MetadataConfigs``: ``configs``, each with ``data_files`` and ``data_dir``): instead of the
pictures in the folder, those may name files elsewhere, on other machines too. ``dataset_info``
(or ``dataset_infos.json``) says what its columns hold: a table of texts in a column of pictures
names pictures, which ``features/image.py`` opens wherever they lie, or fetches.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from screening.packs.layouts.config import ConfigUnclear, parse
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.places import within_pack
from screening.packs.layouts.plan import first_of, is_table, shown
from screening.packs.member import Unscreened
from screening.packs.paths import ARCHIVE_MARK, given_path

CARD_NAME = "readme.md"
BARE_NAME = ".huggingface.yaml"
INFOS_NAME = "dataset_infos.json"

CONFIGS = "configs"
FEATURES = "dataset_info"
PICTURES = frozenset({"image", "Image", "video", "Video"})
TABLES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
PLACES = ("data_files", "data_dir")

READ_TABLES = frozenset({"metadata.jsonl", "metadata.csv", INFOS_NAME})
"""What `screening.packs.layouts.imagefolder` reads, and a Parquet file with pictures gives."""

PARQUET_ROWS = "metadata.jsonl"
"""What `screening.packs.parquet_process` calls the texts of a Parquet file with pictures."""

MAX_CARDS = 20
"""Cards that are read of one pack; a data set has one."""

_HEADER = re.compile(r"\s*---[\r\n]+(.*?)[\r\n]+---(?:\r?\n|$)", re.DOTALL)
_CHAINED = "::"
"""``zip://a.png::https://host/b.zip``: a place within another, as fsspec writes it."""


def data_elsewhere(listing: Listing) -> Iterator[Unscreened]:
    """What the cards of a pack name that is not in it, under the paths of the cards."""
    left = MAX_CARDS
    for path in sorted(listing.texts):
        header = _header(path, listing.texts[path])
        if CONFIGS not in header and FEATURES not in header and '"_type"' not in header:
            continue
        left -= 1
        if left < 0:
            reason = "is one of more cards of data sets than are read of one pack"
            yield Unscreened(path=path, reason=reason)
            return
        for reason in first_of(list(_reasons(path, header, listing))):
            yield Unscreened(path=path, reason=reason)


def _header(path: str, text: str) -> str:
    name = given_path(path).rpartition("/")[2].lower()
    if name in (BARE_NAME, INFOS_NAME):
        return text
    found = _HEADER.match(text) if name == CARD_NAME else None
    return found.group(1) if found is not None else ""


def _reasons(path: str, header: str, listing: Listing) -> Iterator[str]:
    try:
        document = parse("card.yaml", header)
    except ConfigUnclear as unclear:
        yield f"has a header that {unclear}"
        return
    configs = document.get(CONFIGS) if is_table(document) else None
    folder = given_path(path).rpartition("/")[0]
    is_card = given_path(path).rpartition("/")[2].lower() != INFOS_NAME
    features = document.get(FEATURES) if is_card and is_table(document) else document
    if _has_pictures(features):
        yield from _tables(folder, configs, listing)
        yield from _parquet_texts(folder, _picture_columns(features), listing)
    for number, config in enumerate(configs if isinstance(configs, list) else [configs]):
        for key in PLACES if is_table(config) else ():
            for place in _texts(config.get(key)):
                within = within_pack(folder, place)
                reason = "is not fetched" if _CHAINED in place else within
                if isinstance(reason, str):
                    yield f"{CONFIGS}[{number}].{key} refers to {shown(place)}, which {reason}"


def _has_pictures(features: Any) -> bool:
    """Whether a column holds pictures: ``dtype: image``, ``sequence: image``, ``_type: Image``."""
    left = [features]
    while left:
        each = left.pop()
        if is_table(each):
            if any(key != "name" and each[key] in PICTURES for key in each if _is_text(each[key])):
                return True
            left += each.values()
        elif isinstance(each, list):
            left += each
    return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _tables(folder: str, configs: Any, listing: Listing) -> Iterator[str]:
    """The tables of texts that may name the pictures: those that the card tells to be read, and
    those that no reader takes for metadata beside pictures."""
    for path in sorted(listing.texts):
        given = given_path(path)
        name = given.rpartition("/")[2].lower()
        is_below = not folder or given.startswith(f"{folder}/")
        is_read = name in READ_TABLES or name == "config.json"
        if is_below and name.endswith(TABLES) and not is_read:
            yield f"makes pictures of what {shown(given)} names, and those are not read"
    for config in configs if isinstance(configs, list) else [configs]:
        for place in _texts(config.get("data_files")) if is_table(config) else ():
            if place.lower().endswith((*TABLES, ".txt")):
                yield f"makes pictures of what {shown(place)} names, and those are not read"


def _picture_columns(features: Any) -> frozenset[str]:
    """Names of the columns that hold pictures, at any depth of the column."""
    found, left = set[str](), [features]
    while left:
        each = left.pop()
        if isinstance(each, list):
            left += each
        elif is_table(each):
            left += each.values()
            columns = each.get("features")
            if is_table(columns):
                found.update(name for name, column in columns.items() if _has_pictures(column))
            elif isinstance(columns, list):
                tables = [column for column in columns if is_table(column)]
                found.update(
                    column["name"]
                    for column in tables
                    if _is_text(column.get("name")) and _has_pictures(column)
                )
    return frozenset(found)


def _parquet_texts(folder: str, columns: Collection[str], listing: Listing) -> Iterator[str]:
    """The Parquet files whose texts the card alone declares pictures: what the file itself does,
    `screening.packs.parquet_process` gives as names of files."""
    for path in sorted(listing.texts):
        parquet, mark, name = given_path(path).rpartition(ARCHIVE_MARK)
        is_below = not folder or parquet.startswith(f"{folder}/")
        if not (mark and is_below and name == PARQUET_ROWS and parquet.endswith(".parquet")):
            continue
        for line in listing.texts[path].split("\n"):
            column = _text_column(line, columns)
            if column is not None:
                yield (
                    f"makes pictures of what column {shown(column)} of {shown(parquet)} names, and "
                    "those are not read"
                )
                break


def _text_column(line: str, columns: Collection[str]) -> str | None:
    """The first of ``columns`` that holds text in a row."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    for column in columns if is_table(row) else ():
        left = [row.get(column)]
        while left:
            each = left.pop()
            if isinstance(each, str):
                return column
            if is_table(each):
                left += [value for key, value in each.items() if key != "file_name"]
            elif isinstance(each, list):
                left += each
    return None


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif is_table(each):
            left += [item for key, item in each.items() if key != "split"]
        elif isinstance(each, list):
            left += each
