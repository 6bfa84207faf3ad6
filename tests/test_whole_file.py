"""Nobody sees half a file, whatever ends the writer."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.whole_file import whole_file, whole_folder


class Stopped(BaseException):
    """As an interrupt is: no Exception."""


def test_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with whole_file(path) as unfinished:
        assert unfinished.parent == tmp_path  # else the rename may be a copy
        assert unfinished.name.startswith(".")
        unfinished.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, Stopped])
@pytest.mark.parametrize("before", [None, b"old"])
def test_what_was_there_stays_after_an_error(
    tmp_path: Path, error: type[BaseException], before: bytes | None
) -> None:
    path = tmp_path / "a.txt"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(error), whole_file(path) as unfinished:
        unfinished.write_bytes(b"half")
        raise error
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([before] if before else [])


def test_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "a.txt"):
        pass
    assert not list(tmp_path.iterdir())


def test_file_without_a_folder_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        whole_file(tmp_path / "missing" / "a.txt") as unfinished,
    ):
        unfinished.write_bytes(b"a")


def test_name_that_is_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError), whole_file(tmp_path / "a") as unfinished:
        unfinished.write_bytes(b"a")
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_longest_name_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 255)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(b"a")
    assert path.read_bytes() == b"a"


def test_last_of_two_writers_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with whole_file(path) as one:
        one.write_bytes(b"one")
        with whole_file(path) as other:
            other.write_bytes(b"other")
        assert path.read_bytes() == b"other"
    assert path.read_bytes() == b"one"


def test_bytes_are_on_the_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    synced: list[tuple[str, bool]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append((str(Path(f"/proc/self/fd/{descriptor}").readlink()), path.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(b"a")
    assert synced == [(str(unfinished), False), (str(tmp_path), True)]


def test_killed_writer_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from screening.whole_file import whole_file\n"
        "with whole_file(Path(sys.argv[1])) as unfinished:\n"
        "    unfinished.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert path.read_bytes() == b"old"
    assert [each for each in tmp_path.iterdir() if not each.name.startswith(".")] == [path]


@pytest.mark.parametrize("before", [False, True])
def test_folder_appears_when_the_block_ends(tmp_path: Path, before: bool) -> None:
    path = tmp_path / "made" / "copy"
    if before:
        path.mkdir(parents=True)
    with whole_folder(path) as unfinished:
        (unfinished / "a.txt").write_bytes(b"a")
        assert not (path / "a.txt").exists()
    assert [each.name for each in path.iterdir()] == ["a.txt"]
    assert list(path.parent.iterdir()) == [path]


def test_nothing_is_left_of_a_folder_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(Stopped), whole_folder(tmp_path / "copy") as unfinished:
        (unfinished / "a.txt").write_bytes(b"a")
        raise Stopped
    assert not list(tmp_path.iterdir())


def test_folder_that_fills_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    with pytest.raises(OSError, match="not empty"), whole_folder(path) as unfinished:
        (unfinished / "a.txt").write_bytes(b"a")
        path.mkdir()
        (path / "b.txt").write_bytes(b"b")
    assert [each.name for each in path.iterdir()] == ["b.txt"]
    assert list(tmp_path.iterdir()) == [path]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.binary(max_size=8), st.booleans()), max_size=6))
def test_file_holds_what_the_last_whole_writer_wrote(
    tmp_path_factory: pytest.TempPathFactory, writers: list[tuple[bytes, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("written")
    path = folder / "a.txt"
    expected: list[bytes] = []
    for data, fails in writers:
        with suppress(Stopped), whole_file(path) as unfinished:
            unfinished.write_bytes(data)
            if fails:
                raise Stopped
            expected = [data]
    assert [each.read_bytes() for each in folder.iterdir()] == expected


@pytest.mark.parametrize("name", [".", ".."])
def test_names_that_nothing_can_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(OSError, match=r"busy|not empty"), whole_folder(Path(name)):
        pass
    assert not list((tmp_path / "here").iterdir())
