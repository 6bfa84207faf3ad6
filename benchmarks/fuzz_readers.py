"""What other readers see in a file: `zipfile`, `tarfile`, the decompressors, Pillow.

`fuzz_targets` compares `open_pack` with them. They are bounded, and whatever they raise means that
they see nothing.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import stat
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator

import zstandard
from PIL import Image

MOST_BYTES = 200_000
"""Of one member that is compared. More is over the fuzzing's limit for a member, and never read."""

MOST_MEMBERS = 200
MOST_DEPTH = 3

_READING_ERRORS = (
    *(ValueError, KeyError, IndexError, TypeError, NotImplementedError, RuntimeError, OSError),
    *(EOFError, OverflowError, AttributeError, MemoryError, zlib.error, lzma.LZMAError),
    *(zstandard.ZstdError, zipfile.BadZipFile, tarfile.TarError, SyntaxError),
)


class Seen:
    """Every file that a reader gets out of ``data``, archives in archives included.

    ``digests`` maps the sha256 of its bytes to where it is. ``names`` are those of the outermost
    zip and tar, of whatever could or could not be read of them; ``readers`` are those that list
    any. Empty files are left out.
    """

    def __init__(self, data: bytes) -> None:
        self.digests: dict[str, str] = {}
        self.names: list[str] = []
        self.readers: list[str] = []
        self._members_left = MOST_MEMBERS
        self._look(data, "", 0)

    def _look(self, data: bytes, where: str, depth: int) -> None:
        if depth == MOST_DEPTH:
            return
        for name, content in self._found(data, depth):
            self._members_left -= 1
            if self._members_left < 0:
                return
            if not content or len(content) > MOST_BYTES:
                continue
            path = f"{where}!/{name}"
            self.digests.setdefault(hashlib.sha256(content).hexdigest(), path)
            self._look(content, path, depth + 1)

    def _found(self, data: bytes, depth: int) -> Iterator[tuple[str, bytes | None]]:
        for form, reader in (("zip", _zipped), ("tar", _tarred)):
            for name, content in _suppressed(reader, data):
                if depth == 0:
                    self.names.append(name)
                    self.readers = list(dict.fromkeys([*self.readers, form]))
                yield name, content
        for content in _suppressed(_unpacked, data):
            # a compressed tar is a tar; its bytes are no file of their own
            is_tar = any(True for _ in _suppressed(_tarred, content))
            if not is_tar:
                yield "content", content


def is_picture(data: bytes) -> bool:
    """Whether Pillow takes ``data`` for a picture by its header."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.open(io.BytesIO(data)).close()
    except (*_READING_ERRORS, Image.DecompressionBombError):
        return False
    return True


def _suppressed(reader: Callable[[bytes], Iterator], data: bytes) -> Iterator:
    try:
        yield from reader(data)
    except _READING_ERRORS:
        return


def _zipped(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            is_folder = info.is_dir() or stat.S_ISDIR(info.external_attr >> 16)
            if is_folder and not info.file_size:
                continue
            yield info.filename, _read(lambda info=info: archive.open(info))


def _tarred(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    with tarfile.open(fileobj=io.BytesIO(data), errorlevel=0) as archive:
        for info in archive:
            if not info.isdir():
                yield info.name, _read(lambda info=info: archive.extractfile(info))


def _read(opened: Callable[[], object]) -> bytes | None:
    try:
        file = opened()
        return None if file is None else file.read(MOST_BYTES + 1)  # type: ignore[attr-defined]
    except _READING_ERRORS:
        return None


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The one file in a compressed file."""
    file = io.BytesIO(data)
    for start, opened in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open)):
        if data.startswith(start):
            with opened(file) as stream:
                yield stream.read(MOST_BYTES + 1)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        unpacker = zstandard.ZstdDecompressor(max_window_size=64 << 20)
        with unpacker.stream_reader(file, read_across_frames=True) as stream:
            yield stream.read(MOST_BYTES + 1)
