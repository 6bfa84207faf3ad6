"""Fingerprints of a set: made where they are missing, and never lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_embedder import MeanColours
from pictures import drawing, file_of
from reference_samples import RECORD, fingerprinter, paths, put, rows, saved

from screening.errors import ReferenceSetError
from screening.fingerprints import Fingerprinter
from screening.references.reference_set import FINGERPRINTS_FILE
from screening.references.stored import (
    StoredReferences,
    count_images,
    count_images_by_character,
    load,
    refresh,
    save,
)


@pytest.fixture(scope="module")
def maker() -> Iterator[Fingerprinter]:
    with fingerprinter() as made:
        yield made


@pytest.fixture(scope="module")
def newer() -> Iterator[Fingerprinter]:
    with fingerprinter(MeanColours(version="2")) as made:
        yield made


@pytest.fixture(scope="module")
def both() -> Iterator[Fingerprinter]:
    with fingerprinter(MeanColours(), MeanColours("second", size_px=8)) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two heroes and a witch."""
    made = saved(tmp_path)
    for number, path in enumerate(("hero/a.png", "hero/b.png", "witch/c.png")):
        put(made, path, number)
    return made


ALL = ["images/hero/a.png", "images/hero/b.png", "images/witch/c.png"]


def refreshed(folder: Path, made: Fingerprinter) -> list[str]:
    return paths(refresh(RECORD, folder, made)[0])


def test_images_without_a_file_of_fingerprints(folder: Path, maker: Fingerprinter) -> None:
    references, refused = refresh(RECORD, folder, maker)
    assert paths(references) == ALL
    assert [each.character for each in references] == ["hero", "hero", "witch"]
    assert refused == []
    for each in references:
        shown, mirror = each.picture.fingerprints
        assert (shown.mirrored, mirror.mirrored) == (False, True)
        assert shown.hashes.phash == mirror.hashes.phash_mirrored
    assert paths(load(folder, maker.makers)) == ALL


def test_what_is_there_is_not_made_again(folder: Path, maker: Fingerprinter) -> None:
    refresh(RECORD, folder, maker)
    before = (folder / FINGERPRINTS_FILE).stat()
    calls = len(maker.embedders[0].calls)  # type: ignore[attr-defined]
    assert refreshed(folder, maker) == ALL
    assert len(maker.embedders[0].calls) == calls  # type: ignore[attr-defined]
    after = (folder / FINGERPRINTS_FILE).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_file_dropped_in_by_hand_is_taken(folder: Path, maker: Fingerprinter) -> None:
    refresh(RECORD, folder, maker)
    put(folder, "witch/deep/d.png", 9)
    assert refreshed(folder, maker) == [*ALL, "images/witch/deep/d.png"]
    assert rows(folder, maker)["images/witch/deep/d.png"].character == "witch"


def test_other_bytes_under_the_same_name_are_fingerprinted_again(
    folder: Path, maker: Fingerprinter
) -> None:
    refresh(RECORD, folder, maker)
    before = rows(folder, maker)
    put(folder, "hero/b.png", 50)
    assert refreshed(folder, maker) == ALL
    after = rows(folder, maker)
    assert after[ALL[0]].picture.sha256 == before[ALL[0]].picture.sha256
    assert after[ALL[1]].picture.sha256 != before[ALL[1]].picture.sha256
    assert after[ALL[1]].picture.shown.hashes != before[ALL[1]].picture.shown.hashes


def test_images_that_are_gone_keep_their_fingerprints(folder: Path, maker: Fingerprinter) -> None:
    refresh(RECORD, folder, maker)
    before = rows(folder, maker)
    (folder / ALL[0]).unlink()
    put(folder, "hero/new.png", 8)
    assert refreshed(folder, maker) == sorted([*ALL, "images/hero/new.png"])
    kept = rows(folder, maker)[ALL[0]].picture
    assert kept.sha256 == before[ALL[0]].picture.sha256
    for one, other in zip(kept.fingerprints, before[ALL[0]].picture.fingerprints, strict=True):
        assert one.hashes == other.hashes
        assert np.array_equal(one.vectors["fake.colours"], other.vectors["fake.colours"])


def test_a_set_of_fingerprints_alone(folder: Path, maker: Fingerprinter) -> None:
    refresh(RECORD, folder, maker)
    for path in ALL:
        (folder / path).unlink()
    assert refreshed(folder, maker) == ALL


def test_an_image_that_breaks_keeps_its_fingerprint_and_is_told(
    folder: Path, maker: Fingerprinter
) -> None:
    refresh(RECORD, folder, maker)
    (folder / ALL[1]).write_bytes(b"no picture")
    references, refused = refresh(RECORD, folder, maker)
    assert paths(references) == ALL
    assert [each.path for each in refused] == [ALL[1]]


def test_an_image_that_never_was_one_is_refused(folder: Path, maker: Fingerprinter) -> None:
    (folder / "images" / "hero" / "notes.txt").write_text("not a picture")
    (folder / "images" / "hero" / ".DS_Store").write_bytes(b"\0")
    references, refused = refresh(RECORD, folder, maker)
    assert paths(references) == ALL
    assert [each.path for each in refused] == ["images/hero/notes.txt"]


