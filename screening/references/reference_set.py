"""One reference set: ``<root>/<id>/reference_set.toml``, images and/or ``fingerprints.parquet``.

Images lie under ``images/<character>/``. A set may be kept without its images: the fingerprints
are enough to screen with.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import tomli_w

from screening.errors import ReferenceSetError
from screening.references.fields import Fields
from screening.whole_file import whole_file

MANIFEST_FILE = "reference_set.toml"
FINGERPRINTS_FILE = "fingerprints.parquet"
IMAGES_FOLDER = "images"
SCHEMA = 1

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class Status(StrEnum):
    """How a set counts. It takes effect at the next screening, without a new index.

    ``disputed`` flags at most; ``quarantined`` (a reference matches what it should not) is
    reported but does not count; ``disabled`` is as if the set were not there.
    """

    ACTIVE = "active"
    DISABLED = "disabled"
    DISPUTED = "disputed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a character or a work is called. An ambiguous name counts only with other evidence."""

    text: str
    language: str = ""
    distinctive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """A protected character; ``id`` names its image folder, the first name is the one shown."""

    id: str
    names: tuple[Name, ...]

    @property
    def name(self) -> str:
        return self.names[0].text if self.names else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Who may train on which characters, until when (that day included).

    No ``characters`` means all of the set, no ``until`` means without an end.
    """

    holder: str
    characters: tuple[str, ...] = ()
    until: date | None = None
    note: str = ""

    def covers(self, uploader: str, character: str, day: date) -> bool:
        return (
            bool(uploader)
            and uploader == self.holder
            and (not self.characters or character in self.characters)
            and (self.until is None or day <= self.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSet:
    """The record of one work. ``art_licence`` is the licence of the images themselves.

    ``benign_phrases``: a name that stands inside one of these is not reported there.
    ``quarantined_images``: paths of images in the set that match what they should not; they are
    left out of the next index. ``held_images``: paths of those that are suspected of it, whose
    copies flag and do not block; it takes effect at the next screening.
    """

    id: str
    work: str
    rights_holder: str
    provenance: str = ""
    art_licence: str = ""
    status: Status = Status.ACTIVE
    work_names: tuple[Name, ...] = ()
    characters: tuple[Character, ...] = ()
    licences: tuple[Licence, ...] = field(default=())
    benign_phrases: tuple[str, ...] = ()
    quarantined_images: tuple[str, ...] = ()
    held_images: tuple[str, ...] = ()

    def character(self, identifier: str) -> Character | None:
        return next((each for each in self.characters if each.id == identifier), None)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the record in ``folder``. Raises ReferenceSetError naming file and field."""
        path = folder / MANIFEST_FILE
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ReferenceSetError(f"{path}: not readable: {error}") from error
        fields = Fields(table, str(path))
        if (schema := fields.number("schema", SCHEMA)) != SCHEMA:
            raise ReferenceSetError(f"{path}: schema is {schema}, not {SCHEMA}")
        record = cls(
            id=folder.name,
            work=fields.text("work"),
            rights_holder=fields.text("rights_holder"),
            provenance=fields.text("provenance", ""),
            art_licence=fields.text("art_licence", ""),
            status=_status(fields.text("status", Status.ACTIVE), path),
            work_names=_names(fields, "work_names"),
            characters=tuple(
                Character(id=each.text("id"), names=_names(each, "names"))
                for each in fields.tables("characters")
            ),
            licences=tuple(
                Licence(
                    holder=each.text("holder"),
                    characters=each.texts("characters"),
                    until=each.day("until"),
                    note=each.text("note", ""),
                )
                for each in fields.tables("licences")
            ),
            benign_phrases=fields.texts("benign_phrases"),
            quarantined_images=fields.texts("quarantined_images"),
            held_images=fields.texts("held_images"),
        )
        fields.finish()
        record.check(path)
        return record

    def check(self, path: Path) -> None:
        """Raise ReferenceSetError, naming ``path``, where a field has an impossible value."""
        for identifier in (self.id, *(each.id for each in self.characters)):
            check_id(identifier, path)
        for key, text in self._texts():
            _check_text(text, f"{path}: {key}")
        for key in ("work", "rights_holder"):
            if not getattr(self, key).strip():
                raise ReferenceSetError(f"{path}: {key} is empty")
        ids = [each.id for each in self.characters]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ReferenceSetError(f"{path}: two characters have the id {twice[0]!r}")
        for name in self._all_names():
            if not name.text.strip():
                raise ReferenceSetError(f"{path}: the text of a name is empty")
        for licence in self.licences:
            if not licence.holder.strip():
                raise ReferenceSetError(f"{path}: the holder of a licence is empty")
            if unknown := sorted(set(licence.characters) - set(ids)):
                raise ReferenceSetError(
                    f"{path}: the licence of {licence.holder!r} names the unknown character "
                    f"{unknown[0]!r}"
                )

    def save(self, root: Path) -> None:
        """Write the record into ``root``/id, whole or not at all. Raises ReferenceSetError."""
        folder = root / self.id
        path = folder / MANIFEST_FILE
        self.check(path)
        text = tomli_w.dumps(self._table())
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")

    def _all_names(self) -> tuple[Name, ...]:
        return (*self.work_names, *(name for each in self.characters for name in each.names))

    def _texts(self) -> Iterator[tuple[str, object]]:
        for key in ("work", "rights_holder", "provenance", "art_licence"):
            yield key, getattr(self, key)
        for name in self._all_names():
            yield "text", name.text
            yield "language", name.language
        for phrase in self.benign_phrases:
            yield "benign_phrases", phrase
        for image in self.quarantined_images:
            yield "quarantined_images", image
        for image in self.held_images:
            yield "held_images", image
        for licence in self.licences:
            yield "holder", licence.holder
            yield "note", licence.note

    def _table(self) -> dict[str, Any]:
        table: dict[str, Any] = {
            "schema": SCHEMA,
            "work": self.work,
            "rights_holder": self.rights_holder,
            "provenance": self.provenance,
            "art_licence": self.art_licence,
            "status": self.status.value,
            "benign_phrases": list(self.benign_phrases),
            "quarantined_images": list(self.quarantined_images),
            "held_images": list(self.held_images),
            "work_names": [_name_table(each) for each in self.work_names],
            "characters": [
                {"id": each.id, "names": [_name_table(name) for name in each.names]}
                for each in self.characters
            ],
            "licences": [_licence_table(each) for each in self.licences],
        }
        return {key: value for key, value in table.items() if value != []}


