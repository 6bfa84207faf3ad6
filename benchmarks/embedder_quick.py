"""A minute's figures for a training that goes on, on *tune* characters alone.

None of them is a figure of the report: the report's characters must not choose a checkpoint.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from embedder_art import Art, chosen, drawn, looks
from embedder_copies import copies
from embedder_identity import auc_of, hands, wesnoth
from embedder_packs import in_scenes, statistics_of
from embedder_scores import pack_recall
from embedder_sources import Hands, is_kept_out
from embedder_vectors import Embed, Maker, Shot, Vectors, squares_of
from numpy.typing import NDArray

SPLIT = "tune"
CROWD = ("tune", "calibrate")
HANDS = (
    Hands(
        row="wesnoth",
        name="sprite to portrait",
        queries=("wesnoth", "*-units"),
        gallery=("wesnoth-portraits", "*-portraits"),
        kept_out=False,
    ),
    Hands(
        row="emoji",
        name="vendor to vendor",
        queries=("emoji-google",),
        gallery=("emoji-twitter",),
        kept_out=False,
    ),
)
"""Neither hand is one that the report asks for."""

AUC_SOURCES = 12
AUC_CHARACTERS = 20
AUC_PICTURES = 4
HANDS_CHARACTERS = 60
QUERIES, DISTRACTORS = 50, 600
PACK_SOURCES = ("wesnoth", "supertux")
PACK_CHARACTERS = 10
PACK_PICTURES = 12
SEED = 9


def evaluate_quick(embed: Embed, size_px: int, art: Path) -> dict[str, float]:
    """Figures by name, each higher-better in 0-1; ``mean`` weighs the families alike.

    ``embed`` takes (n, s, s, 3) uint8 with s = ``size_px`` and returns `identity` and `copy`,
    of any length. About 2,000 pictures; their pixels are kept in memory for the next call.
    """
    found = Art(art)
    maker = Maker(name="quick", digest="", size_px=size_px, embed=embed)
    vectors = Vectors(maker, squares=_remembered)
    figures: dict[str, float] = {}
    for each in wesnoth(found, vectors, SPLIT, crowd_splits=CROWD, frames=False):
        if each.estimate is not None:
            figures[f"nn.wesnoth {each.name.split(', ')[1]}"] = each.estimate.value
    for each in hands(found, vectors, SPLIT, hands_of=HANDS, most=HANDS_CHARACTERS):
        if each.estimate is not None:
            figures[f"hands.{each.row}"] = each.estimate.value
    figures |= _aucs(found, vectors)
    figures |= _packs(found, vectors)
    families = {
        f"copies.{each.name.split(', ')[1]}": each.estimate.value
        for each in copies(found, vectors, SPLIT, queries=QUERIES, distractors=DISTRACTORS)
        if each.estimate is not None
    }
    return figures | families | _means({**figures, **families})


def _aucs(art: Art, vectors: Vectors) -> dict[str, float]:
    """Same-style AUC of the sources with the most characters that have several pictures."""
    rich: dict[str, dict[str, list[Path]]] = {}
    for source in art.sources:
        characters = {} if is_kept_out(source) else art.characters(source, splits=[SPLIT], least=2)
        if len(characters) > AUC_CHARACTERS // 2:
            some = chosen(characters, AUC_CHARACTERS, seed=SEED)
            rich[source] = {
                name: drawn(paths, AUC_PICTURES, seed=SEED) for name, paths in some.items()
            }
    largest = sorted(rich, key=lambda source: (-len(rich[source]), source))[:AUC_SOURCES]
    return {
        f"auc.{source}": estimate.value
        for source in sorted(largest)
        if (estimate := auc_of(rich[source], vectors, scene=SEED)) is not None
    }


def _packs(art: Art, vectors: Vectors) -> dict[str, float]:
    recalls: dict[float, list[float]] = {}
    for source in PACK_SOURCES:
        drawings = looks(art, source, [SPLIT])
        characters = in_scenes(drawings, most=PACK_CHARACTERS, others=PACK_PICTURES)
        if len(characters) < 4:
            continue
        for part, statistic in statistics_of(characters, vectors, pack=PACK_PICTURES).items():
            estimate = pack_recall(statistic, mixed=part < 1, seed=SEED)
            recalls.setdefault(part, []).append(estimate.value)
    return {
        f"packs.{'all' if part == 1 else 'half'}": float(np.mean(values))
        for part, values in recalls.items()
    }


def _means(figures: Mapping[str, float]) -> dict[str, float]:
    families: dict[str, list[float]] = {}
    for name, value in figures.items():
        families.setdefault(name.partition(".")[0], []).append(value)
    means = {f"{name}.mean": float(np.mean(values)) for name, values in families.items()}
    return means | {"mean": float(np.mean(list(means.values())))}


@lru_cache(maxsize=4096)
def _square(shot: Shot, size_px: int) -> NDArray[np.uint8]:
    return squares_of([shot], size_px)[0]


def _remembered(shots: Sequence[Shot], size_px: int) -> NDArray[np.uint8]:
    return np.stack([_square(shot, size_px) for shot in shots])
