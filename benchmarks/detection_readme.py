"""The figures of the detection benchmark, written into the README between two markers."""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detection_table import ALL, AT_RATE, LIKELY, SHIPPED, TUNED, told
from operating_point import clopper_pearson
from pack_detection import BENIGN, COPIES, PACK, kind_with_copies

from screening.counts import counted
from screening.evaluation.edits import EDITS

START, END = "<!-- detection benchmark -->", "<!-- /detection benchmark -->"
LINE = 100
HEADINGS = {
    SHIPPED: "this, certain copies (95 % interval)",
    LIKELY: "likely ones too",
    AT_RATE: "certain at 10⁻³",
    "pHash-64 <= 10": "pHash-64 ≤ 10",
    "pHash-64 at 1e-3": "pHash-64 at 10⁻³",
    "PDQ <= 31": "PDQ ≤ 31",
    "PDQ at 1e-3": "PDQ at 10⁻³",
}


def write_readme(path: Path, results: Mapping[str, Any]) -> None:
    """Replace what stands between the markers; raises ValueError where they do not stand once."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(START)}\n.*?{re.escape(END)}\n", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"{path}: {START} ... {END} must stand in it once")
    section = f"{START}\n{readme_section(results)}{END}\n"
    path.write_text(pattern.sub(lambda _: section, text), encoding="utf-8")


def readme_section(results: Mapping[str, Any]) -> str:
    """Table and caption, in Markdown."""
    parts = [_head(results), _table(results), _caption(results)]
    if results.get("packs"):
        parts.append(_packs(results["packs"]))
    return "\n".join(parts)


def _paragraph(text: str) -> str:
    return textwrap.fill(text, LINE, break_long_words=False, break_on_hyphens=False) + "\n"


def _head(results: Mapping[str, Any]) -> str:
    pictures, queries = results["pictures"], results["queries"]
    references = pictures["protected"] + pictures["distractors"]
    copied = counted(queries["copies"] // len(EDITS), "picture")
    return _paragraph(
        f"`python benchmarks/detection.py --readme`: copies of {copied}"
        f" under {len(EDITS)} edits against {references:,} reference images, art that no threshold"
        " was chosen on (Wesnoth campaigns, Tux Paint stamps, Fish Fillets;"
        f" {queries['negatives']['all']:,} benign queries). Recall, and the false-positive rate of"
        " each column in the last row:"
    )


def _table(results: Mapping[str, Any]) -> str:
    recall, bounds = results["recall"], results["intervals"]
    columns = [each for each in HEADINGS if each in recall]
    lines = [
        f"| copies by | {' | '.join(HEADINGS[each] for each in columns)} |",
        f"|---|{'---|' * len(columns)}",
    ]
    for family in (*EDITS, ALL):
        cells = [f"{recall[column][family]:.2f}" for column in columns]
        low, high = bounds[SHIPPED][family]
        cells[0] += f" ({low:.2f}-{high:.2f})"
        lines.append(f"| {family} | {' | '.join(cells)} |")
    rates = " | ".join(f"{results['false_positives'][column]['all']:.4f}" for column in columns)
    count = results["queries"]["negatives"]["all"]
    lines.append(f"| **false positives**, of {count} benign pictures | {rates} |")
    return "\n".join(lines) + "\n"


def _caption(results: Mapping[str, Any]) -> str:
    points = results["operating_points"]
    lines = [f"- as shipped: {told(points[SHIPPED])};"]
    for column, name in ((TUNED, "10⁻³ on tune"), (AT_RATE, "at 10⁻³")):
        found = told(points[column]) if column in points else "no distance holds it"
        lines.append(f"- {name}: {found};")
    lines[-1] = lines[-1].removesuffix(";") + ".\n"
    return "\n".join(
        [
            _paragraph(
                "“At 10⁻³” puts our threshold and the peers' where these very benign pictures give"
                " that rate, which nobody could have known before: compare those columns with each"
                " other. Ours moves the distance of the hash, keypoints stay as they are:"
            ),
            *lines,
            _paragraph(
                "Tune negatives are of other sources and series (`benchmarks/tune_art.py`). Likely"
                " copies (by score alone, or of parts that reference images of other characters"
                " show too) flag and block nothing."
            ),
        ]
    )


def _packs(packs: Mapping[str, Mapping[str, int]]) -> str:
    benign = [packs[kind] for kind in BENIGN]
    count, blocked = sum(row["packs"] for row in benign), sum(row["blocked"] for row in benign)
    most = clopper_pearson(blocked, count)[1]
    rows = []
    for copies in COPIES:
        row = packs[kind_with_copies(copies)]
        rows.append(
            f"with {counted(copies, 'copy', 'copies')} of {PACK} pictures"
            f" {row['blocked']} blocked and {row['flagged']} flagged or blocked"
        )
    each = packs[kind_with_copies(COPIES[0])]["packs"]
    return _paragraph(
        f"Whole packs: of {count} benign ones {blocked} blocked (95 %: at most {most:.1%});"
        f" of {each} each, {', '.join(rows)}."
    )
