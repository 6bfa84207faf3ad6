"""The Battle for Wesnoth: sprites of units, portraits, and which portrait shows which unit.

An identity (what stands before a `+`) is named after its portrait, so that sprites and portraits
of one unit share it, and so do the same person's in several campaigns.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from art_packages.package import Package, Picture


@dataclass(frozen=True, slots=True)
class UnitType:
    """A unit's base picture (`folder/stem`, below `images/units`) and its portrait's path."""

    picture: str
    portrait: str | None


def label_core(unpacked: Path) -> Iterator[Picture]:
    """Label the units of the game itself, by base picture, and its portraits."""
    data = next(unpacked.glob("usr/share/games/wesnoth/*/data"))
    units = _unit_types(data / "core/units")
    portraits = {unit.picture: unit.portrait for unit in units if unit.portrait}
    for file in sorted((data / "core/images/units").rglob("*.png")):
        folder = file.relative_to(data / "core/images/units").parts[0]
        bases = {u.picture for u in units if u.picture.startswith(f"{folder}/")}
        base = _longest_base(f"{folder}/{file.stem}", bases)
        if base:
            yield Picture(file, "wesnoth", _named(base, portraits.get(base)))
    for file in sorted((data / "core/images/portraits").glob("*/*.png")):
        yield Picture(file, "wesnoth-portraits", _portrait_name(f"{file.parent.name}/{file.stem}"))


def label_campaign(unpacked: Path) -> Iterator[Picture]:
    """Label a campaign's portraits by person and its unit sprites by unit, person first."""
    campaign = next(unpacked.glob("usr/share/games/wesnoth/*/data/campaigns/*"))
    source = campaign.name.lower().replace("_", "-")
    for file in sorted((campaign / "images/portraits").rglob("*.png")):
        person = person_of(file.relative_to(campaign / "images/portraits"))
        if person:
            yield Picture(file, f"{source}-portraits", person)
    portraits = {u.picture: u.portrait for u in _unit_types(campaign / "units") if u.portrait}
    for file in sorted((campaign / "images/units").rglob("*.png")):
        path = file.relative_to(campaign / "images/units")
        unit = _MOTION.sub("", file.stem)
        base = f"{path.parts[0]}/{unit}" if len(path.parts) > 1 else unit
        if unit and not NO_UNITS.intersection(path.parts):
            known = UNIT_PERSONS.get(unit)
            name = (
                f"{known}+{unit.replace('_', '-')}" if known else _named(base, portraits.get(base))
            )
            yield Picture(file, f"{source}-units", name)


def _named(base: str, portrait: str | None) -> str:
    """Name a unit: its own name, or its portrait's identity and then its own name."""
    own = base.replace("/", "-").replace("_", "-")
    if portrait is None:
        return own
    person = person_of(Path(f"{portrait}.png")) or own
    return f"{person.split('+')[0]}+{own.replace('+', '-')}"


def _portrait_name(portrait: str) -> str:
    """`elves/archer+female` → `elves-archer+female`, `humans/mage-2` → `humans-mage+2`."""
    name = portrait.replace("/", "-").replace("_", "-")
    numbered = re.fullmatch(r"(.*?)-(\d+)(.*)", name)
    if numbered:
        name = f"{numbered[1]}+{numbered[2]}{numbered[3].replace('+', '-')}"
    return name


# Moods and ages that stand in the names of a person's portraits.
MOODS = frozenset(
    {
        "ancient",
        "angry",
        "annoyed",
        "concerned",
        "decay",
        "defeat",
        "defeated",
        "druid",
        "elvish",
        "epilogue",
        "first",
        "glad",
        "human",
        "insane",
        "lich",
        "mad",
        "masked",
        "mentoring",
        "moody",
        "old",
        "older",
        "rage",
        "sad",
        "sceptre",
        "second",
        "shyde",
        "surprised",
        "volk",
        "winter",
        "young",
        "younger",
    }
)

