"""What a decision says of pictures that the trainer does not plainly train on."""

import io
from dataclasses import replace

import pytest
from decision_samples import copies, decision
from rich.console import Console

from screening.decision import Decision, PictureUse
from screening.evidence import Evidence
from screening.report.findings import findings_by_character, uses_sentence
from screening.report.html import NoPictures, render_html
from screening.report.terminal import print_decision


def used(*uses: tuple[str, str, bool]) -> Decision:
    """Copies at ``a.png`` and ``b.png``, and the uses (path, role, loaded)."""
    made = decision(Evidence(copies=(copies("a.png", "b.png"),)), pictures=("a.png", "b.png"))
    found = (PictureUse(path=path, role=role, loaded=loaded) for path, role, loaded in uses)
    return replace(made, uses=tuple(found))


def printed(each: Decision) -> str:
    file = io.StringIO()
    print_decision(each, Console(file=file, width=200))
    return file.getvalue()


@pytest.mark.parametrize(
    ("uses", "sentence"),
    [
        ((), ""),
        ((("a.png", "control", True),), "1 used as control; all are screened."),
        (
            (("a.png", "mask", True), ("b.png", "train", False), ("c.png", "control", False)),
            "2 not loaded by sd-scripts, 1 used as mask; all are screened.",
        ),
    ],
)
def test_the_report_says_what_pictures_are_used_for(
    uses: tuple[tuple[str, str, bool], ...], sentence: str
) -> None:
    each = used(*uses)
    assert uses_sentence(each).endswith(sentence)
    assert bool(uses_sentence(each)) is bool(sentence)
    assert sentence in " ".join(printed(each).split())
    assert sentence in render_html(each, NoPictures())


def test_matches_name_the_role_of_their_picture() -> None:
    each = used(("a.png", "regularisation", True), ("b.png", "train", False))
    (found,) = findings_by_character(each)
    assert [pair.use for pair in found.pairs] == ["regularisation", "not loaded"]
    lines = printed(each).splitlines()
    assert any("a.png" in line and "copy (regularisation)" in line for line in lines)
    assert any("b.png" in line and "copy (not loaded)" in line for line in lines)
    page = render_html(each, NoPictures())
    assert page.count('<span class="tag">regularisation</span>') == 1
    assert page.count('<span class="tag">not loaded</span>') == 1


def test_frames_name_the_role_of_their_video() -> None:
    evidence = Evidence(copies=(copies("clip.mp4@00:00:01", "clip.mp4@00:00:02"),))
    made = decision(evidence, pictures=("clip.mp4",))
    each = replace(made, uses=(PictureUse(path="clip.mp4", role="video", loaded=True),))
    (found,) = findings_by_character(each)
    assert [pair.use for pair in found.pairs] == ["video", "video"]


def test_plainly_trained_pictures_need_no_word() -> None:
    (found,) = findings_by_character(used())
    assert {pair.use for pair in found.pairs} == {""}
    assert "(not loaded)" not in printed(used())


def test_uses_come_back_from_the_json_with_their_paths() -> None:
    each = used(("caf\udce9\\.png", "control", True))
    assert Decision.from_json(each.to_json()).uses == each.uses
