"""Make the background set: pictures of nobody's protected character, to normalise scores with.

    python scripts/make_background.py [--art DIR] [--out FILE]

Writes `screening/background/pictures.zip`: about 300 pictures of 256 px at most, as WebP, with a
`SOURCES.md` that lists source, licence and count. Only art whose licence allows redistribution
without conditions on this package: CC0, public domain, Apache-2.0, or drawn here. Seeded: the
same packages and codec give the same bytes.
"""

import argparse
import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fetch_art import ArtError, fetch
from PIL import Image, ImageDraw, ImageFilter, ImageFont

OUT = Path(__file__).parent.parent / "screening/background/pictures.zip"
SEED = 20240917
SIZE_PX = 256
WEBP_QUALITY = 80
LIMIT_BYTES = 3_000_000

DICEBEAR_PACKAGES = ("@dicebear/core@9.4.3", "@dicebear/collection@9.4.3", "@resvg/resvg-js@2.6.2")
DICEBEAR_STYLES = ("lorelei", "notionists", "open-peeps", "pixel-art", "thumbs", "shapes")
FACES_PER_STYLE = 16

KENNEY_COUNTS = {
    "alien": 1,
    "cards": 6,
    "enemies": 14,
    "items": 12,
    "space-shooter": 8,
    "tiles": 22,
    "topdown-tanks": 8,
}
EMOJI_COUNT = 60
CROPS_PER_PHOTOGRAPH = 2


@dataclass(frozen=True, slots=True)
class Source:
    """Where pictures of the background set come from."""

    folder: str
    licence: str
    pictures: dict[str, Image.Image]


def draw_dicebear() -> Source:
    """Draw faces of the CC0 styles of DiceBear, with Node."""
    pictures: dict[str, Image.Image] = {}
    with tempfile.TemporaryDirectory() as folder:
        modules, out = Path(folder) / "modules", Path(folder) / "out"
        modules.mkdir()
        (modules / "package.json").write_text(json.dumps({"private": True}))
        npm = ["npm", "install", "--silent", *DICEBEAR_PACKAGES]
        subprocess.run(npm, cwd=modules, check=True, capture_output=True)
        script = Path(__file__).with_name("draw_dicebear.mjs")
        numbers = [str(SIZE_PX), str(FACES_PER_STYLE)]
        node = ["node", str(script), str(modules), str(out), *numbers, *DICEBEAR_STYLES]
        subprocess.run(node, check=True)
        for file in sorted(out.glob("*/*.png")):
            pictures[f"{file.parent.name}-{file.stem}"] = _on_white(file)
    styles = ", ".join(DICEBEAR_STYLES)
    return Source("dicebear", f"CC0 1.0; DiceBear styles {styles} (code MIT)", pictures)


def take_kenney(art: Path, seed: random.Random) -> Source:
    """Take pictures of Kenney's that show none of the animated characters."""
    pictures: dict[str, Image.Image] = {}
    for folder, count in KENNEY_COUNTS.items():
        files = sorted((art / "arcade-other" / folder).glob("*.png"))
        for file in seed.sample(files, count):
            pictures[f"{folder}-{file.stem}"] = _on_white(file)
    return Source("kenney", "CC0 1.0; Kenney (kenney.nl), from the package arcade", pictures)


def take_emoji(art: Path, seed: random.Random) -> Source:
    """Take a sample of Noto Emoji, whose source holds no flags and signs."""
    files = sorted((art / "emoji-google").glob("*/*.png"))
    pictures = {file.stem: _on_white(file) for file in seed.sample(files, EMOJI_COUNT)}
    licence = "Apache-2.0; Noto Emoji, Google, from the package emoji-datasource-google"
    return Source("noto-emoji", licence, pictures)


def take_photographs(art: Path, seed: random.Random) -> Source:
    """Take each free photograph whole, and crops of it."""
    pictures: dict[str, Image.Image] = {}
    for file in sorted((art / "photographs").glob("*/*.*")):
        whole = _on_white(file)
        pictures[file.stem] = whole
        for number in range(CROPS_PER_PHOTOGRAPH):
            pictures[f"{file.stem}-crop{number}"] = _crop(whole, seed)
    return Source("photographs", "CC0 1.0 or public domain; from scikit-image", pictures)


