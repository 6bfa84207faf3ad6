"""What every embedder is: pictures of one size in, unit vectors out.

An embedder may have several outputs, each for its own evidence: a vector that stays put when a
picture is edited finds copies, a vector that stays put when the character moves finds characters.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from screening.errors import EmbedderError
from screening.images.preprocess import Preprocessing


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Numbers of a vector, from ``start`` up to ``stop``, that are compared by themselves.

    ``name`` says what was looked at, in words that follow "match best in"; empty where that says
    nothing. ``cost`` is what the two-sample statistic by this look is lowered by: where the highest
    of several counts, one that tells look-alikes apart less well must reach more. ``single``: by
    it, pictures are judged one by one, too.
    """

    name: str
    start: int
    stop: int
    cost: float = 0.0
    single: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One vector that an embedder makes of a picture.

    ``name`` is unique among all embedders (``lite.identity``) and names the Parquet column and
    the index. ``finds`` says which evidence it serves. ``copy_score`` is the cosine at and
    above which a picture is a likely copy; None where a score alone says too little. ``looks``
    are what characters are found by, none for the whole vector alone: no fingerprint and no index
    hangs on them.
    """

    name: str
    dimension: int
    finds: frozenset[Literal["copies", "characters"]]
    copy_score: float | None = None
    looks: tuple[Look, ...] = ()


class Embedder(Protocol):
    """Pictures to unit vectors. Implementations are thread-safe and hold no state per call."""

    @property
    def name(self) -> str:
        """Short name without dots: ``lite``, ``clip``, or the name in an onnx model's TOML."""

    @property
    def version(self) -> str:
        """Names weights, precision and preprocessing exactly; equal versions, equal vectors."""

    @property
    def preprocessing(self) -> Preprocessing: ...

    @property
    def outputs(self) -> tuple[Output, ...]: ...

    @property
    def batch_size(self) -> int:
        """How many pictures are best handed over at once."""

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Vectors of ``pixels`` ((n, s, s, 3) uint8 RGB): output name -> (n, d) float32, unit rows.

        The vector of a picture does not depend on the other pictures in the call.
        Raises EmbedderError when a vector is not finite or has no length.
        """


def unit_rows(vectors: NDArray[np.floating], *, maker: str) -> NDArray[np.float32]:
    """Rows of ``vectors`` ((n, d)) scaled to length 1, as float32.

    Raises EmbedderError for a row that is not finite or has no direction.
    """
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise EmbedderError(f"{maker} returned a vector that is not finite or has length 0")
    unit: NDArray[np.float32] = (wide / lengths).astype(np.float32)
    return unit
