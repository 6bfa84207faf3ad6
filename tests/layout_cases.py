"""How ai-toolkit, diffusers, OneTrainer, SimpleTuner, diffusion-pipe, the services, cloneofsimo and
the forms of ``datasets`` lay the 12 pictures out."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from layout_case import CONTROL, PICTURES, TRAIN, Case, caption, write, write_json
from pack_samples import zipped

from screening.packs import Pack, Role, open_arguments


def named(folder: Path, names: Mapping[int, str]) -> Path:
    """Pictures under other names, without captions."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in names.items():
        (folder / name).write_bytes(PICTURES[number])
    return folder


def job_of_ai_toolkit(folder: Path) -> Path:
    write(folder / "img" / "sub", range(6))
    write(folder / "img", range(6, 8), extension="")
    control = {8: "00.jpg", 9: "01.jpg"}
    named(folder / "control", control)
    named(folder / "masks", {10: "00.jpg"})
    named(folder / "img" / ".thumbs", {11: "11.jpg"})
    config = folder / "job.yaml"
    config.write_text(f"""---
job: extension
config:
  name: heroine
  process:
    - type: sd_trainer
      trigger_word: sks
      datasets:
        - folder_path: "{folder}/img"
          caption_ext: txt
          default_caption: "[trigger] by [name]"
          num_repeats: 2
          resolution: [512, 768]
          control_path: "{folder}/control"
          mask_path: "{folder}/masks"
          cache_latents_to_disk: true
meta:
  name: "[name]"
""")
    return config


def entries_of_ai_toolkit(folder: Path) -> Path:
    """A data set that is JSON keyed by paths, and regularisation pictures beside."""
    write(folder / "img", TRAIN, extension="")
    write(folder / "reg", CONTROL, extension="")
    entries = {
        str(folder / "img" / f"{number:02}.jpg"): {"caption": caption(number)} for number in TRAIN
    }
    dataset = write_json(folder / "dataset.json", entries)
    datasets = [
        {"dataset_path": str(dataset)},
        {"folder_path": str(folder / "reg"), "is_reg": True, "default_caption": "woman"},
    ]
    process = {"type": "sd_trainer", "trigger_word": "sks", "datasets": datasets}
    document = {"job": "extension", "config": {"name": "x", "process": [process]}}
    return write_json(folder / "job.json", document)


def folder_of_ai_toolkit(folder: Path) -> Path:
    write(folder / "img")
    return folder


def arguments_of_diffusers(folder: Path) -> Pack:
    write(folder / "dog", TRAIN, extension="")
    write(folder / "class", CONTROL, extension="")
    arguments = {
        "pretrained_model_name_or_path": "some/model",
        "instance_data_dir": "dog",
        "instance_prompt": "a photo of sks",
        "class_data_dir": str(folder / "class"),
        "class_prompt": "a woman",
        "with_prior_preservation": True,
        "repeats": "3",
        "validation_prompt": "sks in a bucket",
    }
    return open_arguments(arguments, trainer="diffusers", working_folder=folder)


def script_of_diffusers(folder: Path) -> Path:
    write(folder / "dog", TRAIN, extension="")
    write(folder / "unused", CONTROL, extension="")
    (folder / "train.sh").write_text("""#!/bin/sh
export MODEL_NAME="some/model"
export INSTANCE_DIR="./dog"
accelerate launch train_dreambooth_lora_flux.py \\
  --pretrained_model_name_or_path=$MODEL_NAME \\
  --instance_data_dir=$INSTANCE_DIR \\
  --instance_prompt="a photo of sks" --rank 4
""")
    return folder


def dataset_of_diffusers(folder: Path) -> Pack:
    """``--dataset_name``: a local folder of Parquet, read by its columns."""
    (folder / "data").mkdir()
    rows = {
        "photo": [{"bytes": PICTURES[n], "path": f"{n}.jpg"} for n in TRAIN],
        "edges": [{"bytes": PICTURES[n], "path": None} if n > 7 else None for n in range(4, 12)],
        "text": ["something else"] * 8,
        "said": [caption(n) for n in TRAIN],
    }
    pq.write_table(pa.table(rows), folder / "data" / "train.parquet")
    arguments = {
        "dataset_name": "data",
        "image_column": "photo",
        "caption_column": "said",
        "cond_image_column": "edges",
        "instance_prompt": "unused",
    }
    return open_arguments(arguments, trainer="diffusers", working_folder=folder)