# Portraits whose names do not follow the rule, and pictures that are no portraits.
PERSONS = {
    "old_orcish_shaman": "orcish-shaman+old",
    "young_orcish_shaman": "orcish-shaman+young",
    "orcish_shaman": "orcish-shaman",
    "orcish-shaman": "orcish-shaman",
    "elvish_marshal": "elvish-marshal",
    "haldricII": "haldric-ii",
    "lady_outlaw": "lady-outlaw",
    "maskeddwarf": "masked-dwarf",
    "maskeddwarf2": "masked-dwarf+2",
    "maskeddwarf3": "masked-dwarf+3",
    "maskeddwarf4": "masked-dwarf+4",
    "oracle1": "oracle",
    "oracle2": "oracle+2",
    "oracle3": "oracle+3",
    "oracle4": "oracle+4",
    "uncloaked": "dark-assassin",
    "cloaked": "dark-assassin",
    "alanin-winter-overlay": "",
    "campaign-image": "",
}

# Which person a unit's sprites show, where the unit's configuration names no portrait of it.
UNIT_PERSONS = {
    "konrad-fighter": "konrad",
    "konrad-commander": "konrad",
    "konrad-commander-scepter": "konrad",
    "konrad-lord": "konrad",
    "konrad-lord-scepter": "konrad",
    "human-princess": "lisar",
    "human-battleprincess": "lisar",
    "human-queen": "asheviere",
    "kaleh": "kaleh",
    "nym": "nym",
    "noble-youth": "haldric",
    "noble-fighter": "haldric",
    "noble-commander": "haldric",
    "noble-lord": "haldric",
    "wesfolk-leader": "jessica",
    "wesfolk-lady": "jessica",
    "wesfolk-outcast": "jessica",
    "owaec-fighter": "owaec",
    "owaec-warrior": "owaec",
    "owaec-lord": "owaec",
    "karrag": "karrag",
    "dark-assassin": "dark-assassin",
    "haldric-ii": "haldric-ii",
    "human-commander": "commander",
    "orcish-shaman": "orcish-shaman",
    "elder-orcish-shaman": "orcish-shaman",
    "novice-orcish-shaman": "orcish-shaman",
    "familiar": "familiar",
    "jevyan": "jevyan",
    "eloh": "eloh",
    "wyrm": "monsters-wyrm",
    "flesh-golem": "monsters-flesh-golem",
    "ravanal": "ravanal",
    "bone-captain": "bone-captain",
    "sea-captain": "captain",
    "neutral-outlaw-princess": "jessica",
    "zombie-wolf-rider": "undead-wolf-rider",
    "soulless-wolf-rider": "undead-wolf-rider",
}
NO_UNITS = frozenset({"icons", "fire", "alien"})


def person_of(path: Path) -> str:
    """Name whom a campaign's portrait shows; empty where it is no portrait."""
    if path.stem in PERSONS:
        return PERSONS[path.stem]
    if path.parent.parts:
        return _portrait_name(f"{path.parent.name}/{path.stem}")
    words = re.sub(r"\d+$", "", path.stem).lower().replace("_", "-").split("-")
    while len(words) > 1 and words[-1] in MOODS:
        words.pop()
    while len(words) > 1 and words[0] in MOODS:
        words.pop(0)
    return "-".join(words)


def _unit_types(configuration: Path) -> list[UnitType]:
    """Read base picture and portrait of every unit type, and of its female variant."""
    found: list[UnitType] = []
    for file in sorted(configuration.rglob("*.cfg")):
        tags: list[str] = []
        pictures: dict[tuple[str, ...], dict[str, str]] = {}
        for line in file.read_text(encoding="utf-8").splitlines():
            if tag := re.match(r"\s*\[(/?)\+?([a-z_]+)\]", line):
                tags = tags[:-1] if tag[1] else [*tags, tag[2]]
                if not tag[1] and tag[2] == "unit_type":
                    found += _closed(pictures)
                    pictures = {}
                continue
            value = re.match(r'\s*(image|profile)="?(?:units|portraits)/([^"~:\[]+)\.png', line)
            if value and tuple(tags) in UNIT_TAGS:
                pictures.setdefault(tuple(tags), {}).setdefault(value[1], value[2])
        found += _closed(pictures)
    return found


UNIT_TAGS = frozenset({("unit_type",), ("unit_type", "female"), ("unit_type", "male")})


