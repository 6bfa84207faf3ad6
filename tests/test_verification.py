"""Verification: nothing but the pack that was screened, to the last byte, verifies."""

import json
import os
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import FREE, HEROINE, World
from decision_samples import decision as made_decision
from drawn import write_poses
from hypothesis import given
from hypothesis import strategies as st

from screening import Screener
from screening.cli import cli, main
from screening.decision import Decision
from screening.errors import DecisionUnreadable, PackError
from screening.packs import Manifest, open_pack
from screening.policy import Verdict
from screening.settings import Limits
from screening.verification import verify_pack


def decision_on(pack: Path, verdict: Verdict = Verdict.ALLOW) -> Decision:
    """A decision with the manifest of ``pack``, as the screener writes it."""
    manifest = Manifest.of((each.path, each.sha256) for each in open_pack(pack).read())
    made = made_decision()
    summary = replace(made.pack, name=pack.name, sha256=manifest.sha256)
    return replace(made, verdict=verdict, manifest=manifest, pack=summary)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    (folder / "10_girl").mkdir(parents=True)
    for name in ("a.png", "b.png", "10_girl/c.png", "10_girl/c.txt"):
        (folder / name).write_text(f"content of {name}")
    return folder


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as file:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                file.write(each, each.relative_to(folder).as_posix())
    return target


def test_the_same_pack_verifies(pack: Path) -> None:
    found = verify_pack(pack, decision_on(pack))
    assert found.same
    assert found.may_train()
    assert list(found.differences) == []


def test_each_change_is_named(pack: Path) -> None:
    decision = decision_on(pack)
    (pack / "a.png").write_text("something else")
    (pack / "b.png").rename(pack / "B.png")
    (pack / "10_girl" / ".hidden").write_text("new")
    found = verify_pack(pack, decision)
    assert not found.same
    assert not found.may_train(accept=Verdict.BLOCK)
    assert dict(found.differences) == {
        "changed": ("a.png",),
        "added": ("10_girl/.hidden", "B.png"),
        "removed": ("b.png",),
    }


def test_one_flipped_bit_in_one_archive_member_is_found(pack: Path, tmp_path: Path) -> None:
    decision = decision_on(zipped(pack, tmp_path / "upload.zip"))
    data = bytearray((pack / "10_girl" / "c.png").read_bytes())
    data[-1] ^= 1
    (pack / "10_girl" / "c.png").write_bytes(data)
    found = verify_pack(zipped(pack, tmp_path / "upload.zip"), decision)
    assert found.changed == ("10_girl/c.png",)


def test_what_was_unpacked_from_an_archive_is_the_same_pack(pack: Path, tmp_path: Path) -> None:
    archive = zipped(pack, tmp_path / "upload.zip")
    assert verify_pack(pack, decision_on(archive)).same
    assert verify_pack(archive, decision_on(pack)).same
    extracted = tmp_path / "extracted"
    shutil.unpack_archive(archive, extracted)
    assert verify_pack(extracted, decision_on(archive)).same


def test_what_nobody_could_read_is_never_the_same(pack: Path) -> None:
    (pack / "link.png").symlink_to(pack / "a.png")
    found = verify_pack(pack, decision_on(pack, Verdict.FLAG))
    assert found.unread == ("link.png",)
    assert not found.may_train(accept=Verdict.BLOCK)


def test_what_can_no_longer_be_read_is_not_the_same(pack: Path) -> None:
    decision = decision_on(pack)
    few = Limits(max_member_bytes=1)
    found = verify_pack(pack, decision, limits=few)
    assert found.same, "a file over the limit is still hashed"
    (pack / "b.png").unlink()
    os.mkfifo(pack / "b.png")
    assert verify_pack(pack, decision).unread == ("b.png",)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("accept", Verdict)
def test_a_verdict_must_be_accepted(pack: Path, verdict: Verdict, accept: Verdict) -> None:
    found = verify_pack(pack, decision_on(pack, verdict))
    assert found.may_train(accept=accept) is (verdict.severity <= accept.severity)


def test_a_decision_that_does_not_fit_its_manifest_is_refused(pack: Path) -> None:
    decision = decision_on(pack)
    tampered = replace(decision, manifest=Manifest.of([("a.png", "0" * 64)]))
    with pytest.raises(DecisionUnreadable, match="changed"):
        verify_pack(pack, tampered)


