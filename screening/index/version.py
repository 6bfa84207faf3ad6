"""The versions of an index: which is current, its manifest, its files.

::

    index/
      current                     the id of the version in use, replaced atomically
      <id>/manifest.json          schema, makers, counts, sha256 and size of every file
           entries.parquet        what each row of the tables below is
           phash-256.faiss        binary flat table
           <output>.faiss         flat inner product table of one embedder output
           <output>.background.npy   (m, d) float32: pictures that nobody protects
           orb-500.points .poses .descriptors .rows.npy   keypoints of each row
           orb-500.faiss          inverted file of all descriptors; absent above 10^5 references

A version is never written after it was published.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from screening import hashes, keypoints
from screening.embedders.embedder import Embedder
from screening.errors import IndexUnusable
from screening.fingerprints.fingerprint import Maker

SCHEMA = "screening/index/2"
CURRENT_FILE = "current"
MANIFEST_FILE = "manifest.json"
TABLE_SUFFIX = ".faiss"
HASHES_FILE = f"{hashes.NAME}{TABLE_SUFFIX}"
VOTES_FILE = f"{keypoints.NAME}{TABLE_SUFFIX}"

MOST_VOTING = 100_000
"""Reference images up to which descriptors vote: 41 KB each, so 4 GB; the embedders' vectors for
copies propose beside them, and above alone."""

_SMALL = (".parquet", ".npy")

_KEYS = {
    "schema": str,
    "id": str,
    "makers": dict,
    "reference_sets": dict,
    "reference_images": int,
    "background": dict,
    "known_hashes": str,
    "known_vectors": dict,
    "files": dict,
}


def current_version(path: Path) -> Path:
    """The folder of the version in use. Raises IndexUnusable."""
    if (path / MANIFEST_FILE).is_file():
        return path
    try:
        identifier = (path / CURRENT_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise IndexUnusable(
            f"{path}: no index here; build one with: screening index build --index {path}"
        ) from None
    # Letters and digits only: whoever may write this file must not lead elsewhere with it.
    if not identifier.isalnum() or not (path / identifier / MANIFEST_FILE).is_file():
        raise IndexUnusable(f"{path}: the current version {identifier!r} is gone; build it again")
    return path / identifier


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, with its own checksum verified. Raises IndexUnusable."""
    path = folder / MANIFEST_FILE
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise IndexUnusable(f"{path}: made by another version of screening; build it again")
    if manifest.get("id") != manifest_id(manifest):
        raise IndexUnusable(f"{path}: changed after it was built; build it again")
    for key, kind in _KEYS.items():
        if not isinstance(manifest.get(key), kind):
            raise IndexUnusable(f"{path}: has no {key}; build the index again")
    return manifest


def manifest_id(manifest: Mapping[str, Any]) -> str:
    """What names a version: a digest of everything in the manifest but its id and its time."""
    content = {key: value for key, value in manifest.items() if key not in ("id", "built")}
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def verify_files(path: Path) -> Path:
    """Check the sha256 of every file of the current version; its folder.

    Raises IndexUnusable naming the file that differs.
    """
    folder = current_version(path)
    for name, facts in read_manifest(folder)["files"].items():
        _check_digest(folder / name, facts["sha256"])
    return folder


def makers_of(embedders: Sequence[Embedder]) -> tuple[Maker, ...]:
    """Everything that an index for ``embedders`` is made by, hash first."""
    return (
        Maker(name=hashes.NAME, version=hashes.VERSION),
        Maker(name=keypoints.NAME, version=keypoints.VERSION),
        *(Maker(name=each.name, version=each.version) for each in embedders),
    )


def check_makers(manifest: Mapping[str, Any], embedders: Sequence[Embedder], folder: Path) -> None:
    """Raise IndexUnusable unless the version was made by all of ``embedders``, and this hash."""
    made_by = manifest["makers"]
    for maker in makers_of(embedders):
        version = made_by.get(maker.name)
        if version is None:
            raise IndexUnusable(
                f"{folder}: was built without {maker.name!r}; build it again with these settings"
            )
        if version != maker.version:
            raise IndexUnusable(
                f"{folder}: was built by {maker.name} {version}, not {maker.version}; "
                "build it again"
            )


def check_files(manifest: Mapping[str, Any], folder: Path) -> None:
    """Raise IndexUnusable where a file is missing or has another size than when it was built.

    Small files are compared whole; `verify_files` does the same to the tables, which must not be
    read to be opened.
    """
    for name, facts in manifest["files"].items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            raise IndexUnusable(f"{folder / name}: missing; build the index again") from None
        if size != facts["bytes"]:
            raise IndexUnusable(
                f"{folder / name}: {size} bytes instead of {facts['bytes']}; build the index again"
            )
        if name.endswith(_SMALL):
            _check_digest(folder / name, facts["sha256"])


def _check_digest(path: Path, sha256: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise IndexUnusable(f"{path}: not readable: {error}") from None
    if found != sha256:
        raise IndexUnusable(f"{path}: sha256 differs from the manifest; build the index again")
