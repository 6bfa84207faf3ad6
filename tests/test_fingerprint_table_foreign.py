"""Parquet files that are none of ours, or no longer: a clear error, never a wrong fingerprint."""

import math
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fingerprint_samples import MAKERS, fingerprint, keypoints, picture, read, write

from screening import keypoints as keypoints_module
from screening.errors import ScreeningError
from screening.fingerprints import Maker
from screening.fingerprints.table import read_fingerprints


def refusal(path: Path) -> str:
    with pytest.raises(ScreeningError) as caught:
        read_fingerprints(path)
    assert str(caught.value).startswith(f"{path}: not a file of fingerprints: ")
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not Parquet at all, but long enough" * 9])
def test_not_parquet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    refusal(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    refusal(tmp_path / "missing.parquet")
    refusal(tmp_path)


def test_truncated_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", picture())
    path.write_bytes(path.read_bytes()[:-20])
    refusal(path)


def test_foreign_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"path": ["a"], "vector": [[1.0]]}), tmp_path / "a.parquet")
    assert "schema None instead of 'screening/fingerprints/1'" in refusal(tmp_path / "a.parquet")


def changed(path: Path, columns: dict[str, pa.Array | None]) -> Path:
    """A file of two pictures with columns replaced, or left out where they are None."""
    return replace_columns(write(path, picture(), picture(path="b")), columns)


def replace_columns(path: Path, columns: dict[str, pa.Array | None]) -> Path:
    table = pq.read_table(path)
    for name, column in columns.items():
        place = table.column_names.index(name)
        if column is None:
            table = table.drop_columns([name])
        else:
            table = table.set_column(place, name, column)
    pq.write_table(table, path)
    return path


def with_metadata(path: Path, metadata: bytes) -> Path:
    table = pq.read_table(write(path, picture()))
    pq.write_table(table.replace_schema_metadata({b"screening": metadata}), path)
    return path


@pytest.mark.parametrize(
    "metadata",
    [
        b"not JSON",
        b"[]",
        b"{}",
        b'{"schema": "screening/fingerprints/2"}',
        b'{"schema": "screening/fingerprints/1"}',
        b'{"schema": "screening/fingerprints/1", "makers": [["one"]], "outputs": []}',
        b'{"schema": "screening/fingerprints/1", "makers": [], "outputs": ["missing"]}',
    ],
)
def test_metadata_that_are_none(tmp_path: Path, metadata: bytes) -> None:
    refusal(with_metadata(tmp_path / "a.parquet", metadata))


def vectors(*rows: list[float] | None) -> pa.Array:
    return pa.array(rows, pa.list_(pa.float32(), 2))


@pytest.mark.parametrize(
    "columns",
    [
        {"phash": None},
        {"fake.identity": None},
        {"phash": pa.array([b"a", b"b"])},
        {"phash": pa.array([bytes(32), None], pa.binary(32))},
        {"frame": pa.array(["0", "1"])},
        {"variant": pa.array(["shown", "unknown"])},
        {"path": pa.array(["a", None])},
        {"fake.identity": pa.array([[1.0, 0.0], [1.0, 0.0]])},
        {"fake.identity": vectors([1, 0], None)},
    ],
    ids=str,
)
def test_columns_that_do_not_fit(tmp_path: Path, columns: dict[str, pa.Array | None]) -> None:
    refusal(changed(tmp_path / "a.parquet", columns))


@pytest.mark.parametrize("bad", [[0, 0], [1, 1], [math.nan, 1], [math.inf, 0], [1.0011, 0]])
def test_vector_that_is_no_unit_vector(tmp_path: Path, bad: list[float]) -> None:
    path = changed(tmp_path / "a.parquet", {"fake.identity": vectors([1, 0], bad)})
    assert "'fake.identity' holds a vector that is not of length 1" in refusal(path)


def test_vector_of_length_1_within_the_tolerance(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.parquet", {"fake.identity": vectors([1, 0], [0.9991, 0])})
    assert len(read(path)) == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"descriptors": pa.array([bytes(64)], pa.binary())},
        {"descriptors": pa.array([bytes(33)], pa.binary())},
        {"keypoints": pa.array([bytes(3)], pa.binary())},
        {"poses": pa.array([bytes(4)], pa.binary())},
        {"poses": pa.array([bytes([10, 0] * 3)], pa.binary())},
        {"keypoints_width_px": pa.array(["480"], pa.string())},
    ],
    ids=str,
)
def test_keypoints_that_do_not_fit(tmp_path: Path, columns: dict[str, pa.Array | None]) -> None:
    maker = Maker(name=keypoints_module.NAME, version=keypoints_module.VERSION)
    path = tmp_path / "a.parquet"
    write(path, picture(replace(fingerprint(), keypoints=keypoints(3))), makers=(*MAKERS, maker))
    replace_columns(path, columns)
    refusal(path)


@pytest.mark.parametrize("column", ["poses", "keypoints_height_px"])
def test_keypoints_of_an_older_version_are_none(tmp_path: Path, column: str) -> None:
    """Their maker is named with its version, so that whoever asks for keypoints refuses them."""
    maker = Maker(name=keypoints_module.NAME, version="2")
    path = tmp_path / "a.parquet"
    write(path, picture(replace(fingerprint(), keypoints=keypoints(3))), makers=(*MAKERS, maker))
    replace_columns(path, {column: None})
    assert [each.shown.keypoints for each in read(path)] == [None]
