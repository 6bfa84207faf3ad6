"""Who plays in the threshold measurement: characters by style, their references and pictures."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from embedder_art import Art, Characters, chosen, different, drawn
from embedder_packs import in_scenes, looks
from embedder_sources import is_kept_out
from embedder_vectors import Shot
from kept_rows import Pictured
from thresholds_vectors import FRAMINGS, Generated

from screening.hashes import NEAR_DUPLICATE_BITS

SEED = 11
GENERATED, AS_DRAWN = "generated", "as drawn: "
IN_SCENES = (
    "dicebear-adventurer",
    "dicebear-lorelei",
    "dicebear-personas",
    "dicebear-micah",
    "dicebear-toon-head",
    "comicgen",
    "dink",
    "pokemon-sprites",
    "wesnoth",
    "supertux",
    "hedgewars-hats",
)
DRAWN = ("wesnoth", "supertux", "pokemon-sprites", "hedgewars-hats")
"""Sources that have different drawings enough for references and packs without scenes."""

SOURCES = (*IN_SCENES, GENERATED, *(AS_DRAWN + each for each in DRAWN))
"""Wholes of one style each."""

FACES, BUSTS, FIGURES = frozenset({"face"}), frozenset({"bust"}), frozenset({"figure"})
CROSSED: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "generated: references show faces and busts, packs figures": (FACES | BUSTS, FIGURES),
    "generated: references show faces, packs busts": (FACES, BUSTS),
    "generated: references show figures, packs faces and busts": (FIGURES, FACES | BUSTS),
}
"""Invented characters whose references and packs are framed otherwise."""

FIRST_SEED: Mapping[str, int] = {"tune": 2_000_000_000, "calibrate": 2_100_000_000}
"""Of invented characters, far from those of any training."""

FIRST_OTHER_VIEW = 1_000
FEWEST_DRAWINGS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One character: pictures of its references, and those that packs are drawn from."""

    references: Sequence[Pictured]
    mirrored: Sequence[Pictured]
    others: Sequence[Pictured]


def splits_of(source: str, split: str) -> tuple[str, ...]:
    """Whose characters serve: a source kept out of training lends those of *train* to *tune*."""
    return ("train", "tune") if is_kept_out(source) and split == "tune" else (split,)


def cast_of(
    art: Art, source: str, split: str, *, most: int, references: int, others: int
) -> dict[str, Cast]:
    if source == GENERATED:
        return _invented(split, most=most, references=references, others=others)
    if source.startswith(AS_DRAWN):
        name = source.removeprefix(AS_DRAWN)
        return _as_drawn(looks(art, name, splits_of(name, split)), most=most)
    drawings = looks(art, source, splits_of(source, split))
    return {
        name: _cast(_scenes([shot.path for shot in each.references], references), each.others)
        for name, each in in_scenes(drawings, most=most, others=others).items()
    }


def _scenes(paths: Sequence[Path], count: int) -> list[Shot]:
    known = list(dict.fromkeys(paths))
    return [
        Shot(path=known[number % len(known)], scene=number // len(known)) for number in range(count)
    ]


def _cast(references: Sequence[Shot | Generated], others: Sequence[Pictured]) -> Cast:
    mirrored = [replace(each, mirrored=True) for each in references]
    return Cast(references=references, mirrored=mirrored, others=others)


def _as_drawn(drawings: Characters, *, most: int) -> dict[str, Cast]:
    """The first eight different drawings are references, eight others a pack."""
    found: dict[str, Cast] = {}
    least = 2 * FEWEST_DRAWINGS
    rich = {name: paths for name, paths in drawings.items() if len(paths) >= least}
    for name, paths in chosen(rich, 2 * most, seed=SEED).items():
        kept = different(drawn(paths, 2 * least, seed=SEED), bits=NEAR_DUPLICATE_BITS)
        if len(kept) >= least and len(found) < most:
            chance = np.random.default_rng([SEED, *name.encode()])
            shots = [Shot(path=kept[place]) for place in chance.permutation(len(kept))]
            found[name] = _cast(shots[:FEWEST_DRAWINGS], shots[FEWEST_DRAWINGS:least])
    return found


def crossed_cast(
    source: str, split: str, *, most: int, references: int, others: int
) -> dict[str, Cast]:
    """The characters of a source in `CROSSED`."""
    known, packed = CROSSED[source]
    return _invented(
        split, most=most, references=references, others=others, known=known, packed=packed
    )


def _invented(
    split: str,
    *,
    most: int,
    references: int,
    others: int,
    known: Collection[str] = FRAMINGS,
    packed: Collection[str] = FRAMINGS,
) -> dict[str, Cast]:
    """Every second one has the colours of the one before it."""
    found = {}
    for number in range(most):
        seed, twin = FIRST_SEED[split] + number // 2, bool(number % 2)
        found[f"{seed}{' twin' if twin else ''}"] = _cast(
            list(_views(seed, twin, 0, references, known)),
            list(_views(seed, twin, FIRST_OTHER_VIEW, others, packed)),
        )
    return found


def _views(
    seed: int, twin: bool, first: int, most: int, framings: Collection[str]
) -> Iterator[Generated]:
    views = (Generated(seed=seed, twin=twin, view=view) for view in itertools.count(first))
    return itertools.islice((each for each in views if each.framing in framings), most)