def test_a_pack_that_is_gone_is_an_error(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError):
        verify_pack(tmp_path / "gone", decision_on(pack))


names = st.text("abc", min_size=1, max_size=3)
contents = st.dictionaries(names, st.binary(max_size=3), max_size=5)


@given(screened=contents, found=contents)
def test_it_verifies_exactly_what_is_equal(
    tmp_path_factory: pytest.TempPathFactory, screened: dict[str, bytes], found: dict[str, bytes]
) -> None:
    folders = []
    for files in (screened, found):
        folders.append(tmp_path_factory.mktemp("pack"))
        for name, data in files.items():
            (folders[-1] / name).write_bytes(data)
    result = verify_pack(folders[1], decision_on(folders[0]))
    assert result.same is (screened == found)
    assert set(result.added) == found.keys() - screened.keys()
    assert set(result.removed) == screened.keys() - found.keys()
    both = screened.keys() & found.keys()
    assert set(result.changed) == {each for each in both if screened[each] != found[each]}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


@pytest.fixture
def written(pack: Path, tmp_path: Path) -> Path:
    file = tmp_path / "decision.json"
    file.write_bytes(decision_on(pack).to_json())
    return file


def test_the_command_says_that_all_is_well(pack: Path, written: Path) -> None:
    result = run("verify", pack, written)
    assert result.return_value == 0
    assert result.stdout == ""
    assert "is the pack that was screened: 4 members" in result.stderr


def test_the_command_names_what_differs(pack: Path, written: Path) -> None:
    (pack / "a.png").write_text("swapped")
    (pack / "\x1b[2Jnew.png").write_text("new")
    result = run("verify", pack, written)
    assert result.return_value == 20
    assert "changed: a.png" in result.stderr
    assert "added: \\x1b[2Jnew.png" in result.stderr
    document = json.loads(run("verify", pack, written, "--json").stdout)
    assert document["changed"] == ["a.png"]
    assert document["added"] == ["\x1b[2Jnew.png"]
    assert document["same"] is document["may_train"] is False


def test_the_command_names_the_first_of_many(pack: Path, written: Path) -> None:
    for number in range(25):
        (pack / f"new-{number:02d}.png").write_text("new")
    said = run("verify", pack, written).stderr
    assert said.count("added: new-") == 20
    assert "added: 5 more" in said


@pytest.mark.parametrize(
    ("verdict", "accept", "code"),
    [
        ("flag", None, 10),
        ("flag", "flag", 0),
        ("flag", "block", 0),
        ("block", None, 20),
        ("block", "flag", 20),
        ("block", "block", 0),
        ("allow", "flag", 0),
    ],
)
def test_the_command_ends_with_the_verdict(
    pack: Path, tmp_path: Path, verdict: str, accept: str | None, code: int
) -> None:
    file = tmp_path / "decision.json"
    file.write_bytes(decision_on(pack, Verdict(verdict)).to_json())
    result = run("verify", pack, file, *(("--accept", accept) if accept else ()))
    assert result.return_value == code
    assert ("must not be trained" in result.stderr) is bool(code)
    printed = run("verify", pack, file, "--json", *(("--accept", accept) if accept else ()))
    assert json.loads(printed.stdout)["may_train"] is (code == 0)


def test_a_damaged_decision_ends_with_1(
    pack: Path, written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written.write_bytes(written.read_bytes()[:-20])
    monkeypatch.setattr(sys, "argv", ["screening", "verify", str(pack), str(written)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "not JSON" in capsys.readouterr().err


def test_screened_then_verified(world: World, screener: Screener, tmp_path: Path) -> None:
    benign = write_poses(tmp_path / "benign", FREE, range(4))
    decision = screener.screen(benign)
    assert decision.verdict is Verdict.ALLOW
    file = tmp_path / "decision.json"
    file.write_bytes(decision.to_json())
    assert run("verify", benign, file).return_value == 0
    swapped = write_poses(tmp_path / "swapped", HEROINE, range(1))
    shutil.copy(next(swapped.iterdir()), benign / "2-03.jpg")
    assert run("verify", benign, file).return_value == 20
