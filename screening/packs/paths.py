"""Paths of members: what an archive may call its members, and how two of one name stay apart."""

import re

from screening.packs.refusal import MemberRefused

ARCHIVE_MARK = "!/"
"""Stands between an archive and what lies in it: ``inner.zip!/a.png``."""

DUPLICATE_MARK = "//"
"""Stands before the number of a further member of the same path: ``a.png//2``.

No member is given such a path: empty parts (``a//b``) are dropped from the names in archives, and
a file system has none.
"""

MAX_NAME_BYTES = 4096
"""Longest name that is kept (PATH_MAX of Linux); an archive may claim 65,535 bytes a member."""

ARCHIVE_SUFFIXES = (
    *(".zip", ".zipx", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".gz", ".bz2", ".xz"),
    *(".zst", ".rar", ".7z", ".cbz", ".cbr", ".cb7", ".cbt"),
)
PARQUET_SUFFIX = ".parquet"

_PLAIN = re.compile(r"[A-Za-z0-9_-][\w.-]{0,100}(?:/[A-Za-z0-9_-][\w.-]{0,100}){0,5}", re.ASCII)
"""Names that need no further look: ASCII, short, no part that begins with a dot, no drive."""

_DRIVE = re.compile(r"[A-Za-z]:")
_SHOWN_CHARACTERS = 200


def decode_name(raw: bytes) -> str:
    """A member's name as text; bytes that are not UTF-8 become surrogate escapes."""
    return raw.decode("utf-8", "surrogateescape")


def member_path(name: str) -> str:
    """``name`` as an archive gives it, as a path within the archive.

    Backslashes count as separators, as they do where such archives are made; ``.`` and empty
    parts are dropped. Raises MemberRefused where the name would lead out of the pack, or is no
    name at all.
    """
    if _PLAIN.fullmatch(name):
        return name
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or any(_DRIVE.match(part) for part in parts[:1]):
        raise MemberRefused(
            "path leaves the pack (it is absolute, names a drive or goes up with '..')"
        )
    if not parts:
        raise MemberRefused("the archive gives it no name")
    if len(path.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        raise MemberRefused(f"its name is longer than {MAX_NAME_BYTES} bytes")
    return "/".join(parts)


def shown_path(name: str) -> str:
    """A path under which a refused name is listed: what was given, cut where it is very long.

    ``//`` is left out, so that it always means `DUPLICATE_MARK`.
    """
    path = re.sub(r"/{2,}", "/", name.replace("\\", "/"))
    if len(path.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        path = path[:_SHOWN_CHARACTERS] + "…"
    return path or "(no name)"


def given_path(path: str) -> str:
    """The path that the pack itself gives: ``path`` without the number of a duplicate."""
    return path.partition(DUPLICATE_MARK)[0]


def says_archive(name: str) -> bool:
    """Whether the name of a file has the suffix of an archive."""
    return name.lower().rstrip(". ").endswith(ARCHIVE_SUFFIXES)


def seems_within_archive(path: str) -> str:
    """The first folder of ``path``, as a container gives it, whose name is one that `Pack.read`
    gives the inside of an archive (``a.zip!``); "" where there is none."""
    folders = path.split("/")[:-1] if ARCHIVE_MARK in path else []
    return next(filter(is_archive_folder, folders), "")


def is_archive_folder(folder: str) -> bool:
    """Whether the last part of ``folder`` is the inside of an archive, by its name."""
    archive = folder.removesuffix("!")
    is_parquet = archive.lower().endswith(PARQUET_SUFFIX)
    return archive != folder and (is_parquet or says_archive(archive))
