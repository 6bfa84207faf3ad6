"""Every command in the README runs, in the order in which a reader meets it."""

import os
import re
import shlex
import shutil
import tomllib
import zipfile
from pathlib import Path

import av
import pytest
from click.testing import CliRunner
from conftest import HERO, HEROINE, REFERENCE_POSES
from drawn import draw_character, write_poses

from screening.cli import cli
from screening.policy import Policy
from screening.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
COMMANDS = [
    line
    for language, text in BLOCKS
    if not language
    for line in text.splitlines()
    if line.startswith("screening ")
]


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder, with files of the names that the README uses."""
    monkeypatch.chdir(tmp_path)
    for program in ("accelerate", "python"):
        (tmp_path / program).write_text("#!/bin/sh\nexit 99\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    write_poses(tmp_path / "official-art", HEROINE, REFERENCE_POSES)
    with zipfile.ZipFile("upload.zip", "w") as file:
        for each in sorted((tmp_path / "official-art").iterdir())[:4]:
            file.write(each, each.name)
    with zipfile.ZipFile("upload.zip") as file:
        file.extractall("upload")
    (tmp_path / "benign").mkdir()
    for number in (1, 2):
        poses = write_poses(tmp_path / f"other-{number}", HERO + number, REFERENCE_POSES)
        shutil.make_archive(str(tmp_path / "benign" / str(number)), "zip", poses)
    config = '[[datasets]]\n[[datasets.subsets]]\nimage_dir = "upload"\n'
    (tmp_path / "dataset.toml").write_text(config)
    with av.open("episode-01.mp4", "w") as container:
        stream = container.add_stream("mpeg4", rate=8)
        stream.width = stream.height = 320
        for pose in range(40):
            frame = av.VideoFrame.from_image(draw_character(HEROINE, 200 + pose))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return tmp_path


def test_the_readme_has_commands() -> None:
    assert {shlex.split(each)[1] for each in COMMANDS} >= {
        "check",
        "references",
        "index",
        "fingerprint",
        "doctor",
        "guard",
        "verify",
        "strip",
        "calibrate",
    }


def test_every_command_and_the_python_example_run(
    reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in COMMANDS:
        said, _, file = command.partition(" > ")
        result = CliRunner().invoke(cli, shlex.split(said)[1:], standalone_mode=False)
        if file:
            Path(file).write_text(result.stdout)
        assert result.exception is None, (command, result.exception)
        assert result.return_value in (None, 0, 20), command
    assert (reader / "report.html").is_file()
    (example,) = (text for language, text in BLOCKS if language == "python")
    exec(compile(example, "README.md", "exec"), {})
    assert "Medusa" in capsys.readouterr().out


def test_the_settings_example_is_one(tmp_path: Path) -> None:
    example, policy = (text for language, text in BLOCKS if language == "toml")
    (tmp_path / "policy.toml").write_text(policy)
    assert Policy.load(tmp_path / "policy.toml") == Policy()
    file = tmp_path / "screening.toml"
    file.write_text(example)
    settings = Settings.load(file)
    assert settings.embedders == tuple(tomllib.loads(example)["embedders"])
    assert settings.clip.model == "ViT-B-32-256"


def test_ci_does_what_the_readme_says() -> None:
    script = (Path(__file__).parent.parent / ".ci" / "run").read_text()
    assert "pip install -e '.[dev]' && pytest" in README
    assert re.search(r"^pip install .*-e '\.\[dev\]'$", script, flags=re.MULTILINE)
    assert re.search(r"^pytest$", script, flags=re.MULTILINE)


def test_nothing_is_left_to_be_filled_in() -> None:
    assert not re.findall(r"^[A-Z_]{6,}$", README, flags=re.MULTILINE)


def test_files_that_the_readme_links_to_are_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (Path(__file__).parent.parent / target).exists(), target
