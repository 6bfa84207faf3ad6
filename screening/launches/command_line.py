"""Command lines: which script a launcher starts, and with which arguments.

Only launchers are followed that start the script in the folder, and with the environment, that they
have themselves: ``python``, ``accelerate launch``, ``torchrun``, ``deepspeed``, ``uv run``. Nothing
is executed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from screening.errors import ScreeningError


class DataUnknown(ScreeningError):  # noqa: N818 - named after what is wrong
    """Which data a command trains on cannot be told, or the data cannot be read."""


class CommandUnknown(DataUnknown):
    """The command is none that is understood here: whoever starts it has to name the data."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; name the data before the --: screening guard PACK -- COMMAND")


NO_SCRIPT = "no training script is named in the command"

PYTHON = re.compile(r"(?:python|pypy)[0-9.]*(?:\.exe)?")
LAUNCHERS = frozenset({"torchrun", "deepspeed"})
LAUNCHING_MODULES = frozenset(
    {"accelerate.commands.launch", "torch.distributed.run", "torch.distributed.launch"}
    | {"deepspeed", "deepspeed.launcher.runner"}
)

PYTHON_VALUES = re.compile(r"-[^-cmWX]*([cmWX])(.*)", re.DOTALL)
"""Options of Python in one word, the last of which takes a value: in the same word, or the next."""

FLAGS = (
    *("quiet", "cpu", "multi_gpu", "tpu", "ipex", "debug", "use_mps_device", "use_deepspeed"),
    *("use_fsdp", "use_parallelism_config", "use_megatron_lm", "use_xpu", "downcast_bf16"),
    *("tpu_cluster", "no_tpu_cluster", "tpu_use_sudo", "tpu_use_cluster", "same_network"),
    *("enable_cpu_affinity", "dynamo_use_fullgraph", "dynamo_use_dynamic"),
    *("dynamo_use_regional_compilation", "standalone", "run_path", "virtual_local_rank"),
    *("no_ssh", "no_ssh_check", "force_multi", "save_pid", "no_local_rank"),
    *("bind_cores_to_rank", "elastic_training"),
)
"""Options without a value: of huggingface/accelerate (``commands/launch.py``), pytorch/pytorch
(``torch/distributed/run.py``) and deepspeedai/DeepSpeed (``launcher/runner.py``)."""

