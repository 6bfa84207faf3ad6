"""Benign packs: read once, kept as fingerprints, and compared with any index from then on.

The pictures need not be kept: what characters are found by is in the fingerprints, so that a
calibration for a new index takes seconds. Copies are not: keypoints need the pixels, so that a
calibration from kept fingerprints says nothing about copies.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from screening.calibration import Kind
from screening.calibration.benign import BenignPack
from screening.calibration.pseudo_packs import draw_packs
from screening.embedders.embedder import Output
from screening.errors import CalibrationUnusable
from screening.fingerprints import PictureFingerprints
from screening.fingerprints.fingerprint import Maker
from screening.fingerprints.table import FingerprintWriter, read_fingerprints
from screening.gathering import gather_copies, margin
from screening.index import Index
from screening.policy import Policy
from screening.references import ReferenceSet, Status
from screening.screener.comparing import Compared

COLUMNS = ("pack", "kind")
PACK, SUBJECT = "pack", "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A benign pack; with ``is_subject``, all pictures of one labelled subject.

    ``with_pixels``: copies were looked for while the pixels were there.
    """

    name: str
    pictures: tuple[PictureFingerprints, ...]
    is_subject: bool = False
    with_pixels: bool = True

    @property
    def digest(self) -> str:
        """Of the pictures alone: the same pack under another name has the same."""
        names = "".join(sorted({each.sha256 for each in self.pictures}))
        return hashlib.sha256(names.encode()).hexdigest()


def keep(
    uploads: Iterable[Upload], path: Path, *, makers: Sequence[Maker], outputs: Sequence[Output]
) -> None:
    """Write the fingerprints of ``uploads`` to a Parquet file, for `read_kept`."""
    with FingerprintWriter(path, makers=makers, outputs=outputs, extra=COLUMNS) as writer:
        for number, upload in enumerate(uploads):
            kind = SUBJECT if upload.is_subject else PACK
            for picture in upload.pictures:
                writer.write(picture, pack=f"{number} {upload.name}", kind=kind)


def read_kept(path: Path, makers: Sequence[Maker]) -> list[Upload]:
    """What `keep` wrote. Raises CalibrationUnusable where others than ``makers`` made it."""
    made_by, rows = read_fingerprints(path)
    if {*made_by} != {*makers}:
        versions = ", ".join(f"{each.name} {each.version}" for each in made_by)
        raise CalibrationUnusable(
            f"{path}: fingerprints of {versions}, not of the embedders that are configured; "
            "calibrate with the packs themselves"
        )
    if any(each.keys() != {*COLUMNS} for _, each in rows):
        raise CalibrationUnusable(f"{path}: fingerprints, but not of benign packs")
    return [
        Upload(
            name=name.partition(" ")[2],
            pictures=tuple(picture for picture, _ in group),
            is_subject=kind == SUBJECT,
            with_pixels=False,
        )
        for (name, kind), group in groupby(rows, key=lambda row: (row[1]["pack"], row[1]["kind"]))
    ]


def without_repeats(uploads: Iterable[Upload]) -> list[Upload]:
    """Each pack once: what comes again is no further benign pack. Empty ones are none."""
    return list({each.digest: each for each in uploads if each.pictures}.values())


def held_out_of(uploads: Sequence[Upload], share: float) -> tuple[list[Upload], list[Upload]]:
    """Those to calibrate with, and the ``share`` that only checks; by digest, the same always."""
    held: list[Upload] = []
    for is_subject in (False, True):
        some = sorted((e for e in uploads if e.is_subject == is_subject), key=lambda e: e.digest)
        held += some[: round(share * len(some))]
    chosen = {each.digest for each in held}
    return [each for each in uploads if each.digest not in chosen], held


def compare_benign(
    uploads: Sequence[Upload],
    index: Index,
    policy: Policy,
    records: Mapping[str, ReferenceSet],
) -> Iterator[BenignPack]:
    """Each pack, and pseudo-packs of the subjects, as `Screener.screen` compares packs."""
    for upload in uploads:
        if not upload.is_subject:
            compared = Compared.of(upload.pictures, index)
            yield _benign_pack(upload.digest, compared, policy, records, upload.with_pixels)
    subjects = [each for each in uploads if each.is_subject]
    different = {each.digest: Compared.of(each.pictures, index).different for each in subjects}
    with_pixels = all(each.with_pixels for each in subjects)
    for pack in draw_packs(different):
        compared = Compared.of(pack.pictures, index)
        yield _benign_pack(pack.origin, compared, policy, records, with_pixels)


def _benign_pack(
    origin: str,
    compared: Compared,
    policy: Policy,
    records: Mapping[str, ReferenceSet],
    with_pixels: bool,
) -> BenignPack:
    in_force = {key for key, each in records.items() if each.status is not Status.DISABLED}
    thresholds = policy.characters.thresholds
    margins: dict[tuple[str, str], float] = {}
    for comparison in compared.characters():
        by = margin(comparison, thresholds)
        if by is not None and comparison.reference_set in in_force:
            key = (comparison.reference_set, comparison.character)
            margins[key] = max(margins.get(key, by), by)
    strengths: dict[Kind, Mapping[tuple[str, str], float]] = {Kind.CHARACTERS: margins}
    if with_pixels:
        matches = (
            each
            for each in compared.copies(policy.copies)
            if each.reference.reference_set in in_force
        )
        copies = gather_copies(matches, first_alike=compared.first_alike, repeats={})
        strengths[Kind.COPIES] = {
            (each.reference_set, each.character): each.strength for each in copies
        }
    return BenignPack(
        origin=origin, different_pictures=len(compared.different), strengths=strengths
    )
