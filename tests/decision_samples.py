"""Decisions to write and to show: hand-made ones, and those that Hypothesis makes."""

import hashlib
from datetime import UTC, datetime

from hypothesis import strategies as st

from screening.decision import CharacterName, Decision, PackSummary, PictureUse, Times, Versions
from screening.evidence import (
    CharacterEvidence,
    CopyEvidence,
    Evidence,
    NameEvidence,
    Rank,
    Statistic,
)
from screening.fingerprints.fingerprint import Region
from screening.judging import Findings, decide
from screening.matching import Match, ReferenceImage, Transform
from screening.packs import Ignored, Manifest, Role, Unscreened
from screening.policy import Policy, Reason, Standing, Verdict

ESCAPES = "\x1b[31mred\x1b[0m.png"
ELEMENTS = '<script>document.title="run"</script>"><img src=http://evil.invalid/x>.png'
OVERRIDE = "\u202egnp.exe\u202c\u200b.png"
LINES = "one\r\ntwo\tthree\u2028.png"
LONG = "A" * 2000 + "<b>" + "B" * 1997
NOT_UTF8 = "caf\udce9.png"
MARKUP = "[bold red]not markup[/] {{ 7 * 7 }} {% raw %}.png"
HOSTILE = (ESCAPES, ELEMENTS, OVERRIDE, LINES, LONG, NOT_UTF8, MARKUP)

BUNNY = CharacterName(
    reference_set="big-buck-bunny",
    character="bunny",
    name="Bunny",
    work="Big Buck Bunny",
    rights_holder="Blender Foundation",
)
ROBOT = CharacterName(
    reference_set="toons", character="robot", name="Robot", work="Toons", rights_holder=""
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def match(path: str, number: int = 0, *, named: CharacterName = BUNNY, bits: int = 12) -> Match:
    """A copy, found by its hash."""
    reference = ReferenceImage(
        reference_set=named.reference_set,
        character=named.character,
        path=f"images/{named.character}/{number:03d}.jpg",
        time_code=f"00:00:{number:02d}.040" if named is BUNNY else "",
    )
    return Match(
        path=path,
        view="",
        reference=reference,
        method="phash-256",
        transform=Transform.MIRRORED if number % 2 else Transform.NONE,
        distance_bits=bits,
        verified=True,
    )


def part(path: str, *, named: CharacterName = BUNNY) -> Match:
    """A copy of the left half of a reference, found by keypoints in a corner of the picture."""
    return Match(
        path=path,
        view="",
        reference=match(path, named=named).reference,
        method="orb-500",
        transform=Transform.NONE,
        inliers=31,
        agreement=0.98,
        region=Region(left=0.5, top=0, right=1, bottom=0.5),
        reference_region=Region(left=0, top=0, right=0.5, bottom=1),
        verified=True,
    )


def alike(path: str, score: float, *, named: CharacterName = ROBOT) -> Match:
    """A picture that looks like a reference image to an embedder."""
    reference = ReferenceImage(
        reference_set=named.reference_set, character=named.character, path="images/robot/9.png"
    )
    return Match(
        path=path,
        view="frame 2",
        reference=reference,
        method="lite.identity",
        transform=Transform.NONE,
        score=score,
    )


def copies(*paths: str, named: CharacterName = BUNNY, repeats: int = 1) -> CopyEvidence:
    return CopyEvidence(
        reference_set=named.reference_set,
        character=named.character,
        matches=tuple(match(path, i, named=named) for i, path in enumerate(paths)),
        different_pictures=len(paths),
        certain_pictures=len(paths),
        weighted_pictures=len(paths) * repeats,
    )


def character(
    *paths: str, named: CharacterName = ROBOT, share: float = 1.0, few: bool = False
) -> CharacterEvidence:
    return CharacterEvidence(
        reference_set=named.reference_set,
        character=named.character,
        output="lite.identity",
        statistic=Statistic.FEW_PICTURES if few else Statistic.TWO_SAMPLE,
        score=0.25,
        threshold=-0.1,
        share=share,
        pictures=len(paths),
        references=9,
        matches=tuple(alike(path, 0.9 - i / 100, named=named) for i, path in enumerate(paths)),
    )


def name(
    text: str = "big buck bunny",
    *paths: str,
    named: CharacterName = BUNNY,
    distinctive: bool = True,
    counts: bool = True,
    source: str = "caption",
) -> NameEvidence:
    return NameEvidence(
        reference_set=named.reference_set,
        character=named.character,
        name=text,
        distinctive=distinctive,
        source=source,
        paths=paths,
        counts=counts,
    )


def unscreened(path: str, reason: str = "the archive is encrypted") -> Unscreened:
    return Unscreened(path=path, reason=reason)


def decision(
    evidence: Evidence = Evidence(),  # noqa: B008 - frozen
    *,
    pictures: tuple[str, ...] = ("a.png",),
    unscreened: tuple[Unscreened, ...] = (),
    ignored: tuple[Ignored, ...] = (),
    pack: str = "my pack",
    uploader: str = "",
    standing: tuple[Standing, str] = (Standing.COUNTS, ""),
) -> Decision:
    """What the default policy decides on ``evidence``, with everything around it."""
    verdict, reasons = decide(
        Findings(
            evidence=evidence,
            pictures=len(pictures),
            unscreened=len(unscreened),
            first_unscreened=[each.path for each in unscreened[:3]],
            characters_in_index=41,
        ),
        Policy(),
        name_of=lambda _, character: character.title(),
        standing_of=lambda *_: standing,
    )
    digests = {each.path: each.sha256 for each in (*unscreened, *ignored)}
    digests |= {path: sha256(path) for path in pictures}
    manifest = Manifest.of(digests.items())
    return Decision(
        verdict=verdict,
        reasons=reasons,
        pack=PackSummary(
            name=pack,
            sha256=manifest.sha256,
            trainer="sd-scripts",
            members=len(digests),
            screened=len(digests) - len(unscreened) - len(ignored),
            unscreened=len(unscreened),
            ignored=len(ignored),
            pictures=len(pictures),
            different_pictures=len(pictures),
        ),
        evidence=evidence,
        named=(BUNNY, ROBOT),
        unscreened=unscreened,
        ignored=ignored,
        manifest=manifest,
        versions=Versions(
            screening="0.1.0",
            index=sha256("index"),
            policy=Policy().sha256,
            reference_sets={"toons": "2", "big-buck-bunny": "1"},
            makers={"phash-256": "imagehash 4.3.2", "lite": "1"},
        ),
        times=Times(started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), seconds=0.75),
        uploader=uploader,
    )


