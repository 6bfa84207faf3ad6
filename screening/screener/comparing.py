"""A pack's pictures against the index: the same for an upload and for a benign pack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from screening.fingerprints import PictureFingerprints
from screening.index import Index
from screening.matching import (
    CharacterComparison,
    Match,
    compare_characters,
    find_copies,
    group_near_duplicates,
)
from screening.policy import CopyPolicy
from screening.references import ReferenceSet, Status

COMPARED_FOLDERS = 16
"""The largest folders of a pack are also compared each by itself, so that pictures which a trainer
does not read, or reads once, cannot dilute those that it reads."""


def characters_in_force(index: Index, records: Mapping[str, ReferenceSet]) -> int:
    """How many characters of the index are of reference sets that are not disabled."""
    entries = index.entries
    first_rows = (int(index.rows_of(number)[0]) for number in range(index.character_count))
    characters = {(entries.reference_set[row], entries.character[row]) for row in first_rows}
    return sum(records[each].status is not Status.DISABLED for each, _ in characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Pictures of one pack, near-duplicates told apart.

    ``different`` is the first picture of each near-duplicate group, ``first_alike``: path -> path
    of that first one.
    """

    pictures: Sequence[PictureFingerprints]
    index: Index
    different: Sequence[PictureFingerprints]
    first_alike: Mapping[str, str]

    @classmethod
    def of(cls, pictures: Sequence[PictureFingerprints], index: Index) -> "Compared":
        outputs = [each.name for each in index.outputs if "characters" in each.finds]
        first = group_near_duplicates(pictures, outputs).tolist()
        return cls(
            pictures=pictures,
            index=index,
            different=[pictures[number] for number in sorted(set(first))],
            first_alike={
                each.path: pictures[number].path
                for each, number in zip(pictures, first, strict=True)
            },
        )

    def copies(self, policy: CopyPolicy) -> list[Match]:
        return find_copies(
            self.pictures,
            self.index,
            distance_bits=policy.distance_bits,
            certain_bits=policy.certain_distance_bits,
        )

    def characters(self) -> Iterator[CharacterComparison]:
        """Of the whole pack, and of each large folder: most trainers train on some folders only."""
        yield from compare_characters(self.different, self.index)
        folders: dict[str, list[PictureFingerprints]] = {}
        for each in self.different:
            folders.setdefault(each.path.rpartition("/")[0], []).append(each)
        largest = sorted(folders.values(), key=lambda pictures: (-len(pictures), pictures[0].path))
        for pictures in largest[:COMPARED_FOLDERS] if len(folders) > 1 else ():
            for comparison in compare_characters(pictures, self.index):
                if comparison.share == 1:
                    yield replace(comparison, share=len(pictures) / len(self.different))
