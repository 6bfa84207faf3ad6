"""Captions and metadata as text. A caption in an odd encoding must not vanish."""

import codecs


def decode_text(data: bytes) -> str:
    """``data`` as text: UTF-16 with a byte order mark, else UTF-8 with or without one.

    What does not decode becomes U+FFFD; nothing is raised.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def text_lines(text: str) -> list[str]:
    """The lines of ``text`` as trainers see them, who read files line by line.

    `str.splitlines` ends lines at ten characters more, which may then stand in a caption:
    U+2028, U+0085, form feeds.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
