"""CLIP: from weights to vectors, through OpenCLIP's own loading code, on a tiny random model."""

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from embedder_models import TINY_CLIP, TINY_CLIP_CONFIG, pictures, write_clip_checkpoint
from numpy.typing import NDArray
from PIL import Image

from screening.embedders import clip, clip_cache, clip_tower, clip_weights
from screening.embedders.clip import Clip, Plan, open_clip_model, resolve
from screening.embedders.clip_export import export
from screening.errors import EmbedderError, ModelMissing, SettingsError
from screening.images.preprocess import Preprocessing, prepare
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


def test_the_first_opening_exports_and_the_next_reads(checkpoint: Path, own_cache: Path) -> None:
    first = open_clip_model(settings(checkpoint), threads=1)
    (folder,) = own_cache.iterdir()
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    second = open_clip_model(settings(checkpoint), threads=1)
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


def test_versions_follow_the_weights_not_their_place(checkpoint: Path, tmp_path: Path) -> None:
    def version(path: Path, **changes) -> str:
        return open_clip_model(settings(path, backend="torch", **changes), threads=1).version

    copy = tmp_path / "renamed.pt"
    copy.write_bytes(checkpoint.read_bytes())
    other = write_clip_checkpoint(tmp_path / "other.pt", seed=1)
    base = version(checkpoint, precision="fp32")
    assert version(copy, precision="fp32") == base
    assert len({base, version(other), version(checkpoint, precision="bf16")}) == 3


