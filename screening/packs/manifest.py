"""Manifests: the sha256 of every member, and one that identifies the pack.

What a trainer checks at its start, so that the pictures that train are those that were screened.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

MANIFEST_VERSION = 1

_LINES = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One file: its path as `Pack.read` gives it, and its sha256, or None if it was not read."""

    path: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files of one pack, by path. Equal whatever the order they were read in.

    Members of archives have entries of their own, beside that of the archive.
    """

    entries: tuple[ManifestEntry, ...]

    @classmethod
    def of(cls, digests: Iterable[tuple[str, str | None]]) -> Self:
        """The manifest of (path, sha256 or None) of everything `Pack.read` gave, in any order."""
        entries = [ManifestEntry(path=path, sha256=sha256) for path, sha256 in digests]
        return cls(tuple(sorted(entries, key=lambda entry: (entry.path, entry.sha256 or ""))))

    @property
    def digests(self) -> tuple[tuple[str, str | None], ...]:
        """(path, sha256 or None) of every file, by path."""
        return tuple((entry.path, entry.sha256) for entry in self.entries)

    @property
    def sha256(self) -> str:
        """Identifies the pack: the sha256 of `canonical_bytes`.

        Two packs with members that could not be read may share it; such packs are never allowed.
        """
        return hashlib.sha256(self.canonical_bytes()).hexdigest()

    def canonical_bytes(self) -> bytes:
        """ASCII: a line with the version, then one JSON array ``[path, sha256]`` a line.

        Sorted by path (by code point); compact separators; everything outside ASCII escaped as
        ``\\uXXXX``, bytes that are not UTF-8 as the surrogates that stand for them.
        """
        lines = [f"screening manifest {MANIFEST_VERSION}"]
        lines += [_LINES.encode([entry.path, entry.sha256]) for entry in self.entries]
        return ("\n".join(lines) + "\n").encode("ascii")
