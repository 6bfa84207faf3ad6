"""Frames of films: which are taken, and their times."""

import io
import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from pictures import corners, drawing, file_of
from PIL import Image
from videos import video as video_file

from screening.errors import ReferenceSetError
from screening.images import video
from screening.images.time_code import seconds_of
from screening.images.video import Frame, sample_frames

FRAMES, RATE = 48, 24
BITS = 6


def write_film(
    path: Path, *, codec: str = "mpeg4", rate: int = RATE, begin_seconds: float = 0.0
) -> Path:
    """Two seconds; black and white columns are the bits of each frame's number."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 16 * BITS, 48, "yuv420p"
        stream.gop_size, stream.bit_rate = 12, 4_000_000
        for number in range(FRAMES):
            columns = np.array([number >> bit & 1 for bit in range(BITS)], np.uint8) * 255
            image = Image.fromarray(np.tile(columns.repeat(16), (48, 1))).convert("RGB")
            frame = av.VideoFrame.from_image(image)
            frame.pts = number + round(begin_seconds * rate)
            frame.time_base = Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4")


def sampled(
    path: Path, rate: float = 1000, start: float = 0, end: float | None = None
) -> list[Frame]:
    """At a steady rate alone."""
    times = {"start_seconds": start, "end_seconds": end}
    return list(sample_frames(path, frames_per_second=rate, scene_changes=False, **times))


def number_of(frame: Frame) -> int:
    pixels = np.asarray(Image.open(io.BytesIO(frame.jpeg)).convert("L"))
    columns = pixels.reshape(48, BITS, 16).mean(axis=(0, 2)) > 127
    return int(sum(1 << bit for bit in range(BITS) if columns[bit]))


def numbers(frames: list[Frame]) -> list[int]:
    return [number_of(each) for each in frames]


def test_every_frame_with_its_time_as_pyav_says(film: Path) -> None:
    with av.open(str(film)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    frames = sampled(film)
    assert [each.seconds for each in frames] == pytest.approx(times)
    assert numbers(frames) == list(range(FRAMES))


@pytest.mark.parametrize("rate", [RATE, 24.0001, 25, 60, 1e6])
def test_rate_above_the_films_own_takes_each_frame_once(film: Path, rate: float) -> None:
    assert numbers(sampled(film, rate)) == list(range(FRAMES))


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (12, list(range(0, 48, 2))),
        (8, list(range(0, 48, 3))),
        (1, [0, 24]),
        (0.5, [0]),
        (10, [0, 3, 5, 8, 10, 12, 15, 17, 20, 22, 24, 27, 29, 32, 34, 36, 39, 41, 44, 46]),
    ],
)
def test_steady_rate(film: Path, rate: float, expected: list[int]) -> None:
    assert numbers(sampled(film, rate)) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0.5, 1.0, range(12, 24)),
        (0.49, 1.01, range(12, 25)),
        (0.51, 0.99, range(13, 24)),
        (1 / 24, 2 / 24, range(1, 2)),
        (1.5, None, range(36, 48)),
        (0, 1 / 24, range(1)),
        (47 / 24, 1000, range(47, 48)),
    ],
)
def test_from_is_in_and_to_is_out(
    film: Path, start: float, end: float | None, expected: range
) -> None:
    assert numbers(sampled(film, start=start, end=end)) == list(expected)


def test_changes_of_scene_are_taken_too(tmp_path: Path) -> None:
    """From their first frame on, within the times that are asked for, and each once."""
    path = tmp_path / "scenes.mkv"
    scenes = [
        drawing(seed, (96, 64)) for seed, count in ((1, 5), (2, 1), (3, 18)) for _ in range(count)
    ]
    path.write_bytes(video_file(scenes, codec="ffv1"))
    found = sample_frames(path, frames_per_second=1, start_seconds=0, end_seconds=None)
    assert [each.seconds for each in found] == pytest.approx([0, 5 / 24, 6 / 24], abs=1e-3)
    found = sample_frames(path, frames_per_second=1, start_seconds=0.1, end_seconds=0.25)
    assert [each.seconds for each in found] == pytest.approx([3 / 24, 5 / 24], abs=1e-3)


def test_film_that_players_turn_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    path.write_bytes(video_file([corners((96, 64))], "mp4", rotation=90))
    (frame,) = sampled(path)
    with Image.open(io.BytesIO(frame.jpeg)) as picture:
        assert picture.size == (64, 96)
        assert picture.getpixel((5, 5)) == pytest.approx((0, 255, 0), abs=40)  # the upper right


def test_slow_rate_counts_from_the_start(film: Path) -> None:
    assert numbers(sampled(film, 2, start=0.25)) == [6, 18, 30, 42]


@pytest.mark.parametrize(
    ("name", "codec"), [("film.mkv", "mpeg4"), ("film.ts", "mpeg2video"), ("film.avi", "mpeg4")]
)
@pytest.mark.parametrize("lead_seconds", [0, 0.5, 10])
def test_other_containers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, lead_seconds: float
) -> None:
    """Without a lead, seeking in a transport stream overshoots by some frames."""
    monkeypatch.setattr(video, "SEEK_LEAD_SECONDS", lead_seconds)
    film = write_film(tmp_path / name, codec=codec)
    assert numbers(sampled(film)) == list(range(FRAMES))
    late = sampled(film, start=1.0)
    assert numbers(late) == list(range(24, FRAMES))
    assert late[0].seconds == pytest.approx(1.0)


def test_time_counts_from_the_films_beginning(tmp_path: Path) -> None:
    film = write_film(tmp_path / "late.ts", codec="mpeg2video", begin_seconds=600)
    frames = sampled(film, start=0.5, end=1.0)
    assert numbers(frames) == list(range(12, 24))
    assert frames[0].time_code == "00:00:00.500"


def test_frames_are_drawn_from_the_film_as_they_are_wanted(film: Path) -> None:
    frames = sample_frames(film, frames_per_second=24, start_seconds=0, end_seconds=None)
    assert [number_of(each) for each in itertools.islice(frames, 2)] == [0, 1]
    frames.close()


@pytest.mark.parametrize(("start", "end"), [(2.0, None), (100, None), (1.0, 1.0), (1.5, 0.5)])
def test_no_frame_in_that_time(film: Path, start: float, end: float | None) -> None:
    with pytest.raises(ReferenceSetError, match=r"film\.mp4: no frame between the times given"):
        sampled(film, start=start, end=end)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_rate_that_is_none(film: Path, rate: float) -> None:
    with pytest.raises(ReferenceSetError, match="is no rate"):
        sampled(film, rate)


@pytest.mark.parametrize("content", [b"", b"not a film at all" * 99, None])
def test_not_a_video(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReferenceSetError, match=r"film\.mp4: not readable as a video"):
        sampled(path)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(ReferenceSetError, match="holds no video stream"):
        sampled(path)


def test_truncated_film_gives_its_frames_or_says_so(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mkv"
    whole = write_film(tmp_path / "whole.mkv").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    found = numbers(sampled(path))
    assert found == list(range(len(found)))
    assert 0 < len(found) < FRAMES


def test_picture_of_one_frame_is_a_film_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    path.write_bytes(file_of(corners()))
    assert len(sampled(path)) == 1


@pytest.mark.parametrize(
    ("time_code", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("90.25", 90.25),
        ("1:30", 90),
        ("01:30.5", 90.5),
        ("0:00:01", 1),
        ("00:01:30.5", 90.5),
        ("1:02:03.004", 3723.004),
        (" 10:00:00 ", 36_000),
        ("0:90", 90),
    ],
)
def test_time_codes(time_code: str, seconds: float) -> None:
    assert seconds_of(time_code) == seconds


@pytest.mark.parametrize(
    "time_code",
    ["", ":", "-1", "1:", ":30", "1:2:3:4", "1,5", "1.", "abc", "1e3", "٣", "inf", "9" * 400],
)
def test_what_is_no_time_code(time_code: str) -> None:
    with pytest.raises(ReferenceSetError, match="is not a time code like"):
        seconds_of(time_code)


@pytest.mark.parametrize(
    ("seconds", "time_code"),
    [
        (0, "00:00:00.000"),
        (0.0004, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
        (3723.004, "01:02:03.004"),
        (360_000, "100:00:00.000"),
    ],
)
def test_time_code_of_a_frame(seconds: float, time_code: str) -> None:
    frame = Frame(seconds=seconds, jpeg=b"")
    assert frame.time_code == time_code
    assert seconds_of(time_code) == pytest.approx(seconds, abs=0.0005)
