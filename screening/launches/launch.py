"""A launch: a trainer's command line, understood.

kohya-ss/sd-scripts (48d368f) and kohya-ss/musubi-tuner (30c658c) take ``--dataset_config``, folders
and a ``--config_file`` whose sections are merged and which the command line overrides
(``library/train_util.py``, ``read_config_from_file``; ``training/parser_common.py``);
huggingface/diffusers (58eb52c, ``examples/*/train_*.py``) folders and names of data sets;
ostris/ai-toolkit (27a03a9) ``run.py`` and a config, looked for in its own ``config`` folder first
(``toolkit/config.py``); Nerogar/OneTrainer (23df383, ``scripts/train.py``) ``--config-path``;
tdrussell/diffusion-pipe (8f83dbf, ``train.py``) ``--config``; bghira/SimpleTuner (bc8e6ab) its
environment (`screening.launches.simple_tuner`).
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.launches.command_line import (
    CommandLine,
    CommandUnknown,
    DataUnknown,
    named_arguments,
    read_command_line,
)
from screening.launches.simple_tuner import simple_tuner_pack
from screening.launches.unknown_data import open_beside, screened_places, unscreened_word
from screening.packs import (
    Kind,
    Member,
    Pack,
    Unscreened,
    decode_text,
    open_arguments,
    open_pack,
    recognise,
)
from screening.packs.layouts.config import ConfigUnclear, parse
from screening.settings import MEBIBYTE, Limits

MUSUBI_SCRIPTS = re.compile(
    r"(?:flux_2|flux_kontext|fpack|hidream_o1|hv|hv_1_5|ideogram4|kandinsky5|krea2|qwen_image|wan"
    r"|zimage)_train(?:_network)?(?:_self_flow)?\.py"
)
SD_SCRIPTS = re.compile(
    r"(?:(?:sdxl|flux|sd3|lumina|anima|hunyuan_image)_)?train(?:_network|_textual_inversion"
    r"|_control_net|_control_net_lllite|_control_net_lllite_old)?\.py"
    r"|train_(?:db|controlnet|textual_inversion_XTI)\.py|fine_tune\.py"
)
DIFFUSERS_SCRIPTS = re.compile(r"train_[a-z0-9_]+\.py")

KOHYA_DATA = (
    *("train_data_dir", "reg_data_dir", "in_json", "dataset_config", "config_file"),
    *("conditioning_data_dir", "dataset_class"),
)
DIFFUSERS_DATA = (
    *("instance_data_dir", "class_data_dir", "train_data_dir", "dataset_name", "concepts_list"),
    *("instance_data_root", "train_shards_path_or_url", "data_root", "class_data_root"),
    "jsonl_for_train",
)
SECRETS = frozenset({"huggingface_token", "hub_token", "wandb_api_key", "api_key"})
"""Arguments that no decision may hold."""

CONFIG_SUFFIXES = (".json", ".jsonc", ".yaml", ".yml")
AI_TOOLKIT_OPTIONS = frozenset({"-r", "--recover"})

ONE_TRAINER_CHANGES = ("preset_path", "config_value", "callback_path", "command_path")
"""Options of OneTrainer, or their beginnings, that change what its config says."""

MAX_CONFIG_BYTES = MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A command whose data is known. `open` finds the data, each time anew."""

    trainer: str
    open: Callable[[Limits], Pack]


