"""What a calibration's promise is worth: in its domain, in another style, in a grown index.

    python benchmarks/calibration.py --art DIR [--cache DIR] [--json FILE]

Characters of *tune* and *calibrate*, of 12 styles (`thresholds_casts.py`, those in scenes), by the
installed `lite`: by lot, some are protected, packs of others calibrate, those of the rest check.
No character is in two of these. "Realised / nominal" is the share of checked packs with p <= alpha
over alpha, the mean of many lots; what it is in single lots is told too, because a few look-alikes
decide it. In another style, all packs of one style are checked, and the calibration knows none of
it. In a grown index, it knows a half or a tenth of the protected characters. `--cache` is that of
`thresholds.py`: with it, this takes two minutes.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from embedder_art import Art
from numpy.typing import NDArray
from thresholds import CHARACTERS, groups_of
from thresholds_casts import AS_DRAWN
from thresholds_packs import Group, Vectors, against_all, known_of, statistics_of
from thresholds_vectors import Store, backgrounds_of

from screening.calibration import Kind, Yardstick
from screening.embedders.lite import GRAPH, Lite
from screening.embedders.onnx_runtime import sha256_of
from screening.matching.two_sample import Known
from screening.policy import CharacterPolicy

SEED = 23
REFERENCES = 15
PACKS = (10, 24)
PARTS = (1.0, 0.5, 0.25)
ALPHAS = (0.05, 0.01)
GROWN = (2, 10)
PROTECTED, BENIGN = 45, 99
"""Characters and packs of a lot; 99 packs are the fewest that can hold 1 %."""

LOTS = 300

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    source: str
    pool: Vectors
    known: Sequence[Sequence[Known]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--cache", type=Path, help="keep vectors here, for runs to come")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    embedder = Lite(threads=1)
    store = Store(embedder, graph=sha256_of(GRAPH), cache=arguments.cache)
    group, subjects = subjects_of(Art(arguments.art), store)
    sources = np.array([each.source for each in subjects])
    print(f"{len(subjects)} characters of {len(set(sources))} styles, {embedder.version}")
    results: dict[str, object] = {}
    for pack in PACKS:
        scores = scores_of(group, subjects, pack)
        own = {part: mixed_scores(group, subjects, pack, part) for part in PARTS[1:]}
        results[f"packs of {pack}"] = {
            "in its domain": in_domain(scores, own),
            "in another style": in_another_style(scores, sources),
            "in a grown index": [grown(scores, times) for times in GROWN],
        }
        print(json.dumps({f"packs of {pack}": results[f"packs of {pack}"]}, indent=2), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def subjects_of(art: Art, store: Store) -> tuple[Group, list[Subject]]:
    """A group, for its outputs and spreads, and the characters of all of them."""
    backgrounds = backgrounds_of(store.embedder)
    found: list[Subject] = []
    for split in CHARACTERS:
        for source, group in groups_of(art, store, backgrounds, split):
            if not source.startswith(AS_DRAWN):
                found += [
                    Subject(source=source, pool=pool, known=known_of(group, whose, REFERENCES))
                    for whose, pool in enumerate(group.pools)
                ]
        store.save()
    return group, found


def scores_of(group: Group, subjects: Sequence[Subject], pack: int) -> Matrix:
    """(n, n): the statistic of a pack of each against each, over outputs and parts."""
    least = CharacterPolicy().two_sample_pictures
    chance = np.random.default_rng([SEED, pack])
    packs = [_some(each.pool, pack, chance) for each in subjects]
    known = [each.known for each in subjects]
    return np.array([against_all(group, one, known, least).max(axis=1) for one in packs])


def mixed_scores(group: Group, subjects: Sequence[Subject], pack: int, part: float) -> Matrix:
    """(n,): packs that show each in a part, and another one of its style, against each."""
    least = CharacterPolicy().two_sample_pictures
    chance = np.random.default_rng([SEED, pack, round(1 / part)])
    scores = []
    for each in subjects:
        others = [other for other in subjects if other.source == each.source and other is not each]
        own, rest = round(part * pack), chance.choice(len(others))
        one = _some(each.pool, own, chance)
        two = _some(others[rest].pool, pack - own, chance)
        mixed = {name: np.concatenate([rows, two[name]]) for name, rows in one.items()}
        scores.append(statistics_of(group, mixed, each.known, least).max())
    return np.array(scores)


def _some(pool: Vectors, count: int, chance: np.random.Generator) -> Vectors:
    places = chance.permutation(len(next(iter(pool.values()))))[:count]
    return {name: rows[places] for name, rows in pool.items()}


def in_domain(scores: Matrix, own: Mapping[float, Matrix]) -> list[dict[str, object]]:
    chance = np.random.default_rng(SEED)
    rates: dict[float, list[float]] = {alpha: [] for alpha in ALPHAS}
    found: dict[tuple[float, float], list[float]] = {(a, p): [] for a in ALPHAS for p in PARTS}
    for _ in range(LOTS):
        protected, benign, check = _lot(len(scores), chance)
        for alpha in ALPHAS:
            limit = _limit(scores, benign, protected, alpha)
            rates[alpha].append(_flagged(scores, check, protected, limit))
            for part in PARTS:
                of = scores.diagonal() if part == 1 else own[part]
                found[alpha, part].append(float((of[protected] > limit).mean()))
    return [
        {
            "alpha": alpha,
            "realised / nominal": _times(np.mean(rates[alpha]), alpha),
            "5-95 % of lots": [_times(np.quantile(rates[alpha], q), alpha) for q in (0.05, 0.95)],
            "found, all": round(float(np.mean(found[alpha, 1.0])), 3),
            "found, half": round(float(np.mean(found[alpha, 0.5])), 3),
            "found, quarter": round(float(np.mean(found[alpha, 0.25])), 3),
        }
        for alpha in ALPHAS
    ]


def in_another_style(scores: Matrix, sources: NDArray[np.str_]) -> list[dict[str, object]]:
    chance = np.random.default_rng(SEED)
    rates: dict[tuple[float, str], list[float]] = {}
    for _ in range(LOTS):
        order = chance.permutation(len(scores))
        protected, others = order[:PROTECTED], order[PROTECTED:]
        for source in np.unique(sources):
            benign, check = others[sources[others] != source], others[sources[others] == source]
            for alpha in ALPHAS if len(check) else ():
                limit = _limit(scores, benign, protected, alpha)
                rate = _flagged(scores, check, protected, limit)
                rates.setdefault((alpha, str(source)), []).append(rate)
    return [
        {
            "alpha": alpha,
            "realised / nominal": _times(
                np.mean([np.mean(of) for (a, _), of in rates.items() if a == alpha]), alpha
            ),
            "by style": {s: _times(np.mean(of), a) for (a, s), of in rates.items() if a == alpha},
        }
        for alpha in ALPHAS
    ]


def grown(scores: Matrix, times: int) -> dict[str, object]:
    """Calibrated with a part of the protected characters; p-values as they are, and multiplied.

    Multiplied by ten, p-values of so few packs reach no alpha, and nothing is flagged: the package
    refuses a calibration from twice the characters on.
    """
    chance = np.random.default_rng(SEED)
    alpha = ALPHAS[0]
    plain, multiplied = [], []
    for _ in range(LOTS):
        protected, benign, check = _lot(len(scores), chance)
        known = protected[: len(protected) // times]
        growth = len(protected) / len(known)
        for rates, factor in ((plain, 1.0), (multiplied, growth)):
            limit = _limit(scores, benign, known, alpha, growth=factor)
            rates.append(_flagged(scores, check, protected, limit))
    return {
        "times": times,
        "alpha": alpha,
        "realised / nominal, p-values as they are": _times(np.mean(plain), alpha),
        "realised / nominal, p-values multiplied": _times(np.mean(multiplied), alpha),
    }


def _lot(
    count: int, chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    order = chance.permutation(count)
    last = PROTECTED + BENIGN
    return order[:PROTECTED], order[PROTECTED:last], order[last:]


def _limit(
    scores: Matrix,
    benign: NDArray[np.int64],
    protected: NDArray[np.int64],
    alpha: float,
    *,
    growth: float = 1.0,
) -> float:
    """Infinite where there are too few benign packs for alpha."""
    statistics = tuple(sorted(scores[np.ix_(benign, protected)].max(axis=1).tolist()))
    rule = Yardstick(
        benign={Kind.CHARACTERS: statistics}, growth={Kind.CHARACTERS: growth}, provisional=True
    )
    limit = rule.limit(Kind.CHARACTERS, alpha)
    return np.inf if limit is None else limit


def _flagged(
    scores: Matrix, check: NDArray[np.int64], protected: NDArray[np.int64], limit: float
) -> float:
    return float((scores[np.ix_(check, protected)].max(axis=1) > limit).mean())


def _times(rate: np.floating | float, alpha: float) -> float:
    return round(float(rate) / alpha, 2)


if __name__ == "__main__":
    main()