def concepts_of_one_trainer(folder: Path) -> Path:
    write(folder / "img", range(4))
    write(folder / "img" / "below", range(4, 6))
    named(folder / "img", {8: "00-masklabel.png", 9: "00-condlabel.png"})
    named(folder / "by name", {6: "a drawing, number 6.jpg", 7: "a drawing, number 7.jpg"})
    write(folder / "validation", range(10, 11))
    named(folder / "img" / ".hidden", {11: "11.jpg"})
    concepts = [
        {
            "name": "one",
            "path": str(folder / "img"),
            "include_subdirectories": True,
            "balancing": 4.0,
            "text": {"prompt_source": "sample", "prompt_path": ""},
            "image": {},
        },
        {
            "path": str(folder / "by name"),
            "include_subdirectories": False,
            "text": {"prompt_source": "filename"},
        },
        {
            "path": str(folder / "validation"),
            "type": "VALIDATION",
            "text": {"prompt_source": "concept", "prompt_path": str(folder / "prompts.txt")},
            "image": {},
        },
    ]
    (folder / "prompts.txt").write_text("one prompt\n\nanother\n")
    write_json(folder / "concepts.json", concepts)
    training = {"training_method": "LORA", "concept_file_name": str(folder / "concepts.json")}
    return write_json(folder / "config.json", training)


def backends_of_simple_tuner(folder: Path) -> Path:
    write(folder / "img" / "deep" / "er", range(4))
    write(folder / "table", range(4, 8), extension="")
    write(folder / "conditioning", range(8, 9), extension="")
    write(folder / "masks", range(9, 10), extension="")
    write(folder / "reg", range(10, 11), extension="")
    write(folder / "img" / ".ipynb_checkpoints", range(11, 12), extension="")
    table = {"id": [f"{n:02}" for n in range(4, 8)], "said": [caption(n) for n in range(4, 8)]}
    pq.write_table(pa.table(table), folder / "captions.parquet")
    local = {"type": "local", "cache_dir_vae": str(folder / "not there yet")}
    columns = {"filename_column": "id", "caption_column": "said"}
    backends: list[dict[str, Any]] = [
        {"id": "a", "instance_data_dir": str(folder / "img"), "caption_strategy": "textfile",
         "repeats": 4, **local},
        {"id": "b", "instance_data_dir": str(folder / "table"), "caption_strategy": "parquet",
         "parquet": {"path": str(folder / "captions.parquet"), **columns}, **local},
        {"id": "c", "instance_data_dir": str(folder / "conditioning"),
         "dataset_type": "conditioning", "conditioning_type": "controlnet", **local},
        {"id": "d", "instance_data_dir": str(folder / "masks"), "dataset_type": "conditioning",
         "conditioning_type": "mask", **local},
        {"id": "e", "instance_data_dir": str(folder / "reg"), "is_regularisation_data": True,
         "caption_strategy": "instanceprompt", "instance_prompt": "woman", **local},
        {"id": "off", "type": "aws", "disabled": True},
        {"id": "text", "dataset_type": "text_embeds", "type": "local", "default": True,
         "cache_dir": str(folder / "text cache")},
    ]  # fmt: skip
    backend = write_json(folder / "multidatabackend.json", backends)
    return write_json(folder / "config.json", {"--data_backend_config": str(backend)})


def folders_of_diffusion_pipe(folder: Path) -> Path:
    write(folder / "img", range(6))
    with tarfile.open(folder / "img" / "more.tar", "w") as tar:
        for number in (6, 7):
            info = tarfile.TarInfo(f"{number:02}.jpg")
            info.size = len(PICTURES[number])
            tar.addfile(info, io.BytesIO(PICTURES[number]))
    captions = {f"{n:02}.jpg": [caption(n), "another"] for n in TRAIN}
    write_json(folder / "img" / "captions.json", captions)
    named(folder / "masks", {8: "00.jpg"})
    named(folder / "control", {9: "00.jpg"})
    named(folder / "img", {11: "no caption.jpg"})
    write(folder / "eval", range(10, 11))
    (folder / "dataset.toml").write_text(f"""
resolutions = [512]
caption_prefix = 'sks, '
[[directory]]
path = '{folder}/img'
mask_path = '{folder}/masks'
control_path = '{folder}/control'
num_repeats = 5
""")
    (folder / "eval.toml").write_text(
        f"resolutions = [512]\n[[directory]]\npath = '{folder}/eval'\n"
    )
    config = folder / "train.toml"
    config.write_text("""
output_dir = '/out'
dataset = 'dataset.toml'
eval_datasets = [{name = 'e', config = 'eval.toml'}]
[model]
type = 'flux'
""")
    return config