def _closed(pictures: dict[tuple[str, ...], dict[str, str]]) -> Iterator[UnitType]:
    for each in pictures.values():
        if "image" in each:
            folder, _, stem = each["image"].rpartition("/")
            folder = folder.split("/")[0]
            yield UnitType(f"{folder}/{stem}" if folder else stem, each.get("profile"))


def _longest_base(path: str, bases: Iterable[str]) -> str | None:
    fits = [b for b in bases if re.fullmatch(re.escape(b) + r"(?![a-z+]).*", path)]
    return max(fits, key=len, default=None)


# Where the name of a frame of a unit ends and the name of what it does begins.
_MOTION = re.compile(
    r"[-_](?:attack|melee|ranged|magic|bow|sword|spear|staff|bob|defend|die|death|idle|leading|lead|"
    r"run|flying|stand|cast|heal|victory|dodge|resting|hat|swoosh|axe|axedefend|hammer|"
    r"hammerdefend|scepter|bolas|masked|cloaked|uncloaked|unmasked|bite|growl|moving|fist|tail|"
    r"laden|sling|swim|fly|def|backglow|sleeping|se|ne|sw|nw|n|s|\d+)(?![a-z]).*|\d+$"
)


LICENCE = "GPL-2.0-or-later and CC BY-SA 4.0, the Battle for Wesnoth project; not to be shipped"
VERSION = "1:1.16.9-1"

CAMPAIGNS = {
    "did": "774619f5aaeb7eb4c848e1cc1758795a8c58e96bd270cceecc9d847dbcc769b3",
    "dm": "1997ad4d91e8de36415db2a3445904288f588a76d75111222d2aace409ace5c6",
    "dw": "47982e08b2a5d5fd79f400a5453f32c6d7dd56f2ccc10412a9e47dec8a9b3ca4",
    "ei": "687abe111ee662b7324336ddadc209758f68d2eeb1ccbf630238f27a0e3c6404",
    "httt": "05b16a3f8f8204278794aae14d8e6a7c95d2b2faef7337c4997c827a146d1bbd",
    "l": "5383c79046df6121929bc36a8ec3f970ab4cf9c1239ed9b31868201c27f4266d",
    "low": "2f304551b97b7fb76a2adb5ad8ffcac3e78476bc8ade17532c90714065c9bf9f",
    "nr": "13edcf1bdd23708f531ba81c67100c5800363a119f10155c7f9e146fe7dced34",
    "sof": "b6f1ddffdbd1a977f3965dae944e4fb11c147627471f1cfc71c92d1e69efb555",
    "sota": "fa44304ff53d259f3c5fe13c03cb8166e55e9c307807d1a5663048c396645ba6",
    "sotbe": "877a2f4a7fd8df54fd3b4561ffbd5fa95d0390d7c7372f3cb66367c8007918cb",
    "thot": "79d9ec6e43300ea9f41295ccf3fb451e8eeaefc17007123f65d77eb05cb88695",
    "trow": "b5009e964ac7157a46d50de911e4f56f5bb4389d60b82a513b5f382671d180d7",
    "tsg": "38b5f564253b8e0d9c093b2b7c58aabfef24f688968d9cbaf42abfc1e76d8288",
    "ttb": "d0d45693665305191488553ade8dc1d0aa26ab17d4bffae3bf6969db4a766329",
    "utbs": "81e05717bebbfb6348c0bed2cd6ce2560c4fd9205ed419c2e7bc039b4a70e228",
}

PACKAGES = (
    Package(
        "wesnoth-1.16-data",
        VERSION,
        "apt-get",
        "wesnoth-1.16-data_1%3a1.16.9-1_all.deb",
        "1012b964bd412a6770685e3324ae3b61e176caff7846192d1ee63d55cd621e26",
        LICENCE,
        label_core,
    ),
    *(
        Package(
            f"wesnoth-1.16-{campaign}",
            VERSION,
            "apt-get",
            f"wesnoth-1.16-{campaign}_1%3a1.16.9-1_all.deb",
            sha256,
            LICENCE,
            label_campaign,
        )
        for campaign, sha256 in CAMPAIGNS.items()
    ),
)
