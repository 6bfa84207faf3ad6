"""Whole packs through `Screener` with the default policy: benign ones, and ones with copies."""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from untouched_art import Art, Parts, opened

from screening.embedders import open_embedders
from screening.evaluation.edits import EDITS, edited
from screening.evidence import Evidence
from screening.fingerprints import Fingerprinter
from screening.index import build_index
from screening.index.background import BACKGROUND_PICTURES, embed_background
from screening.policy import Verdict
from screening.references import Character, References, ReferenceSet
from screening.references.intake import Candidate, add_references
from screening.references.stored import refresh
from screening.screener import Screener
from screening.settings import Settings

PACK = 24
CHARACTERS = 20
MOST_REFERENCES = 15
FEWEST_PICTURES = 10
PACKS_WITH_COPIES = 40
COPIES = (1, 3, 24)
SEED = 2
BENIGN = ("benign, one other subject", "benign, many subjects of one style")


def kind_with_copies(count: int) -> str:
    return f"{count} edited {'copy' if count == 1 else 'copies'} of one subject"


def pack_results(parts: Parts, scratch: Path, benign: int, *, workers: int) -> dict[str, Any]:
    """Kind of pack -> how many there were, were flagged (or blocked), and were blocked."""
    chance = random.Random(SEED)
    protected = _characters(parts)
    settings = _index(protected, scratch / "packs", workers)
    rows: dict[str, Any] = {}
    with Screener.open(settings=settings) as screener:
        for kind, packs in _kinds(parts, protected, benign, chance):
            rows[kind] = _screened(screener, kind, packs, scratch / "pack")
    return rows


def _characters(parts: Parts) -> dict[str, list[Art]]:
    """The protected subjects with the most pictures, a few references of each."""
    groups = sorted(_by_subject(parts.protected).values(), key=lambda each: -len(each))
    return {each[0].subject: each[:MOST_REFERENCES] for each in groups[:CHARACTERS]}


def _by_subject(pictures: Sequence[Art]) -> dict[str, list[Art]]:
    groups: dict[str, list[Art]] = {}
    for each in pictures:
        groups.setdefault(each.subject, []).append(each)
    return groups


def _index(characters: Mapping[str, Sequence[Art]], folder: Path, workers: int) -> Settings:
    settings = Settings(index=folder / "index", references=folder / "sets", workers=workers)
    numbered = {f"c{number}": art for number, art in enumerate(characters.values())}
    record = ReferenceSet(
        id="work",
        work="Work",
        rights_holder="Somebody",
        characters=tuple(Character(id=each, names=()) for each in numbered),
    )
    record.save(settings.references)
    embedders = open_embedders(settings)
    with Fingerprinter(embedders, limits=settings.limits, workers=workers, mirrored=True) as maker:
        for character, pictures in numbered.items():
            candidates = [
                Candidate(name=f"{number}.png", data=each.path.read_bytes())
                for number, each in enumerate(pictures)
            ]
            add_references(record, settings.references, character, candidates, maker)
        stored, _ = refresh(record, settings.references / record.id, maker)
        background = embed_background(BACKGROUND_PICTURES, maker, settings.limits)
    build_index(
        settings.index,
        {record.id: stored},
        digests={record.id: References(settings.references).digest(record.id)},
        embedders=embedders,
        background=background,
    )
    return settings


def _kinds(
    parts: Parts, protected: Mapping[str, Sequence[Art]], benign: int, chance: random.Random
) -> Iterator[tuple[str, list[list[bytes]]]]:
    groups = [
        each for each in _by_subject(parts.benign).values() if len(each) >= FEWEST_PICTURES
    ]  # fmt: skip
    ones = [[_file(each) for each in group[:PACK]] for group in groups[: benign // 2]]
    yield BENIGN[0], ones
    styles = sorted({each.style for each in parts.benign})
    mixed = [
        [_file(each) for each in _mixed(parts, styles[number % len(styles)], chance)]
        for number in range(benign - len(ones))
    ]
    yield BENIGN[1], mixed
    for count in COPIES:
        packs = []
        for _ in range(PACKS_WITH_COPIES):
            references = chance.choice(list(protected.values()))
            style = references[0].style
            others = _mixed(parts, style if style in styles else chance.choice(styles), chance)
            copies = [
                _copy(chance.choice(references), chance.choice(others), chance)
                for _ in range(count)
            ]
            packs.append(copies + [_file(each) for each in others[count:]])
        yield kind_with_copies(count), packs


def _mixed(parts: Parts, style: str, chance: random.Random) -> list[Art]:
    return chance.sample([each for each in parts.benign if each.style == style], PACK)


def _file(art: Art) -> bytes:
    return edited(opened(art.path), "", seed=0, other=opened(art.path))[1]


def _copy(art: Art, other: Art, chance: random.Random) -> bytes:
    name, seed = chance.choice(list(EDITS)), chance.randrange(10**6)
    return edited(opened(art.path), name, seed=seed, other=opened(other.path))[1]


def _screened(
    screener: Screener, kind: str, packs: Sequence[Sequence[bytes]], folder: Path
) -> dict[str, Any]:
    flagged = blocked = by_copies = by_character = 0
    for number, pack in enumerate(packs):
        place = folder / kind / f"p{number}"
        place.mkdir(parents=True)
        for position, data in enumerate(pack):
            (place / f"{position:02}.jpg").write_bytes(data)
        decision = screener.screen(place)
        flagged += decision.verdict is not Verdict.ALLOW
        blocked += decision.verdict is Verdict.BLOCK
        by_copies += bool(decision.evidence.copies)
        by_character += bool(decision.evidence.characters)
        if kind.startswith("benign") and decision.evidence.copies:
            print(f"{kind} {number}: {decision.verdict}, {_told(decision.evidence)}")
    return {
        "packs": len(packs),
        "flagged": flagged,
        "blocked": blocked,
        "with copy evidence": by_copies,
        "with character evidence": by_character,
    }


def _told(evidence: Evidence) -> str:
    """What a benign pack was said to copy."""
    return "; ".join(
        f"{match.path} ~ {match.reference.path} ({match.method}"
        f" {match.distance_bits or match.inliers or match.score})"
        for found in evidence.copies
        for match in found.matches[:3]
    )
