"""The arithmetic of the threshold measurement, against the product's own and against loops."""

import sys
from pathlib import Path

import numpy as np
import pytest
from fake_embedder import MeanColours
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import (
    DIMENSION,
    LOOKS,
    VECTOR,
    Direct,
    built,
    fingerprint,
    picture,
    random_hash,
    references,
)
from index_samples import units as unit_vectors
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from embedder_scores import Estimate, resampled
from embedder_vectors import Shot
from thresholds_casts import CROSSED, crossed_cast, splits_of
from thresholds_copies import Benign, Copies, Table, benign_of, copies_of
from thresholds_packs import PARTS, Group, PackScores, joined, packs_against
from thresholds_pictures import Pairs, pair_scores, pairs_of
from thresholds_report import (
    copies_report,
    highest,
    packs_report,
    pictures_report,
    threshold_of,
    variants,
)
from thresholds_scores import (
    RESAMPLES,
    alarms,
    found,
    lowest_threshold,
    paired,
    shown,
    worst_quarter,
)
from thresholds_vectors import Edited, Generated, Store

from screening.embedders.embedder import Look
from screening.index import Background
from screening.matching import compare_characters
from screening.matching.looks import looks_of, seen_background

SEED = 4
REFERENCES, POOL = 8, 8


def units(seed: int, count: int, dimension: int = DIMENSION) -> NDArray:
    return unit_vectors(np.random.default_rng(seed), count, dimension)


def estimate(value: float, *draws: float) -> Estimate:
    return Estimate(value=value, draws=np.array(draws), characters=1, pictures=1)


# --- rates --------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_alarms_and_their_resamples_are_those_of_loops(seed: int, characters: int) -> None:
    chance = np.random.default_rng(seed)
    owners = np.repeat(np.arange(characters), 2)
    reached = chance.random((len(owners), characters)) < 0.3
    got = alarms(reached, owners, seed=SEED)
    assert got.value == sum(any(row) for row in reached) / len(reached)
    for number, weights in enumerate(resampled(characters, SEED, RESAMPLES)[:20]):
        asked = hit = 0
        for row, owner in zip(reached, owners, strict=True):
            asked += weights[owner]
            hit += weights[owner] * any(row)
        assert got.draws[number] == hit / asked


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_pairs_of_a_character_with_itself_count_nowhere(seed: int, characters: int) -> None:
    chance = np.random.default_rng(seed)
    owners = np.repeat(np.arange(characters), 2)
    reached = chance.random((len(owners), characters)) < 0.4
    got = paired(reached, owners, seed=SEED)
    strange = [(row, k) for row, own in enumerate(owners) for k in range(characters) if k != own]
    assert got.value == pytest.approx(np.mean([reached[pair] for pair in strange]))
    for number, weights in enumerate(resampled(characters, SEED, RESAMPLES)[:20]):
        pairs = sum(weights[owners[row]] * weights[k] for row, k in strange)
        hits = sum(weights[owners[row]] * weights[k] * reached[row, k] for row, k in strange)
        assert got.draws[number] == pytest.approx(hits / max(1, pairs))


def test_what_is_found_is_resampled_with_its_owner() -> None:
    got = found(np.array([True, True, False]), np.array([0, 0, 1]), 2, seed=SEED)
    assert got.value == pytest.approx(2 / 3)
    for number, weights in enumerate(resampled(2, SEED, RESAMPLES)[:20]):
        whole = 2 * weights[0] + weights[1]
        assert got.draws[number] == 2 * weights[0] / whole


def test_the_worst_quarter_is_chosen_anew_in_every_resample() -> None:
    five = [estimate(v, v, 1 - v) for v in (0.1, 0.2, 0.3, 0.4, 0.5)]
    worst = worst_quarter(five)
    assert worst.value == pytest.approx(0.45)
    assert worst.draws.tolist() == pytest.approx([0.45, 0.85])
    assert worst_quarter(five[:4]).value == 0.4
    assert worst_quarter(five[:1]).value == 0.1


