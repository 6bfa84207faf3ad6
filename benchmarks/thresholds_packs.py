"""Packs against protected characters of their own style: T of every pack and output.

Benign packs show one other character of the same source, the hardest ones there are, or many.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from embedder_scores import Rows
from kept_rows import Pictured
from numpy.typing import NDArray
from thresholds_casts import Cast
from thresholds_vectors import Store

from screening.embedders.embedder import Look
from screening.index import Background
from screening.matching.looks import looks_of, seen, seen_background
from screening.matching.two_sample import Known, Sight, parts_of

SEED = 11
REFERENCES = (8, 15, 30)
PACKS = (4, 6, 8, 10, 24)
PARTS = (1.0, 0.5, 0.25)
"""Of a pack that the protected character fills; the rest is one other character."""

DRAWS = 2
SPLITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PackScores:
    """The highest T of a pack and its parts, -inf where none is large enough or not asked for.

    ``benign`` (b, k, outputs): packs of one character, ``benign_of`` (b,), against all k
    characters but itself. ``blended`` (m, k, outputs): packs of many characters against those that
    are not among them. ``protected``: part -> (p, outputs) of packs of ``protected_of`` (p,)
    against its own references.
    """

    benign: NDArray[np.float64]
    benign_of: NDArray[np.int64]
    blended: NDArray[np.float64]
    protected: Mapping[float, NDArray[np.float64]]
    protected_of: Mapping[float, NDArray[np.int64]]

    @property
    def characters(self) -> int:
        return self.benign.shape[1]


Vectors = Mapping[str, Rows]
"""Output -> (n, d)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The characters of one source with their vectors, of those outputs that find characters.

    ``looks``: of every output, look -> the background's spread by it.
    """

    outputs: Sequence[str]
    looks: Sequence[Mapping[Look, float]]
    straight: Sequence[Vectors]
    mirrored: Sequence[Vectors]
    pools: Sequence[Vectors]

    def __len__(self) -> int:
        return len(self.pools)

    @property
    def most_references(self) -> int:
        return min(len(each[self.outputs[0]]) for each in self.straight)

    @property
    def most_pictures(self) -> int:
        return min(len(each[self.outputs[0]]) for each in self.pools)


def group_of(
    cast: Mapping[str, Cast], store: Store, backgrounds: Mapping[str, Background]
) -> Group:
    found = [each for each in store.embedder.outputs if "characters" in each.finds]
    outputs = [each.name for each in found]

    def vectors(pictures: Sequence[Pictured]) -> Vectors:
        return {output: store.rows(output, pictures) for output in outputs}

    return Group(
        outputs=outputs,
        looks=[
            {
                look: 1 - seen_background(look, backgrounds[output.name]).mean_score
                for look in looks_of(output)
            }
            for output in found
        ],
        straight=[vectors(each.references) for each in cast.values()],
        mirrored=[vectors(each.mirrored) for each in cast.values()],
        pools=[vectors(each.others) for each in cast.values()],
    )


def packs_against(group: Group, *, references: int, pack: int, least: int) -> PackScores:
    """All packs of ``pack`` pictures against ``references`` each. ``least``: pictures of a part.

    Raises ValueError where a character has fewer pictures, or there are no two characters.
    """
    if len(group) < 2 or pack > group.most_pictures or references > group.most_references:
        raise ValueError("a group of two characters with pictures enough is needed")
    chance = np.random.default_rng([SEED, references, pack])
    known = [known_of(group, whose, references) for whose in range(len(group))]
    everyone = range(len(group))

    def against(packed: Vectors, whom: Iterable[int]) -> NDArray[np.float64]:
        scores = np.full((len(group), len(group.outputs)), -np.inf)
        asked = list(whom)
        scores[asked] = against_all(group, packed, [known[each] for each in asked], least)
        return scores

    benign, benign_of = [], []
    protected: dict[float, list[NDArray[np.float64]]] = {part: [] for part in PARTS}
    protected_of: dict[float, list[int]] = {part: [] for part in PARTS}
    for whose in everyone:
        for _ in range(DRAWS if pack < group.most_pictures else 1):
            scores = against(_some(group, whose, pack, chance), everyone)
            protected[1.0].append(scores[whose].copy())
            protected_of[1.0].append(whose)
            scores[whose] = -np.inf
            benign.append(scores)
            benign_of.append(whose)
        for part in PARTS[1:]:
            for other in _others(whose, len(group), chance)[:DRAWS]:
                packed = _mixed(group, (whose, other), pack, part, chance)
                protected[part].append(against(packed, [whose])[whose])
                protected_of[part].append(whose)
    blended = []
    for _ in range(SPLITS):
        order = chance.permutation(len(group)).tolist()
        free, asked = order[: len(order) // 2], order[len(order) // 2 :]
        blended.append(against(_blend(group, free, pack, chance), asked))
    return PackScores(
        benign=np.stack(benign),
        benign_of=np.array(benign_of),
        blended=np.stack(blended),
        protected={part: np.stack(each) for part, each in protected.items()},
        protected_of={part: np.array(each) for part, each in protected_of.items()},
    )


def joined(parts: Sequence[PackScores]) -> PackScores:
    """All packs of several sizes against the same characters."""
    return PackScores(
        benign=np.concatenate([each.benign for each in parts]),
        benign_of=np.concatenate([each.benign_of for each in parts]),
        blended=np.concatenate([each.blended for each in parts]),
        protected={p: np.concatenate([each.protected[p] for each in parts]) for p in PARTS},
        protected_of={p: np.concatenate([each.protected_of[p] for each in parts]) for p in PARTS},
    )


def known_of(group: Group, whose: int, count: int) -> list[list[Known]]:
    """Of every output, by every look."""
    return [
        [
            Known.of(
                seen(look, group.straight[whose][output][:count]),
                seen(look, group.mirrored[whose][output][:count]),
            )
            for look in looks
        ]
        for output, looks in zip(group.outputs, group.looks, strict=True)
    ]


def statistics_of(
    group: Group, packed: Vectors, known: Sequence[Sequence[Known]], least: int
) -> NDArray[np.float64]:
    """(outputs,): the highest of `screening.matching.compare_characters`."""
    return against_all(group, packed, [known], least)[0]


def against_all(
    group: Group, packed: Vectors, known: Sequence[Sequence[Sequence[Known]]], least: int
) -> NDArray[np.float64]:
    """(characters, outputs): as `statistics_of`, of one pack against several characters."""
    scores = np.full((len(known), len(group.outputs)), -np.inf)
    for number, output in enumerate(group.outputs):
        looks = group.looks[number]
        sights = [
            Sight.of(seen(look, packed[output]), spread=spread, cost=look.cost)
            for look, spread in looks.items()
        ]
        everyone = [
            Known.joined([each[number][look] for each in known]) for look in range(len(looks))
        ]
        for row, parts in enumerate(parts_of(sights, everyone)):
            large = (part.statistic for part in parts if len(part.places) >= least)
            scores[row, number] = max(large, default=-np.inf)
    return scores


def _others(whose: int, count: int, chance: np.random.Generator) -> list[int]:
    return [each for each in chance.permutation(count).tolist() if each != whose]


def _some(group: Group, whose: int, count: int, chance: np.random.Generator) -> Vectors:
    places = chance.permutation(group.most_pictures)[:count]
    return {output: group.pools[whose][output][places] for output in group.outputs}


def _mixed(
    group: Group, pair: tuple[int, int], count: int, part: float, chance: np.random.Generator
) -> Vectors:
    own = max(1, round(part * count))
    one, rest = _some(group, pair[0], own, chance), _some(group, pair[1], count - own, chance)
    return {output: np.concatenate([one[output], rest[output]]) for output in group.outputs}


def _blend(group: Group, of: Sequence[int], count: int, chance: np.random.Generator) -> Vectors:
    picked = [_some(group, of[number % len(of)], 1, chance) for number in range(count)]
    return {output: np.concatenate([each[output] for each in picked]) for output in group.outputs}
