"""Packs for `loaders`: the conformance suite's layouts, and random hostile folders and configs.

A job is what a trainer is started with; ``arguments`` are named as its own parser names them.
"""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders_random import RANDOM

from screening.packs import Member, Pack, open_arguments, open_pack

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from layout_cases import OTHER_CASES
from layout_kohya_cases import KOHYA_CASES


@dataclass(frozen=True, kw_only=True)
class Job:
    """One pack: how its trainer is started, and the pack as `screening` opens it."""

    name: str
    trainer: str
    folder: Path
    arguments: dict[str, Any]
    pack: Pack


def conformance_jobs(root: Path, trainer: str) -> Iterator[Job]:
    """The layouts of the conformance suite that ``trainer`` reads from a config or arguments."""
    runs = {"kohya_ss": "", "fluxgym": "sd-scripts"}
    for case in (*KOHYA_CASES, *OTHER_CASES):
        if runs.get(case.trainer, case.trainer) != trainer:
            continue
        folder = root / case.name
        folder.mkdir(parents=True)
        source = case.lay_out(folder)
        if isinstance(source, Pack):
            arguments = _arguments_of(source)
            arguments.pop("cond_image_column", None)  # of a script that is not run here
        elif source.is_dir():
            continue  # a folder alone: what the trainer is told is not known
        else:
            arguments = {_config_argument(trainer, source): str(source)}
            if "conditioning_data_dir" in source.read_text():  # refused without
                arguments["masked_loss"] = True
        yield _job(case.name, trainer, folder, arguments)


def random_jobs(root: Path, trainer: str, count: int) -> Iterator[Job]:
    """``count`` random folders, each with a random config; the same ones each time."""
    for number in range(count):
        folder = root / f"random {number}"
        folder.mkdir(parents=True)
        chance = random.Random(f"{trainer} {number}")
        arguments = RANDOM[trainer](folder, chance)
        yield _job(folder.name, trainer, folder, arguments)


def _job(name: str, trainer: str, folder: Path, arguments: dict[str, Any]) -> Job:
    config = arguments.get("config") or arguments.get("config_file")
    if config is not None:
        pack = open_pack(config, trainer=trainer, working_folder=folder)
    else:
        told = {key: value for key, value in arguments.items() if key != "script"}
        pack = open_arguments(told, trainer=trainer, working_folder=folder)
    return Job(name=name, trainer=trainer, folder=folder, arguments=arguments, pack=pack)


def _arguments_of(pack: Pack) -> dict[str, Any]:
    first = next(each for each in pack.read() if isinstance(each, Member))
    arguments: dict[str, Any] = json.loads(first.data)
    return {key: value for key, value in arguments.items() if key != "network_dim"}


def _config_argument(trainer: str, source: Path) -> str:
    if trainer == "ai-toolkit":
        return "config"
    is_arguments = trainer == "sd-scripts" and "_arguments]" in source.read_text()
    return "config_file" if is_arguments else "dataset_config"
