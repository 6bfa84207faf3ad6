"""What is configured is what runs: lite, clip, both, and a platform's own model, end to end."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FREE, HEROINE, World
from drawn import write_poses
from embedder_models import TINY_CLIP, write_clip_checkpoint, write_pooling_graph

from screening.cli import cli
from screening.errors import IndexUnusable
from screening.policy import Verdict
from screening.screener import Screener
from screening.settings import Settings

OWN_MODEL = """
name = "pooling"
model = "pooling.onnx"
input_size_px = 8
mean = [0.5, 0.4, 0.3]
std = [0.2, 0.3, 0.4]
fit = "squash"
resample = "bicubic"
[[outputs]]
name = "embedding"
finds = ["characters", "copies"]
copy_score = 0.9999
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, world: World) -> Path:
    """Settings files for each set of embedders, beside a world of their own."""
    folder = tmp_path_factory.mktemp("embedders")
    world.copy_to(folder)
    write_clip_checkpoint(folder / "clip.safetensors")
    write_pooling_graph(folder / "pooling.onnx")
    (folder / "pooling.toml").write_text(OWN_MODEL)
    for name, embedders in {
        "lite": '["lite"]',
        "clip": '["clip"]',
        "both": '["lite", "clip"]',
        "own": f'["{folder}/pooling.toml"]',
    }.items():
        (folder / f"{name}.toml").write_text(
            f'index = "index-{name}"\nreferences = "world/sets"\nembedders = {embedders}\n'
            f'[clip]\nmodel = "{TINY_CLIP}"\ncheckpoint = "clip.safetensors"\n'
        )
    return folder


OUTPUTS = {
    "clip": {"clip.image"},
    "both": {"lite.identity", "lite.copy", "clip.image"},
    "own": {"pooling.embedding"},
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_packs_are_screened_with_what_is_configured(
    folder: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    file = folder / f"{name}.toml"
    cli.main(["--settings", str(file), "index", "build"], standalone_mode=False)
    copies = write_poses(tmp_path / "copies", HEROINE, range(4))
    with Screener.open(settings=Settings.load(file)) as screener:
        assert {each.name for each in screener.index.outputs} == OUTPUTS[name]
        decision = screener.screen(copies)
    assert decision.verdict is Verdict.BLOCK
    assert set(decision.versions.makers) >= {each.split(".")[0] for each in OUTPUTS[name]}


def test_an_index_made_without_an_embedder_is_refused(folder: Path, tmp_path: Path) -> None:
    lite = Settings.load(folder / "lite.toml")
    cli.main(["--settings", str(folder / "lite.toml"), "index", "build"], standalone_mode=False)
    both = replace(Settings.load(folder / "both.toml"), index=lite.index)
    with pytest.raises(IndexUnusable, match="clip"):
        Screener.open(settings=both)
    free = write_poses(tmp_path / "free", FREE, range(8))
    with Screener.open(settings=lite) as screener:
        assert screener.screen(free).verdict is Verdict.ALLOW
