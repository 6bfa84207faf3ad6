"""Benign packs: kept and read again, compared as uploads are, and what decisions make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from index_samples import (
    DIMENSION,
    VECTOR,
    Direct,
    built,
    fingerprint,
    flipped,
    picture,
    random_hash,
    references,
    units,
)

from screening.calibration import Binding, Calibration, Kind
from screening.calibration.benign import BenignPack, calibrated
from screening.decision import Decision
from screening.errors import CalibrationUnusable
from screening.evidence import CharacterEvidence
from screening.fingerprints import PictureFingerprints
from screening.fingerprints.fingerprint import Maker
from screening.fingerprints.table import FingerprintWriter
from screening.index import Index
from screening.names import NameMatcher
from screening.packs import open_pack
from screening.policy import CharacterPolicy, CopyPolicy, Policy, Scope, Verdict
from screening.references import Character, ReferenceSet, Status
from screening.screener.benign_packs import (
    Upload,
    compare_benign,
    held_out_of,
    keep,
    read_kept,
    without_repeats,
)
from screening.screener.case import Case
from screening.screener.comparing import characters_in_force
from screening.screener.reading import PackReading

MAKERS = (Maker(name="phash-256", version="1"), Maker(name="direct", version="1"))
RECORDS = {
    name: ReferenceSet(
        id=name,
        work=f"Work of {name}",
        rights_holder="Studio",
        characters=(Character(id=who, names=()),),
    )
    for name, who in (("set", "hero"), ("other", "witch"))
}
HERO, WITCH = ("set", "hero"), ("other", "witch")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("index")
    sets = {"set": references(10), "other": references(10, character="witch", seed=1)}
    return built(folder / "index", sets)


def pack(seed: int, pictures: int = 6, *, copies: int = 0, folder: str = "") -> Upload:
    """Pictures of nothing, the first ones with hashes of references."""
    chance = np.random.default_rng([seed, pictures])
    known = [each.picture.shown.hashes.phash for each in references(10)]
    made = [
        picture(
            f"{folder}{number}.png",
            fingerprint(
                flipped(known[number], 2) if number < copies else random_hash(chance), vector
            ),
        )
        for number, vector in enumerate(units(chance, pictures))
    ]
    return Upload(
        name=f"pack {seed}",
        pictures=tuple(replace(each, sha256=f"{seed}/{each.path}".encode().hex()) for each in made),
    )


def measured(
    uploads: Sequence[Upload], index: Index, records: Mapping[str, ReferenceSet] = RECORDS
) -> list[BenignPack]:
    return list(compare_benign(uploads, index, Policy(), records))


def calibration(packs: Sequence[BenignPack], index: Index, provisional: str = "") -> Calibration:
    policy = Policy()
    binding = Binding.of(index, statistics=policy.statistics)
    return calibrated(
        packs, [], binding=binding, source="", provisional=provisional, alphas=policy.alphas
    )


def decide(
    pictures: Sequence[PictureFingerprints],
    index: Index,
    made: Calibration | None,
    tmp_path: Path,
    policy: Policy = Policy(),  # noqa: B008
    growth: float = 1.0,
) -> Decision:
    tmp_path.joinpath("upload").mkdir(exist_ok=True)
    return Case(
        pack=open_pack(tmp_path / "upload"),
        pictures=pictures,
        reading=PackReading(),
        index=index,
        policy=policy,
        calibration=made,
        growth=None if made is None else dict.fromkeys(Kind, growth),
        records=RECORDS,
        names=NameMatcher([]),
        uploader="",
        today=date(2026, 1, 1),
    ).decide()


def of(decision: Decision, named: tuple[str, str]) -> CharacterEvidence | None:
    return next(
        (e for e in decision.evidence.characters if (e.reference_set, e.character) == named), None
    )


def test_kept_packs_come_back_with_their_pictures(tmp_path: Path) -> None:
    uploads = [pack(1), replace(pack(2), name="pack 1", is_subject=True), pack(3, 1)]
    keep(uploads, tmp_path / "kept.parquet", makers=MAKERS, outputs=Direct().outputs)
    back = read_kept(tmp_path / "kept.parquet", MAKERS)
    assert [(e.name, e.is_subject, e.digest) for e in back] == [
        (e.name, e.is_subject, e.digest) for e in uploads
    ]
    assert not any(each.with_pixels for each in back)
    (one,) = back[2].pictures
    assert np.array_equal(one.shown.vectors[VECTOR], uploads[2].pictures[0].shown.vectors[VECTOR])


def test_fingerprints_of_others_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept.parquet"
    keep([pack(1)], file, makers=MAKERS, outputs=Direct().outputs)
    with pytest.raises(CalibrationUnusable, match=r"direct 1, not of"):
        read_kept(file, (MAKERS[0], Maker(name="direct", version="2")))
    with FingerprintWriter(file, makers=MAKERS, outputs=Direct().outputs) as writer:
        writer.write(pack(1).pictures[0])
    with pytest.raises(CalibrationUnusable, match="not of benign packs"):
        read_kept(file, MAKERS)


def test_a_pack_that_comes_again_counts_once() -> None:
    empty = replace(pack(4), pictures=())
    uploads = without_repeats([pack(1), replace(pack(1), name="copy"), empty, pack(2)])
    assert sorted(each.digest for each in uploads) == sorted([pack(1).digest, pack(2).digest])


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.2, 2), (0.9, 9)])
def test_held_out_packs_are_never_calibrated_with(share: float, count: int) -> None:
    uploads = [pack(seed, 1) for seed in range(10)]
    others, held = held_out_of(uploads, share)
    assert len(held) == count
    assert {each.digest for each in (*others, *held)} == {each.digest for each in uploads}
    assert len(others) + len(held) == len(uploads)
    again = held_out_of(uploads[::-1], share)[1]
    assert {each.digest for each in again} == {each.digest for each in held}


@pytest.mark.parametrize("pictures", [0, 1, 2, 3, 6])
def test_a_benign_pack_has_one_statistic_of_each_kind(index: Index, pictures: int) -> None:
    (made,) = measured([pack(1, pictures)], index)
    assert made.different_pictures == pictures
    assert made.statistics.keys() == ({*Kind} if pictures > 1 else {Kind.COPIES})
    assert made.statistics[Kind.COPIES] == 0
    if pictures > 1:
        assert made.strengths[Kind.CHARACTERS].keys() == {HERO, WITCH}


def test_copies_are_counted_only_while_the_pixels_were_there(index: Index) -> None:
    upload = pack(1, copies=3)
    (fresh,), (kept,) = (
        measured([upload], index),
        measured([replace(upload, with_pixels=False)], index),
    )
    assert fresh.statistics[Kind.COPIES] == 3
    assert Kind.COPIES not in kept.statistics
    assert fresh.strengths[Kind.CHARACTERS] == kept.strengths[Kind.CHARACTERS]


def test_disabled_sets_are_not_compared_with(index: Index) -> None:
    records = {**RECORDS, "other": replace(RECORDS["other"], status=Status.DISABLED)}
    (made,) = measured([pack(1)], index, records)
    assert made.strengths[Kind.CHARACTERS].keys() == {HERO}
    assert characters_in_force(index, records) == 1
    assert characters_in_force(index, RECORDS) == 2


def test_subjects_become_packs_of_every_size_that_they_have_pictures_for(index: Index) -> None:
    subjects = [replace(pack(seed, 12), is_subject=True) for seed in range(2)]
    made = measured(subjects, index)
    assert sorted(each.different_pictures for each in made) == [3, 3, 6, 6, 10, 10, 24]


def test_an_upload_is_ranked_as_benign_packs_were(index: Index, tmp_path: Path) -> None:
    """The same pack has the same statistic on both ways, folders inside it as well."""
    upload = replace(pack(1), pictures=(*pack(1, folder="a/").pictures, *pack(2).pictures))
    (same,) = measured([upload], index)
    others = measured([pack(seed, 12) for seed in range(3, 13)], index)
    made = calibration([*others, same], index)
    everything = Policy(characters=CharacterPolicy(alpha=0.999))
    decision = decide(upload.pictures, index, made, tmp_path, everything)
    found = of(
        decision,
        max(same.strengths[Kind.CHARACTERS], key=same.strengths[Kind.CHARACTERS].__getitem__),
    )
    assert found is not None
    assert found.rank is not None
    stronger = sum(
        each.statistics[Kind.CHARACTERS] >= same.statistics[Kind.CHARACTERS] for each in others
    )
    assert found.rank.exceeded_by == stronger + 1
    assert found.rank.benign_packs == 11
    assert found.rank.p_value == (stronger + 2) / 12


def test_evidence_flags_where_its_p_value_is_at_most_alpha(index: Index, tmp_path: Path) -> None:
    packs = measured([pack(seed) for seed in range(19)], index)
    made = calibration(packs, index)
    limit = made.buckets[1].statistics[Kind.CHARACTERS][-4]
    policy = Policy(characters=CharacterPolicy(alpha=0.2))
    flagged = 0
    for seed in range(100, 140):
        (ours,) = measured([pack(seed)], index)
        decision = decide(pack(seed).pictures, index, made, tmp_path, policy)
        above = {n for n, by in ours.strengths[Kind.CHARACTERS].items() if by > limit}
        assert {(e.reference_set, e.character) for e in decision.evidence.characters} == above
        assert (decision.verdict is Verdict.FLAG) == bool(above)
        flagged += bool(above)
        for found in decision.evidence.characters:
            assert found.rank is not None
            assert found.rank.p_value == (1 + found.rank.exceeded_by) / 20 <= 0.2
            told = f"(exceeded by {found.rank.exceeded_by} of 19 benign packs)"
            assert any(told in each.text for each in decision.reasons)
    assert 0 < flagged < 20  # 8 are expected; the seeds are fixed
    assert decide(pack(100).pictures, index, made, tmp_path).versions.calibration == made.sha256


def test_a_calibration_for_any_index_is_called_so(index: Index, tmp_path: Path) -> None:
    made = calibration(measured([pack(seed) for seed in range(99)], index), index, "drawn")
    elsewhere = replace(made, binding=made.binding.for_any_index)
    assert not decide(pack(100).pictures, index, made, tmp_path).remarks
    (remark,) = decide(pack(100).pictures, index, elsewhere, tmp_path).remarks
    assert remark.startswith("The calibration was made against other characters than those")


def test_too_few_benign_packs_leave_the_score_to_judge(index: Index, tmp_path: Path) -> None:
    packs = measured([pack(seed) for seed in range(18)], index)
    made = calibration(packs, index)
    policy = Policy(characters=CharacterPolicy(alpha=0.05, two_sample_score=-9.0))
    decision = decide(pack(100).pictures, index, made, tmp_path, policy)
    assert len(decision.evidence.characters) == 2
    assert any("too few benign packs" in each for each in decision.remarks)
    enough = calibration([*packs, *measured([pack(18)], index)], index)
    assert not decide(pack(100).pictures, index, enough, tmp_path, policy).remarks
    grown = decide(pack(100).pictures, index, enough, tmp_path, policy, growth=1.1)
    assert any("too few benign packs" in each for each in grown.remarks)


def test_a_scope_has_an_alpha_of_its_own(index: Index, tmp_path: Path) -> None:
    made = calibration(measured([pack(seed) for seed in range(19)], index), index)
    strict = CharacterPolicy(alpha=0.05)
    wide = Policy(characters=strict, reference_sets={"set": Scope(alpha=0.999)})
    found = decide(pack(100).pictures, index, made, tmp_path, wide).evidence.characters
    assert HERO in {(each.reference_set, each.character) for each in found}
    by_work = Policy(characters=strict, works={"Work of other": Scope(alpha=0.999)})
    found = decide(pack(100).pictures, index, made, tmp_path, by_work).evidence.characters
    assert WITCH in {(each.reference_set, each.character) for each in found}


def test_copies_that_benign_packs_have_too_do_not_flag(index: Index, tmp_path: Path) -> None:
    benign = measured([pack(seed, copies=int(seed < 3)) for seed in range(19)], index)
    made = calibration(benign, index)
    nobody_alike = CharacterPolicy(two_sample_score=9.0)
    policy = Policy(copies=CopyPolicy(alpha=0.05), characters=nobody_alike)
    by_number = Policy(characters=nobody_alike)
    upload = pack(50, copies=1)
    decision = decide(upload.pictures, index, made, tmp_path, policy)
    assert [each.code for each in decision.reasons][:1] == ["copies-common"]
    assert "exceeded by 3 of 19 benign packs" in decision.reasons[0].text
    assert decision.verdict is Verdict.ALLOW
    assert decide(upload.pictures, index, made, tmp_path, by_number).verdict is Verdict.FLAG
    rarer = pack(50, copies=2)
    assert decide(rarer.pictures, index, made, tmp_path, policy).verdict is Verdict.FLAG
    many = pack(50, copies=3)
    assert decide(many.pictures, index, made, tmp_path, policy).verdict is Verdict.BLOCK
    few = calibration(benign[:18], index)
    assert decide(upload.pictures, index, few, tmp_path, policy).verdict is Verdict.FLAG
    drawn = calibration(benign, index, provisional="drawn")
    assert decide(upload.pictures, index, drawn, tmp_path, policy).verdict is Verdict.FLAG


def test_decisions_are_the_same_every_time(index: Index, tmp_path: Path) -> None:
    made = calibration(measured([pack(seed) for seed in range(19)], index), index)
    wide = Policy(characters=CharacterPolicy(alpha=0.9))
    one, other = (
        decide(pack(100, DIMENSION).pictures, index, made, tmp_path, wide).to_json()
        for _ in range(2)
    )
    assert one == other
    assert Decision.from_json(one).to_json() == one
