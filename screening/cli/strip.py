"""``screening strip``: a copy of a pack without caches."""

from pathlib import Path

import click

from screening.cli.options import ANY_PATH, FOLDER
from screening.counts import counted
from screening.settings import Settings


@click.command()
@click.argument("pack", type=ANY_PATH)
@click.argument("out", type=FOLDER)
@click.pass_obj
def strip(settings: Settings, pack: Path, out: Path) -> int:
    """Copy PACK, a folder or an archive, to the folder OUT without caches.

    Left out are latents, text-encoder outputs and other tensors (.npz, .safetensors, .pt and what
    is one by its content), and whatever could not be read or is of no known kind. Each is named.
    OUT must be empty or new. Names stay as they are; archives within the pack stay archives. Ends
    with 1 where nothing is left to copy.
    """
    from screening.packs.clean_copy import write_clean_copy
    from screening.visible_text import visible

    copy = write_clean_copy(pack, out, limits=settings.limits)
    for each in copy.left_out:
        click.echo(f"left out {visible(each.path, 200)}: {visible(each.reason, 400)}", err=True)
    left_out = f"{len(copy.left_out)} left out"
    click.echo(f"{visible(str(out), 200)}: {counted(copy.files, 'file')}, {left_out}", err=True)
    return 0 if copy.files else 1
