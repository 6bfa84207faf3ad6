"""The index: reference fingerprints ready to be searched."""

from screening.index.background import Background
from screening.index.builder import build_index
from screening.index.entries import Entries
from screening.index.index import Index
from screening.index.version import current_version, read_manifest, verify_files

__all__ = [
    "Background",
    "Entries",
    "Index",
    "build_index",
    "current_version",
    "read_manifest",
    "verify_files",
]
