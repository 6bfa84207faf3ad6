"""Videos for tests, encoded with PyAV from pictures drawn in code."""

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction

import av
import numpy as np
from PIL import Image

MILLISECONDS = Fraction(1, 1000)


def video(
    frames: Sequence[Image.Image],
    container: str = "matroska",
    codec: str = "mpeg4",
    *,
    rate: int = 24,
    times: Sequence[float] | None = None,
    pixels: str = "yuv420p",
    rotation: int | None = None,
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    further: Sequence[Image.Image] = (),
) -> bytes:
    """A file of ``frames``, all of the size of the first.

    ``times`` (seconds) are given instead of a steady ``rate``, ``rotation`` is the degrees that a
    player turns frames, ``further`` the frames of a second video stream.
    """
    file = io.BytesIO()
    with av.open(
        file, "w", format=container, container_options=dict(container_options or {})
    ) as output:
        streams = []
        for each in (frames, further) if further else (frames,):
            stream = output.add_stream(codec, rate=rate, options=dict(options or {}))
            stream.width, stream.height, stream.pix_fmt = *each[0].size, pixels
            stream.gop_size, stream.bit_rate = 12, 4_000_000
            if times is not None:
                stream.time_base = stream.codec_context.time_base = MILLISECONDS
            if rotation is not None:
                stream.set_display_rotation(rotation)
            streams.append((stream, each))
        for stream, pictures in streams:
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_image(picture.convert("RGB"))
                frame.pts, frame.time_base = number, Fraction(1, rate)
                if times is not None:
                    frame.pts, frame.time_base = round(times[number] * 1000), MILLISECONDS
                output.mux(stream.encode(frame))
            output.mux(stream.encode())
    return file.getvalue()


def sound() -> bytes:
    """A second of silence."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return file.getvalue()


def encrypted(frames: Sequence[Image.Image]) -> bytes:
    """As a shop of films sells them: common encryption, the key not in the file."""
    key = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
        "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
    }
    return video(frames, "mp4", "libx264", container_options=key)
