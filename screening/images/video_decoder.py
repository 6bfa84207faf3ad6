"""Videos of a pack as pictures: the frames that `Sampler` chooses, as trainers decode them.

As trainers decode means: colours by FFmpeg's own conversion to RGB, without tone mapping; the two
fields of interlaced films woven together; pixels square whatever the file says. Trainers differ in
whether they turn frames as the file asks players to, so both are views. All video streams are
sampled, hidden ones too, and every frame is decoded, because a scene may be shorter than the pieces
of the steady rate.

Nothing here may be called where a codec's crash, endless loop or hunger for memory costs more than
one member.
"""

import io
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from PIL import Image

from screening.errors import ImageRefused
from screening.images.decoder import (
    MAX_REASON_CHARACTERS,
    SHORT_SIDE_PX,
    Decoded,
    check_size,
    scale_of,
)
from screening.images.faint import stretched_of
from screening.images.formats import A_VIDEO, NOT_A_VIDEO
from screening.images.sampler import Sampler
from screening.images.time_code import MOST_SECONDS, time_code
from screening.images.video import turn_of
from screening.images.view import Variant, View, centre_of, differ
from screening.settings import Limits

CONTAINERS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "m4v", "flv", "asf", "ogg", "ivf"),
    *("nut", "mxf", "h264", "hevc", "obu", "yuv4mpegpipe", "rm", "dv", "gxf", "wtv"),
)
"""FFmpeg's names of what is opened. Its others are pictures, which Pillow decodes, and lists of
further files (HLS, DASH, concat), which would be opened or fetched."""

DECODING_SHARE = 0.5
"""Of the time that a decoding process has for a file, after which no further frame is decoded. At
the end of that time everything would be lost; the rest of it is for hashing what was sampled."""

DEFAULT_RATE = 25
"""Frames a second of a stream that tells neither its rate nor the times of its frames."""

MISSING_SECONDS = 1.0
"""So much less than a file claims to last is no sign that frames are missing: headers round."""

READ_BYTES = 1 << 18