def zip_of_replicate(folder: Path) -> Pack:
    members = [(f"{n:02}.jpg", PICTURES[n]) for n in TRAIN]
    members += [(f"{n:02}.txt", f"[trigger], {caption(n)}".encode()) for n in range(4)]
    members += [(f"__MACOSX/{n:02}.jpg", PICTURES[n]) for n in range(8, 10)]
    members += [(f"{n - 10:02}_mask.jpg", PICTURES[n]) for n in range(10, 12)]
    (folder / "pictures.zip").write_bytes(zipped(members))
    arguments = {"input_images": "pictures.zip", "trigger_word": "sks", "default_caption": "x"}
    return open_arguments(arguments, trainer="replicate", working_folder=folder)


def zip_of_fal(folder: Path) -> Path:
    members = [(f"{n:02}.jpg", PICTURES[n]) for n in TRAIN]
    members += [(f"{n:02}.txt", caption(n).encode()) for n in TRAIN]
    members += [(f"{n - 8:02}_mask.jpg", PICTURES[n]) for n in CONTROL]
    (folder / "pictures.zip").write_bytes(zipped(members))
    return folder / "pictures.zip"


def names_of_cloneofsimo(folder: Path) -> Pack:
    named(folder / "img", {n: f"a drawing number {n}.jpg" for n in TRAIN})
    named(folder / "img" / "below", {n: f"{n}.jpg" for n in CONTROL})
    arguments = {"instance_data_dir": "img", "placeholder_tokens": "<s1>|<s2>"}
    return open_arguments(arguments, trainer="cloneofsimo", working_folder=folder)


def masks_of_cloneofsimo(folder: Path) -> Path:
    named(folder, {n: f"{n}.src.jpg" for n in TRAIN})
    named(folder, {n: f"{n - 8}.mask.png" for n in CONTROL})
    (folder / "caption.txt").write_text("\n".join(caption(n) for n in TRAIN))
    return folder


def parquet(folder: Path) -> Path:
    cells = [{"bytes": data, "path": f"{number}.jpg"} for number, data in PICTURES.items()]
    columns = {"image": cells, "text": [caption(number) for number in PICTURES]}
    pq.write_table(pa.table(columns), folder / "train-00000-of-00001.parquet")
    return folder


def metadata_in_parquet(folder: Path) -> Path:
    write(folder / "img", extension="")
    names = [f"img/{number:02}.jpg" for number in range(12)]
    columns = {"file_name": names, "text": [caption(number) for number in range(12)]}
    pq.write_table(pa.table(columns), folder / "metadata.parquet")
    return folder


