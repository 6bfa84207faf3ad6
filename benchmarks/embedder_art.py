"""Which pictures the embedder's benchmark uses: characters of `fetch_art`'s folders, by split."""

import hashlib
import json
import struct
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import imagehash
import numpy as np
from embedder_vectors import Shot, digest_of
from numpy.typing import NDArray
from PIL import Image
from untouched_art import opened

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import identity_of, split_of

HASHES = "phashes.json"
SUFFIXES = frozenset({".png", ".gif", ".jpg", ".jpeg", ".webp"})
PNG_HEAD_BYTES = 24
SMALLEST_PX = 24
"""Smaller pictures in a character's folder are particles and shots, not the character."""

Characters = Mapping[str, Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Art:
    """The folder ``root``/<source>/<character>/<picture> that `fetch_art` lays out."""

    root: Path

    @property
    def sources(self) -> list[str]:
        return sorted(each.name for each in self.root.iterdir() if each.is_dir())

    def characters(
        self, source: str, *, splits: Sequence[str] = (), least: int = 1
    ) -> dict[str, list[Path]]:
        """Pictures by character, of ``splits`` (all if none is named), of ``least`` and more."""
        found = _characters(self.root / source)
        return {
            name: list(paths)
            for name, paths in found.items()
            if (not splits or split_of(name) in splits) and len(paths) >= least
        }


@lru_cache(maxsize=256)
def _characters(folder: Path) -> dict[str, tuple[Path, ...]]:
    if not folder.is_dir():
        return {}
    found = {}
    for character in sorted(each for each in folder.iterdir() if each.is_dir()):
        paths = tuple(
            path
            for path in sorted(character.iterdir())
            if path.suffix.lower() in SUFFIXES and _is_large_enough(path)
        )
        if paths:
            found[character.name] = paths
    return found


def _is_large_enough(path: Path) -> bool:
    return shorter_px(path) >= SMALLEST_PX


def shorter_px(path: Path) -> int:
    """The picture's shorter side. Of PNG from the header alone: there are tens of thousands."""
    with path.open("rb") as file:
        head = file.read(PNG_HEAD_BYTES)
    if head.startswith(b"\x89PNG") and len(head) == PNG_HEAD_BYTES:
        return min(struct.unpack(">II", head[16:]))
    with Image.open(path) as image:
        return min(image.size)


def drawn(items: Sequence[Path], most: int, *, seed: int) -> list[Path]:
    """At most ``most`` of them, in their order; the same ones every time."""
    if len(items) <= most:
        return list(items)
    chance = np.random.default_rng([seed, *str(items[0].parent.name).encode()])
    places = chance.permutation(len(items))[:most]
    return [items[place] for place in sorted(places.tolist())]


def chosen(characters: Characters, most: int, *, seed: int) -> dict[str, list[Path]]:
    """At most ``most`` characters; which ones hangs on ``seed`` and their names alone."""

    def place(name: str) -> bytes:
        return hashlib.sha256(f"{seed} {name}".encode()).digest()

    return {name: list(characters[name]) for name in sorted(sorted(characters, key=place)[:most])}


def different(paths: Sequence[Path], *, bits: int) -> list[Path]:
    """Those more than ``bits`` of pHash-256 from every earlier one, as seen and mirrored."""
    kept: list[Path] = []
    hashes: list[NDArray[np.bool_]] = []
    for path in paths:
        seen, mirrored = _phashes(path)
        if all(
            min(int((seen ^ each).sum()), int((mirrored ^ each).sum())) > bits for each in hashes
        ):
            kept.append(path)
            hashes.append(seen)
    return kept


_known_hashes: dict[str, tuple[str, str]] = {}


def _phashes(path: Path) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    digest = digest_of(path)
    if digest not in _known_hashes:
        image = opened(path)
        mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        _known_hashes[digest] = (
            str(imagehash.phash(image, hash_size=16)),
            str(imagehash.phash(mirrored, hash_size=16)),
        )
    seen, flipped = (imagehash.hex_to_hash(each).hash.ravel() for each in _known_hashes[digest])
    return seen, flipped


def load_hashes(cache: Path) -> None:
    """Take the hashes of pictures that an earlier run kept, if one did."""
    if (cache / HASHES).is_file():
        kept = json.loads((cache / HASHES).read_text(encoding="utf-8"))
        _known_hashes.update({digest: (seen, flipped) for digest, (seen, flipped) in kept.items()})


def save_hashes(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    (cache / HASHES).write_text(json.dumps(_known_hashes), encoding="utf-8")


def identities(characters: Sequence[str]) -> NDArray[np.str_]:
    """Whom each character's folder shows: `archer+female` is a variant of `archer`; (n,)."""
    return np.array([identity_of(each) for each in characters], dtype=np.str_)


def looks(art: Art, source: str, splits: Sequence[str] = ()) -> dict[str, list[Path]]:
    """Identity -> the drawings of the variant that has most: a set shows one look."""
    found: dict[str, list[Path]] = {}
    for name, paths in art.characters(source, splits=splits).items():
        whose = str(identities([name])[0])
        if len(paths) > len(found.get(whose, [])):
            found[whose] = paths
    return found


def shots(
    characters: Characters, *, scene: int | None = None
) -> tuple[list[Shot], NDArray[np.str_]]:
    """Every picture, as drawn or in a scene of its own, and whose it is.

    A scene hangs on the names of character and file: where two sources name a character's pictures
    alike, the later one takes the next scene, or its surroundings would tell whose it is.
    """
    found: list[Shot] = []
    whose: list[str] = []
    for name, paths in characters.items():
        alike: Counter[tuple[str, str]] = Counter()
        for path in paths:
            key = path.parent.name, path.name
            found.append(Shot(path=path, scene=None if scene is None else scene + alike[key]))
            whose.append(name)
            alike[key] += 1
    return found, np.array(whose)
