"""Reading a pack once: its pictures and the frames of its videos become fingerprints, its words are
kept, nothing is lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import monotonic

from screening.fingerprints import Fingerprinter, PictureFingerprints, Refused
from screening.fingerprints.fingerprinter import Picture, Result
from screening.fingerprints.look import Look
from screening.fingerprints.videos import VideoFingerprints, named_frames
from screening.images.exif import PictureText
from screening.images.formats import A_VIDEO, NOT_A_PICTURE
from screening.images.metadata import picture_texts
from screening.packs import Ignored, Kind, Manifest, Member, Pack, Unscreened, decode_text
from screening.packs.plain_file import EMPTY
from screening.settings import MEBIBYTE, Limits

UNSCREENED_KINDS = {
    Kind.CACHE: "cached latents or weights: what they were made from cannot be seen",
    Kind.ARCHIVE: "an archive that was not opened",
}


LEAST_TEXT_PICTURE_BYTES = 1024
"""Formats like PPM, XBM and FITS can be written without a control character; a text this long
could be a picture of 32 x 32 px and is shown to the decoder too."""


MOST_METADATA_CHARACTERS = 64 * MEBIBYTE
"""Of all pictures of a pack together. What is over it names nobody."""


@dataclass(slots=True)
class PackReading:
    """What was read besides pictures and frames. Each member is in ``digests`` once; all else is by
    path.

    ``texts``: path -> text of a member that is words. ``metadata``: path -> texts that a picture
    carries beside its pixels, as far as `MOST_METADATA_CHARACTERS` go. ``digests``: path -> sha256
    or None. ``videos``: their paths. ``metadata_left``: pictures that carry more text than was
    read: a remark, not a reason to flag, for no trainer reads it and large ones are not rare.
    """

    texts: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, tuple[PictureText, ...]] = field(default_factory=dict)
    metadata_characters: int = 0
    metadata_left: list[str] = field(default_factory=list)
    unscreened: dict[str, Unscreened] = field(default_factory=dict)
    ignored: dict[str, Ignored] = field(default_factory=dict)
    digests: dict[str, str | None] = field(default_factory=dict)
    videos: set[str] = field(default_factory=set)

    @property
    def manifest(self) -> Manifest:
        return Manifest.of(self.digests.items())

    def keep_metadata(self, member: Member) -> None:
        """Keep the texts that a picture carries."""
        found = picture_texts(member.data)
        if found.is_cut or (found.texts and self.metadata_characters >= MOST_METADATA_CHARACTERS):
            self.metadata_left.append(member.path)
        if found.texts and self.metadata_characters < MOST_METADATA_CHARACTERS:
            self.metadata[member.path] = found.texts
            self.metadata_characters += sum(len(each.text) for each in found.texts)

    def leave_unscreened(self, path: str, reason: str) -> None:
        """List a member, or one more reason for a member that is listed already."""
        before = self.unscreened.get(path)
        reason = f"{before.reason}; {reason}" if before else reason
        self.unscreened[path] = Unscreened(
            path=path, reason=reason, sha256=self.digests.setdefault(path, None)
        )


def read_pictures(
    pack: Pack,
    fingerprinter: Fingerprinter,
    limits: Limits,
    reading: PackReading,
    *,
    look: Look | None = None,
) -> Iterator[PictureFingerprints]:
    """Read every member of ``pack`` once; its pictures as they come, the rest into ``reading``.

    ``look`` is what `Fingerprinter.fingerprint` is given.

    A file that comes again is fingerprinted once and given again after the others, under its own
    path. Frames of videos come last: what a picture shows counts as that picture, and their paths
    must be none that a member has.
    """
    offered = _Offered()
    made: dict[str, Result] = {}
    videos: list[VideoFingerprints] = []
    for result in fingerprinter.fingerprint(_pictures(pack, reading, offered, limits), look=look):
        made[result.sha256] = result
        yield from _taken(result, offered.kinds.pop(result.path), reading, videos)
    for path, sha256, kind in offered.again:
        yield from _taken(replace(made[sha256], path=path), kind, reading, videos)
    for video in videos:
        yield from named_frames(video, reading.digests)


@dataclass(slots=True)
class _Offered:
    """What was given to the decoder: path -> kind, and files whose bytes had come before."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    again: list[tuple[str, str, Kind]] = field(default_factory=list)

    def take(self, member: Member) -> Iterator[Picture]:
        if member.sha256 in self.digests:
            self.again.append((member.path, member.sha256, member.kind))
        else:
            self.digests.add(member.sha256)
            self.kinds[member.path] = member.kind
            yield picture_of(member)


