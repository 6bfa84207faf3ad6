"""What is wrong, or weak, about a reference set."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from screening.counts import counted
from screening.errors import ReferenceSetError, ScreeningError
from screening.fingerprints.fingerprint import Maker
from screening.fingerprints.table import read_fingerprints
from screening.packs.member import printable
from screening.references.reference_set import FINGERPRINTS_FILE, ReferenceSet
from screening.references.stored import character_of, image_files


def findings(record: ReferenceSet, folder: Path, makers: Sequence[Maker]) -> Iterator[str]:
    """A sentence for everything that a person should mend, nothing if all is well."""
    if not record.characters:
        yield "names no character"
    for character in record.characters:
        if not character.names:
            yield f"{character.id} has no name, so captions are not searched for it"
    yield from _misplaced(record, folder)
    if not (folder / FINGERPRINTS_FILE).exists():
        if count := len(image_files(folder)):
            waiting = counted(count, "picture")
            yield f"no fingerprints of {waiting}: run: screening references fingerprint {record.id}"
        return  # a set of names alone is a set
    try:
        made_by, pictures = read_fingerprints(folder / FINGERPRINTS_FILE)
    except ScreeningError as error:
        yield f"has no fingerprints that can be read: {error}"
        return
    for maker in makers:
        if maker not in made_by:
            yield f"has no fingerprints made by {maker.name} {maker.version}"
    yield from _outdated(record, folder, {picture.path: picture.sha256 for picture, _ in pictures})
    counts = Counter(extra.get("character", "") for _, extra in pictures)
    for identifier in sorted(set(counts) - {each.id for each in record.characters}):
        shown = counted(counts[identifier], "reference image")
        yield f"{shown} of {identifier!r}, which the record does not name"
    for character in record.characters:
        if not counts[character.id]:
            yield f"{character.id} has no reference image, so only its names are searched for"


def _misplaced(record: ReferenceSet, folder: Path) -> Iterator[str]:
    for path in image_files(folder):
        try:
            character_of(record, path)
        except ReferenceSetError as error:
            yield str(error).removeprefix(f"{record.id}/")


def _outdated(record: ReferenceSet, folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    for file in image_files(folder):
        path = printable(file)
        if path not in digests:
            yield f"{path} has no fingerprint; run: screening references fingerprint {record.id}"
        elif hashlib.sha256((folder / file).read_bytes()).hexdigest() != digests[path]:
            yield f"{path} has changed since its fingerprint was made"
