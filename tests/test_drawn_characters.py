"""Drawn characters: the same from the same seed, boxed where they are, not told by colour alone."""

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
from drawn_characters import FRAMINGS, STYLES, Box, Drawing, Framing, Identity, draw, look_alike
from drawn_characters.colour import Colour
from drawn_characters.identity import PLANS

SCRIPTS = Path(__file__).parent.parent / "scripts"
SIZE_PX = 96
EDGE = 2.5 / SIZE_PX
"Two pixels and a half: anti-aliasing, and a line as wide as its pen."


def of_plan(plan: str, count: int) -> list[Identity]:
    found = (each for each in map(Identity.from_seed, itertools.count()) if each.plan == plan)
    return list(itertools.islice(found, count))


def changed(first: Drawing, second: Drawing) -> Box | None:
    """Where two drawings differ by more than rounding."""
    different = np.abs(first.pixels.astype(int) - second.pixels.astype(int)).max(axis=2) > 2
    rows, columns = np.flatnonzero(different.any(axis=1)), np.flatnonzero(different.any(axis=0))
    if not rows.size:
        return None
    return Box(
        columns[0] / SIZE_PX,
        rows[0] / SIZE_PX,
        (columns[-1] + 1) / SIZE_PX,
        (rows[-1] + 1) / SIZE_PX,
    )


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer.left <= inner.left + EDGE
        and outer.top <= inner.top + EDGE
        and outer.right >= inner.right - EDGE
        and outer.bottom >= inner.bottom - EDGE
    )


