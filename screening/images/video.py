"""Frames of a film as pictures, each with its time code, for reference sets.

Sampled at a steady rate; the scene's changes between two samples are missed, so the rate must be
above that of the cuts that matter. Frames are JPEG files of high quality at the film's own size.
"""

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

from screening.errors import ReferenceSetError

JPEG_QUALITY = 95

TIME_TOLERANCE_SECONDS = 1e-4
"""Times are multiples of a stream's own unit, 1/90000 s at the finest that is common, and come as
floating-point numbers: a frame this close to a bound stands at the bound."""

SEEK_LEAD_SECONDS = 10.0
"""How far before the first wanted frame decoding begins: where a container has no index, FFmpeg
lands up to some seconds after the time that is sought (MPEG transport streams)."""

_TIME_CODE = re.compile(
    r"(?:(?:(?P<hours>\d{1,4}):)?(?P<minutes>\d{1,4}):)?(?P<seconds>\d{1,7}(?:\.\d{1,9})?)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame: its time from the beginning, and a JPEG file."""

    seconds: float
    jpeg: bytes

    @property
    def time_code(self) -> str:
        """``hh:mm:ss.mmm``."""
        milliseconds = round(self.seconds * 1000)
        minutes, rest = divmod(milliseconds, 60_000)
        return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def seconds_of(time_code: str) -> float:
    """``90``, ``1:30`` or ``00:01:30.5`` in seconds. Raises ReferenceSetError."""
    found = _TIME_CODE.fullmatch(time_code.strip())
    if found is None:
        raise ReferenceSetError(f"{time_code!r} is not a time code like 00:10:02.5")
    hours, minutes, seconds = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def sample_frames(
    path: Path, *, frames_per_second: float, start_seconds: float, end_seconds: float | None
) -> Iterator[Frame]:
    """Frames of the first video stream from ``start_seconds`` up to before ``end_seconds``.

    The time from ``start_seconds`` on is cut into pieces of ``1 / frames_per_second`` seconds; the
    first frame of each is taken, so a rate above the film's own takes every frame once. Raises
    ReferenceSetError where ``path`` is no video, or holds no frame in that time.
    """
    if not (frames_per_second > 0 and math.isfinite(frames_per_second)):
        raise ReferenceSetError(f"{frames_per_second:g} is no rate: frames per second above 0")
    count, last_piece = 0, -1
    try:
        with av.open(str(path)) as container:
            for seconds, frame in _frames(container, path, start_seconds):
                if end_seconds is not None and seconds >= end_seconds - TIME_TOLERANCE_SECONDS:
                    break
                since_start = seconds - start_seconds + TIME_TOLERANCE_SECONDS
                piece = math.floor(since_start * frames_per_second)
                if since_start < 0 or piece <= last_piece:
                    continue
                last_piece = piece
                count += 1
                yield Frame(seconds=seconds, jpeg=_jpeg(frame))
    except (FFmpegError, OSError) as error:
        raise ReferenceSetError(f"{path}: not readable as a video: {error}") from error
    if not count:
        raise ReferenceSetError(f"{path}: no frame between the times given")


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
    picture.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()
