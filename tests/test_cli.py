"""The command line: what each command prints, writes and ends with."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from conftest import FREE, HEROINE, World
from drawn import draw_character, jpeg, write_poses

from screening.cli import COMMANDS, cli, main
from screening.cli.doctor import PLUG_INS
from screening.decision import Decision
from screening.policy import Verdict

ROOT = Path(__file__).parents[1]
HEAVY = {"numpy", "faiss", "torch", "PIL", "onnxruntime", "open_clip", "pyarrow", "av", "rich"}


def run(*arguments: object) -> Result:
    """Run in this process; errors come out as they are."""
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "copies", HEROINE, range(5))


@pytest.fixture
def benign(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "benign", FREE, range(8))


def exit_code(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """What the process would end with."""
    monkeypatch.setattr(sys, "argv", ["screening", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from screening.cli import main\n"
        f"sys.argv = ['screening', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_has_help() -> None:
    for command in COMMANDS:
        result = run(command, "--help")
        assert result.exception is None
        assert result.output.startswith("Usage:")


@pytest.mark.parametrize(("pack", "code"), [("benign", 0), ("name", 10), ("copies", 20)])
def test_check_ends_with_the_verdict(
    world: World,
    benign: Path,
    copies: Path,
    pack: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if pack == "name":
        (benign / "2-00.txt").write_text("xiao yan")
    source = copies if pack == "copies" else benign
    assert exit_code(["check", str(source), *world.options], monkeypatch) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert {0: "ALLOW", 10: "FLAG", 20: "BLOCK"}[code] in printed.err


@pytest.mark.parametrize("command", ["index build", "references add"])
def test_what_cannot_be_written_is_said_in_a_sentence(
    world: World,
    benign: Path,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocked = tmp_path / "file" / "folder"
    blocked.parent.touch()
    arguments = ["index", "build", *world.options, "--index", str(blocked)]
    if command == "references add":
        facts = ["--work", "Saga", "--rights-holder", "Studio", "--character", "medusa"]
        arguments = ["references", "add", "saga", *facts, "--references", str(blocked), str(benign)]
    assert exit_code(arguments, monkeypatch) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1].startswith(f"screening: {blocked}")
    assert "Traceback" not in printed.err


def test_check_prints_json_alone_on_stdout(world: World, copies: Path) -> None:
    result = run("check", copies, *world.options, "--json")
    decision = Decision.from_json(result.stdout_bytes)
    assert decision.verdict is Verdict.BLOCK
    assert result.return_value == 20


def test_check_writes_a_report(world: World, copies: Path, tmp_path: Path) -> None:
    report = tmp_path / "new" / "report.html"
    run("check", copies, *world.options, "--html", report)
    text = report.read_text(encoding="utf-8")
    assert "BLOCK" in text.upper()
    assert text.count("data:image/jpeg;base64,") == 2 * 5


def test_a_single_picture_is_a_pack(world: World, copies: Path) -> None:
    assert run("check", copies / "0-00.jpg", *world.options).return_value == 10


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check", "missing"], 2, "missing"),
        (["check", ".", "--index", "nowhere"], 3, "index build"),
        (["check", "."], 3, "index build"),
        (["nonsense"], 2, "nonsense"),
        (["--settings", "nowhere.toml", "doctor"], 2, "nowhere.toml"),
        (["references", "add", "new", "."], 2, "character"),
        (["references", "show", "nowhere"], 3, "reference_sets: no such folder"),
        (["references", "list"], 3, "--references"),
        (["index", "build"], 3, "reference_sets: no such folder"),
    ],
)
def test_mistakes_end_with_a_code_and_a_sentence(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(arguments, monkeypatch) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_a_wrong_folder_of_reference_sets_ends_with_3(
    world: World,
    copies: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = tmp_path / "others"
    check = ["check", str(copies), "--index", str(world.settings.index), "--references", str(other)]
    assert exit_code(check, monkeypatch) == 3
    assert f"{other}: no such folder" in capsys.readouterr().err
    other.mkdir()
    assert exit_code(check, monkeypatch) == 3
    assert "'sea-saga', which is not in" in capsys.readouterr().err


def test_an_interruption_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    assert exit_code([], monkeypatch) == 130


def test_a_missing_model_ends_with_3(
    world: World,
    copies: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = tmp_path / "clip.toml"
    settings.write_text('embedders = ["clip"]\n[clip]\ncheckpoint = "none.pt"\n')
    arguments = ["--settings", str(settings), "check", str(copies), *world.options]
    assert exit_code(arguments, monkeypatch) == 3
    said = capsys.readouterr().err
    assert "screening models pull" in said
    assert "lite" in said


def test_fingerprint_writes_one_row_a_picture(copies: Path, tmp_path: Path) -> None:
    picture = draw_character(FREE, 0).convert("RGBA")
    picture.putpixel((0, 0), (255, 0, 0, 0))
    picture.save(copies / "z.png")
    out = tmp_path / "prints.parquet"
    assert run("fingerprint", copies, "--out", out, "--embedder", "lite").exception is None
    table = pq.read_table(out)
    assert table.column("path").to_pylist() == [*sorted(p.name for p in copies.iterdir())]
    assert {"path", "sha256", "phash", "lite.identity", "lite.copy"} <= set(table.column_names)
    assert table.schema.field("phash").type.byte_width == 32
    run("fingerprint", copies, "--out", out, "--all-views")
    assert pq.read_table(out).num_rows > table.num_rows


def test_index_info_and_verify(world: World, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    index = own.settings.index
    info = json.loads(run("index", "info", "--index", index).stdout)
    assert info["reference_sets"].keys() == {"sea-saga"}
    assert run("index", "verify", "--index", index).exception is None
    damaged = index / info["id"] / "entries.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    assert "entries.parquet" in str(run("index", "verify", "--index", index).exception)


def test_references_list_show_check(world: World) -> None:
    sets = ("--references", world.settings.references)
    listed = run("references", "list", *sets).stdout
    assert "sea-saga\tactive\t32 images\t2 characters\t" in listed
    shown = run("references", "show", "sea-saga", *sets).stdout
    assert "medusa: 16 images" in shown
    assert "Medusa (ambiguous)" in shown
    assert run("references", "check", *sets).return_value == 0


def test_references_add_says_what_it_refused(world: World, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    more = write_poses(tmp_path / "more", HEROINE, range(15, 18))
    (more / "blank.jpg").write_bytes(jpeg(draw_character(0, 0).resize((1, 1)).resize((64, 64))))
    (more / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    (more / "notes.txt").write_text("hello")
    sets = ("--references", own.settings.references)
    added = run("references", "add", "sea-saga", *sets, "--character", "medusa", more)
    said = added.stderr
    assert added.return_value == 0
    assert "2 added, 4 refused" in said
    assert "in all" not in said
    few = run(
        *("references", "add", "sea-saga", *sets, "--character", "mate"),
        write_poses(tmp_path / "few", 41, range(1)),
    )
    assert "sea-saga/mate: 1 image in all; " in few.stderr
    assert "found reliably from 15 varied ones on" in few.stderr
    for name, reason in {
        "0-15.jpg": "near-duplicate",
        "blank.jpg": "blank",
        "broken.jpg": "cannot be decoded",
        "notes.txt": "not a picture",
    }.items():
        assert any(name in line and reason in line for line in said.splitlines()), said


def test_references_add_that_adds_nothing_ends_with_1(world: World, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    sets = ("--references", own.settings.references)
    named = ("--character", "medusa", "--name", "Gorgo")
    nothing = run("references", "add", "sea-saga", *sets, *named, tmp_path / "notes.txt")
    assert nothing.return_value == 1
    assert "sea-saga/medusa: no picture was added, 1 refused" in nothing.stderr
    assert "Gorgo" in run("references", "show", "sea-saga", *sets).stdout


def test_a_character_without_any_picture_is_not_recorded(world: World, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    root = own.settings.references
    sets = ("--references", root)
    record = (root / "sea-saga" / "reference_set.toml").read_bytes()
    named = ("--character", "stowaway", "--name", "Gorgo")
    nothing = run("references", "add", "sea-saga", *sets, *named, tmp_path / "notes.txt")
    assert nothing.return_value == 1
    assert "sea-saga/stowaway: not recorded" in nothing.stderr
    assert (root / "sea-saga" / "reference_set.toml").read_bytes() == record
    new = ("--work", "New", "--rights-holder", "Nobody")
    nothing = run("references", "add", "new-set", *sets, *new, *named, tmp_path / "notes.txt")
    assert nothing.return_value == 1
    assert not (root / "new-set").exists()
    broken = run(
        "references", "add", "new-set", *sets, *new, *named, "--video", tmp_path / "notes.txt"
    )
    assert broken.exception is not None
    assert not (root / "new-set").exists()


def test_doctor(world: World, tmp_path: Path) -> None:
    good = run("doctor", *world.options)
    assert good.return_value == 0
    assert "lite.identity" in good.stdout
    assert "weights of clip, ViT-B-32-256 / datacomp_s34b_b86k: " in good.stdout
    assert "2 characters" in good.stdout
    bad = run("doctor", "--index", tmp_path / "none", "--references", world.settings.references)
    assert bad.return_value == 3
    assert "index build" in bad.stdout


def test_doctor_names_a_problem_once(world: World, tmp_path: Path) -> None:
    settings = tmp_path / "own.toml"
    settings.write_text('embedders = ["clip"]\n[clip]\ncheckpoint = "none.pt"\n', encoding="utf-8")
    bad = run("--settings", settings, "doctor", *world.options)
    assert bad.return_value == 3
    assert len([each for each in bad.stdout.splitlines() if each.startswith("problem: ")]) == 1


@pytest.mark.parametrize(("least", "few"), [(16, ""), (17, "note: 2 characters of 2 with fewer")])
def test_doctor_counts_characters_with_few_images(
    world: World, tmp_path: Path, least: int, few: str
) -> None:
    policy, settings = tmp_path / "policy.toml", tmp_path / "own.toml"
    policy.write_text(f"[characters]\ntwo_sample_references = {least}\n", encoding="utf-8")
    settings.write_text('policy = "policy.toml"\n', encoding="utf-8")
    said = run("--settings", settings, "doctor", *world.options).stdout
    assert few in said
    assert ("note: " in said) == bool(few)


def test_doctor_asks_for_the_plug_ins_that_the_extra_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {each.split(">")[0] for each in project["optional-dependencies"]["formats"]}
    assert set(PLUG_INS) == extra
