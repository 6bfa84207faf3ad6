"""Clean copies: a pack without what nobody can look into, as a folder.

Caches (latents, text-encoder outputs) are trained on in place of the pictures beside them, and what
they were made of cannot be seen. A trainer makes its caches again from the pictures of the copy.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from screening.errors import PackError
from screening.packs.archives import CLOSED_FORMATS, open_archive
from screening.packs.budget import Budget
from screening.packs.entry import CHUNK_BYTES, Contents, Entry
from screening.packs.folder import read_folder
from screening.packs.member import Ignored, Kind, Member, Unscreened
from screening.packs.pack import open_pack
from screening.packs.paths import given_path
from screening.packs.plain_file import CACHE_SUFFIXES, PICTURE_SUFFIXES, VIDEO_SUFFIXES
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import HEAD_BYTES, archive_format, picture_or_video
from screening.settings import Limits
from screening.whole_file import whole_folder

CACHE_FOLDERS = frozenset({"_latent_cache", "_t_e_cache", "_clip_vision_cache"})
"""Folders that ostris/ai-toolkit makes within a data set (``toolkit/dataloader_mixins.py`` at
27a03a91f23eb1b757d5ec2e80ee3e129cfcc350)."""

MEDIA_SUFFIXES = (
    *(*PICTURE_SUFFIXES, *VIDEO_SUFFIXES),
    *(".tga", ".icb", ".vda", ".vst", ".pcx", ".im", ".imt", ".dib", ".h264", ".hevc", ".obu"),
)
"""What begins as nothing that is known may be a picture or film under such a name alone; latents
also lie in HDF5, Arrow, LMDB, TFRecord and zarr."""

A_CACHE = "a cache: what it was made from cannot be seen"
UNKNOWN = "neither a picture, a text nor an archive: what is in it cannot be seen"
AGAIN = "a further member of this name"
IN_A_FILE = "its folder has the name of a file"
TOO_LONG = "its name is too long for a file"
NOT_READ = "it was not read: the pack is over the limits"

_ARCHIVE_END = re.compile(r"!(?=/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A member that is not in the copy, with the sentence why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanCopy:
    """A copy that was written: how many files there are in ``folder``, what is not among them."""

    folder: Path
    files: int
    left_out: tuple[LeftOut, ...]


def write_clean_copy(
    source: Path,
    folder: Path,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> CleanCopy:
    """Copy ``source``, a folder or an archive, to ``folder`` without caches.

    Whatever cannot be read (links, encrypted members, what is over the limits) is left out as
    well. Archives within the pack are copied as they are where nothing in them is left out, else
    not at all. Names stay as they are; of several members of one name the first is taken.
    ``folder`` is made, or must be empty, and appears whole or not at all. Raises PackError.
    """
    _check(source, folder)
    looked_at = _LookedAt(source, limits)
    budget = Budget(limits)
    try:
        with whole_folder(folder) as unfinished, _opened(source, budget) as contents:
            copying = _Copying(unfinished, looked_at)
            for entry in contents:
                budget.members_left -= 1
                copying.take(entry)
    except MemberRefused as refusal:
        raise PackError(f"{source}: {refusal}") from refusal
    except OSError as error:
        raise PackError(f"{folder}: the copy cannot be written: {error}") from error
    left_out = (*copying.left_out, *looked_at.not_among(copying.left_out))
    return CleanCopy(
        folder=folder,
        files=copying.files,
        left_out=tuple(sorted(left_out, key=lambda each: each.path)),
    )


def _check(source: Path, folder: Path) -> None:
    real, target = Path(os.path.realpath(source)), Path(os.path.realpath(folder))
    if real.is_dir() and (target == real or real in target.parents):
        raise PackError(f"{folder}: the copy cannot lie within the pack")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise PackError(f"{folder}: is there already, and is no empty folder")
    except OSError as error:
        raise PackError(f"{folder}: cannot be looked into: {error}") from error


class _LookedAt:
    """What the pack's own reading said: sha256 by path, and why files must not be in a copy."""

    def __init__(self, source: Path, limits: Limits) -> None:
        pack = open_pack(source, limits=limits)
        if pack.training.config_path is not None:
            raise PackError(f"{source}: a config; give the folder or archive with the pictures")
        self.digests: dict[str, str | None] = {}
        self._reasons: dict[str, str] = {}
        self._within: dict[str, str] = {}
        for found in pack.read():
            if isinstance(found, Unscreened):
                self._refuse(found.path, found.reason)
            elif _is_cache(found):
                self._refuse(found.path, A_CACHE)
            elif _is_unknown(found):
                self._refuse(found.path, UNKNOWN)
            else:
                self.digests[found.path] = found.sha256

    def _refuse(self, path: str, reason: str) -> None:
        self._reasons[path] = reason
        for outer in _outer_files(path):
            self._within.setdefault(outer, f"{path!r} is in it: {reason}")

    def why_left_out(self, path: str) -> str:
        """Why the file ``path`` is left out, for itself or for something that is in it."""
        if path in self._reasons or path in self._within:
            return self._reasons.get(path) or self._within[path]
        return "" if path in self.digests else NOT_READ

    def not_among(self, left_out: Iterable[LeftOut]) -> Iterator[LeftOut]:
        """What else was refused: the rest of a pack over the limits, say."""
        named = {each.path for each in left_out}
        for path, reason in self._reasons.items():
            if path not in named and named.isdisjoint(_outer_files(path)):
                yield LeftOut(path=path, reason=reason)