def hostile_decision() -> Decision:
    """Every place where a stranger's text stands holds every hostile name."""
    return decision(
        Evidence(
            copies=(copies(*HOSTILE),),
            characters=(character(*HOSTILE),),
            names=(name("bunny", *HOSTILE), name("bunny", *HOSTILE, source="file name")),
        ),
        pictures=HOSTILE,
        unscreened=tuple(unscreened(f"!{each}", f"cannot be read: {each}") for each in HOSTILE),
        ignored=tuple(Ignored(path=f"~{each}", reason=f"odd: {each}") for each in HOSTILE),
        pack=ELEMENTS,
        uploader=ESCAPES,
    )


def full_decision() -> Decision:
    return decision(
        Evidence(
            copies=(copies(*(f"shot{i}.jpg" for i in range(14)), repeats=10),),
            characters=(character("r1.png", "r2.png"),),
            names=(
                name("big buck bunny", "shot1.txt"),
                name("bunny", "bunny.png", distinctive=False, counts=False, source="file name"),
            ),
        ),
        pictures=tuple(f"shot{i}.jpg" for i in range(24)),
        unscreened=(unscreened("latents.npz", "cached latents"), unscreened("inner.zip")),
        ignored=(Ignored(path=".DS_Store", reason="holds no picture and no text"),),
        uploader="u-1",
    )


# Any text, lone surrogates too: JSON in a pack can hold them.
texts = st.text(st.characters(), max_size=12)
words = st.text("abcz-", min_size=1, max_size=6)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
counts = st.integers(0, 10**6)
# Six decimals are kept; what is written with six comes back as it was.
scores = st.integers(-(10**7), 10**7).map(lambda millionths: millionths / 10**6)
ranks = st.none() | st.builds(
    Rank,
    exceeded_by=counts,
    benign_packs=counts,
    p_value=st.integers(0, 1000).map(lambda thousandths: thousandths / 1000),
    provisional=st.booleans(),
)
members = st.tuples(texts, st.none() | hashes)

