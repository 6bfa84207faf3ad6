"""One safe decoder: bytes of an upload to the pictures that a trainer could make of them.

A file can hold more than one picture: frames, and the views of each (`view`). Trainers differ in
what they read, so all are made.

Limits are checked on the header, before pixels exist. Pictures are decoded at the smallest of the
scales 1, 1/2, 1/4, … 1/64 that leaves the shorter side at or above ``short_side_px``: nothing
downstream looks at more. Of a JPEG over ``FULL_SCALE_PIXELS``, libjpeg gets to 1/8 without making
the full picture, which is then compared with the full one in grey.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from screening.errors import ImageRefused
from screening.images.formats import (
    JPEG_FORMATS,
    LAYERED_FORMATS,
    STILL_FORMATS,
    readable_formats,
    why_unreadable,
)
from screening.images.sampled import sampled_of
from screening.images.view import View, converted, orientation_of, views_of
from screening.settings import Limits

SHORT_SIDE_PX = 256

FULL_SCALE_PIXELS = 2048 * 2048
"""A JPEG of at most so many pixels is decoded in full and then reduced. Measured, that takes of the
core time of a reduced scale and its comparison .6 to .9 at 2 megapixels, .6 to 1.07 at 4, .6 to 1.2
at 8 and .6 to 1.4 at 12; the most where the picture is smooth and its file small."""

_GRID = (32, 32)
_CLIPPING_LEVELS = 8
"""Largest honest difference between two scales of one JPEG file, over cells of a 32x32 grid; what
differs more is decoded in full, which costs time and nothing else."""

MAX_REASON_CHARACTERS = 200  # of what a codec says about a file that it cannot read


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The views of one file: RGB pictures, with the size that the header gives.

    ``frames_left`` is the sentence about frames beyond the limit, or that cannot be decoded,
    or empty.
    """

    width_px: int
    height_px: int
    views: tuple[tuple[View, Image.Image], ...]
    frames_left: str = ""


def decode(
    data: bytes, limits: Limits, *, short_side_px: int = SHORT_SIDE_PX, disguises: bool = True
) -> Decoded:
    """Every view of the picture file ``data``; those that only ``disguises`` need where asked for.

    Raises ImageRefused: not a picture, over a limit, or its first frame truncated or corrupt. A
    codec may also crash or hang the process: call this only where that costs one picture. Not
    thread-safe: Pillow's own limit and the warnings filter belong to the process.
    """
    with (
        _refusals(data, limits),
        _pillow_limit(limits),
        Image.open(io.BytesIO(data), formats=readable_formats()) as image,
    ):
        size = image.size
        made = partial(
            _views, data=data, limits=limits, short_side_px=short_side_px, disguises=disguises
        )
        views = made(image, 0)
        left = _add_frames(views, image, data, limits, made)
    return Decoded(width_px=size[0], height_px=size[1], views=tuple(views), frames_left=left)


