"""Whether a picture can be dressed so that the second look of `lite` goes astray.

    python benchmarks/second_look.py --art DIR --scratch DIR [--split test|tune]
                [--tricks TRICK ...] [--markdown FILE] [--json FILE]

`--art` is what `scripts/fetch_art.py DIR` writes. Packs of protected characters, other drawings
than the references show, each in a scene of its own, are dressed by every trick of
`second_look_tricks.py` and screened. Beside what is shipped stands the whole picture alone: the
same vectors, of references and background too, with the whole picture's half in the place of the
part's. Characters of no training split; others of the same hands, as they are, are the benign
packs. With `--split tune`, other characters: to choose a mending on.
"""

import argparse
import copy
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from embedder_art import Art, looks
from embedder_packs import Drawn, in_scenes
from embedder_sources import is_kept_out
from numpy.typing import NDArray
from PIL import Image
from second_look_table import Screened, Seen, markdown, plain
from second_look_tricks import TRICKS, Kit, Pictures, cut_out

from screening.decision import Decision
from screening.embedders import open_embedders
from screening.embedders.lite import Lite
from screening.evidence import CharacterThresholds
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprint import Fingerprint
from screening.index import Index, build_index
from screening.index.background import (
    BACKGROUND_PICTURES,
    Background,
    embed_background,
    mean_score,
)
from screening.index.tables import VectorTable
from screening.references import Character, References, ReferenceSet
from screening.references.intake import Candidate, add_references
from screening.references.stored import refresh
from screening.screener import Screener
from screening.screener.comparing import Compared
from screening.screener.screener import ReadPack
from screening.settings import Settings

SOURCES = (
    "wesnoth",
    "dicebear-adventurer",
    "dicebear-lorelei",
    "dicebear-personas",
    "pokemon-sprites",
    "comicgen",
    "dink",
    "office-assistants",
)
SPLITS: Mapping[str, tuple[str, ...]] = {"test": ("test", "calibrate"), "tune": ("tune", "train")}
"""Of sources that no training saw; of Wesnoth, the split of that name alone."""

CHARACTERS, ATTACKED = 13, 4
"""Of each source: characters, every third of them benign, and packs of protected ones."""

PACK = 10
FACES = ("emoji-google", "emoji-twitter", "dicebear-toon-head", "dicebear-big-smile")
FACES_OF_EACH = 4
IDENTITY = "lite.identity"
SEED = 11


class Watched(Screener):
    """Keeps what it read of the last pack."""

    last: ReadPack | None = None

    def read(self, *arguments: Any, **options: Any) -> ReadPack:
        self.last = super().read(*arguments, **options)
        return self.last


