"""Phrases in which a name means something else: "Peter Pan collar", "Medusa jellyfish"."""

from functools import cache
from importlib.resources import files

PHRASES_FILE = "benign_phrases.txt"


@cache
def benign_phrases() -> tuple[str, ...]:
    """The phrases that come with the package, as they are written there."""
    text = files("screening.names").joinpath(PHRASES_FILE).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
