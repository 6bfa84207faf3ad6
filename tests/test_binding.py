"""What a calibration is bound to: the characters of an index, by name and reference images."""

from pathlib import Path

import pytest
from index_samples import built, references

from screening.calibration import Binding, Kind
from screening.calibration.binding import Changes
from screening.errors import CalibrationUnusable
from screening.references.stored import ReferencePicture

HEROES, WITCHES = references(4), references(3, character="witch", seed=1)


def bound(folder: Path, *, sets: dict[str, list[ReferencePicture]], **options: object) -> Binding:
    return Binding.of(built(folder, sets), statistics={}, **options)  # type: ignore[arg-type]


@pytest.fixture
def then(tmp_path: Path) -> Binding:
    return bound(tmp_path / "then", sets={"set": [*HEROES, *WITCHES]})


def test_the_same_images_in_another_order_are_the_same(tmp_path: Path, then: Binding) -> None:
    now = bound(tmp_path / "now", sets={"set": [*WITCHES[::-1], *HEROES[::-1]]})
    assert (now.characters, now.reference_images) == (2, 7)
    assert now.known == then.known
    assert then.growth(now) == dict.fromkeys(Kind, 1.0)


@pytest.mark.parametrize("images", [HEROES[:3], [*HEROES[:3], references(1, seed=9)[0]]])
def test_other_images_of_a_character_are_told(
    images: list[ReferencePicture], tmp_path: Path, then: Binding
) -> None:
    now = bound(tmp_path / "now", sets={"set": [*images, *WITCHES]})
    assert then.changes(now) == Changes(added=0, replaced=1, gone=0)
    assert then.growth(now) == dict.fromkeys(Kind, 1.5)


def test_a_character_of_another_set_is_another_one(tmp_path: Path, then: Binding) -> None:
    now = bound(tmp_path / "now", sets={"set": HEROES, "other": WITCHES})
    assert then.changes(now) == Changes(added=1, replaced=0, gone=1)


def test_what_is_not_in_force_is_not_there(tmp_path: Path, then: Binding) -> None:
    sets = {"set": [*HEROES, *WITCHES], "new": references(2, character="imp", seed=2)}
    now = bound(tmp_path / "now", sets=sets, in_force={"set"})
    assert (now.characters, now.known) == (2, then.known)
    nothing = bound(tmp_path / "nothing", sets=sets, in_force=())
    assert (nothing.characters, nothing.known) == (0, {})
    assert then.growth(nothing)[Kind.CHARACTERS] == 1.0


def test_an_index_of_other_characters_is_refused_at_any_size(tmp_path: Path, then: Binding) -> None:
    now = bound(tmp_path / "now", sets={"elsewhere": references(1, character="imp", seed=2)})
    with pytest.raises(CalibrationUnusable, match="none of its 2 characters"):
        then.growth(now)
    assert then.for_any_index.growth(now) == dict.fromkeys(Kind, 1.0)
