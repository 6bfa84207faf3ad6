"""The whole path from Python: packs of drawn characters against the small world's index."""

import gc
import json
import shutil
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import FREE, HEROINE, OTHER_POSES, World
from drawn import draw_character, jpeg, write_poses
from PIL import Image
from processes import wait_until

from screening.cli import cli
from screening.decision import Decision, Times
from screening.errors import IndexUnusable, PackError
from screening.policy import CopyPolicy, Policy, Verdict
from screening.references import Character, Licence, Name, ReferenceSet, Status
from screening.screener import Screener, Thumbnails
from screening.settings import Limits

TIMES = Times(started=datetime(2026, 1, 1, tzinfo=UTC), seconds=1.0)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Edited copies of five reference images."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for pose in range(5):
        picture = draw_character(HEROINE, pose).resize((200, 200))
        (folder / f"{pose}.jpg").write_bytes(jpeg(picture, quality=50))
    return folder


@pytest.fixture
def benign(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "benign", FREE, range(24))


def test_a_pack_of_copies_is_blocked(screener: Screener, copies: Path) -> None:
    decision = screener.screen(copies)
    assert decision.verdict is Verdict.BLOCK
    (found,) = decision.evidence.copies
    assert (found.reference_set, found.character) == ("sea-saga", "medusa")
    assert found.different_pictures == 5
    assert {match.path for match in found.matches} == {f"{pose}.jpg" for pose in range(5)}
    assert "Medusa, Sea Saga (Saga Studio)" in decision.reasons[0].text


def test_mirrored_copies_are_blocked_and_called_mirrored(screener: Screener, copies: Path) -> None:
    for file in copies.iterdir():
        with Image.open(file) as picture:
            mirrored = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        file.write_bytes(jpeg(mirrored))
    decision = screener.screen(copies)
    assert decision.verdict is Verdict.BLOCK
    transforms = {match.transform for match in decision.evidence.copies[0].matches}
    assert transforms == {"mirrored"}


def test_one_copy_among_many_flags(screener: Screener, benign: Path, copies: Path) -> None:
    shutil.copy(copies / "0.jpg", benign / "hidden.jpg")
    decision = screener.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert [match.path for match in decision.evidence.copies[0].matches] == ["hidden.jpg"]


def test_the_same_copy_many_times_counts_once(screener: Screener, copies: Path) -> None:
    one = (copies / "0.jpg").read_bytes()
    for file in copies.iterdir():
        file.write_bytes(one)
    decision = screener.screen(copies)
    assert decision.verdict is Verdict.FLAG
    assert decision.evidence.copies[0].different_pictures == 1
    assert len(decision.evidence.copies[0].matches) == 5


def test_repeats_of_the_trainer_are_reported(
    screener: Screener, copies: Path, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    copies.rename(pack / "20_girl")
    decision = screener.screen(pack)
    assert decision.pack.trainer == "sd-scripts"
    assert decision.evidence.copies[0].weighted_pictures == 100


def test_other_pictures_of_a_protected_character_flag(screener: Screener, tmp_path: Path) -> None:
    pack = write_poses(tmp_path / "pack", HEROINE, OTHER_POSES)
    decision = screener.screen(pack)
    assert decision.verdict is not Verdict.ALLOW
    assert [each.character for each in decision.evidence.characters] == ["medusa"]
    assert decision.evidence.characters[0].share == 1


def test_a_benign_pack_in_the_same_style_is_allowed(screener: Screener, benign: Path) -> None:
    decision = screener.screen(benign)
    assert decision.verdict is Verdict.ALLOW
    assert codes(decision) == ["nothing-found"]
    assert decision.pack.members == decision.pack.screened == decision.pack.pictures == 24


def test_the_same_pack_gives_the_same_bytes(world: World, benign: Path, copies: Path) -> None:
    for pack in (benign, copies):
        bodies = set()
        for workers in (1, 4):
            settings = replace(world.settings, workers=workers)
            with Screener.open(settings=settings) as fresh:
                decision = fresh.screen(pack)
            bodies.add(replace(decision, times=TIMES).to_json())
        assert len(bodies) == 1


def test_threads_share_a_screener(screener: Screener, benign: Path, copies: Path) -> None:
    packs = [benign, copies] * 4
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda pack: screener.screen(pack).verdict, packs))
    assert verdicts == [Verdict.ALLOW, Verdict.BLOCK] * 4


