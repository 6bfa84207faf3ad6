"""bghira/SimpleTuner: which config its environment makes it read.

From ``simpletuner/helpers/configuration/loader.py``, ``json_file.py`` and ``env_file.py`` at
bc8e6ab7738ce457a2ed8eb2d26cadd91c6442cb: variables of ``config/config.env`` come first, the
environment's name is one of three variables, the kind of config is one of three variables or the
first file that is there. Unless the kind is ``cmd``, arguments of the command line are not read.
"""

from collections.abc import Mapping
from pathlib import Path

from screening.launches.command_line import (
    CommandLine,
    CommandUnknown,
    DataUnknown,
    named_arguments,
)
from screening.launches.unknown_data import open_beside
from screening.packs import Pack, open_arguments, open_pack
from screening.settings import MEBIBYTE, Limits

ENVIRONMENT_NAMES = ("SIMPLETUNER_ENVIRONMENT", "SIMPLETUNER_ENV", "ENV")
KINDS = ("SIMPLETUNER_CONFIG_BACKEND", "CONFIG_BACKEND", "CONFIG_TYPE")
FILES = {"json": "config.json", "toml": "config.toml", "env": "config.env"}

MAX_VARIABLES_BYTES = MEBIBYTE


def simple_tuner_pack(
    line: CommandLine, environment: Mapping[str, str], folder: Path, limits: Limits
) -> Pack:
    """The data that SimpleTuner trains on, started in ``folder``. Raises DataUnknown."""
    arguments = list(line.arguments)
    if line.script == "simpletuner":
        if arguments[:1] != ["train"]:
            raise DataUnknown("only `simpletuner train` starts a training here")
        arguments = arguments[1:]
    known = dict(environment) | _variables(folder / "config" / "config.env")
    name = known.get("ENV") or known.get("SIMPLETUNER_ENV", "default")
    if name != "default":
        known |= _variables(folder / "config" / name / "config.env")
    kind = _first(known, KINDS, "").lower()
    if kind == "cmd":
        told, before = named_arguments(arguments, data=("data_backend_config",))
        if before:
            raise CommandUnknown(f"SimpleTuner takes nothing that has no name, as {before[0]!r}")
        return open_beside(
            lambda beside: open_arguments(
                told, trainer="SimpleTuner", limits=limits, working_folder=folder, beside=beside
            ),
            told,
            folder=folder,
        )
    if arguments:
        raise CommandUnknown(f"what {arguments[0]!r} changes is not known")
    if known.get("CONFIG_PATH"):
        raise CommandUnknown("CONFIG_PATH is set, and is not followed here")
    name = _first(known, ENVIRONMENT_NAMES, "default")
    if name != "default" and (".." in Path(name).parts or (folder / name).exists()):
        raise CommandUnknown(f"ENV={name!r} may lead to more than one config")
    config = folder / "config" / ("" if name == "default" else name)
    kind = kind or next((each for each, file in FILES.items() if (config / file).exists()), "")
    file = config / FILES.get(kind, "config.json")
    if kind not in FILES or not file.is_file():
        raise CommandUnknown(f"{file}: no such config")
    if kind != "env":
        return open_pack(file, limits=limits, trainer="SimpleTuner", working_folder=folder)
    place = _variables(file).get("DATALOADER_CONFIG")
    if not place:
        raise CommandUnknown(f"{file}: has no DATALOADER_CONFIG")
    told = {"data_backend_config": place}
    return open_arguments(told, trainer="SimpleTuner", limits=limits, working_folder=folder)


def _variables(file: Path) -> dict[str, str]:
    """``NAME=value`` of each line; what a shell would have to work out is refused."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_VARIABLES_BYTES).decode("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DataUnknown(f"{file}: cannot be read: {error}") from error
    known: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1:
            value = value[1:-1]
        decides = name in (*ENVIRONMENT_NAMES, *KINDS, "CONFIG_PATH", "DATALOADER_CONFIG")
        if decides and any(each in value for each in "$`\\#'\""):
            raise CommandUnknown(f"{file}: {name} has to be worked out by a shell")
        known[name.strip().rstrip("+")] = value
    return known


def _first(known: Mapping[str, str], names: tuple[str, ...], default: str) -> str:
    return next((known[name] for name in names if name in known), default)
