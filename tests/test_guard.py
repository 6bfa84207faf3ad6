"""The guard: a trainer starts on an allowed pack alone, and is then itself."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import FREE, HEROINE, World
from drawn import write_poses

from screening.cli import cli, guard
from screening.decision import Decision
from screening.errors import ScreeningError
from screening.policy import Verdict

TRAINER = """
import os, signal, sys, time
print("arguments", sys.argv[1:], flush=True)
print("told", os.environ["TOLD"], flush=True)
if "--wait" in sys.argv:
    def stopped(number, frame):
        print("stopped by", number, flush=True)
        sys.exit(43)
    signal.signal(signal.SIGTERM, stopped)
    print("waiting as", os.getpid(), flush=True)
    time.sleep(60)
print("ends", file=sys.stderr)
sys.exit(42)
"""


class Started(Exception):  # noqa: N818
    """What would have been started."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newcomer's folder: a trainer, an allowed pack, one of copies."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train_network.py").write_text(TRAINER)
    write_poses(tmp_path / "benign" / "10_girl", FREE, range(4))
    write_poses(tmp_path / "copies" / "10_girl", HEROINE, range(4))
    return tmp_path


@pytest.fixture
def in_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where a start raises instead."""

    def start(file: str, words: list[str], environment: dict[str, str]) -> None:
        raise Started(words)

    monkeypatch.setattr(os, "execvpe", start)
    monkeypatch.setattr(guard, "IGNORED_BY_PYTHON", ())
    return folder


def run(world: World, *arguments: object, command: list[str] | None = None) -> Result:
    """Run in this process; ``command`` is the trainer on the benign pack if it is not given."""
    command = command or trainer("benign")
    words = ["guard", *world.options, *map(str, arguments), "--", *command]
    return CliRunner().invoke(cli, words, standalone_mode=False)


def trainer(pack: str, *more: str) -> list[str]:
    return [sys.executable, "train_network.py", "--train_data_dir", pack, *more]


def started(result: Result) -> list[str] | None:
    return result.exception.args[0] if isinstance(result.exception, Started) else None


def code_of(result: Result) -> object:
    """What the process would end with."""
    if isinstance(result.exception, ScreeningError):
        return result.exception.exit_code
    return result.return_value


def process(world: World, folder: Path, command: list[str]) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "screening", "guard", *world.options, "--", *command]
    return subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, "TOLD": "by the shell"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_allowed_pack_trains_and_the_exit_code_is_the_trainers(
    world: World, folder: Path
) -> None:
    command = trainer("benign", "--name", "a b")
    done = process(world, folder, command)
    out, err = done.communicate(timeout=120)
    assert done.returncode == 42, err
    assert out.splitlines() == [
        "arguments ['--train_data_dir', 'benign', '--name', 'a b']",
        "told by the shell",
    ]
    assert err.endswith("starting " + sys.executable + "\nends\n")


def test_signals_reach_the_trainer(world: World, folder: Path) -> None:
    running = process(world, folder, trainer("benign", "--wait"))
    assert running.stdout is not None
    lines = [running.stdout.readline() for _ in range(3)]
    assert lines[2] == f"waiting as {running.pid}\n", "the trainer is the process that was started"
    time.sleep(0.2)
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert out == "stopped by 15\n"
    assert running.returncode == 43


def test_the_trainer_inherits_no_ignored_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        raise Started([signal.getsignal(each) for each in (signal.SIGPIPE, signal.SIGXFSZ)])

    monkeypatch.setattr(os, "execvpe", start)
    before = [signal.getsignal(each) for each in guard.IGNORED_BY_PYTHON]
    try:
        with pytest.raises(Started) as raised:
            guard._become(["trainer"], {})
        assert raised.value.args[0] == [signal.SIG_DFL, signal.SIG_DFL]
    finally:
        for number, handler in zip(guard.IGNORED_BY_PYTHON, before, strict=True):
            signal.signal(number, handler)


def test_copies_do_not_train(world: World, folder: Path) -> None:
    done = process(world, folder, trainer("copies"))
    out, err = done.communicate(timeout=120)
    assert done.returncode == 20
    assert out == ""
    assert "are copies of reference images of Medusa" in err
    assert "not started (block)" in err


def test_flags_train_only_where_asked(world: World, in_process: Path) -> None:
    (in_process / "benign" / "10_girl" / "2-00.txt").write_text("xiao yan")
    stopped = run(world)
    assert started(stopped) is None
    assert stopped.return_value == 10
    assert "not started (flag)" in stopped.stderr
    assert started(run(world, "--on-flag", "allow")) == trainer("benign")
    blocked = run(world, "--on-flag", "allow", command=trainer("copies"))
    assert started(blocked) is None
    assert blocked.return_value == 20


def test_a_pack_without_pictures_never_trains(world: World, in_process: Path) -> None:
    """A config under a suffix that is not known, say."""
    (in_process / "job.jsonc").write_text("{}")
    for pack in ("job.jsonc", "empty"):
        (in_process / "empty").mkdir(exist_ok=True)
        result = run(world, pack, "--on-flag", "allow", command=["true"])
        assert started(result) is None
        assert result.return_value == 10


@pytest.mark.parametrize("named", ["dog", "someone/dog", "s3://bucket/dog"])
@pytest.mark.parametrize("given", [(), ("benign",)])
def test_remote_data_never_trains(
    world: World, in_process: Path, named: str, given: tuple[str, ...]
) -> None:
    script = [sys.executable, "train_text_to_image_lora.py", "--dataset_name", named]
    result = run(world, *given, "--on-flag", "allow", command=script)
    assert started(result) is None
    said = f"{result.exception} {result.stderr}"
    assert code_of(result) == 1
    assert "not all of the data" in said
    assert named in said


def test_a_link_in_the_data_never_trains(world: World, in_process: Path) -> None:
    """Trainers follow links, and what they lead to was not looked at."""
    (in_process / "benign" / "10_girl" / "more").symlink_to(in_process / "copies" / "10_girl")
    result = run(world, "--on-flag", "allow")
    assert started(result) is None
    assert result.return_value == 20
    assert "cannot be compared: " in result.stderr


def test_an_unknown_command_needs_a_pack(world: World, in_process: Path) -> None:
    command = [sys.executable, "my_trainer.py"]
    unknown = run(world, command=command)
    assert started(unknown) is None
    assert code_of(unknown) == 1
    assert "screening guard PACK -- COMMAND" in str(unknown.exception)
    assert started(run(world, "benign", command=command)) == command
    assert run(world, "copies", command=command).return_value == 20


def test_a_pack_does_not_cover_for_other_data(world: World, in_process: Path) -> None:
    assert started(run(world, "benign")) == trainer("benign")
    other = run(world, "benign", command=trainer("copies"))
    assert started(other) is None
    assert "copies, which is not in benign" in str(other.exception)
    assert code_of(other) == 1


def test_no_other_word_of_an_unknown_command_names_data(world: World, in_process: Path) -> None:
    """Known scripts whose argument is not known, too."""
    for start in ("my_trainer.py --data benign", "train_mine.py --train_data_dir benign"):
        command = [sys.executable, *start.split(), "--foo", "copies"]
        other = run(world, "benign", command=command)
        assert started(other) is None
        assert "'copies' in the command names what is not in benign" in str(other.exception)
        assert code_of(other) == 1
        for name in ("--output_dir", "--lora_dir"):
            other = run(world, "benign", command=[*command[:-2], name, "copies"])
            assert started(other) is None
            assert code_of(other) == 1
        (in_process / "results").mkdir(exist_ok=True)
        fine = [*command[:-2], "--output_dir", "results"]
        assert started(run(world, "benign", command=fine)) == fine


def test_a_config_names_the_pack(world: World, in_process: Path) -> None:
    for pack in ("benign", "copies"):
        subset = f"[[datasets]]\n[[datasets.subsets]]\nimage_dir = '{pack}/10_girl'\n"
        (in_process / f"{pack}.toml").write_text(subset)
    command = [sys.executable, "train_network.py", "--dataset_config"]
    assert started(run(world, command=[*command, "benign.toml"])) == [*command, "benign.toml"]
    assert run(world, command=[*command, "copies.toml"]).return_value == 20
    assert run(world, "copies.toml", command=["true"]).return_value == 20
    assert started(run(world, "benign.toml", command=["true"])) == ["true"]


def test_what_is_swapped_after_the_screening_does_not_train(
    world: World, in_process: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screened = guard._screened

    def swap_after(*arguments: Any) -> Decision:
        decision = screened(*arguments)
        shutil.copy(in_process / "copies/10_girl/0-00.jpg", in_process / "benign/10_girl/2-00.jpg")
        return decision

    monkeypatch.setattr(guard, "_screened", swap_after)
    result = run(world)
    assert started(result) is None
    assert result.return_value == 20
    assert "changed: " in result.stderr
    assert "2-00.jpg" in result.stderr


def test_the_decision_is_written(world: World, in_process: Path) -> None:
    for pack, verdict in (("benign", Verdict.ALLOW), ("copies", Verdict.BLOCK)):
        file = in_process / "out" / f"{pack}.json"
        run(world, "--decision", file, "--uploader", "user:17", command=trainer(pack))
        decision = Decision.from_json(file.read_bytes())
        assert (decision.verdict, decision.uploader) == (verdict, "user:17")


def test_caches_in_the_data_flag(world: World, in_process: Path) -> None:
    np.savez(in_process / "benign" / "10_girl" / "2-00.npz", latents=np.zeros(4))
    assert run(world).return_value == 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["guard"], "put the trainer's command behind --"),
        (["guard", "--"], "put the trainer's command behind --"),
        (["guard", "train_network.py"], "put the trainer's command behind --"),
        (["guard", "benign", "copies", "--", "true"], "unexpected extra argument"),
        (["guard", "--", "no-such-program"], "no such command"),
        (["guard", "none", "--", "true"], "does not exist"),
    ],
)
def test_mistakes_are_usage_errors(folder: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_options_of_the_trainer_are_the_trainers(world: World, in_process: Path) -> None:
    more = ["--on-flag", "--help", "--index", "elsewhere", "--", "x"]
    assert started(run(world, command=trainer("benign", *more))) == trainer("benign", *more)


def test_no_index_is_no_start(in_process: Path) -> None:
    result = CliRunner().invoke(cli, ["guard", "--", *trainer("benign")], standalone_mode=False)
    assert started(result) is None
    assert code_of(result) == 3


def test_a_command_that_cannot_be_started_is_an_error(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = folder / "program"
    program.write_bytes(b"\x7fELF no program")
    program.chmod(0o755)
    monkeypatch.setattr(guard, "IGNORED_BY_PYTHON", ())
    result = run(world, "benign", command=[str(program)])
    assert "cannot be started" in str(result.exception)
    assert code_of(result) == 1


@pytest.mark.parametrize("command", ["guard", "verify", "strip", "lora"])
def test_help_imports_nothing_heavy(command: str) -> None:
    program = (
        "import sys\n"
        "from screening.cli import cli\n"
        f"cli.main([{command!r}, '--help'], standalone_mode=False)\n"
        "heavy = {'numpy', 'faiss', 'torch', 'PIL', 'onnxruntime', 'pyarrow', 'rich', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_tells_where_the_command_goes() -> None:
    result = CliRunner().invoke(cli, ["guard", "--help"])
    assert "guard [OPTIONS] [PACK] -- COMMAND..." in result.stdout
    assert result.exit_code == 0
