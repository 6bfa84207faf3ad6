"""From pictures to fingerprints: order, bounded memory, and what happens when something fails."""

import itertools
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fake_embedder import MeanColours
from numpy.typing import NDArray
from pictures import animation, drawing, file_of
from processes import children, nothing_left_behind

from screening import keypoints
from screening.errors import DecoderCrashed, EmbedderError, ScreeningError
from screening.fingerprints import Fingerprinter, Maker, PictureFingerprints, Refused
from screening.fingerprints import fingerprinter as fingerprinter_module
from screening.fingerprints import ordered_map as ordered_map_module
from screening.fingerprints.answer import Answer
from screening.fingerprints.decoding_process import Task
from screening.fingerprints.fingerprint import Region, Sighting
from screening.fingerprints.fingerprinter import Picture
from screening.fingerprints.look import LARGE_TASK
from screening.hashes import hash_picture
from screening.images.preprocess import prepare
from screening.images.view import View
from screening.keypoints import Sight, keypoints_of
from screening.settings import Limits

LIMITS = Limits()
COLOURS = "fake.colours"


def picture(number: int) -> Picture:
    return Picture.of(f"{number}.png", file_of(drawing(number, (48, 32))))


def opened(*embedders: MeanColours, workers: int = 2, **options) -> Fingerprinter:
    return Fingerprinter(embedders, **({"limits": LIMITS, "workers": workers} | options))


@pytest.fixture(scope="module")
def fingerprinter() -> Iterator[Fingerprinter]:
    with opened(MeanColours()) as made:
        yield made


def test_one_result_a_picture_in_their_order(fingerprinter: Fingerprinter) -> None:
    """The large ones take longer than those that follow them."""
    pictures = [
        Picture.of(str(n), file_of(drawing(n, (1200, 900) if n % 5 == 0 else (30, 20))))
        for n in range(30)
    ]
    found = list(fingerprinter.fingerprint(pictures))
    assert [each.path for each in found] == [each.path for each in pictures]
    assert [each.sha256 for each in found] == [each.sha256 for each in pictures]


def test_fingerprint_is_of_its_picture() -> None:
    embedder = MeanColours(batch_size=3)
    images = [drawing(n, (48, 32)) for n in range(7)]
    with opened(embedder) as made:
        found = list(made.fingerprint(picture(n) for n in range(7)))
    for each, image in zip(found, images, strict=True):
        assert isinstance(each, PictureFingerprints)
        assert (each.width_px, each.height_px, len(each.fingerprints)) == (48, 32, 1)
        assert (each.shown.view, each.shown.mirrored) == (View(), False)
        assert each.shown.hashes == hash_picture(image)
        pixels = prepare(image, embedder.preprocessing)[np.newaxis]
        assert np.array_equal(each.shown.vectors[COLOURS], embedder.embed(pixels)[COLOURS][0])


def test_refused_files_keep_their_place(fingerprinter: Fingerprinter) -> None:
    files = [picture(0), Picture.of("bad", b"text"), picture(1), Picture.of("empty", b"")]
    first, bad, second, empty = fingerprinter.fingerprint(files)
    assert isinstance(first, PictureFingerprints)
    assert isinstance(second, PictureFingerprints)
    assert bad == Refused(
        path="bad", sha256=files[1].sha256, reason="not a picture that can be read here"
    )
    assert isinstance(empty, Refused)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_pictures(fingerprinter: Fingerprinter, count: int) -> None:
    assert len(list(fingerprinter.fingerprint(picture(n) for n in range(count)))) == count


def test_mirror_images_of_references() -> None:
    with opened(MeanColours(), mirrored=True) as made:
        (found,) = made.fingerprint([picture(1)])
    straight, turned = found.fingerprints
    assert (straight.mirrored, turned.mirrored) == (False, True)
    assert straight.hashes.phash == turned.hashes.phash_mirrored
    assert straight.vectors[COLOURS] @ turned.vectors[COLOURS] < 0.999


def test_keypoints_of_references() -> None:
    film = Picture.of("film", animation([drawing(1), drawing(2)]))
    with opened(MeanColours(), mirrored=True) as made:
        (found,) = made.fingerprint([film])
        assert [each.name for each in made.makers] == ["phash-256", "orb-500", "fake"]
    straight, turned, *second_frame = found.fingerprints
    expected = keypoints_of(prepare(drawing(1), keypoints.PREPROCESSING), *drawing(1).size)
    assert straight.keypoints is not None
    assert turned.keypoints is not None
    assert len(straight.keypoints) == len(expected) > 20
    assert len(turned.keypoints) > 20
    assert [each.keypoints for each in second_frame] == [None, None]


