"""Every trap of FAISS, on our tables, against brute force."""

import threading
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import flipped, random_hash, units
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.hashes import BITS, BYTES
from screening.index.tables import HashTable, VectorTable, mutual_nearest

SIZES = (1, 2, 3, 100)
Table = HashTable | VectorTable


def hashes_of(count: int, seed: int = 0) -> NDArray[np.uint8]:
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, BYTES), dtype=np.uint8)


def distances(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n, m) Hamming distances."""
    bits = np.unpackbits(one[:, None] ^ other[None], axis=2)
    return bits.sum(axis=2, dtype=np.int64)


def pairs_of(found: tuple[NDArray[Any], ...]) -> list[tuple[Any, ...]]:
    return list(zip(*(part.tolist() for part in found), strict=True))


def scores_of(vectors: NDArray[np.float32], entries: NDArray[np.float32]) -> NDArray[np.float64]:
    return vectors.astype(np.float64) @ entries.astype(np.float64).T


near_hashes = st.builds(
    lambda seed, entries, queries: (
        hashes_of(entries, seed) & 1,  # few bits differ, so that many pairs are near
        hashes_of(queries, seed + 1) & 1,
    ),
    st.integers(0, 1000),
    st.integers(0, 12),
    st.integers(0, 5),
)


@settings(deadline=None, max_examples=60)
@given(near_hashes, st.integers(-1, 40))
def test_within_finds_what_brute_force_finds(
    tables: tuple[NDArray[np.uint8], NDArray[np.uint8]], bits: int
) -> None:
    entries, queries = tables
    expected = [
        (query, entry, distance)
        for query, row in enumerate(distances(queries, entries).tolist())
        for entry, distance in enumerate(row)
        if distance <= bits
    ]
    assert pairs_of(HashTable.of(entries).within(queries, bits)) == expected


@pytest.mark.parametrize("distance", [0, 1, 31, 56, 255, 256])
def test_a_distance_equal_to_the_threshold_is_within(distance: int) -> None:
    entry = bytes(BYTES)
    bits = np.zeros(BITS, np.uint8)
    bits[:distance] = 1
    table = HashTable.of(np.frombuffer(entry, np.uint8)[None])
    query = np.packbits(bits)[None]
    assert pairs_of(table.within(query, distance)) == [(0, 0, distance)]
    assert pairs_of(table.within(query, distance - 1)) == []


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1000), st.integers(0, 12), st.integers(0, 5), st.integers(-1, 20))
def test_nearest_finds_what_brute_force_finds(
    seed: int, entries: int, queries: int, count: int
) -> None:
    chance = np.random.default_rng(seed)
    table, asked = units(chance, entries), units(chance, queries)
    scores, found = VectorTable.of(table).nearest(asked, count)
    width = max(0, min(count, entries))
    assert scores.shape == found.shape == (queries, width)
    oracle = scores_of(asked, table)
    assert np.allclose(scores, -np.sort(-oracle, axis=1)[:, :width], atol=1e-5)
    assert np.allclose(scores, np.take_along_axis(oracle, found, axis=1), atol=1e-5)
    assert all(len(set(row)) == width for row in found.tolist())


def test_no_neighbour_is_made_up_where_there_are_fewer() -> None:
    table = VectorTable.of(units(np.random.default_rng(0), 2))
    scores, entries = table.nearest(table.rows(np.array([1])), 10)
    assert entries.tolist()[0][0] == 1
    assert sorted(entries.tolist()[0]) == [0, 1]
    assert scores.shape == (1, 2)


def test_nearest_among_looks_at_nothing_else() -> None:
    chance = np.random.default_rng(0)
    table, query = units(chance, 20), units(chance, 3)
    among = np.array([11, 2, 7])
    scores, entries = VectorTable.of(table).nearest(query, 10, among=among)
    oracle = scores_of(query, table[among])
    assert scores.shape == (3, 3)
    assert entries.tolist() == among[np.argsort(-oracle, axis=1)].tolist()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1000), st.integers(0, 30), st.floats(-1.5, 1.5, width=32))
def test_vectors_within_a_score(seed: int, entries: int, score: float) -> None:
    chance = np.random.default_rng(seed)
    table, query = VectorTable.of(units(chance, entries)), units(chance, 1)[0]
    scores, found = table.within(query, score)
    everything, order = table.nearest(query[None], entries)
    expected = sorted(order[everything >= np.float32(score)].tolist())
    assert found.tolist() == expected
    assert np.all(scores >= np.float32(score))


@pytest.mark.parametrize("score", [0.0, 0.25, 1.0])
def test_a_score_equal_to_the_threshold_is_within(score: float) -> None:
    entry = np.array([[1, 0]], np.float32)
    query = np.array([score, np.sqrt(1 - score**2)], np.float32)
    table = VectorTable.of(entry)
    assert table.within(query, score)[1].tolist() == [0]
    assert table.within(query, float(np.nextafter(np.float32(score), 2)))[1].tolist() == []


def test_an_empty_table_finds_nothing_and_says_its_size() -> None:
    hash_table, vector_table = HashTable.of(hashes_of(0)), VectorTable.of(np.empty((0, 4), "f4"))
    assert len(hash_table) == len(vector_table) == 0
    assert pairs_of(hash_table.within(hashes_of(3), 256)) == []
    assert vector_table.nearest(units(np.random.default_rng(0), 3, 4), 2)[1].shape == (3, 0)
    assert vector_table.within(units(np.random.default_rng(0), 1, 4)[0], -1)[1].tolist() == []
    assert vector_table.rows(np.array([], np.int64)).shape == (0, 4)


def test_no_query_finds_nothing() -> None:
    assert [len(part) for part in HashTable.of(hashes_of(3)).within(hashes_of(0), 9)] == [0, 0, 0]
    table = VectorTable.of(units(np.random.default_rng(0), 3, 4))
    assert table.nearest(np.empty((0, 4), np.float32), 2)[0].shape == (0, 2)


def spoilt(value: float) -> NDArray[np.float32]:
    vectors = units(np.random.default_rng(0), 3, 4)
    vectors[1, 2] = value
    return vectors


@pytest.mark.parametrize(
    "vectors",
    [
        pytest.param(spoilt(np.nan), id="NaN"),
        pytest.param(spoilt(np.inf), id="infinite"),
        pytest.param(spoilt(3e38), id="overflows when squared"),
        pytest.param(np.zeros((1, 4), np.float32), id="zero"),
        pytest.param(units(np.random.default_rng(0), 1, 4) * np.float32(1.01), id="too long"),
        pytest.param(units(np.random.default_rng(0), 1, 5), id="wrong dimension"),
        pytest.param(units(np.random.default_rng(0), 1, 4)[0], id="one dimension"),
        pytest.param(units(np.random.default_rng(0), 1, 4).astype(np.float64), id="float64"),
    ],
)
def test_vectors_that_faiss_would_answer_wrongly_are_refused(vectors: NDArray[Any]) -> None:
    table = VectorTable.of(units(np.random.default_rng(1), 2, 4))
    with pytest.raises(IndexUnusable, match="vectors must be"):
        table.nearest(vectors, 1)
    if vectors.shape[-1] == 4:
        with pytest.raises(IndexUnusable, match="vectors must be"):
            VectorTable.of(vectors)


@pytest.mark.parametrize(
    "hashes",
    [hashes_of(2)[:, :31], hashes_of(2)[0], hashes_of(2).astype(np.int64), hashes_of(2).view("i1")],
    ids=["31 bytes", "one dimension", "int64", "int8"],
)
def test_hashes_of_another_form_are_refused(hashes: NDArray[Any]) -> None:
    with pytest.raises(IndexUnusable, match="hashes must be"):
        HashTable.of(hashes_of(2)).within(hashes, 10)
    with pytest.raises(IndexUnusable, match="hashes must be"):
        HashTable.of(hashes)


@pytest.mark.parametrize("entry", [-1, 3])
def test_an_entry_that_is_not_there_is_never_another(entry: int) -> None:
    table = VectorTable.of(units(np.random.default_rng(0), 3, 4))
    with pytest.raises(IndexUnusable, match="has 3"):
        table.rows(np.array([0, entry]))
    with pytest.raises(IndexUnusable, match="has 3"):
        table.nearest(table.rows(np.array([0])), 1, among=np.array([entry]))


@pytest.mark.parametrize("size", SIZES)
def test_a_stored_table_finds_every_entry(tmp_path: Path, size: int) -> None:
    hashes, vectors = hashes_of(size), units(np.random.default_rng(size), size)
    HashTable.of(hashes).save(tmp_path / "hashes")
    VectorTable.of(vectors).save(tmp_path / "vectors")
    hash_table, vector_table = (
        HashTable.open(tmp_path / "hashes"),
        VectorTable.open(tmp_path / "vectors"),
    )
    everything = np.arange(size)
    assert len(hash_table) == len(vector_table) == size
    assert pairs_of(hash_table.within(hashes, 0)) == [(each, each, 0) for each in range(size)]
    assert np.array_equal(vector_table.rows(everything), vectors)
    assert vector_table.nearest(vectors, 1)[1][:, 0].tolist() == everything.tolist()


def test_a_stored_empty_table_is_empty(tmp_path: Path) -> None:
    VectorTable.of(np.empty((0, 4), np.float32)).save(tmp_path / "vectors")
    HashTable.of(hashes_of(0)).save(tmp_path / "hashes")
    assert len(VectorTable.open(tmp_path / "vectors")) == 0
    assert len(HashTable.open(tmp_path / "hashes")) == 0


@pytest.mark.parametrize("kind", [HashTable, VectorTable])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, kind: type[Table]) -> None:
    """faiss 1.15.1 reads beyond the end of a file that is cut within its header: SIGSEGV."""
    made = kind.of(hashes_of(2) if kind is HashTable else units(np.random.default_rng(0), 2, 4))
    made.save(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    for length in [*range(len(whole)), len(whole) + 1]:
        (tmp_path / "cut").write_bytes((whole + b"\0")[:length])
        with pytest.raises(IndexUnusable, match="cut"):
            kind.open(tmp_path / "cut")


@pytest.mark.parametrize("kind", [HashTable, VectorTable])
def test_what_is_no_table_is_refused(tmp_path: Path, kind: type[Table]) -> None:
    with pytest.raises(IndexUnusable, match="not readable"):
        kind.open(tmp_path / "missing")
    (tmp_path / "zeros").write_bytes(bytes(200))
    with pytest.raises(IndexUnusable, match="zeros"):
        kind.open(tmp_path / "zeros")


def test_tables_of_other_kinds_are_refused(tmp_path: Path) -> None:
    faiss.write_index(faiss.IndexFlatL2(4), str(tmp_path / "l2"))
    with pytest.raises(IndexUnusable, match="inner product"):
        VectorTable.open(tmp_path / "l2")
    short = faiss.IndexBinaryFlat(64)
    short.add(hashes_of(3)[:, :8].copy())
    faiss.write_index_binary(short, str(tmp_path / "short"))
    with pytest.raises(IndexUnusable, match="256-bit"):
        HashTable.open(tmp_path / "short")


@pytest.mark.parametrize("kind", [HashTable, VectorTable])
def test_a_header_that_counts_more_entries_is_refused(tmp_path: Path, kind: type[Table]) -> None:
    made = kind.of(hashes_of(2) if kind is HashTable else units(np.random.default_rng(0), 2, 4))
    made.save(tmp_path / "table")
    data = bytearray((tmp_path / "table").read_bytes())
    at = data.index((2).to_bytes(8, "little"))
    data[at] = 200
    (tmp_path / "table").write_bytes(data)
    with pytest.raises(IndexUnusable):
        kind.open(tmp_path / "table")


def test_eight_threads_get_the_answers_of_one() -> None:
    chance = np.random.default_rng(5)
    entries = [random_hash(chance) for _ in range(200)]
    queries = [flipped(each, 20) for each in entries[:50]]
    packed = [
        np.frombuffer(b"".join(part), np.uint8).reshape(-1, 32) for part in (entries, queries)
    ]
    hash_table, vector_table = HashTable.of(packed[0]), VectorTable.of(units(chance, 300, 32))
    asked = units(chance, 40, 32)
    want = pairs_of(hash_table.within(packed[1], 40)), vector_table.nearest(asked, 5)[1].tolist()
    assert len(want[0]) == 50
    wrong: list[object] = []

    def search() -> None:
        for _ in range(10):
            got = (
                pairs_of(hash_table.within(packed[1], 40)),
                vector_table.nearest(asked, 5)[1].tolist(),
            )
            if got != want or faiss.omp_get_max_threads() != 1:
                wrong.append(got)

    threads = [threading.Thread(target=search) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


@pytest.mark.parametrize(("ones", "others"), [(0, 0), (0, 3), (3, 0), (1, 1), (2, 1), (40, 60)])
def test_mutual_nearest_against_brute_force(ones: int, others: int) -> None:
    one, other = hashes_of(ones, seed=1), hashes_of(others, seed=2)
    wanted = []
    for limit in (0, 100, 110, 120, BITS):
        if ones and others:
            between = distances(one, other)
            wanted = [
                (mine, int(between[mine].argmin()))
                for mine in range(ones)
                if between[:, between[mine].argmin()].argmin() == mine
                and between[mine].min() <= limit
            ]
        assert pairs_of(mutual_nearest(one, other, limit)) == wanted


def test_mutual_nearest_finds_each_its_own_at_the_limit_exactly() -> None:
    one = hashes_of(50)
    order = np.random.default_rng(3).permutation(50)
    other = np.stack([np.frombuffer(flipped(one[each].tobytes(), 20), np.uint8) for each in order])
    wanted = sorted(zip(order.tolist(), range(50), strict=True))
    assert pairs_of(mutual_nearest(one, other, 20)) == wanted
    assert pairs_of(mutual_nearest(one, other, 19)) == []
