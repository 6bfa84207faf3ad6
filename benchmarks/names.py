"""How fast names are found in captions, and how often in texts that have nothing to do with them.

    python benchmarks/names.py FOLDER [--fetch] [--names 100000] [--runs 5] [--json FILE]

FOLDER holds the texts and names (`names_data`); --fetch fills it first. Everything is measured in
this run, on one thread, in seconds of the processor (median of the runs):

- throughput: `NameMatcher.find` on English captions, on the same as booru tags, and on Chinese
  captions, each read once and cold (no token was seen before), against 100,000 seeded names. MB
  are 10⁶ bytes of UTF-8;
- limits: ``str.casefold`` alone, and pyahocorasick alone over text that is normalised already,
  with the same names as patterns of characters;
- hostile texts: every token different, zero-width characters, marks piled up, nothing but a name;
- false alarms: captions and dictionary words in which some 3,000 names of Pokémon, superheroes,
  Star Wars and Middle-earth, or the 1,025 Chinese names of Pokémon, are found: all as if they were
  distinctive, those without the ones that are dictionary words, and by how they were read.
"""

import argparse
import json
import platform
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import ahocorasick
import names_data

from screening.names import NamedText, NameMatcher, Source, normalise
from screening.references import Character, Name, ReferenceSet

SEED = 5
CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"


def main() -> None:
    arguments = _arguments()
    if arguments.fetch:
        names_data.fetch(arguments.folder)
    english = names_data.english_captions(arguments.folder)
    chinese = names_data.chinese_captions(arguments.folder)
    words = names_data.english_words(arguments.folder)
    report: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("pyahocorasick", "rapidfuzz", "opencc")},
        "data": sha256("\n".join((*english, *chinese, *words)).encode()).hexdigest()[:16],
    }
    names = made_names(arguments.names, words, chinese)
    corpora = {
        "english captions": english,
        "booru tags": as_tags(english),
        "chinese captions": chinese,
    }
    report["throughput"] = throughput(names, corpora, arguments.runs)
    report["false alarms"] = false_alarms(arguments.folder, english, chinese, words)
    report["hostile"] = hostile(names)
    text = json.dumps(report, indent=2, ensure_ascii=False)
    if arguments.json:
        arguments.json.write_text(text, encoding="utf-8")


def made_names(count: int, words: Sequence[str], chinese: Sequence[str]) -> list[str]:
    """Names as reference sets have them: coined words, with and without common ones beside."""
    chance = random.Random(SEED)
    common = [word for word in words if word.isascii() and word.isalpha() and len(word) > 3]
    han = [each for each in "".join(chinese) if "\u4e00" <= each <= "\u9fff"]

    def coined() -> str:
        syllables = chance.randint(2, 4)
        return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(syllables))

    kinds: tuple[Callable[[], str], ...] = (
        lambda: coined() + chance.choice("nrsl"),
        lambda: f"{coined()} {coined()}",
        lambda: f"{coined()} {chance.choice(common)}",
        lambda: f"{chance.choice(common)} {chance.choice(common)}",
        lambda: "".join(chance.choices(han, k=chance.randint(3, 5))),
    )
    found: dict[str, None] = {}
    while len(found) < count:
        found[chance.choices(kinds, (30, 30, 20, 10, 10))[0]()] = None
    return list(found)


def as_tags(captions: Iterable[str]) -> list[str]:
    """The same words as tags of one or two words, 12 to a caption, numbered as taggers do."""
    words = [word.strip("();:,.\"'`") for caption in captions for word in caption.split()]
    pairs = [f"{a}_{b}" if len(a) < 6 else a for a, b in zip(words[::2], words[1::2], strict=False)]
    return ["1girl, " + ", ".join(pairs[at : at + 12]) for at in range(0, len(pairs), 12)]


def matcher_of(names: Iterable[str], *, language: str = "") -> NameMatcher:
    characters = tuple(
        Character(id=f"c{at}", names=(Name(text=name, language=language),))
        for at, name in enumerate(names)
    )
    return NameMatcher(
        [ReferenceSet(id="set", work="Æ", rights_holder="nobody", characters=characters)]
    )


def texts_of(captions: Iterable[str]) -> list[NamedText]:
    return [
        NamedText(text=text, source=Source.CAPTION, path=f"{at}.txt")
        for at, text in enumerate(captions)
    ]


