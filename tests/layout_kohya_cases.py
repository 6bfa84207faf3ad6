"""How sd-scripts, kohya_ss, FluxGym and musubi-tuner lay the 12 pictures out."""

import json
from pathlib import Path

from layout_case import CONTROL, PICTURES, TRAIN, Case, caption, write, write_json

from screening.packs import Pack, Role, open_arguments


def folders_of_sd_scripts(folder: Path) -> Path:
    write(folder / "img" / "10_girl", TRAIN, extension=".caption")
    write(folder / "reg" / "2_woman", CONTROL, extension="")
    return folder


def subset(folder: Path, **more: object) -> dict[str, object]:
    return {"image_dir": str(folder), **more}


def dataset_config(folder: Path, *subsets: dict[str, object], **general: object) -> Path:
    document = {"general": general, "datasets": [{"resolution": 512, "subsets": list(subsets)}]}
    return write_json(folder / "dataset.json", document)


def config_of_sd_scripts(folder: Path) -> Path:
    """TOML, as its documentation has it, with a prefix, and regularisation pictures elsewhere."""
    write(folder / "data" / "img", TRAIN)
    write(folder / "other" / "reg", CONTROL, extension="")
    config = folder / "configs" / "dataset.toml"
    config.parent.mkdir()
    config.write_text(f"""
[general]
caption_extension = '.txt'
shuffle_caption = true
keep_tokens = 1

[[datasets]]
resolution = 768
caption_prefix = 'sks,'

  [[datasets.subsets]]
  image_dir = '{folder}/data/img'
  num_repeats = 3

  [[datasets.subsets]]
  is_reg = true
  image_dir = '{folder}/other/reg'
  class_tokens = 'woman'
""")
    return config


def metadata_of_sd_scripts(folder: Path) -> Path:
    write(folder / "img", extension="")
    entries = {
        f"{number:02}.jpg" if number < 6 else str(folder / "img" / f"{number:02}.jpg"): {
            "caption": "a drawing",
            "tags": f"number {number}, ink",
        }
        for number in TRAIN
    }
    metadata = write_json(folder / "meta.json", entries)
    return dataset_config(
        folder, subset(folder / "img", metadata_file=str(metadata), num_repeats=2)
    )


def json_lines_of_sd_scripts(folder: Path) -> Path:
    write(folder / "img", extension="")
    lines = [
        json.dumps({"image_path": f"{number:02}.jpg", "caption": caption(number)})
        for number in range(12)
    ]
    (folder / "meta.jsonl").write_text("\n".join(lines))
    metadata = str(folder / "meta.jsonl")
    return dataset_config(folder, subset(folder / "img", metadata_file=metadata))


def write_controls(folder: Path) -> Path:
    """The last six pictures, under the names of the first six."""
    folder.mkdir()
    for number in range(6):
        (folder / f"{number:02}.jpg").write_bytes(PICTURES[number + 6])
    return folder


def control_of_sd_scripts(folder: Path) -> Path:
    write(folder / "img", range(6))
    conditioning = str(write_controls(folder / "conditioning"))
    return dataset_config(
        folder,
        subset(folder / "img", conditioning_data_dir=conditioning, caption_extension=".txt"),
    )


def cached_info_of_sd_scripts(folder: Path) -> Path:
    """``cache_info``: the pictures are those of ``metadata_cache.json``, wherever they lie, and
    the folder is not looked into."""
    write(folder / "img", TRAIN, extension="")
    write(folder / "elsewhere", CONTROL, extension="")
    paths = {number: folder / "img" / f"{number:02}.jpg" for number in TRAIN}
    paths |= {number: folder / "elsewhere" / f"{number:02}.jpg" for number in CONTROL}
    entries = {
        str(path): {"caption": caption(number), "resolution": [96, 96]}
        for number, path in paths.items()
        if number > 0
    }
    write_json(folder / "img" / "metadata_cache.json", entries)
    return dataset_config(folder, subset(folder / "img", cache_info=True))


def arguments_of_sd_scripts(folder: Path) -> Pack:
    folders_of_sd_scripts(folder)
    arguments = {"train_data_dir": "img", "reg_data_dir": "reg", "network_dim": 16}
    return open_arguments(arguments, trainer="kohya", working_folder=folder)


def config_file_of_sd_scripts(folder: Path) -> Path:
    """``--config_file``: sections that only sort the arguments, and a dataset config within."""
    write(folder / "img", range(6))
    write_controls(folder / "masks")
    dataset_config(folder, subset(folder / "img", conditioning_data_dir=str(folder / "masks")))
    config = folder / "train.toml"
    config.write_text(
        "[dataset_arguments]\ndataset_config = 'dataset.json'\ncaption_extension = '.txt'\n"
        "[training_arguments]\nmasked_loss = true\n"
    )
    return config


def window_of_kohya_ss(folder: Path) -> Path:
    write(folder / "img" / "10_girl", TRAIN)
    write(folder / "reg" / "2_woman", CONTROL, extension="")
    document = {
        "LoRA_type": "Flux1",
        "additional_parameters": f"--reg_data_dir={folder / 'reg'} --highvram",
        "caption_extension": ".txt",
        "dataset_config": "",
        "model_list": "custom",
        "reg_data_dir": "",
        "train_data_dir": str(folder / "img"),
    }
    return write_json(folder / "lora.json", document)


def fluxgym(folder: Path) -> Path:
    write(folder / "datasets" / "heroine")
    config = folder / "outputs" / "heroine" / "dataset.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"""[general]
