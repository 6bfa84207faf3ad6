"""Clean copies: everything of a pack but caches and what nobody could read, as it was."""

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import FREE, World
from drawn import write_poses
from hypothesis import given, settings
from hypothesis import strategies as st
from pack_samples import picture, tarred, zipped

from screening import Screener
from screening.cli import cli
from screening.errors import PackError
from screening.packs import Ignored, Member, Pack, Unscreened, open_pack
from screening.packs.clean_copy import (
    A_CACHE,
    AGAIN,
    IN_A_FILE,
    NOT_READ,
    TOO_LONG,
    CleanCopy,
    write_clean_copy,
)
from screening.policy import Verdict
from screening.settings import Limits


def npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, latents=np.zeros(4, np.float32))
    return file.getvalue()


SAFETENSORS = (2).to_bytes(8, "little") + b"{}"
PICKLE = b"\x80\x02}q\x00."
CACHES = {
    "a_sd.npz": npz(),
    "a_0512x0512_flux.safetensors": SAFETENSORS,
    "cache.pt": PICKLE,
    "odd.bin": SAFETENSORS,
    "_latent_cache/a_0123.safetensors": SAFETENSORS,
    "_latent_cache/odd.dat": b"what nobody knows\x00",
    "text under the name.npz": b"only text",
}
KEPT = {
    "a.png": picture(),
    "a.txt": b"a girl",
    "empty.txt": b"",
    "10_girl/deep/b.jpg": picture("JPEG", shade=3),
    ".hidden/c.webp": picture("WEBP", shade=5),
    "10_girl/metadata.jsonl": b'{"file_name": "b.jpg"}',
}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def reasons(copy: CleanCopy) -> dict[str, str]:
    return {each.path: each.reason for each in copy.left_out}


