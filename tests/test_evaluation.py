"""``screening evaluate``: a small labelled folder through the whole of it, and its parts alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from drawn import draw_character, jpeg, write_poses
from index_samples import fingerprint, flipped, picture, random_hash, units
from PIL import Image, ImageOps

from screening.cli import cli
from screening.errors import ScreeningError
from screening.evaluation import peer_hashes
from screening.evaluation.bootstrap import exact_share, share_by_character
from screening.evaluation.copies import ALL, CERTAIN
from screening.evaluation.edits import EDITS
from screening.evaluation.labelled import LabelledCharacter, read_labelled
from screening.evaluation.peer_hashes import PEERS, installed_peers
from screening.evaluation.split import split
from screening.fingerprints import PictureFingerprints
from screening.policy import CharacterPolicy

CHARACTERS = {"saga/medusa": 0, "saga/hero": 1, "other work/Wolf": 2}
POSES = range(14)
SEED = 777
"""Above 255: samples make the hash of a mirror image of a seed that is one byte of the hash."""

POLICY = CharacterPolicy(two_sample_references=8, two_sample_pictures=4)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three characters with pictures enough, one without, real packs, and what is no picture."""
    root = tmp_path_factory.mktemp("labelled")
    for name, number in CHARACTERS.items():
        write_poses(root / "characters" / name, number, POSES)
    medusa = root / "characters" / "saga" / "medusa"
    mirrored = ImageOps.mirror(draw_character(0, 3))
    (medusa / "again.jpg").write_bytes(jpeg(mirrored, quality=70))
    (medusa / "notes.txt").write_text("no picture")
    write_poses(root / "characters" / "saga" / "extra", 9, range(11))
    (root / "characters" / "saga" / "stray.jpg").write_bytes(jpeg(draw_character(9, 50)))
    write_poses(root / "packs" / "benign" / "free", 5, range(6))
    write_poses(root / "packs" / "benign" / "mislabelled", 0, POSES)
    write_poses(root / "packs" / "protected" / "copies", 0, POSES)
    write_poses(root / "packs" / "protected" / "unknown", 6, range(6))
    (root / "packs" / "protected" / "gone.zip").symlink_to("nowhere")
    return root


@pytest.fixture(scope="module")
def result(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict]]:
    """What the command prints, as one line, and what it writes."""
    file = tmp_path_factory.mktemp("evaluated") / "figures.json"
    settings = file.with_name("settings.toml")
    settings.write_text("workers = 1\n")
    command = ["--settings", settings, "evaluate", labelled, "--originals", 2, "--json", file]
    done = run(*command)
    assert done.exception is None, done.exception
    yield " ".join(done.stdout.split()), json.loads(file.read_text(encoding="utf-8"))


def test_who_is_asked_about_and_who_is_left_out(result: tuple[str, dict]) -> None:
    printed, figures = result
    # 14 different pictures: 8 references, as the statistic needs, and 6 to ask about
    assert figures["characters"] == {name: [8, 6] for name in CHARACTERS}
    assert figures["repeats"] == 1
    left_out = figures["left_out"]
    assert left_out["saga/extra"] == "11 different pictures of 11 files; at least 12 are needed"
    assert {Path(each).name for each in left_out} == {"extra", "notes.txt", "stray.jpg"}
    assert "3 characters: 24 reference images in the index, 18 other pictures" in printed
    assert "saga/extra: 11 different pictures" in printed


def test_every_family_of_copies_has_its_share(result: tuple[str, dict]) -> None:
    printed, figures = result
    copies = figures["copies"]
    certain = copies["recall"][CERTAIN]
    assert list(certain) == [*EDITS, ALL]
    assert certain["grey"] | {"low": 0, "high": 0} == {
        "found": 2, "asked": 2, "characters": 2, "low": 0, "high": 0, "share": 1.0,
    }  # fmt: skip
    assert certain[ALL]["asked"] == 2 * len(EDITS)
    assert certain[ALL]["found"] == sum(certain[each]["found"] for each in EDITS)
    assert certain["40 % cut away"]["share"] == 1.0
    assert copies["false_positives"][CERTAIN]["asked"] == 2 * 18
    for name, bits in installed_peers().items():
        crops = copies["recall"][f"{name} ≤ {bits}"]["40 % cut away"]
        assert crops["share"] < 1.0
    assert "2 references of 2 characters, each under 30 edits: 60 copies" in printed
    assert all(family in printed for family in EDITS)


