"""Texts in EXIF: a TIFF structure (TIFF 6.0, section 2; EXIF 2.32, 4.6), read from bytes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_ENTRIES = 512
MOST_DIRECTORIES = 8

MOST_BYTES = 1 << 20
"""Of one text. ComfyUI's workflows are 10-300 kB."""

_NAMES = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x9286: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
}
_EXIF_DIRECTORY = 0x8769
_USER_COMMENT = 0x9286
_WIDE = range(0x9C9B, 0x9CA0)
_SIZES = {1: 1, 2: 1, 7: 1, 129: 1}
"""Bytes of a value of the types that hold text: BYTE, ASCII, UNDEFINED, UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureText:
    """A text in a picture file and the key it stands under: ``parameters``, ``XMP``.

    ``is_cut``: it goes on, or others follow, that were not read; there may be nothing before them.
    """

    key: str
    text: str
    is_cut: bool = False


def texts(raw: bytes) -> Iterator[PictureText]:
    """Every entry that is text; nothing is raised."""
    order = {b"II": "<", b"MM": ">"}.get(raw[:2])
    if order is None:
        return
    try:
        todo = [struct.unpack_from(f"{order}I", raw, 4)[0]]
    except struct.error:
        return
    done: set[int] = set()
    while todo:
        start = todo.pop()
        if not start or start in done:  # 0 says that there is none
            continue
        if len(done) == MOST_DIRECTORIES:
            yield PictureText(key="EXIF", text="", is_cut=True)
            return
        done.add(start)
        try:
            yield from _directory(raw, order, start, todo)
        except struct.error:
            continue


def _directory(raw: bytes, order: str, start: int, todo: list[int]) -> Iterator[PictureText]:
    said = struct.unpack_from(f"{order}H", raw, start)[0]
    count = min(said, MOST_ENTRIES)
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, values, value = struct.unpack_from(f"{order}HHII", raw, at)
        if tag == _EXIF_DIRECTORY:
            todo.append(value)
        elif kind in _SIZES:
            begin = at + 8 if values <= 4 else value
            text = _decoded(tag, raw[begin : begin + min(values, MOST_BYTES)], order)
            if text:
                key = f"EXIF {_NAMES.get(tag, f'0x{tag:04x}')}"
                yield PictureText(key=key, text=text, is_cut=values > MOST_BYTES)
    if said > count and len(raw) >= start + 2 + 12 * said:
        yield PictureText(key="EXIF", text="", is_cut=True)
    todo.append(struct.unpack_from(f"{order}I", raw, start + 2 + 12 * count)[0])


def _decoded(tag: int, raw: bytes, order: str) -> str:
    if tag in _WIDE:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    if tag == _USER_COMMENT:
        code, raw = raw[:8], raw[8:]
        if code.startswith(b"UNICODE"):
            # written big-endian by piexif whatever the order of the file is
            return raw.decode(_utf_16(raw, order), "replace").strip("\0 ")
    elif tag not in _NAMES and not raw.isascii():
        return ""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip("\0 ")


def _utf_16(raw: bytes, order: str) -> str:
    """The byte order in which more of ``raw`` is ASCII; the file's own where that says nothing."""
    big, little = raw[0:2000:2].count(0), raw[1:2000:2].count(0)
    if big == little:
        return "utf-16-le" if order == "<" else "utf-16-be"
    return "utf-16-be" if big > little else "utf-16-le"
