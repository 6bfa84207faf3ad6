"""Copies: pictures of a pack that are edited reference images, found picture by picture.

A hash finds edits of colour and size; where it is very near it decides by itself, else keypoints
have a say (`hash_hits`). Edits of geometry move every bit of a hash: there keypoints vote for
reference images, beside what an embedder proposes, and decide (`CopySearch`, while a picture's
pixels are there). A high score of an embedder alone is a likely copy; pictures made from one
template reach it too. So is a scene that keypoints know and in which something moved, where the
embedder's score is nearly as high; and so is a copy of parts that references of other characters
have in common with the one that was found (`shared_parts`).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from math import floor

import numpy as np

from screening import hashes, keypoints
from screening.fingerprints.fingerprint import Fingerprint, PictureFingerprints, Region, Sighting
from screening.fingerprints.look import LOOKED_AT_VIEWS
from screening.index import Index
from screening.keypoints import Sight
from screening.matching.doubted_hashes import believed_hashes, doubt
from screening.matching.hash_hits import Hit, check_hashes
from screening.matching.match import (
    Match,
    ReferenceImage,
    Transform,
    ViewedPicture,
    match_of,
    reference_image,
    strength,
)
from screening.matching.overlap import (
    LEAST_AGREEMENT,
    LEAST_COMPARED,
    Overlap,
    find_overlap,
    least_certain,
)
from screening.matching.panels import shows_several
from screening.matching.shared_parts import SharedParts, is_refuted, proves, shared_parts
from screening.matching.votes import PROPOSED, propose

NEAREST = 10
"""How many references of a picture are looked at for copies; more only where all are copies."""

PROPOSING_SCORE = 0.45
"""From this cosine on a reference image is worth comparing by keypoints. With `lite`, 47-56 % of
benign pictures reach it against 10^4 references of other sources, 28-40 % at .5, where a tenth to
a sixth of quarter-screen screenshots and two-picture collages is lost (`benchmarks/thresholds.py`,
tune and calibrate characters)."""

SCENE_MARGIN = 0.08
"""By so much less than a score that alone makes a copy likely, a score does where keypoints find
the same scene. Frames of a shot after its last reference score .88-.94 with `lite` 2, the same
frames with another figure in the place of the film's .56-.89, half of them below .76."""