def test_other_makers_make_all_again_and_keep_time_codes(
    folder: Path, maker: Fingerprinter, newer: Fingerprinter
) -> None:
    references, _ = refresh(RECORD, folder, maker)
    timed = [replace(each, time_code="00:00:07.000") for each in references]
    save(folder, timed, maker)
    assert load(folder, newer.makers) == []
    again, _ = refresh(RECORD, folder, newer)
    assert paths(again) == ALL
    assert {each.time_code for each in again} == {"00:00:07.000"}
    assert load(folder, maker.makers) == []


def test_other_bytes_are_of_no_time_in_the_film(folder: Path, maker: Fingerprinter) -> None:
    references, _ = refresh(RECORD, folder, maker)
    save(folder, [replace(each, time_code="00:00:07.000") for each in references], maker)
    put(folder, "hero/a.png", 77)
    again, _ = refresh(RECORD, folder, maker)
    assert [each.time_code for each in again] == ["", "00:00:07.000", "00:00:07.000"]


@pytest.mark.parametrize("gone", [ALL, ALL[:1]], ids=["all images gone", "one image gone"])
def test_fingerprints_of_others_without_images_are_never_dropped(
    folder: Path, maker: Fingerprinter, newer: Fingerprinter, gone: list[str]
) -> None:
    refresh(RECORD, folder, maker)
    before = (folder / FINGERPRINTS_FILE).read_bytes()
    for path in gone:
        (folder / path).unlink()
    with pytest.raises(ReferenceSetError, match=rf"of {len(gone)} reference.*put the images back"):
        refresh(RECORD, folder, newer)
    assert (folder / FINGERPRINTS_FILE).read_bytes() == before


def test_fewer_embedders_use_what_more_made(
    folder: Path, maker: Fingerprinter, both: Fingerprinter
) -> None:
    refresh(RECORD, folder, both)
    before = (folder / FINGERPRINTS_FILE).read_bytes()
    assert refreshed(folder, maker) == ALL
    assert (folder / FINGERPRINTS_FILE).read_bytes() == before


def test_fewer_embedders_drop_no_vectors_that_cannot_be_made_again(
    folder: Path, maker: Fingerprinter, both: Fingerprinter
) -> None:
    refresh(RECORD, folder, both)
    before = (folder / FINGERPRINTS_FILE).read_bytes()
    (folder / ALL[0]).unlink()
    put(folder, "hero/new.png", 8)
    with pytest.raises(ReferenceSetError, match="made by second 1, which would be dropped"):
        refresh(RECORD, folder, maker)
    assert (folder / FINGERPRINTS_FILE).read_bytes() == before
    put(folder, "hero/a.png", 0)
    assert len(refreshed(folder, maker)) == 4


def test_an_empty_set_says_what_it_lacks(tmp_path: Path, maker: Fingerprinter) -> None:
    with pytest.raises(ReferenceSetError, match="has no images, and no fingerprints made by the"):
        refresh(RECORD, saved(tmp_path), maker)


def test_a_damaged_file_is_not_taken_for_none(folder: Path, maker: Fingerprinter) -> None:
    refresh(RECORD, folder, maker)
    (folder / FINGERPRINTS_FILE).write_bytes(b"PAR1 nonsense")
    for ask in (lambda: refresh(RECORD, folder, maker), lambda: load(folder, maker.makers)):
        with pytest.raises(ReferenceSetError, match=r"not a file of fingerprints.*remove it"):
            ask()


def test_an_image_of_nobody_is_an_error(folder: Path, maker: Fingerprinter) -> None:
    put(folder, "stranger/x.png", 4)
    with pytest.raises(ReferenceSetError, match=r"saga/images/stranger/x.png: lies in no folder"):
        refresh(RECORD, folder, maker)
    assert not (folder / FINGERPRINTS_FILE).exists()


def test_one_character_needs_no_folder(tmp_path: Path, maker: Fingerprinter) -> None:
    record = replace(RECORD, characters=RECORD.characters[:1])
    folder = saved(tmp_path, record)
    put(folder, "a.png", 1)
    (reference,), _ = refresh(record, folder, maker)
    assert reference.character == "hero"
    with pytest.raises(ReferenceSetError, match="lies in no folder"):
        (folder / FINGERPRINTS_FILE).unlink()
        refresh(RECORD, folder, maker)


def test_a_name_that_is_not_unicode_is_read_once(folder: Path, maker: Fingerprinter) -> None:
    odd = folder / "images" / "hero" / "b\udcff.png"
    odd.write_bytes(file_of(drawing(6, (96, 72))))
    first = refreshed(folder, maker)
    assert "images/hero/b\\xff.png" in first
    assert refreshed(folder, maker) == first


def test_counts_are_of_fingerprints_and_of_images_without(
    folder: Path, maker: Fingerprinter
) -> None:
    assert count_images_by_character(folder) == {"hero": 2, "witch": 1}
    refresh(RECORD, folder, maker)
    (folder / ALL[0]).unlink()
    put(folder, "witch/d.png", 4)
    assert count_images_by_character(folder) == {"hero": 2, "witch": 2}
    assert count_images(folder) == 4


def test_stored_references_are_read_when_asked_for(folder: Path, maker: Fingerprinter) -> None:
    stored = StoredReferences(folder.parent, ["saga", "empty"], maker.makers)
    refresh(RECORD, folder, maker)
    assert list(stored) == ["saga", "empty"]
    assert len(stored) == 2
    assert paths(stored["saga"]) == ALL
    with pytest.raises(KeyError):
        stored["../saga"]
    with pytest.raises(ReferenceSetError, match="has no images"):
        stored["empty"]