def test_a_look_sees_every_picture_and_its_sightings_are_kept() -> None:
    asked: dict[str, tuple[int, int, int]] = {}
    sighting = Sighting(
        index="i", row=7, view=0, places=9, agreement=1.0,
        region=Region(left=0, top=0, right=1, bottom=1),
        reference_region=Region(left=0, top=0, right=1, bottom=1),
    )  # fmt: skip

    def look(
        found: PictureFingerprints,
        sight: Callable[[int], Sight],
        large: Callable[[int], Sight | None],
    ) -> tuple[Sighting, ...]:
        small, closer = sight(0), large(0)
        assert closer is not None
        asked[found.path] = len(small.keypoints), small.grey.shape[1], closer.grey.shape[1]
        return (sighting,) if found.path == "1.png" else ()

    with nothing_left_behind(), opened(MeanColours()) as made:
        files = [picture(0), Picture.of("bad", b""), picture(1), picture(2)]
        found = list(made.fingerprint(files, look=look))
        plain = list(made.fingerprint(files))
    pictures = [each for each in found if isinstance(each, PictureFingerprints)]
    assert [each.sightings for each in pictures] == [(), (sighting,), ()]
    assert {path: sides for path, (_, *sides) in asked.items()} == {
        f"{number}.png": [480, 960] for number in range(3)
    }
    assert min(count for count, *_ in asked.values()) > 20
    assert all(each.shown.keypoints is None for each in pictures)
    assert _flat(found) == _flat(plain)


def test_what_a_look_sees_is_what_references_are_kept_with() -> None:
    seen: list[Sight] = []

    def look(_: PictureFingerprints, sight: Callable[[int], Sight], __: object) -> tuple[()]:
        seen.append(sight(0))
        return ()

    with opened(MeanColours()) as made, opened(MeanColours(), mirrored=True) as maker:
        list(made.fingerprint([picture(1)], look=look))
        (reference,) = maker.fingerprint([picture(1)])
    assert isinstance(reference, PictureFingerprints)
    kept = reference.shown.keypoints
    assert kept is not None
    assert np.array_equal(kept.descriptors, seen[0].keypoints.descriptors)
    assert np.array_equal(kept.points, seen[0].keypoints.points)


def test_a_picture_that_cannot_be_decoded_again_keeps_what_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look(_: PictureFingerprints, __: object, large: Callable[[int], Sight | None]) -> tuple[()]:
        assert large(0) is None
        return ()

    with opened(MeanColours()) as made:
        decode = made._pool.decode

        def crash(data: bytes, task: Task | None = None) -> Answer:
            if task is LARGE_TASK:
                raise DecoderCrashed("too large")
            return decode(data, task)

        monkeypatch.setattr(made._pool, "decode", crash)
        (found,) = made.fingerprint([picture(0)], look=look)
    assert isinstance(found, PictureFingerprints)


def _flat(results: list[PictureFingerprints | Refused]) -> list[object]:
    return [
        (each.path, fingerprint.view, fingerprint.hashes, fingerprint.vectors[COLOURS].tobytes())
        for each in results
        if isinstance(each, PictureFingerprints)
        for fingerprint in each.fingerprints
    ]


def test_results_do_not_depend_on_the_number_of_workers() -> None:
    film = [drawing(n, (30, 20)) for n in range(5)]
    pictures = [picture(1), Picture.of("film", animation(film)), *(picture(n) for n in range(9))]
    results = []
    for workers, batch_size in ((1, 1), (1, 4), (4, 7)):
        with opened(MeanColours(batch_size=batch_size), workers=workers) as made:
            results.append(_flat(list(made.fingerprint(pictures))))
    assert len(results[0]) == 15
    assert results[0] == results[1] == results[2]


def test_no_embedders_at_all() -> None:
    with opened() as made:
        found = list(made.fingerprint([picture(0), Picture.of("bad", b""), picture(1)]))
        assert made.makers == (Maker(name="phash-256", version="1"),)
    assert [each.shown.vectors for each in found if isinstance(each, PictureFingerprints)] == [
        {},
        {},
    ]


def test_two_embedders_with_sizes_of_their_own() -> None:
    one, other = MeanColours("one", size_px=16, batch_size=2), MeanColours("other", size_px=32)
    with opened(one, other) as made:
        (found,) = made.fingerprint([picture(3)])
        assert [maker.name for maker in made.makers] == ["phash-256", "one", "other"]
    assert set(found.shown.vectors) == {"one.colours", "other.colours"}


def test_embedder_is_never_given_more_than_its_batch() -> None:
    """A film of 20 frames is one file, and 20 pictures."""
    embedder = MeanColours(batch_size=4)
    film = Picture.of("film", animation([drawing(n, (30, 20)) for n in range(20)]))
    with opened(embedder) as made:
        found = list(made.fingerprint([film, picture(0), film]))
    assert [len(each.fingerprints) for each in found] == [20, 1, 20]
    assert max(embedder.calls) == 4
    assert sum(embedder.calls) == 41


