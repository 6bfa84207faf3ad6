"""The kohya family: captions of sd-scripts, the window of kohya_ss, musubi-tuner's sections."""

import json
from pathlib import Path
from typing import Any

import pytest
from layout_samples import layout_of, loaded, reasons, write_picture

from screening.packs import Role, open_arguments, open_pack, recognise
from screening.packs.layouts.kohya_ss import parsed_parameters
from screening.packs.layouts.sd_scripts_captions import MAX_VARIANTS, CaptionRule


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        (CaptionRule(), "one\ntwo", ("one",)),
        (CaptionRule(), "", ("",)),
        (CaptionRule(prefix="a,", suffix=", z"), " one \n", ("a, one , z",)),
        (CaptionRule(wildcard=True), "one\n\n two \n", ("one", "two")),
        (CaptionRule(wildcard=True), "me{dusa|lon} {{x}}", ("medusa {x}", "melon {x}")),
        (CaptionRule(wildcard=True), "{a|b} {c|d}", ("a c", "a d", "b c", "b d")),
        (CaptionRule(wildcard=False), "{a|b}", ("{a|b}",)),
        (CaptionRule(secondary_separator=";;"), "a;;b, c", ("a,b, c",)),
        (
            CaptionRule(keep_tokens_separator="|||"),
            "a, ||| b, c ||| d",
            ("a, b, c, d", "a, ||| b, c ||| d"),
        ),
    ],
)
def test_captions_of_sd_scripts(rule: CaptionRule, text: str, expected: tuple[str, ...]) -> None:
    assert rule.of_file(text) == expected


def test_wildcards_do_not_multiply() -> None:
    found = CaptionRule(wildcard=True).of_file(" ".join(["{a|b|c}"] * 100) + "\nlast")
    assert len(found) == MAX_VARIANTS


@pytest.mark.parametrize(
    ("text", "arguments", "trouble"),
    [
        ("", {}, ""),
        ("--a b --c --d=e f", {"a": "b", "c": True, "d": "e"}, ""),
        ("--a 'b c'", {"a": "b c"}, ""),
        ("lone", {}, ""),
        ("--a 'b", {}, "no command line"),
    ],
)
def test_parameters_of_the_window(text: str, arguments: dict[str, Any], trouble: str) -> None:
    found, told = parsed_parameters(text)
    assert found == arguments
    assert trouble in told
    assert bool(trouble) is bool(told)


@pytest.mark.parametrize(
    ("trained", "regular", "expected"),
    [
        ({"2_x": 3}, {"1_y": 1}, [6]),
        ({"2_x": 3}, {"1_y": 4}, [2, 2, 1, 1]),
        ({"2_x": 1}, {"1_y": 2}, [1, 1]),
        ({"1_x": 1}, {"5_y": 1}, [5]),
        ({}, {"5_y": 1}, [5]),
    ],
)
def test_regularisation_pictures_come_as_often_as_the_others(
    trained: dict[str, int], regular: dict[str, int], expected: list[int]
) -> None:
    paths = [f"img/{name}/{n}.png" for name, count in trained.items() for n in range(count)]
    others = [f"reg/{name}/{n}.png" for name, count in regular.items() for n in range(count)]
    layout = recognise(paths + others, {})
    assert [each.repeats for each in layout.images if each.path in others] == expected


def test_videos_and_their_controls_have_roles() -> None:
    """Videos of a folder and of lines, a control that is a folder of frames."""
    document = {
        "general": {"caption_extension": ".txt", "num_repeats": 2},
        "datasets": [
            {"video_directory": "clips", "control_directory": "controls", "target_frames": [1, 25]},
            {"video_jsonl_file": "lines.jsonl", "num_repeats": 3},
        ],
    }
    lines = [
        {"video_path": "more/c.mp4", "caption": "three", "control_path": "frames/c"},
        {"video_path": "more/c.mp4", "caption": "again"},
    ]
    videos = ["clips/a.mp4", "clips/b.txt", "more/c.mp4", "controls/a.mp4"]
    images = [*videos, "clips/still.png", "frames/c/0.png"]
    texts = {
        "dataset.json": json.dumps(document),
        "lines.jsonl": "\n".join(json.dumps(line) for line in lines),
        "clips/a.txt": "one\ntwo",
    }
    layout = recognise(images, texts, videos=videos)
    assert layout.trainer == "musubi-tuner"
    assert layout.unscreened == ()
    found = {each.path: each for each in layout.images}
    assert {path: (each.role, each.repeats) for path, each in found.items() if each.loaded} == {
        "clips/a.mp4": (Role.VIDEO, 2),
        "more/c.mp4": (Role.VIDEO, 6),
        "controls/a.mp4": (Role.CONTROL, 2),
        "frames/c/0.png": (Role.CONTROL, 3),
    }
    assert found["clips/a.mp4"].captions == ("one\ntwo",)
    assert found["more/c.mp4"].captions == ("three", "again")


