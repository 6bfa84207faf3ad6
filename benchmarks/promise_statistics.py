"""Margins of packs over protected characters, for `promise.py`, by the package as it is."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from promise_pictures import ART, CHUNK, DRAWN, OTHER_STYLES, Pictures, Rows, make_once

import screening
from screening.calibration import Binding, Kind
from screening.embedders.lite import Lite
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprint import Fingerprint
from screening.hashes import BYTES, Hashes
from screening.images.view import View
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.policy import Policy
from screening.references import ReferenceSet
from screening.references.stored import ReferencePicture
from screening.screener.benign_packs import Upload, compare_benign
from screening.settings import Limits

NAME = "set"
CALIBRATING = 1_000
"""So many benign characters calibrate; those behind them check, and fill mixed packs up."""

DECODE_SECONDS = 600.0
"""A busy machine must not leave a picture out of the background."""

MAKING = ("matching/two_sample.py", "matching/looks.py", "matching/characters.py", "evidence.py")
"""What statistics hang on, as files of the package."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """A pack of ``size`` pictures of each character of ``part``, from the ``first`` to ``last``.

    ``share`` of the pictures are its own, the others those of a benign one that only checks. They
    are compared with the first ``protected`` ones of the ``world`` that names the parts.
    """

    part: str
    size: int
    protected: int
    share: float = 1.0
    world: str = DRAWN
    first: int = 0
    last: int | None = None

    @property
    def key(self) -> str:
        return f"{self.world}{self.part}-{self.size}-{self.protected}-{self.share:g}"

    @property
    def pool(self) -> str:
        """Fetched art and other styles are of no world."""
        return self.part if self.part in (ART, OTHER_STYLES) else f"{self.world}{self.part}"


class Statistics:
    """Statistics of packs, kept in the cache of the pictures under the code that makes them."""

    def __init__(self, pictures: Pictures, scratch: Path) -> None:
        self.pictures = pictures
        self.scratch = scratch
        self.embedder = Lite(threads=1)
        self.policy = Policy()
        self.kept = pictures.cache / f"statistics-{_code()}"
        self.kept.mkdir(parents=True, exist_ok=True)
        self._indexes: dict[tuple[str, int], Index] = {}
        self._vectors: dict[str, dict[str, Rows]] = {}

    def fill(self, packs: Packs) -> None:
        """Make what nobody has made or is making."""
        for start in self._starts(packs):
            numbers = range(start, min(self._last(packs), start + CHUNK))
            make_once(
                self._file(packs, start),
                lambda numbers=numbers: {
                    "margins": np.array([self._margins(packs, each) for each in numbers])
                },
            )

    def of(self, packs: Packs) -> Matrix:
        """(n, protected): of each pack over each protected character, -inf if not compared."""
        found = []
        for start in self._starts(packs):
            with np.load(self._file(packs, start), allow_pickle=False) as kept:
                found.append(kept["margins"])
        return np.concatenate(found)

    def binding(self, protected: int, world: str = DRAWN) -> Binding:
        return Binding.of(self._index(protected, world), statistics=self.policy.statistics)

    def _starts(self, packs: Packs) -> range:
        return range(packs.first, self._last(packs), CHUNK)

    def _last(self, packs: Packs) -> int:
        return packs.last or self.pictures.parts[packs.pool].count

    def _file(self, packs: Packs, start: int) -> Path:
        return self.kept / f"{packs.key}-{start:05}.npz"

    def _rows(self, part: str) -> dict[str, Rows]:
        if part not in self._vectors:
            self._vectors[part] = self.pictures.vectors(part)
        return self._vectors[part]

    def _index(self, protected: int, world: str) -> Index:
        key = world, protected
        if key not in self._indexes:
            self._indexes[key] = self._built(protected, world)
        return self._indexes[key]

    def _margins(self, packs: Packs, number: int) -> NDArray[np.float64]:
        upload = Upload(name="", pictures=tuple(self._pack(packs, number)), with_pixels=False)
        record = ReferenceSet(id=NAME, work=NAME, rights_holder="")
        index = self._index(packs.protected, packs.world)
        (made,) = compare_benign([upload], index, self.policy, {NAME: record})
        margins = np.full(packs.protected, -np.inf)
        for (_, character), by in made.strengths[Kind.CHARACTERS].items():
            margins[int(character)] = by
        return margins

    def _pack(self, packs: Packs, number: int) -> Iterator[PictureFingerprints]:
        own = round(packs.share * packs.size)
        rest = f"{packs.world}benign", CALIBRATING + number, range(own, packs.size)
        for part, whose, views in ((packs.pool, number, range(own)), rest):
            for view in views:
                vectors = {output: rows[whose, view] for output, rows in self._rows(part).items()}
                name = f"{part}-{whose}-{view}"
                yield _picture(name, _fingerprint(name, vectors))

    def _built(self, protected: int, world: str) -> Index:
        folder = self.scratch / f"{world}{protected}"
        limits = Limits(decode_timeout_seconds=DECODE_SECONDS)
        with Fingerprinter([self.embedder], limits=limits, workers=1) as maker:
            background = embed_background(BACKGROUND_PICTURES, maker, limits)
        build_index(
            folder,
            {NAME: [each for whose in range(protected) for each in self._references(world, whose)]},
            digests={NAME: "0" * 64},
            embedders=[self.embedder],
            background=background,
        )
        return Index.open(folder, [self.embedder])

    def _references(self, world: str, whose: int) -> Iterator[ReferencePicture]:
        rows = {output: each[whose] for output, each in self._rows(f"{world}references").items()}
        for place in range(0, len(next(iter(rows.values()))), 2):
            name = f"references-{whose:03}-{place:02}"
            straight, mirrored = (
                _fingerprint(
                    f"{name} {turned}",
                    {output: each[place + turned] for output, each in rows.items()},
                    mirrored=bool(turned),
                )
                for turned in (0, 1)
            )
            picture = _picture(name, straight, mirrored)
            yield ReferencePicture(character=f"{whose:03}", time_code="", picture=picture)


def _fingerprint(name: str, vectors: Mapping[str, Rows], *, mirrored: bool = False) -> Fingerprint:
    """Hashes are by lot: no picture is a near-duplicate of another."""
    digest = hashlib.sha256(name.encode()).digest()
    hashes = Hashes(
        phash=digest[:BYTES],
        phash_mirrored=hashlib.sha256(digest).digest()[:BYTES],
        contrast=50.0,
    )
    return Fingerprint(view=View(), mirrored=mirrored, hashes=hashes, vectors=vectors)


def _picture(path: str, *views: Fingerprint) -> PictureFingerprints:
    sha256 = hashlib.sha256(path.encode()).hexdigest()
    return PictureFingerprints(
        path=path, sha256=sha256, width_px=192, height_px=192, fingerprints=views
    )


def _code() -> str:
    package = Path(screening.__file__).parent
    files = [package / each for each in MAKING if (package / each).exists()]
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()[:16]
