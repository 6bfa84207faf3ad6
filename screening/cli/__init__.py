"""The command line. Nothing heavy is imported before a command runs."""

import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path

import click

from screening.errors import ScreeningError
from screening.settings import Settings

INTERRUPTED = 130

COMMANDS = {
    "calibrate": "screening.cli.calibrate",
    "calibration": "screening.cli.calibration",
    "check": "screening.cli.check",
    "doctor": "screening.cli.doctor",
    "evaluate": "screening.cli.evaluate",
    "fingerprint": "screening.cli.fingerprint",
    "guard": "screening.cli.guard",
    "index": "screening.cli.index",
    "lora": "screening.cli.lora",
    "models": "screening.cli.models",
    "references": "screening.cli.references",
    "strip": "screening.cli.strip",
    "verify": "screening.cli.verify",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="screening")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file.  [default: screening.toml here, if there is one]",
)
@click.pass_context
def cli(ctx: click.Context, settings_file: Path | None) -> None:
    """Screen training packs for protected characters before a training starts.

    Exit codes: 0 allow, 10 flag, 20 block, 1 error, 2 usage, 3 model, index, calibration
    or reference sets missing or stale, 130 interrupted.
    """
    ctx.obj = Settings.load(settings_file)


def main() -> None:
    """Run the command line; the process ends with the exit code, or of what ends a pipe's writer.

    Where nobody reads on (``| head``), click and rich end with 1, which would say that something
    went wrong here.
    """
    try:
        code = _exit_code()
    except SystemExit as ended:
        code = ended.code
    except BrokenPipeError:
        code = 1
    if code == 1 and _nobody_reads():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    sys.exit(code)


def _exit_code() -> int | str | None:
    """What the command ends with, after its error was told."""
    try:
        code: int | None = cli.main(standalone_mode=False)
    except ScreeningError as error:
        click.echo(f"screening: {printable_error(error)}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("screening: interrupted", err=True)
        return INTERRUPTED
    return code


def _nobody_reads() -> bool:
    """Whether stdout or stderr is a pipe whose other end is closed."""
    poll = select.poll()
    for descriptor in (1, 2):
        poll.register(descriptor, 0)
    return any(events & select.POLLERR for _, events in poll.poll(0))


def printable_error(error: ScreeningError) -> str:
    """The message with control characters escaped: it may hold a name from an upload."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in str(error)
    )
