"""All reference sets under a folder, as they stand at this moment, and what is weak about them."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from reference_samples import RECORD, fingerprinter, put, saved

from screening.errors import ReferenceSetError, ReferencesMissing
from screening.fingerprints import Fingerprinter
from screening.references import Character, Name, References, ReferenceSet, Status, collection
from screening.references.checks import findings
from screening.references.reference_set import FINGERPRINTS_FILE, MANIFEST_FILE
from screening.references.stored import digest, refresh


@pytest.fixture(scope="module")
def maker() -> Iterator[Fingerprinter]:
    with fingerprinter() as made:
        yield made


def test_sets_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    for identifier in ("b", "a-2", "a"):
        saved(tmp_path, replace(RECORD, id=identifier))
    (tmp_path / "no-record").mkdir()
    (tmp_path / "README.md").write_text("hello")
    assert [each.id for each in References(tmp_path)] == ["a", "a-2", "b"]


def test_no_folder_and_no_sets(tmp_path: Path) -> None:
    assert list(References(tmp_path)) == []
    with pytest.raises(ReferencesMissing, match="no such folder of reference sets"):
        References(tmp_path / "missing")
    with pytest.raises(ReferenceSetError, match="no reference set of this id"):
        References(tmp_path).get("saga")
    assert References(tmp_path).digest("saga") == ""


@pytest.mark.parametrize("identifier", ["../outside", "/etc", "..", "", "Saga", "a/b"])
def test_an_id_is_never_a_path(tmp_path: Path, identifier: str) -> None:
    saved(tmp_path, replace(RECORD, id="outside"))
    (tmp_path / "sets").mkdir()
    references = References(tmp_path / "sets")
    for ask in (references.get, references.digest):
        with pytest.raises(ReferenceSetError, match="lower-case"):
            ask(identifier)


def test_a_folder_with_an_impossible_name_is_an_error_not_a_gap(tmp_path: Path) -> None:
    saved(tmp_path).rename(tmp_path / "Saga")
    with pytest.raises(ReferenceSetError, match="'Saga' must be lower-case"):
        list(References(tmp_path))


def test_a_change_counts_without_opening_again(tmp_path: Path) -> None:
    saved(tmp_path)
    references = References(tmp_path)
    assert references.get("saga").status is Status.ACTIVE
    replace(RECORD, status=Status.DISABLED).save(tmp_path)
    assert references.get("saga").status is Status.DISABLED
    (tmp_path / "saga" / MANIFEST_FILE).unlink()
    with pytest.raises(ReferenceSetError, match="no reference set"):
        references.get("saga")


def edit_in_place(file: Path, old: bytes, new: bytes) -> None:
    """As an editor does that keeps the file's number; size and times stay as they are."""
    times = file.stat()
    assert len(old) == len(new)
    with file.open("r+b") as opened:
        data = opened.read().replace(old, new)
        opened.seek(0)
        opened.write(data)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


class Clock:
    """The time of the collection, and times of files that hardly ever tick."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, now: int) -> None:
        monkeypatch.setattr(collection.time, "time_ns", lambda: now)
        real = collection._stamp
        monkeypatch.setattr(collection, "_stamp", lambda path: (1000, 1000, *real(path)[2:]))


def test_two_changes_within_one_tick_are_both_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saved(tmp_path) / MANIFEST_FILE
    (tmp_path / "saga" / FINGERPRINTS_FILE).write_bytes(b"one")
    Clock(monkeypatch, now=1000 + collection.SETTLED_NANOSECONDS)
    references = References(tmp_path)
    assert references.get("saga").work == "Saga"
    first = references.digest("saga")
    edit_in_place(file, b'"Saga"', b'"Epic"')
    edit_in_place(tmp_path / "saga" / FINGERPRINTS_FILE, b"one", b"two")
    assert references.get("saga").work == "Epic"
    assert references.digest("saga") != first


def test_a_record_that_has_settled_is_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    (tmp_path / "saga" / FINGERPRINTS_FILE).write_bytes(b"one")
    Clock(monkeypatch, now=1001 + collection.SETTLED_NANOSECONDS)
    references = References(tmp_path)
    loaded, hashed = references.get("saga"), references.digest("saga")
    monkeypatch.setattr(ReferenceSet, "load", None)
    monkeypatch.setattr(collection.stored, "digest", None)
    assert references.get("saga") is loaded
    assert references.digest("saga") == hashed


def test_a_change_that_keeps_size_and_time_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of the last change to the file's entry cannot be set back."""
    monkeypatch.setattr(collection, "SETTLED_NANOSECONDS", 0)
    file = saved(tmp_path) / MANIFEST_FILE
    references = References(tmp_path)
    time.sleep(0.02)
    assert references.get("saga").work == "Saga"
    assert references.get("saga") is references.get("saga")
    time.sleep(0.02)
    edit_in_place(file, b'"Saga"', b'"Epic"')
    assert references.get("saga").work == "Epic"


