"""``datasets`` itself, with which diffusers' scripts load ``--dataset_name``, beside our readers.

It comes with the ``dev`` extra; without it there is nothing to compare with.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from layout_case import PICTURES, caption, write
from layout_cases import metadata_in_parquet, parquet, webdataset
from PIL import Image
from pyarrow import csv
from pyarrow import parquet as pq
from test_layouts_loaders import messy

from screening.packs import Kind, Member, Unscreened, decode_text, open_arguments, recognise

datasets = pytest.importorskip("datasets", reason="datasets, of the dev extra, is not installed")


@pytest.fixture(autouse=True)
def stays_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched, and what is cached is gone afterwards."""
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def pixels(data: Any) -> str:
    opened = data if isinstance(data, Image.Image) else Image.open(io.BytesIO(data["bytes"]))
    with opened as picture:
        return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def screened(folder: Path) -> dict[str, tuple[str, ...]]:
    """The captions of each picture, which its pixels stand for."""
    arguments = {"dataset_name": str(folder), "caption_column": "text"}
    pack = open_arguments(arguments, trainer="diffusers")
    images: dict[str, str] = {}
    texts: dict[str, str] = {}
    for each in pack.read():
        if isinstance(each, Member) and each.kind is Kind.IMAGE:
            images[each.path] = pixels({"bytes": each.data})
        elif isinstance(each, Member) and each.kind is Kind.TEXT:
            texts[each.path] = decode_text(each.data)
    layout = recognise(list(images), texts, training=pack.training)
    return {images[each.path]: each.captions for each in layout.images if each.loaded}


def trained(folder: Path) -> Iterator[tuple[str, str]]:
    """(pixels, caption) of each row that the data set has."""
    cache = str(folder.parent / "cache")
    for row in datasets.load_dataset(str(folder), cache_dir=cache)["train"]:
        picture = row.get("image") or row.get("src.jpg")
        said = row["json"]["caption"] if "json" in row else row.get("text", "")
        yield pixels(picture), said


def captioned_lines(folder: Path) -> None:
    write(folder / "deep" / "er", extension="")
    rows = [{"file_name": f"deep/er/{n:02}.jpg", "text": caption(n)} for n in range(9)]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("lay_out", [parquet, metadata_in_parquet, webdataset, captioned_lines])
def test_what_datasets_loads_is_screened_with_its_captions(
    lay_out: Callable[[Path], object], tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    lay_out(folder)
    rows = list(trained(folder))
    assert len(rows) == (9 if lay_out is captioned_lines else len(PICTURES))
    found = screened(folder)
    for picture, said in rows:
        assert said in found[picture]


def test_what_imagefolder_loads_of_an_untidy_folder_is_screened(tmp_path: Path) -> None:
    folder = messy(tmp_path / "pack")
    for text in folder.rglob("*.txt"):
        text.unlink()
    (folder / "linked.png").unlink()
    rows = {picture for picture, _ in trained(folder)}
    assert rows
    assert rows <= screened(folder).keys()


def test_a_card_makes_datasets_open_what_a_table_names(tmp_path: Path) -> None:
    """Why such a card leaves a pack unscreened: the picture lies anywhere."""
    elsewhere = tmp_path / "elsewhere.png"
    Image.new("RGB", (20, 30), (200, 10, 10)).save(elsewhere)
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "data.jsonl").write_text(json.dumps({"image": str(elsewhere)}))
    card = "---\ndataset_info:\n  features:\n  - name: image\n    dtype: image\n---\n"
    (folder / "README.md").write_text(card)
    assert [picture for picture, _ in trained(folder)] == [pixels(Image.open(elsewhere))]
    pack = open_arguments({"dataset_name": str(folder)}, trainer="diffusers")
    texts = {each.path: decode_text(each.data) for each in pack.read() if isinstance(each, Member)}
    layout = recognise([], texts, training=pack.training)
    assert any("makes pictures of what" in each.reason for each in layout.unscreened)


CARD = """---
dataset_info:
  features:
  - name: image
    dtype: image
  - name: second
    dtype: image
---
"""


def unscreened(folder: Path) -> list[str]:
    """What is not screened of a data set, by path and reason."""
    pack = open_arguments({"dataset_name": str(folder)}, trainer="diffusers")
    results = list(pack.read())
    texts = {
        each.path: decode_text(each.data)
        for each in results
        if isinstance(each, Member) and each.kind is Kind.TEXT
    }
    images = [each.path for each in results if isinstance(each, Member) and each.path not in texts]
    layout = recognise(images, texts, training=pack.training)
    others = [each for each in results if isinstance(each, Unscreened)]
    return [f"{each.path}: {each.reason}" for each in (*layout.unscreened, *others)]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_card_makes_pictures_of_a_column_of_texts_beside_one_of_pictures(
    form: str, tmp_path: Path
) -> None:
    """`datasets` opens what the second column names, wherever that is."""
    elsewhere, folder = tmp_path / "elsewhere.png", tmp_path / "pack"
    folder.mkdir()
    drawn = io.BytesIO()
    for shade, file in ((200, elsewhere), (10, drawn)):
        Image.new("RGB", (20, 30), (shade, 10, 10)).save(file, "PNG")
    (folder / "own.png").write_bytes(drawn.getvalue())
    first = {"bytes": drawn.getvalue(), "path": None} if form == "parquet" else "own.png"
    table = pa.table({"image": [first], "second": [str(elsewhere)]})
    file = folder / f"train.{form}"
    if form == "parquet":
        pq.write_table(table, file)
        assert not unscreened(folder)
    elif form == "csv":
        csv.write_csv(table, file)
    else:
        file.write_text(json.dumps(table.to_pylist()[0]))
    (folder / "README.md").write_text(CARD)
    (folder / "own.png").unlink()
    cache = str(tmp_path / "cache")
    rows = datasets.load_dataset(str(folder), cache_dir=cache)["train"].select_columns("second")
    assert [pixels(row["second"]) for row in rows] == [pixels(Image.open(elsewhere))]
    assert any("README.md: makes pictures of what" in each for each in unscreened(folder))


def test_a_card_on_columns_that_hold_pictures_leaves_nothing_unscreened(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    parquet(folder)
    (folder / "README.md").write_text(CARD.replace("second", "image"))
    assert not unscreened(folder)


def test_arrow_files_are_not_screened(tmp_path: Path) -> None:
    """They are no container that is opened here, whatever their columns hold."""
    folder = tmp_path / "pack"
    rows = datasets.Dataset.from_dict({"image": [str(tmp_path / "elsewhere.png")]})
    rows.save_to_disk(str(folder))
    pack = open_arguments({"dataset_name": str(folder)}, trainer="diffusers")
    found = [each for each in pack.read() if each.path.endswith(".arrow")]
    assert found
    for each in found:
        assert isinstance(each, Member)
        assert each.kind is Kind.OTHER  # the decoder refuses it, and then it is unscreened