def decode_video(data: bytes, limits: Limits, *, short_side_px: int = SHORT_SIDE_PX) -> Decoded:
    """Every sampled frame of the video ``data``, each a view with its time.

    ``short_side_px`` is as in `decode`. Frames that look the same as the one sampled before them
    are left out. Raises ImageRefused: no video, encrypted, over a limit, or without any frame that
    can be decoded. May crash or hang, as a codec may.
    """
    with _refusals(), _opened(data, limits) as container:
        film = _Film(container, limits, short_side_px)
        left = film.read()
        if not film.views:
            raise ImageRefused(left or f"{NOT_A_VIDEO}: no frame of it can be decoded")
        return Decoded(
            width_px=film.size[0],
            height_px=film.size[1],
            views=tuple(film.views),
            frames_left=left,
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever FFmpeg raises becomes ImageRefused with a sentence."""
    try:
        yield
    except ImageRefused as refusal:
        about = "" if str(refusal).startswith(NOT_A_VIDEO) else A_VIDEO
        raise ImageRefused(f"{about}{refusal}") from None
    except MemoryError:
        raise ImageRefused(f"{A_VIDEO}it needs more memory than the limit allows") from None
    except Exception as error:  # PyAV raises anything for what it does not expect in a file
        raise ImageRefused(f"{NOT_A_VIDEO}: {_said(error)}") from error


def _said(error: Exception) -> str:
    text = error.strerror if isinstance(error, FFmpegError) else str(error)
    return (text or type(error).__name__)[:MAX_REASON_CHARACTERS]


def _opened(data: bytes, limits: Limits) -> InputContainer:
    return av.open(
        io.BytesIO(data),
        mode="r",
        options={"max_pixels": str(limits.max_image_pixels)},
        container_options={
            "format_whitelist": ",".join(CONTAINERS),
            "protocol_whitelist": "",  # no other file, no network
        },
        metadata_errors="replace",
        buffer_size=READ_BYTES,
    )


class _Track:
    """One video stream, and how far it was read."""

    def __init__(self, stream: VideoStream, limits: Limits) -> None:
        self.stream = stream
        self.sampler = Sampler(frames_per_second=limits.video_frames_per_second, local_changes=True)
        self.end_seconds = 0.0
        self.last: Image.Image | None = None
        self._frame_seconds = float(1 / _rate(stream))

    def time_of(self, frame: VideoFrame, begin_seconds: float) -> float:
        """Seconds from the beginning; where the file does not say, right after the last frame."""
        seconds = self.end_seconds
        if frame.time is not None and math.isfinite(frame.time):
            seconds = min(max(frame.time - begin_seconds, 0.0), MOST_SECONDS)
        lasts = self._frame_seconds
        if frame.duration and frame.time_base:
            lasts = float(frame.duration * frame.time_base)
        self.end_seconds = max(self.end_seconds, seconds + lasts)
        return seconds

    @property
    def claimed_seconds(self) -> float:
        """How long the stream lasts as the file says, 0 where it does not say."""
        if "attached_pic" in str(self.stream.disposition) or self.stream.duration is None:
            return 0.0
        return float(self.stream.duration * (self.stream.time_base or 0))


def _rate(stream: VideoStream) -> Fraction:
    return stream.average_rate or stream.guessed_rate or Fraction(DEFAULT_RATE)


class _Film:
    """One reading of a file. ``views`` and ``size`` (px) are what came of it."""

    def __init__(self, container: InputContainer, limits: Limits, short_side_px: int) -> None:
        self.views: list[tuple[View, Image.Image]] = []
        self.size = (0, 0)
        self._container = container
        self._limits = limits
        self._short_side_px = short_side_px
        self._tracks = {each.index: _Track(each, limits) for each in container.streams.video}
        self._begin_seconds = (container.start_time or 0) / av.time_base
        self._reformatter = VideoReformatter()
        self._sampled = 0
        self._damaged = 0
        self._pixels_left = limits.max_video_pixels
        self._deadline = time.monotonic() + DECODING_SHARE * limits.decode_timeout_seconds

    def read(self) -> str:
        """Fill ``views``; the sentence about what was left, or empty."""
        if not self._tracks:
            raise ImageRefused(f"{NOT_A_VIDEO}: it holds sound or data alone")
        for track in self._tracks.values():
            context = track.stream.codec_context
            context.thread_count = 1  # there is a process for every core already
            if context.width and context.height:
                check_size((context.width, context.height), self._limits)
        streams = [each.stream for each in self._tracks.values()]
        try:
            for packet in self._container.demux(streams):
                if left := self._read_packet(packet):
                    return left
        except FFmpegError as error:
            if isinstance(error, MemoryError) or not self.views:
                raise
            return self._left(f"the file cannot be read further ({_said(error)})")
        return "; ".join(self._missing())

    def _read_packet(self, packet: "Packet[Stream]") -> str:
        """Take the frames of one packet; the sentence about the rest where reading ends here."""
        if packet.has_sidedata("encryption_info"):
            return self._left("they are encrypted") if self.views else "it is encrypted"
        try:
            frames = packet.decode()
        except MemoryError:
            raise
        except FFmpegError:
            self._damaged += 1  # players and trainers go on, and so do we
            return ""
        track = self._tracks[packet.stream.index]
        for frame in frames:
            if isinstance(frame, VideoFrame) and (why := self._read_frame(track, frame)):
                return self._left(why)
        return ""

    def _read_frame(self, track: _Track, frame: VideoFrame) -> str:
        """Look at one frame; why none can follow, if so."""
        limits = self._limits
        seconds = track.time_of(frame, self._begin_seconds)
        if seconds >= limits.max_video_seconds:
            return f"the limit is {limits.max_video_seconds:g} s (max_video_seconds)"
        check_size((frame.width, frame.height), limits)
        self._pixels_left -= frame.width * frame.height
        if self._pixels_left < 0:
            return f"the limit is {limits.max_video_pixels:,} pixels decoded (max_video_pixels)"
        if time.monotonic() > self._deadline:
            return "decoding it took too long (decode_timeout_seconds)"
        # what moves in a long film must not use up what its steady samples need
        track.sampler.local_changes = 2 * self._sampled < limits.max_video_frames
        if not track.sampler.chooses(frame, seconds):
            return ""
        picture = self._picture(frame)
        if track.last is not None and not _differ(picture, track.last):
            return ""
        if self._sampled == limits.max_video_frames:
            return f"the limit is {limits.max_video_frames} frames looked at (max_video_frames)"
        track.last = picture
        self._add(picture, turn_of(frame), seconds)
        return ""

    def _picture(self, frame: VideoFrame) -> Image.Image:
        """The frame as RGB, reduced as pictures are."""
        scale = scale_of((frame.width, frame.height), self._short_side_px)
        reduced = self._reformatter.reformat(
            frame,
            width=frame.width // scale,
            height=frame.height // scale,
            format="rgb24",
            interpolation=Interpolation.AREA,
        )
        self.size = self.size if self.views else (frame.width, frame.height)
        return Image.fromarray(reduced.to_ndarray())

    def _add(self, picture: Image.Image, turn: Image.Transpose | None, seconds: float) -> None:
        shown = picture if turn is None else picture.transpose(turn)
        pictures = [(Variant.SHOWN, shown)]
        if (faint := stretched_of(shown)) is not None:
            pictures.append((Variant.FAINT, faint))
        if turn is not None:
            pictures.append((Variant.UNTURNED, picture))
        if (centre := centre_of(shown)) is not None:
            pictures.append((Variant.CENTRE, centre))
        self.views += [
            (View(frame=self._sampled, variant=variant, seconds=seconds), each)
            for variant, each in pictures
        ]
        self._sampled += 1

    def _left(self, why: str) -> str:
        read_seconds = max(each.end_seconds for each in self._tracks.values())
        return f"frames after {time_code(read_seconds)} are not screened: {why}"

    def _missing(self) -> Iterator[str]:
        """What a file that was read to its end should have held, too."""
        if self._damaged:
            yield f"{self._damaged} damaged pieces of the video cannot be decoded"
        for track in self._tracks.values():
            claimed = track.claimed_seconds or self._container_seconds
            if claimed - track.end_seconds > MISSING_SECONDS:
                yield (
                    f"the video claims to last {time_code(min(claimed, MOST_SECONDS))}, and "
                    f"nothing after {time_code(track.end_seconds)} can be decoded"
                )

    @property
    def _container_seconds(self) -> float:
        """How long the file lasts as it says, where that is said of its only stream."""
        if len(self._container.streams) != 1 or self._container.duration is None:
            return 0.0
        return self._container.duration / av.time_base


def _differ(picture: Image.Image, other: Image.Image) -> bool:
    return picture.size != other.size or differ(picture, other)
