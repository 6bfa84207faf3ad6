"""Members of a tar, plain or compressed, in one pass forward.

`tarfile` takes a damaged header for the end, keeps every header, and reads whole pax headers of
whatever size they claim; here headers are bounded, and what follows the end is not missed. Single
header blocks are parsed by `tarfile.TarInfo.frombuf`.
"""

import tarfile
from collections.abc import Callable, Generator
from typing import BinaryIO

from screening.packs.budget import Budget
from screening.packs.entry import CHUNK_BYTES, ByteStream, Contents, Entry, read_exactly
from screening.packs.inflate import (
    Decompressor,
    Inflated,
    bzip2,
    gzip,
    xz,
    zstd,
)
from screening.packs.member import Unscreened
from screening.packs.paths import decode_name, member_path, shown_path
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import is_tar_header

BLOCK_BYTES = 512
MAX_EXTENDED_HEADER_BYTES = 1024 * 1024
"""Longest pax or GNU long-name header that is read; real ones hold a path and some times."""

HEADERS_PER_MEMBER = 4
"""Headers that may stand for one member on average: long name, long link, pax, its own."""

REST = "the rest is not read"
ZIP_AS_WELL = "a zip is in it as well, which is not read"
TRUNCATED = "truncated: it breaks off"

_LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
_SPECIAL = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_ABOUT_NEXT = (*_PAX, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_WITHOUT_DATA = (*_LINKS, *_SPECIAL, tarfile.DIRTYPE)
_STREAMS: dict[str, Callable[[], Decompressor]] = {
    "gzip": gzip,
    "bzip2": bzip2,
    "xz": xz,
    "zstd": zstd,
}


def read_compressed(archive: str, file: BinaryIO, budget: Budget, *, name: str) -> Contents:
    """The tar in a compressed file, or else the one file in it, under its name less the suffix."""
    stream = Inflated(file, _STREAMS[archive], budget, many=True)
    head = read_exactly(stream, BLOCK_BYTES)
    rest = _Pushed(head, stream)
    if is_tar_header(head):
        return (yield from read_tar(rest, budget))
    stem = name.rpartition(".")[0]
    yield Entry(name=stem or "content", stream=rest)
    return ()


def read_tar(
    stream: ByteStream, budget: Budget, *, zip_within: tuple[int, int] | None = None
) -> Contents:
    """The members of a tar that ``stream`` begins with. Raises MemberRefused, OSError.

    ``zip_within`` is from where to where a zip lies in it: in a member, where that is looked into,
    or else in headers, padding or several members, where nobody would look.
    """
    reader = _TarReader(stream, zip_within)
    headers_left = HEADERS_PER_MEMBER * budget.limits.max_members
    while (header := reader.header()) is not None:
        headers_left -= 1
        reason = budget.spent() if headers_left else budget.members_reason()
        if reason is not None:
            return (f"the rest of it is not read: {reason}",)
        yield from reader.member(header)
    trailing_bytes = reader.count_trailing()
    troubles = [f"{trailing_bytes:,} bytes follow the end of the tar"] if trailing_bytes else []
    if reader.awaits_member:
        troubles.append("its last header is about a member that is not there")
    if zip_within and not reader.zip_is_member:
        troubles.append(ZIP_AS_WELL)
    return tuple(troubles)


class _TarReader:
    """``zip_is_member`` says whether ``zip_within`` lies within the data of one member,
    ``awaits_member`` whether the last header was about the next one."""

    def __init__(self, stream: ByteStream, zip_within: tuple[int, int] | None) -> None:
        self._stream = _Counted(stream)
        self._zip_within = zip_within
        self.zip_is_member = False
        self.awaits_member = False
        self._fields: dict[str, bytes] = {}
        self._lasting_fields: dict[str, bytes] = {}
        self._block = b""

    def header(self) -> tarfile.TarInfo | None:
        """The next header, None at the end; raises MemberRefused where there is none."""
        self._block = read_exactly(self._stream, BLOCK_BYTES)
        if not self._block.strip(b"\0"):
            return None
        try:
            info = tarfile.TarInfo.frombuf(self._block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError) as error:
            raise MemberRefused(f"damaged: a header makes no sense; {REST}") from error
        if info.size < 0:
            raise MemberRefused(f"damaged: a header claims a negative size; {REST}")
        return info

    def member(self, info: tarfile.TarInfo) -> Generator[Entry | Unscreened, None, None]:
        """What a header stands for: one member, or nothing if it is about the next one."""
        self.awaits_member = info.type in _ABOUT_NEXT
        if self.awaits_member:
            self._extend(info)
            return
        fields = self._lasting_fields | self._fields
        self._fields = {}
        size_bytes = 0 if info.type in _WITHOUT_DATA else _size(info, fields)
        self._skip_sparse_map(info)
        data = _Data(self._stream, size_bytes)
        name = _name(info, fields)
        try:
            if info.type != tarfile.DIRTYPE:
                _refuse_unreadable(info, fields)
                self._note_zip(self._stream.position, size_bytes)
                yield Entry(name=member_path(name), stream=data)
        except MemberRefused as refusal:
            yield Unscreened(path=shown_path(name), reason=str(refusal))
        data.finish()

    def _note_zip(self, begins: int, size_bytes: int) -> None:
        if self._zip_within is not None:
            first, last = self._zip_within
            self.zip_is_member |= begins <= first and last <= begins + size_bytes

    def count_trailing(self) -> int:
        """Bytes behind the end, the zeros that fill the last record not counted."""
        count = 0
        while chunk := self._stream.read(CHUNK_BYTES):
            count += len(chunk) if count else len(chunk.lstrip(b"\0"))
        return count

    def _extend(self, info: tarfile.TarInfo) -> None:
        if "size" in self._lasting_fields | self._fields:
            raise MemberRefused(f"damaged: a size is claimed before an extended header; {REST}")
        if info.size > MAX_EXTENDED_HEADER_BYTES:
            raise MemberRefused(
                f"an extended header is longer than {MAX_EXTENDED_HEADER_BYTES:,} bytes; {REST}"
            )
        padded = read_exactly(self._stream, info.size + -info.size % BLOCK_BYTES)
        content = padded[: info.size]
        if len(content) < info.size:
            raise MemberRefused(TRUNCATED)
        # `tarfile` takes the first of two names, and a long one to its zero, whatever its size
        if info.type == tarfile.GNUTYPE_LONGNAME:
            self._fields.setdefault("path", padded.partition(b"\0")[0])
        elif info.type == tarfile.XGLTYPE:
            self._lasting_fields |= _pax_fields(content)
        elif info.type in _PAX:
            self._fields = _pax_fields(content) | self._fields

    def _skip_sparse_map(self, info: tarfile.TarInfo) -> None:
        """Old GNU sparse files continue their map in further blocks; a byte of each says so."""
        more = info.type == tarfile.GNUTYPE_SPARSE and self._block[482]
        while more:
            block = read_exactly(self._stream, BLOCK_BYTES)
            if len(block) < BLOCK_BYTES:
                raise MemberRefused(TRUNCATED)
            more = block[504]


class _Data:
    """A member's bytes in the stream, without the zeros that fill its last block."""

    def __init__(self, stream: ByteStream, size_bytes: int) -> None:
        self._stream = stream
        self._left_bytes = size_bytes
        self._padding_bytes = -size_bytes % BLOCK_BYTES
        self._broken: MemberRefused | None = None

    def read(self, size: int, /) -> bytes:
        if self._left_bytes == 0:
            return b""
        try:
            chunk = self._stream.read(min(size, self._left_bytes))
            if not chunk:
                raise MemberRefused(TRUNCATED)
        except MemberRefused as refusal:
            self._broken = refusal
            raise
        self._left_bytes -= len(chunk)
        return chunk

    def finish(self) -> None:
        """Moves the stream to the next header; raises what reading raised, if anything."""
        if self._broken is not None:
            raise self._broken
        while self.read(CHUNK_BYTES):
            pass
        read_exactly(self._stream, self._padding_bytes)


class _Counted:
    """A stream that knows how many of its bytes were read."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.position = 0

    def read(self, size: int, /) -> bytes:
        chunk = self._stream.read(size)
        self.position += len(chunk)
        return chunk


class _Pushed:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: ByteStream) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        if self._head:
            chunk, self._head = self._head[:size], self._head[size:]
            return chunk
        return self._stream.read(size)


def _refuse_unreadable(info: tarfile.TarInfo, fields: dict[str, bytes]) -> None:
    if info.type in _LINKS:
        kind = "hard" if info.type == tarfile.LNKTYPE else "symbolic"
        raise MemberRefused(f"a {kind} link; links are not followed")
    if info.type in _SPECIAL:
        raise MemberRefused("a device, pipe or socket; only plain files are read")
    if info.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse") for key in fields):
        raise MemberRefused("a sparse file; only plain files are read")


def _name(info: tarfile.TarInfo, fields: dict[str, bytes]) -> str:
    for key in ("GNU.sparse.name", "path"):
        if key in fields:
            return decode_name(fields[key])
    return info.name


def _size(info: tarfile.TarInfo, fields: dict[str, bytes]) -> int:
    if "size" not in fields:
        return info.size
    digits = fields["size"]
    if not digits.isdigit() or len(digits) > 20:
        raise MemberRefused(f"damaged: a header claims an impossible size; {REST}")
    return int(digits)


def _pax_fields(content: bytes) -> dict[str, bytes]:
    """Records ``length key=value newline`` (POSIX.1-2001 pax). Raises MemberRefused."""
    fields: dict[str, bytes] = {}
    position = 0
    while position < len(content) and content[position]:
        digits = content[position : position + 20].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = content[position : position + length]
        key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if length <= len(digits) + 1 or len(record) < length or not equals:
            raise MemberRefused(f"damaged: an extended header makes no sense; {REST}")
        fields[key.decode("utf-8", "replace")] = value
        position += length
    return fields
