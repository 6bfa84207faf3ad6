"""The search for copies by keypoints: who proposes, what is verified, when it does not run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_samples import (
    Direct,
    build,
    built,
    fingerprint,
    flipped,
    picture,
    random_hash,
    reference,
)
from PIL import Image, ImageOps
from scenes import beside, made, scene, seen

from screening.errors import IndexUnusable
from screening.fingerprints import PictureFingerprints
from screening.fingerprints.fingerprint import Sighting
from screening.fingerprints.look import LOOKED_AT_VIEWS
from screening.images.view import View
from screening.index import Index
from screening.index import builder as builder_module
from screening.index.tables import DescriptorTable
from screening.index.version import VOTES_FILE
from screening.keypoints import Keypoints, Sight
from screening.matching import CopySearch, find_copies
from screening.matching import copies as copies_module
from screening.matching.copies import SCENE_MARGIN
from screening.matching.hash_hits import SURE_BITS
from screening.matching.overlap import LEAST_AGREEMENT, LEAST_SCENE_AGREEMENT
from screening.matching.votes import PROPOSED, _usual, least_votes, propose
from screening.references.stored import ReferencePicture

CHANCE = np.random.default_rng(4)
FAR_HASH = random_hash(CHANCE)
E = np.eye(8, dtype=np.float32)
BITS = 40


def kept(image: Image.Image, name: str, character: str, **changes: object) -> ReferencePicture:
    """A reference with the keypoints of ``image`` and of its mirror image."""
    made_up = reference(
        name,
        character,
        E[0],
        **({"phash": random_hash(CHANCE)} | changes),  # type: ignore[arg-type]
    )
    straight, mirror = made_up.picture.fingerprints
    views = (
        replace(straight, keypoints=made(image)),
        replace(mirror, keypoints=made(ImageOps.mirror(image))),
    )
    return replace(made_up, picture=replace(made_up.picture, fingerprints=views))


@pytest.fixture(scope="module")
def images() -> list[ReferencePicture]:
    return [kept(scene(seed), f"{seed}.png", f"hero-{seed}") for seed in range(6)]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, images: list[ReferencePicture]) -> Index:
    return built(tmp_path_factory.mktemp("index"), {"set": images})


def never(_: int) -> Sight | None:
    raise AssertionError("looked closer where nothing asked for it")


def searched(
    index: Index,
    image: Image.Image,
    *,
    vector: np.ndarray = E[3],
    phash: bytes = FAR_HASH,
    large: Callable[[int], Sight | None] = lambda _: None,
) -> list[str]:
    """The characters that a search sees in ``image``."""
    shown = picture("a", fingerprint(phash, vector))
    look = CopySearch(index=index, certain_bits=BITS)
    found = look(shown, lambda _: seen(image), large)
    assert {each.index for each in found} <= {index.id}
    return [index.entries.character[each.row] for each in found if not each.by_hash]


def test_descriptors_propose_what_no_embedder_does(index: Index) -> None:
    assert searched(index, scene(2).crop((40, 30, 380, 290))) == ["hero-2"]
    assert searched(index, scene(50)) == []


def test_a_mirrored_copy_is_found_in_the_row_of_the_mirror_image(index: Index) -> None:
    copy = ImageOps.mirror(scene(2)).crop((40, 30, 380, 290))
    look = CopySearch(index=index, certain_bits=BITS)
    shown = picture("a", fingerprint(FAR_HASH, E[3]))
    (found,) = look(shown, lambda _: seen(copy), lambda _: None)
    assert index.entries.mirrored[found.row]
    assert index.entries.path[found.row] == "2.png"


def test_every_reference_in_a_collage_is_found(index: Index) -> None:
    assert sorted(searched(index, beside(scene(1), scene(4)))) == ["hero-1", "hero-4"]


def test_what_is_too_small_at_first_is_looked_at_again(index: Index) -> None:
    grid = Image.new("RGB", (1200, 900))
    for number in range(9):
        grid.paste(scene(20 + number), (number % 3 * 400, number // 3 * 300))
    grid.paste(scene(3), (400, 300))
    asked: list[int] = []

    def large(view: int) -> Sight:
        asked.append(view)
        return seen(grid, large=True)

    assert searched(index, grid, large=large) == ["hero-3"]
    assert asked in ([], [0])


def test_what_looks_put_together_is_looked_at_again_though_nothing_voted(index: Index) -> None:
    sheet = Image.new("RGB", (1230, 930), "white")
    for number in range(9):
        sheet.paste(scene(20 + number), (number % 3 * 415, number // 3 * 315))
    asked: list[int] = []

    def large(view: int) -> Sight:
        asked.append(view)
        return seen(sheet, large=True)

    assert searched(index, sheet, large=large) == []
    assert asked == [0]
    sheet.paste(scene(3), (415, 315))
    assert searched(index, sheet, large=large) == ["hero-3"]


def test_a_hash_decides_alone(index: Index, images: list[ReferencePicture]) -> None:
    known = images[2].picture.shown.hashes.phash
    assert searched(index, scene(2), phash=flipped(known, BITS), large=never) == []
    assert searched(index, scene(2), phash=flipped(known, BITS + 1)) == ["hero-2"]


def test_a_hash_that_keypoints_contradict_decides_nothing(
    index: Index, images: list[ReferencePicture]
) -> None:
    known = images[2].picture.shown.hashes.phash
    assert searched(index, scene(4), phash=flipped(known, SURE_BITS + 1)) == ["hero-4"]
    assert searched(index, scene(4), phash=flipped(known, SURE_BITS)) == []


def test_what_a_hash_found_hides_nobody_that_an_embedder_proposes(
    index: Index, images: list[ReferencePicture]
) -> None:
    known = images[2].picture.shown.hashes.phash
    both = beside(scene(2), scene(4))
    assert searched(index, both, phash=known, vector=E[0]) == ["hero-4"]
    assert searched(index, both, phash=known, vector=E[3]) == []


def test_an_embedder_proposes_where_there_are_no_votes(
    tmp_path: Path, images: list[ReferencePicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder_module, "MOST_VOTING", len(images) - 1)
    silent = built(tmp_path, {"set": images[:1] + images[1:]})
    assert silent.descriptors is None
    assert VOTES_FILE not in silent.manifest["files"]
    assert searched(silent, scene(0), vector=E[3]) == []
    assert searched(silent, scene(0), vector=E[0]) == ["hero-0"]


def test_an_index_of_as_many_references_as_may_vote_has_votes(
    tmp_path: Path, images: list[ReferencePicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder_module, "MOST_VOTING", 2)
    assert built(tmp_path, {"set": images[:2]}).descriptors is not None


def test_a_flat_picture_is_nobody(index: Index) -> None:
    assert searched(index, Image.new("RGB", (300, 200), "orange"), large=never) == []


@pytest.mark.parametrize("count", [1, 2])
def test_few_references(tmp_path: Path, images: list[ReferencePicture], count: int) -> None:
    few = built(tmp_path, {"set": images[:count]})
    assert searched(few, scene(0).rotate(8)) == ["hero-0"]
    assert searched(few, scene(5)) == []


def test_references_without_keypoints_are_no_copies(tmp_path: Path) -> None:
    index = built(tmp_path, {"set": [reference("r", "hero", E[0], phash=random_hash(CHANCE))]})
    assert searched(index, scene(1), vector=E[0]) == []


def test_only_the_first_views_of_a_file_are_looked_at(index: Index) -> None:
    views = [
        fingerprint(FAR_HASH, E[3], view=View(frame=number))
        for number in range(LOOKED_AT_VIEWS + 2)
    ]
    asked: list[int] = []

    def sight(view: int) -> Sight:
        asked.append(view)
        return seen(scene(view))

    found = CopySearch(index=index, certain_bits=BITS)(picture("a", *views), sight, lambda _: None)
    assert asked == list(range(LOOKED_AT_VIEWS))
    assert [each.view for each in found] == asked


def test_no_more_than_the_first_proposals_are_verified(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[Keypoints] = []
    monkeypatch.setattr(copies_module, "find_overlap", lambda _, known: compared.append(known))
    assert searched(index, beside(scene(1), scene(4)), vector=E[0]) == []
    assert 2 <= len(compared) <= PROPOSED


def test_the_true_reference_has_most_votes(index: Index) -> None:
    proposals = propose(made(scene(3).rotate(20)), index)
    assert index.entries.path[proposals[0].row] == "3.png"
    assert [each.votes for each in proposals] == sorted(
        (each.votes for each in proposals), reverse=True
    )
    assert all(each.votes >= least_votes(6, 0) for each in proposals)
    assert len({each.row for each in proposals}) == len(proposals) <= PROPOSED


def test_what_is_known_is_proposed_no_more(index: Index) -> None:
    both = made(beside(scene(1), scene(4)))
    characters = index.entries.characters
    first = {int(characters[each.row]) for each in propose(both, index)}
    assert {1, 4} <= first
    assert not {1} & {int(characters[each.row]) for each in propose(both, index, known={1})}


def test_frames_of_one_film_leave_room_for_others(tmp_path: Path) -> None:
    frames = [kept(scene(1), f"{number}.png", "film") for number in range(8)]
    index = built(tmp_path, {"set": [*frames, kept(scene(4), "r.png", "hero")]})
    found = propose(made(beside(scene(1), scene(4))), index)
    assert [index.entries.character[each.row] for each in found].count("film") == 2
    assert "hero" in {index.entries.character[each.row] for each in found}


def test_votes_that_turn_differently_do_not_add_up(index: Index) -> None:
    known = made(scene(3))
    chance = np.random.default_rng(0)
    scattered = replace(known, turns=chance.integers(0, 256, len(known), dtype=np.uint8))
    one, other = (max(each.votes for each in propose(k, index)) for k in (known, scattered))
    assert other < one / 3


def test_more_references_ask_for_more_votes() -> None:
    asked = [least_votes(10**each, 0) for each in range(6)]
    assert asked == sorted(asked)
    assert asked[5] > asked[0]
    assert least_votes(0, 0) == asked[0]


def test_where_every_row_has_votes_a_copy_must_have_more_but_not_ever_more() -> None:
    asked = [least_votes(10, usual) for usual in range(40)]
    assert asked == sorted(asked)
    assert asked[0] < asked[4] == 10
    assert set(asked[6:]) == {12}


@pytest.mark.parametrize(
    ("votes", "rows", "usual"),
    [([5], 1, 5), ([5], 2, 0), ([5, 7], 2, 5), ([9, 5, 7], 6, 0), ([9, 1, 5, 7], 6, 1)],
)
def test_the_usual_number_of_votes(votes: list[int], rows: int, usual: int) -> None:
    assert _usual(np.array(votes), rows) == usual


def test_a_descriptor_that_is_not_found_after_loading_is_an_error(
    tmp_path: Path, images: list[ReferencePicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, {"set": images[:2]})
    nearest = DescriptorTable.nearest

    def blind(table: DescriptorTable, *arguments: object) -> object:
        return tuple(part[1:] for part in nearest(table, *arguments))  # type: ignore[arg-type]

    monkeypatch.setattr(DescriptorTable, "nearest", blind)
    with pytest.raises(IndexUnusable, match="known descriptor"):
        Index.open(tmp_path, [Direct()])


def test_sightings_are_the_same_every_time(index: Index) -> None:
    look = CopySearch(index=index, certain_bits=BITS)
    shown = picture("a", fingerprint(FAR_HASH, E[3]))
    sight = seen(beside(scene(1), scene(4)))

    def once(_: int) -> tuple[Sighting, ...]:
        return look(shown, lambda _: sight, lambda _: None)

    assert len({once(number) for number in range(4)}) == 1
    assert isinstance(shown, PictureFingerprints)


COPY_SCORE = 0.9


def moved(seed: int) -> Image.Image:
    """Scene 1 with a figure, whose place hangs on ``seed``."""
    image = scene(1)
    left = 40 + 60 * seed
    image.paste(scene(60).resize((80, 60)), (left, 120))
    return image


def score(value: float) -> np.ndarray:
    """A vector with this cosine with all references of `kept`."""
    return np.asarray(value * E[0] + np.sqrt(1 - value**2) * E[1], np.float32)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Index:
    frame = kept(moved(0), "frame.png", "film")
    folder = tmp_path_factory.mktemp("film")
    return built(folder, {"set": [frame]}, Direct(copy_score=COPY_SCORE))


@pytest.mark.parametrize(("above", "found"), [(0.001, 1), (-0.001, 0)])
def test_a_scene_in_which_something_moved_is_likely_where_an_embedder_agrees(
    film: Index, above: float, found: int
) -> None:
    vector = score(COPY_SCORE - SCENE_MARGIN + above)
    shown = picture("a", fingerprint(FAR_HASH, vector))
    look = CopySearch(index=film, certain_bits=BITS)
    sightings = look(shown, lambda _: seen(moved(2)), lambda _: None)
    assert len(sightings) == found
    matches = find_copies([replace(shown, sightings=sightings)], film, distance_bits=BITS)
    assert [each.verified for each in matches] == [False] * found
    assert all(LEAST_SCENE_AGREEMENT <= each.agreement < LEAST_AGREEMENT for each in sightings)


def test_a_better_frame_of_the_scene_is_named(tmp_path: Path) -> None:
    frames = [kept(moved(place), f"{place}.png", "film") for place in (0, 2)]
    index = built(tmp_path, {"set": frames}, Direct(copy_score=COPY_SCORE))
    shown = picture("a", fingerprint(FAR_HASH, score(0.88)))
    look = CopySearch(index=index, certain_bits=BITS)
    (found,) = look(shown, lambda _: seen(moved(2).rotate(5)), lambda _: None)
    assert index.entries.path[found.row] == "2.png"
    assert found.agreement >= LEAST_AGREEMENT
