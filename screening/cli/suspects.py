"""``screening references suspects``: reference images that match what they should not."""

import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import references_option
from screening.counts import counted
from screening.errors import DecisionUnreadable
from screening.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screening.references import ReferenceSet
    from screening.suspects import Suspect


@click.command()
@click.argument(
    "decision_files",
    metavar="DECISION.json...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@references_option
@click.option(
    "--least",
    type=click.IntRange(min=2),
    help="Uploaders in whose packs an image must have been matched alone, instead of the policy's.",
)
@click.option(
    "--hold",
    is_flag=True,
    help="Hold what is found, and nothing else: it flags and does not block, from the next "
    "screening on. For a schedule.",
)
@click.option(
    "--quarantine",
    is_flag=True,
    help="Leave what is found out of the next index. Look at each before.",
)
@click.pass_obj
def suspects(
    settings: Settings,
    decision_files: tuple[Path, ...],
    references: Path | None,
    least: int | None,
    hold: bool,
    quarantine: bool,
) -> int:
    """List reference images that match what they should not, by decisions that were made.

    DECISION.json is what `screening check --json` printed, say in the last week. An image is listed
    where it alone, of all references of its character, matched packs of many uploaders: a stock
    background, a title card. It may also be a reference that somebody uploads from many accounts to
    be rid of it: so --hold lets it flag and not block, and what is held and no longer found is
    released, while --quarantine, which leaves it out of the next index, is for a person who has
    looked at it. Ends with 1 where any is found.
    """
    from screening.decision import Decision
    from screening.suspects import find_suspects

    def decisions() -> "Iterator[Decision]":
        for file in decision_files:
            try:
                yield Decision.from_json(file.read_bytes())
            except OSError as error:
                raise DecisionUnreadable(f"{file}: cannot be read: {error}") from error
            except DecisionUnreadable as error:
                raise DecisionUnreadable(f"{file}: {error}") from error

    if hold and quarantine:
        raise click.UsageError("--hold is for a schedule, --quarantine for a person: give one")
    settings = settings.with_paths(references=references)
    found = find_suspects(decisions(), least=_least_of(settings, least))
    for each in found:
        sys.stdout.write(
            f"{each.reference_set}\t{each.character}\t{each.path}\talone in packs of "
            f"{each.alone} of {counted(each.matched, 'uploader')}\n"
        )
    if hold:
        _hold(settings.references, found)
    if quarantine:
        _quarantine(settings.references, found)
    checked = counted(len(decision_files), "decision")
    click.echo(f"{checked} read, {counted(len(found), 'image')} found", err=True)
    return 1 if found else 0


def _least_of(settings: Settings, least: int | None) -> "Callable[[str], int]":
    """Reference set -> the fewest uploaders: ``least``, or what the policy says of the set."""
    from screening.policy import Policy
    from screening.references import References

    if least is not None:
        return lambda _: least
    policy = Policy.load(settings.policy)
    works = {each.id: each.work for each in References(settings.references)}
    return lambda each: policy.rules(each, works.get(each, "")).quarantine_uploaders


def _hold(root: Path, found: "tuple[Suspect, ...]") -> None:
    from screening.references import References

    for identifier in [each.id for each in References(root)]:
        images = {each.path for each in found if each.reference_set == identifier}
        with _changing(root, identifier) as record:
            was = set(record.held_images)
            if images != was:
                replace(record, held_images=tuple(sorted(images))).save(root)
                click.echo(
                    f"{identifier}: {counted(len(images - was), 'image')} held, "
                    f"{len(was - images)} released",
                    err=True,
                )


def _quarantine(root: Path, found: "tuple[Suspect, ...]") -> None:
    for identifier in sorted({each.reference_set for each in found}):
        images = {each.path for each in found if each.reference_set == identifier}
        with _changing(root, identifier) as record:
            all_images = tuple(sorted({*record.quarantined_images, *images}))
            replace(record, quarantined_images=all_images).save(root)
        click.echo(
            f"{identifier}: {counted(len(images), 'image')} quarantined; run: screening index "
            "build",
            err=True,
        )


@contextmanager
def _changing(root: Path, identifier: str) -> "Iterator[ReferenceSet]":
    """The record, while nobody else writes in its folder. Raises ReferenceSetError."""
    from screening.references import References, ReferenceSet
    from screening.references.lock import locked

    References(root).get(identifier)
    with locked(root / identifier):
        yield ReferenceSet.load(root / identifier)
