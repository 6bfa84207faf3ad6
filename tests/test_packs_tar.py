"""Tars, plain and compressed: what hostile and damaged ones get, member by member."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from pack_samples import outcomes, picture, read, reason, tarred, zipped

from screening.packs import Member

PNG = picture()

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}
compressions = pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
real_compressions = pytest.mark.parametrize(
    "compress", list(COMPRESSIONS.values())[1:], ids=list(COMPRESSIONS)[1:]
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return tmp_path / "pack.tar"


def info(name: str, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def header(name: str, **fields: object) -> bytes:
    return info(name, **fields).tobuf(tarfile.GNU_FORMAT)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def member(name: str, data: bytes = PNG) -> bytes:
    return header(name, size=len(data)) + padded(data)


END = bytes(1024)


@compressions
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_tar_is_a_pack_of_its_members(
    pack: Path, compress: Callable[[bytes], bytes], count: int
) -> None:
    members = [(f"./10_x/{number}.png", picture(shade=number)) for number in range(count)]
    pack.write_bytes(compress(tarred(members) if count else member("a") + END))
    results = read(pack)
    expected = [(name[2:], data) for name, data in members] or [("a", PNG)]
    assert [(r.path, r.data) for r in results if isinstance(r, Member)] == expected
    assert len(results) == len(expected)


@real_compressions
def test_streams_that_follow_each_other_are_one(
    pack: Path, compress: Callable[[bytes], bytes]
) -> None:
    whole = tarred([("a.png", PNG), ("b.png", PNG)])
    pack.write_bytes(compress(whole[:700]) + compress(whole[700:]))
    assert outcomes(read(pack)) == {"a.png": "image", "b.png": "image"}


def test_zeros_behind_a_gzip_are_padding(pack: Path) -> None:
    pack.write_bytes(gzip.compress(tarred([("a.png", PNG)])) + bytes(100_000))
    assert outcomes(read(pack)) == {"a.png": "image"}


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_broken_stream_gives_what_comes_before(
    pack: Path, compress: Callable[[bytes], bytes]
) -> None:
    noise = hashlib.shake_256(b"noise").digest(700_000)
    whole = compress(tarred([("a.png", noise), ("b.png", noise), ("c.png", noise)]))
    pack.write_bytes(whole[: len(whole) // 2])
    results = read(pack)
    assert len(results) >= 2
    assert "truncated" in reason(results, "pack.tar")


@real_compressions
def test_a_compressed_file_that_is_no_tar_is_read(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "a.png.gz").write_bytes(compress(PNG))
    assert outcomes(read(tmp_path)) == {"a.png.gz!/a.png": "image", "a.png.gz": "ignored"}
    assert outcomes(read(tmp_path / "a.png.gz")) == {"a.png": "image"}


@real_compressions
def test_bombs_are_stopped(pack: Path, compress: Callable[[bytes], bytes]) -> None:
    pack.write_bytes(compress(member("a.png") + member("b", bytes(30 * 1024 * 1024)) + END))
    results = read(pack, max_compression_ratio=3)
    assert "decompression bomb" in reason(results, "b")
    assert "decompression bomb" in reason(results, "pack.tar")


@real_compressions
def test_unpacked_bytes_are_limited(pack: Path, compress: Callable[[bytes], bytes]) -> None:
    noise = hashlib.shake_256(b"noise").digest(2_000_000)
    pack.write_bytes(compress(tarred([("a.png", PNG), ("b", noise)])))
    results = read(pack, max_unpacked_bytes=1_500_000)
    assert "max_unpacked_bytes" in reason(results, "pack.tar")
    assert outcomes(results)["b"] == "unscreened"
    assert "unscreened" not in outcomes(read(pack)).values()


def test_a_stream_that_asks_for_much_memory_is_refused(pack: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 29}]
    packer = lzma.LZMACompressor(filters=filters, preset=None)
    try:
        data = packer.compress(tarred([("a.png", PNG)])) + packer.flush()
    except MemoryError:
        pytest.skip("too little memory to make such a stream")
    pack.write_bytes(data)
    assert "do not unpack" in reason(read(pack), "pack.tar")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
    ],
)
def test_links_and_devices_are_refused(pack: Path, kind: bytes, told: str) -> None:
    pack.write_bytes(header("a", type=kind, linkname="/etc/passwd") + member("b") + END)
    results = read(pack)
    assert told in reason(results, "a")
    assert outcomes(results)["b"] == "image"


@pytest.mark.parametrize("name", ["../x.png", "/etc/x.png", "C:/x.png", "a/../../b.png"])
def test_names_that_leave_the_pack_are_refused(pack: Path, name: str) -> None:
    pack.write_bytes(member(name) + member("b") + END)
    first, second = read(pack)
    assert "path leaves the pack" in reason([first], name)
    assert isinstance(second, Member)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["n" * 300 + ".png", "猫" * 90, "a\udcff.png", "x\ny.png"])
def test_long_and_odd_names_are_read(pack: Path, form: int, name: str) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        archive.addfile(info(name, size=len(PNG)), io.BytesIO(PNG))
        archive.addfile(info("b.png", size=len(PNG)), io.BytesIO(PNG))
    pack.write_bytes(file.getvalue())
    assert outcomes(read(pack)) == {name: "image", "b.png": "image"}


def test_a_pax_header_may_not_lead_out_of_the_pack(pack: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        made = info("a.png", size=len(PNG), pax_headers={"path": "../../a.png"})
        archive.addfile(made, io.BytesIO(PNG))
    pack.write_bytes(file.getvalue())
    assert outcomes(read(pack)) == {"../../a.png": "unscreened"}


def test_a_global_pax_header_names_every_member(pack: Path) -> None:
    record = b"16 path=x/y.png\n"
    data = header("g", type=tarfile.XGLTYPE, size=len(record)) + padded(record)
    pack.write_bytes(data + member("a") + member("b") + END)
    assert outcomes(read(pack)) == {"x/y.png": "image", "x/y.png//2": "image"}


@pytest.mark.parametrize(
    "record",
    [b"5", b"0 path=x\n", b"99 path=x\n", b"-1 path=x\n", b"10 pathxxx\n", b"12 size=abc\n"],
)
def test_a_pax_header_that_makes_no_sense_ends_the_reading(pack: Path, record: bytes) -> None:
    extended = header("x", type=tarfile.XHDTYPE, size=len(record)) + padded(record)
    pack.write_bytes(member("a.png") + extended + member("b.png") + END)
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "pack.tar": "unscreened"}
    assert "damaged" in reason(results, "pack.tar")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_extended_headers_are_read_to_a_limit(pack: Path, kind: bytes) -> None:
    pack.write_bytes(member("a.png") + header("x", type=kind, size=2**33))
    results = read(pack)
    assert "extended header is longer than" in reason(results, "pack.tar")


def test_endless_headers_are_not_read_to_the_end(pack: Path) -> None:
    pack.write_bytes(header("d", type=tarfile.DIRTYPE) * 1000 + member("a") + END)
    assert "max_members" in reason(read(pack, max_members=100), "pack.tar")
    assert outcomes(read(pack, max_members=251)) == {"a": "image"}


@pytest.mark.parametrize(("count", "left"), [(4, False), (5, False), (6, True)])
def test_members_over_the_limit_are_told(pack: Path, count: int, left: bool) -> None:
    pack.write_bytes(tarred((f"{number}.png", PNG) for number in range(count)))
    results = read(pack, max_members=5)
    assert len(results) == min(count, 5) + left
    if left:
        assert reason(results, "pack.tar").startswith("the rest of it is not read")


def test_sparse_files_are_refused_and_the_next_member_is_found(pack: Path) -> None:
    sparse = bytearray(header("s", type=tarfile.GNUTYPE_SPARSE, size=512))
    sparse[482] = 1
    sparse[148:156] = b"%06o\0 " % (sum(sparse[:148]) + sum(sparse[156:]) + 8 * 32)
    more, last = bytearray(512), bytes(512)
    more[504] = 1
    pack.write_bytes(bytes(sparse) + bytes(more) + last + b"x" * 512 + member("b.png") + END)
    results = read(pack)
    assert outcomes(results) == {"s": "unscreened", "b.png": "image"}
    assert "sparse" in reason(results, "s")


def test_a_damaged_header_is_not_taken_for_the_end(pack: Path) -> None:
    broken = bytearray(member("b.png"))
    broken[0] ^= 1
    pack.write_bytes(member("a.png") + bytes(broken) + END)
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "pack.tar": "unscreened"}
    assert "a header makes no sense" in reason(results, "pack.tar")


@pytest.mark.parametrize("zeros", [512, 1024, 10240])
def test_members_behind_the_end_are_noticed(pack: Path, zeros: int) -> None:
    pack.write_bytes(member("a.png") + bytes(zeros) + member("hidden.png") + END)
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "pack.tar": "unscreened"}
    assert "bytes follow the end of the tar" in reason(results, "pack.tar")


@pytest.mark.parametrize("keep", [600, 700])
def test_a_truncated_member_is_unscreened(pack: Path, keep: int) -> None:
    data = hashlib.shake_256(b"x").digest(1000)
    pack.write_bytes(member("a.png") + member("b", data)[:keep])
    results = read(pack)
    assert outcomes(results) == {"a.png": "image", "b": "unscreened", "pack.tar": "unscreened"}
    assert "truncated" in reason(results, "b")


def test_a_tar_that_ends_without_zeros_is_whole(pack: Path) -> None:
    pack.write_bytes(member("a.png") + member("b.png"))
    assert outcomes(read(pack)) == {"a.png": "image", "b.png": "image"}


def test_a_negative_size_ends_the_reading(pack: Path) -> None:
    broken = bytearray(member("b.png"))
    broken[124:136] = b"\xff" * 12
    broken[148:156] = b"%06o\0 " % (sum(broken[:148]) + sum(broken[156:512]) + 8 * 32)
    pack.write_bytes(member("a.png") + bytes(broken) + END)
    assert "damaged" in reason(read(pack), "pack.tar")


def test_a_member_over_the_limit_does_not_lose_the_next(pack: Path) -> None:
    pack.write_bytes(tarred([("a", b"x" * 5000), ("b", b"y")]))
    results = read(pack, max_member_bytes=100)
    assert outcomes(results) == {"a": "unscreened", "b": "text"}
    assert results[0].sha256 == hashlib.sha256(b"x" * 5000).hexdigest()


def test_a_member_too_long_to_hash_does_not_lose_the_next(pack: Path) -> None:
    pack.write_bytes(tarred([("a", b"x" * 3_000_000), ("b", b"y")]))
    results = read(pack, max_member_bytes=100)
    assert outcomes(results) == {"a": "unscreened", "b": "text"}
    assert results[0].sha256 is None


def test_duplicates_are_both_read(pack: Path) -> None:
    pack.write_bytes(tarred([("a.png", PNG), ("a.png", picture(shade=1)), ("A.png", PNG)]))
    assert outcomes(read(pack)) == {"a.png": "image", "a.png//2": "image", "A.png": "image"}


def test_old_tars_without_magic_are_found(pack: Path) -> None:
    old = bytearray(member("a.png"))
    old[257:512] = bytes(255)
    old[148:156] = b"%06o\0 " % (sum(old[:148]) + sum(old[156:512]) + 8 * 32)
    pack.write_bytes(bytes(old) + END)
    assert outcomes(read(pack)) == {"a.png": "image"}


def test_a_tar_in_a_zip_in_a_tar_is_opened(pack: Path) -> None:
    inner = gzip.compress(tarred([("x.png", PNG)]))
    pack.write_bytes(tarred([("b.zip", zipped([("c.bin", inner)]))]))
    assert outcomes(read(pack)) == {
        "b.zip!/c.bin!/x.png": "image",
        "b.zip!/c.bin": "ignored",
        "b.zip": "ignored",
    }