CHANGING_VARIABLES = frozenset(
    {"PET_MODULE", "PET_NO_PYTHON", "UV_ENV_FILE", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY"}
)
"""Variables in which ``torchrun`` and ``uv run`` take options."""

NUMBER = re.compile(r"-(?:\.?[0-9]|inf)")
"""How a value may begin that is no short option (``argparse``, ``_negative_number_matcher``)."""

SHORT_FLAGS = frozenset({"-q"})
SHORT_VALUES = frozenset({"-H", "-i", "-e", "-r", "-t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """A script and what it is told: ``script`` as written, a module as ``a/b.py``."""

    script: str
    arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        return PurePosixPath(self.script).name

    @property
    def folder(self) -> str:
        """The last folder that the script lies in, as far as it is written."""
        return PurePosixPath(self.script).parent.name


def read_command_line(
    words: Sequence[str], environment: Mapping[str, str] | None = None
) -> CommandLine:
    """The script that ``words`` start with ``environment``. Raises CommandUnknown."""
    changed = sorted(CHANGING_VARIABLES & {*(environment or {})})
    if changed:
        raise CommandUnknown(f"{changed[0]} is set, and changes what launchers start")
    left = list(words)
    if [PurePosixPath(left[0]).name, *left[1:2]] == ["uv", "run"]:
        left = left[2:]
    launcher = PurePosixPath(left[0]).name if left else ""
    if launcher == "simpletuner":
        return CommandLine(script="simpletuner", arguments=tuple(left[1:]))
    if launcher.endswith(".py"):
        return CommandLine(script=left[0], arguments=tuple(left[1:]))
    if launcher == "accelerate" and left[1:2] == ["launch"]:
        return _of_launcher(left[2:])
    if launcher in LAUNCHERS:
        return _of_launcher(left[1:])
    if PYTHON.fullmatch(launcher):
        return _of_python(left[1:])
    raise CommandUnknown(f"{launcher!r} is no launcher that is known here")


def _of_python(words: Sequence[str]) -> CommandLine:
    """What Python starts: options may be written together, and their values too (``-umtrain``)."""
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--check-hash-based-pycs":
            del left[:1]
            continue
        if word.startswith("--"):
            break
        if word == "-" or not word.startswith("-"):
            return _script(word, left)
        found = PYTHON_VALUES.fullmatch(word)
        if found is None:
            continue
        option, value = found.groups()
        value = value or (left.pop(0) if left else "")
        if option == "c":
            break
        if option == "m":
            return _of_launcher(left) if value in LAUNCHING_MODULES else _module(value, left)
    raise CommandUnknown(NO_SCRIPT)


def _of_launcher(words: Sequence[str]) -> CommandLine:
    """What a launcher starts. Its options may be shortened, as ``argparse`` allows."""
    left, is_module = list(words), False
    while left:
        word = left.pop(0)
        if word == "-" or not word.startswith("-"):
            return _module(word, left) if is_module else _script(word, left)
        name, equals, _ = word.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        if word == "-m" or (name.startswith("mod") and "module".startswith(name)):
            if equals:
                break
            is_module = True
        elif not word.startswith("--"):
            if word not in SHORT_FLAGS | SHORT_VALUES:
                break
            del left[: word in SHORT_VALUES]
        elif name.startswith("no_") and "no_python".startswith(name):
            break
        elif not (equals or _is_flag(name)) and left and _is_value(left[0], is_module):
            del left[0]
    raise CommandUnknown(NO_SCRIPT)


def _is_flag(name: str) -> bool:
    return any(flag.startswith(name) for flag in FLAGS)


def _is_value(word: str, is_module: bool) -> bool:
    """Whether ``word`` is taken for the value of an option that is not known here."""
    return not word.startswith("--") and (is_module or not word.endswith(".py"))


def _script(word: str, left: Sequence[str]) -> CommandLine:
    if not word.endswith(".py"):
        raise CommandUnknown(NO_SCRIPT)
    return CommandLine(script=word, arguments=tuple(left))


def _module(module: str, left: Sequence[str]) -> CommandLine:
    if not all(part.isidentifier() for part in module.split(".")):
        raise CommandUnknown(NO_SCRIPT)
    return CommandLine(script=module.replace(".", "/") + ".py", arguments=tuple(left))


def named_arguments(
    words: Sequence[str], *, data: Iterable[str]
) -> tuple[dict[str, str | bool | list[str]], tuple[str, ...]]:
    """(values by name, what stands before the first name), names with ``_`` and without dashes.

    A name without a value is True, with several a list. Short options are refused: the words that
    follow them would seem to be values of the name before. ``data`` are the names that say where
    data is: those must be written out, since ``argparse`` takes any beginning of them, and given
    once. Raises DataUnknown.
    """
    data = tuple(data)
    values: dict[str, str | bool | list[str]] = {}
    before: list[str] = []
    name = ""
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            name = name.replace("-", "_")
            _check_name(name, data, values)
            values[name] = value if equals else True
        elif not name:
            before.append(word)
        elif word.startswith("-") and word not in ("-", "--") and not NUMBER.match(word):
            raise CommandUnknown(f"what {word!r} says is not known")
        else:
            values[name] = _with(values[name], word)
    for name in data:
        if name in values and values[name] in (True, ""):
            raise DataUnknown(f"--{name} has no value")
    return values, tuple(before)


def _check_name(name: str, data: Sequence[str], values: dict[str, str | bool | list[str]]) -> None:
    if name in data:
        if name in values:
            raise DataUnknown(f"--{name} is given twice")
        return
    meant = [each for each in data if each.startswith(name)]
    if meant:
        raise DataUnknown(f"--{name} may stand for --{meant[0]}; write it out")


def _with(value: str | bool | list[str], word: str) -> str | list[str]:
    if isinstance(value, bool):
        return word
    return [*value, word] if isinstance(value, list) else [value, word]