def seconds_of(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return median(times)


def throughput(
    names: Sequence[str], corpora: dict[str, list[str]], runs: int
) -> dict[str, dict[str, Any]]:
    begin = time.process_time()
    matcher = matcher_of(names)
    build_seconds = time.process_time() - begin
    bare: Any = ahocorasick.Automaton()
    for name in names:
        bare.add_word(f" {normalise(name)} ", name)
    bare.make_automaton()
    report: dict[str, dict[str, Any]] = {"build": {"seconds": round(build_seconds, 2)}}
    for kind, captions in corpora.items():
        texts = texts_of(captions)
        joined = "\n".join(captions)
        one = [NamedText(text=joined, source=Source.CAPTION, path="all.txt")]
        megabytes = len(joined.encode()) / 1e6
        normal = f" {normalise(joined)} ".replace("\n", " ")
        rates = {
            "screening, a caption at a time": seconds_of(lambda t=texts: matcher.find(t), runs),
            "screening, one text": seconds_of(lambda t=one: matcher.find(t), runs),
            "pyahocorasick on normalised text": seconds_of(
                lambda t=normal: sum(1 for _ in bare.iter(t)), runs
            ),
            "str.casefold": seconds_of(joined.casefold, runs),
        }
        report[kind] = {
            "megabytes": round(megabytes, 2),
            "captions": len(captions),
            "mentions": sum(each.members for each in matcher.find(texts)),
            **{f"{name}, MB/s": round(megabytes / took, 1) for name, took in rates.items()},
        }
        print(kind, report[kind], flush=True)
    return report


def hostile(names: Sequence[str]) -> dict[str, float]:
    """MB/s on texts of 2 MB that were written to be slow."""
    chance = random.Random(SEED)
    size = 2_000_000
    matcher = matcher_of(names)
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = {
        "every token different": " ".join(
            "".join(chance.choices(letters, k=8)) for _ in range(size // 9)
        ),
        "leetspeak": " ".join("".join(chance.choices("1246869a", k=8)) for _ in range(size // 9)),
        "zero-width": "m\u200be\u200bd\u200bu\u200bs\u200ba " * (size // 22),
        "marks": "m" + "\u0336" * (size // 2),
        "one name": f"{names[0]} " * (size // (len(names[0]) + 1)),
        "one token": "a1" * (size // 2),
        "single letters": "m e d u s a " * (size // 12),
        "blanks": " " * size,
        "breaks": ",\n" * (size // 2),
    }
    rates = {}
    for kind, text in texts.items():
        named = [NamedText(text=text, source=Source.CAPTION, path="a.txt")]
        took = seconds_of(lambda t=named: matcher.find(t), 1)
        rates[kind] = round(len(text.encode()) / 1e6 / took, 1)
        print(kind, rates[kind], flush=True)
    return rates


def false_alarms(
    folder: Path, english: list[str], chinese: list[str], words: list[str]
) -> dict[str, Any]:
    latin, han = names_data.latin_names(folder), names_data.chinese_names(folder)
    known = {normalise(word) for word in words}
    known_han = set(names_data.chinese_words(folder))
    return {
        "english captions": _alarms(latin, english, known),
        "english words": _alarms(latin, words, known),
        "chinese captions": _alarms(han, chinese, known_han, language="zh"),
        "chinese words": _alarms(han, names_data.chinese_words(folder), known_han, language="zh"),
        "chinese names romanised, in english captions": _alarms(han, english, set(), language="zh"),
    }


def _alarms(
    names: list[str], captions: list[str], known: set[str], *, language: str = ""
) -> dict[str, Any]:
    mentions = matcher_of(names, language=language).find(texts_of(captions))
    common = {name for name in names if normalise(name).replace(" ", "") in known or name in known}
    rare = [each for each in mentions if each.name not in common]
    read: Counter[str] = Counter()
    written: dict[str, list[str]] = {}
    for each in mentions:
        for excerpt in each.excerpts:
            kinds = " + ".join(excerpt.readings) or "as it is written"
            read[kinds] += 1
            if excerpt.readings:
                written.setdefault(kinds, []).append(f"{excerpt.written} -> {each.name}")
    found = {
        "texts": len(captions),
        "names": len(names),
        "names that are dictionary words": len(common),
        "mentions of all names": sum(each.members for each in mentions),
        "mentions of other names": sum(each.members for each in rare),
        "by distinctive names": sum(each.members for each in rare if each.distinctive),
        "most frequent": [
            (each.name, each.members) for each in sorted(rare, key=lambda e: -e.members)[:12]
        ],
        "how read (3 excerpts a name)": dict(read),
        "read": {kind: examples[:40] for kind, examples in written.items()},
    }
    print({key: value for key, value in found.items() if key != "read"}, flush=True)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
