"""An evaluation on a terminal, and as JSON: every share with what stands behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from screening.counts import counted
from screening.evaluation.bootstrap import Share
from screening.evaluation.copies import ALL, CERTAIN, LIKELY, CopyTable
from screening.evaluation.drawn_packs import SIZES, DrawnPacks
from screening.evaluation.edits import EDITS
from screening.evaluation.evaluation import Evaluated
from screening.evaluation.real_packs import TRUTHS, RealPacks
from screening.policy import Verdict
from screening.visible_text import visible

NAMED = 10
"""Lines of a list on the terminal; the JSON has them all."""

NAME_CHARACTERS = 200

HEADS = {CERTAIN: "certain", LIKELY: "likely too"}


def as_json(evaluated: Evaluated) -> dict[str, Any]:
    """The whole evaluation as data; each share with its value beside its counts and interval."""
    document: dict[str, Any] = _plain(asdict(evaluated))
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        plain = {str(key): _plain(item) for key, item in value.items()}
        if plain.keys() == {"found", "asked", "characters", "low", "high"}:
            plain["share"] = plain["found"] / plain["asked"]
        return plain
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def print_evaluation(evaluated: Evaluated, console: Console) -> None:
    """For a person. Intervals are of 95 %."""
    if evaluated.characters:
        references = sum(of for of, _ in evaluated.characters.values())
        queries = sum(of for _, of in evaluated.characters.values())
        _say(
            console,
            f"{counted(len(evaluated.characters), 'character')}: "
            f"{counted(references, 'reference image')} in the index, "
            f"{counted(queries, 'other picture')} to ask about; "
            f"{counted(evaluated.repeats, 'near-duplicate or blank picture')} left out.",
        )
    _list(
        console,
        "Left out",
        [f"{name}: {why}" for name, why in evaluated.left_out.items()],
    )
    if evaluated.copies is not None:
        _print_copies(evaluated.copies, console)
    if evaluated.drawn is not None:
        _print_drawn(evaluated.drawn, console)
    if evaluated.real is not None:
        _print_real(evaluated.real, console, own_index=evaluated.own_index)


def _print_copies(copies: CopyTable, console: Console) -> None:
    columns = list(copies.recall)
    behind = copies.recall[CERTAIN][ALL]
    benign = copies.false_positives[CERTAIN]
    _head(console, "Edited copies found")
    _say(
        console,
        f"{counted(copies.originals, 'reference')} of {counted(behind.characters, 'character')}, "
        f"each under {len(EDITS)} edits: {behind.asked} copies. Intervals by character.",
    )
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("copies by", no_wrap=True)
    for column in columns:
        table.add_column(HEADS.get(column, column), justify="right")
        if column == CERTAIN:
            table.add_column("95 %", no_wrap=True)
    for family in (*EDITS, ALL):
        cells: list[str] = []
        for column in columns:
            share = copies.recall[column][family]
            cells.append(f"{share.value:.2f}")
            if column == CERTAIN:
                cells.append(_interval(share))
        table.add_row(family, *cells)
    table.add_section()
    first, *others = (str(copies.false_positives[column].found) for column in columns)
    table.add_row("false positives", first, "", *others)
    console.print(Padding(table, (1, 0)))
    _say(
        console,
        f"False positives: of {counted(benign.asked, 'picture')} of "
        f"{counted(benign.characters, 'character')} (other pictures of them, and an edit of each), "
        "those that are called a copy of a reference of another character. Certain ones: "
        f"{_rate(benign)}; certain or likely ones: {_rate(copies.false_positives[LIKELY])}.",
    )
    _list(
        console,
        "Called copies by mistake (or labelled by mistake)",
        [
            f"{'certain' if each.certain else 'likely'}: {each.picture}"
            f"{f' ({each.edit})' if each.edit else ''} ~ {each.reference}"
            for each in copies.mistakes
        ],
    )


def _print_drawn(drawn: DrawnPacks, console: Console) -> None:
    _head(console, "Packs of other pictures of a protected character, no copies")
    table = Table(box=None, pad_edge=False)
    for head in ("pack", "protected", "found", "95 %", "of"):
        table.add_column(head, justify="right" if head == "found" else "left")
    for size in SIZES:
        for name, share in drawn.recall[size].items():
            if share is None:
                cells = ["", "", "no character has pictures enough"]
            else:
                behind = f"{counted(share.asked, 'pack')} of {share.characters} characters"
                cells = [f"{share.value:.2f}", _interval(share), behind]
            table.add_row(f"{size} pictures", name, *cells)
    console.print(Padding(table, (1, 0, 1, 2)))
    _say(
        console,
        "Found: the pack is flagged or blocked for the right character, which a quarter or half or "
        "all of it shows. The rest shows other characters, which are not compared. Intervals by "
        "character.",
    )
    _head(console, "False alarms: packs of one other character, itself not compared")
    for size in SIZES:
        flagged, blocked = drawn.flagged[size], drawn.blocked[size]
        if flagged is None or blocked is None:
            _say(console, f"  packs of {size}: too few pictures")
        else:
            _say(
                console,
                f"  packs of {size}: {flagged.found} of {flagged.asked} flagged or blocked, "
                f"{_rate(flagged)}; {blocked.found} blocked, {_rate(blocked)} "
                f"({counted(flagged.characters, 'character')}; bounds by Clopper and Pearson)",
            )
    _list(
        console,
        "Benign packs that were not allowed",
        [
            f"{each.verdict}, {each.size} pictures of {', '.join(each.shows)}: taken for "
            f"{', '.join(each.taken_for)}"
            for each in drawn.false_alarms
        ],
    )


def _print_real(real: RealPacks, console: Console, *, own_index: bool) -> None:
    against = "the references above" if own_index else "the configured index"
    _head(console, f"Real packs, against {against}")
    table = Table(box=None, pad_edge=False)
    for head in ("truth", *Verdict, "packs"):
        table.add_column(head, justify="left" if head == "truth" else "right")
    for truth in TRUTHS:
        verdicts = real.verdicts[truth]
        table.add_row(
            truth, *(str(verdicts[each]) for each in Verdict), str(sum(verdicts.values()))
        )
    console.print(Padding(table, (1, 0, 1, 2)))
    for share, what in (
        (real.found, "protected packs flagged or blocked"),
        (real.false_alarms, "benign packs flagged or blocked"),
    ):
        if share is not None:
            _say(console, f"  {share.found} of {share.asked} {what}: {_rate(share)}")
    _list(
        console,
        "Wrong",
        [f"{each.truth}, {each.verdict}: {each.pack}: {each.why[0]}" for each in real.wrong],
    )
    _list(console, "Left out", [f"{pack}: {why}" for pack, why in real.left_out.items()])


def _interval(share: Share) -> str:
    return f"{share.low:.2f}-{share.high:.2f}".replace("0.", ".")


def _rate(share: Share) -> str:
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"


def _head(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _say(console: Console, text: str) -> None:
    console.print(Text(text))


def _list(console: Console, head: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    _say(console, f"{head}: {len(lines)}")
    for line in lines[:NAMED]:
        console.print(Padding(Text(visible(line, NAME_CHARACTERS)), (0, 0, 0, 2)))
    if len(lines) > NAMED:
        _say(console, f"  … and {len(lines) - NAMED} more, in the JSON")
