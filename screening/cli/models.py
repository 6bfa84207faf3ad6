"""``screening models``: which embedders and weights there are; fetch and export them."""

import click

from screening.errors import EmbedderError
from screening.settings import Settings


@click.group()
def models() -> None:
    """Embedders and their weights: list, pull, export."""


@models.command("list")
@click.option("--all", "show_all", is_flag=True, help="Also every model that OpenCLIP knows.")
@click.pass_obj
def list_models(settings: Settings, show_all: bool) -> None:
    """Show what is configured, which weights are here and which exports are kept."""
    from screening.embedders import clip_cache, clip_weights

    click.echo(f"configured: {', '.join(settings.embedders)}")
    click.echo("lite: ships with the package")
    weights = clip_weights.local_path(settings.clip)
    where = weights or "not on this machine; `screening models pull` fetches weights with a tag"
    click.echo(f"clip: {clip_cache.shown(settings.clip)}: {where}")
    click.echo(f"exports in {clip_cache.cache_folder()}:")
    folders = clip_cache.export_folders()
    for folder in folders:
        try:
            click.echo(f"  {folder.name}: {clip_cache.Export.read(folder).description.version}")
        except EmbedderError as error:
            click.echo(f"  {folder.name}: {error}")
    if not folders:
        click.echo("  none: the first use of clip makes one, or `screening models export`")
    if show_all:
        click.echo("OpenCLIP models (clip.model, clip.pretrained; * is on this machine):")
        for model, tag, here in clip_weights.known():
            click.echo(f"  {'*' if here else ' '} {model} {tag}")


@models.command()
@click.pass_obj
def pull(settings: Settings) -> None:
    """Download the weights of the configured clip model into the hub cache."""
    from screening.embedders import clip_cache, clip_weights

    path = clip_weights.pull(settings.clip)
    click.echo(f"{clip_cache.shown(settings.clip)}: {path}")
    for export in clip_cache.drop_stale(settings.clip, weights=path):
        click.echo(f"removed the export of other weights: {export.folder}")
    click.echo('next: name "clip" in `embedders` of the settings, and `screening models export`')


@models.command()
@click.option(
    "--precision",
    type=click.Choice(["fp32", "int8"]),
    default=None,
    help="int8 is 2 to 3 times faster and slightly off; default: clip.precision, else fp32.",
)
@click.pass_obj
def export(settings: Settings, precision: str | None) -> None:
    """Export the configured clip model for ONNX Runtime, again if it was before."""
    from screening.embedders.clip_export import export as export_clip

    configured = settings.clip.precision
    precision = precision or (configured if configured == "int8" else "fp32")
    made = export_clip(settings.clip, precision, replace=True)
    click.echo(f"{made.description.version}: {made.graph}")
