"""Overlaps: which part of a picture shows which part of a reference, verified twice.

First one similarity (shift, rotation, scale) must carry places of the one onto places of the other
that look alike. Pictures made from one template share places too, so then the picture is described
again at every place where the reference has a keypoint, whether a detector finds anything there or
not: in a copy nearly all of them look as in the reference; in another avatar of the same generator,
another sprite on the same body, or behind a shared logo, what differs does not.
"""

from dataclasses import dataclass, field, replace
from math import log10

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.fingerprints.fingerprint import Region
from screening.keypoints import LEVELS, SCALE_FACTOR, Keypoints, Sight
from screening.matching.alignment import (
    LEAST_PLACES,
    LEAST_PLACES_OF_PLAIN,
    Pairs,
    carried,
    is_plain,
    pairs_of,
    similarity_of,
    stretch_of,
)

LEAST_AGREEMENT = 0.9
"""Least share of the reference's keypoints in the overlap that look the same in the picture. True
pairs of edits of geometry: median 1.00, 25 % below .98; 1,455 pairs of sprites, avatars and emoji
of one series that share 14 places: median .52, 10 % above .83."""

LEAST_CERTAIN = 0.97
_MOST_CERTAIN = 0.98
_MORE_CERTAIN = 0.01
_MORE_CERTAIN_OF_FRAMES = 0.04
_FEW_REFERENCES = 1000
"""A copy is certain from `least_certain` on: 307 of 314 edited copies of drawings agree in .99 and
more, of 75 avatars of one template that seemed to be copies 16 (tune and calibrate characters).
Ten times as many references find ten times as many drawings that share parts."""

LEAST_COARSE = 40
LEAST_COARSE_AGREEMENT = 0.99
"""Of so many coarse keypoints nearly all agree in copies whose finest ones were lost to
recompression, noise or text: of 9 edited copies of drawings that agree in .92-.97, 6 do. Of 1,700
pictures of other characters (tune and calibrate) 8 agree in so much, their coarse ones in at most
.976."""

LEAST_SCENE_AGREEMENT = 0.8
LEAST_SCENE_COVERED = 0.5
LEAST_SCENE_PLACES = 20
"""From where on two pictures may show one scene in which something moved. Frames of a shot up to
2.6 seconds after the last frame of it that is a reference agree in .81-.98; that the figure in it
is the same one, no keypoint says: an embedder must."""

LEAST_COMPARED = 20
LEAST_COVERED = 0.2
"""Least share that the agreeing places surround of what of the reference is drawn in the overlap;
one spot is no copy."""

LEAST_PART = 0.02
"""Least share of the reference that must be there, and of the picture that shows it."""

_SAME_BITS = 80
"""Of 256: a copy's places lie at 0-60, unrelated ones at 128 on average. Of the limits from 56 to
96, at equal false positives this leaves as many true pairs as any."""

_COARSE_OCTAVE = 3
"""What a blur takes away are finer keypoints."""

_PATCH_PX = 31
_REACH_PX = 12.0
"""A descriptor whose patch leaves the picture by more than a little describes the edge."""

_FINER_OCTAVES = 3
"""Where the picture is smaller than the reference, its finest keypoints have no octave left: in
plain drawings too few remain to compare. Then the picture is enlarged by so many octaves."""


