"""The index: reference fingerprints ready to be searched."""

from screening.index.builder import build_index
from screening.index.index import (
    Background,
    Entries,
    Index,
    current_version,
    read_manifest,
    verify_files,
)

__all__ = [
    "Background",
    "Entries",
    "Index",
    "build_index",
    "current_version",
    "read_manifest",
    "verify_files",
]
