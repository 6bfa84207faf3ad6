"""Command lines: which script a launcher starts, and with which arguments.

Only launchers are followed that start the script in the folder, and with the environment, that they
have themselves: ``python``, ``accelerate launch``, ``torchrun``, ``deepspeed``, ``uv run``. Nothing
is executed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from screening.errors import ScreeningError


class DataUnknown(ScreeningError):  # noqa: N818 - named after what is wrong
    """Which data a command trains on cannot be told, or the data cannot be read."""


NOT_PYTHON = frozenset({"-c", "--no_python", "--no-python"})
"""What follows these options of launchers is no script of Python."""


class CommandUnknown(DataUnknown):
    """The command is none that is understood here: whoever starts it has to name the data."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; name the data before the --: screening guard PACK -- COMMAND")


PYTHON = re.compile(r"(?:python|pypy)[0-9.]*(?:\.exe)?")
LAUNCHERS = frozenset({"torchrun", "deepspeed"})
LAUNCHING_MODULES = frozenset(
    {"accelerate.commands.launch", "accelerate", "torch.distributed.run"}
    | {"torch.distributed.launch", "deepspeed", "deepspeed.launcher.runner"}
)


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


def read_command_line(words: Sequence[str]) -> CommandLine:
    """The script that ``words`` start. Raises CommandUnknown."""
    left = list(words)
    if [PurePosixPath(left[0]).name, *left[1:2]] == ["uv", "run"]:
        left = left[2:]
    launcher = PurePosixPath(left[0]).name if left else ""
    if launcher == "simpletuner":
        return CommandLine(script="simpletuner", arguments=tuple(left[1:]))
    if launcher.endswith(".py"):
        return CommandLine(script=left[0], arguments=tuple(left[1:]))
    if launcher == "accelerate" and left[1:2] == ["launch"]:
        return _script_in(left[2:])
    if launcher in LAUNCHERS or PYTHON.fullmatch(launcher):
        return _script_in(left[1:])
    raise CommandUnknown(f"{launcher!r} is no launcher that is known here")


def _script_in(words: Sequence[str]) -> CommandLine:
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-m", "--module"):
            module = words[at + 1] if at + 1 < len(words) else ""
            if module not in LAUNCHING_MODULES:
                if "." not in module and not module.isidentifier():
                    break
                script = module.replace(".", "/") + ".py"
                return CommandLine(script=script, arguments=tuple(words[at + 2 :]))
            at += 2
            continue
        if word in NOT_PYTHON or word.startswith("--module="):
            break
        if word.endswith(".py"):
            return CommandLine(script=word, arguments=tuple(words[at + 1 :]))
        is_value = at > 0 and words[at - 1].startswith("-")
        if word == "-" or not (word.startswith("-") or is_value):
            break  # this is the script, whatever stands behind it
        at += 1
    raise CommandUnknown("no training script is named in the command")


def named_arguments(
    words: Sequence[str], *, data: Iterable[str]
) -> tuple[dict[str, str | bool | list[str]], tuple[str, ...]]:
    """(values by name, what stands before the first name), names with ``_`` and without dashes.

    A name without a value is True, with several a list. ``data`` are the names that say where data
    is: those must be written out, since ``argparse`` takes any beginning of them, and given once.
    Raises DataUnknown.
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
