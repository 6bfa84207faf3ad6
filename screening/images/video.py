"""Frames of a film as pictures, each with its time code, for reference sets.

Sampled as the videos of packs are (`sampler`): at a steady rate, and where the scene changes.
Frames are JPEG files of high quality at the film's own size, upright where the file says how a
player turns them.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

from screening.errors import ReferenceSetError
from screening.images.sampler import TIME_TOLERANCE_SECONDS, Sampler
from screening.images.time_code import time_code

JPEG_QUALITY = 95

SEEK_LEAD_SECONDS = 10.0
"""How far before the first wanted frame decoding begins: where a container has no index, FFmpeg
lands up to some seconds after the time that is sought (MPEG transport streams)."""

UPRIGHT = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
"""What brings a frame upright, by the degrees that its display matrix turns it, anticlockwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame: its time from the beginning, and a JPEG file."""

    seconds: float
    jpeg: bytes

    @property
    def time_code(self) -> str:
        """``hh:mm:ss.mmm``."""
        return time_code(self.seconds)


def sample_frames(
    path: Path,
    *,
    frames_per_second: float,
    start_seconds: float,
    end_seconds: float | None,
    scene_changes: bool = True,
) -> Iterator[Frame]:
    """Frames of the first video stream from ``start_seconds`` up to before ``end_seconds``.

    Which of them is `Sampler`'s choice. Raises ReferenceSetError where ``path`` is no video, or
    holds no frame in that time.
    """
    if not (frames_per_second > 0 and math.isfinite(frames_per_second)):
        raise ReferenceSetError(f"{frames_per_second:g} is no rate: frames per second above 0")
    sampler = Sampler(
        frames_per_second=frames_per_second,
        start_seconds=start_seconds,
        scene_changes=scene_changes,
    )
    count = 0
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            for seconds, frame in _frames(container, path, start_seconds):
                if end_seconds is not None and seconds >= end_seconds - TIME_TOLERANCE_SECONDS:
                    break
                if sampler.chooses(frame, seconds):
                    count += 1
                    yield Frame(seconds=seconds, jpeg=_jpeg(frame))
    except (FFmpegError, OSError) as error:
        raise ReferenceSetError(f"{path}: not readable as a video: {error}") from error
    if not count:
        raise ReferenceSetError(f"{path}: no frame between the times given")


def turn_of(frame: av.VideoFrame) -> Image.Transpose | None:
    """What brings ``frame`` upright, to the next right angle; None where it is upright."""
    return UPRIGHT.get(round(frame.rotation / 90) * 90 % 360)


def _frames(
    container: InputContainer, path: Path, start_seconds: float
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames with their times from the film's beginning, from ``start_seconds`` or before."""
    if not container.streams.video:
        raise ReferenceSetError(f"{path}: holds no video stream")
    container.streams.video[0].thread_type = "AUTO"
    sought = max(0.0, start_seconds - SEEK_LEAD_SECONDS)
    if sought:
        container.seek(_begin(container) + int(sought * av.time_base))
        first = next(_timed(container), None)
        if first is None or first[0] > start_seconds:
            sought = 0.0  # it overshot: decode the film from its beginning
        container.seek(_begin(container) + int(sought * av.time_base))
    yield from _timed(container)


def _timed(container: InputContainer) -> Iterator[tuple[float, av.VideoFrame]]:
    """The frames from where ``container`` stands. Players do not show that a film may begin at
    another time than 0, as MPEG streams do, and neither do these times."""
    begin = _begin(container) / av.time_base
    for frame in container.decode(video=0):
        if frame.time is not None:
            yield frame.time - begin, frame


def _begin(container: InputContainer) -> int:
    return container.start_time or 0


def _jpeg(frame: av.VideoFrame) -> bytes:
    file = io.BytesIO()
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    turn = turn_of(frame)
    upright = picture if turn is None else picture.transpose(turn)
    upright.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()
