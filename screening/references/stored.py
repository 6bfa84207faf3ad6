"""The fingerprints of a reference set: kept in its Parquet file, made from its images.

Every reference is kept with the fingerprints of its mirror image, so that the images are not
needed again as long as the makers stay the same.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.errors import ReferenceSetError, ScreeningError
from screening.fingerprints.fingerprint import Maker, PictureFingerprints, Refused
from screening.fingerprints.fingerprinter import Fingerprinter, Picture
from screening.fingerprints.table import FingerprintWriter, read_fingerprints
from screening.references.reference_set import FINGERPRINTS_FILE, IMAGES_FOLDER, ReferenceSet

EXTRA_COLUMNS = ("character", "time_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """One reference image as fingerprints; ``picture.path`` is relative to the set's folder."""

    character: str
    time_code: str
    picture: PictureFingerprints


def load(folder: Path, makers: Sequence[Maker]) -> list[ReferencePicture]:
    """What the set's Parquet file holds, or nothing where it is missing or of other makers."""
    path = folder / FINGERPRINTS_FILE
    if not path.is_file():
        return []
    made_by, pictures = read_fingerprints(path)
    if not set(makers) <= set(made_by):
        return []
    return [
        ReferencePicture(
            character=extra.get("character", ""),
            time_code=extra.get("time_code", ""),
            picture=picture,
        )
        for picture, extra in pictures
    ]


def save(
    folder: Path, references: Iterable[ReferencePicture], fingerprinter: Fingerprinter
) -> None:
    """Write the set's Parquet file, whole or not at all."""
    with FingerprintWriter(
        folder / FINGERPRINTS_FILE,
        makers=fingerprinter.makers,
        outputs=[output for each in fingerprinter.embedders for output in each.outputs],
        extra=EXTRA_COLUMNS,
    ) as writer:
        for each in references:
            writer.write(each.picture, character=each.character, time_code=each.time_code)


def digest(folder: Path) -> str:
    """sha256 of the set's fingerprints, or empty where there are none."""
    path = folder / FINGERPRINTS_FILE
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def image_files(folder: Path) -> list[str]:
    """Paths of the set's image files, relative to its folder, sorted."""
    files = (folder / IMAGES_FOLDER).rglob("*")
    return sorted(str(each.relative_to(folder)) for each in files if each.is_file())


def refresh(
    record: ReferenceSet, folder: Path, fingerprinter: Fingerprinter
) -> tuple[list[ReferencePicture], list[Refused]]:
    """Fingerprints of the whole set, made where they are missing, and the files refused.

    Raises ReferenceSetError where fingerprints of these makers are missing and so are the images.
    """
    try:
        kept = load(folder, fingerprinter.makers)
    except ScreeningError as error:
        raise ReferenceSetError(str(error)) from error
    known = {each.picture.path for each in kept}
    missing = [path for path in image_files(folder) if path not in known]
    made: list[ReferencePicture] = []
    refused: list[Refused] = []
    for result in fingerprinter.fingerprint(_read(folder, missing)):
        if isinstance(result, Refused):
            refused.append(result)
        else:
            character = character_of(record, result.path)
            made.append(ReferencePicture(character=character, time_code="", picture=result))
    if not kept and not made:
        names = ", ".join(maker.name for maker in fingerprinter.makers)
        raise ReferenceSetError(
            f"{folder}: has no images, and no fingerprints made by the current {names}"
        )
    both = sorted([*kept, *made], key=lambda each: (each.character, each.picture.path))
    if made:
        save(folder, both, fingerprinter)
    return both, refused


def character_of(record: ReferenceSet, path: str) -> str:
    """The character whose folder ``path`` lies in. Raises ReferenceSetError."""
    parts = Path(path).parts
    named = parts[1] if len(parts) > 2 else ""
    if not named and len(record.characters) == 1:
        return record.characters[0].id
    if record.character(named) is None:
        raise ReferenceSetError(
            f"{record.id}/{path}: lies in no folder of a character of this set; "
            f"put it under {IMAGES_FOLDER}/<character>/"
        )
    return named


def _read(folder: Path, paths: Sequence[str]) -> Iterator[Picture]:
    for path in paths:
        yield Picture.of(path, (folder / path).read_bytes())


def count_images_by_character(folder: Path) -> Counter[str]:
    """Character id -> number of reference images, of fingerprints if there are any."""
    path = folder / FINGERPRINTS_FILE
    if path.is_file():
        _, pictures = read_fingerprints(path)
        return Counter(extra.get("character", "") for _, extra in pictures)
    return Counter(Path(each).parts[1] for each in image_files(folder))


def count_images(folder: Path) -> int:
    """Number of reference images of a set."""
    return count_images_by_character(folder).total()
