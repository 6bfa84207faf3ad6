"""Reference sets and an index of the references of a split, as a platform would have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from screening.evaluation.split import SplitCharacter
from screening.fingerprints import Fingerprinter
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.references import Character, References, ReferenceSet
from screening.references.stored import ReferencePicture, save
from screening.settings import Settings

Key = tuple[str, str]
"""Reference set, character: ids in the trial index, whatever the folders are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialIndex:
    """An index of the references of ``characters``. ``files``: path of a fingerprint -> its file,
    ``settings`` open a screener on the index, ``keys``: name of a character -> its ids."""

    characters: Sequence[SplitCharacter]
    files: Mapping[str, Path]
    index: Index
    settings: Settings
    keys: Mapping[str, Key]

    def name_of(self, key: Key) -> str:
        """The labelled name of the character with these ids."""
        return next(name for name, each in self.keys.items() if each == key)


def build_trial_index(
    characters: Sequence[SplitCharacter],
    files: Mapping[str, Path],
    folder: Path,
    settings: Settings,
    *,
    mirrored: Fingerprinter,
    plain: Fingerprinter,
) -> TrialIndex:
    """Under ``folder``; ``mirrored`` made the fingerprints, ``plain`` makes those of uploads.

    No name is recorded: what the folders are called must not be found in captions. The calibration
    of ``settings`` holds for another index and is left out.
    """
    settings = replace(
        settings, index=folder / "index", references=folder / "sets", calibration=None
    )
    works = sorted({each.work for each in characters})
    keys: dict[str, Key] = {}
    stored: dict[str, list[ReferencePicture]] = {}
    for number, work in enumerate(works):
        identifier = f"work-{number}"
        of_work = [each for each in characters if each.work == work]
        ids = {each.name: f"character-{place}" for place, each in enumerate(of_work)}
        record = ReferenceSet(
            id=identifier,
            work=work,
            rights_holder="as labelled",
            characters=tuple(Character(id=each, names=()) for each in ids.values()),
        )
        record.save(settings.references)
        keys |= {name: (identifier, own) for name, own in ids.items()}
        stored[identifier] = list(_references(of_work, ids))
        save(settings.references / identifier, stored[identifier], mirrored)
    collection = References(settings.references)
    build_index(
        settings.index,
        stored,
        digests={each: collection.digest(each) for each in stored},
        embedders=plain.embedders,
        background=embed_background(BACKGROUND_PICTURES, plain, settings.limits),
    )
    return TrialIndex(
        characters=characters,
        files=files,
        index=Index.open(settings.index, plain.embedders),
        settings=settings,
        keys=keys,
    )


def _references(
    characters: Iterable[SplitCharacter], ids: Mapping[str, str]
) -> Iterable[ReferencePicture]:
    for each in characters:
        for picture in each.references:
            yield ReferencePicture(character=ids[each.name], time_code="", picture=picture)
