"""The decision on a terminal: the verdict first, then why, then the best matches.

Everything is `rich` text, never markup, and names are escaped, so that a pack cannot colour,
move or hide anything. Without colours (a pipe, a log) the words say the same.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from screening.counts import counted
from screening.decision import Decision
from screening.evidence import NameEvidence
from screening.fingerprints.fingerprint import Region
from screening.packs.layouts.folder import FolderLayout
from screening.policy import Reason, Verdict
from screening.report.findings import (
    HASH_BITS,
    MEANING,
    CharacterFindings,
    Pair,
    ReasonGroup,
    by_reason,
    findings_by_character,
    named,
    uses_sentence,
)
from screening.visible_text import visible

CHARACTERS_SHOWN = 4
MATCHES_SHOWN = 5
LINES_SHOWN = 5
NAMES_SHOWN = 3
NAME_CHARACTERS = 40
SENTENCE_CHARACTERS = 400
CAUSE_CHARACTERS = 160
VERSION_CHARACTERS = 16

GAPS = 7  # two columns between each two of four, one at the left

LEAST_COLUMNS = 60
"""Narrower than this, the columns of a table would hold nothing; the terminal folds the lines."""

_BRAILLE = 0x2800
_DOTS = {
    (0, 0): 1, (0, 1): 2, (0, 2): 4, (1, 0): 8, (1, 1): 16, (1, 2): 32, (0, 3): 64, (1, 3): 128,
}  # fmt: skip
"""(column, row) of a Braille character's dots -> its bit, as Unicode numbers them."""

_STYLES = {
    Verdict.ALLOW: "bold white on green4",
    Verdict.FLAG: "bold black on yellow",
    Verdict.BLOCK: "bold white on red3",
}


def print_decision(decision: Decision, console: Console) -> None:
    """Print ``decision`` for a person to ``console``."""
    console.print(_headline(decision))
    for reason in decision.reasons[:LINES_SHOWN]:
        console.print(_indented(_reason_line(reason)))
    _print_more(console, len(decision.reasons) - LINES_SHOWN, "reason")
    for remark in decision.remarks[:LINES_SHOWN]:
        console.print(_indented(Text(visible(remark, SENTENCE_CHARACTERS), style="dim")))
    characters = findings_by_character(decision)
    for found in characters[:CHARACTERS_SHOWN]:
        _print_character(found, console)
    _print_more(console, len(characters) - CHARACTERS_SHOWN, "character")
    _print_names(decision, console)
    _print_unscreened(by_reason(decision.unscreened), console)
    console.print()
    if uses := uses_sentence(decision):
        console.print(Text(visible(uses, SENTENCE_CHARACTERS)))
    console.print(_counts(decision))
    console.print(_versions(decision))


def _headline(decision: Decision) -> Text:
    line = Text()
    line.append(f" {decision.verdict.value.upper()} ", style=_STYLES[decision.verdict])
    line.append(f" {MEANING[decision.verdict]}", style="bold")
    return line.append(f' Pack "{visible(decision.pack.name, NAME_CHARACTERS)}"')


def _reason_line(reason: Reason) -> Text:
    line = Text()
    line.append(f"{reason.verdict.value}: ", style="bold")
    return line.append(visible(reason.text, SENTENCE_CHARACTERS))


def _print_character(found: CharacterFindings, console: Console) -> None:
    line = Text()
    line.append(visible(found.named.name, NAME_CHARACTERS), style="bold")
    if found.named.work != found.named.name:
        line.append(f", {visible(found.named.work, NAME_CHARACTERS)}")
    if found.named.rights_holder:
        line.append(f" ({visible(found.named.rights_holder, NAME_CHARACTERS)})")
    console.print()
    console.print(line)
    if found.pairs:
        shown = found.pairs[:MATCHES_SHOWN]
        console.print(_indented(_matches(shown, console.width)))
        for pair in shown:
            if pair.overlap:
                console.print(_indented(_overlap(pair)))
        scales = {pair.kind: pair.scale for pair in shown if pair.scale}
        for kind, scale in scales.items():
            console.print(_indented(Text(f"score of {kind}: {scale}", style="dim")))
    _print_more(console, len(found.pairs) - MATCHES_SHOWN, "picture")


