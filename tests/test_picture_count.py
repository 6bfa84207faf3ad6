"""How many pictures a pack is expected to hold, and the bar that shows it."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from conftest import HEROINE
from drawn import write_poses
from rich.console import Console

from screening.cli.check import screen_with_progress
from screening.packs import open_pack
from screening.packs.picture_count import pictures_named
from screening.screener import Screener
from screening.settings import Limits

NAMES = ["a.png", "10_hero/b.JPG", "10_hero/b.txt", "c.webp", "deep/er/d.avif", "readme.md"]
PICTURES = 4


def folder_of(root: Path, names: list[str]) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def zip_of(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path


@pytest.mark.parametrize("count", [0, 1, 2])
def test_small_folders_and_zips(tmp_path: Path, count: int) -> None:
    names = [f"{number}.png" for number in range(count)] + ["notes.txt"]
    for pack in (folder_of(tmp_path / "pack", names), zip_of(tmp_path / "pack.zip", names)):
        assert pictures_named(open_pack(pack), Limits()) == (count or None)


def test_pictures_are_counted_by_their_names(tmp_path: Path) -> None:
    for pack in (folder_of(tmp_path / "pack", NAMES), zip_of(tmp_path / "pack.zip", NAMES)):
        assert pictures_named(open_pack(pack), Limits()) == PICTURES


def test_no_more_is_listed_than_is_read(tmp_path: Path) -> None:
    names = [f"{number // 4}/{number}.png" for number in range(12)]
    limits = Limits(max_members=7)
    for pack in (folder_of(tmp_path / "pack", names), zip_of(tmp_path / "pack.zip", names)):
        assert pictures_named(open_pack(pack, limits=limits), limits) == 7


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder_of(tmp_path / "elsewhere", NAMES)
    pack = folder_of(tmp_path / "pack", ["a.png"])
    (pack / "link").symlink_to(tmp_path / "elsewhere")
    assert pictures_named(open_pack(pack), Limits()) == 1


def test_what_lists_nothing_beforehand_is_not_counted(tmp_path: Path) -> None:
    tar = tmp_path / "pack.tar"
    with tarfile.open(tar, "w") as archive:
        member = tarfile.TarInfo("a.png")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    assert pictures_named(open_pack(tar), Limits()) is None
    config = tmp_path / "config.toml"
    config.write_text(f'train_data_dir = "{folder_of(tmp_path / "pack", NAMES)}"\n')
    assert pictures_named(open_pack(config), Limits()) is None


@pytest.mark.parametrize("cut_bytes", [0, 1, 22, 30, 90])
def test_a_damaged_zip_is_counted_or_not(tmp_path: Path, cut_bytes: int) -> None:
    whole = zip_of(tmp_path / "whole.zip", NAMES).read_bytes()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[: len(whole) - cut_bytes])
    found = pictures_named(open_pack(damaged), Limits())
    assert found == (PICTURES if cut_bytes == 0 else None)


def test_a_pack_that_is_gone_is_not_counted(tmp_path: Path) -> None:
    pack = zip_of(tmp_path / "pack.zip", NAMES)
    opened = open_pack(pack)
    pack.unlink()
    assert pictures_named(opened, Limits()) is None


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "copies", HEROINE, range(5))


def shown_while_screening(screener: Screener, pack: Path) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80)
    screen_with_progress(screener, open_pack(pack), "", console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_bar_has_a_total_where_the_pack_lists_its_pictures(
    screener: Screener, copies: Path, tmp_path: Path
) -> None:
    count = len(list(copies.iterdir()))
    assert f"{count} of about {count}" in shown_while_screening(screener, copies)
    (tmp_path / "odd").mkdir()
    for each in copies.iterdir():
        (tmp_path / "odd" / f"{each.stem}.odd").write_bytes(each.read_bytes())
    (tmp_path / "odd" / "a.png").write_bytes(next(copies.iterdir()).read_bytes())
    more = shown_while_screening(screener, tmp_path / "odd")
    assert f"{count + 1} of about {count + 1}" in more


def test_the_bar_counts_where_there_is_no_total(
    screener: Screener, copies: Path, tmp_path: Path
) -> None:
    tar = tmp_path / "pack.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(copies, "pack")
    shown = shown_while_screening(screener, tar)
    assert f"pictures: {len(list(copies.iterdir()))}" in shown
    assert "of about" not in shown
