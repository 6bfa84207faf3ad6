"""Videos of a pack: which frames are looked at, and what is said of those that are not."""

import io
import os
from collections.abc import Sequence

import av
import numpy as np
import pytest
from pictures import animation, corners, drawing, file_of, noise
from PIL import Image
from videos import encrypted, sound, video

from screening.errors import ImageRefused
from screening.images.decoder import Decoded
from screening.images.formats import NOT_A_VIDEO
from screening.images.video_decoder import CONTAINERS, DECODING_SHARE, decode_video
from screening.images.view import Variant, View
from screening.settings import Limits

SIZE = (96, 64)
LIMITS = Limits()


def scenes(*lengths: int, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    """Still scenes of so many frames each."""
    return [drawing(seed, size) for seed, length in enumerate(lengths) for _ in range(length)]


def drifting(count: int) -> list[Image.Image]:
    """A small square that moves over a picture: no two frames are the same, and all one scene."""
    frames = []
    for number in range(count):
        frame = drawing(3, SIZE)
        frame.paste("white" if number % 2 else "black", (number % 80, 30, number % 80 + 6, 36))
        frames.append(frame)
    return frames


def times(decoded: Decoded) -> list[float]:
    """Of the views that a person sees."""
    return [
        view.seconds
        for view, _ in decoded.views
        if view.variant is Variant.SHOWN and view.seconds is not None
    ]


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ImageRefused) as refused:
        decode_video(data, limits)
    return str(refused.value)


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    levels = [np.asarray(each.convert("RGB"), np.int16) for each in (one, other)]
    return float(np.abs(levels[0] - levels[1]).mean())


def test_steady_rate_and_changes_of_scene() -> None:
    decoded = decode_video(video(drifting(20) + scenes(1, 1, 1)[1:] + drifting(26)), LIMITS)
    assert times(decoded) == pytest.approx([0, 0.5, 20 / 24, 21 / 24, 22 / 24, 1, 1.5], abs=1e-3)
    assert (decoded.width_px, decoded.height_px, decoded.frames_left) == (*SIZE, "")
    assert [view.frame for view, _ in decoded.views] == list(range(7))


def test_one_frame_between_two_samples_is_seen() -> None:
    frames = drifting(24)
    frames[5] = drawing(8, SIZE)
    decoded = decode_video(video(frames), LIMITS)
    assert times(decoded) == pytest.approx([0, 5 / 24, 6 / 24, 0.5], abs=1e-3)
    assert mean_difference(decoded.views[1][1], frames[5]) < 12


def test_what_comes_in_slowly_is_seen_before_the_next_sample() -> None:
    one, other = drawing(1, SIZE), drawing(2, SIZE)
    frames = [Image.blend(one, other, step / 11) for step in range(12)]
    assert len(times(decode_video(video(frames), LIMITS))) >= 3


def test_still_shot_is_one_picture() -> None:
    decoded = decode_video(video(scenes(72), codec="ffv1"), LIMITS)
    assert times(decoded) == [0]


@pytest.mark.parametrize("rate", [0.5, 2.0, 30.0, 1000.0])
def test_rate_is_a_setting(rate: float) -> None:
    decoded = decode_video(video(drifting(48)), Limits(video_frames_per_second=rate))
    assert len(times(decoded)) == {0.5: 1, 2.0: 4}.get(rate, 48)


def test_frames_are_the_films_and_as_large_as_pictures_are_decoded() -> None:
    decoded = decode_video(video([drawing(4, (1280, 720))]), LIMITS)
    ((view, picture),) = decoded.views
    assert view == View(seconds=0.0)
    assert (decoded.width_px, decoded.height_px, picture.size) == (1280, 720, (640, 360))
    assert mean_difference(picture, drawing(4, (1280, 720)).reduce(2)) < 4


CONTAINERS_WRITTEN = [
    ("mp4", "libx264"), ("mov", "mpeg4"), ("matroska", "ffv1"), ("webm", "libvpx-vp9"),
    ("avi", "mpeg4"), ("mpegts", "mpeg2video"), ("mpeg", "mpeg2video"), ("flv", "flv"),
    ("asf", "msmpeg4"), ("ogg", "libvpx"), ("ivf", "libvpx-vp9"), ("nut", "ffv1"),
    ("mxf", "mpeg2video"), ("h264", "libx264"), ("m4v", "mpeg4"), ("yuv4mpegpipe", "rawvideo"),
]  # fmt: skip


