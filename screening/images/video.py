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
    """Frames with their times from the film's beginning, from ``start_seconds`` or somewhat before.

    A container may begin at another time than 0 (MPEG streams do); players do not show that.
    """
    if not container.streams.video:
        raise ReferenceSetError(f"{path}: holds no video stream")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    begin = container.start_time or 0
    if start_seconds > 0:
        container.seek(begin + int(start_seconds * av.time_base), backward=True)
    for frame in container.decode(stream):
        if frame.time is not None:
            yield frame.time - begin / av.time_base, frame


def _jpeg(frame: av.VideoFrame) -> bytes:
    file = io.BytesIO()
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    picture.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()
