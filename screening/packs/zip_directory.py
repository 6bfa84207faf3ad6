"""The central directory of a zip, read without trust and never further than a limit.

`zipfile` reads the names of all members before it gives the first one, and looks neither for
members that share bytes nor for bytes that belong to no member; a screener has to. Layout: PKWARE
APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from screening.packs.paths import decode_name
from screening.packs.refusal import MemberRefused

END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
END64_LOCATOR = struct.Struct("<4sLQL")
RECORD = struct.Struct("<4s6H3L5H2L")

END_SIGNATURE = b"PK\5\6"
END64_SIGNATURE = b"PK\6\6"
END64_LOCATOR_SIGNATURE = b"PK\6\7"
RECORD_SIGNATURE = b"PK\1\2"

MAX_COMMENT_BYTES = 65_535
MAX_RECORD_BYTES = RECORD.size + 2 * 65_535
"""Of one record, without its comment."""

DIRECTORY_BLOCK_BYTES = 512 * 1024
MAX_END_CANDIDATES = 64
"""End records that are tried, from the last one back; a hostile comment may hold thousands."""

SYSTEMS_WITHOUT_MODE = frozenset({0, 6, 10, 11, 14})
"""FAT, HPFS, NTFS and VFAT: the upper half of the attributes is no Unix mode (APPNOTE 4.4.2.2)."""

IN_EXTRA_16 = 0xFFFF
IN_EXTRA_32 = 0xFFFFFFFF
ZIP64_EXTRA = 0x0001
UNICODE_PATH_EXTRA = 0x7075


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipRecord:
    """What the central directory claims about one member; nothing of it is checked yet.

    ``offset`` is where its local header begins in the file, ``mode`` the Unix file mode or 0.
    """

    name: str
    raw_name: bytes
    flags: int
    method: int
    checksum: int
    packed_bytes: int
    unpacked_bytes: int
    offset: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipDirectory:
    """Records in the order of their bytes in the file; ``left`` more were not read.

    ``begins`` is where the directory itself begins, ``ends`` where its end record ends, without the
    comment; ``troubles`` are sentences about the whole.
    """

    records: tuple[ZipRecord, ...]
    left: int
    begins: int
    ends: int
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Where the directory is: from ``begins``; ``shift`` is what offsets in it must be moved by.

    ``position`` is where the end record is, ``comment_ends`` where it says that its comment ends.
    """

    position: int
    comment_ends: int
    begins: int
    size_bytes: int
    shift: int
    count: int
    troubles: tuple[str, ...]


def read_directory(file: BinaryIO, *, max_records: int) -> ZipDirectory | None:
    """The directory of the zip that ``file`` ends with, or None where it ends with none."""
    end = _find_end(file)
    if end is None:
        return None
    troubles = list(end.troubles)
    records: list[ZipRecord] = []
    damaged = False
    try:
        for record in _records(file, end):
            if len(records) == max_records:
                break
            records.append(record)
    except MemberRefused as damage:
        damaged = True
        troubles.append(str(damage))
    left = 0
    if len(records) == max_records:
        left = max(0, end.count - len(records))
    elif len(records) != end.count and not damaged:
        troubles.append(f"it claims {end.count:,} members and lists {len(records):,}")
    records.sort(key=lambda record: record.offset)
    return ZipDirectory(
        records=tuple(records),
        left=left,
        begins=end.begins,
        ends=end.position + END.size,
        troubles=tuple(troubles),
    )


def holds_zip_end(file: BinaryIO) -> bool:
    """Whether the signature of an end record is where readers of zips look for it."""
    file_bytes = file.seek(0, 2)
    file.seek(max(0, file_bytes - END.size - MAX_COMMENT_BYTES))
    return END_SIGNATURE in file.read(END.size + MAX_COMMENT_BYTES)


def _find_end(file: BinaryIO) -> _End | None:
    """The last end record that points at a directory, as `zipfile` takes it, if there is any.

    One of an empty zip is taken only where no other points at members. What may lead another
    reader to another directory becomes a trouble.
    """
    file_bytes = file.seek(0, 2)
    tail_starts = max(0, file_bytes - END.size - MAX_COMMENT_BYTES)
    file.seek(tail_starts)
    tail = file.read(END.size + MAX_COMMENT_BYTES)
    ends: list[_End] = []
    position = len(tail)
    for _ in range(MAX_END_CANDIDATES):
        position = tail.rfind(END_SIGNATURE, 0, position)
        if position < 0:
            break
        end = _end_at(file, tail_starts + position, tail[position:])
        if end is not None:
            ends.append(end)
    if not ends:
        return None
    found = next((end for end in ends if end.size_bytes), ends[0])
    behind = tail[found.position + END.size - tail_starts :]
    troubles = list(found.troubles)
    if END_SIGNATURE in behind or RECORD_SIGNATURE in behind:
        troubles.append("what follows its end record looks like the directory of another zip")
    if any(end.position < found.position < end.comment_ends for end in ends):
        troubles.append("it has two end records, one in the comment of the other")
    if position > 0 and tail.rfind(END_SIGNATURE, 0, position) >= 0:
        troubles.append(f"it holds more than {MAX_END_CANDIDATES} end records")
    return replace(found, troubles=tuple(troubles))


