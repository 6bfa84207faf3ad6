"""Perceptual hash: imagehash's 256-bit pHash, of a picture and of its mirror image.

pHash-256 finds 82.0 % of edited copies at 99.99 % precision, PDQ 77.2 % (thorn-oss/perception,
docs/examples/benchmarking.rst). No hash survives a mirror (doi 10.1117/12.876617), so both are
kept. Hashes change when Pillow's resampling changes (imagehash #32): golden values in the tests
hold them still, and `VERSION` is raised when they move.
"""

from dataclasses import dataclass

import imagehash
import numpy as np
from PIL import Image

NAME = "phash-256"
VERSION = "1"
BITS = 256
BYTES = BITS // 8
FEWEST_SET_BITS = 100

NEAR_DUPLICATE_BITS = 16
"""Pictures this close are one picture: a pack counts them once, a reference set keeps one of them.
Recompressed and resized copies lie within 0-10 bits, neighbouring frames of a still shot within
4-14 (measured on an open film)."""

_ALL_BUT_THE_FIRST = (1 << (BITS - 1)) - 1

_SIDE = 16
_SAMPLED_PX = _SIDE * 4  # imagehash.phash: highfreq_factor 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """32 bytes each. ``contrast`` is the standard deviation in grey levels (0-128)."""

    phash: bytes
    phash_mirrored: bytes
    contrast: float


def hash_picture(image: Image.Image) -> Hashes:
    """Hashes of ``image`` (any mode and size); equal to imagehash.phash(image, hash_size=16)."""
    # What imagehash does first; done once, the mirror image costs a flip of 64x64 pixels.
    sampled = image.convert("L").resize((_SAMPLED_PX, _SAMPLED_PX), Image.Resampling.LANCZOS)
    mirrored = sampled.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return Hashes(
        phash=_packed(sampled),
        phash_mirrored=_packed(mirrored),
        contrast=float(np.asarray(sampled).std()),
    )


def _packed(image: Image.Image) -> bytes:
    return np.packbits(imagehash.phash(image, hash_size=_SIDE).hash).tobytes()


def is_telling(phash: bytes) -> bool:
    """Whether a hash says anything: that of a flat picture is mostly zeros or mostly ones.

    pHash sets the bits above the median, so about half are set; drawn pictures outside this range
    (49 of 9,881) were all nearly flat, and without the range the false-positive rate at 56 bits
    is 4e-3 instead of 1e-4 (measured against 9,881 drawn pictures).
    """
    return FEWEST_SET_BITS <= int.from_bytes(phash).bit_count() <= BITS - FEWEST_SET_BITS


def inverted(phash: bytes) -> bytes:
    """The hash that a picture's negative has, but for a few bits: one in each of 24 frames of a
    film, at most four in the drawings of the tests.

    All coefficients change their sign but the first, which is the brightness.
    """
    return (int.from_bytes(phash) ^ _ALL_BUT_THE_FIRST).to_bytes(BYTES)


def distance_bits(one: bytes, other: bytes) -> int:
    """Hamming distance between two hashes, 0-256 bits."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