def test_a_zip_is_judged_like_the_folder(screener: Screener, copies: Path, tmp_path: Path) -> None:
    archive = tmp_path / "upload.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for each in sorted(copies.iterdir()):
            file.write(each, each.name)
    assert screener.screen(archive).evidence == screener.screen(copies).evidence


def test_whatever_is_not_screened_flags(screener: Screener, benign: Path) -> None:
    (benign / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n but no picture")
    (benign / "cache.safetensors").write_bytes(
        (16).to_bytes(8, "little") + b'{"a": {}}       ' + bytes(64)
    )
    (benign / "blob.bin").write_bytes(bytes(range(256)) * 8)
    decision = screener.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert [each.path for each in decision.unscreened] == [
        "blob.bin",
        "broken.png",
        "cache.safetensors",
    ]
    pack = decision.pack
    assert pack.members == pack.screened + pack.unscreened + pack.ignored == 27


def test_a_pack_without_pictures_flags(screener: Screener, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here")
    decision = screener.screen(tmp_path)
    assert decision.verdict is Verdict.FLAG
    assert "no-pictures" in codes(decision)


def test_a_pack_that_does_not_exist_is_an_error(screener: Screener, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="missing"):
        screener.screen(tmp_path / "missing")


def test_names_flag_but_never_block(screener: Screener, benign: Path) -> None:
    (benign / "2-00.txt").write_text("Xiao_Yan, 1boy, standing")
    decision = screener.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert codes(decision) == ["name"]


def test_an_ambiguous_name_needs_company(screener: Screener, benign: Path) -> None:
    caption = benign / "2-00.txt"
    caption.write_text("medusa, snakes")
    alone = screener.screen(benign)
    assert alone.verdict is Verdict.ALLOW
    assert [(each.name, each.counts) for each in alone.evidence.names] == [("Medusa", False)]
    caption.write_text("medusa, sea saga")
    assert screener.screen(benign).verdict is Verdict.FLAG


def test_a_licence_turns_block_into_allow_and_says_so(
    world: World, copies: Path, tmp_path: Path
) -> None:
    own = world.copy_to(tmp_path)
    with Screener.open(settings=own.settings) as opened:
        assert opened.screen(copies, uploader="user:1").verdict is Verdict.BLOCK
        own.change(licences=(Licence(holder="user:1", until=date(2030, 1, 31)),))
        day = date(2030, 1, 31)
        licensed = opened.screen(copies, uploader="user:1", today=day)
        assert licensed.verdict is Verdict.ALLOW
        assert "licence" in licensed.reasons[0].text + licensed.reasons[1].text
        assert opened.screen(copies, uploader="user:2", today=day).verdict is Verdict.BLOCK
        assert opened.screen(copies, uploader="", today=day).verdict is Verdict.BLOCK
        late = opened.screen(copies, uploader="user:1", today=date(2030, 2, 1))
        assert late.verdict is Verdict.BLOCK


def test_a_status_counts_at_the_next_screening(world: World, copies: Path, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    expected = {
        Status.DISPUTED: Verdict.FLAG,
        Status.QUARANTINED: Verdict.ALLOW,
        Status.DISABLED: Verdict.FLAG,  # nothing is under protection any more
        Status.ACTIVE: Verdict.BLOCK,
    }
    with Screener.open(settings=own.settings) as opened:
        for status, verdict in expected.items():
            own.change(status=status)
            decision = opened.screen(copies)
            assert decision.verdict is verdict
            disabled = status is Status.DISABLED
            assert bool(decision.evidence.copies) is not disabled
            assert bool(decision.remarks) is disabled
            assert ("no-references" in codes(decision)) is disabled


def test_an_index_behind_its_reference_sets_is_refused(
    world: World, copies: Path, tmp_path: Path
) -> None:
    own = world.copy_to(tmp_path)
    more = write_poses(tmp_path / "more", 9, range(3))
    add = ["references", "add", "sea-saga", "--references", str(own.settings.references)]
    with Screener.open(settings=own.settings) as opened:
        before = opened.screen(copies).versions.index
        cli.main([*add, "--character", "new", str(more)], standalone_mode=False)
        with pytest.raises(IndexUnusable, match=r"sea-saga.*index build"):
            opened.screen(copies)
        cli.main(["index", "build", *own.options], standalone_mode=False)
        assert opened.screen(copies).versions.index != before
        assert opened.screen(more).verdict is Verdict.BLOCK


def test_a_policy_moves_the_verdict(world: World, copies: Path) -> None:
    policy = Policy(copies=CopyPolicy(block_pictures=6))
    with Screener.open(settings=world.settings) as opened:
        opened.policy = policy
        decision = opened.screen(copies)
    assert decision.verdict is Verdict.FLAG
    assert decision.versions.policy == policy.sha256


def test_hidden_under_transparency(screener: Screener, benign: Path, copies: Path) -> None:
    """Trainers call convert("RGB") and train on what alpha 0 hides from people."""
    for pose in range(3):
        hidden = draw_character(HEROINE, pose).convert("RGBA")
        hidden.putalpha(0)
        hidden.save(benign / f"blank{pose}.png")
    decision = screener.screen(benign)
    assert decision.verdict is Verdict.BLOCK
    assert {match.view for match in decision.evidence.copies[0].matches} == {"transparency dropped"}


def test_frames_beyond_the_limit_are_listed(world: World, benign: Path, tmp_path: Path) -> None:
    frames = [draw_character(FREE, pose) for pose in range(4)]
    frames[0].save(benign / "moving.gif", save_all=True, append_images=frames[1:])
    settings = replace(world.settings, limits=Limits(max_frames=3))
    with Screener.open(settings=settings) as opened:
        decision = opened.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert [each.path for each in decision.unscreened] == ["moving.gif"]


def test_progress_is_told(screener: Screener, copies: Path) -> None:
    done: list[int] = []
    screener.screen(copies, progress=done.append)
    assert done == [1, 2, 3, 4, 5]


def test_thumbnails_show_what_was_screened_and_nothing_else(
    screener: Screener, world: World, copies: Path
) -> None:
    decision = screener.screen(copies)
    changed = decision.evidence.copies[0].matches[0]
    (copies / changed.path).write_bytes(jpeg(draw_character(FREE, 0)))
    with Thumbnails(decision, copies, world.settings) as thumbnails:
        shown = {
            match.path: thumbnails.pack_picture(match.path, match.view)
            for match in decision.evidence.copies[0].matches
        }
        assert thumbnails.reference_picture(changed.reference)
    assert shown.pop(changed.path) is None
    assert all(picture and picture.startswith(b"\xff\xd8") for picture in shown.values())


def test_closing_leaves_no_process(world: World, copies: Path) -> None:
    before = threading.active_count(), _children()
    with Screener.open(settings=world.settings) as opened:
        opened.screen(copies)
        assert len(_children()) == len(before[1]) + world.settings.workers
    del opened
    gc.collect()  # the runtime's idle threads end with their session
    assert _children() == before[1]
    wait_until(lambda: threading.active_count() <= before[0])


def _children() -> list[str]:
    return sorted(
        each
        for file in Path("/proc/self/task").glob("*/children")
        for each in file.read_text().split()
    )


def test_a_set_of_names_alone_needs_no_pictures(world: World, benign: Path, tmp_path: Path) -> None:
    own = world.copy_to(tmp_path)
    yun_zhi = Character(id="yun-zhi", names=(Name(text="Yun Zhi"),))
    record = ReferenceSet(id="names", work="Cloud", rights_holder="C", characters=(yun_zhi,))
    record.save(own.settings.references)
    cli.main(["index", "build", *own.options], standalone_mode=False)
    (benign / "2-00.txt").write_text("yun zhi on a hill")
    with Screener.open(settings=own.settings) as opened:
        decision = opened.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert decision.evidence.names[0].reference_set == "names"


def test_pictures_that_do_not_train_dilute_nothing(screener: Screener, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    write_poses(pack / "20_sks girl", HEROINE, OTHER_POSES)
    for character in range(20, 30):
        write_poses(pack / "misc", character, range(12))
    decision = screener.screen(pack)
    assert decision.verdict is not Verdict.ALLOW
    assert [each.character for each in decision.evidence.characters] == ["medusa"]


def test_a_picture_with_an_empty_caption_trains_where_its_trainer_takes_it(
    screener: Screener, tmp_path: Path
) -> None:
    """musubi-tuner leaves out pictures without a caption file, and none with an empty one."""
    pack = write_poses(tmp_path / "pack", FREE, range(3))
    first, second, third = sorted(pack.iterdir())
    first.with_suffix(".txt").write_text("a drawing")
    second.with_suffix(".txt").write_text("")
    (pack / "dataset.toml").write_text(
        '[general]\ncaption_extension = ".txt"\n[[datasets]]\nimage_directory = "."\n'
    )
    decision = screener.screen(pack)
    assert decision.pack.trainer == "musubi-tuner"
    assert [use.path for use in decision.uses if not use.loaded] == [third.name]
    assert [each.path for each in decision.ignored] == [second.with_suffix(".txt").name]


def test_identical_files_are_decoded_once_and_all_counted(
    screener: Screener, benign: Path, copies: Path
) -> None:
    for number in range(30):
        shutil.copy(copies / "0.jpg", benign / f"again{number:02}.jpg")
    (benign / "bad1.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    (benign / "bad2.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    decision = screener.screen(benign)
    assert decision.pack.pictures == 24 + 30
    assert len(decision.evidence.copies[0].matches) == 30
    assert [each.path for each in decision.unscreened] == ["bad1.jpg", "bad2.jpg"]


def test_a_pack_that_takes_too_long_is_never_allowed(world: World, benign: Path) -> None:
    settings = replace(world.settings, limits=Limits(max_pack_seconds=1e-9))
    with Screener.open(settings=settings) as hurried:
        decision = hurried.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert decision.pack.unscreened == decision.pack.members == 24


def test_names_are_read_in_json_as_programs_write_it(
    world: World, benign: Path, tmp_path: Path
) -> None:
    own = world.copy_to(tmp_path)
    medusa = Character(id="medusa", names=(Name(text="美杜莎", language="zh"),))
    hero = Character(id="xiao-yan", names=())
    own.change(characters=(medusa, hero))
    line = json.dumps({"file_name": "2-00.jpg", "text": "1girl, 美杜莎"})
    (benign / "metadata.jsonl").write_text(line)
    with Screener.open(settings=own.settings) as opened:
        decision = opened.screen(benign)
    assert decision.verdict is Verdict.FLAG
    assert [each.name for each in decision.evidence.names] == ["美杜莎"]


def test_different_characters_on_one_body_are_likely_and_never_certain(
    world: World, copies: Path
) -> None:
    """A hash between the two thresholds flags; it blocks only where keypoints agree."""
    policy = Policy(copies=CopyPolicy(certain_distance_bits=1))
    for file in copies.iterdir():
        with Image.open(file) as picture:
            file.write_bytes(jpeg(picture.resize((40, 40)).resize((200, 200)), quality=30))
    with Screener.open(settings=world.settings) as opened:
        before = opened.screen(copies)
        opened.policy = policy
        decision = opened.screen(copies)
    assert before.evidence.copies[0].different_pictures == 5
    assert decision.evidence.copies[0].certain_pictures < 3
    assert decision.verdict is Verdict.FLAG
