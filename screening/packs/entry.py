"""What a folder or an archive hands over, file by file, before anybody knows what the files are."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from screening.packs.member import Unscreened

CHUNK_BYTES = 1024 * 1024


class ByteStream(Protocol):
    """Bytes of one file, read forward once.

    `read` returns at most ``size`` bytes (``size`` > 0), and none at the end alone. It raises
    MemberRefused where the bytes are damaged or over a limit, OSError where the disk fails.
    """

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a folder or archive; it is to be read before the next one is asked for.

    ``file`` is given where the bytes lie plainly on disk: seekable, from 0, and the same as
    ``stream``, so that an archive in a folder is opened where it is.
    """

    name: str
    stream: ByteStream
    file: BinaryIO | None = None


Contents = Generator[Entry | Unscreened, None, tuple[str, ...]]
"""Files of one folder or archive; returns what is wrong with the container as a whole."""


def read_at_least(stream: ByteStream, size_bytes: int) -> bytes:
    """``size_bytes`` bytes of ``stream`` and what else comes with them, fewer at its end only."""
    data = stream.read(CHUNK_BYTES)
    while 0 < len(data) < size_bytes and (chunk := stream.read(CHUNK_BYTES)):
        data += chunk
    return data


def read_exactly(stream: ByteStream, size_bytes: int) -> bytes:
    """``size_bytes`` bytes of ``stream``, fewer at its end only."""
    chunks: list[bytes] = []
    missing = size_bytes
    while missing > 0 and (chunk := stream.read(min(missing, CHUNK_BYTES))):
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)
