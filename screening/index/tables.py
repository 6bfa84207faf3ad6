"""Exact nearest-neighbour tables: the only module that imports faiss.

FAISS has traps (all reproduced with 1.15.1): `range_search` leaves out equality, a search for
more neighbours than there are entries answers -1, NaN queries and empty tables answer nothing,
a wrong dimension raises an empty AssertionError. Here a threshold includes equality, absent
neighbours are cut off, and everything else is an error.
"""

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.hashes import BITS, BYTES

# One thread a call: calls come from many threads, and 10^5 entries take well under 1 ms.
faiss.omp_set_num_threads(1)

ROUNDING = 1e-3
"""Unit vectors in float32 leave this much doubt about a cosine of 1."""


class HashTable:
    """256-bit hashes, searched exactly by Hamming distance."""

    def __init__(self, index: faiss.IndexBinaryFlat) -> None:
        self._index = index

    @classmethod
    def of(cls, hashes: NDArray[np.uint8]) -> "HashTable":
        """Of ``hashes`` ((n, 32) uint8)."""
        index = faiss.IndexBinaryFlat(BITS)
        index.add(_checked_hashes(hashes))
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> "HashTable":
        """By memory map. Raises IndexUnusable."""
        try:
            index = faiss.read_index_binary(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexUnusable(f"{path}: not a table of hashes: {_first_line(error)}") from None
        if not isinstance(index, faiss.IndexBinaryFlat) or index.d != BITS:
            raise IndexUnusable(f"{path}: not a flat table of {BITS}-bit hashes")
        return cls(index)

    def save(self, path: Path) -> None:
        faiss.write_index_binary(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def within(
        self, hashes: NDArray[np.uint8], distance_bits: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """All pairs at most ``distance_bits`` apart: (query, entry, distance), each (m,) int64.

        ``hashes`` is (n, 32) uint8. Pairs are in the order of queries, then entries.
        """
        queries = _checked_hashes(hashes)
        if not len(queries):
            empty = np.empty(0, np.int64)
            return empty, empty, empty
        # range_search is strict, hence + 1
        limits, distances, entries = self._index.range_search(queries, distance_bits + 1)
        query = np.repeat(np.arange(len(queries)), np.diff(limits).astype(np.int64))
        order = np.lexsort((entries, query))
        return query[order], entries[order].astype(np.int64), distances[order].astype(np.int64)


class VectorTable:
    """Unit vectors of one embedder output, searched exactly by cosine."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        self._index = index
        size = index.ntotal * index.d
        flat = faiss.rev_swig_ptr(index.get_xb(), size) if size else np.empty(0, np.float32)
        self._vectors = flat.reshape(index.ntotal, index.d)

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> "VectorTable":
        """Of ``vectors`` ((n, d) float32, unit rows)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(_checked_vectors(vectors, vectors.shape[1]))
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> "VectorTable":
        """By memory map. Raises IndexUnusable."""
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexUnusable(f"{path}: not a table of vectors: {_first_line(error)}") from None
        if not isinstance(index, faiss.IndexFlatIP):
            raise IndexUnusable(f"{path}: not a flat inner product table")
        return cls(index)

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def nearest(
        self, vectors: NDArray[np.float32], count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``count`` closest entries, or all if there are fewer: (scores, entries).

        ``vectors`` is (n, d) float32 with unit rows; both answers are (n, min(count, entries)),
        highest score first.
        """
        queries = _checked_vectors(vectors, self.dimension)
        count = min(count, len(self))
        if not len(queries) or not count:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        scores, entries = self._index.search(queries, count)
        return scores, entries.astype(np.int64)

    def rows(self, entries: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of ``entries``, (len(entries), d)."""
        rows: NDArray[np.float32] = self._vectors[entries]
        return rows


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _checked_hashes(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if hashes.dtype != np.uint8 or hashes.ndim != 2 or hashes.shape[1] != BYTES:
        raise IndexUnusable(f"hashes must be (n, {BYTES}) uint8, not {hashes.shape} {hashes.dtype}")
    return np.ascontiguousarray(hashes)


def _checked_vectors(vectors: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    if vectors.dtype != np.float32 or vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise IndexUnusable(
            f"vectors must be (n, {dimension}) float32, not {vectors.shape} {vectors.dtype}"
        )
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.abs(lengths - 1) <= ROUNDING):  # also False for NaN
        raise IndexUnusable("vectors must be finite and of length 1")
    return np.ascontiguousarray(vectors)
