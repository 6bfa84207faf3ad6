"""Fingerprints: what is kept of a picture, and how it is made."""

from screening.fingerprints.fingerprint import Fingerprint, Maker, PictureFingerprints, Refused
from screening.fingerprints.fingerprinter import Fingerprinter

__all__ = ["Fingerprint", "Fingerprinter", "Maker", "PictureFingerprints", "Refused"]