references = st.builds(
    ReferenceImage, reference_set=words, character=words, path=texts, time_code=texts
)
shares = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
regions = st.builds(Region, left=shares, top=shares, right=shares, bottom=shares)
_pair = {
    "path": texts,
    "view": texts,
    "reference": references,
    "transform": st.sampled_from(Transform),
    "verified": st.booleans(),
    "shared_with": st.none() | references,
}
matches = st.one_of(
    st.builds(Match, **_pair, method=st.just("phash-256"), distance_bits=st.integers(0, 256)),
    st.builds(
        Match,
        **_pair,
        method=st.just("orb-500"),
        inliers=st.integers(0, 500),
        agreement=shares,
        region=regions,
        reference_region=regions,
    ),
    st.builds(Match, **_pair, method=st.sampled_from(["lite.copy", "clip"]), score=scores),
)
many_matches = st.lists(matches, max_size=3).map(tuple)
evidences = st.builds(
    Evidence,
    copies=st.lists(
        st.builds(
            CopyEvidence,
            reference_set=words,
            character=words,
            matches=many_matches,
            different_pictures=counts,
            certain_pictures=counts,
            weighted_pictures=counts,
            rank=ranks,
        ),
        max_size=3,
    ).map(tuple),
    characters=st.lists(
        st.builds(
            CharacterEvidence,
            reference_set=words,
            character=words,
            output=words,
            statistic=st.sampled_from(Statistic),
            score=scores,
            threshold=scores,
            share=st.sampled_from([0.25, 0.5, 1.0]),
            pictures=counts,
            references=counts,
            matches=many_matches,
            rank=ranks,
        ),
        max_size=3,
    ).map(tuple),
    names=st.lists(
        st.builds(
            NameEvidence,
            reference_set=words,
            character=words,
            name=texts,
            distinctive=st.booleans(),
            source=st.sampled_from(["caption", "trigger word", "file name", "text"]),
            paths=st.lists(texts, max_size=3).map(tuple),
            counts=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)
unread = {"path": texts, "reason": texts, "sha256": st.none() | hashes}
decisions = st.builds(
    Decision,
    verdict=st.sampled_from(Verdict),
    reasons=st.lists(
        st.builds(
            Reason,
            verdict=st.sampled_from(Verdict),
            code=st.sampled_from(["copies", "copies-licensed", "no-pictures"]),
            text=texts.filter(bool),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    pack=st.builds(
        PackSummary,
        name=texts,
        sha256=hashes,
        trainer=texts,
        members=counts,
        screened=counts,
        unscreened=counts,
        ignored=counts,
        pictures=counts,
        different_pictures=counts,
    ),
    evidence=evidences,
    named=st.lists(
        st.builds(
            CharacterName,
            reference_set=words,
            character=words,
            name=texts,
            work=texts,
            rights_holder=texts,
        ),
        max_size=2,
    ).map(tuple),
    unscreened=st.lists(st.builds(Unscreened, **unread), max_size=2).map(tuple),
    ignored=st.lists(st.builds(Ignored, **unread), max_size=2).map(tuple),
    manifest=st.lists(members, max_size=4, unique_by=lambda each: each[0]).map(Manifest.of),
    uses=st.lists(
        st.builds(
            PictureUse, path=texts, role=st.sampled_from(Role).map(str), loaded=st.booleans()
        ),
        max_size=2,
    ).map(tuple),
    versions=st.builds(
        Versions,
        screening=texts,
        index=texts,
        policy=hashes,
        calibration=st.just("") | hashes,
        reference_sets=st.dictionaries(words, texts, max_size=2),
        makers=st.dictionaries(words, texts, max_size=2),
    ),
    times=st.builds(
        Times,
        started=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)),
        seconds=st.integers(0, 10**9).map(lambda millionths: millionths / 10**6),
    ),
    uploader=texts,
    remarks=st.lists(texts, max_size=2).map(tuple),
)
