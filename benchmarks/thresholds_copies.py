"""Copies and other pictures against many references: how often a copy vector calls them near.

References are pictures as drawn, one row each; an index holds a second row for the mirror image
of each, here only originals that are copied do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from embedder_art import Art, drawn, identities, split_of
from embedder_scores import Labels, Rows
from embedder_vectors import Shot, digest_of
from numpy.typing import NDArray
from PIL import Image
from thresholds_casts import splits_of
from thresholds_vectors import Edited, Store

from screening.evaluation.edits import EDITS

SEED = 12
MOST_OF_CHARACTER = 12
MOST_QUERIES = 2_000
SMALLEST_PX = 96
"""Of pictures that are copied: an upload is no sprite of 72 px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """References: ``rows`` (n, d), whom they show, in which source, and the files."""

    paths: Sequence[Path]
    sources: Labels
    characters: Labels
    rows: Rows

    def __len__(self) -> int:
        return len(self.paths)


def table_of(art: Art, store: Store, output: str, *, most: int) -> Table:
    """At most ``most`` different pictures of all sources, few of each character."""
    every = [
        (path, source, name)
        for source in art.sources
        for name, paths in art.characters(source).items()
        for path in drawn(paths, MOST_OF_CHARACTER, seed=SEED)
    ]
    kept: dict[str, tuple[Path, str, str]] = {}
    for place in np.random.default_rng(SEED).permutation(len(every)).tolist():
        if len(kept) == most:
            break
        kept.setdefault(digest_of(every[place][0]), every[place])
    paths, sources, names = zip(*kept.values(), strict=True)
    return Table(
        paths=paths,
        sources=np.array(sources),
        characters=identities(names),
        rows=store.rows(output, [Shot(path=path) for path in paths]),
    )


def of_split(table: Table, split: str) -> NDArray[np.bool_]:
    """Which rows (n,) serve as benign pictures, or as originals, of ``split``."""
    allowed = {source: splits_of(source, split) for source in set(table.sources.tolist())}
    return np.array(
        [
            split_of(str(name)) in allowed[str(source)]
            for name, source in zip(table.characters, table.sources, strict=True)
        ],
        np.bool_,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Benign:
    """The nearest reference of another character, (n,): of the same source, and of any other."""

    sources: Labels
    characters: Labels
    same: NDArray[np.float32]
    other: NDArray[np.float32]

    @property
    def any(self) -> NDArray[np.float32]:
        return np.maximum(self.same, self.other)


def benign_of(table: Table, split: str) -> Benign:
    queries = np.flatnonzero(of_split(table, split))
    queries = np.sort(np.random.default_rng(SEED).permutation(queries)[:MOST_QUERIES])
    scores = table.rows[queries] @ table.rows.T
    scores[table.characters[queries][:, None] == table.characters[None]] = -1
    alike = table.sources[queries][:, None] == table.sources[None]
    return Benign(
        sources=table.sources[queries],
        characters=table.characters[queries],
        same=np.where(alike, scores, -1).max(axis=1),
        other=np.where(alike, -1, scores).max(axis=1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Of copies of one family, (n,): the score with the original, as seen or mirrored, and how
    many rows of other characters are nearer."""

    characters: Labels
    scores: NDArray[np.float32]
    nearer: NDArray[np.int64]

    def reached(self, score: float) -> NDArray[np.bool_]:
        return np.asarray(self.scores >= score, np.bool_)

    def proposed(self, score: float, *, among: int) -> NDArray[np.bool_]:
        return np.asarray((self.scores >= score) & (self.nearer < among), np.bool_)


def copies_of(
    table: Table, store: Store, output: str, split: str, *, most: int
) -> Mapping[str, Copies]:
    """Family of `edits` -> copies of ``most`` large pictures, one of each character."""
    originals = _originals(table, split, most)
    if not originals:
        return {}
    paths = [table.paths[row] for row in originals]
    mirrored = store.rows(output, [Shot(path=path, mirrored=True) for path in paths])
    characters = table.characters[originals]
    own = characters[:, None] == table.characters[None]
    found = {}
    for family in EDITS:
        copies = store.rows(output, _edited(paths, family))
        scores = copies @ table.rows.T
        wanted = np.maximum(
            scores[np.arange(len(originals)), originals], (copies * mirrored).sum(axis=1)
        )
        nearer = ((scores > wanted[:, None]) & ~own).sum(axis=1)
        found[family] = Copies(characters=characters, scores=wanted, nearer=nearer)
    return found


def _edited(paths: Sequence[Path], family: str) -> list[Edited]:
    return [
        Edited(path=path, family=family, seed=number, other=paths[number - 1])
        for number, path in enumerate(paths)
    ]


def _originals(table: Table, split: str, most: int) -> list[int]:
    """Rows of large pictures, one of each character, sources in turn."""
    by_source: dict[str, list[int]] = {}
    seen: set[str] = set()
    for row in np.flatnonzero(of_split(table, split)).tolist():
        name = str(table.characters[row])
        if name not in seen and _is_large(table.paths[row]):
            seen.add(name)
            by_source.setdefault(str(table.sources[row]), []).append(row)
    turns = max(map(len, by_source.values()), default=0)
    rows = [each[turn] for turn in range(turns) for each in by_source.values() if turn < len(each)]
    return rows[:most]


def _is_large(path: Path) -> bool:
    with Image.open(path) as image:
        return min(image.size) >= SMALLEST_PX
