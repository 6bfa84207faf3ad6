"""``screening calibrate`` and ``calibration show``, and checks with what they write."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import World
from drawn import write_poses
from rich.console import Console

from screening.calibration import Calibration, Kind
from screening.cli import cli, main
from screening.decision import Decision
from screening.errors import CalibrationUnusable
from screening.report.terminal import print_decision
from screening.screener import Screener

SUBJECTS = range(20, 24)
POSES = 8


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("subjects")
    for subject in SUBJECTS:
        write_poses(root / str(subject), subject, range(POSES))
    return root


@pytest.fixture(scope="module")
def provisional(world: World, subjects: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calibrated with subjects, half of them held out."""
    file = tmp_path_factory.mktemp("calibration") / "c.json"
    command = ["calibrate", "--subjects", subjects, "--hold-out", "0.5", "--out", file]
    result = run(*command, *world.options)
    assert "PROVISIONAL" in result.stderr
    return file


def settings_file(world: World, calibration: Path, folder: Path, policy: str = "") -> Path:
    (folder / "policy.toml").write_text(policy)
    paths = {
        "index": world.settings.index,
        "references": world.settings.references,
        "calibration": calibration,
        "policy": folder / "policy.toml",
    }
    file = folder / "settings.toml"
    file.write_text("".join(f'{name} = "{path}"\n' for name, path in paths.items()))
    return file


def test_subjects_make_a_provisional_calibration(provisional: Path) -> None:
    made = Calibration.load(provisional)
    assert made.provisional
    assert made.binding.characters == 2
    sizes = {
        each.least_pictures: {kind: len(of) for kind, of in each.statistics.items()}
        for each in made.buckets
        if each.statistics
    }
    # two subjects of eight pictures: a pack each of 3 and of 6, and one of 10 of both
    both = {Kind.CHARACTERS: 2, Kind.COPIES: 2}
    assert sizes == {1: both, 4: both, 8: dict.fromkeys(Kind, 1)}
    assert made.checks == ()  # two benign packs hold no alpha that is worth a check


def test_kept_fingerprints_make_it_again_without_the_pictures(
    world: World, provisional: Path, tmp_path: Path
) -> None:
    kept = provisional.with_suffix(".parquet")
    again = tmp_path / "again.json"
    run("calibrate", kept, "--hold-out", "0.5", "--out", again, *world.options)
    first, second = Calibration.load(provisional), Calibration.load(again)
    assert second.provisional
    for one, other in zip(first.buckets, second.buckets, strict=True):
        assert other.statistics == {k: v for k, v in one.statistics.items() if k != Kind.COPIES}
    assert "Nothing was measured about copies." in run("calibration", "show", again).stdout


def test_packs_make_a_calibration_that_is_not_provisional(
    world: World, subjects: Path, tmp_path: Path
) -> None:
    packs = sorted(subjects.iterdir())[:2]
    file = tmp_path / "c.json"
    run("calibrate", *packs, packs[0], "--hold-out", 0, "--out", file, *world.options)
    made = Calibration.load(file)
    assert not made.provisional
    assert [len(each.statistics.get(Kind.CHARACTERS, ())) for each in made.buckets] == [
        0, 0, 2, 0, 0, 0,
    ]  # fmt: skip


def test_show_says_what_it_promises(provisional: Path) -> None:
    shown = run("calibration", "show", provisional).stdout
    for words in ("PROVISIONAL", "2 characters", "8-15 pictures", "too few packs", "alpha 1 %"):
        assert words in shown
    assert "Not checked with held-out packs: none was held out, or there are too few" in shown
    assert "▁" in shown or "█" in shown
    assert "1 % needs 99 benign packs of a size" in shown


def test_show_compares_with_an_index(world: World, provisional: Path, tmp_path: Path) -> None:
    made = Calibration.load(provisional)
    there = ["--index", world.settings.index, "--references", world.settings.references]
    told = "p-values are multiplied by 1.00 (by characters) and 1.00 (by copies)."
    assert told in run("calibration", "show", provisional, *there).stdout
    assert told not in run("calibration", "show", provisional).stdout
    name, *others = made.binding.known
    gone = {key: made.binding.known[key] for key in others} | {"gone": "images"}
    replace(made, binding=replace(made.binding, known=gone)).save(tmp_path / "c.json")
    shown = run("calibration", "show", tmp_path / "c.json", *there).stdout
    count = len(made.binding.known)
    assert f"1 of {count} characters are new, 0 have other reference images, and 1 are" in shown
    assert name not in shown


def test_check_reports_the_rank(
    world: World, provisional: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = "[characters]\nalpha = 0.4\nmay_block = true\nblock_alpha = 0.4\n"
    file = settings_file(world, provisional, tmp_path, policy)
    upload = write_poses(tmp_path / "upload", 0, range(200, 206))
    report = tmp_path / "report.html"
    result = run("--settings", file, "check", upload, "--json", "--html", report)
    decision = Decision.from_json(result.stdout_bytes)
    (found,) = (e for e in decision.evidence.characters if e.character == "medusa")
    assert found.rank is not None
    assert (found.rank.exceeded_by, found.rank.benign_packs) == (0, 2)
    assert found.rank.provisional
    document = json.loads(result.stdout)
    assert document["evidence"]["characters"][0]["rank"]["p_value"] == round(1 / 3, 6)
    assert document["versions"]["calibration"] == Calibration.load(provisional).sha256
    assert decision.verdict == "flag"  # a provisional calibration never blocks
    told = "exceeded by 0 of 2 benign packs"
    assert told in report.read_text()
    assert decision.versions.calibration in report.read_text()
    printed = io.StringIO()
    print_decision(decision, Console(file=printed, width=400))
    assert told in printed.getvalue()
    assert f"calibration {decision.versions.calibration[:7]}" in printed.getvalue()
    assert "(provisional)" in run("--settings", file, "doctor").stdout


def test_an_open_screener_takes_a_new_calibration_up(
    world: World, provisional: Path, tmp_path: Path
) -> None:
    made, file = Calibration.load(provisional), tmp_path / "c.json"
    made.save(file)
    with Screener.open(settings=replace(world.settings, calibration=file)) as screener:
        assert screener.calibration == made
        assert screener.calibration is screener.calibration
        replace(made, source="new").save(file)
        assert screener.calibration is not None
        assert screener.calibration.source == "new"
        replace(made, binding=replace(made.binding, known={"other": "others"})).save(file)
        with pytest.raises(CalibrationUnusable, match="against another index"):
            screener.screen(tmp_path)


def exit_code(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["screening", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_calibration_of_others_is_refused(
    world: World,
    provisional: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = Calibration.load(provisional)
    foreign = replace(
        made, binding=replace(made.binding, makers={**made.binding.makers, "lite": "other"})
    )
    foreign.save(tmp_path / "foreign.json")
    file = settings_file(world, tmp_path / "foreign.json", tmp_path)
    upload = write_poses(tmp_path / "upload", 0, range(1))
    assert exit_code(["--settings", str(file), "check", str(upload)], monkeypatch) == 3
    assert "made with other embedders: lite other, now" in capsys.readouterr().err


def test_nothing_to_calibrate_with_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["calibrate"], monkeypatch) == 2
    assert exit_code(["calibration", "show"], monkeypatch) == 2
    assert exit_code(["calibration", "show", "none.json"], monkeypatch) == 3
