"""What was found, in the words of the reports: scores with their scale, counts that read well."""

import io
from dataclasses import replace

import pytest
from decision_samples import alike, character, copies, decision, unscreened
from rich.console import Console

from screening.decision import Decision
from screening.evidence import CharacterEvidence, CopyEvidence, Evidence
from screening.packs import Ignored
from screening.report.findings import Pair, findings_by_character
from screening.report.html import NoPictures, render_html
from screening.report.terminal import print_decision


def printed(each: Decision) -> str:
    output = io.StringIO()
    print_decision(each, Console(file=output, width=100))
    return " ".join(output.getvalue().split())


def found(*characters: CharacterEvidence) -> Decision:
    return decision(Evidence(characters=characters), pictures=("a.png", "b.png"))


def likely_copy() -> Decision:
    certain = copies("a.png")
    evidence = CopyEvidence(
        reference_set=certain.reference_set,
        character=certain.character,
        matches=(alike("a.png", 0.93),),
        different_pictures=1,
        certain_pictures=0,
        weighted_pictures=1,
    )
    return decision(Evidence(copies=(evidence,)))


ONE_BY_ONE = found(character("a.png", "b.png", few=True))
AS_A_WHOLE = found(character("a.png", "b.png"))


def test_the_report_says_what_of_the_pictures_matched() -> None:
    [evidence] = AS_A_WHOLE.evidence.characters
    seen = replace(evidence, look="heads or figures")
    each = found(seen)
    [shown] = findings_by_character(each)
    assert shown.sentences[0].endswith("on). They match best in heads or figures.")
    assert Decision.from_json(each.to_json()).evidence.characters == (seen,)


@pytest.mark.parametrize(
    ("each", "sentence", "scale"),
    [
        (
            ONE_BY_ONE,
            "2 pictures compared picture by picture with 9 reference images by lite.identity: "
            "score 0.250 (characters alike from -0.100 on).",
            "characters alike from -0.100 on",
        ),
        (
            AS_A_WHOLE,
            "2 pictures compared as a whole with 9 reference images by lite.identity: "
            "score 0.250 (one and the same character about 0 or a little more, characters alike "
            "from -0.100 on).",
            "0 is a stranger's picture",
        ),
        (likely_copy(), "1 picture may be an edited copy of a reference image.", "1 is the same"),
    ],
    ids=["one by one", "as a whole", "likely copy"],
)
def test_a_score_comes_with_its_scale(each: Decision, sentence: str, scale: str) -> None:
    (shown,) = findings_by_character(each)
    assert shown.sentences == (sentence,)
    assert all(pair.scale.startswith(scale) for pair in shown.pairs)
    text = printed(each)
    kind = shown.pairs[0].kind
    assert f"score of {kind}: {scale}" in text
    assert text.count("score of ") == 1
    html = render_html(each, NoPictures())
    assert html.count(
        f'<span class="quiet">({shown.pairs[0].scale.replace(chr(39), "&#39;")})'
    ) == (len(shown.pairs))


def test_a_distance_needs_no_scale() -> None:
    (shown,) = findings_by_character(decision(Evidence(copies=(copies("a.png"),))))
    assert [pair.scale for pair in shown.pairs] == [""]
    assert "score of" not in printed(decision(Evidence(copies=(copies("a.png"),))))


def test_a_score_without_a_threshold_of_its_own_is_read_against_strangers() -> None:
    match = alike("a.png", 0.5)
    assert Pair(match=match, is_copy=False).scale == "0 is a stranger's picture"
    assert Pair(match=match, is_copy=False, alike_from=0.0).scale.endswith("from 0.000 on")


def test_one_is_told_in_the_singular() -> None:
    one = decision(pictures=("a.png",))
    assert "1 member = 1 screened + 0 not screened + 0 ignored; 1 picture, 1 different" in (
        printed(one)
    )
    html = render_html(one, NoPictures())
    assert "<b>1</b> member<" in html
    assert "my pack: 1 picture<" in html.replace("<bdi>", "").replace("</bdi>", "")


def test_one_more_is_told_in_the_singular() -> None:
    reasons = tuple(unscreened(f"{number}", f"cause {number}") for number in range(6))
    many = decision(unscreened=reasons, pictures=tuple(f"p{number}" for number in range(12)))
    assert "and 1 more cause" in printed(many)
    assert "and 1 more causes" not in printed(many)
    ignored = tuple(Ignored(path=f"{number}", reason="one reason") for number in range(1))
    html = render_html(decision(ignored=ignored, pictures=("a", "b")), NoPictures())
    assert "Ignored: 1 member without picture" in html
