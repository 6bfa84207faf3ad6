"""What the rows of an index's tables are, kept as ``entries.parquet``."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.images.view import View
from screening.references.stored import ReferencePicture

ENTRIES_FILE = "entries.parquet"

_TEXTS = ("reference_set", "character", "path", "time_code")
_NUMBERS = ("images", "characters", "mirrored", "primary")


class Texts(Sequence[str]):
    """Strings of which many are equal, each kept once and made when it is asked for."""

    def __init__(self, texts: pa.DictionaryArray) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> "Texts": ...
    def __getitem__(self, row: int | slice) -> "str | Texts":
        if isinstance(row, slice):
            return Texts(self._texts[row])
        text: str = self._texts[int(row)].as_py()
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts.to_pylist())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What the rows of the tables are; everything is (rows,).

    ``images`` numbers the reference images; all rows of one image have its number, as have
    ``characters`` for characters. ``primary`` marks the row of the view that a person sees, not
    mirrored; the first mirrored row of the same image is of its mirror image.
    """

    reference_set: Sequence[str]
    character: Sequence[str]
    path: Sequence[str]
    time_code: Sequence[str]
    images: NDArray[np.int64]
    characters: NDArray[np.int64]
    mirrored: NDArray[np.bool_]
    primary: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.images)

    @classmethod
    def read(cls, path: Path) -> "Entries":
        """Raises IndexUnusable where the file is not one that `EntriesWriter` wrote."""
        try:
            table = pq.read_table(path, read_dictionary=list(_TEXTS)).unify_dictionaries()
            columns = {name: table.column(name).combine_chunks() for name in table.column_names}
            texts: dict[str, Any] = {name: Texts(columns[name]) for name in _TEXTS}
            numbers: dict[str, Any] = {
                name: columns[name].to_numpy(zero_copy_only=False) for name in _NUMBERS
            }
            return cls(**texts, **numbers)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise IndexUnusable(f"{path}: not readable: {error}") from None


class EntriesWriter:
    """Takes reference images one after another; keeps a few hundred bytes of each."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
        self._numbers: dict[tuple[str, str], int] = {}
        self._characters = array("q")
        self._rows = array("q")
        self._mirrored = bytearray()
        self._primary = bytearray()

    @property
    def image_count(self) -> int:
        return len(self._rows)

    def add(self, reference_set: str, image: ReferencePicture) -> None:
        """The rows of one image. Raises IndexUnusable where its mirror image is missing."""
        views = image.picture.fingerprints
        primary = [each.view == View() and not each.mirrored for each in views]
        mirrored = [each.mirrored for each in views]
        if not any(primary) or not any(mirrored):
            raise IndexUnusable(
                f"{reference_set}/{image.picture.path}: has no fingerprint of its mirror image; "
                f"run: screening references fingerprint {reference_set}"
            )
        key = (reference_set, image.character)
        for name, text in zip(_TEXTS, (*key, image.picture.path, image.time_code), strict=True):
            self._texts[name].append(text)
        self._characters.append(self._numbers.setdefault(key, len(self._numbers)))
        self._rows.append(len(views))
        self._mirrored.extend(mirrored)
        self._primary.extend(primary)

    def write(self, path: Path) -> None:
        images = np.repeat(np.arange(self.image_count), self._rows)
        columns = {
            name: pa.array(texts, pa.string()).dictionary_encode().take(pa.array(images))
            for name, texts in self._texts.items()
        }
        columns["images"] = pa.array(images)
        columns["characters"] = pa.array(np.asarray(self._characters, np.int64)[images])
        columns["mirrored"] = pa.array(np.frombuffer(self._mirrored, np.bool_))
        columns["primary"] = pa.array(np.frombuffer(self._primary, np.bool_))
        pq.write_table(pa.table(columns), path, compression="zstd")
