"""``map`` in threads: in order, and with memory that does not grow with the number of items."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from screening.settings import MEBIBYTE

A = TypeVar("A")
B = TypeVar("B")

READ_AHEAD_BYTES = 256 * MEBIBYTE
"""Of files that are decoded, and again of files that are embedded, before another is drawn: a pack
of the largest files that the limits admit must not fill the memory."""


def ordered_map(
    function: Callable[[A], B],
    items: Iterable[A],
    executor: ThreadPoolExecutor,
    *,
    ahead: int,
    bytes_of: Callable[[A], int],
) -> Iterator[B]:
    """``map`` in threads, in order.

    It draws at most ``ahead`` items before they are wanted, and none while those that are under
    way have `READ_AHEAD_BYTES` together.
    """
    pending: deque[tuple[Future[B], int]] = deque()
    underway_bytes = 0
    try:
        for item in items:
            pending.append((executor.submit(function, item), bytes_of(item)))
            underway_bytes += pending[-1][1]
            while len(pending) > ahead or underway_bytes >= READ_AHEAD_BYTES:
                future, done_bytes = pending.popleft()
                underway_bytes -= done_bytes
                yield future.result()
        while pending:
            yield pending.popleft()[0].result()
    finally:
        for future, _ in pending:
            future.cancel()
