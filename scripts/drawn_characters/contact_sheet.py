"""A contact sheet: identities in rows, drawings of each beside one another, look-alikes below.

python scripts/drawn_characters/contact_sheet.py OUT.jpg [--seed N] [--rows N] [--size PX]
"""

import argparse
import itertools
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from drawn_characters import FRAMINGS, Box, Identity, draw, look_alike

COLUMNS = 10
ALIKE_STYLE = "cel"
"In one style, so that nothing but the characters tells look-alikes apart."


def sheet(
    first_seed: int, rows: int, size_px: int, *, boxes: bool = False, plan: str | None = None
) -> NDArray[np.uint8]:
    """The sheet's pixels, RGB: `rows` identities × 10 drawings, then look-alikes of the first."""
    seeds = itertools.count(first_seed)
    everybody = (Identity.from_seed(seed) for seed in seeds)
    wanted = (each for each in everybody if plan in (None, each.plan))
    identities = list(itertools.islice(wanted, rows))
    lines = [
        np.hstack([_cell(identity, column, size_px, boxes) for column in range(COLUMNS)])
        for identity in identities
    ]
    first = identities[0]
    alike = [first, *(look_alike(first, seed) for seed in range(COLUMNS - 1))]
    lines.append(np.hstack([_cell(other, 1, size_px, boxes, ALIKE_STYLE) for other in alike]))
    return np.vstack(lines)


def _cell(
    identity: Identity, column: int, size_px: int, boxes: bool, style: str | None = None
) -> NDArray[np.uint8]:
    drawing = draw(identity, column, FRAMINGS[column % 3], size_px, style)
    pixels = drawing.pixels.copy()
    if boxes:
        _frame(pixels, drawing.figure, (0, 160, 255))
        if drawing.head is not None:
            _frame(pixels, drawing.head, (255, 0, 0))
    return pixels


def _frame(pixels: NDArray[np.uint8], box: Box, colour: tuple[int, int, int]) -> None:
    size = pixels.shape[0]
    start = (round(box.left * size), round(box.top * size))
    end = (round(box.right * size) - 1, round(box.bottom * size) - 1)
    cv2.rectangle(pixels, start, end, colour, 1)


def main() -> None:
    """Write the sheet that the command line asks for."""
    parser = argparse.ArgumentParser(description="Draw a contact sheet of drawn characters.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--size", type=int, default=128, help="pixels a drawing is wide")
    parser.add_argument("--plan", help="only identities of this plan of body")
    parser.add_argument("--boxes", action="store_true", help="show heads red and figures blue")
    options = parser.parse_args()
    pixels = sheet(options.seed, options.rows, options.size, boxes=options.boxes, plan=options.plan)
    written = cv2.imwrite(
        str(options.out), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82]
    )
    if not written:
        sys.exit(f"cannot write {options.out}")


if __name__ == "__main__":
    main()
