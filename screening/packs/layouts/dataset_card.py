"""Data set cards of huggingface/datasets: what the header of a ``README.md`` makes it load.

From commit 029a620, ``src/datasets/load.py`` (``LocalDatasetModuleFactory``: the card of a local
folder, and ``.huggingface.yaml`` beside it) and ``src/datasets/utils/metadata.py``
(``MetadataConfigs``: ``configs``, each with ``data_files`` and ``data_dir``): instead of the
pictures in the folder, those may name files elsewhere, on other machines too.
"""

import re
from collections.abc import Iterator
from typing import Any

from screening.packs.layouts.config import ConfigUnclear, parse
from screening.packs.layouts.listing import Listing
from screening.packs.layouts.places import within_pack
from screening.packs.layouts.plan import first_of, is_table, shown
from screening.packs.member import Unscreened
from screening.packs.paths import given_path

CARD_NAME = "readme.md"
BARE_NAME = ".huggingface.yaml"

CONFIGS = "configs"
PLACES = ("data_files", "data_dir")

MAX_CARDS = 20
"""Cards that are read of one pack; a data set has one."""

_HEADER = re.compile(r"\s*---[\r\n]+(.*?)[\r\n]+---(?:\r?\n|$)", re.DOTALL)
_CHAINED = "::"
"""``zip://a.png::https://host/b.zip``: a place within another, as fsspec writes it."""


def data_elsewhere(listing: Listing) -> Iterator[Unscreened]:
    """What the cards of a pack name that is not in it, under the paths of the cards."""
    left = MAX_CARDS
    for path in sorted(listing.texts):
        header = _header(path, listing.texts[path])
        if CONFIGS not in header:
            continue
        left -= 1
        if left < 0:
            reason = "is one of more cards of data sets than are read of one pack"
            yield Unscreened(path=path, reason=reason)
            return
        for reason in first_of(list(_reasons(path, header))):
            yield Unscreened(path=path, reason=reason)


def _header(path: str, text: str) -> str:
    name = given_path(path).rpartition("/")[2].lower()
    if name == BARE_NAME:
        return text
    found = _HEADER.match(text) if name == CARD_NAME else None
    return found.group(1) if found is not None else ""


def _reasons(path: str, header: str) -> Iterator[str]:
    try:
        document = parse("card.yaml", header)
    except ConfigUnclear as unclear:
        yield f"has a header that {unclear}"
        return
    configs = document.get(CONFIGS) if is_table(document) else None
    folder = given_path(path).rpartition("/")[0]
    for number, config in enumerate(configs if isinstance(configs, list) else [configs]):
        for key in PLACES if is_table(config) else ():
            for place in _texts(config.get(key)):
                within = within_pack(folder, place)
                reason = "is not fetched" if _CHAINED in place else within
                if isinstance(reason, str):
                    yield f"{CONFIGS}[{number}].{key} refers to {shown(place)}, which {reason}"


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif is_table(each):
            left += [item for key, item in each.items() if key != "split"]
        elif isinstance(each, list):
            left += each
