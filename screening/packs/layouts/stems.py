"""Stems and suffixes of paths, as trainers pair pictures with captions."""

import os

from screening.packs.paths import given_path

MAX_CAPTIONS = 100
"""Captions that one picture may have, and files of one path that share them: in an archive a
thousand pictures of one name may stand beside a thousand texts of that name."""


def stem(path: str) -> str:
    """``path`` without the suffix of its last part, folded for comparison without case.

    Suffixes as `os.path.splitext` has them: ``.png`` has none.
    """
    return os.path.splitext(given_path(path))[0].casefold()  # noqa: PTH122 - as trainers do it


def suffix(path: str) -> str:
    """The suffix of ``path`` with its dot, in lower case, or nothing."""
    return os.path.splitext(given_path(path))[1].lower()  # noqa: PTH122 - as trainers do it
