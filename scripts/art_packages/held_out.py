"""Games and visual novels that stay out of training: persons in many pictures to evaluate on."""

import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from PIL import Image

from art_packages.package import Package, Picture, Use

# Who plays in the two visual novels; their other pictures are places and pieces of windows.
RENPY_PERSONS = ("eileen", "lucy", "sylvie")


def label_renpy(unpacked: Path) -> Iterator[Picture]:
    """Label the persons of a visual novel, each in several moods."""
    for file in sorted(unpacked.glob("usr/share/games/renpy/*/game/images/*.png")):
        person = file.stem.split(" ")[0]
        if person in RENPY_PERSONS:
            source = f"renpy-{file.parents[2].name.replace('_', '-')}"
            yield Picture(file, source, person, file.name.replace(" ", "-"))


HAT_FRAME_PX = 32
HAT_FRAMES = 19
"""A hat's picture holds frames of 32 x 32 px, one below the other, in columns of sixteen."""


def label_hedgewars(unpacked: Path) -> Iterator[Picture]:
    """Cut the hats that move into their frames, one folder a hat.

    Hats copy many famous characters, so the whole source is for evaluation alone.
    """
    for file in sorted(unpacked.glob("usr/share/games/hedgewars/Data/Graphics/Hats/*.png")):
        with Image.open(file) as image:
            sheet = image.convert("RGBA")
        seen: set[bytes] = set()
        for number in range(HAT_FRAMES):
            left, top = number // 16 * HAT_FRAME_PX, number % 16 * HAT_FRAME_PX
            if left + HAT_FRAME_PX > sheet.width or top + HAT_FRAME_PX > sheet.height:
                break
            frame = sheet.crop((left, top, left + HAT_FRAME_PX, top + HAT_FRAME_PX))
            if frame.getbbox() and frame.tobytes() not in seen:
                seen.add(frame.tobytes())
                place = unpacked / "drawn" / f"{file.stem}-{number:02d}.png"
                place.parent.mkdir(exist_ok=True)
                frame.save(place)
                yield Picture(place, "hedgewars-hats", file.stem.lower().replace("_", "-"))


def label_ardentryst(unpacked: Path) -> Iterator[Picture]:
    """Label heroes, mentors and monsters of the game by their folder, and faces by name."""
    data = unpacked / "usr/share/games/ardentryst/Data"
    folders = [data / "Pyralis", data / "Nyx"]
    folders += sorted((data / "NPCs/Frames").iterdir()) + sorted((data / "MonsterFrames").iterdir())
    for folder in folders:
        for file in sorted(folder.glob("*.png")):
            name = folder.name.lower().replace("_", "-").replace("boss-", "")
            yield Picture(file, "ardentryst", name)
    for file in sorted((data / "NPCs/Faces").glob("*.png")):
        name = file.stem.rstrip("0123456789").lower().replace("_", "-")
        if name not in ARDENTRYST_NO_FACES:
            yield Picture(file, "ardentryst-faces", name)


ARDENTRYST_NO_FACES = frozenset({"glow-texture", "white-aura"})


def label_dink(unpacked: Path) -> Iterator[Picture]:
    """Unpack the people, animals and foes of Dink Smallwood, frames on white.

    Colours of one kind of person are variants of one character.
    """
    graphics = next(unpacked.glob("usr/share/games/dink/dink/graphics"))
    for archive in sorted(graphics.rglob("dir.ff")):
        group, *path = [part.lower() for part in archive.parent.relative_to(graphics).parts]
        path = [part for part in path if part not in DINK_MOTIONS]
        if group not in DINK_GROUPS or (group != "dink" and not path):
            continue
        name = "+".join(path[:2]) if path and group != "dink" else "dink"
        for stem, content in _dink_frames(archive):
            file = unpacked / "drawn" / name / f"{stem}.bmp"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            place = file.with_suffix(".png")
            with Image.open(file) as image:
                image.convert("RGB").save(place)
            yield Picture(place, "dink", name)


DINK_GROUPS = frozenset({"dink", "people", "animals", "foes"})
DINK_MOTIONS = frozenset(
    {
        "attack",
        "bow",
        "crawl",
        "death",
        "die",
        "hit",
        "idle",
        "magic",
        "normal",
        "push",
        "sword",
        "walk",
    }
)
DINK_ENTRY = struct.Struct("<I13s")


def _dink_frames(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Read an archive: the number of entries, their offsets and names, and the pictures."""
    content = archive.read_bytes()
    (count,) = struct.unpack_from("<I", content)
    entries = [DINK_ENTRY.unpack_from(content, 4 + DINK_ENTRY.size * i) for i in range(count)]
    for (start, name), (end, _) in pairwise(entries):
        stem, _, suffix = name.split(b"\0")[0].decode("ascii").lower().rpartition(".")
        if suffix == "bmp":
            yield stem, content[start:end]


RENPY = "MIT (Expat), Tom Rothamel and others, the Ren'Py project"

PACKAGES = (
    Package(
        "renpy-demo",
        "8.0.3+dfsg-1",
        "apt-get",
        "renpy-demo_8.0.3+dfsg-1_all.deb",
        "b7599368598cd7a96e89772d48d7c89327fcc8d4490e0760eceda0bd792025d5",
        RENPY,
        label_renpy,
        Use.HELD_OUT,
    ),
    Package(
        "renpy-thequestion",
        "8.0.3+dfsg-1",
        "apt-get",
        "renpy-thequestion_8.0.3+dfsg-1_all.deb",
        "aee15e3230dd4ea84295ffc98e2793ad9dd48780991b6a0e8a8db47fda1b0bfa",
        RENPY,
        label_renpy,
        Use.HELD_OUT,
    ),
    Package(
        "ardentryst",
        "1.71-9",
        "apt-get",
        "ardentryst_1.71-9_all.deb",
        "7a01180285a4acaa980b18118127c60ac0377f4e2bcd69244b1feb7de5fc566f",
        "CC BY-SA 3.0, Jordan Trudgett and others",
        label_ardentryst,
        Use.HELD_OUT,
    ),
    Package(
        "freedink-data",
        "1.08.20190120-2",
        "apt-get",
        "freedink-data_1.08.20190120-2_all.deb",
        "5c3f0c22958364460057d9df5318a9a2a0fb84b9174cab57a9d50ad03a73d66c",
        "Zlib licence, Seth A. Robinson",
        label_dink,
        Use.HELD_OUT,
    ),
    Package(
        "hedgewars-data",
        "1.0.2-6",
        "apt-get",
        "hedgewars-data_1.0.2-6_all.deb",
        "722225903a72604403e6e0026e40e9a6953f47a74d94efc5f55504bc05bb4761",
        "the Hedgewars project, GPL-2.0; its hats copy characters that others own",
        label_hedgewars,
        Use.EVALUATION_ONLY,
    ),
)
