"""Launches: what trainers' command lines make them read, and which are not understood."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pack_samples import picture

from screening.launches import CommandUnknown, DataUnknown, Launch, outside, read_launch, unread
from screening.launches.command_line import named_arguments, read_command_line
from screening.packs import Pack, open_pack
from screening.settings import Limits

LIMITS = Limits()
DATASET_TOML = """
[[datasets]]
  [[datasets.subsets]]
  image_dir = "{folder}"
  class_tokens = "girl"
"""


def pictures(folder: Path, shade: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.png").write_bytes(picture(shade=shade))
    return folder


def job_on(data: Path | str) -> str:
    """A job of ai-toolkit; JSON is YAML."""
    process = {"type": "sd_trainer", "datasets": [{"folder_path": str(data)}]}
    return json.dumps({"job": "extension", "config": {"name": "x", "process": [process]}})


def launch(
    command: str | Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> Launch:
    words = command.split() if isinstance(command, str) else list(command)
    return read_launch(words, environment=environment or {}, folder=folder)


def opened(
    command: str | Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> Pack:
    return launch(command, folder, environment).open(LIMITS)


def images_of(pack: Pack) -> set[str]:
    """Folder and name of each picture."""
    paths = (each.path for each in pack.read() if each.path.endswith(".png"))
    return {"/".join(path.split("/")[-2:]) for path in paths}


@pytest.mark.parametrize(
    ("command", "script", "arguments"),
    [
        ("train_network.py --a b", "train_network.py", "--a b"),
        ("python train_network.py --a b", "train_network.py", "--a b"),
        ("/usr/bin/python3.11 -u dir/train_network.py x", "dir/train_network.py", "x"),
        (
            "accelerate launch --num_processes 2 --config_file a.yaml train_network.py --b",
            "train_network.py",
            "--b",
        ),
        ("python -m accelerate.commands.launch --x 1 train_network.py b", "train_network.py", "b"),
        ("torchrun --nproc-per-node=2 x/train.py --config c", "x/train.py", "--config c"),
        ("deepspeed --num_gpus=1 train.py --deepspeed", "train.py", "--deepspeed"),
        ("uv run accelerate launch train_network.py", "train_network.py", ""),
        ("accelerate launch -m simpletuner.train", "simpletuner/train.py", ""),
        (
            "python -m musubi_tuner.wan_train_network --a",
            "musubi_tuner/wan_train_network.py",
            "--a",
        ),
        ("simpletuner train", "simpletuner", "train"),
    ],
)
def test_the_script_and_its_arguments_are_found(command: str, script: str, arguments: str) -> None:
    line = read_command_line(command.split())
    assert (line.script, " ".join(line.arguments)) == (script, arguments)


@pytest.mark.parametrize(
    "command",
    [
        "bash train.sh",
        "sh -c train_network.py",
        "env -C elsewhere python train_network.py --train_data_dir x",
        "nice python train_network.py --train_data_dir x",
        "python -c train_network.py",
        "accelerate launch --no_python bash train_network.py --train_data_dir x",
        "torchrun --no-python bash train_network.py --train_data_dir x",
        "accelerate launch --module=mine train_network.py --train_data_dir x",
        "python",
        "python -m",
        "python -m ../train_network",
        "accelerate",
        "accelerate test train_network.py",
        "uv run",
        "uv run --directory elsewhere python train_network.py",
        "python my_own_script.py --train_data_dir x",
        "python train_network.py",
        "python train_network.py --output_dir x",
        "python train.py",
        "python train.py --config c.yaml",
        "python train.py --config-path a.json --preset-path b.json",
        "python train.py --config-path a.json --config-value concept_file_name=evil.json",
        "python train.py --config-path a.json --config c.toml",
        "python run.py",
        "python run.py a.yaml b.yaml",
        "python run.py a.yaml --name other",
    ],
)
def test_what_is_not_understood_is_no_launch(command: str, tmp_path: Path) -> None:
    pictures(tmp_path / "x")
    with pytest.raises(CommandUnknown, match="screening guard PACK -- COMMAND"):
        launch(command, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--train_data x", "--train_data may stand for --train_data_dir"),
        ("--train_data_dir x --reg_data=y", "--reg_data may stand for --reg_data_dir"),
        ("--train_data_dir x --train_data_dir y", "given twice"),
        ("--train_data_dir x --train-data-dir y", "given twice"),
        ("--train_data_dir --reg_data_dir y", "--train_data_dir has no value"),
        ("--train_data_dir=", "--train_data_dir has no value"),
        ("--config_file gone", "gone.toml: cannot be read"),
        ("--config_file broken", "broken.toml: not readable as TOML"),
    ],
)
def test_data_that_is_not_clear_is_an_error(arguments: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[")
    with pytest.raises(DataUnknown, match=said) as raised:
        opened(f"python train_network.py {arguments}", tmp_path)
    assert not isinstance(raised.value, CommandUnknown), "a PACK does not make it clear"


def test_names_and_values() -> None:
    words = ["first", "--a", "--b", "1", "--c=x=y", "--d", "1", "2", "-3", "--e-f", "g"]
    values, before = named_arguments(words, data=["c"])
    assert values == {"a": True, "b": "1", "c": "x=y", "d": ["1", "2", "-3"], "e_f": "g"}
    assert before == ("first",)


def test_sd_scripts(tmp_path: Path) -> None:
    pictures(tmp_path / "train" / "10_girl")
    pictures(tmp_path / "reg" / "1_girl", 2)
    command = "accelerate launch sdxl_train_network.py --train_data_dir train --reg_data_dir=reg"
    pack = opened(command, tmp_path)
    assert images_of(pack) == {"10_girl/a.png", "1_girl/a.png"}
    assert unread(pack) == ""

    (tmp_path / "data.toml").write_text(DATASET_TOML.format(folder=tmp_path / "train" / "10_girl"))
    pack = opened("python flux_train_network.py --dataset_config data.toml", tmp_path)
    assert {Path(each).name for each in images_of(pack)} == {"a.png"}
    assert unread(pack) == ""

    (tmp_path / "settings.toml").write_text('[folders]\ntrain_data_dir = "train"\n')
    for name in ("settings", "settings.toml"):
        pack = opened(f"python train_network.py --config_file {name}", tmp_path)
        assert images_of(pack) == {"10_girl/a.png"}
        assert unread(pack) == ""
    beside = "python train_network.py --config_file settings --train_data_dir reg"
    assert images_of(opened(beside, tmp_path)) == {"1_girl/a.png"}, "the command line wins"


def test_secrets_do_not_become_a_part_of_the_pack(tmp_path: Path) -> None:
    pictures(tmp_path / "data" / "1_a")
    command = "python train_network.py --train_data_dir data --huggingface_token=s3cret"
    texts = [getattr(each, "data", b"") for each in opened(command, tmp_path).read()]
    assert any(b"train_data_dir" in text for text in texts)
    assert not any(b"s3cret" in text for text in texts)


def test_a_config_that_changes_is_found_anew(tmp_path: Path) -> None:
    pictures(tmp_path / "one" / "1_a")
    pictures(tmp_path / "two" / "1_b")
    settings = tmp_path / "settings.toml"
    settings.write_text('train_data_dir = "one"')
    found = launch("python train_network.py --config_file settings", tmp_path)
    assert images_of(found.open(LIMITS)) == {"1_a/a.png"}
    settings.write_text('train_data_dir = "two"')
    assert images_of(found.open(LIMITS)) == {"1_b/a.png"}


def test_musubi_tuner(tmp_path: Path) -> None:
    pictures(tmp_path / "images")
    (tmp_path / "data.toml").write_text('[[datasets]]\nimage_directory = "images"\n')
    pack = opened(
        "accelerate launch src/x/wan_train_network.py --dataset_config data.toml", tmp_path
    )
    assert images_of(pack) == {"images/a.png"}
    assert pack.training.trainer == "musubi-tuner"


def test_diffusers(tmp_path: Path) -> None:
    pictures(tmp_path / "dog")
    pictures(tmp_path / "class", 2)
    script = "accelerate launch train_dreambooth_lora_sdxl.py --instance_prompt x"
    pack = opened(f"{script} --instance_data_dir dog --class_data_dir class", tmp_path)
    assert images_of(pack) == {"dog/a.png", "class/a.png"}
    assert unread(pack) == ""
    for option in ("dataset_name", "train_data_dir"):
        local = opened(f"python train_text_to_image_lora.py --{option} dog", tmp_path)
        assert images_of(local) == {"dog/a.png"}
        assert unread(local) == ""


@pytest.mark.parametrize(
    "command",
    [
        "python train_text_to_image_lora.py --dataset_name someone/naruto",
        "python train_dreambooth_lora.py --instance_data_dir gone --instance_prompt x",
        "python train_network.py --train_data_dir gone",
        "python train_network.py --dataset_config gone.toml",
        "python train_dreambooth_lora.py --instance_data_dir here,gone --instance_prompt x",
        "python train_lcm_distill_sd_wds.py --train_shards_path_or_url pipe:cat",
        "python train_network.py --train_data_dir here --dataset_class evil.Dataset",
        "python run.py remote.yaml",
    ],
)
def test_data_that_is_not_here_is_named(command: str, tmp_path: Path) -> None:
    pictures(tmp_path / "here" / "1_a")
    (tmp_path / "remote.yaml").write_text(job_on("s3://bucket/pack"))
    assert unread(opened(command, tmp_path))


def test_ai_toolkit(tmp_path: Path) -> None:
    data = pictures(tmp_path / "data")
    toolkit = tmp_path / "toolkit"
    (toolkit / "config").mkdir(parents=True)
    (toolkit / "config" / "own.yaml").write_text(job_on(data))
    (tmp_path / "job.yaml").write_text(job_on(data))
    for command in ("toolkit/run.py own", "toolkit/run.py job.yaml", "toolkit/run.py -r own"):
        pack = opened(f"python {command}", tmp_path)
        assert {Path(each).name for each in images_of(pack)} == {"a.png"}
        assert unread(pack) == ""
    with pytest.raises(DataUnknown, match="no such config"):
        opened("python toolkit/run.py none", tmp_path)


def test_a_config_under_another_suffix_is_not_taken_for_a_picture(tmp_path: Path) -> None:
    data = pictures(tmp_path / "data")
    for name in ("job.jsonc", "job"):
        (tmp_path / name).write_text(job_on(data))
        for command in (f"python run.py {name}", f"python train.py --config-path {name}"):
            with pytest.raises(DataUnknown, match="no suffix of a config"):
                opened(command, tmp_path)


def test_one_trainer_and_diffusion_pipe(tmp_path: Path) -> None:
    data = pictures(tmp_path / "data")
    concept = {"path": str(data), "image": {}, "text": {}, "enabled": True}
    (tmp_path / "train.json").write_text(json.dumps({"concepts": [concept]}))
    one_trainer = opened("python scripts/train.py --config-path train.json", tmp_path)
    assert len(images_of(one_trainer)) == 1
    (tmp_path / "set.toml").write_text(f'[[directory]]\npath = "{data}"\n')
    (tmp_path / "train.toml").write_text('dataset = "set.toml"\n[model]\ntype = "flux"\n')
    command = "deepspeed --num_gpus=1 train.py --deepspeed --config train.toml"
    assert len(images_of(opened(command, tmp_path))) == 1


def test_simple_tuner(tmp_path: Path) -> None:
    one, two = pictures(tmp_path / "one"), pictures(tmp_path / "two")
    for folder, data in ((tmp_path / "config", one), (tmp_path / "config" / "mine", two)):
        folder.mkdir(exist_ok=True)
        backend = {"id": "x", "type": "local", "instance_data_dir": str(data)}
        (folder / "backends.json").write_text(json.dumps([backend]))
        config = {"--data_backend_config": str(folder / "backends.json")}
        (folder / "config.json").write_text(json.dumps(config))

    def folders(command: str, **environment: str) -> set[str]:
        return {Path(root).name for root in opened(command, tmp_path, environment).training.roots}

    for command in ("simpletuner train", "accelerate launch simpletuner/train.py"):
        assert {"one", "config.json"} <= folders(command)
        assert "two" in folders(command, ENV="mine")
    told = "accelerate launch simpletuner/train.py --data_backend_config config/backends.json"
    assert "one" in folders(told, CONFIG_BACKEND="cmd")
    variables = f"DATALOADER_CONFIG='{tmp_path}/config/mine/backends.json'\n# a comment\n"
    (tmp_path / "config" / "config.env").write_text(variables)
    assert "two" in folders("simpletuner train", CONFIG_BACKEND="env")
    (tmp_path / "config" / "config.env").write_text("export ENV=mine\n")
    assert "two" in folders("simpletuner train"), "the file of variables decides"
    (tmp_path / "config" / "config.env").unlink()
    for command, environment in (
        ("simpletuner server", {}),
        ("simpletuner train --data_backend_config x", {}),
        (told, {}),
        ("simpletuner train", {"CONFIG_PATH": "elsewhere"}),
        ("simpletuner train", {"ENV": "none"}),
        ("simpletuner train", {"ENV": "../one"}),
        ("simpletuner train", {"ENV": "one"}),
        ("simpletuner train", {"CONFIG_BACKEND": "toml"}),
    ):
        with pytest.raises(DataUnknown):
            folders(command, **environment)
    (tmp_path / "config" / "config.env").write_text("ENV=$(whoami)\n")
    with pytest.raises(DataUnknown, match="worked out by a shell"):
        folders("simpletuner train")


def test_what_lies_outside_of_a_pack_is_named(tmp_path: Path) -> None:
    pictures(tmp_path / "pack" / "train" / "1_a")
    pictures(tmp_path / "packet" / "1_a")
    inside = opened("python train_network.py --train_data_dir pack/train", tmp_path)
    other = opened("python train_network.py --train_data_dir packet", tmp_path)
    pack = open_pack(tmp_path / "pack")
    assert outside(inside, pack) == ""
    assert outside(other, pack) == str((tmp_path / "packet").resolve())
    assert outside(inside, inside) == ""
    assert outside(inside, other).endswith("/pack/train")
    (tmp_path / "link").symlink_to(tmp_path / "packet")
    linked = opened("python train_network.py --train_data_dir link", tmp_path)
    assert outside(linked, pack) == str((tmp_path / "packet").resolve())


HOSTILE_NAME = 'x", "folder_path": "evil", "z": "'


@pytest.mark.parametrize("name", ["./" * 251 + "evil", HOSTILE_NAME, ""])
def test_a_name_is_filled_into_a_job_as_ai_toolkit_does_it(tmp_path: Path, name: str) -> None:
    """Into its JSON: ``json.dumps(config).replace("[name]", name)``."""
    for each in ("evil", "[name]evil", "[name]"):
        pictures(tmp_path / each)
    folder = "[name]evil" if not name else "[name]"
    dataset = {"folder_path": folder, "caption_ext": "[name]" if '"' in name else "txt"}
    document = {"job": "x", "config": {"name": name, "process": [{"datasets": [dataset]}]}}
    (tmp_path / "job.json").write_text(json.dumps(document))
    pack = opened("python run.py job.json", tmp_path)
    assert set(pack.training.roots.values()) == {"evil", "job.json"}


def test_a_table_within_a_section_of_a_config_file_is_no_setting(tmp_path: Path) -> None:
    for each in ("evil", "benign"):
        pictures(tmp_path / each)
    text = '[a]\ntrain_data_dir = "evil"\n[b.c]\ntrain_data_dir = "benign"\n'
    (tmp_path / "c.toml").write_text(text)
    pack = opened("accelerate launch train_network.py --config_file c.toml", tmp_path)
    assert set(pack.training.roots.values()) == {"evil"}


@pytest.mark.parametrize("key", ["train_data_d\\u0069r", "train_data_dir ", " train_data_dir"])
def test_a_key_that_readers_of_toml_take_for_different_ones_is_not_followed(
    tmp_path: Path, key: str
) -> None:
    """``toml`` 0.10.2 leaves escapes in keys as they are written, and drops blanks around them."""
    for each in ("evil", "benign"):
        pictures(tmp_path / each)
    text = '[a]\ntrain_data_dir = "evil"\n[b]\n"' + key + '" = "benign"\n'
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(DataUnknown, match="trainers read differently"):
        opened("accelerate launch train_network.py --config_file c.toml", tmp_path)


def test_a_config_of_two_trainers_is_read_as_that_of_the_one_that_is_started(
    tmp_path: Path,
) -> None:
    for each in ("evil", "benign"):
        pictures(tmp_path / each)
    (tmp_path / "evil.toml").write_text('[[directory]]\npath = "evil"\n')
    both = 'dataset = "evil.toml"\n[model]\ntype = "flux"\n[[directory]]\npath = "benign"\n'
    (tmp_path / "both.toml").write_text(both)
    pack = opened("deepspeed train.py --config both.toml", tmp_path)
    assert "evil" in pack.training.roots.values()
    other = {"datasets": [{"subsets": [{"image_dir": "benign"}]}]}
    (tmp_path / "other.json").write_text(json.dumps(other))
    pack = opened("python scripts/train.py --config-path other.json", tmp_path)
    assert "no config that OneTrainer reads" in unread(pack)


@pytest.mark.parametrize(
    "more",
    [
        {"--data_backend_conf": "evil.json"},
        {"--data_backend_config=evil.json": ""},
        {"--data_backend_config": ["evil.json"]},
        {"--data_backend_config": "e{env:NOT_SET}vil.json"},
        {"--data_backend_config": "evil.json "},
    ],
)
def test_what_simpletuner_makes_of_a_config_is_known_or_refused(
    tmp_path: Path, more: dict[str, object]
) -> None:
    """It becomes a command line: abbreviations, lists, blanks and ``{env:NAME}`` work there."""
    for each in ("evil", "benign"):
        backend = {"id": each, "type": "local", "instance_data_dir": str(pictures(tmp_path / each))}
        (tmp_path / f"{each}.json").write_text(json.dumps([backend]))
    for each in ("evil.json ", "e{env:NOT_SET}vil.json"):
        (tmp_path / each).write_text((tmp_path / "benign.json").read_text())
    (tmp_path / "config").mkdir()
    document = {"data_backend_config": "benign.json", **more}
    (tmp_path / "config" / "config.json").write_text(json.dumps(document))
    reason = unread(opened("simpletuner train", tmp_path))
    assert "may stand for data_backend_config" in reason or "which its trainer changes" in reason


def test_a_script_that_is_an_options_value_is_not_taken_for_the_one_that_starts() -> None:
    command = "accelerate launch --log_dir train_network.py other.py --train_data_dir benign"
    with pytest.raises(CommandUnknown, match=r"other\.py"):
        read_launch(command.split(), environment={})


@pytest.mark.parametrize("start", ["python", "python -u -", "accelerate launch", "torchrun"])
def test_a_script_of_another_suffix_starts_and_no_later_word(start: str) -> None:
    script = "" if start.endswith(" -") else "other "
    command = f"{start} {script}train_network.py --train_data_dir benign"
    with pytest.raises(CommandUnknown, match="no training script"):
        read_launch(command.split(), environment={})


def test_lines_that_train_a_controlnet_are_not_overlooked(tmp_path: Path) -> None:
    pictures(tmp_path / "benign")
    command = "python train_controlnet_flux.py --train_data_dir benign --jsonl_for_train t.jsonl"
    assert "jsonl_for_train" in unread(opened(command, tmp_path))
