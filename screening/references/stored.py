"""The fingerprints of a reference set: kept in its Parquet file, made from its images.

Every reference is kept with the fingerprints of its mirror image, so that the images are not
needed again as long as the makers stay the same. What cannot be made again is never dropped.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from screening.counts import counted
from screening.errors import ReferenceSetError, ScreeningError
from screening.fingerprints.fingerprint import Maker, PictureFingerprints, Refused
from screening.fingerprints.fingerprinter import Fingerprinter, Picture
from screening.fingerprints.table import FingerprintWriter, read_fingerprints
from screening.fingerprints.videos import VideoFingerprints
from screening.packs.member import printable
from screening.references.lock import locked
from screening.references.reference_set import FINGERPRINTS_FILE, IMAGES_FOLDER, ReferenceSet

EXTRA_COLUMNS = ("character", "time_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """One reference image as fingerprints; ``picture.path`` is relative to the set's folder."""

    character: str
    time_code: str
    picture: PictureFingerprints


class StoredReferences(Mapping[str, Sequence[ReferencePicture]]):
    """Id of a reference set -> fingerprints of the images that are not quarantined.

    They are read each time that they are asked for.
    """

    def __init__(self, root: Path, identifiers: Iterable[str], makers: Sequence[Maker]) -> None:
        self._root = root
        self._identifiers = tuple(identifiers)
        self._makers = makers

    def __getitem__(self, identifier: str) -> Sequence[ReferencePicture]:
        """Raises KeyError for an id that was not given, ReferenceSetError for an empty set."""
        if identifier not in self._identifiers:
            raise KeyError(identifier)
        folder = self._root / identifier
        kept = load(folder, self._makers) or _raise_empty(folder, self._makers)
        quarantined = set(ReferenceSet.load(folder).quarantined_images)
        if unknown := sorted(quarantined - {each.picture.path for each in kept}):
            raise ReferenceSetError(
                f"{folder}: quarantined_images names {unknown[0]!r}, which is no image of the set"
            )
        return [each for each in kept if each.picture.path not in quarantined]

    def __iter__(self) -> Iterator[str]:
        return iter(self._identifiers)

    def __len__(self) -> int:
        return len(self._identifiers)


def load(folder: Path, makers: Sequence[Maker]) -> list[ReferencePicture]:
    """What the set's Parquet file holds, or nothing where it is missing or of other makers.

    Raises ReferenceSetError where the file is damaged.
    """
    made_by, references = _read(folder)
    return references if set(makers) <= set(made_by) else []


def save(
    folder: Path, references: Iterable[ReferencePicture], fingerprinter: Fingerprinter
) -> None:
    """Write the set's Parquet file, whole or not at all, by character and path.

    Raises ReferenceSetError where the file holds more than that, and the images are gone.
    """
    references = list(references)
    _check_nothing_is_lost(folder, references, fingerprinter.makers)
    with FingerprintWriter(
        folder / FINGERPRINTS_FILE,
        makers=fingerprinter.makers,
        outputs=[output for each in fingerprinter.embedders for output in each.outputs],
        extra=EXTRA_COLUMNS,
    ) as writer:
        for each in sorted(references, key=lambda each: (each.character, each.picture.path)):
            writer.write(each.picture, character=each.character, time_code=each.time_code)


def digest(folder: Path) -> str:
    """sha256 of the set's fingerprints, or empty where there are none."""
    path = folder / FINGERPRINTS_FILE
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def image_files(folder: Path) -> list[str]:
    """Paths of the set's image files, relative to its folder, sorted; no dot-files."""
    files = (folder / IMAGES_FOLDER).rglob("*")
    return sorted(
        str(each.relative_to(folder))
        for each in files
        if each.is_file() and not each.name.startswith(".")
    )


def refresh(
    record: ReferenceSet, folder: Path, fingerprinter: Fingerprinter
) -> tuple[list[ReferencePicture], list[Refused]]:
    """Fingerprints of the whole set, made where they are missing, and the files refused.

    Made are those of new images, of images whose bytes changed, and all where the makers are
    others. Fingerprints of images that are gone, or can no longer be read, are kept. Raises
    ReferenceSetError where the set is empty, where a new image lies in no character's folder, and
    where saving would drop fingerprints whose images are gone.
    """
    with locked(folder):
        references, refused = update(record, folder, fingerprinter)
    return references or _raise_empty(folder, fingerprinter.makers), refused


