"""Videos in packs: their frames are pictures with time codes, and nothing is lost or swamped."""

import io
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FREE, HEROINE, OTHER_POSES, World
from drawn import draw_character, jpeg, write_poses
from pictures import animation
from PIL import Image
from rich.console import Console
from videos import encrypted, sound, video

from screening.decision import Decision
from screening.fingerprints.decoders import DecodingProcess
from screening.fingerprints.videos import frame_paths
from screening.images.formats import NOT_A_VIDEO
from screening.policy import Verdict
from screening.report.html import render_html
from screening.report.terminal import print_decision
from screening.screener import Screener, Thumbnails
from screening.settings import Limits

BENIGN = 6


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "pack", FREE, range(BENIGN))


def poses(character: int, numbers: Sequence[int], *, frames_each: int = 4) -> list[Image.Image]:
    """Scenes of a sixth of a second each: a pose that does not move."""
    return [draw_character(character, pose) for pose in numbers for _ in range(frames_each)]


def copied_paths(decision: Decision) -> list[str]:
    return sorted(match.path for found in decision.evidence.copies for match in found.matches)


def reasons(decision: Decision) -> dict[str, str]:
    return {each.path: each.reason for each in decision.unscreened}


def test_film_of_reference_scenes_blocks_with_time_codes(
    screener: Screener, world: World, pack: Path
) -> None:
    (pack / "clip.mp4").write_bytes(video(poses(HEROINE, range(4)), "mp4", "libx264"))
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.BLOCK
    found = copied_paths(decision)
    assert {path.rpartition("@")[0] for path in found} == {"clip.mp4"}
    assert {"clip.mp4@00:00:00.000", "clip.mp4@00:00:00.500"} <= set(found)
    assert decision.evidence.copies[0].different_pictures == 4
    assert decision.pack.members == decision.pack.screened == BENIGN + 1
    assert decision.pack.different_pictures == BENIGN + 4

    document = decision.to_json()
    assert Decision.from_json(document) == decision
    paths = [each["path"] for each in json.loads(document)["evidence"]["copies"][0]["matches"]]
    assert "clip.mp4@00:00:00.500" in paths
    console = Console(record=True, width=140, file=io.StringIO())
    print_decision(decision, console)
    assert "clip.mp4@00:00:00.500" in console.export_text()
    with Thumbnails(decision, pack, world.settings) as thumbnails:
        for each in found:
            assert thumbnails.pack_picture(each, "") is not None, each
        assert thumbnails.pack_picture("clip.mp4", "") is None
        page = render_html(decision, thumbnails)
    assert "clip.mp4@00:00:00.500" in page
    assert "not available" not in page


def test_still_film_of_one_reference_counts_once(screener: Screener, pack: Path) -> None:
    (pack / "clip.mkv").write_bytes(video(poses(HEROINE, [0], frames_each=48)))
    (pack / "a.jpg").write_bytes(jpeg(draw_character(HEROINE, 0)))
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert decision.evidence.copies[0].different_pictures == 1
    assert decision.pack.different_pictures == BENIGN + 1


def test_same_file_twice_is_sampled_once_and_listed_twice(screener: Screener, pack: Path) -> None:
    data = video(poses(HEROINE, [1, 2]))
    (pack / "a.mkv").write_bytes(data)
    (pack / "b.mkv").write_bytes(data)
    decision = screener.screen(pack)
    found = copied_paths(decision)
    assert {path[:5] for path in found} == {"a.mkv", "b.mkv"}
    assert decision.evidence.copies[0].different_pictures == 2


@pytest.mark.parametrize("name", ["clip.png", "clip", "clip.txt", ".clip.mkv", "a/b/clip.jpg"])
def test_video_under_any_name_is_found(screener: Screener, pack: Path, name: str) -> None:
    file = pack / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(video(poses(HEROINE, range(3))))
    assert screener.screen(pack).verdict is Verdict.BLOCK


@pytest.mark.parametrize("container", ["h264", "ivf", "yuv4mpegpipe", "mpegts"])
def test_video_without_a_signature_of_ours_is_found(
    screener: Screener, pack: Path, container: str
) -> None:
    codec = {"h264": "libx264", "ivf": "libvpx-vp9", "mpegts": "mpeg2video"}
    data = video(poses(HEROINE, range(3)), container, codec.get(container, "rawvideo"), rate=25)
    (pack / "clip.mp4").write_bytes(data)
    assert screener.screen(pack).verdict is Verdict.BLOCK


def test_gif_under_the_name_of_a_video_is_the_animation_that_it_is(
    screener: Screener, pack: Path
) -> None:
    frames = [draw_character(FREE, 70), draw_character(HEROINE, 3)]
    (pack / "clip.mp4").write_bytes(animation(frames))
    decision = screener.screen(pack)
    assert copied_paths(decision) == ["clip.mp4"]
    assert decision.evidence.copies[0].matches[0].view == "frame 2"


