"""Programs in a pack: they may load what nobody has screened.

``datasets`` before 4.0 runs ``dog/dog.py`` where it is told to load the folder ``dog``
(huggingface/datasets at 2.21.0, ``src/datasets/load.py``, ``LocalDatasetModuleFactoryWithScript``).
"""

from collections.abc import Collection, Iterable, Iterator

from screening.packs.member import Unscreened
from screening.packs.paths import given_path

PROGRAM_SUFFIXES = (".py", ".pyw", ".bat", ".cmd", ".ps1")
SHELL_SUFFIXES = (".sh", ".bash")
"""Of texts; what is no text is a cache (pickles) or is not to be decoded (executable files)."""

PROGRAM = "it is a program, which may load what was not screened"


def programs_in(paths: Iterable[str], used: Collection[str]) -> Iterator[Unscreened]:
    """The texts that are programs, by their names.

    ``used`` are those that layouts read; they read a shell script for the arguments that it gives
    a trainer, and then it is told what those lead to.
    """
    for path in sorted(paths):
        name = given_path(path).lower()
        if name.endswith(PROGRAM_SUFFIXES) or (path not in used and name.endswith(SHELL_SUFFIXES)):
            yield Unscreened(path=path, reason=PROGRAM)
