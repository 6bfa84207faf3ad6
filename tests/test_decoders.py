"""Decoding processes: what dies or hangs in one costs one picture."""

import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pictures import animation, corners, drawing, file_of, png_claiming
from PIL import Image
from processes import (
    PICTURE,
    SQUARE,
    children,
    has_ended,
    new_children,
    nothing_left_behind,
    open_pool,
    stop,
    wait_until,
    wait_until_sent_to,
)

from screening.errors import DecoderCrashed, ScreeningError
from screening.fingerprints import decoders
from screening.fingerprints.answer import LENGTH
from screening.fingerprints.decoders import DecoderPool
from screening.fingerprints.decoding_process import READY, Task
from screening.hashes import hash_picture
from screening.images.preprocess import Preprocessing, prepare
from screening.images.view import View
from screening.settings import Limits

PADDED = Preprocessing(size_px=7, fit="pad")


@pytest.fixture
def nothing_left() -> Iterator[set[int]]:
    with nothing_left_behind() as before:
        yield before


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """One that is never damaged."""
    with open_pool(processes=2, preprocessings=[SQUARE, PADDED], mirrored=True) as opened:
        yield opened


def test_answer_has_hashes_and_pixels_of_view_and_mirror_image(pool: DecoderPool) -> None:
    image = drawing(size=(100, 80))
    found = pool.decode(file_of(image))
    assert (found.width_px, found.height_px, found.refused, found.frames_left) == (100, 80, "", "")
    straight, mirrored = found.hashed_views
    assert (straight.view, straight.mirrored, straight.hashes) == (
        View(),
        False,
        hash_picture(image),
    )
    assert mirrored.mirrored
    assert mirrored.hashes.phash == straight.hashes.phash_mirrored
    assert mirrored.hashes.phash_mirrored == straight.hashes.phash
    (square, padded), (square_mirrored, _) = found.pixels
    assert np.array_equal(square, prepare(image, SQUARE))
    assert np.array_equal(padded, prepare(image, PADDED))
    turned = prepare(image.transpose(0), SQUARE)
    assert np.array_equal(square_mirrored, turned)


def test_every_view_is_answered(pool: DecoderPool) -> None:
    found = pool.decode(animation([drawing(1, (40, 30)), drawing(2, (40, 30))]))
    assert found.views == (View(), View(), View(frame=1), View(frame=1))
    assert len(found.pixels) == 4


def test_refusal_is_answered_and_the_process_goes_on(pool: DecoderPool) -> None:
    before = children()
    for data in (b"", b"text", PICTURE[:100], png_claiming(50_000, 50_000)):
        found = pool.decode(data)
        assert found.refused
        assert (found.pixels, found.views) == ((), ())
    assert pool.decode(PICTURE).views
    assert children() == before


def test_without_preprocessings_there_are_hashes_alone(nothing_left: set[int]) -> None:
    with open_pool(preprocessings=[]) as pool:
        found = pool.decode(PICTURE)
        assert found.pixels == ((),)
        assert found.hashed_views[0].hashes == hash_picture(corners())


def test_another_task_for_one_file(pool: DecoderPool) -> None:
    before = children()
    found = pool.decode(PICTURE, Task(preprocessings=(PADDED, PADDED)))
    assert [each.shape for each in found.pixels[0]] == [(7, 7, 3), (7, 7, 3)]
    assert [each.mirrored for each in found.hashed_views] == [False]
    assert len(pool.decode(PICTURE).pixels) == 2
    assert children() == before


def test_used_from_many_threads(pool: DecoderPool) -> None:
    images = [drawing(seed, (64, 48)) for seed in range(24)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(pool.decode, map(file_of, images)))
    for each, image in zip(found, images, strict=True):
        assert np.array_equal(each.pixels[0][0], prepare(image, SQUARE))


def test_crash_costs_one_picture(nothing_left: set[int]) -> None:
    with open_pool() as pool, ThreadPoolExecutor(1) as threads:
        pool.decode(PICTURE)
        (process,) = new_children(nothing_left, 1)
        os.kill(process, signal.SIGSTOP)
        underway = threads.submit(pool.decode, PICTURE)
        wait_until_sent_to(process)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(DecoderCrashed, match="the decoder crashed on this file"):
            underway.result()
        assert pool.decode(PICTURE).views
        assert new_children(nothing_left, 1) != [process]


def test_crash_in_one_process_leaves_the_others_alone(nothing_left: set[int]) -> None:
    with open_pool(processes=2) as pool, ThreadPoolExecutor(2) as threads:
        pool.warm_up()
        first, second = new_children(nothing_left, 2)
        list(threads.map(pool.decode, [PICTURE] * 8))
        for process in (first, second):
            stop(process)
        underway = [threads.submit(pool.decode, file_of(drawing(seed))) for seed in range(8)]
        wait_until_sent_to(first)
        wait_until_sent_to(second)
        os.kill(first, signal.SIGKILL)
        os.kill(second, signal.SIGCONT)
        crashed = [future for future in underway if future.exception() is not None]
        assert len(crashed) == 1
        assert isinstance(crashed[0].exception(), DecoderCrashed)


def test_process_that_died_idle_costs_nothing(nothing_left: set[int]) -> None:
    with open_pool() as pool:
        pool.decode(PICTURE)
        (process,) = new_children(nothing_left, 1)
        os.kill(process, signal.SIGKILL)
        wait_until(lambda: has_ended(process))
        assert pool.decode(PICTURE).views


def test_hang_costs_one_picture(nothing_left: set[int]) -> None:
    with open_pool(Limits(decode_timeout_seconds=0.5)) as pool:
        pool.warm_up()
        (process,) = new_children(nothing_left, 1)
        pool.decode(PICTURE)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(DecoderCrashed, match=r"decoding took longer than 0\.5 s"):
            pool.decode(PICTURE)
        assert pool.decode(PICTURE).views


