"""Matching: the pictures of a pack against the reference images of an index.

Copies are matched picture by picture, characters by the whole pack. Nothing here knows a verdict.
"""

from screening.matching.characters import CharacterComparison, compare_characters
from screening.matching.copies import CopySearch, find_copies
from screening.matching.match import Match, ReferenceImage, Transform
from screening.matching.near_duplicates import group_near_duplicates

__all__ = [
    "CharacterComparison",
    "CopySearch",
    "Match",
    "ReferenceImage",
    "Transform",
    "compare_characters",
    "find_copies",
    "group_near_duplicates",
]
