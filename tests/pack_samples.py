"""Packs for tests: pictures drawn in code, archives built byte by byte where libraries refuse."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from screening.packs import Ignored, Member, Unscreened, open_pack
from screening.settings import Limits

Result = Member | Unscreened | Ignored


def picture(form: str = "PNG", *, shade: int = 90, size_px: int = 16, mode: str = "RGB") -> bytes:
    """A small picture, different for each ``shade``."""
    file = io.BytesIO()
    drawn = Image.new("RGB", (size_px, size_px), (shade, 40, 200))
    drawn.putpixel((1, 2), (255, 255, 0))
    drawn.convert(mode).save(file, form)
    return file.getvalue()


def zipped(
    members: Iterable[tuple[str, bytes]],
    *,
    method: int = zipfile.ZIP_DEFLATED,
    comment: bytes = b"",
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
        archive.comment = comment
    return file.getvalue()


def tarred(members: Iterable[tuple[str, bytes]], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@dataclass(kw_only=True)
class RawZipMember:
    """A member of a hand-made zip; what is None is told truthfully."""

    name: bytes
    data: bytes = b""
    packed: bytes | None = None
    method: int = 8
    flags: int = 0
    local_name: bytes | None = None
    claimed_bytes: int | None = None
    claimed_packed_bytes: int | None = None
    checksum: int | None = None
    mode: int = 0
    extra: bytes = b""
    before: bytes = b""
    offset: int | None = None


def raw_zip(
    members: Iterable[RawZipMember], *, prefix: bytes = b"", count: int | None = None
) -> bytes:
    """A zip that may lie: headers as given, one after the other, then the directory."""
    body = io.BytesIO()
    body.write(prefix)
    directory = b""
    members = list(members)
    for member in members:
        body.write(member.before)
        offset = body.tell() if member.offset is None else member.offset
        packed = _packed(member)
        checksum = zlib.crc32(member.data) if member.checksum is None else member.checksum
        size = len(member.data) if member.claimed_bytes is None else member.claimed_bytes
        packed_size = (
            len(packed) if member.claimed_packed_bytes is None else member.claimed_packed_bytes
        )
        shared = (member.flags, member.method, 0, 0x21, checksum, packed_size, size)
        local_name = member.name if member.local_name is None else member.local_name
        if member.offset is None:
            body.write(struct.pack("<4s5H3L2H", b"PK\3\4", 20, *shared, len(local_name), 0))
            body.write(local_name + packed)
        lengths = (len(member.name), len(member.extra), 0)
        attributes = (0, 0, member.mode << 16, offset)
        fixed = struct.pack("<4s6H3L5H2L", b"PK\1\2", 3 << 8, 20, *shared, *lengths, *attributes)
        directory += fixed + member.name + member.extra
    begins = body.tell()
    total = len(members) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, total, total, len(directory), begins, 0)
    return body.getvalue() + directory + end


def _packed(member: RawZipMember) -> bytes:
    if member.packed is not None:
        return member.packed
    if member.method != 8:
        return member.data
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(member.data) + packer.flush()


def read(source: Path, **limits: int) -> list[Result]:
    """Everything in the pack, in order."""
    return list(open_pack(source, limits=Limits(**limits)).read())


def by_path(results: Iterable[Result]) -> dict[str, Result]:
    """Results by path, which must be different."""
    results = list(results)
    found = {result.path: result for result in results}
    assert len(found) == len(results)
    return found


def outcomes(results: Iterable[Result]) -> dict[str, str]:
    """Path -> kind of a member, or ``unscreened``, or ``ignored``."""
    return {
        path: result.kind.value if isinstance(result, Member) else type(result).__name__.lower()
        for path, result in by_path(results).items()
    }


def reason(results: Iterable[Result], path: str) -> str:
    """Why the file at ``path`` is unscreened; fails where it is not."""
    result = by_path(results)[path]
    assert isinstance(result, Unscreened)
    return result.reason
