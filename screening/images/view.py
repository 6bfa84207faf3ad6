"""The views of a frame: the pictures that trainers could make of one and the same.

With and without its EXIF orientation, with transparency composited and with the hidden colours
under it shown, 16 bits clipped or stretched, the centre alone of a wide or high one. Each that
looks different is a view of its own. Two more look through disguises: what single pixels show
(`sampled`), and a picture of hardly any contrast with all of it (`faint`). Colours are converted as
trainers convert them, by Pillow's ``convert("RGB")``: colour profiles and gamma are not applied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from screening.images.faint import stretched_of
from screening.images.sampled import LEAST_SIDE_PX, sampled_of

VISIBLE_DIFFERENCE = 8  # of 255 levels, at the decoded size

WIDE = 2.0
LEAST_CENTRE_PX = 32
"""Of a picture at least twice as wide as high, or as high as wide, trainers that crop to a square
train on the centre alone; what stands beside it would hide it."""


class Variant(StrEnum):
    """Which of the pictures in one frame a view is; the first is what a person sees."""

    SHOWN = "shown"
    UNROTATED = "EXIF orientation ignored"
    OPAQUE = "transparency dropped"
    OPAQUE_UNROTATED = "transparency dropped, EXIF orientation ignored"
    STRETCHED = "16-bit range stretched"
    STRETCHED_UNROTATED = "16-bit range stretched, EXIF orientation ignored"
    CENTRE = "centre square"
    UNTURNED = "rotation of the video ignored"
    SAMPLED = "single pixels alone"
    FAINT = "contrast stretched"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture in a file. ``frame`` counts from 0; ``seconds`` is where in a video it stands,
    from the beginning, None for frames of anything else."""

    frame: int = 0
    variant: Variant = Variant.SHOWN
    seconds: float | None = None

    def __str__(self) -> str:
        parts = [f"frame {self.frame + 1}"] if self.frame and self.seconds is None else []
        if self.variant is not Variant.SHOWN:
            parts.append(self.variant.value)
        return ", ".join(parts)


def views_of(
    image: Image.Image, orientation: int, frame: int, scale: int, *, disguises: bool = True
) -> list[tuple[View, Image.Image]]:
    """The views of a decoded frame, the one that a person sees first, RGB, reduced by ``scale``."""
    views = [
        (View(frame=frame, variant=variant), picture)
        for variant, picture in _both_ways_up(_pictures(image, scale), orientation)
    ]
    shown = views[0][1]
    if (centre := centre_of(shown)) is not None:
        views.append((View(frame=frame, variant=Variant.CENTRE), centre))
    if disguises:
        # Next after what a person sees: not all views of a file are searched by keypoints.
        views[1:1] = [
            (View(frame=frame, variant=variant), picture)
            for variant, picture in _behind_disguises(
                image, [picture for _, picture in views], orientation, scale
            )
        ]
    return views


def _behind_disguises(
    image: Image.Image, shown: Sequence[Image.Image], orientation: int, scale: int
) -> Iterator[tuple[Variant, Image.Image]]:
    sampled = sampled_of(converted(image, "RGB")) if min(image.size) >= LEAST_SIDE_PX else None
    if sampled is not None:
        reduced = sampled.reduce(max(1, min(sampled.size) * scale // min(image.size)))
        upright = orientation == 1
        turned = reduced if upright else reduced.transpose(_ORIENTATIONS[orientation])
        yield Variant.SAMPLED, stretched_of(turned) or turned
    stretched = (stretched_of(each) for each in shown)
    if (faint := next((each for each in stretched if each is not None), None)) is not None:
        yield Variant.FAINT, faint


def centre_of(image: Image.Image) -> Image.Image | None:
    """The centre square of a wide or high picture; None of any other."""
    side = min(image.size)
    if max(image.size) < WIDE * side or side < LEAST_CENTRE_PX:
        return None
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation 1-8; 1 where the EXIF block is broken, as for a trainer that ignores it."""
    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # the parser raises anything; the pixels are as good as without EXIF
        return 1
    return orientation if orientation in _ORIENTATIONS else 1


def _both_ways_up(
    pictures: Iterator[tuple[Variant, Image.Image]], orientation: int
) -> Iterator[tuple[Variant, Image.Image]]:
    """Each picture with the EXIF orientation applied, and without it where that differs."""
    for variant, picture in pictures:
        if orientation == 1:
            yield variant, picture
        else:
            yield variant, picture.transpose(_ORIENTATIONS[orientation])
            yield _UNROTATED[variant], picture


# EXIF 2.32, tag 0x0112: what brings the stored picture upright
_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_UNROTATED = {
    Variant.SHOWN: Variant.UNROTATED,
    Variant.OPAQUE: Variant.OPAQUE_UNROTATED,
    Variant.STRETCHED: Variant.STRETCHED_UNROTATED,
}


def _pictures(image: Image.Image, scale: int) -> Iterator[tuple[Variant, Image.Image]]:
    """The different pictures that trainers make of one frame, RGB, reduced by ``scale``."""
    # trainers call convert("RGB"), which shows whatever colour lies under the transparency
    opaque = converted(image, "RGB").reduce(scale)
    shown = _on_white(image, scale) if image.has_transparency_data else opaque
    yield Variant.SHOWN, shown
    if differ(shown, opaque):
        yield Variant.OPAQUE, opaque
    if image.mode.startswith(("I", "F")):
        stretched = Image.fromarray(_stretched(np.asarray(image))).reduce(scale).convert("RGB")
        if differ(shown, stretched):
            yield Variant.STRETCHED, stretched


def converted(image: Image.Image, mode: str) -> Image.Image:
    """``image`` in ``mode``; itself where it is so already."""
    return image if image.mode == mode else image.convert(mode)


def _on_white(image: Image.Image, scale: int) -> Image.Image:
    """The picture composited on white. Colours are multiplied by alpha, reduced, and only then
    composited, which comes to the same and does not make three more pictures of full size."""
    reduced = np.asarray(converted(image, "RGBA").convert("RGBa").reduce(scale))
    return Image.fromarray(reduced[..., :3] + (255 - reduced[..., 3:]))


def _stretched(levels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """More than 8 bits as grey, the darkest level black and the brightest white."""
    finite = np.isfinite(levels)
    if not finite.any():
        return np.zeros(levels.shape, np.uint8)
    any_level = float(levels.flat[int(finite.argmax())])
    low = float(levels.min(where=finite, initial=any_level))
    high = float(levels.max(where=finite, initial=any_level))
    grey = np.empty(levels.shape, np.uint8)
    for row, row_of_levels in enumerate(levels):  # all at once would be 8 bytes a pixel
        wide = np.nan_to_num(row_of_levels.astype(np.float64), nan=low)
        grey[row] = np.rint((wide.clip(low, high) - low) * (255.0 / ((high - low) or 1.0)))
    return grey


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures of one size look different anywhere."""
    if one is other:
        return False
    difference = np.abs(np.asarray(one, dtype=np.int16) - np.asarray(other, dtype=np.int16))
    return bool(difference.max() > VISIBLE_DIFFERENCE)
