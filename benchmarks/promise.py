"""What a calibration promises at 1 % and .1 %, measured with a thousand benign packs.

    python benchmarks/promise.py --art DIR --avatars DIR --cache DIR [--fill] [--json FILE]

Invented characters in one drawing style (`promise_pictures.py`), no one in two parts: 60 are
protected with 15 references each, 1,000 calibrate, 1,700 check. A pack is 24 (or 10) pictures of
one character, so packs are as unrelated as characters are. Other domains, against the same index
and calibration: invented characters in 18 other styles, and fetched art that no training saw. Ten
times the references: 600 protected characters. The hardest domain: avatars of one generator, which
are put together from the same drawn parts; `--avatars` is a folder of folders of their drawings,

    node scripts/art_packages/draw_avatars.mjs CORE LORELEI DIR 1420 6

and `draw_svg.mjs` beside it. Packs are compared, ranked and refused by the package itself; only the
pictures' hashes are by lot. One choice of who calibrates is one draw, and at .1 % the largest of
1,000 packs is the limit: `lots` gives the mean and the spread of other choices.

Vectors are kept in `--cache`, statistics too by the code that makes them. With `--fill` several
processes may make them side by side (about an hour of one core, and ten minutes for a new
statistic).
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from promise_pictures import (
    ART,
    AVATARS,
    AVATARS_PROTECTED,
    DRAWN,
    MOST_PROTECTED,
    OTHER_STYLES,
    PROTECTED,
    Pictures,
)
from promise_statistics import CALIBRATING, NAME, Matrix, Packs, Statistics

from screening.calibration import Binding, Calibration, Kind, Yardstick
from screening.calibration.benign import BenignPack, calibrated, checks_of
from screening.calibration.bounds import clopper_pearson
from screening.errors import CalibrationUnusable

SIZES = (24, 10)
SHARES = (1.0, 0.5, 0.25)
ALPHAS = (0.01, 0.001)
LOTS = 400
SEED = 41
WORLDS = ((DRAWN, PROTECTED, (ART, OTHER_STYLES)), (AVATARS, AVATARS_PROTECTED, ()))
GROWN = Packs(part="benign", size=24, protected=MOST_PROTECTED, first=CALIBRATING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--avatars", type=Path, required=True, help="folders of drawings of faces")
    parser.add_argument("--cache", type=Path, required=True, help="keep vectors and statistics")
    parser.add_argument("--fill", action="store_true", help="only make what the cache lacks")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pictures = Pictures(arguments.art, arguments.avatars, arguments.cache)
        statistics = Statistics(pictures, Path(scratch))
        pictures.fill(statistics.embedder)
        for packs in _wanted():
            statistics.fill(packs)
        if arguments.fill:
            return
        results: dict[str, object] = {
            world.strip("-"): promise_of(statistics, world, protected, elsewhere)
            for world, protected, elsewhere in WORLDS
        }
        results["ten times the references"] = grown_of(statistics)
    print(json.dumps(results, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _wanted() -> Iterator[Packs]:
    for world, protected, elsewhere in WORLDS:
        for size in SIZES:
            for part in ("benign", *elsewhere):
                yield Packs(part=part, size=size, protected=protected, world=world)
            for share in SHARES:
                yield Packs(part="own", size=size, protected=protected, share=share, world=world)
    yield GROWN


def promise_of(
    statistics: Statistics, world: str, protected: int, elsewhere: Sequence[str]
) -> dict[str, object]:
    """Realised over nominal, and what is found, of each size of pack."""
    results: dict[str, object] = {}
    for size in SIZES:
        benign, *others = (
            statistics.of(Packs(part=part, size=size, protected=protected, world=world))
            for part in ("benign", *elsewhere)
        )
        own = {
            share: statistics.of(
                Packs(part="own", size=size, protected=protected, share=share, world=world)
            )
            for share in SHARES
        }
        made = calibrated_by(benign[:CALIBRATING], size, statistics.binding(protected, world))
        results[f"packs of {size}"] = {
            "realised": {
                "the same domain": rates_of(made, benign[CALIBRATING:], size),
                **{
                    part: rates_of(made, rows, size)
                    for part, rows in zip(elsewhere, others, strict=True)
                },
            },
            "found": [found_of(made, own[share], size, share) for share in SHARES],
            "lots": lots_of(benign, own),
        }
    return results


def grown_of(statistics: Statistics) -> dict[str, object]:
    """Calibrated against a tenth of the characters, asked with all of them."""
    known = statistics.binding(PROTECTED)
    benign = statistics.of(Packs(part="benign", size=GROWN.size, protected=PROTECTED))
    made = calibrated_by(benign[:CALIBRATING], GROWN.size, known)
    check = statistics.of(GROWN)
    return {
        "refused": refusal_of(known, statistics.binding(MOST_PROTECTED)),
        "before": rates_of(made, benign[CALIBRATING:], GROWN.size),
        "p-values as they are": rates_of(made, check, GROWN.size),
        "p-values times ten": rates_of(made, check, GROWN.size, growth=MOST_PROTECTED / PROTECTED),
    }


def refusal_of(then: Binding, now: Binding) -> str:
    try:
        growth = then.growth(now)
    except CalibrationUnusable as error:
        return str(error)
    raise RuntimeError(f"an index that has grown {growth} times is not refused")


def calibrated_by(rows: Matrix, size: int, binding: Binding) -> Calibration:
    packs = _packs(rows, size)
    return calibrated(packs, [], binding=binding, source="", provisional="drawn", alphas={})


def rates_of(
    made: Calibration, rows: Matrix, size: int, *, growth: float = 1.0
) -> list[dict[str, object]]:
    """How many of the packs are flagged, over alpha, with intervals by Clopper and Pearson."""
    found: list[dict[str, object]] = []
    for check in checks_of(made, _packs(rows, size), {}, growth=growth):
        if check.alpha in ALPHAS:
            low, high = clopper_pearson(check.flagged, check.packs)
            found.append({
                "alpha": check.alpha,
                "flagged": check.flagged,
                "packs": check.packs,
                "realised / nominal": round(check.flagged / check.packs / check.alpha, 2),
                "at 95 %": [round(low / check.alpha, 2), round(high / check.alpha, 2)],
            })  # fmt: skip
    return found


def found_of(made: Calibration, own: Matrix, size: int, share: float) -> dict[str, object]:
    """Of packs with that share of a protected character: flagged, and for that character."""
    rule = made.yardstick(size, dict.fromkeys(Kind, 1.0))
    row: dict[str, object] = {"share": share, "packs": len(own)}
    for alpha in ALPHAS:
        limit = _limit(rule, alpha)
        flagged = int((own.max(axis=1) > limit).sum())
        low, high = clopper_pearson(flagged, len(own))
        row[f"at {alpha:g}"] = round(flagged / len(own), 3)
        row[f"at {alpha:g}, at 95 %"] = [round(low, 3), round(high, 3)]
        row[f"at {alpha:g}, by name"] = round(float((own.diagonal() > limit).mean()), 3)
    return row


def lots_of(benign: Matrix, own: Mapping[float, Matrix]) -> list[dict[str, object]]:
    """Other choices of half of the protected, and of who calibrates."""
    chance = np.random.default_rng(SEED)
    rates: dict[float, list[float]] = {alpha: [] for alpha in ALPHAS}
    found: dict[tuple[float, float], list[float]] = {(a, s): [] for a in ALPHAS for s in SHARES}
    for _ in range(LOTS):
        protected = chance.permutation(benign.shape[1])[: benign.shape[1] // 2]
        most = benign[chance.permutation(len(benign))][:, protected].max(axis=1)
        rule = Yardstick(
            benign={Kind.CHARACTERS: tuple(sorted(most[:CALIBRATING].tolist()))},
            growth={Kind.CHARACTERS: 1.0},
            provisional=True,
        )
        for alpha in ALPHAS:
            limit = _limit(rule, alpha)
            rates[alpha].append(float((most[CALIBRATING:] > limit).mean()) / alpha)
            for share in SHARES:
                of = own[share][np.ix_(protected, protected)].max(axis=1)
                found[alpha, share].append(float((of > limit).mean()))
    return [
        {
            "alpha": alpha,
            "realised / nominal": round(float(np.mean(rates[alpha])), 2),
            "5-95 % of lots": [round(float(np.quantile(rates[alpha], q)), 2) for q in (0.05, 0.95)],
            **{f"found, {s:g}": round(float(np.mean(found[alpha, s])), 3) for s in SHARES},
        }
        for alpha in ALPHAS
    ]


def _limit(rule: Yardstick, alpha: float) -> float:
    """Infinite where there are too few benign packs for alpha."""
    limit = rule.limit(Kind.CHARACTERS, alpha)
    return np.inf if limit is None else limit


def _packs(rows: Matrix, size: int) -> list[BenignPack]:
    return [
        BenignPack(
            origin=str(number),
            different_pictures=size,
            strengths={Kind.CHARACTERS: {(NAME, ""): float(most)}},
        )
        for number, most in enumerate(rows.max(axis=1))
    ]


if __name__ == "__main__":
    main()
