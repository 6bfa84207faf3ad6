"""The measured rates as text: every threshold swept, and the shipped values apart."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from embedder_scores import Estimate, mean_of, share
from numpy.typing import NDArray
from thresholds_copies import Benign, Copies
from thresholds_packs import PARTS, PackScores, joined
from thresholds_pictures import Pairs
from thresholds_scores import alarms, found, lowest_threshold, paired, shown, worst_quarter

from screening.embedders.lite import COPY_SCORE
from screening.matching.copies import PROPOSING_SCORE
from screening.matching.votes import PROPOSED
from screening.policy import CharacterPolicy

SEED = 13
TWO_SAMPLE = (-0.2, -0.15, -0.12, -0.1, -0.08, -0.06, -0.05, -0.04, -0.03, -0.02, -0.01, 0, 0.02)
FINE = np.arange(-0.4, 0.2, 0.0025).round(4).tolist()
PACK_RATE = 0.01
PICTURES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55)
FINE_PICTURES = np.arange(0, 1, 0.005).round(4).tolist()
PAIR_RATE = 0.001
COPIES = (0.8, 0.84, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98)
PROPOSING = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)
FEWEST_QUERIES = 10

Configurations = Mapping[tuple[int, int], Mapping[str, PackScores]]
"""(references, pictures) -> source -> its packs."""


def packs_report(
    title: str, tested: Configurations, outputs: Sequence[str], *, sweeps: bool
) -> str:
    """``sweeps``: also name the threshold of `PACK_RATE`."""
    policy = CharacterPolicy()
    lines = [f"\n## two-sample, {title} (T over the background's spread)"]
    for name, columns in variants(outputs).items():
        lines += [f"\n### {name}", _PACKS_HEAD]
        thresholds: list[float] = list(TWO_SAMPLE)
        if sweeps:
            chosen = threshold_of(tested, columns)
            lines.insert(-1, f"{PACK_RATE:.0%} of the worst quarter's benign packs: {chosen:+.4f}")
            thresholds = sorted({*thresholds, chosen})
        lines += [_packs_row(f"{t:+.4f}", tested, columns, t) for t in thresholds]
    every = list(range(len(outputs)))
    shipped = policy.two_sample_score
    lines += [f"\n### all outputs at the shipped {shipped:+.3f}, by references/pictures"]
    lines += [_PACKS_HEAD]
    for (references, pack), sources in tested.items():
        one = {(references, pack): sources}
        lines.append(_packs_row(f"{references}/{pack}", one, every, shipped))
    lines += [f"\n### all outputs at the shipped {shipped:+.3f}, by source", _PACKS_HEAD]
    for source in dict.fromkeys(source for sources in tested.values() for source in sources):
        one = {key: {source: each[source]} for key, each in tested.items() if source in each}
        lines.append(_packs_row(source, one, every, shipped))
    return "\n".join(lines)


_PACKS_HEAD = (
    "| | one other character flagged, mean | worst quarter | many others flagged "
    f"| found, {' | '.join(f'{part:g} of the pack' for part in PARTS)} |\n|---|---|---|---|"
    + "---|"
    * len(PARTS)
)


def variants(outputs: Sequence[str]) -> dict[str, list[int]]:
    """Every output alone, and all of them with one threshold, as the product takes them."""
    alone = {name: [number] for number, name in enumerate(outputs)}
    return alone if len(outputs) == 1 else {**alone, "all outputs": [*range(len(outputs))]}


def highest(scores: NDArray[np.float64], columns: Sequence[int]) -> NDArray[np.float64]:
    """(...) of ``scores`` (..., outputs): the maximum over some outputs."""
    return np.asarray(scores[..., columns].max(axis=-1), np.float64)


def by_source(tested: Configurations) -> dict[str, PackScores]:
    names = dict.fromkeys(source for sources in tested.values() for source in sources)
    return {
        source: joined([each[source] for each in tested.values() if source in each])
        for source in names
    }


def threshold_of(tested: Configurations, columns: Sequence[int], rate: float = PACK_RATE) -> float:
    """The lowest that flags at most ``rate`` of the benign packs of the worst quarter."""
    scores = [highest(each.benign, columns).max(axis=1) for each in by_source(tested).values()]
    kept = -(-len(scores) // 4)

    def rate_at(threshold: float) -> float:
        rates = sorted(float((each >= threshold).mean()) for each in scores)
        return float(np.mean(rates[-kept:]))

    return lowest_threshold(rate_at, FINE, rate)


def _packs_row(name: str, tested: Configurations, columns: Sequence[int], threshold: float) -> str:
    flagged, blended = [], []
    for each in by_source(tested).values():
        reached = highest(each.benign, columns) >= threshold
        flagged.append(alarms(reached, each.benign_of, seed=SEED))
        mixed = highest(each.blended, columns) >= threshold
        blended.append(float(mixed.any(axis=1).mean()))
    cells = [
        shown(mean_of(flagged)),
        shown(worst_quarter(flagged)),
        f"{np.mean(blended):.3f}",
        *(_recall(tested, columns, threshold, part) for part in PARTS),
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _recall(tested: Configurations, columns: Sequence[int], threshold: float, part: float) -> str:
    """Of packs whose protected part is itself large enough to be tested."""
    least = CharacterPolicy().two_sample_pictures
    large = {key: each for key, each in tested.items() if part * key[1] >= least}
    estimates = [
        found(
            highest(each.protected[part], columns) >= threshold,
            each.protected_of[part],
            each.characters,
            seed=SEED,
        )
        for each in by_source(large).values()
    ]
    return shown(mean_of(estimates)) if estimates else "–"


def pictures_report(
    split: str, pairs: Mapping[int, Mapping[str, Pairs]], outputs: Sequence[str]
) -> str:
    policy = CharacterPolicy()
    lines = [f"\n## few pictures, {split} (mean of three references less the background)"]
    for references, sources in pairs.items():
        for name, columns in variants(outputs).items():
            lines += [f"\n### {references} references, {name}"]
            thresholds = {*PICTURES, policy.few_pictures_score}
            if split == "tune":
                for how, kept in (("mean", 1.0), ("worst quarter", 0.25)):
                    chosen = _pair_threshold(sources, columns, kept)
                    lines.append(f"{PAIR_RATE:.1%} of same-style pairs, {how}: {chosen:.3f}")
                    thresholds.add(chosen)
            lines.append(_PICTURES_HEAD)
            lines += [
                _pictures_row(sources, columns, threshold, policy.few_pictures)
                for threshold in sorted(thresholds)
                if np.isfinite(threshold)
            ]
    return "\n".join(lines)


_PICTURES_HEAD = (
    "| | other's picture reaches, mean | worst quarter | own picture reaches "
    "| packs of 3 flagged | worst quarter | found |\n|---|---|---|---|---|---|---|"
)


def _pair_threshold(sources: Mapping[str, Pairs], columns: Sequence[int], kept: float) -> float:
    strange = []
    for each in sources.values():
        other = each.owners[:, None] != np.arange(each.scores.shape[1])
        strange.append(each.scores[..., columns].max(axis=2)[other])
    count = int(np.ceil(kept * len(strange)))

    def rate_at(threshold: float) -> float:
        return float(np.mean(sorted(float((s >= threshold).mean()) for s in strange)[-count:]))

    return lowest_threshold(rate_at, FINE_PICTURES, PAIR_RATE)


def _pictures_row(
    sources: Mapping[str, Pairs], columns: Sequence[int], threshold: float, pictures: int
) -> str:
    strange, own, flagged, caught = [], [], [], []
    for each in sources.values():
        kept = Pairs(scores=each.scores[..., columns], owners=each.owners)
        count = kept.scores.shape[1]
        strange.append(paired((kept.scores >= threshold).any(axis=2), kept.owners, seed=SEED))
        mine = (kept.own >= threshold).any(axis=1)
        own.append(found(mine, kept.owners, count, seed=SEED))
        reached, owners = kept.flagged(threshold, pictures=pictures)
        caught.append(found(reached[np.arange(len(owners)), owners], owners, count, seed=SEED))
        reached[np.arange(len(owners)), owners] = False
        flagged.append(alarms(reached, owners, seed=SEED))
    cells = (
        shown(mean_of(strange)),
        shown(worst_quarter(strange)),
        shown(mean_of(own)),
        shown(mean_of(flagged)),
        shown(worst_quarter(flagged)),
        shown(mean_of(caught)),
    )
    return f"| {threshold:.3f} | {' | '.join(cells)} |"


def copies_report(split: str, output: str, benign: Benign, copies: Mapping[str, Copies]) -> str:
    lines = [
        f"\n## {output}, {split}: {len(benign.same)} benign pictures, shipped copy score "
        f"{COPY_SCORE}, proposing score {PROPOSING_SCORE}",
        "\n### benign pictures with a reference at the score",
        "| score | of its source, mean | worst quarter | of another source, mean | any, mean |",
        "|---|---|---|---|---|",
    ]
    for score in sorted({*COPIES, *PROPOSING, COPY_SCORE, PROPOSING_SCORE}):
        same = list(_shares(benign, benign.same >= score))
        other, nearest = (
            mean_of(list(_shares(benign, scores >= score))) for scores in (benign.other, benign.any)
        )
        cells = [shown(each) for each in (mean_of(same), worst_quarter(same), other, nearest)]
        lines.append(f"| {score:.2f} | {' | '.join(cells)} |")
    lines += ["\n### by source at the shipped copy score and proposing score"]
    for source in np.unique(benign.sources).tolist():
        mine = benign.sources == source
        copied, proposed = (benign.any[mine] >= s for s in (COPY_SCORE, PROPOSING_SCORE))
        lines.append(f"{source}: {copied.mean():.3f} {proposed.mean():.3f} of {mine.sum()}")
    lines += ["\n### copies whose original reaches the copy score", _head(COPIES)]
    lines += [
        f"| {family} | {' | '.join(f'{each.reached(score).mean():.2f}' for score in COPIES)} |"
        for family, each in copies.items()
    ]
    lines += [
        f"\n### copies whose original is among the {PROPOSED} nearest and reaches the score",
        _head(PROPOSING),
    ]
    for family, each in copies.items():
        cells = (each.proposed(score, among=PROPOSED).mean() for score in PROPOSING)
        lines.append(f"| {family} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    return "\n".join(lines)


def _head(scores: Sequence[float]) -> str:
    names = " | ".join(f"{score:.2f}" for score in scores)
    return f"| family | {names} |\n|{'---|' * (1 + len(scores))}"


def _shares(benign: Benign, reached: NDArray[np.bool_]) -> Iterator[Estimate]:
    for source in np.unique(benign.sources).tolist():
        mine = benign.sources == source
        if mine.sum() >= FEWEST_QUERIES:
            yield share(reached[mine], benign.characters[mine], seed=SEED)
