"""Command lines in scripts: ``accelerate launch train_dreambooth_lora.py --instance_data_dir=…``.

What people pass along with a pack, or a notebook's cell; the shell's own variables are followed as
far as they are set in the same script (``export INSTANCE_DIR=./dog``, as the README of
huggingface/diffusers ``examples/dreambooth`` has it). Nothing is executed.
"""

import re
import shlex
from collections.abc import Iterator, Mapping

Arguments = dict[str, str | bool | list[str]]

SCRIPTS = re.compile(r"\btrain_[a-z0-9_]*\.py\b")

MAX_SCRIPT_CHARACTERS = 64 * 1024
MAX_COMMANDS = 20
"""Trainings that the scripts of one pack may start; each may name all of its pictures."""

MAX_VALUE_CHARACTERS = 4096
MAX_QUOTED_CHARACTERS = 16 * 1024
"""Of a command whose quotation marks are heeded: `shlex` reads some 100 KB a second."""

MAX_VARIABLES = 100
"""Variables that are filled in in one line."""

_CONTINUED = re.compile(r"[\\^`][ \t]*\r?\n")
_SET = re.compile(r"^\s*(?:export\s+|set\s+|\$env:|%env\s+)?([A-Za-z_]\w*)\s*=(.*)$")
_VARIABLE = re.compile(r"\$(?:\{(?:env:)?(\w+)\}|(?:env:)?(\w+))|%(\w+)%")


def commands(text: str) -> Iterator[Arguments]:
    """The arguments of each training script that ``text`` starts."""
    if len(text) > MAX_SCRIPT_CHARACTERS or SCRIPTS.search(text) is None:
        return
    variables: dict[str, str] = {}
    for line in _CONTINUED.sub(" ", text).splitlines():
        script = SCRIPTS.search(line)
        if script is not None and "--" in line[script.end() :]:
            yield arguments_of(_words(_filled(line[script.end() :], variables)))
            continue
        setting = _SET.match(line)
        if setting is not None:
            value = _filled(setting.group(2).strip(), variables).strip("\"'")
            variables[setting.group(1)] = value[:MAX_VALUE_CHARACTERS]


def arguments_of(words: list[str]) -> Arguments:
    """Names without dashes and their values: text, a list where several follow, True for none."""
    arguments: Arguments = {}
    name = ""
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            arguments[name] = value if equals else True
        elif name:
            before = arguments[name]
            if before is True:
                arguments[name] = word
            elif isinstance(before, list):
                before.append(word)
            elif isinstance(before, str):
                arguments[name] = [before, word]
    return arguments


def _words(line: str) -> list[str]:
    if len(line) > MAX_QUOTED_CHARACTERS:
        return line.split()
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # an odd quotation mark
        return line.split()


def _filled(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return variables.get(found.group(1) or found.group(2) or found.group(3), found.group())

    return _VARIABLE.sub(value, text, count=MAX_VARIABLES)