def update(
    record: ReferenceSet, folder: Path, fingerprinter: Fingerprinter
) -> tuple[list[ReferencePicture], list[Refused]]:
    """As `refresh`, for who holds the lock of ``folder``; an empty set is no error."""
    made_by, before = _read(folder)
    references = {each.picture.path: each for each in before}
    current = set(fingerprinter.makers) <= set(made_by)
    known = {path: each.picture.sha256 for path, each in references.items() if current}
    refused: list[Refused] = []
    made: dict[str, ReferencePicture] = {}
    for result in fingerprinter.fingerprint(_unknown(record, folder, known, refused)):
        if isinstance(result, VideoFingerprints):
            reason = "a video: add its frames with screening references add --video"
            refused.append(Refused(path=result.path, sha256=result.sha256, reason=reason))
            continue
        if isinstance(result, Refused):
            refused.append(result)
            continue
        old = references.get(result.path)
        same = old is not None and old.picture.sha256 == result.sha256
        made[result.path] = ReferencePicture(
            character=character_of(record, result.path),
            time_code=old.time_code if old is not None and same else "",
            picture=result,
        )
    if not current and (stale := sorted(references.keys() - made.keys())):
        raise ReferenceSetError(
            f"{folder}: no fingerprints of {counted(len(stale), 'reference')} ({stale[0]}, …) made "
            f"by the current {', '.join(each.name for each in fingerprinter.makers)}, and no image "
            "to make them of; put the images back, or configure what made the others"
        )
    references |= made
    if made:
        save(folder, references.values(), fingerprinter)
    ordered = sorted(references.values(), key=lambda each: (each.character, each.picture.path))
    return ordered, refused


def character_of(record: ReferenceSet, path: str) -> str:
    """The character whose folder ``path`` lies in. Raises ReferenceSetError."""
    named = _folder_of(path)
    if not named and len(record.characters) == 1:
        return record.characters[0].id
    if record.character(named) is None:
        raise ReferenceSetError(
            f"{record.id}/{printable(path)}: lies in no folder of a character of this set; "
            f"put it under {IMAGES_FOLDER}/<character>/"
        )
    return named


def count_images_by_character(folder: Path) -> Counter[str]:
    """Character id -> number of reference images: fingerprints, and images that have none yet."""
    _, references = _read(folder)
    known = {each.picture.path for each in references}
    new = (path for path in image_files(folder) if printable(path) not in known)
    return Counter(each.character for each in references) + Counter(map(_folder_of, new))


def count_images(folder: Path) -> int:
    """Number of reference images of a set."""
    return count_images_by_character(folder).total()


def _read(folder: Path) -> tuple[tuple[Maker, ...], list[ReferencePicture]]:
    path = folder / FINGERPRINTS_FILE
    if not path.is_file():
        return (), []
    try:
        made_by, pictures = read_fingerprints(path)
    except ScreeningError as error:
        raise ReferenceSetError(
            f"{error}; take it back from a copy, or remove it to make it again of the images"
        ) from error
    return made_by, [
        ReferencePicture(
            character=extra.get("character", ""),
            time_code=extra.get("time_code", ""),
            picture=picture,
        )
        for picture, extra in pictures
    ]


def _unknown(
    record: ReferenceSet, folder: Path, known: Mapping[str, str], refused: list[Refused]
) -> Iterator[Picture]:
    """The images that are not ``known`` (path -> sha256), or have changed since."""
    for file in image_files(folder):
        path = printable(file)
        try:
            picture = Picture.of(path, (folder / file).read_bytes())
        except OSError as error:
            reason = f"it cannot be read ({error.strerror or error})"
            refused.append(Refused(path=path, sha256=known.get(path, ""), reason=reason))
            continue
        if known.get(path) != picture.sha256:
            character_of(record, path)
            yield picture


def _check_nothing_is_lost(
    folder: Path, references: Iterable[ReferencePicture], makers: Sequence[Maker]
) -> None:
    """Raise ReferenceSetError where writing what ``makers`` made drops what nobody can remake."""
    further = set(_read(folder)[0]) - set(makers)
    images = {printable(path) for path in image_files(folder)}
    lost = [each.picture.path for each in references if each.picture.path not in images]
    if further and lost:
        names = ", ".join(sorted(f"{maker.name} {maker.version}" for maker in further))
        raise ReferenceSetError(
            f"{folder}: {counted(len(lost), 'reference')} ({lost[0]}, …) kept without images, with "
            f"fingerprints made by {names}, which would be dropped; configure the embedders "
            "that made them, or put the images back"
        )


def _raise_empty(folder: Path, makers: Sequence[Maker]) -> NoReturn:
    names = ", ".join(maker.name for maker in makers)
    raise ReferenceSetError(
        f"{folder}: has no images, and no fingerprints made by the current {names}; add images, "
        "or configure the embedders that made its fingerprints"
    )


def _folder_of(path: str) -> str:
    """Name of the folder under the images' folder that ``path`` lies in, or empty."""
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) > 2 else ""