def test_one_seed_is_one_identity() -> None:
    assert Identity.from_seed(5) == Identity.from_seed(5)
    assert Identity.from_seed(5) != Identity.from_seed(6)


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63])
def test_a_drawing_is_a_function_of_its_arguments(seed: int) -> None:
    identity = Identity.from_seed(seed)
    first, second = (draw(identity, seed, "figure", SIZE_PX) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert (first.head, first.figure, first.style) == (second.head, second.figure, second.style)


def test_another_process_draws_the_same() -> None:
    code = (
        f"import sys, zlib; sys.path.insert(0, {str(SCRIPTS)!r})\n"
        "from drawn_characters import FRAMINGS, Identity, draw\n"
        "print([zlib.crc32(draw(Identity.from_seed(k), k, FRAMINGS[k % 3], 64).pixels.tobytes())"
        " for k in range(9)])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_style_and_framing_draws_a_picture(style: str, framing: Framing) -> None:
    drawing = draw(Identity.from_seed(11), 3, framing, SIZE_PX, style)
    assert drawing.pixels.shape == (SIZE_PX, SIZE_PX, 3)
    assert drawing.pixels.dtype == np.uint8
    assert drawing.pixels.std() > 3
    assert drawing.style == style


@pytest.mark.parametrize("plan", sorted({"human", *PLANS}))
def test_every_plan_of_body_has_its_head_and_figure_in_the_picture(plan: str) -> None:
    for identity in of_plan(plan, 6):
        for framing in FRAMINGS:
            drawing = draw(identity, 1, framing, SIZE_PX)
            boxes = [drawing.figure, *([drawing.head] if drawing.head else [])]
            for box in boxes:
                assert 0 <= box.left < box.right <= 1
                assert 0 <= box.top < box.bottom <= 1


def test_the_eyes_are_in_the_box_of_the_head() -> None:
    """Drawn again with other eyes, a picture changes there alone."""
    told = 0
    for identity in of_plan("human", 12):
        blind = replace(identity, face=replace(identity.face, marks=(), eyes="tall"), gear=())
        other = Colour(blind.palette.eye.hue + 180, 1.0, 0.5)
        palette = replace(blind.palette, eye=other, eye_other=other)
        for seed, framing in itertools.product(range(2), FRAMINGS):
            first = draw(blind, seed, framing, SIZE_PX, "flat")
            second = draw(replace(blind, palette=palette), seed, framing, SIZE_PX, "flat")
            eyes = changed(first, second)
            assert first.head == second.head
            if eyes is not None:
                assert first.head is not None
                assert holds(first.head, eyes)
                told += 1
    assert told > 24


@pytest.mark.parametrize("plan", ["human", "quadruped", "robot", "blob", "bird"])
def test_the_figure_is_what_changes_with_all_colours(plan: str) -> None:
    """A figure in other colours changes inside its box, and up to the box's edges."""
    for identity in of_plan(plan, 5):
        inverted = {
            name: Colour(colour.hue + 180, 0.9, 0.75 if colour.lightness < 0.5 else 0.25)
            for name in identity.palette.__slots__
            for colour in [getattr(identity.palette, name)]
        }
        twin = replace(identity, palette=replace(identity.palette, **inverted))
        for framing in FRAMINGS:
            first = draw(identity, 4, framing, SIZE_PX, "flat")
            difference = changed(first, draw(twin, 4, framing, SIZE_PX, "flat"))
            assert difference is not None
            assert holds(first.figure, difference)
            assert difference.width > 0.6 * first.figure.width
            assert difference.height > 0.6 * first.figure.height


def test_framing_says_how_large_the_head_is() -> None:
    def shares(framing: Framing) -> NDArray[np.float64]:
        drawings = (draw(Identity.from_seed(k), k, framing, 48) for k in range(36))
        return np.array([each.head.height if each.head else 0.0 for each in drawings])

    face, bust, figure = (float(np.median(shares(framing))) for framing in FRAMINGS)
    assert face > 1.4 * bust
    assert bust > 1.2 * figure


def test_a_quarter_of_identities_at_least_are_creatures_of_every_plan() -> None:
    crowd = [Identity.from_seed(seed) for seed in range(1500)]
    creatures = [each.plan for each in crowd if not each.human]
    assert len(creatures) / len(crowd) >= 0.25
    assert set(creatures) == set(PLANS)


def test_identities_have_many_heads_of_hair() -> None:
    shapes = {(each.hair.back, each.hair.fringe, each.hair.side) for each in of_plan("human", 300)}
    assert len(shapes) > 200


@pytest.mark.parametrize("seed", range(40))
def test_a_look_alike_wears_the_colours_of_somebody_else(seed: int) -> None:
    identity = Identity.from_seed(seed)
    other = look_alike(identity, seed)
    assert other == look_alike(identity, seed)
    assert other.palette == identity.palette
    assert other.plan == identity.plan
    assert other.hair.back != identity.hair.back
    assert other.hair.fringe != identity.hair.fringe
    assert other.face.eyes != identity.face.eyes
    assert other.shape != identity.shape
    assert not np.array_equal(draw(identity, 0).pixels, draw(other, 0).pixels)


def test_look_alikes_of_one_identity_are_not_one_another() -> None:
    identity = Identity.from_seed(3)
    assert len({look_alike(identity, seed) for seed in range(20)}) == 20


@pytest.mark.parametrize("size_px", [16, 17, 128])
def test_pictures_are_as_large_as_asked(size_px: int) -> None:
    for style in STYLES:
        assert draw(Identity.from_seed(1), 1, "bust", size_px, style).pixels.shape[0] == size_px


@pytest.mark.parametrize(
    ("framing", "size_px", "style"),
    [("bust", 15, None), ("bust", 64, "fresco"), ("foot", 64, None)],
)
def test_what_cannot_be_drawn_is_refused(framing: Framing, size_px: int, style: str | None) -> None:
    with pytest.raises(ValueError, match=r"no such framing or style|px wide at least"):
        draw(Identity.from_seed(1), 1, framing, size_px, style)


def test_the_contact_sheet_is_a_script(tmp_path: Path) -> None:
    out = tmp_path / "sheet.jpg"
    script = SCRIPTS / "drawn_characters/contact_sheet.py"
    options = ["--rows", "1", "--size", "24"]
    subprocess.run([sys.executable, str(script), str(out), *options], check=True)
    assert out.read_bytes()[:2] == b"\xff\xd8"
