"""Pictures to fingerprints, on all cores, with memory that does not grow with their number.

Decoding, hashing and scaling happen in the decoding processes, embedding in threads of this one
(the runtimes release the interpreter lock), and both at the same time: while one batch is
embedded the next is decoded.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening import hashes, keypoints
from screening.embedders.embedder import Embedder
from screening.errors import DecoderCrashed
from screening.fingerprints.answer import Answer
from screening.fingerprints.decoders import DecoderPool
from screening.fingerprints.decoding_process import Task
from screening.fingerprints.fingerprint import (
    Fingerprint,
    Maker,
    PictureFingerprints,
    Refused,
)
from screening.images.decoder import SHORT_SIDE_PX, View
from screening.keypoints import keypoints_of
from screening.settings import MEBIBYTE, Limits

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


READ_AHEAD_BYTES = 256 * MEBIBYTE
"""Of files that are decoded, and again of files that are embedded, before another is drawn: a pack
of the largest files that the limits admit must not fill the memory."""

MOST_VIEWS_WITH_KEYPOINTS = 4
"""Further views of a file (frames of an animation) are found by hash and vector alone."""


KEYPOINT_TASK = Task(preprocessings=(keypoints.PREPROCESSING,))


def _never(_: PictureFingerprints) -> bool:
    return False


class Fingerprinter:
    """Makes fingerprints with the given embedders. Thread-safe; close it, or use ``with``."""

    def __init__(
        self,
        embedders: Sequence[Embedder],
        *,
        limits: Limits,
        workers: int,
        mirrored: bool = False,
        wants_keypoints: Callable[[PictureFingerprints], bool] = _never,
    ) -> None:
        """``mirrored`` makes what a reference is kept with: also the mirror image, and keypoints.

        ``wants_keypoints`` is asked of every other picture; one that it wants them of is decoded
        once more.
        """
        self.embedders = tuple(embedders)
        self._workers = workers
        self._mirrored = mirrored
        self._wants_keypoints = wants_keypoints
        sizes = [each.preprocessing.size_px for each in embedders]
        self._pool = DecoderPool(
            limits=limits,
            preprocessings=[
                *(each.preprocessing for each in embedders),
                *([keypoints.PREPROCESSING] if mirrored else []),
            ],
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
            *([Maker(name=keypoints.NAME, version=keypoints.VERSION)] if self._mirrored else []),
            *(Maker(name=each.name, version=each.version) for each in self.embedders),
        )

    def warm_up(self) -> None:
        """Start the decoding processes now instead of at the first picture."""
        self._pool.warm_up()

    def fingerprint(self, pictures: Iterable[Picture]) -> Iterator[PictureFingerprints | Refused]:
        """One result for each picture, in their order. Reads ahead by a bounded number only."""
        self._pool.check_usable()
        decoded = _ordered_map(
            self._decode, pictures, self._decoding, ahead=2 * self._workers, bytes_of=_file_bytes
        )
        batches = _batched(decoded, self._batch)
        for results in _ordered_map(
            self._embed, batches, self._embedding, ahead=2, bytes_of=_batch_bytes
        ):
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
        return _Decoded(picture=picture, answer=answer)

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
        return list(self._decoding.map(self._with_keypoints, results, batch))

    def _with_keypoints(
        self, result: PictureFingerprints | Refused, decoded: "_Decoded"
    ) -> PictureFingerprints | Refused:
        if isinstance(result, Refused):
            return result
        if self._mirrored:
            pixels = [arrays[-1] for arrays in decoded.answer.pixels]
            wanted = [row for row, each in enumerate(result.fingerprints) if each.view == View()]
        elif self._wants_keypoints(result):
            try:
                answer = self._pool.decode(decoded.picture.data, KEYPOINT_TASK)
            except DecoderCrashed:
                return result  # it was decoded a moment ago; hashes and vectors stand
            pixels = [arrays[0] for arrays in answer.pixels]
            wanted = list(
                range(min(len(pixels), len(result.fingerprints), MOST_VIEWS_WITH_KEYPOINTS))
            )
        else:
            return result
        fingerprints = list(result.fingerprints)
        for row in wanted:
            made = keypoints_of(pixels[row])
            fingerprints[row] = replace(fingerprints[row], keypoints=made)
        return replace(result, fingerprints=tuple(fingerprints))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    picture: Picture
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
    picture, answer = decoded.picture, decoded.answer
    if answer.refused:
        return Refused(path=picture.path, sha256=picture.sha256, reason=answer.refused)
    return PictureFingerprints(
        path=picture.path,
        sha256=picture.sha256,
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


def _file_bytes(picture: Picture) -> int:
    return len(picture.data)


def _batch_bytes(batch: list[_Decoded]) -> int:
    return sum(_file_bytes(each.picture) for each in batch)


def _ordered_map(
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


def _batched(decoded: Iterable[_Decoded], views: int) -> Iterator[list[_Decoded]]:
    """Files in their order, as many at a time as have ``views`` views together, or a few more.

    Counted in views and bytes, not files, so that memory is bounded where files have many frames
    or are large.
    """
    batch: list[_Decoded] = []
    waiting = 0
    for each in decoded:
        batch.append(each)
        waiting += max(1, len(each.answer.pixels))
        if waiting >= views or _batch_bytes(batch) >= READ_AHEAD_BYTES:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch
