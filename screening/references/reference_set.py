"""One reference set: ``<root>/<id>/reference_set.toml``, images and/or ``fingerprints.parquet``.

Images lie under ``images/<character>/``. A set may be kept without its images: the fingerprints
are enough to screen with.
"""

import os
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import tomli_w

from screening.errors import ReferenceSetError

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
    """The record of one work. ``art_licence`` is the licence of the images themselves."""

    id: str
    work: str
    rights_holder: str
    provenance: str = ""
    art_licence: str = ""
    status: Status = Status.ACTIVE
    work_names: tuple[Name, ...] = ()
    characters: tuple[Character, ...] = ()
    licences: tuple[Licence, ...] = field(default=())

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
        if table.pop("schema", SCHEMA) != SCHEMA:
            raise ReferenceSetError(f"{path}: schema is not {SCHEMA}")
        try:
            record = cls(
                id=folder.name,
                status=Status(table.pop("status", Status.ACTIVE)),
                work_names=_names(table.pop("work_names", [])),
                characters=tuple(
                    Character(id=each.pop("id"), names=_names(each.pop("names", [])), **each)
                    for each in table.pop("characters", [])
                ),
                licences=tuple(
                    Licence(characters=tuple(each.pop("characters", [])), **each)
                    for each in table.pop("licences", [])
                ),
                **table,
            )
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ReferenceSetError(f"{path}: {error}") from error
        record.check(path)
        return record

    def check(self, path: Path) -> None:
        """Raise ReferenceSetError, naming ``path``, where a field has an impossible value."""
        for text in (self.work, self.rights_holder, self.provenance, self.art_licence):
            if not isinstance(text, str):
                raise ReferenceSetError(f"{path}: {text!r} must be a string")
        for identifier in (self.id, *(each.id for each in self.characters)):
            check_id(identifier, path)
        ids = [each.id for each in self.characters]
        if len(ids) != len(set(ids)):
            raise ReferenceSetError(f"{path}: two characters have the same id")
        for licence in self.licences:
            if unknown := set(licence.characters) - set(ids):
                raise ReferenceSetError(f"{path}: a licence names unknown {sorted(unknown)}")
            if licence.until is not None and type(licence.until) is not date:
                raise ReferenceSetError(f"{path}: until must be a date, like 2027-12-31")

    def save(self, root: Path) -> None:
        """Write the record into ``root``/id, whole or not at all."""
        folder = root / self.id
        path = folder / MANIFEST_FILE
        self.check(path)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{MANIFEST_FILE}.{os.getpid()}"
        unfinished.write_text(tomli_w.dumps(self._table()), encoding="utf-8")
        unfinished.replace(path)

    def _table(self) -> dict[str, Any]:
        table: dict[str, Any] = {
            "schema": SCHEMA,
            "work": self.work,
            "rights_holder": self.rights_holder,
            "provenance": self.provenance,
            "art_licence": self.art_licence,
            "status": self.status.value,
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


def _names(tables: list[dict[str, Any]]) -> tuple[Name, ...]:
    names = tuple(Name(**each) for each in tables)
    if not all(isinstance(each.text, str) and each.text.strip() for each in names):
        raise ValueError("a name needs a text")
    return names


def _name_table(name: Name) -> dict[str, Any]:
    return {"text": name.text, "language": name.language, "distinctive": name.distinctive}


def _licence_table(licence: Licence) -> dict[str, Any]:
    table: dict[str, Any] = {"holder": licence.holder, "characters": list(licence.characters)}
    if licence.until is not None:
        table["until"] = licence.until
    if licence.note:
        table["note"] = licence.note
    return table
