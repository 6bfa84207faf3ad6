"""The benchmark of copies: who plays which part, and how a rate becomes a threshold."""

import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pictures import drawing
from PIL import Image, ImageOps
from scenes import beside, scene

from screening.fingerprints.fingerprint import Region
from screening.matching import Match, ReferenceImage, Transform

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from copy_detection import Query, asked
from copy_detection_art import Art, balanced, parts, shared_with
from copy_detection_edits import FAMILIES, file_of, grid
from copy_detection_lines import DRAWN_OVER, drawn_over, is_there, lines_of, shared_lines
from copy_detection_table import PLAIN_KEYPOINTS, Found, summed_up, table
from fetch_art import split_of


@pytest.fixture
def art(tmp_path: Path) -> Path:
    for source in ("one", "other"):
        for number in range(40):
            folder = tmp_path / source / f"hero{number}+sitting"
            folder.mkdir(parents=True)
            for pose in range(8):
                (folder / f"{pose}.png").touch()
    return tmp_path


def test_nobody_plays_two_parts(art: Path) -> None:
    protected, distractors, benign = parts(art, "test")
    names = [{each.character for each in some} for some in (protected, distractors, benign)]
    assert all(len(each) >= 2 for each in names)
    assert sum(map(len, names)) == len(set.union(*names)) == 40
    assert {split_of(name) for name in names[0] | names[2]} == {"test"}
    assert "test" not in {split_of(name) for name in names[1]}
    per_folder = [each.path.parent for each in (*protected, *distractors, *benign)]
    assert max(map(per_folder.count, per_folder)) == 6


def test_sources_take_turns_and_none_is_most(tmp_path: Path) -> None:
    pictures = []
    for source, count in (("large", 30), ("small", 3)):
        for number in range(count):
            path = tmp_path / f"{source}{number}.png"
            Image.new("RGB", (48, 48)).save(path)
            pictures.append(Art(path, source, "x"))
    tiny = tmp_path / "tiny.png"
    Image.new("RGB", (47, 90)).save(tiny)
    pictures.append(Art(tiny, "small", "x"))
    chosen = balanced(pictures, 10, random.Random(0))
    assert len(chosen) == 10
    assert sum(each.source == "small" for each in chosen) == 3
    assert tiny not in {each.path for each in chosen}
    capped = balanced(pictures, 10, random.Random(0), 0.5)
    assert sum(each.source == "large" for each in capped) == 5


@pytest.mark.parametrize("count", [4, 9])
def test_a_grid_shows_the_picture_once(count: int) -> None:
    image, other = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (50, 50), "blue")
    made = np.asarray(grid(count)(image, random.Random(1), other))
    assert (made == (255, 0, 0)).all(axis=2).sum() == 40 * 30
    assert (made == (0, 0, 255)).all(axis=2).sum() == (count - 1) * 40 * 30


def test_the_same_seed_gives_the_same_file() -> None:
    image, other = drawing(1), drawing(2)
    for family in ("grid of 9", "brighter", "rotated 8°", ""):
        assert file_of(image, family, 3, other) == file_of(image, family, 3, other)
    assert file_of(image, "grid of 9", 3, other) != file_of(image, "grid of 9", 4, other)


def test_a_rate_becomes_a_threshold_that_keeps_it() -> None:
    def found(sure: float, own: float, family: str, source: str = "x") -> Found:
        return Found(family, source, f"{sure}", sure, own, 1.0)

    copies = [found(0.99, own, family) for family in FAMILIES for own in (0.0, 0.92, 0.95, 1.0)]
    negatives = [found(0.0, 0.0, "")] * 1997
    negatives += [found(sure, 0.0, "", "avatars") for sure in (0.91, 0.915, 0.94)]
    results = summed_up(copies, negatives, list(FAMILIES))
    assert results["recall"]["as shipped"]["grey"][0] == 0.75
    assert results["recall"]["at 0.001"]["grey"][0] == 0.75
    assert results["recall"]["at 0.0001"]["grey"][0] == 0.5
    rates = {name: kinds["all"][0] for name, kinds in results["false_positives"].items()}
    assert rates["as shipped"] == 3 / 2000
    assert rates["at 0.001"] <= 1e-3
    assert rates["at 0.0001"] == 0
    assert results["false_positives"]["as shipped"]["avatars"][0] == 1
    assert "| grey |" in table({"references": 1, **results})


def test_negatives_drawn_over_references_and_plain_originals_count_apart() -> None:
    copies = [
        Found("grey", "", "a", 1.0, 1.0, 1.0),
        Found("grey", "", "b", 0.0, 0.0, 1.0, detail=PLAIN_KEYPOINTS - 1),
    ]
    over = Found("", "avatars", "c", 1.0, 0.0, 1.0, over=True, untrue=1.0)
    part = Found("", "books", "d", 0.95, 0.0, 1.0)
    results = summed_up(copies, [over, part, Found("", "x", "e", 0.0, 0.0, 1.0)], ["grey"])
    assert results["agreement_needed"]["at 0.001"] > 0.95
    assert results["agreement_needed"]["at 0.001, parts aside"] < 0.9
    assert results["recall"]["certain"]["grey"][0] == 0.5
    assert results["recall_of_telling"]["certain"]["grey"][0] == 1
    rates = {kind: rate[0] for kind, rate in results["false_positives"]["certain"].items()}
    assert rates["all"] == 2 / 3
    assert rates["fresh"] == 0.5
    assert rates["drawn over a reference"] == 1
    assert results["untrue"]["certain"][0] == 0


