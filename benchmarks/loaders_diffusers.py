"""Which pictures the DreamBooth scripts of huggingface/diffusers would train on.

    PYTHON benchmarks/loaders_diffusers.py CHECKOUT JOBS.json RESULTS.json

Started by `loaders` with the interpreter that has diffusers' packages; nothing of `screening` is
imported. Imports ``examples/dreambooth/SCRIPT.py``, has its own parser read the arguments, and
makes its ``DreamBoothDataset`` as its ``main`` does. What came out of ``load_dataset`` has no path
where it was bytes: the hash of its pixels stands for it.
"""

# ruff: noqa: PLC0415, PTH100 - the trainer's modules come from its checkout; links stay links

import hashlib
import importlib
import inspect
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

SIZE_PX = 32


def main() -> None:
    checkout, jobs, results = map(Path, sys.argv[1:4])
    sys.path.insert(0, str(checkout / "examples" / "dreambooth"))
    # Data that lies on other machines is not fetched here; that it would be is an error then.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HOME"] = str(results.parent / "cache")
    from accelerate import PartialState

    PartialState()  # the scripts' loggers ask for it
    found = []
    for job in json.loads(jobs.read_text()):
        os.chdir(job["folder"])
        arguments = dict(job["arguments"])
        script = importlib.import_module(arguments.pop("script", "train_dreambooth_lora_flux"))
        try:
            found.append({"pictures": _pictures(script, arguments)})
        except (Exception, SystemExit) as error:  # whatever it is, nothing trains
            found.append({"refused": f"{type(error).__name__}: {error}"[:300]})
    results.write_text(json.dumps(found))


def _pictures(script: Any, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    words = [f"--pretrained_model_name_or_path=x --resolution={SIZE_PX} --center_crop"]
    words = words[0].split()
    for name, value in arguments.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    script.args = args = script.parse_args(words)
    prior = args.with_prior_preservation
    told = {
        "instance_data_root": args.instance_data_dir,
        "instance_prompt": args.instance_prompt,
        "class_prompt": args.class_prompt,
        "class_data_root": args.class_data_dir if prior else None,
        "class_num": args.num_class_images,
        "size": args.resolution,
        "center_crop": True,
    }
    told |= {"repeats": getattr(args, "repeats", 1), "tokenizer": None}
    told |= {"encoder_hidden_states": 0, "class_prompt_encoder_hidden_states": 0}
    known = inspect.signature(script.DreamBoothDataset).parameters
    data_set = script.DreamBoothDataset(**{key: told[key] for key in told if key in known})
    examples = [data_set[number] for number in range(len(data_set))]
    pictures = _instances(data_set, examples, args)
    if prior:
        pictures += [
            {"path": os.path.abspath(each), "captions": [args.class_prompt],
             "role": "regularisation"}
            for each in data_set.class_images_path[: data_set.num_class_images]
        ]  # fmt: skip
    return pictures


def _instances(data_set: Any, examples: list[Any], args: Any) -> list[dict[str, Any]]:
    if hasattr(data_set, "instance_images_path"):
        return [
            {"path": os.path.abspath(each), "captions": [args.instance_prompt], "repeats": 1,
             "role": "train"}
            for each in data_set.instance_images_path
        ]  # fmt: skip
    named = [_identity(each) for each in data_set.instance_images]
    counted = Counter(named)
    captions: dict[str, set[str]] = {}
    for name, example in zip(named, examples, strict=False):
        captions.setdefault(name, set()).add(example["instance_prompt"])
    return [
        {
            "pixels" if name.startswith("pixels:") else "path": name.removeprefix("pixels:"),
            "captions": sorted(captions[name]),
            "repeats": counted[name],
            "role": "train",
        }
        for name in captions
    ]


def _identity(picture: Any) -> str:
    path = getattr(picture, "filename", "")
    if path:
        return os.path.abspath(path)
    rgb = picture.convert("RGB")
    return "pixels:" + hashlib.sha256(repr(rgb.size).encode() + rgb.tobytes()).hexdigest()


if __name__ == "__main__":
    main()
