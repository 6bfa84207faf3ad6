"""Overlaps: edited copies are found where they are, and nothing in pictures that share little."""

from dataclasses import replace

import numpy as np
import pytest
from pictures import noise
from PIL import Image, ImageDraw, ImageFont, ImageOps
from scenes import beside, made, placed, scene, seen

from screening.fingerprints.fingerprint import Region
from screening.matching.alignment import (
    LEAST_PLACES,
    LEAST_PLACES_OF_PLAIN,
    LEAST_STRETCH,
    MOST_STRETCH,
    PLAIN_KEYPOINTS,
    Pairs,
    stretch_of,
)
from screening.matching.overlap import (
    LEAST_AGREEMENT,
    LEAST_COARSE,
    LEAST_COARSE_AGREEMENT,
    LEAST_COMPARED,
    LEAST_COVERED,
    LEAST_PART,
    Overlap,
    find_overlap,
    least_certain,
)

WHOLE = (0.0, 0.0, 1.0, 1.0)
EDITED = {
    "crop of 60 %": (lambda image: image.crop((80, 20, 390, 252)), WHOLE, (0.2, 0.07, 0.98, 0.84)),
    "crop of 40 %": (lambda image: image.crop((100, 60, 353, 250)), WHOLE, (0.25, 0.2, 0.88, 0.83)),
    "crop of 60 %, a tenth narrower": (
        lambda image: image.crop((80, 20, 390, 252)).resize((279, 232)),
        WHOLE, (0.2, 0.07, 0.98, 0.84),
    ),
    "crop of 60 %, a quarter wider": (
        lambda image: image.crop((80, 20, 390, 252)).resize((388, 232)),
        WHOLE, (0.2, 0.07, 0.98, 0.84),
    ),
    "padded, a fifth lower": (
        lambda image: ImageOps.expand(image, 60, fill=(120, 140, 200)).resize((520, 336)),
        (0.115, 0.143, 0.885, 0.857), WHOLE,
    ),
    "squeezed into a square": (lambda image: image.resize((300, 300)), WHOLE, WHOLE),
    "rotated by 8 degrees": (lambda image: image.rotate(8, Image.Resampling.BICUBIC), None, None),
    "rotated by a right angle": (
        lambda image: image.transpose(Image.Transpose.ROTATE_90), WHOLE, WHOLE,
    ),
    "turned upside down": (lambda image: image.rotate(180), WHOLE, WHOLE),
    "padded": (
        lambda image: ImageOps.expand(image, 60, fill=(120, 140, 200)),
        (0.115, 0.143, 0.885, 0.857), WHOLE,
    ),
    "pushed to a side": (
        lambda image: ImageOps.pad(image, (900, 300), color="black"),
        (0.278, 0.0, 0.722, 1.0), WHOLE,
    ),
    "half the size": (lambda image: image.resize((200, 150)), WHOLE, WHOLE),
    "grey": (lambda image: image.convert("L"), WHOLE, WHOLE),
    "beside another picture": (
        lambda image: beside(image, scene(99)), (0.0, 0.0, 0.5, 1.0), WHOLE,
    ),
}  # fmt: skip


def sides(region: Region) -> tuple[float, float, float, float]:
    return region.left, region.top, region.right, region.bottom


@pytest.mark.parametrize("edit", EDITED)
@pytest.mark.parametrize("seed", range(3))
def test_an_edited_copy_is_found_where_it_is(edit: str, seed: int) -> None:
    image = scene(seed)
    change, region, reference_region = EDITED[edit]
    found = find_overlap(seen(change(image)), made(image))
    assert found is not None
    assert found.is_copy
    if region is not None:
        assert sides(found.region) == pytest.approx(region, abs=0.04)
        assert sides(found.reference_region) == pytest.approx(reference_region, abs=0.04)


