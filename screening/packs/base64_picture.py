"""Pictures written as text: base64, as web pages and data sets of language models have them.

No trainer that `screening.packs.layouts` knows decodes them, but whoever reads a table with pandas
does so in a line, and no caption begins like one, nor holds one.
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


_AT_START = r"(?:(?<![A-Za-z0-9+/=])|(?<=\\[nrt]))"
_RUN = r"[A-Za-z0-9+/_=\r\n\\-]"
_WITHIN = re.compile(
    rf"data:(?:image|video)/[\w.+-]{{1,40}}[;,]\S{{{LEAST_CHARACTERS}}}"
    rf"|{_AT_START}(?:(?:iVBORw0KGgo|R0lGOD[dl]h|UklGR{_RUN}{{6}}XRUJQ){_RUN}{{24}}"
    rf"|(?:Qk[0-3]{_RUN}{{5}}AAAAA|SUkqA|TU0AK|AAAA{_RUN}{{2}}Z0eXB){_RUN}{{100}}"
    rf"|(?:\\?[/_]9j\\?[/_]|[/_]woA|AAAADEpYTC){_RUN}{{100}}"
    r"|(?i:89504e470d0a1a0a|ffd8ff[cdef][0-9a-f]|474946383[79]61)[0-9A-Fa-f]{160}"
    r"|(?:iBL\{Q4GJ|\|JeW|M,6r;%14|s4IA)\S{160})"
    r"|\\(?:x|u00)89PNG\\r\\n"
)
_NEEDLES = (
    *("data:image/", "data:video/", "iVBORw0KGgo", "R0lGOD", "XRUJQ", "AAAAA", "SUkqA", "TU0AK"),
    *("Z0eXB", "9j/", "9j_", "9j\\/", "woA", "AAAADEpYTC", "89504e47", "89504E47", "ffd8ff"),
    *("FFD8FF", "47494638", "iBL{Q4GJ", "|JeW", "M,6r;%14", "s4IA", "89PNG\\r"),
)
"""Each alternative of `_WITHIN` has one of these in it; to look for them takes no time."""

_BEFORE_NEEDLE_CHARACTERS = 16
MOST_LOOKS = 2000
"""Needles of one kind that are looked at in a text; what has more is no caption."""


def holds_picture(text: str) -> bool:
    """Whether a picture is written anywhere in ``text``: base64, hexadecimal, base85, escapes."""
    return any(_holds(text, needle) for needle in _NEEDLES)


def _holds(text: str, needle: str) -> bool:
    at = text.find(needle)
    for _ in range(MOST_LOOKS):
        if at < 0:
            return False
        begins = max(0, at - _BEFORE_NEEDLE_CHARACTERS)
        if _WITHIN.search(text, begins, at + _LOOKED_AT_CHARACTERS):
            return True
        at = text.find(needle, at + 1)
    return at >= 0


_ONE_ALPHABET = str.maketrans("-_", "+/", " \t\r\n")
