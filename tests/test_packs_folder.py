"""Folders: links, pipes, races, odd names and depth."""

import os
import socket
from pathlib import Path

import pytest
from pack_samples import by_path, outcomes, picture, read, reason, zipped

from screening.packs import Kind, Member, Unscreened, open_pack, recognise
from screening.packs.folder import MAX_FOLDER_DEPTH

PNG = picture()


def test_links_are_listed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(PNG)
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "file.png").symlink_to(outside / "secret.png")
    (pack / "folder").symlink_to(outside)
    (pack / "loop").symlink_to(pack)
    (pack / "dangling").symlink_to("nowhere")
    results = read(pack)
    assert set(outcomes(results)) == {"file.png", "folder", "loop", "dangling"}
    assert {reason(results, result.path) for result in results} == {
        "a symbolic link; links are not followed"
    }
    assert {result.sha256 for result in results} == {None}


def test_pipes_and_sockets_are_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        results = read(tmp_path)
    assert outcomes(results) == {"pipe": "unscreened", "socket": "unscreened"}
    assert "device, pipe or socket" in reason(results, "pipe")


def test_a_file_swapped_for_a_pipe_behind_its_name_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    opened = os.open

    def swap(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "a.png":
            (tmp_path / "a.png").unlink()
            os.mkfifo(tmp_path / "a.png")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swap)
    assert "device, pipe or socket" in reason(read(tmp_path), "a.png")


def test_a_file_swapped_for_a_link_behind_its_name_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (pack / "a.png").write_bytes(PNG)
    opened = os.open

    def swap(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "a.png":
            (pack / "a.png").unlink()
            (pack / "a.png").symlink_to(tmp_path / "secret")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swap)
    assert reason(read(pack), "a.png").startswith("it cannot be read")


def test_a_file_that_vanishes_costs_itself_alone(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(PNG)
    reading = open_pack(tmp_path).read()
    first = next(reading)
    (tmp_path / "b.png").unlink()
    rest = list(reading)
    assert outcomes([first, *rest]) == {"a.png": "image", "b.png": "unscreened", "c.png": "image"}
    assert reason(rest, "b.png") == "it vanished while the pack was read"


def test_a_refusal_of_the_system_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.png").write_bytes(PNG)
    opened = os.open

    def refuse(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "a.png":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    results = read(tmp_path)
    assert outcomes(results) == {"a.png": "unscreened", "b.png": "image"}
    assert reason(results, "a.png") == "it may not be read (no permission)"


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe.png",
        b"a\nb\x1b[31m.png",
        b"<script>alert(1)<script>.png",
        "\N{SNOWMAN}\u202egnp.exe".encode(),
        b"n" * 255,
        b"c:evil.png",
        b"a!",
    ],
)
def test_odd_names_survive(tmp_path: Path, name: bytes) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes(PNG)
    (result,) = read(tmp_path)
    assert isinstance(result, Member)
    assert result.path.encode("utf-8", "surrogateescape") == name


def test_folders_nested_too_deep_are_listed(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(MAX_FOLDER_DEPTH):
        deep = deep / "d"
        deep.mkdir()
    (deep / "last.png").write_bytes(PNG)
    (deep / "further").mkdir()
    (deep / "further" / "hidden.png").write_bytes(PNG)
    results = read(tmp_path)
    prefix = "d/" * MAX_FOLDER_DEPTH
    assert outcomes(results) == {prefix + "further": "unscreened", prefix + "last.png": "image"}


@pytest.mark.parametrize("name", ["t.zip!", "10_t.zip!", "a/T.TAR!/b", "rows.parquet!"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_that_is_named_as_the_inside_of_an_archive_is_told(
    name: str, packed: bool, tmp_path: Path
) -> None:
    """What it would be to a trainer cannot be told from its name."""
    if packed:
        (tmp_path / "p.zip").write_bytes(zipped([(f"{name}/a.png", picture())]))
    else:
        (tmp_path / "p.zip" / name).mkdir(parents=True)
        (tmp_path / "p.zip" / name / "a.png").write_bytes(picture())
    results = by_path(read(tmp_path / "p.zip"))
    assert isinstance(results[f"{name}/a.png"], Member)
    assert "is named as the inside of an archive" in reason(results.values(), "p.zip")


def test_an_archive_and_a_folder_that_ends_with_a_mark_are_no_odd_names(tmp_path: Path) -> None:
    (tmp_path / "10_wow!").mkdir()
    (tmp_path / "10_wow!" / "a.png").write_bytes(picture())
    (tmp_path / "10_t.zip").write_bytes(zipped([("a.png", picture())]))
    results = read(tmp_path)
    assert not [each for each in results if isinstance(each, Unscreened)]
    images = [each.path for each in results if isinstance(each, Member)]
    layout = recognise(images, {})
    assert {each.path: each.repeats for each in layout.images} == {
        "10_t.zip!/a.png": 1,
        "10_wow!/a.png": 10,
    }


@pytest.mark.parametrize("name", ["dog.py", "deep/load.PY", "run.sh", "fetch.bat", "a.ps1"])
def test_a_program_beside_the_pictures_is_not_screened(name: str, tmp_path: Path) -> None:
    """`datasets` ran ``dog/dog.py`` instead of loading the folder ``dog``."""
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("import datasets\n")
    results = read(tmp_path)
    texts = {each.path: "" for each in results if each.path.endswith(name)}
    layout = recognise(["a.png"], texts)
    assert [(each.path, each.reason) for each in layout.unscreened] == [
        (name, "it is a program, which may load what was not screened")
    ]
    assert layout.other_texts == (name,)


def test_what_honest_packs_carry_is_no_program() -> None:
    names = ("README.md", "a.txt", "a.caption", "prompts.json", "LICENSE", "notes.yaml", "copy")
    assert not recognise(["a.png"], dict.fromkeys(names, "{}")).unscreened


@pytest.mark.parametrize("data", [b"MZ" + bytes(200), b"\x7fELF" + bytes(200), b"\x80\x04x."])
def test_programs_that_are_no_text_are_no_pictures_either(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "dog.exe").write_bytes(data)
    (result,) = read(tmp_path)
    assert isinstance(result, Member)
    assert result.kind in (Kind.OTHER, Kind.CACHE)  # both end unscreened, decoded or not
