"""Every trap of FAISS's inverted files, on our table of descriptors."""

import gc
import threading
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.index.tables import _END, _END_MARK, PROBES, DescriptorTable, HashTable


def descriptors(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def flipped(rows: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    unpacked = np.unpackbits(rows, axis=1)
    unpacked[:, :bits] ^= 1
    return np.packbits(unpacked, axis=1)


def found(table: DescriptorTable, queries: NDArray[np.uint8], count: int, bits: int) -> list:
    return list(zip(*(part.tolist() for part in table.nearest(queries, count, bits)), strict=True))


@pytest.mark.parametrize("count", [1, 2, 3, 100, 3000])
def test_what_is_there_is_found_also_after_it_was_stored(tmp_path: Path, count: int) -> None:
    """ThreatExchange #1318: an index of one entry that finds nothing once it is loaded."""
    rows = descriptors(count)
    table = DescriptorTable.of(rows)
    table.save(tmp_path / "t")
    for each in (table, DescriptorTable.open(tmp_path / "t")):
        assert len(each) == count
        assert found(each, rows, 1, 0) == [(number, number, 0) for number in range(count)]


def test_few_entries_are_searched_exactly() -> None:
    """Where all lists are read there is no approximation."""
    rows, queries = descriptors(PROBES), descriptors(20, seed=1)
    bits = np.bitwise_count(queries[:, None] ^ rows[None]).sum(axis=2)
    assert found(DescriptorTable.of(rows), queries, PROBES, 256) == [
        (query, entry, bits[query, entry])
        for query in range(20)
        for entry in np.argsort(bits[query], kind="stable").tolist()
    ]


@pytest.mark.parametrize("distance", [0, 1, 48, 64])
def test_a_distance_equal_to_the_threshold_is_found(distance: int) -> None:
    rows = descriptors(1)
    table, query = DescriptorTable.of(rows), flipped(rows, distance)
    assert found(table, query, 1, distance) == [(0, 0, distance)]
    assert found(table, query, 1, distance - 1) == []


def test_copies_of_descriptors_are_found_among_many() -> None:
    """Of bits without any structure, the hardest case, more than half; and nothing else."""
    rows = descriptors(20_000)
    table = DescriptorTable.of(rows)
    queries, entries, distances = table.nearest(flipped(rows[:300], 16), 1, 48)
    assert np.mean(queries == entries) == 1
    assert len(queries) > 150
    assert set(distances.tolist()) == {16}


def test_no_neighbour_is_made_up_where_there_are_fewer() -> None:
    rows = descriptors(2)
    assert found(DescriptorTable.of(rows), rows[:1], 10, 0) == [(0, 0, 0)]
    assert len(found(DescriptorTable.of(rows), rows[:1], 10, 256)) == 2


def test_equal_descriptors_are_all_found() -> None:
    rows = np.repeat(descriptors(1), 5, axis=0)
    assert found(DescriptorTable.of(rows), rows[:1], 3, 0) == [(0, n, 0) for n in range(3)]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_found_in_an_empty_table_or_for_no_query(tmp_path: Path, count: int) -> None:
    DescriptorTable.of(descriptors(0)).save(tmp_path / "t")
    assert found(DescriptorTable.open(tmp_path / "t"), descriptors(count), 3, 256) == []
    assert found(DescriptorTable.of(descriptors(5)), descriptors(0), 3, 256) == []
    assert found(DescriptorTable.of(descriptors(5)), descriptors(1), 0, 256) == []


def test_the_same_descriptors_make_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "other"):
        DescriptorTable.of(descriptors(500)).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((2, 16), np.uint8),
        np.zeros((2, 33), np.uint8),
        np.zeros(32, np.uint8),
        np.zeros((2, 32), np.float32),
    ],
    ids=str,
)
def test_what_is_no_descriptor(rows: NDArray) -> None:
    with pytest.raises(IndexUnusable, match="must be"):
        DescriptorTable.of(rows)
    with pytest.raises(IndexUnusable, match="must be"):
        DescriptorTable.of(descriptors(3)).nearest(rows, 1, 256)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off(tmp_path: Path, share: float) -> None:
    path = tmp_path / "t"
    DescriptorTable.of(descriptors(400)).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(IndexUnusable, match="not a whole table"):
        DescriptorTable.open(path)


@pytest.mark.parametrize("more", [b"x", bytes(16)])
def test_a_file_that_is_too_long(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "t"
    DescriptorTable.of(descriptors(40)).save(path)
    path.write_bytes(path.read_bytes() + more)
    with pytest.raises(IndexUnusable, match="not a whole table"):
        DescriptorTable.open(path)


def test_another_kind_of_table(tmp_path: Path) -> None:
    path = tmp_path / "t"
    HashTable.of(descriptors(5)).save(path)
    with pytest.raises(IndexUnusable, match="not a whole table"):
        DescriptorTable.open(path)
    mark = _END.pack(_END_MARK, path.stat().st_size)
    path.write_bytes(path.read_bytes() + mark)
    with pytest.raises(IndexUnusable, match="not an inverted file"):
        DescriptorTable.open(path)
    path.write_bytes(bytes(50) + _END.pack(_END_MARK, 50))
    with pytest.raises(IndexUnusable, match="not a table of descriptors"):
        DescriptorTable.open(path)
    with pytest.raises(IndexUnusable, match="not readable"):
        DescriptorTable.open(tmp_path / "absent")


def test_the_table_owns_what_it_searches() -> None:
    """An inverted file built in Python from its parts crashes once they are collected."""
    table = DescriptorTable.of(descriptors(300))
    gc.collect()
    assert table._index.own_fields
    assert len(found(table, descriptors(300), 1, 0)) == 300


def test_eight_threads_get_the_answers_of_one() -> None:
    table, queries = DescriptorTable.of(descriptors(3000)), descriptors(200)
    wanted = found(table, queries, 3, 100)
    different: list[object] = []

    def search() -> None:
        got = found(table, queries, 3, 100)
        if got != wanted or faiss.omp_get_max_threads() != 1:
            different.append(got)

    threads = [threading.Thread(target=search) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert different == []