def test_picture_that_is_a_film_too_is_both(screener: Screener, pack: Path) -> None:
    """Pillow shows the still of such an AVIF, FFmpeg the film."""
    film = video(poses(HEROINE, range(3)), "mp4", "libx264")
    end = int.from_bytes(film[:4], "big")
    (pack / "a.mp4").write_bytes(film[:8] + b"avif" + film[12:end] + film[end:])
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (video(poses(FREE, [90]), "mp4")[:900], NOT_A_VIDEO),
        (encrypted(poses(FREE, [90])), "a video: it is encrypted"),
        (sound(), f"{NOT_A_VIDEO}: it holds sound"),
        (video(poses(FREE, [90]), "mpegts", "mpeg2video", rate=25)[:400], NOT_A_VIDEO),
    ],
    ids=["truncated", "encrypted", "sound", "no frame"],
)
def test_what_cannot_be_seen_is_unscreened(
    screener: Screener, pack: Path, data: bytes, reason: str
) -> None:
    (pack / "clip.mp4").write_bytes(data)
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert reasons(decision)["clip.mp4"].startswith(reason)
    assert decision.pack.pictures == BENIGN


def test_what_is_beyond_the_limits_is_unscreened(world: World, pack: Path) -> None:
    (pack / "clip.mkv").write_bytes(video(poses(FREE, range(60, 66))))
    limits = Limits(max_video_frames=2)
    with Screener.open(settings=replace(world.settings, limits=limits)) as screener:
        decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert "max_video_frames" in reasons(decision)["clip.mkv"]
    assert decision.pack.pictures == BENIGN + 2
    counts = decision.pack
    assert counts.members == counts.screened + counts.unscreened + counts.ignored


def test_codec_that_dies_costs_one_member(
    screener: Screener, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = video(poses(FREE, [60]))
    (pack / "clip.mkv").write_bytes(film)
    (pack / "other.mkv").write_bytes(video(poses(FREE, [61])))
    ask = DecodingProcess.ask

    def dying(process: DecodingProcess, data: bytes, task: object) -> bytes:
        if data == film:
            os.kill(process.start().pid, signal.SIGKILL)
        return ask(process, data, task)  # type: ignore[arg-type]

    monkeypatch.setattr(DecodingProcess, "ask", dying)
    decision = screener.screen(pack)
    assert list(reasons(decision)) == ["clip.mkv"]
    assert "crashed" in reasons(decision)["clip.mkv"]
    assert decision.pack.pictures == BENIGN + 1


def test_benign_film_is_allowed(screener: Screener, pack: Path) -> None:
    (pack / "clip.mkv").write_bytes(video(poses(FREE, range(60, 70))))
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.ALLOW, decision.reasons
    assert decision.pack.pictures == BENIGN + 10


@pytest.mark.parametrize("count", [2, 8])
def test_long_benign_film_does_not_hide_pictures_of_a_character(
    screener: Screener, tmp_path: Path, count: int
) -> None:
    folder = write_poses(tmp_path / "pack", HEROINE, OTHER_POSES[:count])
    alone = screener.screen(folder)
    (folder / "clip.mkv").write_bytes(video(poses(FREE, range(200, 240), frames_each=2)))
    decision = screener.screen(folder)
    assert decision.pack.pictures >= 40
    (before,), (after,) = alone.evidence.characters, decision.evidence.characters
    assert (after.character, after.score, after.pictures) == ("medusa", before.score, count)
    assert decision.verdict is Verdict.FLAG


def test_benign_pictures_do_not_hide_a_film_of_a_character(
    screener: Screener, tmp_path: Path
) -> None:
    folder = write_poses(tmp_path / "pack", FREE, range(400, 448))
    (folder / "clip.mkv").write_bytes(video(poses(HEROINE, OTHER_POSES[:6])))
    decision = screener.screen(folder)
    assert [each.character for each in decision.evidence.characters] == ["medusa"]
    assert all("@" in each.path for each in decision.evidence.characters[0].matches)


def test_members_that_are_named_like_frames_keep_their_names(
    screener: Screener, pack: Path
) -> None:
    """Else one benign picture under the names of all frames would make them count as one."""
    (pack / "clip.mkv").write_bytes(video(poses(HEROINE, range(4))))
    for at in ("00.000", "00.167", "00.333", "00.500"):
        (pack / f"clip.mkv@00:00:{at}").write_bytes(jpeg(draw_character(FREE, 50)))
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.BLOCK
    assert decision.evidence.copies[0].different_pictures == 4
    assert all(path.endswith("//2") for path in copied_paths(decision))


def test_repeats_of_a_folder_weigh_for_its_films(screener: Screener, tmp_path: Path) -> None:
    folder = write_poses(tmp_path / "pack" / "10_girl", FREE, range(4))
    (folder / "clip.mkv").write_bytes(video(poses(HEROINE, range(3))))
    (found,) = screener.screen(tmp_path / "pack").evidence.copies
    assert found.weighted_pictures == 10 * len(found.matches)


@pytest.mark.parametrize(
    ("times", "taken", "expected"),
    [
        ([], (), []),
        ([0.0], (), ["v@00:00:00.000"]),
        ([62.5, 62.5001], (), ["v@00:01:02.500", "v@00:01:02.500//2"]),
        ([1.0], ("v@00:00:01.000",), ["v@00:00:01.000//2"]),
        (
            [1.0, 1.0],
            ("v@00:00:01.000", "v@00:00:01.000//2"),
            ["v@00:00:01.000//3", "v@00:00:01.000//4"],
        ),
    ],
)
def test_paths_of_frames(times: list[float], taken: Sequence[str], expected: list[str]) -> None:
    assert list(frame_paths("v", times, taken)) == expected
