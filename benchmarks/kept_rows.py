"""Vectors of pictures by their keys: each is made once, and kept in a file between runs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from embedder_scores import Rows
from PIL import Image

from screening.whole_file import whole_file

BATCH = 64
SAVED_EVERY = 4096


class Pictured(Protocol):
    """A picture that can be made again at any time; equal keys, equal pixels."""

    @property
    def key(self) -> str: ...

    def image(self) -> Image.Image:
        """RGB."""


P = TypeVar("P", bound=Pictured)


class KeptRows(ABC, Generic[P]):
    """Rows of several outputs; ``made`` counts the pictures that were embedded."""

    def __init__(self, outputs: Iterable[str], file: Path | None) -> None:
        """Nothing is kept between runs where ``file`` is None."""
        self.made = 0
        self._file = file
        self._places: dict[str, int] = {}
        self._kept: dict[str, list[Rows]] = {output: [] for output in outputs}
        if file is not None and file.is_file():
            with np.load(file, allow_pickle=False) as kept:
                self._places = {str(key): place for place, key in enumerate(kept["keys"])}
                self._kept = {output: list(kept[output]) for output in self._kept}

    @abstractmethod
    def embed(self, pictures: Sequence[P]) -> Mapping[str, Rows]:
        """Output -> (n, d) float32, unit rows."""

    def rows(self, output: str, pictures: Sequence[P]) -> Rows:
        """(n, d) float32, unit rows."""
        unknown = {each.key: each for each in pictures if each.key not in self._places}
        missing = list(unknown.values())
        for start in range(0, len(missing), BATCH):
            self._add(missing[start : start + BATCH])
        kept = self._kept[output]
        return np.stack([kept[self._places[each.key]] for each in pictures])

    def save(self) -> None:
        if self._file is None or not self.made:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        kept = {name: np.stack(rows) for name, rows in self._kept.items()}
        with whole_file(self._file) as unfinished, unfinished.open("wb") as file:
            np.savez(file, keys=np.array(list(self._places)), **kept)  # type: ignore[arg-type]

    def _add(self, pictures: Sequence[P]) -> None:
        found = self.embed(pictures)
        for name, rows in self._kept.items():
            rows.extend(found[name])
        for each in pictures:
            self._places[each.key] = len(self._places)
        if self.made // SAVED_EVERY != (self.made + len(pictures)) // SAVED_EVERY:
            self.save()
        self.made += len(pictures)
