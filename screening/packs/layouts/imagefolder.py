"""huggingface/datasets imagefolder: ``metadata.jsonl``, ``.csv`` and ``.parquet`` name pictures.

From commit b7cb10b, ``src/datasets/packaged_modules/folder_based_builder/folder_based_builder.py``:
``file_name`` and ``*_file_name`` hold a path, ``file_names`` and ``*_file_names`` a list of them,
at any depth of the row, relative to the metadata file's own folder. Which of the other columns is
the caption is told to the trainer (``--caption_column``), so every string counts. Nothing is
fetched.

The rows of a Parquet file, whose pictures are in the file itself (``packaged_modules/parquet``),
are such metadata too: `screening.packs.parquet_archive` gives them as ``metadata.jsonl``.
"""

import csv
import io
import json
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from screening.packs.base64_picture import seems_picture
from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import Plan
from screening.packs.layouts.stems import MAX_CAPTIONS
from screening.packs.paths import given_path

METADATA_NAMES = frozenset({"metadata.jsonl", "metadata.csv"})

MAX_REMARKS = 20
"""Remarks on one metadata file; a line that makes no sense seldom comes alone."""

MAX_SENSELESS_LINES = 1000
"""Remarks after which a metadata file is not read further."""

_SHOWN_CHARACTERS = 200
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_DRIVE = re.compile(r"[A-Za-z]:")

Row = list[tuple[str, Any]]
"""Names and values of a row in their order; a name may come twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataRow:
    """One row: its pictures as (column, path within the pack), its texts as (column, text).

    The column of ``file_name`` is ``image``, that of ``control_file_name`` is ``control``.
    """

    pictures: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]


class ImagefolderLayout:
    """Captions from metadata files; what they name outside the pack is listed."""

    trainer = "imagefolder"

    def plan(self, config: Config) -> Plan | None:  # noqa: ARG002
        return None

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        for path in sorted(listing.texts):
            if not is_metadata_name(path):
                continue
            findings.recognised = True
            findings.used_texts.add(path)
            for row in metadata_rows(path, listing, findings.remark):
                texts = list(dict.fromkeys(text for _, text in row.texts))[:MAX_CAPTIONS]
                for _, image_path in row.pictures:
                    for text in texts:
                        findings.caption(image_path, text)
        return findings


def is_metadata_name(path: str) -> bool:
    """Whether imagefolder takes a text for metadata."""
    return given_path(path).rpartition("/")[2] in METADATA_NAMES


def metadata_rows(
    path: str, listing: Listing, remark: Callable[[str, str], None]
) -> Iterator[MetadataRow]:
    """The rows of the metadata file at ``path``; ``remark`` hears of what makes no sense."""
    return _MetadataFile(path, listing, remark).rows(listing.texts[path])


class _MetadataFile:
    def __init__(self, path: str, listing: Listing, remark: Callable[[str, str], None]) -> None:
        self._path = path
        folder = given_path(path).rpartition("/")[0]
        # What a Parquet file does not hold itself lies beside it.
        outer = [folder.rpartition("/")[0]] if folder.endswith(".parquet!") else []
        self._folders = [folder, *outer]
        self._listing = listing
        self._add = remark
        self._remarks = 0

    def rows(self, text: str) -> Iterator[MetadataRow]:
        is_csv = given_path(self._path).endswith(".csv")
        for line, row in _csv_rows(text) if is_csv else _json_rows(text):
            if isinstance(row, str):
                self._remark(line, row)
            else:
                yield self._row(line, row)
            if self._remarks >= MAX_SENSELESS_LINES:
                reason = f"what follows line {line:,} is not read: too much makes no sense"
                self._add(self._path, reason)
                break
        if self._remarks > MAX_REMARKS:
            self._add(self._path, f"{self._remarks - MAX_REMARKS:,} more lines like these")

    def _row(self, line: int, row: Row) -> MetadataRow:
        names, texts = dict[tuple[str, str], None](), list[tuple[str, str]]()
        for top, key, value in _strings(row):
            if _names_file(key):
                names[_column(top, key), value] = None
            else:
                texts.append((top, value))
        if not names:
            self._remark(line, "names no file")
        for _, text in texts:
            if seems_picture(text):
                self._remark(line, "holds a picture as text, which is not screened")
            elif _URL.fullmatch(text.strip()):
                self._remark(line, f"refers to {_shown(text)}, which is not fetched")
        pictures = ((column, each) for column, name in names for each in self._find(line, name))
        return MetadataRow(pictures=tuple(pictures), texts=tuple(texts))

    def _find(self, line: int, name: str) -> list[str]:
        """The pictures that ``name`` stands for; a remark where there are none."""
        path = name.replace("\\", "/")
        if _URL.match(path):
            self._remark(line, f"refers to {_shown(name)}, which is not fetched")
            return []
        is_outside = path.startswith("/") or _DRIVE.match(path) is not None
        for folder in () if is_outside else self._folders:
            joined = posixpath.normpath(posixpath.join(folder, path))
            is_outside = joined.split("/")[0] == ".."
            found = [] if is_outside else self._listing.pictures_at(joined)
            if found:
                return found
        where = "is outside the pack" if is_outside else "is no picture of the pack"
        self._remark(line, f"refers to {_shown(name)}, which {where}")
        return []

    def _remark(self, line: int, what: str) -> None:
        self._remarks += 1
        if self._remarks <= MAX_REMARKS:
            self._add(self._path, f"line {line:,} {what}")


def _json_rows(text: str) -> Iterator[tuple[int, Row | str]]:
    """Rows with their line, or what is wrong with the line."""
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            row = json.loads(content, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError):
            yield line, "is not JSON"
            continue
        yield line, row.pairs if isinstance(row, _Pairs) else "is no JSON object"


class _Pairs:
    """A JSON object whose keys may come twice: `json` would keep the last one alone."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Row) -> None:
        self.pairs = pairs


def _csv_rows(text: str) -> Iterator[tuple[int, Row | str]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] | None = None
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, f"is not CSV ({error})"
            continue
        if fields is None:
            return
        if not fields:
            continue
        if header is None:
            header = fields
        elif len(fields) != len(header):
            yield reader.line_num, f"has {len(fields)} fields for {len(header)} columns"
        else:
            yield reader.line_num, list(zip(header, fields, strict=True))


def _strings(row: Row) -> Iterator[tuple[str, str, str]]:
    """Every string of a row at any depth: its column, the name next to it, and itself."""
    pending = [(key, key, value) for key, value in reversed(row)]
    while pending:
        top, key, value = pending.pop()
        if isinstance(value, str):
            yield top, key, value
        elif isinstance(value, list):
            pending.extend((top, key, each) for each in reversed(value))
        elif isinstance(value, _Pairs):
            pending.extend((top, below, each) for below, each in reversed(value.pairs))


def _column(top: str, key: str) -> str:
    if top != key:
        return top
    return key.removesuffix("s").removesuffix("file_name").removesuffix("_") or "image"


def _names_file(key: str) -> bool:
    return key in ("file_name", "file_names") or key.endswith(("_file_name", "_file_names"))


def _shown(name: str) -> str:
    return repr(name if len(name) <= _SHOWN_CHARACTERS else name[:_SHOWN_CHARACTERS] + "…")
