"""Names of characters and works in a pack's words."""

from screening.names.escapes import unescaped
from screening.names.matcher import NameMatcher
from screening.names.mention import Excerpt, NamedText, NameMention, Reading, Source
from screening.names.normal_form import normalise

__all__ = [
    "Excerpt",
    "NameMatcher",
    "NameMention",
    "NamedText",
    "Reading",
    "Source",
    "normalise",
    "unescaped",
]
