"""How often names of fictional characters are found in texts that have nothing to do with them.

The names are some 3,000 of Pokémon, superheroes, Star Wars and Middle-earth, and the 1,025 Chinese
names of Pokémon, each world a reference set. A name of which every word is in the dictionary is
taken as ambiguous, as whoever makes a reference set would; all others are distinctive, which is
more than he would let stand: Blob, Hercules and Juggernaut are among them.

What is counted is a pack of texts whose name evidence counts: it would be flagged. Each text is
one pack, and then each run of 20 texts, as packs have some 20 captions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import names_data

from screening.calibration.bounds import clopper_pearson
from screening.gathering import name_evidence
from screening.names import NamedText, NameMatcher, NameMention, Source, normalise

CAPTIONS_OF_PACK = 20
CHUNK = 20
EXAMPLES = 30


def false_alarms(folder: Path) -> dict[str, Any]:
    words, han = names_data.english_words(folder), names_data.chinese_words(folder)
    latin, chinese = (
        NameMatcher(
            names_data.worlds_of(worlds, {normalise(word).replace(" ", "") for word in known})
        )
        for worlds, known in (
            (names_data.latin_worlds(folder), words),
            (names_data.chinese_worlds(folder), han),
        )
    )
    texts = {
        "glosses of WordNet": (latin, names_data.english_captions(folder)),
        "words of American English": (latin, words),
        "Chinese reviews and news": (chinese, names_data.chinese_captions(folder)),
        "words of jieba's dictionary": (chinese, han),
        "glosses, for Chinese names": (chinese, names_data.english_captions(folder)),
    }
    report: dict[str, Any] = {}
    for kind, (matcher, captions) in texts.items():
        report[kind] = _alarms(matcher, captions, 1)
        if "words" not in kind:
            report[f"{kind}, packs of {CAPTIONS_OF_PACK}"] = _alarms(
                matcher, captions, CAPTIONS_OF_PACK
            )
    return report


def table(report: dict[str, Any]) -> str:
    """Markdown: a row a kind of text, a column a kind of alarm."""
    lines = [
        "| texts | packs | flagged | by a distinctive name as written | by a distinctive name read"
        " or misspelt | by an ambiguous name in company | names seen that do not count |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, row in report.items():
        shares = " | ".join(_share(row[column], row["packs"]) for column in COLUMNS)
        lines.append(f"| {kind} | {row['packs']:,} | {shares} | {row['seen only']:,} |")
    return "\n".join(lines)


COLUMNS = ("flagged", "as written", "read", "in company")


def _share(count: int, packs: int) -> str:
    low, high = clopper_pearson(count, packs)
    return f"{count:,}: {count / packs:.3%} ({low:.3%} to {high:.3%})"


def _alarms(matcher: NameMatcher, captions: Sequence[str], size: int) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    names: dict[str, Counter[str]] = {}
    for mentions in _mentions(matcher, captions, size):
        counting = [each for each in name_evidence(mentions, set()) if each.counts]
        kinds = set()
        for each in counting:
            kind = _kind(each.distinctive, [excerpt.readings for excerpt in each.excerpts])
            kinds.add(kind)
            written = each.excerpts[0].written if each.excerpts else ""
            names.setdefault(kind, Counter())[f"{each.name} <- {written}"] += 1
        counts["flagged"] += bool(counting)
        counts["seen only"] += not counting
        counts.update(kinds)
    row = {
        "packs": -(-len(captions) // size),
        **{column: counts[column] for column in (*COLUMNS, "seen only")},
        "most frequent": {kind: found.most_common(EXAMPLES) for kind, found in names.items()},
    }
    print(size, {key: value for key, value in row.items() if key != "most frequent"}, flush=True)
    return row


def _kind(distinctive: bool, readings: Iterable[Sequence[object]]) -> str:
    if not distinctive:
        return "in company"
    return "read" if all(readings) else "as written"


def _mentions(
    matcher: NameMatcher, captions: Sequence[str], size: int
) -> Iterator[tuple[NameMention, ...]]:
    """Of each pack with any: chunks of texts are searched together first, which is quicker."""
    step = max(size, CHUNK)
    for begin in range(0, len(captions), step):
        chunk = [
            NamedText(text=text, source=Source.CAPTION, path=f"{at}.txt")
            for at, text in enumerate(captions[begin : begin + step])
        ]
        if found := matcher.find(chunk):
            if size == step:
                yield found
                continue
            paths = {path for mention in found for path in mention.paths}
            for text in chunk:
                if text.path in paths and (alone := matcher.find([text])):
                    yield alone
