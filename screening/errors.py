"""Every error that this package raises on purpose.

::

    ScreeningError               exit code 1
    ├── SettingsError            2   a settings or policy file says something impossible
    ├── PackError                1   the pack as a whole cannot be opened
    ├── ImageRefused             1   one picture cannot be decoded within the limits
    ├── EmbedderError            3
    │   └── ModelMissing         3   weights are not on this machine
    ├── ReferenceSetError        1   a reference set is malformed
    │   └── ReferencesMissing    3   there is no such folder of reference sets
    ├── IndexUnusable            3   an index is missing, damaged, stale or of another embedder
    ├── CalibrationUnusable      3   a calibration is missing, changed, stale or of another index
    ├── DecoderCrashed           1   a decoding process died or ran out of time
    ├── DecisionUnreadable       1   a decision's JSON is damaged or of another version
    ├── launches.DataUnknown     1   what a trainer's command line trains on cannot be told
    ├── lora.LoraUnreadable      1   a LoRA file has no header that could be read
    ├── hook.PackRefused             what `screen_or_raise` raises; holds the decision
    │   ├── hook.PackFlagged     10
    │   └── hook.PackBlocked     20
    └── hook.PackChanged         20  not the pack that was screened

One bad member never raises past the pack: it becomes an unscreened member of the decision.
"""


class ScreeningError(Exception):
    """Base of all errors; the message says what was wrong, with what, and what to do."""

    exit_code = 1


class SettingsError(ScreeningError):
    """A settings or policy file has an unknown key or an impossible value."""

    exit_code = 2


class PackError(ScreeningError):
    """The pack does not exist or cannot be opened at all."""


class ImageRefused(ScreeningError):  # noqa: N818 - named after what happened to the picture
    """One picture cannot be decoded, or not within the limits."""


class DecoderCrashed(ScreeningError):  # noqa: N818
    """A decoding process died, ran out of memory or out of time on one picture."""


class EmbedderError(ScreeningError):
    """An embedder cannot be loaded, or returned something that is not a set of unit vectors."""

    exit_code = 3


class ModelMissing(EmbedderError):  # noqa: N818
    """The weights of a configured embedder are not on this machine."""


class ReferenceSetError(ScreeningError):
    """A reference set is malformed, or what is to be added to it cannot be."""


class ReferencesMissing(ReferenceSetError):  # noqa: N818
    """The folder of the reference sets is not there, so nothing can be compared with them."""

    exit_code = 3


class IndexUnusable(ScreeningError):  # noqa: N818
    """An index is missing, damaged, stale, or was made by another embedder or version."""

    exit_code = 3


class CalibrationUnusable(ScreeningError):  # noqa: N818
    """A calibration is missing, damaged, stale, or was made for another combination."""

    exit_code = 3


class DecisionUnreadable(ScreeningError):  # noqa: N818
    """A decision's JSON is damaged, or of a version that this package does not read."""