def test_the_lowest_threshold_has_no_higher_rate_above_it() -> None:
    rates = {0.1: 0.5, 0.2: 0.01, 0.3: 0.02, 0.4: 0.01, 0.5: 0.0}
    candidates = list(rates)
    assert lowest_threshold(rates.__getitem__, candidates, 0.01) == 0.4
    assert lowest_threshold(rates.__getitem__, candidates, 0.02) == 0.2
    assert lowest_threshold(rates.__getitem__, candidates, 0.5) == 0.1
    assert lowest_threshold(rates.__getitem__, candidates, -1) == float("inf")


def test_an_estimate_is_shown_with_its_interval() -> None:
    assert shown(estimate(0.5, 0.25, 0.25)) == "0.500 (0.250-0.250)"


# --- packs --------------------------------------------------------------------------------------


def group_of(characters: int, *, outputs: int = 1, pool: int = POOL) -> Group:
    names = [f"output {number}" for number in range(outputs)]

    def vectors(seed: int, count: int) -> dict[str, NDArray]:
        return {name: units(seed + 100 * i, count) for i, name in enumerate(names)}

    return Group(
        outputs=names,
        looks=[{Look(name="", start=0, stop=DIMENSION): 0.5}] * outputs,
        straight=[vectors(10 + each, REFERENCES) for each in range(characters)],
        mirrored=[vectors(30 + each, REFERENCES) for each in range(characters)],
        pools=[vectors(50 + each, pool) for each in range(characters)],
    )


@pytest.mark.parametrize("looks", [False, True])
def test_a_pack_scores_as_in_the_product(tmp_path: Path, looks: bool) -> None:
    # a pack of the whole pool: which pictures are drawn does not matter
    chance = np.random.default_rng(1)
    sets = {"one": references(REFERENCES, character="a", seed=3)}
    sets["one"] += references(REFERENCES, character="b", seed=4)
    index = built(tmp_path, sets, Direct(looks=LOOKS if looks else ()))
    (output,) = index.outputs
    pools = [units(70 + each, POOL) for each in range(2)]
    rows = [index.rows_of(each) for each in range(2)]
    table, mirrored = index.vectors[VECTOR], index.entries.mirrored
    background = index.backgrounds[VECTOR]
    group = Group(
        outputs=[VECTOR],
        looks=[
            {each: 1 - seen_background(each, background).mean_score for each in looks_of(output)}
        ],
        straight=[{VECTOR: table.rows(each[~mirrored[each]])} for each in rows],
        mirrored=[{VECTOR: table.rows(each[mirrored[each]])} for each in rows],
        pools=[{VECTOR: pool} for pool in pools],
    )
    tested = packs_against(group, references=REFERENCES, pack=POOL, least=1)
    pairs = pairs_of(group, {VECTOR: background}, references=REFERENCES)
    pack = [
        picture(f"{n}.png", fingerprint(random_hash(chance), row)) for n, row in enumerate(pools[0])
    ]
    names = [index.entries.character[int(each[0])] for each in rows]
    highest_of = dict.fromkeys(names, -np.inf)
    for each in compare_characters(pack, index):
        whose = names.index(each.character)
        highest_of[each.character] = max(highest_of[each.character], each.two_sample)
        if each.share == 1:
            closest = each.closest()
            order = [int(match.path.partition(".")[0]) for match in closest.matches]
            mine = pairs.scores[:POOL, whose, 0][order]
            assert mine == pytest.approx(closest.top_scores, abs=1e-5)
    ours = [tested.protected[1.0][0, 0], tested.benign[0, 1, 0]]
    assert ours == pytest.approx([highest_of[each] for each in names], abs=1e-5)


