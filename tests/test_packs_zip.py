"""Zips: what hostile and damaged ones get, member by member."""

import hashlib
import io
import stat
import zipfile
import zlib
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

from screening.packs import Kind, Member

PNG = picture()
OTHER_PNG = picture(shade=7)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return tmp_path / "pack.zip"


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_zip_is_a_pack_of_its_members(pack: Path, method: int, count: int) -> None:
    members = [(f"10_x/{number}.png", picture(shade=number)) for number in range(count)]
    pack.write_bytes(zipped(members, method=method))
    results = read(pack)
    assert [(result.path, result.data) for result in results if isinstance(result, Member)] == (
        members
    )
    assert len(results) == count


def test_a_large_member_comes_in_pieces_and_whole(pack: Path) -> None:
    data = zlib.crc32(b"").to_bytes(4, "big") + b"\0abc" * 1_500_000
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        pack.write_bytes(zipped([("a", data)], method=method))
        (result,) = read(pack, max_compression_ratio=100_000)
        assert isinstance(result, Member)
        assert result.sha256 == hashlib.sha256(data).hexdigest()


def test_streamed_zips_with_sizes_behind_the_data_are_read(pack: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a.png", PNG)
        with archive.open("b.png", "w", force_zip64=True) as member:
            member.write(OTHER_PNG)
    pack.write_bytes(bytes(pipe.written))
    assert outcomes(read(pack)) == {"a.png": "image", "b.png": "image"}


def test_zip64_is_read(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    data = zipped([("a.png", PNG), ("b.png", OTHER_PNG)])
    assert b"PK\6\6" in data
    pack.write_bytes(data)
    assert outcomes(read(pack)) == {"a.png": "image", "b.png": "image"}


@pytest.mark.parametrize(
    "name",
    ["../x.png", "a/../../x.png", "/etc/x.png", "C:\\x.png", "c:x.png", "\\\\server\\x.png",
     "a\\..\\x.png", ".."],
)  # fmt: skip
def test_names_that_leave_the_pack_are_refused(pack: Path, name: str) -> None:
    pack.write_bytes(raw_zip([RawZipMember(name=name.encode(), data=PNG)]))
    (result,) = read(pack)
    assert "path leaves the pack" in reason([result], result.path)
    assert result.sha256 is None


def test_nothing_is_written_beside_the_pack(pack: Path, tmp_path: Path) -> None:
    names = ["../x.png", "/tmp/x.png", "a.png", "in.zip"]
    inner = zipped([("../../y.png", PNG), ("b.png", PNG)])
    pack.write_bytes(zipped((name, inner if name == "in.zip" else PNG) for name in names))
    before = sorted(tmp_path.parent.rglob("*"))
    assert len(read(pack)) == 6
    assert sorted(tmp_path.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (stat.S_IFLNK | 0o777, "symbolic link"),
        (stat.S_IFCHR | 0o666, "device"),
        (stat.S_IFBLK | 0o666, "device"),
        (stat.S_IFIFO | 0o666, "pipe"),
        (stat.S_IFSOCK | 0o666, "socket"),
    ],
)
def test_links_and_devices_are_refused(pack: Path, mode: int, told: str) -> None:
    pack.write_bytes(raw_zip([RawZipMember(name=b"a", data=b"/etc/passwd", mode=mode)]))
    assert told in reason(read(pack), "a")


def test_duplicates_are_both_read_under_paths_of_their_own(pack: Path) -> None:
    names = [b"a.png", b"a.png", b"./a.png", b"a.png//2", b"a.png"]
    pack.write_bytes(
        raw_zip(RawZipMember(name=name, data=picture(shade=n)) for n, name in enumerate(names))
    )
    results = read(pack)
    assert outcomes(results) == {
        "a.png": "image",
        "a.png//2": "image",
        "a.png//3": "image",
        "a.png/2": "image",
        "a.png//4": "image",
    }
    assert len({result.sha256 for result in results}) == 5


def test_thousands_of_one_name_cost_no_more_than_others(pack: Path) -> None:
    pack.write_bytes(raw_zip(RawZipMember(name=b"a.txt", data=b"x") for _ in range(3000)))
    results = read(pack)
    assert results[-1].path == "a.txt//3000"
    assert len(by_path(results)) == 3000


def test_names_that_differ_in_case_are_both_read(pack: Path) -> None:
    pack.write_bytes(zipped([("a.png", PNG), ("A.PNG", OTHER_PNG)]))
    assert outcomes(read(pack)) == {"a.png": "image", "A.PNG": "image"}


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2000])
def test_encrypted_members_are_unscreened_and_the_others_are_read(pack: Path, flag: int) -> None:
    members = [RawZipMember(name=b"a", data=PNG, flags=flag), RawZipMember(name=b"b", data=PNG)]
    pack.write_bytes(raw_zip(members))
    results = read(pack)
    assert reason(results, "a") == "encrypted"
    assert outcomes(results)["b"] == "image"


