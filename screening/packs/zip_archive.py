"""Members of a zip: checked against each other, against their own headers and against limits."""

import stat
import struct
import zlib
from typing import BinaryIO

from screening.packs.budget import Budget, check_ratio
from screening.packs.entry import ByteStream, Contents, Entry
from screening.packs.inflate import Inflated, bzip2, raw_deflate, zip_lzma
from screening.packs.member import Unscreened
from screening.packs.paths import member_path, shown_path
from screening.packs.refusal import MemberRefused
from screening.packs.zip_directory import IN_EXTRA_32, ZipDirectory, ZipRecord

LOCAL = struct.Struct("<4s5H3L2H")
LOCAL_SIGNATURE = b"PK\3\4"

ENCRYPTED = 0x0001
SIZES_FOLLOW = 0x0008
PATCHED = 0x0020
STRONGLY_ENCRYPTED = 0x0040
HEADER_MASKED = 0x2000

DESCRIPTOR_BYTES = (12, 16, 20, 24)
"""Sizes of what may follow the data of a member whose header says `SIZES_FOLLOW`: checksum and two
sizes of 4 or 8 bytes, with or without a signature (APPNOTE 4.3.9)."""

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
EMPTY_BYTES = 2
"""What nothing at all is deflated to; some writers leave it in the entries of folders."""

METHOD_NAMES = {1: "shrunk", 6: "imploded", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 98: "PPMd"}


def read_zip(
    file: BinaryIO, directory: ZipDirectory, budget: Budget, *, polyglot: bool = False
) -> Contents:
    """The members of the zip in ``file``, in the order of their bytes.

    With ``polyglot``, the bytes before the first member are another file's and not missed here.
    """
    reader = _ZipReader(file, directory, budget)
    if polyglot:
        offsets = (record.offset for record in directory.records)
        reader.covered = max(0, min(offsets, default=directory.begins))
    for number, record in enumerate(directory.records):
        if (reason := budget.spent()) is not None:
            left = len(directory.records) - number + directory.left
            return (*directory.troubles, f"{left:,} of its members are not read: {reason}")
        found = reader.member(record)
        if found is not None:
            yield found
    troubles = list(directory.troubles)
    if directory.left:
        reason = budget.members_reason()
        troubles.append(f"{directory.left:,} of its members are not read: {reason}")
    else:
        reader.cover(directory.begins, directory.begins)
    if reader.hidden_bytes:
        troubles.append(f"{reader.hidden_bytes:,} bytes in it belong to none of its members")
    return tuple(troubles)


class _ZipReader:
    """One way through a zip; ``covered`` is where the last member so far ends."""

    def __init__(self, file: BinaryIO, directory: ZipDirectory, budget: Budget) -> None:
        self._file = file
        self._directory_begins = directory.begins
        self._budget = budget
        self.covered = 0
        self.hidden_bytes = 0
        self._descriptor_may_follow = False

    def member(self, record: ZipRecord) -> Entry | Unscreened | None:
        """The next member; None for a folder's entry."""
        try:
            data_begins = self._claim(record)
            is_folder = record.raw_name.endswith((b"/", b"\\")) or stat.S_ISDIR(record.mode)
            if is_folder and not record.unpacked_bytes and record.packed_bytes <= EMPTY_BYTES:
                return None
            path = member_path(record.name)
            if is_folder:
                raise MemberRefused("a folder that holds bytes of its own")
            self._refuse_unreadable(record)
            return Entry(name=path, stream=self._stream(record, data_begins))
        except MemberRefused as refusal:
            return Unscreened(path=shown_path(record.name), reason=str(refusal))

    def cover(self, begins: int, ends: int) -> None:
        """Notes that [begins, ends) belongs to a member; what lies between is hidden bytes."""
        gap = begins - self.covered
        is_descriptor = self._descriptor_may_follow and gap in DESCRIPTOR_BYTES
        if gap > 0 and not is_descriptor:
            self.hidden_bytes += gap
        self._descriptor_may_follow = False
        self.covered = max(self.covered, ends)

    def _claim(self, record: ZipRecord) -> int:
        """Where the member's data begin, once its local header agrees with the directory."""
        if record.offset < self.covered:
            raise MemberRefused("it shares bytes with another member, as zip bombs do")
        self._file.seek(min(record.offset, self._directory_begins))
        header = self._file.read(LOCAL.size + len(record.raw_name))
        if len(header) < LOCAL.size or header[:4] != LOCAL_SIGNATURE:
            raise MemberRefused("damaged or truncated: it has no header of its own")
        fields = LOCAL.unpack_from(header)
        raw_name = header[LOCAL.size :]
        data_begins: int = record.offset + LOCAL.size + fields[9] + fields[10]
        data_ends = data_begins + record.packed_bytes
        if data_ends > self._directory_begins:
            raise MemberRefused("truncated: its data run into the directory")
        self.cover(record.offset, data_ends)
        self._descriptor_may_follow = bool(record.flags & SIZES_FOLLOW)
        if fields[9] != len(raw_name) or raw_name != record.raw_name or not _agree(record, fields):
            raise MemberRefused("its own header and the directory of the zip disagree")
        return data_begins

    def _refuse_unreadable(self, record: ZipRecord) -> None:
        kind = stat.S_IFMT(record.mode)
        if kind == stat.S_IFLNK:
            raise MemberRefused("a symbolic link; links are not followed")
        if kind not in (0, stat.S_IFREG):
            raise MemberRefused("a device, pipe or socket; only plain files are read")
        if record.flags & (ENCRYPTED | STRONGLY_ENCRYPTED | HEADER_MASKED):
            raise MemberRefused("encrypted")
        if record.flags & PATCHED or record.method not in (STORED, DEFLATED, BZIP2, LZMA):
            method = METHOD_NAMES.get(record.method, f"method {record.method}")
            raise MemberRefused(f"compressed in a way that cannot be read here ({method})")
        if record.method == STORED and record.packed_bytes != record.unpacked_bytes:
            raise MemberRefused("its own header and the directory of the zip disagree")
        check_ratio(record.packed_bytes, record.unpacked_bytes, self._budget.limits)

    def _stream(self, record: ZipRecord, data_begins: int) -> ByteStream:
        packed = FilePart(self._file, data_begins, record.packed_bytes)
        return _Checked(_unpacked(record.method, packed, self._budget), record)


