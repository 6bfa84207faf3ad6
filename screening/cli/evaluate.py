"""``screening evaluate``: what is found, and called by mistake, on a platform's own material."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from screening.cli.options import FILE, index_option, references_option
from screening.settings import Settings


@click.command()
@click.argument("labelled_folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@index_option
@references_option
@click.option("--json", "json_file", type=FILE, help="Write all figures to this file.")
@click.option(
    "--originals",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    help="References that are copied, each under every edit.",
)
@click.pass_obj
def evaluate(
    settings: Settings,
    labelled_folder: Path,
    index: Path | None,
    references: Path | None,
    json_file: Path | None,
    originals: int,
) -> None:
    """Measure on LABELLED_FOLDER how much is found, and how often nothing is to be found.

    \b
    characters/<work>/<character>/*   pictures of known characters, 24 or more of each
    packs/benign/*                    real packs that train on nothing protected (optional)
    packs/protected/*                 real packs that show these characters (optional)

    Half of each character's pictures stand as references in an index of their own; copies and
    packs are made of them and of the others. Without characters, the packs are screened against
    the configured index.
    """
    import json

    from rich.console import Console

    from screening.errors import ScreeningError
    from screening.evaluation.evaluation import evaluate as measure
    from screening.evaluation.labelled import read_labelled
    from screening.evaluation.tables import as_json, print_evaluation

    settings = settings.with_paths(index=index, references=references)
    with _steps() as steps:
        evaluated = measure(
            read_labelled(labelled_folder), settings, originals=originals, steps=steps
        )
    print_evaluation(evaluated, Console())
    if json_file is not None:
        text = json.dumps(as_json(evaluated), indent=2, ensure_ascii=False)
        try:
            json_file.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise ScreeningError(f"{json_file}: cannot be written: {error}") from error


@contextmanager
def _steps() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """A bar for each stage, on stderr; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:

        def begin(what: str, count: int) -> Callable[[], None]:
            task = progress.add_task(what, total=count)
            return lambda: progress.advance(task)

        yield begin
