"""CLIP: from weights to vectors, through OpenCLIP's own loading code, on a tiny random model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from embedder_models import TINY_CLIP, pictures, write_clip_checkpoint
from numpy.typing import NDArray
from PIL import Image

from screening.embedders import clip, clip_cache, clip_tower
from screening.embedders.clip import Clip, Plan, open_clip_model, resolve
from screening.embedders.clip_export import export
from screening.errors import EmbedderError, SettingsError
from screening.images.preprocess import prepare
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


def settings(path: Path, /, **changes) -> ClipSettings:
    return ClipSettings(**({"model": TINY_CLIP, "checkpoint": path, "device": "cpu"} | changes))


def vectors(model: Clip, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return model.embed(pixels)["clip.image"]


def least_cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(np.sum(a * b, axis=1).min())


def centred(rows: NDArray[np.floating], around: NDArray[np.floating]) -> NDArray[np.floating]:
    """``rows`` less the mean of ``around``, unit: a random model's vectors all lie near it."""
    differences = rows - around.mean(axis=0)
    return differences / np.linalg.norm(differences, axis=1, keepdims=True)


def reference_vectors(checkpoint: Path, images: list[Image.Image]) -> NDArray[np.float32]:
    """What open_clip itself makes of ``images``, its preprocessing included."""
    model, _, preprocess = open_clip.create_model_and_transforms(
        TINY_CLIP, pretrained=str(checkpoint)
    )
    with torch.inference_mode():
        features = model.eval().encode_image(torch.stack([preprocess(i) for i in images]))
    return torch.nn.functional.normalize(features).numpy()


@pytest.mark.parametrize(
    ("backend", "precision", "centred_cosine"),
    [
        ("onnx", "fp32", 0.9999),
        ("onnx", "int8", 0.9),
        ("torch", "fp32", 0.99999),
        ("torch", "bf16", 0.98),
    ],
)
def test_vectors_are_those_of_open_clip(
    checkpoint: Path, backend: str, precision: str, centred_cosine: float
) -> None:
    """Pictures of three shapes, larger and smaller than the input, through both whole paths."""
    images = [
        Image.fromarray(pictures(1, 96, seed=seed)[0]).resize(size, Image.Resampling.BICUBIC)
        for seed, size in enumerate([(96, 96), (160, 90), (31, 77), (20, 20)])
    ]
    model = open_clip_model(settings(checkpoint, backend=backend, precision=precision), threads=2)
    pixels = np.stack([prepare(image, model.preprocessing) for image in images])
    wanted = reference_vectors(checkpoint, images)
    found = vectors(model, pixels)
    assert least_cosine(found, wanted) > 0.999
    assert least_cosine(centred(found, wanted), centred(wanted, wanted)) > centred_cosine


def test_versions_follow_the_weights_not_their_place(checkpoint: Path, tmp_path: Path) -> None:
    def version(path: Path, **changes) -> str:
        return open_clip_model(settings(path, backend="torch", **changes), threads=1).version

    copy = tmp_path / "renamed.pt"
    copy.write_bytes(checkpoint.read_bytes())
    other = write_clip_checkpoint(tmp_path / "other.pt", seed=1)
    base = version(checkpoint, precision="fp32")
    assert version(copy, precision="fp32") == base
    assert len({base, version(other), version(checkpoint, precision="bf16")}) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "ViT-B-31", "checkpoint": None}, "OpenCLIP knows no 'ViT-B-31'"),
        ({"model": "ViT-B-32-256", "checkpoint": None, "pretrained": "x"}, "datacomp_s34b_b86k"),
        ({"model": "hf-hub:a/b"}, "brings its own weights"),
        ({"backend": "tensorrt"}, "there are: onnx on cpu; torch on cpu; torch on cuda"),
        ({"device": "tpu"}, "no backend 'onnx' on 'tpu'"),
        ({"backend": "onnx", "device": "cuda"}, "no backend 'onnx' on 'cuda'"),
        ({"precision": "bf16"}, "onnx on cpu runs fp32, int8, not 'bf16'"),
        ({"backend": "torch", "precision": "fp16"}, "torch on cpu runs fp32, bf16, not 'fp16'"),
    ],
)
def test_impossible_settings_are_refused(checkpoint: Path, changes: dict, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as refused:
        open_clip_model(settings(checkpoint, **changes), threads=1)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("cuda", "changes", "plan"),
    [
        (False, {}, ("onnx", "cpu", "fp32")),
        (True, {}, ("torch", "cuda", "fp16")),
        (True, {"device": "cpu"}, ("onnx", "cpu", "fp32")),
        (True, {"backend": "onnx"}, ("onnx", "cpu", "fp32")),
        (False, {"backend": "torch"}, ("torch", "cpu", "fp32")),
        (True, {"device": "cuda:1", "precision": "bf16"}, ("torch", "cuda:1", "bf16")),
        (False, {"precision": "int8"}, ("onnx", "cpu", "int8")),
    ],
)
def test_what_auto_stands_for(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, changes: dict, plan: tuple[str, str, str]
) -> None:
    monkeypatch.setattr(clip, "_cuda_available", lambda: cuda)
    backend, device, precision = plan
    assert resolve(ClipSettings(**changes)) == Plan(
        backend=backend, device=device, precision=precision
    )


def test_cuda_that_is_not_there_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip, "_cuda_available", lambda: False)
    with pytest.raises(EmbedderError, match="no CUDA device"):
        resolve(ClipSettings(device="cuda"))


def test_copies_are_found_only_with_a_copy_score(checkpoint: Path) -> None:
    (without,) = open_clip_model(settings(checkpoint), threads=1).outputs
    assert (without.finds, without.copy_score) == ({"characters"}, None)
    (output,) = open_clip_model(settings(checkpoint, copy_score=4.5), threads=1).outputs
    assert (output.finds, output.copy_score) == ({"characters", "copies"}, 4.5)


def test_batches_are_filled_up_and_cut_again(checkpoint: Path) -> None:
    sizes = []

    class Spy(clip_tower.ImageTower):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            sizes.append(len(pixels))
            return super().forward(pixels)

    loaded = clip_tower.load_tower(settings(checkpoint))
    spy = Spy(loaded.tower.visual, mean=[0.5] * 3, std=[0.5] * 3)
    run = clip_tower.runner(spy, device="cpu", batch_size=4)
    pixels = pictures(6, 32)
    assert run(pixels).shape == (6, 16)
    assert sizes == [4, 4]
    assert not loaded.tower.training