def webdataset(folder: Path) -> Path:
    with tarfile.open(folder / "00000.tar", "w") as tar:
        for number, data in PICTURES.items():
            said = json.dumps({"caption": caption(number)}).encode()
            for suffix, content in ((".src.jpg", data), (".json", said)):
                info = tarfile.TarInfo(f"{number:06}{suffix}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return folder


EVERY = {number: caption(number) for number in range(12)}

OTHER_CASES = [
    Case(
        name="ai-toolkit job",
        trainer="ai-toolkit",
        lay_out=job_of_ai_toolkit,
        captions={
            **{n: f"sks {', '.join(caption(n).split(','))}\nsecond line" for n in range(6)},
            6: "sks by heroine",
            7: "sks by heroine",
        },
        roles={8: Role.CONTROL, 9: Role.CONTROL, 10: Role.MASK},
        repeats=dict.fromkeys(range(11), 4),
        not_loaded=frozenset({11}),
    ),
    Case(
        name="ai-toolkit entries",
        trainer="ai-toolkit",
        lay_out=entries_of_ai_toolkit,
        captions={
            **{n: f"sks {', '.join(caption(n).split(','))}" for n in TRAIN},
            **dict.fromkeys(CONTROL, "woman"),
        },
        roles=dict.fromkeys(CONTROL, Role.REGULARISATION),
    ),
    Case(
        name="ai-toolkit folder",
        trainer="ai-toolkit",
        lay_out=folder_of_ai_toolkit,
        captions={
            n: f"{', '.join(caption(n).split(','))}\nsecond line" for n in range(12)
        },
        asked="ai-toolkit",
    ),
    Case(
        name="diffusers arguments",
        trainer="diffusers",
        lay_out=arguments_of_diffusers,
        captions={n: "a photo of sks" if n in TRAIN else "a woman" for n in range(12)},
        roles=dict.fromkeys(CONTROL, Role.REGULARISATION),
        repeats=dict.fromkeys(TRAIN, 3),
    ),
    Case(
        name="diffusers script",
        trainer="diffusers",
        lay_out=script_of_diffusers,
        captions=dict.fromkeys(TRAIN, "a photo of sks"),
        not_loaded=frozenset(CONTROL),
    ),
    Case(
        name="diffusers data set",
        trainer="diffusers",
        lay_out=dataset_of_diffusers,
        roles=dict.fromkeys(CONTROL, Role.CONTROL),
    ),
    Case(
        name="OneTrainer concepts",
        trainer="OneTrainer",
        lay_out=concepts_of_one_trainer,
        captions={**{n: caption(n) for n in TRAIN}, 10: "one prompt"},
        roles={8: Role.MASK, 9: Role.CONTROL, 10: Role.VALIDATION},
        repeats=dict.fromkeys((*range(6), 8, 9), 4),
        not_loaded=frozenset({11}),
    ),
    Case(
        name="SimpleTuner backends",
        trainer="SimpleTuner",
        lay_out=backends_of_simple_tuner,
        captions={**{n: caption(n) for n in TRAIN}, 10: "woman"},
        roles={8: Role.CONTROL, 9: Role.MASK, 10: Role.REGULARISATION},
        repeats=dict.fromkeys(range(4), 5),
        not_loaded=frozenset({11}),
    ),
    Case(
        name="diffusion-pipe folders",
        trainer="diffusion-pipe",
        lay_out=folders_of_diffusion_pipe,
        captions={**{n: f"sks, {caption(n)}" for n in TRAIN}, 10: f"{caption(10)}\nsecond line"},
        roles={8: Role.MASK, 9: Role.CONTROL, 10: Role.VALIDATION},
        repeats=dict.fromkeys(range(10), 5),
        not_loaded=frozenset({11}),
    ),
    Case(
        name="replicate zip",
        trainer="replicate",
        lay_out=zip_of_replicate,
        captions={n: f"sks,  {caption(n)}".replace("drawing,", "drawing, ") if n < 4 else "sks x"
                  for n in TRAIN},
        roles={10: Role.MASK, 11: Role.MASK},
        not_loaded=frozenset({8, 9}),
    ),
    Case(
        name="fal zip",
        trainer="replicate",
        lay_out=zip_of_fal,
        captions={n: ", ".join(caption(n).split(",")) for n in TRAIN},
        roles=dict.fromkeys(CONTROL, Role.MASK),
        asked="fal",
    ),
    Case(
        name="cloneofsimo names",
        trainer="cloneofsimo",
        lay_out=names_of_cloneofsimo,
        captions={n: f"a drawing number {n}" for n in TRAIN},
        not_loaded=frozenset(CONTROL),
    ),
    Case(
        name="cloneofsimo masks",
        trainer="cloneofsimo",
        lay_out=masks_of_cloneofsimo,
        roles=dict.fromkeys(CONTROL, Role.MASK),
    ),
    Case(name="parquet", trainer="imagefolder", lay_out=parquet, captions=EVERY),
    Case(
        name="imagefolder metadata in parquet",
        trainer="imagefolder",
        lay_out=metadata_in_parquet,
        captions=EVERY,
    ),
    Case(name="webdataset", trainer="webdataset", lay_out=webdataset, captions=EVERY),
]  # fmt: skip
