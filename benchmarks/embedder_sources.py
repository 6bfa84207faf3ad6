"""Which sources serve which row. Those kept out of training are named here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

HELD_OUT = ("tune", "calibrate", "test")
"""Splits that nobody learns from. What is wholly kept out of training may be used in all."""

POKEMON_SPRITES, POKEMON_VECTORS = "pokemon-sprites", "pokemon-dream-world"

FACES: Mapping[str, tuple[str, ...]] = {
    "DiceBear adventurer": ("dicebear-adventurer",),
    "DiceBear lorelei": ("dicebear-lorelei",),
    "DiceBear personas": ("dicebear-personas",),
    "Comicgen": ("comicgen-heads",),
    "Genshin, busts and profiles": ("genshin-busts", "genshin-profiles"),
}
FIGURES: Mapping[str, tuple[str, ...]] = {
    "Pokémon, both hands": (POKEMON_SPRITES, POKEMON_VECTORS),
    "Genshin, figures and busts": ("genshin-figures", "genshin-busts"),
    "Comicgen": ("comicgen",),
    "Ren'Py": ("renpy-demo", "renpy-the-question"),
    "Kenney": ("arcade",),
    "Dink": ("dink",),
    "Ardentryst": ("ardentryst",),
    "office assistants": ("office-assistants",),
}
"""Style -> the sources that draw its characters. Where they are two hands or framings, as many
pictures of each."""

KEPT_OUT = tuple(source for sources in (*FACES.values(), *FIGURES.values()) for source in sources)
"""Sources that no training sees."""


def matching(patterns: Sequence[str], sources: Sequence[str]) -> list[str]:
    """Those of ``sources`` that a pattern names, by pattern."""
    return [name for each in patterns for name in sources if fnmatch(name, each)]


def is_kept_out(source: str) -> bool:
    return source in KEPT_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Two hands that drew the same characters. A picture is the first that fits ``..._files``."""

    row: str
    name: str
    queries: tuple[str, ...]
    gallery: tuple[str, ...]
    query_files: str = "*"
    gallery_files: str = "*"
    kept_out: bool = True
    target: float | None = None


HANDS = (
    Hands(
        row="2",
        name="Pokémon sprite → vector art of another hand",
        queries=(POKEMON_SPRITES,),
        query_files="front-*",
        gallery=(POKEMON_VECTORS,),
        target=0.70,
    ),
    Hands(
        row="2b",
        name="Pokémon vector art → sprite",
        queries=(POKEMON_VECTORS,),
        gallery=(POKEMON_SPRITES,),
        gallery_files="front-*",
    ),
    Hands(
        row="2c",
        name="Wesnoth unit sprite → portrait",
        queries=("wesnoth", "*-units"),
        gallery=("wesnoth-portraits", "*-portraits"),
        kept_out=False,
    ),
)

GENSHIN = ("genshin-figures",)
HEADS = (
    Hands(row="4", name="Genshin figure, bust", queries=GENSHIN, gallery=("genshin-busts",)),
    Hands(row="4", name="Genshin figure, profile", queries=GENSHIN, gallery=("genshin-profiles",)),
    Hands(
        row="4", name="Comicgen figure, head", queries=("comicgen",), gallery=("comicgen-heads",)
    ),
    Hands(
        row="4",
        name="Wesnoth unit sprite, portrait",
        queries=("wesnoth", "*-units"),
        gallery=("wesnoth-portraits", "*-portraits"),
        kept_out=False,
    ),
)
"""Queries are figures; the gallery are other pictures of the same characters' heads."""

PACKS = (
    "wesnoth",
    "dicebear-adventurer",
    "dicebear-lorelei",
    "dicebear-personas",
    POKEMON_SPRITES,
    "comicgen",
    "dink",
    "office-assistants",
)


def asked_splits(source: str, split: str) -> tuple[str, ...]:
    """Splits to draw the characters of a source from: all where no training saw any."""
    return () if is_kept_out(source) else (split,)