@pytest.mark.parametrize(("method", "told"), [(9, "Deflate64"), (93, "Zstandard"), (77, "77")])
def test_other_compressions_are_named(pack: Path, method: int, told: str) -> None:
    pack.write_bytes(raw_zip([RawZipMember(name=b"a", data=PNG, method=method)]))
    assert told in reason(read(pack), "a")


LYING = [
    (RawZipMember(name=b"a", data=PNG, claimed_bytes=len(PNG) - 1), "more bytes than"),
    (RawZipMember(name=b"a", data=PNG, claimed_bytes=len(PNG) + 1), "fewer bytes than"),
    (RawZipMember(name=b"a", data=PNG, checksum=1), "checksum"),
    (RawZipMember(name=b"a", data=PNG, local_name=b"b"), "disagree"),
    (RawZipMember(name=b"a", data=PNG, packed=b"\xff" * 50), "do not unpack"),
    (RawZipMember(name=b"a", data=PNG, method=0, claimed_bytes=3), "disagree"),
    (RawZipMember(name=b"a", data=PNG, claimed_packed_bytes=10**6), "run into the directory"),
    (RawZipMember(name=b"a", data=PNG, offset=2**31), "no header of its own"),
    (RawZipMember(name=b"a/", data=PNG), "folder that holds bytes"),
    (RawZipMember(name=b"", data=PNG), "no name"),
    (RawZipMember(name=b"n" * 4097, data=PNG), "longer than"),
    (RawZipMember(name=b"a", data=PNG, method=14, packed=b"\0\0\5\0\xff\0\0\0\0"), "memory"),
    (RawZipMember(name=b"a", data=PNG, method=14, packed=b"\0\0\5\0]\0\0\0\xf0"), "memory"),
    (RawZipMember(name=b"a", data=PNG, method=14, packed=b"\0"), "LZMA"),
]


@pytest.mark.parametrize(("member", "told"), LYING, ids=[told for _, told in LYING])
def test_a_member_that_lies_costs_itself_alone(pack: Path, member: RawZipMember, told: str) -> None:
    pack.write_bytes(raw_zip([RawZipMember(name=b"first", data=PNG), member]))
    first, second, *_ = read(pack)
    assert isinstance(first, Member)
    assert told in reason([second], second.path)


def test_a_header_that_tells_another_size_than_the_directory_is_refused(pack: Path) -> None:
    data = bytearray(raw_zip([RawZipMember(name=b"a", data=PNG)]))
    data[22:26] = (5).to_bytes(4, "little")
    pack.write_bytes(bytes(data))
    assert "disagree" in reason(read(pack), "a")


def test_names_of_four_thousand_characters_are_read(pack: Path) -> None:
    name = "n" * 4000
    pack.write_bytes(raw_zip([RawZipMember(name=name.encode(), data=PNG)]))
    assert outcomes(read(pack)) == {name: "image"}


def test_bytes_behind_the_compressed_data_of_a_member_are_noticed(pack: Path) -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(PNG) + packer.flush() + b"hidden"
    pack.write_bytes(raw_zip([RawZipMember(name=b"a", data=PNG, packed=packed)]))
    assert "bytes follow" in reason(read(pack), "a")


