"""Packs: opened without trust, read once, every file accounted for."""

from screening.packs.layouts import Layout, Role, TrainingImage, recognise
from screening.packs.manifest import Manifest, ManifestEntry
from screening.packs.member import Ignored, Kind, Member, Unscreened
from screening.packs.pack import Pack, open_arguments, open_pack
from screening.packs.text import decode_text

__all__ = [
    "Ignored",
    "Kind",
    "Layout",
    "Manifest",
    "ManifestEntry",
    "Member",
    "Pack",
    "Role",
    "TrainingImage",
    "Unscreened",
    "decode_text",
    "open_arguments",
    "open_pack",
    "recognise",
]