def find_copies(
    pictures: Sequence[PictureFingerprints],
    index: Index,
    *,
    distance_bits: int,
    certain_bits: int = hashes.BITS,
) -> list[Match]:
    """The best match of every picture with every character it has a copy of.

    By hash where a view is within ``distance_bits`` (inclusive) and its hash is telling, verified
    where it is within ``certain_bits`` too, unless a `CopySearch` of this ``index`` saw something
    else there or doubts it (`doubted_hashes`); by keypoints where it saw one, verified where all
    but a few of them agree; by score where an output has a ``copy_score``.
    """
    views = [(picture, view) for picture in pictures for view in picture.fingerprints]
    best: dict[tuple[str, int], Match] = {}
    for hit in chain(
        believed_hashes(
            pictures, views, index, distance_bits=distance_bits, certain_bits=certain_bits
        ),
        _sighted(pictures, index),
        _score_hits(views, index),
    ):
        key = (hit.match.path, hit.character)
        best[key] = min(best.get(key, hit.match), hit.match, key=strength)
    return list(best.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySearch:
    """Looks for copies by keypoints in pictures that no hash decides; a `Look`.

    Thread-safe. A hash within ``certain_bits`` that keypoints do not contradict decides a view,
    except for characters that an embedder proposes beside the one that it found: what a picture
    shows of a character that the uploader has a licence for must not hide another.
    """

    index: Index
    certain_bits: int
    _parts: Callable[[int], SharedParts] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_parts", shared_parts(self.index))

    def __call__(
        self,
        picture: PictureFingerprints,
        sight: Callable[[int], Sight],
        large: Callable[[int], Sight | None],
    ) -> tuple[Sighting, ...]:
        seen = cache(sight)
        found: list[Sighting] = []
        for number, view in enumerate(picture.fingerprints[:LOOKED_AT_VIEWS]):
            checked = tuple(
                doubt(each, self._parts) for each in check_hashes(number, view, self.index, seen)
            )
            found.extend(checked)
            scored = _proposed(view, self.index)
            decided = self._decided(replace(picture, sightings=checked), view)
            if decided and not self._characters(scored.rows) - decided:
                continue
            found.extend(self._seen(number, seen, large, scored, decided))
        return tuple(found)

    def _decided(self, picture: PictureFingerprints, view: Fingerprint) -> set[int]:
        bits = self.certain_bits
        hits = believed_hashes(
            [picture], [(picture, view)], self.index, distance_bits=bits, certain_bits=bits
        )
        return {hit.character for hit in hits if hit.match.verified}

    def _characters(self, rows: Sequence[int]) -> set[int]:
        return set(self.index.entries.characters[list(rows)].tolist()) if len(rows) else set()

    def _seen(
        self,
        number: int,
        sight: Callable[[int], Sight],
        large: Callable[[int], Sight | None],
        scored: "_Scored",
        decided: set[int],
    ) -> list[Sighting]:
        """At 480 px; and at 960 px where descriptors voted clearly for what cannot be judged there
        (a fragment has too few places, a look-alike has enough to be refused), and where the
        picture looks put together from several."""
        first = sight(number)
        voted = propose(first.keypoints, self.index, known=decided)
        rows = [*(each.row for each in voted), *scored.rows]
        found, judged = self._verified(first, number, rows, decided, scored.near)
        known = decided | {self._character(each.row) for each in found}
        open_ = {self._character(each.row) for each in voted if each.is_clear} - known - judged
        closer = large(number) if open_ or shows_several(first) else None
        if closer is not None:
            rows = [each.row for each in propose(closer.keypoints, self.index, known=known)]
            found += self._verified(closer, number, rows, known, scored.near)[0]
        return found

    def _character(self, row: int) -> int:
        return int(self.index.entries.characters[row])

    def _verified(
        self,
        sight: Sight,
        number: int,
        rows: Sequence[int],
        known: set[int],
        near: Collection[int],
    ) -> tuple[list[Sighting], set[int]]:
        """What the picture agrees with of the first of ``rows``, one of each character that is not
        ``known``; and the characters that it was compared with well and is none of. Rows that an
        embedder calls ``near`` may show the same scene only."""
        found: dict[int, Sighting] = {}
        judged: set[int] = set()
        for row in list(dict.fromkeys(rows))[:PROPOSED]:
            character = self._character(row)
            before = found.get(character)
            if character in known or (
                before and _strength(before) >= (True, _certain(self.index, row))
            ):
                continue
            overlap = find_overlap(sight, self.index.keypoints.of(row))
            if overlap is None:
                continue
            if overlap.compared >= LEAST_COMPARED and overlap.agreement < LEAST_AGREEMENT:
                judged.add(character)
            if not overlap.is_copy and not (overlap.is_scene and row in near):
                continue
            parts = self._parts(row)
            if is_refuted(overlap, parts):
                judged.add(character)
                continue
            seen = Sighting(
                index=self.index.id,
                row=row,
                view=number,
                places=overlap.places,
                agreement=_agreement(self.index, row, overlap, parts),
                region=overlap.region,
                reference_region=overlap.reference_region,
                shared_with=None if proves(overlap, parts) else parts.row,
            )
            if before is None or _strength(seen) > _strength(before):
                found[character] = seen
        return list(found.values()), judged


def _certain(index: Index, row: int) -> float:
    is_frame = bool(index.entries.time_code[row])
    return least_certain(index.manifest["reference_images"], is_frame=is_frame)


def _agreement(index: Index, row: int, overlap: Overlap, parts: SharedParts) -> float:
    """Of whom no other shares parts with, and of drawings, that of the coarse keypoints will do."""
    plain = parts.row is not None or index.entries.time_code[row]
    agreement = overlap.agreement if plain else overlap.kept_agreement
    return floor(agreement * 1000) / 1000  # never up to the threshold


def _strength(sighting: Sighting) -> tuple[bool, float]:
    return sighting.shared_with is None, sighting.agreement


def _hit(index: Index, entry: int, match: Match) -> Hit:
    return Hit(character=int(index.entries.characters[entry]), match=match)


def _sighted(pictures: Sequence[PictureFingerprints], index: Index) -> Iterator[Hit]:
    for picture in pictures:
        for each in picture.sightings:
            if each.by_hash or each.index != index.id:
                continue  # rows of another version are other pictures
            view = picture, picture.fingerprints[each.view]
            match = match_of(view, index, each.row, method=keypoints.NAME)
            match = replace(
                match,
                inliers=each.places,
                agreement=each.agreement,
                region=each.region,
                reference_region=_as_seen(each.reference_region, match.transform),
                verified=each.agreement >= _certain(index, each.row) and each.shared_with is None,
                shared_with=_of_row(index, each.shared_with),
            )
            yield _hit(index, each.row, match)


def _of_row(index: Index, row: int | None) -> ReferenceImage | None:
    return None if row is None else reference_image(index, row)


def _as_seen(region: Region, transform: Transform) -> Region:
    """In the reference image itself, where its mirror image was found."""
    if transform is not Transform.MIRRORED:
        return region
    return replace(region, left=round(1 - region.right, 3), right=round(1 - region.left, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """Rows of the index that outputs for copies propose, best first, each once; those of them that
    are nearly likely copies."""

    rows: tuple[int, ...]
    near: frozenset[int]


def _proposed(view: Fingerprint, index: Index) -> _Scored:
    rows: dict[int, float] = {}
    near: set[int] = set()
    for output in index.outputs:
        if "copies" in output.finds:
            found = index.vectors[output.name].nearest(view.vectors[output.name][None], NEAREST)
            for score, row in zip(*(part[0].tolist() for part in found), strict=True):
                if score >= PROPOSING_SCORE:
                    rows[row] = max(score, rows.get(row, score))
                if output.copy_score is not None and score >= output.copy_score - SCENE_MARGIN:
                    near.add(row)
    ordered = sorted(rows, key=lambda row: (-rows[row], row))
    return _Scored(rows=tuple(ordered), near=frozenset(near))


def _score_hits(views: Sequence[ViewedPicture], index: Index) -> Iterator[Hit]:
    for output in index.outputs:
        if output.copy_score is None or "copies" not in output.finds or not views:
            continue
        vectors = np.stack([view.vectors[output.name] for _, view in views])
        table = index.vectors[output.name]
        scores, entries = table.nearest(vectors, NEAREST)
        for query, view in enumerate(views):
            found = scores[query], entries[query]
            if found[0][-1] >= output.copy_score:
                # Copies of one character must not crowd those of another out.
                found = table.within(vectors[query], output.copy_score)
            for score, entry in zip(*(part.tolist() for part in found), strict=True):
                if score >= np.float32(output.copy_score):
                    match = match_of(view, index, entry, method=output.name)
                    yield _hit(index, entry, replace(match, score=round(score, 4)))
