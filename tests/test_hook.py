"""The hook: a pack that may be trained comes back, every other raises."""

import pickle
import shutil
from pathlib import Path

import pytest
from conftest import FREE, HEROINE, World
from decision_samples import copies, decision, unscreened
from drawn import write_poses

import screening
from screening import (
    PackBlocked,
    PackChanged,
    PackFlagged,
    PackRefused,
    Screener,
    screen_or_raise,
    verify_or_raise,
)
from screening.decision import Decision
from screening.errors import IndexUnusable, PackError
from screening.evidence import Evidence
from screening.hook import accepted
from screening.policy import Verdict

BLOCKED = decision(Evidence(copies=(copies("a.png", "b.png", "c.png"),)), pack="up\nload.zip")
FLAGGED = decision(unscreened=(unscreened("latents.npz"),))
ALLOWED = decision()


@pytest.fixture
def benign(tmp_path: Path) -> Path:
    return write_poses(tmp_path / "benign", FREE, range(4))


def test_an_allowed_pack_comes_back(screener: Screener, benign: Path) -> None:
    assert screen_or_raise(benign, screener=screener).verdict is Verdict.ALLOW
    assert screener.screen(benign).verdict is Verdict.ALLOW, "a screener that was given stays open"


def test_a_screener_is_opened_where_none_is_given(world: World, benign: Path) -> None:
    settings = world.settings
    found = screen_or_raise(
        benign, index=settings.index, references=settings.references, uploader="user:17"
    )
    assert found.uploader == "user:17"


def test_copies_raise_with_the_decision(screener: Screener, tmp_path: Path) -> None:
    pack = write_poses(tmp_path / "copies", HEROINE, range(4))
    with pytest.raises(PackBlocked) as raised:
        screen_or_raise(pack, screener=screener, on_flag="allow")
    assert raised.value.decision.verdict is Verdict.BLOCK
    assert "copies: block: 4 different pictures are copies" in str(raised.value)


def test_an_unread_member_raises_unless_flags_are_allowed(screener: Screener, benign: Path) -> None:
    (benign / "latents.npz").write_bytes(b"\x93NUMPY")
    with pytest.raises(PackFlagged, match="not screened"):
        screen_or_raise(benign, screener=screener)
    assert screen_or_raise(benign, screener=screener, on_flag="allow").verdict is Verdict.FLAG


def test_no_error_is_an_allow(world: World, benign: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable):
        screen_or_raise(benign, index=tmp_path / "none", references=world.settings.references)
    with pytest.raises(PackError):
        screen_or_raise(
            tmp_path / "none", index=world.settings.index, references=world.settings.references
        )


@pytest.mark.parametrize(
    ("given", "kind", "code"), [(BLOCKED, PackBlocked, 20), (FLAGGED, PackFlagged, 10)]
)
def test_what_is_raised_ends_a_process_as_a_check_does(
    given: Decision, kind: type[PackRefused], code: int
) -> None:
    with pytest.raises(kind) as raised:
        accepted(given)
    assert raised.value.exit_code == code
    assert isinstance(raised.value, PackRefused)
    assert raised.value.decision is given


def test_flags_are_allowed_only_where_asked() -> None:
    assert accepted(ALLOWED) is accepted(ALLOWED, on_flag="allow") is ALLOWED
    assert accepted(FLAGGED, on_flag="allow") is FLAGGED
    with pytest.raises(PackBlocked):
        accepted(BLOCKED, on_flag="allow")


def test_an_error_crosses_processes() -> None:
    back = pickle.loads(pickle.dumps(PackBlocked(BLOCKED)))
    assert isinstance(back, PackBlocked)
    assert back.decision == BLOCKED
    assert str(back) == str(PackBlocked(BLOCKED))


def test_only_the_reasons_of_the_verdict_are_said() -> None:
    both = decision(
        Evidence(copies=(copies("a.png", "b.png", "c.png"),)), unscreened=(unscreened("x.npz"),)
    )
    assert "not screened" not in str(PackBlocked(both))


def test_a_changed_pack_raises(screener: Screener, benign: Path, tmp_path: Path) -> None:
    decided = screen_or_raise(benign, screener=screener)
    verify_or_raise(benign, decided)
    first, second, *_ = sorted(benign.iterdir())
    shutil.copy(first, second)
    (benign / "more.png").write_bytes(b"more")
    with pytest.raises(PackChanged) as raised:
        verify_or_raise(benign, decided)
    assert raised.value.verification.changed == (second.name,)
    assert raised.value.exit_code == 20
    assert f"changed: '{second.name}'; added: 'more.png'" in str(raised.value)


def test_the_hook_is_exported_at_the_top() -> None:
    for name in screening.__all__:
        assert getattr(screening, name).__name__ == name
