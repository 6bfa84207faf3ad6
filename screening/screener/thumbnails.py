"""Thumbnails for the report: small pictures of what matched, never the files themselves."""

import io
from collections.abc import Collection, Container, Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image

from screening.decision import Decision
from screening.errors import DecoderCrashed
from screening.fingerprints.decoders import Answer, DecoderPool
from screening.fingerprints.fingerprinter import Picture
from screening.fingerprints.videos import file_of, frame_paths, frames_of
from screening.images.preprocess import Preprocessing, without_padding
from screening.matching import ReferenceImage
from screening.packs import Member, Pack, open_pack
from screening.screener.reading import picture_of
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
        return dict(_jpegs(self._decoded(Picture.of(reference.path, data)))).get("")

    def _draw_pack(self) -> dict[tuple[str, str], bytes]:
        visual = self._decision.evidence.visual
        wanted = {match.path for found in visual for match in found.matches}
        digests = {entry.path: entry.sha256 for entry in self._decision.manifest.entries}
        files = {file_of(path, digests) for path in wanted}
        drawn: dict[tuple[str, str], bytes] = {}
        for member in self._members(files):
            if digests.get(member.path) == member.sha256:
                for path, part in self._pictures(member, digests):
                    if path in wanted:
                        drawn |= {(path, view): jpeg for view, jpeg in _jpegs(part)}
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

    def _pictures(self, member: Member, taken: Container[str]) -> Iterator[tuple[str, Answer]]:
        """The picture that ``member`` is, or the frames of the video, with their paths."""
        answer = self._decoded(picture_of(member))
        parts = frames_of(answer)
        paths = frame_paths(member.path, [at for at, _ in parts if at is not None], taken)
        for seconds, part in parts:
            yield (member.path if seconds is None else next(paths)), part

    def _decoded(self, picture: Picture) -> Answer:
        """Without views where the file cannot be decoded."""
        task = replace(self._pool.task, as_picture=picture.as_picture, as_video=picture.as_video)
        try:
            return self._pool.decode(picture.data, task)
        except DecoderCrashed:
            return Answer()


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
