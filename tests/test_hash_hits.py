"""Hashes that are near but not very: what keypoints say for them, and against them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import built, fingerprint, flipped, picture, random_hash, reference
from PIL import Image, ImageFilter, ImageOps
from scenes import made, scene, seen

from screening.fingerprints.fingerprint import Region, Sighting
from screening.hashes import inverted
from screening.index import Index
from screening.keypoints import Sight
from screening.matching import Match, find_copies
from screening.matching.hash_hits import (
    CHECKED_BITS,
    LEAST_ALIKE,
    LEAST_ALIKE_FAR,
    SURE_BITS,
    check_hashes,
)
from screening.matching.overlap import LEAST_AGREEMENT, how_alike
from screening.references.stored import ReferencePicture

CHANCE = np.random.default_rng(11)
HASH = random_hash(CHANCE)
E = np.eye(8, dtype=np.float32)
CERTAIN, LIKELY = 40, 56


def kept(image: Image.Image | None, name: str, character: str, phash: bytes) -> ReferencePicture:
    made_up = reference(name, character, E[0], phash=phash)
    straight, mirror = made_up.picture.fingerprints
    if image is not None:
        straight = replace(straight, keypoints=made(image))
        mirror = replace(mirror, keypoints=made(ImageOps.mirror(image)))
    views = (straight, mirror)
    return replace(made_up, picture=replace(made_up.picture, fingerprints=views))


def changed(width: int) -> Image.Image:
    """Scene 1, another picture over its right ``width`` px."""
    image = scene(1)
    image.paste(scene(70).crop((0, 0, width, 300)), (400 - width, 0))
    return image


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return built(tmp_path_factory.mktemp("index"), {"set": [kept(scene(1), "1", "hero", HASH)]})


def matches(index: Index, image: Image.Image, bits: int) -> list[Match]:
    """The copies found in a picture whose hash is ``bits`` away from `HASH`."""
    view = fingerprint(flipped(HASH, bits), E[3])
    checks = check_hashes(0, view, index, lambda _: seen(image))
    shown = replace(picture("a", view), sightings=tuple(checks))
    return find_copies([shown], index, distance_bits=LIKELY, certain_bits=CERTAIN)


EDITS = {
    "as it is": lambda image: image,
    "half the size": lambda image: image.resize((200, 150)),
    "grey": lambda image: image.convert("L"),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "dark": lambda image: image.point(lambda level: level // 2),
    "rotated by 3 degrees": lambda image: image.rotate(3, Image.Resampling.BICUBIC),
    "cut by 6 %": lambda image: image.crop((6, 4, 394, 296)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_copies_stay_certain(index: Index, edit: str) -> None:
    (match,) = matches(index, EDITS[edit](scene(1)), CERTAIN)
    assert match.verified
    assert match.distance_bits == CERTAIN


def test_another_picture_is_no_copy_however_near_its_hash(index: Index) -> None:
    assert matches(index, scene(2), SURE_BITS + 1) == []
    (match,) = matches(index, scene(2), SURE_BITS)
    assert match.verified


def test_what_differs_in_a_part_is_likely_what_differs_more_is_none(index: Index) -> None:
    agreements = {}
    for width in range(40, 241, 40):
        found = how_alike(seen(changed(width)), made(scene(1)))
        assert found is not None
        agreements[width] = found
        shown = matches(index, changed(width), CERTAIN)
        assert [each.verified for each in shown] == (
            [found >= LEAST_AGREEMENT] if found >= LEAST_ALIKE else []
        )
        further = matches(index, changed(width), CERTAIN + 1)
        assert [each.verified for each in further] == ([False] if found >= LEAST_ALIKE_FAR else [])
    assert max(agreements.values()) > LEAST_AGREEMENT
    assert min(agreements.values()) < LEAST_ALIKE
    between = [each for each in agreements.values() if LEAST_ALIKE <= each < LEAST_ALIKE_FAR]
    assert between


def test_a_flat_picture_is_believed(index: Index) -> None:
    """Nothing can be compared in it."""
    (match,) = matches(index, Image.new("RGB", (300, 200), "orange"), CERTAIN)
    assert match.verified


def test_a_reference_without_keypoints_is_believed(tmp_path: Path) -> None:
    index = built(tmp_path, {"set": [kept(None, "r", "hero", HASH)]})
    (match,) = matches(index, scene(1), CERTAIN)
    assert match.verified


def test_checks_are_of_the_same_index(index: Index) -> None:
    view = fingerprint(flipped(HASH, 20), E[3])
    (check,) = check_hashes(0, view, index, lambda _: seen(scene(2)))
    shown = replace(picture("a", view), sightings=(replace(check, index="other"),))
    (match,) = find_copies([shown], index, distance_bits=LIKELY, certain_bits=CERTAIN)
    assert match.verified


def test_a_check_says_what_was_compared(index: Index) -> None:
    view = fingerprint(flipped(HASH, 20), E[3])
    (check,) = check_hashes(3, view, index, lambda number: seen(scene(number - 2)))
    whole = Region(left=0, top=0, right=1, bottom=1)
    assert check == Sighting(
        index=index.id, row=0, view=3, places=0, agreement=1.0,
        region=whole, reference_region=whole, by_hash=True,
    )  # fmt: skip


def never(_: int) -> Sight:
    raise AssertionError("looked where no hash is near, or one is near enough")


@pytest.mark.parametrize("bits", [0, SURE_BITS, CHECKED_BITS + 1])
def test_the_pixels_are_looked_at_only_where_a_hash_is_in_doubt(index: Index, bits: int) -> None:
    assert check_hashes(0, fingerprint(flipped(HASH, bits), E[3]), index, never) == []


def test_of_several_frames_the_one_that_agrees_counts(tmp_path: Path) -> None:
    """The nearest by hash is another frame; a character in doubt is looked up three times."""
    frames = [
        kept(scene(number), f"{number}", "hero", flipped(HASH, number - 4))
        for number in range(4, 8)
    ]
    index = built(tmp_path, {"set": frames})
    (match,) = matches(index, scene(6), 20)
    assert (match.reference.path, match.verified) == ("6", True)
    (last,) = matches(index, scene(7), 20)
    assert last.reference.path == "7"
    assert matches(index, scene(8), 20) == []


def test_one_character_in_doubt_hides_no_other(tmp_path: Path) -> None:
    index = built(
        tmp_path,
        {"set": [kept(scene(1), "1", "hero", HASH), kept(scene(2), "2", "mate", flipped(HASH, 4))]},
    )
    assert [each.reference.path for each in matches(index, scene(2), 20)] == ["2"]
    assert [each.reference.path for each in matches(index, scene(1), 20)] == ["1"]


@pytest.mark.parametrize("bits", [0, SURE_BITS, SURE_BITS + 1, CERTAIN])
def test_a_negative_is_a_certain_copy(index: Index, bits: int) -> None:
    negative = ImageOps.invert(scene(1))
    view = fingerprint(inverted(flipped(HASH, bits)), E[3])
    checks = check_hashes(0, view, index, lambda _: seen(negative))
    assert [each.agreement >= LEAST_AGREEMENT for each in checks] == [True] * (bits > SURE_BITS)
    shown = replace(picture("a", view), sightings=tuple(checks))
    (match,) = find_copies([shown], index, distance_bits=LIKELY, certain_bits=CERTAIN)
    assert (match.distance_bits, match.verified) == (bits, True)


@pytest.mark.parametrize("image", [scene(1), ImageOps.invert(scene(2))])
def test_what_is_no_negative_is_no_copy_however_near_its_hash(
    index: Index, image: Image.Image
) -> None:
    view = fingerprint(inverted(flipped(HASH, SURE_BITS + 1)), E[3])
    checks = check_hashes(0, view, index, lambda _: seen(image))
    shown = replace(picture("a", view), sightings=tuple(checks))
    assert find_copies([shown], index, distance_bits=LIKELY, certain_bits=CERTAIN) == []


@pytest.mark.parametrize(("bits", "found"), [(LIKELY, 1), (LIKELY + 1, 0)])
def test_negatives_are_near_as_far_as_copies_are(index: Index, bits: int, found: int) -> None:
    view = fingerprint(inverted(flipped(HASH, bits)), E[3])
    matches = find_copies([picture("a", view)], index, distance_bits=LIKELY, certain_bits=CERTAIN)
    assert [each.verified for each in matches] == [False] * found


def test_several_pictures_keep_their_own_negatives(index: Index) -> None:
    views = [HASH, random_hash(CHANCE), inverted(HASH)]
    pictures = [
        picture(name, fingerprint(phash, E[3])) for name, phash in zip("abc", views, strict=True)
    ]
    found = find_copies(pictures, index, distance_bits=LIKELY, certain_bits=CERTAIN)
    assert sorted(each.path for each in found) == ["a", "c"]