def _end_at(file: BinaryIO, position: int, tail: bytes) -> _End | None:
    """The end record at ``position``, or None where no directory stands before it.

    Disk numbers are not looked at and offsets may be too large, as with `zipfile`.
    """
    if len(tail) < END.size:
        return None
    _, _, _, _, count, size_bytes, offset, comment_bytes = END.unpack_from(tail)
    troubles = []
    trailing_bytes = len(tail) - END.size - comment_bytes
    if trailing_bytes < 0:
        troubles.append("damaged: its comment breaks off")
    elif trailing_bytes:
        troubles.append(f"{trailing_bytes:,} bytes follow the end of the zip")
    ends = position
    wide = _end64(file, position)
    if wide is not None:
        narrow = (count, size_bytes, offset)
        ends, (count, size_bytes, offset), pointed_at = wide
        masks = (IN_EXTRA_16, IN_EXTRA_32, IN_EXTRA_32)
        pairs = zip(narrow, (count, size_bytes, offset), masks, strict=True)
        if any(plain not in (mask, number) for plain, number, mask in pairs):
            troubles.append("its two end records (zip and zip64) disagree")
    begins = ends - size_bytes
    if begins < 0 or (size_bytes and not _is_record(file, begins)):
        return None
    shift = begins - offset
    if wide is not None and pointed_at + shift != ends:
        troubles.append("its zip64 end record is not where the zip says")
    if shift and _is_record(file, offset):
        troubles.append("its end record points at two directories")
    return _End(
        position=position,
        comment_ends=position + END.size + comment_bytes,
        begins=begins,
        size_bytes=size_bytes,
        shift=shift,
        count=count,
        troubles=tuple(troubles),
    )


def _is_record(file: BinaryIO, position: int) -> bool:
    if position > file.seek(0, 2):
        return False
    file.seek(position)
    return file.read(4) == RECORD_SIGNATURE


def _end64(file: BinaryIO, position: int) -> tuple[int, tuple[int, int, int], int] | None:
    """Where the zip64 end record before the one at ``position`` begins, its count, size and
    offset, and where its locator says that it begins."""
    starts = position - END64_LOCATOR.size - END64.size
    if starts < 0:
        return None
    file.seek(starts)
    block = file.read(END64.size + END64_LOCATOR.size)
    if len(block) < END64.size + END64_LOCATOR.size:
        return None
    locator, _, pointed_at, _ = END64_LOCATOR.unpack_from(block, END64.size)
    if locator != END64_LOCATOR_SIGNATURE or block[:4] != END64_SIGNATURE:
        return None
    _, _, _, _, _, _, _, count, size_bytes, offset = END64.unpack_from(block)
    return starts, (count, size_bytes, offset), pointed_at


def _records(file: BinaryIO, end: _End) -> Iterator[ZipRecord]:
    """Records one after the other; raises MemberRefused where the directory is damaged."""
    position = end.begins
    ends = end.begins + end.size_bytes
    block, block_begins = b"", position
    while position < ends:
        at = position - block_begins
        if block_begins + len(block) < min(ends, position + MAX_RECORD_BYTES):
            file.seek(position)
            block, block_begins, at = file.read(DIRECTORY_BLOCK_BYTES), position, 0
        if len(block) - at < RECORD.size or not block.startswith(RECORD_SIGNATURE, at):
            raise MemberRefused("damaged: its directory breaks off, what follows is not read")
        fields = RECORD.unpack_from(block, at)
        name_ends = at + RECORD.size + fields[10]
        extra_ends = name_ends + fields[11]
        position = block_begins + extra_ends + fields[12]
        if len(block) < extra_ends or position > ends:
            raise MemberRefused("damaged: its directory breaks off, what follows is not read")
        raw_name = block[at + RECORD.size : name_ends]
        yield _record(fields, raw_name, block[name_ends:extra_ends], end.shift)


def _record(fields: tuple[Any, ...], raw_name: bytes, extra: bytes, shift: int) -> ZipRecord:
    _, made_by, _, flags, method, _, _, checksum, packed, unpacked = fields[:10]
    attributes, offset = fields[15], fields[16]
    extras = extra_fields(extra) if extra else {}
    numbers = [unpacked, packed, offset]
    if IN_EXTRA_32 in numbers:
        wide = extras.get(ZIP64_EXTRA, b"")
        for index, number in enumerate(numbers):
            if number == IN_EXTRA_32 and len(wide) >= 8:
                numbers[index] = int.from_bytes(wide[:8], "little")
                wide = wide[8:]
    return ZipRecord(
        name=_name(raw_name, extras.get(UNICODE_PATH_EXTRA)),
        raw_name=raw_name,
        flags=flags,
        method=method,
        checksum=checksum,
        packed_bytes=numbers[1],
        unpacked_bytes=numbers[0],
        offset=numbers[2] + shift,
        mode=0 if made_by >> 8 in SYSTEMS_WITHOUT_MODE else attributes >> 16,
    )


def extra_fields(extra: bytes) -> dict[int, bytes]:
    """Extra fields by their id (APPNOTE 4.5.1); what breaks off is left out."""
    fields: dict[int, bytes] = {}
    position = 0
    while position + 4 <= len(extra):
        kind, size_bytes = struct.unpack_from("<HH", extra, position)
        fields.setdefault(kind, extra[position + 4 : position + 4 + size_bytes])
        position += 4 + size_bytes
    return fields


def _name(raw: bytes, unicode_path: bytes | None) -> str:
    """The name, from the Info-ZIP Unicode path field (APPNOTE 4.6.9) where that belongs to it."""
    if unicode_path is not None and len(unicode_path) > 5 and unicode_path[0] == 1:
        checksum = int.from_bytes(unicode_path[1:5], "little")
        if checksum == zlib.crc32(raw):
            return decode_name(unicode_path[5:])
    return decode_name(raw)