def read_launch(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path | None = None
) -> Launch:
    """What ``command`` trains on, started in ``folder`` (the current one) with ``environment``.

    Raises DataUnknown where that cannot be told from the command line.
    """
    line = read_command_line(command, environment)
    folder = (folder or Path.cwd()).absolute()
    if line.script == "simpletuner" or line.folder == "simpletuner":
        return Launch(
            trainer="SimpleTuner",
            open=lambda limits: simple_tuner_pack(line, environment, folder, limits),
        )
    if line.name == "run.py":
        return _of_config("ai-toolkit", _ai_toolkit_config(line, folder), folder)
    if line.name == "train.py":
        return _train_py(line, folder)
    for trainer, scripts, data in (
        ("musubi-tuner", MUSUBI_SCRIPTS, KOHYA_DATA),
        ("sd-scripts", SD_SCRIPTS, KOHYA_DATA),
        ("diffusers", DIFFUSERS_SCRIPTS, DIFFUSERS_DATA),
    ):
        if scripts.fullmatch(line.name):
            both = dict.fromkeys((*data, *DIFFUSERS_DATA)) if trainer == "sd-scripts" else data
            return _of_arguments(trainer, line, folder, both)
    raise CommandUnknown(f"{line.name!r} is no training script that is known here")


def _of_arguments(trainer: str, line: CommandLine, folder: Path, data: Iterable[str]) -> Launch:
    """A launch whose command line names the data."""
    known = tuple(data)
    arguments, before = named_arguments(line.arguments, data=known)
    if before:
        raise CommandUnknown(f"{line.name} takes nothing that has no name, as {before[0]!r} has")
    if not any(name in arguments for name in known):
        raise CommandUnknown(f"the command names no data ({line.name})")
    if trainer == "sd-scripts" and any(
        name in arguments for name in DIFFUSERS_DATA if name not in KOHYA_DATA
    ):
        trainer = "diffusers"  # train_controlnet.py is a script of both

    def opened(limits: Limits) -> Pack:
        told: dict[str, Any] = dict(arguments)
        file = arguments.get("config_file")
        followed: set[str] = set()
        if isinstance(file, str) and trainer != "diffusers":
            told = _merged(folder, file) | told
            followed = {"config_file"}
        told = {name: value for name, value in told.items() if name not in SECRETS}
        asked = {name: value for name, value in told.items() if name not in followed}
        return open_beside(
            lambda beside: open_arguments(
                told, trainer=trainer, limits=limits, working_folder=folder, beside=beside
            ),
            asked,
            folder=folder,
            known=known,
        )

    return Launch(trainer=trainer, open=opened)


def _merged(folder: Path, name: str) -> dict[str, Any]:
    """The settings of a ``--config_file``: its sections are for the reader alone."""
    file = folder / (name if name.endswith(".toml") else f"{name}.toml")
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_CONFIG_BYTES + 1)
        if len(text) > MAX_CONFIG_BYTES:
            raise DataUnknown(f"{file}: more than {MAX_CONFIG_BYTES:,} bytes; it is not read")
        document = parse(file.name, text.decode("utf-8"))
    except OSError as error:
        raise DataUnknown(f"{file}: cannot be read: {error}") from error
    except (ValueError, ConfigUnclear) as error:
        raise DataUnknown(f"{file}: not readable as TOML: {str(error)[:200]}") from error
    merged: dict[str, Any] = {}
    for key, value in document.items():
        merged |= value if isinstance(value, dict) else {key: value}
    # A table within a section is no setting to the trainer, and must not become one here.
    return {key: value for key, value in merged.items() if not isinstance(value, dict)}


def _of_config(
    trainer: str, config: Path, folder: Path, arguments: Mapping[str, Any] | None = None
) -> Launch:
    """A launch whose data a config names, which is read as a config and not as a picture.

    ``arguments`` are all of the command's, by name.
    """
    if not config.is_file():
        raise DataUnknown(f"{config}: no such config")

    def opened(limits: Limits) -> Pack:
        pack = open_beside(
            lambda beside: open_pack(
                config, limits=limits, trainer=trainer, working_folder=folder, beside=beside
            ),
            arguments or {},
            folder=folder,
        )
        if pack.training.config_path is None:
            raise DataUnknown(f"{config}: its name ends in no suffix of a config that is read here")
        return pack

    return Launch(trainer=trainer, open=opened)


