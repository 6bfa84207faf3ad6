"""Building an index: reference sets and background in, one published version out."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from screening import hashes
from screening.embedders.embedder import Embedder
from screening.errors import IndexUnusable
from screening.images.decoder import View
from screening.index.index import (
    CURRENT_FILE,
    ENTRIES_FILE,
    HASHES_FILE,
    KNOWN_ENTRIES,
    MANIFEST_FILE,
    SCHEMA,
    current_version,
    makers_of,
    manifest_id,
)
from screening.index.tables import HashTable, VectorTable
from screening.references.stored import ReferencePicture

MIN_BACKGROUND = 20
"""Fewer pictures give no background to speak of; the mean of three highest needs a choice."""


Images = Sequence[tuple[str, ReferencePicture]]
"""Reference images, each with the id of its set."""


def build_index(
    path: Path,
    reference_sets: Mapping[str, Sequence[ReferencePicture]],
    *,
    digests: Mapping[str, str],
    embedders: Sequence[Embedder],
    background: Mapping[str, NDArray[np.float32]],
) -> Path:
    """Build and publish a version under ``path``; returns its folder.

    ``reference_sets``: id -> its images with mirrored fingerprints. ``digests``: id -> sha256 of
    the file these come from. ``background``: output name -> (m, d)
    unit rows. The version appears under its name by one rename, and becomes the current one by
    another, so nobody ever opens half an index. Raises IndexUnusable.
    """
    images = [(key, each) for key, pictures in reference_sets.items() for each in pictures]
    if not images:
        raise IndexUnusable("no reference image to build an index of; add reference sets first")
    path.mkdir(parents=True, exist_ok=True)
    with _unfinished_folder(path) as folder:
        known = _write_tables(folder, images, embedders)
        _write_entries(folder, images)
        means = _write_background(folder, embedders, background)
        manifest = _manifest(folder, digests, embedders, means)
        manifest |= {"known_hashes": known.tobytes().hex(), "reference_images": len(images)}
        manifest |= {"id": manifest_id(manifest), "built": datetime.now(UTC).isoformat()}
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        return _publish(path, folder, manifest["id"])


@contextmanager
def _unfinished_folder(path: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=path))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_tables(
    folder: Path,
    images: Images,
    embedders: Sequence[Embedder],
) -> NDArray[np.uint8]:
    """Write the tables; the hashes of the entries that are looked up after every load."""
    rows = [each for _, image in images for each in image.picture.fingerprints]
    packed = np.frombuffer(b"".join(each.hashes.phash for each in rows), np.uint8)
    packed = packed.reshape(len(rows), hashes.BYTES)
    HashTable.of(packed).save(folder / HASHES_FILE)
    for embedder in embedders:
        for output in embedder.outputs:
            vectors = np.stack([each.vectors[output.name] for each in rows])
            VectorTable.of(vectors).save(folder / f"{output.name}.faiss")
    known = np.unique(np.linspace(0, len(rows) - 1, KNOWN_ENTRIES).astype(np.int64))
    return packed[known]


def _write_entries(folder: Path, images: Images) -> None:
    numbers: dict[tuple[str, str], int] = {}
    rows = [
        {
            "reference_set": reference_set,
            "character": image.character,
            "path": image.picture.path,
            "time_code": image.time_code,
            "images": number,
            "characters": numbers.setdefault((reference_set, image.character), len(numbers)),
            "mirrored": each.mirrored,
            "primary": each.view == View() and not each.mirrored,
        }
        for number, (reference_set, image) in enumerate(images)
        for each in image.picture.fingerprints
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / ENTRIES_FILE, compression="zstd")


def _write_background(
    folder: Path,
    embedders: Sequence[Embedder],
    background: Mapping[str, NDArray[np.float32]],
) -> dict[str, float]:
    means: dict[str, float] = {}
    for embedder in embedders:
        for output in embedder.outputs:
            vectors = background[output.name]
            count = len(vectors)
            if count < MIN_BACKGROUND:
                raise IndexUnusable(
                    f"the background set has {count} pictures; it needs {MIN_BACKGROUND}"
                )
            np.save(folder / f"{output.name}.background.npy", vectors, allow_pickle=False)
            total = vectors.sum(axis=0, dtype=np.float64)
            means[output.name] = round(float((total @ total - count) / (count * (count - 1))), 6)
    return means


def _manifest(
    folder: Path,
    digests: Mapping[str, str],
    embedders: Sequence[Embedder],
    background_means: Mapping[str, float],
) -> dict[str, Any]:
    files = {
        file.name: {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "bytes": file.stat().st_size,
        }
        for file in sorted(folder.iterdir())
    }
    return {
        "schema": SCHEMA,
        "makers": {maker.name: maker.version for maker in makers_of(embedders)},
        "reference_sets": dict(sorted(digests.items())),
        "background": background_means,
        "files": files,
    }


def _publish(path: Path, folder: Path, identifier: str) -> Path:
    version = path / identifier
    before = _current_or_none(path)
    if not version.exists():
        folder.chmod(0o755)
        folder.rename(version)
    pointer = path / f".{CURRENT_FILE}.{os.getpid()}"
    pointer.write_text(identifier + "\n", encoding="ascii")
    pointer.replace(path / CURRENT_FILE)
    kept = {version, before}
    for old in path.iterdir():
        if old not in kept and old.name.isalnum() and (old / MANIFEST_FILE).is_file():
            shutil.rmtree(old)
    return version


def _current_or_none(path: Path) -> Path | None:
    try:
        return current_version(path)
    except IndexUnusable:
        return None