def _matches(pairs: Sequence[Pair], width: int) -> Table:
    """One line a pair; the columns of names share what the others leave of ``width``."""
    hows = [_how(pair) for pair in pairs]
    closenesses = [_closeness(pair) for pair in pairs]
    references = [pair.match.reference for pair in pairs]
    shown_references = [each.time_code or each.path for each in references]
    taken = max(map(len, hows)) + max(map(len, closenesses)) + GAPS
    left = max(width, LEAST_COLUMNS) - taken
    reference_width = min(max(map(len, shown_references)), left // 2)
    picture_width = left - reference_width
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("picture", no_wrap=True, max_width=picture_width)
    table.add_column("reference", no_wrap=True, max_width=max(reference_width, len("reference")))
    table.add_column("how", no_wrap=True)
    table.add_column("closeness", no_wrap=True, justify="right")
    for pair, reference, how, closeness in zip(
        pairs, shown_references, hows, closenesses, strict=True
    ):
        table.add_row(
            Text(visible(pair.match.path, picture_width)),
            Text(visible(reference, reference_width)),
            Text(how),
            Text(closeness),
        )
    return table


def _overlap(pair: Pair) -> Text:
    """Both pictures as rectangles of dots, the overlap filled, and what that says."""
    line = Text(style="dim")
    line.append(f"{visible(pair.match.path, NAME_CHARACTERS)}: ")
    line.append(f"[{_drawn(pair.match.reference_region)}] in [{_drawn(pair.match.region)}]")
    return line.append(f" {pair.overlap}")


def _drawn(region: Region | None) -> str:
    """Four by four dots in two Braille characters; whatever ``region`` touches the middle of."""
    if region is None:
        return ""
    text = ""
    for first in (0, 2):
        bits = 0
        for (column, row), bit in _DOTS.items():
            across, down = (first + column + 0.5) / 4, (row + 0.5) / 4
            if region.left <= across <= region.right and region.top <= down <= region.bottom:
                bits |= bit
        text += chr(_BRAILLE + bits)
    return text


def _how(pair: Pair) -> str:
    kind = f"mirrored {pair.kind}" if pair.mirrored else pair.kind
    return f"{kind} ({pair.use})" if pair.use else kind


def _closeness(pair: Pair) -> str:
    distance = pair.match.distance_bits
    return pair.closeness if distance is None else f"{distance} of {HASH_BITS} bits"


def _print_names(decision: Decision, console: Console) -> None:
    names = decision.evidence.names
    if names:
        console.print()
        console.print(Text("names", style="bold"))
    for each in names[:LINES_SHOWN]:
        character = named(decision, each.reference_set, each.character)
        line = Text(f'"{visible(each.name, NAME_CHARACTERS)}" ')
        line.append(f"of {visible(character.name, NAME_CHARACTERS)} in {each.source}")
        line.append(f": {_some(each.paths)}" if any(each.paths) else "")
        line.append(_written(each), style="dim")
        line.append("" if each.counts else "; ambiguous, does not count alone", style="dim")
        console.print(_indented(line))
    _print_more(console, len(names) - LINES_SHOWN, "name")


def _written(found: NameEvidence) -> str:
    """What stands in the text, where a name was found only by reading something into it."""
    if not found.excerpts or not all(each.readings for each in found.excerpts):
        return ""
    first = found.excerpts[0]
    return f', written "{visible(first.written, NAME_CHARACTERS)}" ({", ".join(first.readings)})'


def _print_unscreened(groups: Sequence[ReasonGroup], console: Console) -> None:
    if groups:
        console.print()
        console.print(Text("not screened", style="bold"))
    for group in groups[:LINES_SHOWN]:
        reason = visible(group.reason, CAUSE_CHARACTERS)
        console.print(_indented(Text(f"{_some(group.paths)}: {reason}")))
    _print_more(console, len(groups) - LINES_SHOWN, "cause")


def _some(paths: Sequence[str]) -> str:
    """The first few of ``paths``, and how many more there are."""
    names = ", ".join(visible(path, NAME_CHARACTERS) for path in paths[:NAMES_SHOWN])
    more = len(paths) - NAMES_SHOWN
    return f"{names} and {more} more" if more > 0 else names


def _print_more(console: Console, count: int, what: str) -> None:
    if count > 0:
        console.print(_indented(Text(f"and {counted(count, f'more {what}')}", style="dim")))


def _indented(content: Text | Table) -> Padding:
    return Padding(content, (0, 0, 0, 1), expand=False)


def _counts(decision: Decision) -> Text:
    pack = decision.pack
    members, pictures = counted(pack.members, "member"), counted(pack.pictures, "picture")
    return Text(
        f"{members} = {pack.screened} screened + {pack.unscreened} not screened + "
        f"{pack.ignored} ignored; {pictures}, {pack.different_pictures} different, "
        f"{_layout(pack.trainer)}, "
        f"in {decision.times.seconds:.1f} s"
    )


def _layout(trainer: str) -> str:
    if trainer == FolderLayout.trainer:
        return "a plain folder"
    return f"laid out for {visible(trainer, NAME_CHARACTERS)}"


def _versions(decision: Decision) -> Text:
    versions = decision.versions
    parts = {"screening": versions.screening, "index": versions.index, "policy": versions.policy}
    if versions.calibration:
        parts["calibration"] = versions.calibration
    shown = (f"{name} {visible(text, VERSION_CHARACTERS)}" for name, text in parts.items())
    return Text(", ".join(shown), style="dim", no_wrap=True, overflow="ellipsis")
