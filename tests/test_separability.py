"""What ``screening references check`` expects of a character, and how it tells it from others."""

import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import World
from drawn import write_poses
from index_samples import (
    LOOKS,
    VECTOR,
    Direct,
    built,
    fingerprint,
    picture,
    random_hash,
    reference,
    units,
)
from numpy.typing import NDArray
from rich.console import Console

from screening.cli import cli
from screening.embedders.embedder import Look
from screening.evaluation import expected_recall as module
from screening.evaluation.expected_recall import (
    OutputVectors,
    expected_recall,
    measured_recall,
)
from screening.evaluation.separability import Separability, separability
from screening.evaluation.separability_table import print_separability, sentence, shortages
from screening.index import Background
from screening.index.background import mean_score
from screening.matching import compare_characters, two_sample
from screening.policy import CharacterPolicy
from screening.references.stored import ReferencePicture

THRESHOLDS = CharacterPolicy().thresholds
SEED = 777
"""Above 255: samples make the hash of a mirror image of a seed that is one byte of the hash."""

VECTORS = units(np.random.default_rng(99), 40)
BACKGROUND = Background(vectors=VECTORS, mean_score=mean_score(VECTORS))


def cluster(count: int, *, looseness: float, seed: int, centre: int = 0) -> NDArray[np.float32]:
    """(count, 8) unit rows around axis ``centre``."""
    rows = looseness * np.random.default_rng([SEED, seed]).normal(size=(count, 8))
    rows[:, centre] += 1
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def references(character: str, vectors: NDArray[np.float32]) -> list[tuple[str, ReferencePicture]]:
    chance = np.random.default_rng([SEED, *character.encode()])
    return [
        (
            "saga",
            reference(
                f"images/{character}/{number:02}.png",
                character,
                vector,
                phash=random_hash(chance),
                mirror_phash=random_hash(chance),
            ),
        )
        for number, vector in enumerate(vectors)
    ]


def measured(
    characters: dict[str, NDArray[np.float32]], *, recall: float = 0.9
) -> dict[str, Separability]:
    given = [each for name, vectors in characters.items() for each in references(name, vectors)]
    found = separability(given, Direct().outputs, {VECTOR: BACKGROUND}, THRESHOLDS, recall=recall)
    return {each.character: each for each in found}


def output(vectors: NDArray[np.float32]) -> OutputVectors:
    return OutputVectors.of(Direct().outputs[0], vectors, vectors, BACKGROUND)


def test_a_character_that_looks_like_itself_needs_nothing() -> None:
    found = measured(
        {
            "hero": cluster(16, looseness=0.1, seed=1),
            "witch": cluster(16, looseness=0.1, seed=2, centre=1),
        }
    )["hero"]
    assert (found.pictures, found.now.references, found.now.is_own) == (16, 16, True)
    assert (found.now.recall, found.now.high, found.more) == (1.0, pytest.approx(1.0, abs=0.01), 0)
    assert 0.7 < found.now.low < 0.9  # sixteen pictures are not many
    assert found.background_auc == 1.0
    assert found.closest is not None
    assert (found.closest.character, found.closest.auc) == ("witch", 1.0)
    assert found.closest.taken_for is False


def test_a_character_of_many_looks_needs_more_pictures_and_is_told_how_many() -> None:
    vectors = cluster(16, looseness=0.5, seed=4)
    found = measured({"hero": vectors}, recall=0.985)["hero"]
    assert found.closest is None
    assert found.now.recall < 0.985
    assert found.more is not None
    assert found.more > 0
    numbers = [16 + found.more - 1, 16 + found.more]
    below, reached = expected_recall([output(vectors)], numbers, THRESHOLDS)
    assert below.recall < 0.985 <= reached.recall
    assert [each.references for each in found.told] == [5, 15]


def test_pictures_that_have_little_in_common_are_not_asked_for_more_of() -> None:
    found = measured({"hero": cluster(16, looseness=1.2, seed=3)})["hero"]
    assert found.now.recall < 0.9
    assert found.more is None
    (told,) = shortages([found], recall=0.9)
    assert told.endswith("60 such pictures would not reach .90; give others")


def test_pictures_of_nothing_in_particular_are_told_of() -> None:
    # they fill one half of the space, and the background's pictures are as near to them
    found = measured({"hero": VECTORS[:20]})["hero"]
    assert found.background_auc is not None
    assert found.background_auc < 0.8
    printed = io.StringIO()
    print_separability([found], Console(file=printed, width=300), recall=0.9)
    assert "hero is hardly told from unrelated pictures" in printed.getvalue()


def test_more_references_never_lower_what_the_whole_pack_is_expected_to_tell() -> None:
    numbers = range(8, 40)
    found = expected_recall([output(cluster(14, looseness=0.5, seed=4))], numbers, THRESHOLDS)
    recalls = [each.recall for each in found]
    assert recalls == sorted(recalls)
    assert recalls[0] < recalls[-1]
    assert all(each.low <= each.recall <= each.high for each in found)


@pytest.mark.parametrize(("pictures", "is_own"), [(11, False), (12, True)])
def test_who_has_enough_tells_by_its_own_pictures(pictures: int, is_own: bool) -> None:
    (found,) = expected_recall(
        [output(cluster(pictures, looseness=0.1, seed=5))], [pictures], THRESHOLDS
    )
    assert found.is_own == is_own
    if not is_own:
        assert found == measured_recall(pictures)


