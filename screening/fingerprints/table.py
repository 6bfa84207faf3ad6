"""Fingerprints as a Parquet file: one row a view, one column an embedder output.

| column | |
|---|---|
| ``path`` | string; bytes that are not UTF-8 as ``\\xNN`` |
| ``sha256`` | string, hex, of the file |
| ``width_px`` ``height_px`` | int32, from the header |
| ``frame`` ``variant`` ``mirrored`` | which view of the file, and whether its mirror image |
| ``phash`` ``phash_mirrored`` | 32 bytes |
| ``contrast`` | float32, standard deviation in grey levels |
| ``keypoints`` ``poses`` ``descriptors`` | binary, of references only: as in `Keypoints`, a pose \
being octave and turn |
| ``keypoints_width_px`` ``keypoints_height_px`` | int32, of the scaled picture |
| ``lite.identity`` … | fixed-size float32 list of length 1, named after the embedder output |

The rows of a picture are neighbours, the view that a person sees first. ``frames_left`` is not
kept. The file's metadata hold the schema's version and the name and version of every maker, so
that fingerprints of different makers are never compared.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from screening.embedders.embedder import Output
from screening.errors import ScreeningError
from screening.fingerprints.fingerprint import Fingerprint, Maker, PictureFingerprints
from screening.hashes import BYTES, Hashes
from screening.images.view import Variant, View
from screening.keypoints import DESCRIPTOR_BYTES, LEVELS, NAME, Keypoints
from screening.packs.member import printable
from screening.whole_file import whole_file

SCHEMA = "screening/fingerprints/1"

ROWS_A_GROUP = 1024

UNIT_TOLERANCE = 1e-3
"""How far from 1 the length of a vector may be: float32 is off by 1e-6, a vector that was never
scaled by far more."""

_METADATA_KEY = b"screening"
_PLAIN = {
    "path": pa.string(),
    "sha256": pa.string(),
    "width_px": pa.int32(),
    "height_px": pa.int32(),
    "frame": pa.int32(),
    "variant": pa.string(),
    "mirrored": pa.bool_(),
    "phash": pa.binary(BYTES),
    "phash_mirrored": pa.binary(BYTES),
    "contrast": pa.float32(),
}
_KEYPOINTS = {
    "keypoints": pa.binary(),
    "poses": pa.binary(),
    "descriptors": pa.binary(),
    "keypoints_width_px": pa.int32(),
    "keypoints_height_px": pa.int32(),
}

Matrix = np.ndarray[Any, np.dtype[np.float32]]


class FingerprintWriter:
    """Writes fingerprints as they come; memory does not grow with their number.

    ``extra`` names further string columns, which `write` takes values for. Without ``all_views``
    a picture is one row, the view that a person sees. Use it as a context: the file appears under
    its name only when the block ends without an error. Raises ScreeningError where the file
    cannot be written.
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
        self._all_views = all_views
        self._schema = _schema(makers, outputs, extra)
        self._rows: list[dict[str, Any]] = []
        self._open = ExitStack()
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as opened:
                unfinished = opened.enter_context(whole_file(self._path))
                self._writer = opened.enter_context(
                    pq.ParquetWriter(unfinished, self._schema, compression="zstd")
                )
                self._open = opened.pop_all()
        except OSError as error:
            raise ScreeningError(f"{self._path}: cannot be written: {error}") from error
        return self

    def write(self, picture: PictureFingerprints, **extra: str) -> None:
        fingerprints = picture.fingerprints if self._all_views else picture.fingerprints[:1]
        words = {name: printable(value) for name, value in extra.items()}
        self._rows.extend(_row(picture, each) | words for each in fingerprints)
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._open.__exit__(kind, raised, traceback)
            return
        try:
            with self._open:
                self._flush()
        except OSError as error:
            raise ScreeningError(f"{self._path}: cannot be written: {error}") from error

    def _flush(self) -> None:
        if self._writer is not None and self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()


