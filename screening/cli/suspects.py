"""``screening references suspects``: reference images that match what they should not."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import references_option
from screening.counts import counted
from screening.errors import DecisionUnreadable
from screening.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    default=10,
    show_default=True,
    type=click.IntRange(min=2),
    help="Uploaders in whose packs an image must have been matched alone.",
)
@click.option("--quarantine", is_flag=True, help="Write what is found into the reference sets.")
@click.pass_obj
def suspects(
    settings: Settings,
    decision_files: tuple[Path, ...],
    references: Path | None,
    least: int,
    quarantine: bool,
) -> int:
    """List reference images that match what they should not, by decisions that were made.

    DECISION.json is what `screening check --json` printed. An image is listed where it alone, of
    all references of its character, matched packs of many uploaders: a stock background, a title
    card. Look at each before --quarantine; a quarantined image is left out of the next index. Ends
    with 1 where any is found.
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

    settings = settings.with_paths(references=references)
    found = find_suspects(decisions(), least=least)
    for each in found:
        sys.stdout.write(
            f"{each.reference_set}\t{each.character}\t{each.path}\talone in packs of "
            f"{each.alone} of {counted(each.matched, 'uploader')}\n"
        )
    if quarantine:
        _quarantine(settings.references, found)
    checked = counted(len(decision_files), "decision")
    click.echo(f"{checked} read, {counted(len(found), 'image')} found", err=True)
    return 1 if found else 0


def _quarantine(root: Path, found: "tuple[Suspect, ...]") -> None:
    from screening.references import References

    collection = References(root)
    for identifier in sorted({each.reference_set for each in found}):
        record = collection.get(identifier)
        images = {each.path for each in found if each.reference_set == identifier}
        all_images = tuple(sorted({*record.quarantined_images, *images}))
        replace(record, quarantined_images=all_images).save(root)
        click.echo(
            f"{identifier}: {counted(len(images), 'image')} quarantined; run: screening index "
            "build",
            err=True,
        )
