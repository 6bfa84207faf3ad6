"""The oracles of the fuzzing: sound files pass, and what is lost on purpose is found."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pack_samples import Result, picture, tarred, zipped

from screening.images.metadata import PictureTexts

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import fuzz_targets
from fuzz_targets import TARGETS, Lost


@pytest.mark.parametrize("name", [each for each in TARGETS if each != "parquet"])
def test_sound_files_and_cut_ones_pass(tmp_path: Path, name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds():
        for data in (seed, seed[: len(seed) // 2], seed[1:], b""):
            target.run(data, tmp_path)


class Losing:
    """A pack without the results of one name."""

    def __init__(self, pack: object, lost: str) -> None:
        self._pack = pack
        self._lost = lost

    def read(self) -> Iterator[Result]:
        yield from (each for each in self._pack.read() if not each.path.endswith(self._lost))


@pytest.mark.parametrize("data", [zipped, tarred])
@pytest.mark.parametrize("lost", ["a.png", "b.txt"])
def test_a_lost_member_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: object, lost: str
) -> None:
    archive = data([("a.png", picture()), ("b.txt", b"a cat")])
    opened = fuzz_targets.open_pack
    monkeypatch.setattr(
        fuzz_targets, "open_pack", lambda *args, **limits: Losing(opened(*args, **limits), lost)
    )
    with pytest.raises(Lost, match="another reader"):
        fuzz_targets.run_archive(archive, tmp_path)


def test_a_text_that_is_lost_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = TARGETS["metadata"].seeds()[0]
    monkeypatch.setattr(fuzz_targets, "picture_texts", lambda _: PictureTexts())
    with pytest.raises(Lost, match="neither found nor cut"):
        TARGETS["metadata"].run(seed, tmp_path)


def test_a_config_that_nobody_can_parse_must_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = fuzz_targets.recognise(fuzz_targets.PICTURES, {})
    monkeypatch.setattr(fuzz_targets, "recognise", lambda *_: layout)
    with pytest.raises(Lost, match="cannot be parsed"):
        TARGETS["configs"].run(b"\0[broken", tmp_path)
