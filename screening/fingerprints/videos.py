"""A video as the pictures that its frames are, and the paths that these have in a pack."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from screening.fingerprints.answer import Answer
from screening.fingerprints.fingerprint import PictureFingerprints
from screening.images.time_code import time_code
from screening.packs.paths import DUPLICATE_MARK

TIME_MARK = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFingerprints:
    """What a video became. ``frames``: (seconds from the beginning, picture), in their order.

    The seconds are None for a picture that the file is beside its frames. ``frames_left`` is the
    sentence about the rest of it, or empty.
    """

    path: str
    sha256: str
    frames: tuple[tuple[float | None, PictureFingerprints], ...]
    frames_left: str = ""


def frames_of(answer: Answer) -> list[tuple[float | None, Answer]]:
    """``answer`` cut into the pictures that it is about: a file of its own each.

    That is itself, and None, for a picture, and its frames with their seconds for a video.
    """
    if all(each.view.seconds is None for each in answer.hashed_views):
        return [(None, answer)]
    rows: dict[tuple[float | None, int], list[int]] = {}
    for row, each in enumerate(answer.hashed_views):
        view = each.view
        rows.setdefault((view.seconds, 0 if view.seconds is None else view.frame), []).append(row)
    return [(seconds, _part(answer, each, seconds)) for (seconds, _), each in rows.items()]


def _part(answer: Answer, rows: list[int], seconds: float | None) -> Answer:
    hashed = [answer.hashed_views[row] for row in rows]
    if seconds is not None:
        hashed = [replace(each, view=replace(each.view, frame=0, seconds=None)) for each in hashed]
    pixels = tuple(answer.pixels[row] for row in rows)
    return replace(answer, frames_left="", hashed_views=tuple(hashed), pixels=pixels)


def named_frames(video: VideoFingerprints, taken: Container[str]) -> Iterator[PictureFingerprints]:
    """The pictures of ``video``, each under a path of its own; see `frame_paths`."""
    times = [seconds for seconds, _ in video.frames if seconds is not None]
    paths = frame_paths(video.path, times, taken)
    for seconds, picture in video.frames:
        if seconds is None:
            yield replace(picture, path=video.path)
        else:
            yield replace(picture, path=next(paths), video=video.path)


def frame_paths(video: str, times: list[float], taken: Container[str]) -> Iterator[str]:
    """``clip.mp4@00:01:02.500`` for each of ``times`` (seconds), no two alike.

    ``taken`` holds the paths of the pack's members, one of which may look like that of a frame:
    then the frame's is numbered, and so is that of a second frame of one time.
    """
    given = set[str]()
    for seconds in times:
        path = first = f"{video}{TIME_MARK}{time_code(seconds)}"
        number = 1
        while path in taken or path in given:
            number += 1
            path = f"{first}{DUPLICATE_MARK}{number}"
        given.add(path)
        yield path


def file_of(path: str, members: Container[str]) -> str:
    """The member of the pack that the picture at ``path`` is, or is a frame of."""
    return path if path in members else path.rpartition(TIME_MARK)[0]
