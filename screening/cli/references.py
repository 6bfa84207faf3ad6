"""``screening references``: add to reference sets, list, show, check and fingerprint them."""

from pathlib import Path

import click

from screening.cli.options import index_option, references_option
from screening.cli.references_add import add, open_fingerprinter
from screening.cli.suspects import suspects
from screening.counts import counted
from screening.settings import Settings


@click.group()
def references() -> None:
    """Add to reference sets, list, show, check and fingerprint them; find images that mismatch."""


references.add_command(add)
references.add_command(suspects)


@references.command("list")
@references_option
@click.pass_obj
def list_(settings: Settings, references: Path | None) -> None:
    """List all reference sets: id, status, images, characters, work, rights holder."""
    from screening.references import References
    from screening.references.stored import count_images

    settings = settings.with_paths(references=references)
    for record in References(settings.references):
        images = count_images(settings.references / record.id)
        click.echo(
            f"{record.id}\t{record.status}\t{counted(images, 'image')}\t"
            f"{counted(len(record.characters), 'character')}\t"
            f"{record.work}\t{record.rights_holder}"
        )


@references.command()
@click.argument("set_id", metavar="SET")
@references_option
@click.pass_obj
def show(settings: Settings, set_id: str, references: Path | None) -> None:
    """Show one reference set: names, images by character, licences."""
    from screening.references import References
    from screening.references.stored import count_images_by_character

    settings = settings.with_paths(references=references)
    record = References(settings.references).get(set_id)
    counts = count_images_by_character(settings.references / set_id)
    click.echo(f"{record.id}: {record.work}, {record.rights_holder} ({record.status})")
    for label, text in (("provenance", record.provenance), ("art", record.art_licence)):
        if text:
            click.echo(f"  {label}: {text}")
    for character in record.characters:
        names = ", ".join(
            each.text + ("" if each.distinctive else " (ambiguous)") for each in character.names
        )
        click.echo(
            f"  {character.id}: {counted(counts.get(character.id, 0), 'image')}; names: {names}"
        )
    for licence in record.licences:
        characters = ", ".join(licence.characters) or "all characters"
        until = f" until {licence.until}" if licence.until else ""
        click.echo(f"  licence: {licence.holder}, {characters}{until}")


@references.command()
@click.argument("set_id", metavar="SET", required=False)
@references_option
@index_option
@click.option(
    "--recall",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of packs of other pictures of a character that should be found.",
)
@click.pass_obj
def check(
    settings: Settings,
    set_id: str | None,
    references: Path | None,
    index: Path | None,
    recall: float,
) -> int:
    """Check records, images and fingerprints of SET, or of all sets, and what to expect of them.

    Says how many packs of other pictures of each character will be found, how many more references
    that would need, and which other character comes closest. Ends with 1 on a finding.
    """
    from rich.console import Console

    from screening.embedders import open_embedders
    from screening.evaluation.separability import measure_separability
    from screening.evaluation.separability_table import print_separability, shortages
    from screening.index.version import makers_of
    from screening.references import References
    from screening.references.checks import findings

    settings = settings.with_paths(references=references, index=index)
    collection = References(settings.references)
    embedders = open_embedders(settings)
    records = list(collection) if set_id is None else [collection.get(set_id)]
    found = [
        f"{record.id}: {finding}"
        for record in records
        for finding in findings(record, settings.references / record.id, makers_of(embedders))
    ]
    shown = {record.id for record in records}
    measured = measure_separability(settings, collection, embedders, recall=recall)
    own = [each for each in measured if each.reference_set in shown]
    if own:
        print_separability(own, Console(stderr=True), recall=recall)
    found += shortages(own, recall=recall)
    for line in found:
        click.echo(line)
    sets = counted(len(records), "reference set")
    click.echo(f"{sets} checked, {counted(len(found), 'finding')}", err=True)
    return 1 if found else 0


@references.command()
@click.argument("set_id", metavar="SET", required=False)
@references_option
@click.pass_obj
def fingerprint(settings: Settings, set_id: str | None, references: Path | None) -> None:
    """Make the fingerprints that SET, or any set, lacks for the configured embedders."""
    from screening.references import References
    from screening.references.stored import refresh

    settings = settings.with_paths(references=references)
    collection = References(settings.references)
    records = list(collection) if set_id is None else [collection.get(set_id)]
    with open_fingerprinter(settings) as fingerprinter:
        for record in records:
            pictures, refused = refresh(record, settings.references / record.id, fingerprinter)
            for each in refused:
                click.echo(f"refused {each.path!r}: {each.reason}", err=True)
            click.echo(f"{record.id}: {counted(len(pictures), 'reference image')}", err=True)
