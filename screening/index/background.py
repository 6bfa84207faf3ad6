"""The background set: pictures that nobody protects, which scores are compared with."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.errors import IndexUnusable
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.packs import Member, open_pack
from screening.settings import Limits

BACKGROUND_PICTURES = Path(__file__).parent.parent / "background" / "pictures.zip"
"""Ships with the package: openly licensed pictures of many styles, listed in its SOURCES.md."""


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
