"""``screening lora``: what a published LoRA says of its own training, against the names."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screening.cli.check import EXIT_CODES
from screening.cli.options import references_option
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.lora import LoraDecision, LoraFinding

SHOWN = 20
"""Names that are told; ``--json`` has all."""


@click.command()
@click.argument(
    "file", metavar="FILE.safetensors", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@references_option
@click.option("--uploader", default="", help="Whose licences count.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON on stdout.")
@click.pass_obj
def lora(
    settings: Settings, file: Path, references: Path | None, uploader: str, as_json: bool
) -> int:
    """Look for protected names in the metadata of a published LoRA.

    Read are the name of the file and the texts in its header: tags, folders, trigger words, title.
    Its weights are not looked at, and whoever publishes can change the header: 0 says that no name
    stands there, 10 that one does, or that there was no time to search all of it. A name alone
    never blocks.
    """
    from screening.lora import screen_lora
    from screening.policy import Policy
    from screening.references import References

    settings = settings.with_paths(references=references)
    decision = screen_lora(
        file,
        References(settings.references),
        policy=Policy.load(settings.policy),
        limits=settings.limits,
        uploader=uploader,
    )
    if as_json:
        import json

        click.echo(json.dumps(_document(decision), indent=2))
    else:
        _print(decision, settings.limits.max_names_seconds)
    return EXIT_CODES[decision.verdict]


def _print(decision: "LoraDecision", seconds: float) -> None:
    from screening.counts import counted
    from screening.visible_text import visible

    fields = counted(decision.fields, "field")
    click.echo(
        f"{decision.verdict.upper()} LoRA {visible(decision.file, 200)} ({fields} of metadata)",
        err=True,
    )
    for each in decision.findings[:SHOWN]:
        click.echo(f"  {visible(each.reason, 400)}", err=True)
        for excerpt in each.evidence.excerpts:
            around = f"{excerpt.before}[{excerpt.written}]{excerpt.after}"
            click.echo(f"    {visible(around, 160)}", err=True)
    if len(decision.findings) > SHOWN:
        click.echo(f"  and {len(decision.findings) - SHOWN} more names", err=True)
    if decision.unsearched:
        texts = " and its ".join(decision.unsearched)
        click.echo(
            f"  Its {texts} was not searched to the end: that took longer than {seconds:g} s.",
            err=True,
        )
    elif not decision.findings:
        click.echo("  No name under protection stands in it.", err=True)
    if not decision.fields:
        click.echo("  It carries no metadata, so nothing could be named but the file.", err=True)
    if decision.picture:
        click.echo("  It carries a thumbnail, which was not looked at.", err=True)


def _document(decision: "LoraDecision") -> dict[str, Any]:
    from screening.packs.member import printable

    return {
        "schema": "screening/lora/1",
        "verdict": decision.verdict.value,
        "file": printable(decision.file),
        "metadata_fields": decision.fields,
        "has_thumbnail": decision.picture,
        "not_searched": [each.value for each in decision.unsearched],
        "names": [_finding(each) for each in decision.findings],
    }


def _finding(found: "LoraFinding") -> dict[str, Any]:
    from screening.packs.member import printable

    evidence = found.evidence
    return {
        "verdict": found.verdict.value,
        "reference_set": evidence.reference_set,
        "character": evidence.character,
        "name": evidence.name,
        "work": found.work,
        "rights_holder": found.rights_holder,
        "distinctive": evidence.distinctive,
        "counts": evidence.counts,
        "source": evidence.source,
        "keys": [printable(each) for each in found.keys],
        "written": [printable(each.written) for each in evidence.excerpts],
        "reason": printable(found.reason),
    }
