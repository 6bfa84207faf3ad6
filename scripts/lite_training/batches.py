"""Batches by step number: the same seed and step always give the same batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from lite_training.augmentation import character_view, copy_view, plain_view
from lite_training.pictures import Pictures

GENERATED = "generated"
CHARACTERS, VIEWS = 28, 4
LOOK_ALIKE_SUFFIX = "~"


@dataclass(frozen=True, slots=True)
class Batch:
    """Views of 28 characters x 4, and copies of the last view of each.

    `views` (112, s, s, 3) uint8; `characters`, `rows` (112,): whom and which picture each shows;
    `maps` (112, 2, s/16, s/16), NaN where unknown. The last 28 views are plain pictures, and
    `copies` (28, s, s, 3) are edited copies of them, in the same order.
    """

    views: Tensor
    characters: Tensor
    rows: Tensor
    maps: Tensor
    copies: Tensor


class Batches(Dataset[Batch]):
    """Half generated characters with their look-alikes, half characters of one other family.

    A family is a group of sources of one style or of one subject drawn by several hands, so that
    most negatives resemble: `families` maps its name to sources and to how often it comes.
    """

    def __init__(
        self,
        pictures: Pictures,
        families: Mapping[str, tuple[Sequence[str], float]],
        *,
        side_px: int,
        seed: int,
    ) -> None:
        self._pictures, self._side_px, self._seed = pictures, side_px, seed
        self._rows = _rows_by_character(pictures, families)
        self._names = [name for name in families if name != GENERATED and self._rows[name]]
        weights = np.array([families[name][1] for name in self._names])
        self._chances = weights / weights.sum() if len(weights) else weights
        self._twins = _look_alikes(pictures, self._rows.get(GENERATED, {}))

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, step))
        chosen = self._choose(rng)
        views, maps, copies = [], [], []
        characters, rows = [], []
        plain: list[tuple[int, int]] = []
        for character, own in chosen:
            picked = self._pick(own, rng)
            for row in picked[:-1]:
                view = character_view(self._pictures, row, self._side_px, rng)
                views.append(view.pixels)
                maps.append(view.maps)
                characters.append(character)
                rows.append(row)
            plain.append((character, picked[-1]))
        unknown = np.full_like(maps[0], np.nan)
        for character, row in plain:
            base = float(rng.choice([255.0, 255.0, 0.0, 128.0, 200.0]))
            views.append(plain_view(self._pictures, row, base, self._side_px))
            copies.append(copy_view(self._pictures, row, base, self._side_px, rng))
            maps.append(unknown)
            characters.append(character)
            rows.append(row)
        return Batch(
            views=torch.from_numpy(np.stack(views)),
            characters=torch.tensor(characters),
            rows=torch.tensor(rows),
            maps=torch.from_numpy(np.stack(maps)),
            copies=torch.from_numpy(np.stack(copies)),
        )

    def _choose(self, rng: Generator) -> list[tuple[int, list[int]]]:
        generated = self._rows.get(GENERATED, {})
        chosen: dict[int, list[int]] = {}
        half = CHARACTERS // 2 if self._names else CHARACTERS
        pool = list(generated)
        while pool and len(chosen) < half:
            character = pool[int(rng.integers(len(pool)))]
            chosen[character] = generated[character]
            twin = self._twins.get(character)
            if twin is not None and rng.random() < 0.5 and len(chosen) < half:
                chosen[twin] = generated[twin]
        while len(chosen) < CHARACTERS:
            family = self._names[int(rng.choice(len(self._names), p=self._chances))]
            others = self._rows[family]
            count = min(CHARACTERS - len(chosen), len(others))
            for character in rng.choice(list(others), count, replace=False):
                chosen[int(character)] = others[int(character)]
        return list(chosen.items())

    def _pick(self, own: list[int], rng: Generator) -> list[int]:
        """Four pictures of a character, by as many hands as there are."""
        order = [own[i] for i in rng.permutation(len(own))]
        seen: dict[int, int] = {}
        ranks = []
        for row in order:
            source = int(self._pictures.sources[row])
            seen[source] = seen.get(source, 0) + 1
            ranks.append(seen[source])
        order = [row for _, row in sorted(zip(ranks, order, strict=True), key=lambda pair: pair[0])]
        picked = (order * VIEWS)[:VIEWS]
        return [picked[i] for i in rng.permutation(VIEWS)]


def _rows_by_character(
    pictures: Pictures, families: Mapping[str, tuple[Sequence[str], float]]
) -> dict[str, dict[int, list[int]]]:
    rows: dict[str, dict[int, list[int]]] = {name: {} for name in families}
    family_of = {source: name for name, (sources, _) in families.items() for source in sources}
    numbered = [family_of.get(name) for name in pictures.source_names]
    for row, (source, character) in enumerate(
        zip(pictures.sources, pictures.characters, strict=True)
    ):
        family = numbered[source]
        if family is not None:
            rows[family].setdefault(int(character), []).append(row)
    return rows


def _look_alikes(pictures: Pictures, generated: Mapping[int, list[int]]) -> dict[int, int]:
    numbers = {pictures.character_names[number]: number for number in generated}
    twins = {}
    for name, number in numbers.items():
        twin = numbers.get(name + LOOK_ALIKE_SUFFIX)
        if twin is not None:
            twins[number], twins[twin] = twin, number
    return twins
