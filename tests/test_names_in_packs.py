"""Names in whole packs: which words of a pack are read, and what a decision says of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FREE, World
from drawn import draw_character, write_poses
from PIL import Image, PngImagePlugin

from screening.decision import Decision
from screening.evidence import NameEvidence
from screening.images.metadata import MOST_TEXTS
from screening.policy import Verdict
from screening.screener import Screener, reading
from screening.settings import Limits


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "pack", FREE, range(4))


def save_png(path: Path, texts: dict[str, str], *, packed: bool = False) -> None:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text, zip=packed)
    draw_character(FREE, 90).save(path, pnginfo=info)


def the_name(decision: Decision) -> NameEvidence:
    (found,) = decision.evidence.names
    return found


def test_generation_parameters_name_a_character(screener: Screener, pack: Path) -> None:
    save_png(pack / "made.png", {"parameters": "1girl, xiao yan\nNegative prompt: bad hands"})
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    found = the_name(decision)
    assert (found.name, found.source, found.paths) == ("Xiao Yan", "metadata text", ("made.png",))
    assert found.excerpts[0].key == "parameters"
    assert "stands in a metadata text" in decision.reasons[0].text


def test_a_workflow_names_one_in_escapes(screener: Screener, pack: Path) -> None:
    nodes = {"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "Xiáo Yán at sea"}}}
    save_png(pack / "made.png", {"prompt": json.dumps(nodes)}, packed=True)
    assert the_name(screener.screen(pack)).excerpts[0].written == "Xiáo Yán"


def test_exif_of_a_jpeg_names_one(screener: Screener, pack: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "xiao_yan"
    draw_character(FREE, 91).save(pack / "made.jpg", exif=exif)
    assert the_name(screener.screen(pack)).excerpts[0].key == "EXIF ImageDescription"


def test_a_text_that_is_no_metadata_fails_no_picture(screener: Screener, pack: Path) -> None:
    save_png(pack / "made.png", {"parameters": "a picture"})
    decision = screener.screen(pack)
    assert (decision.verdict, decision.pack.pictures) == (Verdict.ALLOW, 5)


def test_text_that_was_not_read_is_said_and_flags_nothing(screener: Screener, pack: Path) -> None:
    for number in range(4):
        save_png(pack / f"made-{number}.png", {f"k{at}": "a" for at in range(MOST_TEXTS + 1)})
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.ALLOW
    (remark,) = (each for each in decision.remarks if "beside their pixels" in each)
    assert "made-0.png, made-1.png, made-2.png and 1 more" in remark
    assert Decision.from_json(decision.to_json()).remarks == decision.remarks


def test_pictures_after_the_limit_of_a_pack_are_said(
    screener: Screener, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_METADATA_CHARACTERS", 3)
    save_png(pack / "a.png", {"k": "abc"})
    save_png(pack / "b.png", {"k": "xiao yan"})
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.ALLOW
    (remark,) = (each for each in decision.remarks if "beside their pixels" in each)
    assert "b.png" in remark
    assert "a.png" not in remark


@pytest.mark.parametrize(("folders", "said"), [(16, False), (18, True)])
def test_folders_that_are_not_compared_by_themselves_are_said(
    screener: Screener, tmp_path: Path, folders: int, said: bool
) -> None:
    for number in range(folders):
        folder = tmp_path / "pack" / f"{number:02}"
        folder.mkdir(parents=True)
        draw_character(FREE, number).save(folder / "a.png")
    remarks = [each for each in screener.screen(tmp_path / "pack").remarks if "folders" in each]
    assert bool(remarks) is said


@pytest.mark.parametrize("text", ["%78iao yan", "&#120;iao&nbsp;yan", "\u202enay oaix\u202c"])
def test_a_name_in_escapes_is_read_in_captions_and_file_names(
    screener: Screener, pack: Path, text: str
) -> None:
    (pack / "2-00.txt").write_text(text, encoding="utf-8")
    draw_character(FREE, 92).save(pack / f"{text}.png")
    found = {each.source: each.name for each in screener.screen(pack).evidence.names}
    assert found == {"caption": "Xiao Yan", "file name": "Xiao Yan"}


def test_a_disguised_name_is_quoted_in_the_reason(screener: Screener, pack: Path) -> None:
    (pack / "2-00.txt").write_text("x1ao yan, hero", encoding="utf-8")
    decision = screener.screen(pack)
    assert 'written "x1ao yan" (leetspeak)' in decision.reasons[0].text
    assert Decision.from_json(decision.to_json()).evidence == decision.evidence


def test_words_that_there_is_no_time_for_are_never_allowed(world: World, pack: Path) -> None:
    """Benign words: the flag comes of the time alone, and every member is listed once."""
    (pack / "2-00.txt").write_text("a boat")
    (pack / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    save_png(pack / "made.png", {"parameters": "1girl"})
    (pack / "10_boat").mkdir()
    draw_character(FREE, 93).save(pack / "10_boat" / "a.png")
    for seconds, verdict in ((1e-9, Verdict.FLAG), (300.0, Verdict.ALLOW)):
        limits = Limits(max_names_seconds=seconds)
        with Screener.open(settings=replace(world.settings, limits=limits)) as opened:
            decision = opened.screen(pack)
        assert decision.verdict is verdict
        said = {each.path: each.reason for each in decision.unscreened}
        counts = decision.pack
        assert counts.members == counts.screened + counts.unscreened + counts.ignored == 8
        if verdict is Verdict.FLAG:
            end = "was not searched for names to the end: the texts of the pack took longer than "
            assert said["2-00.txt"] == f"its caption and its file name {end}1e-09 s"
            assert said[".DS_Store"] == f"its file name and its trigger word {end}1e-09 s"
            assert said["2-01.jpg"] == f"its file name {end}1e-09 s"
            assert said["made.png"] == f"its file name and its metadata text {end}1e-09 s"
            assert counts.unscreened == 8
        else:
            assert (said, counts.ignored) == ({}, 1)


def test_a_name_never_blocks(screener: Screener, pack: Path) -> None:
    for number in range(4):
        (pack / f"2-{number:02}.txt").write_text("xiao yan, medusa, sea saga")
    decision = screener.screen(pack)
    assert decision.verdict is Verdict.FLAG
    assert {each.name for each in decision.evidence.names if each.counts} == {
        "Xiao Yan",
        "Medusa",
        "Sea Saga",
    }
    assert all(each.members == 4 for each in decision.evidence.names)
