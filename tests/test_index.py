"""Building, publishing and opening an index."""

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
    references,
    units,
)

from screening.images.view import Variant, View
from screening.index import Background, Index, current_version, verify_files
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


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_nearest_background_is_the_mean_of_the_three_highest(count: int) -> None:
    vectors = background(count=count)[VECTOR]
    asked = units(np.random.default_rng(1), 5)
    found = Background(vectors=vectors, mean_score=0.0).nearest(asked)
    oracle = [np.mean(sorted(row)[-3:]) for row in (asked @ vectors.T).tolist()]
    assert np.allclose(found, oracle, atol=1e-6)
    assert Background(vectors=vectors, mean_score=0.0).nearest(asked[:0]).shape == (0,)


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

    It has pyarrow's code, and the pages around 16 known entries, up to 2 MB each: 85-95 MB.
    """
    folder = build(tmp_path, {"set": references(1000, dimension=16_000)}, Direct(dimension=16_000))
    assert (folder / f"{VECTOR}.faiss").stat().st_size == 45 + 128_000_000
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_MEASURE, str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parent,
    )
    assert int(done.stdout) * 1024 < 115_000_000, done.stdout


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
