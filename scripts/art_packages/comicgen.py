"""Comicgen: comic characters, each in many poses, moods and views, given away by their artists."""

import re
from collections.abc import Iterator
from pathlib import Path

from art_packages.package import Package, Picture, Use

# Only persons that their artists made up: no politicians.
CHARACTERS = (
    "aryan",
    "ava",
    "bean",
    "bill",
    "dee",
    "deenuova",
    "dey",
    "deynuovo",
    "ethan",
    "evan",
    "priya",
    "priyanuova",
    "ringo",
    "ringonuovo",
    "sophie",
)

# The same person, drawn anew by the same artist.
REDRAWN = {"deenuova": "dee", "deynuovo": "dey", "priyanuova": "priya", "ringonuovo": "ringo"}

PICTURES = 40
HEADS = 24
MOOD_STEP = 5
"""Neighbouring files hold like moods."""
WIDTH, HEIGHT = 500, 600


def label_comicgen(unpacked: Path) -> Iterator[Picture]:
    """Put moods on poses; and label the heads, which are the moods alone."""
    for character in CHARACTERS:
        folder = unpacked / "package/svg" / character
        name = f"{REDRAWN[character]}+{character}" if character in REDRAWN else character
        views = sorted(each.parent for each in folder.rglob("pose") if each.is_dir())
        for view in views:
            poses = sorted((view / "pose").glob("*.svg"))
            moods = sorted((view / "emotion").glob("*.svg"))
            kind = "figure" if view == folder else view.name
            pairs = _pairs(poses, moods, PICTURES // len(views))
            for number, parts in enumerate(pairs):
                drawn = unpacked / "drawn" / character / f"{kind}-{number:02d}.svg"
                yield Picture(_write(drawn, *parts), "comicgen", name)
            for mood in moods[: HEADS // len(views)]:
                drawn = unpacked / "drawn/heads" / character / f"{kind}-{mood.stem}.svg"
                yield Picture(_write(drawn, mood), "comicgen-heads", name)


def _pairs(poses: list[Path], moods: list[Path], count: int) -> Iterator[tuple[Path, Path]]:
    """Go round the poses, each time with other moods."""
    if poses and moods:
        places = (
            (number % len(poses), (number + number // len(poses)) * MOOD_STEP % len(moods))
            for number in range(min(count, len(poses) * len(moods)))
        )
        yield from ((poses[pose], moods[mood]) for pose, mood in dict.fromkeys(places))


def _write(drawn: Path, *parts: Path) -> Path:
    drawing = "".join(
        re.sub(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>", "", part.read_text("utf-8")) for part in parts
    )
    drawn.parent.mkdir(parents=True, exist_ok=True)
    drawn.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" data-trim="">{drawing}</svg>',
        encoding="utf-8",
    )
    return drawn


PACKAGES = (
    Package(
        "comicgen",
        "1.9.9",
        "npm",
        "comicgen-1.9.9.tgz",
        "649779b0754ba784216c7cafc41ff30403702585ebf935d36ac6893bf946b954",
        "CC0 1.0: Ramya Mylavarapu, Devarani B, Swetha Mylavarapu, Renel McCullum, Shawf Designs "
        "(the package's README.md says so)",
        label_comicgen,
        Use.HELD_OUT,
        ("@resvg/resvg-wasm",),
    ),
)
