"""Where the thresholds that hang on the embedder's vectors belong, on drawn characters.

    python benchmarks/thresholds.py --art DIR [--cache DIR] [--part packs|pictures|copies ...]
                [--scores FILE.npz]

`--art` is what `scripts/fetch_art.py DIR` writes; the embedder is the installed `lite`, with the
outputs that it has. Characters of *tune* sweep every threshold, those of *calibrate*, which chose
nothing, say what the values that the package ships give. Intervals hold 95 % of resamples of the
characters. The worst quarter is the mean of the quarter of sources with most false alarms. The
whole is about 25,000 pictures, seven minutes of one core.
"""

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from embedder_art import Art
from thresholds_casts import CROSSED, SOURCES, cast_of, crossed_cast
from thresholds_copies import Benign, Copies, benign_of, copies_of, table_of
from thresholds_packs import PACKS, REFERENCES, Group, PackScores, group_of, packs_against
from thresholds_pictures import pairs_of
from thresholds_report import copies_report, packs_report, pictures_report
from thresholds_vectors import Store, backgrounds_of

from screening.embedders.lite import GRAPH, Lite
from screening.embedders.onnx_runtime import sha256_of
from screening.index import Background
from screening.policy import CharacterPolicy

TABLE = 10_000
CHARACTERS = {"tune": 9, "calibrate": 6}
MOST_REFERENCES = {"tune": max(REFERENCES), "calibrate": 15}
CROSSED_REFERENCES = 15
ORIGINALS = {"tune": 50, "calibrate": 30}
FEW_REFERENCES = (3, 8)
FEWEST_CHARACTERS = 3
PARTS = ("packs", "pictures", "copies")


def main() -> None:
    arguments = _arguments()
    art = Art(arguments.art)
    embedder = Lite(threads=1)
    store = Store(embedder, graph=sha256_of(GRAPH), cache=arguments.cache)
    print(f"{embedder.version}: {', '.join(each.name for each in embedder.outputs)}")
    kept: dict[str, np.ndarray] = {}
    started = time.perf_counter()
    if {"packs", "pictures"} & set(arguments.part):
        backgrounds = backgrounds_of(embedder)
        for name, background in backgrounds.items():
            print(f"{name}: mean cosine of the background {background.mean_score:.3f}")
        for split in CHARACTERS:
            groups = dict(groups_of(art, store, backgrounds, split))
            store.save()
            outputs = next(iter(groups.values())).outputs
            print(f"\n# {split}: {_sizes(groups)}")
            if "packs" in arguments.part:
                tested = tested_of(groups)
                kept |= _plain(split, tested)
                print(packs_report(split, tested, outputs, sweeps=split == "tune"), flush=True)
                crossed = tested_of(dict(crossed_groups(store, backgrounds, split)))
                print(packs_report(f"{split}, framed otherwise", crossed, outputs, sweeps=False))
            if "pictures" in arguments.part:
                pairs = {
                    count: {
                        source: pairs_of(group, backgrounds, references=count)
                        for source, group in groups.items()
                    }
                    for count in FEW_REFERENCES
                }
                print(pictures_report(split, pairs, outputs), flush=True)
    if "copies" in arguments.part:
        for split, output, benign, copies in _copies(art, store):
            print(copies_report(split, output, benign, copies))
    store.save()
    if arguments.scores:
        np.savez_compressed(arguments.scores, **kept)
    seconds = time.perf_counter() - started
    print(f"\n{store.made} pictures embedded, {seconds:.0f} seconds")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--cache", type=Path, help="keep vectors here, for runs to come")
    parser.add_argument("--part", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--scores", type=Path, help="write the statistics of all packs here")
    return parser.parse_args()


def groups_of(
    art: Art, store: Store, backgrounds: Mapping[str, Background], split: str
) -> Iterator[tuple[str, Group]]:
    """The sources that have characters enough, with their vectors."""
    for source in SOURCES:
        cast = cast_of(
            art,
            source,
            split,
            most=CHARACTERS[split],
            references=MOST_REFERENCES[split],
            others=max(PACKS),
        )
        if len(cast) >= FEWEST_CHARACTERS:
            yield source, group_of(cast, store, backgrounds)


def crossed_groups(
    store: Store, backgrounds: Mapping[str, Background], split: str
) -> Iterator[tuple[str, Group]]:
    """Those whose references and packs are framed otherwise."""
    for source in CROSSED:
        cast = crossed_cast(
            source,
            split,
            most=CHARACTERS[split],
            references=CROSSED_REFERENCES,
            others=max(PACKS),
        )
        yield source, group_of(cast, store, backgrounds)


def tested_of(groups: Mapping[str, Group]) -> dict[tuple[int, int], dict[str, PackScores]]:
    """(references, pictures) -> source -> its packs."""
    least = CharacterPolicy().two_sample_pictures
    tested: dict[tuple[int, int], dict[str, PackScores]] = {}
    for references in REFERENCES:
        for pack in PACKS:
            for source, group in groups.items():
                if references <= group.most_references and pack <= group.most_pictures:
                    tested.setdefault((references, pack), {})[source] = packs_against(
                        group, references=references, pack=pack, least=least
                    )
    return tested


def _copies(art: Art, store: Store) -> Iterator[tuple[str, str, Benign, Mapping[str, Copies]]]:
    for output in store.embedder.outputs:
        if "copies" in output.finds:
            table = table_of(art, store, output.name, most=TABLE)
            store.save()
            for split, most in ORIGINALS.items():
                copies = copies_of(table, store, output.name, split, most=most)
                yield split, output.name, benign_of(table, split), copies


def _sizes(groups: Mapping[str, Group]) -> str:
    return ", ".join(f"{source} {len(group)}" for source, group in groups.items())


def _plain(
    split: str, tested: Mapping[tuple[int, int], Mapping[str, PackScores]]
) -> dict[str, np.ndarray]:
    plain = {}
    for (references, pack), sources in tested.items():
        for source, each in sources.items():
            name = f"{split}/{source}/{references}/{pack}"
            plain[f"{name}/benign"], plain[f"{name}/benign_of"] = each.benign, each.benign_of
            plain[f"{name}/blended"] = each.blended
            for part, scores in each.protected.items():
                plain[f"{name}/{part}"] = scores
                plain[f"{name}/{part}/of"] = each.protected_of[part]
    return plain


if __name__ == "__main__":
    main()
