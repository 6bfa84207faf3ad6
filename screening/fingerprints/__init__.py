"""Fingerprints: what is kept of a picture, and how it is made.

Exports lazily, because the decoding processes are started from this package and must be quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.fingerprints.fingerprint import Fingerprint, Maker, PictureFingerprints, Refused
    from screening.fingerprints.fingerprinter import Fingerprinter

__all__ = ["Fingerprint", "Fingerprinter", "Maker", "PictureFingerprints", "Refused"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "fingerprinter" if name == "Fingerprinter" else "fingerprint"
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return __all__
