"""``screening guard``: a trainer that starts only on an allowed pack."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from screening.cli.check import EXIT_CODES
from screening.cli.options import ANY_PATH, FILE, index_option, references_option
from screening.errors import ScreeningError
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.decision import Decision
    from screening.launches import Launch

COMMAND = "screening.guard.command"
NOT_THE_SAME = 20
UNREADABLE = 1

NOTHING_COMPARED = frozenset({"no-pictures", "no-references"})
"""Reasons of a flag that no ``--on-flag allow`` is meant for: nothing was screened at all."""

IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these, and a program that is started from it would inherit that."""


class GuardCommand(click.Command):
    """A command of which what follows ``--`` is another program's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own, dashes, command = _split(args)
        ctx.meta[COMMAND] = tuple(command)
        rest = super().parse_args(ctx, own)
        if not dashes or not command:
            raise click.UsageError("put the trainer's command behind --", ctx)
        return rest

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[OPTIONS] [PACK] -- COMMAND...")


@click.command(cls=GuardCommand)
@click.argument("pack", type=ANY_PATH, required=False)
@index_option
@references_option
@click.option("--uploader", default="", help="Whose licences count.")
@click.option(
    "--on-flag",
    type=click.Choice(["stop", "allow"]),
    default="stop",
    show_default=True,
    help="Whether a flagged pack trains. Where data is missing or remote, nothing does.",
)
@click.option("--decision", "decision_file", type=FILE, help="Write the decision to this file.")
@click.pass_context
def guard(
    ctx: click.Context,
    pack: Path | None,
    index: Path | None,
    references: Path | None,
    uploader: str,
    on_flag: str,
    decision_file: Path | None,
) -> int:
    """Screen what COMMAND would train on, and become COMMAND only if that is allowed.

    PACK is a folder, an archive or a trainer's config; without it, the data is what the command
    line of sd-scripts, musubi-tuner, diffusers, ai-toolkit, OneTrainer, SimpleTuner or
    diffusion-pipe names. The pack is read once more before the start. Then COMMAND takes the place
    of this process: its exit code, output and signals are its own.

    Otherwise it ends with 10 (flag), 20 (block, or changed meanwhile), 1 where the data cannot be
    told or read, 2 or 3; nothing has been started then.
    """
    settings: Settings = ctx.obj
    command: tuple[str, ...] = ctx.meta[COMMAND]
    environment = dict(os.environ)  # libraries change theirs
    if shutil.which(command[0]) is None:
        raise click.UsageError(f"{command[0]!r}: no such command")
    settings = settings.with_paths(index=index, references=references)
    launch = _launch(pack, command, environment, settings)
    decision = _screened(launch, settings, uploader)
    if decision_file is not None:
        _write(decision, decision_file)
    refused = _refused(launch, settings, decision, on_flag)
    if not refused:
        click.echo(f"screening: {decision.verdict}, starting {command[0]}", err=True)
        _become(command, environment)
    return refused


def _split(args: list[str]) -> tuple[list[str], bool, list[str]]:
    at = args.index("--") if "--" in args else len(args)
    return args[:at], at < len(args), args[at + 1 :]


def _launch(
    pack: Path | None, command: Sequence[str], environment: dict[str, str], settings: Settings
) -> "Launch":
    """What is to be screened: the pack that is given, else what the command names.

    Where both are known, all that the command names has to lie within the pack; of a command that
    is not understood, every folder and file but scripts, configs, weights and results.
    """
    from screening.launches import (
        CommandUnknown,
        DataUnknown,
        Launch,
        outside,
        outside_words,
        read_launch,
        unread,
    )
    from screening.packs import open_pack

    if pack is None:
        return read_launch(command, environment=environment)
    given = Launch(trainer="", open=lambda limits: open_pack(pack, limits=limits))
    try:
        told = read_launch(command, environment=environment).open(settings.limits)
    except CommandUnknown:
        if word := outside_words(command, given.open(settings.limits)):
            raise DataUnknown(
                f"{word!r} in the command names what is not in {pack} and may be data: put all of "
                "the data into one folder, and name that folder before the --"
            ) from None
        return given
    if reason := unread(told):
        raise DataUnknown(f"not all of the data that the command names can be read: {reason}")
    if path := outside(told, given.open(settings.limits)):
        raise DataUnknown(
            f"the command reads {path}, which is not in {pack}: leave {pack} out, and everything "
            "that the command names is screened"
        )
    return given


def _screened(launch: "Launch", settings: Settings, uploader: str) -> "Decision":
    from rich.console import Console

    from screening.cli.check import screen_with_progress
    from screening.screener import Screener

    pack = launch.open(settings.limits)
    with Screener.open(settings=settings) as screener:
        return screen_with_progress(screener, pack, uploader, Console(stderr=True))


def _refused(launch: "Launch", settings: Settings, decision: "Decision", on_flag: str) -> int:
    """The exit code where nothing may be started, after the reasons were told; else 0."""
    from rich.console import Console

    from screening.launches import unread_data
    from screening.report.terminal import print_decision
    from screening.verification import verify_pack
    from screening.visible_text import visible

    in_vain = not NOTHING_COMPARED.isdisjoint(each.code for each in decision.reasons)
    stops = decision.verdict == "block" or (
        decision.verdict == "flag" and (on_flag == "stop" or in_vain)
    )
    pack = launch.open(settings.limits)
    unread = unread_data(pack, decision.unscreened)
    if stops or unread:
        print_decision(decision, Console(stderr=True))
    if unread and decision.verdict != "block":
        click.echo(f"screening: not started, not all of the data can be read: {unread}", err=True)
        return UNREADABLE
    if stops:
        click.echo(f"screening: not started ({decision.verdict})", err=True)
        return EXIT_CODES[decision.verdict]
    found = verify_pack(pack, decision, limits=settings.limits)
    for what, paths in found.differences:
        for path in paths[:5]:
            click.echo(f"  {what}: {visible(path, 200)}", err=True)
    if not found.same:
        click.echo("screening: not started, the data is not what was screened", err=True)
        return NOT_THE_SAME
    return 0


def _write(decision: "Decision", file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(decision.to_json())
    except OSError as error:
        raise ScreeningError(f"{file}: the decision cannot be written: {error}") from error


def _become(command: Sequence[str], environment: dict[str, str]) -> NoReturn:
    """Replace this process; returns never, raises ScreeningError where it cannot be started."""
    for number in IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command[0], list(command), environment)
    except OSError as error:
        raise ScreeningError(f"{command[0]}: cannot be started: {error}") from error
