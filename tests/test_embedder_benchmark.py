"""The embedder's benchmark on data whose answers are known, and against brute force."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import VECTOR, built, fingerprint, picture, random_hash, reference, units
from numpy.typing import NDArray
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import embedder_heads
from embedder import figures
from embedder_art import Art, different, drawn, shorter_px, shots
from embedder_baselines import lab_histogram, phash_signs
from embedder_copies import copies, found_originals
from embedder_edits import FAMILIES, copied
from embedder_heads import heads, overlap
from embedder_identity import hands, same_different, wesnoth
from embedder_packs import References, statistic
from embedder_quick import evaluate_quick
from embedder_scenes import in_scene
from embedder_scores import (
    Estimate,
    Packs,
    highest_allowed,
    leave_one_out,
    mean_of,
    nearest_is_own,
    pack_recall,
    ratio_of,
    resampled,
    same_or_different,
    share,
    unit,
)
from embedder_sources import HANDS, HEADS, KEPT_OUT, asked_splits
from embedder_table import Figure, markdown, plain
from embedder_vectors import Maker, Shot, Vectors

from screening.matching import compare_characters
from screening.matching.two_sample import Known, weighed

SIZE_PX = 32


# --- scores -------------------------------------------------------------------------------------


def rows_of(seed: int, count: int, dimension: int = 5) -> NDArray[np.float32]:
    return units(np.random.default_rng(seed), count, dimension)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.sampled_from("abc"), min_size=2, max_size=9))
def test_the_nearest_other_row_is_that_of_a_double_loop(seed: int, letters: list[str]) -> None:
    rows, names = rows_of(seed, len(letters)), np.array(letters)
    for place, hit in enumerate(leave_one_out(rows, names)):
        others = [other for other in range(len(rows)) if other != place]
        nearest = max(others, key=lambda other: float(rows[place] @ rows[other]))
        assert hit == (names[nearest] == names[place])


def test_a_tie_with_another_character_is_not_found() -> None:
    rows = np.array([[1, 0], [1, 0], [1, 0]], np.float32)
    assert leave_one_out(rows, np.array(["a", "a", "b"])).tolist() == [False, False, False]
    gallery, known = rows[:2], np.array(["a", "b"])
    assert nearest_is_own(rows[:1], gallery, np.array(["a"]), known).tolist() == [False]
    assert nearest_is_own(rows[:1], gallery[:1], np.array(["a"]), known[:1]).tolist() == [True]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.sampled_from("abcd"), min_size=4, max_size=12))
def test_the_auc_is_the_share_of_pairs_in_order(seed: int, letters: list[str]) -> None:
    # Few directions: ties are common, and count half.
    chance = np.random.default_rng(seed)
    rows = np.eye(3, dtype=np.float32)[chance.integers(0, 3, len(letters))]
    pairs = [(i, j) for i in range(len(rows)) for j in range(i)]
    alike = [float(rows[i] @ rows[j]) for i, j in pairs if letters[i] == letters[j]]
    unlike = [float(rows[i] @ rows[j]) for i, j in pairs if letters[i] != letters[j]]
    if not alike or not unlike:
        with pytest.raises(ValueError, match="pairs"):
            same_or_different(rows, np.array(letters), seed=0)
        return
    won = [(one > other) + (one == other) / 2 for one in alike for other in unlike]
    assert same_or_different(rows, np.array(letters), seed=0).value == pytest.approx(np.mean(won))


def test_an_auc_resamples_characters_and_never_makes_one_unlike_itself() -> None:
    rows = np.repeat(np.eye(4, dtype=np.float32), 3, axis=0)
    names = np.repeat(np.array(["a", "b", "c", "d"]), 3)
    estimate = same_or_different(rows, names, seed=0)
    known = estimate.draws[~np.isnan(estimate.draws)]
    assert (estimate.value, known.min(), known.max()) == (1, 1, 1)
    only_one = np.isnan(estimate.draws)
    assert only_one.tolist() == [(row > 0).sum() == 1 for row in resampled(4, 0)]


def test_an_interval_is_as_wide_as_characters_differ_however_many_pictures_they_have() -> None:
    hits = np.repeat([True, False], 500)
    of_two = share(hits, np.repeat(["a", "b"], 500), seed=0)
    assert set(of_two.draws.tolist()) == {0.0, 0.5, 1.0}
    assert (of_two.value, of_two.low, of_two.high) == (0.5, 0.0, 1.0)
    alike = share(np.tile([True, False], 500), np.repeat(["a", "b"], 500), seed=0)
    assert (alike.low, alike.value, alike.high) == (0.5, 0.5, 0.5)
    assert (of_two.characters, of_two.pictures) == (2, 1000)


def test_an_interval_is_that_of_resampling_one_by_one() -> None:
    hits = np.array([True, True, False, False, True, False])
    names = np.array(["a", "a", "a", "b", "b", "c"])
    estimate = share(hits, names, seed=4)
    for draw, weights in zip(estimate.draws, resampled(3, 4), strict=True):
        drawn_hits = np.concatenate(
            [
                np.tile(hits[names == name], times)
                for name, times in zip("abc", weights, strict=True)
            ]
        )
        assert draw == pytest.approx(drawn_hits.mean())


def estimate(value: float, *draws: float) -> Estimate:
    return Estimate(value=value, draws=np.array(draws), characters=2, pictures=3)


def test_means_and_ratios_are_taken_draw_by_draw() -> None:
    mean = mean_of([estimate(0.5, 0.4, 0.6), estimate(1.0, 1.0, 1.0)])
    assert (mean.value, mean.characters, mean.pictures) == (0.75, 4, 6)
    assert mean.draws.tolist() == pytest.approx([0.7, 0.8])
    ratio = ratio_of(estimate(0.6, 0.6, 0.5), estimate(0.3, 0.2, 0.0))
    assert ratio.value == pytest.approx(2)
    assert ratio.draws[0] == pytest.approx(3)
    assert np.isnan(ratio.draws[1])
    assert ratio.high == pytest.approx(3)
    assert np.isnan(ratio_of(estimate(0.6, 0.6), estimate(0.0, 0.0)).value)


def test_a_row_without_direction_stays_so() -> None:
    rows = unit(np.array([[3, 4], [0, 0]], np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


@pytest.mark.parametrize(
    ("rate", "threshold"), [(0.0, 5.0), (0.19, 5.0), (0.2, 4.0), (0.4, 3.0), (1.0, 1.0)]
)
def test_the_threshold_lets_no_more_than_the_rate_above(rate: float, threshold: float) -> None:
    scores = np.array([3.0, 5.0, 1.0, 4.0, 2.0])
    assert highest_allowed(scores, np.ones(5, np.int64), rate=rate) == threshold


def test_weights_count_in_the_threshold() -> None:
    scores, weights = np.array([1.0, 2.0]), np.array([1, 9])
    assert highest_allowed(scores, weights, rate=0.5) == 2.0
    assert highest_allowed(scores, weights[::-1], rate=0.5) == 1.0


# --- packs --------------------------------------------------------------------------------------


def packs_of(own: float, other: float, mixed: float, count: int = 6) -> Packs:
    pure = np.full((count, count), other)
    np.fill_diagonal(pure, own)
    numbers = np.arange(count)
    return Packs(
        pure=pure,
        pure_of=numbers,
        mixed=np.full(count, mixed),
        mixed_of=numbers,
        mixed_with=(numbers + 1) % count,
    )


@pytest.mark.parametrize(
    ("own", "mixed", "found_pure", "found_mixed"),
    [(0.0, -0.1, 1, 1), (0.0, -0.5, 1, 0), (-0.5, -0.1, 0, 1), (-0.6, -0.9, 0, 0)],
)
def test_packs_above_all_benign_ones_are_found(
    own: float, mixed: float, found_pure: int, found_mixed: int
) -> None:
    packs = packs_of(own, -0.5, mixed)
    assert pack_recall(packs, mixed=False, seed=0).value == found_pure
    recall = pack_recall(packs, mixed=True, seed=0)
    assert recall.value == found_mixed
    assert set(recall.draws[~np.isnan(recall.draws)].tolist()) == {found_mixed}


def test_one_look_alike_costs_the_packs_that_it_outdoes() -> None:
    """Benign pack 1 is nearer to character 0 than most packs are to their own."""
    packs = packs_of(0.0, -0.5, 0.0)
    assert pack_recall(packs, mixed=False, seed=0).value == 1
    packs.pure[1, 0] = 0.1
    assert pack_recall(packs, mixed=False, seed=0).value == 0
    packs.pure[4, 4] = 0.2
    assert 0 < pack_recall(packs, mixed=False, seed=0).value < 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 6))
def test_the_statistic_is_the_product_s_without_what_closeness_adds(
    tmp_path_factory: pytest.TempPathFactory, seed: int, size: int, reference_count: int
) -> None:
    chance = np.random.default_rng(seed)
    pack, straight, mirrored = (units(chance, each) for each in (size, *2 * [reference_count]))
    images = [
        reference(f"{number}", "hero", one, mirror_vector=other, phash=random_hash(chance))
        for number, (one, other) in enumerate(zip(straight, mirrored, strict=True))
    ]
    index = built(tmp_path_factory.mktemp("index"), {"set": images})
    pictures = [
        picture(f"{number}", fingerprint(random_hash(chance), row))
        for number, row in enumerate(pack)
    ]
    known = References(straight=straight, mirrored=mirrored)
    spread = 1 - index.backgrounds[VECTOR].mean_score
    (found,) = (each for each in compare_characters(pictures, index) if each.share == 1)
    across = Known.of(straight, mirrored).closeness(pack).mean(axis=0)
    within = across - statistic(pack, known, 1.0)
    assert found.two_sample == pytest.approx(weighed(across, within, spread)[0], abs=1e-5)


# --- pictures and vectors -----------------------------------------------------------------------

COLOURS = (
    (230, 30, 30),
    (30, 180, 40),
    (40, 60, 230),
    (220, 200, 20),
    (200, 40, 200),
    (20, 200, 210),
)


def write_figure(path: Path, character: int, pose: int, size: int = 120) -> None:
    """A figure of the character's own colour on nothing; head and body stand where the pose has
    them."""
    image = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(image)
    x, y = size // 3 + 6 * (pose % 5), size // 4 + 5 * (pose % 3)
    colour = COLOURS[character]
    pen.ellipse((x - 18, y - 18, x + 18, y + 18), fill=colour)
    pen.polygon(((x, y), (x + 20 + 3 * pose, size - 10), (x - 25, size - 4 * pose)), fill=colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six characters by several hands, each of one colour."""
    root = tmp_path_factory.mktemp("art")
    tune = [name for name in (f"unit{n}" for n in range(99)) if asked(name, "tune")][:6]
    for character in range(6):
        for source, poses in (
            ("pokemon-sprites", 4),
            ("pokemon-dream-world", 1),
            ("genshin-figures", 1),
            ("genshin-busts", 1),
        ):
            for pose in range(poses):
                name = "front" if source == "pokemon-sprites" else "picture"
                file = root / source / f"one{character}" / f"{name}-{pose}.png"
                write_figure(file, character, pose)
        for source, poses in (("wesnoth", 8), ("wesnoth-portraits", 1)):
            for pose in range(poses):
                write_figure(root / source / tune[character] / f"{pose}.png", character, pose)
    return root


