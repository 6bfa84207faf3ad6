"""Emoji drawn by several hands: one folder per emoji, named alike in every vendor's source."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from art_packages.package import Archive, Package, Picture

# What is not a thing, a creature or a person; and clock faces, which differ by their hands alone.
GROUPS_LEFT_OUT = frozenset({"Symbols", "Flags"})
CLOCKS = re.compile(r".*(_o_clock|_thirty)$")

VARIATION_SELECTOR = 0xFE0F
SKIN_TONES = range(0x1F3FB, 0x1F3FF + 1)
JOINER, FEMALE, MALE = 0x200D, 0x2640, 0x2642
MAN, WOMAN, PERSON = 0x1F468, 0x1F469, 0x1F9D1

Codes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EmojiNames:
    """Which characters' folders emoji belong to, by code points and by name."""

    by_codes: dict[Codes, str]
    by_name: dict[str, str] = field(repr=False)

    def of_codes(self, codes: Codes) -> str | None:
        """Name the folder, None for what is left out. Skin tones are left out: only hues differ."""
        if SKIN_TONES.start <= max(codes, default=0) < SKIN_TONES.stop:
            return None
        if any(code in SKIN_TONES for code in codes):
            return None
        return self.by_codes.get(plain(codes))

    def of_name(self, name: str) -> str | None:
        """Name the folder of an emoji that a package knows by its name alone."""
        return self.by_name.get(squashed(name))


def plain(codes: Codes) -> Codes:
    return tuple(code for code in codes if code != VARIATION_SELECTOR)


def squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def base_of(codes: Codes) -> Codes:
    """The emoji of which this is the man or the woman."""
    without = codes
    if codes[-1] in (FEMALE, MALE) and len(codes) > 2 and codes[-2] == JOINER:
        without = codes[:-2]
    if len(without) > 1 and without[0] in (MAN, WOMAN) and without[1] == JOINER:
        without = (PERSON, *without[1:])
    return without


@cache
def emoji_names(package: Path) -> EmojiNames:
    """Read the names of the package unicode-emoji-json, unpacked in `package`."""
    known: dict[Codes, str] = {}
    for emoji, entry in json.loads((package / "data-by-emoji.json").read_text("utf-8")).items():
        if entry["group"] not in GROUPS_LEFT_OUT and not CLOCKS.match(entry["slug"]):
            known[plain(tuple(map(ord, emoji)))] = entry["slug"].replace("_", "-")
    by_codes: dict[Codes, str] = {}
    by_name: dict[str, str] = {}
    for codes, slug in known.items():
        base = known.get(base_of(codes), slug)
        if slug.startswith(("family-", "couple-with-heart", "kiss-")):
            base = slug.split("-")[0]
        name = slug if base == slug else f"{base}+{slug}"
        by_codes[codes] = name
        by_name.setdefault(squashed(slug), name)
        if len(codes) == 1:
            by_name.setdefault(squashed(unicodedata.name(chr(codes[0]), "")), name)
    return EmojiNames(by_codes, by_name)


def _codes_of(stem: str) -> Codes:
    return tuple(int(part, 16) for part in re.split(r"[-_]", stem))


def _names_beside(unpacked: Path) -> EmojiNames:
    return emoji_names(unpacked / "needs/unicode-emoji-json/package")


def by_codes(sources: dict[str, str]) -> Callable[[Path], Iterator[Picture]]:
    """Label files whose names are code points in hexadecimal, by source and pattern of paths."""

    def label(unpacked: Path) -> Iterator[Picture]:
        names = _names_beside(unpacked)
        for source, pattern in sources.items():
            for file in sorted((unpacked / "package").glob(pattern)):
                if re.fullmatch(r"[0-9A-Fa-f]{2,6}([-_][0-9A-Fa-f]{2,6})*", file.stem):
                    name = names.of_codes(_codes_of(file.stem))
                    if name:
                        yield Picture(file, source, name)

    return label


OPENMOJI = {"emoji-openmoji": "color/svg/*.svg", "emoji-openmoji-black": "black/svg/*.svg"}


def iconify(source: str) -> Callable[[Path], Iterator[Picture]]:
    """Label the icons of an `@iconify-json/*` package, by code points or else by name."""

    def label(unpacked: Path) -> Iterator[Picture]:
        names = _names_beside(unpacked)
        package = unpacked / "package"
        icons = json.loads((package / "icons.json").read_text("utf-8"))
        chars = package / "chars.json"
        by_code = json.loads(chars.read_text("utf-8")) if chars.is_file() else {}
        found: dict[str, str] = {}
        for code, icon in by_code.items():
            name = names.of_codes(_codes_of(code))
            if name and icon in icons["icons"]:
                found.setdefault(icon, name)
        if not by_code:
            for icon in (*icons["icons"], *icons.get("aliases", {})):
                name = names.of_name(icon)
                drawn = icons.get("aliases", {}).get(icon, {}).get("parent", icon)
                if name and drawn in icons["icons"]:
                    found.setdefault(drawn, name)
        for icon, name in sorted(found.items()):
            yield Picture(_write_svg(unpacked, icons, icon), source, name)

    return label


