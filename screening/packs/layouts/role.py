"""Roles: what a picture is for in a training."""

from enum import StrEnum


class Role(StrEnum):
    """What a picture is for in a training. All are screened: all of them leave their mark."""

    TRAIN = "train"
    REGULARISATION = "regularisation"
    CONTROL = "control"
    MASK = "mask"
    VALIDATION = "validation"
    VIDEO = "video"
