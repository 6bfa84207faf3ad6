"""Doubted hashes: a near hash of a reference that shares parts with references of others.

Drawings of one template have near hashes, whole pictures of them as well: so where a reference
shares parts, what lies near by hash must agree as keypoints must there, to be certain. Below that
it is a likely copy that says who else shows these parts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from screening import hashes
from screening.fingerprints.fingerprint import PictureFingerprints, Sighting
from screening.index import Index
from screening.matching.hash_hits import Checks, Hit, hash_hits
from screening.matching.match import Match, ViewedPicture, match_of, reference_image
from screening.matching.overlap import LEAST_AGREEMENT
from screening.matching.shared_parts import LEAST_OWN_AGREEMENT, SharedParts

Pair = tuple[object, ...]


def doubt(check: Sighting, parts_of: Callable[[int], SharedParts]) -> Sighting:
    """The check of a hash, and who shares parts with the reference that it does not prove.

    Of 570 edited copies that a hash made certain 12 are only likely by this, 11 of them of avatars;
    of 24 pictures of other characters 14 stay (tune characters).
    """
    if not LEAST_AGREEMENT <= check.agreement < LEAST_OWN_AGREEMENT:
        return check
    return replace(check, shared_with=parts_of(check.row).row)


def believed_hashes(
    pictures: Sequence[PictureFingerprints],
    views: Sequence[ViewedPicture],
    index: Index,
    *,
    distance_bits: int,
    certain_bits: int,
) -> Iterator[Hit]:
    """`hash_hits` of these ``views`` of ``pictures``; what was doubted is not verified."""
    doubted = dict(_doubted(pictures, index))
    checks = Checks.of(pictures, index)
    for hit in hash_hits(views, index, distance_bits, certain_bits, checks):
        other = doubted.get(_pair(hit.match))
        if other is None:
            yield hit
        else:
            shared_with = reference_image(index, other)
            yield replace(hit, match=replace(hit.match, verified=False, shared_with=shared_with))


def _doubted(pictures: Sequence[PictureFingerprints], index: Index) -> Iterator[tuple[Pair, int]]:
    for picture in pictures:
        for each in picture.sightings:
            if each.by_hash and each.shared_with is not None and each.index == index.id:
                view = picture, picture.fingerprints[each.view]
                match = match_of(view, index, each.row, method=hashes.NAME)
                yield _pair(match), each.shared_with


def _pair(match: Match) -> Pair:
    return match.path, match.view, match.reference, match.transform
