"""Reference images that match what they should not: stock backgrounds, title cards, templates.

A pack that trains on a character holds copies of several of its references, or looks like it as a
whole. A reference image that alone, of all of its character's, matches packs of many people shows
something that others have too. It is looked for in decisions that were made.

Whoever has accounts enough can upload any reference image alone from each of them. So what a
machine may do about a suspect by itself is to hold it: its copies flag and no longer block, which a
flood of blocked strangers needs and a flood of accounts gains nothing by. Only a person leaves an
image out, having seen it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from screening.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A reference image; ``path`` is that in its set.

    ``alone`` counts the uploaders of packs in which no other reference of the character was matched
    and nothing else looked like it, ``matched`` those of all packs that the image was matched in. A
    pack without an uploader counts as one.
    """

    reference_set: str
    character: str
    path: str
    alone: int
    matched: int


def find_suspects(
    decisions: Iterable[Decision], *, least: Callable[[str], int]
) -> tuple[Suspect, ...]:
    """Images matched alone for so many uploaders, and for most of those that they were matched for
    at all; most uploaders first. ``least``: reference set -> the fewest uploaders."""
    alone: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    matched: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for decision in decisions:
        uploader = decision.uploader or decision.pack.sha256
        shown = {(each.reference_set, each.character) for each in decision.evidence.characters}
        for copies in decision.evidence.copies:
            character = copies.reference_set, copies.character
            images = {each.reference.path for each in copies.matches}
            for path in images:
                matched[*character, path].add(uploader)
                if len(images) == 1 and character not in shown:
                    alone[*character, path].add(uploader)
    found = (
        Suspect(
            reference_set=image[0],
            character=image[1],
            path=image[2],
            alone=len(uploaders),
            matched=len(matched[image]),
        )
        for image, uploaders in alone.items()
        if len(uploaders) >= least(image[0]) and 2 * len(uploaders) > len(matched[image])
    )
    return tuple(sorted(found, key=lambda each: (-each.alone, each.reference_set, each.path)))
