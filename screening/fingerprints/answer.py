"""What a decoding process says of one file, and the bytes in which it says it.

The bytes are a length, that many bytes of JSON, and the prepared pixels one after another. They
come from a process that a hostile file may have taken over, so `Answer.from_bytes` believes
nothing about them.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from screening.hashes import BYTES, Hashes
from screening.images.preprocess import Preprocessing
from screening.images.time_code import MOST_SECONDS
from screening.images.view import Variant, View
from screening.settings import Limits

LENGTH = struct.Struct(">Q")

_VIEW_JSON_BYTES = 512  # one view is 270 bytes of JSON
_OTHER_JSON_BYTES = 16_384  # of which a sentence of Pillow's is the longest part


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedView:
    """One view of a picture or, where ``mirrored``, its mirror image."""

    view: View
    mirrored: bool
    hashes: Hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one file: views, or the sentence why it was ``refused``.

    ``pixels``: for each of ``hashed_views``, one uint8 array for each preprocessing, of its
    shape and in their order. The sizes are the header's; ``frames_left`` is as in `Decoded`.
    """

    refused: str = ""
    width_px: int = 0
    height_px: int = 0
    frames_left: str = ""
    hashed_views: tuple[HashedView, ...] = ()
    pixels: tuple[tuple[NDArray[np.uint8], ...], ...] = ()

    @property
    def views(self) -> tuple[View, ...]:
        """Which view each row of ``pixels`` is."""
        return tuple(each.view for each in self.hashed_views)

    def to_bytes(self) -> bytes:
        text = json.dumps(
            {
                "refused": self.refused,
                "width_px": self.width_px,
                "height_px": self.height_px,
                "frames_left": self.frames_left,
                "views": [_facts(each) for each in self.hashed_views],
            }
        ).encode()
        pixels = (array.tobytes() for arrays in self.pixels for array in arrays)
        return b"".join([LENGTH.pack(len(text)), text, *pixels])

    @classmethod
    def from_bytes(cls, raw: bytes, preprocessings: Sequence[Preprocessing]) -> Self:
        """The answer in ``raw``. Raises ValueError where that is none."""
        try:
            text_end = LENGTH.size + LENGTH.unpack_from(raw)[0]
            facts = json.loads(raw[LENGTH.size : text_end])
            hashed_views = tuple(_hashed_view(each) for each in facts["views"])
            answer = cls(
                refused=str(facts["refused"]),
                width_px=int(facts["width_px"]),
                height_px=int(facts["height_px"]),
                frames_left=str(facts["frames_left"]),
                hashed_views=hashed_views,
                pixels=_pixels(raw, text_end, len(hashed_views), preprocessings),
            )
        except (struct.error, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"not an answer: {error!r}") from error
        if bool(answer.refused) is bool(hashed_views):
            raise ValueError("not an answer: neither views nor a refusal, or both")
        return answer


def most_bytes(limits: Limits, preprocessings: Sequence[Preprocessing], *, mirrored: bool) -> int:
    """How long an answer can be."""
    frames = limits.max_frames + limits.max_video_frames
    views = frames * len(Variant) * (2 if mirrored else 1)
    pixels = sum(prod(each.shape) for each in preprocessings)
    return LENGTH.size + _OTHER_JSON_BYTES + views * (_VIEW_JSON_BYTES + pixels)


def _facts(hashed: HashedView) -> dict[str, Any]:
    return {
        "frame": hashed.view.frame,
        "variant": hashed.view.variant.value,
        "seconds": hashed.view.seconds,
        "mirrored": hashed.mirrored,
        "phash": hashed.hashes.phash.hex(),
        "phash_mirrored": hashed.hashes.phash_mirrored.hex(),
        "contrast": hashed.hashes.contrast,
    }


def _hashed_view(facts: dict[str, Any]) -> HashedView:
    phash, mirrored = (bytes.fromhex(facts[name]) for name in ("phash", "phash_mirrored"))
    if len(phash) != BYTES or len(mirrored) != BYTES:
        raise ValueError(f"not an answer: a hash is not of {BYTES} bytes")
    seconds = None if facts["seconds"] is None else float(facts["seconds"])
    if seconds is not None and not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(f"not an answer: a frame at {seconds} s")
    return HashedView(
        view=View(frame=int(facts["frame"]), variant=Variant(facts["variant"]), seconds=seconds),
        mirrored=bool(facts["mirrored"]),
        hashes=Hashes(phash=phash, phash_mirrored=mirrored, contrast=float(facts["contrast"])),
    )


def _pixels(
    raw: bytes, offset: int, views: int, preprocessings: Sequence[Preprocessing]
) -> tuple[tuple[NDArray[np.uint8], ...], ...]:
    bytes_a_view = sum(prod(each.shape) for each in preprocessings)
    if len(raw) != offset + views * bytes_a_view:
        raise ValueError("not an answer: too few or too many pixels")
    rows = []
    for _ in range(views):
        arrays = []
        for each in preprocessings:
            flat = np.frombuffer(raw, np.uint8, prod(each.shape), offset)
            arrays.append(flat.reshape(each.shape))
            offset += len(flat)
        rows.append(tuple(arrays))
    return tuple(rows)
