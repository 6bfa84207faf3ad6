"""The training loop: resumable, logged, the same steps from the same seed."""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from lite_training.batches import Batch, Batches
from lite_training.losses import (
    MarginSoftmax,
    instance_contrast,
    regions_loss,
    spread,
    supervised_contrast,
)
from lite_training.network import COPY_DIMENSIONS, Lite

QUEUE = 4096
"""Copy vectors of earlier pictures kept as further negatives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Every number that a training depends on, beside its pictures."""

    seed: int = 7
    steps: int = 2000
    warmup_steps: int = 100
    trunk_rate: float = 2e-4
    head_rate: float = 1e-3
    centre_rate: float = 3e-3
    decay: float = 0.02
    average_decay: float = 0.998
    temperature: float = 0.1
    copy_temperature: float = 0.06
    shape_weight: float = 0.5
    margin_weight: float = 0.25
    copy_weight: float = 0.6
    spread_weight: float = 0.1
    regions_weight: float = 1.0
    margin: float = 0.15
    scale: float = 24.0


class Training:
    """One training: the model, its running average, and everything needed to go on."""

    def __init__(self, model: Lite, characters: int, recipe: Recipe, device: str) -> None:
        self.recipe, self.device = recipe, device
        self.model = model.to(device, memory_format=torch.channels_last)
        for layer in (model.trunk.stem, model.trunk.to_eighth):
            layer.requires_grad_(requires_grad=False)
        self.margin = MarginSoftmax(
            model.shape_head.out_features + model.colour_head.out_features,
            characters,
            recipe.scale,
            recipe.margin,
        ).to(device)
        trunk = [p for p in model.trunk.parameters() if p.requires_grad]
        tuned = {id(p) for p in model.trunk.parameters()}
        heads = [p for p in model.parameters() if id(p) not in tuned]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": trunk, "lr": recipe.trunk_rate},
                {"params": heads, "lr": recipe.head_rate},
                {"params": list(self.margin.parameters()), "lr": recipe.centre_rate},
            ],
            weight_decay=recipe.decay,
        )
        self._rates = [group["lr"] for group in self.optimizer.param_groups]
        self.average = {
            name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad
        }
        self.queue = nn.functional.normalize(torch.randn(QUEUE, COPY_DIMENSIONS)).to(device)
        self.step = 0

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Run the model over one batch; return every loss by its name, unweighted."""
        recipe = self.recipe
        pixels = torch.cat([batch.views, batch.copies]).to(self.device)
        rgb = pixels.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        place, copy_features, colour_features, maps = self.model.features(rgb)
        shape, colour, copy = self.model.heads(place, copy_features, colour_features)
        identity = self.model.identity(shape, colour)
        views, originals = len(batch.views), len(batch.copies)
        labels = batch.characters.to(self.device)
        plain = copy[views - originals : views]
        rows = batch.rows[-originals:].to(self.device)
        losses = {
            "identity": supervised_contrast(identity[:views], labels, recipe.temperature),
            "shape": supervised_contrast(shape[:views], labels, recipe.temperature),
            "margin": self.margin(identity[:views], labels),
            "copy": instance_contrast(
                copy[views:], plain, self.queue, rows, recipe.copy_temperature
            ),
            "spread": spread(plain),
            "regions": regions_loss(maps[:views], batch.maps.to(self.device)),
        }
        self.queue = torch.cat([plain.detach(), self.queue])[:QUEUE]
        return losses

    def take_step(self, batch: Batch) -> dict[str, float]:
        """Learn from one batch; return its losses."""
        recipe = self.recipe
        done = self.step / max(recipe.steps, 1)
        factor = min(1.0, (self.step + 1) / recipe.warmup_steps)
        factor *= 0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))
        for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor
        losses = self.losses(batch)
        weights = {
            "identity": 1.0,
            "shape": recipe.shape_weight,
            "margin": recipe.margin_weight,
            "copy": recipe.copy_weight,
            "spread": recipe.spread_weight,
            "regions": recipe.regions_weight,
        }
        total = torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimizer.step()
        self._follow()
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(self.recipe.average_decay, (1 + self.step) / (10 + self.step))
        for name, parameter in self.model.named_parameters():
            if name in self.average:
                self.average[name].lerp_(parameter, 1.0 - decay)

    def averaged(self) -> dict[str, Tensor]:
        """State of the model with the running average in place of the last weights."""
        return {**self.model.state_dict(), **self.average}

    def save(self, file: Path) -> None:
        """Write everything that `load` needs, by way of a temporary file."""
        state = {
            "recipe": asdict(self.recipe),
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average,
            "margin": self.margin.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "queue": self.queue,
        }
        temporary = file.with_suffix(".part")
        torch.save(state, temporary)
        temporary.replace(file)

    def load(self, file: Path) -> None:
        """Go on from a checkpoint of the same recipe. Raises ValueError for another one's."""
        state = torch.load(file, map_location=self.device, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            raise ValueError(f"{file}: made by another recipe: {state['recipe']}")
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        self.margin.load_state_dict(state["margin"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.queue, self.step = state["queue"], state["step"]


def _as_it_is(batch: list[Batch]) -> Batch:
    return batch[0]


def train(
    training: Training,
    batches: Batches,
    folder: Path,
    *,
    workers: int,
    evaluate: Callable[[Training], Mapping[str, float]] | None = None,
    log_every: int = 20,
    save_every: int = 200,
    evaluate_every: int = 1000,
) -> None:
    """Train to the recipe's last step; log to `folder/log.jsonl`, checkpoints beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    loader = DataLoader(
        batches,
        batch_size=1,
        sampler=list(range(training.step, training.recipe.steps)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        collate_fn=_as_it_is,
    )
    sums: dict[str, float] = {}
    started = time.monotonic()
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        for batch in _until(loader, training):
            for name, value in training.take_step(batch).items():
                sums[name] = sums.get(name, 0.0) + value / log_every
            if training.step % log_every == 0:
                seconds = (time.monotonic() - started) / log_every
                line = {"step": training.step, "seconds_a_step": round(seconds, 3)}
                _write(log, {**line, **{name: round(v, 4) for name, v in sums.items()}})
                sums, started = {}, time.monotonic()
            if training.step % save_every == 0 or training.step == training.recipe.steps:
                training.save(folder / "checkpoint.pt")
            if evaluate and training.step % evaluate_every == 0:
                figures = {name: round(v, 4) for name, v in evaluate(training).items()}
                _write(log, {"step": training.step, "tune": figures})
                started = time.monotonic()


def _until(loader: DataLoader[Batch], training: Training) -> Iterator[Batch]:
    for batch in loader:
        yield batch
        if training.step >= training.recipe.steps:
            return


def _write(log: TextIO, line: Mapping[str, object]) -> None:
    text = json.dumps(line)
    print(text, flush=True)
    print(text, file=log, flush=True)
