"""Building an index: reference sets and background in, one published version out."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening import hashes
from screening.embedders.embedder import Embedder, Output
from screening.errors import IndexUnusable
from screening.index.background import mean_score
from screening.index.entries import ENTRIES_FILE, EntriesWriter
from screening.index.index import known_rows
from screening.index.keypoint_table import KeypointTable, KeypointWriter
from screening.index.tables import DescriptorTable, HashTable, VectorTable, checked_vectors
from screening.index.version import (
    CURRENT_FILE,
    HASHES_FILE,
    MANIFEST_FILE,
    MOST_VOTING,
    SCHEMA,
    TABLE_SUFFIX,
    VOTES_FILE,
    current_version,
    makers_of,
    manifest_id,
    read_manifest,
    verify_files,
)
from screening.references.lock import locked
from screening.references.stored import ReferencePicture

HASHES = hashes.NAME


def build_index(
    path: Path,
    reference_sets: Mapping[str, Sequence[ReferencePicture]],
    *,
    digests: Mapping[str, str],
    embedders: Sequence[Embedder],
    background: Mapping[str, NDArray[np.float32]],
) -> Path:
    """Build and publish a version under ``path``; returns its folder.

    ``reference_sets``: id -> its images with mirrored fingerprints; each is asked for once, so
    that a mapping which reads them then (`StoredReferences`) keeps one set in memory at a time.
    ``digests``: id -> sha256 of the file these come from. ``background``: output name -> (m, d)
    unit rows. The version appears under its name by one rename, and becomes the current one by
    another, so nobody ever opens half an index. The version that was current before is kept.
    Raises IndexUnusable.
    """
    outputs = [output for embedder in embedders for output in embedder.outputs]
    path.mkdir(parents=True, exist_ok=True)
    with _unfinished_folder(path) as folder:
        means = _write_background(folder, outputs, background)
        facts = _write_references(folder, outputs, reference_sets)
        manifest = {
            "schema": SCHEMA,
            "makers": {maker.name: maker.version for maker in makers_of(embedders)},
            "reference_sets": dict(sorted(digests.items())),
            "background": means,
            **facts,
            "files": {file.name: _facts(file) for file in sorted(folder.iterdir())},
        }
        manifest |= {"id": manifest_id(manifest), "built": datetime.now(UTC).isoformat()}
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        return _publish(path, folder, str(manifest["id"]))


@contextmanager
def _unfinished_folder(path: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=path))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_background(
    folder: Path, outputs: Sequence[Output], background: Mapping[str, NDArray[np.float32]]
) -> dict[str, float]:
    means: dict[str, float] = {}
    for output in outputs:
        if output.name not in background:
            raise IndexUnusable(f"the background set has no vectors of {output.name}")
        vectors = checked_vectors(background[output.name], output.dimension)
        means[output.name] = round(mean_score(vectors), 6)
        np.save(folder / f"{output.name}.background.npy", vectors, allow_pickle=False)
    return means


def _write_references(
    folder: Path,
    outputs: Sequence[Output],
    reference_sets: Mapping[str, Sequence[ReferencePicture]],
) -> dict[str, Any]:
    """Write entries and tables; what the manifest says about them.

    Rows go to plain files first, one image after another, so that memory holds one finished
    table at a time and not the fingerprints of all sets.
    """
    entries = EntriesWriter()
    with ExitStack() as files:
        rows = {
            name: files.enter_context((folder / f"{name}.rows").open("wb"))
            for name in (HASHES, *(each.name for each in outputs))
        }
        keypoints = files.enter_context(KeypointWriter(folder))
        for reference_set, images in reference_sets.items():
            for image in images:
                entries.add(reference_set, image)
                for each in image.picture.fingerprints:
                    rows[HASHES].write(each.hashes.phash)
                    keypoints.write(each.keypoints)
                    for output in outputs:
                        rows[output.name].write(_vector(each.vectors, output, image))
    if not entries.image_count:
        raise IndexUnusable("no reference image to build an index of; add reference sets first")
    entries.write(folder / ENTRIES_FILE)
    packed = _rows(folder, HASHES, np.uint8, hashes.BYTES)
    known = known_rows(len(packed))
    known_hashes = packed[known].tobytes().hex()
    HashTable.of(packed).save(folder / HASHES_FILE)
    known_vectors: dict[str, str] = {}
    for output in outputs:
        vectors = _rows(folder, output.name, np.float32, output.dimension)
        known_vectors[output.name] = hashlib.sha256(vectors[known].tobytes()).hexdigest()
        VectorTable.of(vectors).save(folder / f"{output.name}{TABLE_SUFFIX}")
    for name in rows:
        (folder / f"{name}.rows").unlink()
    if entries.image_count <= MOST_VOTING:
        DescriptorTable.of(KeypointTable.open(folder).descriptors).save(folder / VOTES_FILE)
    return {
        "reference_images": entries.image_count,
        "known_hashes": known_hashes,
        "known_vectors": known_vectors,
    }


def _vector(
    vectors: Mapping[str, NDArray[np.float32]], output: Output, image: ReferencePicture
) -> bytes:
    vector = vectors.get(output.name)
    if vector is None or vector.shape != (output.dimension,) or vector.dtype != np.float32:
        raise IndexUnusable(
            f"{image.picture.path}: has no vector of {output.dimension} numbers by {output.name}"
        )
    return vector.tobytes()


def _rows(folder: Path, name: str, kind: type[np.uint8 | np.float32], width: int) -> NDArray[Any]:
    return np.memmap(folder / f"{name}.rows", kind, mode="r").reshape(-1, width)


def _facts(file: Path) -> dict[str, str | int]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"sha256": digest, "bytes": file.stat().st_size}


def _publish(path: Path, folder: Path, identifier: str) -> Path:
    folder.chmod(0o755)
    with locked(path):
        before = _current_or_none(path)
        version = path / identifier
        if not _is_whole(version):
            if version.exists():
                version.rename(folder / "damaged")
            folder.rename(version)
            shutil.rmtree(version / "damaged", ignore_errors=True)
        pointer = folder.with_name(f"{folder.name}-{CURRENT_FILE}")
        pointer.write_text(identifier + "\n", encoding="ascii")
        pointer.replace(path / CURRENT_FILE)
        if version != before:
            _prune(path, {version, before})
    return version


def _is_whole(version: Path) -> bool:
    try:
        verify_files(version)
        return bool(read_manifest(version)["id"] == version.name)
    except IndexUnusable:
        return False


def _prune(path: Path, kept: set[Path | None]) -> None:
    """Remove older versions. Who has one open keeps its files until it closes them."""
    for old in path.iterdir():
        if old not in kept and old.name.isalnum() and (old / MANIFEST_FILE).is_file():
            shutil.rmtree(old)


def _current_or_none(path: Path) -> Path | None:
    try:
        return current_version(path)
    except IndexUnusable:
        return None
