"""Pictures of the threshold measurement, and their vectors by the embedder that is installed."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from embedder_scores import Rows
from embedder_vectors import digest_of
from kept_rows import KeptRows, Pictured
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

GENERATED_PX = 256
DECODE_SECONDS = 600.0
"""A busy machine must not leave a picture out of the background."""

FRAMINGS: Sequence[Framing] = ("face", "bust", "bust", "figure", "figure")


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


class Store(KeptRows[Pictured]):
    """Vectors of every output of one embedder."""

    def __init__(self, embedder: Embedder, *, graph: str = "", cache: Path | None = None) -> None:
        """``graph`` tells apart what has one version but other weights. Vectors are kept in
        ``cache`` between runs if there is one."""
        self.embedder = embedder
        name = hashlib.sha256(f"{embedder.version} {graph}".encode()).hexdigest()[:16]
        super().__init__(
            [each.name for each in embedder.outputs],
            None if cache is None else cache / f"thresholds-{name}.npz",
        )

    def embed(self, pictures: Sequence[Pictured]) -> Mapping[str, Rows]:
        preprocessing = self.embedder.preprocessing
        return self.embedder.embed(
            np.stack([prepare(each.image(), preprocessing) for each in pictures])
        )


def backgrounds_of(embedder: Embedder, source: Path = BACKGROUND_PICTURES) -> dict[str, Background]:
    """Output name -> the background as an index holds it."""
    limits = Limits(decode_timeout_seconds=DECODE_SECONDS)
    with Fingerprinter([embedder], limits=limits, workers=1) as fingerprinter:
        vectors = embed_background(source, fingerprinter, limits)
    return {
        name: Background(vectors=rows, mean_score=mean_score(rows))
        for name, rows in vectors.items()
    }
