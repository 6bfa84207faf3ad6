"""How well an embedder tells drawn characters apart, on characters that no training saw.

    python benchmarks/embedder.py --art DIR [--graph FILE.onnx ...] [--split test|tune]
                [--rows 1 2 ...] [--no-baselines] [--cache DIR] [--json FILE] [--markdown FILE]

`--art` is what `scripts/fetch_art.py DIR` writes. Without `--graph` the shipped embedder is
measured. Rows are those of issue 3; every interval holds 95 % of resamples of the characters.
Sources that are wholly kept out of training (`embedder_sources.py`) serve in every split; of the
others `--split tune` (while an embedder is being made) or `test` (its report) takes its own
characters. `--quick` is the part that a training asks for as it goes, on *tune* alone.
"""

import argparse
import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from embedder_art import Art, load_hashes, save_hashes
from embedder_baselines import COPIES_ONLY, baselines
from embedder_copies import copies
from embedder_cost import cost
from embedder_heads import heads
from embedder_identity import hands, same_different, wesnoth
from embedder_packs import packs
from embedder_quick import evaluate_quick
from embedder_table import Figure, markdown, plain
from embedder_vectors import Maker, Vectors, graph_maker

from screening.embedders.lite import GRAPH

LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "pillow")


def main() -> None:
    arguments = _arguments()
    art = Art(arguments.art)
    graphs = arguments.graph or [GRAPH]
    makers = [_named(graph_maker(graph), graph, graphs) for graph in graphs]
    if arguments.quick:
        for maker in makers:
            print(maker.name, json.dumps(evaluate_quick(maker.embed, maker.size_px, art.root)))
        return
    if arguments.baselines:
        makers += baselines()
    results: dict[str, object] = {
        "machine": machine(),
        "split": arguments.split,
        "graphs": {maker.name: maker.digest for maker in makers},
        "sources": {source: _count(art, source) for source in art.sources},
    }
    columns: dict[str, list[Figure]] = {}
    if arguments.cache:
        load_hashes(arguments.cache)
    for maker in makers:
        started = time.perf_counter()
        vectors = Vectors(maker, arguments.cache)
        columns[maker.name] = list(figures(art, vectors, arguments.split, rows=arguments.rows))
        if arguments.cache:
            save_hashes(arguments.cache)
        seconds = time.perf_counter() - started
        print(f"{maker.name}: {vectors.made} pictures embedded, {seconds:.0f} seconds", flush=True)
    costs = {str(graph): list(cost(graph)) for graph in graphs}
    table = _report(results, columns, costs)
    print(table)
    if arguments.markdown:
        arguments.markdown.write_text(table, encoding="utf-8")
    if arguments.json:
        results |= {"figures": plain(columns), "cost": costs}
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--art", type=Path, required=True, help="what fetch_art.py wrote")
    parser.add_argument("--graph", type=Path, nargs="+", help="by default the shipped one")
    parser.add_argument("--split", choices=("tune", "test"), default="test")
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS))
    parser.add_argument("--quick", action="store_true", help="a minute, on tune characters")
    parser.add_argument("--no-baselines", dest="baselines", action="store_false")
    parser.add_argument("--cache", type=Path, help="keep vectors here, for runs to come")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    return parser.parse_args()


def _named(maker: Maker, graph: Path, graphs: list[Path]) -> Maker:
    """Graphs of one file name, checkpoints of one training, are told apart by their folder."""
    if [each.stem for each in graphs].count(graph.stem) == 1:
        return maker
    return replace(maker, name=f"{graph.parent.name}/{maker.name}")


Row = Callable[[Art, Vectors, str], Iterator[Figure]]
ROWS: Mapping[str, Row] = {
    "1": wesnoth,
    "2": hands,
    "3": same_different,
    "4": heads,
    "5": packs,
    "6": copies,
}


def figures(
    art: Art, vectors: Vectors, split: str, *, rows: Sequence[str] = tuple(ROWS)
) -> Iterator[Figure]:
    """The asked rows of those that this maker is for; vectors are kept after each."""
    for number in rows:
        if number == "6" or vectors.maker.name not in COPIES_ONLY:
            yield from ROWS[number](art, vectors, split)
            vectors.save()


def _count(art: Art, source: str) -> str:
    """What the folder holds, by name: enough to see whether two runs had the same art."""
    files = sorted(
        path.relative_to(art.root).as_posix() for path in (art.root / source).glob("*/*")
    )
    characters = {name.split("/")[1] for name in files}
    names = hashlib.sha256("\n".join(files).encode()).hexdigest()[:8]
    return f"{len(characters)} characters, {len(files)} files ({names})"


def _report(
    results: dict[str, object],
    columns: dict[str, list[Figure]],
    costs: dict[str, list[str]],
) -> str:
    lines = [json.dumps(results, indent=2, ensure_ascii=False), "", markdown(columns)]
    for graph, found in costs.items():
        lines += [f"| 7 | {Path(graph).name} | {' | '.join(found)} |"]
    return "\n".join(lines)


def machine() -> dict[str, str]:
    versions = {each: version(each) for each in LIBRARIES}
    cores = str(len(os.sched_getaffinity(0)))
    return {"cores": cores, "python": platform.python_version(), **versions}


if __name__ == "__main__":
    main()
