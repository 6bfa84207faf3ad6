"""``datasets`` itself, with which diffusers' scripts load ``--dataset_name``, beside our readers.

It comes with the ``dev`` extra; without it there is nothing to compare with.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from layout_case import PICTURES, caption, write
from layout_cases import metadata_in_parquet, parquet, webdataset
from PIL import Image
from test_layouts_loaders import messy

from screening.packs import Kind, Member, decode_text, open_arguments, recognise

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
