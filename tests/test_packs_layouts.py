"""Layouts: which pictures train, how often, as what, and under which captions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.packs import Layout, Role, TrainingImage, decode_text, recognise
from screening.packs.layouts.imagefolder import MAX_REMARKS, MAX_SENSELESS_LINES
from screening.packs.layouts.layout import MAX_REPEATS
from screening.packs.layouts.sd_scripts import concept_of
from screening.packs.layouts.stems import MAX_CAPTIONS


def image(layout: Layout, path: str) -> TrainingImage:
    (found,) = [each for each in layout.images if each.path == path]
    return found


def remarks(layout: Layout) -> list[tuple[str, str]]:
    return [(each.path, each.reason) for each in layout.unscreened]


@pytest.mark.parametrize("paths", [[], ["b.png"], ["b.png", "a/c.png"]])
def test_every_picture_is_given_in_its_order(paths: list[str]) -> None:
    layout = recognise(paths, {})
    assert [each.path for each in layout.images] == paths
    assert layout.trainer == "folder"


@pytest.mark.parametrize("text_path", ["d/a.txt", "d/a.caption", "d/A.TXT", "d/a.Caption"])
def test_a_text_of_the_same_name_is_the_caption(text_path: str) -> None:
    layout = recognise(["d/a.PNG", "a.png", "d/b.png"], {text_path: " a cat \n"})
    assert image(layout, "d/a.PNG").captions == ("a cat",)
    assert image(layout, "a.png").captions == ()
    assert image(layout, "d/b.png").captions == ()
    assert layout.other_texts == ()


def test_all_captions_of_a_picture_count() -> None:
    texts = {"a.txt": "one", "a.caption": "two", "A.txt": "one", "metadata.jsonl": ""}
    texts["metadata.jsonl"] = '{"file_name": "a.png", "text": "three"}'
    assert set(image(recognise(["a.png"], texts), "a.png").captions) == {"one", "two", "three"}


def test_texts_that_caption_nothing_are_named() -> None:
    texts = {"README.md": "x", "b.txt": "y", "a.txt": "z"}
    assert recognise(["a.png"], texts).other_texts == ("README.md", "b.txt")


def test_duplicates_of_an_archive_share_their_captions() -> None:
    layout = recognise(["x/a.png", "x/a.png//2"], {"x/a.txt": "one", "x/a.txt//2": "two"})
    for each in layout.images:
        assert each.captions == ("one", "two")


@pytest.mark.parametrize(
    ("folder", "concept"),
    [
        ("10_cat", (10, "cat")),
        ("1_a_b", (1, "a_b")),
        ("10", (10, "")),
        ("10_", (10, "")),
        (" 7 _x", (7, "x")),
        ("+3_x", (3, "x")),
        ("１２_x", (12, "x")),
        ("0_x", None),
        ("-1_x", None),
        ("cat", None),
        ("x_10", None),
        ("1.5_x", None),
        ("", None),
        ("10_cat.zip!", None),
        ("9" * 4000 + "_x", (MAX_REPEATS, "x")),
        ("9" * 5000 + "_x", None),
    ],
)
def test_repeats_and_class_tokens_are_read_as_sd_scripts_does(
    folder: str, concept: tuple[int, str] | None
) -> None:
    assert concept_of(folder) == concept


def test_sd_scripts_folders_at_any_depth() -> None:
    paths = ["img/10_medusa queen/a.png", "img/10_medusa queen/sub/b.png", "c.png",
             "x.zip!/2_dog/d.png"]  # fmt: skip
    layout = recognise(paths, {"img/10_medusa queen/a.txt": "words"})
    assert layout.trainer == "sd-scripts"
    assert [each.repeats for each in layout.images] == [10, 1, 1, 2]
    assert layout.class_tokens == ("medusa queen", "dog")
    assert image(layout, paths[0]).captions == ("words",)
    assert image(layout, paths[3]).captions == ("dog",)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("reg/1_girl/a.png", Role.REGULARISATION),
        ("x/Regularization/1_girl/a.png", Role.REGULARISATION),
        ("regularisation/1_girl/a.png", Role.REGULARISATION),
        ("reg/a.png", Role.TRAIN),
        ("reg/girl/a.png", Role.TRAIN),
        ("img/1_reg/a.png", Role.TRAIN),
        ("reg/x/1_girl/a.png", Role.TRAIN),
    ],
)
def test_regularisation_pictures_are_named(path: str, role: Role) -> None:
    assert image(recognise([path], {}), path).role is role


@pytest.mark.parametrize(
    ("picture", "caption", "matches"),
    [
        ("2_x/cat_1_2_3_4.png", "2_x/cat.caption", True),
        ("2_x/a_cat_1_2_3_4.png", "2_x/a_cat.txt", True),
        ("2_x/cat_1_2_3.png", "2_x/cat.caption", False),
        ("2_x/a_b_c_d.png", "2.caption", True),
        ("p/2_x/a_b_c.png", "p/2.caption", False),
        ("p/2_x/a_b_c_d.png", "p/2_x/a.caption", False),
        ("p/2_x/a_b_c_d.png", "p/2.caption", True),
        ("p/2_x/y_a_b_c_d.png", "p/2_x/y.caption", True),
        ("p_q/2_x/a_b_c.png", "p_q/2.caption", False),
        ("p_q/2_x/a_b_c.png", "p.caption", True),
        ("p_q/2_x/a_b_c_d.png", "p_q/2.caption", True),
        ("cat_1_2_3_4.png", "cat.caption", False),
    ],
)
def test_captions_of_detected_faces(picture: str, caption: str, matches: bool) -> None:
    # sd-scripts splits the whole path at "_", so that a folder's parts count as well.
    found = image(recognise([picture], {caption: "words"}), picture).captions
    assert ("words" in found) is matches


def test_metadata_gives_captions_and_counts_every_string() -> None:
    row = {"file_name": "a.png", "text": "one", "tags": ["two", {"x": "three"}], "n": 3, "o": None}
    layout = recognise(["d/a.png", "a.png"], {"d/metadata.jsonl": json.dumps(row)})
    assert layout.trainer == "imagefolder"
    assert image(layout, "d/a.png").captions == ("one", "two", "three")
    assert image(layout, "a.png").captions == ()
    assert layout.other_texts == ()
    assert remarks(layout) == []


@pytest.mark.parametrize(
    "row",
    [
        '{"file_name": "x/a.png", "text": "t"}',
        '{"file_name": "./x/y/../a.png", "text": "t"}',
        '{"file_name": "x\\\\a.png", "text": "t"}',
        '{"mask_file_name": "x/a.png", "text": "t"}',
        '{"file_names": ["x/a.png"], "text": "t"}',
        '{"views_file_names": ["x/a.png"], "text": "t"}',
        '{"nested": {"file_name": "x/a.png"}, "text": "t"}',
        '{"file_name": "x/a.png", "text": "", "text": "t"}',
        '{"text": "t", "file_name": "x/a.png"}\r',
        '\n\n{"text": "t", "file_name": "x/a.png"}',
    ],
)
def test_metadata_names_pictures_in_many_ways(row: str) -> None:
    layout = recognise(["x/a.png"], {"metadata.jsonl": row})
    assert image(layout, "x/a.png").captions == ("t",)
    assert remarks(layout) == []


def test_metadata_may_name_a_picture_beside_its_folder() -> None:
    texts = {"d/metadata.jsonl": '{"file_name": "../x/a.png", "text": "t"}'}
    assert image(recognise(["x/a.png"], texts), "x/a.png").captions == ("t",)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/etc/a.png", "outside the pack"),
        ("../a.png", "outside the pack"),
        ("C:\\a.png", "outside the pack"),
        ("\\\\server\\a.png", "outside the pack"),
        ("https://example.org/a.png", "not fetched"),
        ("hf://datasets/x/a.png", "not fetched"),
        ("missing.png", "no picture of the pack"),
        ("", "no picture of the pack"),
        ("A.png", "no picture of the pack"),
    ],
)
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_metadata_names_outside_the_pack_is_unscreened(
    name: str, told: str, form: str
) -> None:
    if form == "jsonl":
        text = "{}\n" + json.dumps({"file_name": name, "text": "t"})
    else:
        text = f'file_name,text\n"{name}",t'
    layout = recognise(["a.png"], {f"metadata.{form}": text})
    path, reason = remarks(layout)[-1]
    assert path == f"metadata.{form}"
    assert reason.startswith("line 2 ")
    assert told in reason
    assert image(layout, "a.png").captions == ()


def test_a_url_in_any_column_is_unscreened() -> None:
    row = '{"file_name": "a.png", "url": "https://example.org/b.png", "text": "see http://x.org"}'
    layout = recognise(["a.png"], {"metadata.jsonl": row})
    assert remarks(layout) == [
        ("metadata.jsonl", "line 1 refers to 'https://example.org/b.png', which is not fetched")
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nonsense", "is not JSON"),
        ("[1]", "is no JSON object"),
        ("3", "is no JSON object"),
        ("{}", "names no file"),
        ('{"file_name": 3}', "names no file"),
        ("[" * 100_000, "is not JSON"),
        ("9" * 10_000, "is not JSON"),
    ],
)
def test_lines_that_make_no_sense_are_named(line: str, told: str) -> None:
    good = '{"file_name": "a.png", "text": "t"}'
    layout = recognise(["a.png"], {"metadata.jsonl": f"{good}\n{line}\n{good}"})
    assert remarks(layout) == [("metadata.jsonl", f"line 2 {told}")]
    assert image(layout, "a.png").captions == ("t",)


def test_csv_metadata() -> None:
    text = 'file_name,text,artist\r\na.png,"one, ""two""\nthree",someone\r\n\r\nb.png,x\r\n'
    layout = recognise(["a.png", "b.png"], {"metadata.csv": text})
    assert image(layout, "a.png").captions == ('one, "two"\nthree', "someone")
    assert remarks(layout) == [("metadata.csv", "line 5 has 2 fields for 3 columns")]


def test_a_csv_field_beyond_the_limit_is_named() -> None:
    text = "file_name,text\na.png," + "x" * 200_000 + "\na.png,t"
    layout = recognise(["a.png"], {"metadata.csv": text})
    assert [reason[:18] for _, reason in remarks(layout)] == ["line 2 is not CSV "]
    assert image(layout, "a.png").captions == ("t",)


@pytest.mark.parametrize(("lines", "count"), [(0, 0), (1, 1), (MAX_REMARKS, MAX_REMARKS),
                                              (MAX_REMARKS + 5, MAX_REMARKS + 1)])  # fmt: skip
def test_remarks_are_limited_and_the_rest_counted(lines: int, count: int) -> None:
    layout = recognise([], {"metadata.jsonl": "x\n" * lines})
    assert len(layout.unscreened) == count
    if count > MAX_REMARKS:
        assert layout.unscreened[-1].reason == "5 more lines like these"


def test_a_metadata_file_of_nonsense_is_not_read_to_its_end() -> None:
    text = "x\n" * MAX_SENSELESS_LINES + '{"file_name": "a.png", "text": "t"}'
    layout = recognise(["a.png"], {"metadata.jsonl": text})
    assert image(layout, "a.png").captions == ()
    assert any("line 1,000 is not read" in each.reason for each in layout.unscreened)


def test_pictures_and_texts_of_one_name_do_not_multiply() -> None:
    images = [f"a.png//{number}" for number in range(2, 3000)]
    texts = {f"a.txt//{number}": f"text {number}" for number in range(2, 3000)}
    texts["metadata.jsonl"] = '{"file_name": "a.png", "text": "t"}\n' * 3000
    layout = recognise(images, texts)
    assert len(layout.images) == len(images)
    assert max(len(each.captions) for each in layout.images) == MAX_CAPTIONS + 1
    assert len(layout.other_texts) == len(texts) - MAX_CAPTIONS - 1


def test_a_folder_of_both_trainers_keeps_the_captions_of_both() -> None:
    texts = {
        "3_cat/metadata.csv": "file_name,text\na.png,from csv",
        "3_cat/a.txt": "from text",
    }
    layout = recognise(["3_cat/a.png"], texts)
    assert layout.trainer == "sd-scripts"
    assert layout.images == (
        TrainingImage(
            path="3_cat/a.png", captions=("from text", "from csv"), repeats=3, role=Role.TRAIN
        ),
    )


@given(
    paths=st.lists(st.text(min_size=1), unique=True, max_size=6),
    texts=st.dictionaries(
        st.one_of(st.text(), st.sampled_from(["metadata.jsonl", "a/metadata.csv"])), st.text()
    ),
)
def test_recognising_never_fails_and_never_loses_a_picture(
    paths: list[str], texts: dict[str, str]
) -> None:
    layout = recognise(paths, texts)
    assert [each.path for each in layout.images] == paths
    assert all(1 <= each.repeats <= MAX_REPEATS for each in layout.images)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"plain", "plain"),
        ("\ufeffété".encode(), "été"),
        ("猫".encode("utf-16"), "猫"),
        ("\ufeff猫".encode("utf-16-be"), "猫"),
        (b"caf\xe9 cat", "caf\ufffd cat"),
        (b"\xff\xfea", "\ufffd"),
    ],
)
def test_text_is_decoded_and_never_lost(data: bytes, text: str) -> None:
    assert decode_text(data) == text