def draw_panels(seed: random.Random) -> Source:
    """Draw what uploads hold beside characters: text, memes, screens, charts, flat pictures."""
    kinds: dict[str, tuple[Callable[[random.Random], Image.Image], int]] = {
        "text": (_text_page, 10),
        "meme": (_meme, 12),
        "screen": (_screen, 10),
        "chart": (_chart, 6),
        "gradient": (_gradient, 6),
        "noise": (_noise, 5),
        "shapes": (_shapes, 10),
        "lines": (_line_drawing, 8),
        "flat": (_flat, 3),
    }
    pictures = {
        f"{kind}-{number:02}": draw(seed)
        for kind, (draw, count) in kinds.items()
        for number in range(count)
    }
    return Source("drawn", "drawn by scripts/make_background.py; Apache-2.0", pictures)


def write(sources: Sequence[Source], out: Path) -> int:
    """Write the archive; return the number of pictures. Bytes hang on nothing but the pictures."""
    out.parent.mkdir(parents=True, exist_ok=True)
    members: list[tuple[str, bytes]] = [("SOURCES.md", _sources_table(sources).encode())]
    for source in sources:
        for name, picture in source.pictures.items():
            members.append((f"{source.folder}/{name}.webp", _webp(picture)))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(members):
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)
    if out.stat().st_size > LIMIT_BYTES:
        raise ValueError(f"{out} has {out.stat().st_size} bytes, more than {LIMIT_BYTES}")
    return len(members) - 1


def _sources_table(sources: Sequence[Source]) -> str:
    rows = "".join(f"| {s.folder} | {s.licence} | {len(s.pictures)} |\n" for s in sources)
    return (
        "# Background set\n\n"
        "Pictures of nobody's protected character. They normalise scores; nothing is matched\n"
        "against them. Written by `scripts/make_background.py`, scaled to 256 px, WebP.\n\n"
        f"| folder | licence and source | pictures |\n|---|---|---|\n{rows}"
    )


def _on_white(file: Path) -> Image.Image:
    with Image.open(file) as opened:
        picture = opened.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


def _webp(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=WEBP_QUALITY, method=6)
    return buffer.getvalue()


def _crop(picture: Image.Image, seed: random.Random) -> Image.Image:
    width, height = picture.width // 2, picture.height // 2
    x, y = seed.randint(0, picture.width - width), seed.randint(0, picture.height - height)
    return picture.crop((x, y, x + width, y + height))


# --- drawn pictures ------------------------------------------------------------------------------

WORDS = tuple(
    """
    the model when you train it on a monday again nobody asked new update free style soft light
    portrait sample draft page chapter best quality settings export version notes tomorrow why
    not me every single time still waiting for results please read this first thank you all
    """.split()  # noqa: SIM905 - forty quoted words would be no easier to read
)


def _colour(seed: random.Random, low: int = 0, high: int = 255) -> tuple[int, int, int]:
    return seed.randint(low, high), seed.randint(low, high), seed.randint(low, high)


def _sentence(seed: random.Random, words: int) -> str:
    return " ".join(seed.choices(WORDS, k=words))


