"""How well each character of the reference sets is told from the others, and what it lacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from screening.embedders.embedder import Embedder, Output
from screening.errors import IndexUnusable, ReferenceSetError
from screening.evaluation.expected_recall import (
    Expected,
    OutputVectors,
    expected_recall,
)
from screening.evaluation.split import different_pictures
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprint import Maker
from screening.gathering import CharacterThresholds
from screening.index import Background, Index
from screening.index.background import BACKGROUND_PICTURES, embed_background, mean_score
from screening.index.version import makers_of
from screening.matching.looks import looks_of, seen, seen_background
from screening.matching.two_sample import Known, weighed
from screening.policy import Policy
from screening.references import References
from screening.references.stored import ReferencePicture, load
from screening.settings import Settings

Named = tuple[str, str]
"""Reference set, character."""

TOLD = (5, 15)
"""Numbers of references that a person is told about, beside those that there are."""

MOST_REFERENCES = 60
"""More than so many are not asked for: what they would not reach, other pictures may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closest:
    """The other character that comes closest. ``auc``: how often a picture of ours is closer to
    our references than one of theirs is, .5 to 1. ``taken_for``: a pack of their pictures would be
    flagged as ours; None where either has too few pictures to say."""

    reference_set: str
    character: str
    auc: float
    taken_for: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Separability:
    """One character. ``pictures`` are its different reference images; ``more``: how many further
    ones the recall that is wanted needs, None where `MOST_REFERENCES` are not enough.

    ``background_auc``: how often a picture of it is closer to its references than a background
    picture is; None of fewer than two pictures. ``told`` answers for each of `TOLD`.
    """

    reference_set: str
    character: str
    pictures: int
    now: Expected
    told: tuple[Expected, ...]
    more: int | None
    background_auc: float | None
    closest: Closest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """One character by one output: (n, d) unit rows, and the same mirrored."""

    straight: NDArray[np.float32]
    mirrored: NDArray[np.float32]


def separability(
    references: Iterable[tuple[str, ReferencePicture]],
    outputs: Sequence[Output],
    backgrounds: Mapping[str, Background],
    thresholds: CharacterThresholds,
    *,
    recall: float,
) -> list[Separability]:
    """Every character that has references, in the order of sets and characters.

    ``references``: (reference set, picture) of all sets, ``backgrounds``: output name -> its own,
    ``recall``: the share of packs that is wanted.
    """
    finding = [each for each in outputs if "characters" in each.finds]
    pictures = _pictures(references)
    rows = {
        output: {key: _rows(own, output.name) for key, own in pictures.items()}
        for output in finding
    }
    closest = _closest_of_all(rows, backgrounds, thresholds)
    return [
        _one(key, {output: of[key] for output, of in rows.items()}, backgrounds, thresholds,
             recall=recall, closest=closest.get(key))
        for key in pictures
    ]  # fmt: skip


def measure_separability(
    settings: Settings, sets: References, embedders: Sequence[Embedder], *, recall: float
) -> list[Separability]:
    """Of all sets that have fingerprints of these embedders. The background is that of the index of
    ``settings`` where it can be used, else the one that ships."""
    makers = makers_of(embedders)
    references = [
        (record.id, picture)
        for record in sets
        for picture in _loaded(sets.root / record.id, makers)
    ]
    if not references:
        return []
    return separability(
        references,
        [output for each in embedders for output in each.outputs],
        _backgrounds(settings, embedders),
        Policy.load(settings.policy).characters.thresholds,
        recall=recall,
    )


def _loaded(folder: Path, makers: Sequence[Maker]) -> list[ReferencePicture]:
    """Nothing where the file is damaged: the findings of the set say so."""
    try:
        return load(folder, makers)
    except ReferenceSetError:
        return []


def _backgrounds(settings: Settings, embedders: Sequence[Embedder]) -> Mapping[str, Background]:
    try:
        return Index.open(settings.index, embedders).backgrounds
    except IndexUnusable:
        with Fingerprinter(embedders, limits=settings.limits, workers=settings.workers) as maker:
            vectors = embed_background(BACKGROUND_PICTURES, maker, settings.limits)
        return {
            name: Background(vectors=of, mean_score=mean_score(of)) for name, of in vectors.items()
        }


def _pictures(
    references: Iterable[tuple[str, ReferencePicture]],
) -> dict[Named, list[PictureFingerprints]]:
    """Each character's different ones; a picture of two characters counts for both."""
    found: dict[Named, list[PictureFingerprints]] = {}
    for reference_set, each in references:
        found.setdefault((reference_set, each.character), []).append(each.picture)
    return {
        key: different_pictures({key[1]: found[key]})[key[1]] or found[key][:1]
        for key in sorted(found)
    }


def _rows(pictures: Sequence[PictureFingerprints], output: str) -> _Rows:
    straight = np.stack([each.shown.vectors[output] for each in pictures])
    mirrored = np.stack(
        [
            next(view for view in each.fingerprints if view.mirrored).vectors[output]
            for each in pictures
        ]
    )
    return _Rows(straight=straight, mirrored=mirrored)


