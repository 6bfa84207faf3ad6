"""What to expect of reference sets, for whoever has to collect the pictures."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from screening.counts import counted
from screening.evaluation.expected_recall import PACK_PICTURES
from screening.evaluation.separability import MOST_REFERENCES, TOLD, Separability
from screening.visible_text import visible

NAME_CHARACTERS = 32

LEAST_APART = 0.9
"""Below this a character that comes close is named."""

LEAST_BACKGROUND_AUC = 0.8
"""Where a picture of the character is not even so often closer to its references than one of the
background is, they have little in common."""


def print_separability(
    characters: Sequence[Separability], console: Console, *, recall: float
) -> None:
    """A line for each character, and what the columns mean."""
    table = Table(box=None, pad_edge=False)
    table.add_column("character", no_wrap=True)
    table.add_column("pictures", justify="right")
    table.add_column("expect", no_wrap=True)
    for number in TOLD:
        table.add_column(f"with {number}", justify="right")
    table.add_column(f"for {_share(recall)}")
    table.add_column("apart", justify="right")
    for each in characters:
        table.add_row(
            visible(each.character, NAME_CHARACTERS),
            str(each.pictures),
            f"{_share(each.now.recall)} ({_share(each.now.low)}-{_share(each.now.high)})"
            f"{'' if each.now.is_own else '*'}",
            *(_share(told.recall) for told in each.told),
            Text(_needed(each), style="green" if each.more == 0 else "bold red"),
            _apart(each),
        )
    console.print(Padding(table, (1, 0, 1, 0)))
    for line in _meaning(characters):
        console.print(Text(line))


def shortages(characters: Sequence[Separability], *, recall: float) -> Iterator[str]:
    """A sentence for each character that more pictures would help, or that is taken for another."""
    for each in characters:
        name = visible(f"{each.reference_set}: {each.character}", 2 * NAME_CHARACTERS)
        if each.more != 0:
            yield f"{name} has {sentence(each, recall=recall)}"
        if each.closest is not None and each.closest.taken_for:
            other = visible(f"{each.closest.reference_set}/{each.closest.character}")
            yield f"{name}: packs of {other} would be flagged as it: are they one character?"


def sentence(found: Separability, *, recall: float) -> str:
    """``15 reference images: expect .90; 5: .30``, and what is missing for ``recall``."""
    told = "; ".join(f"{each.references}: {_share(each.recall)}" for each in found.told)
    missing = (
        f"{found.more} more for {_share(recall)}"
        if found.more is not None
        else f"{MOST_REFERENCES} such pictures would not reach {_share(recall)}; give others"
    )
    return (
        f"{counted(found.pictures, 'different reference image')}: expect "
        f"{_share(found.now.recall)} of packs; {told}; {missing}"
    )


def _needed(found: Separability) -> str:
    if found.more is None:
        return "other pictures"
    return f"{found.more} more" if found.more else "enough"


def _apart(found: Separability) -> Text:
    closest = found.closest
    if closest is None:
        return Text("-")
    if closest.taken_for:
        return Text(f"NO ({_share(closest.auc)})", style="bold red")
    return Text(_share(closest.auc), style="" if closest.auc >= LEAST_APART else "yellow")


def _close(found: Separability) -> str:
    """Of a character that has a close other one; empty for any other."""
    closest = found.closest
    if closest is None or (closest.auc >= LEAST_APART and not closest.taken_for):
        return ""
    same = closest.reference_set == found.reference_set
    other = closest.character if same else f"{closest.reference_set}/{closest.character}"
    told = {
        True: "packs of it would be flagged as this one",
        False: "packs of it would not be flagged",
        None: "too few pictures to say whether packs of it would be flagged",
    }[closest.taken_for]
    return (
        f"{visible(found.character, NAME_CHARACTERS)}: {visible(other, 2 * NAME_CHARACTERS)} comes "
        f"close ({_share(closest.auc)}); {told}."
    )


def _meaning(characters: Sequence[Separability]) -> Iterator[str]:
    yield (
        f"expect: of packs of {PACK_PICTURES} other pictures of the character like its reference "
        "images, the share that is found (and what it may be); with: had it so many reference "
        "images. Pictures of another kind (fan art, faces against whole figures) are found less."
    )
    own = [each for each in characters if each.now.is_own]
    if own:
        yield "Told by its own reference images, drawn apart as references and packs."
    if len(own) < len(characters):
        yield (
            "* has too few to tell: this is what 50 other characters had with so many, and those "
            "of the worst and of the best source among them (drawn characters, with lite)."
        )
    yield (
        "apart: how often a picture of the character is closer to its references than one of the "
        "other character that comes closest; NO: packs of that one would be flagged as it."
    )
    yield from filter(None, map(_close, characters))
    for each in characters:
        auc = each.background_auc
        if auc is not None and auc < LEAST_BACKGROUND_AUC:
            yield (
                f"{visible(each.character, NAME_CHARACTERS)} is hardly told from unrelated "
                f"pictures ({_share(auc)}): are these pictures of one character?"
            )


def _share(share: float) -> str:
    return f"{share:.2f}".removeprefix("0")
