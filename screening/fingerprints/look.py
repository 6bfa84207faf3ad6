"""A look at a picture while its pixels are there: what searches it by keypoints."""

from collections.abc import Callable
from typing import Protocol

from screening.fingerprints.decoding_process import Task
from screening.fingerprints.fingerprint import PictureFingerprints, Sighting
from screening.keypoints import LARGE_PREPROCESSING, SIDE_PX, Sight

LOOKED_AT_VIEWS = 6
"""As many as one picture has without its centre, which the whole shows too. Further views of a file
(frames of an animation) are found by hash and vector alone."""

LARGE_TASK = Task(preprocessings=(LARGE_PREPROCESSING,), short_side_px=SIDE_PX)


class Look(Protocol):
    """Looks for copies in a picture while its pixels are there."""

    def __call__(
        self,
        picture: PictureFingerprints,
        sight: Callable[[int], Sight],
        large: Callable[[int], Sight | None],
    ) -> tuple[Sighting, ...]:
        """What is found in the first `LOOKED_AT_VIEWS` views of ``picture``.

        ``sight`` and ``large`` give the keypoints of a view, by number; ``large`` those of the
        picture decoded again at a larger size, None where that fails. Called in many threads.
        """
