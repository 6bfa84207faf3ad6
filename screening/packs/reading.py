"""One pass over a pack: every file ends as `Member`, `Unscreened` or `Ignored`."""

import hashlib
import tempfile
from collections.abc import Generator, Iterator
from typing import BinaryIO, cast

from screening.packs.archives import CLOSED_FORMATS, appended_archives, open_archive
from screening.packs.budget import Budget
from screening.packs.entry import CHUNK_BYTES, ByteStream, Contents, Entry, read_at_least
from screening.packs.folder import why_unreadable
from screening.packs.member import Ignored, Kind, Member, Unscreened
from screening.packs.paths import ARCHIVE_MARK, DUPLICATE_MARK, seems_within_archive
from screening.packs.plain_file import plain_result
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import HEAD_BYTES, archive_format, picture_or_video
from screening.settings import Limits

Result = Member | Unscreened | Ignored

SPOOL_BYTES = 8 * 1024 * 1024
"""Archives within archives up to this size are opened in memory, larger ones from a temporary
file without a name."""

HASHED_MEMBER_SIZES = 16
"""A file over ``max_member_bytes`` is still hashed, up to this many times that size."""


class Reading:
    """The state of one pass: what is left of the limits, and which paths were given away."""

    def __init__(self, limits: Limits) -> None:
        self.budget = Budget(limits)
        self._limits = limits
        self._paths: dict[bytes, int] = {}

    def contents(
        self, contents: Contents, *, prefix: str = "", depth: int = 0
    ) -> Generator[Result, None, tuple[str, ...]]:
        """Results for the files of one container; returns what is wrong with it as a whole."""
        odd: tuple[str, ...] = ()
        while True:
            try:
                found = next(contents)
            except StopIteration as end:
                return (*odd, *cast(tuple[str, ...], end.value))
            except MemberRefused as refusal:
                return (*odd, str(refusal))
            except OSError as error:
                return (*odd, why_unreadable(error))
            self.budget.members_left -= 1
            given = found.path if isinstance(found, Unscreened) else found.name
            if not odd and (folder := seems_within_archive(given)):
                odd = (f"a folder is named as the inside of an archive is here ({folder[:100]})",)
            path = self.unique(prefix + given)
            if isinstance(found, Unscreened):
                yield Unscreened(path=path, reason=found.reason, sha256=found.sha256)
            else:
                yield from self.file(path, found, depth)

    def file(self, path: str, entry: Entry, depth: int = 0) -> Iterator[Result]:
        """One result for a file, and those of what is archived in it."""
        try:
            head = read_at_least(entry.stream, HEAD_BYTES)
            start = head[:HEAD_BYTES]
            archive = None if picture_or_video(start) else archive_format(start)
            if archive is None:
                results = self._plain(path, head, entry.stream, depth)
            else:
                results = self._archive(path, archive, entry, head, depth)
            # Nothing has been yielded when reading fails: what is wrong within an archive is
            # found by `contents`, and becomes part of the archive's own result.
            yield from results
        except MemberRefused as refusal:
            yield Unscreened(path=path, reason=str(refusal))
        except OSError as error:
            yield Unscreened(path=path, reason=why_unreadable(error))

    def unique(self, path: str) -> str:
        """``path``, numbered where another member has it already."""
        own = _path_digest(path)
        number = self._paths.get(own, 0) + 1
        candidate = path
        while number > 1:
            candidate = f"{path}{DUPLICATE_MARK}{number}"
            digest = _path_digest(candidate)
            if digest not in self._paths:
                self._paths[digest] = 1
                break
            number += 1
        self._paths[own] = number
        return candidate

    def _plain(self, path: str, head: bytes, stream: ByteStream, depth: int) -> Iterator[Result]:
        limit = self._limits.max_member_bytes
        chunks, size_bytes = [head], len(head)
        while size_bytes <= limit and (chunk := stream.read(CHUNK_BYTES)):
            chunks.append(chunk)
            size_bytes += len(chunk)
        data = b"".join(chunks) if len(chunks) > 1 else head
        chunks.clear()
        if size_bytes > limit:
            yield self._oversize(path, hashlib.sha256(data), stream)
            return
        yield plain_result(path, data, self._limits)
        yield from self._appended(path, data, depth)

    def _appended(self, path: str, data: bytes, depth: int) -> Iterator[Result]:
        """What archives hold that share a file with something else (a picture, say)."""
        for archive in appended_archives(data, self.budget):
            if depth == self._limits.max_archive_depth:
                troubles: tuple[str, ...] = (self._too_deep(),)
            else:
                prefix = path + ARCHIVE_MARK
                troubles = yield from self.contents(archive, prefix=prefix, depth=depth + 1)
            yield container_result(self.unique(path + ARCHIVE_MARK.rstrip("/")), None, troubles)

    def _archive(
        self, path: str, archive: str, entry: Entry, head: bytes, depth: int
    ) -> Iterator[Result]:
        hasher = hashlib.sha256(head)
        reason = None
        if archive in CLOSED_FORMATS:
            reason = f"{archive} archives cannot be opened here"
        elif depth == self._limits.max_archive_depth:
            reason = self._too_deep()
        if reason is not None:
            yield Unscreened(path=path, reason=reason, sha256=self._digest(hasher, entry.stream))
        elif entry.file is not None:
            digest = self._digest(hasher, entry.stream)
            yield from self._opened(path, archive, entry.file, digest, depth)
        else:
            yield from self._spooled(path, archive, entry.stream, head, depth)

    def _spooled(
        self, path: str, archive: str, stream: ByteStream, head: bytes, depth: int
    ) -> Iterator[Result]:
        """Opens an archive that lies in another one, from a copy in memory or without a name."""
        hasher = hashlib.sha256(head)
        limit, size_bytes = self._limits.max_member_bytes, len(head)
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
            spool.write(head)
            while size_bytes <= limit and (chunk := stream.read(CHUNK_BYTES)):
                hasher.update(chunk)
                spool.write(chunk)
                size_bytes += len(chunk)
            if size_bytes > limit:
                yield self._oversize(path, hasher, stream)
                return
            file = cast(BinaryIO, spool)
            yield from self._opened(path, archive, file, hasher.hexdigest(), depth)

    def _opened(
        self, path: str, archive: str, file: BinaryIO, digest: str | None, depth: int
    ) -> Iterator[Result]:
        name = path.rpartition("/")[2]
        contents = open_archive(archive, file, self.budget, name=name)
        if contents is None:
            yield self._tensors(path, file, digest)
            return
        troubles = yield from self.contents(contents, prefix=path + ARCHIVE_MARK, depth=depth + 1)
        yield container_result(path, digest, troubles)

    def _tensors(self, path: str, file: BinaryIO, digest: str | None) -> Result:
        file.seek(0)
        data = file.read(self._limits.max_member_bytes + 1)
        if digest is None or len(data) > self._limits.max_member_bytes:
            return Unscreened(path=path, reason=self._oversize_reason(), sha256=digest)
        return Member(path=path, data=data, sha256=digest, kind=Kind.CACHE)

    def _oversize(self, path: str, hasher: "hashlib._Hash", stream: ByteStream) -> Unscreened:
        digest = self._digest(hasher, stream)
        return Unscreened(path=path, reason=self._oversize_reason(), sha256=digest)

    def _digest(self, hasher: "hashlib._Hash", stream: ByteStream) -> str | None:
        """The sha256 of what was read and the rest, None where that is too long or unreadable."""
        left_bytes = HASHED_MEMBER_SIZES * self._limits.max_member_bytes
        try:
            while chunk := stream.read(CHUNK_BYTES):
                hasher.update(chunk)
                left_bytes -= len(chunk)
                if left_bytes < 0:
                    return None
        except (MemberRefused, OSError):
            return None
        return hasher.hexdigest()

    def _oversize_reason(self) -> str:
        limit = self._limits.max_member_bytes
        return f"larger than {limit:,} bytes (max_member_bytes); it is not read"

    def _too_deep(self) -> str:
        limit = self._limits.max_archive_depth
        return f"archives are nested more than {limit} deep (max_archive_depth); it is not opened"


def container_result(path: str, digest: str | None, troubles: tuple[str, ...]) -> Result:
    """The result for an archive itself, once its members have theirs."""
    if troubles:
        return Unscreened(path=path, reason="; ".join(troubles), sha256=digest)
    reason = "an archive: its members are listed one by one"
    return Ignored(path=path, reason=reason, sha256=digest)


def _path_digest(path: str) -> bytes:
    """Stands for a path among those given away; 16 bytes however long the path is."""
    raw = path.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=16).digest()
