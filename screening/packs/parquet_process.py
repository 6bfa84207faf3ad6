"""The process in which an untrusted Parquet file is read; its cells come out as files.

Started as ``python -m screening.packs.parquet_process MEMORY_BYTES`` by `parquet_archive`, the file
as its stdin. It answers on stdout with records: `RECORD`, the name, the content. What a person
could train on is a record of its own; a file that ends this process costs itself and nothing else.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from screening.packs.base64_picture import decoded_picture, seems_picture
from screening.packs.parquet_archive import LAST, MEMBER, READY, RECORD, TROUBLE
from screening.settings import MEBIBYTE

ROWS_AT_ONCE = 16
"""A page may say in a few bytes that a thousand rows hold the same picture of 100 MB."""

MAX_COLUMNS = 1000

MAX_NUMBERS = 1024
"""Numbers in one row of a list column that are still no picture: 32 x 32 of them. Boxes, scores
and sizes stay below; pixels (``datasets.Image`` takes nested lists) and latents do not."""

TEXT_BYTES = MEBIBYTE
"""The rows' texts leave in parts of about this size."""

MAX_GIVEN_CHARACTERS = 100
"""Of the name that a row gives its picture; it may name a character."""

_SEPARATORS = re.compile(r"[/\\]+")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_STARTS = (
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"BM", ".bmp"),
    (b"RIFF", ".webp"),
)
_READING_ERRORS = (pa.ArrowException, OSError, ValueError, RecursionError, MemoryError)