def _one(
    key: Named,
    rows: Mapping[Output, _Rows],
    backgrounds: Mapping[str, Background],
    thresholds: CharacterThresholds,
    *,
    recall: float,
    closest: Closest | None,
) -> Separability:
    vectors = [
        OutputVectors.of(output, of.straight, of.mirrored, backgrounds[output.name])
        for output, of in rows.items()
    ]
    count = len(vectors[0])
    numbers = [count, *TOLD, *range(count + 1, MOST_REFERENCES + 1)]
    now, *others = expected_recall(vectors, numbers, thresholds)
    later = (each.references - count for each in others[len(TOLD) :] if each.recall >= recall)
    output, first = next(iter(rows.items()))
    return Separability(
        reference_set=key[0],
        character=key[1],
        pictures=count,
        now=now,
        told=tuple(others[: len(TOLD)]),
        more=0 if now.recall >= recall else next(later, None),
        background_auc=_auc(
            _own_closeness(first), _closeness(backgrounds[output.name].vectors, first)
        ),
        closest=closest,
    )


def _closest_of_all(
    rows: Mapping[Output, Mapping[Named, _Rows]],
    backgrounds: Mapping[str, Background],
    thresholds: CharacterThresholds,
) -> dict[Named, Closest]:
    """By the largest T of all outputs and looks, of whole packs of the one against the other."""
    best: dict[Named, tuple[float, Named, Output]] = {}
    for output, of in rows.items():
        keys = list(of)
        scores = _whole_packs(output, list(of.values()), backgrounds[output.name])
        np.fill_diagonal(scores, -np.inf)
        for number, key in enumerate(keys):
            pack = int(scores[:, number].argmax())
            found = (float(scores[pack, number]), keys[pack], output)
            if len(keys) > 1 and (key not in best or found[0] > best[key][0]):
                best[key] = found
    return {
        key: _closest(key, other, score, rows[output], thresholds)
        for key, (score, other, output) in best.items()
    }


def _whole_packs(
    output: Output, rows: Sequence[_Rows], background: Background
) -> NDArray[np.float64]:
    """(k, k): T of each character's pictures, as a pack, against each one's references."""
    highest = np.full((len(rows), len(rows)), -np.inf)
    for look in looks_of(output):
        spread = 1 - seen_background(look, background).mean_score
        straight = [seen(look, each.straight) for each in rows]
        mirrored = [seen(look, each.mirrored) for each in rows]
        counts = [len(each) for each in straight]
        known = Known.of(np.concatenate(straight), np.concatenate(mirrored), counts)
        across = np.stack([known.closeness(each).mean(axis=0) for each in straight])
        within = (known.within[:, None] + known.within) / 2
        highest = np.maximum(highest, weighed(across, within, spread) - look.cost)
    return highest


def _closest(
    key: Named,
    other: Named,
    score: float,
    rows: Mapping[Named, _Rows],
    thresholds: CharacterThresholds,
) -> Closest:
    own, theirs = rows[key], rows[other]
    enough = (
        len(own.straight) >= thresholds.two_sample_references
        and len(theirs.straight) >= thresholds.two_sample_pictures
    )
    auc = _auc(_own_closeness(own), _closeness(theirs.straight, own))
    return Closest(
        reference_set=other[0],
        character=other[1],
        auc=0.5 if auc is None else auc,
        taken_for=score >= thresholds.two_sample if enough else None,
    )


def _closeness(vectors: NDArray[np.float32], rows: _Rows) -> NDArray[np.float64]:
    """(m,): mean score with the references, or with their mirror images where that is higher."""
    wide = vectors.astype(np.float64)
    closeness: NDArray[np.float64] = np.maximum(
        wide @ rows.straight.mean(axis=0), wide @ rows.mirrored.mean(axis=0)
    )
    return closeness


def _own_closeness(rows: _Rows) -> NDArray[np.float64]:
    """(n,): of each reference with the others, itself left out; empty where there are none."""
    count = len(rows.straight)
    if count < 2:
        return np.empty(0)
    wide = rows.straight.astype(np.float64)
    flipped = np.einsum("nd,nd->n", wide, rows.mirrored)
    straight = (wide @ rows.straight.sum(axis=0) - 1) / (count - 1)
    mirrored = (wide @ rows.mirrored.sum(axis=0) - flipped) / (count - 1)
    closeness: NDArray[np.float64] = np.maximum(straight, mirrored)
    return closeness


def _auc(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float | None:
    """How often one of ours is larger than one of theirs, a tie counting half (Mann, Whitney)."""
    if not len(ours) or not len(theirs):
        return None
    ranks = rankdata(np.concatenate([ours, theirs]))[: len(ours)]
    above = ranks.sum() - len(ours) * (len(ours) + 1) / 2
    return float(above / (len(ours) * len(theirs)))
