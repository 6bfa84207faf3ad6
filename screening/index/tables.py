"""Nearest-neighbour tables: the only module that imports faiss.

FAISS has traps (all reproduced with 1.15.1): `range_search` leaves out equality, a search for
more neighbours than there are entries answers -1, NaN queries and empty tables answer nothing,
a wrong dimension raises an empty AssertionError, a file cut off within its header is a
segmentation fault, and NumPy reads entry -1 as the last one; an inverted file forgets in Python
who owns its quantizer and crashes. Here a threshold includes equality, absent neighbours are cut
off, and everything else is an error. Hashes and vectors are searched exactly, descriptors are not.
"""

import struct
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.hashes import BITS, BYTES

ROUNDING = 1e-3
"""Unit vectors in float32 leave this much doubt about a cosine of 1."""

PROBES = 2
"""Of 1,500 edited pictures against 6,000 rows (2.4 million descriptors) reading 2, 4, 8 and 16
lists leaves the true reference among the five with most votes equally often (within .01), in
5-20 ms."""

FLOAT_BYTES = 4

_ADDED_AT_ONCE = 1 << 20
_END = struct.Struct("<8sQ")
_END_MARK = b"complete"
"""FAISS reads past the end of an inverted file that is cut off, and says nothing of its length."""

_HASHES_HEADER_BYTES = 33
_VECTORS_HEADER_BYTES = 45
"""Of the files that FAISS 1.15 writes; the last 8 bytes are the number of items that follow."""


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
        _check_length(path, _HASHES_HEADER_BYTES, item_bytes=1)
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

    def rows(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The hashes at these places, (n, 32) uint8. All are read."""
        found: NDArray[np.uint8] = self._index.reconstruct_n(0, len(self))[rows]
        return found

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
        _use_one_thread()
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
        dimension = vectors.shape[-1] if vectors.ndim else 0
        index = faiss.IndexFlatIP(dimension)
        index.add(checked_vectors(vectors, dimension))
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> "VectorTable":
        """By memory map. Raises IndexUnusable."""
        _check_length(path, _VECTORS_HEADER_BYTES, item_bytes=FLOAT_BYTES)
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
        self,
        vectors: NDArray[np.float32],
        count: int,
        *,
        among: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``count`` closest entries, or all if there are fewer: (scores, entries).

        ``vectors`` is (n, d) float32 with unit rows; both answers are (n, min(count, entries)),
        highest score first. With ``among`` ((m,), no entry twice) only these entries are looked
        at, and no other part of the table is read.
        """
        queries = checked_vectors(vectors, self.dimension)
        count = max(0, min(count, len(self) if among is None else len(among)))
        if not len(queries) or not count:
            shape = (len(queries), count)
            return np.empty(shape, np.float32), np.empty(shape, np.int64)
        _use_one_thread()
        selected = None
        if among is not None:
            selector = faiss.IDSelectorBatch(self._known(among))
            selected = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, entries = self._index.search(queries, count, params=selected)
        return scores, entries.astype(np.int64)

    def within(
        self, vector: NDArray[np.float32], score: float
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """All entries that score at least ``score`` with one ``vector`` ((d,) float32, unit).

        (scores, entries), each (m,), in the order of the entries.
        """
        query = checked_vectors(vector[None], self.dimension)
        _use_one_thread()
        # range_search is strict: ask for more, then keep what the threshold admits
        below = np.nextafter(np.float32(score), np.float32(-np.inf))
        _, scores, entries = self._index.range_search(query, float(below))
        order = np.argsort(entries, kind="stable")
        order = order[scores[order] >= np.float32(score)]
        return scores[order], entries[order].astype(np.int64)

    def rows(self, entries: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of ``entries``, (len(entries), d). Raises IndexUnusable for unknown ones."""
        rows: NDArray[np.float32] = self._vectors[self._known(entries)]
        return rows

    def _known(self, entries: NDArray[np.int64]) -> NDArray[np.int64]:
        if len(entries) and not 0 <= entries.min() <= entries.max() < len(self):
            raise IndexUnusable(f"the table has no entry {entries.max()}; it has {len(self)}")
        return entries


class DescriptorTable:
    """256-bit descriptors in an inverted file: near ones are found, nearly always.

    Of every query the `PROBES` lists that begin nearest to it are read.
    """

    def __init__(self, index: faiss.IndexBinaryIVF) -> None:
        self._index = index
        self._index.nprobe = min(PROBES, self._index.nlist)

    @classmethod
    def of(cls, descriptors: NDArray[np.uint8]) -> "DescriptorTable":
        """Of ``descriptors`` ((n, 32) uint8); the same for the same ones.

        Lists begin at some of the descriptors themselves: k-means takes minutes, and finds none
        more.
        """
        checked = _checked_hashes(descriptors)
        lists = max(1, min(len(checked), round((PROBES * len(checked)) ** 0.5)))
        chosen = np.sort(np.random.default_rng(0).permutation(len(checked))[:lists])
        index = faiss.index_binary_factory(BITS, f"BIVF{lists}")
        if not isinstance(index, faiss.IndexBinaryIVF):
            raise IndexUnusable("this FAISS makes other inverted files; install faiss-cpu >= 1.15")
        index.quantizer.add(np.ascontiguousarray(checked[chosen]))
        index.is_trained = True
        for first in range(0, len(checked), _ADDED_AT_ONCE):
            index.add(checked[first : first + _ADDED_AT_ONCE])
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> "DescriptorTable":
        """By memory map. Raises IndexUnusable."""
        _check_end(path)
        try:
            index = faiss.read_index_binary(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            problem = _first_line(error)
            raise IndexUnusable(f"{path}: not a table of descriptors: {problem}") from None
        if not isinstance(index, faiss.IndexBinaryIVF) or index.d != BITS:
            raise IndexUnusable(f"{path}: not an inverted file of {BITS}-bit descriptors")
        return cls(index)

    def save(self, path: Path) -> None:
        faiss.write_index_binary(self._index, str(path))
        length = path.stat().st_size
        with path.open("ab") as file:
            file.write(_END.pack(_END_MARK, length))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(
        self, descriptors: NDArray[np.uint8], count: int, distance_bits: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Up to ``count`` entries nearest to each of ``descriptors`` ((n, 32) uint8), none further
        than ``distance_bits``: (query, entry, distance), each (m,) int64, nearest first.
        """
        queries = _checked_hashes(descriptors)
        if not len(queries) or not len(self) or count < 1:
            empty = np.empty(0, np.int64)
            return empty, empty, empty
        _use_one_thread()
        distances, entries = self._index.search(queries, count)
        query, rank = np.nonzero((entries >= 0) & (distances <= distance_bits))
        near = distances[query, rank].astype(np.int64), entries[query, rank].astype(np.int64)
        return query.astype(np.int64), near[1], near[0]


def mutual_nearest(
    ones: NDArray[np.uint8], others: NDArray[np.uint8], distance_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of ``ones`` and ``others`` ((n, 32) and (m, 32) uint8) are each other's nearest, and at
    most ``distance_bits`` (inclusive) apart: (p,) each, in the order of ``ones``.

    In an eighth of the time that OpenCV takes to match with a cross check: back from ``others``
    goes only what is near enough, in unrelated pictures few.
    """
    if not len(ones) or not len(others):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    _use_one_thread()
    distances, theirs = _nearest_of_each(ones, others)
    near = np.flatnonzero(distances <= distance_bits)
    if not len(near):
        return near, near
    _, back = _nearest_of_each(np.ascontiguousarray(others[theirs[near]]), ones)
    mutual = near[back == near]
    return mutual, theirs[mutual]


def _nearest_of_each(
    queries: NDArray[np.uint8], entries: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    index = faiss.IndexBinaryFlat(BITS)
    index.add(_checked_hashes(entries))
    distances, found = index.search(_checked_hashes(queries), 1)
    return distances[:, 0].astype(np.int64), found[:, 0].astype(np.int64)


def _use_one_thread() -> None:
    # Calls come from many threads. The setting is the calling thread's own, and costs 0.1 us.
    faiss.omp_set_num_threads(1)


def _check_length(path: Path, header_bytes: int, *, item_bytes: int) -> None:
    """Raise IndexUnusable unless the file is as long as its header says."""
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(header_bytes)
    except OSError as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None
    if len(header) == header_bytes:
        (items,) = struct.unpack("<Q", header[-8:])
        if length == header_bytes + items * item_bytes:
            return
    raise IndexUnusable(f"{path}: {length} bytes are not a whole table; build the index again")


def _check_end(path: Path) -> None:
    """Raise IndexUnusable unless the file ends with the length that it was written with."""
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, length - _END.size))
            end = file.read()
    except OSError as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None
    if end != _END.pack(_END_MARK, max(0, length - _END.size)):
        raise IndexUnusable(f"{path}: {length} bytes are not a whole table; build the index again")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _checked_hashes(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if hashes.dtype != np.uint8 or hashes.ndim != 2 or hashes.shape[1] != BYTES:
        raise IndexUnusable(f"hashes must be (n, {BYTES}) uint8, not {hashes.shape} {hashes.dtype}")
    return np.ascontiguousarray(hashes)


def checked_vectors(vectors: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """``vectors`` if they are (n, ``dimension``) float32 with unit rows, else IndexUnusable."""
    if vectors.dtype != np.float32 or vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise IndexUnusable(
            f"vectors must be (n, {dimension}) float32, not {vectors.shape} {vectors.dtype}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        # einsum makes no copy of a big table, norm does
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not np.all(np.abs(lengths - 1) <= ROUNDING):  # also False for NaN
        raise IndexUnusable("vectors must be finite and of length 1")
    return np.ascontiguousarray(vectors)
