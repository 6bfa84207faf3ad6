"""Files that are of two formats, or break off where their reader does not say so."""

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from pack_samples import by_path, outcomes, picture, read, reason, tarred, zipped

from screening.packs import Member

PNG = picture()
HIDDEN = picture(shade=7)
HIDDEN_ZIP = zipped([("hidden.png", HIDDEN)])
AS_WELL = "a zip is in it as well, which is not read"


@pytest.mark.parametrize("content", [PNG, tarred([("a.png", PNG)]), b"words " * 20_000])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.99])
def test_zstd_that_breaks_off_is_unscreened(tmp_path: Path, content: bytes, kept: float) -> None:
    packed = zstandard.compress(content)
    (tmp_path / "x.zst").write_bytes(packed[: max(8, int(kept * len(packed)))])
    assert "unscreened" in outcomes(read(tmp_path)).values()


@pytest.mark.parametrize("between", [b"", struct.pack("<LL", 0x184D2A50, 3) + b"abc"])
def test_frames_of_zstd_are_one_file(tmp_path: Path, between: bytes) -> None:
    half = len(PNG) // 2
    frames = zstandard.compress(PNG[:half]) + between + zstandard.compress(PNG[half:])
    (tmp_path / "x.png.zst").write_bytes(frames)
    found = by_path(read(tmp_path))["x.png.zst!/x.png"]
    assert isinstance(found, Member)
    assert found.data == PNG


def test_what_follows_a_frame_of_zstd_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zst").write_bytes(zstandard.compress(PNG) + b"more")
    assert "do not unpack" in reason(read(tmp_path), "x.zst")


def test_zstd_of_many_megabytes_in_few_bytes_is_read_in_pieces(tmp_path: Path) -> None:
    tar = tarred([(f"{number}.txt", b"") for number in range(3000)])
    (tmp_path / "x.tar.zst").write_bytes(zstandard.compress(tar + bytes(20 << 20)))
    assert len(read(tmp_path, max_compression_ratio=100_000)) == 3001


def test_a_zip_in_the_header_of_a_gzip_is_told(tmp_path: Path) -> None:
    packed = gzip.compress(b"a cat")
    extra = struct.pack("<H", len(HIDDEN_ZIP)) + HIDDEN_ZIP
    data = packed[:3] + b"\4" + packed[4:10] + extra + packed[10:]
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["hidden.png"]
    assert gzip.decompress(data) == b"a cat"
    (tmp_path / "pack.gz").write_bytes(data)
    assert AS_WELL in reason(read(tmp_path / "pack.gz"), "pack.gz")


def tar_with(content: bytes, *, comment: bytes = b"", padding: bytes = b"") -> bytes:
    """A tar of one member, with a pax comment before it and bytes where zeros pad it."""
    pax = tarfile.TarInfo("pax")
    pax.type = tarfile.XHDTYPE
    length = len(comment) + 10
    length += len(str(length))
    record = b"%d comment=%b\n" % (length, comment)
    pax.size = len(record)
    info = tarfile.TarInfo("a.txt")
    info.size = len(content)
    before = pax.tobuf() + record + bytes(-len(record) % 512)
    return before + info.tobuf() + content + padding.ljust(-len(content) % 512, b"\0") + bytes(1024)