@pytest.fixture(params=["folder", "zip", "tar.gz"])
def pack(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    both = KEPT | CACHES
    if request.param == "folder":
        return write(tmp_path / "pack", both)
    made = tmp_path / f"upload.{request.param}"
    members = list(both.items())
    made.write_bytes(zipped(members) if request.param == "zip" else tarred(members, "w:gz"))
    return made


def test_a_copy_has_everything_but_caches(pack: Path, tmp_path: Path) -> None:
    copy = write_clean_copy(pack, tmp_path / "new" / "out")
    assert files_of(tmp_path / "new" / "out") == KEPT
    assert copy.files == len(KEPT)
    text = {"text under the name.npz": "text under the name of a cache"}
    assert reasons(copy) == {**dict.fromkeys(CACHES, A_CACHE), **text}
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["out"]


def test_nothing_of_a_copy_is_unscreened(pack: Path, tmp_path: Path) -> None:
    write_clean_copy(pack, tmp_path / "out")
    results = list(open_pack(tmp_path / "out").read())
    assert not [each for each in results if isinstance(each, Unscreened)]
    assert write_clean_copy(tmp_path / "out", tmp_path / "again").left_out == ()


def test_an_archive_within_stays_one_unless_a_cache_is_in_it(tmp_path: Path) -> None:
    clean = tarred([("x.png", picture())])
    dirty = zipped([("x.png", picture()), ("deep/x.npz", npz())])
    twice = zipped([("inner.zip", dirty)])
    polyglot = picture() + zipped([("y.pt", PICKLE)])
    source = write(
        tmp_path / "pack",
        {"clean.tar": clean, "dirty.zip": dirty, "twice.zip": twice, "poly.png": polyglot},
    )
    copy = write_clean_copy(source, tmp_path / "out")
    assert files_of(tmp_path / "out") == {"clean.tar": clean}
    assert "deep/x.npz' is in it: a cache" in reasons(copy)["dirty.zip"]
    assert "y.pt" in reasons(copy)["poly.png"]
    assert reasons(copy).keys() == {"dirty.zip", "twice.zip", "poly.png"}


def test_links_and_what_leads_out_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    source = write(tmp_path / "pack", {"a.png": picture()})
    (source / "link.txt").symlink_to(secret)
    (source / "loop").symlink_to(source)
    os.mkfifo(source / "pipe.png")
    copy = write_clean_copy(source, tmp_path / "out")
    assert files_of(tmp_path / "out").keys() == {"a.png"}
    assert reasons(copy).keys() == {"link.txt", "loop", "pipe.png"}

    members = [(name, b"x") for name in ("../up.txt", "/etc/up.txt", "C:/up.txt", "a/../../up.txt")]
    (tmp_path / "evil.zip").write_bytes(zipped([*members, ("fine.txt", b"fine")]))
    evil = write_clean_copy(tmp_path / "evil.zip", tmp_path / "below" / "out2")
    assert files_of(tmp_path / "below") == {"out2/fine.txt": b"fine"}
    assert len(evil.left_out) == 4
    assert not list(tmp_path.rglob("up.txt"))


def test_names_that_cannot_be_files_are_named(tmp_path: Path) -> None:
    long = "n" * 300 + ".txt"
    members = [("a", b"1"), ("a/b.txt", b"2"), ("c", b"3"), ("c", b"4"), (long, b"5"), ("C", b"6")]
    with pytest.warns(UserWarning, match="Duplicate"):
        (tmp_path / "odd.zip").write_bytes(zipped(members))
    copy = write_clean_copy(tmp_path / "odd.zip", tmp_path / "out")
    assert files_of(tmp_path / "out") == {"a": b"1", "c": b"3", "C": b"6"}
    assert reasons(copy) == {"a/b.txt": IN_A_FILE, "c": AGAIN, long: TOO_LONG}


def test_what_is_over_the_limits_is_left_out(tmp_path: Path) -> None:
    source = write(tmp_path / "pack", {f"{i}.txt": b"text" for i in range(5)} | {"0.txt": b"x" * 9})
    big = write_clean_copy(source, tmp_path / "out", limits=Limits(max_member_bytes=8))
    assert files_of(tmp_path / "out").keys() == {f"{i}.txt" for i in range(1, 5)}
    assert "max_member_bytes" in reasons(big)["0.txt"]
    few = write_clean_copy(source, tmp_path / "out2", limits=Limits(max_members=2))
    assert files_of(tmp_path / "out2").keys() == {"0.txt", "1.txt"}
    assert "max_members" in reasons(few)["pack"]


def test_more_files_than_were_read_are_not_copied(tmp_path: Path) -> None:
    inner = zipped([(f"{i}.txt", b"t") for i in range(3)])
    source = write(tmp_path / "pack", {"a.zip": inner, "b.txt": b"b", "c.txt": b"c"})
    copy = write_clean_copy(source, tmp_path / "out", limits=Limits(max_members=4))
    assert files_of(tmp_path / "out").keys() == {"a.zip"}
    assert {"b.txt": NOT_READ}.items() <= reasons(copy).items()


def test_a_file_that_changes_meanwhile_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "pack", {"a.txt": b"one"})
    read = Pack.read

    def and_change(self: Pack) -> Iterator[Member | Unscreened | Ignored]:
        yield from read(self)
        (source / "a.txt").write_bytes(b"two")

    monkeypatch.setattr("screening.packs.pack.Pack.read", and_change)
    with pytest.raises(PackError, match="changed while the pack was copied"):
        write_clean_copy(source, tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["pack"]


def test_what_is_there_already_is_not_touched(tmp_path: Path) -> None:
    source = write(tmp_path / "pack", {"a.txt": b"one"})
    out = write(tmp_path / "out", {"precious.txt": b"mine"})
    with pytest.raises(PackError, match="no empty folder"):
        write_clean_copy(source, out)
    with pytest.raises(PackError, match="no empty folder"):
        write_clean_copy(source, out / "precious.txt")
    assert files_of(out) == {"precious.txt": b"mine"}
    (tmp_path / "empty").mkdir()
    assert write_clean_copy(source, tmp_path / "empty").files == 1


@pytest.mark.parametrize("out", ["pack", "pack/sub", "pack/sub/deeper"])
def test_a_copy_cannot_lie_within_the_pack(tmp_path: Path, out: str) -> None:
    source = write(tmp_path / "pack", {"a.txt": b"one"})
    with pytest.raises(PackError, match="within the pack"):
        write_clean_copy(source, tmp_path / out)
    assert files_of(source) == {"a.txt": b"one"}


@pytest.mark.parametrize("name", ["a.png", "config.toml"])
def test_a_single_file_is_no_pack_to_copy(tmp_path: Path, name: str) -> None:
    source = write(tmp_path, {name: picture() if name == "a.png" else b"[general]\n"}) / name
    with pytest.raises(PackError, match="folder"):
        write_clean_copy(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


names = st.lists(
    st.text(st.sampled_from("ab./\\!é\udcff\n:"), min_size=1, max_size=8), min_size=1, max_size=6
)


@given(names=names)
@settings(deadline=None, max_examples=60)
def test_no_name_leads_out_of_the_copy(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    members = [(name.encode("utf-8", "surrogateescape").decode("latin-1"), b"x") for name in names]
    (folder / "any.tar").write_bytes(tarred(members))
    copy = write_clean_copy(folder / "any.tar", folder / "below" / "out")
    assert len(files_of(folder / "below" / "out")) == copy.files
    assert {each.name for each in folder.iterdir()} == {"any.tar", "below"}
    assert [each.name for each in (folder / "below").iterdir()] == ["out"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


def test_a_flagged_pack_is_allowed_once_stripped(
    world: World, screener: Screener, tmp_path: Path
) -> None:
    benign = write_poses(tmp_path / "benign", FREE, range(4))
    (benign / "2-00.npz").write_bytes(npz())
    assert screener.screen(benign).verdict is Verdict.FLAG
    result = run("strip", benign, tmp_path / "out")
    assert result.return_value == 0
    assert result.stdout == ""
    assert "left out 2-00.npz: a cache" in result.stderr
    assert "4 files, 1 left out" in result.stderr
    assert screener.screen(tmp_path / "out").verdict is Verdict.ALLOW


def test_the_command_says_where_nothing_is_left(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as file:
        file.writestr("\x1b[2Ja.npz", npz())
    result = run("strip", tmp_path / "c.zip", tmp_path / "out")
    assert result.return_value == 1
    assert "left out \\x1b[2Ja.npz" in result.stderr
    assert "0 files, 1 left out" in result.stderr
