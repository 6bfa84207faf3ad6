"""Time codes: where in a video a frame stands."""

import re

from screening.errors import ReferenceSetError

MOST_SECONDS = 9_999 * 3600.0
"""What times are believed: four digits of hours are what a time code has."""

_TIME_CODE = re.compile(
    r"(?:(?:(?P<hours>\d{1,4}):)?(?P<minutes>\d{1,4}):)?(?P<seconds>\d{1,7}(?:\.\d{1,9})?)",
    re.ASCII,
)


def time_code(seconds: float) -> str:
    """``hh:mm:ss.mmm``."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return (
        f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"
    )


def seconds_of(text: str) -> float:
    """``90``, ``1:30`` or ``00:01:30.5`` in seconds. Raises ReferenceSetError."""
    found = _TIME_CODE.fullmatch(text.strip())
    if found is None:
        raise ReferenceSetError(f"{text!r} is not a time code like 00:10:02.5")
    hours, minutes, seconds = found.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
