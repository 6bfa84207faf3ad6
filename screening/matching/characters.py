"""Characters: the pack as a whole against the references of one character.

Mean similarity cannot tell a character from a look-alike; the two-sample statistic can
(matching_facts: at 1 % false alarms it finds 90 % where mean similarity finds 26 %).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Look, Output
from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints
from screening.hashes import NEAR_DUPLICATE_BITS, distance_bits
from screening.images.view import Variant
from screening.index import Background, Index
from screening.matching.looks import looks_of, seen, seen_background
from screening.matching.match import Match, ViewedPicture, match_of
from screening.matching.two_sample import Known, Part, Sight, parts_of

PROPOSED_BY = 10
"""How many nearest references of each picture propose their characters."""

TESTED_CHARACTERS = 256
"""At most this many characters are tested against a pack, those closest to its pictures first."""

TOP_REFERENCES = 3
"""A picture's own score is the mean of so many nearest references', as of the background's."""

MOST_GROUPED = 1000
"""Of a pack with more pictures, those closest to any reference are grouped: pairs are counted."""

AT_ONCE = 1 << 18
"""Scores of pictures with characters that are worked out at once, 2 MB a table of them."""

SEEN_BY_TRAINERS = (
    (Variant.SHOWN,),
    (Variant.UNROTATED,),
    (Variant.OPAQUE,),
    (Variant.OPAQUE_UNROTATED, Variant.OPAQUE, Variant.UNROTATED),
    (Variant.STRETCHED,),
    (Variant.CENTRE,),
    (Variant.SAMPLED,),
    (Variant.FAINT,),
    (Variant.STRETCHED_UNROTATED, Variant.STRETCHED, Variant.UNROTATED),
)
"""Which view of each file trainers take, best first: one that drops transparency and ignores EXIF
sees the one thing or the other in files that have only the one or the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closest:
    """The compared pictures one by one, best-matching first.

    ``matches`` pairs each with its closest reference; its score is the cosine less the mean of
    the three nearest background pictures'. ``top_scores`` is the same with the mean of the three
    nearest references. Both are by the look by which they are highest, of those for single ones.
    """

    matches: tuple[Match, ...]
    top_scores: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterComparison:
    """One share of a pack against one character, by one embedder output.

    ``two_sample`` is T = C - (W + R) / 2 divided by the background's spread (1 - mean cosine), and
    a little for closeness itself (`screening.matching.two_sample`): C is the mean score
    between pack and references, W and R those within each. Two halves of one character's pictures
    give 0 to 0.05; the more negative, the less alike. Of a best-matching share it is less by
    `BEST_COST`. It is by the look at the pictures that makes it highest, each less its cost;
    ``look`` is that look's name, empty where the output has one alone. ``closest`` works the
    single pictures out, which few comparisons are asked for.
    ``share`` is of what was compared, and that is ``of_pack`` of the pack.
    """

    reference_set: str
    character: str
    output: str
    share: float
    two_sample: float
    pictures: int
    references: int
    closest: Callable[[], Closest]
    of_pack: float = 1.0
    look: str = ""


def compare_characters(
    pictures: Sequence[PictureFingerprints], index: Index
) -> Iterator[CharacterComparison]:
    """The pack and parts of it against every character that its pictures come close to.

    Parts are groups of pictures that resemble one another, those that no larger one surpasses, and
    best-matching shares. ``pictures`` hold no near-duplicates. Where files hold other views than
    the one that a person sees, the pack is compared once with each kind of view in its place, and
    where they hold several frames, once with every different frame as a picture of its own.
    """
    for views in _packs_of_views(pictures):
        for output in index.outputs:
            if "characters" in output.finds:
                yield from _compare(views, output, index)


def _packs_of_views(pictures: Sequence[PictureFingerprints]) -> Iterator[list[ViewedPicture]]:
    seen: set[tuple[int, ...]] = set()
    for preferred in SEEN_BY_TRAINERS:
        views = [(picture, _view_of(picture, preferred)) for picture in pictures]
        which = tuple(id(view) for _, view in views)
        if which and which not in seen:
            seen.add(which)
            yield views
    if any(view.view.frame for picture in pictures for view in picture.fingerprints):
        yield [(picture, frame) for picture in pictures for frame in _different_frames(picture)]


def _view_of(picture: PictureFingerprints, preferred: Sequence[Variant]) -> Fingerprint:
    """The first view of the preferred kinds that the file has; the shown one if it has none."""
    views = {each.view.variant: each for each in reversed(picture.fingerprints)}
    return next((views[each] for each in preferred if each in views), picture.shown)


def _different_frames(picture: PictureFingerprints) -> list[Fingerprint]:
    different: list[Fingerprint] = []
    for frame in picture.fingerprints:
        phash = frame.hashes.phash
        if frame.view.variant is Variant.SHOWN and all(
            distance_bits(phash, each.hashes.phash) > NEAR_DUPLICATE_BITS for each in different
        ):
            different.append(frame)
    return different


def _compare(
    views: Sequence[ViewedPicture], output: Output, index: Index
) -> Iterator[CharacterComparison]:
    vectors = np.stack([view.vectors[output.name] for _, view in views])
    grouped = _grouped(vectors, output, index)
    backgrounds = {
        look: seen_background(look, index.backgrounds[output.name]) for look in looks_of(output)
    }
    looks = list(backgrounds)
    seen_as = [seen(look, vectors) for look in looks]
    alike = _alike(seen_as)
    sights = [
        Sight.of(shown, spread=1 - background.mean_score, cost=look.cost, grouped=grouped)
        for shown, (look, background) in zip(seen_as, backgrounds.items(), strict=True)
    ]
    proposed = _proposed(vectors, output, index)
    step = max(1, AT_ONCE // len(vectors))
    for first in range(0, len(proposed), step):
        some = [_references(index, output, each) for each in proposed[first : first + step]]
        known = [_known(look, some) for look in looks]
        for references, parts in zip(some, parts_of(sights, known), strict=True):
            row = int(references.rows[0])
            for part in parts:
                yield CharacterComparison(
                    reference_set=index.entries.reference_set[row],
                    character=index.entries.character[row],
                    output=output.name,
                    share=len(part.places) / len(vectors),
                    two_sample=part.statistic,
                    pictures=len(part.places),
                    references=len(references.rows),
                    closest=partial(
                        _closest,
                        [views[place] for place in part.places.tolist()],
                        references,
                        output,
                        index,
                        backgrounds,
                    ),
                    look=_looked_at(part, looks, alike),
                )


def _known(look: Look, references: Sequence["_References"]) -> Known:
    return Known.of(
        seen(look, np.concatenate([each.straight for each in references])),
        seen(look, np.concatenate([each.mirrored for each in references])),
        [len(each.rows) for each in references],
    )


def _looked_at(
    part: Part, looks: Sequence[Look], alike: Mapping[tuple[int, int], NDArray[np.bool_]]
) -> str:
    """The name of the part's look; of the first of two that saw most of its pictures alike."""
    for (first, _), same in alike.items():
        if 2 * same[part.places].sum() > len(part.places):
            return looks[first].name
    return looks[part.look].name


