"""Files that two readers take for two packs: none of the two may go unnoticed."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from pack_samples import RawZipMember, outcomes, picture, raw_zip, read, reason, tarred, zipped

from screening.packs.zip_directory import MAX_END_CANDIDATES

PNG = picture()
JPEG = picture("JPEG")
HIDDEN = picture(shade=7)
END_BYTES = 22


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return tmp_path / "pack.zip"


def two_ends(behind: bytes, *, between: bytes = b"") -> bytes:
    """A zip of a.png whose comment holds the directory and end of a zip of hidden.png.

    The members of the second zip lie in the member of the first.
    """
    second = zipped([("hidden.png", HIDDEN)], method=zipfile.ZIP_STORED)
    member, directory, end = _split(second)
    first = zipped([("a.png", PNG + member)], method=zipfile.ZIP_STORED)
    offset = first.index(member)
    directory = directory[:42] + struct.pack("<L", offset) + directory[46:]
    comment = between + directory
    end = end[:16] + struct.pack("<L", len(first) + len(between)) + end[20:]
    comment += end + behind
    return first[:-2] + struct.pack("<H", len(comment)) + comment


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    begins = data.index(b"PK\1\2")
    return data[:begins], data[begins:-END_BYTES], data[-END_BYTES:]


@pytest.mark.parametrize("behind", [b"", b"\0"])
def test_of_two_ends_the_last_is_read_and_the_other_told(pack: Path, behind: bytes) -> None:
    pack.write_bytes(two_ends(behind))
    assert zipfile.ZipFile(pack).namelist() == ["hidden.png"]
    results = read(pack)
    assert outcomes(results) == {"hidden.png": "image", "pack.zip": "unscreened"}
    assert "two end records" in reason(results, "pack.zip")


def test_ends_beyond_those_that_are_tried_are_told(pack: Path) -> None:
    pack.write_bytes(two_ends(b"", between=b"PK\5\6" * MAX_END_CANDIDATES))
    told = f"more than {MAX_END_CANDIDATES} end records"
    assert told in reason(read(pack), "pack.zip")


@pytest.mark.parametrize("signature", [b"PK\5\6", b"PK\1\2"])
def test_a_comment_that_holds_a_signature_is_told(pack: Path, signature: bytes) -> None:
    pack.write_bytes(zipped([("a.png", PNG)], comment=b"see " + signature))
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "pack.zip": "unscreened"}
    assert "directory of another zip" in reason(results, "pack.zip")


def test_a_zip_as_the_last_member_is_no_second_end(pack: Path) -> None:
    inner = zipped([("b.png", HIDDEN)])
    pack.write_bytes(zipped([("in.zip", inner)], method=zipfile.ZIP_STORED, comment=b"made by x"))
    assert outcomes(read(pack)) == {"in.zip!/b.png": "image", "in.zip": "ignored"}


def wide_zip(*, count: int, size_bytes: int | None, pointed_at: int = 0) -> bytes:
    """A zip with both end records; the plain one tells ``count`` and ``size_bytes`` or the truth.

    The locator is ``pointed_at`` bytes off.
    """
    members, directory, end = _split(zipped([("a.png", PNG)]))
    fields = (44, 45, 45, 0, 0, 1, 1, len(directory), len(members))
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", *fields)
    place = len(members) + len(directory) + pointed_at
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)
    claimed = len(directory) if size_bytes is None else size_bytes
    plain = end[:8] + struct.pack("<HHL", count, count, claimed) + end[16:]
    return members + directory + wide + locator + plain


@pytest.mark.parametrize("count", [1, 0xFFFF])
@pytest.mark.parametrize("size_bytes", [None, 0xFFFFFFFF])
def test_end_records_that_agree_are_no_trouble(
    pack: Path, count: int, size_bytes: int | None
) -> None:
    pack.write_bytes(wide_zip(count=count, size_bytes=size_bytes))
    assert outcomes(read(pack)) == {"a.png": "image"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (wide_zip(count=2, size_bytes=None), "disagree"),
        (wide_zip(count=1, size_bytes=0), "disagree"),
        (wide_zip(count=1, size_bytes=None, pointed_at=-1), "not where the zip says"),
    ],
)
def test_end_records_that_disagree_are_told(pack: Path, data: bytes, told: str) -> None:
    pack.write_bytes(data)
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "pack.zip": "unscreened"}
    assert told in reason(results, "pack.zip")


def test_an_offset_that_points_at_another_directory_is_told(pack: Path) -> None:
    member, directory, _ = _split(zipped([("b.png", HIDDEN)]))
    data = zipped([("a.bin", JPEG + member + directory)], method=zipfile.ZIP_STORED)
    position = struct.pack("<L", data.index(b"PK\1\2"))
    pack.write_bytes(data[:-6] + position + data[-2:])
    assert "points at two directories" in reason(read(pack), "pack.zip")


def odd_end(*, disk: int = 0, comment_bytes: int = 0, shift: int = 0) -> bytes:
    """A picture with a zip behind it, whose end record `zipfile` takes and others may not."""
    data = bytearray(zipped([("a.png", PNG)]))
    directory = data.index(b"PK\1\2")
    end = len(data) - END_BYTES
    struct.pack_into("<HH", data, end + 4, disk, disk)
    struct.pack_into("<LH", data, end + 16, directory + shift, comment_bytes)
    struct.pack_into("<L", data, directory + 42, shift)
    return JPEG + bytes(data)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (odd_end(), "ignored"),
        (odd_end(disk=1), "ignored"),
        (odd_end(comment_bytes=9), "unscreened"),
        (odd_end(shift=len(JPEG)), "ignored"),
        (odd_end(shift=len(JPEG) + 100_000), "ignored"),
    ],
)
def test_an_odd_end_behind_a_picture_is_read(tmp_path: Path, data: bytes, outcome: str) -> None:
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    (tmp_path / "x.jpg").write_bytes(data)
    assert outcomes(read(tmp_path)) == {
        "x.jpg": "image",
        "x.jpg!/a.png": "image",
        "x.jpg!": outcome,
    }


def test_an_end_behind_a_picture_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    data = raw_zip([RawZipMember(name=b"a.png", data=PNG)])
    broken = data[:-10] + struct.pack("<L", 2**31) + data[-6:]
    (tmp_path / "x.jpg").write_bytes(JPEG + broken)
    results = read(tmp_path)
    assert outcomes(results) == {"x.jpg": "image", "x.jpg!": "unscreened"}
    assert "leads to no directory" in reason(results, "x.jpg!")


@pytest.mark.parametrize("carrier", [JPEG, b"a.png"])
def test_a_tar_with_the_sum_of_signed_bytes_is_read(tmp_path: Path, carrier: bytes) -> None:
    name = carrier[:4] + b"\xff"
    block = bytearray(tarred([("?", PNG)]))
    block[: len(name)] = name
    summed = block[:148] + b" " * 8 + block[156:512]
    signed = sum(byte - 256 if byte > 127 else byte for byte in summed)
    block[148:156] = b"%06o\0 " % signed
    (tmp_path / "x.tar").write_bytes(bytes(block))
    with tarfile.open(tmp_path / "x.tar") as opened:
        assert len(opened.getnames()) == 1
    found = list(outcomes(read(tmp_path)).items())
    assert (found[1] if carrier == JPEG else found[0])[1] == "image"
    assert len(found) == (3 if carrier == JPEG else 2)


@pytest.mark.parametrize(
    ("form", "start"), [("rar", b"Rar!\x1a\x07\1\0"), ("7z", b"7z\xbc\xaf\x27\x1c\0\4")]
)
def test_closed_archives_behind_a_picture_are_told(tmp_path: Path, form: str, start: bytes) -> None:
    (tmp_path / "x.jpg").write_bytes(JPEG + b"pad" + start + bytes(99))
    results = read(tmp_path)
    assert outcomes(results) == {"x.jpg": "image", "x.jpg!": "unscreened"}
    told = f"{form} archives cannot be opened here; one seems to begin at byte {len(JPEG) + 3:,}"
    assert reason(results, "x.jpg!") == told


def test_a_tar_with_a_zip_end_in_it_is_both(tmp_path: Path) -> None:
    tar = tarred([("GIF89a.png", PNG)])
    (tmp_path / "x.gif").write_bytes(tar + zipped([("a.png", HIDDEN)]))
    found = outcomes(read(tmp_path))
    assert found["x.gif!/GIF89a.png"] == "image"
    assert found["x.gif!/a.png"] == "image"
