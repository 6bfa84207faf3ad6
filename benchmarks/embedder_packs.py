"""Row 5: packs of one character against look-alikes of its style, by the two-sample statistic."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from embedder_art import Art, Characters, chosen, different, drawn, looks
from embedder_scores import Estimate, Packs, Rows, mean_of, pack_recall
from embedder_sources import PACKS, asked_splits, matching
from embedder_table import Figure
from embedder_vectors import Shot, Vectors

from screening.hashes import NEAR_DUPLICATE_BITS
from screening.matching.two_sample import Known, within_of

SEED = 5
REFERENCES, PACK = 15, 24
OTHERS = 28
"""Pictures of a character that its packs are drawn from."""

DRAWS = 4
"""Packs of each character, and packs that mix it with another one."""

LEAST_DRAWINGS = 8
REFERENCE_DRAWINGS = 3 / 8
"""Part of a character's drawings that references show; packs show the others alone."""

MOST_CHARACTERS = 16
LEAST_CHARACTERS = 6
TARGETS = {1.0: 0.97, 0.5: 0.90}


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """One character's reference images as they are and mirrored, (m, d) each."""

    straight: Rows
    mirrored: Rows


def packs(art: Art, vectors: Vectors, split: str) -> Iterator[Figure]:
    """In scenes, where few drawings make many pictures; as drawn, where there are drawings enough.

    Packs and references never show the same drawing.
    """
    for row, how, kind, targets in (
        ("5", "in scenes", in_scenes, TARGETS),
        ("5b", "as drawn", as_drawn, dict.fromkeys(TARGETS)),
    ):
        found: dict[float, list[Estimate]] = {part: [] for part in TARGETS}
        for source in matching(PACKS, art.sources):
            characters = kind(looks(art, source, asked_splits(source, split)))
            if len(characters) < LEAST_CHARACTERS:
                continue
            for part, statistic in statistics_of(characters, vectors).items():
                estimate = pack_recall(statistic, mixed=part < 1, seed=SEED)
                name = f"pack recall at 1 %, {how}, {_part(part)} protected: {source}"
                yield Figure(row=row, name=name, estimate=estimate)
                found[part].append(estimate)
        for part, estimates in found.items():
            if len(estimates) > 1:
                name = f"pack recall at 1 %, {how}, {_part(part)} protected: mean of "
                yield Figure(
                    row=row,
                    name=f"{name}{len(estimates)} sources",
                    estimate=mean_of(estimates),
                    target=targets[part],
                )


def _part(share: float) -> str:
    return "all" if share == 1 else "half"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One character's references, and the pictures that its packs are drawn from.

    ``mirrored``: whether references are matched mirrored as well, as the product does. In scenes
    every second picture is mirrored already, and the choice between the two means nothing.
    """

    references: list[Shot]
    others: list[Shot]
    mirrored: bool


def in_scenes(
    drawings: Characters, *, most: int = MOST_CHARACTERS, others: int = OTHERS
) -> dict[str, Drawn]:
    """Every drawing in as many scenes as make the pictures up."""
    rich = {name: paths for name, paths in drawings.items() if len(paths) >= LEAST_DRAWINGS}
    found = {}
    for name, paths in chosen(rich, most, seed=SEED).items():
        shuffled = _shuffled(paths, name)
        known = max(1, round(len(shuffled) * REFERENCE_DRAWINGS))
        found[name] = Drawn(
            references=_scenes(shuffled[:known], REFERENCES),
            others=_scenes(shuffled[known:], others),
            mirrored=False,
        )
    return found


def _scenes(paths: Sequence[Path], count: int) -> list[Shot]:
    return [
        Shot(path=paths[number % len(paths)], scene=number // len(paths)) for number in range(count)
    ]


def as_drawn(drawings: Characters) -> dict[str, Drawn]:
    """Those with pictures enough when near-duplicates count once, as the product counts them."""
    found: dict[str, Drawn] = {}
    least = REFERENCES + PACK
    rich = {name: paths for name, paths in drawings.items() if len(paths) >= least}
    for name, paths in chosen(rich, 2 * MOST_CHARACTERS, seed=SEED).items():
        kept = different(drawn(paths, 2 * least, seed=SEED), bits=NEAR_DUPLICATE_BITS)
        if len(kept) >= least and len(found) < MOST_CHARACTERS:
            shuffled = [Shot(path=path) for path in _shuffled(kept, name)]
            found[name] = Drawn(
                references=shuffled[:REFERENCES],
                others=shuffled[REFERENCES : REFERENCES + OTHERS],
                mirrored=True,
            )
    return found


def _shuffled(paths: Sequence[Path], name: str) -> list[Path]:
    chance = np.random.default_rng([SEED, *name.encode()])
    return [paths[place] for place in chance.permutation(len(paths))]


def statistics_of(
    characters: Mapping[str, Drawn], vectors: Vectors, *, pack: int = PACK
) -> dict[float, Packs]:
    """Share of a pack -> the statistic of that share of every pack, pure and mixed half and half.

    A pack shows one character, as the hardest benign ones do.
    """
    known = [_references(each, vectors) for each in characters.values()]
    pools = [vectors.identity(each.others) for each in characters.values()]
    chance = np.random.default_rng(SEED)
    pure, mixtures = [], []
    for whose, pool in enumerate(pools):
        draws = DRAWS if len(pool) > pack else 1
        pure += [(whose, _some(pool, pack, chance)) for _ in range(draws)]
        others = np.delete(np.arange(len(pools)), whose)
        for other in chance.permutation(others)[:DRAWS]:
            half = pack // 2
            own = _some(pool, half, chance)
            rest = _some(pools[other], pack - half, chance)
            mixtures.append((whose, int(other), np.concatenate([own, rest])))
    return {
        share: Packs(
            pure=np.array([[statistic(rows, each, share) for each in known] for _, rows in pure]),
            pure_of=np.array([whose for whose, _ in pure]),
            mixed=np.array([statistic(rows, known[whose], share) for whose, _, rows in mixtures]),
            mixed_of=np.array([whose for whose, _, _ in mixtures]),
            mixed_with=np.array([other for _, other, _ in mixtures]),
        )
        for share in (1.0, 0.5)
    }


def _some(rows: Rows, count: int, chance: np.random.Generator) -> Rows:
    return rows[chance.permutation(len(rows))[:count]]


def _references(drawn_from: Drawn, vectors: Vectors) -> References:
    shots = drawn_from.references
    straight = vectors.identity(shots)
    mirrored = straight
    if drawn_from.mirrored:
        mirrored = vectors.identity([replace(shot, mirrored=True) for shot in shots])
    return References(straight=straight, mirrored=mirrored)


def statistic(pack: Rows, references: References, share: float) -> float:
    """T of the best-matching ``share`` of ``pack`` (n, d), which compares embedders.

    What the product adds to it is in `screening.matching.two_sample`.
    """
    closeness = Known.of(references.straight, references.mirrored).closeness(pack)[:, 0]
    best = np.argsort(-closeness, kind="stable")[: max(1, math.ceil(share * len(pack)))]
    within = (within_of(pack[best]) + within_of(references.straight)) / 2
    return float(closeness[best].mean()) - within
