"""Packs: what a user uploads to train on, opened without trust and read once."""

import io
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from screening.errors import PackError
from screening.packs.archives import CLOSED_FORMATS, open_archive
from screening.packs.entry import Contents, Entry
from screening.packs.folder import read_folder, why_unreadable
from screening.packs.layouts import Training, trainer_named
from screening.packs.layouts.config import is_config_name
from screening.packs.member import Ignored, Member, Unscreened
from screening.packs.paths import says_archive
from screening.packs.reading import Reading
from screening.packs.refusal import MemberRefused
from screening.packs.signatures import HEAD_BYTES, archive_format, picture_or_video
from screening.packs.training_data import (
    ARGUMENTS_NAME,
    arguments_bytes,
    read_training_data,
    training_of_arguments,
    training_of_config,
)
from screening.settings import Limits


def open_pack(
    source: Path | str,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    trainer: str = "",
    working_folder: Path | str | None = None,
    beside: Collection[str] = (),
) -> "Pack":
    """The pack at ``source``: a folder, a zip, a tar (.gz, .bz2, .xz, .zst) or a single file.

    A single file with the suffix of a config (.toml, .json, .yaml) is the trainer's: the pack is
    then everything that it names on this machine, with the config itself. What is relative in it
    is looked for in ``working_folder``, where the trainer is started (the current one if it is not
    given), and beside the config. ``trainer`` is the name of the one that will train, if known.
    ``beside`` are real paths of further files that are to be screened with what a config names.

    Which of these it is, is told from its content. A link given as ``source`` is the caller's own
    and followed; links within the pack are not. Raises PackError where nothing is there, or where
    it is neither a folder nor a file that may be read, SettingsError for an unknown ``trainer``.
    """
    source, trainer = Path(source), trainer_named(trainer)
    try:
        if not source.is_dir():
            if not source.is_file():
                kind = "neither a folder nor a file" if source.exists() else "no such pack"
                raise PackError(f"{source}: {kind}")
            with source.open("rb"):
                pass
        training = Training(trainer=trainer)
        if is_config_name(source.name) and source.is_file():
            folder = Path(working_folder or Path.cwd())
            training = training_of_config(
                source, trainer=trainer, working_folder=folder, limits=limits, beside=beside
            )
    except (OSError, ValueError) as error:
        raise PackError(f"{source}: cannot be opened: {error}") from error
    return Pack(source, limits=limits, training=training)


def open_arguments(
    arguments: Mapping[str, Any],
    *,
    trainer: str,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    working_folder: Path | str | None = None,
    beside: Collection[str] = (),
) -> "Pack":
    """The pack of all that ``trainer`` reads when it is started with ``arguments``.

    ``arguments`` maps names as the trainer's own parser has them (``train_data_dir``) to values;
    they become a member of their own, so that what they say is screened and verified too.
    ``beside`` are real paths of further files that are to be screened with the rest. Raises
    PackError, SettingsError for an unknown ``trainer``.
    """
    folder = Path(working_folder or Path.cwd())
    try:
        training = training_of_arguments(
            arguments,
            trainer=trainer_named(trainer),
            working_folder=folder,
            limits=limits,
            beside=beside,
        )
    except (OSError, ValueError) as error:
        raise PackError(f"{trainer}: its data cannot be opened: {error}") from error
    return Pack(folder, limits=limits, training=training, arguments=arguments_bytes(arguments))


class Pack:
    """What is uploaded: a folder, an archive or a single file. Made by `open_pack`.

    ``name`` is the last part of its path and stands for the pack itself wherever a path of a
    member would: the only member of a single file has it, and what is wrong with an archive or
    folder as a whole is listed under it. ``training`` is what the operator said of the training.
    """

    def __init__(
        self,
        source: Path,
        *,
        limits: Limits,
        training: Training = Training(),  # noqa: B008 - frozen
        arguments: bytes | None = None,
    ) -> None:
        self.source = source
        self.name = source.absolute().name or source.resolve().name or str(source)
        self.training = training
        self._limits = limits
        self._arguments = arguments

    def read(self) -> Iterator[Member | Unscreened | Ignored]:
        """Every file of the pack, each read once: nothing is left out and nothing is raised.

        Folders give their files by path, archives as their bytes lie. The path of no two results
        is the same; a further member of one path is numbered (`screening.packs.paths`). What is
        inside an archive within the pack comes before the archive itself, which is `Ignored` if
        all went well. Memory holds one member at a time, and a few bytes for each path.
        """
        reading = Reading(self._limits)
        try:
            if self.training.config_path is not None:
                data = read_training_data(self.training, reading.budget, self._first_entry())
                yield from self._contents(reading, data)
                return
            if self.source.is_dir():
                yield from self._contents(reading, read_folder(self.source, reading.budget))
                return
            with self.source.open("rb") as file:
                yield from self._file(reading, file)
        except OSError as error:
            yield Unscreened(path=reading.unique(self.name), reason=why_unreadable(error))

    def _first_entry(self) -> Entry | None:
        if self._arguments is None:
            return None
        return Entry(name=ARGUMENTS_NAME, stream=io.BytesIO(self._arguments))

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
