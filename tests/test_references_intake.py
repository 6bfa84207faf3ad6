"""Adding references: what is taken, what is refused and why, and nothing half done."""

import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_embedder import MeanColours
from pictures import drawing, file_of
from PIL import Image, ImageOps
from reference_samples import RECORD, fingerprinter, put, rows, saved
from videos import video

from screening.errors import ReferenceSetError
from screening.fingerprints import Fingerprinter
from screening.references import Character
from screening.references.intake import (
    Candidate,
    Taken,
    add_references,
    from_files,
    from_video,
)
from screening.references.reference_set import FINGERPRINTS_FILE
from screening.settings import Limits

SIZE = (320, 240)


@pytest.fixture(scope="module")
def maker() -> Iterator[Fingerprinter]:
    with fingerprinter() as made:
        yield made


def drawn(seed: int, name: str = "", **facts: str) -> Candidate:
    return Candidate(name=name or f"{seed}.png", data=file_of(drawing(seed, SIZE)), **facts)


def add(root: Path, maker: Fingerprinter, *candidates: Candidate, who: str = "hero") -> Taken:
    return add_references(RECORD, root, who, candidates, maker)


def test_what_is_taken_is_kept_with_its_image(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    taken = add(tmp_path, maker, drawn(1), drawn(2, "film_00-00-01.jpg", time_code="00:00:01.000"))
    assert taken.refused == ()
    assert len(taken.added) == 2
    known = rows(folder, maker)
    assert sorted(known) == sorted(taken.added)
    assert (folder / taken.added[0]).read_bytes() == drawn(1).data
    assert known[taken.added[1]].time_code == "00:00:01.000"
    assert {each.character for each in known.values()} == {"hero"}
    assert all(path.startswith("images/hero/") for path in taken.added)
    assert not list(folder.rglob(".*"))


def test_each_refusal_has_its_reason(tmp_path: Path, maker: Fingerprinter) -> None:
    saved(tmp_path)
    image = drawing(1, SIZE)
    recompressed = Candidate(name="again.jpg", data=file_of(image, "JPEG", quality=40))
    mirrored = Candidate(name="mirror.png", data=file_of(ImageOps.mirror(image)))
    blank = Candidate(name="blank.png", data=file_of(Image.new("RGB", SIZE, "navy")))
    broken = Candidate(name="broken.png", data=b"\x89PNG\r\n\x1a\n")
    given = Candidate(name="notes.txt", reason="not a picture but text")
    taken = add(tmp_path, maker, drawn(1), recompressed, given, mirrored, blank, broken, drawn(2))
    (kept, other) = taken.added
    reasons = dict(taken.refused)
    assert reasons["again.jpg"] == reasons["mirror.png"] == f"near-duplicate of {kept}"
    assert reasons["blank.png"].startswith("blank")
    assert reasons["notes.txt"] == "not a picture but text"
    assert reasons["broken.png"]
    assert len(reasons) == 5
    assert "2-" in other


def test_adding_twice_adds_nothing(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    first = add(tmp_path, maker, drawn(1), drawn(2))
    before = (folder / FINGERPRINTS_FILE).read_bytes()
    second = add(tmp_path, maker, drawn(1), drawn(2))
    assert second.added == ()
    assert [name for name, _ in second.refused] == ["1.png", "2.png"]
    assert (folder / FINGERPRINTS_FILE).read_bytes() == before
    assert len(list((folder / "images" / "hero").iterdir())) == len(first.added)


def test_nothing_to_add(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    assert add(tmp_path, maker) == Taken(added=(), refused=())
    assert not (folder / FINGERPRINTS_FILE).exists()


def test_two_characters_may_be_in_one_picture(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    hero, witch = (add(tmp_path, maker, drawn(1), who=who) for who in ("hero", "witch"))
    assert (len(hero.added), len(witch.added)) == (1, 1)
    found = {each.character for each in rows(folder, maker).values()}
    assert found == {"hero", "witch"}


def test_a_character_must_be_in_the_record(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    for who in ("stranger", "../hero", ""):
        with pytest.raises(ReferenceSetError, match="names no character"):
            add(tmp_path, maker, drawn(1), who=who)
    assert not (folder / "images").exists()


HOSTILE = [
    "../../../etc/passwd",
    "/etc/passwd",
    "..",
    "...",
    "a/../../b.png",
    "..\\..\\b.png",
    "inner.zip!/../../x.png",
    "\x1b[31m\n.png",
    "x" * 4000 + ".png",
    "a.png\0.exe",
    ".hidden",
    "",
    "女.png",
    "a.{}.$(reboot).p/n/g",
    f"a.{'s' * 300}",
]


def test_a_name_leads_nowhere_else(tmp_path: Path, maker: Fingerprinter) -> None:
    saved(tmp_path / "sets")
    candidates = [replace(drawn(seed), name=name) for seed, name in enumerate(HOSTILE, start=100)]
    before = set(tmp_path.rglob("*"))
    taken = add(tmp_path / "sets", maker, *candidates)
    assert len(taken.added) == len(HOSTILE)
    home = tmp_path / "sets" / "saga" / "images" / "hero"
    new = set(tmp_path.rglob("*")) - before
    assert {each.parent for each in new if each.is_file()} == {home, home.parent.parent}
    names = [each.name for each in home.iterdir()]
    assert len(names) == len(HOSTILE)
    for name in names:
        assert name.isascii()
        assert name.isprintable()
        assert not name.startswith(".")
        assert len(name) < 100


def test_fingerprints_alone(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    taken = add_references(RECORD, tmp_path, "hero", [drawn(1)], maker, keep_images=False)
    assert not (folder / "images").exists()
    assert list(rows(folder, maker)) == list(taken.added)
    again = add_references(RECORD, tmp_path, "hero", [drawn(1), drawn(2)], maker)
    assert len(again.added) == 1
    assert len(rows(folder, maker)) == 2


def test_images_that_are_there_are_fingerprinted_first(
    tmp_path: Path, maker: Fingerprinter
) -> None:
    folder = saved(tmp_path)
    put(folder, "hero/by-hand.png", 1)
    (folder / "images" / "hero" / "notes.md").write_text("hello")
    taken = add(tmp_path, maker, Candidate(name="1.png", data=file_of(drawing(1, (96, 72)))))
    assert ("1.png", "near-duplicate of images/hero/by-hand.png") in taken.refused
    assert "images/hero/notes.md" in dict(taken.refused)
    assert list(rows(folder, maker)) == ["images/hero/by-hand.png"]


def test_adding_with_another_embedder_loses_nothing(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    add_references(RECORD, tmp_path, "hero", [drawn(1)], maker, keep_images=False)
    before = (folder / FINGERPRINTS_FILE).read_bytes()
    with (
        fingerprinter(MeanColours(version="2")) as newer,
        pytest.raises(ReferenceSetError, match="put the images back"),
    ):
        add(tmp_path, newer, drawn(2))
    assert (folder / FINGERPRINTS_FILE).read_bytes() == before
    assert not (folder / "images").exists()


def test_candidates_that_end_in_an_error_add_nothing(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)
    add(tmp_path, maker, drawn(1))
    files = sorted(folder.rglob("*"))
    before = (folder / FINGERPRINTS_FILE).read_bytes()

    def film() -> Iterator[Candidate]:
        for seed in range(2, 12):
            yield drawn(seed)
        raise ReferenceSetError("the film is broken from here on")

    with pytest.raises(ReferenceSetError, match="film is broken"):
        add_references(RECORD, tmp_path, "hero", film(), maker)
    assert sorted(folder.rglob("*")) == files
    assert (folder / FINGERPRINTS_FILE).read_bytes() == before


def test_two_who_add_at_once_both_do(tmp_path: Path, maker: Fingerprinter) -> None:
    folder = saved(tmp_path)

    def work(first: int) -> None:
        for seed in range(first, first + 3):
            add_references(RECORD, tmp_path, "hero", [drawn(seed)], maker, keep_images=False)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(rows(folder, maker)) == 6


def test_candidates_of_folders_archives_and_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.png").write_bytes(drawn(1).data)
    (source / "a.txt").write_text("a caption")
    (source / "link.png").symlink_to(source / "a.png")
    with zipfile.ZipFile(source / "more.zip", "w") as archive:
        archive.writestr("b.jpg", drawn(2).data)
    found = {each.name: each for each in from_files(source, Limits())}
    assert found["a.png"].data == drawn(1).data
    assert found["more.zip!/b.jpg"].data == drawn(2).data
    assert "a.txt" not in found, "a caption"
    assert "link" in found["link.png"].reason
    assert [each.name for each in from_files(source / "a.png", Limits())] == ["a.png"]


def test_the_character_with_the_longest_id_fits(tmp_path: Path, maker: Fingerprinter) -> None:
    record = replace(RECORD, characters=(Character(id="h" * 100, names=()),))
    saved(tmp_path, record)
    taken = add_references(record, tmp_path, "h" * 100, [drawn(1, "x" * 300)], maker)
    assert len(taken.added) == 1


def test_of_a_film_each_scene_is_taken_once_with_its_time(
    tmp_path: Path, maker: Fingerprinter
) -> None:
    folder = saved(tmp_path)
    scenes = [drawing(1, SIZE), Image.new("RGB", SIZE, "navy"), drawing(1, SIZE), drawing(2, SIZE)]
    film = tmp_path / "episode.mkv"
    film.write_bytes(video([scene for scene in scenes for _ in range(18)]))
    frames = from_video(film, frames_per_second=2, start_seconds=0, end_seconds=None)
    taken = add(tmp_path, maker, *frames)
    times = [each.time_code for each in rows(folder, maker).values()]
    assert sorted(times) == ["00:00:00.000", "00:00:02.250"]
    assert all("episode_00-00-0" in path for path in taken.added)
    reasons = [reason.split(" of ")[0].split(":")[0] for _, reason in taken.refused]
    assert sorted(set(reasons)) == ["blank", "near-duplicate"]


def test_film_among_pictures_is_refused_with_advice(tmp_path: Path, maker: Fingerprinter) -> None:
    saved(tmp_path)
    film = tmp_path / "film.mp4"
    film.write_bytes(video([drawing(1, SIZE)]))
    (refused,) = add(tmp_path, maker, *from_files(film, Limits())).refused
    assert refused == ("film.mp4", "not a picture but video: give it with --video")
