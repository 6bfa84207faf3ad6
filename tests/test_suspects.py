"""Reference images that match what they should not: found in decisions, left out of an index."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import HEROINE, World
from decision_samples import BUNNY, ROBOT, character, copies, decision
from drawn import write_poses

from screening.cli import cli
from screening.decision import Decision
from screening.errors import SettingsError
from screening.evidence import Evidence
from screening.policy import Policy, QuarantinePolicy, Scope, Verdict
from screening.references import References
from screening.screener import Screener
from screening.suspects import Suspect, find_suspects

FIRST_IMAGE = "images/bunny/000.jpg"


def uploaded(uploader: str, *pictures: str, alike: bool = False, pack: str = "a") -> Decision:
    """On a pack of copies, the n-th picture of the n-th reference image of the bunny."""
    shown = (character("x.png", named=BUNNY),) if alike else ()
    evidence = Evidence(copies=(copies(*pictures),) if pictures else (), characters=shown)
    return decision(evidence, pictures=pictures or ("x.png",), uploader=uploader, pack=pack)


def test_an_image_that_many_uploaders_match_alone_is_found() -> None:
    found = find_suspects(
        [uploaded(f"user:{number}", "x.png") for number in range(3)], least=lambda _: 3
    )
    assert found == (
        Suspect(
            reference_set=BUNNY.reference_set,
            character=BUNNY.character,
            path=FIRST_IMAGE,
            alone=3,
            matched=3,
        ),
    )


def test_one_uploader_counts_once_and_packs_without_one_by_their_bytes() -> None:
    decisions = [uploaded("user:1", "x.png", pack=str(number)) for number in range(5)]
    assert find_suspects(decisions, least=lambda _: 2) == ()
    assert find_suspects([uploaded("", "x.png"), uploaded("", "x.png")], least=lambda _: 2) == ()
    assert find_suspects([uploaded("", "x.png"), uploaded("", "y.png")], least=lambda _: 2)


@pytest.mark.parametrize(("together", "found"), [(2, True), (3, False)])
def test_an_image_is_trusted_where_it_mostly_comes_with_others(together: int, found: bool) -> None:
    alone = [uploaded(f"alone:{number}", "x.png") for number in range(3)]
    others = [uploaded(f"other:{number}", "x.png", "y.png") for number in range(together)]
    assert bool(find_suspects([*alone, *others], least=lambda _: 3)) is found


def test_a_pack_that_looks_like_the_character_trains_on_it() -> None:
    decisions = [uploaded(f"user:{number}", "x.png", alike=True) for number in range(4)]
    assert find_suspects(decisions, least=lambda _: 2) == ()


def test_evidence_about_another_character_excuses_nothing() -> None:
    evidence = Evidence(copies=(copies("x.png"),), characters=(character("x.png", named=ROBOT),))
    decisions = [decision(evidence, uploader=f"user:{number}") for number in range(2)]
    assert [each.alone for each in find_suspects(decisions, least=lambda _: 2)] == [2]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(map(str, arguments)), standalone_mode=False)
    code = result.return_value if result.exception is None else 1
    return code, result.stdout, result.stderr


def screened(world: World, pack: Path, uploader: str) -> Decision:
    with Screener.open(settings=world.settings) as screener:
        return screener.screen(pack, uploader=uploader)


def test_what_is_quarantined_is_left_out_of_the_next_index(world: World, tmp_path: Path) -> None:
    world = world.copy_to(tmp_path)
    upload = write_poses(tmp_path / "upload", HEROINE, range(3, 4))
    files = []
    for number in range(2):
        decided = screened(world, upload, f"user:{number}")
        assert decided.evidence.copies
        files.append(tmp_path / f"{number}.json")
        files[-1].write_bytes(decided.to_json())
    sets = ["--references", str(world.settings.references)]
    [found] = {each.reference.path for each in decided.evidence.copies[0].matches}

    code, out, err = run("references", "suspects", *files, *sets, "--least", "3")
    assert (code, out) == (0, "")
    code, out, err = run("references", "suspects", *files, *sets, "--least", "2", "--quarantine")
    assert code == 1
    assert out == f"sea-saga\tmedusa\t{found}\talone in packs of 2 of 2 uploaders\n"
    assert "run: screening index build" in err
    record = References(world.settings.references).get("sea-saga")
    assert record.quarantined_images == (found,)

    code, _, _ = run("index", "build", *world.options)
    assert code in (0, None)
    with Screener.open(settings=world.settings) as screener:
        assert found not in screener.index.entries.path
        decided = screener.screen(upload)
    assert found not in {each.reference.path for e in decided.evidence.copies for each in e.matches}


def copied(world: World, folder: Path, images: int) -> Path:
    """A pack of copies of the heroine's first reference images."""
    pictures = sorted((world.settings.references / "sea-saga/images/medusa").iterdir())[:images]
    folder.mkdir()
    for each in pictures:
        shutil.copy(each, folder / each.name)
    return folder


