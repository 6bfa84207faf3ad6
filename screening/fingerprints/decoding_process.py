"""The process in which untrusted pictures and videos are decoded, hashed and scaled.

Started as ``python -m screening.fingerprints.decoding_process LIMITS`` by `decoders`. It says
`READY` on stdout once everything is imported. Then requests arrive on stdin, a `Task` and a file,
and answers leave on stdout (`Answer.to_bytes`), each part as an 8-byte big-endian length and the
bytes. It is given nothing else, no model, no index, no secrets of the environment, so that a codec
that is taken over finds none, and when it dies or hangs, one file is lost.
"""

import json
import os
import resource
import signal
import sys
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO, Self

from PIL import AvifImagePlugin, Image

from screening.errors import ImageRefused
from screening.fingerprints.answer import LENGTH, Answer, HashedView
from screening.hashes import Hashes, hash_picture
from screening.images.decoder import SHORT_SIDE_PX, Decoded, decode
from screening.images.formats import (
    NOT_A_PICTURE,
    NOT_A_VIDEO,
    readable_formats,
    register_plug_in,
)
from screening.images.preprocess import Preprocessing, prepare
from screening.settings import Limits

READY = b"ready\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a decoding process is to make of a file.

    ``mirrored`` also answers the mirror image of every view. ``short_side_px`` as in `decode`.
    ``as_picture`` and ``as_video`` say what the file is tried as.
    """

    preprocessings: tuple[Preprocessing, ...]
    short_side_px: int = SHORT_SIDE_PX
    mirrored: bool = False
    as_picture: bool = True
    as_video: bool = False

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Self:
        table = json.loads(text)
        preprocessings = tuple(Preprocessing(**each) for each in table.pop("preprocessings"))
        return cls(preprocessings=preprocessings, **table)


def answer(data: bytes, task: Task, limits: Limits) -> Answer:
    """What is answered to one file."""
    try:
        decoded = _decoded(data, task, limits)
    except ImageRefused as refusal:
        return Answer(refused=str(refusal))
    hashed_views: list[HashedView] = []
    pixels = []
    for view, picture in decoded.views:
        hashes = hash_picture(picture)
        hashed_views.append(HashedView(view=view, mirrored=False, hashes=hashes))
        pixels.append(tuple(prepare(picture, each) for each in task.preprocessings))
        if task.mirrored:
            turned = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            hashed_views.append(HashedView(view=view, mirrored=True, hashes=_mirrored(hashes)))
            pixels.append(tuple(prepare(turned, each) for each in task.preprocessings))
    return Answer(
        width_px=decoded.width_px,
        height_px=decoded.height_px,
        frames_left=decoded.frames_left,
        hashed_views=tuple(hashed_views),
        pixels=tuple(pixels),
    )


def _decoded(data: bytes, task: Task, limits: Limits) -> Decoded:
    """The views of ``data``, as a picture, as a video, or as both. Raises ImageRefused."""
    size = task.short_side_px
    if not task.as_picture:
        return _decoded_video(data, limits, size)
    register_plug_in(data)
    try:
        picture = decode(data, limits, short_side_px=size, disguises=not task.mirrored)
    except ImageRefused as refusal:
        if not task.as_video or str(refusal) != NOT_A_PICTURE:
            raise
        return _decoded_video(data, limits, size)
    return _with_video(picture, data, limits, size) if task.as_video else picture


def _with_video(picture: Decoded, data: bytes, limits: Limits, short_side_px: int) -> Decoded:
    """``picture`` and the frames of the video that the same file may be to another reader."""
    try:
        video = _decoded_video(data, limits, short_side_px)
    except ImageRefused as refusal:
        if str(refusal).startswith(NOT_A_VIDEO):
            return picture
        video = Decoded(width_px=0, height_px=0, views=(), frames_left=str(refusal))
    left = "; ".join(each.frames_left for each in (picture, video) if each.frames_left)
    return replace(picture, views=(*picture.views, *video.views), frames_left=left)


def _decoded_video(data: bytes, limits: Limits, short_side_px: int) -> Decoded:
    # FFmpeg is slow to import, and most packs hold no video.
    from screening.images.video_decoder import decode_video  # noqa: PLC0415

    return decode_video(data, limits, short_side_px=short_side_px)


def _mirrored(hashes: Hashes) -> Hashes:
    return Hashes(
        phash=hashes.phash_mirrored, phash_mirrored=hashes.phash, contrast=hashes.contrast
    )


def serve(limits: Limits, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until they end."""
    patience_seconds = int(limits.decode_timeout_seconds) + 5
    while (text := _part(requests)) is not None and (data := _part(requests)) is not None:
        # Whoever started this process kills it earlier; the alarm is for when they are gone.
        signal.alarm(patience_seconds)
        try:
            said = answer(data, Task.from_bytes(text), limits).to_bytes()
        except MemoryError:
            said = Answer(refused="needs more memory than the limit allows").to_bytes()
        signal.alarm(0)
        answers.write(LENGTH.pack(len(said)))
        answers.write(said)
        answers.flush()


def _part(requests: BinaryIO) -> bytes | None:
    header = requests.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    count = LENGTH.unpack(header)[0]
    data = requests.read(count)
    return data if len(data) == count else None


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this process
    limits = Limits(**json.loads(sys.argv[1]))
    # Codecs print; what they print must not land among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = limits.decoder_memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # there is a process for every core already
    readable_formats()
    hash_picture(Image.new("L", (1, 1)))  # loads SciPy now, and not within a picture's time limit
    answers.write(READY)
    answers.flush()
    os.dup2(nowhere, 2)  # until here stderr says why this process cannot start
    serve(limits, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