def test_further_targets_are_loaded_without_a_caption() -> None:
    images = ["img/a.png", "img/a_0.png", "img/a_1.png"]
    for targets, expected in ((True, set(images)), (False, {"img/a.png"})):
        dataset = {
            "image_directory": "img",
            "multiple_target": targets,
            "caption_extension": ".txt",
        }
        texts = {"c.json": json.dumps({"datasets": [dataset]}), "img/a.txt": "x"}
        assert loaded(recognise(images, texts)) == expected


@pytest.mark.parametrize(
    ("dataset", "told"),
    [
        ({"image_directory": "gone"}, "'gone', which is not in the pack"),
        ({"image_jsonl_file": "gone.jsonl"}, "a file that cannot be read"),
        (
            {"image_jsonl_file": "odd.jsonl"},
            "datasets[0].image_jsonl_file line 1 is no JSON object",
        ),
        ({"image_jsonl_file": "odd.jsonl"}, "line 2 names no picture or video"),
        ({"image_jsonl_file": "odd.jsonl"}, "has no path in datasets[0].image_jsonl_file line 3"),
        ({"image_jsonl_file": "odd.jsonl"}, "'/etc/a.png', which is outside the pack"),
        ({"image_directory": "img", "pickle_file": "x"}, "pickle_file', a key that is not known"),
        ({"image_directory": "img", "control_directory": 3}, "no text as datasets[0].control_dir"),
    ],
)
def test_what_musubi_cannot_be_given_is_named(dataset: dict[str, Any], told: str) -> None:
    lines = '[]\n{"caption": "x"}\n{"image_path": 3}\n{"image_path": "/etc/a.png"}'
    texts = {"c.json": json.dumps({"datasets": [dataset]}), "odd.jsonl": lines}
    layout = recognise(["img/a.png"], texts)
    assert layout.trainer == "musubi-tuner"
    assert told in reasons(layout)


def test_lines_without_a_config_are_read_within_the_pack() -> None:
    lines = [
        {"image_path": "img/a.png", "caption": "one"},
        {"image_path": "/data/b.png", "caption": "two"},
        {"image_path": "img/a.png", "control_path": "https://example.org/c.png"},
    ]
    texts = {"lines.jsonl": "\n".join(json.dumps(line) for line in lines)}
    texts |= {"chat.jsonl": '{"role": "user"}', "broken.jsonl": "{"}
    layout = recognise(["img/a.png"], texts)
    assert layout.images[0].captions == ("one",)
    assert {each.path for each in layout.unscreened} == {"lines.jsonl"}
    assert "'/data/b.png', which is outside the pack" in reasons(layout)
    assert "'https://example.org/c.png', which is not fetched" in reasons(layout)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"LoRA_type": "x", "image_folder": "img"}, "names no train_data_dir"),
        ({"LoRA_type": "x", "train_data_dir": ""}, "names no train_data_dir"),
        ({"LoRA_type": "x", "additional_parameters": "--a 'b"}, "no command line"),
        ({"LoRA_type": "x", "train_data_dir": "img", "image_folder": "x"}, "may name data"),
        ({"train_data_dir": "img", "val_data_dir": "x"}, "'val_data_dir', a key that is not known"),
        ({"train_data_dir": "img", "output_dir": "x", "val_data_dir": ""}, ""),
        ({"train_data_dir": 3}, "has no text as train_data_dir"),
    ],
)
def test_what_the_window_and_arguments_leave_open_is_named(
    document: dict[str, Any], told: str, tmp_path: Path
) -> None:
    write_picture(tmp_path / "img" / "3_cat" / "a.png")
    (tmp_path / "c.json").write_text(json.dumps(document))
    layout = layout_of(open_pack(tmp_path / "c.json", working_folder=tmp_path))
    assert told in reasons(layout)
    assert bool(told) is bool(layout.unscreened)


def test_its_command_line_names_its_config(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "a.png")
    (tmp_path / "c.toml").write_text("[[datasets]]\nimage_directory = 'img'")
    arguments = {"dataset_config": "c.toml", "dit": "model.safetensors"}
    pack = open_arguments(arguments, trainer="musubi", working_folder=tmp_path)
    layout = layout_of(pack)
    assert (layout.trainer, loaded(layout)) == ("musubi-tuner", {"img/a.png"})
    assert layout.unscreened == ()
    (tmp_path / "c.toml").write_text("[[datasets")
    told = reasons(layout_of(pack))
    assert "names a dataset_config of which nothing is known: it is no TOML" in told
