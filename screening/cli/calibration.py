"""``screening calibration``: explain a calibration."""

from dataclasses import replace
from pathlib import Path

import click

from screening.cli.options import index_option, references_option
from screening.settings import Settings


@click.group()
def calibration() -> None:
    """Explain a calibration."""


@calibration.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@index_option
@references_option
@click.pass_obj
def show(
    settings: Settings, file: Path | None, index: Path | None, references: Path | None
) -> None:
    """Say in words and a plot what FILE, or the settings' calibration, promises and holds for.

    With --index, also what became of the characters that it was made against.
    """
    from screening.calibration import Calibration
    from screening.policy import Policy
    from screening.report.calibration import asked_for, compared_with, explain

    path = file or settings.calibration
    if path is None:
        raise click.UsageError("give a FILE, or name a calibration in the settings")
    calibration = Calibration.load(path)
    policy = Policy.load(settings.policy)
    for line in (*explain(calibration), *asked_for(calibration, policy.alphas)):
        click.echo(line)
    if index is not None:
        from screening.screener import Screener

        there = replace(settings, calibration=None).with_paths(index=index, references=references)
        with Screener.open(settings=there) as screener:
            for line in compared_with(calibration, screener.binding(screener.index)):
                click.echo(line)