shuffle_caption = false
caption_extension = '.txt'
keep_tokens = 1

[[datasets]]
resolution = 512
batch_size = 1
keep_tokens = 1

  [[datasets.subsets]]
  image_dir = '{folder}/datasets/heroine'
  class_tokens = 'sks'
  num_repeats = 10""")
    return config


def folders_of_musubi(folder: Path) -> Path:
    write(folder / "edited", range(2))
    write(folder / "img", range(2, 8))
    for number in CONTROL:  # two controls each for the first two: each picture must have one
        (folder / "control").mkdir(exist_ok=True)
        name = f"{(number - 8) // 2:02}_{number % 2}.jpg"
        (folder / "control" / name).write_bytes(PICTURES[number])
    config = folder / "dataset.toml"
    config.write_text(f"""
[general]
resolution = [960, 544]
caption_extension = ".txt"
num_repeats = 2

[[datasets]]
image_directory = "{folder}/edited"
control_directory = "control"
cache_directory = "{folder}/not there yet"
no_resize_control = true

[[datasets]]
image_directory = "{folder}/img"
""")
    return config


def json_lines_of_musubi(folder: Path) -> Path:
    write(folder / "somewhere", extension="")
    lines = []
    for number in TRAIN:
        line = {"image_path": f"somewhere/{number:02}.jpg", "caption": caption(number)}
        if number < 4:
            line["control_path_0" if number % 2 else "control_path"] = str(
                folder / "somewhere" / f"{number + 8:02}.jpg"
            )
        lines.append(json.dumps(line))
    (folder / "images.jsonl").write_text("\n".join(lines))
    document = {"datasets": [{"image_jsonl_file": "images.jsonl", "num_repeats": 4}]}
    return write_json(folder / "dataset.json", document)


ALL = {number: caption(number) for number in range(12)}
WHOLE = {number: f"{caption(number)}\nsecond line" for number in range(12)}
REGULARISATION = dict.fromkeys(CONTROL, Role.REGULARISATION)

KOHYA_CASES = [
    Case(
        name="sd-scripts folders",
        trainer="sd-scripts",
        lay_out=folders_of_sd_scripts,
        captions={n: caption(n) if n in TRAIN else "woman" for n in range(12)},
        roles=REGULARISATION,
        repeats={n: 10 if n in TRAIN else 20 for n in range(12)},
    ),
    Case(
        name="sd-scripts dataset config",
        trainer="sd-scripts",
        lay_out=config_of_sd_scripts,
        captions={n: f"sks, {caption(n) if n in TRAIN else 'woman'}" for n in range(12)},
        roles=REGULARISATION,
        repeats={n: 3 if n in TRAIN else 6 for n in range(12)},
    ),
    Case(
        name="sd-scripts metadata",
        trainer="sd-scripts",
        lay_out=metadata_of_sd_scripts,
        captions={n: f"a drawing,number {n}, ink" for n in TRAIN},
        repeats=dict.fromkeys(TRAIN, 2),
        not_loaded=frozenset(CONTROL),
    ),
    Case(
        name="sd-scripts metadata lines",
        trainer="sd-scripts",
        lay_out=json_lines_of_sd_scripts,
        captions=ALL,
    ),
    Case(
        name="sd-scripts control",
        trainer="sd-scripts",
        lay_out=control_of_sd_scripts,
        captions={n: caption(n) for n in range(6)},
        roles=dict.fromkeys(range(6, 12), Role.CONTROL),
    ),
    Case(
        name="sd-scripts cached info",
        trainer="sd-scripts",
        lay_out=cached_info_of_sd_scripts,
        captions={n: caption(n) for n in range(1, 12)},
        not_loaded=frozenset({0}),
    ),
    Case(
        name="sd-scripts arguments",
        trainer="sd-scripts",
        lay_out=arguments_of_sd_scripts,
        captions={n: caption(n) if n in TRAIN else "woman" for n in range(12)},
        roles=REGULARISATION,
        repeats={n: 10 if n in TRAIN else 20 for n in range(12)},
    ),
    Case(
        name="sd-scripts config file",
        trainer="sd-scripts",
        lay_out=config_file_of_sd_scripts,
        captions={n: caption(n) for n in range(6)},
        roles=dict.fromkeys(range(6, 12), Role.MASK),
    ),
    Case(
        name="kohya_ss window",
        trainer="kohya_ss",
        lay_out=window_of_kohya_ss,
        captions={n: caption(n) if n in TRAIN else "woman" for n in range(12)},
        roles=REGULARISATION,
        repeats={n: 10 if n in TRAIN else 20 for n in range(12)},
    ),
    Case(
        name="fluxgym",
        trainer="fluxgym",
        lay_out=fluxgym,
        captions=ALL,
        repeats=dict.fromkeys(range(12), 10),
    ),
    Case(
        name="musubi-tuner folders",
        trainer="musubi-tuner",
        lay_out=folders_of_musubi,
        captions={n: WHOLE[n] for n in TRAIN},
        roles=dict.fromkeys(CONTROL, Role.CONTROL),
        repeats=dict.fromkeys(range(12), 2),
    ),
    Case(
        name="musubi-tuner lines",
        trainer="musubi-tuner",
        lay_out=json_lines_of_musubi,
        roles=dict.fromkeys(CONTROL, Role.CONTROL),
        repeats=dict.fromkeys(range(12), 4),
    ),
]
