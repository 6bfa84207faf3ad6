"""``screening check``: one pack, for a moderator."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import ANY_PATH, FILE, index_option, references_option
from screening.errors import ScreeningError
from screening.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from screening.decision import Decision
    from screening.packs import Pack
    from screening.screener import Screener

EXIT_CODES = {"allow": 0, "flag": 10, "block": 20}


@click.command()
@click.argument("pack", type=ANY_PATH)
@index_option
@references_option
@click.option(
    "--as",
    "trainer",
    metavar="TRAINER",
    default="",
    help="Who will train (sd-scripts, ai-toolkit …), where the pack does not tell.",
)
@click.option("--uploader", default="", help="Whose licences count.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON on stdout.")
@click.option(
    "--notice",
    type=click.Choice(["en", "zh"]),
    help="Print on stdout what the uploader is told, without scores, in this language.",
)
@click.option("--html", type=FILE, help="Write a report with the pictures to this file.")
@click.pass_obj
def check(
    settings: Settings,
    pack: Path,
    index: Path | None,
    references: Path | None,
    trainer: str,
    uploader: str,
    as_json: bool,
    notice: str | None,
    html: Path | None,
) -> int:
    """Screen PACK: a folder, an archive, a picture, or the config file of a trainer, for all that
    it trains on. Ends with 0 allow, 10 flag, 20 block."""
    from rich.console import Console

    from screening.packs import open_pack
    from screening.report.terminal import print_decision
    from screening.screener import Screener

    if as_json and notice:
        raise click.UsageError("--json and --notice both print on stdout: give one of them")
    settings = settings.with_paths(index=index, references=references)
    console = Console(stderr=True)
    with Screener.open(settings=settings) as screener:
        opened = open_pack(pack, limits=settings.limits, trainer=trainer)
        decision = screen_with_progress(screener, opened, uploader, console)
    if as_json:
        click.echo(decision.to_json(), nl=False)
    else:
        print_decision(decision, console)
    if notice:
        click.echo(decision.notice(notice).encode(), nl=False)
    if html is not None:
        _write_report(decision, opened, settings, html)
        console.print(f"Report: {html}", markup=False, highlight=False, soft_wrap=True)
    return EXIT_CODES[decision.verdict]


def screen_with_progress(
    screener: "Screener", pack: "Pack", uploader: str, console: "Console"
) -> "Decision":
    """The decision on ``pack``; a bar on ``console`` counts the pictures meanwhile."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from screening.packs.picture_count import pictures_named

    about = pictures_named(pack, screener.settings.limits)
    columns = (
        SpinnerColumn(),
        TextColumn("pictures: {task.completed}"),
        *([TextColumn("of about {task.total}")] if about is not None else []),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("screening", total=about)

        def show(done: int) -> None:
            total = None if about is None else max(about, done)
            progress.update(task, completed=done, total=total)

        return screener.screen(pack, uploader=uploader, progress=show)


def _write_report(decision: "Decision", pack: "Pack", settings: Settings, html: Path) -> None:
    from screening.report.html import render_html
    from screening.screener import Thumbnails

    with Thumbnails(decision, pack, settings) as thumbnails:
        text = render_html(decision, thumbnails)
    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScreeningError(f"{html}: the report cannot be written: {error}") from error