@contextmanager
def _refusals(data: bytes, limits: Limits) -> Iterator[None]:
    """Whatever Pillow raises becomes ImageRefused with a sentence."""
    try:
        yield
    except ImageRefused:
        raise
    except UnidentifiedImageError:
        raise ImageRefused(why_unreadable(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused(f"over {limits.max_image_pixels} pixels") from None
    except MemoryError:
        raise ImageRefused("needs more memory than the limit allows") from None
    except Exception as error:  # codecs raise anything; all of it means: not decodable
        raise ImageRefused(f"cannot be decoded: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    name, text = type(error).__name__, str(error)[:MAX_REASON_CHARACTERS]
    if not text:
        return name
    return text if isinstance(error, OSError | SyntaxError | ValueError) else f"{name}: {text}"


@contextmanager
def _pillow_limit(limits: Limits) -> Iterator[None]:
    """No warnings, and Pillow's own limit as ours and an error; both as before afterwards.

    Pillow looks at sizes where nobody else can: at a picture inside an ICO or ICNS, at a GIF's
    frame that is larger than the file's header says.
    """
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = limits.max_image_pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _add_frames(
    views: list[tuple[View, Image.Image]],
    image: ImageFile.ImageFile,
    data: bytes,
    limits: Limits,
    made: Callable[[ImageFile.ImageFile, int], list[tuple[View, Image.Image]]],
) -> str:
    """Add the views of all frames after the first; the sentence about those that were left."""
    if image.format in LAYERED_FORMATS:
        return ""
    shown = image.tell()  # that of a HEIC file need not be the first
    others = (number for number in count() if number != shown)
    for frame, number in zip(range(1, limits.max_frames + 1), others, strict=False):
        try:
            with _refusals(data, limits):
                try:
                    image.seek(number)
                except EOFError:
                    return _unread(image) if frame == 1 else ""
                if frame < limits.max_frames:
                    views += made(image, frame)
        except ImageRefused as refusal:
            return f"frame {frame + 1} and later ones are not screened: {refusal}"
    return f"frames after the first {limits.max_frames} are not screened"


def _unread(image: ImageFile.ImageFile) -> str:
    """What is left of a file of which one frame alone is read."""
    if image.format in STILL_FORMATS and getattr(image, "is_animated", False):
        return "an animation of which one frame alone can be read here"
    return ""


def _views(
    image: ImageFile.ImageFile,
    frame: int,
    *,
    data: bytes,
    limits: Limits,
    short_side_px: int,
    disguises: bool,
) -> list[tuple[View, Image.Image]]:
    """The views of the frame that ``image`` stands at."""
    check_size(image.size, limits)
    scale = scale_of(image.size, short_side_px)
    drafted = _draft(image, scale) if image.format in JPEG_FORMATS else 1
    image.load()
    check_size(image.size, limits)  # the header of an ICO does not tell the size of its picture
    whole: Image.Image = image
    if drafted > 1 and not (frame == 0 and _is_true_to_full_scale(image, data)):
        whole, drafted = _at_full_scale(data, frame), 1
    return views_of(whole, orientation_of(image), frame, scale // drafted, disguises=disguises)


def check_size(size: tuple[int, int], limits: Limits) -> None:
    """Raise ImageRefused for a picture of more pixels than the limits allow, or of none."""
    width, height = size
    if max(size) > limits.max_image_side_px:
        raise ImageRefused(f"{width}x{height} px: a side over {limits.max_image_side_px} px")
    if width * height > limits.max_image_pixels:
        raise ImageRefused(f"{width}x{height} px: over {limits.max_image_pixels} pixels")
    if min(size) < 1:
        raise ImageRefused(f"{width}x{height} px: no pixels")


def scale_of(size: tuple[int, int], short_side_px: int) -> int:
    """The largest power of two, to 64, that leaves the shorter side long enough."""
    return next(s for s in (64, 32, 16, 8, 4, 2, 1) if s == 1 or min(size) >= s * short_side_px)


def _draft(image: ImageFile.ImageFile, scale: int) -> int:
    """Have libjpeg make as few pixels as ``scale`` needs; the part of it that libjpeg does."""
    image.decoderconfig = ()  # else an MPO's later frames are decoded with the first one's scale
    width, height = image.size
    if width * height <= FULL_SCALE_PIXELS:
        return 1
    image.draft(image.mode, (width // scale, height // scale))
    return round(width / image.width)


def _is_true_to_full_scale(drafted: Image.Image, data: bytes) -> bool:
    """Whether libjpeg makes the same picture at full scale, in grey, which costs a third.

    A reduced scale looks at low frequencies alone. With high ones so strong that their pixels are
    clipped at black and white, a file shows one picture at full scale, where trainers look, and
    another at a reduced one. Nothing cheaper is as safe: half scale leaves out the coefficients
    that such a file would use, a part of the picture leaves out where it would use them, and
    libjpeg reads all coefficients whatever it then makes of them. Nor is it the same where single
    pixels show another picture (`sampled`), of which a reduced scale keeps nothing.
    """
    with Image.open(io.BytesIO(data), formats=sorted(JPEG_FORMATS)) as full:
        full.draft("L", full.size)
        full.load()
        grids = [
            np.asarray(converted(each, "L").resize(_GRID, Image.Resampling.BOX), dtype=np.int16)
            for each in (full, drafted)
        ]
        alike = bool(np.abs(grids[0] - grids[1]).max() <= _CLIPPING_LEVELS)
        return alike and sampled_of(full) is None


def _at_full_scale(data: bytes, frame: int) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=sorted(JPEG_FORMATS)) as full:
        full.seek(frame)
        full.load()
        return full.copy()
