"""The forms of huggingface/datasets: metadata beside and within Parquet, tars, columns."""

import json
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from layout_samples import layout_of, loaded, reasons, write_picture
from pack_samples import picture, tarred

from screening.packs import Layout, Role, open_arguments, open_pack, recognise
from screening.packs.layouts.stems import MAX_CAPTIONS
from screening.packs.layouts.webdataset import example_of


def captions(layout: Layout) -> dict[str, tuple[str, ...]]:
    return {each.path: each.captions for each in layout.images}


def parquet(path: Path, **columns: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


# Parquet
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../x.png", "is outside the pack"),
        ("../../x.png", "is outside the pack"),
        ("/x.png", "is outside the pack"),
        ("C:\\x.png", "is outside the pack"),
        ("https://example.org/x.png", "is not fetched"),
        ("gone.png", "is no picture of the pack"),
    ],
)
def test_rows_that_refer_elsewhere_are_named(name: str, told: str, tmp_path: Path) -> None:
    write_picture(tmp_path / "pack" / "a.png")
    parquet(tmp_path / "pack" / "metadata.parquet", file_name=["a.png", name], text=["x", "y"])
    layout = layout_of(open_pack(tmp_path / "pack"))
    assert captions(layout) == {"a.png": ("x",)}
    (remark,) = layout.unscreened
    assert remark.path == "metadata.parquet!/metadata.jsonl"
    assert told in remark.reason
    assert remark.reason.startswith("line 2")


def test_rows_are_relative_to_the_folder_of_their_file(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", shade=1)
    write_picture(tmp_path / "sub" / "a.png", shade=2)
    parquet(tmp_path / "sub" / "metadata.parquet", file_name=["a.png"], text=["x"])
    assert captions(layout_of(open_pack(tmp_path))) == {"a.png": (), "sub/a.png": ("x",)}


def test_a_parquet_file_by_itself_is_a_pack(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", image=[picture(), picture(shade=2)], text=["x", "y"])
    layout = layout_of(open_pack(path))
    assert captions(layout) == {"0.png": ("x",), "1.png": ("y",)}
    assert (layout.trainer, layout.unscreened) == ("imagefolder", ())


def test_every_text_of_a_row_counts_where_no_column_is_named(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", image=[picture()], text=["x"], tags=[["one", "two"]])
    assert captions(layout_of(open_pack(tmp_path)))["a.parquet!/0.png"] == ("x", "one", "two")


# Columns, as diffusers is told them
def test_columns_tell_what_trains_and_what_controls(tmp_path: Path) -> None:
    parquet(
        tmp_path / "data" / "train.parquet",
        photo=[picture(shade=1), picture(shade=2)],
        edges=[picture(shade=3), picture(shade=4)],
        unused=[picture(shade=5), None],
        said=["one", None],
    )
    arguments = {
        "dataset_name": "data",
        "image_column": "photo",
        "caption_column": "said",
        "conditioning_image_column": "edges",
        "instance_prompt": "sks",
    }
    pack = open_arguments(arguments, trainer="diffusers", working_folder=tmp_path)
    layout = layout_of(pack)
    assert layout.unscreened == ()
    prefix = "data/train.parquet!/"
    assert {each.path: each.role for each in layout.images if each.loaded} == {
        prefix + "0.photo.png": Role.TRAIN,
        prefix + "1.photo.png": Role.TRAIN,
        prefix + "0.edges.png": Role.CONTROL,
        prefix + "1.edges.png": Role.CONTROL,
    }
    first = {path: each[0] for path, each in captions(layout).items() if "photo" in path}
    assert first == {prefix + "0.photo.png": "one", prefix + "1.photo.png": "sks"}
    assert len(layout.images) == 5


def test_beside_metadata_only_what_it_names_is_loaded(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / "data" / name, shade=len(name))
    row = json.dumps({"file_name": "a.png", "text": "x"})
    (tmp_path / "data" / "metadata.jsonl").write_text(row)
    arguments = {"train_data_dir": "data", "caption_column": "text"}
    layout = layout_of(open_arguments(arguments, trainer="diffusers", working_folder=tmp_path))
    assert loaded(layout) == {"data/a.png"}
    (tmp_path / "data" / "metadata.jsonl").unlink()
    layout = layout_of(open_arguments(arguments, trainer="diffusers", working_folder=tmp_path))
    assert loaded(layout) == {"data/a.png", "data/b.png"}


def test_a_data_set_that_is_one_file(tmp_path: Path) -> None:
    parquet(tmp_path / "train.parquet", image=[picture()], text=["x"])
    arguments = {"dataset_name": "train.parquet", "caption_column": "text"}
    layout = layout_of(open_arguments(arguments, trainer="diffusers", working_folder=tmp_path))
    assert loaded(layout) == {"train.parquet!/0.png"}
    assert (layout.images[0].captions, layout.unscreened) == (("x",), ())


# WebDataset
@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("a/0001.jpg", "a/0001"),
        ("a/0001.src.jpg", "a/0001"),
        ("a.b/0001.jpg", "a.b/0001"),
        ("a.tar!/0001.jpg//2", "a.tar!/0001"),
        ("0001", "0001"),
        (".jpg", ""),
    ],
)
def test_examples_are_told_by_the_first_dot(path: str, example: str) -> None:
    assert example_of(path) == example


def test_texts_and_json_of_an_example_are_captions(tmp_path: Path) -> None:
    said = json.dumps({"caption": "three", "tags": ["four"], "width": 5}).encode()
    members = [("1.jpg", picture()), ("1.txt", b"one"), ("1.en.text", b"two"), ("1.json", said),
               ("2.png", picture(shade=2)), ("2.cls", b"7"), ("3.txt", b"nobody's")]  # fmt: skip
    (tmp_path / "0.tar").write_bytes(tarred(members))
    layout = layout_of(open_pack(tmp_path))
    assert layout.trainer == "webdataset"
    found = captions(layout)
    assert set(found["0.tar!/1.jpg"]) == {"one", "two", "three", "four"}
    assert found["0.tar!/2.png"] == ()
    assert layout.other_texts == ("0.tar!/2.cls", "0.tar!/3.txt")
    compressed = tmp_path / "0.tar"
    with tarfile.open(tmp_path / "again.tar.gz", "w:gz") as tar:
        tar.add(compressed, arcname="inner.tar")
    compressed.unlink()
    assert layout_of(open_pack(tmp_path)).trainer == "webdataset"


def test_examples_do_not_multiply() -> None:
    images = [f"a.tar!/x.{number}.png" for number in range(1000)]
    texts = {f"a.tar!/x.{number}.txt": f"text {number}" for number in range(1000)}
    layout = recognise(images, texts)
    assert len(layout.images) == 1000
    # One beside each picture, and those of the example.
    assert max(len(each.captions) for each in layout.images) <= MAX_CAPTIONS + 1
    assert reasons(layout) == ""
