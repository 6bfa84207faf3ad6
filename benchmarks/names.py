"""How fast names are found in captions, and how often in texts that have nothing to do with them.

    python benchmarks/names.py FOLDER [--fetch] [--names 100000] [--runs 5]
        [--only-alarms] [--json FILE]

FOLDER holds the texts and names (`names_data`); --fetch fills it first. Everything is measured in
this run, on one thread, in seconds of the processor (median of the runs):

- throughput: `NameMatcher.find` against 100,000 seeded names, read once and cold (no token was seen
  before), on glosses of WordNet, which have 50,000 different words in 9 MB, on the same words as
  tags, on captions of four glosses and of 30 tags that come as often as tags of boorus do (the
  n-th 1/n times as often as the first), and on Chinese sentences. MB are 10⁶ bytes of UTF-8;
- limits, on the same bytes: ``str.casefold`` and ``str.split``, and pyahocorasick alone over text
  that is normalised already, with the same names as patterns of characters; as ratios too, since
  machines differ and are shared;
- the matcher itself: seconds and memory to build it;
- hostile texts: every token different, zero-width characters, marks piled up, nothing but a name;
- false alarms (`names_false_alarms`), as a table.

Measured last on an EPYC core of a machine with seven times as much work as cores, by turns with the
version before, in MB/s (before): booru tags 29 (25), Chinese sentences 26 (18), captions of four
glosses 23 (18), glosses as tags 20 (13), glosses 19 (15). A quarter of what glosses take goes into
words that were not seen before, each of which is asked for a wrong letter. Of hostile texts of 300
kB the slowest are letters set apart (.67 MB/s), leetspeak and words of mixed scripts, all different
(.9): `Limits.max_names_seconds` ends them.
"""

import argparse
import gc
import json
import platform
import random
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

import ahocorasick
import names_data
import names_false_alarms

from screening.names import NamedText, NameMatcher, Source, normalise
from screening.references import Character, Name, ReferenceSet

SEED = 5
OURS, LIMIT = "screening, a caption at a time", "str.casefold and str.split"
SAMPLE_CHARACTERS = 1_000_000
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
        "glosses": english,
        "captions of four glosses": long_captions(english),
        "glosses as tags": as_tags(english),
        "booru tags": booru_tags(english),
        "chinese sentences": chinese,
    }
    if not arguments.only_alarms:
        matcher = build(names, report)
        gc.collect()
        gc.freeze()  # as a service would after it has loaded everything: names are many objects
        report["throughput"] = throughput(matcher, names, corpora, arguments.runs)
        report["hostile"] = hostile(matcher, names)
        del matcher
    report["false alarms"] = names_false_alarms.false_alarms(arguments.folder)
    print(names_false_alarms.table(report["false alarms"]))
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


def long_captions(captions: Sequence[str]) -> list[str]:
    """As long as describing networks write them, of words that come again."""
    chance = random.Random(SEED)
    return [" ".join(chance.choices(captions, k=4)) for _ in range(40_000)]


def booru_tags(captions: Sequence[str]) -> list[str]:
    """30 tags a caption, blanks for underscores in half of them, the n-th tag 1/n as often."""
    chance = random.Random(SEED)
    tags = [tag for caption in as_tags(captions)[:4000] for tag in caption.split(", ")[1:]]
    tags = list(dict.fromkeys(tags))
    weights = list(accumulate(1 / rank for rank in range(1, len(tags) + 1)))
    drawn = [
        ", ".join(["1girl", *chance.choices(tags, cum_weights=weights, k=30)])
        for _ in range(30_000)
    ]
    return [each.replace("_", " ") if at % 2 else each for at, each in enumerate(drawn)]


def build(names: Sequence[str], report: dict[str, Any]) -> NameMatcher:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    matcher = matcher_of(names)
    report["build"] = {
        "names": len(names),
        "seconds": round(time.process_time() - begin, 2),
        "MB more at the highest": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        // 1000,
    }
    print(report["build"], flush=True)
    return matcher


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
    matcher: NameMatcher, names: Sequence[str], corpora: dict[str, list[str]], runs: int
) -> dict[str, dict[str, Any]]:
    bare: Any = ahocorasick.Automaton()
    for name in names:
        bare.add_word(f" {normalise(name)} ", name)
    bare.make_automaton()
    report: dict[str, dict[str, Any]] = {}
    for kind, captions in corpora.items():
        texts = texts_of(captions)
        joined = "\n".join(captions)
        one = [NamedText(text=joined, source=Source.CAPTION, path="all.txt")]
        megabytes = len(joined.encode()) / 1e6
        sample = joined[:SAMPLE_CHARACTERS]
        normal = f" {normalise(sample)} ".replace("\n", " ")
        bare_seconds = seconds_of(partial(_exhaust, bare, normal), runs)
        rates = {
            OURS: seconds_of(partial(matcher.find, texts), runs),
            "screening, one text": seconds_of(partial(matcher.find, one), runs),
            "pyahocorasick on normalised text": bare_seconds * len(joined) / len(sample),
            LIMIT: seconds_of(partial(_casefolded, joined), runs),
        }
        report[kind] = {
            "megabytes": round(megabytes, 2),
            "captions": len(captions),
            "mentions": sum(each.members for each in matcher.find(texts)),
            **{f"{name}, MB/s": round(megabytes / took, 1) for name, took in rates.items()},
            "ratio to casefold and split": round(rates[LIMIT] / rates[OURS], 3),
        }
        print(kind, report[kind], flush=True)
    return report


def _exhaust(automaton: Any, text: str) -> int:
    return sum(1 for _ in automaton.iter(text))


def _casefolded(text: str) -> list[str]:
    return text.casefold().split()


def hostile(matcher: NameMatcher, names: Sequence[str]) -> dict[str, float]:
    """MB/s on texts of 2 MB that were written to be slow."""
    chance = random.Random(SEED)
    size = 2_000_000
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
        took = seconds_of(partial(matcher.find, named), 1)
        rates[kind] = round(len(text.encode()) / 1e6 / took, 1)
        print(kind, rates[kind], flush=True)
    return rates


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only-alarms", action="store_true", help="leave out what takes time")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
