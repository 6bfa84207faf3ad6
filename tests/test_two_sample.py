"""Groups of a pack: those of SciPy's average linkage, found without SciPy."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from screening.matching.two_sample import groups_of


def unit_rows(count: int, *, seed: int, common: float) -> NDArray[np.float32]:
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(count, 16)) + common * chance.normal(size=16)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def groups_of_scipy(vectors: NDArray[np.float32]) -> set[frozenset[int]]:
    wide = vectors.astype(np.float64)
    distances = np.clip(1 - wide @ wide.T, 0, None)
    np.fill_diagonal(distances, 0)
    groups = [frozenset({place}) for place in range(len(vectors))]
    for one, other in linkage(squareform(distances, checks=False), "average")[:-1, :2]:
        groups.append(groups[int(one)] | groups[int(other)])
    return set(groups[len(vectors) :])


@pytest.mark.parametrize("common", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("count", [3, 4, 5, 10, 24, 100])
def test_groups_are_those_of_average_linkage(count: int, common: float) -> None:
    for seed in range(5):
        vectors = unit_rows(count, seed=seed, common=common)
        groups = groups_of(vectors)
        assert groups.shape == (count - 2, count)
        found = {frozenset(np.flatnonzero(row).tolist()) for row in groups}
        assert found == groups_of_scipy(vectors)
        sizes = groups.sum(axis=1).tolist()
        assert sizes == sorted(sizes, reverse=True)


def test_pictures_that_are_all_alike_have_groups_too() -> None:
    assert groups_of(np.full((6, 4), 0.5, np.float32)).sum(axis=1).tolist() == [5, 4, 3, 2]
