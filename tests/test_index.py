"""Building, publishing, opening and refusing an index."""

import json
import shutil
import subprocess
import sys
import threading
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
    built,
    fingerprint,
    picture,
    random_hash,
    reference,
    references,
    units,
)

from screening.errors import IndexUnusable
from screening.images.decoder import Variant, View
from screening.index import Background, Index, build_index, current_version, verify_files
from screening.index import index as index_module
from screening.index.background import mean_score
from screening.index.version import manifest_id, read_manifest
from screening.references.stored import ReferencePicture

SETS = {
    "sea": references(3, character="medusa") + references(2, character="hero"),
    "蛇": references(4, character="snake", seed=1),
}


def versions(path: Path) -> set[str]:
    return {each.name for each in path.iterdir() if each.is_dir()}


def rewrite_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit the manifest and give it the id that its content then has."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    manifest["id"] = manifest_id(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_every_reference_is_found_with_its_own_facts(tmp_path: Path) -> None:
    index = built(tmp_path, SETS)
    wanted = [(key, each) for key, images in SETS.items() for each in images]
    assert len(index.entries) == 2 * len(wanted)
    for number, (reference_set, image) in enumerate(wanted):
        for view in image.picture.fingerprints:
            packed = np.frombuffer(view.hashes.phash, np.uint8)[None]
            _, (by_hash,), (distance,) = index.hashes.within(packed, 0)
            _, by_vector = index.vectors[VECTOR].nearest(view.vectors[VECTOR][None], 1)
            assert by_hash == by_vector[0, 0]
            assert distance == 0
            entries = index.entries
            row = int(by_hash)
            assert entries.reference_set[row] == reference_set
            assert entries.character[row] == image.character
            assert entries.path[row] == image.picture.path
            assert entries.mirrored[row] == view.mirrored
            assert entries.primary[row] == (not view.mirrored)
            assert entries.images[row] == number
            assert row in index.rows_of(int(entries.characters[row]))


def test_rows_of_characters_are_all_rows_once(tmp_path: Path) -> None:
    index = built(tmp_path, SETS)
    assert index.character_count == 3
    rows = [index.rows_of(number) for number in range(3)]
    assert np.sort(np.concatenate(rows)).tolist() == list(range(18))
    for each in rows:
        assert len({index.entries.character[row] for row in each.tolist()}) == 1


