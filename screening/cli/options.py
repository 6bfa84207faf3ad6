"""Options that several commands share."""

from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
ANY_PATH = click.Path(path_type=Path, exists=True)


def index_option(command: Any) -> Any:
    return click.option("--index", "index", type=FOLDER, help="Index folder.")(command)


def references_option(command: Any) -> Any:
    return click.option("--references", type=FOLDER, help="Folder of the reference sets.")(command)
