"""``screening doctor``: what is installed, which weights are there, whether the index fits."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import index_option, references_option
from screening.counts import counted
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.index import Index

PACKAGES = (
    *("screening", "pillow", "imagehash", "faiss-cpu", "numpy", "onnxruntime"),
    *("torch", "open_clip_torch", "av", "pyarrow"),
)
PLUG_INS = {"pillow-heif": "HEIC", "pylibjxl": "JPEG XL"}


@click.command()
@index_option
@references_option
@click.pass_obj
def doctor(settings: Settings, index: Path | None, references: Path | None) -> int:
    """Say what is installed and whether everything that is configured works.

    Ends with 3 if a pack could not be screened with these settings.
    """
    settings = settings.with_paths(index=index, references=references)
    _packages()
    _weights(settings)
    # what the embedders lack, the index meets again
    problems = [each for each in (_embedders(settings), _index(settings)) if each]
    for problem in dict.fromkeys(problems):
        click.echo(f"problem: {problem}")
    if not problems:
        click.echo("ready: packs can be screened")
    return 3 if problems else 0


def _packages() -> None:
    from importlib.metadata import PackageNotFoundError, version

    for package in (*PACKAGES, *PLUG_INS):
        try:
            click.echo(f"{package} {version(package)}")
        except PackageNotFoundError:
            what = f" ({PLUG_INS[package]} pictures stay unscreened)" if package in PLUG_INS else ""
            click.echo(f"{package} is not installed{what}")


def _weights(settings: Settings) -> None:
    from screening.embedders import clip_cache, clip_weights

    weights = clip_weights.local_path(settings.clip) or "not on this machine"
    click.echo(f"weights of clip, {clip_cache.shown(settings.clip)}: {weights}")


def _embedders(settings: Settings) -> str:
    from screening.embedders import open_embedders
    from screening.errors import ScreeningError

    try:
        opened = open_embedders(settings)
    except ScreeningError as error:
        return str(error)
    for each in opened:
        outputs = ", ".join(f"{output.name} ({output.dimension})" for output in each.outputs)
        click.echo(f"embedder {each.name}: {outputs}; {each.version}")
    return ""


def _index(settings: Settings) -> str:
    from screening.errors import ScreeningError
    from screening.screener import Screener

    try:
        with Screener.open(settings=settings) as screener:
            index, calibration = screener.index, screener.calibration
            least = screener.policy.characters.two_sample_references
    except ScreeningError as error:
        return str(error)
    click.echo(
        f"index {index.id}: {counted(index.character_count, 'character')} of "
        f"{counted(len(index.reference_sets), 'reference set')}, "
        f"{counted(index.manifest['reference_images'], 'image')}"
    )
    if few := _with_fewer(index, least):
        click.echo(
            f"note: {counted(few, 'character')} of {index.character_count} with fewer than {least} "
            "images: single pictures are compared with those, packs as a whole are not"
        )
    if calibration is not None:
        provisional = " (provisional)" if calibration.provisional else ""
        click.echo(f"calibration {calibration.sha256[:16]}: {calibration.source}{provisional}")
    return ""


def _with_fewer(index: "Index", least: int) -> int:
    """How many characters have fewer than ``least`` reference images."""
    images = index.entries.images
    rows = (index.rows_of(number) for number in range(index.character_count))
    return sum(len(set(images[each].tolist())) < least for each in rows)
