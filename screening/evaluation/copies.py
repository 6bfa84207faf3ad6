"""Edited copies of references, and other pictures, each asked for as an upload of its own.

A copy is found where it is matched with the character that it is a copy of. Other pictures are
never compared with their own character: a match with any other one is a false positive.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from screening.errors import ScreeningError
from screening.evaluation.bootstrap import Share, exact_share, share_by_character
from screening.evaluation.edits import EDITS, edited
from screening.evaluation.peer_hashes import (
    FURTHEST,
    distances,
    installed_peers,
    packed,
    peer_hashes,
)
from screening.evaluation.split import SplitCharacter
from screening.evaluation.trial_index import Key, TrialIndex
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.images.decoder import decode
from screening.matching import CopySearch, Match, find_copies
from screening.policy import CopyPolicy
from screening.settings import Limits

CERTAIN, LIKELY = "certain copies", "certain or likely"
ALL = "all families"
SEED = 1

PeerHashes = Mapping[str, NDArray[np.uint8] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A benign picture, the edit of it (empty: as it is), and the reference it was matched with."""

    picture: str
    edit: str
    reference: str
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyTable:
    """``recall``: column -> family -> share found; ``false_positives``: column -> share."""

    originals: int
    recall: Mapping[str, Mapping[str, Share]]
    false_positives: Mapping[str, Share]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """An edit (empty: none) of the reference at ``path``, or of another picture (not a copy)."""

    character: str
    path: str
    edit: str
    is_copy: bool
    data: bytes
    peers: PeerHashes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    query: _Query
    found: Mapping[str, bool]


def count_queries(characters: Sequence[SplitCharacter], originals: int) -> int:
    """How many pictures `copy_table` makes and asks about."""
    return len(EDITS) * len(_originals(characters, originals)) + 2 * sum(
        len(each.queries) for each in characters
    )


def copy_table(
    trial: TrialIndex,
    policy: CopyPolicy,
    maker: Fingerprinter,
    *,
    originals: int,
    progress: Callable[[], None],
) -> tuple[CopyTable, dict[str, PictureFingerprints]]:
    """Copies of ``originals`` references under every edit; every query, and one edit of each.

    Peers' hashes are compared where they are installed, at their usual thresholds, with mirrored
    references. With the table come the fingerprints of the queries as uploads, by their paths.
    """
    index, limits = trial.index, trial.settings.limits
    peers = _Peers.of(trial, limits)
    asked: list[_Query] = []
    answered: list[_Answered] = []
    mistakes: list[Mistake] = []
    uploads: dict[str, PictureFingerprints] = {}

    def pictures() -> Iterator[Picture]:
        for query in _queries(trial, originals, limits):
            asked.append(query)
            yield Picture.of(query.path, query.data)

    look = CopySearch(index=index, certain_bits=policy.certain_distance_bits)
    for number, result in enumerate(maker.fingerprint(pictures(), look=look)):
        query = asked[number]
        if not isinstance(result, PictureFingerprints):
            raise ScreeningError(f"{trial.files[query.path]}: an edit of it cannot be read")
        if not query.edit:
            uploads[query.path] = result
        matches = find_copies(
            [result],
            index,
            distance_bits=policy.distance_bits,
            certain_bits=policy.certain_distance_bits,
        )
        key = trial.keys[query.character]
        counted = [each for each in matches if (_key(each) == key) == query.is_copy]
        found = {CERTAIN: any(each.verified for each in counted), LIKELY: bool(counted)}
        answered.append(_Answered(query=query, found=found | peers.found(query)))
        if not query.is_copy:
            mistakes += [_mistake(query, each, trial.files) for each in counted]
        progress()
    mistakes.sort(key=lambda each: (not each.certain, each.picture, each.edit))
    return _table(answered, len(_originals(trial.characters, originals)), mistakes), uploads


def _key(match: Match) -> Key:
    return match.reference.reference_set, match.reference.character


def _mistake(query: _Query, match: Match, files: Mapping[str, Path]) -> Mistake:
    return Mistake(
        picture=str(files[query.path]),
        edit=query.edit,
        reference=str(files[match.reference.path]),
        certain=match.verified,
    )


def _originals(
    characters: Sequence[SplitCharacter], most: int
) -> list[tuple[SplitCharacter, PictureFingerprints]]:
    """The first references of each character, then the second ones, until there are ``most``."""
    turns = zip_longest(*([(each, one) for one in each.references] for each in characters))
    return [pair for turn in turns for pair in turn if pair is not None][:most]


