"""Long texts in pieces, so that a caption of 100 MB needs no more memory than one of 1 MB."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from screening.names.mention import NamedText, Source
from screening.names.separators import BREAK_TOKEN, Separated

PIECE_CHARACTERS = 1 << 19

_CUT = re.compile(
    "[\\s,_]|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3](?=[\u3041-\u30ff\u3400-\u9fff])"
)
"""After these a piece may end: no token goes on."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""Its short groups spell names: "Ada" was found in 27 of 20,000 random ones."""

Token = tuple[str, "Piece", int]
"""As it is written, the piece that it was read in, and its place among the tokens read there."""


class Piece:
    """A part of a text, after the last tokens of the part before.

    ``tokens`` are all of them, the first ``carried`` of which the piece before had too. A text
    that is no path begins and ends with a break.
    """

    def __init__(self, named: NamedText, start: int, end: int, carried: Sequence[Token]) -> None:
        self.named = named
        self.carried = len(carried)
        self._start = start
        text = named.text[start:end]
        is_path = named.source is Source.FILE_NAME
        if is_path:
            text = _UUID.sub(lambda found: " " * len(found[0]), text)
        self._separated = Separated(text, is_path=is_path)
        self._opened = 0 if is_path or start else 1
        own = [BREAK_TOKEN] * self._opened
        own += self._separated.tokens()
        if not is_path and end == len(named.text):
            own.append(BREAK_TOKEN)
        self._origins = [(piece, at) for _, piece, at in carried]
        self.tokens = [*(token for token, _, _ in carried), *own] if carried else own
        self._spans: list[tuple[int, int]] = []
        self._more_spans = self._separated.spans()

    def span(self, token: int) -> tuple[int, int]:
        """Where one of `tokens` begins and ends in the text; the outer breaks stand nowhere."""
        piece, at = self._origin(token)
        return piece._own_span(at)

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

    def _own_span(self, at: int) -> tuple[int, int]:
        missing = at - self._opened + 1 - len(self._spans)
        self._spans.extend(islice(self._more_spans, max(0, missing)))
        start, end = self._spans[at - self._opened]
        return self._start + start, self._start + end


def ends(text: str) -> Iterator[int]:
    """Where the pieces of ``text`` end, the last of them at its end."""
    end = 0
    while end < len(text):
        cut = _CUT.search(text, end + PIECE_CHARACTERS)
        end = cut.end() if cut else len(text)
        yield end
