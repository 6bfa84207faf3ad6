"""Texts as they are searched: short ones many at a time, long ones in pieces.

What costs the same for every text is paid once for many captions, and a caption of 100 MB needs no
more memory than one of 1 MB.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter

import numpy as np

from screening.names.deadline import Deadline
from screening.names.mention import NamedText, Source
from screening.names.separators import BREAK_TOKEN, END_TOKEN, FOLDER_TOKEN, is_invisible
from screening.names.sifting import IS_BREAK, Rows, Sifting
from screening.names.vocabulary import GAP_TOKEN

PIECE_CHARACTERS = 1 << 19
MOST_TOGETHER = 1 << 13
_FEW = 32

_TEXT, _SOURCE = attrgetter("text"), attrgetter("source")

_BETWEEN = frozenset({BREAK_TOKEN, END_TOKEN, FOLDER_TOKEN})

_CUT = re.compile(
    "[\\s,_]|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3](?=[\u3041-\u30ff\u3400-\u9fff])"
)
"""After these a piece may end: no token goes on."""

_INVISIBLE = "\x01"
"""In place of `END_TOKEN` in a text, which no tokeniser sees either."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""Its short groups spell names: "Ada" was found in 27 of 20,000 random ones."""


class Piece:
    """What has to be looked at of several texts, or of a part of one.

    ``text`` is all of the texts, or that part, and ``tokens`` are those around places where a name
    may begin, with `GAP_TOKEN` for what stands between. The first ``carried`` of them were in the
    piece before. Texts that are no paths begin and end with `END_TOKEN`.
    """

    def __init__(
        self,
        text: str,
        texts: Sequence[NamedText],
        starts: Sequence[int],
        tokens: Sequence[tuple[str, int, int]],
        carried: int = 0,
    ) -> None:
        """``starts``: where in ``text`` each of ``texts`` begins, less than 0 for what goes on from
        a part before. ``tokens`` with where they begin and end."""
        self.text = text
        self.carried = carried
        self.tokens = [token for token, _, _ in tokens]
        self._texts = texts
        self._starts = starts
        self._spans = tokens

    def text_of(self, first: int, last: int) -> NamedText:
        """The text that tokens ``first`` to ``last`` stand in."""
        while first < last and self.tokens[first] in _BETWEEN:
            first += 1
        return self.text_at(self._spans[first][1])[0]

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Where in their text tokens ``first`` to ``last`` begin and end, without the invisible
        signs around them."""
        while first < last and self.tokens[first] in _BETWEEN:
            first += 1
        while first < last and self.tokens[last] in _BETWEEN:
            last -= 1
        start, end = self._spans[first][1], self._spans[last][2]
        named, begin = self.text_at(start)
        after = begin + end - start
        while begin < after - 1 and is_invisible(named.text[begin]):
            begin += 1
        while begin < after - 1 and is_invisible(named.text[after - 1]):
            after -= 1
        return begin, after

    def text_at(self, at: int) -> tuple[NamedText, int]:
        """The text that character ``at`` of the piece's ``text`` stands in, and where in it."""
        which = max(0, bisect_right(self._starts, at) - 1)
        return self._texts[which], at - self._starts[which]


def pieces(texts: Iterable[NamedText], sifting: Sifting, deadline: Deadline) -> Iterator[Piece]:
    """``texts`` with the tokens that have to be looked at, as far as there is time."""
    texts = iter(texts)
    for batch in batches(texts):
        if deadline.is_over:
            deadline.leave(batch)
            deadline.leave(texts)
        elif len(batch) == 1:
            yield from _parts(batch[0], sifting, deadline)
        else:
            yield _joined(batch, sifting)


def batches(texts: Iterable[NamedText]) -> Iterator[Sequence[NamedText]]:
    """Texts that are read together, and long ones alone.

    Paths are read apart from the rest, and so are texts in ASCII, which is quicker.
    """
    waiting: list[list[NamedText]] = [[], [], [], []]
    sizes = [0] * len(waiting)
    for some in _alike(iter(texts)):
        size = sum(map(len, map(_TEXT, some)))
        if size > PIECE_CHARACTERS:
            yield some
            continue
        kind = 2 * _is_path(some[0]) + "".join(map(_TEXT, some)).isascii()
        waiting[kind] += some
        sizes[kind] += size
        if sizes[kind] > PIECE_CHARACTERS or len(waiting[kind]) > MOST_TOGETHER:
            yield waiting[kind]
            waiting[kind], sizes[kind] = [], 0
    yield from filter(None, waiting)


