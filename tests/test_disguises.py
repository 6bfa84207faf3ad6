"""Pictures behind others: painted onto single pixels, or with hardly any contrast left."""

import io

import cv2
import numpy as np
import pytest
from drawn import draw_character
from pictures import drawing, file_of, noise
from PIL import Image, ImageOps

from screening.images import decoder
from screening.images.decoder import decode
from screening.images.faint import FAINT_LEVELS, LEAST_LEVELS, SMALLEST_PX, stretched_of
from screening.images.sampled import LEAST_SIDE_PX, sampled_of
from screening.images.view import Variant, View
from screening.settings import Limits

LIMITS = Limits()
HIDDEN = draw_character(3, 1).resize((384, 256))
FILTERS = {
    "nearest": cv2.INTER_NEAREST,
    "nearest, exact": cv2.INTER_NEAREST_EXACT,
    "bilinear": cv2.INTER_LINEAR,
}


def read_by(name: str, size: tuple[int, int], to: tuple[int, int]) -> np.ndarray:
    """Which pixels of a picture of this size a filter of cv2 reads; (h, w) bool."""
    read = []
    for side, made in zip(size, to, strict=True):
        line = np.arange(side, dtype=np.float32)[None]
        places = cv2.resize(line, (made, 1), interpolation=FILTERS[name])[0]
        read.append(np.isin(np.arange(side), [np.floor(places), np.ceil(places)]))
    return read[1][:, None] & read[0][None]


def painted(name: str, times: float, hidden: Image.Image = HIDDEN) -> Image.Image:
    """``hidden`` on the pixels of a drawing that are read where it is reduced so many times."""
    size = (round(hidden.width * times), round(hidden.height * times))
    cover = np.array(drawing(7, size))
    large = np.asarray(hidden.resize(size, Image.Resampling.NEAREST))
    mask = read_by(name, size, hidden.size)
    cover[mask] = large[mask]
    return Image.fromarray(cover)


