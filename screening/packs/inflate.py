"""Compressed bytes, inflated forward and never further than a limit allows."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from screening.packs.budget import Budget, Meter
from screening.packs.entry import ByteStream
from screening.packs.refusal import MemberRefused

MAX_DICTIONARY_BYTES = 128 * 1024 * 1024
"""Most memory that a stream may ask for as its window: twice what ``xz -9`` and ``zstd --ultra``
without ``--long`` need."""

PACKED_CHUNK_BYTES = 64 * 1024

ZSTANDARD_PIECE_BYTES = 256
"""Blocks take 4 bytes at least and make 128 KiB at most (RFC 8878, 3.1.1.2): 8 MiB at once."""

DECOMPRESSION_ERRORS = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError)
"""What the decompressors raise on damaged input (bz2 raises OSError)."""


class Decompressor(Protocol):
    """The interface that bz2 and lzma share: at most ``max_length`` bytes a call."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Deflate:
    """zlib behind the interface of bz2 and lzma: it keeps the input it has not used."""

    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        pending = self._zlib.unconsumed_tail
        return self._zlib.decompress(pending + data if pending else data, max_length)


class Zstandard:
    """zstd behind that interface; its own stream reader takes a frame that breaks off for whole.

    It makes all that its input holds at once, so the input goes in piece by piece.
    """

    def __init__(self) -> None:
        decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_DICTIONARY_BYTES)
        self._frame = decompressor.decompressobj()
        self._pending = b""
        self._made = b""
        self._given = 0

    @property
    def eof(self) -> bool:
        return self._given == len(self._made) and self._frame.eof

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data + self._pending

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._pending += data
        while self._given == len(self._made) and self._pending and not self._frame.eof:
            piece = self._pending[:ZSTANDARD_PIECE_BYTES]
            self._pending = self._pending[ZSTANDARD_PIECE_BYTES:]
            self._made, self._given = self._frame.decompress(piece), 0
        given = self._given
        self._given = min(given + max_length, len(self._made))
        return self._made[given : self._given]


def raw_deflate() -> Decompressor:
    return Deflate(-zlib.MAX_WBITS)


def gzip() -> Decompressor:
    return Deflate(16 + zlib.MAX_WBITS)


def bzip2() -> Decompressor:
    return bz2.BZ2Decompressor()


def xz() -> Decompressor:
    return lzma.LZMADecompressor(memlimit=MAX_DICTIONARY_BYTES)


def zstd() -> Decompressor:
    return Zstandard()


def zip_lzma(header: bytes) -> Decompressor:
    """The decompressor for a zip member of method 14, whose data begin with ``header`` (9 bytes).

    Layout in APPNOTE.TXT 5.8.8: version (2), size of the properties (2, always 5), lc/lp/pb (1),
    dictionary size (4). Raises MemberRefused.
    """
    if len(header) != 9 or header[2:4] != b"\x05\x00":
        raise MemberRefused("damaged: its LZMA header makes no sense")
    packed, dictionary_bytes = struct.unpack("<BI", header[4:])
    if packed >= 9 * 5 * 5 or dictionary_bytes > MAX_DICTIONARY_BYTES:
        raise MemberRefused("its LZMA header asks for more memory than is given")
    filters = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(dictionary_bytes, 4096),
        "lc": packed % 9,
        "lp": packed // 9 % 5,
        "pb": packed // 45,
    }
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])
    except lzma.LZMAError as error:
        raise MemberRefused(f"damaged: its LZMA header makes no sense ({error})") from error


class Inflated:
    """A compressed stream as the bytes in it. Raises MemberRefused as `Meter` does.

    With ``many``, streams that follow each other are one, as gzip, bzip2 and xz have it. Without,
    nothing may follow the first one.
    """

    def __init__(
        self,
        packed: ByteStream,
        new: Callable[[], Decompressor],
        budget: Budget,
        *,
        many: bool,
    ) -> None:
        self._packed = packed
        self._new = new
        self._meter = Meter(budget)
        self._many = many
        self._decompressor = new()
        self._input = b""

    def read(self, size: int, /) -> bytes:
        try:
            data = self._next(size)
        except DECOMPRESSION_ERRORS as error:
            raise MemberRefused(f"damaged: its data do not unpack ({error})") from error
        self._meter.made(len(data))
        return data

    def _next(self, size: int) -> bytes:
        while True:
            if self._decompressor.eof and not self._follow():
                return b""
            data = self._decompressor.decompress(self._input, size)
            self._input = b""
            if data:
                return data
            if self._decompressor.eof:
                continue
            self._input = self._more()
            if not self._input:
                if self._many:
                    raise MemberRefused("truncated: its compressed data break off")
                return b""

    def _more(self) -> bytes:
        chunk = self._packed.read(PACKED_CHUNK_BYTES)
        self._meter.took(len(chunk))
        return chunk

    def _follow(self) -> bool:
        """Begins the next stream, if there is one; zeros between streams are padding."""
        rest = self._decompressor.unused_data or self._more()
        if rest and not self._many:
            raise MemberRefused("bytes follow the end of its compressed data")
        while rest and not (rest := rest.lstrip(b"\0")):
            rest = self._more()
        if rest:
            self._decompressor = self._new()
            self._input = rest
        return bool(rest)
