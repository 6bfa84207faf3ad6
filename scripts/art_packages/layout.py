"""Lay the pictures of a package out by source and character, licence and use beside them."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from art_packages.clients import run, unpack
from art_packages.package import Package, Picture, Use

LABELS = 2
"""Of the way in which pictures are labelled: art that an older way laid out is laid out anew."""

WIDTH_PX = 256
"""Of pictures drawn from SVG."""


def lay_out(
    package: Package, file: Path, tools: Mapping[str, Path], destination: Path
) -> dict[str, int]:
    """Copy the labelled pictures of a package to their places; return the count by source.

    `file` is the package and `tools` are those it needs, by name, as archives.
    Vector art is drawn; pictures that cannot be drawn are named in the source's `LICENCE`.
    """
    # Programs that draw run in folders of their own, where a relative path leads nowhere.
    destination = destination.resolve()
    destination.mkdir(parents=True, exist_ok=True)
    before = _already_there(package, destination)
    if before:
        return before
    with tempfile.TemporaryDirectory(dir=destination, prefix=".partial-") as partial:
        unpacked, laid_out = Path(partial) / "unpacked", Path(partial) / "laid-out"
        unpack(file, unpacked)
        for name, tool in tools.items():
            unpack(tool, unpacked / "needs" / name)
        for picture in package.label(unpacked):
            folder = laid_out / picture.source / picture.character
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture.file, _free_place(folder, picture))
        undrawn = _draw(laid_out, unpacked)
        counts = {
            source.name: sum(1 for each in source.glob("*/*")) for source in laid_out.iterdir()
        }
        for source in counts:
            note = _licence_note(package, counts, undrawn.get(source, []))
            (laid_out / source / "LICENCE").write_text(note)
            shutil.rmtree(destination / source, ignore_errors=True)
            (laid_out / source).replace(destination / source)
    return counts


def use_of(source: Path) -> Use:
    """Read from the `LICENCE` of a source's folder what its art may be used for.

    Raises ValueError where it does not say so: a folder of another origin is for nothing.
    """
    note = source / "LICENCE"
    lines = note.read_text().splitlines() if note.is_file() else []
    stated = [line.removeprefix("use: ") for line in lines if line.startswith("use: ")]
    if len(stated) != 1:
        raise ValueError(f"{note}: does not say what this art may be used for")
    return Use(stated[0])


def _already_there(package: Package, destination: Path) -> dict[str, int]:
    note_start = _licence_note(package, {}, [])
    counts: dict[str, int] = {}
    for note in destination.glob("*/LICENCE"):
        text = note.read_text()
        if text.startswith(note_start):
            line = next(line for line in text.splitlines() if line.startswith("pictures: "))
            counts |= json.loads(line.removeprefix("pictures: "))
    complete = all((destination / source / "LICENCE").is_file() for source in counts)
    return counts if complete else {}


def _licence_note(package: Package, counts: dict[str, int], undrawn: list[str]) -> str:
    note = (
        f"{package.licence}\n"
        f"use: {package.use.value}\n"
        f"taken from the package {package.name} {package.version} ({package.client})\n"
        f"sha256 of the package: {package.sha256}\n"
        f"labels: {LABELS}\n"
    )
    if counts:
        note += f"pictures: {json.dumps(counts)}\n"
    if undrawn:
        note += f"left out, cannot be drawn: {', '.join(undrawn)}\n"
    return note


def _free_place(folder: Path, picture: Picture) -> Path:
    """Two pictures of one character may have the same name in different folders."""
    name = Path(picture.name or picture.file.name)
    place, number = folder / name, 2
    while place.exists():
        place = folder / f"{name.stem}~{number}{name.suffix}"
        number += 1
    return place


def _draw(laid_out: Path, unpacked: Path) -> dict[str, list[str]]:
    """Put a drawing in the place of each SVG; return the characters that have none, by source."""
    drawings = sorted(laid_out.glob("*/*/*.svg"))
    if not drawings:
        return {}
    script = Path(__file__).with_name("draw_svg.mjs")
    resvg = unpacked / "needs/@resvg/resvg-wasm/package"
    listed = "".join(f"{svg}\t{svg.with_suffix('.png')}\n" for svg in drawings)
    run(["node", script, resvg, str(WIDTH_PX)], laid_out, listed)
    undrawn: dict[str, list[str]] = {}
    for svg in drawings:
        drawn = svg.with_suffix(".png")
        if not drawn.is_file():
            undrawn.setdefault(svg.parent.parent.name, []).append(svg.parent.name)
        svg.unlink()
        if not any(svg.parent.iterdir()):
            svg.parent.rmdir()
    return undrawn
