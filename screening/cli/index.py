"""``screening index``: build, describe and verify an index."""

from pathlib import Path

import click

from screening.cli.options import ANY_PATH, index_option, references_option
from screening.counts import counted
from screening.errors import ScreeningError
from screening.settings import Settings


@click.group()
def index() -> None:
    """Build, describe and verify an index of reference sets."""


@index.command()
@index_option
@references_option
@click.option(
    "--background",
    type=ANY_PATH,
    help="Pictures that nobody protects, instead of those in the package.",
)
@click.pass_obj
def build(
    settings: Settings, index: Path | None, references: Path | None, background: Path | None
) -> None:
    """Build an index of all reference sets and publish it in one step."""
    from screening.embedders import open_embedders
    from screening.fingerprints import Fingerprinter
    from screening.index import build_index
    from screening.index.background import BACKGROUND_PICTURES, embed_background
    from screening.references import References, Status
    from screening.references.stored import StoredReferences, image_files, refresh

    settings = settings.with_paths(index=index, references=references)
    embedders = open_embedders(settings)
    collection = References(settings.references)
    identifiers = []
    with Fingerprinter(
        embedders, limits=settings.limits, workers=settings.workers, mirrored=True
    ) as fingerprinter:
        for record in collection:
            folder = settings.references / record.id
            if not collection.digest(record.id) and not image_files(folder):
                click.echo(f"{record.id}: names only, no reference images", err=True)
                continue
            pictures, refused = refresh(record, folder, fingerprinter)
            identifiers.append(record.id)
            for each in refused:
                click.echo(f"left out {record.id}/{each.path}: {each.reason}", err=True)
            status = "" if record.status is Status.ACTIVE else f" ({record.status.value})"
            click.echo(
                f"{record.id}: {counted(len(pictures), 'reference image')}{status}", err=True
            )
        makers = fingerprinter.makers
    with Fingerprinter(
        embedders, limits=settings.limits, workers=settings.workers
    ) as fingerprinter:
        vectors = embed_background(
            background or BACKGROUND_PICTURES, fingerprinter, settings.limits
        )
    try:
        folder = build_index(
            settings.index,
            StoredReferences(settings.references, identifiers, makers),
            # before they are read: a set that changes meanwhile must look changed, never fresh
            digests={identifier: collection.digest(identifier) for identifier in identifiers},
            embedders=embedders,
            background=vectors,
        )
    except OSError as error:
        raise ScreeningError(f"{settings.index}: the index cannot be written: {error}") from error
    click.echo(f"{settings.index}: version {folder.name} is current", err=True)


@index.command()
@index_option
@click.pass_obj
def info(settings: Settings, index: Path | None) -> None:
    """Print what is in the index, as JSON."""
    import json

    from screening.index import current_version, read_manifest

    settings = settings.with_paths(index=index)
    manifest = read_manifest(current_version(settings.index))
    for key in ("known_hashes", "known_vectors"):
        manifest.pop(key)
    click.echo(json.dumps(manifest, indent=2))


@index.command()
@index_option
@click.pass_obj
def verify(settings: Settings, index: Path | None) -> None:
    """Check every file of the index against its checksum, and look known entries up."""
    from screening.embedders import open_embedders
    from screening.index import Index, verify_files

    settings = settings.with_paths(index=index)
    folder = verify_files(settings.index)
    Index.open(settings.index, open_embedders(settings))
    click.echo(f"{folder}: complete and unchanged", err=True)
