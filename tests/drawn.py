"""Characters drawn in code: the same one in many poses, others in the same style."""

import io
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw

SIDE_PX = 320


def draw_character(character: int, pose: int) -> Image.Image:
    """Character number ``character`` in pose number ``pose``, on a background of its own."""
    looks, now = random.Random(f"looks {character}"), random.Random(f"pose {character} {pose}")
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), _colour(now, 150, 255))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = now.randrange(SIDE_PX), now.randrange(SIDE_PX)
        draw.ellipse((x, y, x + now.randrange(20, 90), y + 40), fill=_colour(now, 100, 255))
    figure = _figure(looks, now)
    image.paste(figure, mask=figure)
    return image


def _figure(looks: random.Random, now: random.Random) -> Image.Image:
    """The character alone, leaning and stretched: other poses must not be edited copies."""
    image = Image.new("RGBA", (SIDE_PX, SIDE_PX))
    draw = ImageDraw.Draw(image)
    skin, hair, clothes = (_colour(looks, 20, 230) for _ in range(3))
    head, ears, eyes = looks.randint(40, 60), looks.choice((3, 4, 40)), looks.randint(6, 14)
    x, y = SIDE_PX // 2, SIDE_PX // 2
    lean = now.uniform(-0.5, 0.5)
    draw.rounded_rectangle((x - 35, y + 20, x + 35, y + 130), 20, fill=clothes)
    for side in (-1, 1):
        angle = lean + side * now.uniform(0.3, 1.4)
        reach = (x + math.sin(angle) * 90, y + 60 + math.cos(angle) * 60)
        draw.line((x + side * 30, y + 50, *reach), fill=skin, width=16)
        draw.regular_polygon((x + side * head * 0.7, y - head, head * 0.5), ears, fill=hair)
    draw.ellipse((x - head, y - head, x + head, y + head), fill=skin)
    draw.pieslice((x - head, y - head, x + head, y + head), 190, 350, fill=hair)
    for side in (-1, 1):
        eye = x + side * head * 0.4 + now.randint(-4, 4)
        draw.ellipse((eye - eyes, y - eyes, eye + eyes, y + eyes), fill="white")
        draw.ellipse((eye - 4, y - 4, eye + 4, y + 4), fill=clothes)
    corners = [
        (edge_x + now.randint(-60, 60), edge_y + now.randint(-60, 60))
        for edge_x, edge_y in ((0, 0), (0, SIDE_PX), (SIDE_PX, SIDE_PX), (SIDE_PX, 0))
    ]
    quad = tuple(number for corner in corners for number in corner)
    size, bicubic = image.size, Image.Resampling.BICUBIC
    return image.transform(size, Image.Transform.QUAD, quad, bicubic)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    return encoded(image, "JPEG", quality=quality)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def write_poses(folder: Path, character: int, poses: range) -> Path:
    """One JPEG file a pose; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for pose in poses:
        (folder / f"{character}-{pose:02}.jpg").write_bytes(jpeg(draw_character(character, pose)))
    return folder


def _colour(chance: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return chance.randint(low, high), chance.randint(low, high), chance.randint(low, high)