def _queries(trial: TrialIndex, originals: int, limits: Limits) -> Iterator[_Query]:
    chance = Random(SEED)
    others = [each.path for character in trial.characters for each in character.queries]

    def other() -> Image.Image:
        return _opened(trial.files[chance.choice(others)], limits)

    for number, (character, picture) in enumerate(_originals(trial.characters, originals)):
        image, beside = _opened(trial.files[picture.path], limits), other()
        for family in EDITS:
            yield _edited(
                character, picture, family, image, other=beside, seed=number, is_copy=True
            )
    for character in trial.characters:
        for number, picture in enumerate(character.queries):
            file = trial.files[picture.path]
            image = _opened(file, limits)
            yield _Query(
                character=character.name,
                path=picture.path,
                edit="",
                is_copy=False,
                data=file.read_bytes(),
                peers=peer_hashes(image),
            )
            edit = chance.choice(list(EDITS))
            yield _edited(
                character, picture, edit, image, other=other(), seed=number, is_copy=False
            )


def _edited(
    character: SplitCharacter,
    picture: PictureFingerprints,
    edit: str,
    image: Image.Image,
    *,
    other: Image.Image,
    seed: int,
    is_copy: bool,
) -> _Query:
    pixels, data = edited(image, edit, seed=seed, other=other)
    return _Query(
        character=character.name,
        path=picture.path,
        edit=edit,
        is_copy=is_copy,
        data=data,
        peers=peer_hashes(pixels),
    )


def _opened(file: Path, limits: Limits) -> Image.Image:
    """As a person sees it, at the size that is fingerprinted: RGB."""
    return decode(file.read_bytes(), limits).views[0][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Peers:
    """Peers' hashes of the references, two rows each: as they are, and mirrored. ``tables``: peer
    -> (n, w) words and which are hashes; ``whose`` (n,) the characters' names."""

    tables: Mapping[str, tuple[NDArray[np.uint64], NDArray[np.bool_]]]
    whose: NDArray[np.str_]

    @classmethod
    def of(cls, trial: TrialIndex, limits: Limits) -> "_Peers":
        rows: list[PeerHashes] = []
        whose: list[str] = []
        for character in trial.characters:
            for picture in character.references:
                image = _opened(trial.files[picture.path], limits)
                rows += [peer_hashes(image), peer_hashes(ImageOps.mirror(image))]
                whose += [character.name] * 2
        known = [name for name in installed_peers() if any(row[name] is not None for row in rows)]
        return cls(
            tables={name: packed([row[name] for row in rows]) for name in known},
            whose=np.array(whose),
        )

    def found(self, query: _Query) -> dict[str, bool]:
        """Column of a peer -> whether it finds the copy, or takes the benign picture for one."""
        result: dict[str, bool] = {}
        counted = (self.whose == query.character) == query.is_copy
        for name, (rows, known) in self.tables.items():
            hashed = query.peers[name]
            words = rows[0] if hashed is None else hashed.view(np.uint64)
            bits = distances(words, hashed is not None, rows, known)
            limit = installed_peers()[name]
            nearest = bits[counted].min(initial=FURTHEST)
            result[f"{name} ≤ {limit}"] = bool(nearest <= limit)
        return result


def _table(answered: Sequence[_Answered], originals: int, mistakes: Sequence[Mistake]) -> CopyTable:
    copies = [each for each in answered if each.query.is_copy]
    benign = [each for each in answered if not each.query.is_copy]
    columns = list(answered[0].found)

    def share(of: Sequence[_Answered], column: str) -> Share:
        return share_by_character(
            [each.found[column] for each in of], [each.query.character for each in of]
        )

    families: dict[str, Any] = {
        name: [each for each in copies if each.query.edit == name] for name in EDITS
    }
    return CopyTable(
        originals=originals,
        recall={
            column: {name: share(of, column) for name, of in (families | {ALL: copies}).items()}
            for column in columns
        },
        false_positives={column: _false_positives(benign, column) for column in columns},
        mistakes=tuple(mistakes),
    )


def _false_positives(benign: Sequence[_Answered], column: str) -> Share:
    """The bounds count each picture once for itself, as `benchmarks/detection.py` does."""
    return exact_share(
        sum(each.found[column] for each in benign),
        len(benign),
        characters=len({each.query.character for each in benign}),
    )
