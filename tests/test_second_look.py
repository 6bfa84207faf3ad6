"""The tricks of `benchmarks/second_look_tricks.py`: what each does to the pictures of a pack."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn import draw_character
from index_samples import LOOKS, VECTOR, Direct, built, random_hash, reference, units
from PIL import ImageOps

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from second_look import looking
from second_look_table import Screened, Seen, markdown
from second_look_tricks import TRICKS, Kit

from screening.embedders.lite import Lite
from screening.policy import Verdict

PICTURES = [draw_character(3, pose) for pose in range(2)]
SAME_SIZE = {
    *("one foreign face in a corner", "another foreign face in each", "bright blobs", "mirrored"),
    *("a watermark face", "hue turned by a third", "grey", "line art", "turned by 180 degrees"),
}


@pytest.fixture(scope="module")
def kit() -> Kit:
    faces = [ImageOps.fit(draw_character(9, pose), (64, 64)).convert("RGBA") for pose in range(2)]
    others = [draw_character(5, pose) for pose in range(2)]
    return Kit(
        lite=Lite(threads=1), faces=faces, others=others, grounds=others, chance=random.Random(0)
    )


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_changes_every_picture_but_nothing_changes_none(name: str, kit: Kit) -> None:
    before = [np.array(each) for each in PICTURES]
    dressed = TRICKS[name](list(PICTURES), kit)
    assert len(dressed) == len(PICTURES)
    assert all(each.mode == "RGB" for each in dressed)
    assert all(np.array_equal(a, b) for a, b in zip(before, PICTURES, strict=True))
    if name in SAME_SIZE:
        assert [each.size for each in dressed] == [each.size for each in PICTURES]
    same = [
        each.size == picture.size and np.array_equal(each, picture)
        for each, picture in zip(dressed, PICTURES, strict=True)
    ]
    assert same == [name == "nothing"] * len(PICTURES)


def test_a_face_in_the_corner_leaves_the_rest(kit: Kit) -> None:
    [dressed] = TRICKS["one foreign face in a corner"](PICTURES[:1], kit)
    changed = np.argwhere((np.asarray(dressed) != np.asarray(PICTURES[0])).any(axis=2))
    assert changed.min() >= 0.75 * PICTURES[0].width - 1


def test_turns_and_mirrors_are_undone_by_themselves(kit: Kit) -> None:
    for name in ("turned by 180 degrees", "mirrored"):
        twice = TRICKS[name](TRICKS[name](PICTURES, kit), kit)
        assert [each.tobytes() for each in twice] == [each.tobytes() for each in PICTURES]


def test_one_look_is_compared_by_itself(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    rows = units(chance, 8)
    images = [
        reference(f"{n}", "hero", row, mirror_vector=row, phash=random_hash(chance))
        for n, row in enumerate(rows)
    ]
    index = built(tmp_path, {"set": images}, Direct(looks=LOOKS))
    looked = {each.name: looking(index, VECTOR, each) for each in LOOKS}
    for name, own in looked.items():
        assert [[each.name for each in output.looks] for output in own.outputs] == [[name]]
        assert own.vectors is index.vectors
    assert index.outputs[0].looks == LOOKS


def test_the_table_counts_packs_by_trick_and_way() -> None:
    def row(trick: str, *, now: bool, part: bool, benign: bool = False) -> Screened:
        seen = {
            "before": Seen(statistic=-0.02, found=False),
            "now": Seen(statistic=0.01, found=now),
            "whole": Seen(statistic=-0.3, found=now or part),
            "part": Seen(statistic=-0.4, found=part),
        }
        verdict = Verdict.FLAG if now else Verdict.ALLOW
        return Screened(trick=trick, source="s", benign=benign, verdict=verdict, seen=seen)

    rows = [row("nothing", now=True, part=False), row("nothing", now=False, part=True)]
    rows += [row("grey", now=False, part=False)] * 2
    rows.append(row("nothing", now=False, part=True, benign=True))
    written = markdown(rows, split="test", pack=10, protected=7)
    assert "2 packs of 10 pictures against 7 protected characters" in written
    assert "Flagged of 1 benign packs as they are: before 0, now 0, whole 1, part 1." in written
    none, half, both = "0.00 (0.00-0.84)", "0.50 (0.01-0.99)", "1.00 (0.16-1.00)"
    shares = f"{none} | {half} | {both} | {half} | {half}"
    assert f"| nothing | -0.020 | 0.010 | {shares} |" in written
    assert f"| grey | -0.020 | 0.010 | {' | '.join([none] * 5)} |" in written
