"""Looks: what of an output's vectors is compared, the vectors as a whole or parts of them."""

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Look, Output
from screening.index import Background
from screening.index.background import mean_score


def looks_of(output: Output) -> tuple[Look, ...]:
    """At least one: that at the whole vector, where the output has no others."""
    return output.looks or (Look(name="", start=0, stop=output.dimension),)


def seen(look: Look, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The numbers of ``vectors`` ((n, d), unit rows) that belong to the look, as unit rows."""
    if look.start == 0 and look.stop == vectors.shape[1]:
        return vectors
    part = vectors[:, look.start : look.stop]
    lengths: NDArray[np.float32] = np.sqrt(np.einsum("nd,nd->n", part, part))
    lengths[lengths == 0] = 1  # nothing in a part: at a right angle to everything
    return part / lengths[:, None]


def seen_background(look: Look, background: Background) -> Background:
    """The background by one look: its scale is that of this look's scores."""
    vectors = seen(look, background.vectors)
    if vectors is background.vectors:
        return background
    return Background(vectors=vectors, mean_score=mean_score(vectors))
