"""An embedder without a model: mean colours, so that tests need no weights."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Output, unit_rows
from screening.images.preprocess import Preprocessing


class MeanColours:
    """The mean colour of each of 16 fields as a unit vector; follows the `Embedder` protocol.

    ``calls`` are the numbers of pictures that `embed` was given, in order.
    """

    def __init__(
        self,
        name: str = "fake",
        *,
        version: str = "1",
        batch_size: int = 4,
        size_px: int = 16,
        copy_score: float | None = 0.98,
        finds: frozenset[Literal["copies", "characters"]] = frozenset({"copies", "characters"}),
    ) -> None:
        self.name = name
        self.version = version
        self.batch_size = batch_size
        self.preprocessing = Preprocessing(size_px=size_px, fit="squash", resample="box")
        self.outputs = (
            Output(name=f"{name}.colours", dimension=49, finds=finds, copy_score=copy_score),
        )
        self.calls: list[int] = []

    def embed(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        self.calls.append(len(pixels))
        count, side, _, _ = pixels.shape
        fields = pixels.reshape(count, 4, side // 4, 4, side // 4, 3).mean(axis=(2, 4))
        centred = fields.reshape(count, 48) / 255.0 - 0.5
        # the constant keeps the vector of a plain grey picture from having no direction
        vectors = np.concatenate([centred, np.full((count, 1), 0.1)], axis=1)
        return {self.outputs[0].name: unit_rows(vectors, maker=self.name)}
