"""The values: a fingerprint is what is kept of one view of one picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screening.hashes import Hashes
from screening.images.view import View
from screening.keypoints import Keypoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What made a part of a fingerprint; parts of different makers are never compared."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One view of a picture. ``vectors``: embedder output name -> (d,) float32 of length 1.

    ``mirrored`` is True for the fingerprint of the view's mirror image. ``keypoints`` are those of
    a reference as a person sees it, else None.
    """

    view: View
    mirrored: bool
    hashes: Hashes
    vectors: Mapping[str, NDArray[np.float32]]
    keypoints: Keypoints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """An upright rectangle in a picture, its sides in shares of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A reference that was found in a picture by keypoints, while its pixels were there.

    ``index`` is the id of the version that ``row`` is of, ``view`` the number of the fingerprint
    that it was found in. ``places`` and ``agreement`` are those of `Overlap`; ``region`` is the
    part of the picture that shows ``reference_region`` of the reference, or of its mirror image.
    ``by_hash`` is True where the hash proposed it and both were compared as wholes; the agreement
    then speaks for the hash or against it, and no places were counted. ``shared_with`` is the row
    of another character's reference that shows what was found as well: it proves nothing alone.
    """

    index: str
    row: int
    view: int
    places: int
    agreement: float
    region: Region
    reference_region: Region
    by_hash: bool = False
    shared_with: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFingerprints:
    """All fingerprints of one picture file; the first is the view that a person sees.

    ``width_px`` and ``height_px`` are the header's. ``frames_left`` is the sentence about frames
    over the limit, or empty. ``sightings`` is what was found in it already. ``video`` is the path
    of the file, where this is a frame of it and ``path`` is its own.
    """

    path: str
    sha256: str
    width_px: int
    height_px: int
    fingerprints: tuple[Fingerprint, ...]
    frames_left: str = ""
    sightings: tuple[Sighting, ...] = ()
    video: str = ""

    @property
    def shown(self) -> Fingerprint:
        return self.fingerprints[0]

    @property
    def file(self) -> str:
        """The path of the file that this is, or is a frame of."""
        return self.video or self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that did not become a fingerprint, and the sentence why."""

    path: str
    sha256: str
    reason: str
