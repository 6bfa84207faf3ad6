"""What a file is, told from its bytes.

A picture under an odd suffix trains, and a file that Pillow opens may be valid text (a PPM, an
XPM), so pictures go before text, and text must be free of the control characters that the
remaining formats without a signature (TGA, IM, IMT, PCX) cannot do without. What is neither is
`Kind.OTHER`: the decoder is to try it.
"""

import re

from screening.packs.member import Kind

HEAD_BYTES = 4096
"""How much of a file `archive_format` and `picture_or_video` look at."""

IMAGE_STARTS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"II\xbc",  # JPEG XR
    b"8BPS",
    b"DDS ",
    b"qoif",
    b"\0\0\1\0",  # ICO
    b"\0\0\2\0",  # CUR
    b"icns",
    b"\xff\x0a",  # JPEG XL codestream
    b"\0\0\0\x0cJXL \r\n\x87\n",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"\xff\x4f\xff\x51",  # JPEG 2000 codestream
    b"\x01\xda",  # SGI
    b"\x59\xa6\x6a\x95",  # Sun raster
    b"\xb1\x68\xde\x3a",  # DCX
    b"\x80\xe8\0\0",  # PIXAR
    b"DanM",
    b"LinS",
    b"BLP1",
    b"BLP2",
    b"FTEX",
    b"FTU\0",
    b"SIMPLE  =",  # FITS
    b"%!PS",
    b"\xc5\xd0\xd3\xc6",  # EPS with a preview
    b"\xd7\xcd\xc6\x9a",  # WMF
    b"/* XPM",
    b"\x76\x2f\x31\x01",  # OpenEXR
    b"#?RADIANCE",
    b"P7 332\n",  # XV thumbnail
)

ISO_IMAGE_BRANDS = frozenset(
    {b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
    | {b"mif1", b"mif2", b"msf1", b"jxl ", b"crx "}
)

VIDEO_STARTS = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"FLV\x01",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
    b"\0\0\x01\xba",
    b"\0\0\x01\xb3",
    b"OggS",
    b"DKIF",  # IVF
    b"nut/multimedia container\0",
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01",  # MXF
    b"YUV4MPEG2 ",
)
ISO_VIDEO_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})

OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
APPLE_DOUBLE_START = b"\x00\x05\x16\x07"
DS_STORE_START = b"\0\0\0\1Bud1"

MAX_SAFETENSORS_HEADER_BYTES = 100_000_000
"""The format's own limit (huggingface/safetensors, ``safetensors/src/tensor.rs``)."""

_PORTABLE_ANYMAP = re.compile(rb"P(?:[1-6FfN]|0CMYK|yP|yRGBA|yCMYK)(?:\s|#[^\n]*\n)+\d+\s")
_PORTABLE_ARBITRARY_MAP = re.compile(rb"P7\n[^\0]{0,200}WIDTH \d")
_X_BITMAP = re.compile(rb"\s*#define[ \t]+\S*_?width[ \t]+\d", re.IGNORECASE)
_BITMAP_HEADER_BYTES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_TEXT_CONTROLS = b"\t\n\r"
_NO_TEXT = bytes(code for code in range(32) if code not in _TEXT_CONTROLS)


def kind_of(data: bytes) -> Kind:
    """The kind of a whole file that is no archive (`archive_format` tells those)."""
    head = data[:HEAD_BYTES]
    media = picture_or_video(head)
    if media is not None:
        return media
    if _is_cache(head):
        return Kind.CACHE
    if is_text(data):
        return Kind.TEXT
    if head[:1] == b"\x47" and head[188:189] == b"\x47":
        return Kind.VIDEO  # an MPEG transport stream: one sync byte every 188
    return Kind.OTHER


def picture_or_video(head: bytes) -> Kind | None:
    """IMAGE or VIDEO by the first `HEAD_BYTES`, or None."""
    if head.startswith(IMAGE_STARTS) or _is_portable(head) or head[2048:2052] == b"PCD_":
        return Kind.IMAGE
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BITMAP_HEADER_BYTES:
        return Kind.IMAGE
    if head[:4] == b"RIFF":
        return {b"WEBP": Kind.IMAGE, b"AVI ": Kind.VIDEO}.get(head[8:12])
    if head.startswith(VIDEO_STARTS):
        return Kind.VIDEO
    if head[4:8] in ISO_VIDEO_BOXES and min(head[:4]) < 9:
        return _iso_kind(head)
    return None


def _iso_kind(head: bytes) -> Kind:
    box_bytes = min(int.from_bytes(head[:4], "big"), 256)
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, box_bytes, 4))}
    is_picture = head[4:8] == b"ftyp" and not brands.isdisjoint(ISO_IMAGE_BRANDS)
    return Kind.IMAGE if is_picture else Kind.VIDEO


def _is_portable(head: bytes) -> bool:
    patterns = (_PORTABLE_ANYMAP, _PORTABLE_ARBITRARY_MAP, _X_BITMAP)
    return any(pattern.match(head) for pattern in patterns)


def _is_cache(head: bytes) -> bool:
    """Tensors: safetensors, NumPy's .npy, pickles (protocol 2 and up, as torch writes them)."""
    if head.startswith(b"\x93NUMPY"):
        return True
    if head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5") and len(head) > 2:
        return True
    header_bytes = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and 2 <= header_bytes <= MAX_SAFETENSORS_HEADER_BYTES


def is_text(data: bytes) -> bool:
    """Whether ``data`` is text: UTF-8, UTF-16 with a byte order mark, or an older encoding.

    An older encoding cannot be told from the bytes; it is what has no control characters but tab
    and line ends.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            return False
        return not any(ord(character) < 32 and character not in "\t\n\r" for character in text)
    return len(data.translate(None, _NO_TEXT)) == len(data)


def archive_format(head: bytes) -> str | None:
    """The format of the archive that begins with ``head``: zip, tar, gzip, … or None."""
    for start, name in ARCHIVE_STARTS:
        if head.startswith(start):
            return name
    if head[:3] == b"BZh" and head[4:10] in BZIP2_BLOCKS:
        return "bzip2"
    return "tar" if is_tar_header(head[:512]) else None


ARCHIVE_STARTS = (
    (b"PK\3\4", "zip"),
    (b"PK\5\6", "zip"),
    (b"PK\x07\x08PK\3\4", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"PAR1", "parquet"),
    (b"PARE", "parquet"),
)

BZIP2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
"""What follows ``BZh`` and a digit: the first block, or the end of an empty file."""


_CHECKSUM_STARTS = frozenset(b"01234567 \0\t\n\v\f\r+-\x80")
"""How what `int` and GNU's base-256 take for a number can begin."""


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes are a tar header: its checksum fits (with and without ustar magic).

    As `tarfile` and GNU tar do, this takes the sum of signed bytes too, which some old tars wrote.
    """
    if len(block) < 512 or block[148] not in _CHECKSUM_STARTS:
        return False
    try:
        claimed = int(block[148:156].strip(b" \0").partition(b"\0")[0] or b"0", 8)
    except ValueError:
        if block[148] != 0x80:
            return False
        claimed = int.from_bytes(block[149:156], "big")  # GNU base-256
    summed = block[:148] + b" " * 8 + block[156:512]
    unsigned = sum(summed)
    return claimed in (unsigned, unsigned - 256 * sum(byte > 127 for byte in summed))