@pytest.mark.parametrize(("container", "codec"), CONTAINERS_WRITTEN)
def test_containers(container: str, codec: str) -> None:
    frames = drifting(12) + scenes(0, 12)
    decoded = decode_video(video(frames, container, codec, rate=25), LIMITS)
    assert times(decoded)[:2] == pytest.approx([0, 12 / 25], abs=0.021)
    assert len(times(decoded)) <= 3  # the still scene is another picture where codecs refine it
    assert decoded.frames_left == ""
    assert mean_difference(decoded.views[1][1], drawing(1, SIZE)) < 20


def test_variable_frame_rate() -> None:
    """A slide show: pictures stand for seconds, and are as many as they are."""
    at = [0.0, 0.1, 3.0, 3.04, 9.5]
    frames = [drawing(seed, SIZE) for seed in (1, 1, 2, 3, 4)]
    decoded = decode_video(video(frames, codec="ffv1", times=at), LIMITS)
    assert times(decoded) == pytest.approx([0, 3, 3.04, 9.5], abs=1e-3)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotated_film_is_seen_as_players_show_it_and_as_it_lies(rotation: int) -> None:
    film = corners((96, 64))
    decoded = decode_video(video([film], "mp4", rotation=rotation), LIMITS)
    variants = [view.variant for view, _ in decoded.views]
    assert variants == [Variant.SHOWN, Variant.UNTURNED]
    shown, lying = (picture for _, picture in decoded.views)
    assert mean_difference(lying, film) < 12
    assert mean_difference(shown, film.rotate(rotation, expand=True)) < 12


@pytest.mark.parametrize(
    ("codec", "pixels"),
    [
        ("ffv1", "yuv420p10le"),
        ("libx264", "yuv420p10le"),
        ("ffv1", "yuv444p16le"),
        ("png", "rgb24"),
        ("png", "rgba"),
        ("ffv1", "gray"),
    ],
)
def test_more_bits_and_other_colours(codec: str, pixels: str) -> None:
    picture = drawing(5, SIZE)
    expected = picture.convert("L") if pixels == "gray" else picture
    container = "mov" if codec == "png" else "matroska"
    decoded = decode_video(video([picture], container, codec, pixels=pixels), LIMITS)
    assert mean_difference(decoded.views[0][1], expected) < 12


def test_interlaced_film_is_woven_as_trainers_see_it() -> None:
    options = {"flags": "+ilme+ildct", "top": "1"}
    decoded = decode_video(video(drifting(24), codec="mpeg2video", options=options), LIMITS)
    assert times(decoded) == pytest.approx([0, 0.5], abs=1e-3)
    assert mean_difference(decoded.views[0][1], drifting(24)[0]) < 12


def test_wide_film_is_seen_in_its_centre_too() -> None:
    decoded = decode_video(video([drawing(1, (320, 128))]), LIMITS)
    assert [view.variant for view, _ in decoded.views] == [Variant.SHOWN, Variant.CENTRE]
    assert decoded.views[1][1].size == (128, 128)


def test_second_stream_is_sampled_too() -> None:
    decoded = decode_video(video(scenes(24), further=scenes(0, 24)), LIMITS)
    shown = [picture for _, picture in decoded.views]
    assert any(mean_difference(each, drawing(1, SIZE)) < 12 for each in shown)


def test_pictures_of_another_size_in_the_middle() -> None:
    """Two raw streams, one after the other, as recordings of television are cut."""
    first, second = (
        video(scenes(*([0] * seed), 12, size=size), "mpegts", "mpeg2video", rate=25)
        for seed, size in ((1, (96, 64)), (2, (128, 64)))
    )
    decoded = decode_video(first + second, LIMITS)
    assert {picture.size for _, picture in decoded.views} >= {(96, 64)}
    assert decoded.frames_left == "" or "not screened" in decoded.frames_left


@pytest.mark.parametrize(
    ("limits", "seen", "said"),
    [
        (Limits(max_video_seconds=1.0), [0, 0.5], "the limit is 1 s (max_video_seconds)"),
        (Limits(max_video_seconds=2.0), [0, 0.5, 1, 1.5], ""),
        (Limits(max_video_frames=3), [0, 0.5, 1], "3 frames looked at (max_video_frames)"),
        (Limits(max_video_frames=4), [0, 0.5, 1, 1.5], ""),
        (Limits(max_video_pixels=24 * 96 * 64), [0, 0.5], "pixels decoded (max_video_pixels)"),
        (Limits(max_video_pixels=48 * 96 * 64), [0, 0.5, 1, 1.5], ""),
    ],
)
def test_what_is_beyond_a_limit_is_said(limits: Limits, seen: Sequence[float], said: str) -> None:
    decoded = decode_video(video(drifting(48)), limits)
    assert times(decoded) == pytest.approx(seen, abs=1e-3)
    assert bool(decoded.frames_left) is bool(said)
    assert said in decoded.frames_left
    if said:
        assert decoded.frames_left.startswith("frames after 00:00:")