def test_the_digest_is_that_of_the_fingerprints(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    references = References(tmp_path)
    assert references.digest("saga") == "" == digest(folder)
    (folder / FINGERPRINTS_FILE).write_bytes(b"abc")
    assert references.digest("saga").startswith("ba7816bf")
    assert digest(folder) == references.digest("saga")
    (folder / FINGERPRINTS_FILE).write_bytes(b"abd")
    assert references.digest("saga").startswith("a52d159f")


def test_threads_read_while_records_change(tmp_path: Path) -> None:
    saved(tmp_path)
    references = References(tmp_path)
    seen: list[str] = []

    def read() -> None:
        seen.extend(references.get("saga").work for _ in range(50))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for each in readers:
        each.start()
    for number in range(20):
        replace(RECORD, work=f"Saga {number}").save(tmp_path)
    for each in readers:
        each.join()
    assert len(seen) == 200
    assert set(seen) <= {"Saga", *(f"Saga {number}" for number in range(20))}
    assert references.get("saga").work == "Saga 19"


def found(record: ReferenceSet, folder: Path, maker: Fingerprinter) -> list[str]:
    return list(findings(record, folder, maker.makers))


def test_findings_of_a_set_that_needs_work(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    assert found(replace(RECORD, characters=()), folder, maker)[0] == "names no character"
    first = found(RECORD, folder, maker)
    assert first[0] == "hero has no name, so captions are not searched for it"
    assert first[-1] == "witch has no name, so captions are not searched for it"
    put(folder, "hero/a.png", 1)
    waiting = "no fingerprints of 1 picture: run: screening references fingerprint saga"
    assert found(RECORD, folder, maker)[-1] == waiting
    (folder / "fingerprints.parquet").write_bytes(b"damaged")
    assert found(RECORD, folder, maker)[-1].startswith("has no fingerprints that can be read")
    (folder / "fingerprints.parquet").unlink()
    changed = put(folder, "witch/b.png", 2)
    refresh(RECORD, folder, maker)
    put(folder, "hero/c.png", 3)
    put(folder, "nobody/d.png", 4)
    put(folder, "witch/b.png", 5)
    assert changed.is_file()
    record = replace(RECORD, characters=RECORD.characters[:1])
    text = "\n".join(found(record, folder, maker))
    assert "images/nobody/d.png: lies in no folder of a character" in text
    assert "images/hero/c.png has no fingerprint; run: screening references" in text
    assert "images/witch/b.png has changed since its fingerprint was made" in text
    assert "1 reference image of 'witch', which the record does not name" in text


def test_findings_about_makers(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    put(folder, "hero/a.png", 1)
    refresh(RECORD, folder, maker)
    other = replace(maker.makers[-1], version="2")
    text = list(findings(RECORD, folder, [*maker.makers[:-1], other]))
    assert f"has no fingerprints made by {other.name} 2" in text


def test_a_good_set_has_no_findings(tmp_path: Path, maker: Fingerprinter) -> None:
    hero = Character(id="hero", names=(Name(text="Hero"),))
    record = replace(RECORD, characters=(hero,))
    folder = saved(tmp_path, record)
    for number in range(3):
        put(folder, f"hero/{number}.png", number)
    refresh(record, folder, maker)
    assert found(record, folder, maker) == []
