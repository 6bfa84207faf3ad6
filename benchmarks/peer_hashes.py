"""Hashes of other libraries, on the same pixels, and distances between many of them."""

from collections.abc import Sequence

import imagehash
import numpy as np
import pdqhash
from imagededup.methods import PHash
from numpy.typing import NDArray
from PIL import Image

PEERS = {"pHash-64": 10, "PDQ": 31, "imagededup PHash": 10}
"""Name -> the largest distance that its users call a copy. imagehash and imagededup document no
other, PDQ's README names 31."""

LEAST_PDQ_QUALITY = 50
FURTHEST = 999
_imagededup = PHash(verbose=False)


def peer_hashes(image: Image.Image) -> dict[str, NDArray[np.uint8] | None]:
    """Packed bits by peer; None where PDQ calls the picture too poor to hash (quality <= 49)."""
    pixels = np.asarray(image)
    bits, quality = pdqhash.compute(pixels)
    return {
        "pHash-64": np.packbits(imagehash.phash(image).hash),
        "PDQ": np.packbits(bits.astype(bool)) if quality >= LEAST_PDQ_QUALITY else None,
        "imagededup PHash": np.frombuffer(
            bytes.fromhex(_imagededup.encode_image(image_array=pixels)), np.uint8
        ),
    }


def packed(
    hashes: Sequence[NDArray[np.uint8] | None],
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """(n, w) words, and which of the n are hashes; the others are zeros."""
    known = np.array([each is not None for each in hashes])
    size = next(len(each) for each in hashes if each is not None)
    rows = np.stack([np.zeros(size, np.uint8) if each is None else each for each in hashes])
    return rows.view(np.uint64), known


def distances(
    query: NDArray[np.uint64], known: bool, rows: NDArray[np.uint64], rows_known: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Bits between one query (w,) and every row (m, w); FURTHEST where either is no hash."""
    if not known:
        return np.full(len(rows), FURTHEST)
    bits = np.bitwise_count(rows ^ query).sum(axis=1, dtype=np.int64)
    return np.where(rows_known, bits, FURTHEST)
