"""The edits of the detection benchmark: each changes what it says, the same way every time."""

import io
import random

import imagehash
import numpy as np
import pytest
from PIL import Image

from screening.evaluation import edits
from screening.evaluation.edits import EDITS, edited
from tests.pictures import drawing

SIZE = (320, 240)
PICTURE = drawing(1, SIZE)
OTHER = drawing(2, SIZE)


def made(name: str, *, seed: int = 3) -> Image.Image:
    return EDITS[name](PICTURE, random.Random(f"{seed} {name}"), OTHER)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference in levels; pictures of one size."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


def holds(image: Image.Image, part: Image.Image, tolerance: float = 1) -> bool:
    """Whether ``part`` stands somewhere in ``image``, pixel by pixel."""
    pixels, wanted = np.asarray(image, np.int16), np.asarray(part, np.int16)
    height, width = wanted.shape[:2]
    return any(
        np.abs(pixels[top : top + height, left : left + width] - wanted).mean() <= tolerance
        for top in range(pixels.shape[0] - height + 1)
        for left in range(pixels.shape[1] - width + 1)
        if np.abs(pixels[top, left] - wanted[0, 0]).max() <= tolerance
    )


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_the_picture_and_nothing_else(name: str) -> None:
    before = PICTURE.tobytes(), OTHER.tobytes()
    result = made(name)
    assert result.mode == "RGB"
    assert (result.size, result.tobytes()) != (SIZE, before[0])
    assert (PICTURE.tobytes(), OTHER.tobytes()) == before


@pytest.mark.parametrize("name", EDITS)
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    first = edited(PICTURE, name, seed=5, other=OTHER)
    second = edited(PICTURE, name, seed=5, other=OTHER)
    assert first[1] == second[1]
    assert first[0].tobytes() == second[0].tobytes()
    with Image.open(io.BytesIO(first[1])) as file:
        assert file.format == "JPEG"
        assert file.convert("RGB").tobytes() == first[0].tobytes()


@pytest.mark.parametrize("size", [(8, 8), (9, 40), (1, 1)])
@pytest.mark.parametrize("name", EDITS)
def test_tiny_pictures_are_edited_too(name: str, size: tuple[int, int]) -> None:
    result, _ = edited(drawing(1, (64, 64)).resize(size), name, seed=1, other=OTHER)
    assert min(result.size) >= 1


def test_no_name_leaves_the_picture_as_it_is() -> None:
    result, _ = edited(PICTURE, "", seed=1, other=OTHER)
    assert difference(result, PICTURE) < 5


def test_other_seeds_crop_elsewhere() -> None:
    assert len({made("40 % cut away", seed=seed).tobytes() for seed in range(5)}) > 3


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("10 % cut away", 0.9),
        ("20 % cut away", 0.8),
        ("40 % cut away", 0.6),
        ("60 % cut away", 0.4),
    ],
)
def test_crops_keep_their_share_of_the_area(name: str, left: float) -> None:
    result = made(name)
    assert result.width * result.height == pytest.approx(left * SIZE[0] * SIZE[1], rel=0.02)
    assert holds(PICTURE, result, tolerance=0)


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [
        ("half the size", 160, 120),
        ("rotated 90°", 240, 320),
        ("padded 10 %", 352, 264),
        ("padded 25 %", 400, 300),
        ("padded 50 %", 480, 360),
        ("border", 320 + 4 * 9, 240 + 4 * 9),
        ("caption band", 320, 240 + 43),
        ("screenshot, half", 453, 339),
        ("screenshot, quarter", 640, 480),
        ("collage of 2", 640, 240),
        ("collage of 4", 640, 480),
        ("rotated 8°", 320, 240),
        ("noise", 320, 240),
    ],
)
def test_sizes(name: str, width: int, height: int) -> None:
    assert made(name).size == (width, height)


@pytest.mark.parametrize(
    "name",
    ["padded 25 %", "border", "caption band", "screenshot, half", "screenshot, quarter",
     "collage of 2", "collage of 4"],
)  # fmt: skip
def test_the_whole_picture_is_still_there(name: str) -> None:
    assert holds(made(name), PICTURE, tolerance=0)


def test_collages_hold_the_other_picture() -> None:
    assert any(holds(made("collage of 2", seed=seed), OTHER, tolerance=0) for seed in range(8))


def test_colours() -> None:
    grey, dark = np.asarray(made("grey")), np.asarray(made("darker"))
    assert np.ptp(grey, axis=2).max() == 0
    assert dark.mean() == pytest.approx(np.asarray(PICTURE).mean() / 2, abs=1)
    spread = np.ptp(np.asarray(PICTURE, np.int16), axis=2).mean()
    assert np.ptp(np.asarray(made("saturated"), np.int16), axis=2).mean() > spread


def test_mirroring_twice_gives_the_picture_back() -> None:
    assert made("mirrored").transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes() == (
        PICTURE.tobytes()
    )


def test_lower_quality_is_further_from_the_picture() -> None:
    off = [difference(made(f"JPEG quality {quality}"), PICTURE) for quality in (40, 20, 10)]
    assert 0 < off[0] < off[1] < off[2]


def test_noise_and_blur_are_as_strong_as_they_say() -> None:
    flat = Image.new("RGB", (200, 200), (128, 128, 128))
    noisy = np.asarray(edits.noise(flat, random.Random(1)), np.float64)
    assert noisy.std() == pytest.approx(edits.NOISE_LEVELS, rel=0.05)
    assert noisy.mean() == pytest.approx(128, abs=1)
    step = Image.new("L", (100, 10))
    step.paste(255, (50, 0, 100, 10))
    slope = np.diff(np.asarray(edits.blur(step.convert("RGB")), np.float64)[5, :, 0])
    sigma = np.sqrt(np.average((np.arange(99) - 49) ** 2, weights=slope))
    assert sigma == pytest.approx(edits.BLUR_RADIUS_PX, rel=0.2)


def test_the_combination_is_a_mirrored_crop() -> None:
    result = made("cut 40 %, mirrored, JPEG 40")
    assert result.width * result.height == pytest.approx(0.6 * SIZE[0] * SIZE[1], rel=0.02)
    whole = PICTURE.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert holds(whole.resize(SIZE), result, tolerance=12)


def test_colour_edits_keep_the_hash_and_crops_do_not() -> None:
    """What the families are there for."""
    before = imagehash.phash(PICTURE, hash_size=16)
    near = [imagehash.phash(made(each), hash_size=16) - before for each in ("grey", "saturated")]
    far = [imagehash.phash(made(each), hash_size=16) - before for each in ("40 % cut away",)]
    assert max(near) <= 56 < min(far)