def picture_of(member: Member) -> Picture:
    """What the decoder is given of ``member``, and what it is to try it as.

    What begins as no picture and no video does may be read as either, by one trainer or another.
    """
    return Picture(
        path=member.path,
        data=member.data,
        sha256=member.sha256,
        as_picture=member.kind is not Kind.VIDEO,
        as_video=member.kind in (Kind.VIDEO, Kind.OTHER) or _holds_film(member.data),
    )


def _holds_film(data: bytes) -> bool:
    """Whether a file of the MP4 family holds a film, beside the picture that it may be too.

    Which of the two a trainer sees depends on its loader. Sequences of AVIF and HEIF have tracks of
    pictures instead, which the decoder of pictures reads.
    """
    return data[4:8] == b"ftyp" and b"moov" in data and b"vide" in data


def _taken(
    result: Result, kind: Kind, reading: PackReading, videos: list[VideoFingerprints]
) -> Iterator[PictureFingerprints]:
    if not isinstance(result, Refused):
        if result.frames_left:
            reading.leave_unscreened(result.path, result.frames_left)
        if isinstance(result, VideoFingerprints):
            videos.append(result)
        else:
            yield result
    elif kind is Kind.TEXT and result.reason == NOT_A_PICTURE:
        return  # it is the text that it looked like
    elif kind is Kind.OTHER and not result.reason.startswith(A_VIDEO):
        reading.leave_unscreened(result.path, "neither a picture that can be read, nor text")
    else:
        reading.leave_unscreened(result.path, result.reason)


def _pictures(
    pack: Pack, reading: PackReading, offered: _Offered, limits: Limits
) -> Iterator[Picture]:
    """The pictures of the pack; everything else is noted in ``reading`` on the way."""
    text_bytes_left = limits.max_total_text_bytes
    deadline = monotonic() + limits.max_pack_seconds
    for result in pack.read():
        reading.digests[result.path] = result.sha256
        if isinstance(result, Member) and result.kind is Kind.VIDEO:
            reading.videos.add(result.path)
        match result:
            case Unscreened():
                reading.unscreened[result.path] = result
            case Ignored():
                reading.ignored[result.path] = result
                if result.reason == EMPTY:
                    reading.texts[result.path] = ""  # some trainers leave out what has no caption
            case Member() if monotonic() > deadline:
                seconds = f"{limits.max_pack_seconds:g} s"
                reading.leave_unscreened(result.path, f"the pack took longer than {seconds}")
            case Member(kind=Kind.TEXT):
                text_bytes_left -= len(result.data)
                if len(result.data) > limits.max_text_bytes or text_bytes_left < 0:
                    reading.leave_unscreened(result.path, "more text than the limits allow")
                else:
                    reading.texts[result.path] = decode_text(result.data)
                    if len(result.data) >= LEAST_TEXT_PICTURE_BYTES:
                        yield from offered.take(result)
            case Member(kind=Kind.IMAGE | Kind.VIDEO | Kind.OTHER):
                reading.keep_metadata(result)
                yield from offered.take(result)
            case Member():
                reading.leave_unscreened(result.path, UNSCREENED_KINDS[result.kind])
