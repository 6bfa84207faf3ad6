"""Row 6: edited copies among ten thousand other pictures."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from embedder_art import Art, drawn, identities, shorter_px
from embedder_edits import FAMILIES
from embedder_scores import share
from embedder_sources import asked_splits
from embedder_table import Figure
from embedder_vectors import Shot, Vectors, digest_of
from numpy.typing import NDArray
from untouched_art import opened

SEED = 6
QUERIES = 150
DISTRACTORS = 10_000
MOST_OF_CHARACTER = 12
FEW = 8
"""Pictures that score as high as the original are looked at; more are no longer its twins."""

SMALLEST_PX = 96
"""Of pictures that are copied: an upload is no sprite of 72 px."""


def copies(
    art: Art,
    vectors: Vectors,
    split: str,
    *,
    queries: int = QUERIES,
    distractors: int = DISTRACTORS,
) -> Iterator[Figure]:
    """Each copy's nearest picture of all must be its original; a tie with another one fails."""
    originals = _originals(art, split, queries)
    if not originals:
        return
    others = _distractors(art, originals, distractors)
    gallery = [path for path, _ in [*originals, *others]]
    known = vectors.copy([Shot(path=path) for path in gallery])
    whose = np.array([character for _, character in originals])
    for family in FAMILIES:
        edited = [
            Shot(path=path, edit=family, seed=number) for number, (path, _) in enumerate(originals)
        ]
        yield Figure(
            row="6",
            name=f"copies, {family}, among {len(others)} distractors, top-1",
            target=0.98,
            estimate=share(
                found_originals(vectors.copy(edited) @ known.T, gallery), whose, seed=SEED
            ),
        )


def found_originals(scores: NDArray[np.float32], gallery: Sequence[Path]) -> NDArray[np.bool_]:
    """Whether copy i scores highest with picture i of all; (n,) of ``scores`` (n, m).

    Another file of the same pixels is the same picture: campaigns share portraits.
    """
    hits = np.empty(len(scores), bool)
    for number, row in enumerate(scores):
        rivals = [int(each) for each in np.flatnonzero(row >= row[number]) if each != number]
        hits[number] = all(_same_picture(gallery[number], gallery[each]) for each in rivals[:FEW])
        hits[number] &= len(rivals) <= FEW
    return hits


def _same_picture(one: Path, other: Path) -> bool:
    return np.array_equal(np.asarray(opened(one)), np.asarray(opened(other)))


def _originals(art: Art, split: str, count: int) -> list[tuple[Path, str]]:
    """One large picture of a character, sources in turn, of characters that nobody learnt from."""
    by_source = []
    for source in art.sources:
        first = [
            (
                next((path for path in paths if shorter_px(path) >= SMALLEST_PX), None),
                f"{source} {name}",
            )
            for name, paths in art.characters(source, splits=asked_splits(source, split)).items()
        ]
        large = [(path, name) for path, name in first if path is not None]
        chance = np.random.default_rng([SEED, *source.encode()])
        by_source.append([large[place] for place in chance.permutation(len(large))])
    turns = max(map(len, by_source), default=0)
    in_turn = [each[turn] for turn in range(turns) for each in by_source if turn < len(each)]
    return _once(in_turn, set())[:count]


def _distractors(
    art: Art, originals: Sequence[tuple[Path, str]], count: int
) -> list[tuple[Path, str]]:
    """Of every source, few of each character, none of those whose originals are copied.

    A neighbouring frame, or the same emoji by another vendor, is all but the original itself.
    """
    copied = set(identities([name.partition(" ")[2] for _, name in originals]).tolist())
    found = [
        (path, f"{source} {name}")
        for source in art.sources
        for name, paths in art.characters(source).items()
        if str(identities([name])[0]) not in copied
        for path in drawn(paths, MOST_OF_CHARACTER, seed=SEED)
    ]
    chance = np.random.default_rng(SEED)
    shuffled = [found[place] for place in chance.permutation(len(found))]
    return _once(shuffled, {digest_of(path) for path, _ in originals}, most=count)


def _once(
    pictures: Sequence[tuple[Path, str]], seen: set[str], most: int | None = None
) -> list[tuple[Path, str]]:
    kept: list[tuple[Path, str]] = []
    for path, name in pictures:
        if most is not None and len(kept) == most:
            break
        digest = digest_of(path)
        if digest not in seen:
            seen.add(digest)
            kept.append((path, name))
    return kept
