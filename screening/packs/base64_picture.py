"""Pictures written as text: base64, as web pages and data sets of language models have them.

No trainer that `screening.packs.layouts` knows decodes them, but whoever reads a table with pandas
does so in a line, and no caption begins like one.
"""

import base64
import binascii
import re

_PREFIX = r"\s*[\"']?(?:b['\"])?(?:data:(?:image|video|application)/[^,\s]{0,80},\s*)?"
_STARTS = (
    r"iVBORw0KGgo",  # PNG
    r"[/_]9j[/_]",  # JPEG
    r"R0lGOD[dl]h",  # GIF
    r"UklGR[A-Za-z0-9+/_-]{6}XRUJQ",  # RIFF, a length, WEBP
    r"Qk[0-3][0-9A-Za-z+/_-]{5}AAAA",  # BMP
    r"SUkqA|TU0AK",  # TIFF
    r"AAAA[A-Za-z0-9+/_-]{2}Z0eXB",  # AVIF, HEIC and video: a box "ftyp"
    r"/woA|AAAADEpYTC",  # JPEG XL
)
_PICTURE = re.compile(f"{_PREFIX}(?:{'|'.join(_STARTS)})|\\s*[\"']?data:(?:image|video)/")
_BEFORE = re.compile(_PREFIX)
_LOOKED_AT_CHARACTERS = 400
LEAST_CHARACTERS = 40
"""In base64 the smallest GIF has 36, the smallest PNG 92."""


def seems_picture(text: str) -> bool:
    """Whether ``text`` begins as a picture in base64 does, or as a ``data:`` URL of one."""
    return len(text) >= LEAST_CHARACTERS and bool(_PICTURE.match(text, 0, _LOOKED_AT_CHARACTERS))


def decoded_picture(text: str) -> bytes | None:
    """The bytes of a text that `seems_picture`; None where they are not in base64.

    Both alphabets are read, without padding too, and line ends are left out.
    """
    before = _BEFORE.match(text, 0, _LOOKED_AT_CHARACTERS)
    written = text[before.end() if before else 0 :].translate(_ONE_ALPHABET).rstrip("\"'= ")
    try:
        raw = written.encode("ascii")
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None


_ONE_ALPHABET = str.maketrans("-_", "+/", " \t\r\n")