def test_drawn_packs_say_what_stands_behind_them(result: tuple[str, dict]) -> None:
    printed, figures = result
    drawn = figures["drawn"]
    assert drawn["recall"]["10"]["all"] is None  # 6 pictures to draw from
    assert drawn["recall"]["10"]["half"] | {"low": 0, "high": 0} == {
        "found": 12, "asked": 12, "characters": 3, "low": 0, "high": 0, "share": 1.0,
    }  # fmt: skip
    assert drawn["recall"]["24"]["a quarter"] is None  # 12 other pictures, and 18 are wanted
    # of whole characters, each in one pack: two of three make one of 10
    assert (drawn["flagged"]["10"]["asked"], drawn["flagged"]["24"]) == (1, None)
    assert "no character has pictures enough" in printed
    assert "12 packs of 3 characters" in printed


def test_real_packs_are_counted_by_truth_and_the_wrong_ones_named(
    result: tuple[str, dict], labelled: Path
) -> None:
    printed, figures = result
    real = figures["real"]
    assert real["verdicts"] == {
        "benign": {"allow": 1, "flag": 0, "block": 1},
        "protected": {"allow": 1, "flag": 0, "block": 1},
    }
    assert {(Path(each["pack"]).name, each["verdict"]) for each in real["wrong"]} == {
        ("mislabelled", "block"),
        ("unknown", "allow"),
    }
    assert [Path(each).name for each in real["left_out"]] == ["gone.zip"]
    assert real["false_alarms"]["share"] == 0.5
    assert "1 of 2 benign packs flagged or blocked: 50.0%" in printed
    assert "protected, allow:" in printed
    assert str(labelled / "packs" / "protected" / "unknown") in printed


def test_packs_alone_are_screened_against_the_configured_index(world, tmp_path: Path) -> None:
    write_poses(tmp_path / "packs" / "protected" / "copies", 0, range(5))
    write_poses(tmp_path / "packs" / "benign" / "free", 5, range(5))
    done = run("evaluate", tmp_path, *world.options, "--json", tmp_path / "figures.json")
    assert done.exception is None, done.exception
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["real"]["wrong"] == []
    assert (figures["copies"], figures["drawn"], figures["own_index"]) == (None, None, False)
    assert "against the configured index" in " ".join(done.stdout.split())


def test_a_folder_without_anything_to_ask_about_is_refused(tmp_path: Path) -> None:
    assert "holds neither characters" in str(run("evaluate", tmp_path).exception)
    write_poses(tmp_path / "characters" / "saga" / "hero", 1, range(3))
    error = run("evaluate", tmp_path).exception
    assert isinstance(error, ScreeningError)
    assert "at least two characters with 12 different pictures each are needed" in str(error)
    assert "saga/hero: 3 different pictures of 3 files" in str(error)


def test_folders_are_listed_whatever_lies_among_them(tmp_path: Path) -> None:
    hero = tmp_path / "characters" / "saga" / "hero"
    (hero / "film").mkdir(parents=True)
    for path in (hero / "a.png", hero / "film" / "b.png", hero / ".hidden", hero.parent / "c.png"):
        path.touch()
    (tmp_path / "packs" / "benign" / ".hidden").mkdir(parents=True)
    found = read_labelled(tmp_path)
    (character,) = found.characters
    assert character.name == "saga/hero"
    assert [each.name for each in character.files] == ["a.png", "b.png"]
    assert [each.name for each in found.misplaced] == ["c.png"]
    assert found.benign == found.protected == ()


def prints(name: str, hashes: list[bytes]) -> list[PictureFingerprints]:
    """One picture a hash, in the order of their digests."""
    (vector,) = units(np.random.default_rng(0), 1)
    return [
        picture(f"{name}{number:02}", fingerprint(phash, vector))
        for number, phash in enumerate(hashes)
    ]