def test_members_that_share_bytes_are_refused(pack: Path) -> None:
    """The zip bomb of Fifield 2019: many directory entries for one kernel."""
    members = [RawZipMember(name=b"a", data=PNG)]
    members += [RawZipMember(name=b"a", data=PNG, offset=0) for _ in range(3)]
    pack.write_bytes(raw_zip(members))
    results = read(pack)
    assert list(outcomes(results).values()) == ["image"] + 3 * ["unscreened"]
    assert "zip bombs" in reason(results, "a//2")


def test_a_member_hidden_from_the_directory_is_noticed(pack: Path) -> None:
    hidden = raw_zip([RawZipMember(name=b"hidden.png", data=OTHER_PNG)]).partition(b"PK\1\2")[0]
    pack.write_bytes(
        raw_zip([RawZipMember(name=b"a", data=PNG), RawZipMember(name=b"b", before=hidden)])
    )
    results = read(pack)
    assert outcomes(results)["a"] == "image"
    assert reason(results, "pack.zip") == (
        f"{len(hidden):,} bytes in it belong to none of its members"
    )


@pytest.mark.parametrize("place", ["prefix", "before the directory", "behind the end"])
def test_bytes_that_belong_to_nobody_are_noticed(pack: Path, place: str) -> None:
    data = raw_zip(
        [RawZipMember(name=b"a", data=PNG)], prefix=b"PK\3\4junk" if place == "prefix" else b""
    )
    if place == "before the directory":
        data = raw_zip([RawZipMember(name=b"a", data=PNG, packed=None)])
        begins = data.index(b"PK\1\2")
        data = data[:begins] + b"junk" * 10 + data[begins:]
        data = data[:-6] + (begins + 40).to_bytes(4, "little") + data[-2:]
    if place == "behind the end":
        data += b"junk"
    pack.write_bytes(data)
    results = read(pack)
    assert outcomes(results) == {"a": "image", "pack.zip": "unscreened"}


def test_two_zips_in_one_file_do_not_hide_one(pack: Path) -> None:
    pack.write_bytes(zipped([("a.png", PNG)]) + zipped([("b.png", OTHER_PNG)]))
    results = read(pack)
    assert outcomes(results) == {"b.png": "image", "pack.zip": "unscreened"}
    assert "belong to none of its members" in reason(results, "pack.zip")


def test_a_fake_end_in_the_comment_does_not_hide_members(pack: Path) -> None:
    fake = b"PK\5\6" + bytes(18)
    pack.write_bytes(zipped([("a.png", PNG)], comment=fake))
    results = read(pack)
    assert "unscreened" in outcomes(results).values()


def test_thousands_of_fake_ends_are_not_all_tried(pack: Path) -> None:
    pack.write_bytes(PNG + b"PK\5\6" * 16_000)
    results = read(pack)
    assert outcomes(results) == {"pack.zip": "image", "pack.zip//2": "unscreened"}
    assert "its name says archive" in reason(results, "pack.zip//2")


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_zip_is_unscreened(pack: Path, keep: float) -> None:
    whole = zipped((f"{number}.png", picture(shade=number)) for number in range(9))
    pack.write_bytes(whole[: int(len(whole) * keep)])
    assert outcomes(read(pack)) == {"pack.zip": "unscreened"}
    assert "truncated" in reason(read(pack), "pack.zip")


def test_a_damaged_directory_gives_the_members_before_the_damage(pack: Path) -> None:
    data = bytearray(zipped([("a.png", PNG), ("b.png", OTHER_PNG)]))
    data[data.rindex(b"PK\1\2")] = 0
    pack.write_bytes(bytes(data))
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "pack.zip": "unscreened"}
    assert "damaged" in reason(results, "pack.zip")


def test_a_wrong_count_is_noticed(pack: Path) -> None:
    pack.write_bytes(raw_zip([RawZipMember(name=b"a", data=PNG)], count=7))
    assert reason(read(pack), "pack.zip") == "it claims 7 members and lists 1"


