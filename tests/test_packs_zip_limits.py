"""Zips against the limits: ratio, bytes, members, sizes."""

import hashlib
import io
import zipfile
import zlib
from contextlib import nullcontext
from pathlib import Path

import pytest
from pack_samples import (
    RawZipMember,
    by_path,
    outcomes,
    picture,
    raw_zip,
    read,
    reason,
    zipped,
)

from screening.packs.budget import RATIO_FREE_BYTES, check_ratio
from screening.packs.refusal import MemberRefused
from screening.packs.zip_directory import DIRECTORY_BLOCK_BYTES, read_directory
from screening.settings import Limits

PNG = picture()
OTHER_PNG = picture(shade=7)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return tmp_path / "pack.zip"


def test_the_compression_ratio_is_limited(pack: Path) -> None:
    pack.write_bytes(zipped([("a", bytes(3 * 1024 * 1024))]))
    with zipfile.ZipFile(pack) as archive:
        member = archive.getinfo("a")
    ratio, rest = divmod(member.file_size, member.compress_size)
    assert ratio > 100
    assert rest > 0
    assert outcomes(read(pack, max_compression_ratio=ratio + 1)) == {"a": "other"}
    assert "decompression bomb" in reason(read(pack, max_compression_ratio=ratio), "a")


@pytest.mark.parametrize(
    ("packed_bytes", "unpacked_bytes", "refused"),
    [
        (0, RATIO_FREE_BYTES, False),
        (0, RATIO_FREE_BYTES + 1, True),
        (RATIO_FREE_BYTES, 200 * RATIO_FREE_BYTES, False),
        (RATIO_FREE_BYTES, 200 * RATIO_FREE_BYTES + 1, True),
    ],
)
def test_the_ratio_holds_to_the_byte(packed_bytes: int, unpacked_bytes: int, refused: bool) -> None:
    with pytest.raises(MemberRefused) if refused else nullcontext():
        check_ratio(packed_bytes, unpacked_bytes, Limits(max_compression_ratio=200))


def test_a_bomb_is_refused_from_its_header(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack.write_bytes(zipped([("a", bytes(30 * 1024 * 1024))]))
    monkeypatch.setattr(zlib, "decompressobj", None)
    assert "decompression bomb" in reason(read(pack), "a")


def test_a_bomb_whose_header_lies_is_stopped_while_it_inflates(pack: Path) -> None:
    member = RawZipMember(name=b"a", data=bytes(30 * 1024 * 1024), claimed_bytes=1000)
    pack.write_bytes(raw_zip([member]))
    assert "more bytes than its header says" in reason(read(pack), "a")


def test_zips_of_zips_share_one_limit_of_unpacked_bytes(pack: Path) -> None:
    inner = zipped([("x.txt", b"x" * 600)], method=zipfile.ZIP_STORED)
    members = [(f"{number}.zip", inner) for number in range(3)]
    pack.write_bytes(zipped([*members, ("last.txt", b"y")], method=zipfile.ZIP_STORED))
    spent = 3 * (600 + len(inner)) + 1
    assert "unscreened" not in outcomes(read(pack, max_unpacked_bytes=spent)).values()
    results = read(pack, max_unpacked_bytes=spent - 1)
    assert "max_unpacked_bytes" in reason(results, "last.txt")
    results = read(pack, max_unpacked_bytes=len(inner) + 599)
    assert "max_unpacked_bytes" in reason(results, "0.zip!/x.txt")
    assert reason(results, "pack.zip").startswith("3 of its members are not read")


@pytest.mark.parametrize(("count", "left"), [(4, 0), (5, 0), (6, 1), (9, 4)])
def test_members_over_the_limit_are_counted_in_one_entry(pack: Path, count: int, left: int) -> None:
    pack.write_bytes(zipped((f"{number}.png", PNG) for number in range(count)))
    results = read(pack, max_members=5)
    assert len(results) == min(count, 5) + (left > 0)
    if left:
        assert reason(results, "pack.zip").startswith(f"{left} of its members are not read")


def test_a_million_names_are_not_read(pack: Path) -> None:
    one = raw_zip([RawZipMember(name=b"a", data=b"x")])
    begins, ends = one.index(b"PK\1\2"), one.index(b"PK\5\6")
    directory = one[begins:ends] * 60_000
    end = bytearray(one[ends:])
    end[8:12] = 2 * (60_000).to_bytes(2, "little")
    end[12:16] = len(directory).to_bytes(4, "little")
    data = one[:begins] + directory + bytes(end)
    file = io.BytesIO(data)
    assert read_directory(file, max_records=3) is not None
    assert file.tell() <= begins + DIRECTORY_BLOCK_BYTES < len(data) // 4
    pack.write_bytes(data)
    results = read(pack, max_members=3)
    assert len(results) == 4
    assert reason(results, "pack.zip").startswith("59,997 of its members are not read")


def test_members_count_over_all_archives(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(zipped((f"{number}.png", PNG) for number in range(3)))
    results = read(tmp_path, max_members=3)
    assert outcomes(results) == {
        "a.zip!/0.png": "image",
        "a.zip!/1.png": "image",
        "a.zip": "unscreened",
        tmp_path.name: "unscreened",
    }


def test_a_member_over_the_limit_is_hashed_while_it_inflates(pack: Path) -> None:
    pack.write_bytes(zipped([("a.txt", b"x" * 101), ("b.txt", b"x" * 100)]))
    results = read(pack, max_member_bytes=100)
    assert outcomes(results) == {"a.txt": "unscreened", "b.txt": "text"}
    assert results[0].sha256 == hashlib.sha256(b"x" * 101).hexdigest()


def test_an_archive_in_an_archive_over_the_limit_is_not_opened(pack: Path) -> None:
    inner = zipped([("a.png", picture(size_px=64))], method=zipfile.ZIP_STORED)
    pack.write_bytes(zipped([("in.zip", inner), ("b.txt", b"x")]))
    assert outcomes(read(pack, max_member_bytes=len(inner) - 1)) == {
        "in.zip": "unscreened",
        "b.txt": "text",
    }
    assert "in.zip!/a.png" in by_path(read(pack, max_member_bytes=len(inner)))