def _outer_files(path: str) -> list[str]:
    """The files that ``path`` lies in: ``a.zip`` for ``a.zip!/b.png``."""
    return [path[: found.start()] for found in _ARCHIVE_END.finditer(path)]


@contextmanager
def _opened(source: Path, budget: Budget) -> Iterator[Contents]:
    """The files of the folder or archive itself; those within an inner archive stay there."""
    if source.is_dir():
        yield read_folder(source, budget)
        return
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
        archive = None if picture_or_video(head) else archive_format(head)
        contents = None
        if archive is not None and archive not in CLOSED_FORMATS:
            contents = open_archive(archive, file, budget, name=source.name)
        if contents is None:
            raise PackError(f"{source}: neither a folder nor an archive that can be opened")
        yield contents


class _Copying:
    """Writes the files of one container; ``left_out`` grows."""

    def __init__(self, folder: Path, looked_at: _LookedAt) -> None:
        self._folder = folder
        self._looked_at = looked_at
        self._seen = set[str]()
        self.files = 0
        self.left_out: list[LeftOut] = []

    def take(self, entry: Entry | Unscreened) -> None:
        if isinstance(entry, Unscreened):
            self.left_out.append(LeftOut(path=entry.path, reason=entry.reason))
        elif reason := self._copied(entry):
            self.left_out.append(LeftOut(path=entry.name, reason=reason))

    def _copied(self, entry: Entry) -> str:
        """Why ``entry`` is left out; empty where it was copied."""
        if entry.name in self._seen:
            return AGAIN
        self._seen.add(entry.name)
        reason = self._looked_at.why_left_out(entry.name)
        if reason:
            return reason
        target = self._folder / _relative(entry.name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (NotADirectoryError, FileExistsError):
            return IN_A_FILE
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return TOO_LONG
        hasher = hashlib.sha256()
        with file:
            while chunk := entry.stream.read(CHUNK_BYTES):
                hasher.update(chunk)
                file.write(chunk)
        if hasher.hexdigest() != self._looked_at.digests[entry.name]:
            raise PackError(f"{entry.name!r} changed while the pack was copied")
        self.files += 1
        return ""


def _relative(name: str) -> PurePosixPath:
    """``name`` as a path that cannot leave the folder. Raises PackError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise PackError(f"{name!r} leads out of the pack")
    return path


def _is_unknown(found: Member | Ignored) -> bool:
    return (
        isinstance(found, Member)
        and found.kind is Kind.OTHER
        and not given_path(found.path).lower().endswith(MEDIA_SUFFIXES)
    )


def _is_cache(found: Member | Ignored) -> bool:
    """Whether it is a cache by its content, its name or its folder."""
    path = PurePosixPath(found.path.lower())
    return (
        (isinstance(found, Member) and found.kind is Kind.CACHE)
        or path.suffix in CACHE_SUFFIXES
        or not CACHE_FOLDERS.isdisjoint(path.parts[:-1])
    )
