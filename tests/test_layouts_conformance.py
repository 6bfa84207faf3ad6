"""The same 12 pictures, laid out for each trainer: the same pictures are screened, with the
captions that the trainer would assemble, in the roles and as often as it would train on them.

A further trainer is one more `Case` and a function that lays the pictures out, beside the others of
its kind (`layout_kohya_cases`, `layout_cases`).
"""

from pathlib import Path

import pytest
from layout_case import NUMBERS, Case, caption, write
from layout_cases import OTHER_CASES
from layout_kohya_cases import KOHYA_CASES

from screening.packs import (
    Kind,
    Layout,
    Member,
    Pack,
    Role,
    TrainingImage,
    Unscreened,
    decode_text,
    open_pack,
    recognise,
)
from screening.policy import Verdict
from screening.screener import Screener


def plain_folder(folder: Path) -> Path:
    return write(folder)


CASES = [
    *KOHYA_CASES,
    Case(
        name="plain folder",
        trainer="folder",
        lay_out=plain_folder,
        captions={number: f"{caption(number)}\nsecond line" for number in range(12)},
    ),
    *OTHER_CASES,
]

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def opened(case: Case, folder: Path) -> Pack:
    source = case.lay_out(folder)
    return source if isinstance(source, Pack) else open_pack(source, trainer=case.asked)


def layout_of(pack: Pack) -> tuple[Layout, dict[int, TrainingImage]]:
    """The layout, and what it says of each picture by its number."""
    images: dict[str, int] = {}
    texts: dict[str, str] = {}
    for member in pack.read():
        assert not isinstance(member, Unscreened), member
        if isinstance(member, Member) and member.kind is Kind.IMAGE:
            images[member.path] = NUMBERS[member.sha256]
        elif isinstance(member, Member):
            texts[member.path] = decode_text(member.data)
    layout = recognise(list(images), texts, training=pack.training)
    found = {images[each.path]: each for each in layout.images}
    assert len(found) == len(layout.images), "a picture came twice"
    return layout, found


@every_case
def test_every_picture_is_there_once_and_nothing_is_left_over(case: Case, tmp_path: Path) -> None:
    layout, found = layout_of(opened(case, tmp_path))
    assert layout.trainer == case.trainer
    assert sorted(found) == list(range(12))
    assert layout.unscreened == ()


@every_case
def test_captions_are_those_that_the_trainer_assembles(case: Case, tmp_path: Path) -> None:
    _, found = layout_of(opened(case, tmp_path))
    first = {number: found[number].captions[:1] for number in case.captions}
    assert first == {number: (text,) for number, text in case.captions.items()}


@every_case
def test_roles_and_repeats_are_those_of_the_trainer(case: Case, tmp_path: Path) -> None:
    _, found = layout_of(opened(case, tmp_path))
    seen = {number: (each.role, each.repeats, each.loaded) for number, each in found.items()}
    assert seen == {
        number: (
            case.roles.get(number, Role.TRAIN),
            case.repeats.get(number, 1),
            number not in case.not_loaded,
        )
        for number in range(12)
    }


@every_case
def test_each_layout_is_screened_to_the_same_evidence(
    case: Case, tmp_path: Path, screener: Screener
) -> None:
    decision = screener.screen(opened(case, tmp_path))
    assert decision.pack.trainer == case.trainer
    assert decision.pack.pictures == 12
    assert decision.unscreened == ()
    assert decision.verdict is Verdict.BLOCK
    digests = dict(decision.manifest.digests)
    matched = {NUMBERS[digests[match.path] or ""] for match in decision.evidence.copies[0].matches}
    assert matched == set(range(12))
