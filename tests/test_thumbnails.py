"""Thumbnails: what a moderator judges a pair by, so a strip must be more than a line."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from decision_samples import decision
from PIL import Image

from screening.matching import ReferenceImage
from screening.screener import Thumbnails
from screening.screener.thumbnails import LEAST_SIDE_PX, THUMBNAIL_PX
from screening.settings import Settings

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (root := tmp_path_factory.mktemp("sets") / "work").mkdir()
    return root.parent


@pytest.fixture(scope="module")
def thumbnails(root: Path) -> Iterator[Thumbnails]:
    with Thumbnails(decision(), root, Settings(references=root)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((2000, 10), (THUMBNAIL_PX, LEAST_SIDE_PX)),
        ((10, 2000), (LEAST_SIDE_PX, THUMBNAIL_PX)),
        ((3000, 1), (THUMBNAIL_PX, LEAST_SIDE_PX)),
        ((800, 99), (THUMBNAIL_PX, LEAST_SIDE_PX)),
        ((800, 100), (THUMBNAIL_PX, 32)),
        ((800, 104), (THUMBNAIL_PX, 33)),
        ((300, 300), (THUMBNAIL_PX, THUMBNAIL_PX)),
        ((1, 1), (THUMBNAIL_PX, THUMBNAIL_PX)),
    ],
)
def test_a_strip_is_drawn_as_more_than_a_line(
    thumbnails: Thumbnails, root: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    image = Image.new("RGB", size, RED)
    width, height = size
    end = (width // 2, 0, width, height) if width >= height else (0, height // 2, width, height)
    image.paste(BLUE, end)
    image.save(root / "work" / "strip.png")
    jpeg = thumbnails.reference_picture(
        ReferenceImage(reference_set="work", character="c", path="strip.png")
    )
    assert jpeg is not None
    with Image.open(io.BytesIO(jpeg)) as drawn:
        assert drawn.size == shown
        pixels = np.asarray(drawn.convert("RGB"), np.int16)
    if size != (1, 1):  # all of it is drawn, from its beginning to its end
        assert np.abs(pixels[2, 2] - RED).max() < 25
        assert np.abs(pixels[-3, -3] - BLUE).max() < 25
