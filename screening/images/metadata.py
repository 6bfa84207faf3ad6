"""The texts that a picture file carries beside its pixels, read without decoding it.

Generators write prompts there: AUTOMATIC1111/stable-diffusion-webui ``parameters`` (PNG text
chunk, EXIF UserComment elsewhere; ``modules/images.py``), comfyanonymous/ComfyUI ``prompt`` and
``workflow`` (JSON in PNG text chunks; ``nodes.py``), NovelAI ``Description`` and ``Comment``;
photo programs write XMP and IPTC. The bytes are a stranger's: everything is bounded, nothing is
raised, and what is malformed is left out. What is over a limit is left out too, and said to be.
None of it is trained on; it only names.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from screening.images import exif
from screening.images.exif import MOST_BYTES, PictureText

MOST_BLOCKS = 1 << 16
"""Chunks, segments or blocks of a file that are looked at: a PNG of 500 MB in the 8 kB chunks that
libpng writes has as many."""

MOST_TEXTS = 64
MOST_PACKETS = 4
MOST_KEY_CHARACTERS = 79
"""As PNG has it."""

_PNG = b"\x89PNG\r\n\x1a\n"
_XMP = b"<x:xmpmeta"
_XMP_END = b"</x:xmpmeta>"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF = b"Exif\0\0"
_IPTC = b"Photoshop 3.0\0"
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTexts:
    """The texts of one picture; ``is_cut`` if it has more that were not read."""

    texts: tuple[PictureText, ...] = ()
    is_cut: bool = False


class _Block(NamedTuple):
    """Bytes that may be text, under a key; ``is_cut`` if what follows was not read."""

    key: str
    raw: bytes
    is_cut: bool = False


_REST = _Block("", b"", is_cut=True)
"""After the last block that is read."""


def picture_texts(data: bytes) -> PictureTexts:
    """The texts in the picture file ``data``, at most `MOST_BYTES` characters of them together."""
    texts: dict[tuple[str, str], PictureText] = {}
    left = MOST_BYTES
    is_cut = False
    for each in _texts(data):
        is_cut |= each.is_cut
        key = each.key[:MOST_KEY_CHARACTERS]
        if not each.text or (key, each.text) in texts:
            continue
        if not left or len(texts) == MOST_TEXTS:
            is_cut = True
            break
        is_cut |= len(each.text) > left
        text = each.text[:left]
        left -= len(text)
        texts.setdefault((key, text), PictureText(key=key, text=text))
    return PictureTexts(texts=tuple(texts.values()), is_cut=is_cut)


def _texts(data: bytes) -> Iterator[PictureText]:
    for key, raw, is_cut in _blocks(data):
        if key == "EXIF":
            yield from exif.texts(raw)
            if is_cut:
                yield PictureText(key=key, text="", is_cut=True)
        else:
            yield PictureText(key=key, text=_decoded(raw), is_cut=is_cut)


def _blocks(data: bytes) -> Iterator[_Block]:
    """Key and bytes of every block that may be text."""
    if data.startswith(_PNG):
        yield from _png_blocks(data)
    elif data.startswith(b"\xff\xd8"):
        yield from _jpeg_blocks(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        yield from _riff_blocks(data)
    elif data[:4] in (b"II*\0", b"MM\0*"):
        yield _Block("EXIF", data)
        yield from _xmp_packets(data)
    elif data[:4] == b"GIF8":
        yield from _gif_comments(data)
        yield from _xmp_packets(data)
    else:
        at = data.find(_EXIF)
        if at >= 0:
            yield _Block("EXIF", data[at + len(_EXIF) :])
        yield from _xmp_packets(data)


def _decoded(raw: bytes) -> str:
    """Text as programs write it, whatever the format says: UTF-8, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # a character that was cut at the limit must not turn the whole text into Latin-1
        text = raw.decode("utf-8", "ignore")
        return text if 4 * len(text.encode()) >= 3 * len(raw) else raw.decode("latin-1")


def _png_blocks(data: bytes) -> Iterator[_Block]:
    """PNG, third edition, 11.3.3: ``tEXt``, ``zTXt``, ``iTXt``, ``eXIf``."""
    at = len(_PNG)
    for _ in range(MOST_BLOCKS):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if len(kind) < 4:
            return
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
            most = length if kind == b"eXIf" else min(length, MOST_BYTES)
            for block in _png_text(kind, data[at + 8 : at + 8 + most]):
                yield block._replace(is_cut=block.is_cut or most < length)
        at += 12 + length
    if at < len(data):
        yield _REST


