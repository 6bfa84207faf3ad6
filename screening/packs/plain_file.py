"""What a file that is no archive becomes, now that all its bytes are here."""

import hashlib

from screening.packs.member import Ignored, Kind, Member, Unscreened
from screening.packs.paths import given_path
from screening.packs.signatures import (
    APPLE_DOUBLE_START,
    DS_STORE_START,
    OLE_START,
    kind_of,
)
from screening.settings import Limits

MAX_RESOURCE_FORK_BYTES = 64 * 1024
"""A resource fork above this may hold a picture; what Finder writes has some 4 KiB."""

MAX_DS_STORE_BYTES = 1024 * 1024

PICTURE_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    *(".avif", ".heic", ".heif", ".jxl", ".tga", ".jp2", ".ico"),
)


def plain_result(path: str, data: bytes, limits: Limits) -> Member | Unscreened | Ignored:
    """The result for ``data``, which is at most ``max_member_bytes`` long."""
    sha256 = hashlib.sha256(data).hexdigest()
    kind = kind_of(data)
    reason = None if kind is Kind.IMAGE else _why_ignored(path, data)
    if reason is not None:
        return Ignored(path=path, reason=reason, sha256=sha256)
    reason = _why_unscreened(path, data, kind, limits)
    if reason is not None:
        return Unscreened(path=path, reason=reason, sha256=sha256)
    return Member(path=path, data=data, sha256=sha256, kind=kind)


def _why_ignored(path: str, data: bytes) -> str | None:
    if not data and not given_path(path).lower().endswith(PICTURE_SUFFIXES):
        return "an empty file, as taggers leave for a picture without a caption"
    if data.startswith(DS_STORE_START) and len(data) <= MAX_DS_STORE_BYTES:
        return "a .DS_Store file of macOS: how a folder is shown"
    if data.startswith(APPLE_DOUBLE_START) and len(data) <= MAX_RESOURCE_FORK_BYTES:
        return "an AppleDouble file of macOS: attributes of another file"
    return None


def _why_unscreened(path: str, data: bytes, kind: Kind, limits: Limits) -> str | None:
    if not data:
        return "empty file"
    if data.startswith(OLE_START):
        return "an OLE file (Thumbs.db, old Office), which may hold pictures; it is not opened"
    if data.startswith(APPLE_DOUBLE_START):
        return "a resource fork of macOS large enough to hold a picture; it is not opened"
    if kind is Kind.TEXT and len(data) > limits.max_text_bytes:
        return f"text longer than {limits.max_text_bytes:,} bytes (max_text_bytes)"
    if kind is Kind.TEXT and given_path(path).lower().endswith(PICTURE_SUFFIXES):
        return "text under the name of a picture"
    return None