def test_frames_left_is_told() -> None:
    film = Picture.of("film", animation([drawing(n, (30, 20)) for n in range(3)]))
    with opened(limits=Limits(max_frames=2)) as made:
        (found,) = made.fingerprint([film])
    assert found.frames_left == "frames after the first 2 are not screened"


def test_endless_source_is_not_drained() -> None:
    drawn = itertools.count()

    def endless() -> Iterator[Picture]:
        same = picture(0)
        for number in drawn:
            yield Picture(path=str(number), data=same.data, sha256=same.sha256)

    with opened(MeanColours(batch_size=4)) as made:
        results = made.fingerprint(endless())
        found = [each.path for each in itertools.islice(results, 10)]
        results.close()
    assert found == [str(number) for number in range(10)]
    assert next(drawn) <= 10 + 5 * 4 + 2 * 2  # batches under way, and files being decoded


@pytest.mark.parametrize("batch_size", [1, 50])
def test_large_files_are_not_read_ahead(monkeypatch: pytest.MonkeyPatch, batch_size: int) -> None:
    monkeypatch.setattr(ordered_map_module, "READ_AHEAD_BYTES", 1_000_000)
    monkeypatch.setattr(fingerprinter_module, "READ_AHEAD_BYTES", 1_000_000)
    drawn = itertools.count()

    def large() -> Iterator[Picture]:
        for number in range(40):
            next(drawn)
            yield Picture.of(str(number), picture(number).data + bytes(600_000))

    with opened(MeanColours(batch_size=batch_size), workers=4) as made:
        results = made.fingerprint(large())
        assert [each.path for each in itertools.islice(results, 5)] == list("01234")
        assert next(drawn) <= 5 + 6  # two being decoded, two batches of two
        assert len(list(results)) == 35


def test_memory_does_not_grow_with_the_number() -> None:
    data = file_of(drawing(0, (48, 32)))

    def measured(count: int) -> int:
        tracemalloc.reset_peak()
        files = (Picture(path=str(n), data=bytes(data), sha256="") for n in range(count))
        assert sum(1 for _ in made.fingerprint(files)) == count
        return tracemalloc.get_traced_memory()[1]

    with opened(MeanColours(batch_size=8)) as made:
        measured(50)
        tracemalloc.start()
        try:
            few, many = measured(100), measured(2000)
        finally:
            tracemalloc.stop()
    assert many < few + 1_000_000  # 1,900 results more are 2.2 MB


class BrokenSourceError(Exception):
    """What a source of pictures raises."""


@pytest.mark.parametrize("good", [0, 1, 30])
def test_error_in_the_source_propagates(good: int) -> None:
    def breaking() -> Iterator[Picture]:
        yield from (picture(n) for n in range(good))
        raise BrokenSourceError

    with nothing_left_behind(), opened(MeanColours()) as made:
        with pytest.raises(BrokenSourceError):
            list(made.fingerprint(breaking()))
        assert len(list(made.fingerprint([picture(0)]))) == 1


def test_error_in_the_embedder_propagates() -> None:
    class Breaking(MeanColours):
        def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
            raise EmbedderError(f"{len(pixels)} vectors are not finite")

    with (
        nothing_left_behind(),
        opened(Breaking()) as made,
        pytest.raises(EmbedderError, match="vectors are not finite"),
    ):
        list(made.fingerprint(picture(n) for n in range(30)))


def test_machine_that_cannot_start_processes_is_no_refusal() -> None:
    with opened(limits=Limits(decoder_memory_bytes=20 << 20)) as made:
        results = made.fingerprint([picture(0)])
        with pytest.raises(ScreeningError, match="cannot run a decoding process"):
            next(results)


def test_generator_closed_early_leaves_nothing() -> None:
    threads = threading.active_count()
    with nothing_left_behind():
        with opened(MeanColours()) as made:
            results = made.fingerprint(picture(n) for n in range(100))
            next(results)
            results.close()
            assert len(list(made.fingerprint([picture(1)]))) == 1
            abandoned = made.fingerprint(picture(n) for n in range(100))
            next(abandoned)
        abandoned.close()
    assert threading.active_count() == threads


def test_after_close_it_says_so() -> None:
    with opened(MeanColours()) as made:
        pass
    with pytest.raises(ScreeningError, match="closed already"):
        list(made.fingerprint([picture(0)]))


def test_used_by_several_threads_at_once(fingerprinter: Fingerprinter) -> None:
    def paths(first: int) -> list[str]:
        wanted = (picture(n) for n in range(first, first + 12))
        return [each.path for each in fingerprinter.fingerprint(wanted)]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(paths, [0, 100, 200, 300]))
    assert found == [[f"{n}.png" for n in range(first, first + 12)] for first in (0, 100, 200, 300)]


def test_warm_up_starts_the_processes() -> None:
    before = children()
    with opened(workers=2) as made:
        assert children() == before
        made.warm_up()
        assert len(children() - before) == 2
    assert children() == before


def test_digest_of_a_picture() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Picture.of("a", b"").sha256 == empty
