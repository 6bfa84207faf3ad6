"""Keypoints find copies whose geometry was edited, and nothing in unrelated pictures."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from screening import keypoints
from screening.images.preprocess import prepare
from screening.keypoints import (
    AGREEING_SHARE,
    DESCRIPTOR_BYTES,
    MIN_INLIERS,
    MOST,
    SIDE_PX,
    Keypoints,
    count_inliers,
    keypoints_of,
)
from tests.pictures import noise


def scene(seed: int) -> Image.Image:
    """Forty shapes with outlines, and something written: RGB, 400 x 300 px."""
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", (400, 300), tuple(chance.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(image)
    for number in range(40):
        corners = chance.integers(0, (400, 300), (3, 2))
        colour, ink = (tuple(each) for each in chance.integers(0, 256, (2, 3)).tolist())
        if number % 2:
            pen.polygon([tuple(each) for each in corners.tolist()], fill=colour, outline=ink)
        else:
            left, top = corners[0].tolist()
            width, height = chance.integers(6, 70, 2).tolist()
            pen.ellipse((left, top, left + width, top + height), fill=colour, outline=ink)
    pen.text((30, 120), f"scene {seed}", fill="black", font=ImageFont.load_default(32))
    return image


def made(image: Image.Image) -> Keypoints:
    return keypoints_of(prepare(image.convert("RGB"), keypoints.PREPROCESSING))


def placed(points: NDArray[np.int64], seed: int = 0) -> Keypoints:
    """Keypoints at these places (px), each with a descriptor of its own."""
    chance = np.random.default_rng(seed)
    descriptors = chance.integers(0, 256, (len(points), DESCRIPTOR_BYTES), dtype=np.uint8)
    return Keypoints(points=(points * 64).astype(np.uint16), descriptors=descriptors)


def far_apart(count: int) -> NDArray[np.int64]:
    """``count`` places in different cells, not on a line."""
    numbers = np.arange(count)
    return np.stack([numbers % 6 * 60 + 30, numbers // 6 * 60 + 30], axis=1)


def empty() -> Keypoints:
    return placed(np.empty((0, 2), np.int64))


EDITED = {
    "crop of 60 %": lambda image: image.crop((80, 20, 390, 252)),
    "crop of 40 %": lambda image: image.crop((100, 60, 353, 250)),
    "rotated by 8 degrees": lambda image: image.rotate(8, Image.Resampling.BICUBIC),
    "rotated by a right angle": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "turned upside down": lambda image: image.rotate(180),
    "padded": lambda image: ImageOps.expand(image, 60, fill=(120, 140, 200)),
    "pushed to a side": lambda image: ImageOps.pad(image, (900, 300), color="black"),
    "half the size": lambda image: image.resize((200, 150)),
    "grey": lambda image: image.convert("L"),
    "beside another picture": lambda image: beside(image, scene(99)),
}


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    both = Image.new("RGB", (one.width + other.width, one.height))
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    return both


@pytest.mark.parametrize("edit", EDITED)
@pytest.mark.parametrize("seed", range(3))
def test_an_edited_copy_is_found_again(edit: str, seed: int) -> None:
    image = scene(seed)
    original, copy = made(image), made(EDITED[edit](image))
    assert count_inliers(copy, original) >= MIN_INLIERS
    assert count_inliers(original, copy) >= MIN_INLIERS


def test_a_mirrored_copy_is_found_by_the_mirrored_reference() -> None:
    image = scene(1)
    copy = made(ImageOps.mirror(image).crop((40, 30, 380, 290)))
    assert count_inliers(copy, made(image)) < MIN_INLIERS
    assert count_inliers(copy, made(ImageOps.mirror(image))) >= MIN_INLIERS


def test_unrelated_pictures_share_next_to_nothing() -> None:
    pictures = [made(scene(seed)) for seed in range(8)]
    pictures += [made(noise((300, 300), seed)) for seed in range(2)]
    counts = [
        count_inliers(one, other)
        for number, one in enumerate(pictures)
        for other in pictures[number + 1 :]
    ]
    assert max(counts) <= MIN_INLIERS // 2


def test_panels_of_text_in_one_type_face_share_next_to_nothing() -> None:
    def panel(seed: int) -> Keypoints:
        chance = np.random.default_rng(seed)
        image = Image.new("RGB", (500, 500), "white")
        pen = ImageDraw.Draw(image)
        for line in range(14):
            words = " ".join(chance.choice(["quick", "brown", "fox", "jumps", "lazy", "dog"], 7))
            pen.text((20, 20 + 34 * line), words, fill="black", font=ImageFont.load_default(24))
        return made(image)

    panels = [panel(seed) for seed in range(5)]
    assert len(panels[0]) > 200
    counts = [count_inliers(one, other) for one in panels[:2] for other in panels[2:]]
    assert max(counts) < MIN_INLIERS


def test_a_shared_logo_is_no_copy() -> None:
    def with_logo(image: Image.Image) -> Image.Image:
        pen = ImageDraw.Draw(image)
        pen.ellipse((310, 210, 390, 290), fill="red")
        pen.text((325, 240), "ACME", fill="white", font=ImageFont.load_default(18))
        return image

    one, other = made(with_logo(scene(1))), made(with_logo(scene(2)))
    assert count_inliers(one, other) < MIN_INLIERS


def test_a_flat_picture_has_no_keypoints() -> None:
    flat = made(Image.new("RGB", (300, 200), "orange"))
    assert len(flat) == 0
    assert flat.points.shape == (0, 2)
    assert flat.descriptors.shape == (0, DESCRIPTOR_BYTES)
    assert count_inliers(flat, made(scene(0))) == count_inliers(flat, flat) == 0


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 440), (440, 1), (3, 5), (7, 440), (62, 440), (62, 62)]
)
def test_a_strip_has_no_keypoints(size: tuple[int, int]) -> None:
    """What is left within plain borders may be of any size."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    image.paste(Image.new("RGB", size, "black"))
    image.paste(noise(size).point(lambda level: level // 2), (0, 0))
    image.paste("black", (size[0] - 1, size[1] - 1, *size))
    turned = image.rotate(180)
    assert min(keypoints._without_border(np.asarray(turned.convert("L"))).shape) <= min(size)
    assert len(made(turned)) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_too_few_keypoints_prove_nothing(count: int) -> None:
    few = placed(far_apart(count))
    assert count_inliers(few, few) == 0
    assert count_inliers(few, empty()) == 0
    assert count_inliers(empty(), few) == 0


@pytest.mark.parametrize("count", [8, MIN_INLIERS - 1, MIN_INLIERS, 30])
def test_the_same_places_are_counted_exactly(count: int) -> None:
    points = far_apart(count)
    assert count_inliers(placed(points), placed(points)) == count
    assert count_inliers(placed(points), placed(points + 40)) == count


def test_one_busy_spot_is_one_place() -> None:
    busy = np.concatenate([far_apart(12), 240 + np.indices((6, 6)).reshape(2, -1).T])
    assert count_inliers(placed(busy), placed(busy)) == 13


def test_a_whole_picture_shrunk_to_a_spot_is_one_place() -> None:
    points = far_apart(30)
    assert count_inliers(placed(points), placed(points // 60 + 240)) <= 2


@pytest.mark.parametrize(("others", "found"), [(20, 30), (21, 0)])
def test_most_of_what_looks_alike_must_agree(others: int, found: int) -> None:
    """30 places agree; ``others`` look alike too, each elsewhere in the other picture."""
    agreeing = far_apart(30)
    chance = np.random.default_rng(5)
    one = np.concatenate([agreeing, chance.integers(35, 260, (others, 2))])
    other = np.concatenate([agreeing, 295 - one[30:]])
    elsewhere = np.abs(one[30:] - other[30:]).max(axis=1) > 10
    assert elsewhere.all()
    assert count_inliers(placed(one), placed(other)) == found
    assert 30 / (30 + 20) >= AGREEING_SHARE > 30 / (30 + 21)


def test_what_looks_alike_outside_of_the_shared_part_does_not_count() -> None:
    """A crop beside another picture: that one's own places may look like anything."""
    shared = far_apart(30)
    chance = np.random.default_rng(6)
    outside = chance.integers(0, 200, (40, 2)) + np.array([420, 0])
    query = np.concatenate([shared, outside])
    reference = np.concatenate([shared, chance.integers(35, 260, (40, 2))])
    assert count_inliers(placed(query), placed(reference)) == 30


def test_the_same_pixels_give_the_same_keypoints_and_counts() -> None:
    pixels = prepare(scene(3), keypoints.PREPROCESSING)
    one, other = keypoints_of(pixels), keypoints_of(pixels.copy())
    assert np.array_equal(one.points, other.points)
    assert np.array_equal(one.descriptors, other.descriptors)
    copy = made(scene(3).rotate(8, Image.Resampling.BICUBIC))
    assert len({count_inliers(one, copy) for _ in range(5)}) == 1


def test_keypoints_stay_within_their_bounds() -> None:
    many = made(noise((600, 600)))
    assert MOST * 0.9 < len(many) <= MOST
    assert many.points.dtype == np.uint16
    assert many.descriptors.shape == (len(many), DESCRIPTOR_BYTES)
    assert many.points.max() < SIDE_PX * 64


def test_text_beside_a_picture_leaves_it_keypoints() -> None:
    image = Image.new("RGB", (480, 480), "white")
    soft = Image.blend(scene(4).resize((240, 240)), Image.new("RGB", (240, 240), "grey"), 0.3)
    pen = ImageDraw.Draw(image)
    for line in range(6):
        pen.text((4, 4 + line * 80), "words " * 4, fill="black", font=ImageFont.load_default(16))
    image.paste(soft, (240, 240))
    kept = made(image)
    found = (kept.points / 64 > 236).all(axis=1)
    strongest = cv2.ORB.create(nfeatures=MOST).detect(np.asarray(image.convert("L")), None)
    before = np.array([min(each.pt) > 240 for each in strongest])
    assert found.mean() > 1.5 * before.mean() > 0


def test_borders_are_cut_off() -> None:
    image = scene(5)
    framed = ImageOps.expand(image, 30, fill="black")
    plain, cut = made(image), made(framed)
    # The border is gone, the picture a little smaller for having been scaled with it.
    assert cut.points.min() / 64 < plain.points.min() / 64 + 5
    assert cut.points[:, 0].max() < plain.points[:, 0].max()
    assert count_inliers(plain, cut) >= MIN_INLIERS


def test_a_border_within_the_padding_is_cut_off_too() -> None:
    grey = np.full((100, 120), 255, np.uint8)
    grey[10:90, 10:110] = 40
    grey[30:70, 40:90] = np.arange(50, dtype=np.uint8) * 4 + 53
    assert np.array_equal(keypoints._without_border(grey), grey[30:70, 40:90])


@pytest.mark.parametrize(("level", "height"), [(12, 50), (13, 20)])
def test_a_border_is_plain_within_some_levels(level: int, height: int) -> None:
    """``level`` off the corner's grey is still border at 12, and picture at 13."""
    grey = np.full((50, 50), 100, np.uint8)
    grey[10:30] = 100 + level
    assert keypoints._without_border(grey).shape[0] == height
