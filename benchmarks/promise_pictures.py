"""Vectors of thousands of characters' pictures, for `promise.py`: drawn, embedded and kept once.

Nothing here hangs on the statistic that packs are compared by, so that a new one is measured in
minutes. Characters are cut into chunks of `CHUNK`, each a file of its own that is written in one
step: several processes may fill one cache, and any of them may be stopped at any time (then remove
the `*.claimed` that it leaves).
"""

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from embedder_art import Art
from embedder_scenes import in_scene
from numpy.typing import NDArray
from PIL import Image, ImageOps

from screening.embedders.lite import Lite
from screening.images.preprocess import prepare
from screening.whole_file import whole_file

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from drawn_characters import STYLES, Framing, Identity, draw
from fetch_art import Use, identity_of, split_of, use_of
from make_calibration import THEMES

STYLE = "cel"
"""Of all pictures of the invented characters: look-alikes of one hand are the hardest packs."""

FRAMINGS: Sequence[Framing] = ("face", "bust", "bust", "figure", "figure")
DRAWN_PX = 192
FIRST_SEED = 2_300_000_000
"""Of invented characters, far from those of any training and of `thresholds_casts.py`."""

REFERENCES, PICTURES = 15, 24
FIRST_OTHER_VIEW = 1_000
LEAST_DRAWINGS = 5
CHUNK = 25
BATCH = 64

PROTECTED, MOST_PROTECTED, BENIGN, IN_OTHER_STYLES, FETCHED = 60, 600, 2_700, 825, 1_175
AVATARS_PROTECTED, AVATARS_BENIGN = 120, 1_250
DRAWN, AVATARS = "drawn-", "avatars-"
"""Avatars are faces of one generator, put together from the same drawn parts: twins abound."""

ART, OTHER_STYLES = "art", "other-styles"

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """``count`` characters with pictures of one kind.

    They are invented ones from ``seed`` on, or have ``drawings``, put into scenes. ``references``:
    those and their mirror images, instead of pictures of a pack.
    """

    name: str
    count: int
    seed: int = 0
    styles: Sequence[str] = (STYLE,)
    drawings: Sequence[Sequence[Path]] = ()
    references: bool = False


def parts_of(art: Path, avatars: Path) -> Iterator[Part]:
    """All parts. Nobody is in two of them, but protected ones in their references and ``own``."""
    yield Part(name=f"{DRAWN}references", count=MOST_PROTECTED, seed=FIRST_SEED, references=True)
    yield Part(name=f"{DRAWN}own", count=PROTECTED, seed=FIRST_SEED)
    first = FIRST_SEED + MOST_PROTECTED
    yield Part(name=f"{DRAWN}benign", count=BENIGN, seed=first)
    others = tuple(each for each in STYLES if each != STYLE)
    yield Part(name=OTHER_STYLES, count=IN_OTHER_STYLES, seed=first + BENIGN, styles=others)
    fetched = _fetched(Art(art))[:FETCHED]
    yield Part(name=ART, count=len(fetched), drawings=fetched)
    names = sorted((each.name for each in avatars.iterdir()), key=int)
    drawings = [sorted((avatars / name).glob("*.png")) for name in names]
    protected, others_of = drawings[:AVATARS_PROTECTED], drawings[AVATARS_PROTECTED:]
    yield Part(
        name=f"{AVATARS}references",
        count=AVATARS_PROTECTED,
        drawings=[each[::2] for each in protected],
        references=True,
    )
    own = [each[1::2] for each in protected]
    yield Part(name=f"{AVATARS}own", count=AVATARS_PROTECTED, drawings=own)
    yield Part(name=f"{AVATARS}benign", count=AVATARS_BENIGN, drawings=others_of[:AVATARS_BENIGN])


class Pictures:
    """The vectors of all parts, as far as they are in ``cache``."""

    def __init__(self, art: Path, avatars: Path, cache: Path) -> None:
        self.cache = cache
        self.parts = {each.name: each for each in parts_of(art, avatars)}

    def fill(self, embedder: Lite) -> None:
        """Make what nobody has made or is making."""
        for part in self.parts.values():
            for start in range(0, part.count, CHUNK):
                file = self._file(part, start)
                make_once(file, lambda part=part, start=start: self._made(embedder, part, start))

    def vectors(self, name: str) -> dict[str, Rows]:
        """Output -> (n, k, d): k pictures of n characters; references turn with mirror images."""
        part = self.parts[name]
        found = []
        for start in range(0, part.count, CHUNK):
            with np.load(self._file(part, start), allow_pickle=False) as kept:
                found.append(dict(kept))
        return {output: np.concatenate([each[output] for each in found]) for output in found[0]}

    def _file(self, part: Part, start: int) -> Path:
        return self.cache / f"{part.name}-{start:05}.npz"

    def _made(self, embedder: Lite, part: Part, start: int) -> dict[str, Rows]:
        numbers = range(start, min(part.count, start + CHUNK))
        images = itertools.chain.from_iterable(_images(part, number) for number in numbers)
        made: dict[str, list[Rows]] = {}
        while batch := list(itertools.islice(images, BATCH)):
            pixels = np.stack([prepare(each, embedder.preprocessing) for each in batch])
            for output, rows in embedder.embed(pixels).items():
                made.setdefault(output, []).append(rows)
        return {
            output: np.concatenate(rows).reshape(len(numbers), -1, rows[0].shape[1])
            for output, rows in made.items()
        }


def make_once(file: Path, make: Callable[[], dict[str, NDArray[np.generic]]]) -> None:
    """Write what ``make`` returns, unless it is there or another process is at it."""
    claim = file.with_suffix(".claimed")
    if file.exists():
        return
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    try:
        with whole_file(file) as unfinished, unfinished.open("wb") as opened:
            np.savez(opened, **make())  # type: ignore[arg-type]
    finally:
        claim.unlink()


def _images(part: Part, number: int) -> Iterator[Image.Image]:
    for image in _drawn(part, number):
        yield image
        if part.references:
            yield ImageOps.mirror(image)


def _drawn(part: Part, number: int) -> Iterator[Image.Image]:
    count = REFERENCES if part.references else PICTURES
    if part.drawings:
        drawings = part.drawings[number]
        for view in range(count):
            yield in_scene(drawings[view % len(drawings)], seed=view // len(drawings))
        return
    identity = Identity.from_seed(part.seed + number)
    style = part.styles[number % len(part.styles)]
    first = 0 if part.references else FIRST_OTHER_VIEW
    for view in range(first, first + count):
        framing = FRAMINGS[view % len(FRAMINGS)]
        drawing = draw(identity, view, framing=framing, size_px=DRAWN_PX, style=style)
        yield Image.fromarray(drawing.pixels)


def _fetched(art: Art) -> list[list[Path]]:
    """Of each character that no training saw, by lot: the folder of its that has most drawings."""
    found: dict[str, list[Path]] = {}
    for source in art.sources:
        if source in THEMES:
            continue
        trained = use_of(art.root / source) is Use.TRAINING
        for name, paths in art.characters(source, least=LEAST_DRAWINGS).items():
            if trained and split_of(name) == "train":
                continue
            if len(paths) > len(found.get(identity_of(name), [])):
                found[identity_of(name)] = paths
    names = sorted(found)
    return [found[names[place]] for place in np.random.default_rng(0).permutation(len(names))]
