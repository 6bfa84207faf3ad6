"""Figures of the embedder's benchmark as a table: one line a figure, one column an embedder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedder_scores import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one embedder. ``estimate`` is None where it cannot be had, and ``note`` says
    why. ``target`` is what issue 3 asks for."""

    row: str
    name: str
    estimate: Estimate | None = None
    target: float | None = None
    note: str = ""


Columns = Mapping[str, Sequence[Figure]]
"""Embedder -> its figures."""


def markdown(columns: Columns) -> str:
    names = list(columns)
    lines = [
        f"| row | what | to reach | {' | '.join(names)} | characters, pictures |",
        f"|---|---|---|{'---|' * len(names)}---|",
    ]
    found = {name: {(each.row, each.name): each for each in columns[name]} for name in names}
    for key in dict.fromkeys(key for rows in found.values() for key in rows):
        figures = [rows.get(key) for rows in found.values()]
        known = [each for each in figures if each is not None]
        cells = ["" if each is None else _cell(each) for each in figures]
        target = next((f"≥ {each.target:g}" for each in known if each.target is not None), "")
        lines.append(f"| {key[0]} | {key[1]} | {target} | {' | '.join(cells)} | {_counts(known)} |")
    return "\n".join(lines) + "\n"


def _cell(figure: Figure) -> str:
    estimate = figure.estimate
    if estimate is None:
        return figure.note
    shown = f"{estimate.value:.3f} ({estimate.low:.2f}-{estimate.high:.2f})"
    return f"{shown} {figure.note}".strip()


def _counts(figures: Sequence[Figure]) -> str:
    estimate = next((each.estimate for each in figures if each.estimate is not None), None)
    return "" if estimate is None else f"{estimate.characters}, {estimate.pictures}"


def plain(columns: Columns) -> dict[str, list[dict[str, Any]]]:
    """For JSON: embedder -> figures with their intervals."""
    return {name: [_plain(each) for each in figures] for name, figures in columns.items()}


def _plain(figure: Figure) -> dict[str, Any]:
    shown: dict[str, Any] = {"row": figure.row, "name": figure.name, "target": figure.target}
    if figure.note:
        shown["note"] = figure.note
    if figure.estimate is not None:
        estimate = figure.estimate
        shown |= {
            "value": estimate.value,
            "interval_95": [estimate.low, estimate.high],
            "characters": estimate.characters,
            "pictures": estimate.pictures,
        }
    return shown
