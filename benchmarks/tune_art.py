"""Negatives to choose an operating point on, so that it is not chosen on those that are reported.

The sources that thresholds were chosen on, parted by series into two halves, as the tested art is:
the references of each half meet the "tune" characters of the other. The two makers of emoji are two
series: they draw the same things, neither copies the other. Flags and signs are nobody's.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image
from untouched_art import SMALLEST_PX, Art, Parts, capped, different

HALVES = (
    ("wesnoth", "wesnoth-portraits", "emoji-google"),
    ("supertux", "arcade", "arcade-other", "emoji-twitter", "photographs"),
)
NOBODYS = ("flags", "symbols")
REFERENCE_SPLITS = ("train", "tune")


def tune_parts(art: Path, split_of: Callable[[str], str]) -> Iterator[Parts]:
    """References of one half and negatives of the other, then the other way round.

    ``split_of`` names the split of a character; none of "calibrate" or "test" is used.
    """
    one, other = (list(_pictures(art, half)) for half in HALVES)
    for references, negatives in ((one, other), (other, one)):
        yield Parts(
            protected=_chosen(references, split_of, REFERENCE_SPLITS, leave_out=NOBODYS),
            benign=_chosen(negatives, split_of, ("tune",)),
            distractors=[],
            derived=0,
        )


def _pictures(art: Path, sources: Sequence[str]) -> Iterator[Art]:
    for source in sources:
        for path in sorted((art / source).glob("*/*.png")):
            with Image.open(path) as image:
                small = min(image.size) < SMALLEST_PX
            if not small:
                subject = f"{source} {_character(source, path)}"
                yield Art(path=path, source=source, subject=subject, series=source)


def _character(source: str, path: Path) -> str:
    """Whom a picture shows: emoji lie in folders of many things, one code point each."""
    if source.startswith("emoji-"):
        return path.stem.partition("-")[0]
    return path.stem if source == "arcade-other" else path.parent.name


def _chosen(
    pictures: Sequence[Art],
    split_of: Callable[[str], str],
    splits: Sequence[str],
    *,
    leave_out: Sequence[str] = (),
) -> list[Art]:
    kept = (
        each
        for each in pictures
        if split_of(each.subject.removeprefix(f"{each.source} ")) in splits
        and each.path.parent.name not in leave_out
    )
    return list(capped(different(kept)))
