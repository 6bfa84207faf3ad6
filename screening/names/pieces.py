"""Texts as they are searched: short ones many at a time, long ones in pieces.

What costs the same for every text is paid once for many captions, and a caption of 100 MB needs no
more memory than one of 1 MB.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from screening.names.mention import NamedText, Source
from screening.names.separators import (
    BREAK_TOKEN,
    END_TOKEN,
    FOLDER_TOKEN,
    Separated,
)

PIECE_CHARACTERS = 1 << 19
MOST_TOGETHER = 1 << 13

_BETWEEN = frozenset({BREAK_TOKEN, END_TOKEN, FOLDER_TOKEN})

_CUT = re.compile(
    "[\\s,_]|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3](?=[\u3041-\u30ff\u3400-\u9fff])"
)
"""After these a piece may end: no token goes on."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""Its short groups spell names: "Ada" was found in 27 of 20,000 random ones."""

Token = tuple[str, "Piece", int]
"""As it is written, the piece that it was read in, and its place among the tokens read there."""


class Piece:
    """Several texts, or a part of one after the last tokens of the part before.

    ``tokens`` are all of them, the first ``carried`` of which the piece before had too. Texts that
    are no paths begin and end with `END_TOKEN`.
    """

    def __init__(
        self, text: str, parts: Sequence[tuple[int, NamedText, int]], carried: Sequence[Token] = ()
    ) -> None:
        """``parts``: where in ``text`` a text begins, that text, and how much of it came before."""
        self.text = text
        self.carried = len(carried)
        self._parts = parts
        self._starts = [start for start, _, _ in parts]
        self._separated = Separated(text, is_path=_is_path(parts[0][1]))
        self._origins = [(piece, at) for _, piece, at in carried]
        own = self._separated.tokens()
        self.tokens = [*(token for token, _, _ in carried), *own] if carried else own

    def place(self, first: int, last: int) -> tuple[NamedText, int, int]:
        """The text that tokens ``first`` to ``last`` stand in, and where they begin and end."""
        while first < last and self.tokens[first] in _BETWEEN:
            first += 1
        while first < last and self.tokens[last] in _BETWEEN:
            last -= 1
        named, start, _ = self._own_place(first)
        return named, start, self._own_place(last)[2]

    def text_at(self, at: int) -> tuple[NamedText, int]:
        """The text that character ``at`` of the piece's ``text`` stands in, and where in it."""
        begin, named, before = self._parts[max(0, bisect_right(self._starts, at) - 1)]
        return named, at - begin + before

    def last_tokens(self, count: int, codes: Sequence[str]) -> list[Token]:
        """The last ``count`` tokens that have codes, for the next piece."""
        kept: list[Token] = []
        at = len(self.tokens)
        while at and len(kept) < count:
            at -= 1
            if codes[at]:
                kept.append((self.tokens[at], *self._origin(at)))
        return kept[::-1]

    def _origin(self, token: int) -> "tuple[Piece, int]":
        if token < self.carried:
            return self._origins[token]
        return self, token - self.carried

    def _own_place(self, token: int) -> tuple[NamedText, int, int]:
        piece, at = self._origin(token)
        starts, ends = piece._spans
        start, end = int(starts[at]), int(ends[at])
        named, begin = piece.text_at(start)
        return named, begin, begin + end - start

    @cached_property
    def _spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._separated.spans()


def batches(texts: Iterable[NamedText]) -> Iterator[Sequence[NamedText]]:
    """Texts that are read together, and long ones alone.

    Paths are read apart from the rest, and so are texts in ASCII, which is quicker.
    """
    waiting: list[list[NamedText]] = [[], [], [], []]
    sizes = [0] * len(waiting)
    for named in texts:
        text = named.text
        kind = 2 * (named.source is Source.FILE_NAME) + text.isascii()
        if len(text) > PIECE_CHARACTERS:
            yield (named,)
            continue
        waiting[kind].append(named)
        sizes[kind] += len(text)
        if sizes[kind] > PIECE_CHARACTERS or len(waiting[kind]) > MOST_TOGETHER:
            yield waiting[kind]
            waiting[kind], sizes[kind] = [], 0
    yield from filter(None, waiting)


def joined(texts: Sequence[NamedText]) -> Piece:
    """One piece of several texts."""
    between = f" {FOLDER_TOKEN if _is_path(texts[0]) else END_TOKEN} "
    written = [_plain(each) for each in texts]
    parts = []
    at = len(between)
    for named, text in zip(texts, written, strict=True):
        parts.append((at, named, 0))
        at += len(text) + len(between)
    return Piece(f"{between}{between.join(written)}{between}", parts)


def parts_of(text: NamedText) -> Iterator[tuple[str, Sequence[tuple[int, NamedText, int]]]]:
    """What the pieces of a long text are made of, the last of them at its end."""
    plain = _plain(text)
    edge = "" if _is_path(text) else f" {END_TOKEN} "
    start = 0
    while start < len(plain):
        cut = _CUT.search(plain, start + PIECE_CHARACTERS)
        end = cut.end() if cut else len(plain)
        before = edge if not start else ""
        after = edge if end == len(plain) else ""
        yield before + plain[start:end] + after, [(len(before), text, start)]
        start = end


def _plain(named: NamedText) -> str:
    """The text without what has a meaning between texts; as long as it was."""
    text = named.text
    if END_TOKEN in text:
        text = text.replace(END_TOKEN, " ")
    if named.source is Source.FILE_NAME:
        text = _UUID.sub(lambda found: " " * len(found[0]), text)
    return text


def _is_path(named: NamedText) -> bool:
    return named.source is Source.FILE_NAME
