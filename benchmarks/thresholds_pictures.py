"""Single pictures against the references of another character of their style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from embedder_scores import Rows
from numpy.typing import NDArray
from thresholds_packs import Group

from screening.embedders.embedder import Look
from screening.index import Background
from screening.matching.characters import top_scores
from screening.matching.looks import seen, seen_background

PACK = 3
"""Pictures of a pack too small for the two-sample test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Scores (n, k, outputs) of pictures with k characters; whose they are is ``owners`` (n,)."""

    scores: NDArray[np.float64]
    owners: NDArray[np.int64]

    @property
    def own(self) -> NDArray[np.float64]:
        """(n, outputs)."""
        return self.scores[np.arange(len(self.owners)), self.owners]

    def flagged(
        self, threshold: float, *, pictures: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which characters packs of three reach with ``pictures`` of them: (packs, k), whose.

        As the policy has it, all of these reach ``threshold`` by the same output.
        """
        reached, owners = [], []
        for whose in np.unique(self.owners).tolist():
            mine = self.scores[self.owners == whose] >= threshold
            packs = mine[: len(mine) // PACK * PACK].reshape(-1, PACK, *mine.shape[1:])
            reached.append((packs.sum(axis=1) >= pictures).any(axis=2))
            owners += [whose] * len(packs)
        return np.concatenate(reached), np.array(owners)


def pair_scores(
    pictures: Rows,
    straight: Rows,
    mirrored: Rows,
    background: Background,
    looks: Sequence[Look],
) -> NDArray[np.float64]:
    """(n,): `screening.matching.Closest.top_scores` of ``pictures`` (n, d)."""
    tops = []
    for look in looks:
        if look.single:
            shown = seen(look, pictures)
            ways = [shown @ seen(look, each).T for each in (straight, mirrored)]
            nearest = seen_background(look, background).nearest(shown)
            tops.append(top_scores(np.maximum(*ways)) - nearest)
    return np.asarray(np.max(tops, axis=0), np.float64)


def pairs_of(group: Group, backgrounds: Mapping[str, Background], *, references: int) -> Pairs:
    """Every picture that packs are drawn from with the first ``references`` of every character."""
    owners = np.repeat(np.arange(len(group)), [len(each[group.outputs[0]]) for each in group.pools])
    scores = np.empty((len(owners), len(group), len(group.outputs)))
    for number, output in enumerate(group.outputs):
        pictures = np.concatenate([each[output] for each in group.pools])
        for whose in range(len(group)):
            scores[:, whose, number] = pair_scores(
                pictures,
                group.straight[whose][output][:references],
                group.mirrored[whose][output][:references],
                backgrounds[output],
                list(group.looks[number]),
            )
    return Pairs(scores=scores, owners=owners)
