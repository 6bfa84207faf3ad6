"""``screening calibration``: explain a calibration."""

from pathlib import Path

import click

from screening.settings import Settings


@click.group()
def calibration() -> None:
    """Explain a calibration."""


@calibration.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.pass_obj
def show(settings: Settings, file: Path | None) -> None:
    """Say in words and a plot what FILE, or the settings' calibration, promises and holds for."""
    from screening.calibration import Calibration
    from screening.report.calibration import explain

    path = file or settings.calibration
    if path is None:
        raise click.UsageError("give a FILE, or name a calibration in the settings")
    for line in explain(Calibration.load(path)):
        click.echo(line)
