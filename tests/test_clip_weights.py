"""Which weights CLIP takes, from where, and with which preprocessing."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from embedder_models import TINY_CLIP, TINY_CLIP_CONFIG, pictures, write_clip_checkpoint
from numpy.typing import NDArray

from screening.embedders import clip_cache, clip_tower, clip_weights
from screening.embedders.clip import Clip, open_clip_model
from screening.embedders.clip_export import export
from screening.errors import EmbedderError, ModelMissing
from screening.images.preprocess import Preprocessing
from screening.settings import ClipSettings


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip_checkpoint(tmp_path_factory.mktemp("weights") / "tiny.pt")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for every test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return clip_cache.cache_folder()


def settings(path: Path, /, **changes) -> ClipSettings:
    return ClipSettings(**({"model": TINY_CLIP, "checkpoint": path, "device": "cpu"} | changes))


def vectors(model: Clip, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return model.embed(pixels)["clip.image"]


def least_cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(np.sum(a * b, axis=1).min())


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


@pytest.mark.usefixtures("checkpoint")  # makes the small model known
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
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    changes: dict,
    backend: str,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    absent = ClipSettings(**changes, device="cpu", backend=backend)
    with pytest.raises(ModelMissing) as missing:
        open_clip_model(absent, threads=1)
    assert missing.value.exit_code == 3
    assert "exporting" not in caplog.text
    for part in ("not on this machine", "screening models pull", "`lite`"):
        assert part in str(missing.value)


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


def test_loading_leaves_the_hub_as_it_was(checkpoint: Path, monkeypatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    import huggingface_hub.constants as hub  # noqa: PLC0415

    with clip_weights.offline():
        assert hub.is_offline_mode()
    assert not hub.is_offline_mode()
