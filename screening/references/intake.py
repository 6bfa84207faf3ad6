"""Adding reference images to a set: what was taken, and why the rest was refused."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from screening.errors import ReferenceSetError
from screening.fingerprints.fingerprint import PictureFingerprints, Refused
from screening.fingerprints.fingerprinter import Fingerprinter, Picture
from screening.fingerprints.videos import VideoFingerprints
from screening.hashes import NEAR_DUPLICATE_BITS, Hashes, distance_bits
from screening.images.video import sample_frames
from screening.packs import Ignored, Kind, Unscreened, open_pack
from screening.packs.member import printable
from screening.references import stored
from screening.references.lock import locked
from screening.references.reference_set import IMAGES_FOLDER, ReferenceSet
from screening.settings import Limits
from screening.whole_file import whole_file

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
    """Every picture in a file, a folder or an archive; what is no picture comes with a reason.

    Not worth a word are captions of a picture beside them, and what a pack's reading ignores.
    """
    texts: list[str] = []
    pictures = set[str]()
    for member in open_pack(source, limits=limits).read():
        name = printable(member.path)
        if isinstance(member, Ignored):
            if member.path == source.name:
                yield Candidate(name=name, reason=member.reason)
        elif isinstance(member, Unscreened):
            yield Candidate(name=name, reason=member.reason)
        elif member.kind in (Kind.IMAGE, Kind.OTHER):
            pictures.add(_stem(name))
            yield Candidate(name=name, data=member.data)
        elif member.kind is Kind.TEXT:
            texts.append(name)
        else:
            hint = ": give it with --video" if member.kind is Kind.VIDEO else ""
            yield Candidate(name=name, reason=f"not a picture but {member.kind.value}{hint}")
    for name in texts:
        if _stem(name) not in pictures:
            yield Candidate(name=name, reason=f"not a picture but {Kind.TEXT.value}")


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix("")) if PurePosixPath(name).name else name


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
    """Add pictures of ``character``; nothing is added where an error ends the candidates.

    The fingerprinter must make mirrored fingerprints. Near-duplicates of what the character has
    already (mirrored or not) would make it look tighter than it is: they are refused, like blank
    pictures and unreadable ones, each with its reason. Raises ReferenceSetError where the
    record does not name the character.
    """
    if record.character(character) is None:
        raise ReferenceSetError(f"{record.id}: names no character {character!r}")
    folder = root / record.id
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        kept, left_out = stored.update(record, folder, fingerprinter)
        intake = _Intake(folder, character, kept, keep_images=keep_images)
        intake.refused += [(each.path, each.reason) for each in left_out]
        try:
            for result in fingerprinter.fingerprint(intake.pictures(candidates)):
                intake.take(result)
            if intake.added:
                stored.save(folder, [*kept, *intake.added], fingerprinter)
        except BaseException:
            intake.undo()
            raise
    return Taken(
        added=tuple(each.picture.path for each in intake.added), refused=tuple(intake.refused)
    )


class _Intake:
    """One call of `add_references`."""

    def __init__(
        self,
        folder: Path,
        character: str,
        kept: Iterable[stored.ReferencePicture],
        *,
        keep_images: bool,
    ) -> None:
        self.added: list[stored.ReferencePicture] = []
        self.refused: list[tuple[str, str]] = []
        self._folder = folder
        self._character = character
        self._keep_images = keep_images
        self._waiting: dict[str, Candidate] = {}
        self._seen = {
            each.picture.path: each.picture.shown.hashes.phash
            for each in kept
            if each.character == character
        }

    def pictures(self, candidates: Iterable[Candidate]) -> Iterator[Picture]:
        """The candidates that can be read, under numbers: two may have the same name."""
        for number, candidate in enumerate(candidates):
            if candidate.reason:
                self.refused.append((candidate.name, candidate.reason))
            else:
                self._waiting[str(number)] = candidate
                yield Picture.of(str(number), candidate.data)

    def take(self, result: PictureFingerprints | VideoFingerprints | Refused) -> None:
        candidate = self._waiting.pop(result.path)
        if isinstance(result, VideoFingerprints):
            self.refused.append((candidate.name, "a video: give it with --video"))
            return
        if isinstance(result, Refused):
            self.refused.append((candidate.name, result.reason))
            return
        if reason := self._refusal(result.shown.hashes):
            self.refused.append((candidate.name, reason))
            return
        path = _path_in_set(self._character, candidate, result.sha256)
        self._seen[path] = result.shown.hashes.phash
        self.added.append(
            stored.ReferencePicture(
                character=self._character,
                time_code=candidate.time_code,
                picture=replace(result, path=path),
            )
        )
        if self._keep_images:
            file = self._folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(file) as unfinished:
                unfinished.write_bytes(candidate.data)

    def undo(self) -> None:
        if self._keep_images:
            for each in self.added:
                (self._folder / each.picture.path).unlink(missing_ok=True)

    def _refusal(self, hashes: Hashes) -> str:
        if hashes.contrast < MIN_CONTRAST:
            return "blank: the picture has hardly any contrast"
        for path, phash in self._seen.items():
            for own in (hashes.phash, hashes.phash_mirrored):
                if distance_bits(own, phash) <= NEAR_DUPLICATE_BITS:
                    return f"near-duplicate of {path}"
        return ""


def _path_in_set(character: str, candidate: Candidate, sha256: str) -> str:
    name = PurePosixPath(candidate.name.replace("!", "/"))
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name.stem).strip(".-")[:60] or "picture"
    suffix = re.sub(r"[^a-z0-9.]", "", name.suffix.lower())[:10]
    return f"{IMAGES_FOLDER}/{character}/{stem}-{sha256[:8]}{suffix}"
