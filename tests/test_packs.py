"""Folders and single files: what each file becomes, and that none is missed."""

import hashlib
import os
from pathlib import Path

import pytest
from pack_samples import by_path, outcomes, picture, read, reason, tarred, zipped

from screening.errors import PackError
from screening.packs import Ignored, Kind, Member, Unscreened, open_pack

PNG = picture()
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00" + bytes(100)


def test_a_member_is_its_bytes_their_sha256_and_their_kind(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    assert read(tmp_path) == [
        Member(path="a.png", data=PNG, sha256=hashlib.sha256(PNG).hexdigest(), kind=Kind.IMAGE)
    ]


def test_an_empty_folder_has_no_members(tmp_path: Path) -> None:
    assert read(tmp_path) == []


def test_folders_give_files_by_path_with_dot_folders_and_macosx(tmp_path: Path) -> None:
    names = [".hidden/x.png", "__MACOSX/y.png", "a.png", "a/z.png", "b.txt", "empty/"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if name.endswith("/"):
            path.mkdir()
        else:
            path.write_bytes(PNG if name.endswith(".png") else b"a cat")
    paths = [result.path for result in read(tmp_path)]
    assert paths == sorted(name for name in names if not name.endswith("/"))


def test_the_name_is_the_last_part_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my pack"
    folder.mkdir()
    assert open_pack(folder).name == "my pack"
    assert open_pack(str(folder) + "/").name == "my pack"
    monkeypatch.chdir(folder)
    assert open_pack(".").name == "my pack"


@pytest.mark.parametrize("source", ["nothing", "nothing/at/all", "a\0b"])
def test_a_pack_that_is_not_there_cannot_be_opened(tmp_path: Path, source: str) -> None:
    with pytest.raises(PackError, match=r"no such pack|cannot be opened"):
        open_pack(tmp_path / source)


def test_a_pipe_is_no_pack(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PackError, match="neither a folder nor a file"):
        open_pack(tmp_path / "pipe")


def test_a_pack_that_vanishes_after_it_was_opened_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    pack = open_pack(tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    assert reason(pack.read(), "a.png") == "it vanished while the pack was read"


@pytest.mark.parametrize(
    ("name", "data", "outcome"),
    [
        ("a.jpg", picture("JPEG"), "image"),
        ("a", b"words", "text"),
        ("a.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(30), "unscreened"),
        ("empty.png", b"", "unscreened"),
    ],
)
def test_a_single_file_is_a_pack_of_one(
    tmp_path: Path, name: str, data: bytes, outcome: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert outcomes(read(tmp_path / name)) == {name: outcome}


@pytest.mark.parametrize(("size", "outcome"), [(99, "text"), (100, "text"), (101, "unscreened")])
def test_a_member_over_the_limit_is_hashed_and_not_kept(
    tmp_path: Path, size: int, outcome: str
) -> None:
    data = b"x" * size
    (tmp_path / "a").write_bytes(data)
    results = read(tmp_path, max_member_bytes=100)
    assert outcomes(results) == {"a": outcome}
    assert results[0].sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_far_over_the_limit_is_not_even_hashed(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    (result,) = read(tmp_path, max_member_bytes=1024 * 1024)
    assert isinstance(result, Unscreened)
    assert result.sha256 is None


@pytest.mark.parametrize(("size", "outcome"), [(50, "text"), (51, "unscreened")])
def test_text_over_its_own_limit_is_unscreened(tmp_path: Path, size: int, outcome: str) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * size)
    assert outcomes(read(tmp_path, max_text_bytes=50)) == {"a.txt": outcome}


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_members_over_the_limit_are_counted(tmp_path: Path, limit: int) -> None:
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(PNG)
    results = read(tmp_path, max_members=limit)
    assert len(results) == limit + 1
    assert reason(results, tmp_path.name).startswith(f"at least {4 - limit} more files")
    assert len(read(tmp_path, max_members=4)) == 4


def test_text_under_the_name_of_a_picture_is_unscreened(tmp_path: Path) -> None:
    (tmp_path / "a.PNG").write_bytes(b"I am no picture")
    assert reason(read(tmp_path), "a.PNG") == "text under the name of a picture"


def test_what_macos_leaves_behind_is_ignored_by_content_alone(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1" + bytes(100))
    (tmp_path / "._a.png").write_bytes(APPLE_DOUBLE)
    (tmp_path / "._picture.png").write_bytes(PNG)
    photo_cd = b"\0\0\0\1Bud1" + bytes(2040) + b"PCD_" + bytes(100)
    (tmp_path / "photo").write_bytes(photo_cd)
    (tmp_path / "._big.png").write_bytes(APPLE_DOUBLE + bytes(64 * 1024))
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    results = read(tmp_path)
    assert outcomes(results) == {
        ".DS_Store": "ignored",
        "._a.png": "ignored",
        "._picture.png": "image",
        "._big.png": "unscreened",
        "Thumbs.db": "unscreened",
        "photo": "image",
    }
    assert all(result.sha256 for result in results)


@pytest.mark.parametrize(
    ("size", "outcome"), [(64 * 1024, "ignored"), (64 * 1024 + 1, "unscreened")]
)
def test_a_resource_fork_is_ignored_up_to_a_size(tmp_path: Path, size: int, outcome: str) -> None:
    (tmp_path / "._a").write_bytes(APPLE_DOUBLE + bytes(size - len(APPLE_DOUBLE)))
    assert outcomes(read(tmp_path)) == {"._a": outcome}


@pytest.mark.parametrize(
    "appended", [zipped([("a.png", PNG)]), zipped([("a.png", PNG)], comment=b"c" * 65535)]
)
def test_a_zip_behind_a_picture_is_opened_beside_it(tmp_path: Path, appended: bytes) -> None:
    carrier = picture("JPEG")
    (tmp_path / "both.jpg").write_bytes(carrier + appended)
    expected = {"both.jpg": "image", "both.jpg!/a.png": "image", "both.jpg!": "ignored"}
    assert outcomes(read(tmp_path)) == expected
    assert outcomes(read(tmp_path / "both.jpg")) == expected


@pytest.mark.parametrize("suffix", ["zip", "tar", "tgz", "rar", "7z", "ZIP"])
def test_a_picture_under_the_name_of_an_archive_is_remarked_on(tmp_path: Path, suffix: str) -> None:
    name = f"pack.{suffix}"
    (tmp_path / name).write_bytes(PNG)
    results = read(tmp_path / name)
    assert outcomes(results) == {name: "image", f"{name}//2": "unscreened"}
    assert "its name says archive" in reason(results, f"{name}//2")


def test_a_tar_that_is_also_a_picture_is_both(tmp_path: Path) -> None:
    tar = tarred([("GIF89a.png", PNG)])
    (tmp_path / "x.gif").write_bytes(tar)
    assert outcomes(read(tmp_path)) == {
        "x.gif": "image",
        "x.gif!/GIF89a.png": "image",
        "x.gif!": "ignored",
    }


def test_archives_in_a_folder_are_found_by_content(tmp_path: Path) -> None:
    inner = zipped([("deep.txt", b"words")])
    (tmp_path / "innocent.bin").write_bytes(zipped([("x", PNG), ("in.dat", inner)]))
    (tmp_path / "t.png").write_bytes(tarred([("y", PNG)]))
    results = read(tmp_path)
    assert outcomes(results) == {
        "innocent.bin!/x": "image",
        "innocent.bin!/in.dat!/deep.txt": "text",
        "innocent.bin!/in.dat": "ignored",
        "innocent.bin": "ignored",
        "t.png!/y": "image",
        "t.png": "ignored",
    }
    for name in ("innocent.bin", "t.png"):
        digest = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        assert by_path(results)[name].sha256 == digest


@pytest.mark.parametrize(("limit", "opened"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_archives_are_opened_to_a_depth(tmp_path: Path, limit: int, opened: int) -> None:
    data = PNG
    for name in ("p.png", "c.zip", "b.zip"):
        data = zipped([(name, data)])
    (tmp_path / "a.zip").write_bytes(data)
    results = read(tmp_path, max_archive_depth=limit)
    assert sum(isinstance(result, Ignored) for result in results) == opened
    if opened < 3:
        unopened = by_path(results)["/".join(["a.zip!", "b.zip!", "c.zip!"][: opened + 1])[:-1]]
        assert isinstance(unopened, Unscreened)
        assert "max_archive_depth" in unopened.reason
        assert unopened.sha256 is not None
    else:
        assert "a.zip!/b.zip!/c.zip!/p.png" in by_path(results)


def test_an_archive_behind_a_picture_counts_as_a_level(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped([("b.png", PNG + zipped([("c", PNG)]))]))
    results = read(tmp_path, max_archive_depth=1)
    assert outcomes(results) == {
        "a.zip!/b.png": "image",
        "a.zip!/b.png!": "unscreened",
        "a.zip": "ignored",
    }


def test_a_folder_that_looks_like_an_archive_path_keeps_paths_apart(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped([("b.png", PNG)]))
    (tmp_path / "a.zip!").mkdir()
    (tmp_path / "a.zip!" / "b.png").write_bytes(picture(shade=1))
    assert outcomes(read(tmp_path)) == {
        "a.zip": "ignored",
        "a.zip!/b.png": "image",
        "a.zip!/b.png//2": "image",
        tmp_path.name: "unscreened",  # it is not told which of both a trainer takes
    }


def test_reading_again_gives_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped([("b.png", PNG), ("../c", PNG)]))
    (tmp_path / "d.txt").write_text("words")
    pack = open_pack(tmp_path)
    assert list(pack.read()) == list(pack.read())


def test_a_film_behind_the_first_bytes_of_a_finder_file_is_not_ignored(tmp_path: Path) -> None:
    """FFmpeg finds MPEG-TS behind any bytes, and trainers take a film by its suffix."""
    film = (b"\x47" + bytes(187)) * 4
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\1Bud1" + film)
    (tmp_path / "b.mp4").write_bytes(APPLE_DOUBLE + film)
    (tmp_path / "._c.mp4").write_bytes(APPLE_DOUBLE + film)
    (tmp_path / "._d.mp4").write_bytes(APPLE_DOUBLE)
    (tmp_path / "e.mp4").write_text("#EXTM3U\nhttp://elsewhere/film.ts\n")
    found = {each.path: each for each in open_pack(tmp_path).read()}
    ignored = {path for path, each in found.items() if isinstance(each, Ignored)}
    assert ignored == {"._d.mp4"}
    unscreened = {path for path, each in found.items() if isinstance(each, Unscreened)}
    assert unscreened == {"b.mp4", "._c.mp4", "e.mp4"}
