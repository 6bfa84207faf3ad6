"""Members: the files of a pack, and what became of each.

Every file ends in exactly one of three places: it is read (`Member`), it is `Unscreened` with the
sentence why, or it is `Ignored` with the reason. Nothing disappears.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a member's content is, told from its first bytes, never from its suffix."""

    IMAGE = "image"
    TEXT = "text"
    ARCHIVE = "archive"
    VIDEO = "video"
    CACHE = "cache"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of a pack, read whole.

    ``path`` is as the pack gives it, with ``/`` between folders and ``!/`` after an archive
    (``inner.zip!/a.png``); bytes that are not UTF-8 are kept as surrogate escapes.
    """

    path: str
    data: bytes
    sha256: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscreened:
    """A member, or a part of one, that nobody has looked at. The verdict is at least flag.

    ``sha256`` is None where the bytes could not or must not be read.
    """

    path: str
    reason: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A member that no trainer can train on and that holds no picture or text, by its content."""

    path: str
    reason: str
    sha256: str | None = None


def printable(text: str) -> str:
    r"""``text`` as valid Unicode: bytes that were not UTF-8 become ``\xNN``.

    Other lone surrogates, which JSON in a pack can hold, become ``\uNNNN``. Control characters
    stay; whoever prints to a terminal or a page escapes those.
    """
    return _SURROGATE.sub(_surrogate_escape, text)


def path_as_text(path: str) -> str:
    r"""A member's path as valid Unicode, no two alike: `printable`, and ``\`` becomes ``\\``."""
    return printable(path.replace("\\", r"\\"))


def path_from_text(text: str) -> str:
    """The path that `path_as_text` wrote as ``text``."""
    return _PATH_ESCAPE.sub(_unescaped, text)


def shortened(text: str, limit: int) -> str:
    """``text``, or its beginning and end around an ellipsis, ``limit`` characters in all."""
    if len(text) <= limit:
        return text
    kept = limit - 1
    return f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"


_SURROGATE = re.compile("[\ud800-\udfff]")
_PATH_ESCAPE = re.compile(r"\\(?:\\|x([89a-f][0-9a-f])|u(d[89a-f][0-9a-f]{2}))")


def _surrogate_escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def _unescaped(found: re.Match[str]) -> str:
    byte, code = found.groups()
    if byte:
        return chr(0xDC00 + int(byte, 16))
    return chr(int(code, 16)) if code else "\\"