def asked(name: str, split: str) -> bool:
    from fetch_art import split_of  # noqa: PLC0415 - beside the benchmark, on its path

    return split_of(name) == split


def hues(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
    """Tells the six colours apart, whatever else is in the picture: an oracle."""
    flat = pixels.reshape(len(pixels), -1, 3).astype(np.float32)
    near = np.stack(
        [(np.abs(flat - np.array(each)).max(axis=2) < 60).mean(axis=1) for each in COLOURS], axis=1
    )
    return {"identity": near + 1e-6, "copy": pixels.reshape(len(pixels), -1) / 255.0 - 0.5}


def constant(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
    rows = np.ones((len(pixels), 3))
    return {"identity": rows, "copy": rows}


Embed = Callable[[NDArray[np.uint8]], Mapping[str, NDArray[np.floating]]]


def vectors_of(embed: Embed) -> Vectors:
    return Vectors(Maker(name="sample", digest="d", size_px=SIZE_PX, embed=embed))


def test_an_oracle_gets_full_marks_and_what_is_missing_is_said(art: Path) -> None:
    values: dict[str, set[float]] = {}
    notes = set()
    for each in figures(Art(art), vectors_of(hues), "tune"):
        if each.estimate is None:
            notes.add(each.note)
        else:
            values.setdefault(each.row, set()).add(each.estimate.value)
    assert values.keys() == {"1", "1b", "1c", "2", "2b", "2c", "3", "3b", "4", "4a", "5", "6"}
    assert all(values[row] == {1.0} for row in ("1", "1c", "2", "2b", "2c", "3b", "4"))
    assert notes == {"no region output", "not in this art", "no labels here"}


def test_what_knows_nothing_finds_nothing(art: Path) -> None:
    found, vectors = Art(art), vectors_of(constant)
    for figure in (
        *wesnoth(found, vectors, "tune"),
        *hands(found, vectors, "tune"),
        *copies(found, vectors, "tune", queries=3, distractors=5),
    ):
        assert figure.estimate is not None
        assert figure.estimate.value == 0, figure.name
    for figure in same_different(found, vectors, "tune"):
        assert figure.estimate is not None
        assert figure.estimate.value == 0.5, figure.name


def test_a_region_adds_a_vector_of_the_head(art: Path) -> None:
    """Whole pictures say nothing here, and the part that the map points at everything."""

    def embed(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
        found = hues(pixels)
        whole = np.ones_like(found["identity"])
        return {**found, "identity": np.concatenate([whole, found["identity"]], axis=1)}

    def regions(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.zeros((2, len(picture) // 16, len(picture) // 16), np.float32)

    maker = Maker(name="sample", digest="d" * 64, size_px=SIZE_PX, embed=embed, regions=regions)
    found = heads(Art(art), Vectors(maker), "tune")
    top1 = {
        each.name.rpartition(": ")[2]: each.estimate.value
        for each in found
        if each.name.startswith("Genshin figure, bust, figure") and each.estimate
    }
    assert top1["whole pictures"] == 0
    assert top1["joined with the region"] == 1


def test_vectors_are_made_once_and_kept(art: Path, tmp_path: Path) -> None:
    calls = []

    def embed(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
        calls.append(len(pixels))
        return hues(pixels)

    maker = Maker(name="sample", digest="d" * 64, size_px=SIZE_PX, embed=embed)
    views = [Shot(path=path) for path in sorted((art / "wesnoth").glob("*/0.png"))]
    first = Vectors(maker, tmp_path)
    rows = first.identity([*views, views[0]])
    first.save()
    assert (calls, len(rows)) == ([len(views)], len(views) + 1)
    again = Vectors(maker, tmp_path)
    np.testing.assert_array_equal(again.identity(views[::-1]), rows[:-1][::-1])
    assert calls == [len(views)]
    np.testing.assert_array_equal(again.copy(views), first.copy(views))
    other = Vectors(Maker(name="o", digest="e" * 64, size_px=SIZE_PX, embed=embed), tmp_path)
    other.identity(views[:1])
    assert calls == [len(views), 1]


def test_what_is_done_to_a_picture_is_another_picture(art: Path) -> None:
    path = art / "wesnoth-portraits"
    one = next(path.glob("*/0.png"))
    views = [
        Shot(path=one),
        Shot(path=one, mirrored=True),
        Shot(path=one, scene=0),
        Shot(path=one, scene=1),
        Shot(path=one, box=(0, 0, 0.5, 0.5)),
        *(Shot(path=one, edit=family) for family in FAMILIES),
        Shot(path=one, edit="crop 70 %", seed=1),
    ]
    assert len({shot.key for shot in views}) == len(views)
    assert len({shot.image().tobytes() for shot in views}) == len(views)
    assert [shot.image().tobytes() for shot in views] == [shot.image().tobytes() for shot in views]


def test_a_crop_keeps_seventy_hundredths_of_the_area() -> None:
    cropped = copied(Image.new("RGB", (200, 100), "red"), "crop 70 %", seed=0)
    assert cropped.width * cropped.height == pytest.approx(0.7 * 200 * 100, rel=0.02)
    grey = np.asarray(copied(Image.new("RGB", (20, 10), "red"), "grey", seed=0))
    assert grey.std() < 1


def test_a_copy_is_found_where_nothing_but_its_twin_scores_as_high(
    art: Path, tmp_path: Path
) -> None:
    one, two = sorted((art / "wesnoth-portraits").glob("*/0.png"))[:2]
    twin = tmp_path / "twin.webp"
    with Image.open(one) as image:
        image.save(twin, lossless=True, exact=True)
    scores = np.array([[0.9, 0.8, 0.9], [0.1, 0.5, 0.5]], np.float32)
    assert found_originals(scores, [one, two, twin]).tolist() == [True, False]
    assert found_originals(scores[:, :2], [one, two]).tolist() == [True, True]
    above = np.array([[0.9, 0.91, 0.9]], np.float32)
    assert found_originals(above, [one, two, twin]).tolist() == [False]


def test_a_scene_shows_the_figure_in_another_place_each_time(art: Path) -> None:
    path = art / "pokemon-dream-world/one0/picture-0.png"
    scenes = [in_scene(path, seed=seed) for seed in range(12)]
    assert len({scene.tobytes() for scene in scenes}) == 12
    for scene in scenes:
        red, green, blue = np.moveaxis(np.asarray(scene, int), 2, 0)
        assert ((red > 2 * green) & (red > 2 * blue)).mean() > 0.01


def test_no_two_pictures_of_a_character_share_their_surroundings(art: Path) -> None:
    """A figure and a bust of one name: a histogram found them by the ground behind them."""
    paths = [art / source / "one0/picture-0.png" for source in ("genshin-figures", "genshin-busts")]
    (one, two), whose = shots({"one0": paths}, scene=3)
    assert whose.tolist() == ["one0", "one0"]
    assert one.image().tobytes() != two.image().tobytes()
    assert {shot.scene for shot in shots({"one0": paths})[0]} == {None}


def test_few_are_drawn_the_same_way_each_time(art: Path) -> None:
    paths = sorted((art / "wesnoth").glob("*/*.png"))
    assert drawn(paths, len(paths), seed=0) == paths
    few = drawn(paths, 5, seed=0)
    assert few == drawn(paths, 5, seed=0) == sorted(few)
    assert len(set(few)) == 5
    assert few != drawn(paths, 5, seed=1)


def test_repeated_and_mirrored_pictures_count_once(art: Path, tmp_path: Path) -> None:
    first, second = sorted((art / "wesnoth").glob("*/*.png"))[:2]
    copy, mirrored = tmp_path / "copy.png", tmp_path / "mirrored.png"
    with Image.open(first) as image:
        image.resize((240, 240)).save(copy)
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored)
    assert different([first, copy, mirrored], bits=16) == [first]
    assert different([first, second], bits=0) == [first, second]


def test_characters_come_by_split_and_number_of_pictures(art: Path) -> None:
    found = Art(art)
    assert len(found.characters("wesnoth", splits=["tune"])) == 6
    assert found.characters("wesnoth", splits=["test", "train", "calibrate"]) == {}
    assert found.characters("wesnoth", least=9) == {}
    assert found.characters("nowhere") == {}
    assert asked_splits("pokemon-sprites", "test") == ()
    assert asked_splits("wesnoth", "test") == ("test",)


def test_the_shorter_side_is_read_from_the_header_of_any_format(tmp_path: Path) -> None:
    for form in ("png", "webp", "gif", "jpeg"):
        Image.new("RGB", (30, 23)).save(tmp_path / f"a.{form}")
        assert shorter_px(tmp_path / f"a.{form}") == 23


def test_hands_that_no_training_may_see_are_kept_out() -> None:
    for each in (*HANDS, *HEADS):
        sources = (*each.queries, *each.gallery)
        assert all((source in KEPT_OUT) == each.kept_out for source in sources), each.name


# --- baselines, labels, tables, quick -----------------------------------------------------------


def test_a_histogram_knows_colours_and_not_places() -> None:
    image = np.zeros((1, 48, 48, 3), np.uint8)
    image[:, :24] = (250, 20, 20)
    rows = unit(lab_histogram(np.concatenate([image, image[:, ::-1], 255 - image])))
    assert float(rows[0] @ rows[1]) == pytest.approx(1, abs=1e-3)
    assert float(rows[0] @ rows[2]) < 0.2
    assert lab_histogram(image).shape == (1, 245)


def test_hash_signs_are_nearer_the_fewer_bits_differ() -> None:
    chance = np.random.default_rng(0)
    image = chance.integers(0, 256, (1, 64, 64, 3), np.uint8)
    rows = unit(phash_signs(np.concatenate([image, image // 2 + 60, image[:, ::-1]])))
    assert float(rows[0] @ rows[1]) > 0.8 > float(rows[0] @ rows[2])


def test_labelled_heads_are_parts_of_pictures_named_once() -> None:
    labels = json.loads(embedder_heads.LABELS.read_text())
    assert len(labels) > 100
    assert len({(each["source"], each["character"], each["file"]) for each in labels}) == len(
        labels
    )
    for each in labels:
        left, top, right, bottom = each["box"]
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        assert len(each["sha256"]) == 64


@pytest.mark.parametrize(
    ("other", "share_of"),
    [((0, 0, 1, 1), 1.0), ((0.5, 0, 1, 1), 0.5), ((1, 0, 2, 1), 0.0), ((0.5, 0, 1.5, 1), 1 / 3)],
)
def test_overlap(other: tuple[float, float, float, float], share_of: float) -> None:
    assert overlap((0, 0, 1, 1), other) == pytest.approx(share_of)


def test_a_table_has_a_column_an_embedder_and_says_what_is_missing() -> None:
    row = Figure(row="1", name="nearest", estimate=estimate(0.5, 0.25, 0.75), target=0.85)
    columns = {"ours": [row], "theirs": [Figure(row="1", name="nearest", note="not in this art")]}
    last = markdown(columns).splitlines()[-1]
    assert last == "| 1 | nearest | ≥ 0.85 | 0.500 (0.26-0.74) | not in this art | 2, 3 |"
    shown = plain(columns)
    assert shown["ours"][0]["interval_95"] == pytest.approx([0.2625, 0.7375])
    assert json.loads(json.dumps(shown))["theirs"][0]["note"] == "not in this art"


def test_quick_figures_are_in_order(art: Path) -> None:
    known, nothing = (evaluate_quick(each, SIZE_PX, art) for each in (hues, constant))
    assert known.keys() == nothing.keys()
    assert known["nn.wesnoth as drawn"] == known["hands.wesnoth"] == 1
    assert nothing["nn.wesnoth as drawn"] == nothing["hands.wesnoth"] == 0
    assert 0 <= nothing["mean"] < known["mean"] <= 1