def test_a_copy_in_a_corner_of_a_large_picture_is_found_there() -> None:
    """One of nine: at 480 px hardly anything is left of it, at 960 px there is."""
    image = scene(7)
    grid = Image.new("RGB", (1200, 900))
    for number in range(9):
        grid.paste(scene(20 + number), (number % 3 * 400, number // 3 * 300))
    grid.paste(image, (800, 300))
    found = find_overlap(seen(grid, large=True), made(image))
    assert found is not None
    assert found.is_copy
    assert sides(found.region) == pytest.approx((2 / 3, 1 / 3, 1, 2 / 3), abs=0.02)


def test_a_mirrored_copy_is_found_by_the_mirrored_reference() -> None:
    image = scene(1)
    copy = seen(ImageOps.mirror(image).crop((40, 30, 380, 290)))
    found = find_overlap(copy, made(ImageOps.mirror(image)))
    assert found is not None
    assert found.is_copy
    straight = find_overlap(copy, made(image))
    assert straight is None or not straight.is_copy


def test_unrelated_pictures_share_nothing() -> None:
    pictures = [scene(seed) for seed in range(8)] + [noise((300, 300), seed) for seed in range(2)]
    sights = [seen(each) for each in pictures]
    for number, one in enumerate(sights):
        for other in sights[number + 1 :]:
            found = find_overlap(one, other.keypoints)
            assert found is None or not found.is_copy


def test_panels_of_text_in_one_type_face_are_no_copies() -> None:
    def panel(seed: int) -> Image.Image:
        chance = np.random.default_rng(seed)
        image = Image.new("RGB", (500, 500), "white")
        pen = ImageDraw.Draw(image)
        for line in range(14):
            words = " ".join(chance.choice(["quick", "brown", "fox", "jumps", "lazy", "dog"], 7))
            pen.text((20, 20 + 34 * line), words, fill="black", font=ImageFont.load_default(24))
        return image

    panels = [seen(panel(seed)) for seed in range(5)]
    assert len(panels[0].keypoints) > 200
    for one in panels[:2]:
        for other in panels[2:]:
            found = find_overlap(one, other.keypoints)
            assert found is None or not found.is_copy


def with_logo(image: Image.Image, size: int = 80) -> Image.Image:
    logo = Image.new("RGB", (80, 80), "red")
    pen = ImageDraw.Draw(logo)
    for ring in range(5):
        pen.ellipse((ring * 8, ring * 6, 80 - ring * 7, 80 - ring * 8), outline="white", width=2)
    pen.text((8, 30), "ACME", fill="white", font=ImageFont.load_default(24))
    image = image.copy()
    image.paste(logo.resize((size, size), Image.Resampling.BICUBIC), (400 - size, 300 - size))
    return image


@pytest.mark.parametrize("size", [80, 160, 200])
def test_a_shared_logo_is_no_copy(size: int) -> None:
    found = find_overlap(seen(with_logo(scene(1), size)), made(with_logo(scene(2), size)))
    assert found is None or not found.is_copy


def face(hair: int) -> Image.Image:
    """A head, eyes and a mouth that all share, and hair of its own."""
    image = scene(40)
    pen = ImageDraw.Draw(image)
    chance = np.random.default_rng(hair)
    for _ in range(25):
        x, y = chance.integers((0, 0), (370, 90)).tolist()
        colour = tuple(chance.integers(0, 256, 3).tolist())
        pen.polygon([(x, y), (x + 30, y + 10), (x + 8, y + 38)], fill=colour, outline="black")
    return image


def test_pictures_made_from_one_template_are_no_copies() -> None:
    """Two thirds are the same to the pixel; the rest is not, and there it is looked too."""
    found = find_overlap(seen(face(1)), made(face(2)))
    assert found is not None
    assert found.places > 2 * LEAST_PLACES
    assert found.agreement < LEAST_AGREEMENT
    assert not found.is_copy
    same = find_overlap(seen(face(1)), made(face(1)))
    assert same is not None
    assert same.agreement > 0.99


@pytest.mark.parametrize("count", [0, 1, 2, LEAST_PLACES_OF_PLAIN - 1])
def test_too_few_keypoints_prove_nothing(count: int) -> None:
    few = placed(np.stack([np.arange(count) * 60 + 30] * 2, axis=1))
    sight = replace(seen(scene(1)), keypoints=few)
    assert find_overlap(sight, few) is None
    assert find_overlap(seen(scene(1)), few) is None
    assert find_overlap(sight, made(scene(1))) is None


def test_one_busy_spot_is_one_place() -> None:
    busy = placed(240 + np.indices((6, 6)).reshape(2, -1).T)
    assert find_overlap(replace(seen(scene(1)), keypoints=busy), busy) is None


def test_a_flat_picture_overlaps_with_nothing() -> None:
    flat = seen(Image.new("RGB", (300, 200), "orange"))
    assert find_overlap(flat, made(scene(0))) is None
    assert find_overlap(flat, flat.keypoints) is None
    assert find_overlap(seen(scene(0)), flat.keypoints) is None


def test_every_gate_is_exact() -> None:
    part = LEAST_PART**0.5
    just = Overlap(
        places=LEAST_PLACES,
        compared=LEAST_COMPARED,
        agreement=LEAST_AGREEMENT,
        covered=LEAST_COVERED,
        region=Region(left=0, top=0, right=1, bottom=1),
        reference_region=Region(left=0, top=0, right=1, bottom=1),
    )
    small = Region(left=0, top=0, right=part * 0.99, bottom=part)
    assert just.is_copy
    for below in (
        {"places": LEAST_PLACES - 1},
        {"compared": LEAST_COMPARED - 1},
        {"agreement": float(np.nextafter(LEAST_AGREEMENT, 0))},
        {"covered": float(np.nextafter(LEAST_COVERED, 0))},
        {"region": small},
        {"reference_region": small},
    ):
        assert not replace(just, **below).is_copy


@pytest.mark.parametrize(
    ("coarse", "lost", "fine_lost", "agreement"),
    [
        (LEAST_COARSE, 0, 6, 1.0),
        (LEAST_COARSE - 1, 0, 6, 1 - 6 / (LEAST_COARSE + 99)),
        (100, 1, 9, LEAST_COARSE_AGREEMENT),
        (100, 2, 9, 1 - 11 / 200),
        (100, 1, 0, 1 - 1 / 200),
    ],
)
def test_where_the_finest_keypoints_were_lost_the_coarse_ones_speak(
    coarse: int, lost: int, fine_lost: int, agreement: float
) -> None:
    same = np.ones(coarse + 100, np.bool_)
    same[:lost] = False
    same[coarse : coarse + fine_lost] = False
    seen_so = Overlap(
        places=LEAST_PLACES,
        compared=len(same),
        agreement=float(same.mean()),
        covered=1,
        region=Region(left=0, top=0, right=1, bottom=1),
        reference_region=Region(left=0, top=0, right=1, bottom=1),
        same=same,
        coarse=np.arange(len(same)) < coarse,
    )
    assert seen_so.kept_agreement == pytest.approx(agreement)
    assert seen_so.agreement == float(same.mean())


def test_the_same_pictures_give_the_same_overlap() -> None:
    copy, original = seen(scene(3).rotate(8, Image.Resampling.BICUBIC)), made(scene(3))
    assert len({find_overlap(copy, original) for _ in range(4)}) == 1


def badge() -> Image.Image:
    """A sign on a plain ground, with few keypoints, all in a tenth of the picture."""
    image = Image.new("RGB", (400, 400), "white")
    pen = ImageDraw.Draw(image)
    pen.polygon([(150, 140), (262, 128), (250, 260), (170, 240)], fill="red", outline="black")
    pen.ellipse((180, 165, 215, 200), fill="yellow", outline="black")
    pen.rectangle((212, 205, 240, 232), fill="blue", outline="black")
    return image


@pytest.mark.parametrize("edit", ["rotated", "padded", "half the size"])
def test_a_plain_drawing_is_found_by_few_places(edit: str) -> None:
    image = badge()
    assert LEAST_COMPARED <= len(made(image)) < PLAIN_KEYPOINTS
    copy = {
        "rotated": image.rotate(8, Image.Resampling.BICUBIC, fillcolor="white"),
        "padded": ImageOps.expand(image, 150, fill=(120, 140, 200)),
        "half the size": ImageOps.expand(image.resize((200, 200)), 100, fill="white"),
    }[edit]
    found = find_overlap(seen(copy), made(image))
    assert found is not None
    assert found.plain
    assert found.is_copy


def test_few_places_are_enough_only_where_there_are_few() -> None:
    overlap = Overlap(
        places=LEAST_PLACES_OF_PLAIN,
        compared=LEAST_COMPARED,
        agreement=LEAST_AGREEMENT,
        covered=LEAST_COVERED,
        region=Region(left=0, top=0, right=1, bottom=1),
        reference_region=Region(left=0, top=0, right=1, bottom=1),
    )
    assert not overlap.is_copy
    assert replace(overlap, plain=True).is_copy
    assert not replace(overlap, plain=True, places=LEAST_PLACES_OF_PLAIN - 1).is_copy


@pytest.mark.parametrize(
    ("references", "of_frames", "of_drawings"),
    [(0, 0.9, 0.97), (1000, 0.9, 0.97), (10_000, 0.94, 0.98), (10**5, 0.98, 0.98)],
)
def test_more_references_ask_for_more_agreement(
    references: int, of_frames: float, of_drawings: float
) -> None:
    assert least_certain(references, is_frame=True) == pytest.approx(of_frames)
    assert least_certain(references, is_frame=False) == pytest.approx(of_drawings)


def stretched_by(wide: float, high: float, count: int = 40) -> Pairs:
    start = np.random.default_rng(1).uniform(0, 400, (count, 2)).astype(np.float32)
    end = (start * np.array([wide, high])).astype(np.float32)
    return Pairs(start=start, end=end, least=LEAST_PLACES)


def test_a_stretch_is_undone_by_making_one_side_longer() -> None:
    assert stretch_of(stretched_by(0.6, 0.5)) == pytest.approx((1.2, 1.0), abs=0.001)
    assert stretch_of(stretched_by(0.5, 0.6)) == pytest.approx((1.0, 1.2), abs=0.001)


@pytest.mark.parametrize("stretch", [1.0, LEAST_STRETCH - 0.01, MOST_STRETCH + 0.1])
def test_no_stretch_is_undone_that_is_none_or_too_much(stretch: float) -> None:
    assert stretch_of(stretched_by(stretch, 1.0)) is None


def test_places_that_lean_or_are_too_few_are_no_stretch() -> None:
    leaning = stretched_by(1.2, 1.0)
    leaning.end[:, 0] += 0.5 * leaning.end[:, 1]
    assert stretch_of(leaning) is None
    assert stretch_of(stretched_by(1.2, 1.0, LEAST_PLACES + 1)) is None
    assert stretch_of(stretched_by(1.2, 1.0, LEAST_PLACES + 2)) is not None