def test_the_measured_table_answers_for_every_number() -> None:
    found = [measured_recall(number) for number in range(1, 61)]
    assert [each.references for each in found] == list(range(1, 61))
    assert all(0 <= each.low <= each.recall <= each.high <= 1 for each in found)
    assert found[0].recall < found[7].recall <= found[59].recall


@pytest.mark.parametrize("looks", [(), LOOKS])
def test_draws_are_compared_as_packs_are(tmp_path: Path, looks: tuple[Look, ...]) -> None:
    """The largest T of any share, of one draw, against that of the product's own comparison."""
    vectors = cluster(20, looseness=0.4, seed=6)
    known, pack = np.arange(8), np.arange(8, 20)
    sets = {"saga": [each for _, each in references("hero", vectors[known])]}
    index = built(tmp_path, sets, Direct(looks=looks))
    chance = np.random.default_rng([SEED, 7])
    upload = [
        picture(f"{number}.png", fingerprint(random_hash(chance), vectors[number]))
        for number in pack
    ]
    shares = [each.two_sample for each in compare_characters(upload, index)]
    own = OutputVectors.of(index.outputs[0], vectors, vectors, index.backgrounds[VECTOR])
    found = module._two_sample(own, known, pack, least=1, scale=np.array([1.0, 0.0]))
    assert len(shares) >= 3
    assert found[0] == pytest.approx(max(shares), abs=1e-5)
    # with pictures without end T is 0, and what closeness adds is left
    assert 0 < found[1] < two_sample.CLOSENESS_WEIGHT


def test_two_names_of_one_character_are_found() -> None:
    one = cluster(32, looseness=0.1, seed=8)
    found = measured({"hero": one[:16], "knight": one[16:]})
    closest = found["hero"].closest
    assert closest is not None
    assert closest.taken_for
    assert closest.auc < 0.9
    told = list(shortages(list(found.values()), recall=0.9))
    question = "packs of saga/knight would be flagged as it: are they one character?"
    assert f"saga: hero: {question}" in told
    printed = io.StringIO()
    print_separability(list(found.values()), Console(file=printed, width=300), recall=0.9)
    assert f"NO ({closest.auc:.2f})".replace("0.", ".") in printed.getvalue()
    assert "hero: knight comes close" in printed.getvalue()


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_references_have_no_spread_to_tell_by(count: int) -> None:
    found = measured({"hero": cluster(count, looseness=0.1, seed=9), "witch": VECTORS[:9]})["hero"]
    assert found.pictures == count
    assert not found.now.is_own
    assert (found.background_auc is None) == (count == 1)
    assert found.closest is not None
    assert found.closest.taken_for is None


def test_near_duplicates_count_once() -> None:
    vectors = cluster(3, looseness=0.1, seed=10)
    given = references("hero", vectors)
    (found,) = separability(
        [*given, *given], Direct().outputs, {VECTOR: BACKGROUND}, THRESHOLDS, recall=0.9
    )
    assert found.pictures == 3


def test_the_sentence_and_the_table_say_what_is_expected() -> None:
    found = measured({"hero": cluster(16, looseness=0.1, seed=1), "witch": VECTORS[:5]})
    assert sentence(found["hero"], recall=0.9).startswith(
        "16 different reference images: expect 1.00 of packs; 5: "
    )
    (told,) = shortages(list(found.values()), recall=0.9)
    assert told.startswith("saga: witch has 5 different reference images: expect ")
    assert f"{found['witch'].more} more for .90" in told
    printed = io.StringIO()
    print_separability(list(found.values()), Console(file=printed, width=160), recall=0.9)
    lines = printed.getvalue().splitlines()
    (hero,) = (line for line in lines if line.startswith("hero"))
    assert hero.split()[:3] == ["hero", "16", "1.00"]
    assert "enough" in hero
    witch = next(line for line in lines if line.startswith("witch"))
    assert "*" in witch
    assert any(line.startswith("* has too few to tell") for line in lines)


def test_check_tells_it_of_the_sets_on_disk(world: World, tmp_path: Path) -> None:
    def check(sets: World, *options: str) -> tuple[int, str, str]:
        command = ["references", "check", *sets.options, *options]
        result = CliRunner().invoke(cli, command, standalone_mode=False)
        assert result.exception is None, result.exception
        return result.return_value, result.stdout, " ".join(result.stderr.split())

    code, findings, told = check(world)
    assert (code, findings) == (0, "")
    assert "medusa 16 1.00 (.86-1.00) " in told
    assert "enough 1.00 xiao-yan" in told
    own = world.copy_to(tmp_path)
    few = write_poses(tmp_path / "few", 7, range(4))
    sets = ["--references", str(own.settings.references)]
    command = ["references", "add", "sea-saga", *sets, "--character", "wolf", "--name", "Wolf"]
    CliRunner().invoke(cli, [*command, str(few)], standalone_mode=False)
    code, findings, told = check(own, "--recall", "0.8")
    assert code == 1
    assert findings.startswith("sea-saga: wolf has 4 different reference images: expect ")
    assert "more for .80" in findings
    assert "wolf 4 " in told
