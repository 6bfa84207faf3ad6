"""Keys of a config that seem to name data and that no reader knows.

Most trainers take no notice of a key that they do not know, so that a misspelt one is no error; but
a later version of the trainer may read data there, which would train without having been screened.
"""

import re
from collections.abc import Collection

from screening.packs.layouts.plan import Plan, Section, shown

_NAMES_DATA = re.compile(r"(?:^|_)(?:path|dir|directory|folder|file|root|url)s?(?:_?\d+)?$")


def report_unknown_places(section: Section, known: Collection[str], plan: Plan) -> None:
    """A trouble for each key with text that is not among ``known`` and seems to name data."""
    for key, value in section.table.items():
        texts = value if isinstance(value, list) else [value]
        named = any(isinstance(each, str) and each for each in texts)
        if named and key not in known and _NAMES_DATA.search(key.lower()):
            plan.trouble(
                f"has {shown(section.key(key))}, a key that is not known and may name data"
            )
