"""Command lines that a hostile reviewer found a way around the gate with, built in small."""

import json
import zipfile
from pathlib import Path

import pytest
from pack_samples import picture, zipped

from screening.errors import ScreeningError
from screening.launches import (
    CommandUnknown,
    DataUnknown,
    held_data,
    outside_words,
    read_launch,
    unread,
)
from screening.launches.launch import DIFFUSERS_DATA, KOHYA_DATA
from screening.packs import Member, Pack, open_pack
from screening.packs.layouts import Role, recognise
from screening.settings import Limits


def pictures(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names or ("a.png",)):
        (folder / name).write_bytes(picture(shade=number))
    return folder


def weights(folder: Path) -> Path:
    """A folder as a published model has it."""
    folder.mkdir(parents=True, exist_ok=True)
    header = b'{"lora_down.weight":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}'
    (folder / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + bytes(64)
    )
    saved = [
        ("archive/data.pkl", b"\x80\x02."),
        ("archive/version", b"3"),
        ("archive/data/0", b"x"),
    ]
    (folder / "optimizer.bin").write_bytes(zipped(saved, method=zipfile.ZIP_STORED))
    for name in ("config.json", "tokenizer.json", "merges.txt"):
        (folder / name).write_text("{}")
    return folder


def opened(command: str, folder: Path, environment: dict[str, str] | None = None) -> Pack:
    return read_launch(command.split(), environment=environment or {}, folder=folder).open(Limits())


def job_on(data: str) -> str:
    process = {"type": "sd_trainer", "datasets": [{"folder_path": data}]}
    return json.dumps({"job": "extension", "config": {"name": "x", "process": [process]}})


DATA = "train_network.py --train_data_dir benign"


@pytest.mark.parametrize(
    "start",
    [
        "python -mevil",
        "python -um evil",
        "python -cevil",
        "python -uc evil",
        "python -u evil",
        "python -Xdev evil",
        "python -WX evil",
        "python --check-hash-based-pycs always evil",
        "accelerate launch --no_pyth bash",
        "accelerate launch --no-py bash",
        "accelerate launch --mod evil",
        "accelerate launch --multi_gpu evil",
        "accelerate launch --use_deepsp evil",
        "accelerate launch -qm evil",
        "accelerate launch --num_processes 2 -m evil",
        "torchrun --no-py bash",
        "torchrun --modul evil",
        "torchrun --standalone evil",
        "torchrun -r 3 evil",
        "deepspeed --no_local_rank evil",
        "python -m torch.distributed.run --standalone evil",
    ],
)
def test_a_launcher_is_read_as_it_reads_itself(tmp_path: Path, start: str) -> None:
    """What stands behind is an argument of ``evil``, which trains on whatever it likes."""
    pictures(tmp_path / "benign")
    with pytest.raises(CommandUnknown, match="screening guard PACK -- COMMAND"):
        opened(f"{start} {DATA}", tmp_path)


@pytest.mark.parametrize(
    "start",
    [
        "python -Bu",
        "python -W error -X dev",
        "python -Wignore",
        "python --check-hash-based-pycs always",
        "accelerate launch --multi_gpu -q --num_processes 2 --some_new_option 3",
        "accelerate launch --some_new_flag",
        "torchrun --standalone -r 3 --nproc_per_node=2",
    ],
)
def test_a_launcher_that_is_understood_starts(tmp_path: Path, start: str) -> None:
    pictures(tmp_path / "benign" / "1_a")
    assert set(opened(f"{start} {DATA}", tmp_path).training.roots.values()) == {"benign"}


@pytest.mark.parametrize("variable", ["PET_MODULE", "UV_ENV_FILE"])
def test_a_launcher_that_a_variable_changes_is_not_understood(
    tmp_path: Path, variable: str
) -> None:
    pictures(tmp_path / "benign")
    with pytest.raises(CommandUnknown, match=f"{variable} is set"):
        opened(f"uv run {DATA}", tmp_path, {variable: "1"})


