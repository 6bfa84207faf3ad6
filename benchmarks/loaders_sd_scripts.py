"""Which pictures kohya-ss/sd-scripts itself would train on, with which captions, how often.

    PYTHON benchmarks/loaders_sd_scripts.py CHECKOUT JOBS.json RESULTS.json

Started by `loaders` with the interpreter that has sd-scripts' packages; nothing of `screening` is
imported. Runs what ``train_network.py`` runs before it loads a model: its own argument parser,
``ConfigSanitizer``, ``BlueprintGenerator`` and the data-set classes that these choose.
"""

# ruff: noqa: PLC0415, PTH100 - the trainer's modules come from its checkout; links stay links

import argparse
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

DRAWS = 60
"""Captions drawn of each picture: wildcards, shuffling and dropping of tags are random."""


def main() -> None:
    checkout, jobs, results = map(Path, sys.argv[1:4])
    sys.path.insert(0, str(checkout))
    from diffusers import StableDiffusionPipeline  # noqa: F401 - `transformers` is whole after it

    # A pipeline that draws samples imports it, and newer `transformers` have it no more.
    vars(sys.modules["transformers"])["CLIPFeatureExtractor"] = object
    import train_network

    found = []
    for job in json.loads(jobs.read_text()):
        os.chdir(job["folder"])
        random.seed(0)
        try:
            found.append({"pictures": _pictures(train_network, job["arguments"])})
        except (Exception, SystemExit) as error:  # whatever it is, nothing trains
            found.append({"refused": f"{type(error).__name__}: {error}"[:300]})
    results.write_text(json.dumps(found))


def _pictures(train_network: Any, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    args = _parsed(train_network, arguments)
    group, validation = _data_sets(train_network, args)
    pictures = []
    for role, each in (("train", group), ("validation", validation)):
        for data_set in each.datasets if each is not None else ():
            pictures += _of_data_set(data_set, role, "mask" if args.masked_loss else "control")
    return pictures


def _parsed(train_network: Any, arguments: dict[str, Any]) -> argparse.Namespace:
    parser = train_network.setup_parser()
    words = []
    for name, value in arguments.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    told = {"output_name": "x", "resolution": "64,64", "cache_latents": True}
    words += [f"--{key}" if value is True else f"--{key}={value}" for key, value in told.items()]
    sys.argv = ["train_network.py", *words]
    args = parser.parse_args(words)
    args = train_network.train_util.read_config_from_file(args, parser)
    train_network.train_util.prepare_dataset_args(args, True)
    return args


def _data_sets(train_network: Any, args: argparse.Namespace) -> tuple[Any, Any]:
    """The lines of ``NetworkTrainer.train`` between reading the arguments and loading a model."""
    strategies, utility = train_network.strategy_base, train_network.config_util
    caching = train_network.strategy_sd.SdSdxlLatentsCachingStrategy(True, True, 1, False)
    strategies.LatentsCachingStrategy._strategy = None
    strategies.LatentsCachingStrategy.set_strategy(caching)
    sanitizer = train_network.ConfigSanitizer(True, True, args.masked_loss, True)
    if args.dataset_config is not None:
        config = utility.load_user_config(args.dataset_config)
    elif args.in_json is None:
        folders = utility.generate_dreambooth_subsets_config_by_subdirs(
            args.train_data_dir, args.reg_data_dir
        )
        config = {"datasets": [{"subsets": folders}]}
    else:
        subset = {"image_dir": args.train_data_dir, "metadata_file": args.in_json}
        config = {"datasets": [{"subsets": [subset]}]}
    blueprint = train_network.BlueprintGenerator(sanitizer).generate(config, args)
    return utility.generate_dataset_group_by_blueprint(blueprint.dataset_group)


def _of_data_set(data_set: Any, role: str, beside: str) -> list[dict[str, Any]]:
    told = getattr(data_set, "dreambooth_dataset_delegate", data_set)
    pictures = []
    for key, info in told.image_data.items():
        subset = told.image_to_subset[key]
        captions = {told.process_caption(subset, info.caption) for _ in range(DRAWS)}
        pictures.append(
            {
                "path": os.path.abspath(info.absolute_path),
                "captions": sorted(captions),
                "repeats": info.num_repeats if role == "train" else None,
                "role": "regularisation" if info.is_reg else role,
            }
        )
        if info.cond_img_path is not None:
            pictures.append({"path": info.cond_img_path, "role": beside})
    return pictures


if __name__ == "__main__":
    main()