def _agree(record: ZipRecord, local: tuple[int, ...]) -> bool:
    """Whether a local header says the same; sizes may be left to what follows the data."""
    flags, method, checksum, packed_bytes, unpacked_bytes = local[2], local[3], *local[6:9]
    if method != record.method or (flags ^ record.flags) & (ENCRYPTED | STRONGLY_ENCRYPTED):
        return False
    if flags & SIZES_FOLLOW:
        return True
    return (
        checksum == record.checksum
        and packed_bytes in (record.packed_bytes, IN_EXTRA_32)
        and unpacked_bytes in (record.unpacked_bytes, IN_EXTRA_32)
    )


def _unpacked(method: int, packed: ByteStream, budget: Budget) -> ByteStream:
    if method == STORED:
        return _Stored(packed, budget)
    if method == LZMA:
        decompressor = zip_lzma(packed.read(9))
        return Inflated(packed, lambda: decompressor, budget, many=False)
    new = bzip2 if method == BZIP2 else raw_deflate
    return Inflated(packed, new, budget, many=False)


class FilePart:
    """``size_bytes`` of a file from ``begins`` on; others may move the file between reads."""

    def __init__(self, file: BinaryIO, begins: int, size_bytes: int) -> None:
        self._file = file
        self._position = begins
        self._left_bytes = size_bytes

    def read(self, size: int, /) -> bytes:
        if self._left_bytes <= 0:
            return b""
        self._file.seek(self._position)
        chunk = self._file.read(min(size, self._left_bytes))
        self._position += len(chunk)
        self._left_bytes -= len(chunk)
        return chunk


class _Stored:
    def __init__(self, packed: ByteStream, budget: Budget) -> None:
        self._packed = packed
        self._budget = budget

    def read(self, size: int, /) -> bytes:
        data = self._packed.read(size)
        self._budget.unpack(len(data))
        return data


class _Checked:
    """A member's bytes; raises MemberRefused unless size and checksum are as claimed."""

    def __init__(self, unpacked: ByteStream, record: ZipRecord) -> None:
        self._unpacked = unpacked
        self._record = record
        self._size_bytes = 0
        self._checksum = 0

    def read(self, size: int, /) -> bytes:
        data = self._unpacked.read(size)
        self._size_bytes += len(data)
        if self._size_bytes > self._record.unpacked_bytes:
            raise MemberRefused("it unpacks to more bytes than its header says")
        self._checksum = zlib.crc32(data, self._checksum)
        if not data:
            self._verify()
        return data

    def _verify(self) -> None:
        if self._size_bytes < self._record.unpacked_bytes:
            raise MemberRefused("truncated: it unpacks to fewer bytes than its header says")
        if self._checksum != self._record.checksum:
            raise MemberRefused("damaged: its checksum does not fit its bytes")