@pytest.mark.parametrize(
    ("option", "script"),
    [
        ("data_df_path", "train_dreambooth_lora_flux_miniature.py --instance_data_dir"),
        ("train_file", "train_dreambooth_lora.py --instance_data_dir"),
        ("video_root", "train_dreambooth_lora.py --instance_data_dir"),
        ("lora_images", "train_dreambooth_lora.py --instance_data_dir"),
        ("dataset_path", "train_mine.py --train_data_dir"),
        ("extra_images", "train_network.py --train_data_dir"),
        ("masks-dir", "train_network.py --train_data_dir"),
        ("latents", "wan_train_network.py --train_data_dir"),
    ],
)
def test_an_argument_that_may_name_further_data_is_not_overlooked(
    tmp_path: Path, option: str, script: str
) -> None:
    pictures(tmp_path / "benign" / "1_a")
    pictures(tmp_path / "evil")
    for place in ("evil", str(tmp_path / "evil"), "s3://bucket/evil"):
        with pytest.raises(CommandUnknown, match="may be data"):
            opened(f"python {script} benign --{option} {place}", tmp_path)


def test_arguments_that_name_weights_results_and_words_start(tmp_path: Path) -> None:
    pictures(tmp_path / "benign" / "1_a")
    for name in ("model", "out", "image", "dog"):
        weights(tmp_path / name)
    (tmp_path / "words.txt").write_text("a dog")
    command = (
        f"python {DATA} --pretrained_model_name_or_path model --output_dir out --logging_dir out "
        "--network_weights model --output_name dog --image_column image --vae model "
        "--sample_prompts words.txt --class_prompt dog --text_encoder_path model --resume out"
    )
    assert "benign" in opened(command, tmp_path).training.roots.values()


NO_DATA_NAMES = (
    *("lora_dir", "network_weights", "output_dir", "logging_dir", "cache_dir", "vae", "resume"),
    *("pretrained_model_name_or_path", "class_prompt", "image_column"),
)


@pytest.mark.parametrize("name", NO_DATA_NAMES)
@pytest.mark.parametrize(
    "place",
    ["linked", "evil.zip", "rows.jsonl", "latents", "mixed"],
)
def test_data_is_no_less_data_behind_a_name_that_says_weights_or_results(
    tmp_path: Path, name: str, place: str
) -> None:
    pictures(tmp_path / "benign" / "1_a")
    (pictures(tmp_path / "mixed") / "a.arrow").write_bytes(b"ARROW1")
    weights(tmp_path / "linked")
    (tmp_path / "linked" / "more").symlink_to(tmp_path / "rows")
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "a.csv").write_text("file_name")
    (tmp_path / "evil.zip").write_bytes(zipped([("a.txt", b"x")]))
    (tmp_path / "rows.jsonl").write_text('{"file_name": "evil/a.png"}')
    (tmp_path / "latents").mkdir()
    cache = b'{"latents_1x64x64_float32":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    cache = len(cache).to_bytes(8, "little") + cache + bytes(4)
    (tmp_path / "latents" / "a_flux.safetensors").write_bytes(cache)
    for script in ("train_network.py", "train_dreambooth_lora.py"):
        data = "instance_data_dir" if "dreambooth" in script else "train_data_dir"
        with pytest.raises(CommandUnknown, match="holds what may be data"):
            opened(f"python {script} --{data} benign --{name} {place}", tmp_path)
    words = f"python mine.py --data benign --{name} {place}".split()
    assert outside_words(words, open_pack(tmp_path / "benign"), folder=tmp_path) == place
    for fine in ("benign", "benign/1_a", "absent"):
        opened(f"python train_network.py --train_data_dir benign --{name} {fine}", tmp_path)
        words[-1] = fine
        assert outside_words(words, open_pack(tmp_path / "benign"), folder=tmp_path) == ""


