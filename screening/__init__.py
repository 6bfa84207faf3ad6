"""Screen training packs for protected characters before a LoRA training starts.

from screening import Screener

with Screener.open("index") as screener:
    decision = screener.screen("upload.zip", uploader="user:17")
decision.verdict, decision.reasons
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.decision import Decision
    from screening.errors import ScreeningError
    from screening.hook import (
        PackBlocked,
        PackChanged,
        PackFlagged,
        PackRefused,
        screen_or_raise,
        verify_or_raise,
    )
    from screening.packs import open_pack
    from screening.policy import Policy, Verdict
    from screening.screener import Screener
    from screening.settings import Limits, Settings
    from screening.verification import Verification, verify_pack

__all__ = [
    "Decision",
    "Limits",
    "PackBlocked",
    "PackChanged",
    "PackFlagged",
    "PackRefused",
    "Policy",
    "Screener",
    "ScreeningError",
    "Settings",
    "Verdict",
    "Verification",
    "open_pack",
    "screen_or_raise",
    "verify_or_raise",
    "verify_pack",
]

_MODULES = {
    "Decision": "screening.decision",
    "Limits": "screening.settings",
    "PackBlocked": "screening.hook",
    "PackChanged": "screening.hook",
    "PackFlagged": "screening.hook",
    "PackRefused": "screening.hook",
    "Policy": "screening.policy",
    "Screener": "screening.screener",
    "ScreeningError": "screening.errors",
    "Settings": "screening.settings",
    "Verdict": "screening.policy",
    "Verification": "screening.verification",
    "open_pack": "screening.packs",
    "screen_or_raise": "screening.hook",
    "verify_or_raise": "screening.hook",
    "verify_pack": "screening.verification",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'screening' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return __all__
