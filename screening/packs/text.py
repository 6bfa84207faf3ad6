"""Captions and metadata as text. A caption in an odd encoding must not vanish."""

import codecs


def decode_text(data: bytes) -> str:
    """``data`` as text: UTF-16 with a byte order mark, else UTF-8 with or without one.

    What does not decode becomes U+FFFD; nothing is raised.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