def _write_svg(unpacked: Path, icons: dict[str, Any], icon: str) -> Path:
    drawing = icons["icons"][icon]
    left, top = drawing.get("left", icons.get("left", 0)), drawing.get("top", icons.get("top", 0))
    width = drawing.get("width", icons.get("width", 16))
    height = drawing.get("height", icons.get("height", 16))
    file = unpacked / "drawn" / f"{icon}.svg"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}">{drawing["body"]}</svg>',
        encoding="utf-8",
    )
    return file


NAMES = Archive(
    "unicode-emoji-json",
    "0.9.0",
    "npm",
    "unicode-emoji-json-0.9.0.tgz",
    "ae7efacb55533385bf8767d613dbd36c71226669759d95919a6e9059f5e4c401",
    "MIT, Mu-An Chiou",
)
NAMED = ("unicode-emoji-json",)
DRAWN = ("unicode-emoji-json", "@resvg/resvg-wasm")


def _iconify(icons: str, version: str, sha256: str, licence: str) -> Package:
    return Package(
        f"@iconify-json/{icons}",
        version,
        "npm",
        f"iconify-json-{icons}-{version}.tgz",
        sha256,
        licence,
        iconify(f"emoji-{icons.replace('-emoji', '').removesuffix('s')}"),
        needs=DRAWN,
    )


PACKAGES = (
    Package(
        "emoji-datasource-google",
        "16.0.0",
        "npm",
        "emoji-datasource-google-16.0.0.tgz",
        "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
        "Noto Emoji pictures: Apache-2.0, Google",
        by_codes({"emoji-google": "img/google/64/*.png"}),
        needs=NAMED,
    ),
    Package(
        "emoji-datasource-twitter",
        "16.0.0",
        "npm",
        "emoji-datasource-twitter-16.0.0.tgz",
        "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
        "Twemoji pictures: CC BY 4.0, Twitter and contributors",
        by_codes({"emoji-twitter": "img/twitter/64/*.png"}),
        needs=NAMED,
    ),
    Package(
        "emoji-datasource-google",
        "3.0.0",
        "npm",
        "emoji-datasource-google-3.0.0.tgz",
        "3247dd55dee7954d6d1d3d84b05759e49daf71cab5cccb4566940209679af66f",
        "Noto Emoji pictures of 2017 (blobs): Apache-2.0, Google",
        by_codes({"emoji-google-blob": "img/google/64/*.png"}),
        needs=NAMED,
    ),
    Package(
        "@lobehub/fluent-emoji-3d",
        "1.1.0",
        "npm",
        "lobehub-fluent-emoji-3d-1.1.0.tgz",
        "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
        "Fluent Emoji pictures: MIT, Microsoft",
        by_codes({"emoji-fluent-3d": "assets/*.webp"}),
        needs=NAMED,
    ),
    Package(
        "openmoji",
        "17.0.0",
        "npm",
        "openmoji-17.0.0.tgz",
        "55ee7d13485dec86e9f38c1f3a645a13382d33ff97c0cd845ee824b0aef45e68",
        "CC BY-SA 4.0, OpenMoji, HfG Schwaebisch Gmuend",
        by_codes(OPENMOJI),
        needs=DRAWN,
    ),
    _iconify(
        "fluent-emoji-flat",
        "1.2.6",
        "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175",
        "Fluent Emoji pictures: MIT, Microsoft",
    ),
    _iconify(
        "fluent-emoji-high-contrast",
        "1.2.6",
        "0b92d48c90d2200bd499e3cdd09a127ca6a8c8ddefd34c35eb5a1e4994012ae0",
        "Fluent Emoji pictures: MIT, Microsoft",
    ),
    _iconify(
        "emojione",
        "1.2.3",
        "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e",
        "CC BY 4.0, EmojiOne 2",
    ),
    _iconify(
        "emojione-v1",
        "1.2.3",
        "6641d59d48a42823fdc2b84e7427e9f302944eb98d2c7d94d6e67c139e7b37b3",
        "CC BY-SA 4.0, EmojiOne 1",
    ),
    _iconify(
        "emojione-monotone",
        "1.2.1",
        "40b90004bafb406b59266155ef9b7e1dd67bf2947fc8db8d07388776f4d0d04e",
        "CC BY 4.0, EmojiOne 2",
    ),
    _iconify(
        "noto-v1",
        "1.2.5",
        "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37",
        "Noto Emoji pictures of 2018 to 2020: Apache-2.0, Google",
    ),
    _iconify(
        "fxemoji",
        "1.2.2",
        "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef",
        "Apache-2.0, Mozilla",
    ),
    _iconify(
        "streamline-emojis",
        "1.2.4",
        "5dac87c876b322500989828c5823143e0100d78881627a2e4081a4b897cbfdbc",
        "CC BY 4.0, Streamline",
    ),
)