def test_parts_of_too_few_pictures_and_a_character_itself_are_not_tested() -> None:
    few, all_parts, whole = (
        packs_against(group_of(3), references=5, pack=6, least=least) for least in (7, 2, 6)
    )
    assert all_parts.benign.shape == (6, 3, 1)
    assert np.isneginf(few.benign).all()
    own = np.arange(6), all_parts.benign_of
    assert np.isneginf(all_parts.benign[own]).all()
    others = np.arange(3) != all_parts.benign_of[:, None]
    assert np.isfinite(all_parts.benign[others]).all()
    assert (all_parts.benign[others] >= whole.benign[others]).all()
    assert (all_parts.benign[others] > whole.benign[others]).any()
    assert all(len(whole.protected[part]) == len(whole.protected_of[part]) for part in PARTS)


def test_a_blend_shows_nobody_it_is_compared_with() -> None:
    tested = packs_against(group_of(4), references=5, pack=4, least=1)
    asked = np.isfinite(tested.blended[:, :, 0])
    assert asked.sum(axis=1).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("characters", "count", "pack"), [(1, 5, 4), (2, REFERENCES + 1, 4), (2, 5, POOL + 1)]
)
def test_a_group_that_is_too_small_is_an_error(characters: int, count: int, pack: int) -> None:
    with pytest.raises(ValueError, match="two characters"):
        packs_against(group_of(characters), references=count, pack=pack, least=1)


def scored(*benign: float, protected: float = 0.0) -> PackScores:
    """Packs of two characters in turn, by one output."""
    owners = np.arange(len(benign)) % 2
    scores = np.full((len(benign), 2, 1), -np.inf)
    scores[np.arange(len(benign)), 1 - owners, 0] = benign
    return PackScores(
        benign=scores,
        benign_of=owners,
        blended=scores[:1],
        protected=dict.fromkeys(PARTS, np.full((2, 1), protected)),
        protected_of=dict.fromkeys(PARTS, np.arange(2)),
    )


def test_the_threshold_is_that_of_the_worst_source() -> None:
    calm, loud = scored(*[-0.3] * 10), scored(*[-0.3] * 8, -0.05, -0.02)
    tested = {(8, 4): {"calm": calm, "loud": loud}}
    assert threshold_of(tested, [0], rate=0.1) == pytest.approx(-0.0475)
    assert threshold_of(tested, [0], rate=0.2) == pytest.approx(-0.2975)
    assert threshold_of({(8, 4): {"loud": loud}}, [0], rate=0) == pytest.approx(-0.0175)
    assert len(joined([calm, loud]).benign) == 20


def test_outputs_alone_and_together() -> None:
    assert variants(["a"]) == {"a": [0]}
    assert variants(["a", "b"]) == {"a": [0], "b": [1], "all outputs": [0, 1]}
    scores = np.array([[2.0, 5.0], [1.0, -np.inf]])
    assert highest(scores, [0]).tolist() == [2, 1]
    assert highest(scores, [0, 1]).tolist() == [5, 1]


def test_reports_say_what_is_found_at_every_threshold() -> None:
    tested = {(8, 4): {"calm": scored(-0.3, -0.3, protected=-0.005)}}
    text = packs_report("tune", tested, ["lite.identity"], sweeps=True)
    assert "1% of the worst quarter's benign packs: -0.2975" in text
    assert "| -0.0100 | 0.000 (0.000-0.000) | 0.000 (0.000-0.000) | 0.000 | 1.000" in text
    assert "| +0.0000 | 0.000 (0.000-0.000) | 0.000 (0.000-0.000) | 0.000 | 0.000" in text
    assert "| – |" in text  # a quarter of four pictures is no pack to be tested


# --- pictures -----------------------------------------------------------------------------------


