"""How much of what shows a character is expected to be found, by its number of references.

A character's own references tell it where they are enough. They are drawn apart at random, some as
references and the others as a pack, and compared as packs are. T is an unbiased estimate of minus
half the squared distance between two means, which is 0 here, so its spread is that of
1/m + 1/k for m references and k pictures (Gretton et al. 2012, under the null hypothesis): that is
how draws of few pictures speak for other numbers of them. Where there are fewer, a table that was
measured on other characters answers.

Told by 12, 15 and 20 pictures of a character each, what was expected of packs of 24 was off by
.014, .007 and .001 in the mean with 8 references, by .025, .018 and .000 with 15, and with 5 by
.052, .058 and .060 (34-38 characters, 14 of 20 pictures; `benchmarks/references_needed.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

from screening.embedders.embedder import Look, Output
from screening.gathering import CharacterThresholds
from screening.index import Background
from screening.matching.characters import top_scores
from screening.matching.looks import looks_of, seen, seen_background
from screening.matching.two_sample import Known, Sight, parts_of, weighed

PACK_PICTURES = 24
"""Of the pack that is asked about, all of them showing the character; as in `benchmarks/`."""

MOST = 200
"""More references than this count as this many."""

DRAWS = 100
SEED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LookVectors:
    """One character's different references by one look, (n, d) unit rows each.

    ``spread`` is 1 - the background's mean cosine, ``background`` (n,) each picture's mean cosine
    with its three nearest background pictures.
    """

    look: Look
    straight: NDArray[np.float32]
    mirrored: NDArray[np.float32]
    spread: float
    background: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputVectors:
    """One character's different references by one embedder output, by each of its looks."""

    by_look: tuple[LookVectors, ...]

    @classmethod
    def of(
        cls,
        output: Output,
        straight: NDArray[np.float32],
        mirrored: NDArray[np.float32],
        background: Background,
    ) -> "OutputVectors":
        """Of (n, d) unit rows."""
        made = []
        for look in looks_of(output):
            by_look, shown = seen_background(look, background), seen(look, straight)
            made.append(
                LookVectors(
                    look=look,
                    straight=shown,
                    mirrored=seen(look, mirrored),
                    spread=1 - by_look.mean_score,
                    background=by_look.nearest(shown),
                )
            )
        return cls(by_look=tuple(made))

    def __len__(self) -> int:
        return len(self.by_look[0].straight)

    def some(self, rows: NDArray[np.int64]) -> "OutputVectors":
        """Of some of the references."""
        return OutputVectors(
            by_look=tuple(
                replace(
                    each,
                    straight=each.straight[rows],
                    mirrored=each.mirrored[rows],
                    background=each.background[rows],
                )
                for each in self.by_look
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The share of packs that is expected to be found, and between what it may lie.

    ``is_own``: told by the character's own references; else by the measured table.
    """

    references: int
    recall: float
    low: float
    high: float
    is_own: bool


MEASURED = (
    (1, 0.63, 0.00, 0.80),
    (2, 0.50, 0.00, 0.68),
    (3, 0.44, 0.00, 0.62),
    (4, 0.58, 0.00, 0.78),
    (5, 0.67, 0.00, 0.86),
    (7, 0.74, 0.00, 0.97),
    (8, 0.99, 0.72, 1.00),
)
"""From so many references on: the mean share of packs found, and that of the source of art where it
was lowest and highest (`benchmarks/references_needed.py`: ``lite``, default policy, packs of 24;
34-50 characters of the splits calibrate and test, of Dink, Wesnoth, SuperTux, comicgen and three
other sources; measured with 1-5, 7, 8, 10, 12 and 15 references). From 8 on the whole pack is
judged, below that pictures one by one."""


def measured_recall(references: int) -> Expected:
    """What other characters had with so many references, at least 1."""
    _, recall, low, high = next(row for row in reversed(MEASURED) if row[0] <= references)
    return Expected(references=references, recall=recall, low=low, high=high, is_own=False)


def least_own_pictures(thresholds: CharacterThresholds) -> int:
    """From so many different references on, a character's own pictures tell its recall."""
    return thresholds.two_sample_references + thresholds.two_sample_pictures


def expected_recall(
    outputs: Sequence[OutputVectors], numbers: Sequence[int], thresholds: CharacterThresholds
) -> list[Expected]:
    """For each number of references, by every output together. All rows are about one character."""
    pictures = len(outputs[0])
    if pictures < least_own_pictures(thresholds):
        return [measured_recall(number) for number in numbers]
    drawn = _Draws.of(outputs, thresholds)
    return [_own(drawn.recall(number), number, pictures) for number in numbers]


def _own(recall: float, number: int, pictures: int) -> Expected:
    """The interval takes each picture for one trial (Jeffreys), rounded to hundredths.

    With 8 and 15 references it held what packs gave of 92-100 % of characters
    (`benchmarks/references_needed.py`).
    """
    hits, misses = recall * pictures + 0.5, (1 - recall) * pictures + 0.5
    low, high = beta.ppf((0.025, 0.975), hits, misses).round(2).tolist()
    return Expected(
        references=number,
        recall=recall,
        low=min(low, recall),
        high=max(high, recall),
        is_own=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    """``two_sample`` (DRAWS, MOST): the largest of any output, at 1 to MOST references."""

    outputs: Sequence[OutputVectors]
    thresholds: CharacterThresholds
    two_sample: NDArray[np.float64]

    @classmethod
    def of(cls, outputs: Sequence[OutputVectors], thresholds: CharacterThresholds) -> "_Draws":
        count = len(outputs[0])
        known = count // 2
        drawn = 1 / known + 1 / (count - known)
        scale = np.array([(1 / each + 1 / PACK_PICTURES) / drawn for each in range(1, MOST + 1)])
        chance = np.random.default_rng(SEED)
        two_sample = []
        for _ in range(DRAWS):
            order = chance.permutation(count)
            two_sample.append(
                np.max(
                    [
                        _two_sample(
                            each,
                            order[:known],
                            order[known:],
                            least=thresholds.two_sample_pictures,
                            scale=scale,
                        )
                        for each in outputs
                    ],
                    axis=0,
                )
            )
        return cls(outputs=outputs, thresholds=thresholds, two_sample=np.array(two_sample))

    def recall(self, references: int) -> float:
        if references < self.thresholds.two_sample_references:
            return self._few(references)
        reached = self.two_sample[:, min(references, MOST) - 1] >= self.thresholds.two_sample
        return float(reached.mean())

    def _few(self, references: int) -> float:
        """Too few for T: enough single pictures must each be close to their nearest references."""
        chance = np.random.default_rng(SEED)
        count = len(self.outputs[0])
        least = max(1, self.thresholds.few_pictures)
        recalls = []
        for _ in range(DRAWS):
            order = chance.permutation(count)
            known, pack = order[:references], order[references:]
            close = np.any(
                [_close(each, known, pack, self.thresholds) for each in self.outputs], axis=0
            )
            recalls.append(binom.sf(least - 1, PACK_PICTURES, close.mean()))
        return float(np.mean(recalls))


def _two_sample(
    vectors: OutputVectors,
    known: NDArray[np.int64],
    pack: NDArray[np.int64],
    *,
    least: int,
    scale: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The largest statistic of any part of at least ``least`` pictures, as `compare_characters`
    has it, with T itself drawn together by each ``scale``; (scales,)."""
    drawn = [_by_look(each, known, pack, least=least, scale=scale) for each in vectors.by_look]
    largest: NDArray[np.float64] = np.max(drawn, axis=0)
    return largest


def _by_look(
    vectors: LookVectors,
    known: NDArray[np.int64],
    pack: NDArray[np.int64],
    *,
    least: int,
    scale: NDArray[np.float64],
) -> NDArray[np.float64]:
    references = Known.of(vectors.straight[known], vectors.mirrored[known])
    cost = vectors.look.cost
    sight = Sight.of(vectors.straight[pack], spread=vectors.spread, cost=cost)
    [parts] = parts_of([sight], [references])
    best = max(part.statistic for part in parts if len(part.places) >= least)
    # What closeness adds or takes and what the look costs hang on no number of pictures.
    mean = references.closeness(sight.vectors).mean(axis=0)
    added = float(weighed(mean, mean, vectors.spread)[0]) - cost
    scaled: NDArray[np.float64] = added + (best - added) * scale
    return scaled


def _close(
    vectors: OutputVectors,
    known: NDArray[np.int64],
    pack: NDArray[np.int64],
    thresholds: CharacterThresholds,
) -> NDArray[np.bool_]:
    """(k,): which pictures of the pack count by themselves, as `Closest.top_scores` has them."""
    tops = []
    for each in vectors.by_look:
        if each.look.single:
            shown = each.straight[pack]
            scores = np.maximum(shown @ each.straight[known].T, shown @ each.mirrored[known].T)
            tops.append(top_scores(scores) - each.background[pack])
    close: NDArray[np.bool_] = np.max(tops, axis=0) >= thresholds.few_pictures_score
    return close
