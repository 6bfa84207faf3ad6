"""Rows 1-3: the same character in other pictures, by another hand, against look-alikes."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from embedder_art import Art, Characters, chosen, different, drawn, identities, looks, shots
from embedder_scores import (
    Estimate,
    leave_one_out,
    mean_of,
    nearest_is_own,
    same_or_different,
    share,
)
from embedder_sources import FACES, FIGURES, HANDS, HELD_OUT, Hands, matching
from embedder_table import Figure
from embedder_vectors import Shot, Vectors
from numpy.typing import NDArray

SEED = 3

DIFFERENT_BITS = 48
"""Of 256. Pictures of one character closer than this are frames of one motion: the nearest of
them would always be the neighbouring frame, whatever the embedder."""

POSES = 4
"""Pictures of a character in a crowd, mutually different."""

FRAMES = 24
PICTURES = 4
SCENE = 1
MOST_CHARACTERS = 100
LEAST_CHARACTERS = 3
HANDS_CHARACTERS = 300


def wesnoth(
    art: Art,
    vectors: Vectors,
    split: str,
    *,
    crowd_splits: Sequence[str] = HELD_OUT,
    frames: bool = True,
) -> Iterator[Figure]:
    """Row 1: among all characters that nobody learnt from, and among those of the split alone."""
    crowd = poses_of(art.characters("wesnoth", splits=crowd_splits), most=POSES)
    if len(crowd) < 2:
        return
    asked = set(art.characters("wesnoth", splits=[split]))
    among = f"{POSES} poses each of {len(crowd)} held-out units"
    for row, name, scene, target in (
        ("1", f"Wesnoth 1-NN, as drawn, {among}", None, 0.85),
        ("1b", f"Wesnoth 1-NN, in scenes, {among}", SCENE, None),
    ):
        hits, names = _nearest_other(crowd, vectors, asked, scene=scene)
        estimate = share(hits, names, seed=SEED)
        yield Figure(row=row, name=name, target=target, estimate=estimate)
    if not frames:
        return
    every = {
        name: drawn(paths, FRAMES, seed=SEED)
        for name, paths in art.characters("wesnoth", splits=[split], least=3).items()
    }
    yield Figure(
        row="1c",
        name=f"Wesnoth 1-NN, as drawn, every frame (up to {FRAMES}) of {len(every)} units",
        estimate=share(*_nearest_other(every, vectors, asked), seed=SEED),
    )


def poses_of(characters: Characters, *, most: int) -> dict[str, list[Path]]:
    """Up to ``most`` different pictures of each; without those who have but one."""
    kept = {
        name: different(drawn(paths, 4 * most, seed=SEED), bits=DIFFERENT_BITS)[:most]
        for name, paths in characters.items()
    }
    return {name: paths for name, paths in kept.items() if len(paths) > 1}


def _count(characters: Characters) -> int:
    return len(set(identities(list(characters)).tolist()))


def _nearest_other(
    characters: Characters, vectors: Vectors, asked: set[str], *, scene: int | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.str_]]:
    """Whether each picture of those ``asked`` for finds its unit, and whose it is."""
    pictures, names = shots(characters, scene=scene)
    hits = leave_one_out(vectors.identity(pictures), names)
    counted = np.isin(names, sorted(asked))
    return hits[counted], names[counted]


def hands(
    art: Art,
    vectors: Vectors,
    split: str,
    *,
    hands_of: Sequence[Hands] = HANDS,
    most: int = HANDS_CHARACTERS,
) -> Iterator[Figure]:
    """Row 2: one picture each by one hand; whose it is, among one each by another hand."""
    for each in hands_of:
        pairs = pairs_of(art, each, split, most=most)
        if len(pairs) < LEAST_CHARACTERS:
            yield Figure(row=each.row, name=each.name, target=each.target, note="not in this art")
            continue
        names = np.array(list(pairs))
        queries = vectors.identity([Shot(path=query) for query, _ in pairs.values()])
        gallery = vectors.identity([Shot(path=known) for _, known in pairs.values()])
        yield Figure(
            row=each.row,
            name=f"{each.name}, {len(pairs)} characters, top-1",
            target=each.target,
            estimate=share(nearest_is_own(queries, gallery, names, names), names, seed=SEED),
        )


def pairs_of(
    art: Art, hands: Hands, split: str, *, most: int = HANDS_CHARACTERS
) -> dict[str, tuple[Path, Path]]:
    """Identity -> its first picture by each hand."""
    splits = () if hands.kept_out else (split,)
    queries = _first(art, hands.queries, hands.query_files, splits)
    gallery = _first(art, hands.gallery, hands.gallery_files, splits)
    both = {name: [queries[name], gallery[name]] for name in queries.keys() & gallery.keys()}
    kept = chosen(both, most, seed=SEED)
    return {name: (paths[0], paths[1]) for name, paths in kept.items()}


def _first(art: Art, patterns: Sequence[str], files: str, splits: Sequence[str]) -> dict[str, Path]:
    first: dict[str, Path] = {}
    for source in matching(patterns, art.sources):
        for name, paths in art.characters(source, splits=splits).items():
            fitting = [path for path in paths if fnmatch(path.name, files)]
            if fitting:
                first.setdefault(str(identities([name])[0]), fitting[0])
    return first


def same_different(art: Art, vectors: Vectors, split: str) -> Iterator[Figure]:  # noqa: ARG001
    """Row 3: pairs of one style, so that style alone decides nothing. Kept out in every split."""
    for scene, row, how, target in (
        (SCENE, "3", "in scenes", 0.92),
        (None, "3b", "as drawn", None),
    ):
        every: list[Estimate] = []
        for kind, styles in (("faces", FACES), ("figures", FIGURES)):
            of_kind: list[Estimate] = []
            for style, sources in styles.items():
                estimate = auc_of(_style(art, sources), vectors, scene=scene)
                if estimate is not None:
                    of_kind.append(estimate)
                    name = f"same/different AUC {how}, {kind}: {style}"
                    yield Figure(row=row, name=name, estimate=estimate)
            if of_kind:
                name = f"same/different AUC {how}, {kind}: mean of {len(of_kind)} styles"
                yield Figure(row=row, name=name, estimate=mean_of(of_kind), target=target)
            every += of_kind
        if every:
            name = f"same/different AUC {how}: mean of all {len(every)} styles"
            yield Figure(row=row, name=name, estimate=mean_of(every), target=target)


def _style(art: Art, sources: Sequence[str]) -> dict[str, list[Path]]:
    """Identity -> its pictures, as many by each hand that draws it as there are."""
    by_hand: dict[str, list[Sequence[Path]]] = {}
    for source in sources:
        for name, paths in looks(art, source).items():
            by_hand.setdefault(name, []).append(paths)
    joined = {
        name: [path for paths in many for path in drawn(paths, PICTURES // len(many), seed=SEED)]
        for name, many in by_hand.items()
    }
    several = {name: paths for name, paths in joined.items() if len(paths) > 1}
    return chosen(several, MOST_CHARACTERS, seed=SEED)


def auc_of(
    characters: Characters, vectors: Vectors, *, scene: int | None = None
) -> Estimate | None:
    """None where too few characters have two different pictures."""
    if len(characters) < LEAST_CHARACTERS:
        return None
    pictures, names = shots(characters, scene=scene)
    return same_or_different(vectors.identity(pictures), names, seed=SEED)
