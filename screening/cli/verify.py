"""``screening verify``: is this still the pack that was screened?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.check import EXIT_CODES
from screening.cli.options import ANY_PATH
from screening.counts import counted
from screening.errors import DecisionUnreadable
from screening.settings import Settings

if TYPE_CHECKING:
    from screening.policy import Verdict
    from screening.verification import Verification

SHOWN_MEMBERS = 20
"""Members that are named a kind; ``--json`` names all."""

NOT_THE_SAME = 20
"""Must not be trained, as a block: nobody has looked at what is there now."""


@click.command()
@click.argument("pack", type=ANY_PATH)
@click.argument(
    "decision_file",
    metavar="DECISION.json",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--accept",
    type=click.Choice(["flag", "block"]),
    help="A person has looked: a decision of this verdict, or a milder one, verifies too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what differs as JSON on stdout.")
@click.pass_obj
def verify(
    settings: Settings, pack: Path, decision_file: Path, accept: str | None, as_json: bool
) -> int:
    """Check that PACK is, byte by byte, the one that DECISION.json was made on.

    DECISION.json is what `screening check --json` printed. Ends with 0 if every member has the
    sha256 that was screened, none is missing or new, and the decision allows the pack; with 20 if
    the pack is not the same (or was blocked), with 10 if it is the same and was flagged.
    """
    from screening.decision import Decision
    from screening.policy import Verdict
    from screening.verification import verify_pack

    try:
        decision = Decision.from_json(decision_file.read_bytes())
    except OSError as error:
        raise DecisionUnreadable(f"{decision_file}: cannot be read: {error}") from error
    found = verify_pack(pack, decision, limits=settings.limits)
    accepted = Verdict(accept or "allow")
    if as_json:
        _print_json(found, accepted)
    else:
        _print_text(found, pack, accepted)
    if not found.same:
        return NOT_THE_SAME
    return 0 if found.may_train(accept=accepted) else EXIT_CODES[found.verdict]


def _print_text(found: "Verification", pack: Path, accepted: "Verdict") -> None:
    from screening.visible_text import visible

    name = visible(str(pack), 200)
    members = counted(found.members, "member")
    if not found.same:
        click.echo(f"{name} is not the pack that was screened ({members}):", err=True)
        for what, paths in found.differences:
            for path in paths[:SHOWN_MEMBERS]:
                click.echo(f"  {what}: {visible(path, 200)}", err=True)
            if len(paths) > SHOWN_MEMBERS:
                click.echo(f"  {what}: {len(paths) - SHOWN_MEMBERS} more", err=True)
        return
    click.echo(f"{name} is the pack that was screened: {members}, byte by byte", err=True)
    if not found.may_train(accept=accepted):
        click.echo(
            f"but the verdict was {found.verdict}: it must not be trained before a person has "
            f"looked (--accept {found.verdict})",
            err=True,
        )


def _print_json(found: "Verification", accepted: "Verdict") -> None:
    import json

    from screening.packs.member import path_as_text

    kinds = {
        "changed": found.changed,
        "added": found.added,
        "removed": found.removed,
        "unread": found.unread,
    }
    document = {
        "schema": "screening/verification/1",
        "same": found.same,
        "verdict": found.verdict.value,
        "may_train": found.may_train(accept=accepted),
        "members": found.members,
        **{kind: [path_as_text(path) for path in paths] for kind, paths in kinds.items()},
    }
    click.echo(json.dumps(document, indent=2))
