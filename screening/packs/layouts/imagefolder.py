"""huggingface/datasets imagefolder: ``metadata.jsonl`` and ``metadata.csv`` name pictures.

From ``src/datasets/packaged_modules/folder_based_builder/folder_based_builder.py``: ``file_name``
and ``*_file_name`` hold a path, ``file_names`` and ``*_file_names`` a list of them, at any depth of
the row, relative to the metadata file's own folder. Which of the other columns is the caption is
told to the trainer (``--caption_column``), so every string counts. Nothing is fetched.
"""

import csv
import io
import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import Plan
from screening.packs.layouts.stems import MAX_CAPTIONS
from screening.packs.member import Unscreened
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


class ImagefolderLayout:
    """Captions from metadata files; what they name outside the pack is listed."""

    trainer = "imagefolder"

    def plan(self, config: Config) -> Plan | None:  # noqa: ARG002
        return None

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        images: dict[str, list[str]] = {}
        for path in listing.image_paths:
            same = images.setdefault(given_path(path), [])
            if len(same) < MAX_CAPTIONS:
                same.append(path)
        for path in sorted(listing.texts):
            if given_path(path).rpartition("/")[2] in METADATA_NAMES:
                findings.recognised = True
                findings.used_texts.add(path)
                _MetadataFile(path, images, findings).read(listing.texts[path])
        return findings


class _MetadataFile:
    def __init__(self, path: str, images: dict[str, list[str]], findings: Findings) -> None:
        self._path = path
        self._folder = given_path(path).rpartition("/")[0]
        self._images = images
        self._findings = findings
        self._remarks = 0

    def read(self, text: str) -> None:
        is_csv = given_path(self._path).endswith(".csv")
        for line, row in _csv_rows(text) if is_csv else _json_rows(text):
            if isinstance(row, str):
                self._remark(line, row)
            else:
                self._row(line, row)
            if self._remarks >= MAX_SENSELESS_LINES:
                self._add(f"what follows line {line:,} is not read: too much makes no sense")
                break
        if self._remarks > MAX_REMARKS:
            self._add(f"{self._remarks - MAX_REMARKS:,} more lines like these")

    def _row(self, line: int, row: Row) -> None:
        names, texts = list[str](), list[str]()
        for key, value in _strings(row):
            (names if _names_file(key) else texts).append(value)
        if not names:
            self._remark(line, "names no file")
        for text in texts:
            if _URL.fullmatch(text.strip()):
                self._remark(line, f"refers to {_shown(text)}, which is not fetched")
        captions = list(dict.fromkeys(texts))[:MAX_CAPTIONS]
        for name in dict.fromkeys(names):
            for image_path in self._find(line, name):
                for text in captions:
                    self._findings.caption(image_path, text)

    def _find(self, line: int, name: str) -> list[str]:
        """The pictures that ``name`` stands for; a remark where there are none."""
        path = name.replace("\\", "/")
        if _URL.match(path):
            self._remark(line, f"refers to {_shown(name)}, which is not fetched")
            return []
        joined = posixpath.normpath(posixpath.join(self._folder, path))
        if path.startswith("/") or _DRIVE.match(path) or joined.split("/")[0] == "..":
            self._remark(line, f"refers to {_shown(name)}, which is outside the pack")
            return []
        found = self._images.get(joined, [])
        if not found:
            self._remark(line, f"refers to {_shown(name)}, which is no picture of the pack")
        return found

    def _remark(self, line: int, what: str) -> None:
        self._remarks += 1
        if self._remarks <= MAX_REMARKS:
            self._add(f"line {line:,} {what}")

    def _add(self, reason: str) -> None:
        self._findings.unscreened.append(Unscreened(path=self._path, reason=reason))


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


def _strings(row: Row) -> Iterator[tuple[str, str]]:
    """Every string of a row at any depth, with the name of its column."""
    pending = list(reversed(row))
    while pending:
        key, value = pending.pop()
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, list):
            pending.extend((key, each) for each in reversed(value))
        elif isinstance(value, _Pairs):
            pending.extend(reversed(value.pairs))


def _names_file(key: str) -> bool:
    return key in ("file_name", "file_names") or key.endswith(("_file_name", "_file_names"))


def _shown(name: str) -> str:
    return repr(name if len(name) <= _SHOWN_CHARACTERS else name[:_SHOWN_CHARACTERS] + "…")
