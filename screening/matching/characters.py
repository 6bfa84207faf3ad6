"""Characters: the pack as a whole against the references of one character.

Mean similarity cannot tell a character from a look-alike; the two-sample statistic can
(matching_facts: at 1 % false alarms it finds 90 % where mean similarity finds 26 %).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Output
from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints
from screening.images.decoder import Variant
from screening.index import Index
from screening.matching.match import Match, ViewedPicture, match_of

PROPOSED_BY = 10
"""How many nearest references of each picture propose their characters."""

TESTED_CHARACTERS = 256
"""At most this many characters are tested against a pack, those closest to its pictures first."""

SHARES = (1.0, 0.5, 0.25)
"""Parts of a pack that are tested on their own, best-matching pictures first: the protected ones
may be few among many (matching_facts: recall .53-.75 at 25 % against 0 for the mean)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterComparison:
    """One share of a pack against one character, by one embedder output.

    ``two_sample`` is T = C - (W + R) / 2 divided by the background's spread (1 - mean cosine):
    C is the mean score between pack and references, W and R those within each. 0 is what two
    halves of one character's pictures give; the more negative, the less alike. ``top_scores``
    are the pictures' own scores (mean of the three nearest references less that of the three
    nearest background pictures), ``nearest`` pairs each with its closest reference.
    """

    reference_set: str
    character: str
    output: str
    share: float
    two_sample: float
    references: int
    nearest: tuple[Match, ...]
    top_scores: tuple[float, ...]


def compare_characters(
    pictures: Sequence[PictureFingerprints], index: Index
) -> Iterator[CharacterComparison]:
    """Every share of the pack against every character that its pictures come close to.

    ``pictures`` hold no near-duplicates. Where files hold other views than the one that a person
    sees, the pack is compared once with each kind of view in its place.
    """
    if not pictures:
        return
    for variant in sorted({view.view.variant for each in pictures for view in each.fingerprints}):
        shown: list[ViewedPicture] = [(each, _view_of(each, variant)) for each in pictures]
        for output in index.outputs:
            if "characters" in output.finds:
                yield from _compare(shown, output, index)


def _view_of(picture: PictureFingerprints, variant: Variant) -> Fingerprint:
    return next(
        (each for each in picture.fingerprints if each.view.variant is variant), picture.shown
    )


def _compare(
    views: Sequence[ViewedPicture], output: Output, index: Index
) -> Iterator[CharacterComparison]:
    vectors = np.stack([view.vectors[output.name] for _, view in views])
    background = index.backgrounds[output.name]
    nearest_background = background.nearest(vectors)
    for character in _proposed(vectors, output, index):
        reference = _references(index, output, character)
        scores = _scores(vectors, reference)
        closeness = scores.mean(axis=1)
        order = np.argsort(-closeness, kind="stable")
        top = np.sort(scores, axis=1)[:, -3:].mean(axis=1) - nearest_background
        best = scores.argmax(axis=1)
        for share in SHARES:
            part = order[: max(1, int(np.ceil(share * len(order))))]
            if share < 1 and len(part) < 2:
                continue
            row = reference.rows[0]
            yield CharacterComparison(
                reference_set=index.entries.reference_set[row],
                character=index.entries.character[row],
                output=output.name,
                share=share,
                two_sample=_two_sample(vectors[part], scores[part], reference.within)
                / (1 - background.mean_score),
                references=len(reference.rows),
                nearest=tuple(
                    replace(
                        match_of(views[i], index, int(reference.rows[best[i]]), method=output.name),
                        score=round(float(scores[i, best[i]] - nearest_background[i]), 4),
                    )
                    for i in part.tolist()
                ),
                top_scores=tuple(top[part].tolist()),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _References:
    """One character's references: rows of the images as seen, vectors of both mirror images.

    ``within`` is the mean score between two different ones, or 1 where there is only one.
    """

    rows: NDArray[np.int64]
    straight: NDArray[np.float32]
    mirrored: NDArray[np.float32]
    within: float


def _proposed(vectors: NDArray[np.float32], output: Output, index: Index) -> list[int]:
    if index.character_count <= TESTED_CHARACTERS:
        return list(range(index.character_count))
    _, entries = index.vectors[output.name].nearest(vectors, PROPOSED_BY)
    found, votes = np.unique(index.entries.characters[entries], return_counts=True)
    order = np.lexsort((found, -votes))[:TESTED_CHARACTERS]
    return sorted(found[order].tolist())


def _references(index: Index, output: Output, character: int) -> _References:
    rows = index.rows_of(character)
    straight = rows[index.entries.primary[rows]]
    mirror_of = {
        int(index.entries.images[row]): int(row)
        for row in reversed(rows.tolist())
        if index.entries.mirrored[row]
    }
    mirrored = np.array([mirror_of[int(index.entries.images[row])] for row in straight], np.int64)
    table = index.vectors[output.name]
    vectors = table.rows(straight)
    reference = _References(
        rows=straight, straight=vectors, mirrored=table.rows(mirrored), within=1.0
    )
    count = len(straight)
    if count < 2:
        return reference
    scores = _scores(vectors, reference)
    within = (scores.sum(dtype=np.float64) - np.trace(scores)) / (count * (count - 1))
    return replace(reference, within=float(within))


def _scores(vectors: NDArray[np.float32], reference: _References) -> NDArray[np.float32]:
    """(n, references): the higher of the scores with a reference and with its mirror image."""
    scores: NDArray[np.float32] = np.maximum(
        vectors @ reference.straight.T, vectors @ reference.mirrored.T
    )
    return scores


def _two_sample(
    vectors: NDArray[np.float32], scores: NDArray[np.float32], within_references: float
) -> float:
    """T = C - (W + R) / 2, without pairs of a picture with itself (Gretton et al. 2012).

    A single picture has no W; it is taken as 1, which makes T lower, never higher.
    """
    count = len(vectors)
    total = vectors.sum(axis=0, dtype=np.float64)
    within = (total @ total - count) / (count * (count - 1)) if count > 1 else 1.0
    return float(scores.mean(dtype=np.float64) - (within + within_references) / 2)
