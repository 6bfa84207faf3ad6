"""Which frames of a video are looked at: at a steady rate, and where the scene changes."""

import math

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

TIME_TOLERANCE_SECONDS = 1e-4
"""Times are multiples of a stream's own unit, 1/90000 s at the finest that is common, and come as
floating-point numbers: a frame this close to a bound stands at the bound."""

GRID_PX = 32
"""Frames are compared as squares of so many pixels, each the mean of what it covers."""

CHANGE_LEVELS = 24.0
"""Mean difference of two frames, of 255 levels, from which on they are of other scenes."""

BLOCKS = 4
"""Blocks in a row and in a column of the grid, for what changes in a part of the frame alone."""

LOCAL_CHANGE_LEVELS = 48.0
"""Mean difference of a block, of 255 levels, from which on something else is shown in it. A figure
in a quarter of the frame changes the mean of the whole by a quarter of that: no other scene."""


class Sampler:
    """Chooses frames of one stream; asked once for each of them, in their order.

    The time from ``start_seconds`` on is cut into pieces of ``1 / frames_per_second`` seconds, and
    the first frame of each is chosen, so that a rate above the film's own takes every frame once.
    With ``scene_changes`` every frame is chosen, too, that looks unlike the one chosen last: what
    is shown between two steady samples only, however it got there. With ``local_changes`` so is,
    once a piece, the first frame that looks unlike it in a part: whoever knows the rate could leave
    a figure out of the steady samples alone.
    """

    def __init__(
        self,
        *,
        frames_per_second: float,
        start_seconds: float = 0.0,
        scene_changes: bool = True,
        local_changes: bool = False,
    ) -> None:
        self._rate = frames_per_second
        self._start_seconds = start_seconds
        self._scene_changes = scene_changes
        self.local_changes = local_changes
        self._last_piece = -1
        self._last_local_piece = -1
        self._grid: NDArray[np.int16] | None = None
        self._reformatter = VideoReformatter()

    def chooses(self, frame: VideoFrame, seconds: float) -> bool:
        """Whether ``frame`` is taken, which stands ``seconds`` from the film's beginning."""
        since_start = seconds - self._start_seconds + TIME_TOLERANCE_SECONDS
        if since_start < 0:
            return False
        piece = math.floor(since_start * self._rate)
        chosen = piece > self._last_piece
        if self._scene_changes:
            grid = self._grid_of(frame)
            chosen = chosen or self._grid is None or _differ(grid, self._grid)
            if not chosen and self.local_changes and piece > self._last_local_piece:
                chosen = self._grid is not None and _differ_locally(grid, self._grid)
                self._last_local_piece = piece if chosen else self._last_local_piece
            if chosen:
                self._grid = grid
        self._last_piece = max(piece, self._last_piece)
        return chosen

    def _grid_of(self, frame: VideoFrame) -> NDArray[np.int16]:
        """(32, 32, 3) levels."""
        small = self._reformatter.reformat(
            frame, width=GRID_PX, height=GRID_PX, format="rgb24", interpolation=Interpolation.AREA
        )
        return small.to_ndarray().astype(np.int16)


def _differ(grid: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    return float(np.abs(grid - other).mean()) >= CHANGE_LEVELS


def _differ_locally(grid: NDArray[np.int16], other: NDArray[np.int16]) -> bool:
    side_px = GRID_PX // BLOCKS
    blocks = np.abs(grid - other).reshape(BLOCKS, side_px, BLOCKS, side_px, 3)
    return float(blocks.mean(axis=(1, 3, 4)).max()) >= LOCAL_CHANGE_LEVELS
