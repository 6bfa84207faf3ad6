"""Which reader opens which archive, and which zips are tensors rather than archives."""

import io
import re
from typing import BinaryIO

from screening.packs.budget import Budget
from screening.packs.entry import Contents
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import is_tar_header
from screening.packs.tar_archive import read_compressed, read_tar
from screening.packs.zip_archive import read_zip
from screening.packs.zip_directory import (
    END,
    END_SIGNATURE,
    MAX_COMMENT_BYTES,
    ZipDirectory,
    read_directory,
)

CLOSED_FORMATS = frozenset({"7z", "rar"})
"""Archives that are known and that nothing here opens."""

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
    if archive == "zip":
        directory = read_directory(file, max_records=max(budget.members_left, 0))
        if directory is None:
            raise MemberRefused("truncated: a zip without its directory")
        return None if _holds_tensors(directory) else read_zip(file, directory, budget)
    file.seek(0)
    if archive == "tar":
        return read_tar(file, budget)
    return read_compressed(archive, file, budget, name=name)


def appended_archive(data: bytes, budget: Budget) -> Contents | None:
    """The contents of an archive within ``data``, a file that is something else as well.

    A zip is found from its end, so that it can stand behind a picture; a tar can be a picture
    whose first bytes are its first member's name.
    """
    if data.rfind(END_SIGNATURE, max(0, len(data) - END.size - MAX_COMMENT_BYTES)) >= 0:
        file = io.BytesIO(data)
        directory = read_directory(file, max_records=max(budget.members_left, 0))
        if directory is not None:
            return read_zip(file, directory, budget, polyglot=True)
    if is_tar_header(data[:512]):
        return read_tar(io.BytesIO(data), budget)
    return None


def _holds_tensors(directory: ZipDirectory) -> bool:
    names = [record.name for record in directory.records]
    if not names or directory.left or directory.troubles:
        return False
    if all(name.endswith(".npy") for name in names):
        return True
    is_torch = all(_TORCH_RECORD.fullmatch(name) for name in names)
    return is_torch and any(name.endswith("/data.pkl") for name in names)
