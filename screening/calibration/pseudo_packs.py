"""Pseudo-packs: what to calibrate with before anybody has uploaded a benign pack.

Pictures of one labelled subject resemble each other as pictures of one upload do; pictures of many
do not, and rates measured on packs of single pictures are wrong by ten times. So a pack is one
subject's, or of few whole subjects where each has too few pictures, and no subject is in two packs
of one size.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from screening.fingerprints import PictureFingerprints

SIZES = (3, 6, 10, 24, 50, 100)
"""One for each bucket of a calibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudoPack:
    """``origin`` is the subject that most of its pictures show."""

    origin: str
    pictures: tuple[PictureFingerprints, ...]


def draw_packs(subjects: Mapping[str, Sequence[PictureFingerprints]]) -> Iterator[PseudoPack]:
    """Packs of every size in `SIZES` from subjects: name -> different pictures of it.

    The same subjects give the same packs, whatever their order.
    """
    ordered = sorted(subjects, key=_digest)
    for size in SIZES:
        joined: list[PictureFingerprints] = []
        origin = ""
        for name in ordered:
            pictures = sorted(subjects[name], key=lambda each: _digest(f"{size} {each.sha256}"))
            if len(pictures) >= size:
                yield PseudoPack(origin=name, pictures=tuple(pictures[:size]))
                continue
            origin = origin or name
            joined.extend(pictures[: size - len(joined)])
            if len(joined) == size:
                yield PseudoPack(origin=origin, pictures=tuple(joined))
                joined, origin = [], ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
