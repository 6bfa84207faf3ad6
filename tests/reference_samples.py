"""Reference sets of drawn pictures, and fingerprinters for them."""

from collections.abc import Sequence
from pathlib import Path

from fake_embedder import MeanColours
from pictures import drawing, file_of

from screening.fingerprints import Fingerprinter
from screening.references import Character, ReferenceSet
from screening.references.stored import ReferencePicture, load
from screening.settings import Limits

RECORD = ReferenceSet(
    id="saga",
    work="Saga",
    rights_holder="Studio",
    characters=(Character(id="hero", names=()), Character(id="witch", names=())),
)


def fingerprinter(*embedders: MeanColours) -> Fingerprinter:
    """Of mirrored fingerprints, in one process."""
    return Fingerprinter(embedders or (MeanColours(),), limits=Limits(), workers=1, mirrored=True)


def saved(root: Path, record: ReferenceSet = RECORD) -> Path:
    """The folder of the set, with its record."""
    record.save(root)
    return root / record.id


def put(folder: Path, path: str, seed: int) -> Path:
    """A drawn image of the set, ``path`` being under ``images``."""
    file = folder / "images" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(file_of(drawing(seed, (96, 72))))
    return file


def paths(references: Sequence[ReferencePicture]) -> list[str]:
    return [each.picture.path for each in references]


def rows(folder: Path, made: Fingerprinter) -> dict[str, ReferencePicture]:
    return {each.picture.path: each for each in load(folder, made.makers)}
