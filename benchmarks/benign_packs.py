"""What the default policy says of thousands of benign packs: how many are flagged, is any blocked?

    python benchmarks/benign_packs.py --art DIR [--packs 3200] [--json FILE]

`--art` is what `scripts/fetch_art.py DIR` writes. Characters of *tune* are protected, as in
`scripts/make_calibration.py`; packs are of *test* characters, which chose nothing, of the same art
and of art that no training saw: a quarter each of 24 pictures and of 10 pictures of one character,
of 24 of many characters by one hand, and of 24 of many by any. Every picture is a drawing in a
scene, fingerprinted once and then drawn into many packs, so packs share pictures: the intervals are
over packs as if they did not. Avatars of generators are told apart from other art: those of one
generator are put together from the same drawn parts, and share them with protected ones. Judged by
the score, and again by the calibration that ships, at 1 %.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from embedder_art import Art

from screening.calibration import Calibration
from screening.calibration.bounds import clopper_pearson
from screening.calibration.calibration import SHIPPED
from screening.decision import Decision
from screening.fingerprints import PictureFingerprints
from screening.matching import CopySearch
from screening.names import NameMatcher
from screening.packs import open_pack
from screening.policy import Policy, Verdict
from screening.screener.case import Case
from screening.screener.reading import PackReading

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from make_calibration import Domain, Protected, Workshop, fingerprinted, scenes_of

PICTURES = 48
"""Made of each character; a pack holds at most half of them."""

PROTECTED = 128
SEED = 29
AVATARS = "dicebear"
ARTS = ("other art", "avatars of generators")
KINDS = (
    "24 pictures of one character",
    "10 pictures of one character",
    "24 of many, by one hand",
    "24 of many, by any hand",
)

Subjects = Mapping[str, Sequence[PictureFingerprints]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--packs", type=int, default=3200)
    parser.add_argument("--only", choices=ARTS, action="append", help="one kind of art alone")
    parser.add_argument("--characters", type=int, help="most characters of packs, for a short run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        results = measure(Workshop(Path(scratch), arguments.workers), Path(scratch), arguments)
    print(table(results))
    print(f"\n{time.perf_counter() - started:.0f} seconds")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def measure(workshop: Workshop, scratch: Path, arguments: argparse.Namespace) -> dict[str, object]:
    art = Art(arguments.art)
    domains = [Domain.of(art, trained=trained) for trained in (True, False)]
    protected = workshop.index("protected", domains[0].some("tune", most=PROTECTED))
    drawings = {
        key: paths
        for domain in domains
        for key, paths in domain.some("test", most=arguments.characters).items()
        if art_of(key) in (arguments.only or ARTS)
    }
    bits = workshop.policy.copies.certain_distance_bits
    look = CopySearch(index=protected.index, certain_bits=bits)
    with workshop.open_fingerprinter() as maker:
        subjects = {
            key: list(fingerprinted(maker, scenes_of(paths, PICTURES), look))
            for key, paths in drawings.items()
        }
    print(f"{len(subjects)} characters, {PICTURES} pictures each", file=sys.stderr, flush=True)
    empty = scratch / "empty"
    empty.mkdir()
    shipped = Calibration.load(SHIPPED)
    results: dict[str, object] = {"protected": PROTECTED, "pictures of each": PICTURES}
    for art_kind in arguments.only or ARTS:
        some = {key: made for key, made in subjects.items() if art_of(key) == art_kind}
        rows: dict[str, object] = {}
        for kind in KINDS:
            packs = list(_packs(kind, some, arguments.packs // len(KINDS)))
            rows[kind] = {
                how: _counted([_judged(pack, protected, calibration, empty) for pack in packs])
                for how, calibration in (("score", None), ("calibration", shipped))
            }
            print(art_kind, kind, rows[kind], file=sys.stderr, flush=True)
        results[art_kind] = {"characters": len(some), "packs": rows}
    return results


def art_of(key: str) -> str:
    """Which of `ARTS` a character is of."""
    return ARTS[key.startswith(AVATARS)]


def _packs(kind: str, subjects: Subjects, count: int) -> Iterator[list[PictureFingerprints]]:
    chance = random.Random(f"{SEED} {kind}")
    names = sorted(subjects)
    chance.shuffle(names)
    hands: dict[str, list[str]] = {}
    for name in names:
        hands.setdefault(name.partition("/")[0], []).append(name)
    for number in range(count):
        one = names[number % len(names)]
        if kind == KINDS[0]:
            yield chance.sample(subjects[one], 24)
        elif kind == KINDS[1]:
            yield chance.sample(subjects[one], 10)
        else:
            of = hands[one.partition("/")[0]] if kind == KINDS[2] else names
            yield [chance.choice(subjects[chance.choice(of)]) for _ in range(24)]


def _judged(
    pictures: Sequence[PictureFingerprints],
    protected: Protected,
    calibration: Calibration | None,
    empty: Path,
) -> Decision:
    """As `Screener.screen` judges a pack that holds nothing but pictures."""
    different = list({each.sha256: each for each in pictures}.values())
    growth = None if calibration is None else calibration.binding.growth(protected.binding)
    case = Case(
        pack=open_pack(empty),
        pictures=different,
        reading=PackReading(),
        index=protected.index,
        policy=Policy(),
        calibration=calibration,
        growth=growth,
        records=protected.records,
        names=NameMatcher([]),
        uploader="",
        today=date(2026, 1, 1),
    )
    return case.decide()


def _counted(decisions: Sequence[Decision]) -> dict[str, object]:
    flagged = sum(each.verdict is not Verdict.ALLOW for each in decisions)
    blocked = sum(each.verdict is Verdict.BLOCK for each in decisions)
    return {
        "packs": len(decisions),
        "flagged": flagged,
        "flagged at 95 %": [round(each, 4) for each in clopper_pearson(flagged, len(decisions))],
        "blocked": blocked,
        "blocked at 95 %": [round(each, 4) for each in clopper_pearson(blocked, len(decisions))],
        "by copies": sum(bool(each.evidence.copies) for each in decisions),
        "by character": sum(bool(each.evidence.characters) for each in decisions),
        "blocked by": sorted(
            {
                reason.text
                for each in decisions
                if each.verdict is Verdict.BLOCK
                for reason in each.reasons
            }
        )[:20],
    }


def table(results: Mapping[str, Any]) -> str:
    lines = [
        "| benign packs | judged by | packs | flagged | blocked | with copies | with a character |",
        "|---|---|---|---|---|---|---|",
    ]
    for art_kind in ARTS:
        for kind, judged in results.get(art_kind, {"packs": {}})["packs"].items():
            for how, found in judged.items():
                low, high = found["flagged at 95 %"]
                lines.append(
                    f"| {art_kind}, {kind} | {how} | {found['packs']} "
                    f"| {found['flagged'] / found['packs']:.2%} ({low:.2%}-{high:.2%}) "
                    f"| {found['blocked']} | {found['by copies']} | {found['by character']} |"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
