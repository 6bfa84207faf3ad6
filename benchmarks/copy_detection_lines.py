"""Which pictures are drawn over one another: by their lines, whatever their colours are.

Generators of avatars, sprite artists and makers of emoji draw a character over another: the same
head in other colours, the same rider without his bow. A picture that shares its lines with a
reference is no negative of a benchmark of copies, whoever it is called. Nothing here is what the
benchmark measures: no hash, no keypoint.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from untouched_art import opened

from screening.fingerprints.fingerprint import Region
from screening.matching import Match, Transform

LINES_PX = 96
LINE_LEVELS = 32
"""By how many levels of any colour neighbours differ where a line is."""

DRAWN_OVER = 0.85
"""From this share of common lines on, one picture is drawn over the other. Of 49 findings among 512
negatives of the tune split, all of which share a figure to the eye, 35 share as much. With one of a
thousand references .34 of avatars share as much, and .04 of other drawings (.75: .50 and .26, plain
outlines among them)."""

THERE = 0.75
"""The same share where a part is said to show a part: compression and scaling cost lines."""

_AT_ONCE = 1000
_RIGHT_ANGLES = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)


def lines_of(image: Image.Image) -> NDArray[np.bool_]:
    """Where lines are in an RGB picture, scaled to fit: (96, 96)."""
    scale = LINES_PX / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    canvas = Image.new("RGB", (LINES_PX, LINES_PX), "white")
    place = (LINES_PX - width) // 2, (LINES_PX - height) // 2
    canvas.paste(image.resize((width, height), method), place)
    levels = np.asarray(canvas, np.int16)
    across = np.abs(np.diff(levels, axis=1, append=levels[:, -1:])).max(axis=2)
    down = np.abs(np.diff(levels, axis=0, append=levels[-1:])).max(axis=2)
    found: NDArray[np.bool_] = np.maximum(across, down) > LINE_LEVELS
    return found


def drawn_over(pictures: Sequence[Path], references: Sequence[Path]) -> NDArray[np.bool_]:
    """Whether each of ``pictures`` is drawn over one of ``references`` or a mirror image of one."""
    return shared_lines(_all_lines(pictures), _all_lines(references)) >= DRAWN_OVER


def is_there(picture: Image.Image, match: Match, reference: Image.Image) -> bool:
    """Whether the lines of what ``match`` says to be in ``picture`` are those of the reference.

    Of the part that keypoints found, of the whole where a hash did; turned by right angles only, so
    that little is confirmed of what is rotated otherwise.
    """
    seen, known = _cut(picture, match.region), _cut(reference, match.reference_region)
    if match.transform is Transform.MIRRORED:
        known = ImageOps.mirror(known)
    turns = [known, *map(known.transpose, _RIGHT_ANGLES)]
    lines = np.array([_lines_of_part(each) for each in turns])
    return bool(shared_lines(_lines_of_part(seen)[None], lines, mirrored=False)[0] >= THERE)


def _cut(image: Image.Image, region: Region | None) -> Image.Image:
    if region is None:
        return image
    left, right = (round(side * image.width) for side in (region.left, region.right))
    top, bottom = (round(side * image.height) for side in (region.top, region.bottom))
    return image.crop((left, top, max(left + 1, right), max(top + 1, bottom)))


def _lines_of_part(image: Image.Image) -> NDArray[np.bool_]:
    return lines_of(image.resize((LINES_PX, LINES_PX), Image.Resampling.BICUBIC))


def shared_lines(
    ones: NDArray[np.bool_], others: NDArray[np.bool_], *, mirrored: bool = True
) -> NDArray[np.float64]:
    """The greatest share of lines of each of ``ones`` ((n, 96, 96)) and of one of ``others`` or its
    mirror image (where ``mirrored``) that lie next to a line of the other picture; the smaller of
    the two shares: (n,).
    """
    greatest = np.zeros(len(ones))
    mine, mine_wide, my_count = _flat(ones)
    for first in range(0, len(others), _AT_ONCE):
        some = others[first : first + _AT_ONCE]
        for turned in (some, some[:, :, ::-1])[: 1 + mirrored]:
            theirs, theirs_wide, their_count = _flat(turned)
            of_mine = (mine @ theirs_wide.T) / my_count[:, None]
            of_theirs = (mine_wide @ theirs.T) / their_count
            greatest = np.maximum(greatest, np.minimum(of_mine, of_theirs).max(axis=1))
    return greatest


def _all_lines(paths: Sequence[Path]) -> NDArray[np.bool_]:
    made = [lines_of(opened(each)) for each in paths]
    return np.array(made, np.bool_).reshape(-1, LINES_PX, LINES_PX)


def _flat(
    lines: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
    """Lines, lines a pixel wider to all sides, and how many there are."""
    around = np.ones((3, 3), np.uint8)
    wide = [cv2.dilate(np.ascontiguousarray(each, np.uint8), around) for each in lines]
    flat = lines.reshape(len(lines), -1).astype(np.float32)
    return (
        flat,
        np.array(wide, np.float32).reshape(flat.shape),
        np.maximum(1, flat.sum(axis=1, dtype=np.float64)),
    )
