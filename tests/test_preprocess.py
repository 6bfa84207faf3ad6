"""Decoded pictures as embedders ask for them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import corners, drawing, noise
from PIL import Image

from screening.images.preprocess import (
    LONGEST_STRIP,
    Fit,
    Preprocessing,
    Resample,
    prepare,
    without_padding,
)

RESAMPLES: list[Resample] = ["bilinear", "bicubic", "lanczos", "box", "hamming"]
EXTREME = [(1, 1), (20_000, 10), (10, 20_000), (32_000, 1), (1, 32_000), (3, 5)]


def prepared(
    image: Image.Image, fit: Fit, size_px: int = 32, resample: Resample = "bicubic"
) -> np.ndarray:
    return prepare(image, Preprocessing(size_px=size_px, fit=fit, resample=resample))


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
@pytest.mark.parametrize("size", EXTREME)
@pytest.mark.parametrize("size_px", [1, 32, 224])
def test_any_shape_becomes_the_square(fit: Fit, size: tuple[int, int], size_px: int) -> None:
    pixels = prepared(Image.new("RGB", size, "teal"), fit, size_px)
    assert (pixels.shape, pixels.dtype) == ((size_px, size_px, 3), np.uint8)
    assert tuple(pixels[size_px // 2, size_px // 2]) in {(0, 128, 128), (255, 255, 255)}


def test_squash_is_pillows_resize() -> None:
    image = drawing()
    for resample in RESAMPLES:
        expected = image.resize((32, 32), Image.Resampling[resample.upper()])
        assert np.array_equal(prepared(image, "squash", resample=resample), np.asarray(expected))


def test_squash_keeps_every_corner() -> None:
    pixels = prepared(corners((300, 20)), "squash", resample="box")
    assert pixels[0, 0].tolist() == [255, 0, 0]
    assert pixels[0, -1].tolist() == [0, 255, 0]
    assert pixels[-1, 0].tolist() == [0, 0, 255]
    assert pixels[-1, -1].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("size", "bars"), [((64, 32), "top"), ((32, 64), "left")])
def test_pad_keeps_the_shape_between_white_bars(size: tuple[int, int], bars: str) -> None:
    pixels = prepared(Image.new("RGB", size, "black"), "pad")
    if bars == "left":
        pixels = pixels.transpose(1, 0, 2)
    assert (pixels[:8] == 255).all()
    assert (pixels[8:24] == 0).all()
    assert (pixels[24:] == 255).all()


def test_crop_takes_the_centre() -> None:
    image = Image.new("RGB", (96, 32), "red")
    image.paste("blue", (32, 0, 64, 32))
    assert (prepared(image, "crop", resample="box") == (0, 0, 255)).all()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from([1, 7, 32, 224]),
    st.sampled_from(["bilinear", "bicubic", "lanczos"]),
)
def test_crop_is_torchvisions(width: int, height: int, size_px: int, resample: Resample) -> None:
    from torchvision import transforms  # noqa: PLC0415 - seconds

    image = noise((width, height), seed=width)
    steps = transforms.Compose(
        [
            transforms.Resize(size_px, transforms.InterpolationMode(resample)),
            transforms.CenterCrop(size_px),
        ]
    )
    expected = np.asarray(steps(image)).astype(np.int16)
    is_strip = max(width, height) > LONGEST_STRIP * min(width, height)
    difference = np.abs(prepared(image, "crop", size_px, resample) - expected)
    if not is_strip:
        assert difference.max() == 0
    elif size_px >= 32 and min(width, height) >= 16:
        # Pillow's filter sees nothing beyond the cut, and its passes round elsewhere
        inner = slice(size_px // 4, -(size_px // 4))
        assert difference[inner, inner].mean() <= 4


@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_grey_is_the_levels_of_pillow(fit: Fit) -> None:
    image = drawing(size=(300, 200))
    made = Preprocessing(size_px=32, fit=fit, grey=True)
    levels = prepare(image.convert("L").convert("RGB"), Preprocessing(size_px=32, fit=fit))
    assert made.shape == prepare(image, made).shape == (32, 32)
    assert Preprocessing(size_px=32, fit=fit).shape == levels.shape == (32, 32, 3)
    assert np.array_equal(prepare(image, made), levels[..., 0])


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("size", [(300, 200), (200, 300), (100, 100), (1000, 1), (401, 267)])
def test_padding_is_cut_off_again(size: tuple[int, int], grey: bool) -> None:
    made = Preprocessing(size_px=64, fit="pad", grey=grey)
    pixels = prepare(Image.new("RGB", size, "black"), made)
    for width, height in (size, size[::-1]):  # a header says nothing of EXIF orientation
        kept = without_padding(pixels, width, height)
        assert (kept == 0).all()
        assert kept.size == (pixels == 0).sum()


def test_what_is_not_white_is_no_padding() -> None:
    pixels = prepare(drawing(size=(64, 64)), Preprocessing(size_px=64, fit="pad"))
    assert without_padding(pixels, 300, 100) is pixels