def main() -> None:
    arguments = _arguments()
    art = Art(arguments.art)
    cast = _cast(art, arguments.split)
    shutil.rmtree(arguments.scratch, ignore_errors=True)
    settings = _index(cast, arguments.scratch)
    rows: list[Screened] = []
    with Watched.open(settings=settings) as screener:
        whole, kit = _whole_index(screener.index), _kit(art)
        for name, is_benign, pictures in _packs(cast):
            own = replace(kit, others=[shot.image() for shot in cast.beside(name).others])
            for trick in ["nothing"] if is_benign else arguments.tricks:
                dressed = TRICKS[trick](pictures, replace(own, chance=_chance(name)))
                decision = screener.screen(_written(dressed, arguments.scratch / "pack"))
                rows.append(
                    _screened(screener, whole, decision, name, is_benign=is_benign, trick=trick)
                )
            if arguments.json:
                written = json.dumps([plain(row) for row in rows])
                arguments.json.write_text(written, encoding="utf-8")
    written = markdown(rows, split=arguments.split, pack=PACK, protected=len(cast.protected))
    print(written)
    if arguments.markdown:
        arguments.markdown.write_text(written, encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Characters, "source/name"; ``benign`` are in no index."""

    protected: Mapping[str, Drawn]
    benign: Mapping[str, Drawn]

    def beside(self, name: str) -> Drawn:
        """Another, unprotected character of the same hand."""
        source = name.partition("/")[0]
        return next(each for key, each in self.benign.items() if key != name and source in key)


def _cast(art: Art, split: str) -> Cast:
    protected: dict[str, Drawn] = {}
    benign: dict[str, Drawn] = {}
    for source in SOURCES:
        splits = SPLITS[split] if is_kept_out(source) else (split,)
        drawn = in_scenes(looks(art, source, splits), most=CHARACTERS, others=PACK)
        for number, (name, each) in enumerate(drawn.items()):
            of = benign if number % 3 == 1 and len(drawn) > 1 else protected
            of[f"{source}/{name}"] = each
    return Cast(protected=protected, benign=benign)


def _packs(cast: Cast) -> Iterator[tuple[str, bool, Pictures]]:
    """One character of each source in turn, so that a run that is cut short says something."""
    for characters, most, is_benign in (
        (cast.protected, ATTACKED, False),
        (cast.benign, CHARACTERS, True),
    ):
        rounds: dict[str, int] = {}
        taken: Counter[str] = Counter()
        for name in characters:
            taken[name.partition("/")[0]] += 1
            rounds[name] = taken[name.partition("/")[0]]
        for name in sorted(rounds, key=lambda each: rounds[each]):
            if rounds[name] <= most:
                yield name, is_benign, [shot.image() for shot in characters[name].others]


def _kit(art: Art) -> Kit:
    chance = random.Random(SEED)
    faces = []
    for source in FACES:
        names = [
            name
            for name in art.characters(source)
            if not source.startswith("emoji") or name.endswith("-face")
        ]
        chosen = chance.sample(sorted(names), FACES_OF_EACH)
        faces += [cut_out(art.characters(source)[name][0]) for name in chosen]
    grounds = []
    for paths in art.characters("photographs").values():
        with Image.open(paths[0]) as opened:
            grounds.append(opened.convert("RGB"))
    return Kit(lite=Lite(threads=1), faces=faces, others=(), grounds=grounds, chance=chance)


def _written(pictures: Pictures, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{number:02}.jpg", quality=92)
    return folder


def _screened(
    screener: Watched, whole: Index, decision: Decision, name: str, *, is_benign: bool, trick: str
) -> Screened:
    read = [] if screener.last is None else screener.last.pictures
    thresholds = screener.policy.characters.thresholds
    against = None if is_benign else name.replace("/", "-")
    seen = {
        "shipped": _seen(read, screener.index, thresholds, against),
        "whole": _seen([_whole_of(each) for each in read], whole, thresholds, against),
    }
    best = max(each.statistic for each in seen.values())
    seen["either"] = Seen(statistic=best, found=any(each.found for each in seen.values()))
    source = name.partition("/")[0]
    return Screened(
        trick=trick, source=source, benign=is_benign, verdict=decision.verdict, seen=seen
    )


def _seen(
    pictures: Sequence[PictureFingerprints],
    index: Index,
    thresholds: CharacterThresholds,
    against: str | None,
) -> Seen:
    statistics = [
        each.two_sample
        for each in Compared.of(pictures, index).characters()
        if against in (None, each.character)
        and each.pictures >= thresholds.two_sample_pictures
        and each.references >= thresholds.two_sample_references
    ]
    best = max(statistics, default=-1.0)
    return Seen(statistic=best, found=best >= thresholds.two_sample)


def _whole_of(picture: PictureFingerprints) -> PictureFingerprints:
    def whole(each: Fingerprint) -> Fingerprint:
        vector = _whole(each.vectors[IDENTITY][None])[0]
        return replace(each, vectors={**each.vectors, IDENTITY: vector})

    return replace(picture, fingerprints=tuple(map(whole, picture.fingerprints)))


def _whole_index(index: Index) -> Index:
    whole = copy.copy(index)
    vectors = _whole(index.vectors[IDENTITY].rows(np.arange(len(index.entries))))
    background = _whole(index.backgrounds[IDENTITY].vectors)
    whole.vectors = {**index.vectors, IDENTITY: VectorTable.of(vectors)}
    own = Background(vectors=background, mean_score=mean_score(background))
    whole.backgrounds = {**index.backgrounds, IDENTITY: own}
    return whole


def _whole(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) unit rows: both halves are that of the whole picture, as where no part is found."""
    half = vectors[:, : vectors.shape[1] // 2]
    both = np.tile(half, 2)
    return np.asarray(both / np.linalg.norm(both, axis=1, keepdims=True), np.float32)


def _index(cast: Cast, folder: Path) -> Settings:
    settings = Settings(index=folder / "index", references=folder / "sets", workers=1)
    embedders = open_embedders(settings)
    record = ReferenceSet(
        id="work",
        work="Work",
        rights_holder="Somebody",
        characters=tuple(Character(id=_id(each), names=()) for each in cast.protected),
    )
    record.save(settings.references)
    with Fingerprinter(embedders, limits=settings.limits, workers=1, mirrored=True) as maker:
        for name, drawn in cast.protected.items():
            pictures = [
                Candidate(name=f"{number}.png", data=_png(shot.image()))
                for number, shot in enumerate(drawn.references)
            ]
            add_references(record, settings.references, _id(name), pictures, maker)
        stored, _ = refresh(record, settings.references / record.id, maker)
        background = embed_background(BACKGROUND_PICTURES, maker, settings.limits)
    digests = {record.id: References(settings.references).digest(record.id)}
    build_index(
        settings.index,
        {record.id: stored},
        digests=digests,
        embedders=embedders,
        background=background,
    )
    return settings


def _id(name: str) -> str:
    return name.replace("/", "-")


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _chance(name: str) -> random.Random:
    return random.Random(f"{SEED} {name}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--art", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--split", choices=sorted(SPLITS), default="test")
    parser.add_argument("--tricks", nargs="+", default=list(TRICKS), metavar="TRICK")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