def _png_text(kind: bytes, body: bytes) -> Iterator[_Block]:
    if kind == b"eXIf":
        yield _Block("EXIF", body.removeprefix(_EXIF))
        return
    raw_key, _, rest = body.partition(b"\0")
    key = _decoded(raw_key[:MOST_KEY_CHARACTERS]) or "text"
    is_cut = False
    if kind == b"zTXt":
        rest, is_cut = _inflated(rest[1:])
    elif kind == b"iTXt":
        is_compressed, rest = rest[:1] == b"\x01", rest[2:]
        rest = rest.partition(b"\0")[2].partition(b"\0")[2]  # after language and translated key
        rest, is_cut = _inflated(rest) if is_compressed else (rest, False)
    if key.lower().startswith("raw profile type"):
        yield from _raw_profile(rest)
        if is_cut:
            yield _REST
    else:
        yield _Block(key, rest, is_cut)


def _inflated(raw: bytes) -> tuple[bytes, bool]:
    """What was compressed, as far as it is sound and within the limit, and whether there is more.

    Unsound is taken for more: its beginning may be a text.
    """
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(raw, MOST_BYTES)
    except zlib.error:
        return b"", True
    return text, bool(inflater.unconsumed_tail)


def _raw_profile(text: bytes) -> Iterator[_Block]:
    """ImageMagick's EXIF, IPTC and XMP in hexadecimal: a name, a length, and lines of digits."""
    digits = b"".join(text.split()[2:])
    try:
        raw = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    except ValueError:
        return
    if raw.startswith(_EXIF):
        yield _Block("EXIF", raw[len(_EXIF) :])
    else:
        yield _Block("IPTC", raw)


def _jpeg_blocks(data: bytes) -> Iterator[_Block]:
    """ITU-T T.81, B.1.1.4: segments before the scan."""
    at = 2
    for _ in range(MOST_BLOCKS):
        if data[at : at + 1] != b"\xff" or at + 4 > len(data) or data[at + 1] == 0xDA:
            return
        marker = data[at + 1]
        if marker in _WITHOUT_LENGTH or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE1 and body.startswith(_EXIF):
            yield _Block("EXIF", body[len(_EXIF) :])
        elif marker == 0xE1 and body.startswith(_JPEG_XMP):
            yield _Block("XMP", body[len(_JPEG_XMP) :])
        elif marker == 0xE1 and body.startswith(_JPEG_MORE_XMP):
            yield _Block("XMP", body[len(_JPEG_MORE_XMP) + 40 :])
        elif marker == 0xED and body.startswith(_IPTC):
            yield _Block("IPTC", body[len(_IPTC) :])
        elif marker == 0xFE:
            yield _Block("comment", body)
        at += 2 + max(length, 2)
    if at < len(data):
        yield _REST


def _riff_blocks(data: bytes) -> Iterator[_Block]:
    """WebP's ``EXIF`` and ``XMP `` chunks."""
    at = 12
    for _ in range(MOST_BLOCKS):
        kind = data[at : at + 4]
        if len(kind) < 4:
            return
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"EXIF", b"XMP "):
            most = length if kind == b"EXIF" else min(length, MOST_BYTES)
            body = data[at + 8 : at + 8 + most]
            yield _Block(kind.decode().strip(), body.removeprefix(_EXIF), most < length)
        at += 8 + length + length % 2
    if at < len(data):
        yield _REST


def _gif_comments(data: bytes) -> Iterator[_Block]:
    """GIF89a, 24: comment extensions, found by their introducer; each is blocks of a length."""
    at = 0
    for _ in range(MOST_BLOCKS):
        at = data.find(b"\x21\xfe", at)
        if at < 0:
            return
        at += 2
        parts, total = [], 0
        while total < MOST_BYTES and at < len(data) and (length := data[at]):
            parts.append(data[at + 1 : at + 1 + length])
            total += length
            at += 1 + length
        yield _Block("comment", b"".join(parts), total >= MOST_BYTES)
    if data.find(b"\x21\xfe", at) >= 0:
        yield _REST


def _xmp_packets(data: bytes) -> Iterator[_Block]:
    """XMP is plain text in every format that has it (ISO 16684-1, 7.3)."""
    end = 0
    for _ in range(MOST_PACKETS):
        begin = data.find(_XMP, end)
        if begin < 0:
            return
        end = data.find(_XMP_END, begin, begin + MOST_BYTES)
        is_cut = end < 0 and begin + MOST_BYTES < len(data)
        end = end if end >= 0 else begin + MOST_BYTES
        yield _Block("XMP", data[begin:end], is_cut)
    if data.find(_XMP, end) >= 0:
        yield _REST
