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
from itertools import islice
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening import hashes
from screening.embedders.embedder import Embedder
from screening.errors import DecoderCrashed
from screening.fingerprints.decoders import Answer, DecoderPool
from screening.fingerprints.fingerprint import (
    Fingerprint,
    Maker,
    PictureFingerprints,
    Refused,
)
from screening.hashes import Hashes
from screening.images.decoder import SHORT_SIDE_PX, Variant, View
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
        decoded = _ordered_map(self._decode, pictures, self._decoding, ahead=2 * self._workers)
        batches = _batched(decoded, self._batch)
        for results in _ordered_map(self._embed, batches, self._embedding, ahead=2):
            yield from results

    def close(self) -> None:
        self._decoding.shutdown(cancel_futures=True)
        self._embedding.shutdown(cancel_futures=True)
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decode(self, picture: Picture) -> "_Decoded":
        try:
            answer = self._pool.decode(picture.data)
        except DecoderCrashed as crash:
            answer = Answer(facts={"refused": str(crash)}, pixels=())
        return _Decoded(path=picture.path, sha256=picture.sha256, answer=answer)

    def _embed(self, batch: "list[_Decoded]") -> list[PictureFingerprints | Refused]:
        pixels = [views for each in batch for views in each.answer.pixels]
        vectors: dict[str, NDArray[np.float32]] = {}
        if pixels:
            for number, embedder in enumerate(self.embedders):
                vectors |= embedder.embed(np.stack([views[number] for views in pixels]))
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


def _result(
    decoded: _Decoded, vectors: dict[str, NDArray[np.float32]], first: int
) -> PictureFingerprints | Refused:
    facts = decoded.answer.facts
    if "refused" in facts:
        return Refused(path=decoded.path, sha256=decoded.sha256, reason=facts["refused"])
    return PictureFingerprints(
        path=decoded.path,
        sha256=decoded.sha256,
        width_px=facts["width_px"],
        height_px=facts["height_px"],
        frames_left=facts["frames_left"],
        fingerprints=tuple(
            _fingerprint(view, {name: rows[row] for name, rows in vectors.items()})
            for row, view in enumerate(facts["views"], start=first)
        ),
    )


def _fingerprint(facts: dict[str, Any], vectors: dict[str, NDArray[np.float32]]) -> Fingerprint:
    return Fingerprint(
        view=View(frame=facts["frame"], variant=Variant(facts["variant"])),
        mirrored=facts["mirrored"],
        hashes=Hashes(
            phash=bytes.fromhex(facts["phash"]),
            phash_mirrored=bytes.fromhex(facts["phash_mirrored"]),
            contrast=facts["contrast"],
        ),
        vectors=vectors,
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


def _batched(items: Iterable[A], size: int) -> Iterator[list[A]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