class RowReader:
    """Goes through the rows of one file and writes its records."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._row = 0
        self._cells: dict[str, int] = {}
        self._one_column_of_bytes = False
        self._names_files = False
        self._lines: list[str] = []
        self._line_bytes = 0
        self._troubles = dict[str, None]()

    def read(self, source: BinaryIO) -> None:
        """All of ``source``; what is wrong with it is a record too."""
        try:
            file = pq.ParquetFile(source, pre_buffer=False, buffer_size=MEBIBYTE)
            if len(file.schema.names) > MAX_COLUMNS:
                raise ValueError(f"it has more than {MAX_COLUMNS:,} columns")
            self._look_at(file.schema_arrow)
            paths = _path_columns(file.schema_arrow)
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, use_threads=False):
                self._batch(batch, paths)
        except _READING_ERRORS as error:
            said = str(error).strip().partition("\n")[0][:200] or type(error).__name__
            self._troubles[f"damaged, or not to be read within the limits ({said})"] = None
        self._write_lines()
        for trouble in self._troubles:
            self.write(TROUBLE, "", trouble.encode("utf-8", "replace"))
        self.write(LAST, "", b"")

    def write(self, kind: bytes, name: str, content: bytes | pa.Buffer) -> None:
        raw = name.encode()
        self._answers.write(RECORD.pack(kind, len(raw), len(content)) + raw)
        self._answers.write(content)
        self._answers.flush()

    def _look_at(self, schema: pa.Schema) -> None:
        kinds = [kind for field in schema for kind in _leaves(field.type)]
        self._one_column_of_bytes = sum(map(_is_binary, kinds)) == 1
        names = {name for field in schema for name in _names(field)}
        self._names_files = any(name.endswith(("file_name", "file_names")) for name in names)

    def _batch(self, batch: pa.RecordBatch, paths: frozenset[str]) -> None:
        for number in range(batch.num_rows):
            row: dict[str, Any] = {}
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                value = self._value(column[number], name)
                if name in paths and isinstance(value, str):
                    value = {"file_name": value}
                    self._names_files = True
                if value is not None:
                    row[name] = value
            if row:
                line = json.dumps(row)
                self._lines.append(line)
                self._line_bytes += len(line)
            if self._line_bytes >= TEXT_BYTES:
                self._write_lines()
            self._row += 1
            self._cells = {}

    def _write_lines(self) -> None:
        if self._lines:
            name = "metadata.jsonl" if self._names_files else "rows.jsonl"
            self.write(MEMBER, name, "\n".join(self._lines).encode())
        self._lines, self._line_bytes = [], 0

    def _value(self, scalar: pa.Scalar, column: str) -> Any:
        """What JSON keeps of a value: its texts, and names for its bytes."""
        while isinstance(scalar, pa.ExtensionScalar | pa.DictionaryScalar):
            scalar = scalar.value
        if scalar is None or not scalar.is_valid:
            return None
        kind = scalar.type
        if _is_text(kind):
            text = scalar.as_buffer().to_pybytes().decode("utf-8", "replace")
            return self._picture_in_text(text, column) if seems_picture(text) else text
        if _is_binary(kind):
            return {"file_name": self._cell(scalar.as_buffer(), column, None)}
        if types.is_struct(kind):
            return self._struct(dict(scalar.items()), column)
        if types.is_nested(kind):
            return self._list(scalar.values, column)
        return None

    def _picture_in_text(self, text: str, column: str) -> Any:
        content = decoded_picture(text)
        if content is not None:
            return {"file_name": self._cell(pa.py_buffer(content), column, None)}
        self._troubles[
            f"column {column[:100]!r} holds text that begins as a picture in base64 and cannot be "
            "decoded: it is not screened"
        ] = None
        return text

    def _struct(self, fields: Mapping[str, pa.Scalar], column: str) -> Any:
        """Hugging Face keeps a picture as its bytes, or else as a path to it."""
        data, path = fields.get("bytes"), fields.get("path")
        picture, own = None, frozenset[str]()
        if data is not None and (_is_binary(data.type) or types.is_null(data.type)):
            picture, own = self._picture(data, path, column), frozenset({"bytes", "path"})
        others = {name: each for name, each in fields.items() if name not in own}
        values = {name: self._value(each, column) for name, each in others.items()}
        said = {name: value for name, value in values.items() if value is not None}
        return said | (picture or {}) or None

    def _picture(
        self, data: pa.Scalar, path: pa.Scalar | None, column: str
    ) -> dict[str, str] | None:
        named = None if path is None else self._value(path, column)
        if not isinstance(named, str):
            named = None
        if data.is_valid:
            return {"file_name": self._cell(data.as_buffer(), column, named)}
        if named is None:
            return None
        self._names_files = True
        return {"file_name": named}

    def _list(self, values: pa.Array, column: str) -> Any:
        numbers = values
        while types.is_nested(numbers.type) and not types.is_struct(numbers.type):
            numbers = numbers.flatten()
        leaf = numbers.type
        if types.is_primitive(leaf) or types.is_boolean(leaf) or types.is_decimal(leaf):
            if len(numbers) > MAX_NUMBERS:
                shown = repr(column[:100])
                self._troubles[
                    f"column {shown} holds more than {MAX_NUMBERS:,} numbers in a row, which may "
                    "be pixels or latents: they are not screened"
                ] = None
            return None
        items = [self._value(each, column) for each in values]
        return [item for item in items if item is not None] or None

    def _cell(self, content: pa.Buffer, column: str, path: str | None) -> str:
        """Sends the bytes of a cell; returns the name that they got."""
        self._names_files = True
        given, suffix = os.path.splitext(path or "")  # noqa: PTH122 - suffixes as Pillow has them
        if not _SUFFIX.fullmatch(suffix):
            head = content.slice(0, min(8, len(content))).to_pybytes()
            suffix = next((each for start, each in _STARTS if head.startswith(start)), ".bin")
        parts = [str(self._row)]
        if not self._one_column_of_bytes:
            parts.append(_NOT_IN_NAMES.sub("_", column)[:40])
        number = self._cells.get(column, 0)
        self._cells[column] = number + 1
        if number:
            parts.append(str(number))
        if given:
            parts.append(_SEPARATORS.sub("_", given[-MAX_GIVEN_CHARACTERS:]))
        name = ".".join(parts) + suffix
        self.write(MEMBER, name, content)
        return name


def _path_columns(schema: pa.Schema) -> frozenset[str]:
    """Columns of texts that ``datasets`` opens as pictures: its features say so."""
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = told["info"]["features"]
        return frozenset(
            name
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") in ("Image", "Video")
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return frozenset()  # none are told, and ``datasets`` would not read them either


def _leaves(kind: pa.DataType) -> Iterator[pa.DataType]:
    if isinstance(kind, pa.BaseExtensionType):
        yield from _leaves(kind.storage_type)
    elif types.is_dictionary(kind):
        yield from _leaves(kind.value_type)
    elif types.is_nested(kind):
        for index in range(kind.num_fields):
            yield from _leaves(kind.field(index).type)
    else:
        yield kind


def _names(field: pa.Field) -> Iterator[str]:
    yield field.name
    if types.is_nested(field.type):
        for index in range(field.type.num_fields):
            yield from _names(field.type.field(index))


def _is_binary(kind: pa.DataType) -> bool:
    is_view = getattr(types, "is_binary_view", lambda _: False)
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or is_view(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    is_view = getattr(types, "is_string_view", lambda _: False)
    return bool(types.is_string(kind) or types.is_large_string(kind) or is_view(kind))


def main() -> None:
    memory_bytes = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    reader = RowReader(answers)
    reader.write(READY, "", b"")
    os.dup2(nowhere, 2)  # until here stderr says why this process cannot start
    with open(0, "rb", closefd=False) as source:
        reader.read(source)


if __name__ == "__main__":
    main()