def read_fingerprints(
    path: Path,
) -> tuple[tuple[Maker, ...], list[tuple[PictureFingerprints, dict[str, str]]]]:
    """The makers, and every picture with its extra columns, in the file's order.

    Raises ScreeningError where the file is not one that `FingerprintWriter` wrote, or where a
    vector is not of length 1.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            table = file.read()
        metadata = json.loads((table.schema.metadata or {}).get(_METADATA_KEY, b"{}"))
        if metadata.get("schema") != SCHEMA:
            raise ValueError(f"schema {metadata.get('schema')!r} instead of {SCHEMA!r}")
        makers = tuple(Maker(name=name, version=version) for name, version in metadata["makers"])
        vectors = {name: _matrix(name, table.column(name)) for name in metadata["outputs"]}
        extra = [
            name for name in table.column_names if name not in {*_PLAIN, *_KEYPOINTS, *vectors}
        ]
        keypoints = [name for name in _KEYPOINTS if name in table.column_names]
        strings = dict.fromkeys(extra, pa.string())
        for name, kind in (
            _PLAIN | strings | {each: _KEYPOINTS[each] for each in keypoints}
        ).items():
            if table.schema.field(name).type != kind:
                raise ValueError(f"column {name!r} is not of type {kind}")
        rows = table.select([*_PLAIN, *keypoints, *extra]).to_pylist()
        pictures = list(_pictures(rows, vectors, extra))
    except (OSError, AttributeError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise ScreeningError(f"{path}: not a file of fingerprints: {error}") from error
    return makers, pictures


def _schema(makers: Sequence[Maker], outputs: Sequence[Output], extra: Sequence[str]) -> pa.Schema:
    metadata = {
        "schema": SCHEMA,
        "makers": [[each.name, each.version] for each in makers],
        "outputs": [each.name for each in outputs],
    }
    return pa.schema(
        [
            *_PLAIN.items(),
            *(_KEYPOINTS.items() if any(each.name == NAME for each in makers) else ()),
            *((name, pa.string()) for name in extra),
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
        **({} if fingerprint.keypoints is None else _binary(fingerprint.keypoints)),
    }


def _binary(keypoints: Keypoints) -> dict[str, bytes | int]:
    return {
        "keypoints": keypoints.points.astype("<u2").tobytes(),
        "poses": np.stack([keypoints.octaves, keypoints.turns], axis=1).tobytes(),
        "descriptors": keypoints.descriptors.tobytes(),
        "keypoints_width_px": keypoints.width_px,
        "keypoints_height_px": keypoints.height_px,
    }


def _keypoints(row: dict[str, Any]) -> Keypoints | None:
    if any(row.get(name) is None for name in _KEYPOINTS):
        return None  # of an older version: whoever asks for keypoints compares the makers
    points = np.frombuffer(row["keypoints"], "<u2").astype(np.uint16).reshape(-1, 2)
    poses = np.frombuffer(row["poses"], np.uint8).reshape(-1, 2)
    descriptors = np.frombuffer(row["descriptors"], np.uint8).reshape(-1, DESCRIPTOR_BYTES)
    if not len(points) == len(poses) == len(descriptors):
        raise ValueError("a row has another number of keypoints than of descriptors")
    if poses[:, 0].max(initial=0) >= LEVELS:
        raise ValueError("a row has a keypoint of an octave that there is not")
    return Keypoints(
        points=points,
        octaves=poses[:, 0].copy(),
        turns=poses[:, 1].copy(),
        descriptors=descriptors,
        width_px=row["keypoints_width_px"],
        height_px=row["keypoints_height_px"],
    )


def _matrix(name: str, column: pa.ChunkedArray) -> Matrix:
    """(rows, d) float32 of a fixed-size list column."""
    if not pa.types.is_fixed_size_list(column.type) or column.type.value_type != pa.float32():
        raise ValueError(f"column {name!r} is not of vectors of float32")
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    matrix = np.ascontiguousarray(flat).reshape(len(column), column.type.list_size)
    lengths = np.linalg.norm(matrix, axis=1)
    if not np.all(np.abs(lengths - 1) <= UNIT_TOLERANCE):  # also where a number is NaN
        raise ValueError(f"column {name!r} holds a vector that is not of length 1")
    return matrix


def _pictures(
    rows: list[dict[str, Any]], vectors: Mapping[str, Matrix], extra: Sequence[str]
) -> Iterable[tuple[PictureFingerprints, dict[str, str]]]:
    first = 0
    while first < len(rows):
        head = rows[first]
        last = first + 1
        while last < len(rows) and _continues(rows[last], head):
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


def _continues(row: dict[str, Any], head: dict[str, Any]) -> bool:
    """Whether ``row`` is of the picture that begins with ``head``.

    The same file twice in a row begins again with the view that it began with.
    """
    same_file = all(row[name] == head[name] for name in ("path", "sha256"))
    return same_file and any(row[name] != head[name] for name in ("frame", "variant", "mirrored"))


def _fingerprint(row: dict[str, Any], vectors: dict[str, Matrix]) -> Fingerprint:
    if any(row[name] is None for name in _PLAIN):
        raise ValueError("a row has no value in a column that must have one")
    return Fingerprint(
        view=View(frame=row["frame"], variant=Variant(row["variant"])),
        mirrored=row["mirrored"],
        hashes=Hashes(
            phash=row["phash"],
            phash_mirrored=row["phash_mirrored"],
            contrast=row["contrast"],
        ),
        vectors=vectors,
        keypoints=_keypoints(row),
    )
