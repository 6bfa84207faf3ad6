"""How many references a character needs: recall by their number, and how well its own tell it.

    python benchmarks/references_needed.py LAID_OUT [--json FILE]

LAID_OUT is a folder that `scripts/fetch_art.py` wrote.

Characters of drawn art that `lite` was not trained on and no threshold was chosen on (splits
calibrate and test), their near-duplicates left out. For each number of references: the share of
packs of 24 other pictures of a character that the default policy flags, the mean over characters
and over each source; `screening.evaluation.expected_recall.MEASURED` is this table. Then what
`expected_recall` tells of 12, 15 and 20 of a character's pictures, against what packs of its other
pictures give.
"""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from screening.embedders import open_embedders
from screening.embedders.embedder import Output
from screening.evaluation.expected_recall import (
    PACK_PICTURES,
    OutputVectors,
    _close,
    _two_sample,
    expected_recall,
)
from screening.evaluation.split import different_pictures
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.index import Background
from screening.index.background import BACKGROUND_PICTURES, embed_background, mean_score
from screening.policy import CharacterPolicy
from screening.settings import Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from fetch_art import split_of

OUTPUT = "lite.identity"
SOURCES = (
    "dink", "comicgen", "office-assistants", "supertux", "wesnoth", "pokemon-sprites", "fillets",
    "ardentryst", "arcade-other",
)  # fmt: skip
SPLITS = ("calibrate", "test")
REFERENCES = (1, 2, 3, 4, 5, 7, 8, 10, 12, 15)
TOLD_BY = (12, 15, 20)
MOST_CHARACTERS = 22
LEAST_FILES, MOST_FILES = 20, 46
DRAWS = 20
SEED = 1

Characters = dict[tuple[str, str], OutputVectors]
THRESHOLDS = CharacterPolicy().thresholds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("laid_out", type=Path, help="what scripts/fetch_art.py wrote")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    characters = characters_of(arguments.laid_out)
    results = {
        "recall": [recall_with(characters, number) for number in REFERENCES],
        "told": [told_by(characters, by, number) for by in TOLD_BY for number in (5, 8, 15)],
    }
    for row in (*results["recall"], *results["told"]):
        print(row)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def characters_of(art: Path) -> Characters:
    """(source, character) -> vectors of its different pictures."""
    settings = Settings()
    files = list(_files(art))
    pictures: dict[str, list[PictureFingerprints]] = {}
    embedders = open_embedders(settings)
    limits, workers = settings.limits, settings.workers
    with Fingerprinter(embedders, limits=limits, workers=workers, mirrored=True) as maker:
        asked = (Picture.of(str(file), file.read_bytes()) for _, file in files)
        for (whose, _), made in zip(files, maker.fingerprint(asked), strict=True):
            if isinstance(made, PictureFingerprints):
                pictures.setdefault("/".join(whose), []).append(made)
    with Fingerprinter(embedders, limits=limits, workers=workers) as maker:
        vectors = embed_background(BACKGROUND_PICTURES, maker, limits)[OUTPUT]
    output = next(each for maker in embedders for each in maker.outputs if each.name == OUTPUT)
    background = Background(vectors=vectors, mean_score=mean_score(vectors))
    return {
        whose: _vectors(different_pictures({"": pictures["/".join(whose)]})[""], output, background)
        for whose in sorted({whose for whose, _ in files})
    }


def _files(art: Path) -> Sequence[tuple[tuple[str, str], Path]]:
    chosen = []
    for source in SOURCES:
        folders = [each for each in sorted((art / source).iterdir()) if each.is_dir()]
        own = {
            folder: sorted(each for each in folder.rglob("*") if each.is_file())
            for folder in folders
            if split_of(folder.name) in SPLITS
        }
        rich = [folder for folder, files in own.items() if len(files) >= LEAST_FILES]
        random.Random(SEED).shuffle(rich)
        for folder in rich[:MOST_CHARACTERS]:
            files = own[folder]
            random.Random(SEED + 1).shuffle(files)
            chosen += [((source, folder.name), file) for file in files[:MOST_FILES]]
    return chosen


def _vectors(
    pictures: Sequence[PictureFingerprints], output: Output, background: Background
) -> OutputVectors:
    straight = np.stack([each.shown.vectors[OUTPUT] for each in pictures])
    mirrored = [
        next(view for view in each.fingerprints if view.mirrored).vectors[OUTPUT]
        for each in pictures
    ]
    return OutputVectors.of(output, straight, np.stack(mirrored), background)


def found_share(vectors: OutputVectors, references: int) -> float:
    """The share of packs that the policy flags, with these many references drawn anew for each."""
    chance = np.random.default_rng([SEED, references])
    found = []
    for _ in range(DRAWS):
        order = chance.permutation(len(vectors))
        known, pack = order[:references], order[references : references + PACK_PICTURES]
        if references < THRESHOLDS.two_sample_references:
            close = _close(vectors, known, pack, THRESHOLDS)
            found.append(close.sum() >= THRESHOLDS.few_pictures)
        else:
            least = THRESHOLDS.two_sample_pictures
            scored = _two_sample(vectors, known, pack, least=least, scale=np.ones(1))
            found.append(scored[0] >= THRESHOLDS.two_sample)
    return float(np.mean(found))


def recall_with(characters: Characters, references: int) -> dict[str, Any]:
    """Of every character with pictures enough for a pack beside so many references."""
    found = {
        whose: found_share(vectors, references)
        for whose, vectors in characters.items()
        if len(vectors) >= references + PACK_PICTURES
    }
    sources = sorted({source for source, _ in found})
    return {
        "references": references,
        "characters": len(found),
        "recall": round(float(np.mean(list(found.values()))), 3),
        "by source": {
            source: round(float(np.mean([x for (of, _), x in found.items() if of == source])), 2)
            for source in sources
        },
    }


def told_by(characters: Characters, pictures: int, references: int) -> dict[str, Any]:
    """What so many of a character's pictures tell, against what packs of it give."""
    chance = np.random.default_rng(SEED)
    told, real, inside = [], [], 0
    for vectors in characters.values():
        count = len(vectors)
        if count < max(pictures, references) + PACK_PICTURES:
            continue
        rows = chance.permutation(count)[:pictures]
        (expected,) = expected_recall([vectors.some(rows)], [references], THRESHOLDS)
        told.append(expected.recall)
        real.append(found_share(vectors, references))
        inside += expected.low <= real[-1] <= expected.high
    return {
        "told by": pictures,
        "references": references,
        "characters": len(told),
        "told": round(float(np.mean(told)), 3),
        "real": round(float(np.mean(real)), 3),
        "mean difference": round(float(np.abs(np.subtract(told, real)).mean()), 3),
        "within the interval": round(inside / len(told), 2),
    }


if __name__ == "__main__":
    main()
