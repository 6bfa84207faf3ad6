"""The notice: it names what was found and what to do, and nothing that helps to probe."""

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import FREE, HEROINE, World
from decision_samples import (
    BUNNY,
    HOSTILE,
    ROBOT,
    character,
    copies,
    decision,
    decisions,
    full_decision,
    hostile_decision,
    name,
    part,
    unscreened,
)
from drawn import write_poses
from hypothesis import given, settings

from screening.cli import cli
from screening.decision import Decision
from screening.errors import SettingsError
from screening.evidence import Evidence
from screening.notice import PATHS_NAMED, REFERENCE_DIGITS
from screening.notice_wording import WORDINGS
from screening.policy import Standing, Verdict
from screening.visible_text import HIDDEN_CATEGORIES, visible

LANGUAGES = tuple(WORDINGS)
LETTERS = ("a.png", "b.png", "c.png", "d.png")

HAN = re.compile(r"[\u4e00-\u9fff]")


def without_reference(each: Decision, text: str) -> str:
    reference = each.pack.sha256[:REFERENCE_DIGITS]
    assert text.count(reference) == (each.verdict is not Verdict.ALLOW)
    return text.replace(reference, "")


def test_a_block_in_english() -> None:
    blocked = decision(Evidence(copies=(copies(*LETTERS),)), pack="upload.zip")
    assert blocked.notice("en") == (
        "Your upload “upload.zip” cannot be used for training.\n"
        "\n"
        "What was found\n"
        "- Copies, or edited copies, of protected pictures of “Bunny” from "
        "“Big Buck Bunny” (rights holder: Blender Foundation):\n"
        "    a.png\n    b.png\n    c.png\n    d.png\n"
        "\n"
        "What you can do\n"
        "- Remove everything that is named above, and upload the rest again.\n"
        "- If you want to use “Bunny”, ask Blender Foundation for a licence. Send it to us; once "
        "it is on record, upload again.\n"
        "\n"
        "If you think that this is wrong\n"
        "You may object, for instance because the pictures are your own work, because you hold a "
        "licence already, or because something was mistaken for something else. Answer this "
        f"message, quote the reference {blocked.pack.sha256[:12]}, and say why. A person looks at "
        "every objection. Until then, nothing of this upload is trained on.\n"
    )


