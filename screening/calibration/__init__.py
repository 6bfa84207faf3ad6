"""Calibration: what the same evidence amounts to in packs that train on nothing protected."""

from screening.calibration.binding import Binding, Kind
from screening.calibration.calibration import Bucket, Calibration, Check, Suspect, Yardstick

__all__ = ["Binding", "Bucket", "Calibration", "Check", "Kind", "Suspect", "Yardstick"]
