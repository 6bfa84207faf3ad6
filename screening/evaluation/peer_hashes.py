"""Hashes of other libraries, on the same pixels, and distances between many of them.

Of these only imagehash comes with this package; the others are asked where they are installed.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

PEERS = {"pHash-64": 10, "PDQ": 31, "imagededup PHash": 10}
"""Name -> the largest distance that its users call a copy. imagehash and imagededup document no
other, PDQ's README names 31."""

LIBRARIES = {"pHash-64": "imagehash", "PDQ": "pdqhash", "imagededup PHash": "imagededup"}
"""Name -> the module that it needs."""

LEAST_PDQ_QUALITY = 50
FURTHEST = 999


@cache
def installed_peers() -> Mapping[str, int]:
    """Those of `PEERS` whose library is there."""
    return {name: bits for name, bits in PEERS.items() if find_spec(LIBRARIES[name])}


def peer_hashes(image: Image.Image) -> dict[str, NDArray[np.uint8] | None]:
    """Packed bits by installed peer; None where PDQ calls the picture too poor (quality <= 49)."""
    pixels = np.asarray(image)
    found: dict[str, NDArray[np.uint8] | None] = {
        "pHash-64": np.packbits(imagehash.phash(image).hash)
    }
    if "PDQ" in installed_peers():
        bits, quality = import_module("pdqhash").compute(pixels)
        good = quality >= LEAST_PDQ_QUALITY
        found["PDQ"] = np.packbits(bits.astype(bool)) if good else None
    if "imagededup PHash" in installed_peers():
        code = _imagededup().encode_image(image_array=pixels)
        found["imagededup PHash"] = np.frombuffer(bytes.fromhex(code), np.uint8)
    return found


@cache
def _imagededup() -> Any:
    return import_module("imagededup.methods").PHash(verbose=False)


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
