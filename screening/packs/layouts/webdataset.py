"""WebDataset: tars in which the files of one example share what stands before the first dot.

From huggingface/datasets at b7cb10b, ``src/datasets/packaged_modules/webdataset/webdataset.py``
(``base_plus_ext``: ``a/0001.src.jpg`` is field ``src.jpg`` of example ``a/0001``; ``.txt``,
``.text`` and ``.transcript`` are texts, ``.json`` is parsed). Which field is the caption is told to
the trainer, so every text of an example counts.
"""

from collections.abc import Iterator
from typing import Any

from screening.packs.layouts.config import Config
from screening.packs.layouts.layout import Findings
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.plan import Plan
from screening.packs.layouts.stems import MAX_CAPTIONS, suffix
from screening.packs.paths import ARCHIVE_MARK, given_path

TEXT_SUFFIXES = frozenset({".txt", ".text", ".transcript"})
TAR_SUFFIX = ".tar"


class WebDatasetLayout:
    """Captions from the other files of an example: its texts, and the strings of its JSON."""

    trainer = "webdataset"

    def plan(self, config: Config) -> Plan | None:  # noqa: ARG002
        return None

    def read(self, listing: Listing) -> Findings:
        findings = Findings()
        images: dict[str, list[str]] = {}
        for each in listing.image_paths:
            same = images.setdefault(example_of(each), [])
            if len(same) < MAX_CAPTIONS:
                same.append(each)
        said: dict[str, int] = {}
        for path, texts in _texts_of_examples(listing):
            example = example_of(path)
            said[example] = said.get(example, 0) + 1
            for image_path in images.get(example, ()) if said[example] <= MAX_CAPTIONS else ():
                # Beside pictures in a folder, a text is a caption to other trainers too.
                findings.recognised |= f"{TAR_SUFFIX}{ARCHIVE_MARK}" in image_path
                findings.used_texts.add(path)
                for text in texts:
                    findings.caption(image_path, text)
        return findings


def example_of(path: str) -> str:
    """The example that a file belongs to: its path up to the first dot of its name."""
    folder, mark, name = given_path(path).rpartition("/")
    return folder + mark + name.partition(".")[0]


def _texts_of_examples(listing: Listing) -> Iterator[tuple[str, list[str]]]:
    for path in sorted(listing.texts):
        if suffix(path) in TEXT_SUFFIXES:
            yield path, [listing.texts[path]]
    for config in listing.configs:
        if given_path(config.path).lower().endswith(".json"):
            yield config.path, list(_strings(config.document))[:MAX_CAPTIONS]


def _strings(document: Any) -> Iterator[str]:
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            pending.extend(reversed(value))
