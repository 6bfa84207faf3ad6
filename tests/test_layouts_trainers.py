"""What configs of ai-toolkit, diffusers, OneTrainer, SimpleTuner, diffusion-pipe and services say
beyond the pictures that they name: remote data, places outside, keys nobody knows, hostile values.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layout_samples import layout_of, loaded, reasons, write_picture

from screening.packs import Layout, Role, Unscreened, open_arguments, open_pack, recognise
from screening.packs.layouts import LAYOUTS, Config, plans
from screening.packs.layouts.ai_toolkit_job import MAX_TRIGGER_CHARACTERS, Captions
from screening.packs.layouts.diffusers_arguments import MAX_COMMANDS, arguments_of, commands

IMAGES = ("a/x.png", "b/y.png", "c/z.png")


def job(*datasets: Any, **process: Any) -> dict[str, Any]:
    return {
        "job": "extension",
        "config": {"name": "n", "process": [{"type": "t", "datasets": list(datasets), **process}]},
    }


def in_pack(document: Any, *, name: str = "c.json", texts: dict[str, str] | None = None) -> Layout:
    """The layout of a pack of three pictures and a config."""
    return recognise(IMAGES, {name: json.dumps(document), **(texts or {})})


CONCEPT = {"include_subdirectories": True, "text": {"prompt_source": "sample"}}
BACKEND = {"id": "one", "type": "local", "caption_strategy": "textfile"}

CONFIGS_NAMING_A: list[tuple[str, str, Any]] = [
    ("ai-toolkit", "c.json", job({"folder_path": "a"})),
    ("OneTrainer", "c.json", [{"path": "a", **CONCEPT}]),
    ("OneTrainer", "c.json", {"concepts": [{"path": "a", **CONCEPT}], "training_method": "LORA"}),
    ("SimpleTuner", "c.json", [{"instance_data_dir": "a", **BACKEND}]),
    ("diffusion-pipe", "c.json", {"directory": [{"path": "a"}], "skip_empty_caption": False}),
    ("diffusers", "c.json", {"instance_data_dir": "a", "instance_prompt": "p"}),
    ("diffusers", "c.json", {"train_data_dir": "a", "caption_column": "text"}),
    ("cloneofsimo", "c.json", {"instance_data_dir": "a", "placeholder_tokens": "s"}),
    ("replicate", "c.json", {"input": {"input_images": "a", "trigger_word": "TOK"}}),
]

every_config = pytest.mark.parametrize(
    ("trainer", "name", "document"), CONFIGS_NAMING_A, ids=lambda value: value[:40]
    if isinstance(value, str) else ""
)  # fmt: skip


@every_config
def test_a_config_in_a_pack_tells_the_trainer(trainer: str, name: str, document: Any) -> None:
    layout = in_pack(document, name=name)
    assert layout.trainer == trainer
    assert loaded(layout) == {"a/x.png"}
    assert layout.unscreened == ()
    assert [each.path for each in layout.images] == list(IMAGES)


@every_config
@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("/data/a", "'/data/a', which is outside the pack"),
        ("../a", "'../a', which is outside the pack"),
        ("user/repository", "'user/repository', which is not in the pack"),
        ("s3://bucket/a", "'s3://bucket/a', which is not fetched"),
        ("https://example.org/a.zip", "which is not fetched"),
        ("hf://datasets/x/y", "which is not fetched"),
    ],
)
def test_what_lies_elsewhere_is_unscreened(
    trainer: str, name: str, document: Any, place: str, told: str
) -> None:
    text = json.dumps(document).replace('"a"', json.dumps(place))
    layout = recognise(IMAGES, {name: text})
    assert layout.trainer == trainer
    assert told in reasons(layout)
    assert {each.path for each in layout.unscreened} == {name}
    assert loaded(layout) == set()


@every_config
def test_the_operators_config_may_name_any_folder(
    trainer: str, name: str, document: Any, tmp_path: Path
) -> None:
    elsewhere = write_picture(tmp_path / "elsewhere" / "x.png").parent
    (tmp_path / "configs").mkdir()
    config = tmp_path / "configs" / name
    config.write_text(json.dumps(document).replace('"a"', json.dumps(str(elsewhere))))
    layout = layout_of(open_pack(config))
    assert (layout.trainer, layout.unscreened) == (trainer, ())
    assert loaded(layout) == {"elsewhere/x.png"}
    config.write_text(json.dumps(document).replace('"a"', '"user/repository"'))
    assert "'user/repository', which is not there" in reasons(layout_of(open_pack(config)))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (job({}), "has no config.process[0].datasets[0].folder_path"),
        (job({"folder_path": "a", "reference_path": "b"}), "reference_path', a key that is not"),
        (job({"folder_path": "${DATA}/a"}), "'${DATA}/a', whose variables are not known"),
        (job({"folder_path": ["a", 3]}), "has no text as config.process[0].datasets[0].folder_p"),
        (job({"folder_path": "gone.json"}), "config 'gone.json', which cannot be read"),
        (job("a"), "has no table as config.process[0].datasets[0]"),
        ([{"path": "", **CONCEPT}], "has no [0].path"),
        ([{"path": "a", **CONCEPT, "mask_path": "b"}], "'[0].mask_path', a key that is not known"),
        ({"concept_file_name": "gone.json"}, "config 'gone.json', which cannot be read"),
        ([BACKEND], "has no [0].instance_data_dir"),
        ([{"id": "x", "type": "aws", "aws_bucket_name": "b"}], "'s3://b/', which is not fetched"),
        ([{"id": "x", "type": "csv", "csv_file": "a.csv"}], "'a.csv', which is not fetched"),
        ([{"id": "x", "type": "huggingface", "dataset_name": "u/d"}], "'u/d', which is not in"),
        ([{"id": "x", "type": "webshart", "source": "u/d"}], "'u/d', which is not in the pack"),
        ({"--data_backend_config": "gone.json"}, "config 'gone.json', which cannot be read"),
        ({"dataset": "gone.toml", "model": {"type": "flux"}}, "config 'gone.toml', which cannot"),
        ({"directory": [{"path": "a", "teacher_dir": "b"}]}, "teacher_dir', a key that is not"),
        ({"instance_data_dir": "a", "dataset_name": "u/d"}, "'u/d', which is not in the pack"),
        ({"concepts_list": "gone.json"}, "config 'gone.json', which cannot be read"),
        ({"images_data_url": "https://example.org/x.zip"}, "which is not fetched"),
    ],
)
def test_what_nobody_can_read_is_named(document: Any, told: str) -> None:
    layout = in_pack(document)
    assert told in reasons(layout)
    assert {each.path for each in layout.unscreened} == {"c.json"}


# ai-toolkit
@pytest.mark.parametrize(
    ("captions", "text", "caption"),
    [
        (Captions(), "a,b", "a, b"),
        (Captions(), "a, b", "a,  b"),
        (Captions(default="d"), " \n", "d"),
        (Captions(trigger="sks"), "a cat", "sks a cat"),
        (Captions(trigger="sks"), "a sks cat", "a sks cat"),
        (Captions(trigger="sks"), "[trigger] and [name]", "sks and sks"),
        (Captions(), "[trigger] cat", " cat"),
        (Captions(trigger="sks", adds_trigger=False), "a cat", "a cat"),
        (Captions(trigger="sks", adds_trigger=False), "[name] cat", "sks cat"),
        (Captions(trigger=" "), "cat", "cat"),
    ],
)
def test_captions_of_ai_toolkit(captions: Captions, text: str, caption: str) -> None:
    assert captions.of(text) == caption


def test_a_trigger_cannot_make_captions_of_any_length() -> None:
    document = job({"folder_path": "a", "default_caption": "[trigger]" * 50_000},
                   trigger_word="x" * 1_000_000)  # fmt: skip
    layout = in_pack(document)
    assert all(len(each) <= 10_000 for image in layout.images for each in image.captions)
    assert [len(word) for word in layout.trigger_words] == [MAX_TRIGGER_CHARACTERS]


def test_random_triggers_and_variables_of_ai_toolkit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(tmp_path / "data" / "x.png")
    (tmp_path / "words.txt").write_text("one\n\ntwo\n")
    dataset = {"folder_path": "${DATA_OF_TEST}/data", "random_triggers": "words.txt"}
    config = tmp_path / "job.json"
    config.write_text(json.dumps(job(dataset)))
    assert "whose variables are not known" in reasons(layout_of(open_pack(config)))
    monkeypatch.setenv("DATA_OF_TEST", str(tmp_path))
    layout = layout_of(open_pack(config))
    assert layout.unscreened == ()
    assert loaded(layout) == {"data/x.png"}
    assert layout.trigger_words == ("one", "two")


def test_a_json_data_set_without_its_config_still_captions() -> None:
    entries = {"a/x.png": {"caption": "words"}, "/gone.png": {"caption": "y"}}
    layout = recognise(IMAGES, {"data.json": json.dumps(entries)})
    assert {each.path: each.captions for each in layout.images}["a/x.png"] == ("words",)
    assert layout.other_texts == ()


def test_folders_that_ai_toolkit_leaves_are_told() -> None:
    paths = ["x.png", "_controls/x.depth.jpg", "_controls/x.mask.jpg"]
    layout = recognise(paths, {".aitk_size.json": "{}"})
    assert layout.trainer == "ai-toolkit"
    assert [each.role for each in layout.images] == [Role.TRAIN, Role.CONTROL, Role.MASK]


def test_caches_beside_the_pictures_are_unscreened(tmp_path: Path) -> None:
    """A latent of this name is all that ai-toolkit asks for; the picture is not looked at."""
    write_picture(tmp_path / "img" / "x.png")
    cache = tmp_path / "img" / "_latent_cache" / "x_abc.safetensors"
    cache.parent.mkdir()
    cache.write_bytes((2).to_bytes(8, "little") + b"{}")
    config = tmp_path / "job.json"
    config.write_text(json.dumps(job({"folder_path": "img"})))
    kinds = {each.path: getattr(each, "kind", None) for each in open_pack(config).read()}
    assert kinds["img/_latent_cache/x_abc.safetensors"] == "cache"


# diffusers
def test_command_lines_are_read_as_the_shell_reads_them() -> None:
    script = """
    export NAME='some thing'; export DIR=./dog
    INSTANCE=./dog
    accelerate launch --mixed_precision=bf16 train_dreambooth_lora.py \\
      --instance_data_dir=$INSTANCE --instance_prompt "a photo of sks" \\
      --validation_images a.png b.png --flag --repeats=2
    python other.py --instance_data_dir=no
    """
    assert list(commands(script)) == [
        {
            "instance_data_dir": "./dog",
            "instance_prompt": "a photo of sks",
            "validation_images": ["a.png", "b.png"],
            "flag": True,
            "repeats": "2",
        }
    ]
    assert arguments_of(["x", "--a", "--b=", "--", "c"]) == {"a": True, "b": ["", "--", "c"]}
    assert list(commands('train_x.py --a "odd')) == [{"a": '"odd'}]


def test_scripts_cannot_multiply() -> None:
    line = "train_x.py --instance_data_dir=a\n"
    texts = {f"{number}.sh": line * 10 for number in range(5)}
    layout = recognise(IMAGES, texts)
    assert "more trainings than are read" in reasons(layout)
    assert {each.path: each.repeats for each in layout.images}["a/x.png"] == MAX_COMMANDS
    fill = "A=" + "x" * 4000 + "\ntrain_x.py --a=" + "$A" * 20_000
    (arguments,) = commands(fill)
    assert len(str(arguments["a"])) < 500_000


@pytest.mark.parametrize("text", ["^ " * 30_000, " " * 60_000, "a=" + " " * 60_000 + "x"])
def test_scripts_are_read_in_linear_time(text: str) -> None:
    assert list(commands(f"train_x.py\n{text}\n")) == []


def test_prompts_are_captions_and_class_tokens(tmp_path: Path) -> None:
    write_picture(tmp_path / "a" / "x.png")
    (tmp_path / "a" / "x.txt").write_text("not read")
    arguments = {"instance_data_dir": "a", "instance_prompt": "sks", "class_data_dir": "not there"}
    layout = layout_of(open_arguments(arguments, trainer="diffusers", working_folder=tmp_path))
    assert layout.unscreened == ()
    assert layout.class_tokens == ("sks",)
    assert layout.images[0].captions == ("sks", "not read")


# OneTrainer
def test_concepts_that_are_off_are_not_loaded() -> None:
    concepts = [{"path": "a", **CONCEPT, "enabled": False}, {"path": "b", **CONCEPT}]
    layout = in_pack(concepts)
    assert loaded(layout) == {"b/y.png"}
    assert len(layout.images) == 3


def test_older_concepts_and_strategies_of_one_trainer() -> None:
    concepts = [
        {"path": "a", **CONCEPT, "repeats": 3.0},
        {"path": "b", **CONCEPT, "validation_concept": True},
        {"path": "c", **CONCEPT, "balancing": 50, "balancing_strategy": "SAMPLES",
         "type": "PRIOR_PREDICTION"},
    ]  # fmt: skip
    layout = in_pack(concepts)
    assert [(each.repeats, each.role) for each in layout.images] == [
        (3, Role.TRAIN),
        (1, Role.VALIDATION),
        (1, Role.REGULARISATION),
    ]


def test_masks_are_told_without_a_config() -> None:
    layout = recognise(["x.png", "x-masklabel.png", "x-condlabel.png"], {})
    assert layout.trainer == "OneTrainer"
    assert [each.role for each in layout.images] == [Role.TRAIN, Role.MASK, Role.CONTROL]


# SimpleTuner
@pytest.mark.parametrize(
    ("options", "captions"),
    [
        ({"caption_strategy": "textfile"}, ("one", "two")),
        ({"caption_strategy": "textfile", "disable_multiline_split": True}, ("one\n\ntwo",)),
        ({"caption_strategy": "textfile", "prepend_instance_prompt": True,
          "instance_prompt": "sks"}, ("sks one", "sks two")),
        ({"caption_strategy": "filename"}, ("a cat",)),
        ({"caption_strategy": "instanceprompt", "instance_prompt": ["p", "q"]}, ("p", "q")),
        ({"only_instance_prompt": True, "instance_prompt": "p"}, ("p",)),
        ({}, ("a cat", "one", "two")),
    ],
)  # fmt: skip
def test_captions_of_simple_tuner(options: dict[str, Any], captions: tuple[str, ...]) -> None:
    backend = {"id": "one", "type": "local", "instance_data_dir": "a", **options}
    texts = {"c.json": json.dumps([backend]), "a/a_cat.txt": "one\n\ntwo\n"}
    (image,) = recognise(["a/a_cat.png"], texts).images
    assert image.captions[: len(captions)] == captions


def test_caches_that_simple_tuner_trusts_are_part_of_the_pack(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "x.png")
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "x.pt").write_bytes(b"\x80\x02}q\x00.")
    config = tmp_path / "backends.json"
    backend = {"id": "one", "type": "local", "instance_data_dir": "img", "cache_dir_vae": "vae"}
    config.write_text(json.dumps([backend]))
    paths = {each.path: getattr(each, "kind", None) for each in open_pack(config).read()}
    assert paths["vae/x.pt"] == "cache"


def test_a_table_of_captions_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_picture(tmp_path / "img" / "1.png")
    backend = {
        **BACKEND,
        "instance_data_dir": "img",
        "caption_strategy": "parquet",
        "parquet": {
            "path": "t.parquet",
            "filename_column": "id",
            "caption_column": "c",
            "fallback_caption_column": "d",
        },
    }
    (tmp_path / "c.json").write_text(json.dumps([backend]))
    for source in (tmp_path, tmp_path / "c.json"):
        assert "'t.parquet', the table of its captions" in reasons(layout_of(open_pack(source)))
    pq.write_table(pa.table({"id": ["1"], "c": [""], "d": ["words"]}), tmp_path / "t.parquet")
    for source in (tmp_path, tmp_path / "c.json"):
        layout = layout_of(open_pack(source))
        assert layout.unscreened == ()
        assert layout.images[0].captions == ("words",)


def test_data_of_simple_tuner_that_lies_elsewhere() -> None:
    backends = [
        {"id": "a", "type": "aws", "aws_bucket_name": "b", "aws_data_prefix": "d",
         "aws_endpoint_url": "https://example.org"},
        {"id": "b", "type": "csv", "csv_file": "a.csv", "csv_cache_dir": "b"},
        {"id": "c", "type": "local", "instance_data_dir": "a", "teacher_dir": "/t"},
    ]  # fmt: skip
    layout = in_pack(backends)
    assert [each.reason for each in layout.unscreened] == [
        "[0].aws_bucket_name refers to 's3://b/d', which is not fetched",
        "[1].csv_file refers to 'a.csv', which is not fetched",
        "has '[2].teacher_dir', a key that is not known and may name data",
    ]
    assert loaded(layout) == {"a/x.png", "b/y.png"}


# diffusion-pipe
def test_pictures_without_caption_are_left_out_unless_told() -> None:
    for skips, expected in ((True, {"a/x.png"}), (False, {"a/x.png", "a/y.png"})):
        document = {"directory": [{"path": "a", "skip_empty_caption": skips}]}
        texts = {"c.json": json.dumps(document), "a/x.txt": "words"}
        assert loaded(recognise(["a/x.png", "a/y.png"], texts)) == expected


def test_what_diffusion_pipe_opens_in_a_folder() -> None:
    document = {"directory": [{"path": "a"}], "skip_empty_caption": False}
    inside = ["a/x.png", "a/x.dat", "a/x", "a/t.tar!/deep/y.gif"]
    outside = ["a/x.bak", "a/b/x.png", "a/b/t.tar!/x.png", "a/t.zip!/x.png",
               "a/t.tar!/u.tar!/x.png"]  # fmt: skip
    layout = recognise([*inside, *outside], {"c.json": json.dumps(document)})
    assert loaded(layout) == set(inside)


# Services
def test_masks_of_fal_are_told_by_their_names() -> None:
    layout = recognise(["x.jpg", "x_mask.jpg", "y_mask.jpg"], {})
    assert [each.role for each in layout.images] == [Role.TRAIN, Role.MASK, Role.TRAIN]
    assert layout.trainer == "folder"


# Everything
WORDS = (
    "job config process datasets folder_path dataset_path control_path mask_path trigger_word name "
    "random_triggers resolution num_repeats sample samples slider concepts concept_file_name path "
    "text prompt_source prompt_path include_subdirectories balancing enabled id type dataset_type "
    "instance_data_dir caption_strategy parquet filename_column caption_column instance_prompt "
    "repeats --data_backend_config directory dataset model eval_datasets dataset_name "
    "class_data_dir concepts_list train_data_dir image_column validation_image input input_images "
    "placeholder_tokens caption csv_file aws_bucket_name"
)
VALUES = st.sampled_from(
    [".", "a", "../a", "/a", "http://x", "m.json", "t.txt", "concept", "filename", "parquet",
     "aws", "local", "csv", "huggingface", "mask", "${HOME}", "[name]", "", "\0", "!", "a!", "~",
     "a" * 300]
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | VALUES | VALUES
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS.split()) | st.text(max_size=3), inner, max_size=8)
    ),
    max_leaves=15,
)
TEMPLATES = [document for _, _, document in CONFIGS_NAMING_A]


@st.composite
def spoilt_templates(draw: st.DrawFn) -> Any:
    """A config that a trainer takes, with one value somewhere in it replaced by anything."""
    document = json.loads(json.dumps(draw(st.sampled_from(TEMPLATES))))
    table = document
    while True:
        keys = sorted(table) if isinstance(table, dict) else list(range(len(table)))
        key = draw(st.sampled_from(keys))
        deeper = table[key]
        if not isinstance(deeper, dict | list) or not deeper or draw(st.integers(0, 3)) == 0:
            break
        table = deeper
    table[key] = draw(DOCUMENTS)
    return document


@settings(max_examples=100, deadline=None)
@given(document=spoilt_templates() | DOCUMENTS)
def test_no_document_makes_a_reader_fail(document: Any) -> None:
    texts = {"m.json": '{"a.png": 3, "b": {}}', "t.txt": "x\ny", "c.json": json.dumps(document)}
    layout = recognise(["a/1_x/a.png", "a.png", "a.tar!/x.png"], texts)
    assert len(layout.images) == 3
    assert all(isinstance(each, Unscreened) and each.path for each in layout.unscreened)
    for trusted in (True, False):
        plans(Config(path="c.json", document=json.loads(texts["c.json"]), trusted=trusted))


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.sampled_from("train_x.py --ab=$A{}%^\\\n\"' "), max_size=300))
def test_no_script_makes_the_reader_fail(text: str) -> None:
    for arguments in commands("A=1\n" + text + "\ntrain_x.py --a " + text):
        assert all(isinstance(name, str) for name in arguments)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.trainer)
def test_an_empty_pack_is_read_by_every_trainer(layout: Any) -> None:
    found = recognise([], {})
    assert (found.trainer, found.images, found.unscreened) == ("folder", (), ())
    assert layout.plan(Config(path="c.json", document=None)) is None
    assert layout.plan(Config(path="c.json", document={})) is None
    assert layout.plan(Config(path="c.json", document=[])) is None


def test_configs_that_name_much_over_and_over_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.packs.layouts.layout.LEAST_PICTURES_AGAIN", 500)
    monkeypatch.setattr("screening.packs.layouts.diffusion_pipe.MAX_SOURCES", 500)
    images = [f"d/{number}.png" for number in range(100)]
    dataset = json.dumps({"directory": [{"path": "d"}] * 200})
    training = json.dumps({"dataset": "b.json", "model": {}, "eval_datasets": ["b.json"] * 300})
    layout = recognise(images, {"b.json": dataset, **dict.fromkeys(("c.json", "e.json"), training)})
    assert "too often to be read further" in reasons(layout)
    assert "one of more configs than are read" in reasons(layout)
    assert len(layout.images) == 100


def test_prompts_of_a_concept_are_limited() -> None:
    text = {"prompt_source": "concept", "prompt_path": "p.txt"}
    document = [{"path": "a", "include_subdirectories": True, "text": text}]
    layout = in_pack(document, texts={"p.txt": "\n".join(map(str, range(1000)))})
    assert len(layout.images[0].captions) == 100
    assert layout.unscreened == ()