@pytest.mark.parametrize(
    "name", [*NO_DATA_NAMES, "training_comment", "metadata_title", "huggingface_path_in_repo"]
)
@pytest.mark.parametrize("place", ["evil", "evil/a.png", "evil/film", "deep", "linked"])
def test_pictures_behind_a_name_that_says_results_or_words_are_screened(
    tmp_path: Path, name: str, place: str
) -> None:
    """Samples and logs of an earlier run, or a folder that is called as the prompt is: such a job
    starts, and a script that reads pictures there after all reads none that was not screened."""
    pictures(tmp_path / "benign" / "1_a")
    pictures(tmp_path / "evil", "a.png", "b.png")
    (tmp_path / "evil" / "a.txt").write_text("a caption")
    (tmp_path / "evil" / "events.txt").write_text("no caption")
    (tmp_path / "evil" / "film").write_bytes(b"\0\0\0\x20ftypisom" + bytes(40))
    pictures(tmp_path / "deep" / "er" / ".hidden", "no-suffix")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "more").symlink_to(tmp_path / "evil")
    folder = {"evil/a.png", "evil/a.txt", "evil/b.png", "evil/film"}
    screened = {
        "evil": folder,
        "linked": folder,
        "evil/a.png": {"evil/a.png"},
        "evil/film": {"evil/film"},
        "deep": {"deep/er/.hidden/no-suffix"},
    }[place]
    for script, data in (("network", "train_data_dir"), ("dreambooth_lora", "instance_data_dir")):
        pack = opened(f"python train_{script}.py --{data} benign --{name} {place}", tmp_path)
        found = {each.path for each in pack.read()}
        assert found == {"arguments.json", "benign/1_a/a.png"} | screened
    words = f"python mine.py --data benign --{name} {place}".split()
    assert outside_words(words, open_pack(tmp_path / "benign"), folder=tmp_path) == place


def test_pictures_beside_weights_are_screened_with_the_rest(tmp_path: Path) -> None:
    """What a published model shows on its card, and the samples of an earlier training."""
    pictures(tmp_path / "benign" / "1_a")
    shown = weights(tmp_path / "model") / "comparison.png"
    shown.write_bytes(picture(shade=7))
    sample = weights(tmp_path / "out") / "sample"
    pictures(sample, "b.png")
    command = (
        "python train_network.py --train_data_dir benign --output_dir out "
        "--pretrained_model_name_or_path model"
    )
    pack = opened(command, tmp_path)
    members = {each.path for each in pack.read() if isinstance(each, Member)}
    assert {"benign/1_a/a.png", "model/comparison.png", "out/sample/b.png"} <= members
    assert not any(each.endswith(("safetensors", "config.json")) for each in members)
    arguments = next(each for each in pack.read() if each.path == "arguments.json")
    assert isinstance(arguments, Member)
    texts = {"arguments.json": arguments.data.decode()}
    layout = recognise(["benign/1_a/a.png", "out/sample/b.png"], texts, training=pack.training)
    assert [each.loaded for each in layout.images] == [True, False]


def test_more_pictures_beside_weights_than_are_screened_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "benign")
    pictures(weights(tmp_path / "model"), *(f"{each}.png" for each in range(3)))
    command = "python train_network.py --train_data_dir benign --vae model"
    for limit in ("MAX_PICTURES", "MAX_FILES"):
        with monkeypatch.context() as patched:
            patched.setattr(held_data, limit, 2)
            with pytest.raises(CommandUnknown, match="more files than are looked at"):
                opened(command, tmp_path)
    monkeypatch.setattr(held_data, "MAX_PICTURES", 3)
    opened(command, tmp_path)


@pytest.mark.parametrize("option", ["--config-val", "--preset-p", "--callback-pa"])
def test_a_shortened_option_that_changes_onetrainers_config_is_no_launch(
    tmp_path: Path, option: str
) -> None:
    pictures(tmp_path / "benign")
    (tmp_path / "a.json").write_text(json.dumps({"concepts": [{"path": "benign", "image": {}}]}))
    with pytest.raises(CommandUnknown, match="changes in the config is not known"):
        opened(f"python scripts/train.py --config-path a.json {option} x=evil", tmp_path)


