"""Packs: what a user uploads to train on, opened without trust and read once."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from screening.errors import PackError
from screening.packs.archives import CLOSED_FORMATS, open_archive, says_archive
from screening.packs.entry import Contents, Entry
from screening.packs.folder import read_folder, why_unreadable
from screening.packs.member import Ignored, Member, Unscreened
from screening.packs.reading import Reading
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import HEAD_BYTES, archive_format, picture_or_video
from screening.settings import Limits


def open_pack(source: Path | str, *, limits: Limits = Limits()) -> "Pack":  # noqa: B008
    """The pack at ``source``: a folder, a zip, a tar (.gz, .bz2, .xz, .zst) or a single file.

    Which of these it is, is told from its content. A link given as ``source`` is the caller's own
    and followed; links within the pack are not. Raises PackError where nothing is there, or where
    it is neither a folder nor a file that may be read.
    """
    source = Path(source)
    try:
        if not source.is_dir():
            if not source.is_file():
                kind = "neither a folder nor a file" if source.exists() else "no such pack"
                raise PackError(f"{source}: {kind}")
            with source.open("rb"):
                pass
    except (OSError, ValueError) as error:
        raise PackError(f"{source}: cannot be opened: {error}") from error
    return Pack(source, limits=limits)


class Pack:
    """What is uploaded: a folder, an archive or a single file. Made by `open_pack`.

    ``name`` is the last part of its path and stands for the pack itself wherever a path of a
    member would: the only member of a single file has it, and what is wrong with an archive or
    folder as a whole is listed under it.
    """

    def __init__(self, source: Path, *, limits: Limits) -> None:
        self.source = source
        self.name = source.absolute().name or source.resolve().name or str(source)
        self._limits = limits

    def read(self) -> Iterator[Member | Unscreened | Ignored]:
        """Every file of the pack, each read once: nothing is left out and nothing is raised.

        Folders give their files by path, archives as their bytes lie. The path of no two results
        is the same; a further member of one path is numbered (`screening.packs.paths`). What is
        inside an archive within the pack comes before the archive itself, which is `Ignored` if
        all went well. Memory holds one member at a time, and a few bytes for each path.
        """
        reading = Reading(self._limits)
        try:
            if self.source.is_dir():
                yield from self._contents(reading, read_folder(self.source, reading.budget))
                return
            with self.source.open("rb") as file:
                yield from self._file(reading, file)
        except OSError as error:
            yield Unscreened(path=reading.unique(self.name), reason=why_unreadable(error))

    def _file(self, reading: Reading, file: BinaryIO) -> Iterator[Member | Unscreened | Ignored]:
        head = file.read(HEAD_BYTES)
        archive = None if picture_or_video(head) else archive_format(head)
        contents = None
        if archive is not None and archive not in CLOSED_FORMATS:
            try:
                contents = open_archive(archive, file, reading.budget, name=self.name)
            except MemberRefused as refusal:
                yield Unscreened(path=reading.unique(self.name), reason=str(refusal))
                return
        if contents is not None:
            yield from self._contents(reading, contents)
            return
        file.seek(0)
        entry = Entry(name=self.name, stream=file, file=file)
        reading.budget.members_left -= 1
        yield from reading.file(reading.unique(self.name), entry)
        if archive is None and says_archive(self.name):
            reason = "its name says archive, its first bytes do not; it is read as a single file"
            yield Unscreened(path=reading.unique(self.name), reason=reason)

    def _contents(
        self, reading: Reading, contents: Contents
    ) -> Iterator[Member | Unscreened | Ignored]:
        troubles = yield from reading.contents(contents)
        if troubles:
            yield Unscreened(path=reading.unique(self.name), reason="; ".join(troubles))
