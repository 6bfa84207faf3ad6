"""The screener: a pack in, a decision out."""

from screening.screener.screener import Progress, Screener
from screening.screener.thumbnails import Thumbnails

__all__ = ["Progress", "Screener", "Thumbnails"]
