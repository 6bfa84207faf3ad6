"""Fingerprints made up for tests, and files of them."""

from pathlib import Path

import numpy as np

from screening.embedders.embedder import Output
from screening.fingerprints import Fingerprint, Maker, PictureFingerprints
from screening.fingerprints.table import FingerprintWriter, read_fingerprints
from screening.hashes import Hashes
from screening.images.view import View
from screening.keypoints import Keypoints

MAKERS = (Maker(name="phash-256", version="1"), Maker(name="fake", version="1 fp32"))
OUTPUTS = (
    Output(name="fake.copy", dimension=3, finds=frozenset({"copies"})),
    Output(name="fake.identity", dimension=2, finds=frozenset({"characters"})),
)


def keypoints(count: int, seed: int = 0) -> Keypoints:
    random = np.random.default_rng(seed)
    return Keypoints(
        points=random.integers(0, 480 * 64, (count, 2), dtype=np.uint16),
        octaves=random.integers(0, 10, count, dtype=np.uint8),
        turns=random.integers(0, 256, count, dtype=np.uint8),
        descriptors=random.integers(0, 256, (count, 32), dtype=np.uint8),
        width_px=480,
        height_px=360,
    )


def fingerprint(seed: int = 0, view: View | None = None, mirrored: bool = False) -> Fingerprint:
    random = np.random.default_rng(seed)
    vectors = {each.name: random.normal(size=each.dimension) for each in OUTPUTS}
    return Fingerprint(
        view=view or View(),
        mirrored=mirrored,
        hashes=Hashes(
            phash=random.bytes(32),
            phash_mirrored=random.bytes(32),
            contrast=float(np.float32(random.uniform(0, 128))),
        ),
        vectors={
            name: (vector / np.linalg.norm(vector)).astype(np.float32)
            for name, vector in vectors.items()
        },
    )


def picture(
    *fingerprints: Fingerprint, path: str = "a.png", sha256: str = "ab" * 32
) -> PictureFingerprints:
    return PictureFingerprints(
        path=path,
        sha256=sha256,
        width_px=640,
        height_px=480,
        fingerprints=fingerprints or (fingerprint(),),
    )


def write(path: Path, *pictures: PictureFingerprints, **options) -> Path:
    with FingerprintWriter(path, **({"makers": MAKERS, "outputs": OUTPUTS} | options)) as writer:
        for each in pictures:
            writer.write(each)
    return path


def plain(pictures: list[PictureFingerprints]) -> list[object]:
    """Pictures as values that compare equal."""
    return [
        (
            (each.path, each.sha256, each.width_px, each.height_px),
            [
                (
                    (one.view, one.mirrored, one.hashes),
                    {name: vector.tolist() for name, vector in one.vectors.items()},
                )
                for one in each.fingerprints
            ],
        )
        for each in pictures
    ]


def read(path: Path) -> list[PictureFingerprints]:
    return [each for each, _ in read_fingerprints(path)[1]]
