"""Pictures of the threshold measurement, and their vectors by the embedder that is installed."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from embedder_scores import Rows
from embedder_vectors import digest_of
from PIL import Image, ImageOps
from untouched_art import opened

from screening.embedders.embedder import Embedder
from screening.evaluation.edits import edited
from screening.fingerprints import Fingerprinter
from screening.images.preprocess import prepare
from screening.index import Background
from screening.index.background import BACKGROUND_PICTURES, embed_background, mean_score
from screening.settings import Limits

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from drawn_characters import Framing, Identity, draw, look_alike

BATCH = 64
SAVED_EVERY = 4096
GENERATED_PX = 256
DECODE_SECONDS = 600.0
"""A busy machine must not leave a picture out of the background."""

FRAMINGS: Sequence[Framing] = ("face", "bust", "bust", "figure", "figure")


class Pictured(Protocol):
    """A picture that can be made again at any time; equal keys, equal pixels."""

    @property
    def key(self) -> str: ...

    def image(self) -> Image.Image:
        """RGB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An edited copy of the picture at ``path`` as it is uploaded; ``family`` is one of `edits`."""

    path: Path
    family: str
    seed: int
    other: Path

    @property
    def key(self) -> str:
        return f"{digest_of(self.path)}|{self.family}|{self.seed}|{digest_of(self.other)}"

    def image(self) -> Image.Image:
        other = opened(self.other)
        return edited(opened(self.path), self.family, seed=self.seed, other=other)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A picture of an invented character, or of another one in the same colours."""

    seed: int
    twin: bool
    view: int
    mirrored: bool = False

    @property
    def framing(self) -> Framing:
        return FRAMINGS[self.view % len(FRAMINGS)]

    @property
    def key(self) -> str:
        return f"generated {self.seed} {self.twin:d} {self.view} {self.mirrored:d}"

    def image(self) -> Image.Image:
        identity = Identity.from_seed(self.seed)
        if self.twin:
            identity = look_alike(identity, self.seed)
        drawing = draw(identity, self.view, framing=self.framing, size_px=GENERATED_PX)
        image = Image.fromarray(drawing.pixels)
        return ImageOps.mirror(image) if self.mirrored else image


class Store:
    """Vectors of every output of one embedder; each picture is embedded once."""

    def __init__(self, embedder: Embedder, *, graph: str = "", cache: Path | None = None) -> None:
        """``graph`` tells apart what has one version but other weights. Vectors are kept in
        ``cache`` between runs if there is one."""
        self.embedder = embedder
        self.made = 0
        name = hashlib.sha256(f"{embedder.version} {graph}".encode()).hexdigest()[:16]
        self._file = None if cache is None else cache / f"thresholds-{name}.npz"
        self._places: dict[str, int] = {}
        self._kept: dict[str, list[Rows]] = {each.name: [] for each in embedder.outputs}
        if self._file is not None and self._file.is_file():
            with np.load(self._file, allow_pickle=False) as kept:
                self._places = {str(key): place for place, key in enumerate(kept["keys"])}
                self._kept = {output: list(kept[output]) for output in self._kept}

    def rows(self, output: str, pictures: Sequence[Pictured]) -> Rows:
        """(n, d) float32, unit rows."""
        missing = {each.key: each for each in pictures if each.key not in self._places}
        keys = list(missing)
        for start in range(0, len(keys), BATCH):
            self._add({key: missing[key] for key in keys[start : start + BATCH]})
        kept = self._kept[output]
        return np.stack([kept[self._places[each.key]] for each in pictures])

    def save(self) -> None:
        if self._file is None or not self.made:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partly = self._file.with_suffix(".partly.npz")
        kept = {name: np.stack(rows) for name, rows in self._kept.items()}
        np.savez(partly, keys=np.array(list(self._places)), **kept)
        partly.replace(self._file)

    def _add(self, pictures: dict[str, Pictured]) -> None:
        preprocessing = self.embedder.preprocessing
        pixels = np.stack([prepare(each.image(), preprocessing) for each in pictures.values()])
        found = self.embedder.embed(pixels)
        for name, rows in self._kept.items():
            rows.extend(found[name])
        for key in pictures:
            self._places[key] = len(self._places)
        if self.made // SAVED_EVERY != (self.made + len(pictures)) // SAVED_EVERY:
            self.save()
        self.made += len(pictures)


def backgrounds_of(embedder: Embedder, source: Path = BACKGROUND_PICTURES) -> dict[str, Background]:
    """Output name -> the background as an index holds it."""
    limits = Limits(decode_timeout_seconds=DECODE_SECONDS)
    with Fingerprinter([embedder], limits=limits, workers=1) as fingerprinter:
        vectors = embed_background(source, fingerprinter, limits)
    return {
        name: Background(vectors=rows, mean_score=mean_score(rows))
        for name, rows in vectors.items()
    }
