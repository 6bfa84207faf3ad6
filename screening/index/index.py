"""The index: reference fingerprints ready to be searched. A versioned, immutable folder.

::

    index/
      current                     the id of the version in use, replaced atomically
      <id>/manifest.json          schema, makers, counts, sha256 and size of every file
           entries.parquet        what each row of the tables below is
           phash-256.faiss        binary flat table
           <output>.faiss         flat inner product table of one embedder output
           <output>.background.npy   (m, d) float32: pictures that nobody protects

A reference image has one row a view and another for the mirror image of each, so that a query
needs one pass. Everything is opened by memory map and never written, so threads and processes
share it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from screening import hashes
from screening.embedders.embedder import Embedder, Output
from screening.errors import IndexUnusable
from screening.fingerprints.fingerprint import Maker
from screening.index.tables import ROUNDING, HashTable, VectorTable

SCHEMA = "screening/index/1"
CURRENT_FILE = "current"
MANIFEST_FILE = "manifest.json"
ENTRIES_FILE = "entries.parquet"
HASHES_FILE = f"{hashes.NAME}.faiss"

KNOWN_ENTRIES = 16
"""How many entries are looked up after every load (ThreatExchange #1318: an index that finds
nothing after it was stored)."""

NEAREST_BACKGROUND = 3
"""SSCD subtracts the mean of the three highest background scores (sscd/datasets/isc)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Pictures that nobody protects, embedded: what a score is compared with.

    ``mean_score`` is the mean cosine between two different ones; 1 - ``mean_score`` is the scale
    on which this output tells pictures apart.
    """

    vectors: NDArray[np.float32]
    mean_score: float

    def nearest(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean of the three highest background scores of each row of ``vectors``, (n,)."""
        scores = vectors @ self.vectors.T
        top = np.sort(scores, axis=1)[:, -NEAREST_BACKGROUND:]
        mean: NDArray[np.float32] = top.mean(axis=1)
        return mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What the rows of the tables are; every array is (rows,).

    ``images`` numbers the reference images; all rows of one image have its number, as have
    ``characters`` for characters. ``primary`` marks the row of the view that a person sees, not
    mirrored.
    """

    reference_set: Sequence[str]
    character: Sequence[str]
    path: Sequence[str]
    time_code: Sequence[str]
    images: NDArray[np.int64]
    characters: NDArray[np.int64]
    mirrored: NDArray[np.bool_]
    primary: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.images)


class Index:
    """An opened index. Thread-safe: nothing in it changes."""

    def __init__(
        self,
        *,
        folder: Path,
        manifest: Mapping[str, Any],
        outputs: Sequence[Output],
        entries: Entries,
        hash_table: HashTable,
        vector_tables: Mapping[str, VectorTable],
        backgrounds: Mapping[str, Background],
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.outputs = tuple(outputs)
        self.entries = entries
        self.hashes = hash_table
        self.vectors = vector_tables
        self.backgrounds = backgrounds
        order = np.argsort(entries.characters, kind="stable")
        bounds = np.searchsorted(entries.characters[order], np.arange(self.character_count + 1))
        self._rows_of = [
            order[bounds[number] : bounds[number + 1]] for number in range(self.character_count)
        ]

    @classmethod
    def open(cls, path: Path, embedders: Sequence[Embedder]) -> "Index":
        """Open the current version under ``path`` for exactly these embedders.

        Raises IndexUnusable when it is missing, damaged, empty, or made by others.
        """
        folder = current_version(path)
        manifest = read_manifest(folder)
        _check_makers(manifest, embedders, folder)
        _check_sizes(manifest, folder)
        outputs = [output for embedder in embedders for output in embedder.outputs]
        index = cls(
            folder=folder,
            manifest=manifest,
            outputs=outputs,
            entries=_read_entries(folder / ENTRIES_FILE),
            hash_table=HashTable.open(folder / HASHES_FILE),
            vector_tables={
                each.name: VectorTable.open(folder / f"{each.name}.faiss") for each in outputs
            },
            backgrounds={
                each.name: _read_background(folder, each.name, manifest) for each in outputs
            },
        )
        index.check_known_entries()
        return index

    @property
    def id(self) -> str:
        return str(self.manifest["id"])

    @property
    def character_count(self) -> int:
        return int(self.entries.characters.max()) + 1 if len(self.entries) else 0

    @property
    def reference_sets(self) -> Mapping[str, str]:
        """Id of each reference set in the index -> sha256 of its fingerprints."""
        sets: Mapping[str, str] = self.manifest["reference_sets"]
        return sets

    def rows_of(self, character: int) -> NDArray[np.int64]:
        """The rows of the character with this number."""
        return self._rows_of[character]

    def check_known_entries(self) -> None:
        """Look entries up that must be there. Raises IndexUnusable when one is not found."""
        rows = len(self.entries)
        if not rows:
            raise IndexUnusable(f"{self.folder}: the index is empty; add references and rebuild")
        sizes = {len(self.hashes), *(len(table) for table in self.vectors.values())}
        if sizes != {rows}:
            raise IndexUnusable(f"{self.folder}: tables of different lengths; build it again")
        known = np.unique(np.linspace(0, rows - 1, KNOWN_ENTRIES).astype(np.int64))
        wanted = np.frombuffer(bytes.fromhex(self.manifest["known_hashes"]), np.uint8)
        queries, found, _ = self.hashes.within(wanted.reshape(len(known), hashes.BYTES), 0)
        if not set(zip(range(len(known)), known.tolist(), strict=True)) <= set(
            zip(queries.tolist(), found.tolist(), strict=True)
        ):
            raise IndexUnusable(f"{self.folder}: a known hash is not found; build it again")
        for name, table in self.vectors.items():
            scores, _ = table.nearest(table.rows(known), 1)
            if scores.min() < 1 - ROUNDING:
                raise IndexUnusable(f"{self.folder}: {name} misses a known entry; build it again")


def current_version(path: Path) -> Path:
    """The folder of the version in use. Raises IndexUnusable."""
    if (path / MANIFEST_FILE).is_file():
        return path
    try:
        identifier = (path / CURRENT_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise IndexUnusable(
            f"{path}: no index here; build one with: screening index build --index {path}"
        ) from None
    folder = path / identifier
    if not identifier.isalnum() or not (folder / MANIFEST_FILE).is_file():
        raise IndexUnusable(f"{path}: the current version {identifier!r} is gone; build it again")
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, with its own checksum verified. Raises IndexUnusable."""
    path = folder / MANIFEST_FILE
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        identifier = manifest["id"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None
    if manifest.get("schema") != SCHEMA:
        raise IndexUnusable(f"{path}: made by another version of screening; build it again")
    if identifier != manifest_id(manifest):
        raise IndexUnusable(f"{path}: changed after it was built; build it again")
    return manifest


def manifest_id(manifest: Mapping[str, Any]) -> str:
    """What names a version: a digest of everything in the manifest but its id and its time."""
    content = {key: value for key, value in manifest.items() if key not in ("id", "built")}
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def verify_files(path: Path) -> Path:
    """Check the sha256 of every file of the current version; its folder.

    Raises IndexUnusable naming the file that differs.
    """
    folder = current_version(path)
    manifest = read_manifest(folder)
    for name, facts in manifest["files"].items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise IndexUnusable(f"{folder / name}: not readable: {error}") from None
        if found != facts["sha256"]:
            raise IndexUnusable(f"{folder / name}: sha256 differs from the manifest")
    return folder


def makers_of(embedders: Sequence[Embedder]) -> tuple[Maker, ...]:
    """Everything that an index for ``embedders`` is made by, hash first."""
    return (
        Maker(name=hashes.NAME, version=hashes.VERSION),
        *(Maker(name=each.name, version=each.version) for each in embedders),
    )


def _check_makers(manifest: Mapping[str, Any], embedders: Sequence[Embedder], folder: Path) -> None:
    made_by = dict(manifest["makers"])
    for maker in makers_of(embedders):
        version = made_by.get(maker.name)
        if version is None:
            raise IndexUnusable(
                f"{folder}: was built without {maker.name!r}; build it again with these settings"
            )
        if version != maker.version:
            raise IndexUnusable(
                f"{folder}: was built by {maker.name} {version}, not {maker.version}; "
                "build it again"
            )


def _check_sizes(manifest: Mapping[str, Any], folder: Path) -> None:
    for name, facts in manifest["files"].items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            raise IndexUnusable(f"{folder / name}: missing; build the index again") from None
        if size != facts["bytes"]:
            raise IndexUnusable(f"{folder / name}: {size} bytes instead of {facts['bytes']}")


def _read_entries(path: Path) -> Entries:
    try:
        table = pq.read_table(path, memory_map=True)
        return Entries(
            **{
                name: table.column(name).to_pylist()
                for name in ("reference_set", "character", "path", "time_code")
            },
            **{
                name: table.column(name).to_numpy()
                for name in ("images", "characters", "mirrored", "primary")
            },
        )
    except (OSError, ValueError, KeyError) as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None


def _read_background(folder: Path, output: str, manifest: Mapping[str, Any]) -> Background:
    path = folder / f"{output}.background.npy"
    try:
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
        return Background(vectors=vectors, mean_score=manifest["background"][output])
    except (OSError, ValueError, KeyError) as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None
