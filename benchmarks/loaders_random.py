"""Random hostile folders, and configs and arguments of each trainer that names them."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w
from PIL import Image

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP",
           ".gif": "GIF", ".tif": "TIFF"}  # fmt: skip
STEMS = ("a", "a_1", "b.c", "x_1_2_3_4", "x_y_1_2_3_4", "A", ".h", "__", "a b", "é", "e\u0301",
         "名前", "[x]", "a.txt", "m-masklabel", "_controls", "-1", "名_1_2_3_4",
         "default")  # fmt: skip
CAPTIONS = ("one, two", "first\nsecond\n\nthird", "  lead \n", "{x|y z}, {p|q} {{kept}}",
            "first|||middle, mid|||last", "a;;;b, c", "a\u2028b", "a\x85b, c", "\ufeffmark",
            "[trigger] by [name]", "x, , ,y", "sks woman", "tag_one, {a|b|c} {d|e|f} {g|h|i}",
            "a\rb\r\nc", "", " \n ")  # fmt: skip
FOLDERS = ("", "", "sub", "sub/er", ".hidden", "5_girl", "10_x", "0_no", "-3_no", "１_wide", "x_5",
           "_controls", "in_a_b_c_d")  # fmt: skip


def write_folder(folder: Path, chance: random.Random, extensions: tuple[str, ...]) -> list[Path]:
    """Pictures and captions under odd names, in odd folders, some of them linked, some double."""
    pictures = []
    for number in range(chance.randint(2, 10)):
        inside = folder / chance.choice(FOLDERS)
        inside.mkdir(parents=True, exist_ok=True)
        stem, suffix = chance.choice(STEMS), chance.choice(list(FORMATS))
        double = chance.random() < 0.2
        for ending in sorted({suffix, chance.choice(list(FORMATS))} if double else {suffix}):
            shown = chance.choice([ending, ending, ending, ending.upper(), ending.capitalize()])
            path = inside / (stem + shown)
            if path.is_symlink():
                continue
            Image.new("RGB", (40 + number, 48), (20 * number, 90, 130)).save(path, FORMATS[ending])
            pictures.append(path)
        beside = chance.choice([stem, stem, stem, stem.rsplit("_", 4)[0], stem.upper()])
        for extension in extensions:
            if chance.random() < 0.6:
                text = chance.choice(CAPTIONS)
                (inside / (beside + extension)).write_text(text, encoding="utf-8", newline="")
    if chance.random() < 0.3:
        outside = folder.parent / "outside"
        outside.mkdir(exist_ok=True)
        Image.new("RGB", (44, 44)).save(outside / "o.png")
        for name, target in (("linked.png", outside / "o.png"), ("7_linked", outside)):
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(target)
    return pictures


SETTINGS: dict[str, tuple[Any, ...]] = {
    "num_repeats": (1, 2, 3, 0),
    "class_tokens": ("sks woman", "", "{a|b} girl"),
    "caption_prefix": ("in style of", "a\nb", ""),
    "caption_suffix": ("by me", "{m|n}"),
    "enable_wildcard": (True, False),
    "shuffle_caption": (True,),
    "keep_tokens": (1,),
    "keep_tokens_separator": ("|||", "l"),
    "caption_separator": (",", ";", "", "ls"),
    "secondary_separator": (";;;",),
    "caption_tag_dropout_rate": (0.3,),
    "caption_dropout_rate": (0.2,),
    "token_warmup_step": (2,),
}


def _settings(chance: random.Random, share: float) -> dict[str, Any]:
    chosen = {key: values for key, values in SETTINGS.items() if chance.random() < share}
    return {key: chance.choice(values) for key, values in chosen.items()}


def _sd_scripts(folder: Path, chance: random.Random) -> dict[str, Any]:
    extension = chance.choice([".txt", ".caption", "_c.txt"])
    pictures = write_folder(folder / "i_m_g", chance, (extension, ".txt"))
    route = chance.choice(["config", "config", "config", "folders", "metadata", "json"])
    if route == "folders":
        write_folder(folder / "reg", chance, (extension,))
        settings = {k: v for k, v in _settings(chance, 0.15).items() if k in _OF_ARGUMENTS}
        told = {k: v for k, v in settings.items() if v not in (False, "")}
        return {"train_data_dir": str(folder / "i_m_g"), "reg_data_dir": str(folder / "reg"),
                "caption_extension": extension, **told}  # fmt: skip
    if route == "metadata":
        subset = _metadata(folder, pictures, chance)
        subset |= {k: v for k, v in _settings(chance, 0.2).items() if k != "class_tokens"}
        return _config(folder, [{"subsets": [subset]}], {}, chance)
    if route == "json":
        subset = _metadata(folder, pictures, chance)
        return {"train_data_dir": subset["image_dir"], "in_json": subset["metadata_file"]}
    return _subsets(folder, pictures, extension, chance)


_OF_ARGUMENTS = {"caption_prefix", "caption_suffix", "enable_wildcard", "shuffle_caption",
                 "keep_tokens", "keep_tokens_separator", "secondary_separator",
                 "caption_separator"}  # fmt: skip


def _subsets(
    folder: Path, pictures: list[Path], extension: str, chance: random.Random
) -> dict[str, Any]:
    """Data sets of a config: folders of the pictures, some named twice, some of them to regular."""
    folders = sorted({each.parent for each in pictures})
    if chance.random() < 0.2:
        return _controls(folder, chance)
    data_sets = []
    for _ in range(chance.randint(1, 2)):
        subsets = []
        for each in (*folders, chance.choice(folders)):
            subset = {"image_dir": str(each), **_settings(chance, 0.2)}
            if chance.random() < 0.8:
                subset["caption_extension"] = extension
            if chance.random() < 0.2:
                subset["is_reg"] = True
            if chance.random() < 0.1:
                subset["cache_info"] = True
                named = {str(path): {"caption": chance.choice(CAPTIONS), "resolution": [64, 64]}
                         for path in chance.sample(pictures, k=min(2, len(pictures)))}  # fmt: skip
                (each / "metadata_cache.json").write_text(json.dumps(named))
            subsets.append(subset)
        data_sets.append({"subsets": subsets, **_settings(chance, 0.08)})
    return _config(folder, data_sets, _settings(chance, 0.08), chance)


def _controls(folder: Path, chance: random.Random) -> dict[str, Any]:
    for name in ("target", "control"):
        (folder / name).mkdir()
        for number in range(3):
            path = folder / name / f"{number}{'.PNG' if number else '.jpg'}"
            Image.new("RGB", (40 + number, 50)).save(path, "PNG")
            path.with_suffix(".txt").write_text(chance.choice(CAPTIONS[:8]))
    subset = {"image_dir": str(folder / "target"), "caption_extension": ".txt",
              "conditioning_data_dir": str(folder / "control"), "num_repeats": 2}  # fmt: skip
    return {**_config(folder, [{"subsets": [subset]}], {}, chance), "masked_loss": True}


def _metadata(folder: Path, pictures: list[Path], chance: random.Random) -> dict[str, Any]:
    image_dir = folder / "i_m_g"
    entries: dict[str, dict[str, str]] = {}
    for each in pictures:
        name = str(each) if chance.random() < 0.5 else os.path.relpath(each, image_dir)
        entry = {"caption": chance.choice(CAPTIONS)}
        if chance.random() < 0.5:
            entry["tags"] = chance.choice(CAPTIONS)
        entries[name] = entry
    lines = chance.random() < 0.5
    file = folder / ("meta.jsonl" if lines else "meta.json")
    rows = [{"image_path": name, **entry} for name, entry in entries.items()]
    as_lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    file.write_text(as_lines if lines else json.dumps(entries))
    return {"image_dir": str(image_dir), "metadata_file": str(file)}


def _config(
    folder: Path, data_sets: list[dict[str, Any]], general: dict[str, Any], chance: random.Random
) -> dict[str, Any]:
    document = {"general": general, "datasets": data_sets}
    if chance.random() < 0.5:
        (folder / "dataset.toml").write_text(tomli_w.dumps(document))
        return {"dataset_config": str(folder / "dataset.toml")}
    (folder / "dataset.json").write_text(json.dumps(document))
    return {"dataset_config": str(folder / "dataset.json")}


ENTRIES: tuple[dict[str, str], ...] = (
    {"caption": "by path"}, {}, {"caption_short": "s"},
    {"caption": "long, er", "caption_short": "x"},
)  # fmt: skip


def _ai_toolkit(folder: Path, chance: random.Random) -> dict[str, Any]:
    extension = chance.choice([".txt", ".caption", "_c.txt"])
    pictures = write_folder(folder / "img", chance, (extension, ".txt"))
    write_folder(folder / "beside", chance, ())
    data_sets = []
    for _ in range(chance.randint(1, 2)):
        told: dict[str, Any] = {"folder_path": str(folder / "img"), "caption_ext": extension}
        if chance.random() < 0.3:
            file = folder / "data.json"
            entries = {str(each): chance.choice(ENTRIES) for each in pictures}
            file.write_text(json.dumps(entries))
            told = {"dataset_path": str(file), "caption_ext": extension}
        choices: dict[str, tuple[Any, ...]] = {
            "num_repeats": (1, 2, 0), "default_caption": ("[trigger], def", ""),
            "trigger_word": ("sks", ""), "is_reg": (True,), "resolution": ([512, 768], 512),
            "control_path": (str(folder / "beside"), [str(folder / "beside")]),
            "mask_path": (str(folder / "beside"),), "shuffle_tokens": (True,),
            "caption_dropout_rate": (0.3,), "token_dropout_rate": (0.3,), "flip_x": (True,),
            "flip_y": (True,), "random_triggers": (["one", "two"],),
            "caption_type": ("txt", ".txt"), "use_short_captions": (True,),
        }  # fmt: skip
        told |= {k: chance.choice(v) for k, v in choices.items() if chance.random() < 0.25}
        data_sets.append(told)
    process: dict[str, Any] = {"type": "sd_trainer", "datasets": data_sets}
    if chance.random() < 0.5:
        process["trigger_word"] = chance.choice(["ohwx", "", "[name]"])
    document = {"job": "extension", "config": {"name": "heroine", "process": [process]}}
    (folder / "job.json").write_text(json.dumps(document))
    return {"config": str(folder / "job.json")}


def _diffusers(folder: Path, chance: random.Random) -> dict[str, Any]:
    write_folder(folder / "img", chance, ())
    inside = folder / "img"
    arguments: dict[str, Any] = {"instance_prompt": "a photo of sks"}
    arguments["script"] = chance.choice(DREAMBOOTH)
    if chance.random() < 0.6:
        held = _flat(sorted(inside.rglob("*")), folder / "flat")
        if chance.random() < 0.2:
            (held / "caption.txt").write_text("no picture")
        arguments["instance_data_dir"] = str(held)
    else:
        arguments["script"] = "train_dreambooth_lora_flux"
        arguments["dataset_name"] = str(inside)
        _describe(inside, chance)
        if chance.random() < 0.5 and list(inside.glob("metadata.*")):
            arguments["caption_column"] = "text"
    if arguments["script"] != DREAMBOOTH[0] and chance.random() < 0.5:
        arguments["repeats"] = chance.randint(1, 3)
    if chance.random() < 0.3:
        _flat(write_folder(folder / "all", chance, ()), folder / "class")
        arguments |= {"with_prior_preservation": True, "class_prompt": "a woman",
                      "class_data_dir": str(folder / "class"), "num_class_images": 3}  # fmt: skip
    return arguments


def _flat(paths: list[Path], folder: Path) -> Path:
    """``folder`` with the files at ``paths``: these scripts open whatever a folder holds."""
    folder.mkdir()
    for number, each in enumerate(paths):
        if each.is_file():
            (folder / f"{number}{each.name}").write_bytes(each.read_bytes())
    return folder


DREAMBOOTH = ("train_dreambooth_lora", "train_dreambooth_lora_sdxl", "train_dreambooth_lora_flux",
              "train_dreambooth_lora_sd3")  # fmt: skip


def _describe(folder: Path, chance: random.Random) -> None:
    """Metadata of imagefolder beside the pictures, in half of the packs."""
    pictures = [each for each in sorted(folder.rglob("*")) if each.suffix.lower() in FORMATS]
    names = [str(each.relative_to(folder)) for each in pictures if each.is_file()]
    if chance.random() < 0.5:
        lines = [json.dumps({"file_name": name, "text": f"caption {n}"})
                 for n, name in enumerate(names)]  # fmt: skip
        (folder / "metadata.jsonl").write_text("\n".join(lines))


def _musubi_tuner(folder: Path, chance: random.Random) -> dict[str, Any]:
    extension = chance.choice([".txt", ".caption"])
    pictures = write_folder(folder / "img", chance, (extension, ".txt"))
    data_sets: list[dict[str, Any]] = []
    if chance.random() < 0.3:
        rows = [{"image_path": str(each), "caption": chance.choice(CAPTIONS)} for each in pictures]
        for row in rows[::2]:
            row[chance.choice(["control_path", "control_path_0"])] = str(pictures[0])
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / "images.jsonl").write_text("\n".join(lines))
        data_sets.append({"image_jsonl_file": str(folder / "images.jsonl"),
                          "cache_directory": str(folder / "cache")})  # fmt: skip
    folders = sorted({path.parent for path in pictures})
    data_sets += [{"image_directory": str(f), "caption_extension": extension} for f in folders]
    for each in data_sets:
        if chance.random() < 0.4:
            each["num_repeats"] = chance.randint(1, 4)
    document = {"general": {"resolution": [64, 64]}, "datasets": data_sets}
    (folder / "dataset.toml").write_text(tomli_w.dumps(document))
    return {"dataset_config": str(folder / "dataset.toml")}


RANDOM: dict[str, Callable[[Path, random.Random], dict[str, Any]]] = {
    "sd-scripts": _sd_scripts,
    "ai-toolkit": _ai_toolkit,
    "diffusers": _diffusers,
    "musubi-tuner": _musubi_tuner,
}
"""Trainer -> what lays a random pack out in a folder, and returns the arguments that it is started
with."""
