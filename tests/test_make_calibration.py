"""What `scripts/make_calibration.py` calibrates with, and how it counts."""

import sys
from pathlib import Path

import pytest
from drawn import draw_character
from test_calibration import BINDING, calibration

from screening.calibration import Kind
from screening.calibration.benign import BenignPack

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from embedder_art import Art
from fetch_art import Use, split_of
from make_calibration import LEAST_DRAWINGS, Domain, _found, _grown, _rates, scenes_of

NAMES = [f"who-{number}" for number in range(30)]


def put(root: Path, source: str, name: str, count: int, use: Use = Use.TRAINING) -> None:
    folder = root / source / name
    folder.mkdir(parents=True)
    (root / source / "LICENCE").write_text(f"CC0\nuse: {use.value}\n")
    for number in range(count):
        # `Art` reads no more than the head here, and the name says what is drawn
        draw_character(0, 0).resize((32, 32)).save(folder / f"{number:02}.png")


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Art:
    root = tmp_path_factory.mktemp("art")
    for name in NAMES:
        put(root, "open", name, LEAST_DRAWINGS)
    put(root, "open", f"{NAMES[0]}+armed", LEAST_DRAWINGS + 1)
    put(root, "portraits", NAMES[1], LEAST_DRAWINGS + 2)
    put(root, "portraits", "few", LEAST_DRAWINGS - 1)
    put(root, "tuxpaint", "fruit", 9)
    put(root, "kept-out", NAMES[2], LEAST_DRAWINGS, Use.HELD_OUT)
    return Art(root)


def test_each_identity_is_in_one_split_by_its_richest_folder(art: Art) -> None:
    domain = Domain.of(art, trained=True)
    keys = [key for split in domain.splits.values() for key in split]
    assert sorted(key.split("/")[1].split("+")[0] for key in keys) == sorted(NAMES)
    assert f"open/{NAMES[0]}+armed" in keys
    assert f"portraits/{NAMES[1]}" in keys
    for split, characters in domain.splits.items():
        assert {split_of(key.split("/")[1]) for key in characters} == {split}


def test_other_domains_are_art_that_was_kept_out(art: Art) -> None:
    domain = Domain.of(art, trained=False)
    assert [key for split in domain.splits.values() for key in split] == [f"kept-out/{NAMES[2]}"]


def test_some_characters_are_the_same_ones_every_time(art: Art) -> None:
    domain = Domain.of(art, trained=True)
    split = max(domain.splits, key=lambda each: len(domain.splits[each]))
    chosen = domain.some(split, most=3)
    assert len(chosen) == 3
    assert chosen == Domain.of(art, trained=True).some(split, most=3)
    assert domain.some(split, most=None).keys() == domain.splits[split].keys()


def test_every_drawing_comes_before_any_comes_again(art: Art) -> None:
    drawings = Domain.of(art, trained=False).some(split_of(NAMES[2]), most=None)
    (paths,) = drawings.values()
    pictures = list(scenes_of(paths, 2 * len(paths)))
    assert len({each.path for each in pictures}) == len({each.data for each in pictures})
    assert len(pictures) == 2 * len(paths)


def benign(number: int, *margins: float) -> BenignPack:
    strengths = {("set", f"c{place}"): by for place, by in enumerate(margins)}
    return BenignPack(
        origin=str(number), different_pictures=24, strengths={Kind.CHARACTERS: strengths}
    )


def test_rates_are_counted_over_all_and_by_size() -> None:
    made = calibration(*(number / 100 for number in range(99)))
    rows = _rates(made, [benign(1, 0.5), benign(2, 2.0)])
    (row,) = (e for e in rows if e["packs of"] == "16-34 pictures" and e["alpha"] == 0.01)
    assert (row["packs"], row["flagged"], row["realised / nominal"]) == (2, 1, 50.0)
    assert {each["packs of"] for each in rows} == {"all sizes", "16-34 pictures"}


def test_growth_is_tried_with_a_part_of_the_characters() -> None:
    packs = [benign(n, n / 1000, n / 1000) for n in range(199)]
    rows = _grown(packs, [benign(500, 0.1985, 0.1985)], BINDING, 2)
    found = {(e["p-values times"], e["alpha"]): e["flagged"] for e in rows}
    # the strongest of 199: p = 1 / 200, and twice that where the characters are twice as many
    assert found == {(1.0, 0.05): 1, (1.0, 0.01): 1, (2.0, 0.05): 1, (2.0, 0.01): 1}
    second = _grown(packs, [benign(500, 0.1975, 0.1975)], BINDING, 2)
    assert [e["flagged"] for e in second if (e["p-values times"], e["alpha"]) == (2.0, 0.01)] == [0]


def test_what_is_found_is_counted_by_rank_and_by_score() -> None:
    made = calibration(*(number / 100 for number in range(-99, 0)))
    rows = _found(made, [benign(1, -0.5), benign(2, -0.005), benign(3, 0.0)])
    assert [row["flagged"] for row in rows if "alpha" in row] == [0.667, 0.667]
    assert [row["by score alone"] for row in rows if "by score alone" in row] == [0.333]