def test_without_false_positives_nothing_is_raised() -> None:
    copies = [Found(family, "", "a", 0.9, 0.9, 1.0) for family in FAMILIES]
    results = summed_up(copies, [Found("", "x", "b", 0.0, 0.0, 1.0)] * 10, list(FAMILIES))
    ours = {name: kinds for name, kinds in results["recall"].items() if "<=" not in name}
    assert all(kinds["grey"] == (1, 1, 1) for kinds in ours.values())
    assert results["taken_for"] == {}


def test_peers_find_what_lies_within_their_distance() -> None:
    def found(own: int, any_: int) -> Found:
        peers = {"PDQ": (own, any_), "pHash-64": (own, any_)}
        return Found("grey", "x", f"{own}", 0.0, 0.0, 1.0, peers=peers)

    results = summed_up([found(31, 0), found(32, 0)], [found(999, 10), found(999, 11)], ["grey"])
    assert results["recall"]["PDQ <= 31"]["grey"][0] == 0.5
    assert results["recall"]["pHash-64 <= 10"]["grey"][0] == 0
    assert results["false_positives"]["PDQ <= 31"]["all"][0] == 1
    assert results["false_positives"]["pHash-64 <= 10"]["all"][0] == 0.5


def test_false_positives_are_listed_by_who_was_taken_for_whom() -> None:
    wrong = Found("", "emoji", "cat", 0.95, 0.0, 1.0, taken_for="emoji/black-cat")
    right = Found("grey", "", "a", 1.0, 1.0, 1.0)
    results = summed_up([right], [wrong, wrong], ["grey"])
    assert results["taken_for"] == {"emoji/cat for emoji/black-cat": 2}
    assert "2 x emoji/cat for emoji/black-cat" in table({"references": 1, **results})


def test_what_two_packages_share_is_told_from_what_is_recoloured(tmp_path: Path) -> None:
    def saved(image: Image.Image, name: str) -> Art:
        image.save(tmp_path / name)
        return Art(tmp_path / name, "x", name)

    image = drawing(1)
    red, green, blue = image.split()
    kept = [saved(image, "a.png"), saved(drawing(2), "b.png")]
    asked_for = [
        saved(image, "again.jpg"),
        saved(image.resize((200, 200)), "small.png"),
        saved(ImageOps.mirror(image), "mirrored.png"),
        saved(Image.merge("RGB", (blue, green, red)), "recoloured.png"),
        saved(drawing(3), "other.png"),
    ]
    assert shared_with(asked_for, kept) == [True, True, True, False, False]


def test_every_original_is_edited_in_every_way_and_negatives_twice() -> None:
    pictures = [Art(Path(name), "x", name) for name in "abc"]
    queries = list(asked(pictures[:2], pictures[2:], pictures, random.Random(0)))
    assert [each.family for each in queries[: len(FAMILIES)]] == list(FAMILIES)
    assert [isinstance(each, Query) and each.source for each in queries[-2:]] == ["x", "x"]
    assert len(queries) == 2 * len(FAMILIES) + 2
    assert not any(each.over for each in queries)


def test_collages_show_no_picture_that_is_drawn_over_a_reference() -> None:
    pictures = [Art(Path(name), "x", name) for name in "abc"]
    queries = list(asked(pictures[:1], pictures[1:], pictures[2:], random.Random(0)))
    assert {each.other for each in queries} == {pictures[2]}
    assert [each.over for each in queries[-4:]] == [True, True, False, False]


def test_a_recoloured_drawing_is_drawn_over_the_other(tmp_path: Path) -> None:
    red, green, blue = scene(1).split()
    for name, image in {
        "reference": scene(1),
        "recoloured": Image.merge("RGB", (blue, red, green)),
        "mirrored": ImageOps.mirror(scene(1)),
        "other": scene(2),
        "flat": Image.new("RGB", (40, 40), "blue"),
    }.items():
        image.save(tmp_path / f"{name}.png")
    asked_for = [tmp_path / f"{name}.png" for name in ("recoloured", "mirrored", "other", "flat")]
    found = drawn_over(asked_for, [tmp_path / "reference.png"])
    assert found.tolist() == [True, True, False, False]


def test_both_must_share_their_lines() -> None:
    """What adds as many lines of its own as it takes over is another drawing."""
    one, both = lines_of(scene(1)), lines_of(scene(1)) | lines_of(scene(2))
    assert shared_lines(one[None], one[None])[0] == 1
    assert shared_lines(one[None], both[None])[0] == shared_lines(both[None], one[None])[0]
    assert shared_lines(one[None], both[None])[0] < 1
    assert shared_lines(one[None, :, ::-1], one[None], mirrored=False)[0] < DRAWN_OVER


def test_what_is_said_to_be_there_is_looked_for_by_its_lines() -> None:
    found = Match(
        path="a",
        view="",
        reference=ReferenceImage(reference_set="s", character="c", path="r"),
        method="orb-500",
        transform=Transform.NONE,
        region=Region(left=0.5, top=0, right=1, bottom=1),
        reference_region=Region(left=0, top=0, right=1, bottom=1),
    )
    both = beside(scene(2), scene(1))
    assert is_there(both, found, scene(1))
    assert not is_there(both, found, scene(2))
    assert is_there(both, found, scene(1).transpose(Image.Transpose.ROTATE_90))
    assert not is_there(both, found, ImageOps.mirror(scene(1)))
    mirrored = replace(found, transform=Transform.MIRRORED)
    assert is_there(both, mirrored, ImageOps.mirror(scene(1)))
