"""Keypoints of the reference images, by row, read from disk only where one is asked for."""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.keypoints import DESCRIPTOR_BYTES, NAME, Keypoints

POINTS_FILE = f"{NAME}.points"
POSES_FILE = f"{NAME}.poses"
DESCRIPTORS_FILE = f"{NAME}.descriptors"
ROWS_FILE = f"{NAME}.rows.npy"

_BYTES = {POINTS_FILE: 4, POSES_FILE: 2, DESCRIPTORS_FILE: DESCRIPTOR_BYTES}


class KeypointWriter:
    """Writes the keypoints of one row after another; memory grows by 24 bytes a row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = {name: (folder / name).open("wb") for name in _BYTES}
        self._rows = [(0, 0, 0)]

    def write(self, keypoints: Keypoints | None) -> None:
        end = self._rows[-1][0]
        if keypoints is None:
            self._rows.append((end, 0, 0))
            return
        poses = np.stack([keypoints.octaves, keypoints.turns], axis=1)
        self._files[POINTS_FILE].write(keypoints.points.astype("<u2").tobytes())
        self._files[POSES_FILE].write(poses.tobytes())
        self._files[DESCRIPTORS_FILE].write(keypoints.descriptors.tobytes())
        self._rows.append((end + len(keypoints), keypoints.width_px, keypoints.height_px))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()
        rows = np.array(self._rows, np.int64)
        np.save(self._folder / ROWS_FILE, rows, allow_pickle=False)


class KeypointTable:
    """Opened by memory map; thread-safe. ``octaves``, ``turns`` (n,) and ``descriptors`` (n, 32),
    all uint8, are those of all rows one after another."""

    def __init__(
        self,
        points: NDArray[np.uint16],
        poses: NDArray[np.uint8],
        descriptors: NDArray[np.uint8],
        rows: NDArray[np.int64],
    ) -> None:
        self._points = points
        self._ends = np.ascontiguousarray(rows[:, 0])
        self._sizes = rows[:, 1:]
        self.octaves = poses[:, 0]
        self.turns = poses[:, 1]
        self.descriptors = descriptors

    @classmethod
    def open(cls, folder: Path) -> "KeypointTable":
        """Raises IndexUnusable."""
        try:
            rows = np.load(folder / ROWS_FILE, mmap_mode="r", allow_pickle=False)
            sizes = {name: (folder / name).stat().st_size for name in _BYTES}
            count = int(rows[-1, 0])
        except (OSError, ValueError, IndexError, EOFError) as error:
            raise IndexUnusable(f"{folder}: keypoints are not readable: {error}") from None
        wanted = {name: count * each for name, each in _BYTES.items()}
        if sizes != wanted or rows.shape[1:] != (3,) or np.any(np.diff(rows[:, 0]) < 0):
            raise IndexUnusable(f"{folder}: keypoints are damaged; build the index again")
        if not count:
            points, poses = np.empty((0, 2), np.uint16), np.empty((0, 2), np.uint8)
            return cls(points, poses, np.empty((0, DESCRIPTOR_BYTES), np.uint8), rows)
        return cls(
            np.memmap(folder / POINTS_FILE, "<u2", "r", shape=(count, 2)),
            np.memmap(folder / POSES_FILE, np.uint8, "r", shape=(count, 2)),
            np.memmap(folder / DESCRIPTORS_FILE, np.uint8, "r", shape=(count, DESCRIPTOR_BYTES)),
            rows,
        )

    def __len__(self) -> int:
        return len(self._ends) - 1

    def of(self, row: int) -> Keypoints:
        """The keypoints of one row; none where the row was made without."""
        part = slice(int(self._ends[row]), int(self._ends[row + 1]))
        width, height = self._sizes[row + 1].tolist()
        return Keypoints(
            points=np.asarray(self._points[part]),
            octaves=np.asarray(self.octaves[part]),
            turns=np.asarray(self.turns[part]),
            descriptors=np.asarray(self.descriptors[part]),
            width_px=width,
            height_px=height,
        )

    def rows_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which row each keypoint belongs to; (m,) both, ``numbers`` counting over all rows."""
        found: NDArray[np.int64] = np.searchsorted(self._ends[1:], numbers, side="right")
        return found
