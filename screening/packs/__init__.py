"""Packs: opened without trust, read once, every file accounted for."""

from screening.packs.member import Ignored, Kind, Member, Unscreened
from screening.packs.pack import Pack, open_pack

__all__ = ["Ignored", "Kind", "Member", "Pack", "Unscreened", "open_pack"]
