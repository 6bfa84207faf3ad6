"""Who plays which part in the benchmark of copies, and the index of its references."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fetch_art import split_of
from numpy.typing import NDArray
from PIL import Image, ImageOps
from untouched_art import opened

from screening import keypoints
from screening.fingerprints import Fingerprint, PictureFingerprints
from screening.hashes import hash_picture
from screening.images.preprocess import prepare
from screening.images.view import View
from screening.index import Index, build_index
from screening.keypoints import keypoints_of
from screening.references.stored import ReferencePicture

SMALLEST_PX = 48
MOST_OF_CHARACTER = 6

SAME_LEVELS = 4.0
"""Root mean square difference of what is one drawing saved twice, at `_THUMBNAIL_PX`, in colour."""

_THUMBNAIL_PX = 16


@dataclass(frozen=True, slots=True)
class Art:
    path: Path
    source: str
    character: str


def parts(art: Path, split: str) -> tuple[list[Art], list[Art], list[Art]]:
    """Protected, distractors (of the other splits), benign."""
    protected: list[Art] = []
    distractors: list[Art] = []
    benign: list[Art] = []
    by_character: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(art.glob("*/*/*")):
        if path.suffix in {".png", ".jpg", ".webp"}:
            by_character.setdefault((path.parts[-3], path.parts[-2]), []).append(path)
    for (source, folder), paths in by_character.items():
        character = folder.partition("+")[0]
        where = distractors
        if split_of(character) == split:
            where = protected if hashlib.sha256(character.encode()).digest()[-1] % 2 else benign
        places = np.linspace(0, len(paths) - 1, min(len(paths), MOST_OF_CHARACTER)).astype(int)
        where.extend(Art(paths[place], source, character) for place in places.tolist())
    return protected, distractors, benign


def balanced(
    pictures: Sequence[Art], count: int, chance: random.Random, most: float = 1.0
) -> list[Art]:
    """About ``count`` pictures large enough, one of each source in turn."""
    by_source: dict[str, list[Art]] = {}
    for each in pictures:
        by_source.setdefault(each.source, []).append(each)
    for each in by_source.values():
        chance.shuffle(each)
    chosen: list[Art] = []
    limit = max(1, int(count * most))
    for turn in range(limit):
        for each in by_source.values():
            if turn < len(each) and len(chosen) < count and _is_large(each[turn].path):
                chosen.append(each[turn])
    return chosen


def _is_large(path: Path) -> bool:
    with Image.open(path) as image:
        return min(image.size) >= SMALLEST_PX


def shared_with(pictures: Sequence[Art], references: Sequence[Art]) -> list[bool]:
    """Whether each of ``pictures`` is a reference too, under another name: packages share art.

    By the colours of thumbnails, not by anything that the benchmark measures; a recoloured picture
    is another.
    """
    ones, others = _thumbnails(pictures), _thumbnails(references)
    others = np.concatenate([others, others[:, :, ::-1]]).reshape(2 * len(others), -1)
    lengths = np.square(others).sum(axis=1)
    shared: list[bool] = []
    for each in ones.reshape(len(ones), -1):
        squares = lengths - 2 * (others @ each) + each @ each
        shared.append(bool(squares.min() <= SAME_LEVELS**2 * each.size))
    return shared


def _thumbnails(pictures: Sequence[Art]) -> NDArray[np.float32]:
    size = (_THUMBNAIL_PX, _THUMBNAIL_PX)
    made = [opened(each.path).resize(size, Image.Resampling.BOX) for each in pictures]
    return np.array([np.asarray(each) for each in made], np.float32)


def make_index(references: Sequence[Art], path: Path) -> Index:
    """The one that is there already, or a new one."""
    if (path / "current").exists():
        return Index.open(path, [])

    class Made(list[ReferencePicture]):
        def __iter__(self) -> Iterator[ReferencePicture]:
            return (reference(number, each) for number, each in enumerate(references))

    build_index(path, {"art": Made()}, digests={"art": "0" * 64}, embedders=[], background={})
    return Index.open(path, [])


def reference(number: int, art: Art) -> ReferencePicture:
    image = opened(art.path)
    views = []
    for mirrored in (False, True):
        turned = ImageOps.mirror(image) if mirrored else image
        pixels = prepare(turned, keypoints.PREPROCESSING)
        views.append(fingerprint(turned, mirrored, keypoints_of(pixels, *turned.size)))
    made = picture(f"{number:06}", image, *views)
    return ReferencePicture(character=art.character, time_code="", picture=made)


def fingerprint(
    image: Image.Image, mirrored: bool, points: keypoints.Keypoints | None = None
) -> Fingerprint:
    return Fingerprint(
        view=View(), mirrored=mirrored, hashes=hash_picture(image), vectors={}, keypoints=points
    )


def picture(path: str, image: Image.Image, *views: Fingerprint) -> PictureFingerprints:
    width, height = image.size
    return PictureFingerprints(
        path=path, sha256="", width_px=width, height_px=height, fingerprints=views
    )
