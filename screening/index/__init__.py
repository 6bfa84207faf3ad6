"""The index: reference fingerprints ready to be searched."""

from screening.index.builder import IndexedImage, build_index
from screening.index.index import Background, Entries, Index, current_version, verify

__all__ = [
    "Background",
    "Entries",
    "Index",
    "IndexedImage",
    "build_index",
    "current_version",
    "verify",
]
