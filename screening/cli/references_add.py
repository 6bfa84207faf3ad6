"""``screening references add``: take pictures, or frames of a video, into a reference set."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import references_option
from screening.counts import counted
from screening.errors import ScreeningError
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.fingerprints import Fingerprinter
    from screening.references import Name, ReferenceSet
    from screening.references.intake import Candidate, Taken

ENOUGH_REFERENCES = 15
"""The two-sample statistic finds .90 of packs at 1 % false alarms with 15 references, .25-.39
with 5 (matching_facts)."""


@click.command()
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
    before = _recorded(settings, set_id)
    record = _record(before, set_id, {k: v for k, v in facts.items() if v is not None})
    record = _with_character(record, character, _names(names, ambiguous, language))
    candidates = _pictures(settings, sources)
    if video is not None:
        candidates = chain(candidates, _frames(video, frames_per_second, start, end))
    is_new = before is None or before.character(character) is None
    taken, known = _take(
        settings,
        record,
        character,
        candidates,
        keep_images=not fingerprints_only,
        instead=before,
        is_new=is_new,
    )
    _report(taken, f"{set_id}/{character}", known, is_new=is_new)
    return 0 if taken.added else 1


def _names(
    distinctive: tuple[str, ...], ambiguous: tuple[str, ...], language: str
) -> tuple["Name", ...]:
    from screening.references import Name

    return tuple(
        Name(text=text, language=language, distinctive=is_distinctive)
        for texts, is_distinctive in ((distinctive, True), (ambiguous, False))
        for text in texts
    )


def _pictures(settings: Settings, sources: tuple[Path, ...]) -> Iterator["Candidate"]:
    from screening.references.intake import from_files

    return chain.from_iterable(from_files(each, settings.limits) for each in sources)


def _frames(
    video: Path, frames_per_second: float, start: str, end: str | None
) -> Iterator["Candidate"]:
    from screening.images.time_code import seconds_of
    from screening.references.intake import from_video

    return from_video(
        video,
        frames_per_second=frames_per_second,
        start_seconds=seconds_of(start),
        end_seconds=None if end is None else seconds_of(end),
    )


def _take(
    settings: Settings,
    record: "ReferenceSet",
    character: str,
    candidates: Iterator["Candidate"],
    *,
    keep_images: bool,
    instead: "ReferenceSet | None",
    is_new: bool,
) -> tuple["Taken", int]:
    """What came of the candidates, and how many pictures the character has now.

    Where a new character would have none, the record is left as ``instead``.
    """
    from screening.references.intake import add_references
    from screening.references.stored import count_images_by_character

    folder = settings.references / record.id
    known = 0
    try:
        record.save(settings.references)
        with open_fingerprinter(settings) as fingerprinter:
            taken = add_references(
                record,
                settings.references,
                character,
                candidates,
                fingerprinter,
                keep_images=keep_images,
            )
        known = count_images_by_character(folder)[character]
    except OSError as error:
        raise ScreeningError(f"{folder}: the pictures cannot be added: {error}") from error
    finally:
        if is_new and not known:
            _take_back(instead, folder)
    return taken, known


def open_fingerprinter(settings: Settings) -> "Fingerprinter":
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
    record: "ReferenceSet", identifier: str, names: tuple["Name", ...]
) -> "ReferenceSet":
    from screening.references import Character

    known = record.character(identifier) or Character(id=identifier, names=())
    added = tuple(each for each in names if each not in known.names)
    character = replace(known, names=(*known.names, *added))
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


def _report(taken: "Taken", where: str, known: int, *, is_new: bool) -> None:
    for name, reason in taken.refused:
        click.echo(f"refused {name!r}: {reason}", err=True)
    added = f"{len(taken.added)} added" if taken.added else "no picture was added"
    click.echo(f"{where}: {added}, {len(taken.refused)} refused", err=True)
    if is_new and not known:
        click.echo(f"{where}: not recorded, as it would have no picture", err=True)
    if taken.added and known < ENOUGH_REFERENCES:
        click.echo(
            f"{where}: {counted(known, 'image')} in all; other pictures of a "
            f"character are found reliably from {ENOUGH_REFERENCES} varied ones on",
            err=True,
        )