def test_ai_toolkits_jobs_are_found_where_it_looks_for_them(tmp_path: Path) -> None:
    """It tries ``.jsonc`` before ``.yaml``, and a link to its ``run.py`` is followed."""
    benign, evil = pictures(tmp_path / "benign"), pictures(tmp_path / "evil")
    for folder, data in ((tmp_path / "config", benign), (tmp_path / "real" / "config", evil)):
        folder.mkdir(parents=True)
        (folder / "own.yaml").write_text(job_on(str(data)))
    (tmp_path / "real" / "run.py").write_text("")
    (tmp_path / "run.py").symlink_to(tmp_path / "real" / "run.py")
    assert str(evil) in opened("python run.py own", tmp_path).training.roots
    (tmp_path / "toolkit").mkdir()
    (tmp_path / "toolkit" / "paths.py").write_text("")
    assert str(benign) in opened("python run.py own", tmp_path).training.roots
    (tmp_path / "config" / "own.jsonc").write_text(job_on(str(evil)))
    with pytest.raises(Exception, match=r"own\.jsonc: its name ends in no suffix"):
        opened("python run.py own", tmp_path)


def job_of(**process: object) -> str:
    benign = {"type": "sd_trainer", "datasets": [{"folder_path": "benign"}]}
    return json.dumps({"job": "x", "config": {"name": "x", "process": [{**benign, **process}]}})


def test_ai_toolkits_validation_pictures_and_embeddings_are_read(tmp_path: Path) -> None:
    pictures(tmp_path / "benign")
    pictures(tmp_path / "shown", "b.png")
    items = [{"image_path": "shown/b.png", "prompt": "x"}, {"image_path": "gone.png"}]
    more = {"train": {"validation_config": {"validation_items": items}}}
    (tmp_path / "job.json").write_text(job_of(embedding={"trigger": "medusa"}, **more))
    pack = opened("python run.py job.json", tmp_path)
    images = [each.path for each in pack.read() if each.path.endswith(".png")]
    layout = recognise(images, {"job.json": job_text(pack)}, training=pack.training)
    roles = {each.path: each.role for each in layout.images}
    assert roles == {"benign/a.png": Role.TRAIN, "shown/b.png": Role.VALIDATION}
    assert layout.trigger_words == ("medusa",)
    assert unread(pack) == ""


def job_text(pack: Pack) -> str:
    members = (each for each in pack.read() if isinstance(each, Member))
    return next(each.data.decode() for each in members if each.path == "job.json")