def test_views_besides_the_first_are_rows_of_the_same_image(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    views = [
        fingerprint(random_hash(chance), units(chance, 1)[0], view=view, mirrored=mirrored)
        for view in (View(), View(frame=1), View(variant=Variant.OPAQUE))
        for mirrored in (False, True)
    ]
    image = ReferencePicture(character="a", time_code="00:01", picture=picture("x", *views))
    index = built(tmp_path, {"set": [image]})
    assert index.entries.images.tolist() == [0] * 6
    assert index.entries.primary.tolist() == [True] + [False] * 5
    assert index.entries.mirrored.tolist() == [False, True] * 3
    assert list(index.entries.time_code) == ["00:01"] * 6


@pytest.mark.parametrize("size", [1, 2, 100])
def test_sizes(tmp_path: Path, size: int) -> None:
    index = built(tmp_path, {"set": references(size)})
    assert len(index.hashes) == len(index.vectors[VECTOR]) == 2 * size
    assert index.manifest["reference_images"] == size


def test_the_id_follows_from_the_content(tmp_path: Path) -> None:
    one, two = build(tmp_path / "a", SETS), build(tmp_path / "b", SETS)
    assert one.name == two.name
    for file in one.iterdir():
        if file.name != "manifest.json":
            assert file.read_bytes() == (two / file.name).read_bytes()
    other = {**SETS, "sea": SETS["sea"][:-1]}
    assert build(tmp_path / "c", other).name != one.name
    assert build(tmp_path / "d", SETS, Direct(version="2")).name != one.name


def test_the_id_does_not_hold_the_time(tmp_path: Path) -> None:
    folder = build(tmp_path, SETS)
    manifest = read_manifest(folder)
    assert manifest["built"].startswith("20")
    assert manifest_id({**manifest, "built": "1999"}) == manifest["id"] == folder.name


class Breaks(dict[str, Any]):
    """Reference sets of which the second cannot be read."""

    def items(self) -> Any:
        yield "one", references(2)
        raise OSError("disk gone")


def test_a_build_that_fails_changes_nothing(tmp_path: Path) -> None:
    before = build(tmp_path, SETS)
    with pytest.raises(OSError, match="disk gone"):
        build(tmp_path, Breaks())
    assert current_version(tmp_path) == before
    assert {each.name for each in tmp_path.iterdir()} == {before.name, "current"}


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


def test_the_version_before_is_kept_and_older_ones_go(tmp_path: Path) -> None:
    names = [build(tmp_path, {"set": references(size)}).name for size in (1, 2, 3)]
    assert versions(tmp_path) == set(names[1:])
    assert current_version(tmp_path).name == names[2]
    build(tmp_path, {"set": references(3)})
    assert versions(tmp_path) == set(names[1:])


def test_who_holds_an_old_version_keeps_working(tmp_path: Path) -> None:
    index = built(tmp_path, SETS)
    for size in (1, 2, 3):
        build(tmp_path, {"set": references(size)})
    assert not index.folder.exists()
    index.check_known_entries()
    rows = np.arange(len(index.entries))
    found = index.vectors[VECTOR].nearest(index.vectors[VECTOR].rows(rows), 1)[1][:, 0]
    assert found.tolist() == rows.tolist()
    assert index.entries.path[17] == SETS["蛇"][3].picture.path


def test_threads_build_and_open_at_once(tmp_path: Path) -> None:
    choices = [{"set": references(size)} for size in (1, 2, 3, 4)]
    build(tmp_path, choices[0])
    errors: list[BaseException] = []

    def guarded(work: Callable[[int], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                for turn in range(8):
                    work(turn)
            except BaseException as error:
                errors.append(error)

        return run

    def start(number: int) -> threading.Thread:
        if number % 2:
            return threading.Thread(target=guarded(lambda _: Index.open(tmp_path, [Direct()])))
        turns = guarded(lambda turn: build(tmp_path, choices[(turn + number) % 4]))
        return threading.Thread(target=turns)

    threads = [start(number) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    verify_files(tmp_path)
    assert len(versions(tmp_path)) == 2
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_version_that_goes_while_it_is_opened_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(tmp_path, SETS)
    newer = [references(1), references(2)]

    def slow(folder: Path) -> dict[str, Any]:
        while newer:
            build(tmp_path, {"set": newer.pop()})
        return read_manifest(folder)

    monkeypatch.setattr(index_module, "read_manifest", slow)
    index = Index.open(tmp_path, [Direct()])
    assert not first.exists()
    assert index.folder == current_version(tmp_path)


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
    assert versions(tmp_path) == {folder.name}
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
    "orb-500.offsets.npy",
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


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_nearest_background_is_the_mean_of_the_three_highest(count: int) -> None:
    vectors = background(count=count)[VECTOR]
    asked = units(np.random.default_rng(1), 5)
    found = Background(vectors=vectors, mean_score=0.0).nearest(asked)
    oracle = [np.mean(sorted(row)[-3:]) for row in (asked @ vectors.T).tolist()]
    assert np.allclose(found, oracle, atol=1e-6)
    assert Background(vectors=vectors, mean_score=0.0).nearest(asked[:0]).shape == (0,)


def test_an_empty_background_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.empty((0, 8), np.float32))
    with pytest.raises(IndexUnusable, match="no background"):
        Background.read(tmp_path / "x.npy", dimension=8, mean_score=0.0)


def test_mean_score_is_over_pairs_of_different_pictures() -> None:
    vectors = background(count=20)[VECTOR]
    pairs = [float(vectors[i] @ vectors[j]) for i in range(20) for j in range(20) if i != j]
    assert mean_score(vectors) == pytest.approx(np.mean(pairs), abs=1e-6)


OPEN_AND_MEASURE = """
import sys
from pathlib import Path
from index_samples import Direct
from screening.index import Index

def resident_kib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])

before = resident_kib()
index = Index.open(Path(sys.argv[1]), [Direct(dimension=16_000)])
print(resident_kib() - before)
"""


def test_opening_does_not_read_the_tables(tmp_path: Path) -> None:
    """A process that opens 128 MB of vectors must not have them in memory.

    It has pyarrow's code, and the pages around 16 known entries: up to 2 MB each.
    """
    folder = build(tmp_path, {"set": references(1000, dimension=16_000)}, Direct(dimension=16_000))
    assert (folder / f"{VECTOR}.faiss").stat().st_size == 45 + 128_000_000
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_MEASURE, str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parent,
    )
    assert int(done.stdout) * 1024 < 90_000_000, done.stdout


def test_building_takes_one_set_at_a_time(tmp_path: Path) -> None:
    """Whoever gives a mapping that reads a set when it is asked for holds one set, not all."""
    alive: list[str] = []

    class Lazy(dict[str, Any]):
        def items(self) -> Any:
            for name in ("a", "b", "c"):
                alive.append(name)
                yield name, references(2, character=name)

    index = built(tmp_path, Lazy())
    assert alive == ["a", "b", "c"]
    assert list(index.entries.reference_set) == [*"aaaabbbbcccc"]


def test_no_rubbish_is_left_beside_a_version(tmp_path: Path) -> None:
    folder = build(tmp_path, SETS)
    listed = set(read_manifest(folder)["files"])
    assert {each.name for each in folder.iterdir()} == listed | {"manifest.json"}
    assert {each.name for each in tmp_path.iterdir()} == {folder.name, "current"}
