"""What is wrong, or weak, about a reference set."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from screening.errors import ScreeningError
from screening.fingerprints.fingerprint import Maker
from screening.fingerprints.table import read_fingerprints
from screening.references.reference_set import FINGERPRINTS_FILE, ReferenceSet
from screening.references.stored import image_files

ENOUGH_REFERENCES = 15
"""The two-sample statistic finds .90 of packs at 1 % false alarms with 15 references, .25-.39
with 5 (matching_facts)."""


def findings(record: ReferenceSet, folder: Path, makers: Sequence[Maker]) -> Iterator[str]:
    """A sentence for everything that a person should mend, nothing if all is well."""
    if not record.characters:
        yield "names no character"
    for character in record.characters:
        if not character.names:
            yield f"{character.id} has no name, so captions are not searched for it"
    images = image_files(folder)
    try:
        made_by, pictures = read_fingerprints(folder / FINGERPRINTS_FILE)
    except ScreeningError as error:
        yield f"has no fingerprints that can be read: {error}"
        return
    for maker in makers:
        if maker not in made_by:
            yield f"has no fingerprints made by {maker.name} {maker.version}"
    digests = {picture.path: picture.sha256 for picture, _ in pictures}
    for path in images:
        if path not in digests:
            yield f"{path} has no fingerprint; run: screening references fingerprint {record.id}"
        elif hashlib.sha256((folder / path).read_bytes()).hexdigest() != digests[path]:
            yield f"{path} has changed since its fingerprint was made"
    counts = Counter(extra.get("character", "") for _, extra in pictures)
    for identifier in sorted(set(counts) - {each.id for each in record.characters}):
        yield f"{counts[identifier]} references show {identifier!r}, which the record does not name"
    for character in record.characters:
        if counts[character.id] < ENOUGH_REFERENCES:
            yield (
                f"{character.id} has {counts[character.id]} references; other pictures of a "
                f"character are found reliably from {ENOUGH_REFERENCES} on"
            )