def _no_rows() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _no_flags() -> NDArray[np.bool_]:
    return np.empty(0, np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """``places``: how many different places of the one lie where the other has them.

    ``compared`` keypoints of the reference lie in the overlap, ``agreement`` is the share of them
    that look the same in the picture. ``covered`` is the share that those surround of the overlap,
    or of what all keypoints of the reference surround: a figure on a plain ground is all of it.
    ``plain`` where the picture or the reference has few keypoints. ``rows`` ((compared,) int64) are
    the numbers of these keypoints, ``same`` ((compared,) bool) those that look the same, ``coarse``
    ((compared,) bool) those that survive a blur.
    """

    places: int
    compared: int
    agreement: float
    covered: float
    region: Region
    reference_region: Region
    plain: bool = False
    rows: NDArray[np.int64] = field(default_factory=_no_rows, repr=False, compare=False)
    same: NDArray[np.bool_] = field(default_factory=_no_flags, repr=False, compare=False)
    coarse: NDArray[np.bool_] = field(default_factory=_no_flags, repr=False, compare=False)

    @property
    def kept_agreement(self) -> float:
        """The agreement, of the coarse keypoints alone where nearly all of enough of those agree:
        what an edit takes first are the finest."""
        coarse = self.same[self.coarse]
        if len(coarse) < LEAST_COARSE:
            return self.agreement
        of_coarse = float(coarse.mean())
        return max(self.agreement, of_coarse if of_coarse >= LEAST_COARSE_AGREEMENT else 0.0)

    @property
    def is_copy(self) -> bool:
        return (
            self.places >= (LEAST_PLACES_OF_PLAIN if self.plain else LEAST_PLACES)
            and self.compared >= LEAST_COMPARED
            and self.agreement >= LEAST_AGREEMENT
            and self.covered >= LEAST_COVERED
            and min(_area(self.region), _area(self.reference_region)) >= LEAST_PART
        )

    @property
    def is_scene(self) -> bool:
        """Whether both may show one scene, in which something moved or changed."""
        return (
            self.places >= LEAST_SCENE_PLACES
            and self.compared >= LEAST_COMPARED
            and self.agreement >= LEAST_SCENE_AGREEMENT
            and self.covered >= LEAST_SCENE_COVERED
            and min(_area(self.region), _area(self.reference_region)) >= LEAST_PART
        )


def least_certain(references: int, *, is_frame: bool) -> float:
    """The agreement from which on a copy is certain, in an index of so many ``references``.

    Less where the reference ``is_frame`` of a film: what is uploaded was taken a moment later.
    """
    decades = log10(max(_FEW_REFERENCES, references) / _FEW_REFERENCES)
    least, more = LEAST_CERTAIN, _MORE_CERTAIN
    if is_frame:
        least, more = LEAST_AGREEMENT, _MORE_CERTAIN_OF_FRAMES
    return min(_MOST_CERTAIN, least + more * decades)


def _area(region: Region) -> float:
    return (region.right - region.left) * (region.bottom - region.top)


def find_overlap(sight: Sight, reference: Keypoints) -> Overlap | None:
    """How ``reference`` lies in the picture; None where too few places say so.

    Where it is no copy as it is, the picture may have been made wider or higher: so it is tried
    again as it was before.
    """
    pairs = pairs_of(sight.keypoints, reference)
    if pairs is None:
        return None
    overlap = _overlap(sight, reference, pairs)
    if overlap and overlap.agreement >= LEAST_CERTAIN:
        return overlap
    stretch = stretch_of(pairs)
    if stretch is None:
        return overlap
    straight = _overlap(_resized(sight, stretch), reference, pairs.resized(stretch))
    if straight is None or (overlap and overlap.agreement >= straight.agreement):
        return overlap
    return straight


def _overlap(sight: Sight, reference: Keypoints, pairs: Pairs) -> Overlap | None:
    found = similarity_of(pairs)
    if found is None:
        return None
    similarity, places = found
    left, top, right, bottom = sight.inner_px
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    whole = _corners(reference.width_px, reference.height_px)
    overlap_area, overlap = cv2.intersectConvexConvex(
        carried(corners, similarity).astype(np.float32), whole
    )
    if overlap is None or len(overlap) < 3:
        return None
    there = np.asarray(overlap[:, 0], np.float64)
    back = np.asarray(cv2.invertAffineTransform(similarity), np.float64)
    height, width = sight.grey.shape
    rows, distances = _described_again(sight, reference, similarity)
    same = distances <= _SAME_BITS
    places_px = reference.places_px[rows[same]]
    drawn_area = min(overlap_area, _surrounded(reference.places_px))
    return Overlap(
        places=places,
        compared=len(rows),
        agreement=len(places_px) / max(1, len(rows)),
        covered=min(1.0, _surrounded(places_px) / max(1.0, drawn_area)),
        region=_region(carried(there, back), width, height),
        reference_region=_region(there, reference.width_px, reference.height_px),
        plain=is_plain(sight.keypoints, reference),
        rows=rows,
        same=same,
        coarse=reference.octaves[rows] >= _COARSE_OCTAVE,
    )


def how_alike(sight: Sight, reference: Keypoints) -> float | None:
    """Which share of the reference's keypoints look the same in a picture that is to show all of it
    and nothing else. None where either has too few to tell: a blur may have taken them.

    Of three shares the highest, so that no edit alone speaks against a copy: in place, of the
    coarse keypoints in place, and where a similarity carries them that keypoints agree on.
    """
    if min(len(sight.keypoints), len(reference)) < LEAST_COMPARED:
        return None
    height, width = sight.grey.shape
    scale = (reference.width_px / width + reference.height_px / height) / 2
    shift = (reference.width_px - scale * width) / 2, (reference.height_px - scale * height) / 2
    in_place = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    rows, distances = _described_again(sight, reference, in_place)
    if len(rows) < LEAST_COMPARED:
        return None
    same = distances <= _SAME_BITS
    coarse = same[reference.octaves[rows] >= _COARSE_OCTAVE]
    shares = [float(same.mean())]
    if len(coarse) >= LEAST_COMPARED:
        shares.append(float(coarse.mean()))
    if max(shares) < LEAST_AGREEMENT:
        overlap = find_overlap(sight, reference)
        if overlap and overlap.compared >= LEAST_COMPARED and overlap.covered >= LEAST_COVERED:
            shares.append(overlap.agreement)
    return max(shares)


def _resized(sight: Sight, by: tuple[float, float]) -> Sight:
    """The picture made wider or higher; its keypoints are those of before."""
    across, down = by
    grey = cv2.resize(sight.grey, None, fx=across, fy=down, interpolation=cv2.INTER_CUBIC)
    left, top, right, bottom = sight.inner_px
    inner = round(left * across), round(top * down), round(right * across), round(bottom * down)
    return replace(sight, grey=np.asarray(grey, np.uint8), inner_px=inner)


def _surrounded(places: NDArray[np.float32]) -> float:
    """The area within the convex hull of (n, 2) places."""
    return float(cv2.contourArea(cv2.convexHull(places))) if len(places) > 2 else 0.0


def _described_again(
    sight: Sight, reference: Keypoints, similarity: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which keypoints of the reference lie well within the picture, and how many bits the picture
    differs there: (m,) each."""
    rows, distances = _described(sight.grey, sight.inner_px, reference, similarity)
    scale = float(np.hypot(similarity[0, 0], similarity[1, 0]))
    if len(rows) >= LEAST_COMPARED or scale <= 1:
        return rows, distances
    zoom = SCALE_FACTOR**_FINER_OCTAVES
    grey = cv2.resize(sight.grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    left, top, right, bottom = (round(side * zoom) for side in sight.inner_px)
    turned = similarity[:, :2] / zoom
    # Pixels keep their centres: place x lies at zoom * (x + 1/2) - 1/2.
    shift = similarity[:, 2] + turned.sum(axis=1) * (1 - zoom) / 2
    finer = np.column_stack([turned, shift])
    return _described(np.asarray(grey, np.uint8), (left, top, right, bottom), reference, finer)


def _described(
    grey: NDArray[np.uint8],
    inner_px: tuple[int, int, int, int],
    reference: Keypoints,
    similarity: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    scale = float(np.hypot(similarity[0, 0], similarity[1, 0]))
    turn = float(np.degrees(np.arctan2(similarity[1, 0], similarity[0, 0])))
    back = np.asarray(cv2.invertAffineTransform(similarity), np.float64)
    points = carried(reference.places_px, back)
    shift = np.log(scale) / np.log(SCALE_FACTOR)
    octaves = np.round(reference.octaves - shift).astype(np.int64)
    reach = (_REACH_PX * SCALE_FACTOR ** octaves.astype(np.float64))[:, None]
    first, last = np.array(inner_px).reshape(2, 2)
    inside = (points >= first + reach) & (points <= last - reach)
    rows = np.flatnonzero(inside.all(axis=1) & (octaves >= 0) & (octaves < LEVELS))
    rows = rows[np.argsort(octaves[rows], kind="stable")]
    if not len(rows):
        return rows, np.empty(0, np.int64)
    degrees = (reference.degrees - turn) % 360
    wanted = [
        cv2.KeyPoint(
            float(points[row, 0]),
            float(points[row, 1]),
            _PATCH_PX * SCALE_FACTOR ** int(octaves[row]),
            float(degrees[row]),
            0,
            int(octaves[row]),
            row,
        )
        for row in rows.tolist()
    ]
    describer = cv2.ORB.create(edgeThreshold=0, scaleFactor=SCALE_FACTOR, nlevels=LEVELS)
    described, descriptors = describer.compute(grey, wanted)
    kept = np.array([each.class_id for each in described], np.int64)
    differing = np.asarray(descriptors, np.uint8) ^ reference.descriptors[kept]
    bits = np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
    return kept, bits


def _corners(width: int, height: int) -> NDArray[np.float32]:
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)


def _region(points: NDArray[np.float64], width: int, height: int) -> Region:
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    return Region(
        left=_share(left, width),
        top=_share(top, height),
        right=_share(right, width),
        bottom=_share(bottom, height),
    )


def _share(place: float, side: int) -> float:
    return round(min(1.0, max(0.0, place / side)), 3)
