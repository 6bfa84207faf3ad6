"""An OpenCLIP image tower in torch: loaded, with its preprocessing, and run.

The only module that builds OpenCLIP models. Loading torch and open_clip takes seconds, so only
the torch backend and the exporter import this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray

from screening.embedders.clip_cache import (
    EXPORT_FORMAT,
    FOLDER_PREFIX,
    HUB_PREFIX,
    ClipDescription,
    digest,
)
from screening.embedders.clip_weights import Weights, locate, offline
from screening.errors import EmbedderError
from screening.images.preprocess import Fit, Preprocessing, Resample
from screening.settings import ClipSettings

FITS: dict[str, Fit] = {"shortest": "crop", "squash": "squash", "longest": "pad"}
# "random" is open_clip's word for a training choice; it resizes bicubic otherwise.
RESAMPLES: dict[str, Resample] = {
    "bicubic": "bicubic",
    "bilinear": "bilinear",
    "random": "bicubic",
}
# `screening.images.preprocess` pads with white.
PADDING = 255

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class ImageTower(torch.nn.Module):
    """uint8 RGB pixels (n, s, s, 3) to float32 image features (n, d), not yet unit."""

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, visual: torch.nn.Module, *, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.visual = visual
        self.dtype = torch.float32
        means, stds = torch.tensor(mean), torch.tensor(std)
        self.register_buffer("scale", (1 / (255 * stds)).view(1, 3, 1, 1))
        self.register_buffer("shift", (-means / stds).view(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        images = pixels.permute(0, 3, 1, 2).float() * self.scale + self.shift
        features = self.visual(images.to(self.dtype))
        # CoCa's tower returns the tokens as well.
        pooled: torch.Tensor = features[0] if isinstance(features, tuple) else features
        return pooled.float()

    def convert(self, precision: str) -> None:
        """Convert the weights: autocast to bf16 is 6 times slower on a CPU (measured)."""
        self.dtype = DTYPES[precision]
        self.visual.to(self.dtype)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A tower in fp32 on the CPU, and what its vectors depend on beside the backend."""

    tower: ImageTower
    preprocessing: Preprocessing
    dimension: int
    model: str
    weights_sha256: str
    facts: dict[str, Any]

    def describe(self, *, backend: str, precision: str) -> ClipDescription:
        """The description of this tower as run by ``backend`` in ``precision``."""
        made_of = digest({**self.facts, "backend": backend, "precision": precision})
        return ClipDescription(
            version=f"clip {self.model} {self.weights_sha256[:12]} {backend} {precision} {made_of}",
            preprocessing=self.preprocessing,
            dimension=self.dimension,
            weights_sha256=self.weights_sha256,
        )


def load_tower(settings: ClipSettings) -> Loaded:
    """The image tower that ``settings`` names, in evaluation mode, from local weights.

    Raises SettingsError for unknown names, ModelMissing without weights, EmbedderError when the
    weights do not fit the model or it needs a preprocessing that is not offered.
    """
    weights = locate(settings)
    with offline():
        _check_activation(settings)
        visual = _visual(settings, weights)
        architecture = _architecture(settings)
    config = visual.preprocess_cfg
    preprocessing = _preprocessing(config, settings.model)
    tower = ImageTower(visual, mean=list(config["mean"]), std=list(config["std"])).eval()
    tower.requires_grad_(False)
    side = preprocessing.size_px
    with torch.inference_mode():
        dimension = tower(torch.zeros((1, side, side, 3), dtype=torch.uint8)).shape[1]
    return Loaded(
        tower=tower,
        preprocessing=preprocessing,
        dimension=dimension,
        # A folder's path says nothing about the weights in it.
        model="local-dir" if settings.model.startswith(FOLDER_PREFIX) else settings.model,
        weights_sha256=weights.sha256,
        facts={
            "format": EXPORT_FORMAT,
            "weights": weights.sha256,
            "architecture": architecture,
            "mean": list(config["mean"]),
            "std": list(config["std"]),
            "preprocessing": [side, preprocessing.fit, preprocessing.resample],
        },
    )


def runner(
    tower: ImageTower, *, device: str, batch_size: int
) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """A function from pixels (n, s, s, 3) to vectors (n, d) on ``device``.

    Every batch is filled up to ``batch_size`` with black pictures, because torch chooses other
    kernels, and so rounds otherwise, for other batch sizes.
    """
    tower = tower.to(device)

    @torch.inference_mode()
    def run(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = []
        for start in range(0, len(pixels), batch_size):
            batch = pixels[start : start + batch_size]
            full = np.zeros((batch_size, *batch.shape[1:]), dtype=np.uint8)
            full[: len(batch)] = batch
            parts.append(tower(torch.from_numpy(full).to(device))[: len(batch)].cpu().numpy())
        return np.concatenate(parts)

    return run


def _visual(settings: ClipSettings, weights: Weights) -> Any:
    whole_model = settings.model.startswith((HUB_PREFIX, FOLDER_PREFIX))
    try:
        model = open_clip.create_model(
            settings.model,
            pretrained=None if whole_model else str(weights.path),
            force_preprocess_cfg=weights.preprocessing,
            require_pretrained=True,
        )
    except Exception as error:  # whatever a foreign file makes open_clip and torch raise
        raise EmbedderError(
            f"clip: {weights.path} cannot be loaded as {settings.model}: {error}"
        ) from error
    return model.visual


def _architecture(settings: ClipSettings) -> dict[str, Any]:
    """The part of OpenCLIP's model config that the image tower is built from."""
    config = open_clip.get_model_config(settings.model)
    return {key: config.get(key) for key in ("embed_dim", "quick_gelu", "vision_cfg")}


def _check_activation(settings: ClipSettings) -> None:
    """open_clip only warns when a tag was trained with the other GELU; its vectors are wrong."""
    if settings.checkpoint is not None or settings.model.startswith((HUB_PREFIX, FOLDER_PREFIX)):
        return
    wanted = open_clip.get_pretrained_cfg(settings.model, settings.pretrained)
    has = open_clip.get_model_config(settings.model)
    if bool(wanted.get("quick_gelu")) and not bool(has.get("quick_gelu")):
        raise EmbedderError(
            f"clip: {settings.pretrained} was trained with QuickGELU; "
            f'set clip.model = "{settings.model}-quickgelu"'
        )


def _preprocessing(config: dict[str, Any], model: str) -> Preprocessing:
    size = config["size"]
    sides = set(size) if isinstance(size, list | tuple) else {size}
    if len(sides) != 1:
        raise EmbedderError(f"clip: {model} wants pictures of {size}; only squares are offered")
    fit, resample = config["resize_mode"], config["interpolation"]
    if fit not in FITS or resample not in RESAMPLES:
        raise EmbedderError(f"clip: {model} wants resize {fit}, {resample}, which is not offered")
    if fit == "longest" and config["fill_color"] != PADDING:
        raise EmbedderError(
            f"clip: {model} pads with colour {config['fill_color']}; only {PADDING} is offered"
        )
    return Preprocessing(size_px=sides.pop(), fit=FITS[fit], resample=RESAMPLES[resample])