def _canvas(
    colour: tuple[int, int, int], seed: random.Random
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    height = seed.choice((SIZE_PX, SIZE_PX, 192, 144))
    width = SIZE_PX if height < SIZE_PX else seed.choice((SIZE_PX, SIZE_PX, 180))
    picture = Image.new("RGB", (width, height), colour)
    return picture, ImageDraw.Draw(picture)


def _text_page(seed: random.Random) -> Image.Image:
    paper, ink = (
        ((250, 249, 245), (30, 30, 34)) if seed.random() < 0.7 else ((24, 26, 32), (220,) * 3)
    )
    picture, draw = _canvas(paper, seed)
    size = seed.choice((9, 11, 14, 20))
    font = ImageFont.load_default(size)
    for y in range(12, picture.height - size, int(size * 1.5)):
        if seed.random() < 0.9:
            draw.text((12, y), _sentence(seed, 3 + 90 // size), fill=ink, font=font)
    return picture


def _meme(seed: random.Random) -> Image.Image:
    scene = _gradient(seed) if seed.random() < 0.4 else _shapes(seed)
    if seed.random() < 0.5:
        band = scene.height // 4
        picture = Image.new("RGB", (scene.width, scene.height + band), "white")
        picture.paste(scene, (0, band))
        draw = ImageDraw.Draw(picture)
        draw.text((8, 8), _sentence(seed, 5), fill="black", font=ImageFont.load_default(18))
        return picture
    draw = ImageDraw.Draw(scene)
    for y in (6, scene.height - 36):
        line = _sentence(seed, 3).upper()
        font = ImageFont.load_default(24)
        draw.text((10, y), line, fill="white", font=font, stroke_width=2, stroke_fill="black")
    return scene


def _screen(seed: random.Random) -> Image.Image:
    dark = seed.random() < 0.5
    back, front = ((30, 32, 38), (58, 62, 72)) if dark else ((246, 247, 249), (222, 226, 232))
    picture, draw = _canvas(back, seed)
    accent, font = _colour(seed, 40, 220), ImageFont.load_default(10)
    draw.rectangle((0, 0, picture.width, 22), fill=accent)
    draw.text((8, 5), _sentence(seed, 4), fill="white", font=font)
    for row in range(32, picture.height - 24, 34):
        draw.rounded_rectangle((8, row, picture.width - 8, row + 26), 5, fill=front)
        draw.ellipse((14, row + 4, 32, row + 22), fill=_colour(seed, 60, 230))
        ink = (225,) * 3 if dark else (40,) * 3
        draw.text((40, row + 7), _sentence(seed, 4), fill=ink, font=font)
    return picture


def _chart(seed: random.Random) -> Image.Image:
    picture, draw = _canvas((255, 255, 255), seed)
    base, bars = picture.height - 20, seed.randint(5, 12)
    draw.line((20, 8, 20, base), fill="black")
    draw.line((20, base, picture.width - 8, base), fill="black")
    step, colour = (picture.width - 36) / bars, _colour(seed, 30, 200)
    for bar in range(bars):
        x, top = 24 + bar * step, seed.randint(16, base - 8)
        draw.rectangle((x, top, x + step * 0.7, base), fill=colour)
    return picture


def _gradient(seed: random.Random) -> Image.Image:
    corners = Image.new("RGB", (2, 2))
    for x, y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        corners.putpixel((x, y), _colour(seed))
    return corners.resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC)


def _noise(seed: random.Random) -> Image.Image:
    side = seed.choice((8, 32, 128))
    grain = Image.frombytes("RGB", (side, side), seed.randbytes(side * side * 3))
    return grain.resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC)


def _shapes(seed: random.Random) -> Image.Image:
    picture, draw = _canvas(_colour(seed, 90), seed)
    for _ in range(seed.randint(4, 18)):
        x, y = seed.randint(-20, picture.width), seed.randint(-20, picture.height)
        box = (x, y, x + seed.randint(12, 110), y + seed.randint(12, 110))
        seed.choice((draw.rectangle, draw.ellipse))(box, fill=_colour(seed))
    return picture


def _line_drawing(seed: random.Random) -> Image.Image:
    picture, draw = _canvas((255, 255, 255), seed)
    for _ in range(seed.randint(6, 26)):
        points = [
            (seed.randint(0, picture.width), seed.randint(0, picture.height)) for _ in range(4)
        ]
        draw.line(points, fill=(20, 20, 20), width=seed.randint(1, 4), joint="curve")
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def _flat(seed: random.Random) -> Image.Image:
    return Image.new("RGB", (SIZE_PX, SIZE_PX), _colour(seed))


def gather(art: Path | None) -> Iterator[Source]:
    """Gather every source; `art` is a folder with packages that were downloaded before."""
    with tempfile.TemporaryDirectory() as folder:
        laid_out, seed = Path(folder), random.Random(SEED)
        wanted = ("arcade", "emoji-datasource-google", "scikit-image")
        left_out = fetch(laid_out, wanted, art=art).left_out
        if left_out:
            raise ArtError(f"cannot be had: {left_out}")
        yield draw_dicebear()
        yield take_kenney(laid_out, seed)
        yield take_emoji(laid_out, seed)
        yield take_photographs(laid_out, seed)
        yield draw_panels(seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the background set.")
    parser.add_argument("--art", type=Path, help="folder with packages, instead of the network")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    for client in ("npm", "node"):
        if shutil.which(client) is None:
            print(f"error: {client} is not installed", file=sys.stderr)
            return 1
    count = write(list(gather(options.art)), options.out)
    print(f"{options.out}: {count} pictures, {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