def check_id(identifier: object, where: Path | str) -> None:
    """Raise ReferenceSetError unless ``identifier`` can be a folder's name on any system."""
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise ReferenceSetError(
            f"{where}: id {identifier!r} must be lower-case letters, digits, '.', '_' and '-'"
        )


def _check_text(text: object, where: str) -> None:
    if not isinstance(text, str):
        raise ReferenceSetError(f"{where} must be a string, not {text!r}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ReferenceSetError(f"{where}: {text!r} is not valid Unicode") from None


def _status(text: str, path: Path) -> Status:
    try:
        return Status(text)
    except ValueError:
        known = ", ".join(Status)
        raise ReferenceSetError(f"{path}: status must be one of {known}, not {text!r}") from None


def _names(fields: Fields, key: str) -> tuple[Name, ...]:
    return tuple(
        Name(
            text=each.text("text"),
            language=each.text("language", ""),
            distinctive=each.flag("distinctive", True),
        )
        for each in fields.tables(key)
    )


def _name_table(name: Name) -> dict[str, Any]:
    return {"text": name.text, "language": name.language, "distinctive": name.distinctive}


def _licence_table(licence: Licence) -> dict[str, Any]:
    table: dict[str, Any] = {"holder": licence.holder, "characters": list(licence.characters)}
    if licence.until is not None:
        table["until"] = licence.until
    if licence.note:
        table["note"] = licence.note
    return table