def _alike(
    seen_as: Sequence[NDArray[np.float32]],
) -> dict[tuple[int, int], NDArray[np.bool_]]:
    """Two looks at vectors of one length -> which pictures are the same by both, (n,)."""
    return {
        (one, other): (seen_as[one] == seen_as[other]).all(axis=1)
        for other in range(len(seen_as))
        for one in range(other)
        if seen_as[one].shape == seen_as[other].shape
    }


def _grouped(vectors: NDArray[np.float32], output: Output, index: Index) -> NDArray[np.int64]:
    """The places of the pictures that are grouped, ascending."""
    if len(vectors) <= MOST_GROUPED:
        return np.arange(len(vectors))
    scores, _ = index.vectors[output.name].nearest(vectors, 1)
    return np.sort(np.argsort(-scores[:, 0], kind="stable")[:MOST_GROUPED])


@dataclass(frozen=True, slots=True, kw_only=True)
class _References:
    """One character's references, as seen and mirrored: (m,) rows of each, (m, d) vectors."""

    rows: NDArray[np.int64]
    mirrored_rows: NDArray[np.int64]
    straight: NDArray[np.float32]
    mirrored: NDArray[np.float32]


def _proposed(vectors: NDArray[np.float32], output: Output, index: Index) -> list[int]:
    if index.character_count <= TESTED_CHARACTERS:
        return list(range(index.character_count))
    _, entries = index.vectors[output.name].nearest(vectors, PROPOSED_BY)
    found, votes = np.unique(index.entries.characters[entries], return_counts=True)
    order = np.lexsort((found, -votes))[:TESTED_CHARACTERS]
    return sorted(found[order].tolist())


def _references(index: Index, output: Output, character: int) -> _References:
    rows = index.rows_of(character)
    entries, table = index.entries, index.vectors[output.name]
    straight, flipped = rows[entries.primary[rows]], rows[entries.mirrored[rows]]
    # The first mirrored row of an image is that of the view that a person sees.
    images, first = np.unique(entries.images[flipped], return_index=True)
    mirrored = flipped[first][np.searchsorted(images, entries.images[straight])]
    return _References(
        rows=straight,
        mirrored_rows=mirrored,
        straight=table.rows(straight),
        mirrored=table.rows(mirrored),
    )


def _closest(
    views: Sequence[ViewedPicture],
    references: _References,
    output: Output,
    index: Index,
    backgrounds: Mapping[Look, Background],
) -> Closest:
    vectors = np.stack([view.vectors[output.name] for _, view in views])
    by_look = [
        _scores(look, vectors, references, background)
        for look, background in backgrounds.items()
        if look.single
    ]
    top = np.max([top_scores(np.maximum(*each)) for each in by_look], axis=0)
    straight, mirrored = (np.max([each[way] for each in by_look], axis=0) for way in (0, 1))
    scores = np.maximum(straight, mirrored)
    matches: list[Match] = []
    for number, best in enumerate(scores.argmax(axis=1).tolist()):
        flipped = mirrored[number, best] > straight[number, best]
        row = (references.mirrored_rows if flipped else references.rows)[best]
        match = match_of(views[number], index, int(row), method=output.name)
        matches.append(replace(match, score=round(float(scores[number, best]), 4)))
    return Closest(matches=tuple(matches), top_scores=tuple(top.tolist()))


def _scores(
    look: Look,
    vectors: NDArray[np.float32],
    references: _References,
    background: Background,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, m) each: pictures with references, as seen and mirrored, less their background."""
    shown = seen(look, vectors)
    nearest = background.nearest(shown)[:, None]
    straight, mirrored = seen(look, references.straight), seen(look, references.mirrored)
    return shown @ straight.T - nearest, shown @ mirrored.T - nearest


def top_scores(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,): the mean of each picture's `TOP_REFERENCES` highest of (n, m) scores."""
    top: NDArray[np.float32] = np.sort(scores, axis=1)[:, -TOP_REFERENCES:].mean(axis=1)
    return top