def test_a_pair_scores_the_mean_of_three_less_the_background() -> None:
    background = Background(vectors=np.eye(4, dtype=np.float32)[3:], mean_score=0.0)
    straight = np.array([[1, 0, 0, 0], [0.6, 0.8, 0, 0], [0, 1, 0, 0]], np.float32)
    mirrored = np.array([[0, 0, 1, 0], [0.8, 0.6, 0, 0], [0, 0, 1, 0]], np.float32)
    pictures = np.array([[1, 0, 0, 0], [0, 0, 0, 1]], np.float32)
    whole = Look(name="", start=0, stop=4)
    got = pair_scores(pictures, straight, mirrored, background, [whole])
    assert got == pytest.approx([(1 + 0.8 + 0) / 3, -1])
    never = Look(name="", start=0, stop=2, single=False)
    assert pair_scores(pictures, straight, mirrored, background, [never, whole]).tolist() == (
        got.tolist()
    )


def test_a_pack_of_three_is_flagged_by_one_output_alone() -> None:
    # two outputs, each reached by one picture only: no pack
    scores = np.zeros((6, 2, 2))
    scores[0, 1, 0] = scores[1, 1, 1] = 1
    scores[3, 0, 1] = scores[5, 0, 1] = 1
    pairs = Pairs(scores=scores, owners=np.array([0, 0, 0, 1, 1, 1]))
    reached, owners = pairs.flagged(1, pictures=2)
    assert reached.tolist() == [[False, False], [True, False]]
    assert owners.tolist() == [0, 1]
    assert pairs.flagged(1, pictures=1)[0].tolist() == [[False, True], [True, False]]
    assert pairs.own[3].tolist() == [0, 0]


def test_the_report_of_few_pictures_names_the_shipped_score() -> None:
    group = group_of(3, outputs=2)
    backgrounds = {name: Background(vectors=units(9, 30), mean_score=0) for name in group.outputs}
    pairs = {3: {"source": pairs_of(group, backgrounds, references=3)}}
    text = pictures_report("tune", pairs, group.outputs)
    assert "### 3 references, all outputs" in text
    assert "0.1% of same-style pairs, worst quarter" in text


# --- copies -------------------------------------------------------------------------------------


def table_of(rows: NDArray, characters: list[str], sources: list[str]) -> Table:
    return Table(
        paths=[Path(name) for name in characters],
        sources=np.array(sources),
        characters=np.array(characters),
        rows=np.asarray(rows, np.float32),
    )


