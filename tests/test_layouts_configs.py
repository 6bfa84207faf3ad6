"""Configs of trainers: what the operator's may name, and what one found in a pack may not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layout_samples import layout_of, loaded, reasons, write_config, write_picture
from pack_samples import by_path, picture

from screening.errors import PackError, SettingsError
from screening.packs import Member, open_arguments, open_pack, recognise
from screening.packs.layouts import LAYOUTS, Config, plans, trainer_named
from screening.packs.layouts.places import DiskPlaces
from screening.packs.layouts.plan import MAX_TROUBLES
from screening.settings import Limits

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
WORDS = (
    "general datasets subsets image_dir metadata_file conditioning_data_dir num_repeats "
    "class_tokens caption_extension is_reg cache_info enable_wildcard image_directory "
    "video_directory in_json image_jsonl_file control_directory cache_directory train_data_dir "
    "reg_data_dir dataset_config LoRA_type additional_parameters dataset_class sample_prompts"
)
KEYS = st.sampled_from(WORDS.split())
documents = st.recursive(
    scalars | st.sampled_from([".", "a", "../a", "/a", "http://x", "m.json", "m.jsonl"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(document=documents, path=st.sampled_from(["c.json", "d/metadata_cache.json"]))
def test_no_document_makes_a_reader_fail(document: Any, path: str) -> None:
    texts = {"m.json": '{"a.png": 3, "b": {}}', "m.jsonl": '{"image_path": 1}\n[]\n{"caption": 2}'}
    texts[path] = json.dumps(document)
    layout = recognise(["a/1_x/a.png", "a.png"], texts)
    assert len(layout.images) == 2
    for trusted in (True, False):
        plans(Config(path=path, document=json.loads(texts[path]), trusted=trusted))


# The operator's config


def test_a_config_that_is_not_understood_is_unscreened(tmp_path: Path) -> None:
    for name, text, told in (
        ("a.toml", "a = ", "is no TOML"),
        ("b.toml", "learning_rate = 1", "no config that any known trainer reads"),
        ("c.json", "[]", "no config that any known trainer reads"),
        ("d.yaml", "", "no config that any known trainer reads"),
        (
            "e.json",
            '{"datasets": [{"subsets": 3}]}',
            "has no list of tables as datasets[0].subsets",
        ),
        ("f.json", '{"datasets": [{"subsets": [3]}]}', "has no table as datasets[0].subsets[0]"),
        ("g.json", '{"datasets": [3, {"subsets": [{}]}]}', "has no table as datasets[0]"),
    ):
        (tmp_path / name).write_text(text)
        layout = layout_of(open_pack(tmp_path / name))
        assert told in reasons(layout), name
        assert {each.path for each in layout.unscreened} == {name}


def test_a_config_that_is_no_text_is_unscreened(tmp_path: Path) -> None:
    for data in (b"", b"\0\1\2", picture()):
        (tmp_path / "a.json").write_bytes(data)
        layout = layout_of(open_pack(tmp_path / "a.json"))
        assert "any known trainer" in reasons(layout)


def test_the_config_is_a_member_and_paths_are_unique(tmp_path: Path) -> None:
    for place in ("one/img", "two/img", "one/img/nested"):
        write_picture(tmp_path / "data" / place / "a.png")
    config = write_config(
        tmp_path,
        {"image_dir": str(tmp_path / "data" / "one" / "img")},
        {"image_dir": "data/two/img"},
        {"image_dir": str(tmp_path / "data" / "one" / "img" / "nested")},
    )
    found = by_path(open_pack(config).read())
    assert set(found) == {
        "dataset.json",
        "data/one/img/a.png",
        "data/one/img/nested/a.png",
        "data/two/img/a.png",
    }
    layout = layout_of(open_pack(config))
    assert loaded(layout) == set(found) - {"dataset.json"}


def test_relative_folders_are_those_of_the_working_folder_and_of_the_config(tmp_path: Path) -> None:
    write_picture(tmp_path / "run" / "img" / "a.png", 1)
    write_picture(tmp_path / "configs" / "img" / "b.png", 2)
    config = write_config(tmp_path / "configs", {"image_dir": "img"})
    layout = layout_of(open_pack(config, working_folder=tmp_path / "run"))
    assert loaded(layout) == {"run/img/a.png", "configs/img/b.png"}
    assert layout.unscreened == ()


def test_what_the_trainer_leaves_out_is_read_and_marked(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    for name in (".hidden.png", "sub/b.png", "c.gif", "d.Png", "e"):
        write_picture(tmp_path / "img" / name)
    layout = layout_of(open_pack(write_config(tmp_path, {"image_dir": str(tmp_path / "img")})))
    assert len(layout.images) == 6
    assert loaded(layout) == {"img/a.png"}


@pytest.mark.parametrize(
    ("subset", "told"),
    [
        ({"image_dir": "/nowhere/at all"}, "'/nowhere/at all', which is not there"),
        ({"image_dir": "https://example.org/a"}, "which is not fetched"),
        ({"image_dir": "s3://bucket/a"}, "which is not fetched"),
        ({"image_dir": 3}, "has no text as datasets[0].subsets[0].image_dir"),
        ({"image_dir": ["img"]}, "has no text as datasets[0].subsets[0].image_dir"),
        ({}, "has no datasets[0].subsets[0].image_dir"),
        ({"image_dir": "img", "image_dir_2": "x"}, "image_dir_2', a key that is not known"),
        ({"image_dir": "img", "conditioning_data_dir": "x"}, "conditioning_data_dir refers to 'x'"),
        ({"metadata_file": "gone.json"}, "a file that cannot be read"),
        ({"metadata_file": "broken.json"}, "of which not all can be read: it is no JSON"),
        ({"metadata_file": "list.json"}, "is no table of pictures"),
        ({"metadata_file": "lines.jsonl"}, "is no JSON in line 2"),
        ({"metadata_file": "pathless.jsonl"}, "names no picture in line 1"),
        ({"image_dir": "img", "num_repeats": "x"}, "has no number as datasets[0].subsets[0].num"),
    ],
)
def test_what_cannot_be_read_is_named(subset: dict[str, Any], told: str, tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "lines.jsonl").write_text('{"image_path": "img/a.png"}\n{')
    (tmp_path / "pathless.jsonl").write_text('{"image_path": 3}')
    layout = layout_of(open_pack(write_config(tmp_path, subset), working_folder=tmp_path))
    assert layout.trainer == "sd-scripts"
    assert told in reasons(layout)


def test_a_key_that_names_nothing_needs_not_be_known(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    config = write_config(tmp_path, {"image_dir": "img", "new_flag": True, "new_number": 0.5})
    assert layout_of(open_pack(config)).unscreened == ()


def test_troubles_are_limited_and_the_rest_is_counted(tmp_path: Path) -> None:
    entries = {f"{number}.png": {"caption": "x"} for number in range(MAX_TROUBLES + 5)}
    (tmp_path / "meta.json").write_text(json.dumps(entries))
    config = write_config(tmp_path, {"metadata_file": "meta.json", "image_dir": "."})
    layout = layout_of(open_pack(config, working_folder=tmp_path))
    assert len(layout.unscreened) == MAX_TROUBLES + 1
    assert layout.unscreened[-1].reason == "has 5 more places like these"


def test_a_folder_may_be_the_whole_disk_and_the_limits_hold(tmp_path: Path) -> None:
    config = write_config(tmp_path, {"image_dir": "/"})
    results = list(open_pack(config, limits=Limits(max_members=5)).read())
    assert len(results) <= 7
    assert "max_members" in results[-1].reason  # type: ignore[union-attr]


def test_pipes_and_devices_are_no_data(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    layout = layout_of(open_pack(write_config(tmp_path, {"image_dir": str(tmp_path / "pipe")})))
    assert "which is not there" in reasons(layout)
    layout = layout_of(open_pack(write_config(tmp_path, {"image_dir": "/dev/zero"})))
    assert "which is not there" in reasons(layout)


def test_links_that_the_config_names_are_followed_and_those_in_folders_are_not(
    tmp_path: Path,
) -> None:
    write_picture(tmp_path / "real" / "a.png")
    write_picture(tmp_path / "other.png")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "b.png").symlink_to(tmp_path / "other.png")
    found = by_path(open_pack(write_config(tmp_path, {"image_dir": str(tmp_path / "link")})).read())
    assert isinstance(found["real/a.png"], Member)
    assert "link" in found["real/b.png"].reason  # type: ignore[union-attr]


def test_a_config_within_its_own_folder_is_read_once(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    config = write_config(tmp_path, {"image_dir": str(tmp_path)})
    found = by_path(open_pack(config).read())
    assert set(found) == {f"{tmp_path.name}/a.png", f"{tmp_path.name}/dataset.json"}
    assert layout_of(open_pack(config)).unscreened == ()


def test_arguments_are_a_member_and_follow_the_working_folder(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "3_cat" / "a.png")
    arguments = {"train_data_dir": "img", "output": Path("x")}
    pack = open_arguments(arguments, trainer="sd-scripts", working_folder=tmp_path)
    found = by_path(pack.read())
    assert set(found) == {"arguments.json", "img/3_cat/a.png"}
    assert layout_of(pack).images[0].repeats == 3
    pack = open_arguments({"lr": 1}, trainer="sd-scripts", working_folder=tmp_path)
    assert "no config that sd-scripts reads" in reasons(layout_of(pack))


def test_code_that_loads_the_data_is_not_trusted(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "3_cat" / "a.png")
    arguments = {"train_data_dir": "img", "dataset_class": "evil.Dataset"}
    pack = open_arguments(arguments, trainer="sd-scripts", working_folder=tmp_path)
    assert "lets Python code load the data ('evil.Dataset')" in reasons(layout_of(pack))


# Configs found in a pack


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("/data/img", "'/data/img', which is outside the pack"),
        ("../img", "'../img', which is outside the pack"),
        ("C:\\img", "which is outside the pack"),
        ("~/img", "which is outside the pack"),
        ("https://x.org/a", "which is not fetched"),
        ("gone", "'gone', which is not in the pack"),
    ],
)
def test_a_config_in_a_pack_names_nothing_outside(place: str, told: str, tmp_path: Path) -> None:
    write_picture(tmp_path / "pack" / "a.png")
    write_picture(tmp_path / "img" / "secret.png")
    write_config(tmp_path / "pack", {"image_dir": place})
    layout = layout_of(open_pack(tmp_path / "pack"))
    assert told in reasons(layout)
    assert [each.path for each in layout.images] == ["a.png"]


def test_a_config_in_a_pack_is_read_within_it(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    write_picture(tmp_path / "b.png")
    (tmp_path / "img" / "a.txt").write_text("words")
    (tmp_path / "configs").mkdir()
    subset = {"image_dir": "img", "num_repeats": 4, "caption_extension": ".txt"}
    write_config(tmp_path / "configs", subset)
    layout = layout_of(open_pack(tmp_path))
    assert layout.trainer == "sd-scripts"
    assert layout.unscreened == ()
    assert loaded(layout) == {"img/a.png"}
    (found,) = (each for each in layout.images if each.loaded)
    assert (found.repeats, found.captions) == (4, ("words",))


def test_a_config_in_a_pack_cannot_lessen_repeats(tmp_path: Path) -> None:
    write_picture(tmp_path / "10_cat" / "a.png")
    write_config(tmp_path, {"image_dir": "10_cat", "num_repeats": 1})
    assert layout_of(open_pack(tmp_path)).images[0].repeats == 10


def test_broken_configs_in_a_pack_are_unscreened(tmp_path: Path) -> None:
    (tmp_path / "dataset.toml").write_text("[[datasets")
    layout = layout_of(open_pack(tmp_path))
    assert [each.path for each in layout.unscreened] == ["dataset.toml"]


def test_texts_of_other_purposes_are_no_configs(tmp_path: Path) -> None:
    (tmp_path / "tags.json").write_text('{"12": {"tags": "a cat"}, "datasets": "none"}')
    (tmp_path / "notes.yaml").write_text("title: my pack")
    (tmp_path / "poetry.toml").write_text("[tool]\nname = 'x'")
    layout = layout_of(open_pack(tmp_path))
    assert (layout.trainer, layout.unscreened) == ("folder", ())


def test_cached_paths_outside_the_pack_are_named(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    entries = {"a.png": {"caption": "one"}, "/other/b.png": {"caption": "two"}}
    (tmp_path / "metadata_cache.json").write_text(json.dumps(entries))
    layout = layout_of(open_pack(tmp_path))
    assert layout.images[0].captions == ("one",)
    assert reasons(layout) == "an entry refers to '/other/b.png', which is outside the pack"


def test_a_config_that_names_all_pictures_over_and_over_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screening.packs.layouts.layout.LEAST_PICTURES_AGAIN", 500)
    images = [f"d/{number}.png" for number in range(200)]
    datasets = [{"subsets": [{"image_dir": "d"}]}] * 10_000
    layout = recognise(images, {"a.json": json.dumps({"datasets": datasets})})
    assert reasons(layout) == "names the pictures of the pack too often to be read further"
    assert len(layout.images) == len(images)


def test_a_config_that_names_a_long_file_over_and_over_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screening.packs.layouts.listing.MAX_NAMED_CHARACTERS", 100)
    subset = {"metadata_file": "m.json", "image_dir": "."}
    for times, ended in ((1, False), (30, True)):
        texts = {
            "a.json": json.dumps({"datasets": [{"subsets": [subset]}] * times}),
            "m.json": '{"a.png": {"caption": "x"}}',
        }
        assert ("a file that cannot be read" in reasons(recognise(["a.png"], texts))) is ended


# Who trains
def test_the_operator_names_the_trainer(tmp_path: Path) -> None:
    write_picture(tmp_path / "10_cat" / "a.png")
    assert layout_of(open_pack(tmp_path)).trainer == "sd-scripts"
    assert layout_of(open_pack(tmp_path, trainer="folder")).trainer == "folder"
    assert layout_of(open_pack(tmp_path, trainer="Kohya")).trainer == "sd-scripts"


def test_an_unknown_trainer_is_told_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no trainer 'x'; those that are known: .*sd-scripts"):
        open_pack(tmp_path, trainer="x")
    with pytest.raises(PackError):
        open_pack(tmp_path / "gone.toml", trainer="kohya")


def test_every_trainer_has_a_name_of_its_own() -> None:
    names = [layout.trainer for layout in LAYOUTS]
    assert len(set(names)) == len(names)
    assert [trainer_named(name) for name in names] == names
    assert trainer_named("") == ""


@pytest.mark.parametrize(
    "parameters", ["--config_file evil.toml", "--conf evil.toml", "--train_d=e"]
)
def test_additional_parameters_of_the_window_hide_no_data(tmp_path: Path, parameters: str) -> None:
    """They stand last on the command line of sd-scripts, which takes abbreviations."""
    write_picture(tmp_path / "img" / "3_cat" / "a.png")
    document = {"LoRA_type": "Standard", "train_data_dir": "img"}
    config = tmp_path / "window.json"
    config.write_text(json.dumps(document))
    assert layout_of(open_pack(config)).unscreened == ()
    config.write_text(json.dumps({**document, "additional_parameters": parameters}))
    assert "in additional_parameters, which may name data" in reasons(layout_of(open_pack(config)))


def test_a_file_too_long_to_be_read_is_not_replaced_by_another_of_its_name(tmp_path: Path) -> None:
    """The trainer looks in its working folder alone."""
    for folder, size in ((tmp_path, 2000), (tmp_path / "pack", 10)):
        write_picture(folder / "pack" / "a.png")
        (folder / "pack" / "meta.json").write_text("{}" + " " * size)
    places = DiskPlaces((tmp_path, tmp_path / "pack"), max_text_bytes=1000)
    assert places.text("c.toml", "pack/meta.json") is None
