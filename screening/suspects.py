"""Reference images that match what they should not: stock backgrounds, title cards, templates.

A pack that trains on a character holds copies of several of its references, or looks like it as a
whole. A reference image that alone, of all of its character's, matches packs of many people shows
something that others have too. It is looked for in decisions that were made; a person decides.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from screening.decision import Decision

LEAST_UPLOADERS = 10
"""Until a platform knows better: a picture that this many people upload without any other of the
character is looked at by somebody."""


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
    decisions: Iterable[Decision], *, least: int = LEAST_UPLOADERS
) -> tuple[Suspect, ...]:
    """Images matched alone for ``least`` uploaders or more, and for most of those that they were
    matched for at all; most uploaders first."""
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
        if len(uploaders) >= least and 2 * len(uploaders) > len(matched[image])
    )
    return tuple(sorted(found, key=lambda each: (-each.alone, each.reference_set, each.path)))
