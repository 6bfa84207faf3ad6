"""Figures on the tune characters while the training goes on. Never on test characters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lite_training.augmentation import copy_view, plain_view
from lite_training.network import SIZE_PX, Lite
from lite_training.pictures import Pictures

MOST_PICTURES = 600
"""Pictures a family is judged on: enough to see a point of change, seconds to embed."""

COPIES = 200


@dataclass(frozen=True, slots=True)
class TuneFamily:
    """Pictures of one family: `pixels` (n, s, s, 3) uint8, `characters` and `sources` (n,)."""

    name: str
    pixels: NDArray[np.uint8]
    characters: NDArray[np.int32]
    sources: NDArray[np.int32]


class TuneSet:
    """Pictures of tune characters, chosen once by a seed, and edited copies of some of them."""

    def __init__(self, pictures: Pictures, families: Mapping[str, Sequence[str]]) -> None:
        rng = np.random.default_rng(11)
        self.families = []
        for name, sources in families.items():
            numbers = [i for i, s in enumerate(pictures.source_names) if s in sources]
            rows = np.flatnonzero(np.isin(pictures.sources, numbers))
            rows = rows[np.isin(pictures.characters[rows], _several(pictures.characters[rows]))]
            if len(rows) == 0:
                continue
            rows = _sample(rows, pictures.characters, rng)
            pixels = np.stack([plain_view(pictures, int(row), 255.0, SIZE_PX) for row in rows])
            self.families.append(
                TuneFamily(name, pixels, pictures.characters[rows], pictures.sources[rows])
            )
        everything = rng.permutation(len(pictures.sources))[:COPIES]
        self.copies = np.stack(
            [copy_view(pictures, int(row), 255.0, SIZE_PX, rng) for row in everything]
        )
        self.originals = np.stack(
            [plain_view(pictures, int(row), 255.0, SIZE_PX) for row in everything]
        )

    @torch.no_grad()
    def judge(self, model: Lite, device: str) -> dict[str, float]:
        """Figures by name: `<family>.nn`, `.auc`, `.hands` (several sources), and `copy.top1`."""
        figures = {}
        gallery = [_embed(model, self.originals, device)[1]]
        for family in self.families:
            identity, copy = _embed(model, family.pixels, device)
            gallery.append(copy)
            scores = identity @ identity.T
            same = family.characters[:, None] == family.characters[None, :]
            np.fill_diagonal(scores, -2.0)
            figures[f"{family.name}.nn"] = float(same[range(len(same)), scores.argmax(1)].mean())
            upper = np.triu(np.ones_like(same), 1)
            figures[f"{family.name}.auc"] = _auc(scores[same & upper], scores[~same & upper])
            if len(set(family.sources.tolist())) > 1:
                other = family.sources[:, None] != family.sources[None, :]
                answerable = (same & other).any(1)
                best = np.where(other, scores, -2.0).argmax(1)
                hits = same[range(len(same)), best][answerable]
                if len(hits):
                    figures[f"{family.name}.hands"] = float(hits.mean())
        queries = _embed(model, self.copies, device)[1]
        best = (queries @ np.concatenate(gallery).T).argmax(1)
        figures["copy.top1"] = float((best == np.arange(len(queries))).mean())
        return figures


def _several(characters: NDArray[np.int32]) -> NDArray[np.int32]:
    names, counts = np.unique(characters, return_counts=True)
    return names[counts > 1]


def _sample(
    rows: NDArray[np.intp], characters: NDArray[np.int32], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Up to six pictures a character, whole characters up to the limit."""
    chosen: list[int] = []
    for character in rng.permutation(np.unique(characters[rows])):
        own = rows[characters[rows] == character]
        chosen.extend(int(row) for row in rng.permutation(own)[:6])
        if len(chosen) >= MOST_PICTURES:
            break
    return np.array(chosen)


def _embed(
    model: Lite, pixels: NDArray[np.uint8], device: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    identities, copies = [], []
    for start in range(0, len(pixels), 64):
        rgb = torch.from_numpy(pixels[start : start + 64]).to(device).permute(0, 3, 1, 2).float()
        identity, copy, _ = model(rgb.contiguous(memory_format=torch.channels_last))
        identities.append(identity.cpu().numpy())
        copies.append(copy.cpu().numpy())
    return np.concatenate(identities), np.concatenate(copies)


def _auc(same: NDArray[np.float32], different: NDArray[np.float32]) -> float:
    """Chance that a same pair scores above a different one (ties count half)."""
    both = np.concatenate([same, different])
    _, ranks, counts = np.unique(both, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2.0
    rank_sum = middle[ranks[: len(same)]].sum()
    return float((rank_sum - len(same) * (len(same) + 1) / 2) / (len(same) * len(different)))
