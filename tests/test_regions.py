import numpy as np
import pytest

from screening.embedders.regions import MARGIN, SMALL_SHARE, SURE, most_telling, strongest


def maps(heads: np.ndarray | None = None, figures: np.ndarray | None = None) -> np.ndarray:
    empty = np.zeros((12, 12), np.float32)
    return np.stack([empty if each is None else each for each in (heads, figures)])


def block(top: int, bottom: int, left: int, right: int, value: float = 1.0) -> np.ndarray:
    cells = np.zeros((12, 12), np.float32)
    cells[top:bottom, left:right] = value
    return cells


def test_the_box_of_full_cells_is_theirs() -> None:
    box = strongest(block(2, 5, 3, 9))
    assert box is not None
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx(
        (3 / 12, 2 / 12, 9 / 12, 5 / 12)
    )


def test_half_filled_cells_at_the_edge_count_half() -> None:
    cells = block(4, 6, 4, 8)
    cells[4:6, 3] = cells[4:6, 8] = 0.5
    box = strongest(cells)
    assert box is not None
    assert (box.left, box.right) == pytest.approx((3.5 / 12, 8.5 / 12))


@pytest.mark.parametrize(
    ("value", "found"),
    [(SURE, True), (float(np.nextafter(np.float32(SURE), np.float32(0))), False)],
)
def test_what_is_nowhere_sure_is_not_found(value: float, found: bool) -> None:
    assert (strongest(block(2, 5, 3, 9, value)) is not None) is found


def test_a_map_that_is_not_a_number_finds_nothing() -> None:
    assert strongest(np.full((12, 12), np.nan, np.float32)) is None


def test_of_two_parts_the_heavier_is_taken_and_the_other_does_not_widen_it() -> None:
    box = strongest(np.maximum(block(0, 2, 0, 2), block(6, 10, 6, 10)))
    assert box is not None
    assert (box.left, box.right) == pytest.approx((0.5, 10 / 12))


def test_a_small_head_is_looked_at_with_a_margin() -> None:
    box = most_telling(maps(heads=block(2, 5, 4, 8), figures=block(1, 12, 2, 10)))
    assert box is not None
    assert (box.left, box.right) == pytest.approx((4 / 12 - MARGIN / 3, 8 / 12 + MARGIN / 3))


def test_a_margin_ends_at_the_border() -> None:
    box = most_telling(maps(heads=block(0, 3, 0, 4)))
    assert box is not None
    assert (box.left, box.top) == (0.0, 0.0)


def test_a_large_head_needs_no_second_look_nor_does_its_figure() -> None:
    large = block(1, 11, 2, 10)
    assert large.mean() > SMALL_SHARE
    assert most_telling(maps(heads=large, figures=block(0, 3, 0, 3))) is None


def test_without_a_head_a_small_figure_is_looked_at() -> None:
    assert most_telling(maps(figures=block(3, 8, 3, 8))) is not None
    assert most_telling(maps(figures=block(0, 12, 0, 12))) is None
    assert most_telling(maps()) is None
