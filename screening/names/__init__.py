"""Names of characters and works in a pack's words."""

from screening.names.escapes import unescaped
from screening.names.matcher import NamedText, NameMatcher, NameMention, Source
from screening.names.normal_form import normalise

__all__ = ["NameMatcher", "NameMention", "NamedText", "Source", "normalise", "unescaped"]
