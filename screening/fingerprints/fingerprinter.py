"""Pictures to fingerprints, on all cores, with memory that does not grow with their number.

Decoding, hashing and scaling happen in the decoding processes, embedding in threads of this one
(the runtimes release the interpreter lock), and both at the same time: while one batch is
embedded the next is decoded.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening import hashes
from screening.embedders.embedder import Embedder
from screening.errors import DecoderCrashed
from screening.fingerprints.answer import Answer
from screening.fingerprints.decoders import DecoderPool
from screening.fingerprints.fingerprint import (
    Fingerprint,
    Maker,
    PictureFingerprints,
    Refused,
)
from screening.images.decoder import SHORT_SIDE_PX
from screening.settings import Limits

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture file to be fingerprinted."""

    path: str
    data: bytes
    sha256: str

    @classmethod
    def of(cls, path: str, data: bytes) -> Self:
        return cls(path=path, data=data, sha256=hashlib.sha256(data).hexdigest())


class Fingerprinter:
    """Makes fingerprints with the given embedders. Thread-safe; close it, or use ``with``."""

    def __init__(
        self,
        embedders: Sequence[Embedder],
        *,
        limits: Limits,
        workers: int,
        mirrored: bool = False,
    ) -> None:
        """``mirrored`` also makes the fingerprints of the mirror images (for references)."""
        self.embedders = tuple(embedders)
        self._workers = workers
        sizes = [each.preprocessing.size_px for each in embedders]
        self._pool = DecoderPool(
            limits=limits,
            preprocessings=[each.preprocessing for each in embedders],
            short_side_px=max([SHORT_SIDE_PX, *sizes]),
            mirrored=mirrored,
            processes=workers,
        )
        self._decoding = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._embedding = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._batch = max([1, *(each.batch_size for each in embedders)])

    @property
    def makers(self) -> tuple[Maker, ...]:
        """Everything that goes into a fingerprint of this fingerprinter, hash first."""
        return (
            Maker(name=hashes.NAME, version=hashes.VERSION),
            *(Maker(name=each.name, version=each.version) for each in self.embedders),
        )

    def warm_up(self) -> None:
        """Start the decoding processes now instead of at the first picture."""
        self._pool.warm_up()

    def fingerprint(self, pictures: Iterable[Picture]) -> Iterator[PictureFingerprints | Refused]:
        """One result for each picture, in their order. Reads ahead by a bounded number only."""
        self._pool.check_usable()
        decoded = _ordered_map(self._decode, pictures, self._decoding, ahead=2 * self._workers)
        batches = _batched(decoded, self._batch)
        for results in _ordered_map(self._embed, batches, self._embedding, ahead=2):
            yield from results

    def close(self) -> None:
        """Stop now; a picture that is under way in another thread is lost."""
        self._pool.close()
        self._decoding.shutdown(cancel_futures=True)
        self._embedding.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decode(self, picture: Picture) -> "_Decoded":
        try:
            answer = self._pool.decode(picture.data)
        except DecoderCrashed as crash:
            answer = Answer(refused=str(crash))
        return _Decoded(path=picture.path, sha256=picture.sha256, answer=answer)

    def _embed(self, batch: "list[_Decoded]") -> list[PictureFingerprints | Refused]:
        pixels = [arrays for each in batch for arrays in each.answer.pixels]
        vectors: dict[str, NDArray[np.float32]] = {}
        if pixels:
            for number, embedder in enumerate(self.embedders):
                vectors |= _embedded(embedder, [arrays[number] for arrays in pixels])
        results: list[PictureFingerprints | Refused] = []
        first = 0
        for each in batch:
            results.append(_result(each, vectors, first))
            first += len(each.answer.pixels)
        return results


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    path: str
    sha256: str
    answer: Answer


def _embedded(
    embedder: Embedder, pixels: Sequence[NDArray[np.uint8]]
) -> dict[str, NDArray[np.float32]]:
    """The vectors of all ``pixels``, a batch at a time: one file can have more views than that."""
    size = embedder.batch_size
    batches = [
        embedder.embed(np.stack(pixels[first : first + size]))
        for first in range(0, len(pixels), size)
    ]
    return {name: np.concatenate([each[name] for each in batches]) for name in batches[0]}


def _result(
    decoded: _Decoded, vectors: dict[str, NDArray[np.float32]], first: int
) -> PictureFingerprints | Refused:
    answer = decoded.answer
    if answer.refused:
        return Refused(path=decoded.path, sha256=decoded.sha256, reason=answer.refused)
    return PictureFingerprints(
        path=decoded.path,
        sha256=decoded.sha256,
        width_px=answer.width_px,
        height_px=answer.height_px,
        frames_left=answer.frames_left,
        fingerprints=tuple(
            Fingerprint(
                view=hashed.view,
                mirrored=hashed.mirrored,
                hashes=hashed.hashes,
                vectors={name: rows[row] for name, rows in vectors.items()},
            )
            for row, hashed in enumerate(answer.hashed_views, start=first)
        ),
    )


def _ordered_map(
    function: Callable[[A], B], items: Iterable[A], executor: ThreadPoolExecutor, *, ahead: int
) -> Iterator[B]:
    """``map`` in threads, in order, that draws at most ``ahead`` items before they are wanted."""
    pending: deque[Future[B]] = deque()
    iterator = iter(items)
    try:
        for item in iterator:
            pending.append(executor.submit(function, item))
            if len(pending) > ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def _batched(decoded: Iterable[_Decoded], views: int) -> Iterator[list[_Decoded]]:
    """Files in their order, as many at a time as have ``views`` views together, or a few more.

    Counted in views, not files, so that memory is bounded where files have many frames.
    """
    batch: list[_Decoded] = []
    waiting = 0
    for each in decoded:
        batch.append(each)
        waiting += max(1, len(each.answer.pixels))
        if waiting >= views:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch
