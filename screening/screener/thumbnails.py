"""Thumbnails for the report: small pictures of what matched, never the files themselves."""

import io
from collections.abc import Collection, Iterator
from pathlib import Path

from PIL import Image

from screening.decision import Decision
from screening.errors import DecoderCrashed
from screening.fingerprints.decoders import Answer, DecoderPool
from screening.images.preprocess import Preprocessing, without_padding
from screening.matching import ReferenceImage
from screening.packs import Member, Pack, open_pack
from screening.settings import Settings

THUMBNAIL_PX = 256
LEAST_SIDE_PX = 32
"""A strip is drawn with at least this side, wider than it is: as a line nobody could judge it."""
JPEG_QUALITY = 85


class Thumbnails:
    """Pictures of a decision's matches, drawn by the decoding processes. Close it, or ``with``.

    The pack is read once more, when the first of its pictures is asked for; a picture that has
    changed since the decision is not shown.
    """

    def __init__(self, decision: Decision, pack: Pack | Path | str, settings: Settings) -> None:
        self._decision = decision
        self._pack = pack if isinstance(pack, Pack) else open_pack(pack, limits=settings.limits)
        self._settings = settings
        self._drawn: dict[tuple[str, str], bytes] | None = None
        self._pool = DecoderPool(
            limits=settings.limits,
            preprocessings=[
                Preprocessing(size_px=THUMBNAIL_PX, fit="pad", resample="lanczos"),
                Preprocessing(size_px=THUMBNAIL_PX, fit="squash", resample="lanczos"),
            ],
            short_side_px=THUMBNAIL_PX,
            mirrored=False,
            processes=1,
        )

    def __enter__(self) -> "Thumbnails":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def pack_picture(self, path: str, view: str) -> bytes | None:
        """A JPEG of the view of the pack's picture, or None where it cannot be had."""
        if self._drawn is None:
            self._drawn = self._draw_pack()
        return self._drawn.get((path, view))

    def reference_picture(self, reference: ReferenceImage) -> bytes | None:
        """A JPEG of the reference image, or None where only its fingerprint is kept."""
        file = self._settings.references / reference.reference_set / reference.path
        try:
            data = file.read_bytes()
        except OSError:
            return None
        return self._views(data).get("")

    def _draw_pack(self) -> dict[tuple[str, str], bytes]:
        visual = self._decision.evidence.visual
        wanted = {match.path for found in visual for match in found.matches}
        digests = {entry.path: entry.sha256 for entry in self._decision.manifest.entries}
        drawn: dict[tuple[str, str], bytes] = {}
        for member in self._members(wanted):
            if digests.get(member.path) == member.sha256:
                views = self._views(member.data)
                drawn |= {(member.path, view): jpeg for view, jpeg in views.items()}
        return drawn

    def _members(self, wanted: Collection[str]) -> Iterator[Member]:
        missing = set(wanted)
        if not missing:
            return
        for member in self._pack.read():
            if isinstance(member, Member) and member.path in missing:
                missing.remove(member.path)
                yield member
                if not missing:
                    return

    def _views(self, data: bytes) -> dict[str, bytes]:
        """Text of each view -> a JPEG of it; empty where the file cannot be decoded."""
        try:
            answer = self._pool.decode(data)
        except DecoderCrashed:
            return {}
        return dict(_jpegs(answer))


def _jpegs(answer: Answer) -> list[tuple[str, bytes]]:
    jpegs: list[tuple[str, bytes]] = []
    for view, (padded, squashed) in zip(answer.views, answer.pixels, strict=True):
        file = io.BytesIO()
        picture = Image.fromarray(without_padding(padded, answer.width_px, answer.height_px))
        if min(picture.size) < LEAST_SIDE_PX:
            width, height = (max(side, LEAST_SIDE_PX) for side in picture.size)
            picture = Image.fromarray(squashed).resize((width, height), Image.Resampling.LANCZOS)
        picture.save(file, "JPEG", quality=JPEG_QUALITY)
        jpegs.append((str(view), file.getvalue()))
    return jpegs
