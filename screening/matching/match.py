"""A match: one picture of a pack against one reference image."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints, Region
from screening.hashes import BYTES
from screening.index import Index

ViewedPicture = tuple[PictureFingerprints, Fingerprint]
"""A picture, and one of its views."""


class Transform(StrEnum):
    """What was done to the reference image to make the pack's picture, as far as is known."""

    NONE = "none"
    MIRRORED = "mirrored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceImage:
    """Where a reference image stands: its set, character, path in the set, time code of a film.

    ``character`` is the character's id in the set.
    """

    reference_set: str
    character: str
    path: str
    time_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One picture of the pack against one reference image.

    ``method`` is ``phash-256`` (then ``distance_bits`` is set), ``orb-500`` (then ``inliers``:
    how many places of the one lie where the other has them, ``agreement``, ``region`` and
    ``reference_region``, as in `Sighting`; the agreement may be that of coarse keypoints alone, as
    in `Overlap.kept_agreement`), or the name of an embedder output (then ``score`` is
    set). ``verified`` says that more than a score speaks for the pair.
    ``shared_with`` is a reference image of another character that shows what was found as well:
    this one then proves nothing alone, and the match is not verified.
    ``view`` is empty for the picture as a person sees it, else says which view of the file.
    """

    path: str
    view: str
    reference: ReferenceImage
    method: str
    transform: Transform
    distance_bits: int | None = None
    inliers: int | None = None
    agreement: float | None = None
    region: Region | None = None
    reference_region: Region | None = None
    score: float | None = None
    verified: bool = False
    shared_with: ReferenceImage | None = None


def match_of(view: ViewedPicture, index: Index, entry: int, *, method: str) -> Match:
    return Match(
        path=view[0].path,
        view=str(view[1].view),
        reference=reference_image(index, entry),
        method=method,
        transform=Transform.MIRRORED if index.entries.mirrored[entry] else Transform.NONE,
    )


def reference_image(index: Index, entry: int) -> ReferenceImage:
    """The reference image that row ``entry`` of the index belongs to."""
    return ReferenceImage(
        reference_set=index.entries.reference_set[entry],
        character=index.entries.character[entry],
        path=index.entries.path[entry],
        time_code=index.entries.time_code[entry],
    )


def strength(match: Match) -> tuple[float | str, ...]:
    """Sorts matches strongest first: verified before likely, hashes before keypoints and scores."""
    if match.distance_bits is not None:
        kind, closeness = 0, float(match.distance_bits)
    elif match.inliers is not None:
        kind, closeness = 1, -float(match.inliers)
    else:
        kind, closeness = 2, -(match.score or 0.0)
    return (not match.verified, kind, closeness, match.path, match.view, match.reference.path)


def packed_hashes(values: Sequence[bytes]) -> NDArray[np.uint8]:
    """Hashes of 32 bytes each as (n, 32) uint8."""
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), BYTES)