@pytest.mark.parametrize("suffix", ["7z", "rar"])
def test_closed_formats_are_listed_with_their_sha256(pack: Path, suffix: str) -> None:
    data = {"7z": b"7z\xbc\xaf\x27\x1c", "rar": b"Rar!\x1a\x07\1\0"}[suffix] + bytes(50)
    pack.write_bytes(zipped([("in.bin", data)]))
    (result,) = read(pack)
    assert reason([result], "in.bin") == f"{suffix} archives cannot be opened here"
    assert result.sha256 == hashlib.sha256(data).hexdigest()


NPY = b"\x93NUMPY\x01\0" + bytes(50)
TORCH = [("m/data.pkl", b"\x80\x02}q\0."), ("m/data/0", bytes(9)), ("m/version", b"3\n")]


def test_files_of_tensors_are_caches_and_not_archives(pack: Path, tmp_path: Path) -> None:
    tensors = {"x.npz": zipped([("latents.npy", NPY)]), "x.pt": zipped(TORCH)}
    pack.write_bytes(zipped(tensors.items()))
    for name, data in tensors.items():
        (tmp_path / name).write_bytes(data)
        assert outcomes(read(tmp_path / name)) == {name: "cache"}
    results = read(pack)
    assert outcomes(results) == {"x.npz": "cache", "x.pt": "cache"}
    assert [result.data for result in results if isinstance(result, Member)] == list(
        tensors.values()
    )


@pytest.mark.parametrize("members", [[("latents.npy", NPY)], TORCH])
def test_a_picture_among_tensors_makes_it_an_archive(
    pack: Path, members: list[tuple[str, bytes]]
) -> None:
    pack.write_bytes(zipped([*members, ("a.png", PNG)]))
    assert outcomes(read(pack))["a.png"] == "image"


def test_tensors_over_the_limit_are_unscreened(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(zipped([("latents.npy", NPY)]))
    assert "max_member_bytes" in reason(read(tmp_path, max_member_bytes=50), "x.npz")


def test_the_unicode_path_field_names_a_member(pack: Path) -> None:
    raw = b"\x82\xa0.png"
    field = b"\1" + zlib.crc32(raw).to_bytes(4, "little") + "あ.png".encode()
    stale = b"\1" + bytes(4) + b"other.png"
    extras = [b"\x75\x70" + len(each).to_bytes(2, "little") + each for each in (field, stale)]
    pack.write_bytes(raw_zip(RawZipMember(name=raw, data=PNG, extra=each) for each in extras))
    assert [result.path for result in read(pack)] == ["あ.png", "\udc82\udca0.png"]


def test_folders_in_a_zip_are_no_members(pack: Path) -> None:
    pack.write_bytes(
        raw_zip([RawZipMember(name=b"a/"), RawZipMember(name=b"a/b.txt", data=b"word")])
    )
    assert outcomes(read(pack)) == {"a/b.txt": "text"}


def test_backslashes_are_separators_in_a_zip(pack: Path) -> None:
    pack.write_bytes(raw_zip([RawZipMember(name=b"10_x\\a.png", data=PNG)]))
    assert outcomes(read(pack)) == {"10_x/a.png": "image"}


def test_an_empty_member_is_unscreened(pack: Path) -> None:
    pack.write_bytes(zipped([("a.png", b"")]))
    assert reason(read(pack), "a.png") == "empty file"


def test_a_member_named_as_the_pack_does_not_hide_its_troubles(pack: Path) -> None:
    pack.write_bytes(zipped([("pack.zip", PNG)]) + b"junk")
    assert outcomes(read(pack)) == {"pack.zip": "image", "pack.zip//2": "unscreened"}


def test_the_kind_of_a_member_is_told_from_its_bytes(pack: Path) -> None:
    pack.write_bytes(zipped([("a.txt", PNG)]))
    (result,) = read(pack)
    assert isinstance(result, Member)
    assert result.kind is Kind.IMAGE
