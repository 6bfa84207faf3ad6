"""Make the calibration that ships for `lite`, from fetched art, and say what it is worth.

    python scripts/make_calibration.py --art DIR [--out FILE] [--json FILE] [--characters 128]

`--art` is what `scripts/fetch_art.py DIR` writes. Characters of *tune* are protected, packs of
*calibrate* characters are the benign ones, and those of *test* check what they promise, all of one
domain: art that `lite` may be trained on (other characters of it were). Every drawing is put into
scenes, as pictures of an upload differ, until there are pictures enough. Packs are drawn from
labelled subjects, not uploaded, so the calibration is provisional: it can flag, never block.

Another domain is art that was kept out of training: its packs against the same index, and, which is
what another platform has, against an index of its own.
"""

import argparse
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from screening.calibration import Binding, Calibration, Check, Kind
from screening.calibration.benign import BenignPack, calibrated, checks_of
from screening.calibration.bounds import clopper_pearson
from screening.calibration.calibration import SHIPPED, bucket_of, sizes_of
from screening.embedders import open_embedders
from screening.fingerprints import Fingerprinter, PictureFingerprints
from screening.fingerprints.fingerprinter import Picture
from screening.index import Index, build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.matching import CopySearch
from screening.policy import Policy
from screening.references import Character, ReferenceSet
from screening.references.stored import ReferencePicture
from screening.report.calibration import explain
from screening.screener.benign_packs import Upload, compare_benign
from screening.settings import Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from embedder_art import Art
from embedder_scenes import in_scene
from fetch_art import Use, identity_of, split_of, use_of

REFERENCES = 15
PACK_PICTURES = 24
LEAST_DRAWINGS = 6
"""A character with fewer would be one drawing in many scenes."""

MOST_DRAWINGS = 24
THEMES = frozenset({"arcade-other", "tuxpaint", "fillets"})
"""Sources whose folders are themes (fruit, tiles), not characters."""

JPEG_QUALITY = 90
SEED = 17
ALPHAS = (0.05, 0.01, 0.001)
GROWN = (2, 10)
SOURCE = (
    "packs of openly licensed drawn characters (avatars, game sprites) in drawn scenes; "
    "scripts/make_calibration.py"
)
PROVISIONAL = "packs were drawn from labelled subjects, and are none that people uploaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Characters of one kind of art: split -> source/character -> its drawings."""

    splits: Mapping[str, Mapping[str, Sequence[Path]]]

    @classmethod
    def of(cls, art: Art, *, trained: bool) -> "Domain":
        """One folder of each identity, that with the most drawings."""
        found: dict[str, tuple[str, list[Path]]] = {}
        for source in art.sources:
            if source in THEMES or (use_of(art.root / source) is Use.TRAINING) != trained:
                continue
            for name, paths in art.characters(source, least=LEAST_DRAWINGS).items():
                known = found.get(identity_of(name), ("", []))
                if len(paths) > len(known[1]):
                    found[identity_of(name)] = (f"{source}/{name}", paths)
        splits: dict[str, dict[str, list[Path]]] = {}
        for name, (key, paths) in sorted(found.items()):
            chosen = random.Random(f"{SEED} {key}").sample(paths, min(MOST_DRAWINGS, len(paths)))
            splits.setdefault(split_of(name), {})[key] = chosen
        return cls(splits=splits)

    def some(self, split: str, *, most: int | None) -> dict[str, Sequence[Path]]:
        """Characters of the split, at most ``most`` of them, drawn by lot."""
        found = self.splits[split]
        keys = sorted(found)
        chosen = keys if most is None else random.Random(SEED).sample(keys, min(most, len(keys)))
        return {key: found[key] for key in sorted(chosen)}


