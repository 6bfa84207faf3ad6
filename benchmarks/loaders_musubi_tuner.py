"""Which pictures kohya-ss/musubi-tuner itself would make latents of, with which captions.

    PYTHON benchmarks/loaders_musubi_tuner.py CHECKOUT JOBS.json RESULTS.json

Started by `loaders` with the interpreter that has musubi-tuner's packages; nothing of `screening`
is imported. Runs what ``cache_latents.py`` runs before it loads a model: ``load_user_config``,
``BlueprintGenerator``, and the data sources that the configs choose.
"""

# ruff: noqa: PLC0415, PTH100 - the trainer's modules come from its checkout; links stay links

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ARCHITECTURE = "qie"
"""Qwen-Image-Edit's: any number of control pictures."""


def main() -> None:
    checkout, jobs, results = map(Path, sys.argv[1:4])
    sys.path.insert(0, str(checkout / "src"))
    from musubi_tuner.dataset import config_utils

    found = []
    for job in json.loads(jobs.read_text()):
        os.chdir(job["folder"])
        try:
            config = job["arguments"]["dataset_config"]
            found.append({"pictures": _pictures(config_utils, config)})
        except (Exception, SystemExit) as error:  # whatever it is, nothing trains
            found.append({"refused": f"{type(error).__name__}: {error}"[:300]})
    results.write_text(json.dumps(found))


def _pictures(config_utils: Any, path: str) -> list[dict[str, Any]]:
    generator = config_utils.BlueprintGenerator(config_utils.ConfigSanitizer())
    config = config_utils.load_user_config(path)
    blueprint = generator.generate(config, argparse.Namespace(), architecture=ARCHITECTURE)
    group = config_utils.generate_dataset_group_by_blueprint(blueprint.dataset_group)
    pictures = []
    for data_set in group.datasets:
        source = data_set.datasource
        for number in range(len(source)):
            named, _, caption, _ = source.get_image_data(number)
            paths = [named, *getattr(source, "target_paths", {}).get(named, ())]
            pictures += [
                {"path": os.path.abspath(each), "captions": [caption],
                 "repeats": data_set.num_repeats, "role": "train"}
                for each in paths
            ]  # fmt: skip
            pictures += [
                {"path": os.path.abspath(each), "role": "control"}
                for each in _controls(source, number, named)
            ]
    return pictures


def _controls(source: Any, number: int, named: str) -> list[str]:
    if hasattr(source, "control_paths"):
        return list(source.control_paths.get(named, ()))
    data = getattr(source, "data", None)
    if data is None:
        return []
    return [path for key, path in data[number].items() if key.startswith("control_path_")]


if __name__ == "__main__":
    main()