@pytest.mark.parametrize(
    "data",
    [
        tar_with(b"a cat", comment=HIDDEN_ZIP),
        tar_with(b"a cat", padding=HIDDEN_ZIP),
        tar_with(HIDDEN_ZIP[:-9], padding=HIDDEN_ZIP[-9:]),
    ],
    ids=["pax header", "padding", "half in a member"],
)
def test_a_zip_between_the_members_of_a_tar_is_told(tmp_path: Path, data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("hidden.png") == HIDDEN
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["a.txt"]
    (tmp_path / "pack.tar").write_bytes(data)
    assert reason(read(tmp_path / "pack.tar"), "pack.tar") == AS_WELL


def test_a_size_before_a_header_that_readers_give_to_different_files_is_told(
    tmp_path: Path,
) -> None:
    """`tarfile` gives the size to the long name that follows, others to the file after that."""
    pax = tarfile.TarInfo("pax")
    pax.type, pax.size = tarfile.XHDTYPE, 12
    long_name = tarfile.TarInfo("name")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 1
    member = tarfile.TarInfo("b.txt")
    member.size = 5
    blocks = (b"12 size=512\n", long_name.tobuf(), b"a cat", member.tobuf(), b"words", bytes(1024))
    data = pax.tobuf() + b"".join(block.ljust(512, b"\0") for block in blocks)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["a cat"]
    (tmp_path / "pack.tar").write_bytes(data)
    assert "a size is claimed before" in reason(read(tmp_path / "pack.tar"), "pack.tar")


@pytest.mark.parametrize("before", [b"", PNG])
def test_a_zip_that_is_a_member_of_a_tar_is_no_second_reading(
    tmp_path: Path, before: bytes
) -> None:
    (tmp_path / "pack.tar").write_bytes(tarred([("b.txt", b"a cat"), ("in", before + HIDDEN_ZIP)]))
    results = read(tmp_path / "pack.tar")
    assert "unscreened" not in outcomes(results).values()
    assert outcomes(results)["in!/hidden.png"] == "image"


def test_a_zip_that_begins_as_a_tar_does_is_told(tmp_path: Path) -> None:
    """The tar's header is the zip's first local header, whose extra field nobody compares."""
    content = PNG + bytes(-len(PNG) % 512) + tarred([("hidden.png", HIDDEN)])
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0x21, 0, 0, 0, 5, 512 - 35)
    info = tarfile.TarInfo("x")
    info.size = len(PNG)
    block = bytearray(info.tobuf())
    block[:35] = head + b"a.png"
    file = zipped([("a.png", content)], method=zipfile.ZIP_STORED)
    block[14:26] = file[14:26]
    directory = bytearray(file[35 + len(content) :])
    summed = sum(block[:148]) + 8 * 32 + sum(block[156:])
    block[148:156] = b"%06o\0 " % summed
    struct.pack_into("<L", directory, len(directory) - 6, 512 + len(content))
    data = bytes(block) + content + bytes(directory)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("a.png") == content
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames()[1:] == ["hidden.png"]
    (tmp_path / "pack.zip").write_bytes(data)
    assert "begins as a tar does" in reason(read(tmp_path / "pack.zip"), "pack.zip")


def extended(kind: bytes, content: bytes) -> bytes:
    """An extended header of a tar: what it says of the member after it."""
    info = tarfile.TarInfo("extended")
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


NAMED_BY = {
    "a.png": extended(tarfile.XHDTYPE, b"14 path=a.png\n"),
    "b.png": extended(tarfile.GNUTYPE_LONGNAME, b"b.png\0"),
}


@pytest.mark.parametrize("first", NAMED_BY)
def test_a_member_of_two_names_has_that_which_tarfile_gives_it(tmp_path: Path, first: str) -> None:
    second = next(name for name in NAMED_BY if name != first)
    data = NAMED_BY[first] + NAMED_BY[second] + tarred([("c.png", PNG)])
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        assert opened.getnames() == [first]
    (tmp_path / "x.tar").write_bytes(data)
    assert outcomes(read(tmp_path)) == {f"x.tar!/{first}": "image", "x.tar": "ignored"}


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE])
def test_a_header_about_a_member_that_is_not_there_is_told(tmp_path: Path, kind: bytes) -> None:
    content = b"14 path=a.png\n" if kind == tarfile.XHDTYPE else PNG
    (tmp_path / "x.tar").write_bytes(tarred([("a.png", PNG)])[:1024] + extended(kind, content))
    assert "a member that is not there" in reason(read(tmp_path), "x.tar")


def test_a_folder_of_a_zip_that_holds_packed_bytes_is_told(tmp_path: Path) -> None:
    data = bytearray(zipped([("a", PNG)]))
    folder = 0o40755 << 16
    at = data.index(b"PK\1\2")
    struct.pack_into("<L", data, at + 38, folder)
    for place in (at + 24, 22):
        struct.pack_into("<L", data, place, 0)  # unpacked: nothing, as of a folder
    (tmp_path / "x.zip").write_bytes(data)
    assert "holds bytes of its own" in reason(read(tmp_path), "x.zip!/a")


def test_a_long_name_ends_at_its_zero_as_for_tarfile(tmp_path: Path) -> None:
    header = bytearray(extended(tarfile.GNUTYPE_LONGNAME, b"long.png\0"))
    info = tarfile.TarInfo("extended")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1
    header[:512] = info.tobuf(tarfile.GNU_FORMAT)
    data = bytes(header) + tarred([("c.png", PNG)])
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        assert opened.getnames() == ["long.png"]
    (tmp_path / "x.tar").write_bytes(data)
    assert "x.tar!/long.png" in outcomes(read(tmp_path))
