"""Which reader opens which archive, and which zips are tensors rather than archives."""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from screening.packs.budget import Budget
from screening.packs.byte_search import Signatures
from screening.packs.entry import Contents
from screening.packs.parquet_archive import PARQUET_MARKS, ends_as_parquet, read_parquet
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import ARCHIVE_STARTS, is_tar_header
from screening.packs.tar_archive import BLOCK_BYTES, ZIP_AS_WELL, read_compressed, read_tar
from screening.packs.zip_archive import LOCAL_SIGNATURE, read_zip
from screening.packs.zip_directory import (
    END,
    END_SIGNATURE,
    MAX_COMMENT_BYTES,
    RECORD_SIGNATURE,
    ZipDirectory,
    holds_zip_end,
    read_directory,
)

CLOSED_FORMATS = frozenset({"7z", "rar"})
"""Archives that are known and that nothing here opens."""

_CLOSED_STARTS = [each for each in ARCHIVE_STARTS if each[1] in CLOSED_FORMATS]
_APPENDED = Signatures(END_SIGNATURE, *(start for start, _ in _CLOSED_STARTS))

_TORCH_RECORD = re.compile(
    r"[^/]+/(?:data\.pkl|version|byteorder|\.format_version|\.storage_alignment"
    r"|\.data/\w+|data/\w+|constants\.pkl|code/.*\.(?:py|debug_pkl))"
)
"""What ``torch.save`` writes (pytorch/pytorch, ``caffe2/serialize/inline_container.cc``)."""


def open_archive(archive: str, file: BinaryIO, budget: Budget, *, name: str) -> Contents | None:
    """The contents of ``file``, an archive of a format that `archive_format` names.

    None for a zip that is a file of tensors: ``.npz`` or what ``torch.save`` writes. Raises
    MemberRefused where there is no archive to open.
    """
    is_parquet = ends_as_parquet(file)
    file.seek(0)
    is_tar = is_tar_header(file.read(BLOCK_BYTES))
    contents = _opened(archive, file, budget, name=name, is_parquet=is_parquet)
    if contents is None:
        return None
    if is_parquet and archive != "parquet":
        contents = _also(contents, "it ends as a Parquet file does, and is not read as one")
    if is_tar and archive != "tar":
        contents = _also(contents, "it begins as a tar does, and is not read as one")
    return contents


def _opened(
    archive: str, file: BinaryIO, budget: Budget, *, name: str, is_parquet: bool
) -> Contents | None:
    if archive == "parquet":
        if not is_parquet:
            raise MemberRefused("truncated: a Parquet file without its footer")
        return read_parquet(file, budget)
    if archive == "zip":
        directory = read_directory(file, max_records=max(budget.members_left, 0))
        if directory is None:
            raise MemberRefused("truncated: a zip without its directory")
        if _holds_tensors(directory):
            return None
        return read_zip(file, directory, budget)
    within = _zip_within(file, budget)
    file.seek(0)
    if archive == "tar":
        return read_tar(file, budget, zip_within=within)
    contents = read_compressed(archive, file, budget, name=name)
    return contents if within is None else _also(contents, ZIP_AS_WELL)


def appended_archives(data: bytes, budget: Budget) -> Iterator[Contents]:
    """The contents of each archive within ``data``, a file that is something else as well.

    A zip and a Parquet file are found from their ends, so that they can stand behind a picture; a
    tar can be a picture whose first bytes are its first member's name. A RAR or 7z behind a picture
    is opened by its own tools as a self-extracting file is; six bytes are in compressed data by
    chance once in 2**48 positions.
    """
    found = _APPENDED.positions(data)
    tail_starts = max(0, len(data) - END.size - MAX_COMMENT_BYTES)
    if END_SIGNATURE in found and data.rfind(END_SIGNATURE, tail_starts) >= 0:
        file = io.BytesIO(data)
        directory = read_directory(file, max_records=max(budget.members_left, 0))
        if directory is not None:
            yield read_zip(file, directory, budget, polyglot=True)
        elif RECORD_SIGNATURE in data or LOCAL_SIGNATURE in data:
            yield _unread("a zip is in it whose end record leads to no directory")
    if is_tar_header(data[:512]):
        yield read_tar(io.BytesIO(data), budget)
    if data.endswith(PARQUET_MARKS) and ends_as_parquet(io.BytesIO(data)):
        yield read_parquet(io.BytesIO(data), budget)
    for start, archive in _CLOSED_STARTS:
        if start in found:
            yield _unread(
                f"{archive} archives cannot be opened here; one seems to begin at byte "
                f"{found[start]:,}"
            )


def _also(contents: Contents, trouble: str) -> Contents:
    """``contents`` of an archive that a trainer may be told to read as one of another format."""
    troubles = yield from contents
    return (*troubles, trouble)


def _zip_within(file: BinaryIO, budget: Budget) -> tuple[int, int] | None:
    """From which byte to which a zip lies in ``file`` for readers that look for its end."""
    if not holds_zip_end(file):
        return None
    directory = read_directory(file, max_records=max(budget.members_left, 1))
    if directory is None:
        return None
    offsets = (record.offset for record in directory.records)
    return max(0, min(offsets, default=directory.begins)), directory.ends


def _unread(trouble: str) -> Contents:
    """An archive of which nothing is read."""
    yield from ()
    return (trouble,)


def _holds_tensors(directory: ZipDirectory) -> bool:
    names = [record.name for record in directory.records]
    if not names or directory.left or directory.troubles:
        return False
    if all(name.endswith(".npy") for name in names):
        return True
    is_torch = all(_TORCH_RECORD.fullmatch(name) for name in names)
    return is_torch and any(name.endswith("/data.pkl") for name in names)
