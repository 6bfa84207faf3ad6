"""Packs drawn of the queries, judged as the screener judges: what is found, what is a false alarm.

Leave-one-out: a pack is compared with every character but those that only fill it, so that every
character serves as the benign upload of the others too. No picture of a pack is a reference or
nearly one, so what is found is found by character evidence.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from screening.calibration.pseudo_packs import draw_packs
from screening.evaluation.bootstrap import Share, exact_share, share_by_character
from screening.evaluation.trial_index import Key, TrialIndex
from screening.evidence import Evidence
from screening.fingerprints import PictureFingerprints
from screening.gathering import gather_characters, gather_copies
from screening.judging import Findings, decide
from screening.policy import Policy, Standing, Verdict
from screening.screener.comparing import Compared

SIZES = (10, 24)
SHARES = {"all": 1.0, "half": 0.5, "a quarter": 0.25}
DRAWS = 4
SEED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """A benign pack that was not allowed: the characters it shows, and those it was taken for."""

    shows: tuple[str, ...]
    size: int
    verdict: Verdict
    taken_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPacks:
    """``recall``: size -> share protected -> packs flagged for the right character, None where no
    character has pictures enough. ``flagged`` and ``blocked``: size -> benign packs."""

    recall: Mapping[int, Mapping[str, Share | None]]
    flagged: Mapping[int, Share | None]
    blocked: Mapping[int, Share | None]
    false_alarms: tuple[FalseAlarm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPack:
    """``protected`` is the character that must be found; empty for a benign pack."""

    size: int
    share: str
    protected: str
    fillers: frozenset[str]
    pictures: tuple[PictureFingerprints, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    pack: DrawnPack
    verdict: Verdict
    accused: tuple[str, ...]


def draw(trial: TrialIndex, uploads: Mapping[str, PictureFingerprints]) -> list[DrawnPack]:
    """Benign packs, one of each character and size, and packs of all protected ones.

    ``uploads``: path of a query -> its fingerprints as an upload, with what was seen in it.
    """
    pools = {each.name: [uploads[one.path] for one in each.queries] for each in trial.characters}
    return [*_benign(pools), *_protected(pools)]


def judge_drawn(
    packs: Sequence[DrawnPack], trial: TrialIndex, policy: Policy, *, progress: Callable[[], None]
) -> DrawnPacks:
    """Judge each pack, and count."""
    judged: list[_Judged] = []
    for pack in packs:
        judged.append(_judge(pack, trial, policy))
        progress()
    benign = [each for each in judged if not each.pack.protected]
    return DrawnPacks(
        recall={size: {share: _recall(judged, size, share) for share in SHARES} for size in SIZES},
        flagged={size: _rate(benign, size, Verdict.FLAG) for size in SIZES},
        blocked={size: _rate(benign, size, Verdict.BLOCK) for size in SIZES},
        false_alarms=tuple(
            FalseAlarm(
                shows=tuple(sorted(each.pack.fillers)),
                size=each.pack.size,
                verdict=each.verdict,
                taken_for=each.accused,
            )
            for each in benign
            if each.verdict is not Verdict.ALLOW
        ),
    )


def _benign(pools: Mapping[str, Sequence[PictureFingerprints]]) -> Iterator[DrawnPack]:
    """One of each character and size; of several whole characters where one has too few."""
    owner = {one.path: name for name, pool in pools.items() for one in pool}
    for drawn in draw_packs(pools):
        if len(drawn.pictures) in SIZES:
            yield DrawnPack(
                size=len(drawn.pictures),
                share="",
                protected="",
                fillers=frozenset(owner[each.path] for each in drawn.pictures),
                pictures=drawn.pictures,
            )


def _protected(pools: Mapping[str, Sequence[PictureFingerprints]]) -> Iterator[DrawnPack]:
    for size in SIZES:
        for share, part in SHARES.items():
            own = round(part * size)
            for name, pool in pools.items():
                whole = own == size == len(pool)
                for number in range(1 if whole else DRAWS):
                    chance = Random(f"{SEED} {size} {share} {name} {number}")
                    others = _fillers(pools, name, size - own, chance)
                    if len(pool) < own or sum(map(len, others.values())) < size - own:
                        continue
                    mixed = chance.sample(list(pool), own) + [
                        one for some in others.values() for one in some
                    ]
                    yield DrawnPack(
                        size=size,
                        share=share,
                        protected=name,
                        fillers=frozenset(others),
                        pictures=tuple(mixed),
                    )


def _fillers(
    pools: Mapping[str, Sequence[PictureFingerprints]], name: str, count: int, chance: Random
) -> dict[str, list[PictureFingerprints]]:
    """``count`` pictures of as few other characters as chance gives."""
    order = [each for each in pools if each != name]
    chance.shuffle(order)
    found: dict[str, list[PictureFingerprints]] = {}
    for other in order:
        if count <= 0:
            break
        found[other] = chance.sample(list(pools[other]), min(count, len(pools[other])))
        count -= len(found[other])
    return found


def _judge(pack: DrawnPack, trial: TrialIndex, policy: Policy) -> _Judged:
    left_out = {trial.keys[each] for each in pack.fillers}
    # Folders of a pack are compared by themselves too, and none must give the answer away.
    pictures = [replace(each, path=f"{number:03}.jpg") for number, each in enumerate(pack.pictures)]
    compared = Compared.of(pictures, trial.index)
    evidence = Evidence(
        copies=gather_copies(
            (
                each
                for each in compared.copies(policy.copies)
                if (each.reference.reference_set, each.reference.character) not in left_out
            ),
            first_alike=compared.first_alike,
            repeats={},
        ),
        characters=gather_characters(
            (
                each
                for each in compared.characters()
                if (each.reference_set, each.character) not in left_out
            ),
            policy.characters.thresholds,
        ),
    )
    verdict, reasons = decide(
        Findings(
            evidence=evidence,
            pictures=len(pictures),
            unscreened=0,
            characters_in_index=trial.index.character_count,
        ),
        policy,
        name_of=lambda *key: trial.name_of(key),
        standing_of=lambda *_: (Standing.COUNTS, ""),
    )
    keys: Counter[Key] = Counter(
        (each.reference_set, each.character)
        for each in reasons
        if each.verdict is not Verdict.ALLOW
    )
    accused = tuple(sorted(trial.name_of(key) for key in keys))
    return _Judged(pack=pack, verdict=verdict, accused=accused)


def _recall(judged: Sequence[_Judged], size: int, share: str) -> Share | None:
    asked = [each for each in judged if (each.pack.size, each.pack.share) == (size, share)]
    if not asked:
        return None
    return share_by_character(
        [each.pack.protected in each.accused for each in asked],
        [each.pack.protected for each in asked],
    )


def _rate(benign: Sequence[_Judged], size: int, least: Verdict) -> Share | None:
    asked = [each for each in benign if each.pack.size == size]
    if not asked:
        return None
    return exact_share(
        sum(each.verdict.severity >= least.severity for each in asked),
        len(asked),
        characters=len({name for each in asked for name in each.pack.fillers}),
    )
