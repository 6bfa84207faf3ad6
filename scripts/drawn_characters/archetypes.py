"""Archetypes: costumes that go together, as casts of stories have them."""

import random
from dataclasses import dataclass, replace

from drawn_characters.traits import Outfit

ARCHETYPE_SHARE = 0.42
"Share of people who are dressed as a type; the others as chance will."


@dataclass(frozen=True, slots=True)
class Archetype:
    """What a type wears: each field offers several kinds, an empty one leaves it to chance."""

    tops: tuple[str, ...]
    bottoms: tuple[str, ...]
    sleeves: tuple[str, ...] = ()
    shoes: tuple[str, ...] = ()
    necks: tuple[str, ...] = ()
    props: tuple[str, ...] = ()
    back_items: tuple[str, ...] = ()
    hats: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ("plain",)


_ARCHETYPES = (
    Archetype(
        ("armour",),
        ("trousers", "skirt", "tights"),
        ("long", "short"),
        ("boot", "long-boot"),
        props=("sword", "shield", "spear", "axe", "hammer", "flag"),
        back_items=("cape", "half-cape", ""),
        hats=("helmet", "helmet", "", "crown", "tiara"),
        patterns=("plain", "emblem"),
    ),
    Archetype(
        ("cloak", "coat", "kimono"),
        ("gown", "long-skirt"),
        ("wide", "flared"),
        props=("staff", "wand", "book", "lantern", "broom"),
        back_items=("", "cape"),
        hats=("wizard-hat", "hood", ""),
        patterns=("plain", "stars", "hem"),
    ),
    Archetype(
        ("sailor", "uniform", "shirt", "sweater"),
        ("pleated", "pleated", "skirt", "trousers"),
        ("long", "short", "puff"),
        ("shoe",),
        ("bow", "tie", "none", "scarf"),
        ("book", "", ""),
        ("backpack", ""),
        ("", "ribbon", "band", "headphones"),
    ),
    Archetype(
        ("tee", "tank"),
        ("tights",),
        ("long",),
        ("boot", "long-boot"),
        ("none",),
        ("", "", "shield"),
        ("cape", "cape", "half-cape", ""),
        ("", "visor"),
        ("emblem", "split", "emblem", "plain"),
    ),
    Archetype(
        ("kimono",),
        ("hakama", "long-skirt", "trousers"),
        ("wide", "rolled"),
        ("bare", "shoe"),
        ("none", "scarf"),
        ("sword", "fan", "umbrella", "flower", "bow"),
        ("big-bow", "sword", "quiver", ""),
        ("", "bandana", "straw-hat"),
        ("plain", "stars", "check", "hem", "dots"),
    ),
    Archetype(
        ("vest", "corset", "shirt"),
        ("gown", "dress", "skirt"),
        ("puff", "short"),
        ("shoe", "heel"),
        ("jabot", "bow", "collar"),
        ("broom", "cup", "umbrella", ""),
        ("big-bow", ""),
        ("maid", "maid", "ribbon", "tiara"),
    ),
    Archetype(
        ("coat", "vest", "shirt", "jacket"),
        ("trousers", "shorts"),
        ("long", "rolled"),
        ("boot", "long-boot"),
        ("scarf", "none", "cross-strap"),
        ("sword", "blaster", "ball", ""),
        ("", "sword"),
        ("bandana", "top-hat", "goggles", "straw-hat"),
        ("plain", "stripes"),
    ),
    Archetype(
        ("hoodie", "tee", "sweater", "jacket"),
        ("shorts", "trousers", "skirt"),
        ("long", "short", "rolled"),
        ("sneaker",),
        ("none", "scarf"),
        ("guitar", "ball", "cup", "balloon", ""),
        ("backpack", ""),
        ("cap", "headphones", "", "bandana"),
        ("plain", "emblem", "stripes", "split", "check"),
    ),
    Archetype(
        ("suit",),
        ("trousers", "skirt"),
        ("long",),
        ("shoe", "heel"),
        ("tie", "bow", "none"),
        ("book", "umbrella", "cup", "", ""),
        ("",),
        ("top-hat", "", "", "beret"),
        ("plain", "bars", "check"),
    ),
    Archetype(
        ("overalls",),
        ("trousers", "shorts"),
        ("long", "short", "rolled"),
        ("boot", "sneaker"),
        ("none", "scarf"),
        ("hammer", "axe", "ball", "flower", ""),
        ("", "backpack"),
        ("cap", "straw-hat", "bandana", "goggles"),
    ),
    Archetype(
        ("vest", "cloak", "tank"),
        ("tights", "trousers", "shorts"),
        ("none", "long", "rolled"),
        ("long-boot", "boot"),
        ("cross-strap", "none", "scarf"),
        ("bow", "spear", "staff", "axe"),
        ("quiver", "half-cape", "cape"),
        ("hood", "hood", "", "bandana"),
    ),
    Archetype(
        ("corset", "tee", "sailor", "vest"),
        ("pleated", "skirt", "dress"),
        ("detached", "puff", "none"),
        ("long-boot", "heel"),
        ("bow", "collar", "necklace"),
        ("wand", "flower", "guitar", ""),
        ("big-bow", "", "half-cape"),
        ("ribbon", "tiara", "crown", ""),
        ("plain", "hem", "stars", "split"),
    ),
)


def dressed(outfit: Outfit, rng: random.Random) -> tuple[Outfit, str]:
    """An outfit after some archetype, and what it wears on its head ("" for nothing)."""
    kind = rng.choice(_ARCHETYPES)

    def one(kinds: tuple[str, ...], own: str) -> str:
        return rng.choice(kinds) if kinds else own

    worn = replace(
        outfit,
        top=one(kind.tops, outfit.top),
        bottom=one(kind.bottoms, outfit.bottom),
        sleeve=one(kind.sleeves, outfit.sleeve),
        shoe=one(kind.shoes, outfit.shoe),
        neck=one(kind.necks, outfit.neck),
        prop=one(kind.props, outfit.prop),
        back_item=one(kind.back_items, outfit.back_item),
        pattern=one(kind.patterns, outfit.pattern),
        bottom_pattern="plain" if rng.random() < 0.6 else outfit.bottom_pattern,
    )
    return worn, one(kind.hats, "")
