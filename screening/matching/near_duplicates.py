"""Near-duplicates within a pack: what repeats a picture adds no evidence."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from screening.fingerprints.fingerprint import PictureFingerprints
from screening.hashes import NEAR_DUPLICATE_BITS, distance_bits
from screening.images.view import View

NEAR_DUPLICATE_SCORE = 0.85
"""Alike by hash, pictures must be this close by what finds characters too: a loud frame around
them makes the hashes of different pictures alike. Recompressed, halved and brightened copies score
.85 and more with ``lite``, different pictures in one such frame .64-.89, median .73 (measured)."""

CANDIDATES = 16
"""At most this many pictures of like hash are compared closely with one; a pack can be made in
which all hashes are alike and nothing else is."""


def group_near_duplicates(
    pictures: Sequence[PictureFingerprints], outputs: Sequence[str] = ()
) -> NDArray[np.int64]:
    """For each picture the number of the first one that it repeats, mirrored or not; (n,).

    One that repeats nothing has its own number. All its views must be alike: the same blank picture
    over different hidden ones is as many pictures. One with further views goes first, wherever it
    stands: a JPEG copy has no transparency to drop and no orientation to ignore, and shows nothing
    that its original does not. ``outputs`` are the embedder outputs by which they must be alike
    too. Memory grows with n, time with n times the number of different pictures.
    """
    first = np.arange(len(pictures))
    words = np.empty((len(pictures), 4), np.uint64)
    leaders: list[int] = []
    for number in sorted(first.tolist(), key=lambda each: -len(pictures[each].fingerprints)):
        picture = pictures[number]
        shown = picture.shown.hashes
        distance = np.minimum(
            _distances(words[: len(leaders)], shown.phash),
            _distances(words[: len(leaders)], shown.phash_mirrored),
        )
        for candidate in np.flatnonzero(distance <= NEAR_DUPLICATE_BITS)[:CANDIDATES].tolist():
            leader = pictures[leaders[candidate]]
            if _scores_alike(leader, picture, outputs) and _shows_all_of(leader, picture):
                first[number] = leaders[candidate]
                break
        else:
            words[len(leaders)] = _words(shown.phash)
            leaders.append(number)
    return first


def _words(phash: bytes) -> NDArray[np.uint64]:
    return np.frombuffer(phash, np.uint64)


def _distances(words: NDArray[np.uint64], phash: bytes) -> NDArray[np.int64]:
    bits: NDArray[np.int64] = np.bitwise_count(words ^ _words(phash)).sum(axis=1, dtype=np.int64)
    return bits


def _scores_alike(
    one: PictureFingerprints, other: PictureFingerprints, outputs: Sequence[str]
) -> bool:
    return all(
        float(one.shown.vectors[name] @ other.shown.vectors[name]) >= NEAR_DUPLICATE_SCORE
        for name in outputs
    )


def _shows_all_of(leader: PictureFingerprints, picture: PictureFingerprints) -> bool:
    """Whether each view of ``picture`` is like that view of ``leader``, or each like its mirror."""
    views, others = _hashes(leader), _hashes(picture)
    return others.keys() <= views.keys() and any(
        all(
            distance_bits(views[view][0], others[view][side]) <= NEAR_DUPLICATE_BITS
            for view in others
        )
        for side in (0, 1)
    )


def _hashes(picture: PictureFingerprints) -> dict[View, tuple[bytes, bytes]]:
    return {
        each.view: (each.hashes.phash, each.hashes.phash_mirrored)
        for each in picture.fingerprints
        if not each.mirrored
    }
