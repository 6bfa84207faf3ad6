"""What is damaged, edited, of others or of nothing: refused with a sentence, never opened."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_samples import (
    VECTOR,
    Direct,
    background,
    build,
    picture,
    reference,
    references,
)

from screening.errors import IndexUnusable
from screening.index import Background, Index, build_index, verify_files
from screening.index.version import manifest_id, read_manifest
from screening.references.stored import ReferencePicture

SETS = {
    "sea": references(3, character="medusa") + references(2, character="hero"),
    "蛇": references(4, character="snake", seed=1),
}


def rewrite_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit the manifest and give it the id that its content then has."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    manifest["id"] = manifest_id(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("sets", [{}, {"empty": []}])
def test_an_index_of_nothing_is_not_built(tmp_path: Path, sets: dict[str, Any]) -> None:
    with pytest.raises(IndexUnusable, match="no reference image"):
        build(tmp_path, sets)
    assert list(tmp_path.iterdir()) == []


def without_mirror(each: ReferencePicture) -> ReferencePicture:
    alone = picture(each.picture.path, each.picture.shown)
    return ReferencePicture(character="a", time_code="", picture=alone)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        pytest.param([without_mirror(references(1)[0])], "mirror image", id="no mirror image"),
        pytest.param(references(1, dimension=9), "vector of 8 numbers", id="other dimension"),
        pytest.param(
            [reference("x", "a", np.full(8, 2.0), phash=bytes(32))], "length 1", id="not unit"
        ),
        pytest.param(
            [reference("x", "a", np.full(8, np.nan), phash=bytes(32))], "length 1", id="NaN"
        ),
    ],
)
def test_fingerprints_that_could_not_be_found_are_refused(
    tmp_path: Path, images: list[ReferencePicture], message: str
) -> None:
    with pytest.raises(IndexUnusable, match=message):
        build(tmp_path, {"set": images})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        pytest.param({}, "no vectors of direct.vector", id="of another output"),
        pytest.param(background(count=19), "19 pictures; it needs 20", id="19"),
        pytest.param(background(dimension=7), "must be", id="other dimension"),
        pytest.param({VECTOR: np.repeat(background()[VECTOR][:1], 20, 0)}, "alike", id="one, 20×"),
    ],
)
def test_a_background_that_tells_nothing_is_refused(
    tmp_path: Path, vectors: dict[str, Any], message: str
) -> None:
    with pytest.raises(IndexUnusable, match=message):
        build_index(tmp_path, SETS, digests={}, embedders=[Direct()], background=vectors)
    assert list(tmp_path.iterdir()) == []


def damage(file: Path, at: int = -1) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def test_building_again_mends_a_damaged_version(tmp_path: Path) -> None:
    folder = build(tmp_path, SETS)
    (folder / "entries.parquet").unlink()
    damage(folder / f"{VECTOR}.faiss")
    assert build(tmp_path, SETS) == folder
    assert verify_files(tmp_path) == folder
    Index.open(tmp_path, [Direct()])
    assert {each.name for each in tmp_path.iterdir()} == {folder.name, "current"}
    assert {each.name for each in folder.iterdir()} == {
        *read_manifest(folder)["files"],
        "manifest.json",
    }
    (folder / "manifest.json").write_text("{}")
    build(tmp_path, SETS)
    Index.open(tmp_path, [Direct()])


FILES = (
    "entries.parquet",
    "phash-256.faiss",
    f"{VECTOR}.faiss",
    f"{VECTOR}.background.npy",
    "orb-500.rows.npy",
)


@pytest.mark.parametrize("name", FILES)
def test_missing_cut_and_flipped_files_are_refused(tmp_path: Path, name: str) -> None:
    folder = build(tmp_path, SETS)
    file = folder / name
    whole = file.read_bytes()
    damage(file)
    with pytest.raises(IndexUnusable, match=f"{name}: sha256 differs"):
        verify_files(tmp_path)
    file.write_bytes(whole[:-1])
    with pytest.raises(IndexUnusable, match=f"{name}: {len(whole) - 1} bytes instead"):
        Index.open(tmp_path, [Direct()])
    file.unlink()
    with pytest.raises(IndexUnusable, match=f"{name}: missing"):
        Index.open(tmp_path, [Direct()])
    with pytest.raises(IndexUnusable, match=f"{name}: not readable"):
        verify_files(tmp_path)


@pytest.mark.parametrize("name", ["entries.parquet", f"{VECTOR}.background.npy"])
def test_small_files_are_compared_when_they_are_opened(tmp_path: Path, name: str) -> None:
    damage(build(tmp_path, SETS) / name)
    with pytest.raises(IndexUnusable, match=f"{name}: sha256 differs"):
        Index.open(tmp_path, [Direct()])


@pytest.mark.parametrize(
    ("name", "message"),
    [("phash-256.faiss", "known hash"), (f"{VECTOR}.faiss", "known entry")],
)
def test_a_table_of_other_entries_is_refused(tmp_path: Path, name: str, message: str) -> None:
    folder, other = build(tmp_path / "a", SETS), references(9, seed=7)
    shutil.copy(build(tmp_path / "b", {"set": other}) / name, folder / name)
    with pytest.raises(IndexUnusable, match=message):
        Index.open(tmp_path / "a", [Direct()])


def test_every_known_entry_must_be_found(tmp_path: Path) -> None:
    folder = build(tmp_path, SETS)
    first = "00" * 32
    rewrite_manifest(
        folder, lambda each: each.update(known_hashes=first + each["known_hashes"][64:])
    )
    with pytest.raises(IndexUnusable, match="known hash"):
        Index.open(folder, [Direct()])


def test_tables_of_different_lengths_are_refused(tmp_path: Path) -> None:
    folder = build(tmp_path / "a", SETS)
    short = build(tmp_path / "b", {"set": references(2)}) / f"{VECTOR}.faiss"
    shutil.copy(short, folder)
    size = short.stat().st_size
    rewrite_manifest(folder, lambda each: each["files"][short.name].update(bytes=size))
    with pytest.raises(IndexUnusable, match="different lengths"):
        Index.open(folder, [Direct()])


@pytest.mark.parametrize(
    ("embedder", "message"),
    [
        (Direct(version="2"), "built by direct 1, not 2"),
        (Direct(name="clip"), "built without 'clip'"),
        (Direct(dimension=9), "8 numbers a picture in the index and 9 now"),
    ],
)
def test_an_index_of_another_embedder_is_refused(
    tmp_path: Path, embedder: Direct, message: str
) -> None:
    build(tmp_path, SETS)
    with pytest.raises(IndexUnusable, match=message):
        Index.open(tmp_path, [embedder])


def test_no_index_says_how_to_build_one(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(IndexUnusable, match="screening index build --index"):
            Index.open(path, [Direct()])


@pytest.mark.parametrize("name", ["../other", "/etc", ".", "", "gone", "a/b", "ü", "..\\x"])
def test_current_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    build(tmp_path / "other", SETS)
    build(tmp_path / "index", SETS)
    (tmp_path / "index" / "current").write_text(name, encoding="utf-8")
    with pytest.raises(IndexUnusable, match=r"gone|no index here"):
        Index.open(tmp_path / "index", [Direct()])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda each: each["makers"].update(direct="2"), id="maker"),
        pytest.param(lambda each: each["reference_sets"].clear(), id="reference sets"),
        pytest.param(lambda each: each.update(id="0" * 16), id="id"),
    ],
)
def test_an_edited_manifest_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    folder = build(tmp_path, SETS)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IndexUnusable, match="changed after it was built"):
        Index.open(tmp_path, [Direct()])


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"schema": "screening/index/99"}', "{"])
def test_a_manifest_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    folder = build(tmp_path, SETS)
    (folder / "manifest.json").write_text(text)
    with pytest.raises(IndexUnusable, match=r"another version|not readable"):
        Index.open(tmp_path, [Direct()])


@pytest.mark.parametrize("key", ["files", "known_hashes", "known_vectors", "background", "makers"])
def test_a_manifest_without_a_field_is_refused(tmp_path: Path, key: str) -> None:
    folder = build(tmp_path, SETS)
    rewrite_manifest(folder, lambda each: each.pop(key))
    with pytest.raises(IndexUnusable, match=f"has no {key}"):
        Index.open(folder, [Direct()])


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.array([{"run": "me"}], object), allow_pickle=True)
    with pytest.raises(IndexUnusable, match="not readable"):
        Background.read(path, dimension=8, mean_score=0.0)
    path.write_bytes(b"\x80\x04\x95")
    with pytest.raises(IndexUnusable, match="not readable"):
        Background.read(path, dimension=8, mean_score=0.0)


def test_an_empty_background_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.empty((0, 8), np.float32))
    with pytest.raises(IndexUnusable, match="no background"):
        Background.read(tmp_path / "x.npy", dimension=8, mean_score=0.0)
