"""Fingerprints made of numbers instead of pictures, and indexes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.embedders.embedder import Look, Output
from screening.fingerprints import Fingerprint, PictureFingerprints
from screening.hashes import BITS, Hashes
from screening.images.view import View
from screening.index import Index, build_index
from screening.references.stored import ReferencePicture

DIMENSION = 8
VECTOR = "direct.vector"

LOOKS = (
    Look(name="both", start=0, stop=DIMENSION, cost=0.02),
    Look(name="first", start=0, stop=DIMENSION // 2, cost=0.05, single=False),
    Look(name="second", start=DIMENSION // 2, stop=DIMENSION),
)
"""Of vectors that are made of two."""


@dataclass(frozen=True)
class Direct:
    """As much of an embedder as an index needs: who it is, and what it puts out."""

    name: str = "direct"
    version: str = "1"
    dimension: int = DIMENSION
    copy_score: float | None = None
    looks: tuple[Look, ...] = ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        finds = frozenset({"copies", "characters"})
        name = f"{self.name}.vector"
        return (
            Output(
                name=name,
                dimension=self.dimension,
                finds=finds,
                copy_score=self.copy_score,
                looks=self.looks,
            ),
        )


def random_hash(chance: np.random.Generator) -> bytes:
    """As pHash makes them: half of the bits are set."""
    bits = np.zeros(BITS, np.uint8)
    bits[chance.permutation(BITS)[: BITS // 2]] = 1
    return np.packbits(bits).tobytes()


def flipped(phash: bytes, count: int) -> bytes:
    """``count`` bits away, as many of them cleared as set (one more cleared where odd)."""
    bits = np.unpackbits(np.frombuffer(phash, np.uint8))
    ones, zeros = np.flatnonzero(bits == 1), np.flatnonzero(bits == 0)
    bits[ones[: (count + 1) // 2]] = 0
    bits[zeros[: count // 2]] = 1
    return np.packbits(bits).tobytes()


def units(chance: np.random.Generator, count: int, dimension: int = DIMENSION) -> NDArray:
    """(count, dimension) float32 in random directions."""
    vectors = chance.normal(size=(count, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def fingerprint(
    phash: bytes,
    vector: NDArray,
    *,
    phash_mirrored: bytes | None = None,
    mirrored: bool = False,
    view: View = View(),  # noqa: B008
    name: str = VECTOR,
) -> Fingerprint:
    other = phash_mirrored or random_hash(np.random.default_rng(phash[0]))
    return Fingerprint(
        view=view,
        mirrored=mirrored,
        hashes=Hashes(phash=phash, phash_mirrored=other, contrast=50.0),
        vectors={name: np.asarray(vector, np.float32)},
    )


def picture(path: str, *views: Fingerprint) -> PictureFingerprints:
    return PictureFingerprints(
        path=path, sha256=path.encode().hex(), width_px=64, height_px=64, fingerprints=views
    )


def reference(
    path: str,
    character: str,
    vector: NDArray,
    *,
    phash: bytes,
    mirror_vector: NDArray | None = None,
    mirror_phash: bytes | None = None,
    time_code: str = "",
) -> ReferencePicture:
    """A reference image and its mirror image, whose vector is the same if none is given."""
    mirror_phash = mirror_phash or random_hash(np.random.default_rng(phash[0]))
    mirror_vector = vector if mirror_vector is None else mirror_vector
    straight = fingerprint(phash, vector, phash_mirrored=mirror_phash)
    mirror = fingerprint(mirror_phash, mirror_vector, phash_mirrored=phash, mirrored=True)
    return ReferencePicture(
        character=character, time_code=time_code, picture=picture(path, straight, mirror)
    )


def references(
    count: int, *, character: str = "hero", seed: int = 0, dimension: int = DIMENSION
) -> list[ReferencePicture]:
    """Images that have nothing to do with one another, nor with their mirror images."""
    chance = np.random.default_rng([seed, count])
    return [
        reference(
            f"images/{character}/{number:03}.png",
            character,
            units(chance, 1, dimension)[0],
            mirror_vector=units(chance, 1, dimension)[0],
            phash=random_hash(chance),
            mirror_phash=random_hash(chance),
        )
        for number in range(count)
    ]


def background(dimension: int = DIMENSION, count: int = 40) -> dict[str, NDArray]:
    return {VECTOR: units(np.random.default_rng(99), count, dimension)}


def build(
    path: Path,
    sets: Mapping[str, Sequence[ReferencePicture]],
    embedder: Direct = Direct(),
) -> Path:
    """A version with digests that stand for nothing."""
    return build_index(
        path,
        sets,
        digests=dict.fromkeys(sets, "0" * 64),
        embedders=[embedder],
        background=background(embedder.dimension),
    )


def built(
    path: Path,
    sets: Mapping[str, Sequence[ReferencePicture]],
    embedder: Direct = Direct(),
) -> Index:
    build(path, sets, embedder)
    return Index.open(path, [embedder])
