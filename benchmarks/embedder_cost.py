"""Row 7: what one picture costs, and how large the file is."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from thresholds_vectors import FRAMINGS, Generated

from screening.embedders.lite import Lite
from screening.embedders.regions import most_telling
from screening.images.preprocess import prepare

PICTURES, WARM_UP, ROUNDS = 40, 5, 5
FIRST_SEED = 3_000_000_000
MEGABYTE = 1_000_000


def cost(graph: Path) -> Iterator[str]:
    """Medians of one picture on one thread, the file's size, and what comes out.

    The thread's own time on a core, not the wall's: other processes may want the core as well.
    """
    lite = Lite(threads=1, graph=graph)
    pictures = [_drawn(number, lite) for number in range(PICTURES)]
    once = [each for each in pictures if most_telling(lite.regions(each)) is None]
    twice = [each for each in pictures if most_telling(lite.regions(each)) is not None]
    for name, some in (("one look", once), ("two looks", twice)):
        if some:
            yield f"{name} {_core_ms(lite, some)}, {len(some)} of {PICTURES} drawn pictures"
    yield f"{graph.stat().st_size / MEGABYTE:.2f} MB (to reach ≤ 12)"
    yield ", ".join(f"{each.name} {each.dimension}" for each in lite.outputs)


def _drawn(number: int, lite: Lite) -> NDArray[np.uint8]:
    view = number % len(FRAMINGS)
    picture = Generated(seed=FIRST_SEED + number, twin=False, view=view).image()
    return prepare(picture.resize((512, 512), Image.Resampling.BICUBIC), lite.preprocessing)


def _core_ms(lite: Lite, pictures: list[NDArray[np.uint8]]) -> str:
    seconds = []
    for picture in pictures[:1] * WARM_UP + pictures * ROUNDS:
        started = time.thread_time()
        lite.embed(picture[None])
        seconds.append(time.thread_time() - started)
    low, middle, high = np.quantile(seconds[WARM_UP:], (0.05, 0.5, 0.95)) * 1000
    return f"{middle:.1f} core-ms (5-95 %: {low:.1f}-{high:.1f}; to reach ≤ 12)"
