"""Panels: pictures put together from several are told from single ones."""

import pytest
from PIL import Image, ImageDraw, ImageOps
from scenes import beside, scene, seen

from screening.matching.panels import shows_several


def grid(gap: int) -> Image.Image:
    made = Image.new("RGB", (800 + gap, 600 + gap), "white")
    for number in range(4):
        place = (number % 2 * (400 + gap), number // 2 * (300 + gap))
        made.paste(scene(20 + number), place)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_one_scene_is_one_picture(seed: int) -> None:
    assert not shows_several(seen(scene(seed)))


@pytest.mark.parametrize("border", [0, 24])
def test_a_border_parts_nothing(border: int) -> None:
    figure = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(figure).ellipse((60, 60, 240, 240), fill="red", outline="black")
    assert not shows_several(seen(ImageOps.expand(figure, border, fill="blue")))


@pytest.mark.parametrize("gap", [10, 30])
def test_a_grid_with_gutters_shows_several(gap: int) -> None:
    assert shows_several(seen(grid(gap)))


def test_an_edge_from_side_to_side_parts_two_pictures() -> None:
    dark = Image.new("RGB", (400, 300), (20, 20, 30))
    ImageDraw.Draw(dark).ellipse((100, 50, 300, 280), fill=(60, 40, 40), outline="black")
    light = ImageOps.invert(dark)
    both = beside(dark, light)
    assert shows_several(seen(both))
    assert shows_several(seen(both.transpose(Image.Transpose.ROTATE_90)))
    assert not shows_several(seen(dark))


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (16, 16)])
@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_flat_picture_of_any_size_shows_nothing(size: tuple[int, int], colour: str) -> None:
    assert not shows_several(seen(Image.new("RGB", size, colour)))
