"""Adding reference images to a set: what was taken, and why the rest was refused."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from screening.fingerprints.fingerprint import PictureFingerprints, Refused
from screening.fingerprints.fingerprinter import Fingerprinter, Picture
from screening.hashes import distance_bits
from screening.images.video import sample_frames
from screening.packs import Ignored, Kind, Unscreened, open_pack
from screening.packs.member import printable
from screening.references import stored
from screening.references.reference_set import IMAGES_FOLDER, ReferenceSet
from screening.settings import Limits

NEAR_DUPLICATE_BITS = 16
"""Two pictures this close add nothing to a set and would make its character look tighter than it
is. Recompressed and resized copies lie within 0-10 bits, neighbouring frames of a still shot
within 4-14 (measured on the open clip of the demo)."""

MIN_CONTRAST = 6.0
"""Standard deviation in grey levels below which a picture is blank: fades, title cards' ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A picture that may become a reference image; ``reason`` is set where it cannot be read."""

    name: str
    data: bytes = b""
    time_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of an intake: paths in the set, and (name, reason) of what was refused."""

    added: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def from_files(source: Path, limits: Limits) -> Iterator[Candidate]:
    """Every picture in a file, a folder or an archive; what is no picture comes with a reason."""
    for member in open_pack(source, limits=limits).read():
        name = printable(member.path)
        if isinstance(member, Unscreened | Ignored):
            yield Candidate(name=name, reason=member.reason)
        elif member.kind in (Kind.IMAGE, Kind.OTHER):
            yield Candidate(name=name, data=member.data)
        else:
            yield Candidate(name=name, reason=f"not a picture but {member.kind.value}")


def from_video(
    path: Path, *, frames_per_second: float, start_seconds: float, end_seconds: float | None
) -> Iterator[Candidate]:
    """Frames of a film, named after the film and their time codes."""
    for frame in sample_frames(
        path,
        frames_per_second=frames_per_second,
        start_seconds=start_seconds,
        end_seconds=end_seconds,
    ):
        name = f"{path.stem}_{frame.time_code.replace(':', '-')}.jpg"
        yield Candidate(name=name, data=frame.jpeg, time_code=frame.time_code)


def add_references(
    record: ReferenceSet,
    root: Path,
    character: str,
    candidates: Iterable[Candidate],
    fingerprinter: Fingerprinter,
    *,
    keep_images: bool = True,
) -> Taken:
    """Add pictures of ``character``; the record must already name the character.

    The fingerprinter must make mirrored fingerprints. Near-duplicates of what the character has
    already, blank pictures and unreadable ones are refused, each with its reason.
    """
    folder = root / record.id
    kept = stored.load(folder, fingerprinter.makers)
    if not kept and stored.image_files(folder):
        kept, _ = stored.refresh(record, folder, fingerprinter)
    seen = {
        each.picture.path: each.picture.shown.hashes.phash
        for each in kept
        if each.character == character
    }
    readable: dict[str, Candidate] = {}
    refused: list[tuple[str, str]] = []
    added: list[stored.ReferencePicture] = []
    results = fingerprinter.fingerprint(_pictures(candidates, readable, refused))
    for result in results:
        candidate = readable.pop(result.path)
        reason = _refusal(result, seen)
        if reason or isinstance(result, Refused):
            refused.append((candidate.name, reason))
            continue
        path = _path_in_set(character, candidate, result.sha256)
        seen[path] = result.shown.hashes.phash
        if keep_images:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(candidate.data)
        added.append(
            stored.ReferencePicture(
                character=character,
                time_code=candidate.time_code,
                picture=_renamed(result, path),
            )
        )
    if added:
        everything = sorted([*kept, *added], key=lambda each: (each.character, each.picture.path))
        stored.save(folder, everything, fingerprinter)
    return Taken(added=tuple(each.picture.path for each in added), refused=tuple(refused))


def _pictures(
    candidates: Iterable[Candidate],
    readable: dict[str, Candidate],
    refused: list[tuple[str, str]],
) -> Iterator[Picture]:
    for number, candidate in enumerate(candidates):
        if candidate.reason:
            refused.append((candidate.name, candidate.reason))
        else:
            key = str(number)
            readable[key] = candidate
            yield Picture.of(key, candidate.data)


def _refusal(result: PictureFingerprints | Refused, seen: dict[str, bytes]) -> str:
    if isinstance(result, Refused):
        return result.reason
    hashes = result.shown.hashes
    if hashes.contrast < MIN_CONTRAST:
        return "blank: the picture has hardly any contrast"
    for path, phash in seen.items():
        if distance_bits(hashes.phash, phash) <= NEAR_DUPLICATE_BITS:
            return f"near-duplicate of {path}"
    return ""


def _path_in_set(character: str, candidate: Candidate, sha256: str) -> str:
    name = PurePosixPath(candidate.name.replace("!", "/"))
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name.stem).strip(".-")[:60] or "picture"
    suffix = re.sub(r"[^a-z0-9.]", "", name.suffix.lower())[:10]
    return f"{IMAGES_FOLDER}/{character}/{stem}-{sha256[:8]}{suffix}"


def _renamed(picture: PictureFingerprints, path: str) -> PictureFingerprints:
    return PictureFingerprints(
        path=path,
        sha256=picture.sha256,
        width_px=picture.width_px,
        height_px=picture.height_px,
        fingerprints=picture.fingerprints,
        frames_left=picture.frames_left,
    )
