"""Trainers' configs on the whole path: check, report, roles, caches, verification."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import FREE, HEROINE, World
from drawn import draw_character, jpeg, write_poses

from screening.cli import cli
from screening.decision import Decision, PictureUse
from screening.errors import SettingsError
from screening.packs import open_pack
from screening.policy import Verdict
from screening.screener import Screener
from screening.verification import verify_pack


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A dataset config: benign pictures train, copies of a protected character regularise, and
    beside the first lies one that sd-scripts does not load."""
    write_poses(tmp_path / "img", FREE, range(3))
    write_poses(tmp_path / "elsewhere" / "reg", HEROINE, range(3))
    (tmp_path / "img" / "below").mkdir()
    (tmp_path / "img" / "below" / "c.jpg").write_bytes(jpeg(draw_character(FREE, 50)))
    subsets = [
        {"image_dir": str(tmp_path / "img"), "caption_prefix": "style of Sea Saga,"},
        {"image_dir": str(tmp_path / "elsewhere" / "reg"), "is_reg": True, "num_repeats": 7},
    ]
    file = tmp_path / "dataset.json"
    file.write_text(json.dumps({"datasets": [{"subsets": subsets}]}))
    return file


def test_everything_that_a_config_names_is_screened(screener: Screener, config: Path) -> None:
    decision = screener.screen(config)
    assert decision.verdict is Verdict.BLOCK
    assert decision.pack.name == "dataset.json"
    assert decision.pack.trainer == "sd-scripts"
    assert decision.pack.pictures == 7
    (found,) = decision.evidence.copies
    assert {match.path for match in found.matches} == {
        f"elsewhere/reg/{HEROINE}-{pose:02}.jpg" for pose in range(3)
    }
    assert found.weighted_pictures == 7 * len(found.matches)
    assert {each.source for each in decision.evidence.names} >= {"caption"}
    uses = [each for each in decision.uses if each.path.startswith("elsewhere")]
    assert [(each.role, each.loaded) for each in uses] == [("regularisation", True)] * 3
    assert PictureUse(path="img/below/c.jpg", role="train", loaded=False) in decision.uses
    assert len(decision.uses) == 4


def test_check_takes_a_config_and_names_the_trainer(
    world: World, config: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    result = run("check", config, *world.options, "--html", report)
    assert result.return_value == 20
    said = " ".join(result.stderr.split())
    assert "laid out for sd-scripts" in said
    assert "Of 7 pictures 1 not loaded by sd-scripts, 3 used as regularisation" in said
    assert "copy (regularisation)" in said
    page = report.read_text()
    assert '<span class="tag">regularisation</span>' in page
    assert page.count("data:image/jpeg") >= 2


def test_check_as_another_trainer(world: World, config: Path) -> None:
    result = run("check", config.parent / "img", "--as", "kohya", "--json", *world.options)
    decision = Decision.from_json(result.stdout_bytes)
    assert decision.pack.trainer == "sd-scripts"
    refused = run("check", config, "--as", "nobody", *world.options).exception
    assert isinstance(refused, SettingsError)
    assert "no trainer 'nobody'" in str(refused)


def test_a_broken_config_flags(screener: Screener, tmp_path: Path) -> None:
    for name, text in (("a.toml", "[[datasets"), ("b.yaml", "a: &a [*a]"), ("c.json", "{}")):
        (tmp_path / name).write_text(text)
        decision = screener.screen(tmp_path / name)
        assert decision.verdict is Verdict.FLAG
        assert [each.path for each in decision.unscreened] == [name]


def test_what_a_config_names_and_is_not_there_flags(screener: Screener, config: Path) -> None:
    document = json.loads(config.read_text())
    document["datasets"][0]["subsets"][1]["image_dir"] = "s3://bucket/reg"
    config.write_text(json.dumps(document))
    decision = screener.screen(config)
    assert decision.verdict is Verdict.FLAG
    (unread,) = decision.unscreened
    assert unread.path == "dataset.json"
    assert "'s3://bucket/reg', which is not fetched" in unread.reason


def test_caches_stay_unscreened_with_the_reason(screener: Screener, tmp_path: Path) -> None:
    """A cache beside a benign picture of its name, and one where the config says that caches lie:
    a trainer would train from either without opening a picture."""
    write_poses(tmp_path / "img", FREE, range(2))
    stem = next(each.stem for each in sorted((tmp_path / "img").iterdir()))
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "img" / f"{stem}_0320x0320_sdxl.npz", latents=np.zeros((4, 8, 8)))
    header = b'{"latents":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    tensors = len(header).to_bytes(8, "little") + header + bytes(4)
    (tmp_path / "cache" / "x_0960x0544_hv.safetensors").write_bytes(tensors)
    dataset = {"image_directory": "img", "cache_directory": str(tmp_path / "cache")}
    file = tmp_path / "musubi.json"
    file.write_text(json.dumps({"datasets": [dataset]}))
    decision = screener.screen(open_pack(file, working_folder=tmp_path))
    assert decision.pack.trainer == "musubi-tuner"
    assert decision.verdict is Verdict.FLAG
    assert {each.path for each in decision.unscreened} == {
        f"img/{stem}_0320x0320_sdxl.npz",
        "cache/x_0960x0544_hv.safetensors",
    }
    for each in decision.unscreened:
        assert "what they were made from cannot be seen" in each.reason


def test_the_pack_of_a_config_is_verified_whole(screener: Screener, config: Path) -> None:
    decision = screener.screen(config)
    assert verify_pack(open_pack(config), decision).same
    swapped = config.parent / "elsewhere" / "reg" / "new.jpg"
    swapped.write_bytes(jpeg(draw_character(HEROINE, 77)))
    assert verify_pack(open_pack(config), decision).added == ("elsewhere/reg/new.jpg",)
    swapped.unlink()
    config.write_text(config.read_text().replace('"num_repeats": 7', '"num_repeats": 8'))
    assert verify_pack(open_pack(config), decision).changed == ("dataset.json",)