def _alike(texts: Iterator[NamedText]) -> Iterator[list[NamedText]]:
    """``texts``, a few at a time where they are short and all paths or none: what costs the same
    for every text is paid once for those."""
    while some := list(islice(texts, min(_FEW, MOST_TOGETHER))):
        paths = list(map(_SOURCE, some)).count(Source.FILE_NAME)
        if paths in (0, len(some)) and sum(map(len, map(_TEXT, some))) <= PIECE_CHARACTERS // 8:
            yield some
        else:
            yield from ([each] for each in some)


def _joined(texts: Sequence[NamedText], sifting: Sifting) -> Piece:
    """One piece of several texts."""
    is_path = _is_path(texts[0])
    between = f" {FOLDER_TOKEN if is_path else END_TOKEN} "
    written = list(map(_plain if is_path else _TEXT, texts))
    lengths = np.fromiter(map(len, written), np.int64, len(written)) + len(between)
    starts = (np.cumsum(lengths) - lengths + len(between)).tolist()
    text = f"{between}{between.join(written)}{between}"
    if not is_path and text.count(END_TOKEN) > len(texts) + 1:
        text = f"{between}{between.join(map(_plain, texts))}{between}"
    rows = sifting.rows(text, is_path=is_path)
    return Piece(text, texts, starts, _tokens(text, rows, sifting.places(rows)))


def _parts(named: NamedText, sifting: Sifting, deadline: Deadline) -> Iterator[Piece]:
    """The pieces of a long text."""
    plain = _plain(named)
    is_path = _is_path(named)
    carried = _edge(0, is_path)
    start = 0
    while start < len(plain):
        if start and deadline.is_over:
            deadline.leave((named,))
            return
        cut = _CUT.search(plain, start + PIECE_CHARACTERS)
        end = cut.end() if cut else len(plain)
        rows = carried + sifting.rows(plain[start:end], is_path=is_path).moved(start)
        if end == len(plain):
            rows += _edge(end, is_path)
        places = sifting.places(rows)
        tokens = [(token, a - start, b - start) for token, a, b in _tokens(plain, rows, places)]
        before = [
            (first, min(last, len(carried))) for first, last in places if first < len(carried)
        ]
        yield Piece(
            plain[start:end],
            [named],
            [-start],
            tokens,
            carried=sum(last - first + 1 for first, last in before) - bool(before),
        )
        carried = sifting.tail(rows)
        start = end


def _edge(at: int, is_path: bool) -> Rows:
    """The break at the begin and at the end of a text that is no path."""
    return Rows.of_break(at)[: not is_path]


def _tokens(text: str, rows: Rows, places: Iterable[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """The tokens in ``places`` as `TokenCodes` knows them, with gaps between."""
    tokens: list[tuple[str, int, int]] = []
    for first, last in places:
        if tokens:
            tokens.append((GAP_TOKEN, 0, 0))
        starts, ends = rows.starts[first:last].tolist(), rows.ends[first:last].tolist()
        flags = rows.flags[first:last].tolist()
        for start, end, flag in zip(starts, ends, flags, strict=True):
            token = text[start:end] or END_TOKEN
            if flag & IS_BREAK and token != END_TOKEN:
                token = BREAK_TOKEN
            tokens.append((token, start, end))
    return tokens


def _plain(named: NamedText) -> str:
    """The text without what has a meaning between texts; as long as it was."""
    text = named.text
    if END_TOKEN in text:
        text = text.replace(END_TOKEN, _INVISIBLE)
    if named.source is Source.FILE_NAME:
        text = _UUID.sub(lambda found: " " * len(found[0]), text)
    return text


def _is_path(named: NamedText) -> bool:
    return named.source is Source.FILE_NAME