def trained_on(image: Image.Image, name: str) -> Image.Image:
    pixels = cv2.resize(np.asarray(image), HIDDEN.size, interpolation=FILTERS[name])
    return Image.fromarray(np.asarray(pixels, np.uint8))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean of levels, as far as 64x64 pixels show it."""
    small = [
        np.asarray(each.resize((64, 64), Image.Resampling.BOX), np.float32) for each in (one, other)
    ]
    return float(np.abs(small[0] - small[1]).mean())


@pytest.mark.parametrize("times", [3, 4, 6, 8])
@pytest.mark.parametrize("name", FILTERS)
def test_a_picture_on_the_pixels_that_a_trainer_reads_is_a_view(name: str, times: float) -> None:
    image = painted(name, times)
    assert difference(trained_on(image, name), HIDDEN) < 3  # the file does deceive
    found = sampled_of(image)
    assert found is not None
    assert abs(found.width - HIDDEN.width) <= 1
    assert difference(found, HIDDEN) < 6
    assert difference(image, HIDDEN) > 20


def test_pixels_may_be_passed_over_across_alone() -> None:
    size = (HIDDEN.width * 4, 640)
    cover = np.array(drawing(7, size))
    read = read_by("nearest", size, (HIDDEN.width, size[1]))
    cover[read] = np.asarray(HIDDEN.resize(size, Image.Resampling.NEAREST))[read]
    found = sampled_of(Image.fromarray(cover))
    assert found is not None
    assert difference(found, HIDDEN) < 6


def test_a_reduction_by_no_whole_number_is_seen_too() -> None:
    image = painted("nearest, exact", 4.3)
    found = sampled_of(image)
    assert found is not None
    assert difference(found, HIDDEN) < 6


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_single_pixels_come_second_among_the_views(form: str) -> None:
    data = file_of(painted("nearest", 6), form, quality=95)
    (shown, large), (second, found), *more = decode(data, LIMITS).views
    assert (shown, second, more) == (View(), View(variant=Variant.SAMPLED), [])
    assert difference(found, HIDDEN) < (3 if form == "PNG" else 30) < difference(large, HIDDEN)


def test_references_have_no_such_views() -> None:
    for image in (painted("nearest", 4), faint(0.08, 128)):
        assert len(decode(file_of(image), LIMITS).views) == 2
        assert len(decode(file_of(image), LIMITS, disguises=False).views) == 1


def test_a_large_jpeg_is_not_judged_by_its_reduced_scale() -> None:
    times = 10
    image = painted("nearest", times)
    assert image.width * image.height > decoder.FULL_SCALE_PIXELS
    views = dict(decode(file_of(image, "JPEG", quality=95, subsampling=0), LIMITS).views)
    assert difference(views[View(variant=Variant.SAMPLED)], HIDDEN) < 20


def test_an_orientation_turns_what_single_pixels_show() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    views = dict(decode(file_of(painted("nearest", 4), exif=exif), LIMITS).views)
    turned = HIDDEN.transpose(Image.Transpose.ROTATE_270)
    assert difference(views[View(variant=Variant.SAMPLED)], turned) < 3


@pytest.mark.parametrize("kind", ["drawing", "noise", "enlarged", "pixels", "dots", "grid"])
def test_honest_pictures_have_no_further_view(kind: str) -> None:
    size = (1024, 768)
    image = {
        "drawing": lambda: drawing(1, size),
        "noise": lambda: noise(size),
        "enlarged": lambda: draw_character(1, 1).resize(size, Image.Resampling.BICUBIC),
        "pixels": lambda: drawing(1, (256, 192)).resize(size, Image.Resampling.NEAREST),
        "dots": lambda: drawing(1, size).convert("1"),
        "grid": lambda: tiled(drawing(1, (64, 64)), size),
    }[kind]()
    (view, _), *more = decode(file_of(image), LIMITS).views
    assert (view, more) == (View(), [])


def tiled(tile: Image.Image, size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size)
    for left in range(0, size[0], tile.width):
        for top in range(0, size[1], tile.height):
            image.paste(tile, (left, top))
    return image


@pytest.mark.parametrize("short_px", [1, 2, LEAST_SIDE_PX - 1])
def test_small_pictures_are_not_searched(short_px: int) -> None:
    assert sampled_of(noise((LEAST_SIDE_PX * 2, short_px))) is None


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_one_colour_hides_nothing(mode: str) -> None:
    assert sampled_of(Image.new(mode, (LEAST_SIDE_PX, LEAST_SIDE_PX), "grey")) is None


# --- contrast -----------------------------------------------------------------------------------


def faint(share: float, middle: int, image: Image.Image | None = None) -> Image.Image:
    """A picture with so much of its contrast, around a level."""
    levels = np.asarray(image or draw_character(4, 1), np.float32) - 128
    return Image.fromarray(np.rint(middle + levels * share).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(("share", "middle"), [(0.04, 128), (0.08, 128), (0.1, 240), (0.1, 14)])
@pytest.mark.parametrize("border", [None, "black", "white"])
def test_a_faint_picture_is_seen_with_its_contrast(
    share: float, middle: int, border: str | None
) -> None:
    image = faint(share, middle)
    if border:
        image = ImageOps.expand(image, 40, border)
    found = dict(decode(file_of(image), LIMITS).views)[View(variant=Variant.FAINT)]
    inner = ImageOps.crop(found, 40) if border else found
    spread = np.asarray(inner.convert("L"), np.float32).std()
    assert spread > 0.6 * np.asarray(draw_character(4, 1).convert("L"), np.float32).std()
    shown = ImageOps.autocontrast(draw_character(4, 1).convert("L"))
    both = [np.asarray(each.convert("L"), np.float32).ravel() for each in (inner, shown)]
    assert np.asarray(np.corrcoef(both)).flat[1] > 0.9


def stripes(low: int, high: int, side_px: int = SMALLEST_PX) -> Image.Image:
    levels = np.where(np.arange(side_px) % 8 < 4, low, high).astype(np.uint8)
    return Image.fromarray(np.repeat(levels[None], side_px, axis=0)).convert("RGB")


def test_the_smallest_pictures_are_not_judged() -> None:
    assert stretched_of(stripes(100, 110, SMALLEST_PX - 1)) is None
    assert stretched_of(stripes(100, 110)) is not None


@pytest.mark.parametrize(
    ("levels", "is_faint"),
    [(LEAST_LEVELS - 1, False), (LEAST_LEVELS, True), (FAINT_LEVELS - 1, True),
     (FAINT_LEVELS, False)],
)  # fmt: skip
def test_how_many_levels_are_faint(levels: int, is_faint: bool) -> None:
    found = stretched_of(stripes(100, 100 + levels))
    assert (found is not None) == is_faint
    if found is not None:
        assert found.convert("L").getextrema() == (0, 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 64), (64, 1), (64, 64)])
def test_a_flat_picture_is_not_stretched(size: tuple[int, int]) -> None:
    assert stretched_of(Image.new("RGB", size, (90, 90, 90))) is None


def test_ordinary_pictures_are_not_stretched() -> None:
    for image in (*(drawing(seed) for seed in range(5)), noise((64, 64)), draw_character(4, 1)):
        assert stretched_of(image) is None


def test_frames_of_an_animation_are_stretched_one_by_one() -> None:
    file = io.BytesIO()
    faint(0.1, 128).save(file, "WEBP", save_all=True, lossless=True,
                         append_images=[draw_character(5, 1)])  # fmt: skip
    found = [str(view) for view, _ in decode(file.getvalue(), LIMITS).views]
    assert found == ["", "contrast stretched", "frame 2"]


def test_what_is_faint_behind_another_disguise_is_stretched_too() -> None:
    hidden = faint(0.08, 128).resize(HIDDEN.size)
    single = dict(decode(file_of(painted("nearest", 4, hidden)), LIMITS).views)
    found = single[View(variant=Variant.SAMPLED)]
    assert np.asarray(found, np.float32).std() > 5 * np.asarray(hidden, np.float32).std()
    under = drawing(2, (320, 320)).convert("RGBA")
    under.paste(faint(0.08, 128).convert("RGBA"))
    under.putalpha(0)
    views = dict(decode(file_of(under), LIMITS).views)
    (found, opaque) = (views[View(variant=each)] for each in (Variant.FAINT, Variant.OPAQUE))
    assert np.asarray(found, np.float32).std() > 5 * np.asarray(opaque, np.float32).std()
