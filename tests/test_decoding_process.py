"""What a decoding process takes over from the program that starts it, and what it must not."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from pictures import corners, drawing, file_of
from processes import PICTURE, has_ended, new_children, nothing_left_behind, open_pool, wait_until
from videos import video

from screening.fingerprints.decoding_process import Task, answer
from screening.settings import Limits


def run(code: str, *, folder: Path, status: int = 0, **environment: str) -> str:
    """What another Python program prints that begins by opening the pool ``pool``."""
    prelude = f"""
        import os, sys
        from screening.fingerprints.decoders import DecoderPool
        from screening.settings import Limits
        picture = {PICTURE!r}
        pool = DecoderPool(limits=Limits(), preprocessings=[], short_side_px=256,
                           mirrored=False, processes=1)
    """
    program = folder / "program.py"
    program.write_text(textwrap.dedent(prelude) + textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout


def test_program_without_a_main_guard(tmp_path: Path) -> None:
    code = "print(len(pool.decode(picture).views)); pool.close()"
    assert run(code, folder=tmp_path) == "1\n"


def test_current_folder_is_gone(tmp_path: Path) -> None:
    code = """
        gone = os.path.join(os.getcwd(), "gone")
        os.mkdir(gone); os.chdir(gone); os.rmdir(gone)
        print(len(pool.decode(picture).views)); pool.close()
    """
    assert run(code, folder=tmp_path) == "1\n"


def test_modules_in_the_current_folder_are_not_imported(tmp_path: Path) -> None:
    """``cd upload && screening check .``: the upload may hold a json.py."""
    upload = tmp_path / "upload"
    upload.mkdir()
    for name in ("json", "numpy", "PIL", "screening", "sitecustomize"):
        (upload / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    code = f"""
        os.chdir({str(upload)!r}); sys.path.insert(0, "")
        print(len(pool.decode(picture).views)); pool.close()
    """
    assert run(code, folder=tmp_path) == "1\n"
    assert not (tmp_path / "ran").exists()


def test_secrets_of_the_environment_stay_with_the_parent(tmp_path: Path) -> None:
    code = """
        process = pool._all[0].start()
        print(pool.decode(picture).views, "HUSH" in open(f"/proc/{process.pid}/environ").read())
        pool.close()
    """
    assert run(code, folder=tmp_path, API_TOKEN="HUSH", PYTHONWARNINGS="error").endswith("False\n")


def test_modules_found_by_a_changed_path_are_found_by_the_process(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "pylibjxl.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    code = """
        sys.path.insert(0, "more"); sys.path.append(7)
        print(pool.decode(bytes.fromhex("ff0a")).refused); pool.close()
    """
    assert run(code, folder=tmp_path).startswith("JPEG XL: pylibjxl cannot be loaded (")
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("ending", "status"), [("os._exit(0)", 0), ("os.kill(os.getpid(), 9)", -9)]
)
def test_process_ends_with_whoever_started_it(tmp_path: Path, ending: str, status: int) -> None:
    code = f"""
        print(pool._all[0].start().pid, flush=True)
        pool.decode(picture)
        {ending}
    """
    process = int(run(code, folder=tmp_path, status=status))
    wait_until(lambda: has_ended(process))


def test_interrupt_is_for_whoever_started_the_process() -> None:
    with nothing_left_behind() as before, open_pool() as pool:
        pool.decode(PICTURE)
        (process,) = new_children(before, 1)
        os.kill(process, signal.SIGINT)
        assert pool.decode(PICTURE).views
        assert new_children(before, 1) == [process]


def _decode_in_worker(_: int) -> int:
    with open_pool() as pool:
        return len(pool.decode(PICTURE).views)


def test_daemonic_worker() -> None:
    """Such a worker may have no children that multiprocessing starts."""
    with multiprocessing.get_context("spawn").Pool(1) as workers:
        assert workers.map(_decode_in_worker, [0, 1]) == [1, 1]


def test_fork_of_a_process_with_a_pool_is_refused(tmp_path: Path) -> None:
    code = """
        from screening.errors import ScreeningError
        pool.decode(picture)
        child = os.fork()
        if not child:
            try:
                pool.decode(picture)
            except ScreeningError as error:
                print(error, flush=True)
            pool.close()
            os._exit(0)
        os.waitpid(child, 0)
        print(len(pool.decode(picture).views)); pool.close()
    """
    said = "opened before this process was forked: open a screener in each process"
    assert run(code, folder=tmp_path) == f"{said}\n1\n"


def test_process_imports_little() -> None:
    """Half a second of start-up is for Pillow, NumPy and SciPy's transforms."""
    code = "import screening.fingerprints.decoding_process, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"pyarrow", "onnxruntime", "torch", "faiss", "av", "pywt", "scipy.stats", "click"}
    heavy |= {"screening.packs", "screening.fingerprints.fingerprinter", "concurrent.futures"}
    assert not heavy & set(done.stdout.split())


def test_file_that_is_a_picture_to_one_reader_and_a_film_to_another() -> None:
    """What the film may not be is said beside the picture; what is no film is not."""
    task = Task(preprocessings=(), as_video=True)
    still = file_of(corners((96, 64)), "AVIF")
    film = video([drawing(seed, (96, 64)) for seed in (1, 2)], "mp4")
    both = still + film[int.from_bytes(film[:4], "big") :]
    said = answer(both, task, Limits())
    first, *frames = (each.seconds is None for each in said.views)
    assert first
    assert len(frames) >= 2 and not any(frames)
    limited = answer(both, task, Limits(max_video_pixels=1))
    assert len(limited.views) == 1
    assert limited.frames_left.startswith("a video: frames after 00:00:00.")
    assert answer(still, task, Limits()).frames_left == ""
    assert answer(both, Task(preprocessings=()), Limits()).views == said.views[:1]


@pytest.mark.parametrize(
    ("as_picture", "as_video", "refused"),
    [
        (True, False, "not a picture that can be read here"),
        (True, True, "not a video that can be read here: "),
        (False, True, "not a video that can be read here: "),
    ],
)
def test_what_is_neither(as_picture: bool, as_video: bool, refused: str) -> None:
    task = Task(preprocessings=(), as_picture=as_picture, as_video=as_video)
    assert answer(bytes(range(256)), task, Limits()).refused.startswith(refused)


def test_film_without_a_signature_is_tried_where_that_is_asked_for() -> None:
    film = video([drawing(1, (96, 64))], "h264", "libx264")
    assert len(answer(film, Task(preprocessings=(), as_video=True), Limits()).views) == 1
    assert answer(film, Task(preprocessings=()), Limits()).refused
