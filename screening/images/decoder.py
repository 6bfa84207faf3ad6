"""One safe decoder: bytes of an upload to the pictures that a trainer could make of them.

A file can hold more than one picture: frames, the picture with and without its EXIF orientation,
with transparency composited and with the hidden colours under it shown. Trainers differ in what
they read, so each one that looks different is a view of its own.

Limits are checked on the header, before pixels exist. Pictures are decoded at the smallest of the
scales 1, 1/2, 1/4, 1/8 that leaves the shorter side at or above ``short_side_px``: nothing
downstream looks at more, and libjpeg gets there without making the full picture.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from PIL import Image, UnidentifiedImageError

from screening.errors import ImageRefused
from screening.settings import Limits

SHORT_SIDE_PX = 256

# Pillow starts another program for these (Ghostscript, a WMF renderer, handlers by plug-in), or
# they are containers of something that is not a picture.
REFUSED_FORMATS = frozenset({"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"})

# Pillow plug-ins that a trainer may have: module, and the call that registers it ("" = import).
PLUG_INS = (("pillow_heif", "register_heif_opener"), ("pillow_jxl", ""))

VISIBLE_DIFFERENCE = 8  # of 255 levels, at the decoded size


class Variant(StrEnum):
    """Which of the pictures in one frame a view is; the first is what a person sees."""

    SHOWN = "shown"
    UNROTATED = "EXIF orientation ignored"
    OPAQUE = "transparency dropped"
    OPAQUE_UNROTATED = "transparency dropped, EXIF orientation ignored"
    STRETCHED = "16-bit range stretched"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture in a file. ``frame`` counts from 0."""

    frame: int = 0
    variant: Variant = Variant.SHOWN

    def __str__(self) -> str:
        parts = [f"frame {self.frame + 1}"] if self.frame else []
        if self.variant is not Variant.SHOWN:
            parts.append(self.variant.value)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The views of one file: RGB pictures, with the size that the header gives.

    ``frames_left`` is the sentence about frames beyond the limit, or empty.
    """

    width_px: int
    height_px: int
    views: tuple[tuple[View, Image.Image], ...]
    frames_left: str = ""


def register_plug_ins() -> None:
    """Let Pillow read HEIC and JPEG XL where the plug-ins are installed."""
    for module, register in PLUG_INS:
        if find_spec(module) is not None:
            plug_in = import_module(module)
            if register:
                getattr(plug_in, register)()


def readable_formats() -> list[str]:
    """Pillow's formats less those that are refused, in a stable order."""
    Image.init()
    return sorted(set(Image.OPEN) - REFUSED_FORMATS)


def decode(data: bytes, limits: Limits, *, short_side_px: int = SHORT_SIDE_PX) -> Decoded:
    """Every view of the picture file ``data``.

    Raises ImageRefused: not a picture, over a limit, truncated or corrupt. A codec may also crash
    or hang the process: call this only where that costs one picture.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked on every frame, and is an error
    try:
        with Image.open(io.BytesIO(data), formats=readable_formats()) as image:
            size = image.size
            views = tuple(_views(image, limits, short_side_px))
            left = _frames_left(image, limits)
    except ImageRefused:
        raise
    except UnidentifiedImageError:
        raise ImageRefused("not a picture that can be read here") from None
    except MemoryError:
        raise ImageRefused("needs more memory than the limit allows") from None
    except Exception as error:  # codecs raise anything; all of it means: not decodable
        raise ImageRefused(f"cannot be decoded: {_sentence(error)}") from error
    return Decoded(width_px=size[0], height_px=size[1], views=views, frames_left=left)


def _sentence(error: Exception) -> str:
    return f"{error}" or type(error).__name__


def _views(
    image: Image.Image, limits: Limits, short_side_px: int
) -> Iterator[tuple[View, Image.Image]]:
    for frame in range(limits.max_frames):
        if frame:
            try:
                image.seek(frame)
            except EOFError:
                return
        _check_size(image.size, limits)
        scale = _scale(image.size, short_side_px)
        if image.format == "JPEG":
            image.draft(image.mode, (image.width // scale, image.height // scale))
            scale = _scale(image.size, short_side_px)
        image.load()
        orientation = image.getexif().get(0x0112, 1)
        for variant, picture in _variants(image, orientation, scale):
            yield View(frame=frame, variant=variant), picture


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if max(size) > limits.max_image_side_px:
        raise ImageRefused(f"{width}x{height} px: a side over {limits.max_image_side_px} px")
    if width * height > limits.max_image_pixels:
        raise ImageRefused(f"{width}x{height} px: over {limits.max_image_pixels} pixels")
    if min(size) < 1:
        raise ImageRefused(f"{width}x{height} px: no pixels")


def _scale(size: tuple[int, int], short_side_px: int) -> int:
    return next(s for s in (8, 4, 2, 1) if s == 1 or min(size) // s >= short_side_px)


def _variants(
    image: Image.Image, orientation: int, scale: int
) -> Iterator[tuple[Variant, Image.Image]]:
    shown, opaque = _pictures(image, scale)
    upright = _oriented(shown, orientation)
    yield Variant.SHOWN, upright
    if upright is not shown:
        yield Variant.UNROTATED, shown
    if opaque is not None and _differ(shown, opaque):
        upright = _oriented(opaque, orientation)
        yield Variant.OPAQUE, upright
        if upright is not opaque:
            yield Variant.OPAQUE_UNROTATED, opaque
    if image.mode.startswith(("I", "F")):
        stretched = _stretched(image, scale)
        if _differ(shown, stretched):
            yield Variant.STRETCHED, _oriented(stretched, orientation)


def _pictures(image: Image.Image, scale: int) -> tuple[Image.Image, Image.Image | None]:
    """The picture as shown (on white), and with its transparency dropped if it has any."""
    if not image.has_transparency_data:
        return _reduced(image.convert("RGB"), scale), None
    rgba = image.convert("RGBA")
    # trainers call convert("RGB"), which shows whatever colour lies under the transparency
    opaque = _reduced(rgba.convert("RGB"), scale)
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    shown = _reduced(Image.alpha_composite(white, rgba).convert("RGB"), scale)
    return shown, opaque


def _stretched(image: Image.Image, scale: int) -> Image.Image:
    levels = np.asarray(image, dtype=np.float64)
    levels = np.nan_to_num(levels, nan=0.0, posinf=0.0, neginf=0.0)
    span = float(np.ptp(levels)) or 1.0
    grey = ((levels - levels.min()) * (255.0 / span)).astype(np.uint8)
    return _reduced(Image.fromarray(grey).convert("RGB"), scale)


def _reduced(image: Image.Image, scale: int) -> Image.Image:
    return image if scale == 1 else image.reduce(scale)


def _oriented(image: Image.Image, orientation: int) -> Image.Image:
    operation = _ORIENTATIONS.get(orientation)
    return image if operation is None else image.transpose(operation)


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


def _differ(one: Image.Image, other: Image.Image) -> bool:
    difference = np.abs(np.asarray(one, dtype=np.int16) - np.asarray(other, dtype=np.int16))
    return bool(difference.max() > VISIBLE_DIFFERENCE)


def _frames_left(image: Image.Image, limits: Limits) -> str:
    if not getattr(image, "is_animated", False):
        return ""
    try:
        image.seek(limits.max_frames)
    except EOFError:
        return ""
    return f"frames after the first {limits.max_frames} are not screened"
