"""How long texts may be searched, and which were not."""

import math
from collections.abc import Iterable
from time import monotonic

from screening.names.mention import NamedText, Source


class Deadline:
    """``seconds`` from now on, as the clock on the wall shows them.

    ``left``: sources and paths of texts that were not searched, or not to their end. The clock is
    looked at between pieces of half a million characters. For one thread.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self._end = monotonic() + seconds
        self.left: set[tuple[Source, str]] = set()

    @property
    def is_over(self) -> bool:
        return monotonic() > self._end

    def leave(self, texts: Iterable[NamedText]) -> None:
        self.left.update((each.source, each.path) for each in texts)
