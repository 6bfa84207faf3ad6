"""Fingerprints as a Parquet file: one row a view, one column an embedder output.

| column | |
|---|---|
| ``path`` | string; bytes that are not UTF-8 as ``\\xNN`` |
| ``sha256`` | string, hex, of the file |
| ``width_px`` ``height_px`` | int32, from the header |
| ``frame`` ``variant`` ``mirrored`` | which view of the file, and whether its mirror image |
| ``phash`` ``phash_mirrored`` | 32 bytes |
| ``contrast`` | float32, standard deviation in grey levels |
| ``lite.identity`` … | fixed-size float32 list of length 1, named after the embedder output |

The file's metadata hold the schema's version and the name and version of every maker, so that
fingerprints of different makers are never compared.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from screening.embedders.embedder import Output
from screening.errors import ScreeningError
from screening.fingerprints.fingerprint import Fingerprint, Maker, PictureFingerprints
from screening.hashes import BYTES, Hashes
from screening.images.decoder import Variant, View
from screening.packs.member import printable

SCHEMA = "screening/fingerprints/1"
_METADATA_KEY = b"screening"
_PLAIN = {"path", "sha256", "width_px", "height_px", "frame", "variant", "mirrored"}
_HASHES = {"phash", "phash_mirrored", "contrast"}


class FingerprintWriter:
    """Writes fingerprints as they come; memory does not grow with their number.

    ``extra`` names further string columns, which `write` takes values for. Use it as a context:
    the file appears under its name only when the block ends without an error.
    """

    def __init__(
        self,
        path: Path,
        *,
        makers: Sequence[Maker],
        outputs: Sequence[Output],
        extra: Sequence[str] = (),
        all_views: bool = True,
    ) -> None:
        self._path = path
        self._unfinished = path.with_name(f".{path.name}.unfinished")
        self._all_views = all_views
        self._schema = _schema(makers, outputs, extra)
        self._rows: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "FingerprintWriter":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(self._unfinished, self._schema, compression="zstd")
        return self

    def write(self, picture: PictureFingerprints, **extra: str) -> None:
        fingerprints = picture.fingerprints if self._all_views else picture.fingerprints[:1]
        self._rows.extend(_row(picture, each) | extra for each in fingerprints)
        if len(self._rows) >= 1024:
            self._flush()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._writer is None:
            return
        if kind is None:
            self._flush()
        self._writer.close()
        if kind is None:
            self._unfinished.replace(self._path)
        else:
            self._unfinished.unlink()

    def _flush(self) -> None:
        if self._writer is not None:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()


def read_fingerprints(
    path: Path,
) -> tuple[tuple[Maker, ...], list[tuple[PictureFingerprints, dict[str, str]]]]:
    """The makers, and every picture with its extra columns, in the file's order.

    Raises ScreeningError where the file is not one that `FingerprintWriter` wrote.
    """
    try:
        table = pq.read_table(path, memory_map=True)
        metadata = json.loads((table.schema.metadata or {})[_METADATA_KEY])
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise ScreeningError(f"{path}: not a file of fingerprints: {error}") from error
    if metadata["schema"] != SCHEMA:
        raise ScreeningError(f"{path}: schema {metadata['schema']!r} instead of {SCHEMA!r}")
    makers = tuple(Maker(name=name, version=version) for name, version in metadata["makers"])
    vectors = {name: _matrix(table.column(name)) for name in metadata["outputs"]}
    extra = set(table.column_names) - _PLAIN - _HASHES - set(vectors)
    rows = table.select(sorted(_PLAIN | _HASHES | extra)).to_pylist()
    return makers, list(_pictures(rows, vectors, extra))


def _schema(makers: Sequence[Maker], outputs: Sequence[Output], extra: Sequence[str]) -> pa.Schema:
    metadata = {
        "schema": SCHEMA,
        "makers": [[each.name, each.version] for each in makers],
        "outputs": [each.name for each in outputs],
    }
    return pa.schema(
        [
            ("path", pa.string()),
            *((name, pa.string()) for name in extra),
            ("sha256", pa.string()),
            ("width_px", pa.int32()),
            ("height_px", pa.int32()),
            ("frame", pa.int32()),
            ("variant", pa.string()),
            ("mirrored", pa.bool_()),
            ("phash", pa.binary(BYTES)),
            ("phash_mirrored", pa.binary(BYTES)),
            ("contrast", pa.float32()),
            *((each.name, pa.list_(pa.float32(), each.dimension)) for each in outputs),
        ],
        metadata={_METADATA_KEY: json.dumps(metadata)},
    )


def _row(picture: PictureFingerprints, fingerprint: Fingerprint) -> dict[str, Any]:
    return {
        "path": printable(picture.path),
        "sha256": picture.sha256,
        "width_px": picture.width_px,
        "height_px": picture.height_px,
        "frame": fingerprint.view.frame,
        "variant": fingerprint.view.variant.value,
        "mirrored": fingerprint.mirrored,
        "phash": fingerprint.hashes.phash,
        "phash_mirrored": fingerprint.hashes.phash_mirrored,
        "contrast": fingerprint.hashes.contrast,
        **fingerprint.vectors,
    }


def _matrix(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.float32]]:
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(flat, dtype=np.float32).reshape(len(column), -1)


def _pictures(
    rows: list[dict[str, Any]],
    vectors: Mapping[str, np.ndarray[Any, np.dtype[np.float32]]],
    extra: set[str],
) -> Iterable[tuple[PictureFingerprints, dict[str, str]]]:
    first = 0
    while first < len(rows):
        head = rows[first]
        last = first
        while last < len(rows) and _same_picture(rows[last], head):
            last += 1
        picture = PictureFingerprints(
            path=head["path"],
            sha256=head["sha256"],
            width_px=head["width_px"],
            height_px=head["height_px"],
            fingerprints=tuple(
                _fingerprint(rows[row], {name: each[row] for name, each in vectors.items()})
                for row in range(first, last)
            ),
        )
        yield picture, {name: head[name] or "" for name in extra}
        first = last


def _same_picture(row: dict[str, Any], head: dict[str, Any]) -> bool:
    return bool(row["path"] == head["path"] and row["sha256"] == head["sha256"])


def _fingerprint(
    row: dict[str, Any], vectors: dict[str, np.ndarray[Any, np.dtype[np.float32]]]
) -> Fingerprint:
    return Fingerprint(
        view=View(frame=row["frame"], variant=Variant(row["variant"])),
        mirrored=row["mirrored"],
        hashes=Hashes(
            phash=row["phash"],
            phash_mirrored=row["phash_mirrored"],
            contrast=row["contrast"],
        ),
        vectors=vectors,
    )
