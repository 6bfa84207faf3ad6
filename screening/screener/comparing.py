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

COMPARED_PARTS = 16
"""So many of the largest folders of a pack are also compared each by itself, so that pictures which
a trainer does not read, or reads once, cannot dilute those that it reads; and of its videos."""


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
        """Of the whole pack, and of parts of it, so that one part cannot dilute another.

        Its pictures are compared without the frames of its videos, of which one video has more than
        most packs have pictures, and these without those. Each large folder is compared, because
        most trainers train on some folders only, and each long video.
        """
        yield from compare_characters(self.different, self.index)
        pictures = [each for each in self.different if not each.video]
        frames = [each for each in self.different if each.video]
        if pictures and frames:
            for comparison in compare_characters(pictures, self.index):
                yield replace(comparison, of_pack=len(pictures) / len(self.different))
            for comparison in compare_characters(frames, self.index):
                # Frames of one shot are no witnesses that a few of them could be taken for.
                share = comparison.share * len(frames) / len(self.different)
                yield replace(comparison, share=share)
        yield from self._parts(pictures, [each.path.rpartition("/")[0] for each in pictures])
        yield from self._parts(frames, [each.video for each in frames])

    @property
    def parts_left(self) -> int:
        """How many folders and videos are not compared by themselves: `COMPARED_PARTS` are."""
        folders = {each.path.rpartition("/")[0] for each in self.different if not each.video}
        videos = {each.video for each in self.different if each.video}
        return sum(max(0, len(parts) - COMPARED_PARTS) for parts in (folders, videos))

    def _parts(
        self, pictures: Sequence[PictureFingerprints], names: Sequence[str]
    ) -> Iterator[CharacterComparison]:
        """Of the largest parts of ``pictures``, which are of the same part where ``names`` are."""
        parts: dict[str, list[PictureFingerprints]] = {}
        for name, picture in zip(names, pictures, strict=True):
            parts.setdefault(name, []).append(picture)
        largest = sorted(parts.values(), key=lambda part: (-len(part), part[0].path))
        for part in largest[:COMPARED_PARTS] if len(parts) > 1 else ():
            for comparison in compare_characters(part, self.index):
                if comparison.share == 1:
                    yield replace(comparison, share=len(part) / len(self.different))
