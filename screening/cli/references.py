"""``screening references``: add to reference sets, list, show, check and fingerprint them."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import index_option, references_option
from screening.cli.suspects import suspects
from screening.counts import counted
from screening.errors import ScreeningError
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.fingerprints import Fingerprinter
    from screening.references import ReferenceSet
    from screening.references.intake import Taken


ENOUGH_REFERENCES = 15
"""The two-sample statistic finds .90 of packs at 1 % false alarms with 15 references, .25-.39
with 5 (matching_facts)."""


@click.group()
def references() -> None:
    """Add to reference sets, list, show, check and fingerprint them; find images that mismatch."""


references.add_command(suspects)


@references.command()
@click.argument("set_id", metavar="SET")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, exists=True))
@references_option
@click.option("--character", required=True, help="Id of the character that the pictures show.")
@click.option("--name", "names", multiple=True, help="A distinctive name; may be repeated.")
@click.option("--ambiguous-name", "ambiguous", multiple=True, help="A name others may have too.")
@click.option("--language", default="", help="Language of the names, like en or zh.")
@click.option("--work", help="Title of the work (for a new set).")
@click.option("--rights-holder", help="Who holds the rights (for a new set).")
@click.option("--provenance", help="Where the pictures come from (for a new set).")
@click.option("--art-licence", help="Licence of the pictures themselves (for a new set).")
@click.option("--video", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--from", "start", default="0", help="Time code in the video, like 00:10:02.5.")
@click.option("--to", "end", help="Time code in the video.")
@click.option(
    "--frames-per-second",
    default=1.0,
    show_default=True,
    help="Frames to sample, beside those where the scene changes.",
)
@click.option("--fingerprints-only", is_flag=True, help="Do not keep the pictures themselves.")
@click.pass_obj
def add(
    settings: Settings,
    set_id: str,
    sources: tuple[Path, ...],
    references: Path | None,
    character: str,
    names: tuple[str, ...],
    ambiguous: tuple[str, ...],
    language: str,
    work: str | None,
    rights_holder: str | None,
    provenance: str | None,
    art_licence: str | None,
    video: Path | None,
    start: str,
    end: str | None,
    frames_per_second: float,
    fingerprints_only: bool,
) -> int:
    """Add pictures (files, folders, archives) or frames of a video to SET.

    Ends with 1 where no picture was added. Names and facts are recorded all the same, unless the
    character would be a new one without any picture.
    """
    from itertools import chain

    from screening.images.time_code import seconds_of
    from screening.references import Name
    from screening.references.intake import add_references, from_files, from_video
    from screening.references.stored import count_images_by_character

    settings = settings.with_paths(references=references)
    if not sources and video is None:
        raise click.UsageError("give pictures, folders or archives, or --video FILE")
    if frames_per_second <= 0:
        raise click.BadParameter("must be above 0", param_hint="--frames-per-second")
    facts = {
        "work": work,
        "rights_holder": rights_holder,
        "provenance": provenance,
        "art_licence": art_licence,
    }
    given = tuple(
        Name(text=text, language=language, distinctive=distinctive)
        for texts, distinctive in ((names, True), (ambiguous, False))
        for text in texts
    )
    before = _recorded(settings, set_id)
    record = _record(before, set_id, {k: v for k, v in facts.items() if v is not None})
    record = _with_character(record, character, given)
    candidates = chain.from_iterable(from_files(each, settings.limits) for each in sources)
    if video is not None:
        frames = from_video(
            video,
            frames_per_second=frames_per_second,
            start_seconds=seconds_of(start),
            end_seconds=None if end is None else seconds_of(end),
        )
        candidates = chain(candidates, frames)
    folder = settings.references / set_id
    is_recorded = before is not None and before.character(character) is not None
    known = 0
    try:
        record.save(settings.references)
        with _fingerprinter(settings) as fingerprinter:
            taken = add_references(
                record,
                settings.references,
                character,
                candidates,
                fingerprinter,
                keep_images=not fingerprints_only,
            )
        known = count_images_by_character(folder)[character]
    except OSError as error:
        raise ScreeningError(f"{folder}: the pictures cannot be added: {error}") from error
    finally:
        if not (known or is_recorded):
            _take_back(before, folder)
    _report(taken, f"{set_id}/{character}")
    if not (known or is_recorded):
        click.echo(f"{set_id}/{character}: not recorded, as it would have no picture", err=True)
    if taken.added and known < ENOUGH_REFERENCES:
        click.echo(
            f"{set_id}/{character}: {counted(known, 'image')} in all; other pictures of a "
            f"character are found reliably from {ENOUGH_REFERENCES} varied ones on",
            err=True,
        )
    return 0 if taken.added else 1


def _fingerprinter(settings: Settings) -> "Fingerprinter":
    from screening.embedders import open_embedders
    from screening.fingerprints import Fingerprinter

    return Fingerprinter(
        open_embedders(settings), limits=settings.limits, workers=settings.workers, mirrored=True
    )


def _recorded(settings: Settings, set_id: str) -> "ReferenceSet | None":
    """The record of the set as it is on disk; None of a new one."""
    from screening.references import ReferenceSet
    from screening.references.reference_set import MANIFEST_FILE, check_id

    check_id(set_id, settings.references)
    folder = settings.references / set_id
    return ReferenceSet.load(folder) if (folder / MANIFEST_FILE).is_file() else None


def _record(before: "ReferenceSet | None", set_id: str, facts: dict[str, str]) -> "ReferenceSet":
    """The record ``before`` with ``facts`` taken over; a new one if there is none."""
    from screening.references import ReferenceSet

    if before is not None:
        return replace(before, **facts)  # type: ignore[arg-type]
    if not {"work", "rights_holder"} <= set(facts):
        raise click.UsageError(f"{set_id} is new: give --work and --rights-holder")
    return ReferenceSet(id=set_id, **facts)  # type: ignore[arg-type]


def _with_character(
    record: "ReferenceSet", identifier: str, names: tuple[object, ...]
) -> "ReferenceSet":
    from screening.references import Character

    known = record.character(identifier) or Character(id=identifier, names=())
    added = tuple(each for each in names if each not in known.names)
    character = replace(known, names=(*known.names, *added))  # type: ignore[arg-type]
    others = (each for each in record.characters if each.id != identifier)
    characters = sorted((*others, character), key=lambda each: each.id)
    return replace(record, characters=tuple(characters))


def _take_back(before: "ReferenceSet | None", folder: Path) -> None:
    """Leave the record as it was, and no empty folder of a set that was not recorded."""
    from screening.references.reference_set import MANIFEST_FILE

    if before is not None:
        before.save(folder.parent)
    elif folder.is_dir():
        (folder / MANIFEST_FILE).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def _report(taken: "Taken", where: str) -> None:
    for name, reason in taken.refused:
        click.echo(f"refused {name!r}: {reason}", err=True)
    added = f"{len(taken.added)} added" if taken.added else "no picture was added"
    click.echo(f"{where}: {added}, {len(taken.refused)} refused", err=True)


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
    with _fingerprinter(settings) as fingerprinter:
        for record in records:
            pictures, refused = refresh(record, settings.references / record.id, fingerprinter)
            for each in refused:
                click.echo(f"refused {each.path!r}: {each.reason}", err=True)
            click.echo(f"{record.id}: {counted(len(pictures), 'reference image')}", err=True)
