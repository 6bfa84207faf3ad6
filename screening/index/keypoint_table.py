"""Keypoints of the reference images, by row, read from disk only where one is asked for."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.keypoints import DESCRIPTOR_BYTES, NAME, Keypoints

POINTS_FILE = f"{NAME}.points"
DESCRIPTORS_FILE = f"{NAME}.descriptors"
OFFSETS_FILE = f"{NAME}.offsets.npy"

_POINT_BYTES = 4


class KeypointWriter:
    """Writes the keypoints of one row after another; memory grows by 8 bytes a row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._points = (folder / POINTS_FILE).open("wb")
        self._descriptors = (folder / DESCRIPTORS_FILE).open("wb")
        self._offsets = [0]

    def write(self, keypoints: Keypoints | None) -> None:
        count = 0 if keypoints is None else len(keypoints)
        if keypoints is not None:
            self._points.write(keypoints.points.astype("<u2").tobytes())
            self._descriptors.write(keypoints.descriptors.tobytes())
        self._offsets.append(self._offsets[-1] + count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._points.close()
        self._descriptors.close()
        offsets = np.array(self._offsets, np.int64)
        np.save(self._folder / OFFSETS_FILE, offsets, allow_pickle=False)


class KeypointTable:
    """Opened by memory map; thread-safe."""

    def __init__(
        self,
        points: NDArray[np.uint16],
        descriptors: NDArray[np.uint8],
        offsets: NDArray[np.int64],
    ) -> None:
        self._points = points
        self._descriptors = descriptors
        self._offsets = offsets

    @classmethod
    def open(cls, folder: Path) -> "KeypointTable":
        """Raises IndexUnusable."""
        try:
            offsets = np.load(folder / OFFSETS_FILE, mmap_mode="r", allow_pickle=False)
            sizes = [(folder / each).stat().st_size for each in (POINTS_FILE, DESCRIPTORS_FILE)]
            count = int(offsets[-1])
        except (OSError, ValueError, IndexError, EOFError) as error:
            raise IndexUnusable(f"{folder}: keypoints are not readable: {error}") from None
        if sizes != [count * _POINT_BYTES, count * DESCRIPTOR_BYTES] or np.any(
            np.diff(offsets) < 0
        ):
            raise IndexUnusable(f"{folder}: keypoints are damaged; build the index again")
        if not count:
            empty = np.empty((0, 2), np.uint16), np.empty((0, DESCRIPTOR_BYTES), np.uint8)
            return cls(*empty, offsets)
        return cls(
            np.memmap(folder / POINTS_FILE, "<u2", "r", shape=(count, 2)),
            np.memmap(folder / DESCRIPTORS_FILE, np.uint8, "r", shape=(count, DESCRIPTOR_BYTES)),
            offsets,
        )

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def of(self, row: int) -> Keypoints:
        """The keypoints of one row; none where the row was made without."""
        part = slice(int(self._offsets[row]), int(self._offsets[row + 1]))
        return Keypoints(
            points=np.asarray(self._points[part]), descriptors=np.asarray(self._descriptors[part])
        )