def test_time_limit_covers_sending(nothing_left: set[int]) -> None:
    """A process that hangs before it has read everything: the pipe is full."""
    with open_pool(Limits(decode_timeout_seconds=0.5)) as pool:
        pool.decode(PICTURE)
        (process,) = new_children(nothing_left, 1)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(DecoderCrashed, match=r"took longer than 0\.5 s"):
            pool.decode(PICTURE + bytes(10_000_000))
        assert pool.decode(PICTURE).views


def test_time_limit_does_not_cover_the_start(nothing_left: set[int]) -> None:
    """The imports take longer than that."""
    with open_pool(Limits(decode_timeout_seconds=0.25)) as pool:
        assert pool.decode(PICTURE).views


def test_process_that_dies_while_it_is_sent_a_huge_file(nothing_left: set[int]) -> None:
    with open_pool() as pool, ThreadPoolExecutor(1) as threads:
        pool.decode(PICTURE)
        (process,) = new_children(nothing_left, 1)
        os.kill(process, signal.SIGSTOP)
        underway = threads.submit(pool.decode, bytes(200_000_000))
        wait_until_sent_to(process)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(DecoderCrashed, match="crashed"):
            underway.result()
        assert pool.decode(PICTURE).views


def test_huge_file_is_read_whole(pool: DecoderPool) -> None:
    assert pool.decode(PICTURE + bytes(200_000_000)).views


def test_memory_limit_is_a_refusal(nothing_left: set[int]) -> None:
    limits = Limits(decoder_memory_bytes=600 << 20)
    with open_pool(limits) as pool:
        pool.decode(PICTURE)
        process = new_children(nothing_left, 1)
        bomb = file_of(Image.new("1", (11_000, 10_000)))  # 14 MB, 440 MB as RGB
        assert pool.decode(bomb).refused == "needs more memory than the limit allows"
        assert pool.decode(PICTURE).views
        assert new_children(nothing_left, 1) == process


def test_process_that_cannot_start_is_an_error_of_the_machine(nothing_left: set[int]) -> None:
    with (
        open_pool(Limits(decoder_memory_bytes=20 << 20)) as pool,
        pytest.raises(ScreeningError, match="cannot run a decoding process") as caught,
    ):
        pool.decode(PICTURE)
    assert not isinstance(caught.value, DecoderCrashed)


def test_python_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nothing_left: set[int]
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with open_pool() as pool, pytest.raises(ScreeningError, match="cannot start a decoding"):
        pool.decode(PICTURE)


def test_start_that_takes_too_long(monkeypatch: pytest.MonkeyPatch, nothing_left: set[int]) -> None:
    monkeypatch.setattr(decoders, "START_TIMEOUT_SECONDS", 0.001)
    with open_pool() as pool:
        with pytest.raises(ScreeningError, match=r"not ready within 0\.001 s"):
            pool.decode(PICTURE)
        monkeypatch.undo()
        assert pool.decode(PICTURE).views


def test_closing_while_a_picture_is_under_way(nothing_left: set[int]) -> None:
    pool = open_pool()
    pool.decode(PICTURE)
    (process,) = new_children(nothing_left, 1)
    os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as threads:
        underway = threads.submit(pool.decode, PICTURE)
        wait_until_sent_to(process)
        waiting = threads.submit(pool.decode, PICTURE)
        pool.close()
        assert isinstance(underway.exception(), DecoderCrashed)
        assert "closed" in str(waiting.exception())
    pool.close()
    with pytest.raises(ScreeningError, match="closed already"):
        pool.decode(PICTURE)
    with pytest.raises(ScreeningError, match="closed already"):
        pool.warm_up()


def test_codec_that_prints_does_not_spoil_answers(tmp_path: Path, nothing_left: set[int]) -> None:
    """A plug-in stands in for a codec: it prints when it is loaded, and for every file."""
    (tmp_path / "pylibjxl.py").write_text(
        textwrap.dedent("""
            import os, sys
            from PIL import Image
            def accept(prefix):
                print("accept"), os.write(1, b"raw"), os.write(2, b"raw"), sys.stdout.flush()
                return False
            def register_pillow():
                Image.register_open("NOISY", None, accept)
                Image.ID.insert(0, Image.ID.pop())
                print("loaded", flush=True)
                os.write(1, b"loaded")
        """)
    )
    sys.path.insert(0, str(tmp_path))
    try:
        with open_pool() as pool:
            assert pool.decode(b"\xff\x0a" + bytes(99)).refused.startswith("JPEG XL, but damaged")
            for _ in range(3):
                assert pool.decode(PICTURE).views
    finally:
        sys.path.remove(str(tmp_path))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (LENGTH.pack(1 << 40), "the decoder crashed on this file"),
        (LENGTH.pack(100) + bytes(100), "the decoder gave no sensible answer on this file"),
        (LENGTH.pack(100) + bytes(99), "the decoder crashed on this file"),
    ],
)
def test_answers_of_a_process_that_was_taken_over(
    said: bytes,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    nothing_left: set[int],
) -> None:
    program = tmp_path / "taken-over"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"sys.stdout.buffer.write({READY!r}); sys.stdout.flush()\n"
        "for _ in range(2):  # the task and the picture: what is not read breaks the pipe\n"
        "    sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(8), 'big'))\n"
        f"sys.stdout.buffer.write({said!r}); sys.stdout.flush()\n"
    )
    program.chmod(0o700)
    with open_pool() as pool:
        monkeypatch.setattr(sys, "executable", str(program))
        with pytest.raises(DecoderCrashed, match=reason):
            pool.decode(PICTURE)
        monkeypatch.undo()
        assert pool.decode(PICTURE).views
