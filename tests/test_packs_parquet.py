"""Parquet files as archives: each cell of bytes is a member, the rows' texts are one more."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pack_samples import Result, by_path, outcomes, picture, read, reason, zipped

from screening.packs import Member, open_pack
from screening.settings import Limits

ROWS = [{"image": {"bytes": picture(shade=each), "path": f"p/{each}.png"}} for each in range(3)]
PICTURES_OF_ROWS = ["0.p_0.png", "1.p_1.png", "2.p_2.png"]


def write(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


def column(rows: list[dict[str, Any]], name: str = "image") -> list[Any]:
    return [row[name] for row in rows]


def lines(results: list[Result], path: str) -> list[Any]:
    member = by_path(results)[path]
    assert isinstance(member, Member)
    return [json.loads(line) for line in member.data.decode().splitlines()]


def test_pictures_and_texts_are_members(tmp_path: Path) -> None:
    texts = ["a cat", None, "苦い\n猫"]
    write(tmp_path / "train.parquet", {"image": column(ROWS), "text": texts, "width": [1, 2, 3]})
    results = read(tmp_path)
    assert outcomes(results) == {
        **{f"train.parquet!/{name}": "image" for name in PICTURES_OF_ROWS},
        "train.parquet!/metadata.jsonl": "text",
        "train.parquet": "ignored",
    }
    first = by_path(results)["train.parquet!/0.p_0.png"]
    assert isinstance(first, Member)
    assert first.data == ROWS[0]["image"]["bytes"]
    assert lines(results, "train.parquet!/metadata.jsonl") == [
        {"image": {"file_name": "0.p_0.png"}, "text": "a cat"},
        {"image": {"file_name": "1.p_1.png"}},
        {"image": {"file_name": "2.p_2.png"}, "text": "苦い\n猫"},
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_every_row_is_read(tmp_path: Path, count: int) -> None:
    pictures = pa.array([picture(shade=each) for each in range(count)], pa.binary())
    write(tmp_path / "a.parquet", {"image": pictures}, row_group_size=7)
    found = outcomes(read(tmp_path))
    names = {f"a.parquet!/{each}.png": "image" for each in range(count)}
    texts = {"a.parquet!/metadata.jsonl": "text"} if count else {}
    assert found == {**names, **texts, "a.parquet": "ignored"}


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.binary(len(picture())), pa.binary_view()]
)
def test_every_kind_of_bytes_is_found(tmp_path: Path, kind: pa.DataType) -> None:
    dictionary = pa.array([picture(), None, picture()], pa.binary()).dictionary_encode()
    values = {"image": pa.array([picture(), None, picture()], kind), "other": dictionary}
    write(tmp_path / "a.parquet", values)
    assert outcomes(read(tmp_path)) == {
        "a.parquet!/0.image.png": "image",
        "a.parquet!/0.other.png": "image",
        "a.parquet!/2.image.png": "image",
        "a.parquet!/2.other.png": "image",
        "a.parquet!/metadata.jsonl": "text",
        "a.parquet": "ignored",
    }


def test_pictures_in_lists_and_structs_are_found(tmp_path: Path) -> None:
    images = [[{"bytes": picture(), "path": None}, {"bytes": picture(shade=2), "path": None}]]
    write(tmp_path / "a.parquet", {"images": images, "x": [{"deep": {"er": ["words"]}}]})
    results = read(tmp_path)
    assert outcomes(results) == {
        "a.parquet!/0.png": "image",
        "a.parquet!/0.1.png": "image",
        "a.parquet!/metadata.jsonl": "text",
        "a.parquet": "ignored",
    }
    assert lines(results, "a.parquet!/metadata.jsonl") == [
        {"images": [{"file_name": "0.png"}, {"file_name": "0.1.png"}],
         "x": {"deep": {"er": ["words"]}}}
    ]  # fmt: skip


def test_a_path_without_bytes_is_kept_as_a_reference(tmp_path: Path) -> None:
    references = [{"bytes": None, "path": "https://example.org/a.png"}]
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    features = {"info": {"features": {"photo": {"_type": "Image"}}}}
    table = pa.table({"image": pa.array(references, kind), "photo": ["../b.png"]})
    table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    pq.write_table(table, tmp_path / "a.parquet")
    assert lines(read(tmp_path), "a.parquet!/metadata.jsonl") == [
        {"image": {"file_name": "https://example.org/a.png"}, "photo": {"file_name": "../b.png"}}
    ]


def test_a_table_of_texts_is_no_metadata_of_pictures(tmp_path: Path) -> None:
    write(tmp_path / "captions.parquet", {"id": ["1", "2"], "caption": ["x", "y"]})
    rows = lines(read(tmp_path), "captions.parquet!/rows.jsonl")
    assert rows == [{"id": "1", "caption": "x"}, {"id": "2", "caption": "y"}]


def test_a_metadata_file_of_imagefolder_keeps_its_columns(tmp_path: Path) -> None:
    write(tmp_path / "metadata.parquet", {"file_name": ["a.png"], "text": ["x"]})
    rows = lines(read(tmp_path), "metadata.parquet!/metadata.jsonl")
    assert rows == [{"file_name": "a.png", "text": "x"}]


@pytest.mark.parametrize(("side", "unscreened"), [(32, False), (33, True)])
def test_pixels_and_latents_in_lists_are_unscreened(
    tmp_path: Path, side: int, unscreened: bool
) -> None:
    values = {"latents": [[[0.5] * side] * side], "image": [picture()]}
    write(tmp_path / "a.parquet", values)
    results = read(tmp_path)
    assert outcomes(results)["a.parquet!/0.png"] == "image"
    if unscreened:
        assert "'latents' holds more than 1,024 numbers" in reason(results, "a.parquet")
    else:
        assert outcomes(results)["a.parquet"] == "ignored"


def test_what_a_cell_holds_is_told_by_its_content(tmp_path: Path) -> None:
    cells = [{"bytes": b"words", "path": "x.png"}, {"bytes": zipped([("in.png", picture())]),
             "path": "y.png"}, {"bytes": b"\x93NUMPY\x01", "path": "z.png"}]  # fmt: skip
    write(tmp_path / "a.parquet", {"image": cells})
    found = outcomes(read(tmp_path))
    assert found["a.parquet!/0.x.png"] == "unscreened"
    assert found["a.parquet!/1.y.png!/in.png"] == "image"
    assert found["a.parquet!/2.z.png"] == "cache"


def test_names_of_rows_stay_within_the_file(tmp_path: Path) -> None:
    paths = [
        "../../etc/x.png",
        "/abs.png",
        "C:\\d\\e.png",
        "x" * 9000 + ".png",
        "..",
        "",
        "a//2.png",
    ]
    cells = [{"bytes": picture(shade=each), "path": path} for each, path in enumerate(paths)]
    write(tmp_path / "a.parquet", {"image": cells})
    results = read(tmp_path)
    pictures = [path for path, kind in outcomes(results).items() if kind == "image"]
    assert len(pictures) == len(paths)
    assert all(path.startswith("a.parquet!/") and path.count("/") == 1 for path in pictures)
    assert max(map(len, pictures)) < 200


@pytest.mark.parametrize("start", [b"II*\0", b"\xff\xd8\xff\xe0", b"text"])
def test_a_parquet_file_is_told_by_its_end(tmp_path: Path, start: bytes) -> None:
    """Arrow asks for no mark at the start, so that another one may stand there."""
    path = write(tmp_path / "a.tif", {"image": [picture(shade=1)]})
    path.write_bytes(start + path.read_bytes()[4:])
    assert pq.read_table(path).num_rows == 1
    assert outcomes(read(tmp_path))["a.tif!/0.png"] == "image"


def test_an_archive_that_ends_as_parquet_is_unscreened(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped([("in.png", picture())], comment=b"12345678PAR1"))
    results = read(tmp_path)
    assert "ends as a Parquet file" in reason(results, "a.zip")
    assert outcomes(results)["a.zip!/in.png"] == "image"


def test_a_zip_within_is_named(tmp_path: Path) -> None:
    archive = zipped([("in.png", picture(shade=3))])
    cells = pa.array([archive], pa.binary())
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    path = write(tmp_path / "a.parquet", {"image": cells}, **options)
    results = read(tmp_path)
    assert "a zip is in it" in reason(results, "a.parquet")
    assert outcomes(results)["a.parquet!/0.bin!/in.png"] == "image"
    assert path.read_bytes().count(b"PK\5\6") == 1


@pytest.mark.parametrize("kept", [4, 11, 12, 60, -5])
def test_a_damaged_file_is_unscreened(tmp_path: Path, kept: int) -> None:
    path = write(tmp_path / "a.parquet", {"image": [picture()]})
    path.write_bytes(path.read_bytes()[:kept])
    assert outcomes(read(tmp_path)) == {"a.parquet": "unscreened"}


def test_members_and_bytes_are_limited(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"image": [picture(shade=each) for each in range(9)]})
    results = read(tmp_path, max_members=4)
    assert sum(kind == "image" for kind in outcomes(results).values()) <= 4
    assert "max_members" in reason(results, "a.parquet")
    results = read(tmp_path, max_unpacked_bytes=3 * len(picture()))
    assert "max_unpacked_bytes" in reason(results, "a.parquet")
    results = read(tmp_path, max_member_bytes=50)
    assert all("max_member_bytes" in reason(results, f"a.parquet!/{each}.png") for each in range(9))


def test_a_page_that_repeats_a_cell_is_a_bomb(tmp_path: Path) -> None:
    values = pa.array([bytes(500_000)] * 60, pa.binary())
    write(tmp_path / "a.parquet", {"image": values}, compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 9_000
    results = read(tmp_path, decoder_memory_bytes=2**31)
    assert "bomb" in reason(results, "a.parquet")
    assert len(results) < 10


def test_a_reader_without_memory_costs_its_file(tmp_path: Path) -> None:
    more_than_its_heap_keeps = random.Random(1).randbytes(8_000_000)
    write(tmp_path / "a.parquet", {"image": [picture() + more_than_its_heap_keeps]})
    (tmp_path / "b.png").write_bytes(picture())
    results = read(tmp_path, decoder_memory_bytes=1)
    assert outcomes(results) == {"a.parquet": "unscreened", "b.png": "image"}
    assert any(said in reason(results, "a.parquet") for said in ("died", "within the limits"))


def test_a_parquet_file_in_archives_is_read(tmp_path: Path) -> None:
    data = write(tmp_path / "a.parquet", {"image": [picture()]}).read_bytes()
    (tmp_path / "a.parquet").write_bytes(zipped([("d/b.parquet", data)]))
    found = outcomes(read(tmp_path))
    assert found["a.parquet!/d/b.parquet!/0.png"] == "image"
    assert found["a.parquet!/d/b.parquet"] == "ignored"


def test_many_files_share_one_time_limit(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"{number}.parquet", {"image": [picture(shade=number)]})
    limits = Limits(max_pack_seconds=0.001)
    results = list(open_pack(tmp_path, limits=limits).read())
    assert outcomes(results) == {f"{number}.parquet": "unscreened" for number in range(3)}
    assert "Parquet files of the pack took longer than 0.001 s" in reason(results, "2.parquet")


def test_rows_that_say_nothing_run_into_the_time_limit(tmp_path: Path) -> None:
    nothing = pa.nulls(2_000_000, pa.string())
    write(tmp_path / "a.parquet", {"text": nothing})
    file = next(iter(tmp_path.iterdir()))
    assert file.stat().st_size < 9_000
    limits = Limits(decode_timeout_seconds=0.2)
    results = list(open_pack(tmp_path, limits=limits).read())
    assert "took longer than 0.2 s" in reason(results, "a.parquet")


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_loses_no_picture_in_silence(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever byte is changed: the file is listed, or each picture that Arrow reads is there."""
    path = write(tmp_path / "a.parquet", {"image": column(ROWS)}, compression="none")
    raw = bytearray(path.read_bytes())
    where = data.draw(st.integers(0, len(raw) - 1))
    raw[where] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(raw))
    results = by_path(read(tmp_path))
    if outcomes(results.values())["a.parquet"] == "ignored":
        found = {each.data for each in results.values() if isinstance(each, Member)}
        assert set(binary_cells(pq.read_table(path).to_pylist())) <= found


def binary_cells(value: object) -> Iterator[bytes]:
    """Damage may rename a column or a field: what holds bytes is looked for everywhere."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        yield from binary_cells(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from binary_cells(each)


def test_what_lies_beside_a_picture_in_its_struct_is_found(tmp_path: Path) -> None:
    rows = [{"bytes": picture(shade=1), "path": "a.png", "other": {"bytes": picture(shade=2)}}]
    write(tmp_path / "a.parquet", {"image": rows})
    found = [each for each in read(tmp_path) if isinstance(each, Member)]
    assert {picture(shade=1), picture(shade=2)} <= {each.data for each in found}
