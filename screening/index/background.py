"""The background set: pictures that nobody protects, which scores are compared with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.index.tables import checked_vectors
from screening.packs import Member, open_pack
from screening.settings import Limits

BACKGROUND_PICTURES = Path(__file__).parent.parent / "background" / "pictures.zip"
"""Ships with the package: openly licensed pictures of many styles, listed in its SOURCES.md."""

MIN_BACKGROUND = 20
"""Fewer pictures give no background to speak of; the mean of three highest needs a choice."""

MAX_MEAN_SCORE = 0.99
"""A background whose pictures look more alike than this tells nothing apart: it is one picture
many times, or the embedder answers the same for all."""

NEAREST_BACKGROUND = 3
"""SSCD subtracts the mean of the three highest background scores (sscd/datasets/isc)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Pictures that nobody protects, embedded ((m, d) float32, m > 0, unit rows).

    ``mean_score`` is the mean cosine between two different ones; 1 - ``mean_score`` is the scale
    on which this output tells pictures apart.
    """

    vectors: NDArray[np.float32]
    mean_score: float

    def nearest(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean of the three highest background scores of each row of ``vectors``, (n,)."""
        scores = vectors @ self.vectors.T
        count = min(NEAREST_BACKGROUND, scores.shape[1])
        top = np.partition(scores, -count, axis=1)[:, -count:]
        mean: NDArray[np.float32] = top.mean(axis=1)
        return mean

    @classmethod
    def read(cls, path: Path, *, dimension: int, mean_score: float) -> "Background":
        """By memory map. Raises IndexUnusable, also for a file that would run code (pickle)."""
        try:
            vectors = np.load(path, mmap_mode="r", allow_pickle=False)
            checked = checked_vectors(vectors, dimension)
        except (OSError, ValueError, EOFError, IndexUnusable) as error:
            raise IndexUnusable(f"{path}: not readable: {error}") from None
        if not len(checked):
            raise IndexUnusable(f"{path}: holds no background; build the index again")
        return cls(vectors=checked, mean_score=mean_score)


def mean_score(vectors: NDArray[np.float32]) -> float:
    """Mean cosine between two different rows of ``vectors`` ((m, d), unit rows).

    Raises IndexUnusable where they are too few, or too alike, to be a background.
    """
    count = len(vectors)
    if count < MIN_BACKGROUND:
        raise IndexUnusable(f"the background set has {count} pictures; it needs {MIN_BACKGROUND}")
    total = vectors.sum(axis=0, dtype=np.float64)
    mean = float((total @ total - count) / (count * (count - 1)))
    if mean > MAX_MEAN_SCORE:
        raise IndexUnusable(
            f"the pictures of the background set are all alike (mean cosine {mean:.3f}); "
            "give pictures of many styles"
        )
    return mean


def embed_background(
    source: Path, fingerprinter: Fingerprinter, limits: Limits
) -> dict[str, NDArray[np.float32]]:
    """Vectors of every picture in a folder or archive: output name -> (m, d) unit rows.

    Raises IndexUnusable where ``source`` holds no picture.
    """
    pictures = (
        Picture(path=member.path, data=member.data, sha256=member.sha256)
        for member in open_pack(source, limits=limits).read()
        if isinstance(member, Member)
    )
    shown = [
        result.shown.vectors
        for result in fingerprinter.fingerprint(pictures)
        if isinstance(result, PictureFingerprints)
    ]
    if not shown:
        raise IndexUnusable(f"{source}: holds no picture to use as background")
    return {name: np.stack([vectors[name] for vectors in shown]) for name in shown[0]}