def test_no_pixel_within_the_limit_is_a_refusal() -> None:
    assert "max_video_pixels" in refusal(video(drifting(4)), Limits(max_video_pixels=1))


def test_decoding_stops_before_the_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.arange(0.0, 1000.0, 1.0))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    limits = Limits(decode_timeout_seconds=20.0)
    decoded = decode_video(video(drifting(48)), limits)
    assert times(decoded) == [0]
    assert decoded.frames_left.startswith("frames after 00:00:00.")
    assert "took too long" in decoded.frames_left
    assert DECODING_SHARE * 20.0 == 10.0


@pytest.mark.parametrize(
    "limits", [Limits(max_image_pixels=96 * 64 - 1), Limits(max_image_side_px=95)]
)
def test_frames_too_large_are_refused_before_they_are_decoded(limits: Limits) -> None:
    assert "96x64 px" in refusal(video(drifting(2)), limits)


def test_encrypted() -> None:
    assert refusal(encrypted(drifting(24))) == "a video: it is encrypted"


def test_sound_alone() -> None:
    assert refusal(sound()).startswith(f"{NOT_A_VIDEO}: it holds sound")


def test_no_frame() -> None:
    data = video(drifting(1), "mpegts", "mpeg2video", rate=25)
    payload_lost = data[: 188 * 3] + bytes(len(data) - 188 * 3)
    assert refusal(payload_lost).startswith(NOT_A_VIDEO)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64),
        b"\x1a\x45\xdf\xa3" + bytes(range(200)),
        b"RIFF\x10\0\0\0AVI LIST" + bytes(99),
        video(drifting(24), "mp4")[:2000],
        noise((64, 64)).tobytes(),
    ],
)
def test_broken(data: bytes) -> None:
    assert refusal(data).startswith(NOT_A_VIDEO)


def test_truncated_film_gives_what_is_left_of_it_and_says_so() -> None:
    whole = video(drifting(96))
    decoded = decode_video(whole[: len(whole) // 2], LIMITS)
    assert 2 <= len(times(decoded)) < 8
    assert "claims to last 00:00:04.000, and nothing after 00:00:0" in decoded.frames_left


def test_damaged_film_is_read_on_and_said_to_be_damaged() -> None:
    data = bytearray(video(drifting(96), "mp4", "libx264"))
    middle = data.index(b"mdat") + 8000
    data[middle : middle + 3000] = noise((50, 20)).tobytes()
    decoded = decode_video(bytes(data), LIMITS)
    assert times(decoded)[-1] == pytest.approx(3.5, abs=0.1)
    assert "damaged" in decoded.frames_left


def test_lists_of_further_files_are_not_opened(tmp_path: os.PathLike[str]) -> None:
    film = f"{os.fspath(tmp_path)}/film.ts"
    with open(film, "wb") as file:  # noqa: PTH123
        file.write(video(drifting(24), "mpegts", "mpeg2video", rate=25))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{film}\n#EXT-X-ENDLIST\n"
    concat = f"ffconcat version 1.0\nfile '{film}'\n"
    for text in (playlist, concat):
        assert refusal(text.encode()).startswith(NOT_A_VIDEO)


@pytest.mark.parametrize(
    "data",
    [file_of(drawing(1)), file_of(drawing(1), "JPEG"), animation([drawing(1), drawing(2)])],
)
def test_pictures_are_none_of_its_business(data: bytes) -> None:
    assert refusal(data).startswith(NOT_A_VIDEO)


def test_every_container_is_one_that_ffmpeg_knows() -> None:
    known = {name for each in av.formats_available for name in each.split(",")}
    assert set(CONTAINERS) <= known


def test_metadata_that_is_no_text_is_no_hindrance() -> None:
    data = video(scenes(2), "avi")
    at = data.index(b"ISFT") + 8
    broken = data[:at] + b"\xff\xfe\xfd" + data[at + 3 :]
    assert len(times(decode_video(broken, LIMITS))) == 1
    with pytest.raises(UnicodeDecodeError):
        av.open(io.BytesIO(broken))
