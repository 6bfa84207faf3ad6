"""Row 4: from a figure to another picture of its head and back, with a second look at the head."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from embedder_art import Art
from embedder_identity import LEAST_CHARACTERS, SEED, pairs_of
from embedder_scores import Estimate, mean_of, own_is_nearest, ratio_of, share
from embedder_sources import HEADS, POKEMON_SPRITES, POKEMON_VECTORS, Hands
from embedder_table import Figure
from embedder_vectors import Box, Shot, Vectors, digest_of
from numpy.typing import NDArray

from screening.embedders.regions import HEADS as HEAD_MAP
from screening.embedders.regions import strongest

LABELS = Path(__file__).with_name("heads.json")
"""Heads of 124 pictures of held-out characters, boxed by eye on a grid of tenths."""

UPPER_HALF: Box = (0.0, 0.0, 1.0, 0.5)
"""Where most drawn figures have their head: what a region map must beat."""

DIRECTIONS = ("figure → head", "head → figure")
WHOLE, REGION = "whole pictures", "joined with the region"
UPPER = "and the upper half of the figure"
OVERLAP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The same characters twice, (n,): as figures, and their heads in other pictures."""

    name: str
    characters: list[str]
    figures: list[Shot]
    heads: list[Shot]


def heads(art: Art, vectors: Vectors, split: str) -> Iterator[Figure]:
    """Whole pictures alone, joined with their regions as shipped, and with other parts beside."""
    labels = labelled(art)
    every: dict[tuple[str, str], list[Estimate]] = {}
    for pairs in (
        *(_of_hands(art, each, split) for each in HEADS),
        _cut_out(art, labels),
    ):
        if len(pairs.characters) < LEAST_CHARACTERS:
            yield Figure(row="4", name=pairs.name, note="not in this art")
            continue
        for (direction, way), estimate in _both_ways(pairs, vectors, labels).items():
            name = f"{pairs.name}, {direction}, {len(pairs.characters)} characters, top-1: {way}"
            if estimate is None:
                yield Figure(row="4", name=name, note="no region output")
                continue
            yield Figure(row="4", name=name, estimate=estimate)
            every.setdefault((direction, way), []).append(estimate)
    yield from _means(every)
    yield _localised(labels, vectors)


def _of_hands(art: Art, hands: Hands, split: str) -> Pairs:
    found = pairs_of(art, hands, split)
    return Pairs(
        name=hands.name,
        characters=list(found),
        figures=[Shot(path=figure) for figure, _ in found.values()],
        heads=[Shot(path=head) for _, head in found.values()],
    )


def _cut_out(art: Art, labels: Mapping[Path, Box]) -> Pairs:
    """Pokémon sprites, and the labelled heads of vector art by another hand."""
    sprites = art.characters(POKEMON_SPRITES)
    found: dict[str, tuple[Shot, Shot]] = {}
    for path, box in labels.items():
        name = path.parent.name
        front = [each for each in sprites.get(name, []) if each.name.startswith("front")]
        if path.parent.parent.name == POKEMON_VECTORS and front:
            found[name] = Shot(path=front[0]), Shot(path=path, box=box)
    return Pairs(
        name="Pokémon sprite, labelled head of the vector art",
        characters=list(found),
        figures=[figure for figure, _ in found.values()],
        heads=[head for _, head in found.values()],
    )


def _means(every: Mapping[tuple[str, str], Sequence[Estimate]]) -> Iterator[Figure]:
    """Over all pairs of hands, each counting the same; and how many times the whole alone."""
    for direction in DIRECTIONS:
        known = every.get((direction, WHOLE), [])
        for way in (WHOLE, REGION, UPPER):
            found = every.get((direction, way), [])
            if not found or len(found) != len(known):
                continue
            mean = mean_of(found)
            name = f"{direction}, mean of {len(found)} pairs of hands"
            yield Figure(row="4a", name=f"{name}, top-1: {way}", estimate=mean)
            if way != WHOLE:
                ratio = ratio_of(mean, mean_of(known))
                target = 2.0 if way == REGION else None
                yield Figure(
                    row="4a", name=f"{name}: {way} ÷ whole alone", estimate=ratio, target=target
                )


def _both_ways(
    pairs: Pairs, vectors: Vectors, labels: Mapping[Path, Box]
) -> dict[tuple[str, str], Estimate | None]:
    """Direction and way -> top-1; None where it needs a region map and there is none."""
    names = np.array(pairs.characters)
    found: dict[tuple[str, str], Estimate | None] = {}
    for way, scores in _ways(pairs, vectors, labels).items():
        for direction in DIRECTIONS:
            if scores is None:
                found[direction, way] = None
                continue
            asked = scores if direction == DIRECTIONS[0] else scores.T
            hits = own_is_nearest(asked, names, names)
            found[direction, way] = share(hits, names, seed=SEED)
    return found


def _ways(
    pairs: Pairs, vectors: Vectors, labels: Mapping[Path, Box]
) -> dict[str, NDArray[np.float32] | None]:
    """Way to look -> scores (n, n) of figures against heads; None where it needs a map."""
    figures, known = pairs.figures, pairs.heads
    heads = vectors.whole(known)
    whole = vectors.whole(figures) @ heads.T

    def with_parts(boxes: Sequence[Box | None]) -> NDArray[np.float32]:
        parts = [
            shot if box is None else replace(shot, box=box)
            for shot, box in zip(figures, boxes, strict=True)
        ]
        return np.maximum(whole, vectors.whole(parts) @ heads.T)

    joined = vectors.identity(figures) @ vectors.identity(known).T
    ways: dict[str, NDArray[np.float32] | None] = {
        WHOLE: whole,
        REGION: None if vectors.maker.regions is None else joined,
        UPPER: with_parts([UPPER_HALF] * len(figures)),
    }
    boxes = [labels.get(shot.path) for shot in figures]
    marked = len(boxes) - boxes.count(None)
    if marked >= LEAST_CHARACTERS:
        ways[f"and the labelled head of {marked} figures"] = with_parts(boxes)
    return ways


def labelled(art: Art) -> dict[Path, Box]:
    """The labelled heads of pictures that are here, byte by byte as they were labelled."""
    found: dict[Path, Box] = {}
    for each in json.loads(LABELS.read_text(encoding="utf-8")):
        path = art.root / each["source"] / each["character"] / each["file"]
        if path.is_file() and digest_of(path) == each["sha256"]:
            left, top, right, bottom = each["box"]
            found[path] = (left, top, right, bottom)
    return found


def _localised(labels: Mapping[Path, Box], vectors: Vectors) -> Figure:
    name = f"labelled heads found, intersection over union ≥ {OVERLAP}"
    if not labels or vectors.maker.regions is None:
        return Figure(row="4b", name=name, note="no region output" if labels else "no labels here")
    hits = []
    for path, box in labels.items():
        maps = vectors.regions(Shot(path=path))
        found = None if maps is None else strongest(maps[HEAD_MAP])
        sides = None if found is None else (found.left, found.top, found.right, found.bottom)
        hits.append(sides is not None and overlap(sides, box) >= OVERLAP)
    whose = np.array([f"{path.parent.parent.name} {path.parent.name}" for path in labels])
    return Figure(row="4b", name=name, estimate=share(np.array(hits), whose, seed=SEED))


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0-1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((each[2] - each[0]) * (each[3] - each[1]) for each in (one, other))
    return shared / (areas - shared)
