"""Near-duplicates within a pack: what repeats a picture adds no evidence."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from screening.fingerprints.fingerprint import PictureFingerprints
from screening.index.tables import HashTable
from screening.matching.match import packed_hashes

NEAR_DUPLICATE_BITS = 16
"""Pictures of a pack this close count once: recompressed and resized copies of one picture lie
within 0-10 bits, neighbouring frames of a still shot within 4-14 (measured on an open film)."""


def group_near_duplicates(pictures: Sequence[PictureFingerprints]) -> NDArray[np.int64]:
    """For each picture the number of the first one that it repeats, mirrored or not; (n,)."""
    if not pictures:
        return np.empty(0, np.int64)
    straight = packed_hashes([each.shown.hashes.phash for each in pictures])
    mirrored = packed_hashes([each.shown.hashes.phash_mirrored for each in pictures])
    table = HashTable.of(straight)
    first = np.arange(len(pictures))
    pairs = [table.within(each, NEAR_DUPLICATE_BITS)[:2] for each in (straight, mirrored)]
    query = np.concatenate([each[0] for each in pairs])
    entry = np.concatenate([each[1] for each in pairs])
    order = np.lexsort((entry, query))
    for later, earlier in zip(query[order].tolist(), entry[order].tolist(), strict=True):
        if earlier < later and first[earlier] == earlier and first[later] == later:
            first[later] = earlier
    return first
