"""CLIP exports in the cache: made once, checked, replaced whole."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from embedder_models import TINY_CLIP, pictures, write_clip_checkpoint
from numpy.typing import NDArray

from screening.embedders import clip_cache, clip_export, clip_tower
from screening.embedders.clip import Clip, open_clip_model
from screening.embedders.clip_export import export
from screening.errors import EmbedderError
from screening.settings import ClipSettings


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip_checkpoint(tmp_path_factory.mktemp("weights") / "tiny.pt")


@pytest.fixture(scope="module", autouse=True)
def cache(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's cache, private to this module, with one export that serves many tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        export(settings(checkpoint), "fp32")
        yield clip_cache.cache_folder()


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for a test that damages or counts exports."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return clip_cache.cache_folder()


def settings(path: Path, /, **changes) -> ClipSettings:
    return ClipSettings(**({"model": TINY_CLIP, "checkpoint": path, "device": "cpu"} | changes))


def vectors(model: Clip, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return model.embed(pixels)["clip.image"]


def least_cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(np.sum(a * b, axis=1).min())


def test_the_first_opening_exports_and_the_next_reads(
    checkpoint: Path, own_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = open_clip_model(settings(checkpoint), threads=1)
    assert f"exporting tiny-clip ({checkpoint})" in caplog.text
    caplog.clear()
    (folder,) = own_cache.iterdir()
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    second = open_clip_model(settings(checkpoint), threads=1)
    assert "exporting" not in caplog.text
    assert [folder] == list(own_cache.iterdir())
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == made
    assert first.version == second.version
    pixels = pictures(2, 32)
    np.testing.assert_array_equal(vectors(first, pixels), vectors(second, pixels))


def test_a_cached_export_opens_without_torch(checkpoint: Path) -> None:
    open_clip_model(settings(checkpoint), threads=1)
    program = f"""
import sys
from pathlib import Path
from screening.embedders import open_embedders
from screening.settings import ClipSettings, Settings
clip = ClipSettings(model={TINY_CLIP!r}, checkpoint=Path({str(checkpoint)!r}))
(embedder,) = open_embedders(Settings(embedders=("clip",), clip=clip))
print(*{{"onnxruntime", "torch", "open_clip", "huggingface_hub", "onnx"}} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["onnxruntime"]


def test_two_first_openings_at_once_share_one_export(checkpoint: Path, own_cache: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        opened = [pool.submit(open_clip_model, settings(checkpoint), threads=1) for _ in range(2)]
        versions = {model.result().version for model in opened}
    assert len(versions) == 1
    assert len(list(own_cache.iterdir())) == 1


def test_exporting_again_replaces(checkpoint: Path, own_cache: Path) -> None:
    first = export(settings(checkpoint), "fp32")
    kept = export(settings(checkpoint), "fp32")
    assert kept == first
    (first.folder / "model.onnx").write_bytes(b"")
    again = export(settings(checkpoint), "fp32", replace=True)
    again.verify()
    assert again.folder == first.folder
    assert list(own_cache.iterdir()) == [first.folder]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "model.onnx.data").write_bytes(b"0"), "data has changed"),
        (lambda folder: (folder / "model.onnx").unlink(), "model.onnx: cannot be read"),
        (lambda folder: (folder / "export.json").unlink(), "export.json is unreadable"),
        (lambda folder: (folder / "export.json").write_text("[]"), "export.json is unreadable"),
        (lambda folder: (folder / "export.json").write_text("{"), "export.json is unreadable"),
    ],
)
def test_a_damaged_export_is_refused_with_the_way_out(
    checkpoint: Path, cache: Path, own_cache: Path, damage, message: str
) -> None:
    folder = clip_cache.export_folder(settings(checkpoint), "fp32")
    shutil.copytree(cache / folder.name, folder)
    open_clip_model(settings(checkpoint), threads=1)
    damage(folder)
    with pytest.raises(EmbedderError, match=f"{message}.*screening models export") as refused:
        open_clip_model(settings(checkpoint), threads=1)
    assert refused.value.exit_code == 3


def test_an_export_that_computes_something_else_is_not_published(
    checkpoint: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.embedders.clip_export.LEAST_COSINE", {"fp32": 1.1})
    with pytest.raises(EmbedderError, match="is not the model it was made from: cosine"):
        export(settings(checkpoint), "fp32")
    assert list(own_cache.iterdir()) == []


def test_a_changed_checkpoint_is_another_export(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(checkpoint.read_bytes())
    before = clip_cache.export_folder(settings(path), "fp32")
    write_clip_checkpoint(path, seed=1)
    assert clip_cache.export_folder(settings(path), "fp32") != before
    assert clip_cache.export_folder(settings(checkpoint), "int8") != before


def test_a_tower_that_ends_in_an_oblong_layer_is_quantized(tmp_path: Path) -> None:
    """As RN50's, ConvNeXt's and EVA02's do."""
    layers = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 7))
    tower = clip_tower.ImageTower(layers, mean=[0.5] * 3, std=[0.5] * 3).eval()
    tower.requires_grad_(False)
    clip_export._export_tower(tower, 8, tmp_path / "model.onnx")
    clip_export._quantize(tmp_path / "model.onnx", tmp_path / "int8.onnx")
    clip_export._check(tower, 8, tmp_path / "int8.onnx", "int8")
