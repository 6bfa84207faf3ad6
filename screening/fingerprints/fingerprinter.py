"""Pictures and videos to fingerprints, on all cores, in memory that their number does not fill.

Decoding, hashing and scaling happen in the decoding processes, embedding in threads of this one
(the runtimes release the interpreter lock), and both at the same time: while one batch is
embedded the next is decoded.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from typing import Self

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
from screening.fingerprints.look import LARGE_TASK, Look
from screening.fingerprints.ordered_map import READ_AHEAD_BYTES, ordered_map
from screening.fingerprints.videos import VideoFingerprints, frames_of
from screening.images.decoder import SHORT_SIDE_PX
from screening.images.view import View
from screening.keypoints import keypoints_of, look_at
from screening.settings import MEBIBYTE, Limits

Result = PictureFingerprints | VideoFingerprints | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file to be fingerprinted, and what it is tried as (see `Task`)."""

    path: str
    data: bytes
    sha256: str
    as_picture: bool = True
    as_video: bool = False

    @classmethod
    def of(cls, path: str, data: bytes) -> Self:
        return cls(path=path, data=data, sha256=hashlib.sha256(data).hexdigest())


VIDEO_BYTES = 16 * MEBIBYTE
"""Reckoned for what the frames of a video come to beside its file: some 40 frames, as of a clip of
twenty seconds. At most it can be seven times as much."""


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
        """``mirrored`` makes what references are kept with: the mirror image too, and keypoints."""
        self.embedders = tuple(embedders)
        self._workers = workers
        self._mirrored = mirrored
        sizes = [each.preprocessing.size_px for each in embedders]
        embedded = tuple(each.preprocessing for each in embedders)
        self._task = Task(
            preprocessings=embedded,
            short_side_px=max([SHORT_SIDE_PX, *sizes]),
            mirrored=mirrored,
        )
        self._task_with_keypoints = replace(
            self._task, preprocessings=(*embedded, keypoints.PREPROCESSING)
        )
        self._pool = DecoderPool(
            limits=limits,
            preprocessings=embedded,
            short_side_px=self._task.short_side_px,
            mirrored=mirrored,
            processes=workers,
        )
        self._decoding = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._embedding = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._looking = ThreadPoolExecutor(workers, thread_name_prefix="look")
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

    def fingerprint(
        self, pictures: Iterable[Picture], *, look: Look | None = None
    ) -> Iterator[Result]:
        """One result for each file, in their order, with what ``look`` sees in it.

        Reads ahead by a bounded number only.
        """
        self._pool.check_usable()
        with_keypoints = self._mirrored or look is not None
        task = self._task_with_keypoints if with_keypoints else self._task
        decoded = ordered_map(
            partial(self._decode, task),
            pictures,
            self._decoding,
            ahead=2 * self._workers,
            bytes_of=_file_bytes,
        )
        batches = _batched(decoded, self._batch)
        for results in ordered_map(
            partial(self._embed, look), batches, self._embedding, ahead=2, bytes_of=_batch_bytes
        ):
            yield from results

    def close(self) -> None:
        """Stop now; a picture that is under way in another thread is lost."""
        self._pool.close()
        self._decoding.shutdown(cancel_futures=True)
        self._embedding.shutdown(cancel_futures=True)
        self._looking.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decode(self, task: Task, picture: Picture) -> "_Decoded":
        wanted = replace(task, as_picture=picture.as_picture, as_video=picture.as_video)
        try:
            answer = self._pool.decode(picture.data, wanted)
        except DecoderCrashed as crash:
            answer = Answer(refused=str(crash))
        return _Decoded(picture=picture, answer=answer)

    def _embed(self, look: Look | None, batch: "list[_Decoded]") -> list[Result]:
        parts_of = [each.parts() for each in batch]
        parts = [part for each in parts_of for part in each]
        pixels = [arrays for each in parts for arrays in each.answer.pixels]
        vectors: dict[str, NDArray[np.float32]] = {}
        if pixels:
            for number, embedder in enumerate(self.embedders):
                vectors |= _embedded(embedder, [arrays[number] for arrays in pixels])
        results: list[PictureFingerprints | Refused] = []
        first = 0
        for each in parts:
            results.append(_result(each, vectors, first))
            first += len(each.answer.pixels)
        if self._mirrored:
            results = list(self._looking.map(_with_keypoints, results, parts))
        elif look is not None:
            results = list(self._looking.map(partial(self._looked_at, look), results, parts))
        return _by_file(batch, parts_of, results)

    def _looked_at(
        self, look: Look, result: PictureFingerprints | Refused, decoded: "_Decoded"
    ) -> PictureFingerprints | Refused:
        if isinstance(result, Refused):
            return result
        width, height = result.width_px, result.height_px

        def sight(view: int) -> keypoints.Sight:
            return look_at(decoded.answer.pixels[view][-1], width, height)

        @cache
        def again() -> Answer:
            try:
                return self._pool.decode(decoded.picture.data, LARGE_TASK)
            except DecoderCrashed:
                return Answer()  # it was decoded a moment ago; what was found at 480 px stands

        def large(view: int) -> keypoints.Sight | None:
            if decoded.seconds is not None:
                return None  # a whole video decoded again for one of its frames
            # At another size other variants of a picture may look different.
            wanted = result.fingerprints[view].view
            if wanted not in again().views:
                return None
            pixels = again().pixels[again().views.index(wanted)][0]
            return look_at(pixels, width, height, most=keypoints.MOST_LARGE)

        return replace(result, sightings=look(result, sight, large))


def _with_keypoints(
    result: PictureFingerprints | Refused, decoded: "_Decoded"
) -> PictureFingerprints | Refused:
    if isinstance(result, Refused):
        return result
    fingerprints = [
        replace(each, keypoints=keypoints_of(arrays[-1], result.width_px, result.height_px))
        if each.view == View()
        else each
        for each, arrays in zip(result.fingerprints, decoded.answer.pixels, strict=True)
    ]
    return replace(result, fingerprints=tuple(fingerprints))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    """A file, or one frame of a video, that stands ``seconds`` from its beginning."""

    picture: Picture
    answer: Answer
    seconds: float | None = None

    def parts(self) -> "list[_Decoded]":
        """The pictures in a file: itself, or its frames."""
        return [
            replace(self, answer=answer, seconds=seconds)
            for seconds, answer in frames_of(self.answer)
        ]


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


def _by_file(
    batch: Iterable[_Decoded],
    parts_of: Iterable[list[_Decoded]],
    results: Iterable[PictureFingerprints | Refused],
) -> list[Result]:
    """One result for each file of ``batch``; ``results`` are those of the parts of all of them."""
    left = iter(results)
    files: list[Result] = []
    for each, parts in zip(batch, parts_of, strict=True):
        own = list(islice(left, len(parts)))
        if all(part.seconds is None for part in parts):
            files += own
            continue
        frames = [
            (part.seconds, made)
            for part, made in zip(parts, own, strict=True)
            if isinstance(made, PictureFingerprints)
        ]
        files.append(
            VideoFingerprints(
                path=each.picture.path,
                sha256=each.picture.sha256,
                frames=tuple(frames),
                frames_left=each.answer.frames_left,
            )
        )
    return files


def _file_bytes(picture: Picture) -> int:
    return len(picture.data) + (0 if picture.as_picture else VIDEO_BYTES)


def _batch_bytes(batch: list[_Decoded]) -> int:
    return sum(_file_bytes(each.picture) for each in batch)


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
