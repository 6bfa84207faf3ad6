"""Configs of trainers: parsed within limits, into plain values, and nothing in them is executed.

A config comes out of an upload as often as not: what does not parse, is nested too deep or grows
beyond its limits when its anchors are followed ends as `ConfigUnclear`, which leaves the file
unscreened with that reason.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from screening.errors import ScreeningError
from screening.packs.layouts.yaml_text import read_yaml
from screening.packs.paths import given_path

CONFIG_SUFFIXES = (".toml", ".json", ".yaml", ".yml")

MAX_CONFIG_CHARACTERS = 4 * 1024 * 1024
"""Of JSON; metadata files of 10,000 pictures with long captions have some 2 MiB."""

MAX_TOML_CHARACTERS = 1024 * 1024
MAX_YAML_CHARACTERS = 256 * 1024
"""`tomllib` and PyYAML parse in Python, some 1 MB and 0.1 MB a second; configs have 1-20 KB."""

_READ_DIFFERENTLY = re.compile(r"""\"\"\"|'''|\\[^"\\\n]*"[ \t]*[=.]""")
"""What `tomllib` and the package ``toml`` 0.10.2, which sd-scripts, musubi-tuner and diffusion-pipe
parse with, make different documents of: a config may show us other data than it shows them."""

MAX_DEPTH = 32
"""Levels of a config; the deepest that a trainer documents (SimpleTuner's backends) have 5."""

MAX_VALUES = 200_000
"""Keys and values of one config, those behind an anchor counted each time it is used."""

MAX_NAMED_CHARACTERS = 128 * 1024 * 1024
"""Of the texts that configs name, each counted whenever it is read: a config may name a file of
100,000 lines a thousand times. What is over it counts as a file that cannot be read."""

MAX_INTEGER_BITS = 64
"""Python does not print integers of any length, and no trainer counts further."""


class ConfigUnclear(ScreeningError):  # noqa: N818 - named after what the config is
    """A config, or a part of one, that cannot be understood. Never leaves `screening.packs`.

    The message is the sentence that the file's `Unscreened` entry carries.
    """


class Files(Protocol):
    """The files that a config may name: on disk for the operator's, else within the pack."""

    def text(self, config_path: str, place: str) -> str | None:
        """What the text file at ``place`` says, None where there is none that may be read."""


class NoFiles:
    """For a config whose files nobody can read."""

    def text(self, config_path: str, place: str) -> str | None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One config file. ``document`` holds dicts with str keys, lists, str, int, float, bool, None.

    ``path`` is its path within the pack. ``trusted`` is the config that the operator gave: it may
    name files anywhere on this machine, as the trainer's own command line does. A config found
    inside a pack names nothing outside it.
    """

    path: str
    document: Any
    files: Files = field(default_factory=NoFiles)
    trusted: bool = False

    def text(self, place: str) -> str | None:
        """What the text file that this config names says, None where there is none."""
        return self.files.text(self.path, place)

    def nested(self, place: str) -> "Config":
        """The config that this one names. Raises ConfigUnclear where there is none to be read.

        Its own places are resolved as those of this config.
        """
        text = self.text(place)
        if text is None:
            raise ConfigUnclear(f"names the config {place!r}, which cannot be read")
        document = parse(place, text)
        return Config(path=self.path, document=document, files=self.files, trusted=self.trusted)


def is_config_name(path: str) -> bool:
    """Whether a file has the suffix of a config."""
    return given_path(path).lower().endswith(CONFIG_SUFFIXES)


def parse(path: str, text: str) -> Any:
    """The document in ``text``, by the suffix of ``path``. Raises ConfigUnclear."""
    name = given_path(path).lower()
    if name.endswith(".toml"):
        kind, limit = "TOML", MAX_TOML_CHARACTERS
    elif name.endswith((".yaml", ".yml")):
        kind, limit = "YAML", MAX_YAML_CHARACTERS
    elif name.endswith(".json"):
        kind, limit = "JSON", MAX_CONFIG_CHARACTERS
    else:
        raise ConfigUnclear(f"is no config: its name ends in none of {', '.join(CONFIG_SUFFIXES)}")
    if len(text) > limit:
        raise ConfigUnclear(f"is {kind} of more than {limit:,} characters; it is not read")
    try:
        document = _parsed(kind, text)
    except ConfigUnclear:
        raise
    except RecursionError:
        raise ConfigUnclear(f"is {kind} nested too deep") from None
    # tomllib and PyYAML let what Python's own conversions raise through: years and numbers out of
    # range, dates that are none, keys that cannot be one.
    except (ValueError, TypeError, OverflowError, AttributeError, LookupError) as error:
        raise ConfigUnclear(f"is no {kind}: {_first_line(error)}") from error
    document = plain(document)
    if kind == "TOML" and not _has_plain_keys(document):
        raise ConfigUnclear("is TOML with odd keys, which trainers read differently")
    return document


def _has_plain_keys(value: Any) -> bool:
    """Whether ``toml`` reads the same keys: it drops blanks at their ends and mixes up quotes."""
    if isinstance(value, dict):
        plain_keys = all(key == key.strip() and not {*"\"'\\"} & {*key} for key in value)
        return plain_keys and all(map(_has_plain_keys, value.values()))
    return not isinstance(value, list) or all(map(_has_plain_keys, value))


def plain(document: Any) -> Any:
    """``document`` of dicts, lists and scalars alone, within the limits. Raises ConfigUnclear.

    Keys become text; dates and bytes become text as well; what is shared is copied.
    """
    left = [MAX_VALUES]
    return _plain(document, 0, left)


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise ConfigUnclear(f"has more than {MAX_VALUES:,} values")
    if depth > MAX_DEPTH:
        raise ConfigUnclear(f"is nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        return {_key(key): _plain(item, depth + 1, left) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, depth + 1, left) for item in value]
    return value if value is None or isinstance(value, str | bool | float) else _scalar(value)


def _scalar(value: Any) -> Any:
    if not isinstance(value, int):
        return str(value)
    if value.bit_length() > MAX_INTEGER_BITS:
        raise ConfigUnclear(f"has a whole number of more than {MAX_INTEGER_BITS} bits")
    return value


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(_scalar(key))


def _parsed(kind: str, text: str) -> Any:
    if kind == "TOML":
        if _READ_DIFFERENTLY.search(text):
            raise ConfigUnclear(
                "is TOML with escapes in a key or text over several lines, which trainers read "
                "differently"
            )
        return tomllib.loads(text.replace("\r\n", "\n"))
    if kind == "YAML":
        return read_yaml(text, max_depth=MAX_DEPTH, max_values=MAX_VALUES)
    return json.loads(text)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["it cannot be parsed"])[0][:200]
