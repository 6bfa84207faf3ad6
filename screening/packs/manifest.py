"""Manifests: the sha256 of every member, and one that identifies the pack.

What a trainer checks at its start, so that the pictures that train are those that were screened.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from screening.errors import PackError

MANIFEST_VERSION = 1

_LINES = json.JSONEncoder(separators=(",", ":"))
_SHA256 = re.compile(r"[0-9a-f]{64}")


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

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold: version, sha256 of the pack, and path and sha256 of each member."""
        members = [{"path": entry.path, "sha256": entry.sha256} for entry in self.entries]
        return {"version": MANIFEST_VERSION, "sha256": self.sha256, "members": members}

    @classmethod
    def from_dict(cls, table: Any) -> Self:
        """The manifest that `to_dict` wrote. Raises PackError where it is none, or was changed."""
        if not isinstance(table, dict) or table.get("version") != MANIFEST_VERSION:
            raise PackError(f"this is no manifest of version {MANIFEST_VERSION}")
        members = table.get("members")
        if not isinstance(members, list):
            raise PackError("the manifest has no list of members")
        manifest = cls.of(_digest(member) for member in members)
        if table.get("sha256") != manifest.sha256:
            raise PackError("the manifest was changed: its sha256 does not fit its members")
        return manifest


def _digest(member: Any) -> tuple[str, str | None]:
    path = member.get("path") if isinstance(member, dict) else None
    if not isinstance(path, str):
        raise PackError("a member of the manifest has no path")
    sha256 = member.get("sha256")
    if sha256 is not None and not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise PackError(f"the manifest gives {path!r} a sha256 that is none")
    return path, sha256