def _ai_toolkit_config(line: CommandLine, folder: Path) -> Path:
    words = [word for word in line.arguments if word not in AI_TOOLKIT_OPTIONS]
    odd = [word for word in words if word.startswith("-")]
    if odd:
        raise CommandUnknown(f"what {odd[0]!r} changes in the config is not known")
    if len(words) != 1:
        raise CommandUnknown("run.py is started with more than one config, or none")
    own = _ai_toolkit_root(line, folder) / "config" / words[0]
    if not own.exists():
        for suffix in CONFIG_SUFFIXES:
            if (named := own.with_name(own.name + suffix)).exists():
                return named
    return folder / words[0]


def _ai_toolkit_root(line: CommandLine, folder: Path) -> Path:
    """The folder of the ``toolkit`` that ``run.py`` imports: from where it is started, if it is
    there, else from beside ``run.py`` itself, wherever a link to it lies."""
    if (folder / "toolkit" / "paths.py").exists():
        return folder
    return (folder / line.script).resolve().parent


def _train_py(line: CommandLine, folder: Path) -> Launch:
    """``train.py`` of OneTrainer, of diffusion-pipe, or of another trainer that is not known."""
    options = ("config_path", "config")
    arguments, before = named_arguments(line.arguments, data=options)
    if before:
        raise CommandUnknown(f"{line.name} takes nothing that has no name, as {before[0]!r} has")
    given = [name for name in options if isinstance(arguments.get(name), str)]
    if len(given) != 1:
        raise CommandUnknown("train.py is started without --config-path or --config")
    place = str(arguments[given[0]])
    if given[0] == "config":
        if not place.endswith(".toml"):
            raise CommandUnknown(f"--config {place}: diffusion-pipe takes TOML")
        return _of_config("diffusion-pipe", folder / place, folder, arguments)
    changed = [
        option
        for option in ONE_TRAINER_CHANGES
        if any(option.startswith(name) for name in arguments)
    ]
    if changed:
        option = changed[0].replace("_", "-")
        raise CommandUnknown(f"what --{option} changes in the config is not known")
    return _of_config("OneTrainer", folder / place, folder, arguments)


def outside_words(command: Sequence[str], outer: Pack, *, folder: Path | None = None) -> str:
    """The word of ``command`` that names a place outside of ``outer`` that may hold data.

    For a command that is not understood, started in ``folder`` (the current one): what it reads
    cannot be told, but nothing that it names is left out. Empty where there is none.
    """
    started = (folder or Path.cwd()).absolute()
    return unscreened_word(command[1:], folder=started, screened=screened_places(outer))


def outside(pack: Pack, outer: Pack) -> str:
    """A folder or file that ``pack`` reads and ``outer`` does not; empty where there is none."""
    roots = set(outer.training.roots)
    if outer.training.config_path is None:
        roots = {os.path.realpath(outer.source)} if outer.source.is_dir() else set()
    for path in sorted(pack.training.roots):
        if not any(path == root or path.startswith(root.rstrip("/") + "/") for root in roots):
            return path
    return ""


def unread(pack: Pack) -> str:
    """Why not all of the data that ``pack`` is to have can be read; empty where it can.

    Remote data, folders that are not there, a config that is not understood. Reads the pack, and
    decodes nothing.
    """
    images, videos, texts = list[str](), list[str](), dict[str, str]()
    for each in pack.read():
        if isinstance(each, Member) and each.kind is Kind.TEXT:
            texts[each.path] = decode_text(each.data)
        elif isinstance(each, Member):
            (videos if each.kind is Kind.VIDEO else images).append(each.path)
    layout = recognise(images, texts, videos=videos, training=pack.training)
    return unread_data(pack, layout.unscreened)


def unread_data(pack: Pack, unscreened: Iterable[Unscreened]) -> str:
    """As `unread`, from what was found to be unscreened."""
    config = pack.training.config_path
    return next((each.reason for each in unscreened if each.path == config), "")
