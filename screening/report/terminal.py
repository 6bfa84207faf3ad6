"""The decision on a terminal: the verdict first, then why, then the best matches.

Everything is `rich` text, never markup, and names are escaped, so that a pack cannot colour,
move or hide anything. Without colours (a pipe, a log) the words say the same.
"""

from collections.abc import Iterable
from itertools import chain, islice, zip_longest

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from screening.decision import Decision
from screening.policy import Reason, Verdict
from screening.report.findings import (
    MEANING,
    CharacterFindings,
    Pair,
    by_reason,
    findings_by_character,
)
from screening.report.text import SENTENCE_CHARACTERS, visible

MATCHES_SHOWN = 8
LINES_SHOWN = 5
NAMES_SHOWN = 3
CELL_CHARACTERS = 40
"""A pair of names and what is said about them fit 80 columns, names folded once at most."""

VERSION_CHARACTERS = 40

_STYLES = {
    Verdict.ALLOW: "bold white on green4",
    Verdict.FLAG: "bold black on yellow",
    Verdict.BLOCK: "bold white on red3",
}


def print_decision(decision: Decision, console: Console) -> None:
    """Print ``decision`` for a person to ``console``."""
    console.print(_headline(decision))
    for reason in decision.reasons[:LINES_SHOWN]:
        console.print(_reason_line(reason))
    _print_more(console, len(decision.reasons) - LINES_SHOWN, "reasons")
    characters = findings_by_character(decision)
    if characters:
        console.print(_matches(characters))
        count = sum(len(each.pairs) for each in characters)
        _print_more(console, count - MATCHES_SHOWN, "matches")
    _print_unscreened(decision, console)
    console.print(_counts(decision))
    console.print(_versions(decision))


def _headline(decision: Decision) -> Text:
    line = Text()
    line.append(f" {decision.verdict.value.upper()} ", style=_STYLES[decision.verdict])
    line.append(f" {visible(decision.pack.name)}", style="bold")
    return line.append(f"  {MEANING[decision.verdict]}")


def _reason_line(reason: Reason) -> Padding:
    line = Text(f"{reason.verdict.value}: ", style="bold")
    line.append(visible(reason.text, SENTENCE_CHARACTERS), style="not bold")
    return Padding(line, (0, 0, 0, 1))


def _matches(characters: tuple[CharacterFindings, ...]) -> Table:
    """The best matches, taking turns between the characters, so that none hides another."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("picture", overflow="fold", ratio=3)
    table.add_column("reference", overflow="fold", ratio=4)
    table.add_column("how", overflow="fold", ratio=2)
    table.add_column("closeness", justify="right", no_wrap=True)
    for each, pair in islice(_in_turn(characters), MATCHES_SHOWN):
        match = pair.match
        reference = f"{match.reference.path} {match.reference.time_code}".strip()
        named = visible(each.named.name, CELL_CHARACTERS // 2)
        table.add_row(
            Text(visible(match.path, CELL_CHARACTERS)),
            Text(f"{named}: {visible(reference, CELL_CHARACTERS)}"),
            Text(("copy" if pair.is_copy else "alike") + (", mirrored" if pair.mirrored else "")),
            Text(pair.closeness),
        )
    return table


def _in_turn(
    characters: tuple[CharacterFindings, ...],
) -> Iterable[tuple[CharacterFindings, Pair]]:
    columns = ([(each, pair) for pair in each.pairs] for each in characters)
    rounds = zip_longest(*columns)
    return (found for found in chain.from_iterable(rounds) if found is not None)


def _print_unscreened(decision: Decision, console: Console) -> None:
    groups = by_reason(decision.unscreened)
    if not groups:
        return
    console.print(Text("not screened:", style="bold"))
    for group in groups[:LINES_SHOWN]:
        names = ", ".join(visible(path, CELL_CHARACTERS) for path in group.paths[:NAMES_SHOWN])
        more = len(group.paths) - NAMES_SHOWN
        line = f"{names}{f' and {more} more' if more > 0 else ''}: "
        console.print(
            Padding(Text(line + visible(group.reason, SENTENCE_CHARACTERS)), (0, 0, 0, 1))
        )
    _print_more(console, len(groups) - LINES_SHOWN, "causes")


def _print_more(console: Console, count: int, what: str) -> None:
    if count > 0:
        console.print(Padding(Text(f"and {count} more {what}", style="dim"), (0, 0, 0, 1)))


def _counts(decision: Decision) -> Text:
    pack = decision.pack
    return Text(
        f"{pack.members} members = {pack.screened} screened + {pack.unscreened} not screened + "
        f"{pack.ignored} ignored; {pack.pictures} pictures, {pack.different_pictures} different; "
        f"{decision.times.seconds:.1f} s"
    )


def _versions(decision: Decision) -> Text:
    versions = decision.versions
    parts = {"screening": versions.screening, "index": versions.index, "policy": versions.policy}
    shown = (f"{name} {visible(text, 16)}" for name, text in parts.items())
    return Text(", ".join(shown), style="dim", no_wrap=True, overflow="ellipsis")