@pytest.mark.parametrize(
    "process",
    [
        {"rescale": {"latent_tensor_dir": "latents"}},
        {"datasets": [{"folder_path${EMPTY}": "evil", "folder_path": "benign"}]},
    ],
)
def test_what_ai_toolkit_would_train_on_unseen_is_told(
    tmp_path: Path, process: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY", "")
    pictures(tmp_path / "benign")
    (tmp_path / "job.json").write_text(job_of(**process))
    reason = unread(opened("python run.py job.json", tmp_path))
    assert "trains on latents" in reason or "filled into" in reason


@pytest.mark.parametrize(
    "more",
    [
        "--train_shards_path_or_url evil/{00..09}.tar",
        "--train_shards_path_or_url=pipe:cat",
        "--data_root evil",
        "--class_data_root evil",
        "--jsonl_for_train evil/rows.jsonl",
    ],
)
def test_data_beside_what_is_read_is_not_overlooked(tmp_path: Path, more: str) -> None:
    for each in ("benign", "evil"):
        pictures(tmp_path / each)
    command = f"python train_dreambooth_lora.py --instance_data_dir benign {more}"
    try:
        reason = unread(opened(command, tmp_path))
    except CommandUnknown as error:
        reason = str(error)
    assert "whose pictures are not read" in reason or "may be data, and is not read" in reason


HIDDEN = (
    *("--foo evil", "--foo=evil", "--foo ./benign/../evil", "--foo benign evil", "--foo x,evil"),
    *("--foo a:evil", "--foo path=evil", "--foo {'path':'evil'}", "--foo @evil", "--foo evil.csv"),
    *("--foo evil/*.png", "--foo evil/{00..09}.tar", "--foo *.csv", "--foo ~/evil"),
    *("--foo $HOME/evil", "--foo s3://bucket/evil", "--seed evil", "--gradient_checkpointing evil"),
    *("--config evil.yaml", "--model_images evil", "--class_prompt a evil", "--output_dir o evil"),
    *("--output_dir o -- evil", "--output_dir o -d evil", "--output_dir o -devil"),
    *("--base_weights w.safetensors evil",),
)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    "start",
    [
        "train_mine.py --train_data_dir benign",
        "flux_train_network.py --dataset_config sets.toml",
        "wan_train_network.py --dataset_config sets.toml",
        "scripts/train.py --config-path one.json",
        "train.py --config pipe.toml",
        "simpletuner/train.py",
    ],
)
def test_no_argument_hides_what_is_there(
    tmp_path: Path, start: str, hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its name, unless that says weights, results or words."""
    lay_out(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    environment = {"CONFIG_TYPE": "cmd"} if "simpletuner" in start else {}
    if "simpletuner" in start:
        start += " --data_backend_config backend.json"
    opened(f"python {start} --output_dir o --base_weights w.safetensors", tmp_path, environment)
    with pytest.raises(DataUnknown):
        opened(f"python {start} {hidden}", tmp_path, environment)


def lay_out(folder: Path) -> None:
    """Configs of ``benign``, beside ``evil`` that none of them names."""
    for each in ("benign", "evil"):
        pictures(folder / each)
    for each in ("evil.csv", "evil.yaml", "w.safetensors"):
        (folder / each).write_text("x")
    (folder / "sets.toml").write_text(
        '[[datasets]]\nimage_directory = "benign"\n[[datasets.subsets]]\nimage_dir = "benign"\n'
    )
    benign = str(folder / "benign")
    concept = {"path": benign, "image": {}, "text": {}, "enabled": True}
    (folder / "one.json").write_text(json.dumps({"concepts": [concept]}))
    (folder / "pipe.toml").write_text('dataset = "set.toml"\n[model]\ntype = "flux"\n')
    (folder / "set.toml").write_text(f'[[directory]]\npath = "{benign}"\n')
    backend = [{"id": "a", "type": "local", "instance_data_dir": "benign"}]
    (folder / "backend.json").write_text(json.dumps(backend))


DATA_NAMES = tuple(dict.fromkeys((*KOHYA_DATA, *DIFFUSERS_DATA)))


@pytest.mark.parametrize("one", DATA_NAMES)
@pytest.mark.parametrize(
    "script",
    ["train_network.py", "train_controlnet.py", "wan_train_network.py", "train_dreambooth_lora.py"],
)
def test_what_one_argument_names_is_read_whatever_another_does(
    tmp_path: Path, script: str, one: str
) -> None:
    """sd-scripts takes no notice of ``--train_data_dir`` beside ``--dataset_config``; what another
    version does is not known."""
    lay_out(tmp_path)
    benign = "sets.toml" if one in ("dataset_config", "config_file") else "benign"
    for other in DATA_NAMES:
        more = f"--{other} evil" if other != one else "evil"
        try:
            pack = opened(f"python {script} --{one} {benign} {more}", tmp_path)
        except ScreeningError:
            continue
        assert unread(pack) or "evil" in pack.training.roots.values(), other


STARTS = (
    "accelerate launch --num_cpu_threads_per_process 1 train_network.py --train_data_dir benign"
    " --pretrained_model_name_or_path w.safetensors --network_module networks.lora"
    " --resolution 512,512 --optimizer_args weight_decay=0.01 betas=0.9,0.99 --output_name model",
    "accelerate launch --mixed_precision bf16 flux_train_network.py --dataset_config sets.toml"
    " --clip_l w.safetensors --t5xxl w.safetensors --ae w.safetensors --guidance_scale 1.0",
    "accelerate launch sdxl_train_network.py --dataset_config sets.toml --base_weights"
    " w.safetensors w.safetensors --base_weights_multiplier 1 -0.5 --resume model",
    "accelerate launch lumina_train_network.py --dataset_config sets.toml --gemma2 w.safetensors",
    "accelerate launch anima_train_network.py --dataset_config sets.toml --qwen3 w.safetensors"
    " --llm_adapter_path w.safetensors --t5_tokenizer_path model --vae w.safetensors",
    "accelerate launch hv_train_network.py --dataset_config sets.toml --dit w.safetensors"
    " --text_encoder1 w.safetensors --text_encoder2 w.safetensors --sdpa",
    "accelerate launch fpack_train_network.py --dataset_config sets.toml --image_encoder"
    " w.safetensors --logging_dir model",
    "accelerate launch train_dreambooth_lora_flux.py --pretrained_model_name_or_path=model"
    " --instance_data_dir=benign --instance_prompt=model --validation_prompt=model",
    "accelerate launch train_text_to_image_lora.py --train_data_dir=benign --caption_column=text"
    " --resume_from_checkpoint model --cache_dir model --report_to wandb --seed=-1",
    "python scripts/train.py --config-path one.json --secrets-path w.safetensors",
    "deepspeed --num_gpus=1 train.py --deepspeed --config pipe.toml --dump_dataset model",
)


@pytest.mark.parametrize("command", STARTS)
def test_lines_that_people_start_trainers_with_are_understood(tmp_path: Path, command: str) -> None:
    lay_out(tmp_path)
    weights(tmp_path / "model")
    assert "benign" in opened(command, tmp_path).training.roots.values()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("python train_network.py --train_data_dir evil", True),
        ("cd evil && python train_network.py --train_data_dir .", True),
        ("python mine.py --lora_dir 'evil'", True),
        ("python mine.py <evil.csv; true", True),
        ("A=$(ls) python mine.py --x=`cat evil.csv`", True),
        ("python mine.py --data benign --model model && echo a prompt of words", False),
    ],
)
def test_a_line_for_a_shell_hides_nothing(tmp_path: Path, line: str, told: bool) -> None:
    lay_out(tmp_path)
    weights(tmp_path / "model")
    for words in (["bash", "-c", line], ["docker", "run", "x", "sh", "-lc", line]):
        found = outside_words(words, open_pack(tmp_path / "benign"), folder=tmp_path)
        assert found == (line if told else "")


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("bash train.sh benign/a.png --config evil.yaml", ""),
        ("./mine --data=benign --model model --out empty", ""),
        ("./mine --data=benign --model model --out evil", "evil"),
        ("./mine --data benign --seed -1", ""),
        ("docker run -v {folder}/benign:/data mine", ""),
        ("docker run -v {folder}/evil:/data mine", "{folder}/evil:/data"),
        ("docker run -v{folder}/evil:/data mine", "-v{folder}/evil:/data"),
        ("bash train.sh evil", "evil"),
        ("python mine.py --foo=evil", "--foo=evil"),
        ("python mine.py --model x evil", "evil"),
        ("python mine.py -devil", "-devil"),
        ("python mine.py evil.csv", "evil.csv"),
        ("python mine.py .", "."),
        ("python mine.py hf://a/b", "hf://a/b"),
    ],
)
def test_what_a_command_that_is_not_understood_names_beside_the_pack(
    tmp_path: Path, command: str, word: str
) -> None:
    lay_out(tmp_path)
    weights(tmp_path / "model")
    (tmp_path / "empty").mkdir()
    words = command.format(folder=tmp_path).split()
    found = outside_words(words, open_pack(tmp_path / "benign"), folder=tmp_path)
    assert found == word.format(folder=tmp_path)
