"""Where a file holds one of a few signatures; most files hold none, and a no must be cheap."""

from collections.abc import Sequence

import numpy as np

BLOCK_BYTES = 64 * 1024
"""Looked through at once: what numpy makes of it stays in the processor's cache."""

MOST_CANDIDATES = 1024
"""Places where two bytes fit; random bytes have six in 64 KiB, a hostile file any number."""

LEAST_BYTES = 8 * 1024
"""In a shorter file one search after the other is as fast."""


class Signatures:
    """Signatures of at least 3 bytes; `bytes.find` takes four times as long for three of them."""

    def __init__(self, *signatures: bytes) -> None:
        self._signatures = signatures
        pairs = (each[begins : begins + 2] for each in signatures for begins in (0, 1))
        self._pairs = [np.frombuffer(pair, np.uint16)[0] for pair in pairs]

    def positions(self, data: bytes) -> dict[bytes, int]:
        """Signature -> position of its first occurrence, of those that ``data`` holds."""
        places = None if len(data) < LEAST_BYTES else self._candidates(data)
        if places is None:
            found = {each: data.find(each) for each in self._signatures}
        else:
            found = {
                each: min([at for at in places if data.startswith(each, at)], default=-1)
                for each in self._signatures
            }
        return {each: position for each, position in found.items() if position >= 0}

    def _candidates(self, data: bytes) -> Sequence[int] | None:
        """Every place where a signature may begin, and others; None where they are too many.

        Bytes are compared two by two, at even places alone: a signature that begins at an odd one
        has its second and third byte there.
        """
        places: list[int] = []
        for begins in range(0, len(data) - 1, BLOCK_BYTES):
            count = min(BLOCK_BYTES, len(data) - begins) // 2
            found = np.frombuffer(data, np.uint16, count, begins)
            fits = found == self._pairs[0]
            for pair in self._pairs[1:]:
                fits |= found == pair
            marks = fits.tobytes()  # `numpy.flatnonzero` takes ten times as long for a few
            at = marks.find(1)
            while at >= 0:
                places += (begins + 2 * at, max(0, begins + 2 * at - 1))
                if len(places) > MOST_CANDIDATES:
                    return None
                at = marks.find(1, at + 1)
        return places
