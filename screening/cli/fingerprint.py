"""``screening fingerprint``: the fingerprints of a folder, as Parquet."""

from dataclasses import replace
from pathlib import Path

import click

from screening.cli.options import ANY_PATH, FILE
from screening.counts import counted
from screening.settings import Settings


@click.command()
@click.argument("folder", type=ANY_PATH)
@click.option("--out", type=FILE, required=True, help="Parquet file to write.")
@click.option("--embedder", "embedders", multiple=True, help="Embedder; may be repeated.")
@click.option(
    "--all-views",
    is_flag=True,
    help="Also frames after the first, and what lies under EXIF orientation and transparency.",
)
@click.pass_obj
def fingerprint(
    settings: Settings, folder: Path, out: Path, embedders: tuple[str, ...], all_views: bool
) -> int:
    """Write the fingerprints of every picture in FOLDER (or archive) to a Parquet file.

    Ends with 1 where there is no picture in it; the file is written all the same.
    """
    from screening.embedders import open_embedders
    from screening.fingerprints import Fingerprinter
    from screening.fingerprints.table import FingerprintWriter
    from screening.packs import open_pack
    from screening.packs.member import printable
    from screening.screener.reading import PackReading, read_pictures

    if embedders:
        settings = replace(settings, embedders=embedders)
    opened = open_embedders(settings)
    with Fingerprinter(opened, limits=settings.limits, workers=settings.workers) as maker:
        writer = FingerprintWriter(
            out,
            makers=maker.makers,
            outputs=[output for each in opened for output in each.outputs],
            all_views=all_views,
        )
        reading, count = PackReading(), 0
        pack = open_pack(folder, limits=settings.limits)
        with writer:
            for picture in read_pictures(pack, maker, settings.limits, reading):
                writer.write(picture)
                count += 1
    for left in reading.unscreened.values():
        click.echo(f"left out {printable(left.path)!r}: {left.reason}", err=True)
    click.echo(f"{counted(count, 'picture')} in {out}", err=True)
    return 0 if count else 1