def test_a_block_in_chinese() -> None:
    blocked = decision(Evidence(copies=(copies(*LETTERS),)), pack="upload.zip")
    assert blocked.notice("zh", contact="申诉邮箱 a@b.example") == (
        "您上传的“upload.zip”不能用于训练。\n"
        "\n"
        "检查结果\n"
        "- 下列图片是作品《Big Buck Bunny》中的角色“Bunny”（权利人：Blender Foundation）"
        "的受保护图片的复制品，或由其修改而成：\n"
        "    a.png\n    b.png\n    c.png\n    d.png\n"
        "\n"
        "您可以这样处理\n"
        "- 请删除上面列出的全部内容，然后重新上传其余部分。\n"
        "- 如果您希望使用“Bunny”，请向Blender Foundation申请授权，并把授权证明提交给我们；"
        "登记之后即可重新上传。\n"
        "\n"
        "如果您认为判断有误\n"
        "您可以提出异议，例如图片是您自己创作的、您已经取得授权，或者内容被误认。"
        f"请联系 申诉邮箱 a@b.example，注明编号 {blocked.pack.sha256[:12]}，并说明理由。"
        "每一份异议都会由人工复核；在复核完成之前，本次上传的内容不会用于训练。\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_allowed_pack_is_told_in_one_sentence(language: str) -> None:
    assert decision().notice(language).count("\n") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_counts_is_named(language: str) -> None:
    text = full_decision().notice(language)
    for said in ("Bunny", "Robot", "Toons", "Blender Foundation", "shot13.jpg", "r2.png"):
        assert said in text
    for said in ("big buck bunny", "shot1.txt", "latents.npz", "inner.zip"):
        assert said in text
    assert ".DS_Store" not in text, "what was ignored needs nobody's attention"
    assert "bunny.png" not in text, "a name that does not count is no finding"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_licensed_or_quarantined_is_no_finding(language: str) -> None:
    for standing in (Standing.LICENSED, Standing.QUARANTINED):
        allowed = decision(
            Evidence(copies=(copies(*LETTERS),)),
            unscreened=(unscreened("x.npz"),),
            standing=(standing, "It does not count."),
        )
        assert allowed.verdict is Verdict.FLAG
        text = allowed.notice(language)
        assert "x.npz" in text
        assert "Bunny" not in text
        assert "a.png" not in text


def test_what_one_character_is_licensed_for_is_not_told_of_it() -> None:
    both = decision(Evidence(copies=(copies(*LETTERS), copies("e.png", named=ROBOT))))
    reasons = tuple(
        replace(each, verdict=Verdict.ALLOW, code="copies-licensed")
        if each.character == "bunny"
        else each
        for each in both.reasons
    )
    text = replace(both, reasons=reasons).notice("en")
    assert "Robot" in text
    assert "e.png" in text
    assert "Bunny" not in text
    assert "a.png" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_is_not_named_once_more_as_alike(language: str) -> None:
    found = copies(*LETTERS)
    for more, times in (((), 0), (("e.png",), 1)):
        alike = character(*LETTERS, *more, named=BUNNY)
        text = decision(Evidence(copies=(found,), characters=(alike,))).notice(language)
        assert text.count("    a.png\n") == 1
        assert text.count("    e.png\n") == times
        assert text.count("\n- ") == 3 + times
    robot = decision(Evidence(copies=(found,), characters=(character("a.png"),)))
    assert robot.notice(language).count("    a.png\n") == 2, "of another character it is"


def test_likely_copies_are_not_called_copies() -> None:
    likely = replace(copies("a.png"), certain_pictures=0)
    assert "may be edited copies" in decision(Evidence(copies=(likely,))).notice("en")
    assert "可能是" in decision(Evidence(copies=(likely,))).notice("zh")


def test_a_name_of_the_work_is_not_called_a_character() -> None:
    work = replace(BUNNY, character="", name=BUNNY.work)
    found = name("Big Buck Bunny", "x.txt", named=work)
    made = replace(decision(Evidence(names=(found,))), named=(work,))
    assert (
        "The name “Big Buck Bunny” of the work “Big Buck Bunny” (rights holder: Blender "
        "Foundation) stands in captions:\n    x.txt\n"
    ) in made.notice("en")
    assert "它属于作品《Big Buck Bunny》（权利人：Blender Foundation）：" in made.notice("zh")


@pytest.mark.parametrize("source", ["caption", "trigger word", "file name", "text", "a new one"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_source_of_a_name_has_words(language: str, source: str) -> None:
    text = decision(Evidence(names=(name("bunny", source=source),))).notice(language)
    wording = WORDINGS[language]
    assert wording.sources.get(source, wording.any_source) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_character_without_a_known_name_or_holder(language: str) -> None:
    made = replace(decision(Evidence(copies=(copies(*LETTERS),))), named=())
    text = made.notice(language)
    assert "bunny" in text
    assert WORDINGS[language].some_holder in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flag_without_findings_still_says_something(language: str) -> None:
    empty = decision(pictures=())
    assert WORDINGS[language].no_picture in empty.notice(language)
    reasons = tuple(replace(each, code="no-references") for each in empty.reasons)
    assert WORDINGS[language].nothing_read in replace(empty, reasons=reasons).notice(language)


def test_chinese_notices_are_chinese() -> None:
    text = full_decision().notice("zh")
    sentences = [line for line in text.splitlines() if line and not line.startswith("    ")]
    assert all(HAN.search(line) for line in sentences)
    assert not HAN.search(full_decision().notice("en"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pictures", [1, 2, 7])
def test_no_digit_is_in_it_but_the_reference(language: str, pictures: int) -> None:
    names = tuple(f"{'x' * (i + 1)}.png" for i in range(pictures))
    found = copies(*names, repeats=10)
    evidence = Evidence(
        copies=(replace(found, matches=(*found.matches, part("q.png"))),),
        characters=(character("e.png", "f.png", share=0.25), character("g.png", few=True)),
        names=(replace(name("bunny", "h.txt"), members=37),),
    )
    made = decision(evidence, unscreened=(unscreened("i.npz", "over 268,435,456 bytes"),))
    assert not re.search(r"\d", without_reference(made, made.notice(language)))


@pytest.mark.parametrize("language", LANGUAGES)
@given(each=decisions)
@settings(deadline=None, max_examples=60)
def test_scores_do_not_change_it(each: Decision, language: str) -> None:
    """The text does not depend on any number of the evidence: none can leak."""
    evidence = each.evidence
    copied = tuple(
        replace(
            found,
            different_pictures=1,
            weighted_pictures=2,
            matches=tuple(
                replace(match, distance_bits=None, score=0.123456, inliers=None, agreement=None)
                for match in found.matches
            ),
        )
        for found in evidence.copies
    )
    alike = tuple(
        replace(found, score=0.654321, threshold=-0.987654, share=0.5, pictures=11, references=13)
        for found in evidence.characters
    )
    named = tuple(replace(found, members=17) for found in evidence.names)
    other = replace(each, evidence=Evidence(copies=copied, characters=alike, names=named))
    assert other.notice(language) == each.notice(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_pictures_end_without_a_number(language: str) -> None:
    names = tuple(f"{i:03d}.png" for i in range(PATHS_NAMED + 1))
    text = decision(Evidence(copies=(copies(*names),))).notice(language)
    assert f"{PATHS_NAMED - 1:03d}.png\n    {WORDINGS[language].more}\n" in text
    assert names[-1] not in text
    exactly = decision(Evidence(copies=(copies(*names[:-1]),))).notice(language)
    assert WORDINGS[language].more not in exactly.replace(WORDINGS[language].remove, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_are_escaped(language: str) -> None:
    text = hostile_decision().notice(language, contact="x\x1b[2J\ny")
    lines = text.split("\n")
    for line in lines:
        assert not {unicodedata.category(each) for each in line} & HIDDEN_CATEGORIES
        assert len(line) < 1000
    for each in HOSTILE:
        assert f"    {visible(each, 200)}" in lines
    text.encode("utf-8")


def test_another_language_is_refused() -> None:
    with pytest.raises(SettingsError, match="'de'; there is: en, zh"):
        decision().notice("de")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], standalone_mode=False)


def test_check_prints_the_notice_alone_on_stdout(world: World, tmp_path: Path) -> None:
    pack = write_poses(tmp_path / "copies", HEROINE, range(4))
    result = run("check", pack, *world.options, "--notice", "zh")
    assert result.return_value == 20
    assert result.stdout.startswith("您上传的“copies”不能用于训练。\n")
    assert "《Sea Saga》中的角色“Medusa”（权利人：Saga Studio）" in result.stdout
    assert "BLOCK" in result.stderr
    both = run("check", pack, *world.options, "--notice", "en", "--json")
    assert "give one of them" in str(both.exception)


def test_check_tells_an_allowed_uploader(world: World, tmp_path: Path) -> None:
    pack = write_poses(tmp_path / "benign", FREE, range(4))
    result = run("check", pack, *world.options, "--notice", "en")
    assert result.stdout == "Your upload “benign” may be used for training.\n"
