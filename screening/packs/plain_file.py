"""What a file that is no archive becomes, now that all its bytes are here."""

import hashlib
import re

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

VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".flv", ".mpg", ".mpeg"),
)

EMPTY = "an empty file, as taggers leave for a picture without a caption"

CACHE_SUFFIXES = (".npz", ".npy", ".safetensors", ".pt", ".pth", ".ckpt", ".pkl")
"""kohya-ss/sd-scripts ``.npz``, kohya-ss/musubi-tuner and ostris/ai-toolkit ``.safetensors``,
bghira/SimpleTuner ``.pt``. Pickles of protocol 0 are text."""

_IN_A_STREAM = re.compile(
    rb"\x47[\s\S]{187}\x47[\s\S]{187}\x47|\0\0\x01[\xba\xb3\xb0\x67\x27\x47\x42\x40]"
)
"""Packets of MPEG-TS, or start codes of MPEG, H.264 and HEVC: FFmpeg finds those films behind
whatever stands before them, and a trainer opens them by their suffix."""


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
        return EMPTY
    name = given_path(path).rpartition("/")[2]
    is_ds_store = name.lower() == ".ds_store" and data.startswith(DS_STORE_START)
    if is_ds_store and len(data) <= MAX_DS_STORE_BYTES:
        return "a .DS_Store file of macOS: how a folder is shown"
    is_fork = name.startswith("._") and data.startswith(APPLE_DOUBLE_START)
    if is_fork and len(data) <= MAX_RESOURCE_FORK_BYTES and not _may_be_film(name, data):
        return "an AppleDouble file of macOS: attributes of another file"
    return None


def _may_be_film(name: str, data: bytes) -> bool:
    return name.lower().endswith(VIDEO_SUFFIXES) and _IN_A_STREAM.search(data) is not None


def _why_unscreened(path: str, data: bytes, kind: Kind, limits: Limits) -> str | None:
    if not data:
        return "empty file"
    if data.startswith(OLE_START):
        return "an OLE file (Thumbs.db, old Office), which may hold pictures; it is not opened"
    if data.startswith(APPLE_DOUBLE_START):
        return "a resource fork of macOS that may hold a picture or video; it is not opened"
    if kind is Kind.TEXT and len(data) > limits.max_text_bytes:
        return f"text longer than {limits.max_text_bytes:,} bytes (max_text_bytes)"
    if kind is Kind.TEXT and given_path(path).lower().endswith(PICTURE_SUFFIXES):
        return "text under the name of a picture"
    if kind is Kind.TEXT and given_path(path).lower().endswith(CACHE_SUFFIXES):
        return "text under the name of a cache"
    if kind is Kind.TEXT and given_path(path).lower().endswith(VIDEO_SUFFIXES):
        return "text under the name of a video; lists of other films are not followed"
    return None
