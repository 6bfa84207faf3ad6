"""``screening calibrate``: p-values by benign packs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.options import ANY_PATH, FILE, index_option, references_option
from screening.counts import counted
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.screener import Screener
    from screening.screener.benign_packs import Upload

KEPT = ".parquet"


@click.command()
@click.argument("benign_packs", nargs=-1, type=ANY_PATH)
@index_option
@references_option
@click.option(
    "--subjects",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder with a folder of pictures for each subject: packs are drawn of them.",
)
@click.option(
    "--out", type=FILE, default="calibration.json", show_default=True, help="File to write."
)
@click.option(
    "--hold-out",
    type=click.FloatRange(0, 0.9),
    default=0.2,
    show_default=True,
    help="Share of the packs that only checks what the others promise.",
)
@click.pass_obj
def calibrate(
    settings: Settings,
    benign_packs: tuple[Path, ...],
    index: Path | None,
    references: Path | None,
    subjects: Path | None,
    out: Path,
    hold_out: float,
) -> None:
    """Measure BENIGN_PACKS, which train on nothing protected, and write a calibration.

    Each is one pack, a folder or an archive, better one of each uploader; or a Parquet file of
    those that were measured before. Their fingerprints are kept beside the calibration, so that
    it can be made again for a new index without the pictures.
    """
    from screening.calibration.benign import calibrated
    from screening.report.calibration import asked_for, explain
    from screening.screener import Screener
    from screening.screener.benign_packs import compare_benign, held_out_of, keep, without_repeats

    if not benign_packs and subjects is None:
        raise click.UsageError("give benign packs, or --subjects FOLDER")
    kept = out.with_suffix(KEPT)
    settings = replace(settings, calibration=None).with_paths(index=index, references=references)
    with Screener.open(settings=settings) as screener:
        uploads = without_repeats(_uploads(screener, benign_packs, subjects))
        if benign_packs != (kept,) or subjects is not None:
            keep(uploads, kept, makers=screener.makers, outputs=screener.index.outputs)
        others, held = held_out_of(uploads, hold_out)
        current, policy, records = screener.index, screener.policy, screener.records
        made = calibrated(
            list(compare_benign(others, current, policy, records)),
            list(compare_benign(held, current, policy, records)),
            binding=screener.binding(current),
            source=_source(others, held),
            provisional=_provisional(uploads),
            alphas=policy.alphas,
        )
    made.save(out)
    for line in (*explain(made), *asked_for(made, policy.alphas)):
        click.echo(line, err=True)
    click.echo(f"{out}: written, fingerprints in {kept}", err=True)


def _uploads(
    screener: "Screener", packs: tuple[Path, ...], subjects: Path | None
) -> "list[Upload]":
    from screening.screener.benign_packs import read_kept

    uploads: list[Upload] = []
    for path in packs:
        if path.suffix == KEPT and path.is_file():
            uploads += read_kept(path, screener.makers)
        else:
            uploads.append(_read(screener, path, is_subject=False))
    folders = sorted(each for each in subjects.iterdir() if each.is_dir()) if subjects else []
    return uploads + [_read(screener, each, is_subject=True) for each in folders]


def _read(screener: "Screener", path: Path, *, is_subject: bool) -> "Upload":
    from screening.packs.member import printable
    from screening.screener.benign_packs import Upload

    read = screener.read(path)
    for left in read.reading.unscreened.values():
        click.echo(f"left out {printable(left.path)!r} of {path}: {left.reason}", err=True)
    return Upload(name=read.pack.name, pictures=tuple(read.pictures), is_subject=is_subject)


def _source(others: "list[Upload]", held: "list[Upload]") -> str:
    what = "labelled subject" if any(each.is_subject for each in others) else "benign pack"
    if len({each.is_subject for each in others}) > 1:
        what = "benign pack and labelled subject"
    return f"{counted(len(others), what)}, and {len(held)} held out to check it"


def _provisional(uploads: "list[Upload]") -> str:
    if any(each.is_subject for each in uploads):
        return "packs were drawn from labelled subjects, and are none that people uploaded"
    return ""
