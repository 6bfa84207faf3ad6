"""Fingerprints in Parquet files: what is written is read again."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_embedder import MeanColours
from fingerprint_samples import MAKERS, OUTPUTS, fingerprint, keypoints, picture, plain, read, write
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import animation, drawing, file_of

from screening import keypoints as keypoints_module
from screening.errors import ScreeningError
from screening.fingerprints import Fingerprint, Fingerprinter, Maker, PictureFingerprints
from screening.fingerprints import table as table_module
from screening.fingerprints.fingerprinter import Picture
from screening.fingerprints.table import SCHEMA, FingerprintWriter, read_fingerprints
from screening.hashes import Hashes
from screening.images.view import Variant, View
from screening.settings import Limits

other_views = st.builds(View, frame=st.integers(1, 40), variant=st.sampled_from(list(Variant)))
pictures = st.builds(
    lambda path, digest, kinds: picture(
        fingerprint(99),
        *(fingerprint(number, *kind) for number, kind in enumerate(kinds)),
        path=path,
        sha256=digest,
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.just("the same file"),
    st.sampled_from(["00" * 32, "ff" * 32]),
    st.lists(st.tuples(other_views, st.booleans()), max_size=4, unique=True),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(pictures, max_size=6))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, given: list) -> None:
    """Also of the same file several times in a row."""
    path = write(tmp_path_factory.mktemp("table") / "a.parquet", *given)
    assert read_fingerprints(path)[0] == MAKERS
    assert plain(read(path)) == plain(given)


@settings(max_examples=20, deadline=None)
@given(st.lists(pictures, max_size=6))
def test_one_row_a_picture(tmp_path_factory: pytest.TempPathFactory, given: list) -> None:
    path = tmp_path_factory.mktemp("table") / "a.parquet"
    write(path, *given, all_views=False)
    assert pq.read_metadata(path).num_rows == len(given)
    first_views = [picture(each.shown, path=each.path, sha256=each.sha256) for each in given]
    assert plain(read(path)) == plain(first_views)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_rows(tmp_path: Path, count: int) -> None:
    path = write(tmp_path / "a.parquet", *[picture(path=f"{n}.png") for n in range(count)])
    assert [each.path for each in read(path)] == [f"{n}.png" for n in range(count)]


def test_columns_are_as_documented(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", picture(), extra=("character",))
    schema = pq.read_schema(path)
    assert schema.names == [
        "path",
        "sha256",
        "width_px",
        "height_px",
        "frame",
        "variant",
        "mirrored",
        "phash",
        "phash_mirrored",
        "contrast",
        "character",
        "fake.copy",
        "fake.identity",
    ]
    assert schema.field("phash").type == schema.field("phash_mirrored").type == pa.binary(32)
    assert schema.field("fake.copy").type == pa.list_(pa.float32(), 3)
    assert schema.field("fake.identity").type == pa.list_(pa.float32(), 2)
    assert json.loads(schema.metadata[b"screening"]) == {
        "schema": SCHEMA,
        "makers": [["phash-256", "1"], ["fake", "1 fp32"]],
        "outputs": ["fake.copy", "fake.identity"],
    }


def test_fingerprints_of_real_pictures(tmp_path: Path) -> None:
    embedder = MeanColours()
    files = [Picture.of("a.png", file_of(drawing(1)))]
    files.append(Picture.of("film.gif", animation([drawing(2), drawing(3)])))
    with Fingerprinter([embedder], limits=Limits(), workers=1, mirrored=True) as maker:
        made = [each for each in maker.fingerprint(files) if isinstance(each, PictureFingerprints)]
        path = write(tmp_path / "a.parquet", *made, makers=maker.makers, outputs=embedder.outputs)
        assert read_fingerprints(path)[0] == maker.makers
    back = read(path)
    assert [len(each.fingerprints) for each in back] == [2, 4]
    for one, other in zip(made, back, strict=True):
        for mine, kept in zip(one.fingerprints, other.fingerprints, strict=True):
            assert (mine.view, mine.mirrored) == (kept.view, kept.mirrored)
            assert mine.hashes.phash == kept.hashes.phash
            assert mine.hashes.contrast == pytest.approx(kept.hashes.contrast)
            assert np.array_equal(mine.vectors["fake.colours"], kept.vectors["fake.colours"])


def test_extra_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    names = ("character", "time_code")
    with FingerprintWriter(path, makers=MAKERS, outputs=OUTPUTS, extra=names) as writer:
        writer.write(picture(fingerprint(), fingerprint(mirrored=True)), character="medusa")
        writer.write(picture(path="b"), character="x\udcff", time_code="00:00:01.000")
    _, ((_, first), (_, second)) = read_fingerprints(path)
    assert first == {"character": "medusa", "time_code": ""}
    assert second == {"character": "x\\xff", "time_code": "00:00:01.000"}


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", picture(path="caf\udce9\ud800.png"))
    assert read(path)[0].path == "caf\\xe9\\ud800.png"


def test_rows_of_several_groups_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_module, "ROWS_A_GROUP", 4)
    views = [fingerprint(n, View(frame=n)) for n in range(3)]
    path = write(tmp_path / "a.parquet", *[picture(*views, path=str(n)) for n in range(9)])
    assert pq.read_metadata(path).num_row_groups == 5
    assert [(each.path, len(each.fingerprints)) for each in read(path)] == [
        (str(n), 3) for n in range(9)
    ]


def test_unfinished_file_never_stands_under_the_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", picture(path="old"))
    with (
        pytest.raises(KeyError),
        FingerprintWriter(path, makers=MAKERS, outputs=OUTPUTS) as writer,
    ):
        writer.write(picture(path="new"))
        assert [each.path for each in read(path)] == ["old"]
        raise KeyError
    assert [each.path for each in read(path)] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_file_appears_when_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "a.parquet"
    with FingerprintWriter(path, makers=MAKERS, outputs=OUTPUTS) as writer:
        writer.write(picture())
        assert not path.exists()
    assert list(path.parent.iterdir()) == [path]


def test_row_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    """Found only when the rows are written, at the end of the block."""
    short = fingerprint()
    short = Fingerprint(
        view=short.view,
        mirrored=False,
        hashes=Hashes(phash=b"short", phash_mirrored=bytes(32), contrast=0.0),
        vectors=short.vectors,
    )
    with pytest.raises(pa.ArrowException):
        write(tmp_path / "a.parquet", picture(short))
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ScreeningError, match=r"a\.parquet: cannot be written"):
        write(tmp_path / "file" / "a.parquet", picture())


def test_name_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").mkdir()
    with pytest.raises(ScreeningError, match=r"a\.parquet: cannot be written"):
        write(tmp_path / "a.parquet", picture())
    assert list(tmp_path.iterdir()) == [tmp_path / "a.parquet"]


def test_two_writers_of_one_name(tmp_path: Path) -> None:
    """The last to finish wins; neither sees the other's unfinished file."""
    path = tmp_path / "a.parquet"
    inside = threading.Barrier(2)

    def written(name: str) -> None:
        with FingerprintWriter(path, makers=MAKERS, outputs=OUTPUTS) as writer:
            inside.wait(timeout=30)
            writer.write(picture(path=name))

    threads = [threading.Thread(target=written, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read(path)[0].path in {"one", "other"}
    assert list(tmp_path.iterdir()) == [path]


def test_keypoints_are_kept_where_their_maker_is_named(tmp_path: Path) -> None:
    maker = Maker(name=keypoints_module.NAME, version=keypoints_module.VERSION)
    given = [keypoints(3), None, keypoints(0), keypoints(500)]
    pictures = [
        picture(replace(fingerprint(), keypoints=each), path=str(number))
        for number, each in enumerate(given)
    ]
    path = write(tmp_path / "a.parquet", *pictures, makers=(*MAKERS, maker))
    for each, expected in zip(read(path), given, strict=True):
        kept = each.shown.keypoints
        if expected is None:
            assert kept is None
        else:
            assert kept is not None
            assert (kept.width_px, kept.height_px) == (480, 360)
            for name in ("points", "octaves", "turns", "descriptors"):
                found, wanted = getattr(kept, name), getattr(expected, name)
                assert np.array_equal(found, wanted)
                assert found.dtype == wanted.dtype
