"""Keypoints: where they are looked for, and within which bounds they stay."""

import cv2
import numpy as np
import pytest
from pictures import noise
from PIL import Image, ImageDraw, ImageFont, ImageOps
from scenes import made, scene, seen

from screening import keypoints
from screening.images.preprocess import prepare
from screening.keypoints import (
    DESCRIPTOR_BYTES,
    LEVELS,
    MOST,
    MOST_LARGE,
    PLACE_UNITS,
    PREPROCESSING,
    SIDE_PX,
    keypoints_of,
    look_at,
)


def test_a_flat_picture_has_no_keypoints() -> None:
    flat = made(Image.new("RGB", (300, 200), "orange"))
    assert len(flat) == 0
    assert flat.points.shape == (0, 2)
    assert flat.octaves.shape == flat.turns.shape == (0,)
    assert flat.descriptors.shape == (0, DESCRIPTOR_BYTES)
    assert (flat.width_px, flat.height_px) == (480, 320)


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 440), (440, 1), (3, 5), (7, 440), (40, 440), (40, 40)]
)
def test_a_strip_has_no_keypoints(size: tuple[int, int]) -> None:
    """What is left within plain borders may be of any size."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    image.paste(noise(size).point(lambda level: level // 2), (0, 0))
    image.paste("black", (size[0] - 1, size[1] - 1, *size))
    turned = seen(image.rotate(180))
    left, top, right, bottom = turned.inner_px
    assert min(right - left, bottom - top) <= min(size)
    assert len(turned.keypoints) == 0


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 2), (20_000, 10), (3, 4000)])
def test_pictures_of_any_shape(size: tuple[int, int]) -> None:
    assert len(made(noise(size))) <= MOST


def test_the_same_pixels_give_the_same_keypoints() -> None:
    pixels = prepare(scene(3), keypoints.PREPROCESSING)
    one, other = (keypoints_of(each, 400, 300) for each in (pixels, pixels.copy()))
    for name in ("points", "octaves", "turns", "descriptors"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_keypoints_stay_within_their_bounds() -> None:
    many = made(noise((600, 600)))
    assert MOST * 0.9 < len(many) <= MOST
    assert many.points.dtype == np.uint16
    assert many.octaves.dtype == many.turns.dtype == np.uint8
    assert many.descriptors.shape == (len(many), DESCRIPTOR_BYTES)
    assert many.places_px.max() < SIDE_PX
    assert set(np.unique(many.octaves)) == set(range(LEVELS))
    assert len(np.unique(many.turns)) > 100


def test_a_larger_picture_has_more_keypoints() -> None:
    large = seen(noise((600, 600)), large=True)
    assert MOST_LARGE * 0.9 < len(large.keypoints) <= MOST_LARGE
    assert large.keypoints.places_px.max() < 960
    assert large.grey.shape == (960, 960)


def test_turned_pictures_have_turned_keypoints() -> None:
    """A quarter turn adds a quarter to the angle of every place that is found again."""
    image = scene(2)
    one, other = made(image), made(image.transpose(Image.Transpose.ROTATE_270))
    distances = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(
        one.descriptors, other.descriptors
    )
    pairs = np.array([(each.queryIdx, each.trainIdx) for each in distances if each.distance < 20])
    turned = (other.turns[pairs[:, 1]].astype(int) - one.turns[pairs[:, 0]]) % 256
    assert len(pairs) > 50
    assert 60 < np.median(turned) < 68


def test_text_beside_a_picture_leaves_it_keypoints() -> None:
    image = Image.new("RGB", (480, 480), "white")
    soft = Image.blend(scene(4).resize((240, 240)), Image.new("RGB", (240, 240), "grey"), 0.3)
    pen = ImageDraw.Draw(image)
    for line in range(6):
        pen.text((4, 4 + line * 80), "words " * 4, fill="black", font=ImageFont.load_default(16))
    image.paste(soft, (240, 240))
    found = (made(image).places_px > 236).all(axis=1)
    strongest = cv2.ORB.create(nfeatures=MOST).detect(np.asarray(image.convert("L")), None)
    before = np.array([min(each.pt) > 240 for each in strongest])
    assert found.mean() > 1.5 * before.mean() > 0


def test_places_are_those_of_the_picture_without_its_padding() -> None:
    """The right half of a wide picture has its keypoints in the right half."""
    wide = Image.new("RGB", (600, 200), "grey")
    wide.paste(scene(5).resize((300, 200)), (300, 0))
    found = made(wide)
    assert (found.width_px, found.height_px) == (480, 160)
    assert 240 < found.places_px[:, 0].min() < found.places_px[:, 0].max() < 480
    assert found.places_px[:, 1].max() < 160


def test_borders_are_left_out() -> None:
    framed = ImageOps.expand(ImageOps.expand(scene(5), 20, fill="gold"), 20, fill="black")
    sight = seen(framed)
    left, top, right, bottom = sight.inner_px
    height, width = sight.grey.shape
    assert (width, height) == (480, round(380 * 480 / 480))
    assert abs(left - 40) <= 1
    assert abs(top - 40) <= 1
    assert abs(right - 440) <= 1
    assert abs(bottom - 340) <= 1
    places = sight.keypoints.places_px
    assert (places > 40).all()
    assert (places < (440, 340)).all()


@pytest.mark.parametrize(("level", "height"), [(12, 50), (13, 20)])
def test_a_border_is_plain_within_some_levels(level: int, height: int) -> None:
    """``level`` off the corner's grey is still border at 12, and picture at 13."""
    grey = np.full((50, 50), 100, np.uint8)
    grey[10:30] = 100 + level
    _, top, _, bottom = keypoints._within_borders(grey)
    assert bottom - top == height


def test_places_are_kept_to_a_part_of_a_pixel() -> None:
    found = made(scene(6))
    assert np.array_equal(np.round(found.places_px * PLACE_UNITS).astype(np.uint16), found.points)
    assert found.degrees.max() < 360


def test_faint_corners_of_a_quiet_picture_are_found_as_in_a_reference() -> None:
    quiet = scene(1).point(lambda level: 100 + level // 6)
    image = prepare(quiet, PREPROCESSING)
    looked, kept = look_at(image, *quiet.size).keypoints, keypoints_of(image, *quiet.size)
    assert len(kept) > 20
    assert np.array_equal(looked.points, kept.points)


def test_a_busy_picture_is_looked_at_for_plain_corners() -> None:
    """Nearly as many are found, and two thirds of them are those that a reference keeps."""
    busy = noise((480, 360), 3)
    image = prepare(busy, PREPROCESSING)
    looked, kept = look_at(image, *busy.size).keypoints, keypoints_of(image, *busy.size)
    assert 0.8 * MOST < len(looked) < len(kept)
    shared = {tuple(each) for each in looked.points.tolist()} & {
        tuple(each) for each in kept.points.tolist()
    }
    assert len(shared) > 0.6 * len(looked)
