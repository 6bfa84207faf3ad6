"""``screening models``: list, pull, export."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from embedder_models import TINY_CLIP, write_clip_checkpoint

from screening.cli import main
from screening.cli.models import models
from screening.embedders import clip_cache
from screening.errors import ModelMissing, SettingsError
from screening.settings import ClipSettings, Settings


@pytest.fixture(autouse=True)
def empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def tiny(tmp_path: Path) -> Settings:
    checkpoint = write_clip_checkpoint(tmp_path / "tiny.safetensors")
    return Settings(
        embedders=("lite", "clip"),
        clip=ClipSettings(model=TINY_CLIP, checkpoint=checkpoint, device="cpu"),
    )


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(models, arguments, obj=settings)


def test_list_on_a_fresh_machine_says_what_is_missing() -> None:
    result = run(Settings(), "list")
    assert result.exit_code == 0
    assert "configured: lite\n" in result.output
    assert "ViT-B-32-256 / datacomp_s34b_b86k: not on this machine" in result.output
    assert "  none: " in result.output


def test_list_all_marks_what_is_here(tmp_path: Path) -> None:
    snapshot = tmp_path / "hub" / "models--laion--CLIP-ViT-B-32-256x256-DataComp-s34B-b86K"
    (snapshot / "refs").mkdir(parents=True)
    (snapshot / "refs" / "main").write_text("0" * 40)
    weights = snapshot / "snapshots" / ("0" * 40) / "open_clip_model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.touch()
    result = run(Settings(), "list", "--all")
    assert f"ViT-B-32-256 / datacomp_s34b_b86k: {weights}" in result.output
    lines = result.output.splitlines()
    assert "  * ViT-B-32-256 datacomp_s34b_b86k" in lines
    assert "    ViT-B-16-SigLIP webli" in lines
    assert sum(line.startswith("  * ") for line in lines) == 1


def test_export_makes_what_list_shows(tiny: Settings) -> None:
    result = run(tiny, "export")
    assert result.exit_code == 0, result.output
    (folder,) = clip_cache.export_folders()
    assert str(folder / "model.onnx") in result.output
    version = clip_cache.Export.read(folder).description.version
    assert " onnx fp32 " in version
    listed = run(tiny, "list").output
    assert f"{folder.name}: {version}" in listed
    assert "configured: lite, clip\n" in listed
    assert f"tiny-clip ({tiny.clip.checkpoint}): {tiny.clip.checkpoint}" in listed


def test_export_mends_a_damaged_export(tiny: Settings) -> None:
    run(tiny, "export", "--precision", "int8")
    (folder,) = clip_cache.export_folders()
    (folder / "export.json").write_text("")
    assert f"{folder.name}: the exported model in" in run(tiny, "list").output
    result = run(tiny, "export", "--precision", "int8")
    assert " onnx int8 " in result.output
    clip_cache.Export.read(folder).verify()


def test_pull_without_network_is_a_clear_error() -> None:
    error = run(Settings(), "pull").exception
    assert isinstance(error, ModelMissing)
    assert error.exit_code == 3
    assert "ViT-B-32-256 / datacomp_s34b_b86k could not be downloaded" in str(error)


def test_pull_of_a_local_checkpoint_has_nothing_to_do(tiny: Settings) -> None:
    assert f": {tiny.clip.checkpoint}\n" in run(tiny, "pull").output


@pytest.mark.parametrize("command", ["list", "pull", "export"])
def test_a_model_that_openclip_does_not_know_is_refused(command: str) -> None:
    error = run(Settings(clip=ClipSettings(model="ViT-B-31")), command).exception
    assert isinstance(error, SettingsError)
    assert "screening models list --all" in str(error)


@pytest.mark.parametrize("command", ["pull", "export"])
def test_without_weights_the_command_ends_with_3(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["screening", "models", command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert "ViT-B-32-256 / datacomp_s34b_b86k" in capsys.readouterr().err
