"""Launches: which data a trainer's command line makes it read.

Whatever is not understood for certain is an error and never a guess: a gate that looks at other
data than the trainer takes is none.
"""

from screening.launches.command_line import CommandUnknown, DataUnknown
from screening.launches.launch import (
    Launch,
    outside,
    outside_words,
    read_launch,
    unread,
    unread_data,
)

__all__ = [
    "CommandUnknown",
    "DataUnknown",
    "Launch",
    "outside",
    "outside_words",
    "read_launch",
    "unread",
    "unread_data",
]