def named(split: str, count: int) -> list[str]:
    """Characters that a source which is wholly kept out lends to ``split``."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        if splits_of_name(f"hero{number}") in splits_of("comicgen", split):
            found.append(f"hero{number}")
        number += 1
    return found


def splits_of_name(name: str) -> str:
    from fetch_art import split_of  # noqa: PLC0415 - on the path once the benchmark is imported

    return split_of(name)


def test_a_source_kept_out_of_training_lends_its_training_characters_to_tune_alone() -> None:
    assert splits_of("comicgen", "tune") == ("train", "tune")
    assert splits_of("comicgen", "calibrate") == ("calibrate",)
    assert splits_of("wesnoth", "tune") == ("tune",)


def test_a_benign_picture_is_never_compared_with_its_own_character() -> None:
    one, other = named("tune", 2)
    rows = [[1, 0], [1, 0], [0.8, 0.6], [0.6, 0.8]]
    table = table_of(rows, [one, one, other, other], ["comicgen"] * 3 + ["dink"])
    benign = benign_of(table, "tune")
    assert benign.characters.tolist() == [one, one, other, other]
    assert benign.same == pytest.approx([0.8, 0.8, 0.8, -1])
    assert benign.other == pytest.approx([0.6, 0.6, -1, 0.6])
    assert benign.any == pytest.approx([0.8, 0.8, 0.8, 0.6])


def test_copies_count_who_is_nearer_but_not_of_their_own_character() -> None:
    copies = Copies(
        characters=np.array(["a", "b"]),
        scores=np.array([0.5, 0.9], np.float32),
        nearer=np.array([0, 4]),
    )
    assert copies.reached(0.9).tolist() == [False, True]
    assert copies.proposed(0.5, among=4).tolist() == [True, False]
    assert copies.proposed(0.5, among=5).tolist() == [True, True]


@pytest.fixture
def drawings(tmp_path: Path) -> list[Path]:
    """Pictures of two colours each, large enough to be copied."""
    paths = []
    for name, left, right in zip(named("tune", 3), "rgb", "byg", strict=True):
        colours = {"r": "red", "g": "green", "b": "blue", "y": "yellow"}
        image = Image.new("RGB", (100, 100), colours[left])
        image.paste(colours[right], (50, 0, 100, 60))
        path = tmp_path / name / "0.png"
        path.parent.mkdir()
        image.save(path)
        paths.append(path)
    return paths


def test_copies_are_found_again_among_all_references(drawings: list[Path]) -> None:
    store = Store(MeanColours())
    output = "fake.colours"
    table = Table(
        paths=drawings,
        sources=np.array(["comicgen"] * 3),
        characters=np.array([path.parent.name for path in drawings]),
        rows=store.rows(output, [Shot(path=path) for path in drawings]),
    )
    found = copies_of(table, store, output, "tune", most=2)
    same, mirrored = found["JPEG quality 40"], found["mirrored"]
    assert same.nearer.tolist() == mirrored.nearer.tolist() == [0, 0]
    assert same.scores.min() > 0.99
    assert mirrored.scores.min() > 0.99
    assert copies_of(table, store, output, "calibrate", most=2) == {}
    benign = Benign(
        sources=np.array(["comicgen"] * 10),
        characters=np.array(["a"] * 10),
        same=np.full(10, 0.93, np.float32),
        other=np.full(10, 0.1, np.float32),
    )
    text = copies_report("tune", output, benign, found)
    assert "| 0.92 | 1.000 (1.000-1.000) | 1.000 (1.000-1.000) | 0.000 (0.000-0.000)" in text
    assert "| JPEG quality 40 | 1.00 | 1.00" in text


# --- vectors ------------------------------------------------------------------------------------


def test_a_picture_is_embedded_once_and_kept_for_the_same_graph(
    drawings: list[Path], tmp_path: Path
) -> None:
    shots = [Shot(path=path) for path in drawings]
    store = Store(MeanColours(), graph="one", cache=tmp_path)
    rows = store.rows("fake.colours", [*shots, shots[0]])
    assert store.made == 3
    assert rows[0].tolist() == rows[3].tolist()
    store.save()
    again = Store(MeanColours(), graph="one", cache=tmp_path)
    assert again.rows("fake.colours", shots).tolist() == rows[:3].tolist()
    assert again.made == 0
    other = Store(MeanColours(), graph="two", cache=tmp_path)
    other.rows("fake.colours", shots[:1])
    assert other.made == 1


def test_crossed_references_and_packs_show_other_framings() -> None:
    for source, (known, packed) in CROSSED.items():
        cast = crossed_cast(source, "tune", most=3, references=5, others=4)
        assert len(cast) == 3
        for each in cast.values():
            assert {picture.framing for picture in each.references} == known
            assert {picture.framing for picture in each.others} <= packed
            assert [picture.mirrored for picture in each.mirrored] == [True] * 5
            assert len({picture.key for picture in (*each.references, *each.others)}) == 9


def test_pictures_of_one_key_have_the_same_pixels(drawings: list[Path]) -> None:
    edited = Edited(path=drawings[0], family="mirrored", seed=1, other=drawings[1])
    assert edited.image().tobytes() == edited.image().tobytes()
    views = [
        Generated(seed=2_000_000_000, twin=twin, view=0, mirrored=mirrored)
        for twin in (False, True)
        for mirrored in (False, True)
    ]
    assert len({each.key for each in views}) == 4
    images = [np.asarray(each.image()) for each in views]
    assert (images[0][:, ::-1] == images[1]).all()
    assert (images[0] != images[2]).any()
