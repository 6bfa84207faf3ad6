"""A TOML table taken apart field by field; whatever is wrong names the file and the field."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from screening.errors import ReferenceSetError


class Fields:
    """The fields of one table. Each is taken once; `finish` refuses what nobody took.

    ``where`` begins every message: the file, and in it the table. All methods raise
    ReferenceSetError.
    """

    def __init__(self, table: Any, where: str) -> None:
        if not isinstance(table, dict):
            raise ReferenceSetError(f"{where} must be a table, not {table!r}")
        self._left = dict(table)
        self._where = where

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a ``default`` it must be there."""
        value = self._left.pop(key, default)
        if value is None:
            raise ReferenceSetError(f"{self._where}: {key} is missing")
        if not isinstance(value, str):
            raise self._wrong(key, value, "a string")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self._left.pop(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, value, "true or false")
        return value

    def number(self, key: str, default: int) -> int:
        value = self._left.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, value, "a whole number")
        return value

    def day(self, key: str) -> date | None:
        """A date without a time, or None where there is none."""
        value = self._left.pop(key, None)
        if value is not None and type(value) is not date:
            raise self._wrong(key, value, "a date like 2027-12-31")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(key, value, "a list of strings")
        return tuple(value)

    def tables(self, key: str) -> Iterator["Fields"]:
        """Every table of a list of tables; each is finished after its turn."""
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, value, "a list of tables")
        for number, table in enumerate(value, start=1):
            fields = Fields(table, f"{self._where}: {key} {number}")
            yield fields
            fields.finish()

    def finish(self) -> None:
        for key in self._left:
            raise ReferenceSetError(f"{self._where}: unknown field {key!r}")

    def _wrong(self, key: str, value: object, wanted: str) -> ReferenceSetError:
        return ReferenceSetError(f"{self._where}: {key} must be {wanted}, not {value!r}")
