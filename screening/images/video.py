"""Frames of a film as pictures, each with its time code, for reference sets.

Sampled at a steady rate; the scene's changes between two samples are missed, so the rate must be
above that of the cuts that matter. Frames are JPEG files of high quality at the film's own size.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from screening.errors import ReferenceSetError

JPEG_QUALITY = 95

_TIME_CODE = re.compile(r"(?:(\d+):)?(?:(\d+):)?(\d+(?:\.\d+)?)")


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
    hours, minutes, seconds = found.groups()
    if hours is not None and minutes is None:
        hours, minutes = None, hours
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def sample_frames(
    path: Path, *, frames_per_second: float, start_seconds: float, end_seconds: float | None
) -> Iterator[Frame]:
    """Frames of the first video stream from ``start_seconds`` up to before ``end_seconds``.

    Raises ReferenceSetError where ``path`` is no video or holds no frame in that time.
    """
    count = 0
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ReferenceSetError(f"{path}: holds no video stream")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            if start_seconds:
                container.seek(int(start_seconds * av.time_base), backward=True)
            due = start_seconds
            for frame in container.decode(stream):
                if frame.time is None or frame.time < due:
                    continue
                if end_seconds is not None and frame.time >= end_seconds:
                    break
                due = max(due + 1 / frames_per_second, frame.time)
                file = io.BytesIO()
                frame.to_image().save(  # type: ignore[no-untyped-call]
                    file, "JPEG", quality=JPEG_QUALITY, subsampling=0
                )
                count += 1
                yield Frame(seconds=frame.time, jpeg=file.getvalue())
    except (FFmpegError, OSError) as error:
        raise ReferenceSetError(f"{path}: not readable as a video: {error}") from error
    if not count:
        raise ReferenceSetError(f"{path}: no frame between the times given")
