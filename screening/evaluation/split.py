"""Which pictures of a character are references, and which are asked about: never two alike.

Split by digest, so that the same pictures are parted the same way under any names. A picture that
is nearly another one is left out, of the same character or of any: on both sides of the split it
would be found by its hash alone, and twice on one side it would count twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screening.counts import counted
from screening.evaluation.labelled import LabelledCharacter
from screening.fingerprints import PictureFingerprints
from screening.hashes import NEAR_DUPLICATE_BITS
from screening.policy import CharacterPolicy
from screening.references.intake import MIN_CONTRAST

MOST_REFERENCES = 15
"""As many as a character should have (README); the rest is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitCharacter:
    """``references`` stand in the index, ``queries`` are what users would upload."""

    name: str
    work: str
    references: tuple[PictureFingerprints, ...]
    queries: tuple[PictureFingerprints, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """``left_out``: name of a character -> the sentence why; ``repeats``: pictures left out as
    near-duplicates or blank, of the characters that stayed."""

    characters: tuple[SplitCharacter, ...]
    left_out: Mapping[str, str]
    repeats: int


def least_pictures(policy: CharacterPolicy) -> int:
    """Different pictures without which a character cannot be asked about: what the statistic of
    whole packs needs of references and of a pack."""
    return policy.two_sample_references + policy.two_sample_pictures


def split(
    pictures: Mapping[str, Sequence[PictureFingerprints]],
    characters: Sequence[LabelledCharacter],
    policy: CharacterPolicy,
    *,
    most_references: int = MOST_REFERENCES,
) -> Split:
    """Half of each character's different pictures are references, at most ``most_references``,
    and no fewer than the statistic of whole packs needs. ``pictures``: name -> its pictures."""
    least = least_pictures(policy)
    kept = different_pictures(pictures)
    parted: list[SplitCharacter] = []
    left_out: dict[str, str] = {}
    for each in characters:
        own = kept[each.name]
        if len(own) < least:
            left_out[each.name] = (
                f"{counted(len(own), 'different picture')} of {counted(len(each.files), 'file')}; "
                f"at least {least} are needed"
            )
            continue
        known = min(most_references, max(policy.two_sample_references, len(own) // 2))
        parted.append(
            SplitCharacter(
                name=each.name,
                work=each.work,
                references=tuple(own[:known]),
                queries=tuple(own[known:]),
            )
        )
    repeats = sum(len(pictures[each.name]) - len(kept[each.name]) for each in parted)
    return Split(characters=tuple(parted), left_out=left_out, repeats=repeats)


def different_pictures(
    pictures: Mapping[str, Sequence[PictureFingerprints]],
) -> dict[str, list[PictureFingerprints]]:
    """By character, ordered by digest, without blank pictures and near-duplicates of others.

    Near-duplicates of pictures of any of these characters, mirrored or not.
    """
    kept: dict[str, list[PictureFingerprints]] = {name: [] for name in pictures}
    words = np.empty((sum(map(len, pictures.values())), 4), np.uint64)
    count = 0
    for name, picture in _by_digest(pictures):
        shown = picture.shown.hashes
        if shown.contrast < MIN_CONTRAST:
            continue
        own = np.frombuffer(shown.phash + shown.phash_mirrored, np.uint64).reshape(2, 1, 4)
        bits = np.bitwise_count(words[:count] ^ own).sum(axis=2, dtype=np.int64)
        if (bits <= NEAR_DUPLICATE_BITS).any():
            continue
        words[count] = own[0, 0]
        count += 1
        kept[name].append(picture)
    return kept


def _by_digest(
    pictures: Mapping[str, Sequence[PictureFingerprints]],
) -> Iterator[tuple[str, PictureFingerprints]]:
    for name in sorted(pictures):
        for picture in sorted(pictures[name], key=lambda each: each.sha256):
            yield name, picture