def test_a_changed_checkpoint_is_another_export(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(checkpoint.read_bytes())
    before = clip_cache.export_folder(settings(path), "fp32")
    write_clip_checkpoint(path, seed=1)
    assert clip_cache.export_folder(settings(path), "fp32") != before
    assert clip_cache.export_folder(settings(checkpoint), "int8") != before


def test_a_model_folder_is_a_model(checkpoint: Path, tmp_path: Path) -> None:
    """``local-dir:``: config, preprocessing and weights in one folder, as on the hub."""
    config = {
        "model_cfg": TINY_CLIP_CONFIG,
        "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3, "resize_mode": "squash"},
    }
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    write_clip_checkpoint(tmp_path / "open_clip_model.safetensors")
    local = ClipSettings(model=f"local-dir:{tmp_path}", device="cpu", backend="torch")
    model = open_clip_model(local, threads=1)
    assert model.preprocessing == Preprocessing(size_px=32, fit="squash", resample="bicubic")
    assert str(tmp_path) not in model.version
    exported = open_clip_model(dataclasses.replace(local, backend="onnx"), threads=1)
    pixels = pictures(3, 32)
    assert least_cosine(vectors(model, pixels), vectors(exported, pixels)) > 0.9999
    default = open_clip_model(settings(checkpoint, backend="torch"), threads=1)
    assert default.version != model.version


@pytest.fixture
def tag_in_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pretrained tag ``tiny`` of the tiny model, its weights in a hub cache; their path."""
    row = {
        "hf_hub": "owner/tiny-clip/",
        "mean": (0.5, 0.5, 0.5),
        "std": (0.5, 0.5, 0.5),
        "interpolation": "bilinear",
        "resize_mode": "squash",
    }
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, TINY_CLIP, {"tiny": row})
    hub = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    repository = hub / "models--owner--tiny-clip"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    return write_clip_checkpoint(snapshot / "open_clip_model.safetensors")


def test_a_tag_runs_from_the_hub_cache(tag_in_hub_cache: Path, own_cache: Path) -> None:
    tagged = ClipSettings(model=TINY_CLIP, pretrained="tiny", device="cpu")
    assert clip_weights.local_path(tagged) == tag_in_hub_cache
    model = open_clip_model(tagged, threads=1)
    assert model.preprocessing == Preprocessing(size_px=32, fit="squash", resample="bilinear")
    assert clip_weights.pull(tagged) == tag_in_hub_cache
    # Once exported, the weights may go.
    tag_in_hub_cache.unlink()
    assert open_clip_model(tagged, threads=1).version == model.version
    with pytest.raises(ModelMissing, match=r"not be downloaded: .*clip\.checkpoint") as failed:
        clip_weights.pull(tagged)
    assert failed.value.exit_code == 3


def test_other_weights_under_a_tag_drop_its_export(tag_in_hub_cache: Path, own_cache: Path) -> None:
    tagged = ClipSettings(model=TINY_CLIP, pretrained="tiny", device="cpu")
    made = export(tagged, "fp32")
    assert clip_cache.drop_stale(tagged, weights=tag_in_hub_cache) == []
    write_clip_checkpoint(tag_in_hub_cache, seed=1)
    assert clip_cache.drop_stale(tagged, weights=tag_in_hub_cache) == [made]
    assert list(own_cache.iterdir()) == []


def test_a_checkpoint_takes_the_preprocessing_of_its_models_tags(
    tag_in_hub_cache: Path, checkpoint: Path
) -> None:
    """SigLIP and others are not normalised as OpenAI's models, which open_clip would assume."""
    weights = clip_weights.locate(settings(checkpoint, pretrained="unknown"))
    assert weights.preprocessing["mean"] == (0.5, 0.5, 0.5)
    other = {**open_clip.pretrained._PRETRAINED[TINY_CLIP]["tiny"], "mean": (0.0, 0.0, 0.0)}
    open_clip.pretrained._PRETRAINED[TINY_CLIP]["other"] = other
    unclear = clip_weights.locate(settings(checkpoint, pretrained="unknown"))
    assert unclear.preprocessing == {}
    named = clip_weights.locate(settings(checkpoint, pretrained="other"))
    assert named.preprocessing["mean"] == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("backend", ["onnx", "torch"])
@pytest.mark.parametrize(
    "changes",
    [
        {"model": "ViT-B-32-256", "pretrained": "datacomp_s34b_b86k"},
        {"model": "hf-hub:owner/model"},
        {"model": TINY_CLIP, "checkpoint": Path("absent.pt")},
        {"model": "local-dir:absent"},
    ],
)
def test_missing_weights_are_named_with_the_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict, backend: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    absent = ClipSettings(**changes, device="cpu", backend=backend)
    with pytest.raises(ModelMissing) as missing:
        open_clip_model(absent, threads=1)
    assert missing.value.exit_code == 3
    for part in ("not on this machine", "screening models pull", "`lite`"):
        assert part in str(missing.value)


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


def test_weights_of_another_model_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    weights = torch.load(checkpoint, weights_only=True)["state_dict"]
    del weights["visual.proj"]
    torch.save(weights, tmp_path / "other.pt")
    (tmp_path / "text.pt").write_text("no weights")
    for name in ("other.pt", "text.pt"):
        with pytest.raises(EmbedderError, match=f"{name} cannot be loaded as {TINY_CLIP}"):
            open_clip_model(settings(tmp_path / name, backend="torch"), threads=1)


def test_a_tag_trained_with_another_activation_is_refused() -> None:
    openai = ClipSettings(model="ViT-B-32", pretrained="openai")
    with pytest.raises(EmbedderError, match='"ViT-B-32-quickgelu"'):
        clip_tower._check_activation(openai)
    clip_tower._check_activation(ClipSettings(model="ViT-B-32-quickgelu", pretrained="openai"))


def test_every_known_tag_has_a_preprocessing_that_is_offered() -> None:
    for model, tag in open_clip.list_pretrained():
        row = open_clip.get_pretrained_cfg(model, tag)
        config = {"size": 224, "fill_color": 0, **row}
        clip_tower._preprocessing(config, model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": (224, 336)}, "only squares"),
        ({"resize_mode": "longest"}, "pads with colour 0"),
        ({"resize_mode": "tile"}, "resize tile"),
        ({"interpolation": "nearest"}, "nearest"),
    ],
)
def test_a_preprocessing_that_is_not_offered_is_refused(change: dict, message: str) -> None:
    config = {
        "size": (224, 224),
        "fill_color": 0,
        "resize_mode": "shortest",
        "interpolation": "bicubic",
    }
    assert clip_tower._preprocessing(config, "m").fit == "crop"
    padded = {**config, "resize_mode": "longest", "fill_color": 255}
    assert clip_tower._preprocessing(padded, "m").fit == "pad"
    with pytest.raises(EmbedderError, match=message):
        clip_tower._preprocessing({**config, **change}, "m")


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


def test_loading_leaves_the_hub_as_it_was(checkpoint: Path, monkeypatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    import huggingface_hub.constants as hub  # noqa: PLC0415

    with clip_weights.offline():
        assert hub.is_offline_mode()
    assert not hub.is_offline_mode()
