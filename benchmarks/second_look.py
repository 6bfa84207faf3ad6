"""Whether a picture can be dressed so that the second look of `lite` goes astray.

    python benchmarks/second_look.py --art DIR --scratch DIR [--split test|tune]
                [--tricks TRICK ...] [--markdown FILE] [--json FILE]

`--art` is what `scripts/fetch_art.py DIR` writes. Packs of protected characters, other drawings
than the references show, each in a scene of its own, are dressed by every trick of
`second_look_tricks.py` and screened. Beside what is shipped, the highest of three looks, stand both
looks together at the threshold that they had alone, and each of the others by itself. Characters of
no training split; others of the same hands, as they are, are the benign packs. With `--split tune`,
other characters: those that looks and costs were chosen on.
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

from embedder_art import Art, looks
from embedder_packs import Drawn, in_scenes
from embedder_sources import is_kept_out
from PIL import Image
from second_look_table import Screened, Seen, markdown, plain
from second_look_tricks import TRICKS, Kit, Pictures, cut_out

from screening.decision import Decision
from screening.embedders import open_embedders
from screening.embedders.embedder import Look
from screening.embedders.lite import Lite
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.gathering import CharacterThresholds
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.matching.looks import looks_of
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
TOGETHER_ALONE = -0.015
"""The threshold of both looks together while nothing else was looked at."""

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
        ways, kit = ways_of(screener), _kit(art)
        for name, is_benign, pictures in _packs(cast):
            own = replace(kit, others=[shot.image() for shot in cast.beside(name).others])
            for trick in ["nothing"] if is_benign else arguments.tricks:
                dressed = TRICKS[trick](pictures, replace(own, chance=_chance(name)))
                decision = screener.screen(_written(dressed, arguments.scratch / "pack"))
                rows.append(
                    _screened(screener, ways, decision, name, is_benign=is_benign, trick=trick)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An index that is looked at in one way, and from where on that finds."""

    index: Index
    thresholds: CharacterThresholds


def ways_of(screener: Screener) -> dict[str, Way]:
    """As shipped, as before it, and each look that is no longer together with another."""
    index, shipped = screener.index, screener.policy.characters.thresholds
    identity = next(each for each in index.outputs if each.name == IDENTITY)
    together, whole, part = looks_of(identity)
    alone = replace(shipped, two_sample=TOGETHER_ALONE)
    return {
        "now": Way(index=index, thresholds=shipped),
        "before": Way(index=looking(index, IDENTITY, together), thresholds=alone),
        "whole": Way(index=looking(index, IDENTITY, whole), thresholds=shipped),
        "part": Way(index=looking(index, IDENTITY, part), thresholds=shipped),
    }


def looking(index: Index, output: str, look: Look) -> Index:
    """The same index, by one look at one output alone."""
    own = copy.copy(index)
    seen = (replace(look, single=True),)
    own.outputs = tuple(
        replace(each, looks=seen) if each.name == output else each for each in index.outputs
    )
    return own


def _screened(
    screener: Watched,
    ways: Mapping[str, Way],
    decision: Decision,
    name: str,
    *,
    is_benign: bool,
    trick: str,
) -> Screened:
    read = [] if screener.last is None else screener.last.pictures
    against = None if is_benign else name.replace("/", "-")
    return Screened(
        trick=trick,
        source=name.partition("/")[0],
        benign=is_benign,
        verdict=decision.verdict,
        seen={way: _seen(read, each, against) for way, each in ways.items()},
    )


def _seen(pictures: Sequence[PictureFingerprints], way: Way, against: str | None) -> Seen:
    least = way.thresholds
    statistics = [
        each.two_sample
        for each in Compared.of(pictures, way.index).characters()
        if against in (None, each.character)
        and each.pictures >= least.two_sample_pictures
        and each.references >= least.two_sample_references
    ]
    best = max(statistics, default=-1.0)
    return Seen(statistic=best, found=best >= least.two_sample)


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