class Workshop:
    """Pictures to fingerprints, and those to indexes and uploads."""

    def __init__(self, scratch: Path, workers: int) -> None:
        self.settings = Settings(workers=workers)
        self.embedders = open_embedders(self.settings)
        self.policy = Policy()
        self.scratch = scratch

    def index(self, name: str, characters: Mapping[str, Sequence[Path]]) -> "Protected":
        """With references from every second drawing of each character."""
        with self.open_fingerprinter(mirrored=True) as maker:
            pictures = {
                key: list(fingerprinted(maker, scenes_of(drawings[::2], REFERENCES)))
                for key, drawings in characters.items()
            }
            background = embed_background(BACKGROUND_PICTURES, maker, self.settings.limits)
        folder = self.scratch / name
        build_index(
            folder,
            {name: [
                ReferencePicture(character=key, time_code="", picture=each)
                for key, made in pictures.items()
                for each in made
            ]},
            digests={name: "0" * 64},
            embedders=self.embedders,
            background=background,
        )  # fmt: skip
        record = ReferenceSet(
            id=name,
            work=name,
            rights_holder="",
            characters=tuple(Character(id=key, names=()) for key in characters),
        )
        return Protected(
            index=Index.open(folder, self.embedders), policy=self.policy, records={name: record}
        )

    def uploads(
        self, characters: Mapping[str, Sequence[Path]], protected: "Protected", *, first: int = 0
    ) -> list[Upload]:
        """Subjects, of every drawing from the ``first`` one on in steps of one or two."""
        bits = self.policy.copies.certain_distance_bits
        look = CopySearch(index=protected.index, certain_bits=bits)
        with self.open_fingerprinter() as maker:
            return [
                Upload(
                    name=key,
                    pictures=tuple(
                        fingerprinted(
                            maker, scenes_of(drawings[first :: first + 1], PACK_PICTURES), look
                        )
                    ),
                    is_subject=True,
                )
                for key, drawings in characters.items()
            ]

    def open_fingerprinter(self, *, mirrored: bool = False) -> Fingerprinter:
        return Fingerprinter(
            self.embedders,
            limits=self.settings.limits,
            workers=self.settings.workers,
            mirrored=mirrored,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """An index of protected characters, and what goes with it."""

    index: Index
    policy: Policy
    records: Mapping[str, ReferenceSet]

    @property
    def binding(self) -> Binding:
        return Binding.of(self.index, statistics=self.policy.statistics)

    def packs(self, uploads: Sequence[Upload]) -> list[BenignPack]:
        return list(compare_benign(uploads, self.index, self.policy, self.records))


def scenes_of(drawings: Sequence[Path], count: int) -> Iterator[Picture]:
    """``count`` pictures: every drawing in one scene, then in another."""
    for number in range(count):
        path = drawings[number % len(drawings)]
        file = io.BytesIO()
        in_scene(path, seed=number // len(drawings)).save(file, "JPEG", quality=JPEG_QUALITY)
        yield Picture.of(f"{path.parent.name}-{number:02}.jpg", file.getvalue())


def fingerprinted(
    maker: Fingerprinter, pictures: Iterable[Picture], look: CopySearch | None = None
) -> Iterator[PictureFingerprints]:
    for made in maker.fingerprint(pictures, look=look):
        if isinstance(made, PictureFingerprints):
            yield made
        else:
            raise RuntimeError(f"{made.path} is not a picture that can be read")


def main() -> None:
    arguments = _arguments()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        made, results = measure(Workshop(Path(scratch), arguments.workers), arguments)
    made = for_any_index(made)
    made.save(arguments.out)
    for line in explain(made):
        print(line)
    print(json.dumps(results, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    size = arguments.out.stat().st_size
    print(f"{arguments.out}: {size} bytes, {time.perf_counter() - started:.0f} seconds")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--characters", type=int, default=128, help="most protected characters")
    parser.add_argument("--packs", type=int, help="most subjects of benign packs, for a short run")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def measure(
    workshop: Workshop, arguments: argparse.Namespace
) -> tuple[Calibration, dict[str, object]]:
    art = Art(arguments.art)
    own, other = Domain.of(art, trained=True), Domain.of(art, trained=False)
    cast = own.some("tune", most=arguments.characters)
    protected = workshop.index("protected", cast)

    def packs(split: str) -> list[BenignPack]:
        characters = own.some(split, most=arguments.packs)
        drawn = protected.packs(workshop.uploads(characters, protected))
        print(f"{len(characters)} subjects, {len(drawn)} packs", file=sys.stderr, flush=True)
        return drawn

    benign, check = packs("calibrate"), packs("test")
    made = calibrated(
        benign,
        check,
        binding=protected.binding,
        source=SOURCE,
        provisional=PROVISIONAL,
        alphas=workshop.policy.alphas,
    )
    elsewhere = workshop.index("elsewhere", other.some("tune", most=arguments.characters))
    strangers = workshop.uploads(other.some("test", most=arguments.packs), protected)
    results: dict[str, object] = {
        "same domain": _rates(made, check),
        "another domain, the same index": _rates(made, protected.packs(strangers)),
        "another domain, an index of its own": _rates(
            made, elsewhere.packs([replace(each, with_pixels=False) for each in strangers])
        ),
        "grown": {times: _grown(benign, check, protected.binding, times) for times in GROWN},
        "found": _found(made, protected.packs(workshop.uploads(cast, protected, first=1))),
    }
    return made, results


def for_any_index(made: Calibration) -> Calibration:
    """Bound to no characters: nobody who uses what ships protects those that it was made against.

    And without copies: avatars of one generator copy each other, other art does not.
    """
    return replace(
        made,
        binding=made.binding.for_any_index,
        buckets=tuple(
            replace(each, statistics={Kind.CHARACTERS: each.statistics[Kind.CHARACTERS]})
            for each in made.buckets
        ),
        checks=tuple(each for each in made.checks if each.kind is Kind.CHARACTERS),
        suspects=(),
    )


def _rates(calibration: Calibration, packs: Sequence[BenignPack]) -> list[dict[str, object]]:
    """Realised over nominal, all sizes and by size."""
    sizes = {bucket_of(each.different_pictures) for each in packs}
    parts = {"all sizes": list(packs)} | {
        sizes_of(size): [each for each in packs if bucket_of(each.different_pictures) == size]
        for size in sorted(sizes)
    }
    return [
        {"packs of": name, **_rate(check)}
        for name, part in parts.items()
        for check in checks_of(calibration, part, {})
    ]


def _rate(check: Check) -> dict[str, object]:
    low, high = clopper_pearson(check.flagged, check.packs)
    return {
        **asdict(check),
        "realised / nominal": round(check.flagged / check.packs / check.alpha, 2),
        "at 95 %": [round(low / check.alpha, 2), round(high / check.alpha, 2)],
    }


def _grown(
    benign: Sequence[BenignPack], check: Sequence[BenignPack], binding: Binding, times: int
) -> list[dict[str, object]]:
    """Calibrated with a part of the characters, asked with all: p-values as they are, and grown.

    The rule of the package multiplies them, up to twice the characters.
    """
    everyone = sorted({key for each in benign for key in each.strengths[Kind.CHARACTERS]})
    part = set(random.Random(SEED).sample(everyone, max(1, len(everyone) // times)))
    made = calibrated(
        [_against(each, part) for each in benign],
        [],
        binding=replace(binding, characters=len(part)),
        source="",
        provisional="",
        alphas={},
    )
    return [
        {"p-values times": round(growth, 2), **_rate(row)}
        for growth in (1.0, len(everyone) / len(part))
        for row in checks_of(made, check, {}, growth=growth)
        if row.kind is Kind.CHARACTERS
    ]


def _against(pack: BenignPack, characters: set[tuple[str, str]]) -> BenignPack:
    strengths = pack.strengths[Kind.CHARACTERS]
    kept = {key: by for key, by in strengths.items() if key in characters}
    return replace(pack, strengths={Kind.CHARACTERS: kept})


def _found(calibration: Calibration, packs: Sequence[BenignPack]) -> list[dict[str, object]]:
    """How many packs of protected characters, in drawings that no reference shows, are flagged."""
    rows: list[dict[str, object]] = []
    growth = dict.fromkeys(Kind, 1.0)
    for size in sorted({bucket_of(each.different_pictures) for each in packs}):
        part = [each for each in packs if bucket_of(each.different_pictures) == size]
        own = [max(each.strengths[Kind.CHARACTERS].values(), default=-1.0) for each in part]
        rule = calibration.yardstick(part[0].different_pictures, growth)
        for alpha in ALPHAS:
            limit = rule.limit(Kind.CHARACTERS, alpha)
            if limit is not None:
                rows.append({
                    "packs of": sizes_of(size),
                    "alpha": alpha,
                    "packs": len(part),
                    "flagged": round(sum(by > limit for by in own) / len(part), 3),
                })  # fmt: skip
        by_score = round(sum(by >= 0 for by in own) / len(part), 3)
        rows.append({"packs of": sizes_of(size), "by score alone": by_score, "packs": len(part)})
    return rows


if __name__ == "__main__":
    main()