def labelled_as(*names: str) -> list[LabelledCharacter]:
    return [LabelledCharacter(work="w", character=each[2:], files=()) for each in names]


@pytest.mark.parametrize(
    ("count", "most", "parted"),
    [(11, 15, None), (12, 15, (8, 4)), (20, 15, (10, 10)), (40, 15, (15, 25)), (40, 8, (8, 32))],
)
def test_half_are_references_between_the_least_and_the_most(
    count: int, most: int, parted: tuple[int, int] | None
) -> None:
    chance = np.random.default_rng([SEED, count])
    pictures = {"w/a": prints("a", [random_hash(chance) for _ in range(count)])}
    found = split(pictures, labelled_as("w/a"), POLICY, most_references=most)
    sizes = [(len(each.references), len(each.queries)) for each in found.characters]
    assert sizes == ([] if parted is None else [parted])
    assert bool(found.left_out) == (parted is None)


@pytest.mark.parametrize(("bits", "kept"), [(16, 12), (17, 13)])
def test_no_near_duplicate_is_left_in_any_split(bits: int, kept: int) -> None:
    chance = np.random.default_rng([SEED, 3])
    hashes = [random_hash(chance) for _ in range(12)]
    hashes.append(flipped(hashes[0], bits))
    found = split({"w/a": prints("a", hashes)}, labelled_as("w/a"), POLICY)
    (character,) = found.characters
    assert len(character.references) + len(character.queries) == kept
    assert found.repeats == 13 - kept


def test_a_picture_of_two_characters_is_asked_about_neither_twice() -> None:
    chance = np.random.default_rng([SEED, 4])
    own, other = ([random_hash(chance) for _ in range(12)] for _ in range(2))
    pictures = {"w/a": prints("a", own), "w/b": prints("b", [own[5], *other])}
    found = split(pictures, labelled_as("w/a", "w/b"), POLICY)
    sizes = [len(each.references) + len(each.queries) for each in found.characters]
    assert sizes == [12, 12]
    assert found.repeats == 1


def test_the_split_hangs_on_the_pictures_not_on_their_order() -> None:
    chance = np.random.default_rng([SEED, 5])
    pictures = prints("a", [random_hash(chance) for _ in range(14)])
    one, other = (
        split({"w/a": order}, labelled_as("w/a"), POLICY).characters
        for order in (pictures, pictures[::-1])
    )
    assert one == other


def test_shares_take_characters_as_what_was_drawn() -> None:
    # one of two characters is found always, the other never: nothing is known of a third
    share = share_by_character([True] * 50 + [False] * 50, ["a"] * 50 + ["b"] * 50)
    assert (share.value, share.low, share.high) == (0.5, 0.0, 1.0)
    # many characters of one question each: about as exact bounds have it
    found = [number % 4 == 0 for number in range(400)]
    many = share_by_character(found, [str(number) for number in range(400)])
    exact = exact_share(100, 400, characters=400)
    assert many.low == pytest.approx(exact.low, abs=0.01)
    assert many.high == pytest.approx(exact.high, abs=0.01)


def test_a_share_of_all_is_no_surer_than_its_characters_are_many() -> None:
    share = share_by_character([True] * 300, ["a", "b", "c"] * 100)
    assert (share.value, share.high) == (1.0, 1.0)
    assert share.low == pytest.approx(0.025 ** (1 / 3))
    none = share_by_character([False], ["a"])
    assert (none.low, none.high) == (0.0, pytest.approx(0.975))
    with pytest.raises(ValueError, match="nothing"):
        share_by_character([], [])


def test_peers_that_are_not_installed_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    known = peer_hashes.find_spec
    monkeypatch.setattr(
        peer_hashes, "find_spec", lambda name: known(name) if name == "imagehash" else None
    )
    installed_peers.cache_clear()
    try:
        assert installed_peers() == {"pHash-64": PEERS["pHash-64"]}
        assert set(peer_hashes.peer_hashes(Image.new("RGB", (64, 64)))) == {"pHash-64"}
    finally:
        monkeypatch.undo()
        installed_peers.cache_clear()
    assert set(installed_peers()) == set(PEERS)  # the extra `dev` has them all