def test_a_held_image_flags_and_no_longer_blocks(world: World, tmp_path: Path) -> None:
    """Whoever uploads references alone from many accounts takes no protection away."""
    world = world.copy_to(tmp_path)
    three = copied(world, tmp_path / "three", 3)
    assert screened(world, three, "").verdict is Verdict.BLOCK
    one, files = copied(world, tmp_path / "one", 1), []
    for number in range(2):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_bytes(screened(world, one, f"account:{number}").to_json())
    options = ["--references", world.settings.references, "--least", "2", "--hold"]

    code, out, err = run("references", "suspects", *files, *options)
    assert (code, err) == (
        1,
        "sea-saga: 1 image held, 0 released\n2 decisions read, 1 image found\n",
    )
    record = References(world.settings.references).get("sea-saga")
    assert [record.held_images] == [(out.split("\t")[2],)]
    assert not record.quarantined_images
    for pack in (one, three):
        decided = screened(world, pack, "")
        assert decided.verdict is Verdict.FLAG
    (reason,) = (each for each in decided.reasons if each.code == "copies")
    assert reason.text.endswith("match them and nothing else of the character.")
    assert screened(world, copied(world, tmp_path / "four", 4), "").verdict is Verdict.BLOCK

    calm = tmp_path / "calm.json"
    calm.write_bytes(uploaded("user:1", "x.png").to_json())
    code, _, err = run("references", "suspects", calm, *options)
    assert (code, err) == (
        0,
        "sea-saga: 0 images held, 1 released\n1 decision read, 0 images found\n",
    )
    assert screened(world, three, "").verdict is Verdict.BLOCK


def test_the_policy_says_how_many_uploaders_by_work_and_set(world: World, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    settings = tmp_path / "screening.toml"
    references = world.settings.references
    settings.write_text(f'policy = "policy.toml"\nreferences = "{references}"\n')
    files = []
    for number in range(3):
        one = copied(world, tmp_path / str(number), 1)
        files.append(tmp_path / f"{number}.json")
        files[-1].write_bytes(screened(world, one, f"user:{number}").to_json())
    work = References(references).get("sea-saga").work
    for text, found in (
        ("", 0),
        ("[quarantine]\nuploaders = 3", 1),
        ("[quarantine]\nuploaders = 4", 0),
        (f'[works."{work}"]\nquarantine_uploaders = 3', 1),
        (f'[works."{work}"]\nquarantine_uploaders = 3\n[reference_sets.sea-saga]\n'
         "quarantine_uploaders = 4", 0),
    ):  # fmt: skip
        file.write_text(text)
        assert run("--settings", settings, "references", "suspects", *files)[0] == found, text


def test_one_uploader_alone_changes_nothing() -> None:
    for wrong in (0, 1):
        with pytest.raises(SettingsError, match="must be at least 2"):
            QuarantinePolicy(uploaders=wrong)
        with pytest.raises(SettingsError, match="must be at least 2"):
            Policy(reference_sets={"set": Scope(quarantine_uploaders=wrong)})
    assert Policy(works={"Work": Scope(quarantine_uploaders=2)}).rules(
        "set", "Work"
    ).quarantine_uploaders == 2  # fmt: skip


def test_a_schedule_cannot_leave_images_out(world: World, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_bytes(uploaded("user:1", "x.png").to_json())
    both = ["references", "suspects", str(tmp_path / "d.json"), "--hold", "--quarantine"]
    result = CliRunner().invoke(cli, both, standalone_mode=False)
    assert "for a schedule" in str(result.exception)


def test_a_quarantine_counts_only_with_an_index_that_knows_it(world: World, tmp_path: Path) -> None:
    world = world.copy_to(tmp_path)
    upload = write_poses(tmp_path / "upload", HEROINE, range(3, 4))
    first = screened(world, upload, "").evidence.copies[0].matches[0].reference.path
    world.change(quarantined_images=(first,))
    result = CliRunner().invoke(cli, ["check", str(upload), *world.options], standalone_mode=False)
    assert "has changed since the index was built" in str(result.exception)


def test_a_quarantine_of_no_image_of_the_set_is_refused(world: World, tmp_path: Path) -> None:
    world = world.copy_to(tmp_path)
    world.change(quarantined_images=("images/medusa/typo.png",))
    build = ["index", "build", *world.options]
    result = CliRunner().invoke(cli, build, standalone_mode=False)
    assert "typo.png', which is no image of the set" in str(result.exception)


def test_a_file_that_is_no_decision_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    command = ["references", "suspects", str(tmp_path / "other.json")]
    result = CliRunner().invoke(cli, command, standalone_mode=False)
    assert "other.json" in str(result.exception)
