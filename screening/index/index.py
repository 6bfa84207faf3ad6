"""The index: reference fingerprints ready to be searched.

A reference image has one row a view and another for the mirror image of each, so that a query
needs one pass. Everything is opened by memory map and never written, so threads and processes
share it. `version` says what lies where.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening import hashes
from screening.embedders.embedder import Embedder, Output
from screening.errors import IndexUnusable
from screening.index.background import Background
from screening.index.entries import ENTRIES_FILE, Entries
from screening.index.keypoint_table import KeypointTable
from screening.index.tables import ROUNDING, DescriptorTable, HashTable, VectorTable
from screening.index.version import (
    HASHES_FILE,
    TABLE_SUFFIX,
    VOTES_FILE,
    check_files,
    check_makers,
    current_version,
    read_manifest,
)

KNOWN_ENTRIES = 16
"""How many entries are looked up after every load (ThreatExchange #1318: an index that finds
nothing after it was stored)."""


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
        keypoint_table: KeypointTable,
        descriptor_table: DescriptorTable | None,
        backgrounds: Mapping[str, Background],
    ) -> None:
        """Raises IndexUnusable where these do not fit together, or miss a known entry."""
        self.folder = folder
        self.manifest = manifest
        self.outputs = tuple(outputs)
        self.entries = entries
        self.hashes = hash_table
        self.vectors = vector_tables
        self.keypoints = keypoint_table
        self.descriptors = descriptor_table
        self.backgrounds = backgrounds
        self.check_known_entries()
        order = np.argsort(entries.characters, kind="stable")
        self._rows_of = np.split(order, np.cumsum(np.bincount(entries.characters))[:-1])

    @classmethod
    def open(cls, path: Path, embedders: Sequence[Embedder]) -> "Index":
        """Open the current version under ``path`` for exactly these embedders.

        Raises IndexUnusable when it is missing, damaged, empty, or made by others.
        """
        while True:
            folder = current_version(path)
            try:
                return cls._open_version(folder, embedders)
            except IndexUnusable:
                # Two builds since `current` was read remove the version that it named.
                if current_version(path) == folder:
                    raise

    @classmethod
    def _open_version(cls, folder: Path, embedders: Sequence[Embedder]) -> "Index":
        manifest = read_manifest(folder)
        check_makers(manifest, embedders, folder)
        check_files(manifest, folder)
        outputs = [output for embedder in embedders for output in embedder.outputs]
        return cls(
            folder=folder,
            manifest=manifest,
            outputs=outputs,
            entries=Entries.read(folder / ENTRIES_FILE),
            hash_table=HashTable.open(folder / HASHES_FILE),
            vector_tables={each.name: _vector_table(folder, each) for each in outputs},
            keypoint_table=KeypointTable.open(folder),
            descriptor_table=_descriptor_table(folder, manifest),
            backgrounds={each.name: _background(folder, each, manifest) for each in outputs},
        )

    @property
    def id(self) -> str:
        return str(self.manifest["id"])

    @property
    def character_count(self) -> int:
        return len(self._rows_of)

    @property
    def reference_sets(self) -> Mapping[str, str]:
        """Id of each reference set in the index -> sha256 of its fingerprints."""
        sets: Mapping[str, str] = self.manifest["reference_sets"]
        return sets

    def rows_of(self, character: int) -> NDArray[np.int64]:
        """The rows of the character with this number."""
        return self._rows_of[character]

    def check_known_entries(self) -> None:
        """Look entries up that must be there. Raises IndexUnusable when one is not found.

        The tables are not read as a whole for it: only hashes are searched among all.
        """
        rows = len(self.entries)
        if not rows:
            raise IndexUnusable(f"{self.folder}: the index is empty; add references and rebuild")
        sizes = {
            len(self.hashes),
            len(self.keypoints),
            *(len(table) for table in self.vectors.values()),
        }
        if sizes != {rows}:
            raise IndexUnusable(f"{self.folder}: tables of different lengths; build it again")
        known = known_rows(rows)
        wanted = bytes.fromhex(self.manifest["known_hashes"])
        if len(wanted) != len(known) * hashes.BYTES:
            raise IndexUnusable(f"{self.folder}: names other known entries; build it again")
        packed = np.frombuffer(wanted, np.uint8).reshape(len(known), hashes.BYTES)
        queries, found, _ = self.hashes.within(packed, 0)
        if not {*enumerate(known.tolist())} <= {
            *zip(queries.tolist(), found.tolist(), strict=True)
        }:
            raise IndexUnusable(f"{self.folder}: a known hash is not found; build it again")
        for output in self.outputs:
            self._check_known_vectors(output, known)
        if self.descriptors is not None:
            self._check_known_descriptors(self.descriptors, known)

    def _check_known_descriptors(self, table: DescriptorTable, known: NDArray[np.int64]) -> None:
        if len(table) != len(self.keypoints.descriptors):
            raise IndexUnusable(f"{self.folder}: tables of different lengths; build it again")
        some = [self.keypoints.of(row).descriptors[:1] for row in known.tolist()]
        queries = np.concatenate(some)
        found, _, distances = table.nearest(queries, 1, 0)
        if len(found) != len(queries) or distances.any():
            raise IndexUnusable(f"{self.folder}: a known descriptor is not found; build it again")

    def _check_known_vectors(self, output: Output, known: NDArray[np.int64]) -> None:
        table = self.vectors[output.name]
        vectors = table.rows(known)
        scores, _ = table.nearest(vectors, 1, among=known)
        wanted = self.manifest["known_vectors"].get(output.name)
        found = hashlib.sha256(vectors.tobytes()).hexdigest()
        if scores.min() < 1 - ROUNDING or found != wanted:
            raise IndexUnusable(
                f"{self.folder}: {output.name} misses a known entry; build it again"
            )


def known_rows(rows: int) -> NDArray[np.int64]:
    """Which of ``rows`` entries are looked up after every load: first, last, and some between."""
    return np.unique(np.linspace(0, rows - 1, KNOWN_ENTRIES).astype(np.int64))


def _descriptor_table(folder: Path, manifest: Mapping[str, Any]) -> DescriptorTable | None:
    return DescriptorTable.open(folder / VOTES_FILE) if VOTES_FILE in manifest["files"] else None


def _vector_table(folder: Path, output: Output) -> VectorTable:
    table = VectorTable.open(folder / f"{output.name}{TABLE_SUFFIX}")
    if table.dimension != output.dimension:
        raise IndexUnusable(
            f"{folder}: {output.name} has {table.dimension} numbers a picture in the index and "
            f"{output.dimension} now; build it again"
        )
    return table


def _background(folder: Path, output: Output, manifest: Mapping[str, Any]) -> Background:
    mean = manifest["background"].get(output.name)
    if not isinstance(mean, float) or mean >= 1:
        raise IndexUnusable(f"{folder}: has no background of {output.name}; build it again")
    return Background.read(
        folder / f"{output.name}.background.npy", dimension=output.dimension, mean_score=mean
    )
