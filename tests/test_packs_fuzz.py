"""Whatever is uploaded: nothing is raised, nothing is lost, nothing is written."""

import gzip
import io
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pack_samples import RawZipMember, Result, by_path, picture, raw_zip, tarred, zipped

from screening.packs import Member, open_pack
from screening.settings import Limits

LIMITS = Limits(max_members=50, max_member_bytes=100_000, max_unpacked_bytes=1_000_000)

NAMES = st.one_of(
    st.sampled_from(
        ["../x", "/x", "C:x", "a/../b", "a", "a", "A", "a//b", "./a", "a/", "a\0b", "x.zip!/a",
         "\x1b[31m", "<b>", "a" * 5000, "..", "", ".", "10_cat/a.png"]
    ),
    st.text(max_size=30),
)  # fmt: skip
SAMPLES = [
    zipped([("a.png", picture()), ("b/c.txt", b"a cat"), ("in.zip", zipped([("d", b"words")]))]),
    zipped([("a", b"x" * 2000)], method=zipfile.ZIP_LZMA),
    zipped([("a", b"x" * 2000)], method=zipfile.ZIP_BZIP2),
    tarred([("a.png", picture()), ("n" * 150, b"a cat")]),
    gzip.compress(tarred([("a.png", picture()), ("b", b"a cat")])),
    tarred([("a", b"x")], "w:xz"),
    tarred([("a", b"x")], "w:bz2"),
    picture("JPEG") + zipped([("a.png", picture())]),
]

fuzz = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a ``pack``, whose surroundings are watched, temporary files included."""
    spooled = tmp_path / "spooled"
    spooled.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spooled))
    watched = tmp_path / "a" / "b"
    watched.mkdir(parents=True)
    monkeypatch.chdir(watched)
    return watched


def read_all(folder: Path, data: bytes) -> list[Result]:
    """Reads ``data`` as a pack and as a file of a folder; both may fail in no way."""
    (folder / "pack").write_bytes(data)
    before = sorted(folder.parent.parent.rglob("*"))
    alone = list(open_pack(folder / "pack", limits=LIMITS).read())
    within = list(open_pack(folder, limits=LIMITS).read())
    assert sorted(folder.parent.parent.rglob("*")) == before
    assert (folder / "pack").read_bytes() == data
    assert "pack" in by_path(within)
    assert by_path(alone) is not None
    for result in (*alone, *within):
        assert not isinstance(result, Member) or len(result.data) <= LIMITS.max_member_bytes
    return alone


@fuzz
@given(data=st.binary(max_size=3000))
def test_any_bytes(folder: Path, data: bytes) -> None:
    read_all(folder, data)


@fuzz
@given(
    start=st.sampled_from([b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0",
                           b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"]),
    data=st.binary(max_size=500),
)  # fmt: skip
def test_any_bytes_behind_a_signature(folder: Path, start: bytes, data: bytes) -> None:
    read_all(folder, start + data)


@fuzz
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_archives_with_changed_bytes(folder: Path, data: st.DataObject, sample: bytes) -> None:
    changed = bytearray(sample)
    positions = st.integers(0, len(changed) - 1)
    for position in data.draw(st.lists(positions, min_size=1, max_size=8)):
        changed[position] = data.draw(st.integers(0, 255))
    read_all(folder, bytes(changed))


@fuzz
@given(data=st.data(), sample=st.sampled_from(SAMPLES))
def test_archives_cut_and_joined(folder: Path, data: st.DataObject, sample: bytes) -> None:
    first = data.draw(st.integers(0, len(sample)))
    second = data.draw(st.integers(0, len(sample)))
    middle = data.draw(st.binary(max_size=40))
    read_all(folder, sample[:first] + middle + sample[second:])


@fuzz
@given(
    members=st.lists(
        st.builds(
            RawZipMember,
            name=NAMES.map(lambda name: name.encode("utf-8", "surrogatepass")),
            data=st.binary(max_size=60),
            method=st.sampled_from([0, 8, 8, 8, 12, 14, 93]),
            flags=st.sampled_from([0, 0, 0, 1, 8, 0x20, 0x800]),
            claimed_bytes=st.sampled_from([None, None, 0, 5, 2**32 - 1]),
            claimed_packed_bytes=st.sampled_from([None, None, 0, 5, 2**32 - 1]),
            mode=st.sampled_from([0, 0, 0o100644, 0o120777, 0o040755, 0o010644]),
            extra=st.one_of(st.just(b""), st.binary(max_size=30)),
            before=st.one_of(st.just(b""), st.binary(max_size=30)),
            offset=st.sampled_from([None, None, None, 0, 40, 2**32 - 1]),
        ),
        max_size=6,
    )
)
def test_zips_that_lie_are_accounted_for(folder: Path, members: list[RawZipMember]) -> None:
    data = raw_zip(members)
    folders = sum(
        member.name.endswith((b"/", b"\\")) or member.mode == 0o040755 for member in members
    )
    assert len(read_all(folder, data)) >= len(members) - folders


@fuzz
@given(
    members=st.lists(st.tuples(NAMES, st.binary(max_size=700)), max_size=6),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    kind=st.sampled_from([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, b"V", b"?"]),
)
def test_tars_of_any_names_are_accounted_for(
    folder: Path, members: list[tuple[str, bytes]], form: int, kind: bytes
) -> None:
    file = io.BytesIO()
    with tarfile.open(
        fileobj=file, mode="w", format=form, encoding="utf-8", errors="surrogatepass"
    ) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name.encode("utf-8", "replace").decode())
            info.size = len(data) if kind in (tarfile.REGTYPE, b"V", b"?") else 0
            info.type = kind
            archive.addfile(info, io.BytesIO(data) if info.size else None)
    if not members:
        return
    assert len(read_all(folder, file.getvalue())) >= len(members)


@fuzz
@given(
    names=st.sets(
        st.binary(min_size=1, max_size=40).filter(
            lambda name: name not in (b".", b"..") and not set(name) & {0, 0x2F}
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_file_names(names: set[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / os.fsdecode(name)).write_bytes(picture())
        results = list(open_pack(folder).read())
    assert {os.fsencode(result.path) for result in results} == names
    assert all(isinstance(result, Member) for result in results)
